"""The raw pages of a search as a WARC file: read by others, and by a second corpus; what is missing is named."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from fastwarc.warc import ArchiveIterator as FastIterator
from newsroom import Newsroom
from pressroom import CORRECTED, copied, titled
from warcio.archiveiterator import ArchiveIterator

from storage import Capture, CaptureLost, RawAnswer, StoredArticle, open_corpus, write_warc
from storage.exports.warc import MOST_NAMED
from storage.warc import answer_member


@pytest.fixture
def room(press_db: Path, tmp_path: Path) -> Newsroom:
    """A corpus with its archive; the current text of one article came without a page."""
    copied(press_db, tmp_path)
    (tmp_path / "cuttings.warc").symlink_to(press_db.parent / "cuttings.warc")
    return Newsroom(tmp_path)


def read_by_warcio(data: bytes) -> list[tuple[str, str | None, bytes]]:
    records = ArchiveIterator(io.BytesIO(data), check_digests="raise")
    return [(each.rec_type, each.rec_headers.get("WARC-Target-URI"), each.raw_stream.read()) for each in records]


@pytest.mark.xdist_group("press")
def test_the_raw_pages_of_a_search_are_read_by_other_tools(room: Newsroom) -> None:
    told = room.run("export", "-o", "all.warc.gz").stderr
    packed = (room.folder / "all.warc.gz").read_bytes()
    with open_corpus(room.db) as corpus:
        articles = list(corpus.articles())
        corrected = titled(corpus, CORRECTED)
    assert f"{len(articles) - 1} pages written to all.warc.gz" in told
    assert f"1 article has no raw page and is missing:\n  {corrected.id} {corrected.url}: " in told
    records = read_by_warcio(packed)
    assert [kind for kind, _, _ in records] == ["warcinfo"] + ["response"] * (len(articles) - 1)
    pages = [url for _, url, _ in records[1:]]
    assert len(set(pages)) == len(pages), "a page comes once"
    assert all({url} & {*article.urls} for url, article in zip(pages, articles_with(articles, corrected), strict=True))
    fast = [each.headers.get("WARC-Target-URI") for each in FastIterator(io.BytesIO(packed), parse_http=False)]
    assert fast[1:] == pages
    room.ok("-q", "export", "--format", "warc", "-o", "plain.warc")
    assert (room.folder / "plain.warc").read_bytes() == gzip.decompress(packed)
    room.ok("export", "-o", "again.warc.gz")
    assert (room.folder / "again.warc.gz").read_bytes() == packed


def articles_with(articles: list[StoredArticle], without: StoredArticle) -> list[StoredArticle]:
    return [article for article in articles if article.id != without.id]


@pytest.mark.xdist_group("press")
def test_a_second_corpus_cuts_the_same_articles_from_them(room: Newsroom) -> None:
    room.ok("export", "--language", "en", "-o", "pages.warc.gz")
    room.ok("--db", "other.db", "crawl", "--warc", "pages.warc.gz")
    with open_corpus(room.db) as corpus, open_corpus(room.folder / "other.db") as other:
        wanted = articles_with(list(corpus.articles("language:en")), titled(corpus, CORRECTED))
        assert {(each.url, each.title, each.text) for each in other.articles()} == {
            (each.url, each.title, each.text) for each in wanted
        }


@pytest.mark.xdist_group("press")
def test_what_the_archive_lost_is_missing_and_named_by_its_place(room: Newsroom) -> None:
    (room.folder / "cuttings.warc").unlink()
    told = room.run("-q", "export", "-o", "none.warc.gz").stderr
    assert "30 articles have no raw page and are missing:" in told
    assert "byte " in told
    assert "and 20 more" in told
    assert [kind for kind, _, _ in read_by_warcio((room.folder / "none.warc.gz").read_bytes())] == ["warcinfo"]


class Lost:
    """An archive of which nothing is left."""

    def captures(self, article_ids: Sequence[int]) -> Mapping[int, Capture]:
        return {}

    def raw_record(self, capture: Capture) -> bytes:
        raise CaptureLost("gone")


def test_without_end_of_missing_pages_some_are_named_and_all_counted() -> None:
    from test_export import ARTICLE

    counts = write_warc((ARTICLE for _ in range(MOST_NAMED + 5)), Lost(), io.BytesIO(), description="a\r\nb: \ud800")
    assert (counts.pages, counts.missing, len(counts.named)) == (0, MOST_NAMED + 5, MOST_NAMED)


def test_memory_stays_flat_however_many_pages_there_are() -> None:
    from test_export import ARTICLE, NOON

    headers = (("Content-Encoding", "br"),)
    member = answer_member(RawAnswer(ARTICLE.url, NOON, 200, headers, os.urandom(50_000)))

    class Kept(Lost):
        def captures(self, article_ids: Sequence[int]) -> Mapping[int, Capture]:
            return {number: Capture(ARTICLE.url, NOON, "a.warc.gz", number, len(member)) for number in article_ids}

        def raw_record(self, capture: Capture) -> bytes:
            return bytes(bytearray(member))  # another object each time

    with open(os.devnull, "wb") as sink:
        write_warc((replace(ARTICLE, id=number) for number in range(10)), Kept(), sink)
        tracemalloc.start()
        counts = write_warc((replace(ARTICLE, id=number) for number in range(2_000)), Kept(), sink)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (counts.pages, counts.missing) == (2_000, 0)
    assert peak < 1 << 20, peak
