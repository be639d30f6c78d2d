"""What the corpus promises about walks through archives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest
from contract.conftest import Opener
from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
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

from storage import (
    Corpus,
    CorpusReadOnly,
    DueArchive,
    Ending,
    Filing,
    FoundArchive,
    FoundFeed,
    Outcome,
    Polled,
    StorageError,
    WalkedArchive,
)

HARBOUR = {"Harbour"}
TOO_OLD = Outcome(Ending.REJECTED, "too_old")
BROKEN = Outcome(Ending.FAILED, "html", "an HTML page")


def begin(corpus: Corpus, since: date | None = None, until: date | None = None, **more: Any) -> None:
    corpus.begin_walk("Harbour", since, until, more.pop("at", NOW), **more)


def lease(corpus: Corpus, at: datetime = NOW, limit: int = 10, **more: Any) -> list[DueArchive]:
    return corpus.lease_archives(at, limit, LEASE_S, sources=more.pop("sources", HARBOUR), **more)


def walk(corpus: Corpus, archive: DueArchive, *found: Any, at: datetime = NOW, **more: Any) -> Polled:
    """File one document that named these pages and documents."""
    documents = tuple(one for one in found if isinstance(one, FoundArchive))
    pages = tuple(one for one in found if not isinstance(one, FoundArchive))
    status = more.pop("status", "read")
    with corpus.filing() as filing:
        return filing.add_archive(
            WalkedArchive(archive.id, at, status, discoveries=pages, found=documents, entries=len(pages), **more)
        )


def document(name: str, host: str = "harbour.example", **more: Any) -> FoundArchive:
    return FoundArchive(f"https://{host}/{name}", host, more.pop("via", "prev-archive"), more.pop("depth", 1), **more)


@pytest.fixture
def start(corpus: Corpus) -> DueArchive:
    """The feed of a source whose walk has begun."""
    subscribe(corpus)
    begin(corpus)
    (archive,) = lease(corpus)
    return archive


def test_p41_a_walk_begins_at_the_feeds_of_its_source(corpus: Corpus) -> None:
    subscribe(corpus, source(), source("Quay"))
    begin(corpus)
    (archive,) = lease(corpus)
    assert (archive.url, archive.via, archive.depth, archive.kind) == (
        "https://harbour.example/feed",
        "feed",
        0,
        "feed",
    )
    assert lease(corpus) == []
    assert corpus.open_archives(sources=HARBOUR) == 1
    assert lease(corpus, sources={"Quay"}) == []


def test_a_walk_begins_at_no_guess_that_held_no_feed_and_at_no_section(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    found = tuple(
        FoundFeed(f"https://{via}.example/feed", f"{via}.example", "site" if via == "section" else "feed", via)
        for via in ("path", "link", "section", "robots")
    )
    poll(corpus, lease_feed(corpus), found_feeds=found)
    for feed in corpus.lease_feeds(NOW, 10, LEASE_S):
        if feed.via in ("link", "section"):
            poll(corpus, feed)
        else:
            poll(corpus, feed, status="failed", reason="http_404")
    begin(corpus)
    assert {(one.host, one.kind) for one in lease(corpus)} == {("harbour.example", "site"), ("link.example", "feed")}


def test_p41_each_document_is_read_once_and_a_second_walk_finds_nothing(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, document("a"), document("b"), document("a"))
    for _ in range(2):
        (archive,) = lease(corpus)
        walk(corpus, archive, document("a"), document("b"))
    begin(corpus, at=NOW + HOUR)
    assert lease(corpus, NOW + HOUR) == []
    assert corpus.open_archives(sources=HARBOUR) == 0
    assert [row.status for row in corpus.archives(sources=HARBOUR)] == ["read"] * 3


def test_again_makes_all_due_but_what_never_changes(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, document("a"), contents="x")
    (archive,) = lease(corpus)
    walk(corpus, archive, contents="y", fixed=True)
    begin(corpus, again=True)
    assert [one.url for one in lease(corpus)] == [start.url]
    with corpus.filing() as filing:
        assert not filing.is_repeated(archive.id, "x")


def test_documents_of_many_hosts_are_given_out_at_once_and_the_newest_of_a_host_first(
    corpus: Corpus, start: DueArchive
) -> None:
    old, new = document("old", dated=date(2020, 1, 1)), document("new", dated=date(2022, 1, 1))
    walk(corpus, start, document("undated"), old, new, document("c", "cdn.example"))
    assert {one.url for one in lease(corpus)} == {new.url, "https://cdn.example/c"}
    assert lease(corpus, skip_hosts={"harbour.example", "cdn.example"}) == []
    assert [one.dated for one in lease(corpus)] == [date(2020, 1, 1)]
    assert [one.dated for one in lease(corpus)] == [None]
    assert lease(corpus, limit=1) == []


def test_a_killed_walk_goes_on_where_it_stopped(opened: Opener) -> None:
    corpus = opened(write=True)
    subscribe(corpus)
    begin(corpus)
    (start,) = lease(corpus)
    walk(corpus, start, document("a"))
    lease(corpus)
    corpus.close()
    again = opened(write=True)
    assert [one.url for one in lease(again)] == ["https://harbour.example/a"]


def test_a_document_and_what_it_names_are_committed_together_or_not_at_all(corpus: Corpus, start: DueArchive) -> None:
    walked = WalkedArchive(start.id, NOW, "read", discoveries=(discovery("p"),), found=(document("a"),))
    with pytest.raises(StorageError, match="no archive 99"), corpus.filing() as filing:
        _add_both(filing, walked)
    assert (corpus.totals().pages, len(corpus.archives(sources=HARBOUR))) == (0, 1)


def _add_both(filing: Filing, walked: WalkedArchive) -> None:
    """A good one, and one of another corpus."""
    filing.add_archive(walked)
    filing.add_archive(replace(walked, archive_id=99))


def test_a_failure_is_tried_again_when_it_is_due_or_by_the_next_walk(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, status="failed", outcome=BROKEN, retry_at=NOW + HOUR)
    assert lease(corpus) == []
    assert corpus.next_archive_due(sources=HARBOUR) == NOW + HOUR
    begin(corpus)
    (archive,) = lease(corpus)
    assert archive.attempts == 1
    walk(corpus, archive, status="failed", outcome=BROKEN)
    begin(corpus)
    assert lease(corpus) == []
    assert corpus.next_archive_due(sources=HARBOUR) is None
    (row,) = corpus.archives(sources=HARBOUR)
    assert (row.status, row.reason, row.detail, row.attempts, row.due) == ("failed", "html", "an HTML page", 2, None)


def test_a_released_document_is_due_later_and_was_not_tried(corpus: Corpus, start: DueArchive) -> None:
    with corpus.filing() as filing:
        filing.release_archive(start.id, NOW + HOUR)
    assert lease(corpus) == []
    assert [one.attempts for one in lease(corpus, NOW + HOUR)] == [0]


def test_c9_wider_bounds_open_what_was_left_and_nothing_else(corpus: Corpus, start: DueArchive) -> None:
    left = {"left_before": date(2020, 5, 31), "left_after": date(2023, 1, 1)}
    walk(corpus, start, document("older", dated=date(2019, 1, 1), outcome=("outside", "older")), **left)
    for since, until, opened in (
        (date(2020, 6, 1), date(2023, 1, 1), set()),
        (date(2020, 5, 31), date(2023, 1, 1), {start.url}),
        (date(2020, 6, 1), date(2023, 1, 2), {start.url}),
        (date(2019, 1, 2), date(2022, 1, 1), {start.url}),
    ):
        begin(corpus, since, until)
        leased = lease(corpus)
        assert {one.url for one in leased} == opened
        for archive in leased:
            walk(corpus, archive, **left)
    begin(corpus)
    assert [one.url for one in (*lease(corpus), *lease(corpus))] == [start.url, "https://harbour.example/older"]


def test_c9_narrower_bounds_leave_what_waits_from_a_wider_walk(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, document("a", dated=date(2020, 1, 1)))
    begin(corpus, date(2021, 1, 1))
    assert lease(corpus) == []
    begin(corpus)
    assert len(lease(corpus)) == 1


def test_the_same_contents_in_another_document_of_the_feed_are_a_repetition(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, document("a"), contents="x")
    (archive,) = lease(corpus)
    with corpus.filing() as filing:
        assert filing.is_repeated(archive.id, "x")
        assert not filing.is_repeated(archive.id, "y")
        assert not filing.is_repeated(start.id, "x")
        assert filing.count_archives("Harbour") == 2


def test_p40_pages_of_archives_go_the_way_of_those_of_polls(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    begin(corpus)
    (archive,) = lease(corpus)
    refused = discovery("v", outcome=Outcome(Ending.REJECTED, "filtered"))
    polled = walk(corpus, archive, discovery("a"), discovery("b", published=date(2020, 1, 1)), refused)
    assert (polled.entries, polled.new_entries, polled.new_pages) == (3, 2, 1)
    assert polled.refusals == (refused.outcome,)
    assert [page.url for page in lease_pages(corpus)] == ["https://harbour.example/a", "https://harbour.example/b"]


def test_pages_without_a_date_wait_with_their_archive(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, document("m", dated=date(2020, 1, 1)))
    (archive,) = lease(corpus)
    walk(corpus, archive, discovery("undated"), discovery("newer", published=date(2021, 1, 1)),
         discovery("older", published=date(2019, 1, 1)))  # fmt: skip
    assert [page.url.rpartition("/")[2] for page in lease_pages(corpus)] == ["newer", "undated", "older"]


def test_what_a_crawl_refused_as_too_old_is_queued_and_what_its_rules_refused_is_not(corpus: Corpus) -> None:
    filtered = Outcome(Ending.REJECTED, "filtered")
    discovered(corpus, discovery("old", outcome=TOO_OLD), discovery("video", outcome=filtered), discovery("read"))
    (page,) = lease_pages(corpus)
    end(corpus, page, Outcome(Ending.REJECTED, "too_old"))  # it was visited
    begin(corpus)
    (archive,) = lease(corpus)
    assert walk(corpus, archive, discovery("old"), discovery("video"), discovery("read")).new_pages == 1
    assert [page.url for page in lease_pages(corpus)] == ["https://harbour.example/old"]


def test_p36_an_id_that_stands_for_another_page_in_the_archive_keeps_both(corpus: Corpus) -> None:
    discovered(corpus, discovery("new", entry_key="7"))
    begin(corpus)
    (archive,) = lease(corpus)
    for _ in range(2):
        walk(corpus, archive, discovery("old", entry_key="7"))
    pages = {page.url: page.entry for page in lease_pages(corpus)}
    assert {url: entry.title for url, entry in pages.items() if entry} == {
        "https://harbour.example/new": "About new",
        "https://harbour.example/old": "About old",
    }


def test_p22_entries_of_archives_are_no_news_and_hide_no_gap(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"))
    before = corpus.status()
    begin(corpus)
    (archive,) = lease(corpus)
    walk(corpus, archive, discovery("b"), discovery("a"))
    assert [one.feeds for one in corpus.status()] == [one.feeds for one in before]
    keys = ["harbour.example/a", "harbour.example/b"]
    with corpus.filing() as filing:
        assert filing.known_pages(feed.id, keys) == 1
    feed = lease_feed(corpus, NOW + HOUR)
    assert poll(corpus, feed, discovery("b"), at=NOW + HOUR).new_entries == 1
    with corpus.filing() as filing:
        assert filing.known_pages(feed.id, keys) == 2
    assert poll(corpus, feed, discovery("b"), at=NOW + HOUR).new_entries == 0


def test_an_address_of_a_stored_article_is_no_new_page(corpus: Corpus, start: DueArchive) -> None:
    walk(corpus, start, discovery("a"), document("m"))
    file_article(corpus, lease_pages(corpus)[0])
    (archive,) = lease(corpus)
    assert walk(corpus, archive, discovery("a", entry_key="other")).new_pages == 0


def test_a_corpus_that_is_open_for_reading_walks_nothing(opened: Opener) -> None:
    subscribe(opened(write=True))
    reader = opened()
    with pytest.raises(CorpusReadOnly):
        reader.begin_walk("Harbour", None, None, NOW)
    with pytest.raises(CorpusReadOnly):
        lease(reader)
    assert reader.archives(sources=HARBOUR) == []
