"""Articles, what became of them, and the way of an address."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from storage.changes import ChangeKind, Op
from storage.copies import LinkKind
from storage.model import Ending
from storage.web.api.schemas.base import DayOrMoment, Moment, Number, Shape


class Article(Shape):
    """An article as the corpus keeps it."""

    id: int
    """Grows in the order of filing, and is never given twice."""
    url: str
    """Where it was read, its tracking parameters taken off."""
    urls: list[str]
    """Every address at which it was found."""
    title: str | None
    text: str
    """The clean text; paragraphs are parted by line ends."""
    html: str
    """The same text as safe HTML."""
    authors: list[str]
    published: DayOrMoment | None
    published_from: str | None
    """The rule that gave the date."""
    updated: DayOrMoment | None
    """When its page says that it was changed."""
    first_seen: Moment
    """When a source first named it."""
    fetched: Moment
    """When the page was last read."""
    language: str | None
    """BCP 47."""
    site: str
    sources: list[str]
    """The names of the sources that named it."""
    tags: list[str]
    description: str | None
    image: str | None
    word_count: Number
    content_hash: str
    """SHA-256 of the text, folded."""
    story_id: int
    copies: Number
    """Articles of its story, this one included."""
    revision: int
    """1 for the text as first filed."""
    change: ChangeKind | None
    """What made this text of the one before."""
    gone: Moment | None
    """When its page was found to be there no longer."""
    section: str | None
    licence: str | None
    free: bool | None
    """Whether the page says that everybody may read all of it."""
    canonical: str | None
    syndicated_from: str | None


class FoundArticle(Article):
    """An article that a search found."""

    snippet: str | None = None
    """The best passage."""
    score: float | None = None
    """Higher is better; only by relevance."""


class Brief(Shape):
    """An article in short."""

    id: int
    story_id: int
    title: str | None
    url: str
    site: str
    language: str | None
    published: DayOrMoment | None
    first_seen: Moment
    ran: Moment
    """When it ran: as published, and never later than first seen."""
    word_count: Number


class Link(Shape):
    """What ties an article to another."""

    kind: LinkKind
    is_backward: bool
    """The other was there before, or is named as the origin."""
    containment: float | None
    """The share of the one that the other holds."""
    resemblance: float | None
    shared_words: int | None
    article: Brief
    """The other."""


class ArticleWithLinks(Article):
    """An article, and what ties it to others."""

    links: list[Link]
    """The strongest first."""


class Revision(Shape):
    """One text of an article."""

    number: int
    fetched: Moment
    title: str | None
    text: str
    content_hash: str
    change: ChangeKind | None
    """What made it of the text before."""


class Revisions(Shape):
    """Every text of an article."""

    article_id: int
    revisions: list[Revision]
    """From the first to the current."""


class Run(Shape):
    """A piece of text that stayed, went or came."""

    op: Op
    text: str


class Diff(Shape):
    """What one text of an article became, word by word."""

    from_: Annotated[int, Field(alias="from")]
    """The number of the older text."""
    to: int
    change: ChangeKind | None
    title: list[Run]
    text: list[Run]


class RunnerUp(Shape):
    """What another rule would have given."""

    rule: str
    value: str


class Provenance(Shape):
    """Which rule gave each field of an article."""

    article_id: int
    provenance: dict[str, str]
    """Field to rule."""
    runners_up: dict[str, list[RunnerUp]]
    """Field to what other rules gave, where that differs."""


class Outcome(Shape):
    """How a visit to an address ended."""

    ending: Ending
    reason: str | None
    detail: str | None


class Sighting(Shape):
    """One source named one address at one time."""

    at: Moment
    source: str
    feed_url: str
    url: str
    title: str | None
    published: DayOrMoment | None


class Attempt(Shape):
    """One visit."""

    at: Moment
    outcome: Outcome
    http_status: int | None
    final_url: str | None
    size_bytes: int | None


class Capture(Shape):
    """A raw answer in the archive."""

    at: Moment
    url: str
    file: str
    offset: Number
    length: Number


class Explanation(Shape):
    """The way of one address, from the feeds that named it to its outcome."""

    url: str
    key: str
    host: str
    discovered: Moment
    due: Moment | None
    """When it is visited next."""
    outcome: Outcome | None
    article_id: int | None
    article_title: str | None
    sightings: list[Sighting]
    attempts: list[Attempt]
    captures: list[Capture]
