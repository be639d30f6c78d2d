"""The immutable types of what is kept of raw pages: pages with the texts cut from them, and the archive's files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.model import Article, Capture, DuePage, Outcome

Standing = Literal["current", "former", "rejected"]


@dataclass(frozen=True, slots=True)
class RawPage:
    """One answer in the archive, and what the corpus made of it."""

    id: int
    """Of the capture; they grow with time."""
    capture: Capture
    page: DuePage
    stands: Standing | None = None
    """What was cut from it: the current text of an article, a former one, or nothing as yet. None: another capture
    serves for that."""
    before: Article | None = None
    """That text, as it is stored; of a former one title, text, html, authors, dates and provenance."""
    revision: int | None = None
    """The number of that text."""
    outcome: Outcome | None = None
    """How the page ended."""


@dataclass(frozen=True, slots=True)
class ArchiveFile:
    """One file of the archive."""

    name: str
    size_bytes: int
    captures: int
    """Records that the corpus points to."""
    last: datetime
    """When its last record was fetched; where none is pointed to, when it was begun."""
