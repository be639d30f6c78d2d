"""What the corpus answers to one look at the search page, gathered in one value."""

from __future__ import annotations

from dataclasses import dataclass

from storage.answers import StoredArticle
from storage.corpus import Corpus
from storage.facets import Facets, Timeline
from storage.web.views.results import Asked, sort_of

PAGE = 20
"""Results that a page shows."""
FACET_VALUES = 8
"""Of one facet: what can be taken in at a glance."""


@dataclass(frozen=True, slots=True)
class Found:
    """The results of a page, and what narrows the search further."""

    articles: tuple[StoredArticle, ...]
    next: str | None
    """The cursor of the page behind this one."""
    facets: Facets
    timeline: Timeline
    nearer: str | None
    """What may have been meant, where nothing is found."""


def look(corpus: Corpus, asked: Asked) -> Found:
    """Ask the corpus. Raises QueryError."""
    page = corpus.page(
        asked.words, sort=sort_of(asked), limit=PAGE, after=asked.after, one_per_story=asked.one_per_story
    )
    facets = corpus.facets(asked.words, limit=FACET_VALUES)
    return Found(
        page.articles,
        page.next,
        facets,
        corpus.timeline(asked.words),
        None if facets.total else corpus.did_you_mean(asked.words),
    )
