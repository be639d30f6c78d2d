"""C15: a crawl that is stopped ends within 45 s, whatever its servers do, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from misbehaviour import drip, stall
from newsroom import Newsroom, adds_up, outcomes, story
from publishing import feed_of

from crawler.network.closing import Closing, Passage
from crawler.network.errors import CrawlStopped
from storage import open_corpus

WITHIN_S = 45.0


def leases(db: Path) -> int:
    with closing(sqlite3.connect(db)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM pages WHERE state = 'leased'").fetchone()
    return int(count)


def test_c15_tarpits_and_queues_are_left_within_45_s_and_nothing_is_lost(web: LocalWeb, newsroom: Newsroom) -> None:
    healthy, tarpit, silent, slow = (web.site(f"127.0.0.{n}") for n in (2, 3, 4, 5))
    feeds = [feed_of(healthy, 30), feed_of(slow, 3, 200)]
    for site in (tarpit, silent):  # one never gives its robots.txt away, the other its page
        named = [Item(site.url("/page"), "Tar")]
        feeds.append(healthy.page(f"/{site.host}", rss(named), content_type="application/rss+xml"))
    tarpit.add("/robots.txt", stall())
    silent.add("/page", stall())
    slow.add("/p0", drip(article_page("Slow", story(150, 900)), 4.0))
    newsroom.subscribe(*feeds, delay=2)
    crawl = newsroom.start("crawl", "--json")
    try:
        web.wait_for(1, lambda seen: seen.host == tarpit.host and seen.path == "/robots.txt", 60)
        web.wait_for(1, lambda seen: seen.host == silent.host and seen.path == "/page", 60)
        web.wait_for(3, lambda seen: seen.host == healthy.host and seen.path.startswith("/p"), 60)
        began = time.monotonic()
        crawl.send_signal(signal.SIGINT)
        output, errors = crawl.communicate(timeout=60)
    finally:
        crawl.kill()
    assert time.monotonic() - began < WITHIN_S
    assert crawl.returncode == 0, errors
    assert "Traceback" not in errors
    report = json.loads(output)
    assert "interrupted" in report["stopped"]
    assert adds_up(report)
    assert set(outcomes(report)) == {"stored"}, "what was called off has no outcome"
    assert not [seen for seen in web.requests if seen.host == tarpit.host and seen.path == "/page"]
    assert leases(newsroom.db) == 0

    tarpit.robots("")
    for site in (tarpit, silent):
        site.page("/page", article_page("Tar", story(150, 700 + int(site.host[-1]))))
    slow.page("/p0", article_page("Slow", story(150, 900)))
    newsroom.subscribe(*feeds, delay=0)
    newsroom.ok("crawl", "--all", timeout_s=120)
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().waiting == 0
        assert corpus.totals().articles == 35


@pytest.mark.parametrize("command", [("crawl",), ("backfill", "Harbour")], ids=["crawl", "backfill"])
def test_c15_a_second_signal_ends_at_once(web: LocalWeb, newsroom: Newsroom, command: tuple[str, ...]) -> None:
    site = web.site("127.0.0.2")
    feed = feed_of(site, 2)
    site.add("/p0", stall())
    site.add("/p1", stall())
    newsroom.subscribe({"feed": feed, "name": "Harbour"})
    crawl = newsroom.start(*command)
    try:
        web.wait_for(1, lambda seen: seen.path.startswith("/p"), 60)
        crawl.send_signal(signal.SIGINT)
        time.sleep(0.5)
        began = time.monotonic()
        crawl.send_signal(signal.SIGINT)
        crawl.communicate(timeout=30)
    finally:
        crawl.kill()
    assert time.monotonic() - began < 10
    assert crawl.returncode == 128 + signal.SIGINT


def test_c1_the_next_crawl_keeps_its_distance_to_this_one(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(feed_of(site, 3), delay=6)
    for _ in range(2):
        newsroom.ok("crawl", "--limit", "1")
    assert len(site.requests()) >= 4
    assert site.kept_apart(6)


def test_requests_are_called_off_when_the_crawl_closes() -> None:
    """What was not sent at once, what was sent when it is cut, and new ones never begin."""

    async def main() -> None:
        closing_ = Closing()
        waiting, sent = Passage("http://a/"), Passage("http://b/", sent=True)
        tasks = [asyncio.ensure_future(closing_.run(each, asyncio.sleep(60, "answer"))) for each in (waiting, sent)]
        done = asyncio.ensure_future(closing_.run(Passage("http://c/"), asyncio.sleep(0, "answer")))
        own = asyncio.ensure_future(closing_.run(Passage("http://d/", sent=True), asyncio.sleep(60)))
        assert await done == "answer"
        closing_.begin()
        closing_.begin()
        with pytest.raises(CrawlStopped, match="http://a/"):
            await tasks[0]
        with pytest.raises(CrawlStopped):
            await closing_.run(Passage("http://e/"), asyncio.sleep(0))
        assert not tasks[1].done()
        own.cancel()
        with pytest.raises(asyncio.CancelledError):
            await own
        closing_.cut()
        with pytest.raises(CrawlStopped, match="http://b/"):
            await tasks[1]

    asyncio.run(main())
