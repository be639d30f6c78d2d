"""How a source does is judged by pure rules: a table of what is known of it, and what is said then."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import FeedStatus, Health, SourceStatus, alarming, by_severity, judge, put_off, reason_words, stalled

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def feed(name: str = "feed", **known: Any) -> FeedStatus:
    """A feed that was polled well an hour ago and has its rhythm, but for what is `known` otherwise."""
    usual: dict[str, Any] = {
        **{"kind": "feed", "document_kind": "rss20", "last_poll": NOW - HOUR, "last_success": NOW - HOUR},
        **{"next_poll": NOW + HOUR, "interval_s": 3600.0, "failures": 0, "http_status": 200, "reason": None},
        **{"detail": None, "entries": 9, "flags": (), "last_status": "new", "last_news": NOW - HOUR},
        **{"news_expected": NOW + DAY},
    }
    return FeedStatus(url=f"https://paper.example/{name}", **{**usual, **known})


def source(*feeds: FeedStatus, kind: Any = "feed", **known: Any) -> SourceStatus:
    """A source with these feeds."""
    usual: dict[str, Any] = {"name": "Paper", "url": "https://paper.example/feed", "title": None, "tags": ()}
    usual |= {"enabled": True, "outcomes": {}, "waiting": 0, "articles": 0, "last_article": None}
    return SourceStatus(kind=kind, feeds=feeds, **{**usual, **known})


def failed(reason: str = "timeout", failures: int = 3, **known: Any) -> dict[str, Any]:
    """What is known of a feed whose last polls failed."""
    since = known.pop("since", NOW - 2 * DAY)
    good = {"last_status": "failed", "failing_since": since, "last_success": NOW - 3 * DAY, "http_status": None}
    return {**good, "failures": failures, "reason": reason, **known}


FOUND: dict[str, Any] = {"via": "path"}
BARE: dict[str, Any] = {"kind": "site", "entries": 0, "last_news": None, "news_expected": None}
NEVER: dict[str, Any] = {"last_poll": None, "last_success": None, "last_status": None, "last_news": None, "entries": 0}
GONE: dict[str, Any] = {"last_status": "gone", "http_status": 410, "reason": "http_410", "next_poll": None}
SILENT: dict[str, Any] = {"last_news": NOW - 9 * DAY, "news_expected": NOW - DAY, "last_status": "same_bytes"}


@pytest.mark.parametrize(
    ("known", "health", "words"),
    [
        pytest.param({}, Health.OK, "ok", id="a feed with news"),
        pytest.param(NEVER, Health.NEVER_POLLED, "never polled", id="a feed that was just subscribed to"),
        pytest.param(GONE, Health.GONE, "`cuttings enable Paper` polls it again", id="p18 a feed that is gone"),
        pytest.param(failed(), Health.FAILING, "3 times in a row: its server is too slow", id="a slow server"),
        pytest.param(failed("http_503", 1), Health.FAILING, "once: HTTP 503 Service Unavailable", id="a busy server"),
        pytest.param(failed("dns", detail="NXDOMAIN"), Health.FAILING, "not known (NXDOMAIN)", id="a host that left"),
        pytest.param(
            failed("challenge", http_status=403, detail="HTTP 403"),
            Health.CHALLENGE,
            "a browser check came in place of the feed",
            id="p19 a browser check",
        ),
        pytest.param(
            failed("html", detail="an HTML page, not a feed; it links to https://paper.example/rss"),
            Health.HTML,
            "it links to https://paper.example/rss",
            id="p19 a web page with the feeds that it links to",
        ),
        pytest.param(
            {"last_status": "failed", "reason": "offline", "failures": 0},
            Health.OK,
            "ok",
            id="p28 a feed that could not be asked because our network was down",
        ),
        pytest.param(
            {**SILENT, "last_status": "failed", "reason": "offline"},
            Health.OK,
            "ok",
            id="p28 silence is not known while our network is down",
        ),
        pytest.param(
            {**SILENT, "last_whole": NOW - HOUR},
            Health.SILENT,
            "it can be read and holds nothing new",
            id="p29 a feed whose document comes and holds nothing new",
        ),
        pytest.param(
            {**SILENT, "last_status": "not_modified", "last_whole": NOW - 9 * DAY},
            Health.SILENT,
            'only answers "not modified"',
            id="p29 a feed that answers 304 for ever",
        ),
        pytest.param({**SILENT, **failed()}, Health.FAILING, "too slow", id="p29 a broken feed is not called silent"),
        pytest.param(
            {**SILENT, "news_expected": None}, Health.OK, "ok", id="p29 a feed of whose rhythm too little is known"
        ),
        pytest.param({"news_expected": NOW}, Health.OK, "ok", id="p29 news that are due this moment"),
        pytest.param(
            {"gaps": 2, "last_gap": NOW - 6 * DAY}, Health.GAPS, "2 times, last on 2026-02-23", id="p22 recent gaps"
        ),
        pytest.param({"gaps": 2, "last_gap": NOW - 8 * DAY}, Health.OK, "ok", id="p22 gaps of long ago"),
        pytest.param(
            {"lies": 1, "last_lie": NOW - 9 * DAY}, Health.LYING, '"not modified" once', id="p13 validators that lie"
        ),
        pytest.param({"lies": 1, "last_lie": NOW - 99 * DAY}, Health.OK, "ok", id="p13 a lie of long ago"),
        pytest.param(
            {"moved_to": "https://new.example/", "moved_since": NOW - HOUR, "moved_count": 2},
            Health.MOVED,
            "asks to be polled at https://new.example/ for good; seen 2 times",
            id="p16 a redirect that is being watched",
        ),
        pytest.param(
            {"url": "https://new.example/", "moved_from": "https://paper.example/feed", "moved_at": NOW - DAY},
            Health.MOVED,
            "polled at https://new.example/ now",
            id="p16 a feed that moved lately",
        ),
        pytest.param(
            {"url": "https://new.example/", "moved_from": "https://paper.example/feed", "moved_at": NOW - 40 * DAY},
            Health.OK,
            "ok",
            id="p16 a move that everybody knows of",
        ),
        pytest.param(
            {"moved_from": "https://old.example/", "moved_at": NOW - DAY},
            Health.OK,
            "ok",
            id="p16 a move that feeds.yaml follows already",
        ),
        pytest.param(
            {"merged_into": "Gazette", "moved_at": NOW - DAY, "next_poll": None},
            Health.MERGED,
            "an address that Gazette polls",
            id="p17 a feed that moved onto another source's",
        ),
    ],
)
def test_c18_a_feed_is_judged_by_what_is_known_of_it(known: dict[str, Any], health: Health, words: str) -> None:
    verdict = judge(source(replace(feed(), **known)), NOW)
    assert (verdict.health, words in verdict.words) == (health, True), verdict
    if health not in (Health.OK, Health.NEVER_POLLED):
        assert verdict.since is not None
        assert verdict.since <= NOW


@pytest.mark.parametrize(
    ("kind", "feeds", "health"),
    [
        pytest.param("site", [], Health.NEVER_POLLED, id="no feed yet"),
        pytest.param("site", [feed(**BARE)], Health.OK, id="a front page alone"),
        pytest.param("site", [feed(**BARE | failed("no_feed"))], Health.FAILING, id="a front page without feeds"),
        pytest.param(
            "site",
            [feed(**BARE), feed("a", via="link"), feed("b", **FOUND | failed("http_404")), feed("c", **FOUND | GONE)],
            Health.OK,
            id="guesses that fail beside a feed that works",
        ),
        pytest.param(
            "site",
            [feed(**BARE | {"entries": 6}), feed("a", **FOUND | failed("http_503", last_success=None))],
            Health.OK,
            id="a guess that cannot be had beside a page that brings articles",
        ),
        pytest.param(
            "site",
            [feed(**BARE), feed("a", **FOUND | failed("http_404", 0, last_success=None))],
            Health.OK,
            id="a guess that found nothing",
        ),
        pytest.param(
            "site",
            [feed(**BARE | failed("http_503")), feed("a", via="link")],
            Health.OK,
            id="a front page that fails while its feed works",
        ),
        pytest.param(
            "site",
            [feed(**BARE), feed("a", **FOUND | failed("http_404")), feed("b", **FOUND | failed("html"))],
            Health.FAILING,
            id="nothing but guesses that fail",
        ),
        pytest.param(
            "site",
            [
                feed(**BARE),
                feed("a", via="link", **failed("challenge")),
                feed("b", **FOUND | GONE | {"last_success": None}),
            ],
            Health.CHALLENGE,
            id="a feed that used to work counts, a guess that never did does not",
        ),
        pytest.param(
            "site",
            [feed(**BARE), feed("a", via="link", **SILENT), feed("b", via="link")],
            Health.OK,
            id="one feed of two is silent",
        ),
        pytest.param(
            "site",
            [feed(**BARE), feed("a", via="link", **SILENT), feed("b", via="link", **SILENT)],
            Health.SILENT,
            id="all feeds are silent",
        ),
        pytest.param(
            "sitemap",
            [feed(**failed("http_500")), feed("a", via="index")],
            Health.FAILING,
            id="an index of sitemaps that fails",
        ),
        pytest.param(
            "feed",
            [feed(), feed("a", via="link", merged_into="Gazette")],
            Health.OK,
            id="a found feed that another source has",
        ),
    ],
)
def test_a_source_is_judged_by_the_feeds_that_count(kind: Any, feeds: list[FeedStatus], health: Health) -> None:
    for _ in range(3):
        random.Random(2).shuffle(feeds)
        assert judge(source(*feeds, kind=kind), NOW).health is health


def test_a_disabled_source_is_nothing_else() -> None:
    assert judge(source(feed(**failed()), enabled=False), NOW).health is Health.DISABLED


def test_health_is_counted_worst_first() -> None:
    verdicts = [judge(source(replace(feed(), **known)), NOW) for known in ({}, failed(), GONE, {})]
    assert list(by_severity(verdicts).items()) == [(Health.GONE, 1), (Health.FAILING, 1), (Health.OK, 2)]


@pytest.mark.parametrize(
    ("known", "alarm"),
    [
        ({}, False),
        (GONE, True),
        (SILENT, True),
        (failed(), True),
        (failed("challenge"), True),
        (failed(since=NOW - HOUR), False),
        (failed(failures=1), False),
        (failed(since=None), True),
        ({"last_gap": NOW, "gaps": 1}, False),
        (NEVER, False),
    ],
)
def test_monitoring_hears_of_what_lasts(known: dict[str, Any], alarm: bool) -> None:
    known_source = source(replace(feed(), **known))
    assert alarming(judge(known_source, NOW), known_source, NOW) is alarm
    off = replace(known_source, enabled=False)
    assert not alarming(judge(off, NOW), off, NOW)


def test_a_crawl_that_no_longer_runs_is_noticed() -> None:
    old = feed(last_poll=NOW - 3 * DAY, next_poll=NOW - 2 * DAY)
    assert stalled([source(old)], NOW) == NOW - 3 * DAY
    assert stalled([source(old), source(feed())], NOW) is None
    assert stalled([source(feed(last_poll=NOW - 3 * DAY, next_poll=NOW + DAY))], NOW) is None
    assert stalled([source(old, enabled=False), source(feed(**NEVER, next_poll=NOW))], NOW) is None
    assert stalled([], NOW) is None


def test_p28_a_poll_that_did_not_come_about_is_told_apart_from_one_that_failed() -> None:
    assert put_off(feed(last_status="failed", failures=0, reason="offline"))
    assert not put_off(feed(**failed()))
    assert not put_off(feed())


@pytest.mark.parametrize(
    ("reason", "http_status", "words"),
    [
        ("http_404", 404, "HTTP 404 Not Found"),
        ("http_799", 799, "HTTP 799"),
        ("tls", None, "no secure connection: its certificate or its TLS is at fault"),
        ("something_new", None, "something new"),
        (None, 500, "HTTP 500"),
        (None, None, "it failed"),
        ("http_x", None, "http x"),
    ],
)
def test_reasons_are_told_in_words(reason: str | None, http_status: int | None, words: str) -> None:
    assert reason_words(reason, http_status) == words


def test_names_in_advice_can_be_pasted_into_a_shell() -> None:
    verdict = judge(source(feed(**GONE), name="L'Écho; rm -rf $HOME"), NOW)
    assert """cuttings enable 'L'"'"'Écho; rm -rf $HOME'`""" in verdict.words
