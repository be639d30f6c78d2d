"""The immutable types in which a corpus answers about stories: who ran a text first, who copied it, what ties them.

**Who ran it first.** An article ran when it says that it was published; where it gives a day only, at the last second
of that day; and in any case not later than it was first seen. Nothing can be seen before it is published, so a date in
the future counts for nothing, and a paper that gives no time is never put before one that does, on the same day. Of
articles that ran at the same moment the one that was filed first counts as the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from storage.answers import StoredArticle
from storage.copies import LinkKind

StorySort = Literal["widest", "newest", "oldest"]
"""`widest`: on most sites, of these with most copies, of these the latest. The others go by when a story first ran."""

MAX_COPIES = 1_000
"""Of one story, one answer gives no more at a time."""


@dataclass(frozen=True, slots=True)
class Brief:
    """An article in short."""

    id: int
    story_id: int
    title: str | None
    url: str
    site: str
    language: str | None
    published: date | None
    first_seen: datetime
    word_count: int
    ran: datetime
    """When it ran, by the rule of this module."""


@dataclass(frozen=True, slots=True)
class ArticleLink:
    """What ties an article to another, seen from the one."""

    kind: LinkKind
    other: Brief
    is_backward: bool
    """The other was there before, or is named as the origin; else it is the other that is tied to this one."""
    containment: float | None = None
    resemblance: float | None = None
    shared_words: int | None = None
    """Figures as in `copies.Link`; None for `syndicated_from`, which a page claims and nobody measured."""


@dataclass(frozen=True, slots=True)
class StoryCopy:
    """One article of a story, whole."""

    article: StoredArticle
    ran: datetime
    links: tuple[ArticleLink, ...] = ()
    """To articles of this story and of others, the strongest first."""


@dataclass(frozen=True, slots=True)
class Story:
    """A story with its copies in the order in which they ran."""

    id: int
    first: StoryCopy
    """Who ran it first."""
    copies: tuple[StoryCopy, ...]
    """Those that were asked for; the first one stands among them unless they begin further down."""
    total: int
    """How many there are."""


@dataclass(frozen=True, slots=True)
class StorySummary:
    """A story in a list."""

    id: int
    first: Brief
    """Who ran it first."""
    copies: int
    """Articles of the story, the first one included."""
    sites: int
    """Different sites that ran it."""
    last_ran: datetime
    """When the last copy ran."""
