"""Sitemaps in live polling: every form is read, and what is new is taken, newest first, within bounds (C8, C9)."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from answers import Response
from feedmaker import Item, sitemap, sitemap_index
from localweb import LocalWeb
from newsroom import Newsroom, outcomes
from publishing import reports

from crawler.feeds import FeedDocument, parse_document
from crawler.feeds.document import NestedSitemap
from crawler.sitemap_bounds import FRESH, MOST_ENTRIES, MOST_UNDATED, NESTED_SITEMAPS, nested_to_poll, take
from storage import Entry, open_corpus

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
NONE: frozenset[str] = frozenset()


def entries(count: int, updated: date | None = None, step: timedelta = timedelta(0)) -> list[Entry]:
    return [
        Entry(f"k{n}", f"https://p.example/{n}", updated=None if updated is None else updated - n * step)
        for n in range(count)
    ]


def test_c9_a_live_poll_takes_what_is_fresh_newest_first() -> None:
    listed = entries(100, NOW - timedelta(hours=1), timedelta(days=1))
    taken = take(list(reversed(listed)), lambda _: NONE, NOW, is_first=True)
    assert [entry.key for entry in taken.entries] == [f"k{n}" for n in range(FRESH.days)]
    assert (len(taken.out), taken.left) == (70, ())


def test_c8_an_archive_without_dates_is_left_and_what_is_added_later_is_taken() -> None:
    listed = entries(20_000)
    first = take(listed, lambda _: NONE, NOW, is_first=True)
    assert len(first.entries) == MOST_UNDATED
    assert {first.entries[0].key, first.entries[-1].key} == {"k0", "k19999"}
    left = frozenset(first.left)
    assert len(left) == len(first.out) == 20_000 - MOST_UNDATED
    new = Entry("new", "https://p.example/new")
    second = take([*listed, new], left.intersection, NOW, is_first=False)
    assert len(second.entries) == MOST_UNDATED + 1
    assert second.entries[-1] == new
    assert second.left == ()


def test_c8_an_archive_whose_dates_are_all_today_is_bounded_too() -> None:
    taken = take(entries(20_000, NOW), lambda _: NONE, NOW, is_first=True)
    assert (len(taken.entries), len(taken.left)) == (MOST_ENTRIES, 20_000 - MOST_ENTRIES)


def test_since_is_the_only_bound_where_it_is_given() -> None:
    listed = [*entries(300), *(replace(entry, key="d" + entry.key) for entry in entries(2_000, NOW, timedelta(days=1)))]
    taken = take(listed, lambda _: NONE, NOW, is_first=True, since=date(2022, 1, 1))
    assert len(taken.entries) == 300 + (NOW.date() - date(2022, 1, 1)).days + 1
    assert taken.left == ()


def test_c8_of_an_index_those_that_may_list_something_new_are_polled() -> None:
    names = [
        f"https://p.example/sitemap-{year}-{month:02}.xml" for year in (2024, 2025, 2026) for month in range(1, 13)
    ]
    nested = [
        *(NestedSitemap(name) for name in names),
        NestedSitemap("https://p.example/old.xml", date(2020, 1, 1)),
        NestedSitemap("https://p.example/today.xml", NOW),
        NestedSitemap("https://p.example/posts.xml"),
        *(NestedSitemap(f"https://p.example/more-{n}.xml") for n in range(200)),
    ]
    polled = [one.url.rsplit("/", 1)[-1] for one in nested_to_poll(nested, NOW, None)]
    assert len(polled) == NESTED_SITEMAPS
    assert {"sitemap-2026-03.xml", "sitemap-2026-02.xml", "today.xml"} <= set(polled)
    assert not {"old.xml", "sitemap-2026-01.xml", "sitemap-2024-12.xml"} & set(polled)
    everything = nested_to_poll(nested[:38], NOW, date(2019, 1, 1))
    assert len(everything) == 38


def test_c8_a_sitemap_that_changes_on_the_last_day_of_all_is_one_of_them() -> None:
    last = NestedSitemap("https://a.example/last.xml", date(9999, 12, 31))
    assert nested_to_poll((last,), NOW, None) == (last,)


def test_p31_fields_of_news_sitemaps_are_kept_and_extensions_do_no_harm() -> None:
    body = """<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"
      xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"
      xmlns:video="http://www.google.com/schemas/sitemap-video/1.1"><url>
      <xhtml:link rel="alternate" hreflang="de" href="https://p.example/de/1"/>
      <video:video><video:title>Film</video:title><video:content_loc>https://p.example/v.mp4</video:content_loc></video:video>
      <image:image><image:loc>https://p.example/i.jpg</image:loc><image:title>Picture</image:title></image:image>
      <loc>https://p.example/1</loc><lastmod>2026-03-12T11:00:00Z</lastmod>
      <news:news><news:publication><news:name>P</news:name><news:language>pt-br</news:language></news:publication>
      <news:publication_date>2026-03-12</news:publication_date>
      <news:title>Rain &amp; wind</news:title></news:news></url></urlset>"""
    document = parse_document(body.encode(), "https://p.example/s", "text/html", expect="sitemap", now=NOW)
    assert isinstance(document, FeedDocument)
    (entry,) = document.entries
    assert (entry.url, entry.title, entry.language) == ("https://p.example/1", "Rain & wind", "pt-br")
    assert (entry.published, entry.updated) == (date(2026, 3, 12), datetime(2026, 3, 12, 11, tzinfo=UTC))
    assert entry.image == "https://p.example/i.jpg"


def test_c8_wrong_type_query_gzip_and_nested_indexes_lead_to_articles(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    packed = gzip.compress(sitemap(reports(site, 0, 1)).encode())
    one = site.add("/s.xml.gz", Response(packed, content_type="application/octet-stream"))
    two = site.page("/s?type=news&page=1", sitemap(reports(site, 2, 3), news=True), content_type="text/html")
    inner = site.page("/inner.xml", sitemap_index([one]), content_type="text/plain")
    index = site.page("/index", sitemap_index([inner, two]), content_type="text/html; charset=latin-1")
    newsroom.subscribe({"sitemap": index, "name": "Index"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 4}
    feeds = newsroom.json("status", "Index")["sources"][0]["feeds"]
    assert {feed["url"]: feed["via"] for feed in feeds} == {
        index: "source", inner: "index", two: "index", one: "index2",
    }  # fmt: skip


def test_c8_indexes_that_name_ever_new_indexes_end(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    for depth in range(6):
        site.page(f"/{depth}", sitemap_index([site.url(f"/{depth + 1}")]))
    newsroom.subscribe({"sitemap": site.url("/0")})
    newsroom.ok("crawl")
    assert [seen.path for seen in site.requests()] == ["/robots.txt", "/0", "/1", "/2"]


def test_c8_what_a_live_poll_leaves_is_counted_and_shown(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    new = reports(site, 0, 1, 2, published=datetime.now(UTC) - timedelta(hours=2))
    old = [Item(site.url(f"/old/{n}"), f"Old {n}", published=datetime(2019, 1, 1, tzinfo=UTC)) for n in range(5_000)]
    newsroom.subscribe({"sitemap": site.page("/sitemap.xml", sitemap([*old, *new], news=True)), "name": "Big"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 3}
    assert "5,000 older addresses" in newsroom.ok("status", "Big")
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().pages == 3
