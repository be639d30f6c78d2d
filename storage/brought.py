"""What the corpus has of a page that a file brings a text of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from storage.model import DuePage


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
