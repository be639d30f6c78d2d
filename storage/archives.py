"""The types of a walk through a source's archives: documents that hold older entries and are read once, not polled.

DueArchive -> WalkedArchive (with the documents it names: FoundArchive) -> Polled
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from storage.model import Discovery, Outcome, SourceKind

ArchiveVia = Literal["feed", "link", "prev-archive", "next", "next_url", "index", "robots", "paged"]
"""How a document is known: it is the feed itself, or what the document before it named it as."""

ArchiveStatus = Literal["read", "repeated", "end", "outside", "failed"]
"""How its reading ended: its entries were taken; it holds what another one held; it lies past the end of what is there;
nothing in it can be within the bounds, so it was not asked for; it could not be had or read."""


@dataclass(frozen=True, slots=True)
class DueArchive:
    """A document of a walk that is leased to be read."""

    id: int
    source: str
    feed_id: int
    """The feed that its entries are entries of."""
    kind: SourceKind
    url: str
    host: str
    via: ArchiveVia = "feed"
    depth: int = 0
    """Documents between it and the feed."""
    attempts: int = 0
    dated: date | None = None
    """As far as is known before it is read, no entry of it is newer."""


@dataclass(frozen=True, slots=True)
class FoundArchive:
    """A document that a document of the walk names."""

    url: str
    host: str
    via: ArchiveVia
    depth: int
    kind: SourceKind = "feed"
    dated: date | None = None
    outcome: tuple[ArchiveStatus, str] | None = None
    """Status and reason where it is not to be asked for."""


@dataclass(frozen=True, slots=True)
class WalkedArchive:
    """What reading one document of a walk brought."""

    archive_id: int
    at: datetime
    status: ArchiveStatus
    outcome: Outcome | None = None
    """Why it failed, or where the walk ended."""
    http_status: int | None = None
    retry_at: datetime | None = None
    """When it is asked for again; None: it is done with."""
    contents: str | None = None
    """Equal for two documents that name the same pages."""
    fixed: bool = False
    """Its publisher promises that it never changes (RFC 5005, `fh:archive`)."""
    size_bytes: int = 0
    entries: int = 0
    """All of them, within the bounds or not."""
    oldest: date | None = None
    left_before: date | None = None
    """The newest of what was left because it is too old for the bounds."""
    left_after: date | None = None
    """The oldest of what was left because it is too new."""
    discoveries: tuple[Discovery, ...] = ()
    found: tuple[FoundArchive, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchiveRow:
    """A document of a walk as the corpus knows it. `due` is None for one that is done with."""

    source: str
    url: str
    via: ArchiveVia
    depth: int
    status: ArchiveStatus | None
    reason: str | None
    detail: str | None
    attempts: int
    due: datetime | None
    entries: int
    new_pages: int
    oldest: date | None
