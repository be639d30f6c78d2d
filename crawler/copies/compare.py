"""How much two texts have in common, and what that makes of them. Pure arithmetic; docs/decisions/0024-copies.md."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from crawler.copies.winnowing import RUN_WORDS, Line, lines_of, shingles
from crawler.copies.words import Hashes, lines_of_words
from storage import LinkKind

COPIED = 0.7
"""Share of the shorter text that the longer one holds, from which one is a copy of the other. Of 2,168 pairs of copies
9 in 10 have .73 or more, of 6,211 pairs of others 99 in 100 have less than .47."""
BEGUN = (0.45, 0.6)
"""... or that share, where so much of how each begins stands in the other: copies keep the lead, and who writes on
about the same matter writes another. Of copies between .45 and .7 three in four do, of other pairs none."""
EVEN = (0.6, 0.4)
"""... or that share, and at least this share of each: edited texts of about one length."""
ENTITLED = (0.5, 100)
"""... or that share of a shorter text of at least so many words, both under one headline."""
TRIMMED = (0.1, 0.2)
"""Of the longer text, at least so much must stand in the shorter one, or the second where the two begin otherwise: less
is an excerpt."""
LEAD_WORDS = 60
ALIKE = 0.4
"""Share of how each begins that stands in the other, below which they begin otherwise."""
SURE = 0.8
"""... and from which other numbers further down are edits."""
SHORTEST = 12
"""Words in common that make a copy at least: captions and notices of fewer say the same everywhere."""
FORMED = 0.25
"""Containment from which two texts may be one form: filled in with other numbers."""
RELATED = (0.05, 25)
"""Share of the shorter text, and words, from which two texts are worth a link."""
OTHER_FIGURES = (2, 0.3)
"""Places where the words around a number are the same and the number is not: so many, and of all such places so large a
share, make the same form filled in anew. No one of 2,168 pairs of copies had that."""
OWN_FIGURES = (3, 0.25, 0.95)
"""Or, of so many numbers of the shorter text, more than this share that the longer one has nowhere, unless it holds
that share of the shorter one: a copy has at most one in five."""
FORM_WORDS = 100
"""... and has no more words than this: a short report is its numbers."""
_LABEL_WORDS = 12
"""Numbers in shorter lines date and count the page, not what it tells."""
_DIGIT = re.compile(r"\d")
_AROUND = 2
"""Words before and behind a number that are its place."""
_MOST_NUMBERS = 2_000


class Compared:
    """A text made ready to be compared, without the lines that are left out."""

    def __init__(
        self, text: str, title: str | None = None, left_out: Collection[int] = (), lines: list[Line] | None = None
    ) -> None:
        compared = [line for line in (lines_of(text) if lines is None else lines) if line.number not in left_out]
        self.words = [word for line in compared for word in line.words]
        self._lines = compared
        self.title = title
        self.hashes: Hashes = shingles(self.words)
        self.distinct: Hashes = np.unique(self.hashes)

    @cached_property
    def headline(self) -> list[str]:
        """The words of the title."""
        return [word for words in lines_of_words(self.title or "") for word in words]

    @cached_property
    def lead(self) -> Hashes:
        """Shingles of how the text begins, without by-line and date above it."""
        words: list[str] = []
        for line in self._lines:
            if words or len(line.words) > _LABEL_WORDS:
                words.extend(line.words)
            if len(words) >= LEAD_WORDS:
                break
        return shingles((words or self.words)[:LEAD_WORDS])

    @cached_property
    def numbers(self) -> frozenset[str]:
        """All numbers of the text."""
        return frozenset(filter(_is_number, self.words))

    @cached_property
    def told(self) -> frozenset[str]:
        """The numbers that the text tells of."""
        told = [line.words for line in self._lines if len(line.words) > _LABEL_WORDS]
        words = (word for line in told for word in line) if told else iter(self.words)
        return frozenset(word for word in words if _is_number(word))

    @cached_property
    def figures(self) -> dict[tuple[str, ...], set[str]]:
        """Each number by the words around it, in which numbers are no words: `0` stands for any."""
        is_number = [_is_number(word) for word in self.words]
        masked = ["0" if number else word for word, number in zip(self.words, is_number, strict=True)]
        found: dict[tuple[str, ...], set[str]] = {}
        for i in [i for i, number in enumerate(is_number) if number][:_MOST_NUMBERS]:
            place = (*masked[max(0, i - _AROUND) : i], "|", *masked[i + 1 : i + 1 + _AROUND])
            found.setdefault(place, set()).add(self.words[i])
        return found


def _is_number(word: str) -> bool:
    return not word.isalpha() and _DIGIT.search(word) is not None


@dataclass(frozen=True, slots=True)
class Common:
    """What a text has in common with another one."""

    hashes: Hashes = field(repr=False)
    """Shingles of both."""
    containment: float
    """Of the shorter text."""
    coverage: float
    """Of the longer one: the smaller of the two shares."""
    resemblance: float
    words: int
    """Of the first text, in shingles of both."""
    begins: float
    """How much of the beginning of each stands in the other: the smaller share; 0 where little is in common."""
    kind: LinkKind | None
    """None: nothing that is worth a link."""


def common(new: Compared, old: Compared) -> Common:
    """What a new text has in common with one that was filed before."""
    hashes = new.distinct[_among(new.distinct, old.distinct)] if len(old.distinct) else old.distinct
    shared, sizes = len(hashes), sorted((len(new.distinct), len(old.distinct)))
    containment = shared / max(1, sizes[0])
    coverage = shared / max(1, sizes[1])
    words = _covered(_among(new.hashes, hashes), len(new.words)) if containment >= RELATED[0] else 0
    begins = _begins(new, old) if containment >= BEGUN[0] else 0.0
    kind = _kind(new, old, containment, coverage, begins, words)
    return Common(hashes, containment, coverage, shared / max(1, sum(sizes) - shared), words, begins, kind)


def _begins(one: Compared, other: Compared) -> float:
    return min(float(_among(a.lead, b.distinct).mean()) for a, b in ((one, other), (other, one)))


def _among(hashes: Hashes, known: Hashes) -> NDArray[np.bool_]:
    """Which of the hashes are among the known ones, which are ascending and not none."""
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: NDArray[np.bool_] = known[places] == hashes
    return found


def _covered(found: NDArray[np.bool_], words: int) -> int:
    starts = np.flatnonzero(found)
    if not len(starts):
        return 0
    return int(np.minimum(np.diff(starts, append=words), RUN_WORDS).sum())


def _kind(
    new: Compared, old: Compared, containment: float, coverage: float, begins: float, words: int
) -> LinkKind | None:
    copied = (
        containment >= COPIED
        or (containment >= BEGUN[0] and begins >= BEGUN[1])
        or (containment >= EVEN[0] and coverage >= EVEN[1])
    )
    if not copied and containment >= ENTITLED[0] and min(len(new.words), len(old.words)) >= ENTITLED[1]:
        copied = bool(new.headline) and new.headline == old.headline
    if (not copied and (containment < RELATED[0] or words < RELATED[1])) or words < SHORTEST:
        return None
    if containment >= FORMED and _is_filled_anew(new, old):
        return LinkKind.TEMPLATE
    if copied and begins < SURE and containment < OWN_FIGURES[2] and _has_own_figures(new, old):
        return LinkKind.TEMPLATE
    if not copied:
        return LinkKind.RELATED
    return LinkKind.COPY if coverage >= TRIMMED[begins < ALIKE] else LinkKind.EXCERPT


def _is_filled_anew(one: Compared, other: Compared) -> bool:
    """Whether two texts have other numbers at the same places."""
    places = one.figures.keys() & other.figures.keys()
    others = sum(1 for place in places if not one.figures[place] & other.figures[place])
    return others >= OTHER_FIGURES[0] and others >= OTHER_FIGURES[1] * len(places)


def _has_own_figures(one: Compared, other: Compared) -> bool:
    """Whether the shorter text tells of numbers that the longer one has nowhere."""
    shorter, longer = sorted((one, other), key=lambda text: len(text.distinct))
    if len(shorter.words) > FORM_WORDS:
        return False
    own = len(shorter.told - longer.numbers)
    many = len(shorter.told) >= OWN_FIGURES[0] or own == len(shorter.told)
    return many and own > OWN_FIGURES[1] * len(shorter.told)
