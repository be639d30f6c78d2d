"""What the corpus answers to one look at the search page, gathered in one value."""

from __future__ import annotations

from dataclasses import dataclass

from storage.answers import StoredArticle
from storage.corpus import Corpus
from storage.web.views.results import Asked, sort_of

PAGE = 20
"""Results that a page shows."""
MOST = 10_000
"""Results that can be leafed through."""


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a page."""

    articles: tuple[StoredArticle, ...]
    next: str | None
    """The cursor of the page behind this one."""
    total: int


def look(corpus: Corpus, asked: Asked) -> Found:
    """Ask the corpus. Raises QueryError."""
    after = asked.after or ""
    start = min(int(after), MOST) if after.isascii() and after.isdecimal() and len(after) < 9 else 0
    found = corpus.search(
        asked.words, sort=sort_of(asked), limit=PAGE + 1, offset=start, one_per_story=asked.one_per_story
    )
    total = corpus.count(asked.words, one_per_story=asked.one_per_story)
    return Found(tuple(found[:PAGE]), str(start + PAGE) if len(found) > PAGE else None, total)
