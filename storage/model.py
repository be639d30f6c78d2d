"""The immutable types that pass between crawler and corpus: one type per hop, in the vocabulary of the product.

Times are aware UTC datetimes. A publication date is a `datetime` where the page gives a time and a plain `date`
where it gives a day only: a time of day is never invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

SourceKind = Literal["feed", "sitemap", "site"]
PollStatus = Literal["new", "not_modified", "same_bytes", "failed", "gone"]


class Ending(StrEnum):
    """The closed list of ways in which a URL can end."""

    STORED = "stored"
    REVISED = "revised"
    UNCHANGED = "unchanged"
    SAME_ARTICLE = "same_article"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    FAILED = "failed"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one visit to a URL ended. `reason` is a stable token (`too_short`, `robots`, `http_503`), `detail` prose."""

    ending: Ending
    reason: str | None = None
    detail: str | None = None

    def __str__(self) -> str:
        return f"{self.ending}:{self.reason}" if self.reason else str(self.ending)


@dataclass(frozen=True, slots=True)
class Source:
    """One subscription as the corpus keeps it; `url` identifies it, `name` is what people call it."""

    name: str
    kind: SourceKind
    url: str
    tags: tuple[str, ...] = ()
    language: str | None = None
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server gave to revalidate a document with, byte for byte (RFC 9110 section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class DueFeed:
    """A feed, sitemap or front page that is leased to be polled, with what the last polls taught."""

    id: int
    source: str
    kind: SourceKind
    url: str
    host: str
    validators: Validators | None = None
    validators_url: str | None = None
    body_hash: str | None = None
    interval_s: float | None = None
    last_poll: datetime | None = None
    failures: int = 0
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_count: int = 0
    learned: str | None = None
    """What the schedule learned of the feed's rhythm, in a form of its own."""
    last_status: PollStatus | None = None
    last_news: datetime | None = None
    """When a poll last brought an entry that was new."""
    last_whole: datetime | None = None
    """When the document last came whole: as a 200, whether its bytes were new or not."""
    last_lie: datetime | None = None
    """When the server was last found to have said "not modified" though something was."""
    via: str = "source"
    """How the feed is known: `source` (it is subscribed), `link`, `path`, `robots`, `index`, `index2`, `section`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed or sitemap, as its publisher wrote it. `key` is its id, else its link, else a hash."""

    key: str
    url: str | None
    title: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    updated: date | None = None
    summary: str | None = None
    """Plain text."""
    content: str | None = None
    """HTML, unsafe as it came."""
    language: str | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    flags: tuple[str, ...] = ()
    """What was odd about it: `future_date`, `no_date`, ..."""
    fingerprint: str | None = None
    """Changes when the entry is edited, and not with the numbers in it; None where nothing can tell."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """One entry and the page it names. `outcome` is set where the source's own rules refuse it unseen."""

    entry: Entry
    url: str
    key: str
    """The identity of the page: equal for every address of one article."""
    host: str
    """The politeness key of the page's server."""
    outcome: Outcome | None = None
    shape: str | None = None
    """The shape of the address, where the site's links are learned from."""


@dataclass(frozen=True, slots=True)
class FoundFeed:
    """A feed or sitemap that another document leads to: a front page, robots.txt, a sitemap index."""

    url: str
    host: str
    kind: SourceKind = "feed"
    via: str = "link"
    """How it was found: `link`, `path`, `robots`, `index`, `index2`, `section`."""


@dataclass(frozen=True, slots=True)
class Move:
    """A subscription goes to another address for good."""

    to_url: str
    host: str
    """The politeness key of the new address."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll of a feed brought, and when the next one is due."""

    feed_id: int
    at: datetime
    status: PollStatus
    next_poll: datetime | None
    """None: never again by itself (410 Gone)."""
    interval_s: float
    failures: int = 0
    http_status: int | None = None
    reason: str | None = None
    detail: str | None = None
    validators: Validators | None = None
    """Replaces the stored ones, None clears them; on `failed` the stored ones stay."""
    validators_url: str | None = None
    body_hash: str | None = None
    title: str | None = None
    document_kind: str | None = None
    """`rss20`, `atom10`, `json`, `sitemap`, ..."""
    flags: tuple[str, ...] = ()
    moved_to: str | None = None
    moved_since: datetime | None = None
    moved_count: int = 0
    size_bytes: int = 0
    discoveries: tuple[Discovery, ...] = ()
    found_feeds: tuple[FoundFeed, ...] = ()
    why: str | None = None
    """Why the next poll is due when it is, in words for people."""
    learned: str | None = None
    """Replaces what the schedule had learned; None keeps it."""
    news_expected: datetime | None = None
    """A feed without news until then has fallen silent against its own rhythm; None: too little is known."""
    gap: bool = False
    """Entries may have been missed between this poll and the one before."""
    lied: bool = False
    """The server had said that nothing changed, and an unconditional request showed that something had."""
    move: Move | None = None
    """The subscription moves with this poll."""
    left: tuple[str, ...] = ()
    """Keys of entries that this poll leaves to a backfill; `Filing.left` knows them at the next."""
    left_out: int | None = None
    """How many entries the document lists that were left to a backfill; None: it was not read."""
    guess_missed: bool = False
    """A usual place was asked for a feed and has none: no failure of the source."""
    wakes_site: bool = False
    """The last feed of a site failed or is gone: its front page is polled again at once, whole."""


@dataclass(frozen=True, slots=True)
class Polled:
    """What committing a poll changed."""

    entries: int
    new_entries: int
    new_pages: int
    """Pages that joined the frontier."""
    refusals: tuple[Outcome, ...] = ()
    """Outcomes of pages that are new but ended at once: refused by the source's rules, or known by an alias."""

    @property
    def refused(self) -> int:
        """Pages that were new and ended unseen."""
        return len(self.refusals)


@dataclass(frozen=True, slots=True)
class DuePage:
    """A page that is leased to be fetched, with the entry that named it last."""

    id: int
    url: str
    key: str
    host: str
    source: str
    attempts: int = 0
    entry: Entry | None = None
    article_id: int | None = None
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """One finished attempt at a page: what the server said and when the page is due again, if ever."""

    page_id: int
    at: datetime
    outcome: Outcome
    final_url: str | None = None
    http_status: int | None = None
    size_bytes: int | None = None
    retry_at: datetime | None = None
    validators: Validators | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """An address that leads to an article. `via` says how it is known: page, redirect, canonical, og:url, amphtml."""

    url: str
    key: str
    via: str


@dataclass(frozen=True, slots=True)
class Article:
    """What was cut out of a page."""

    title: str | None
    text: str
    html: str
    url: str | None = None
    authors: tuple[str, ...] = ()
    published: date | None = None
    updated: date | None = None
    language: str | None = None
    site: str | None = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    image: str | None = None
    canonical: str | None = None
    addresses: tuple[tuple[str, str], ...] = ()
    """(via, url) pairs that the page itself claims: canonical, og:url, amphtml."""
    syndicated_from: str | None = None
    section: str | None = None
    """The part of the paper that it belongs to, as the page calls it."""
    licence: str | None = None
    """The terms of reuse that the page declares: an address, else words."""
    free: bool | None = None
    """Whether the page says that everybody may read all of it; None where it says nothing."""
    word_count: int = 0
    content_hash: str = ""
    """SHA-256 of the folded text: equal for texts that differ in case and white space only."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Field name to the rule that gave it: `published` -> `json-ld`, `text` -> the extractor and its version."""
    runners_up: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Field name to (rule, value) of what other rules gave, where that differs from the field: the best first."""


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """What the pages of one host repeat, learned from those that were filed: the chrome of its theme."""

    pages: int = 0
    """Pages that taught it."""
    blocks: Mapping[int, int] = field(default_factory=dict)
    """Fingerprint of a block of text to the number of those pages that had it; only what is repeated."""


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer of a server as it came over the wire, for the archive and from it."""

    url: str
    """The address that answered."""
    at: datetime
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    """Name and value, one character a byte (latin-1), in their order and repeated as they were."""
    body: bytes = field(default=b"", repr=False)
    """With its content codings, if it had any."""
    reason: str = ""
    version: str = "HTTP/1.1"
    address: str | None = None
    """The IP address that was asked."""

    def header(self, name: str) -> str | None:
        """The first header of that name, given in lower case."""
        return next((value for known, value in self.headers if known.lower() == name), None)


@dataclass(frozen=True, slots=True)
class Capture:
    """One answer of a server as the archive keeps it: the WARC file, and the record's place in it."""

    url: str
    """The address that answered."""
    at: datetime
    file: str
    """Name of the WARC file in the archive's folder."""
    offset: int
    """Of the record's gzip member, in bytes; `length` is the member's."""
    length: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """A page that holds no article for us; the reason is one of the outcomes' closed list."""

    reason: str
    detail: str | None = None

    @property
    def ending(self) -> Ending:
        """How a URL with such a page ends: blocked, where the page keeps its article from us (a paywall or a browser
        check that was served as a page), else rejected."""
        return Ending.BLOCKED if self.reason in _WALLS else Ending.REJECTED


_WALLS = frozenset({"paywall", "challenge"})


@dataclass(frozen=True, slots=True)
class Match:
    """A stored article that a cut may be another copy of. `by` is `address` or `content`."""

    article_id: int
    by: Literal["address", "content"]
    content_hash: str
    title: str | None
    page_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StandingText:
    """The current text of an article, as far as another text of it is to be placed before or behind it."""

    article_id: int
    fetched: datetime
    published: date | None
    updated: date | None
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class BroughtPage:
    """A page that a row of a file names, with what the corpus has of it."""

    page: DuePage
    text: StandingText | None = None
    """Of the article whose page it is; None where it has none."""
    is_other_address: bool = False
    """It is known to be another address of an article, and no page of its own."""
    due: datetime | None = None
    """When the page of an article would have been fetched again."""


@dataclass(frozen=True, slots=True)
class Host:
    """What is remembered of one server between crawls."""

    host: str
    paused_until: datetime | None = None
    robots_status: int | None = None
    """HTTP status of the last robots.txt answer; None: unreachable or never asked."""
    robots_body: bytes | None = None
    robots_fetched: datetime | None = None
