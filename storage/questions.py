"""What a corpus is asked: articles and stories that match, and what they sum up to."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Protocol

from storage.answers import Query, Revision, Sort, StoredArticle
from storage.facets import FacetName, Facets, Page, Step, Timeline, Trend
from storage.selections import Progress, Selection
from storage.stories import MAX_COPIES, ArticleLink, Story, StorySort, StorySummary


class Questions(Protocol):
    """The part of `storage.corpus.Corpus` that answers questions about articles and stories."""

    def search(
        self,
        query: Query | str = "",
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        offset: int = 0,
        one_per_story: bool = False,
    ) -> list[StoredArticle]:
        """Articles that match, best or newest first, each with its snippet and score. Any text is a safe
        query; raises QueryError for a filter whose value cannot be read (`since:yesterday`).

        `one_per_story` gives of each story one article: of those that match, the one that ran first, by the rule of
        `storage.stories`. It stands where it would stand among all, and pages are counted without the others.
        """

    def did_you_mean(self, query: Query | str) -> str | None:
        """The words of the query with those that the corpus does not have replaced by near ones that it has, names of
        filters and their values too; None where that would find nothing either. Raises QueryError as `search` does."""

    def count(self, query: Query | str = "", *, one_per_story: bool = False) -> int:
        """How many articles match; with `one_per_story`, how many stories have one that does."""

    def page(
        self,
        query: Query | str = "",
        *,
        sort: Sort = "relevance",
        limit: int = 20,
        after: str | None = None,
        one_per_story: bool = False,
    ) -> Page:
        """One page of what `search` gives, and the cursor of the next, to give as `after`.

        By date or by filing, no article comes twice or is passed over, whatever is filed meanwhile. By relevance,
        texts that are filed or revised meanwhile are left out. Raises QueryError for a cursor that is none,
        or of another order.
        """

    def facets(
        self, query: Query | str = "", *, limit: int = 10, fields: Collection[FacetName] | None = None
    ) -> Facets:
        """How many articles match, and the most frequent of their sources, sites, languages, tags, authors and months,
        up to `limit` of each of these `fields`. A field is missing where it could not be counted in time."""

    def timeline(self, query: Query | str = "", *, by: Step | None = None) -> Timeline:
        """How many of the articles that match are dated when; by the finest step that needs no more than
        `storage.facets.MOST_BARS` bars, unless `by` names one."""

    def trends(
        self, *, now: datetime | None = None, days: int = 7, past_days: int = 56, limit: int = 50
    ) -> list[Trend]:
        """Words that rise: that more stories of the last days hold than those of the days before them let expect."""

    def articles(self, query: Query | str = "", *, one_per_story: bool = False) -> Iterator[StoredArticle]:
        """Every article that matches, by id, in flat memory. `one_per_story` keeps one of each story, as `search`."""

    def select(
        self, query: Query | str = "", *, one_per_story: bool = False, after: Progress | None = None
    ) -> Selection:
        """Which articles `articles` would give, and where the corpus stands, both of one moment.

        With `after` only those that were not given then, or have a new text since (revised, or cut again), by the order
        of filing: chained so, selections lose no article and give no text twice, whatever is filed while they are read.
        Raises CursorRefused where `after` is of another corpus.
        """

    def selected(self, selection: Selection) -> Iterator[StoredArticle]:
        """The articles of a selection, in its order and in flat memory, each as it is when it is read. Of one that goes
        on after another, an article with a text newer than the selection is left to the next."""

    def stories(
        self, query: Query | str = "", *, sort: StorySort = "widest", limit: int = 20, offset: int = 0
    ) -> list[StorySummary]:
        """Stories of which an article matches and that have several articles, whichever of these match; figures are
        of the whole story. Raises QueryError as `search` does, and where they cannot be told within a second."""

    def count_stories(self, query: Query | str = "") -> int:
        """How many stories `stories` would give."""

    def story(self, story_id: int, *, limit: int = MAX_COPIES, offset: int = 0) -> Story | None:
        """A story with its articles in the order in which they ran, by the rule of `storage.stories`; None where there
        is none with this id."""

    def links(self, article_id: int) -> list[ArticleLink]:
        """What ties an article to others, in both directions, the strongest first; last who is named as an origin."""

    def article(self, article_id: int) -> StoredArticle | None:
        """One article by its id."""

    def article_at(self, key: str) -> StoredArticle | None:
        """The article that owns an identity key."""

    def revisions(self, article_id: int) -> list[Revision]:
        """Every text of an article, first to current."""
