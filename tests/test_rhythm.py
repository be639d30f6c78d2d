"""What is learned of a feed's rhythm travels with its polls (P15, P21, P23, P28, P29)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from crawler.config import SourceConfig
from crawler.feeds import FeedDocument
from crawler.feeds.document import Hints
from crawler.freshness import RETRY_AFTER_CAP_S
from crawler.learned import Learned
from crawler.messages import Answer, Missed, PolledFeed
from crawler.network.failures import LONGEST_PAUSE, retry_after
from crawler.polling import poll_of
from storage import DueFeed, Ending, Entry, Outcome, Poll, Source

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://harbour.example/feed"
FEED = DueFeed(1, "Harbour", "feed", URL, "harbour.example")
SOURCE = SourceConfig(Source("Harbour", "feed", URL))
DAILY = [Entry(f"e{days}", None, published=NOW - timedelta(days=days, minutes=37 * days)) for days in range(20)]


def polled(feed: DueFeed, document: FeedDocument | None, now: datetime = NOW, status: int = 200) -> Poll:
    answer = Answer(url=URL, status=status, headers={"etag": '"x"'})
    return poll_of(feed, PolledFeed(feed, answer, "hash", document), SOURCE, None, now, lambda _: 0)


def test_p21_p29_a_poll_keeps_what_it_taught_and_says_why_the_next_is_due() -> None:
    document = FeedDocument("rss20", entries=tuple(DAILY), hints=Hints(ttl_s=7200.0))
    first = polled(FEED, document)
    assert Learned.from_text(first.learned).known == 20
    assert first.why
    assert first.news_expected is not None
    assert NOW + timedelta(days=2) <= first.news_expected <= NOW + timedelta(days=30)
    again = polled(replace(FEED, learned=first.learned), None, NOW + timedelta(hours=3), status=304)
    assert again.news_expected == first.news_expected, "a poll without news moves it not"
    assert again.interval_s is not None
    assert again.interval_s >= 7200, "the ttl of the last document holds (P23)"


def test_p21_days_without_a_time_tell_no_hour() -> None:
    entries = tuple(Entry(f"e{day}", None, published=date(2026, 2, day)) for day in range(1, 20))
    assert Learned.from_text(polled(FEED, FeedDocument("rss20", entries=entries)).learned).hours == ()


def test_p27_a_failure_keeps_what_was_learned() -> None:
    learned = polled(FEED, FeedDocument("rss20", entries=tuple(DAILY))).learned
    missed = Missed(FEED, Outcome(Ending.FAILED, "timeout"))
    poll = poll_of(replace(FEED, learned=learned), missed, SOURCE, None, NOW, lambda _: 0)
    assert (poll.learned, poll.failures, poll.why) == (learned, 1, "the last poll failed")


def test_p28_neither_our_network_nor_a_pause_of_its_host_is_the_feeds_fault() -> None:
    for reason, why in (
        ("offline", "no server could be reached from here"),
        ("paused", "its host had asked for a pause"),
    ):
        missed = Missed(FEED, Outcome(Ending.FAILED, reason))
        poll = poll_of(replace(FEED, failures=2), missed, SOURCE, None, NOW, lambda _: 0)
        assert (poll.failures, poll.why) == (2, why)
        assert poll.next_poll is not None
        assert poll.next_poll - NOW < timedelta(minutes=6)


def test_p15_one_cap_of_retry_after_holds_for_feeds_and_hosts() -> None:
    assert LONGEST_PAUSE.total_seconds() == RETRY_AFTER_CAP_S
    assert retry_after({"retry-after": str(10**9)}, NOW) == LONGEST_PAUSE
    missed = Missed(FEED, Outcome(Ending.FAILED, "http_503"), 503, RETRY_AFTER_CAP_S)
    poll = poll_of(FEED, missed, SOURCE, None, NOW, lambda _: 0)
    assert poll.next_poll is not None
    assert poll.next_poll >= NOW + LONGEST_PAUSE
