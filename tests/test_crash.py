"""SIGKILL at any instant of a crawl: nothing that was acknowledged is lost, nothing is stored twice, all is resumed."""

from __future__ import annotations

import gzip
import os
import random
import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from newsroom import Newsroom, story

from storage import Ending, open_corpus

SITES, PAGES = 4, 12
COPIED = 2
"""Pages of each site that carry the text of another page of the site: they end as `same_article`."""


def publish(web: LocalWeb) -> tuple[list[str], set[str]]:
    """Feeds of a few sites, and the addresses of all pages that they name."""
    feeds, pages = [], set()
    for number in range(SITES):
        site = web.site(f"127.0.0.{number + 2}")
        named = []
        for page in range(PAGES):
            text = story(150, number * 100 + (page if page < PAGES - COPIED else 0))
            named.append(Item(site.page(f"/p{page}", article_page(f"Report {number} {page}", text)), f"Report {page}"))
        feeds.append(site.page("/feed", rss(named), content_type="application/rss+xml"))
        pages.update(item.url for item in named)
    return feeds, pages


def kill_after(newsroom: Newsroom, wait_s: float) -> bool:
    """Start a crawl and kill it, and it alone: its workers must notice. True when it was still running."""
    process = newsroom.start("crawl", "--all", start_new_session=True)
    try:
        process.wait(wait_s)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL


def ended(newsroom: Newsroom) -> set[str]:
    """Addresses whose outcome is on the disk."""
    if not newsroom.db.exists():
        return set()
    with closing(sqlite3.connect(f"file:{newsroom.db}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "outcomes" not in tables:
            return set()
        return {url for (url,) in connection.execute("SELECT url FROM pages WHERE outcome IS NOT NULL")}


def check_whole(newsroom: Newsroom) -> None:
    """At any instant: no article without its page's end, none half-written, validators never before entries."""
    if not newsroom.db.exists():
        return
    with closing(sqlite3.connect(f"file:{newsroom.db}?mode=ro", uri=True)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
        if "articles" not in tables:
            return
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        (orphans,) = connection.execute(
            "SELECT count(*) FROM articles WHERE id NOT IN "
            "(SELECT article_id FROM pages WHERE outcome = 'stored' AND article_id IS NOT NULL)"
        ).fetchone()
        (empty,) = connection.execute("SELECT count(*) FROM articles WHERE length(text) < 100").fetchone()
        (early,) = connection.execute(
            "SELECT count(*) FROM feeds WHERE body_hash IS NOT NULL AND id NOT IN (SELECT feed_id FROM entries)"
        ).fetchone()
        assert (orphans, empty, early) == (0, 0, 0)
        captures = connection.execute("SELECT captures.url, file, offset, length FROM captures").fetchall()
    for url, file, offset, length in captures:  # C14: the corpus points to no record that is not there
        member = (newsroom.folder / "cuttings.warc" / file).read_bytes()[offset : offset + length]
        assert f"WARC-Target-URI: {url}\r\n".encode() in gzip.decompress(member)


def check_finished(newsroom: Newsroom, pages: set[str]) -> None:
    """After the last crawl: every address once, with exactly one outcome, and every article once."""
    with open_corpus(newsroom.db) as corpus:
        totals = corpus.totals()
        assert dict(totals.outcomes) == {
            Ending.STORED: SITES * (PAGES - COPIED),
            Ending.SAME_ARTICLE: SITES * COPIED,
        }
        assert (totals.pages, totals.waiting, totals.unindexed) == (len(pages), 0, 0)
        assert totals.articles == SITES * (PAGES - COPIED)
        assert corpus.count("harbour") == totals.articles
    with closing(sqlite3.connect(newsroom.db)) as connection:
        visits = dict(
            connection.execute("SELECT url, count(*) FROM outcomes JOIN pages ON pages.id = page_id GROUP BY 1")
        )
        captured = dict(connection.execute("SELECT url, count(*) FROM captures GROUP BY 1"))
    assert visits == captured == dict.fromkeys(pages, 1)
    for file in (newsroom.folder / "cuttings.warc").iterdir():
        gzip.decompress(file.read_bytes())  # what a kill had torn is gone


def survive(web: LocalWeb, newsroom: Newsroom, kills: int, random_: random.Random, longest_s: float) -> int:
    """Kill a crawl so often at random points, then let it finish; gives how many kills met it running."""
    feeds, pages = publish(web)
    newsroom.subscribe(*feeds, delay=0.03)
    met = 0
    for _ in range(kills):
        met += kill_after(newsroom, random_.uniform(0.2, longest_s))
        check_whole(newsroom)
        done = ended(newsroom)
        web.clear()
        if done == pages:
            break
    newsroom.ok("crawl", "--all")
    fetched = Counter(f"http://{seen.host}:{web.port}{seen.path}" for seen in web.requests)
    assert not {url for url in done if fetched[url]}, "an acknowledged page was fetched again"
    check_finished(newsroom, pages)
    return met


def test_r1_c11_a_killed_crawl_loses_nothing_and_stores_nothing_twice(web: LocalWeb, newsroom: Newsroom) -> None:
    assert survive(web, newsroom, kills=4, random_=random.Random(7), longest_s=3.5) >= 2


@pytest.mark.soak
def test_r1_c11_two_hundred_kills(web: LocalWeb, tmp_path: Path) -> None:
    random_ = random.Random(2026)
    met = trials = 0
    while met < 200:
        folder = tmp_path / str(trials)
        folder.mkdir()
        web.clear()
        met += survive(web, Newsroom(folder), kills=4, random_=random_, longest_s=3.0)
        trials += 1
    print(f"{met} kills of running crawls in {trials} corpora; every one resumed to the same end")


def test_c15_a_second_crawl_is_refused_and_after_a_kill_the_next_starts_at_once(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    feeds, _ = publish(web)
    newsroom.subscribe(*feeds, delay=0.5)
    first = newsroom.start("crawl")
    try:
        web.wait_for(6, lambda seen: seen.path.startswith("/p"))
        message = newsroom.refused("crawl", status=1)
        assert "cuttings.db" in message
        assert str(first.pid) in message
        assert newsroom.run("status").returncode == 0
    finally:
        first.kill()
        first.communicate()
    began = time.monotonic()
    newsroom.ok("crawl", "--limit", "1")
    assert time.monotonic() - began < 20


def test_workers_of_a_killed_crawl_go_with_it(web: LocalWeb, newsroom: Newsroom) -> None:
    feeds, _ = publish(web)
    newsroom.subscribe(*feeds, delay=0.5)
    process = newsroom.start("crawl", start_new_session=True)
    web.wait_for(6, lambda seen: seen.path.startswith("/p"))
    session = process.pid
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 15
    while (left := [pid for pid in _processes() if _session_of(pid) == session]) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == []


def _processes() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdecimal()] if Path("/proc").exists() else []


def _session_of(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
