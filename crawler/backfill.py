"""What one document of a walk through a source's archives means: the pages it names, where the walk goes from there.

a feed              -> its archives (RFC 5005 prev-archive) and its next page (next, next_url)
                       it has neither: the sitemaps that the site's robots.txt names, else ?paged=2 of the feed
                       it says that it is complete: nothing
an archive, a page  -> the older one that it names, or the next ?paged
a sitemap index     -> the sitemaps that it names, newest first
a front page        -> the feeds that it declares
a sitemap or site that is subscribed: also the sitemaps that its robots.txt names

A chain ends where a document names the pages of another one (a loop, or a server that answers every page alike), where
everything is older than the bounds, and at a depth. What is left for the bounds is told by its date, so that a walk
with wider bounds finds it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from crawler import urls
from crawler.config import SourceConfig
from crawler.discoveries import discoveries_of, oldest_of
from crawler.feeds import FeedDocument, NestedSitemap, NotAFeed, body_hash
from crawler.filing import RETRY_WAITS_S
from crawler.messages import Missed, ReadArchive
from crawler.network.failures import retriable
from storage import (
    ArchiveStatus,
    ArchiveVia,
    DueArchive,
    Ending,
    Entry,
    FoundArchive,
    Outcome,
    SourceKind,
    WalkedArchive,
    moment_of,
)

MOST_DOCUMENTS = 1000
"""Documents that one backfill reads unless it is told otherwise: eighty years of monthly archives, or a quarter of an
hour at one request a second. The next backfill goes on."""

MOST_DEPTH = 5000
"""Documents of one chain: fifty thousand entries, ten a page, as WordPress serves them. More is a trap."""

MOST_INDEX_DEPTH = 3
"""Sitemap indexes in one another. The protocol forbids any nesting; plugins are seen to nest twice."""

MOST_KNOWN = 100_000
"""Documents that the walk of one source knows: two full sitemap indexes."""

MOST_TRIES = 3
"""Backfills in which a document fails for a passing reason before it counts as failed."""

NOTHING_OLDER = Outcome(
    Ending.FAILED, "no_feed", "its front page and robots.txt name no feed and no sitemap that could list older articles"
)

_CHAIN = frozenset({"prev-archive", "next", "next_url", "paged"})
_PAST_THE_END = frozenset({"http_404", "http_410", "http_400", "html", "empty"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """Days between which an entry was published, to be wanted: since the one, before the other."""

    since: date | None = None
    until: date | None = None

    def place(self, entry: Entry) -> Literal["before", "within", "after"]:
        """Where an entry lies. Without a date of publication, the last change tells that it is too old; nothing tells
        that it is too new, and what tells nothing is within."""
        told = entry.published or entry.updated
        if told is not None and self.since is not None and moment_of(told) < moment_of(self.since):
            return "before"
        if entry.published and self.until and moment_of(entry.published) >= moment_of(self.until):
            return "after"
        return "within"

    def ends_before(self, moment: date | None) -> bool:
        """Whether what is no newer than that is all too old."""
        return moment is not None and self.since is not None and moment_of(moment) < moment_of(self.since)


def bounds_of(source: SourceConfig, since: date | None, until: date | None) -> Bounds:
    """The bounds of a backfill of this source, whose own `since` holds as well."""
    return Bounds(oldest_of(source, since), until)


@dataclass(frozen=True, slots=True)
class Known:
    """What the corpus knows that bears on a document."""

    repeated: Callable[[str], bool]
    """Whether another document of the feed's walk had these contents."""
    room: int
    """Documents that the walk may still learn of."""


def walked(
    task: DueArchive, item: ReadArchive | Missed, source: SourceConfig, bounds: Bounds, known: Known, now: datetime
) -> WalkedArchive:
    """The record of one document of a walk, ready to be committed."""
    if isinstance(item, Missed):
        return _failed(task, item.outcome, item.http_status, item.retry_after_s, now)
    document = item.document
    if isinstance(document, FeedDocument):
        return _read(task, item, document, source, bounds, known, now)
    feeds = document.feeds if isinstance(document, NotAFeed) and task.kind == "site" else ()
    found = [_found(task, feed.url, "link", feed.kind, task.dated) for feed in feeds]
    found += _named_by_robots(task, item.sitemaps) if task.kind == "site" else []
    if not found:
        outcome = Outcome(Ending.FAILED, document.reason, document.detail)
        if task.kind == "site" and document.reason == "html":
            outcome = NOTHING_OLDER
        return _failed(task, outcome, item.answer.status, None, now)
    return WalkedArchive(
        archive_id=task.id,
        at=now,
        status="read",
        http_status=item.answer.status,
        size_bytes=len(item.answer.body),
        found=_distinct(found)[: known.room],
    )


def broken(task: DueArchive, outcome: Outcome, now: datetime) -> WalkedArchive:
    """The record of a document that met a fault of ours."""
    return WalkedArchive(task.id, now, "failed", outcome)


def _failed(
    task: DueArchive, outcome: Outcome, http_status: int | None, asked_s: float | None, now: datetime
) -> WalkedArchive:
    if task.via == "paged" and outcome.reason in _PAST_THE_END:
        return WalkedArchive(task.id, now, "end", outcome, http_status)
    retry_at = None
    tries_left = task.attempts + 1 < MOST_TRIES
    if asked_s is not None and retriable(outcome):  # a server that asks for time is not given up
        retry_at = now + timedelta(seconds=asked_s if tries_left else max(asked_s, RETRY_WAITS_S[0]))
    elif tries_left and (retriable(outcome) or outcome.reason == "parse_timeout"):
        retry_at = now + timedelta(seconds=RETRY_WAITS_S[0])
    return WalkedArchive(task.id, now, "failed", outcome, http_status, retry_at)


