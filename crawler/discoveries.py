"""Which pages the entries of a document name, and which of those a source's own rules refuse unseen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import re2

from crawler import urls
from crawler.config import SourceConfig
from crawler.feeds import FeedDocument
from crawler.urls.shapes import shape
from storage import Discovery, Ending, Entry, Outcome, moment_of


def discoveries_of(document: FeedDocument, source: SourceConfig, since: date | None) -> Iterator[Discovery]:
    """The entries that name a page, each with that page; `outcome` where the rules of the source refuse it."""
    oldest = oldest_of(source, since)
    learns = source.source.kind == "site"
    keep, drop = _patterns(source.keep), _patterns(source.drop)
    for entry in document.entries:
        address = urls.normalize(entry.url) if entry.url else None
        if address is None:
            continue
        outcome = _refused_by_age(entry, oldest) or _refused_by_pattern(entry, address, keep, drop)
        yield Discovery(
            entry, address, urls.identity(address), urls.host(address), outcome, shape(address) if learns else None
        )


def oldest_of(source: SourceConfig, since: date | None) -> date | None:
    """The day before which entries are too old, by the source and by this crawl; None: there is none."""
    return max((day for day in (source.since, since) if day is not None), default=None)


def _patterns(patterns: Sequence[str]) -> list[re2._Regexp[str]]:
    return [re2.compile(pattern) for pattern in patterns]


def _refused_by_age(entry: Entry, oldest: date | None) -> Outcome | None:
    if oldest is None or entry.published is None or moment_of(entry.published) >= moment_of(oldest):
        return None
    return Outcome(Ending.REJECTED, "too_old", f"published {entry.published:%Y-%m-%d}, before {oldest:%Y-%m-%d}")


def _refused_by_pattern(
    entry: Entry, address: str, keep: list[re2._Regexp[str]], drop: list[re2._Regexp[str]]
) -> Outcome | None:
    subjects = (address, entry.title or "")
    for pattern in drop:
        if any(pattern.search(subject) for subject in subjects):
            return Outcome(Ending.REJECTED, "filtered", f"drop: {pattern.pattern}")
    if keep and not any(pattern.search(subject) for pattern in keep for subject in subjects):
        return Outcome(Ending.REJECTED, "filtered", "no keep pattern matches")
    return None
