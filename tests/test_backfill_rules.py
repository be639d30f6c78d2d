"""Where a walk goes from a document, and where it ends: pure rules, no corpus and no network."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from crawler.backfill import (
    MOST_DEPTH,
    MOST_INDEX_DEPTH,
    Bounds,
    Known,
    bounds_of,
    contents_of,
    paged_url,
    walked,
)
from crawler.box import Overrun
from crawler.config import SourceConfig
from crawler.feeds import FeedDocument, NestedSitemap, NotAFeed, parse_document
from crawler.messages import Answer, Missed, ReadArchive
from storage import DueArchive, Ending, Entry, FoundFeed, Outcome, Source, WalkedArchive

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://harbour.example/feed"
SOURCE = SourceConfig(Source("Harbour", "feed", URL))
FEED = DueArchive(1, "Harbour", 1, "feed", URL, "harbour.example")
SITEMAP = DueArchive(1, "Harbour", 1, "sitemap", "https://harbour.example/map.xml", "harbour.example")
OLD, NEW = Entry("old", "https://harbour.example/old", published=date(2019, 5, 1)), Entry(
    "new", "https://harbour.example/new", published=datetime(2025, 5, 1, 8, tzinfo=UTC)
)  # fmt: skip


def due(via: Any, depth: int = 1, url: str = "https://harbour.example/x", **more: Any) -> DueArchive:
    return DueArchive(2, "Harbour", 1, more.pop("kind", "feed"), url, "harbour.example", via, depth, **more)


def read(
    task: DueArchive,
    document: Any,
    *,
    since: date | None = None,
    until: date | None = None,
    sitemaps: tuple[str, ...] = (),
    repeated: bool = False,
    room: int = 100,
    source: SourceConfig = SOURCE,
) -> WalkedArchive:
    item = ReadArchive(task, Answer(task.url, 200, b"body"), document, sitemaps)
    return walked(task, item, source, bounds_of(source, since, until), Known(lambda _: repeated, room), NOW)


def missed(task: DueArchive, outcome: Outcome, asked_s: float | None = None) -> WalkedArchive:
    item = Missed(task, outcome, None, asked_s)
    return walked(task, item, SOURCE, Bounds(), Known(lambda _: False, 100), NOW)


def leads_to(walked: WalkedArchive) -> list[tuple[str, str]]:
    return [(found.via, found.url) for found in walked.found if found.outcome is None]


# --- where it goes ----------------------------------------------------------------------------------------------------


def test_p41_a_feed_leads_to_its_archives_and_its_next_page() -> None:
    document = FeedDocument(
        "atom10", entries=(NEW,), prev_archive="https://a.example/1", next_url="https://b.example/2"
    )
    assert leads_to(read(FEED, document, sitemaps=("https://harbour.example/map.xml",))) == [
        ("prev-archive", "https://a.example/1"),
        ("next", "https://b.example/2"),
    ]
    assert leads_to(read(FEED, FeedDocument("json11", next_url="https://b.example/2"))) == [
        ("next_url", "https://b.example/2")
    ]


def test_a_feed_without_archives_leads_to_the_sitemaps_of_its_site_else_to_its_second_page() -> None:
    document = FeedDocument("rss20", entries=(NEW,))
    assert leads_to(read(FEED, document, sitemaps=("https://harbour.example/map.xml",))) == [
        ("robots", "https://harbour.example/map.xml")
    ]
    assert leads_to(read(FEED, document)) == [("paged", f"{URL}?paged=2")]


def test_further_pages_are_numbered_on_and_only_of_feeds() -> None:
    third = due("paged", 2, f"{URL}?a=1&paged=3")
    assert leads_to(read(third, FeedDocument("rss20", entries=(OLD,)))) == [("paged", f"{URL}?a=1&paged=4")]
    assert leads_to(read(SITEMAP, FeedDocument("sitemap", entries=(OLD,)))) == []
    assert leads_to(read(due("index", kind="sitemap"), FeedDocument("sitemap", entries=(OLD,)))) == []
    assert leads_to(read(due("prev-archive"), FeedDocument("atom10", entries=(OLD,)))) == []


@pytest.mark.parametrize(
    ("url", "paged"),
    [
        ("https://a.example/feed/", "https://a.example/feed/?paged=2"),
        ("https://a.example/?feed=rss2&paged=7", "https://a.example/?feed=rss2&paged=2"),
        ("https://a.example/f?q=%20&x", "https://a.example/f?q=%20&x&paged=2"),
    ],
)
def test_the_number_of_a_page_is_put_into_the_address_and_nothing_else_is_changed(url: str, paged: str) -> None:
    assert paged_url(url, 2) == paged


def test_c8_an_index_leads_to_all_that_it_names_and_to_the_sitemaps_of_robots_txt() -> None:
    nested = tuple(NestedSitemap(f"https://harbour.example/{n}.xml", date(2026, 2, 1)) for n in range(80))
    document = FeedDocument("sitemap-index", nested=nested)
    found = read(SITEMAP, document, sitemaps=("https://harbour.example/0.xml", "https://harbour.example/r.xml")).found
    assert len(found) == 81
    assert (found[0].via, found[0].dated, found[80].via) == ("index", date(2026, 2, 1), "robots")
    assert len(read(SITEMAP, document, room=7).found) == 7


def test_c8_indexes_in_indexes_end_at_a_depth() -> None:
    document = FeedDocument("sitemap-index", nested=(NestedSitemap("https://harbour.example/n.xml"),))
    (found,) = read(due("index", MOST_INDEX_DEPTH, kind="sitemap"), document).found
    assert found.outcome == ("end", "too_deep")


def test_a_front_page_leads_to_its_feeds_and_to_the_sitemaps_of_its_site() -> None:
    site = DueArchive(1, "Harbour", 1, "site", "https://harbour.example/", "harbour.example")
    page = NotAFeed("html", "a page", (FoundFeed("https://harbour.example/f", "harbour.example"),))
    assert leads_to(read(site, page, sitemaps=("https://harbour.example/map.xml",))) == [
        ("link", "https://harbour.example/f"),
        ("robots", "https://harbour.example/map.xml"),
    ]
    assert read(site, NotAFeed("html", "a page")).status == "failed"
    assert read(FEED, page).status == "failed"


def test_a_front_page_that_leads_nowhere_says_what_it_lacks() -> None:
    walked = read(due("feed", 0, kind="site"), NotAFeed("html", "a page"))
    assert walked.outcome is not None
    assert walked.outcome.reason == "no_feed"
    assert "no feed and no sitemap" in walked.outcome.detail


def test_a_complete_feed_leads_nowhere_and_an_archive_never_changes() -> None:
    """RFC 5005 sections 2 and 4."""
    document = FeedDocument("atom10", complete=True, prev_archive="https://harbour.example/a", archive=True)
    assert read(FEED, document, sitemaps=("https://harbour.example/map.xml",)).found == ()
    assert read(FEED, document).fixed


@pytest.mark.parametrize("name", ["complete", "archive"])
@pytest.mark.parametrize("namespace", ["http://purl.org/syndication/history/1.0", "http://other.example/"])
def test_complete_and_archive_are_read_from_rss_and_atom_by_their_namespace(name: str, namespace: str) -> None:
    mark = f'<x:{name} xmlns:x="{namespace}"/>'
    for body in (
        f"<rss version='2.0'><channel><title>T</title>{mark}</channel></rss>",
        f"<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title>{mark}</feed>",
    ):
        document = parse_document(body.encode(), URL, None, now=NOW)
        assert isinstance(document, FeedDocument)
        assert getattr(document, name) is (namespace == "http://purl.org/syndication/history/1.0")
        assert not (document.complete and document.archive)


# --- where it ends ----------------------------------------------------------------------------------------------------


def test_a_document_that_names_the_pages_of_another_ends_its_chain() -> None:
    document = FeedDocument("atom10", entries=(OLD,), prev_archive="https://harbour.example/a")
    result = read(due("prev-archive"), document, repeated=True)
    assert (result.status, result.found) == ("repeated", ())
    assert read(FEED, document, repeated=True).status == "read"


def test_contents_are_the_pages_named_whatever_the_order_and_the_rest() -> None:
    one = FeedDocument("atom10", entries=(OLD, NEW), next_url="https://harbour.example/a")
    two = FeedDocument("rss20", title="Other", entries=(NEW, OLD))
    assert contents_of(one, b"1") == contents_of(two, b"2") != contents_of(FeedDocument("rss20", entries=(OLD,)), b"1")
    assert contents_of(FeedDocument("rss20"), b"1") != contents_of(FeedDocument("rss20"), b"2")


@pytest.mark.parametrize("reason", ["http_404", "http_410", "http_400"])
def test_the_page_after_the_last_is_the_end_and_no_failure(reason: str) -> None:
    assert missed(due("paged"), Outcome(Ending.GONE, reason)).status == "end"
    assert missed(due("prev-archive"), Outcome(Ending.GONE, reason)).status == "failed"


def test_a_further_page_that_is_no_feed_or_empty_is_the_end() -> None:
    assert read(due("paged"), NotAFeed("html", "a page")).status == "end"
    assert read(due("paged"), FeedDocument("rss20")).status == "end"


def test_a_chain_ends_at_a_depth() -> None:
    (found,) = read(due("next", MOST_DEPTH), FeedDocument("rss20", entries=(OLD,), next_url="https://a.example/")).found
    assert found.outcome == ("end", "too_deep")


def test_what_failed_in_passing_is_tried_three_times_and_a_server_that_asks_for_time_for_ever() -> None:
    busy, gone = Outcome(Ending.FAILED, "http_503"), Outcome(Ending.GONE, "http_404")
    assert missed(due("next"), gone).retry_at is None
    assert missed(due("next", attempts=1), busy).retry_at == NOW + timedelta(seconds=900)
    assert missed(due("next", attempts=2), busy).retry_at is None
    assert missed(due("next"), busy, 5.0).retry_at == NOW + timedelta(seconds=5)
    assert missed(due("next", attempts=9), busy, 5.0).retry_at == NOW + timedelta(seconds=900)
    assert missed(due("next"), Outcome(Ending.BLOCKED, "robots"), 5.0).retry_at is None


def test_a_document_that_costs_too_much_is_tried_again_when_the_machine_may_be_to_blame() -> None:
    assert read(due("next"), Overrun("parse_timeout", "8 s")).retry_at is not None
    assert read(due("next"), Overrun("parse_memory", "1 GiB")).retry_at is None


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        (Entry("k", None, published=date(2019, 12, 31)), "before"),
        (Entry("k", None, published=date(2020, 1, 1)), "within"),
        (Entry("k", None, published=datetime(2020, 12, 31, 23, 59, tzinfo=UTC)), "within"),
        (Entry("k", None, published=date(2021, 1, 1)), "after"),
        (Entry("k", None, updated=date(2019, 1, 1)), "before"),
        (Entry("k", None, updated=date(2022, 1, 1)), "within"),
        (Entry("k", None, published=date(2019, 1, 1), updated=date(2020, 5, 1)), "before"),
        (Entry("k", None), "within"),
    ],
)
def test_c9_bounds_go_by_publication_and_an_old_change_tells_of_age(entry: Entry, place: str) -> None:
    assert Bounds(date(2020, 1, 1), date(2021, 1, 1)).place(entry) == place
    assert Bounds().place(entry) == "within"


def test_c9_what_is_outside_is_left_and_told_by_its_date() -> None:
    result = read(FEED, FeedDocument("rss20", entries=(OLD, NEW)), since=date(2020, 1, 1), until=date(2025, 1, 1))
    assert (result.discoveries, result.entries) == ((), 2)
    assert (result.left_before, result.left_after, result.oldest) == (OLD.published, NEW.published, OLD.published)


def test_c9_the_since_of_the_source_holds_as_well_and_refuses_nothing_for_good() -> None:
    source = SourceConfig(Source("Harbour", "feed", URL), since=date(2024, 1, 1), drop=("/new",))
    result = read(FEED, FeedDocument("rss20", entries=(OLD, NEW)), since=date(2001, 1, 1), source=source)
    assert [(found.url, str(found.outcome)) for found in result.discoveries] == [(NEW.url, "rejected:filtered")]
    assert result.left_before == OLD.published


def test_c9_a_chain_ends_where_everything_is_too_old_and_says_from_where_it_would_go_on() -> None:
    document = FeedDocument("rss20", entries=(OLD,), next_url="https://harbour.example/2")
    (found,) = read(FEED, document, since=date(2020, 1, 1)).found
    assert (found.outcome, found.dated) == (("outside", "older"), OLD.published)
    edited = Entry("k", "https://harbour.example/k", published=date(2019, 6, 1), updated=date(2020, 2, 1))
    document = FeedDocument("rss20", entries=(OLD, edited), next_url="https://harbour.example/2")
    assert len(leads_to(read(FEED, document, since=date(2020, 1, 1)))) == 1
    undated = FeedDocument("rss20", entries=(Entry("k", None),), next_url="https://harbour.example/2")
    assert len(leads_to(read(FEED, undated, since=date(2020, 1, 1)))) == 1


def test_c9_sitemaps_that_changed_before_the_bounds_are_left() -> None:
    nested = (
        NestedSitemap("https://harbour.example/a", date(2019, 1, 1)),
        NestedSitemap("https://harbour.example/b", date(2020, 1, 1)),
        NestedSitemap("https://harbour.example/c"),
    )
    result = read(SITEMAP, FeedDocument("sitemap-index", nested=nested), since=date(2020, 1, 1))
    assert [found.outcome for found in result.found] == [("outside", "older"), None, None]
