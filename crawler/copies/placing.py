"""Where a new article belongs: the story that it is a copy of, and what else it is tied to.

lines that four stories have                 furniture of a site: not compared
stories that share fingerprints              candidates; the new text is compared with their members
the member most like it, if it is a copy     the article joins that member's story
... and another story's text is in it too    a compilation: it begins a story and is linked to both
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from crawler.copies.compare import PASSAGE_WORDS, Likeness, compare, passages
from crawler.copies.judging import FEWEST_WORDS, MOST, kind_of, titles_alike
from crawler.copies.shingles import Reading, fingerprints, line_hashes, read, read_words
from crawler.copies.words import FIGURE, MAX_CHARS, Flags, Hashes, words
from storage import LINE_STORIES, Article, CopyIndex, Link, LinkKind, Member, Placement, Prints

FURNITURE_STORIES: Final = LINE_STORIES
"""Stories that have a line, from which it is furniture of a site and no part of an article: three and one
more, because the one that the article will join may be among them."""
FLASH_WORDS: Final = 6
"""Texts of fewer words are copies of nothing: `Site under maintenance`, `Watch the video`."""
NOTICE_WORDS: Final = 24
"""Texts of fewer words that a site shows twice under other headlines are notices: `This video is not available`."""
COMPILED_SHARE: Final = 0.4
"""Containment from which a second story's text is in a text that is a copy of a first one."""
OWN_HALF: Final = 0.5
ITEM_SHARE: Final = 0.08
FEWEST_ITEMS: Final = 3
"""A round-up is made of other stories by half at least, with so large a share of each of so many."""
COMPILED_WORDS: Final = 25
NEW_SHARE: Final = 0.3
"""Words, and share of what a text has in common with a second story, that it has not in common with the first one."""
SOMETHING: Final = 0.3
"""Containment, or share of how each begins, from which a text has something of another."""
MOST_LINKS: Final = 12
KEPT_WORDS: Final = 1_000_000
"""Words of the texts that are kept ready to be compared: about 2,400 articles, 35 MB."""
COMPARED_CHARS: Final = 2_000_000
"""Characters of other articles that one is compared with, the likeliest stories first: what 128 members of 15,000 have,
and five of the longest that are read. Without a bound, stories of long texts made to share a passage cost seconds."""
ENTRY_WORDS: Final = 100
"""What a text takes besides its words, in words: texts without any are not kept without end."""


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    text: Reading
    title: Hashes


@dataclass(frozen=True, slots=True, eq=False)
class _Match:
    """A member of a story that a new text has something in common with."""

    member: Member
    common: Likeness
    kind: LinkKind | None
    alike_titles: bool

    @property
    def strength(self) -> tuple[float, float, int]:
        """Ascending from the strongest: as long a text that begins alike is more than one that holds it."""
        return -self.common.resemblance - self.common.begins, -self.common.containment, self.member.article_id


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """A story that shares fingerprints with a new text."""

    members: int
    """How many of them were compared."""
    passage: int
    """`PASSAGE_WORDS` in words or characters of the text."""
    matches: tuple[_Match, ...]
    """The strongest first."""

    @property
    def copy(self) -> _Match | None:
        """The strongest member that the text is a copy of, if that makes it one of the story.

        What lies in one member only, begins otherwise and has another headline may be what was merged into that.
        """
        found = next((match for match in self.matches if match.kind is LinkKind.COPY), None)
        if found is None or found.alike_titles or found.common.begins >= SOMETHING:
            return found
        others = sum(match.common.containment >= SOMETHING for match in self.matches if match is not found)
        return found if 2 * others >= self.members - 1 else None

    @property
    def is_held(self) -> bool:
        """Whether the text holds something of the story that is no mere form, and is not held by it."""
        kinds = {match.kind for match in self.matches}
        held_by = any(match.common.coverage[0] >= max(MOST, match.common.coverage[1]) for match in self.matches)
        return bool(kinds - {None}) and LinkKind.TEMPLATE not in kinds and not held_by

    @property
    def held(self) -> Flags:
        """Which words of the text stand in passages of the story."""
        return passages(np.logical_or.reduce([match.common.covered[0] for match in self.matches]), self.passage)


_Candidates = dict[int, _Candidate]


class Judge:
    """Places articles one after another. What it keeps saves time and changes no answer."""

    def __init__(self, kept_words: int = KEPT_WORDS) -> None:
        self._ready: OrderedDict[tuple[str | None, str, tuple[int, ...]], _Ready] = OrderedDict()
        self._kept_words = kept_words
        self._words = 0

    def place(self, article: Article, index: CopyIndex) -> Placement:
        """The story that a new article joins and what it is tied to, by what the index knows of all filed before it."""
        found = words(article.text)
        lines = line_hashes(found)
        left_out = furniture(lines, index)
        new = _Ready(read_words(found, left_out), _title(article.title))
        self._keep((article.title, article.text, left_out), new)
        prints = Prints(fingerprints(new.text.shingles), lines)
        candidates = {
            story_id: self._candidate(article, new, members)
            for story_id, members in _compared(index, prints.fingerprints)
        }
        story_id, compiled = _story(candidates)
        return Placement(story_id, _links(candidates, story_id, compiled), left_out, prints)

    def _candidate(self, article: Article, new: _Ready, members: Sequence[Member]) -> _Candidate:
        matches = filter(None, (self._match(article, new, member) for member in members))
        passage = round(PASSAGE_WORDS * new.text.size / max(1.0, new.text.words))
        return _Candidate(len(members), passage, tuple(sorted(matches, key=lambda match: match.strength)))

    def _match(self, article: Article, new: _Ready, member: Member) -> _Match | None:
        old = self._prepared(member)
        common = compare(new.text, old.text)
        if common is None:
            return None
        alike = titles_alike(new.title, old.title)
        kind = kind_of(new.text, old.text, common, alike)
        if min(new.text.words, old.text.words) < NOTICE_WORDS:
            on_one_site = bool(article.site) and article.site == member.site
            kind = _kind_of_notices(new, old, on_one_site, kind)
        return _Match(member, common, kind, alike)

    def _prepared(self, member: Member) -> _Ready:
        key = (member.title, member.text, member.left_out)
        ready = self._ready.get(key) or _Ready(read(member.text, member.left_out), _title(member.title))
        self._keep(key, ready)
        return ready

    def _keep(self, key: tuple[str | None, str, tuple[int, ...]], ready: _Ready) -> None:
        if key in self._ready:
            self._ready.move_to_end(key)
            return
        self._ready[key] = ready
        self._words += ready.text.size + ENTRY_WORDS
        while self._words > self._kept_words and len(self._ready) > 1:
            self._words -= self._ready.popitem(last=False)[1].text.size + ENTRY_WORDS


