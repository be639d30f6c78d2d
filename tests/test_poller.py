"""What the poller promises beyond single feeds, with the installed command and a real web; `conformance` has those."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from typing import Any

from conformance.passing import let_pass
from feedmaker import rss
from localweb import LocalWeb
from newsroom import Newsroom, outcomes
from publishing import reports

from storage import open_corpus

HOURS = timedelta(hours=1)
DAY = timedelta(days=1)


def feed_of(newsroom: Newsroom, number: int = 0) -> dict[str, Any]:
    """What `status --json` says of the first feed of a source."""
    feed: dict[str, Any] = newsroom.json("status")["sources"][number]["feeds"][0]
    return feed


def test_p24_a_forced_poll_has_a_cooldown_but_for_the_users_own_addresses(web: LocalWeb, newsroom: Newsroom) -> None:
    stranger, own = web.site("news.example"), web.site("127.0.0.2")
    stranger.page("/feed", rss([]))
    newsroom.subscribe(
        {"feed": "http://news.example/feed", "proxy": f"http://127.0.0.1:{web.port}"},
        own.page("/feed", rss([])),
        delay=0.5,
    )
    newsroom.ok("crawl")
    report = newsroom.json("crawl", "--all")
    assert (report["polls"], report["cooling"]) == ({"same_bytes": 1}, 1)
    assert "polled less than 5 minutes ago" in newsroom.ok("crawl", "--all", "news.example")
    assert (len(stranger.requests("/feed")), len(own.requests("/feed"))) == (1, 2)
    let_pass(newsroom.db, 6 * HOURS / 60)
    assert newsroom.json("crawl", "--all")["polls"] == {"same_bytes": 2}


def test_p28_feeds_and_pages_are_not_blamed_when_nothing_can_be_reached(newsroom: Newsroom) -> None:
    with LocalWeb() as web:
        one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
        found = reports(two, 1, 2)
        newsroom.subscribe(one.page("/feed", rss(reports(one, 3))), two.page("/feed", rss(found)))
        newsroom.ok("crawl", "--limit", "1")
    report = newsroom.json("crawl", "--all")
    assert report["polls"] == {"failed": 2}
    assert outcomes(report) == {}
    assert report["pages"]["waiting_after"] == 2
    for number in (0, 1):
        feed = feed_of(newsroom, number)
        assert (feed["failures"], feed["reason"]) == (0, "offline")


def test_p28_a_host_that_is_down_alone_is_blamed(web: LocalWeb, newsroom: Newsroom) -> None:
    good = web.site("127.0.0.2")
    with LocalWeb() as other:
        dead = other.site("127.0.0.3")
        newsroom.subscribe(good.page("/feed", rss(reports(good, 1))), dead.page("/feed", rss(reports(dead, 2))))
        newsroom.ok("crawl")
    newsroom.ok("crawl", "--all")
    assert sorted((feed_of(newsroom, n)["failures"], feed_of(newsroom, n)["reason"]) for n in (0, 1)) == [
        (0, None),
        (1, "connect"),
    ]


def test_what_contradicts_the_corpus_ends_alone_and_the_crawl_goes_on(web: LocalWeb, newsroom: Newsroom) -> None:
    """A trigger plays the fault of ours that broke a constraint, for one of two sites."""
    sites = [web.site(host) for host in ("127.0.0.2", "127.0.0.3")]
    for site in sites:
        site.page("/feed", rss(reports(site, 1, seed=int(site.host[-1]))), content_type="application/rss+xml")
    newsroom.subscribe(*(site.url("/feed") for site in sites))
    open_corpus(newsroom.db, write=True).close()
    with closing(sqlite3.connect(newsroom.db)) as connection, connection:
        connection.execute(
            "CREATE TRIGGER refuses BEFORE UPDATE ON pages WHEN new.host LIKE '127.0.0.2%' AND new.outcome IS NOT NULL "
            "BEGIN SELECT raise(ABORT, 'no'); END"
        )
    crawl = newsroom.start("crawl")
    _, told = crawl.communicate(timeout=90)
    assert crawl.returncode == 0
    assert "filing_broke" in told
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().outcomes == {"stored": 1}
