"""The daemon over many deaths: parent or child, at random, for as long as it takes to crawl everything."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from contextlib import closing

import pytest
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from newsroom import Newsroom, story
from running import ask, eventually, lives, running

SITES, PAGES = 4, 30
DEATHS = 60


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc")
def test_r1_c15_random_deaths_of_daemon_and_crawl_lose_nothing_and_double_nothing(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    random_ = random.Random(2026)
    feeds, pages = [], set()
    for number in range(SITES):
        site = web.site(f"127.0.0.{number + 2}")
        named = [
            Item(site.page(f"/p{n}", article_page(f"Report {number} {n}", story(150, number * 100 + n))), f"{n}")
            for n in range(PAGES)
        ]
        feeds.append(site.page("/feed", rss(named), content_type="application/rss+xml"))
        pages.update(item.url for item in named)
    newsroom.subscribe(*feeds, delay=1.5)
    deaths: Counter[str] = Counter()
    while sum(deaths.values()) < DEATHS:
        with running(newsroom, "run", "--max-crawl", "20s") as daemon:
            time.sleep(random_.uniform(0.1, 6))
            crawls = daemon.children
            if crawls and random_.random() < 0.5:
                os.kill(crawls[0], signal.SIGKILL)
                deaths["crawl"] += 1
                daemon.says("SIGKILL")
                time.sleep(random_.uniform(0, 7))
                crawls = daemon.children
            deaths["daemon"] += 1
            daemon.stop(signal.SIGKILL)
            eventually(lambda found=crawls: not any(map(lives, found)), within_s=20)  # type: ignore[misc]
        if newsroom.db.exists():
            assert ask(newsroom.db, "PRAGMA integrity_check") == "ok"
    with running(newsroom, "run") as daemon:
        eventually(lambda: ask(newsroom.db, "SELECT count(*) FROM articles") == SITES * PAGES, within_s=300)
        assert daemon.stop() < 45
    with closing(sqlite3.connect(newsroom.db)) as connection:
        visits = dict(
            connection.execute("SELECT url, count(*) FROM outcomes JOIN pages ON pages.id = page_id GROUP BY 1")
        )
        polls = connection.execute("SELECT count(*) FROM feeds WHERE last_status = 'failed'").fetchone()[0]
    assert visits == dict.fromkeys(pages, 1)
    assert polls == 0
    print(f"{dict(deaths)}; every page once, in {ask(newsroom.db, 'SELECT count(*) FROM articles')} articles")
