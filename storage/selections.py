"""The immutable types of what an export takes out of a corpus: which articles, and how far the corpus had come then."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from datetime import datetime

from storage.numbers import NumberSet


@dataclass(frozen=True, slots=True)
class Position:
    """How far a corpus has come, by the number that every new text takes anew (`articles.seq`)."""

    seq: int
    """Every text with a lower number was there; of a question with words, every text that search knew."""
    at: datetime | None = None
    """When the last of these texts that is still current was filed; None where there is none."""
    newest_id: int | None = None
    newest_url: str | None = None
    """The article that was filed last: the same one in every later state of this corpus, and in no other corpus."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an export that goes on later has come."""

    position: Position = Position(0)
    given: NumberSet = field(default_factory=NumberSet)
    """The articles that were given. One that only later matches, because another source names it say, has no new text
    to be known by."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The articles that match a question at one moment."""

    ids: array[int]
    """In the order in which they are given; 8 bytes each."""
    position: Position
    after: Progress | None = None
    """What the selection goes on from: then it has only what came since, by the order of filing."""