def _read(
    task: DueArchive,
    item: ReadArchive,
    document: FeedDocument,
    source: SourceConfig,
    bounds: Bounds,
    known: Known,
    now: datetime,
) -> WalkedArchive:
    contents = contents_of(document, item.answer.body)
    status, outcome = _status(task, document, contents, known)
    found = _followers(task, document, item.sitemaps, bounds) if status == "read" else []
    places = [(bounds.place(entry), entry) for entry in document.entries]
    within = tuple(entry for place, entry in places if place == "within")
    unaged = replace(source, since=None)  # the bounds have seen to that
    return WalkedArchive(
        archive_id=task.id,
        at=now,
        status=status,
        outcome=outcome,
        http_status=item.answer.status,
        contents=contents,
        fixed=document.archive,
        size_bytes=len(item.answer.body),
        entries=len(document.entries),
        oldest=_oldest(document.entries),
        left_before=_newest(entry for place, entry in places if place == "before"),
        left_after=_oldest(entry for place, entry in places if place == "after"),
        discoveries=tuple(discoveries_of(replace(document, entries=within), unaged, None)),
        found=_distinct(found)[: known.room],
    )


def _status(
    task: DueArchive, document: FeedDocument, contents: str, known: Known
) -> tuple[ArchiveStatus, Outcome | None]:
    if task.via == "paged" and not document.entries:
        return "end", Outcome(Ending.FAILED, "empty", "no entries")
    if task.via in _CHAIN and known.repeated(contents):
        return "repeated", Outcome(Ending.FAILED, detail="it names the same pages as another document")
    return "read", None


def contents_of(document: FeedDocument, body: bytes) -> str:
    """Equal for two documents that name the same pages, whatever else is in them; without entries, for equal bytes."""
    named = sorted({urls.identity(entry.url) if entry.url else entry.key for entry in document.entries})
    if not named:
        return body_hash(body)
    return hashlib.sha256("\n".join(named).encode("utf-8", "replace")).hexdigest()


def _followers(task: DueArchive, document: FeedDocument, sitemaps: Sequence[str], bounds: Bounds) -> list[FoundArchive]:
    """The documents that this one leads to; those that cannot be within the bounds say so."""
    found = [_nested(task, nested, bounds) for nested in document.nested]
    if document.complete:
        return found
    is_sitemap = "sitemap" in document.kind
    chain = [] if is_sitemap else _chain(task, document)
    if task.via in ("feed", "link") and not chain:
        found += _named_by_robots(task, sitemaps)
        if not found and not is_sitemap:
            chain = [_found(task, paged_url(task.url, 2), "paged")]
    # Every entry of what follows is older than every one of this document, by publication or by last change.
    dated = _oldest(document.entries) or task.dated
    is_over = bounds.ends_before(_newest(document.entries))
    for follower in chain:
        follower = replace(follower, dated=dated)
        if is_over:
            follower = replace(follower, outcome=("outside", "older"))
        found.append(follower if follower.depth <= MOST_DEPTH else replace(follower, outcome=("end", "too_deep")))
    return found


def _nested(task: DueArchive, nested: NestedSitemap, bounds: Bounds) -> FoundArchive:
    found = _found(task, nested.url, "index", "sitemap", nested.modified)
    if found.depth > MOST_INDEX_DEPTH:
        return replace(found, outcome=("end", "too_deep"))
    return replace(found, outcome=("outside", "older")) if bounds.ends_before(nested.modified) else found


def _chain(task: DueArchive, document: FeedDocument) -> list[FoundArchive]:
    links: list[tuple[str | None, ArchiveVia]] = [
        (document.prev_archive, "prev-archive"),
        (document.next_url, "next_url" if document.kind.startswith("json") else "next"),
        (paged_url(task.url, _page_of(task.url) + 1) if task.via == "paged" else None, "paged"),
    ]
    return [_found(task, url, via) for url, via in links if url]


def _named_by_robots(task: DueArchive, sitemaps: Sequence[str]) -> list[FoundArchive]:
    return [_found(task, url, "robots", "sitemap") for url in sitemaps]


def _found(
    task: DueArchive, url: str, via: ArchiveVia, kind: SourceKind = "feed", dated: date | None = None
) -> FoundArchive:
    address = urls.normalize(url) or ""
    return FoundArchive(address, urls.host(address) if address else "", via, task.depth + 1, kind, dated)


def _distinct(found: Iterable[FoundArchive]) -> tuple[FoundArchive, ...]:
    """Each address once, as it was first named; what can be no address is none."""
    first: dict[str, FoundArchive] = {}
    for one in found:
        if one.host:
            first.setdefault(one.url, one)
    return tuple(first.values())


def paged_url(url: str, number: int) -> str:
    """The address of a further page of a feed as WordPress numbers them."""
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if part and not part.startswith("paged=")]
    return urlunsplit(parts._replace(query="&".join([*kept, f"paged={number}"])))


def _page_of(url: str) -> int:
    numbers = [part[6:] for part in urlsplit(url).query.split("&") if part.startswith("paged=")]
    return int(numbers[0]) if numbers and numbers[0].isdecimal() and len(numbers[0]) < 10 else 1


def _newest(entries: Iterable[Entry]) -> date | None:
    """The newest date in the entries, of publication or of change."""
    dates = [day for entry in entries for day in (entry.published, entry.updated) if day is not None]
    return max(dates, key=moment_of, default=None)


def _oldest(entries: Iterable[Entry]) -> date | None:
    """The oldest date of publication, or of change where there is none."""
    dates = [day for entry in entries if (day := entry.published or entry.updated) is not None]
    return min(dates, key=moment_of, default=None)
