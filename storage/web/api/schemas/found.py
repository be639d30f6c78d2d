"""What questions give: pages of articles and stories, sums, and what is told of a question itself."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from storage.facets import FacetName, Step
from storage.web.api.schemas.articles import Article, Brief, FoundArticle, Link
from storage.web.api.schemas.base import Day, Moment, Number, Shape


class Problem(Shape):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    """The name of the status."""
    status: Annotated[int, Field(ge=400, le=599)]
    detail: str
    """One line that says what, and what to do."""
    start: int | None = None
    """Of a query that cannot be read: where in it the fault begins, in characters."""
    end: int | None = None
    """Where it ends."""


class Notice(Shape):
    """Something odd but harmless in a query."""

    start: Number
    """Characters of the query, from here up to, but without, `end`."""
    end: Number
    message: str


class SearchAnswer(Shape):
    """One page of results."""

    query: str
    """As it was asked."""
    total: int | None
    """Articles that match, copies included; null where they could not be counted in time."""
    is_exact: bool
    """Whether the total was counted, and not estimated."""
    articles: list[FoundArticle]
    next: str | None
    """The cursor of the next page, to give as `after`."""
    notices: list[Notice]
    did_you_mean: str | None
    """A query that finds something, where this one finds nothing."""


class ArticlesAnswer(Shape):
    """Some of all articles, by id."""

    articles: list[Article]
    next: int | None
    """To give as `after` for those behind these."""


class Facet(Shape):
    """One value of a field, and how many of the articles that match have it."""

    value: str
    count: Number


class FacetsAnswer(Shape):
    """What the articles that match are like."""

    total: Number
    is_exact: bool
    """Whether all were counted; else a sample drawn evenly over the corpus was, and scaled."""
    counts: dict[FacetName, list[Facet]]
    """The most frequent first; a field that could not be counted in time is missing."""


class Bar(Shape):
    """The articles of a day, week, month or year."""

    start: Day
    end: Day
    """The day after it."""
    count: Number


class TimelineAnswer(Shape):
    """How many articles that match are dated when."""

    by: Step
    bars: list[Bar]
    """From the first that holds an article to the last, without holes."""
    total: Number
    is_exact: bool


class Trend(Shape):
    """A word that more stories hold now than their past lets expect."""

    term: str
    count: Number
    """Stories of these days that begin with it."""
    expected: float
    score: float
    """How far the count is beyond chance."""
    article_ids: list[int]
    """Some of them, each of another story."""


class TrendsAnswer(Shape):
    """What rises."""

    days: int
    past_days: int
    trends: list[Trend]
    """The highest score first."""


class StorySummary(Shape):
    """A story in a list."""

    story_id: int
    copies: Number
    sites: Number
    """Different sites that ran it."""
    last_ran: Moment
    first: Brief
    """Who ran it first."""


class StoriesAnswer(Shape):
    """Stories of several articles of which one matches."""

    query: str
    total: Number
    stories: list[StorySummary]
    next: int | None
    """The offset of the next page."""


class AgainstFirst(Shape):
    """How a copy differs from the article that ran first, in words."""

    deleted: Number
    inserted: Number


class StoryCopy(Article):
    """An article of a story."""

    against_first: AgainstFirst
    ran: Moment
    links: list[Link]


class Story(Shape):
    """All articles that are copies of one text."""

    story_id: int
    copies: Number
    """How many there are."""
    first: int
    """The id of the one that ran first."""
    articles: list[StoryCopy]
    """In the order in which they ran."""
    next: int | None
    """The offset of the next page."""
