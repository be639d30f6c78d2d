"""`cuttings backfill`: older items from archives and sitemaps, walked once, within bounds, whatever interrupts it."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from answers import Response, error, too_many
from conformance.passing import let_pass
from feedmaker import Item, article_page, atom, json_feed, rss, sitemap, sitemap_index
from localweb import LocalWeb, Site
from newsroom import Newsroom, adds_up, outcomes, story

ROOT = Path(__file__).parent.parent
ATOM, JSON, XML = "application/atom+xml", "application/feed+json", "application/xml"
HISTORY = 'xmlns:fh="http://purl.org/syndication/history/1.0"'


def month(number: int) -> datetime:
    """The first of a month, counted back from March 2024."""
    year, left = divmod(2024 * 12 + 2 - number, 12)
    return datetime(year, left + 1, 1, 8, tzinfo=UTC)


def publish(site: Site, number: int, count: int = 1) -> list[Item]:
    """Articles of the month that lies `number` months back."""
    named = []
    for part in range(count):
        title = f"Report {number} {part} of {site.host}"
        page = article_page(title, story(160, (number * 31 + part * 7 + int(site.host[-1]) * 1009) % 9973))
        url = site.page(f"/report-{number}-{part}", page)
        named.append(Item(url, title, guid=url, published=month(number)))
    return named


def link(rel: str, url: str, name: str = "link") -> str:
    return f'<{name} rel="{rel}" href="{url}"/>'


def archived(site: Site, months: int, *, fixed: bool = True) -> str:
    """An RFC 5005 archived feed: the feed of the current month and an archive document for each one before."""
    mark = f"<fh:archive {HISTORY}/>" if fixed else ""
    for number in range(months + 1):
        older = link("prev-archive", f"/archive/{number + 1}") if number < months else ""
        path = f"/archive/{number}" if number else "/feed"
        site.page(path, atom(publish(site, number), feed_xml=older + (mark if number else "")), content_type=ATOM)
    return site.url("/feed")


def documents(site: Site) -> list[str]:
    """The documents that were asked for, in order, without articles and robots.txt."""
    return [seen.target for seen in site.requests() if not seen.path.startswith(("/report", "/robots"))]


def ask(newsroom: Newsroom, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(newsroom.db)) as connection:
        return connection.execute(sql).fetchall()


# --- every kind of archive --------------------------------------------------------------------------------------------


def test_p41_archives_of_rfc_5005_are_walked_once(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 5), "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour")
    assert outcomes(report) == {"stored": 6}
    assert report["archives"] == {"read": 6}
    assert adds_up(report)
    assert documents(site) == ["/feed", *(f"/archive/{number}" for number in range(1, 6))]
    web.clear()
    assert newsroom.json("backfill", "Harbour")["archives"] == {}
    assert "nothing was left to read" in newsroom.ok("backfill", "Harbour")
    assert web.requests == []


def test_p41_next_pages_and_json_feeds_are_walked(web: LocalWeb, newsroom: Newsroom) -> None:
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    for number in range(4):
        older = link("next", f"/feed?page={number + 1}", "atom:link") if number < 3 else ""
        page = rss(publish(one, number), channel_xml=older)
        one.page(f"/feed?page={number}" if number else "/feed", page, content_type=XML)
        next_url = two.url(f"/json/{number + 1}") if number < 3 else None
        two.page(f"/json/{number}", json_feed(publish(two, number), next_url=next_url), content_type=JSON)
    newsroom.subscribe({"feed": one.url("/feed"), "name": "One"}, {"feed": two.url("/json/0"), "name": "Two"})
    assert outcomes(newsroom.json("backfill", "One", "Two")) == {"stored": 8}
    assert documents(one) == ["/feed", *(f"/feed?page={number}" for number in range(1, 4))]
    assert documents(two) == [f"/json/{number}" for number in range(4)]


def test_c8_every_sitemap_of_nested_indexes_is_read_newest_first(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    for number in range(60):
        site.page(f"/month-{number}.xml", sitemap(publish(site, number)), content_type="text/html")
    listed = [(site.url(f"/month-{number}.xml"), month(number)) for number in random.Random(3).sample(range(60), 60)]
    site.page("/deep.xml", index(listed), content_type=XML)
    newsroom.subscribe({"sitemap": site.page("/index.xml", sitemap_index([site.url("/deep.xml")])), "name": "Maps"})
    report = newsroom.json("backfill", "Maps", "--limit", "0")
    assert report["archives"] == {"read": 62}
    assert (report["pages"]["found"], report["pages"]["waiting_after"]) == (60, 60)
    assert documents(site) == ["/index.xml", "/deep.xml", *(f"/month-{number}.xml" for number in range(60))]


def index(listed: Sequence[tuple[str, datetime]]) -> str:
    """A sitemap index with dates."""
    rows = "".join(f"<sitemap><loc>{url}</loc><lastmod>{at:%Y-%m-%d}</lastmod></sitemap>" for url, at in listed)
    return f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</sitemapindex>'


def test_c8_indexes_that_name_ever_new_indexes_end_at_a_depth(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    site.fallback(lambda seen: Response(sitemap_index([site.url(f"{seen.path}x")]), content_type=XML))
    site.page("/robots.txt", "")
    newsroom.subscribe({"sitemap": site.url("/i"), "name": "Maps"})
    assert newsroom.json("backfill", "Maps")["archives"] == {"read": 4}
    assert documents(site) == ["/i", "/ix", "/ixx", "/ixxx"]


def test_sitemaps_that_robots_txt_names_are_read_where_the_feed_has_no_archives(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    site.robots(f"User-agent: *\nDisallow: /secret\nSitemap: {site.page('/map.xml', sitemap(publish(site, 3, 2)))}\n")
    newsroom.subscribe({"feed": site.page("/feed", rss(publish(site, 0))), "name": "Harbour"})
    assert outcomes(newsroom.json("backfill", "Harbour")) == {"stored": 3}
    assert documents(site) == ["/feed", "/map.xml"]


def test_a_site_leads_to_its_feeds_and_their_archives(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    archived(site, 2)
    site.page("/", '<html><head><link rel="alternate" type="application/atom+xml" href="/feed"></head><body>Hi</body>')
    newsroom.subscribe({"site": site.url("/"), "name": "Harbour"})
    assert outcomes(newsroom.json("backfill", "Harbour")) == {"stored": 3}
    assert documents(site) == ["/", "/feed", "/archive/1", "/archive/2"]


def test_pages_as_wordpress_numbers_them_are_read_to_the_last(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    site.page("/feed?a=b", rss(publish(site, 1)))
    for number in range(2, 5):
        site.page(f"/feed?a=b&paged={number}", rss(publish(site, number)))
    newsroom.subscribe({"feed": site.url("/feed?a=b"), "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour")
    assert outcomes(report) == {"stored": 4}
    assert report["archives"] == {"end": 1, "read": 4}
    assert report["failed_archives"] == []
    assert documents(site)[-1] == "/feed?a=b&paged=5"


def test_a_feed_that_says_that_it_is_complete_has_no_archive(web: LocalWeb, newsroom: Newsroom) -> None:
    """RFC 5005 section 2."""
    site = web.site("127.0.0.2")
    whole = rss(publish(site, 0), channel_xml=f"<fh:complete {HISTORY}/>" + link("next", "/more", "atom:link"))
    newsroom.subscribe({"feed": site.page("/feed", whole), "name": "Harbour"})
    assert newsroom.json("backfill", "Harbour")["archives"] == {"read": 1}


def test_archives_that_never_change_are_not_asked_for_again(web: LocalWeb, newsroom: Newsroom) -> None:
    """RFC 5005 section 4."""
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(
        {"feed": archived(one, 3), "name": "One"}, {"feed": archived(two, 3, fixed=False), "name": "Two"}
    )
    newsroom.ok("backfill", "One", "Two")
    web.clear()
    report = newsroom.json("backfill", "One", "Two", "--again")
    assert documents(one) == ["/feed"]
    assert len(documents(two)) == 4
    assert report["pages"]["found"] == 0


# --- hostile and broken -----------------------------------------------------------------------------------------------


def test_loops_and_servers_that_answer_every_page_alike_end_at_once(web: LocalWeb, newsroom: Newsroom) -> None:
    loop, alike, growing = (web.site(f"127.0.0.{number}") for number in (2, 3, 4))
    loop.page("/feed", rss(publish(loop, 0), channel_xml=link("next", "/b", "atom:link")))
    loop.page("/b", rss(publish(loop, 1), channel_xml=link("next", "/feed", "atom:link")))
    alike.page("/feed", rss(publish(alike, 0)))
    named = publish(growing, 0)
    growing.fallback(
        lambda seen: rss(named, channel_xml=link("next", f"{seen.path}x", "atom:link") + f"<x>{seen.path}</x>")
    )
    growing.page("/robots.txt", "")
    newsroom.subscribe(*({"feed": site.url("/feed"), "name": site.host} for site in (loop, alike, growing)))
    report = newsroom.json("backfill", *(site.host for site in (loop, alike, growing)))
    assert documents(loop) == ["/feed", "/b"]
    assert documents(alike) == ["/feed", "/feed?paged=2"]
    assert documents(growing) == ["/feed", "/feedx"]
    assert report["archives"] == {"read": 4, "repeated": 2}


def test_a_chain_without_end_stops_at_the_number_of_documents_and_goes_on_next_time(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    site.robots("")
    site.fallback(lambda seen: rss([Item(f"{site.url()}a{seen.path}", seen.path)],
                                   channel_xml=link("next", f"{seen.path}x", "atom:link")))  # fmt: skip
    newsroom.subscribe({"feed": site.url("/f"), "name": "Trap"})
    for length in (5, 10):
        report = newsroom.json("backfill", "Trap", "--documents", "5", "--limit", "0")
        assert (report["archives"], report["archives_waiting"]) == ({"read": 5}, 1)
        assert documents(site) == ["/f" + "x" * number for number in range(length)]
    assert "1 left for the next backfill" in newsroom.ok("backfill", "Trap", "--documents", "1", "--limit", "0")


def test_a_broken_archive_is_told_with_its_reason_and_the_others_are_read(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    paths = [f"/month-{number}.xml" for number in range(5)]
    for number, path in enumerate(paths):
        site.page(path, sitemap(publish(site, number)))
    site.page(paths[1], "<html><body>Sorry</body></html>")
    site.page(paths[2], "", status=404)
    site.page(paths[3], "\x00\x01 no document at all")
    newsroom.subscribe({"sitemap": site.page("/i.xml", sitemap_index([site.url(p) for p in paths])), "name": "Maps"})
    report = newsroom.json("backfill", "Maps")
    assert report["archives"] == {"failed": 3, "read": 3}
    assert {row["url"]: row["why"].split(":")[0] for row in report["failed_archives"]} == {
        site.url(paths[1]): "html",
        site.url(paths[2]): "http_404",
        site.url(paths[3]): "unknown",
    }
    assert outcomes(report) == {"stored": 2}
    web.clear()
    newsroom.ok("backfill", "Maps")
    assert web.requests == []


def test_archives_at_private_addresses_and_other_schemes_are_refused(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    one = link("prev-archive", f"http://10.0.0.1:{web.port}/a")
    newsroom.subscribe(
        {"feed": site.page("/feed", atom(publish(site, 0), feed_xml=one)), "name": "One"},
        {
            "feed": site.page("/file", atom(publish(site, 1), feed_xml=link("next", "file:///etc/passwd"))),
            "name": "Two",
        },
    )
    report = newsroom.json("backfill", "One", "Two")
    assert [(row["url"], row["why"].split(":")[0]) for row in report["failed_archives"]] == [
        (f"http://10.0.0.1:{web.port}/a", "private_address")
    ]
    assert not ask(newsroom, "SELECT * FROM archives WHERE url LIKE 'file%'")


def test_robots_txt_of_another_host_holds_for_archives_there(web: LocalWeb, newsroom: Newsroom) -> None:
    site, other = web.site("127.0.0.2"), web.site("127.0.0.3")
    other.robots("User-agent: *\nDisallow: /closed\n")
    older = other.page("/open", atom(publish(other, 1), feed_xml=link("prev-archive", "/closed")))
    newsroom.subscribe({"feed": site.page("/feed", atom(publish(site, 0), feed_xml=link("prev-archive", older))),
                        "name": "Harbour"})  # fmt: skip
    report = newsroom.json("backfill", "Harbour")
    assert outcomes(report) == {"stored": 2}
    assert [row["why"] for row in report["failed_archives"]] == ["robots"]
    assert documents(other) == ["/open"]


def test_p28_a_document_is_not_blamed_when_nothing_can_be_reached(newsroom: Newsroom) -> None:
    with LocalWeb() as web:
        one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
        newsroom.subscribe(
            {"feed": archived(one, 1), "name": "Harbour"},
            {"feed": two.page("/feed", rss(publish(two, 0)), content_type=XML), "name": "Gazette"},
        )
        newsroom.ok("crawl")
    report = newsroom.json("backfill", "Harbour")
    assert (report["archives"], report["archives_waiting"]) == ({}, 1)
    assert ask(newsroom, "SELECT attempts, status FROM archives") == [(0, None)]


def test_a_server_that_asks_for_time_gets_it_and_the_walk_goes_on_next_time(web: LocalWeb, newsroom: Newsroom) -> None:
    """P15"""
    site = web.site("127.0.0.2")
    feed = archived(site, 4)
    page = atom(publish(site, 2), feed_xml=link("prev-archive", "/archive/3"))
    site.script("/archive/2", [too_many("3600"), Response(page, content_type=ATOM)])
    newsroom.subscribe({"feed": feed, "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour")
    assert report["archives"] == {"later": 1, "read": 2}
    assert report["archives_waiting"] == 1
    assert documents(site) == ["/feed", "/archive/1", "/archive/2"]
    before = len(web.requests)
    newsroom.ok("backfill", "Harbour")
    assert len(web.requests) == before
    let_pass(newsroom.db, timedelta(hours=2))
    newsroom.ok("backfill", "Harbour")
    assert documents(site) == ["/feed", "/archive/1", "/archive/2", "/archive/2", "/archive/3", "/archive/4"]
    assert ask(newsroom, "SELECT count(*) FROM pages") == [(5,)]


def test_all_that_a_paused_server_has_waits_for_the_next_backfill(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    maps = [site.page(f"/m{number}", sitemap(publish(site, number))) for number in range(5)]
    site.script("/m1", [too_many("3600"), Response(sitemap(publish(site, 1)))])
    newsroom.subscribe({"sitemap": site.page("/i.xml", sitemap_index(maps)), "name": "Maps"})
    report = newsroom.json("backfill", "Maps", "--limit", "0")
    assert (report["archives"], report["archives_waiting"]) == ({"later": 1, "read": 2}, 4)
    let_pass(newsroom.db, timedelta(hours=2))
    report = newsroom.json("backfill", "Maps", "--limit", "0")
    assert (report["archives"], report["archives_waiting"]) == ({"read": 4}, 0)
    assert report["pages"]["waiting_after"] == 5


def test_a_short_pause_is_waited_for(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    feed = archived(site, 2)
    page = Response(atom(publish(site, 2)), content_type=ATOM)
    site.script("/archive/2", [too_many("1"), too_many("1"), page])
    newsroom.subscribe({"feed": feed, "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour")
    assert (report["archives"], report["archives_waiting"]) == ({"later": 2, "read": 3}, 0)
    assert outcomes(report) == {"stored": 3}


def test_a_document_that_fails_in_passing_is_tried_by_three_backfills(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    feed = archived(site, 1)
    site.add("/archive/1", error(500))
    newsroom.subscribe({"feed": feed, "name": "Harbour"})
    seen = [newsroom.json("backfill", "Harbour")["archives"] for _ in range(4)]
    assert seen == [{"read": 1, "later": 1}, {"later": 1}, {"failed": 1}, {}]
    assert len(site.requests("/archive/1")) == 3


# --- bounds -----------------------------------------------------------------------------------------------------------


def test_c9_since_and_until_bound_a_backfill_and_wider_bounds_find_the_rest(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 9), "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour", "--since", "2023-11", "--until", "2024-02")
    assert outcomes(report) == {"stored": 3}
    assert report["pages"]["found"] == 3
    assert len(documents(site)) == 6  # the first that is older than the bounds ends the walk
    web.clear()
    assert newsroom.json("backfill", "Harbour", "--since", "2023-12")["pages"]["found"] == 2
    assert documents(site) == ["/feed", "/archive/1"]
    web.clear()
    report = newsroom.json("backfill", "Harbour")
    assert report["pages"]["found"] == 5
    assert documents(site) == [f"/archive/{number}" for number in range(5, 10)]
    assert ask(newsroom, "SELECT outcome, count(*) FROM pages GROUP BY 1") == [("stored", 10)]
    web.clear()
    newsroom.ok("backfill", "Harbour", "--since", "2020")
    assert web.requests == []


def test_c9_sitemaps_of_months_outside_the_bounds_are_not_asked_for(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    listed = []
    for number in range(12):
        listed.append((site.page(f"/m{number}.xml", sitemap(publish(site, number))), month(number)))
    newsroom.subscribe({"sitemap": site.page("/i.xml", index(listed)), "name": "Maps"})
    newsroom.ok("backfill", "Maps", "--since", "2024", "--limit", "0")
    assert documents(site) == ["/i.xml", "/m0.xml", "/m1.xml", "/m2.xml"]
    web.clear()
    newsroom.ok("backfill", "Maps", "--since", "2023-11", "--limit", "0")
    assert documents(site) == ["/m3.xml", "/m4.xml"]


def test_c9_a_number_of_pages_bounds_a_backfill_newest_first(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 9), "name": "Harbour"})
    report = newsroom.json("backfill", "Harbour", "--limit", "3")
    assert outcomes(report) == {"stored": 3}
    assert adds_up(report)
    assert [seen.path for seen in site.requests() if seen.path.startswith("/report")] == [
        f"/report-{number}-0" for number in range(3)
    ]
    assert documents(site) == ["/feed", "/archive/1", "/archive/2"]
    assert outcomes(newsroom.json("backfill", "Harbour")) == {"stored": 7}


def test_rules_of_the_source_hold_for_what_a_backfill_finds(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 5), "name": "Harbour", "drop": ["report-1"], "since": "2023-12-01"})
    report = newsroom.json("backfill", "Harbour", "--since", "2020")
    assert outcomes(report) == {"stored": 3, "rejected": 1}
    assert report["reasons"] == {"rejected:filtered": 1}


def test_what_a_crawl_refused_as_too_old_is_queued_by_a_backfill_that_wants_it(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    feed = rss([*publish(site, 0), *publish(site, 9)])
    newsroom.subscribe({"feed": site.page("/feed", feed), "name": "Harbour"})
    assert outcomes(newsroom.json("crawl", "--since", "2024")) == {"rejected": 1, "stored": 1}
    assert outcomes(newsroom.json("backfill", "Harbour")) == {"stored": 1}


def test_bounds_between_which_nothing_lies_and_sources_that_are_none_are_refused(newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": "http://127.0.0.2:9/feed", "name": "Harbour"})
    assert "nothing lies between" in newsroom.refused(
        "backfill", "Harbour", "--since", "2024", "--until", "2023", status=2
    )
    assert "did you mean" in newsroom.refused("backfill", "Harbor", status=2)
    assert "SOURCE" in newsroom.refused("backfill", status=2)
    newsroom.subscribe({"feed": "http://127.0.0.2:9/feed", "name": "Harbour", "enabled": False})
    assert "enabled: false" in newsroom.refused("backfill", "Harbour", status=2)


# --- apart from polling -----------------------------------------------------------------------------------------------


def test_p22_a_backfill_leaves_polling_as_it_is_and_hides_no_gap(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    site.page("/feed", atom(publish(site, 20)), content_type=ATOM)
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Harbour"})
    newsroom.ok("crawl")
    state = "SELECT * FROM feeds"
    before = ask(newsroom, state)
    archived(site, 3)
    newsroom.ok("backfill", "Harbour")
    assert ask(newsroom, state) == before
    assert ask(newsroom, "SELECT count(*) FROM polls") == [(1,)]
    report = newsroom.json("crawl", "--all")
    assert (report["polls"], report["new_entries"], report["outcomes"]) == ({"new": 1}, 1, {})
    assert ask(newsroom, "SELECT flags FROM feeds") == [('["gap"]',)]


def test_p40_one_article_in_two_documents_is_one_page(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    named = [*publish(site, 1), *publish(site, 2)]
    site.page("/a", atom(named[1:], feed_xml=""))
    site.page("/feed", atom(named, feed_xml=link("prev-archive", "/a")))
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Harbour"})
    newsroom.ok("crawl")
    report = newsroom.json("backfill", "Harbour")
    assert (report["pages"]["found"], report["new_entries"]) == (0, 0)
    assert ask(newsroom, "SELECT count(*) FROM articles") == [(2,)]


def test_pages_of_a_walk_that_was_cut_short_are_fetched_by_the_next_crawl(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 3), "name": "Harbour"})
    newsroom.ok("backfill", "Harbour", "--limit", "0")
    web.clear()
    assert outcomes(newsroom.json("crawl")) == {"stored": 4}
    assert documents(site) == ["/feed"]


# --- interrupted ------------------------------------------------------------------------------------------------------


def test_p41_a_killed_walk_goes_on_where_it_stopped(web: LocalWeb, newsroom: Newsroom) -> None:
    """Each document is fetched once, but for the one that was in flight at each kill."""
    site, months, random_ = web.site("127.0.0.2"), 14, random.Random(5)
    newsroom.subscribe({"feed": archived(site, months, fixed=False), "name": "Harbour"}, delay=0.1)
    kills = 0
    for _ in range(4):
        process = newsroom.start("backfill", "Harbour")
        first = len(documents(site))
        web.wait_for(first + random_.randint(2, 3), lambda seen: seen.path in ("/feed",) or "archive" in seen.path)
        try:
            process.wait(random_.uniform(0.0, 0.25))
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            kills += 1
        process.communicate()
        (entries,) = ask(newsroom, "SELECT count(*) FROM entries")[0]
        assert ask(newsroom, "SELECT count(*) FROM archives WHERE status = 'read'") == [(entries,)]
    newsroom.ok("backfill", "Harbour")
    asked = Counter(documents(site))
    assert kills >= 3
    assert set(asked) == {"/feed", *(f"/archive/{number}" for number in range(1, months + 1))}
    assert asked.total() - len(asked) <= kills
    assert ask(newsroom, "SELECT outcome, count(*) FROM pages GROUP BY 1") == [("stored", months + 1)]
    assert ask(newsroom, "SELECT count(*), count(DISTINCT page_id) FROM outcomes") == [(months + 1, months + 1)]


def test_c15_a_backfill_beside_another_crawl_is_refused(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 5), "name": "Harbour"}, delay=0.5)
    first = newsroom.start("backfill", "Harbour")
    try:
        web.wait_for(3)
        assert str(first.pid) in newsroom.refused("backfill", "Harbour", status=1)
    finally:
        first.kill()
        first.communicate()


@pytest.mark.soak
def test_three_hundred_archives_stay_in_flat_memory(web: LocalWeb, newsroom: Newsroom) -> None:
    sites = [web.site(f"127.0.0.{number}") for number in range(2, 22)]
    body = "<p>" + "harbour ferry council " * 2000 + "</p>"
    maps = []
    for number in range(300):
        site = sites[number % len(sites)]
        named = [Item(site.url(f"/report-{number}-{n}"), f"{number} {n}", content_html=body) for n in range(20)]
        maps.append(site.page(f"/map-{number}", rss(named)))
    newsroom.subscribe({"sitemap": sites[0].page("/i.xml", sitemap_index(maps)), "name": "Maps"})
    process = newsroom.start("backfill", "Maps", "--limit", "0", "--json")
    early = _memory_at(web, process, 60)
    late = _memory_at(web, process, 290)
    out, _ = process.communicate(timeout=120)
    assert '"read": 301' in out
    assert late < early + 60, f"{early:.0f} MB after 60 documents of 0.9 MB, {late:.0f} MB after 290"


def _memory_at(web: LocalWeb, process: subprocess.Popen[str], count: int) -> float:
    """Memory of the crawling process, in MB, when so many documents were asked for."""
    web.wait_for(count, lambda seen: seen.path.startswith("/map"), timeout_s=120)
    for line in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise AssertionError("it has ended")


def test_scrapy_lists_and_runs_the_spider(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"feed": archived(site, 3), "name": "Harbour"})
    assert "backfill" in newsroom.scrapy("list", cwd=ROOT).stdout.split()
    options = ["-a", "source=Harbour", "-a", "since=2024-01-01", "-a", "limit=2"]
    done = newsroom.scrapy("crawl", "backfill", *options, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert ask(newsroom, "SELECT count(*) FROM articles") == [(2,)]
