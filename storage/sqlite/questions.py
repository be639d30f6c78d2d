"""Answers questions about articles: which match, what they sum up to, which one is meant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime

from storage.answers import SORTS, Query, Revision, Sort, StoredArticle
from storage.errors import expect
from storage.facets import FACETS, STEPS, FacetName, Facets, Page, Step, Timeline, Trend
from storage.selections import Progress, Selection
from storage.sqlite import reading, searching, selecting, suggesting, summing, trending
from storage.sqlite.failures import translated, translating
from storage.sqlite.transactions import Transactions

BATCH = 200
"""Articles read at a time by `selected()`: about 3 MB, and short enough that no checkpoint waits for it."""


class Answers(Transactions):
    """The methods of `storage.corpus.Corpus` that find articles and sum them up."""

    _summing: summing.Summing

    @translating
    def search(
        self,
        query: Query | str = "",
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        offset: int = 0,
        one_per_story: bool = False,
    ) -> list[StoredArticle]:
        """See `storage.corpus.Corpus.search`."""
        expect("sort", sort, SORTS)
        with self._snapshot():
            return searching.search(
                self.connection, searching.query_of(query), sort, limit, offset, one_per_story=one_per_story
            )

    @translating
    def did_you_mean(self, query: Query | str) -> str | None:
        """See `storage.corpus.Corpus.did_you_mean`."""
        with self._snapshot():
            return suggesting.did_you_mean(self.connection, searching.query_of(query))

    @translating
    def count(self, query: Query | str = "", *, one_per_story: bool = False) -> int:
        """See `storage.corpus.Corpus.count`."""
        with self._snapshot():
            return searching.count(self.connection, searching.query_of(query), one_per_story=one_per_story)

    @translating
    def page(
        self,
        query: Query | str = "",
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        after: str | None = None,
        one_per_story: bool = False,
    ) -> Page:
        """See `storage.corpus.Corpus.page`."""
        expect("sort", sort, SORTS)
        asked = searching.query_of(query)
        with self._snapshot():
            return searching.page(self.connection, asked, sort, limit, after, one_per_story=one_per_story)

    @translating
    def facets(
        self, query: Query | str = "", *, limit: int = 10, fields: Collection[FacetName] | None = None
    ) -> Facets:
        """See `storage.corpus.Corpus.facets`."""
        for one in fields or ():
            expect("field", one, FACETS)
        with self._snapshot():
            return self._summing.facets(searching.query_of(query), limit, fields)

    @translating
    def timeline(self, query: Query | str = "", *, by: Step | None = None) -> Timeline:
        """See `storage.corpus.Corpus.timeline`."""
        expect("by", by, STEPS)
        with self._snapshot():
            return self._summing.timeline(searching.query_of(query), by)

    @translating
    def trends(
        self, *, now: datetime | None = None, days: int = 7, past_days: int = 56, limit: int = 50
    ) -> list[Trend]:
        """See `storage.corpus.Corpus.trends`."""
        with self._snapshot():
            return trending.trends(self.connection, now or datetime.now(UTC), days, past_days, limit)

    def articles(self, query: Query | str = "", *, one_per_story: bool = False) -> Iterator[StoredArticle]:
        """See `storage.corpus.Corpus.articles`."""
        yield from self.selected(self.select(query, one_per_story=one_per_story))

    @translating
    def select(
        self, query: Query | str = "", *, one_per_story: bool = False, after: Progress | None = None
    ) -> Selection:
        """See `storage.corpus.Corpus.select`."""
        asked = searching.query_of(query)
        with self._snapshot():
            return selecting.select(self.connection, asked, one_per_story=one_per_story, after=after)

    def selected(self, selection: Selection) -> Iterator[StoredArticle]:
        """See `storage.corpus.Corpus.selected`. Many short reads: a slow reader never keeps the writer's log alive."""
        for start in range(0, len(selection.ids), BATCH):
            ids: Sequence[int] = selection.ids[start : start + BATCH]
            with translated(self.path), self._snapshot():
                if selection.after is not None:
                    overtaken = selecting.overtaken(self.connection, ids, selection)
                    ids = [article_id for article_id in ids if article_id not in overtaken]
                batch = reading.load_articles(self.connection, ids)
            yield from batch

    @translating
    def article(self, article_id: int) -> StoredArticle | None:
        """See `storage.corpus.Corpus.article`."""
        found = reading.load_articles(self.connection, [article_id])
        return found[0] if found else None

    @translating
    def article_at(self, key: str) -> StoredArticle | None:
        """See `storage.corpus.Corpus.article_at`."""
        article_id = reading.article_id_at(self.connection, key)
        return None if article_id is None else self.article(article_id)

    @translating
    def revisions(self, article_id: int) -> list[Revision]:
        """See `storage.corpus.Corpus.revisions`."""
        return reading.load_revisions(self.connection, article_id)
