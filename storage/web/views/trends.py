"""Rising words, each with the search that shows why. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.answers import StoredArticle
from storage.facets import Trend
from storage.web import filters
from storage.web.views.results import Asked

DAYS = 7


@dataclass(frozen=True, slots=True)
class Rising:
    """A word that rises, and an article that holds it."""

    term: str
    count: int
    expected: str
    href: str
    example: StoredArticle | None


def rising(found: Sequence[Trend], examples: Mapping[int, StoredArticle | None], now: datetime) -> list[Rising]:
    """The words, those first that rise most."""
    since = (now - timedelta(days=DAYS)).date().isoformat()
    return [
        Rising(
            one.term,
            one.count,
            f"{one.expected:.1f}".removesuffix(".0"),
            Asked(f"{filters.phrase(one.term)} since:{since}", "newest").address,
            examples.get(one.article_ids[0]) if one.article_ids else None,
        )
        for one in found
    ]
