"""What a poll means: pure rules, no corpus and no network."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crawler.config import SourceConfig
from crawler.discover import Candidate
from crawler.feeds import FeedDocument, NotAFeed
from crawler.feeds.document import NestedSitemap
from crawler.front_page import FrontPage, JudgedLink
from crawler.messages import Answer, Missed, PolledFeed
from crawler.polling import Asked, body_hash, poll_of
from storage import (
    DueFeed,
    Ending,
    Entry,
    FeedStatus,
    FoundFeed,
    LinkMemory,
    Move,
    Outcome,
    Poll,
    Source,
    Validators,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://harbour.example/feed"
FEED = DueFeed(1, "Harbour", "feed", URL, "harbour.example")
SOURCE = SourceConfig(Source("Harbour", "feed", URL))


def entry(name: str, **more: Any) -> Entry:
    return Entry(name, f"https://harbour.example/{name}", title=f"About {name}", **more)


def polled(
    document: Any = None, *, feed: DueFeed = FEED, source: SourceConfig = SOURCE, known: int = 0, **answer: Any
) -> Poll:
    answer.setdefault("url", URL)
    answer.setdefault("status", 200)
    reply = Answer(**answer)
    item = PolledFeed(feed, reply, body_hash(reply.body), document)
    return poll_of(feed, item, source, answer.pop("since", None), NOW, Asked(known=lambda _: known))


def test_p2_p3_validators_are_kept_byte_for_byte() -> None:
    headers = {"etag": 'W/"a\xe9-1"', "last-modified": "Sun, 6 Nov 1994 8:49:37 GMT"}
    poll = polled(FeedDocument("rss20"), headers=headers)
    assert poll.validators == Validators('W/"a\xe9-1"', "Sun, 6 Nov 1994 8:49:37 GMT")


def test_p5_a_304_updates_what_it_names_and_keeps_the_rest() -> None:
    feed = replace(FEED, validators=Validators('"old"', "Sun, 06 Nov 1994 08:49:37 GMT"))
    poll = polled(feed=feed, status=304, headers={"etag": '"new"'})
    assert poll.status == "not_modified"
    assert poll.validators == Validators('"new"', "Sun, 06 Nov 1994 08:49:37 GMT")


def test_p6_a_200_without_validators_clears_them() -> None:
    feed = replace(FEED, validators=Validators('"old"'))
    assert polled(FeedDocument("rss20"), feed=feed).validators is None


def test_p8_validators_belong_to_the_address_that_answered() -> None:
    poll = polled(FeedDocument("rss20"), url="https://cdn.example/f", redirects=((302, URL),), headers={"etag": '"x"'})
    assert poll.validators_url == "https://cdn.example/f"


def test_p9_a_304_clears_failures() -> None:
    poll = polled(feed=replace(FEED, failures=4), status=304)
    assert (poll.failures, poll.reason) == (0, None)


def test_p12_the_same_bytes_bring_nothing() -> None:
    poll = polled(None)
    assert (poll.status, poll.discoveries) == ("same_bytes", ())


def test_p14_freshness_delays_the_next_poll() -> None:
    poll = polled(FeedDocument("rss20"), headers={"cache-control": "max-age=36000", "etag": '"x"'})
    assert poll.next_poll is not None
    assert poll.next_poll >= NOW + timedelta(hours=10)


def test_p16_a_permanent_redirect_is_watched_before_it_is_believed() -> None:
    poll = polled(FeedDocument("rss20"), url="https://new.example/feed", redirects=((301, URL),))
    assert (poll.moved_to, poll.moved_count) == ("https://new.example/feed", 1)


def test_p16_a_move_is_spelled_as_a_subscription_is_and_leads_elsewhere() -> None:
    spelled = polled(FeedDocument("rss20"), url="https://NEW.example:443/a/../feed#top", redirects=((301, URL),))
    assert spelled.moved_to == "https://new.example/feed"
    round_trip = ((301, URL), (301, "https://new.example/feed"))
    for back in (URL, f"{URL}#top"):
        assert polled(FeedDocument("rss20"), url=back, redirects=round_trip).moved_to is None


def test_p16_the_third_permanent_redirect_after_a_day_moves_the_feed() -> None:
    seen = {"moved_to": "https://new.example/feed", "moved_since": NOW - timedelta(days=1), "moved_count": 2}
    answer: dict[str, Any] = {"url": "https://new.example/feed", "redirects": ((301, URL),)}
    feed = replace(FEED, **seen)
    assert polled(FeedDocument("rss20"), feed=feed, **answer).move == Move("https://new.example/feed", "new.example")
    assert (
        polled(FeedDocument("rss20"), feed=replace(feed, moved_since=NOW - timedelta(hours=20)), **answer).move is None
    )
    not_a_feed = polled(NotAFeed("html", "it is a web page"), feed=feed, **answer)
    assert (not_a_feed.move, not_a_feed.moved_count) == (None, 2)


def test_p18_410_ends_polling() -> None:
    missed = Missed(FEED, Outcome(Ending.GONE, "http_410"), 410)
    poll = poll_of(FEED, missed, SOURCE, None, NOW, Asked())
    assert (poll.status, poll.next_poll, poll.reason) == ("gone", None, "http_410")


def test_p19_a_page_at_a_feeds_address_is_reported_with_the_feeds_it_links_to() -> None:
    page = NotAFeed("html", "it is a web page", (FoundFeed("https://harbour.example/rss", "harbour.example"),))
    poll = polled(page)
    assert (poll.status, poll.reason) == ("failed", "html")
    assert poll.detail == "it is a web page; it links to https://harbour.example/rss"


def test_c6_the_feeds_that_a_site_declares_are_polled_in_their_turn() -> None:
    page = FrontPage("Harbour", feeds=(Candidate("https://harbour.example/rss"),))
    poll = polled(page, feed=replace(FEED, kind="site"))
    assert (poll.status, poll.found_feeds) == ("new", (FoundFeed("https://harbour.example/rss", "harbour.example"),))


def test_c8_a_sitemap_index_names_sitemaps_that_are_polled_in_their_turn() -> None:
    index = FeedDocument("sitemap-index", nested=(NestedSitemap("https://harbour.example/s1.xml"),))
    poll = polled(index, feed=replace(FEED, kind="sitemap"))
    assert poll.found_feeds == (FoundFeed("https://harbour.example/s1.xml", "harbour.example", "sitemap", "index"),)


def test_p22_a_poll_that_shares_nothing_with_what_is_known_is_a_gap() -> None:
    document = FeedDocument("rss20", entries=(entry("a"), entry("b")))
    assert "gap" not in polled(document).flags
    seen = replace(FEED, last_news=NOW - timedelta(days=1), last_poll=NOW - timedelta(hours=1), interval_s=3600.0)
    assert "gap" in polled(document, feed=seen).flags
    assert "gap" not in polled(document, feed=seen, known=1).flags


SITE = SourceConfig(Source("Harbour", "site", "https://harbour.example/"))
FRONT = FeedStatus("https://harbour.example/", "site", last_poll=NOW, last_success=NOW)
GUESS = replace(FEED, url="https://harbour.example/feed/", via="path")
GONE = Outcome(Ending.GONE, "http_410")


def at_site(feed: DueFeed, item: Any, *known: FeedStatus) -> Poll:
    """A poll of a document of a site of which that is known."""
    return poll_of(feed, item, SITE, None, NOW, Asked(memory=lambda: LinkMemory(known)))


def answered(feed: DueFeed, document: Any) -> PolledFeed:
    return PolledFeed(feed, Answer(feed.url, 200, b"page"), body_hash(b"page"), document)


@pytest.mark.parametrize("missed", [(GONE, 410), (Outcome(Ending.GONE, "http_404"), 404)])
def test_p18_c6_a_usual_place_without_a_feed_rests_and_is_not_gone(missed: tuple[Outcome, int]) -> None:
    guess = FeedStatus(GUESS.url, "feed", via="path")
    poll = at_site(GUESS, Missed(GUESS, *missed), FRONT, guess)
    assert (poll.guess_missed, poll.status, poll.failures) == (True, "failed", 0)
    assert [one.url for one in poll.found_feeds] == ["https://harbour.example/feed"]
    assert poll.next_poll is not None
    assert poll.next_poll >= NOW + timedelta(days=90)
    assert poll.why == "there is no feed at this usual place"


def test_p18_c6_the_last_feed_of_a_site_that_is_gone_wakes_its_front_page() -> None:
    linked = replace(FEED, via="link")
    known = FeedStatus(URL, "feed", via="link", last_poll=NOW, last_success=NOW, entries=9, last_status="new")
    assert at_site(linked, Missed(linked, GONE, 410), FRONT, known).wakes_site
    other = replace(known, url="https://harbour.example/rss")
    assert not at_site(linked, Missed(linked, GONE, 410), FRONT, known, other).wakes_site


def test_p18_c7_links_are_read_where_the_only_feed_is_gone() -> None:
    page = FrontPage("Harbour", links=(JudgedLink("https://harbour.example/rain", "Rain", "article", 3.0, (), "/a"),))
    front = replace(FEED, kind="site", url="https://harbour.example/")
    gone = FeedStatus(URL, "feed", via="link", last_poll=NOW, entries=9, last_status="gone")
    assert len(at_site(front, answered(front, page), FRONT, gone).discoveries) == 1
    assert at_site(front, answered(front, page), FRONT, replace(gone, last_status="new")).discoveries == ()


def test_p17_c6_a_feed_that_another_source_polls_still_serves_its_site() -> None:
    page = FrontPage("Harbour", feeds=(Candidate(URL),))
    front = replace(FEED, kind="site", url="https://harbour.example/")
    merged = FeedStatus(
        URL, "feed", via="link", last_poll=NOW, entries=9, merged_into="Gazette", moved_to="https://g.x/f"
    )
    poll = at_site(front, answered(front, page), FRONT, merged)
    assert (poll.status, poll.discoveries, poll.body_hash) == ("new", (), body_hash(b"page"))


def test_c7_a_section_of_a_site_that_has_a_feed_rests_and_says_why() -> None:
    section = replace(FEED, kind="site", url="https://harbour.example/town/", via="section")
    feed = FeedStatus(URL, "feed", via="link", last_poll=NOW, entries=9, last_status="new")
    poll = at_site(section, answered(section, FrontPage("Town")), FRONT, feed)
    assert (poll.next_poll, poll.why) == (NOW + timedelta(days=30), "the site has a feed: its sections rest")


def test_p27_a_failure_backs_off_and_keeps_what_was_stored() -> None:
    feed = replace(FEED, validators=Validators('"x"'), body_hash="h", failures=2)
    poll = poll_of(feed, Missed(feed, Outcome(Ending.FAILED, "timeout")), SOURCE, None, NOW, Asked())
    assert (poll.status, poll.failures, poll.reason, poll.body_hash) == ("failed", 3, "timeout", "h")
    assert poll.next_poll is not None
    assert poll.next_poll > NOW + timedelta(hours=1)


def test_the_rules_of_a_source_refuse_entries_unseen_and_say_which_rule() -> None:
    document = FeedDocument("rss20", entries=(entry("news/a"), entry("video/b"), entry("sport/c")))
    source = replace(SOURCE, keep=("news", "video"), drop=("/video/",))
    outcomes = [found.outcome for found in polled(document, source=source).discoveries]
    assert outcomes == [
        None,
        Outcome(Ending.REJECTED, "filtered", "drop: /video/"),
        Outcome(Ending.REJECTED, "filtered", "no keep pattern matches"),
    ]


def test_since_refuses_older_entries_and_never_undated_ones() -> None:
    entries = (
        entry("old", published=date(2020, 1, 1)),
        entry("new", published=datetime(2026, 2, 1, tzinfo=UTC)),
        entry("undated"),
    )
    source = replace(SOURCE, since=date(2026, 1, 1))
    outcomes = [found.outcome for found in polled(FeedDocument("rss20", entries=entries), source=source).discoveries]
    assert [outcome and outcome.reason for outcome in outcomes] == ["too_old", None, None]


def test_an_entry_without_an_address_names_no_page() -> None:
    document = FeedDocument("rss20", entries=(Entry("only-an-id", None), entry("a")))
    assert [found.entry.key for found in polled(document).discoveries] == ["a"]
