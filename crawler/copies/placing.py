"""Where a new article belongs: the story that it is a copy of, and what else it has in common with what was filed.

lines that three other stories have       are furniture: not compared
stories that share fingerprints           are candidates; their members are compared with the new text
the member most like it is a copy         the article joins that member's story
... and another story's text is in it too the article is a compilation: it begins a story and is linked to both
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from crawler.copies.compare import ALIKE, Common, Compared, common
from crawler.copies.winnowing import Line, lines_of, numbers_of, prints_of
from storage import Article, CopyIndex, Link, LinkKind, Member, Placement, Prints

FURNITURE_STORIES = 3
"""Other stories that have a line, from which it is the site's and no article's."""
COMPILED = 0.4
"""Of a second story's text, or of the new one, the share in common from which that story is in it too."""
NEW_SHARE = 0.5
"""Of what a text shares with a second story, what it does not share with the first one, from which it holds two."""
NEW_SHINGLES = 10
SHARED = 0.35
"""Containment from which a text has something of a member of a story. A copy that begins otherwise than the one that it
is like has something of at least half of the others: what lies in one member only may be what was merged into that."""
MOST_LINKS = 12
MOST_KEPT = 4_000
"""Texts that stay ready to be compared: 30 MB. One that a hundred papers print is compared a hundred times."""


@dataclass(frozen=True, slots=True)
class _Match:
    member: Member
    found: Common


class Judge:
    """Places articles one by one. It decides by what it is given alone; what it keeps only saves time."""

    def __init__(self, most_kept: int = MOST_KEPT) -> None:
        self._kept: OrderedDict[tuple[object, ...], Compared] = OrderedDict()
        self._most_kept = most_kept

    def place(self, article: Article, index: CopyIndex, story: int | None = None) -> Placement:
        """The story and the links of a new article, by all that the index knows. With `story`, what a later text of one
        of its articles prints: an article never moves."""
        lines = lines_of(article.text)
        left_out = furniture(lines, index, story)
        if story is not None:
            return Placement(story, (), left_out, prints_of(lines, left_out))
        new = Compared(article.text, article.title, left_out, lines)
        prints = prints_of(lines, left_out)
        compared = self._compared(new, index, prints)
        matches = sorted((match for match in compared if match.found.kind is not None), key=_strength)
        story_id, compiled = self._story(matches, compared)
        return Placement(story_id, _links(matches, story_id, compiled), left_out, prints)

    def _compared(self, new: Compared, index: CopyIndex, prints: Prints) -> list[_Match]:
        return [
            _Match(member, common(new, self._ready(member)))
            for story_id, _ in index.stories(prints.fingerprints)
            for member in index.members(story_id)
        ]

    def _story(self, matches: list[_Match], compared: list[_Match]) -> tuple[int | None, frozenset[int]]:
        """The story that the text joins, and the stories of which it is a compilation."""
        copies = [match for match in matches if match.found.kind is LinkKind.COPY and _is_of_story(match, compared)]
        if not copies:
            return None, frozenset()
        first = copies[0]
        others = {
            match.member.story_id
            for match in matches
            if match.found.containment >= COMPILED
            and match.found.kind is not LinkKind.TEMPLATE
            and match.member.story_id != first.member.story_id
            and _is_new(match.found, first.found)
        }
        if others:
            return None, frozenset(others | {first.member.story_id})
        return first.member.story_id, frozenset()

    def _ready(self, member: Member) -> Compared:
        key = (member.article_id, member.content_hash, member.title, member.left_out)
        known = self._kept.pop(key, None) or Compared(member.text, member.title, member.left_out)
        self._kept[key] = known
        if len(self._kept) > self._most_kept:
            self._kept.popitem(last=False)
        return known


def furniture(lines: list[Line], index: CopyIndex, own_story: int | None = None) -> tuple[int, ...]:
    """The lines that three other stories have. Where nothing would be left, all stay: the text is a notice."""
    numbers = numbers_of(lines)
    known = index.line_stories(numbers)
    left_out = tuple(number for number in numbers if _others(known.get(number, ()), own_story) >= FURNITURE_STORIES)
    return left_out if any(line.number not in left_out for line in lines) else ()


def _others(stories: Collection[int], own: int | None) -> int:
    return len(stories) - (own in stories)


def _strength(match: _Match) -> tuple[float, float, int]:
    return -match.found.resemblance, -match.found.containment, match.member.article_id


def _is_of_story(match: _Match, compared: list[_Match]) -> bool:
    """Whether what is a copy of a member is one of the story."""
    if match.found.begins >= ALIKE:
        return True
    story, member = match.member.story_id, match.member.article_id
    others = [other for other in compared if other.member.story_id == story and other.member.article_id != member]
    return 2 * sum(other.found.containment >= SHARED for other in others) >= len(others)


def _is_new(found: Common, first: Common) -> bool:
    new = len(np.setdiff1d(found.hashes, first.hashes, assume_unique=True))
    return new >= NEW_SHINGLES and new >= NEW_SHARE * len(found.hashes)


def _links(matches: list[_Match], story_id: int | None, compiled: frozenset[int]) -> tuple[Link, ...]:
    links: list[Link] = []
    for match in matches[:MOST_LINKS]:
        kind = match.found.kind
        assert kind is not None
        if match.member.story_id in compiled and kind is not LinkKind.TEMPLATE:
            kind = LinkKind.COMPILATION
        elif kind is LinkKind.COPY and match.member.story_id != story_id:
            kind = LinkKind.EXCERPT
        found = match.found
        links.append(Link(match.member.article_id, kind, found.containment, found.resemblance, found.words))
    return tuple(links)
