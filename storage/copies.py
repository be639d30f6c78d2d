"""How articles hang together, and what an index of their texts has to answer.

Which articles are copies is the crawler's judgement; here is what it is given and what it gives back. A story is all
articles that are copies of one text; its id is that of the article that was filed first. An article joins a story when
it is filed and stays in it: nothing that comes later moves it, so that a citation of a story holds.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class LinkKind(StrEnum):
    """The closed list of what ties an article to one that was filed before it."""

    COPY = "copy"
    """The same text, trimmed or by-lined or under another headline: both are of one story."""
    EXCERPT = "excerpt"
    """A passage of the other, with much of its own or little of the other."""
    COMPILATION = "compilation"
    """It holds the other among texts of other stories: a round-up, a merged wire."""
    RELATED = "related"
    """They share background, as a follow-up does."""
    TEMPLATE = "template"
    """The same form filled in with other figures: rates, results, the weather."""
    SYNDICATED_FROM = "syndicated_from"
    """Its page calls the other its origin."""


@dataclass(frozen=True, slots=True)
class Link:
    """What ties an article to another."""

    other_id: int
    kind: LinkKind
    containment: float
    """Share of the shorter text's shingles that the other has too, 0 to 1."""
    resemblance: float
    """Shingles in both over shingles in either (Jaccard), 0 to 1."""
    shared_words: int
    """Words of the article that stand in shingles of both."""


@dataclass(frozen=True, slots=True)
class Prints:
    """What the index keeps of one text."""

    fingerprints: tuple[int, ...]
    """Hashes of chosen shingles: distinct, ascending, none negative, below 2**63."""
    lines: tuple[int, ...]
    """Hashes of its short lines, the kind that a site repeats: distinct, ascending, in the same range."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a new article belongs."""

    story_id: int | None
    """The story it joins; None: it begins one."""
    links: tuple[Link, ...] = ()
    """The strongest first; at most one for each other article."""
    left_out: tuple[int, ...] = ()
    """Hashes of its lines that were not compared, because other stories had them before: ascending."""
    prints: Prints = Prints((), ())


@dataclass(frozen=True, slots=True)
class Member:
    """An article as it is compared with a new one: its current text."""

    article_id: int
    story_id: int
    title: str | None
    text: str
    site: str
    content_hash: str
    left_out: tuple[int, ...] = ()


class CopyIndex(Protocol):
    """The fingerprints of every text that was filed, by story; knows everything filed before, in this transaction too.

    Made of nothing but the articles and revisions of the corpus (their texts and `left_out`), so that it can be thrown
    away and made again: for every fingerprint the first `FINGERPRINT_STORIES` stories by id, for every line the first
    `LINE_STORIES`.
    """

    def stories(self, fingerprints: Sequence[int]) -> Sequence[tuple[int, int]]:
        """(story, how many of these fingerprints it has): most first, equal counts by story id, at most
        `CANDIDATES`."""

    def line_stories(self, lines: Sequence[int]) -> Mapping[int, Collection[int]]:
        """The stories that have each line, at most `LINE_STORIES` of them, the lowest ids; lines that none has are
        missing."""

    def members(self, story_id: int) -> Sequence[Member]:
        """The articles of a story by id, at most `MEMBERS`: the first, and the latest."""


CANDIDATES = 16
"""Stories that an article is compared with. A text that shares a passage with more is a notice, or boilerplate."""
FINGERPRINT_STORIES = 1_000
"""That are known of one fingerprint. A passage that more stories share is a form or a notice and tells nothing; without
a bound, looking for it would take longer with every article."""
LINE_STORIES = 4
"""One more than make a line furniture, so that an article's own story never hides a third."""
MEMBERS = 8
"""Of one story; a wire report that a hundred papers print needs no hundred comparisons."""