def placed_again(article: Article, index: CopyIndex, story: int) -> Placement:
    """What a later text of an article of a story prints; it stays where it is."""
    found = words(article.text)
    lines = line_hashes(found)
    left_out = furniture(lines, index, story)
    return Placement(story, (), left_out, Prints(fingerprints(read_words(found, left_out).shingles), lines))


def _compared(index: CopyIndex, fingerprints: Sequence[int]) -> Iterator[tuple[int, Sequence[Member]]]:
    """The stories that a text is compared with, and the members of each, until `COMPARED_CHARS` are reached."""
    left = COMPARED_CHARS
    for story_id, _ in index.stories(fingerprints):
        members = []
        for member in index.members(story_id):
            left -= min(len(member.text), MAX_CHARS)
            if left < 0:
                break
            members.append(member)
        if members:
            yield story_id, members
        if left < 0:
            return


def furniture(lines: Sequence[int], index: CopyIndex, own: int | None = None) -> tuple[int, ...]:
    """The lines that so many stories have, the article's own not counted, that they are a site's."""
    known = index.line_stories(lines)
    others = FURNITURE_STORIES if own is None else FURNITURE_STORIES - 1
    return tuple(line for line in lines if len(set(known.get(line, ())) - {own}) >= others)


def _title(title: str | None) -> Hashes:
    found = np.unique(words(title or ""))
    told: Hashes = found[(found & np.uint64(FIGURE)) == 0]
    return told


def _kind_of_notices(new: _Ready, old: _Ready, on_one_site: bool, kind: LinkKind | None) -> LinkKind | None:
    """What short texts are to each other. On one site, where notices repeat, those under one headline may be copies;
    of fewer than `FEWEST_WORDS` only the same words under one headline at two sites."""
    one_title = len(new.title) > 0 and np.array_equal(new.title, old.title)
    if min(new.text.words, old.text.words) < FEWEST_WORDS:
        same = np.array_equal(new.text.shingles, old.text.shingles) and new.text.words >= FLASH_WORDS
        return LinkKind.COPY if same and one_title and not on_one_site else None
    if on_one_site and not one_title and kind is LinkKind.COPY:
        return None
    return kind


def _story(candidates: _Candidates) -> tuple[int | None, frozenset[int]]:
    """The story that the text joins, and the stories of which it is a compilation."""
    copies = {story: found for story, candidate in candidates.items() if (found := candidate.copy) is not None}
    held = {story: candidate.held for story, candidate in candidates.items() if candidate.is_held}
    if not copies:
        return None, _items(held)
    first = min(copies, key=lambda story: copies[story].strength)
    most = candidates[first].held
    second = {
        story
        for story in held.keys() - {first}
        if any(match.common.containment >= COMPILED_SHARE for match in candidates[story].matches)
        and _is_apart(held[story], most)
    }
    if not second and float(most.mean()) < OWN_HALF:
        second = set(_items({**held, first: most}))
    return (None, frozenset({first, *second})) if second - {first} else (first, frozenset())


def _items(held: dict[int, Flags]) -> frozenset[int]:
    """The stories that a round-up is made of, none if it is none: each with a part of its own, most of it in all."""
    chosen: dict[int, Flags] = {}
    for story, item in sorted(held.items(), key=lambda one: (-int(one[1].sum()), one[0])):
        if item.mean() >= ITEM_SHARE and all(_is_apart(item, other) for other in chosen.values()):
            chosen[story] = item
    whole = np.logical_or.reduce(list(chosen.values())) if chosen else np.zeros(1, np.bool_)
    return frozenset(chosen) if len(chosen) >= FEWEST_ITEMS and float(whole.mean()) >= OWN_HALF else frozenset()


def _is_apart(held: Flags, first: Flags) -> bool:
    """Whether a second story's part of a text is one of its own."""
    new = int((held & ~first).sum())
    return new >= COMPILED_WORDS and new >= NEW_SHARE * int(held.sum())


def _links(candidates: _Candidates, story_id: int | None, compiled: frozenset[int]) -> tuple[Link, ...]:
    """A link to the strongest member of each story, the strongest first."""
    links = []
    for story, candidate in candidates.items():
        for match in candidate.matches:
            if match.kind is not None:
                kind = LinkKind.EXCERPT if match.kind is LinkKind.COPY and story != story_id else match.kind
                kind = LinkKind.COMPILATION if story in compiled else kind
                common = match.common
                shown = common.containment, common.resemblance, common.shared_words
                links.append(Link(match.member.article_id, kind, *shown))
                break
    links.sort(key=lambda link: (-link.resemblance, -link.containment, link.other_id))
    return tuple(links[:MOST_LINKS])
