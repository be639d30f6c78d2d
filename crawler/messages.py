"""What travels inside a crawl: one immutable type for each hop from a lease to the corpus.

DueFeed -> Answer -> PolledFeed -> Poll           (or Missed -> Poll)
DueArchive -> Answer -> ReadArchive -> WalkedArchive
DuePage -> Answer -> CutPage    -> Article, Visit (or Missed -> Visit)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from storage import Article, DueArchive, DueFeed, DuePage, Lesson, Outcome, RawAnswer, Rejected

if TYPE_CHECKING:
    from crawler.box import Overrun
    from crawler.feeds import FeedDocument, NotAFeed
    from crawler.front_page import FrontPage

Task = DueFeed | DuePage | DueArchive
"""What the desk leases."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, after redirects."""

    url: str
    """The address that answered."""
    status: int | None
    """None where nothing was fetched because the feed itself carried the text."""
    body: bytes = b""
    content_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Lower-case name to value; of repeated headers the first."""
    redirects: tuple[tuple[int, str], ...] = ()
    """(status, address that redirected), in order; a refresh in the page counts as 302."""
    raw: RawAnswer | None = None
    """As it came over the wire, where it is for the archive."""


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page's bytes, on the way into the box."""

    page: DuePage
    answer: Answer
    refreshes: int = 0
    """Times that the page itself said to go elsewhere."""


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed's bytes, on the way into the box."""

    feed: DueFeed
    answer: Answer
    conditional: bool = True
    """Whether the request let the server answer "not modified"."""


@dataclass(frozen=True, slots=True)
class Missed:
    """A leased feed, page or archive that could not be had."""

    task: Task
    outcome: Outcome
    http_status: int | None = None
    retry_after_s: float | None = None
    final_url: str | None = None


@dataclass(frozen=True, slots=True)
class Postponed:
    """A leased page whose host asked for time before the page was asked for: not a visit."""

    page: DuePage
    wait_s: float


@dataclass(frozen=True, slots=True)
class Refresh:
    """The page only says where to go instead."""

    url: str


@dataclass(frozen=True, slots=True)
class Unmodified:
    """The server says that the page is as it was (RFC 9110 section 15.4.5)."""


@dataclass(frozen=True, slots=True)
class CutPage:
    """A page and what the box made of it."""

    page: DuePage
    answer: Answer
    result: Article | Rejected | Overrun | Refresh | Unmodified
    lesson: Lesson | None = None
    """What the page teaches of its host, where it holds an article."""
    note: str | None = None
    """What else is to be said of how the page ends."""


@dataclass(frozen=True, slots=True)
class PolledFeed:
    """A feed and what the box made of it; `document` is None where it did not change."""

    feed: DueFeed
    answer: Answer
    body_hash: str | None
    document: FeedDocument | NotAFeed | FrontPage | Overrun | None
    conditional: bool = True
    """Whether the request let the server answer "not modified"."""


@dataclass(frozen=True, slots=True)
class FetchedArchive:
    """The bytes of a document of a walk, on the way into the box."""

    archive: DueArchive
    answer: Answer


@dataclass(frozen=True, slots=True)
class ReadArchive:
    """A document of a walk and what the box made of it."""

    archive: DueArchive
    answer: Answer
    document: FeedDocument | NotAFeed | Overrun
    sitemaps: tuple[str, ...] = ()
    """Those that the robots.txt of its site names, where that bears on the walk."""
