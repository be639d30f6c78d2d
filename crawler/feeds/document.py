"""What reading a polled document gives: the document, or the reason why it is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from storage import Entry, FoundFeed


@dataclass(frozen=True, slots=True)
class NestedSitemap:
    """A sitemap that a sitemap index names, and when the index says that it changed."""

    url: str
    modified: date | None = None


@dataclass(frozen=True, slots=True)
class Hints:
    """How often the publisher asks to be polled: RSS `ttl`, `skipHours`, `skipDays`, and `sy:updatePeriod`."""

    ttl_s: float | None = None
    skip_hours: frozenset[int] = frozenset()
    """Hours of the day, GMT, 0 to 23."""
    skip_days: frozenset[int] = frozenset()
    """Days of the week, GMT, Monday is 0 as in `datetime.weekday()`."""
    update_period_s: float | None = None


@dataclass(frozen=True, slots=True)
class FeedDocument:
    """A feed or sitemap as its publisher wrote it, every address absolute and http(s).

    `kind` is `rss090`, `rss091`, `rss092`, `rss093`, `rss094`, `rss10`, `rss20`, `rss`, `atom03`, `atom10`, `atom`,
    `cdf`, `json10`, `json11`, `sitemap`, `news-sitemap`, `sitemap-index` or `sitemap-text`.
    """

    kind: str
    title: str | None = None
    link: str | None = None
    """The site that the feed belongs to."""
    language: str | None = None
    entries: tuple[Entry, ...] = ()
    hints: Hints = Hints()
    hub: str | None = None
    """WebSub hub."""
    self_url: str | None = None
    next_url: str | None = None
    """The next older page: RFC 5005 section 3 `next`, JSON Feed `next_url`."""
    prev_archive: str | None = None
    """The next older archive: RFC 5005 section 4."""
    complete: bool = False
    """It is the whole feed, so there are no archives of it (RFC 5005 section 2, `fh:complete`)."""
    archive: bool = False
    """It is an archive document, which never changes (RFC 5005 section 4, `fh:archive`)."""
    nested: tuple[NestedSitemap, ...] = ()
    """What a sitemap index names, newest first."""
    flags: tuple[str, ...] = ()
    """What was odd about the document, sorted: `recovered_xml`, `mislabelled_charset`, `served_as_html`, ..."""

    @property
    def ttl_s(self) -> float | None:
        return self.hints.ttl_s

    @property
    def skip_hours(self) -> frozenset[int]:
        return self.hints.skip_hours

    @property
    def skip_days(self) -> frozenset[int]:
        return self.hints.skip_days

    @property
    def update_period_s(self) -> float | None:
        return self.hints.update_period_s


@dataclass(frozen=True, slots=True)
class NotAFeed:
    """What stands at the address is no feed. `reason` is one of `empty`, `html`, `challenge`, `too_large`, `broken`
    and `unknown`; `detail` is one line for people; `feeds` are those that the page links to."""

    reason: str
    detail: str
    feeds: tuple[FoundFeed, ...] = ()


def body_hash(body: bytes) -> str:
    """The identity of a document as it came over the wire: the SHA-256 of its bytes, in hex."""
    return hashlib.sha256(body).hexdigest()
