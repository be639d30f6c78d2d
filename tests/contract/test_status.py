"""What the corpus promises to tell of the health and the history of its sources."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from contract.scenes import (
    HOUR,
    NOW,
    article,
    discovered,
    discovery,
    end,
    file_article,
    lease_feed,
    lease_pages,
    poll,
    source,
    subscribe,
)

from storage import Corpus, Ending, FoundFeed, Move, Outcome, PageTrouble, PastMove, Validators

DAY = timedelta(days=1)


def test_c18_status_tells_what_the_schedule_said_of_a_feed(corpus: Corpus) -> None:
    subscribe(corpus)
    due = {"why": "it brought new entries", "news_expected": NOW + DAY, "validators": Validators('"1"')}
    feed = lease_feed(corpus)
    poll(corpus, feed, discovery("a"), **due)
    poll(corpus, feed, at=NOW + HOUR, status="not_modified", http_status=304, why="nothing new", news_expected=NOW)
    (told,) = corpus.status()[0].feeds
    assert (told.why, told.last_news, told.news_expected, told.last_whole) == ("nothing new", NOW, NOW, NOW)
    assert (told.last_status, told.via, told.failing_since) == ("not_modified", "source", None)


def test_p22_and_p13_gaps_and_lies_are_counted_with_their_last_time(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    for hours, (gap, lied) in enumerate([(True, False), (True, True), (False, True), (False, False)]):
        poll(corpus, feed, at=NOW + hours * HOUR, gap=gap, lied=lied)
    (told,) = corpus.status()[0].feeds
    assert (told.gaps, told.last_gap, told.lies, told.last_lie) == (2, NOW + HOUR, 2, NOW + 2 * HOUR)


def test_c18_a_feed_is_failing_since_the_first_failure_after_its_last_success(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, status="failed", failures=1, reason="dns")
    poll(corpus, feed, at=NOW + HOUR)
    for failures in (1, 2, 3):
        reason = "http_503" if failures == 2 else "timeout"
        poll(corpus, feed, at=NOW + (1 + failures) * HOUR, status="failed", failures=failures, reason=reason)
    (told,) = corpus.status()[0].feeds
    assert (told.failing_since, told.last_success, told.failures) == (NOW + 2 * HOUR, NOW + HOUR, 3)
    poll(corpus, feed, at=NOW + 5 * HOUR)
    assert corpus.status()[0].feeds[0].failing_since is None


def test_p28_a_feed_that_could_not_be_asked_is_not_failing(corpus: Corpus) -> None:
    subscribe(corpus)
    poll(corpus, lease_feed(corpus), status="failed", failures=0, reason="offline")
    (told,) = corpus.status()[0].feeds
    assert (told.failing_since, told.last_status, told.failures) == (None, "failed", 0)


def test_p16_a_move_is_told_with_the_address_before_it(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, moved_to="https://b.example/", moved_since=NOW, moved_count=2)
    (told,) = corpus.status()[0].feeds
    assert (told.moved_to, told.moved_since, told.moved_count) == ("https://b.example/", NOW, 2)
    poll(corpus, feed, at=NOW + HOUR, move=Move("https://b.example/", "b.example"))
    poll(corpus, feed, at=NOW + DAY, move=Move("https://c.example/", "c.example"))
    (told,) = corpus.status()[0].feeds
    assert (told.url, told.moved_from, told.moved_at) == ("https://c.example/", "https://b.example/", NOW + DAY)
    history = corpus.history("Harbour", now=NOW + DAY)
    assert history is not None
    assert history.feeds[0].moves == (
        PastMove(NOW + DAY, "https://b.example/", "https://c.example/"),
        PastMove(NOW + HOUR, "https://harbour.example/feed", "https://b.example/"),
    )


def test_p17_a_merged_feed_names_the_source_that_polls_its_address(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"))
    first, _ = corpus.lease_feeds(NOW, 5, 60.0)
    poll(corpus, first, move=Move("https://b.example/feed", "b.example"))
    one, two = corpus.status()
    assert (one.feeds[0].merged_into, one.feeds[0].next_poll) == ("B", None)
    assert two.feeds[0].merged_into is None


def test_c18_articles_of_the_last_four_weeks_are_counted_by_the_day_they_were_published(corpus: Corpus) -> None:
    published = [NOW - DAY, NOW - 27 * DAY, (NOW - 3 * DAY).date(), None, NOW - 29 * DAY, NOW + DAY]
    discovered(corpus, *(discovery(str(number)) for number in range(len(published))))
    for page, moment in zip(sorted(lease_pages(corpus), key=lambda page: page.url), published, strict=True):
        file_article(corpus, page, article(f"About page {page.url}", published=moment))
    (told,) = corpus.status(now=NOW)
    assert (told.articles, told.recent_articles, told.articles_per_week) == (6, 4, 1.0)
    (later,) = corpus.status(now=NOW + 99 * DAY)
    assert (later.articles, later.recent_articles) == (6, 0)


def test_an_article_is_recent_for_every_source_that_named_it_once(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"))
    first, second = corpus.lease_feeds(NOW, 5, 60.0)
    poll(corpus, first, discovery("x"))
    poll(corpus, second, discovery("x"))
    (page,) = lease_pages(corpus)
    file_article(corpus, page)
    assert [known.recent_articles for known in corpus.status(now=NOW)] == [1, 1]
    assert [known.recent_articles for known in corpus.status("B", now=NOW)] == [1]
    for name in "AB":
        history = corpus.history(name, now=NOW)
        assert history is not None
        assert history.weeks == (0,) * 11 + (1,)


def test_status_of_one_source_is_that_of_all(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C", kind="site"))
    feeds = corpus.lease_feeds(NOW, 5, 60.0)
    for feed in feeds:
        poll(corpus, feed, discovery("x"), discovery(feed.source), found_feeds=(FoundFeed("https://f.example/", "f"),))
    for page in lease_pages(corpus)[:2]:
        file_article(corpus, page, article(page.url))
    every = corpus.status(now=NOW)
    assert [corpus.status(known.name, now=NOW) for known in every] == [[known] for known in every]
    assert [corpus.status(known.url, now=NOW) for known in every] == [[known] for known in every]
    assert corpus.status("D") == []
    assert corpus.history("D") is None


def test_a_source_that_took_over_a_name_comes_first(corpus: Corpus) -> None:
    subscribe(corpus, source("A", "https://old.example/"))
    subscribe(corpus, source("A", "https://new.example/", kind="site"), now=NOW + HOUR)
    assert [(known.url, known.enabled) for known in corpus.status("A")] == [
        ("https://new.example/", True),
        ("https://old.example/", False),
    ]
    assert [known.url for known in corpus.status("https://old.example/")] == ["https://old.example/"]


def test_c18_the_history_tells_polls_newest_first_and_folds_what_repeats(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, discovery("a"), http_status=200, flags=("no_dates",))
    for hours in range(1, 6):
        poll(corpus, feed, at=NOW + hours * HOUR, status="not_modified", http_status=304)
    poll(
        corpus, feed, at=NOW + 6 * HOUR, status="failed", failures=1, reason="http_503", http_status=503, detail="busy"
    )
    poll(corpus, feed, at=NOW + 7 * HOUR, status="failed", failures=2, reason="http_503", http_status=503)
    history = corpus.history("Harbour", now=NOW + 8 * HOUR)
    assert history is not None
    (past,) = history.feeds
    assert past.url == "https://harbour.example/feed"
    assert [(p.at - NOW, p.status, p.reason, p.detail, p.repeated) for p in past.polls] == [
        (6 * HOUR, "failed", "http_503", "busy", 1),
        (HOUR, "not_modified", None, None, 4),
        (0 * HOUR, "new", None, None, 0),
    ]
    assert (past.polls[-1].entries, past.polls[-1].new_entries, past.polls[-1].flags) == (1, 1, ("no_dates",))


def test_c18_the_history_counts_articles_week_by_week(corpus: Corpus) -> None:
    ages = [0, 1, 6, 7, 8, 83, 84, 85]
    discovered(corpus, *(discovery(f"{number}") for number in range(len(ages))))
    for page, days in zip(sorted(lease_pages(corpus), key=lambda page: page.url), ages, strict=True):
        file_article(corpus, page, article(page.url, published=NOW - days * DAY))
    history = corpus.history("Harbour", now=NOW)
    assert history is not None
    assert history.weeks == (1, *(0,) * 9, 1, 4)
    assert sum(history.weeks) == 6


def test_c18_pages_without_an_article_are_told_by_reason_with_the_latest_as_example(corpus: Corpus) -> None:
    refused = Outcome(Ending.REJECTED, "filtered", "drop: /v/")
    discovered(corpus, *(discovery(name) for name in "abcd"), discovery("v", outcome=refused))
    for minutes, page in enumerate(sorted(lease_pages(corpus), key=lambda page: page.url)):
        name = page.url[-1]
        outcome = Outcome(Ending.FAILED, "http_503") if name in "ab" else Outcome(Ending.BLOCKED, "robots")
        if name != "d":
            end(corpus, page, outcome, NOW + timedelta(minutes=minutes))
    history = corpus.history("Harbour", now=NOW)
    assert history is not None
    assert history.troubles == (
        PageTrouble(Ending.FAILED, "http_503", 2, NOW + timedelta(minutes=1), "https://harbour.example/b"),
        PageTrouble(Ending.BLOCKED, "robots", 1, NOW + timedelta(minutes=2), "https://harbour.example/c"),
        PageTrouble(Ending.REJECTED, "filtered", 1, NOW, "https://harbour.example/v"),
    )


def filed(corpus: Corpus, count: int, begin: timedelta, every: timedelta, words: int, name: str, **more: Any) -> None:
    """So many pages that are discovered and filed one after the other, the first one `begin` from now."""
    for number in range(count):
        at = NOW + begin + number * every
        (feed,) = corpus.lease_feeds(at, 1, 1.0)
        poll(corpus, feed, discovery(f"{name}{number}"), at=at, next_poll=at)
        (page,) = lease_pages(corpus, at)
        if outcome := more.get("outcome"):
            end(corpus, page, outcome, at)
            continue
        told = f"Number {number} of {name} says " + "word " * words
        authors = () if more.get("unsigned") else ("Nora Vance",)
        cut = article(
            told, title=f"{name} {number}", authors=authors, provenance={"published": "json-ld"}, published=at
        )
        file_article(corpus, page, cut, at=at)


def test_x11_a_source_whose_articles_shrink_and_lose_their_authors_drifts(corpus: Corpus) -> None:
    subscribe(corpus, now=NOW - 99 * DAY)
    filed(corpus, 40, -60 * DAY, DAY, 400, "long")
    later = NOW + DAY
    assert corpus.status(now=later)[0].drift is None
    filed(corpus, 12, -13 * DAY, DAY, 20, "short", unsigned=True)
    (told,) = corpus.status(now=later)
    assert told.drift is not None
    assert told.drift.signs == ("shrunk", "unsigned")
    assert told.drift.since == NOW - 11 * DAY
    assert corpus.status("Harbour", now=later) == [told]
    assert corpus.status(now=NOW + 60 * DAY)[0].drift is None, "it is silent"


def test_x11_a_source_whose_pages_are_refused_drifts(corpus: Corpus) -> None:
    subscribe(corpus, now=NOW - 99 * DAY)
    filed(corpus, 40, -60 * DAY, DAY, 400, "long")
    filed(corpus, 10, -12 * DAY, DAY, 0, "wall", outcome=Outcome(Ending.BLOCKED, "paywall"))
    (told,) = corpus.status(now=NOW)
    assert told.drift is not None
    assert told.drift.signs == ("refused",)


def test_x11_what_a_source_did_within_a_day_is_no_drift_yet(corpus: Corpus) -> None:
    subscribe(corpus, now=NOW - 99 * DAY)
    filed(corpus, 50, -50 * DAY, DAY, 400, "long")
    filed(corpus, 12, -10 * HOUR, HOUR / 2, 20, "live")
    assert corpus.status(now=NOW)[0].drift is None
    filed(corpus, 12, DAY, HOUR / 2, 20, "still")
    told = corpus.status(now=NOW + 2 * DAY)[0].drift
    assert told is not None
    assert told.signs == ("shrunk",)


def test_x11_disabled_sources_do_not_drift(corpus: Corpus) -> None:
    subscribe(corpus, now=NOW - 99 * DAY)
    filed(corpus, 40, -60 * DAY, DAY, 400, "long")
    filed(corpus, 12, -13 * DAY, DAY, 20, "short")
    assert corpus.status(now=NOW)[0].drift is not None
    subscribe(corpus, source("Other"))
    assert {known.name: known.drift for known in corpus.status(now=NOW)}["Harbour"] is None


def test_daily_counts_the_articles_of_each_source_by_the_day_of_their_date(corpus: Corpus) -> None:
    subscribe(corpus, source("Harbour"), source("Lighthouse"))
    for feed in corpus.lease_feeds(NOW, 10, 600.0):
        shared = [discovery("a"), discovery("b")] if feed.source == "Harbour" else [discovery("b")]
        poll(corpus, feed, *shared)
    dates = {"harbour.example/a": NOW - 3 * DAY, "harbour.example/b": NOW.date() - DAY}
    for page in lease_pages(corpus):
        file_article(corpus, page, article(page.key, published=dates[page.key]))
    harbour, lighthouse = "https://harbour.example/feed", "https://lighthouse.example/feed"
    assert corpus.daily(4, now=NOW) == {harbour: (1, 0, 1, 0), lighthouse: (0, 0, 1, 0)}
    assert corpus.daily(2, now=NOW) == {harbour: (1, 0), lighthouse: (1, 0)}
    assert corpus.daily(30, now=NOW - 40 * DAY) == {}
