"""The raw pages of articles as one WARC file, for web archives and for cutting them again elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Protocol

from storage import warc
from storage.answers import StoredArticle
from storage.errors import CaptureLost
from storage.model import Capture
from storage.records import text_record
from storage.versions import software

MOST_NAMED = 1_000
"""Articles without a raw page that are named; further ones are counted."""
_BATCH = 200
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://example.org/cuttings/export")


class RawRecords(Protocol):
    """What is needed of a `storage.Corpus`."""

    def captures(self, article_ids: Sequence[int]) -> Mapping[int, Capture]:
        """Where the raw pages of articles are."""

    def raw_record(self, capture: Capture) -> bytes:
        """The record of one."""


@dataclass(frozen=True, slots=True)
class WithoutRawPage:
    """An article that is missing in the file, and why."""

    article_id: int
    url: str
    why: str


@dataclass(frozen=True, slots=True)
class WarcCounts:
    """What came of the articles; pages and missing ones together are all of them."""

    pages: int
    missing: int
    named: tuple[WithoutRawPage, ...]
    """The first `MOST_NAMED` of the missing ones."""


def write_warc(
    articles: Iterable[StoredArticle],
    corpus: RawRecords,
    stream: IO[bytes],
    *,
    at: datetime | None = None,
    description: str = "",
    is_packed: bool = True,
) -> WarcCounts:
    """Write a `warcinfo` record, dated `at`, and the raw page of each article's current text: the record as the archive
    has it, a gzip member of its own, or the same unpacked.

    The same articles, time and description give the same bytes. An article whose raw page is not in the archive, or
    cannot be read there, is counted. A page belongs to one article, so none is written twice.
    """
    at, description = at or datetime.fromtimestamp(0, UTC), text_record(description) or ""
    record_id = uuid.uuid5(_NAMESPACE, f"{at.isoformat()} {description}")
    info = warc.info_member(at, software(), description=description, record_id=record_id)
    stream.write(info if is_packed else warc.unpacked(info))
    pages, missing, named, rows = 0, 0, list[WithoutRawPage](), iter(articles)
    while batch := [(article.id, article.url) for article in islice(rows, _BATCH)]:
        captures = corpus.captures([article_id for article_id, _ in batch])
        for article_id, url in batch:
            try:
                member = _member(corpus, captures.get(article_id))
            except CaptureLost as error:
                missing += 1
                if len(named) < MOST_NAMED:
                    named.append(WithoutRawPage(article_id, url, str(error)))
                continue
            stream.write(member if is_packed else warc.unpacked(member))
            pages += 1
    return WarcCounts(pages, missing, tuple(named))


def _member(corpus: RawRecords, capture: Capture | None) -> bytes:
    if capture is None:
        raise CaptureLost("the archive has no page of it")
    return corpus.raw_record(capture)
