"""What two texts have in common: how much of each stands in the other, and whether figures differ where words agree."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from crawler.copies.shingles import Places, Reading
from crawler.copies.words import Flags, Hashes

PASSAGE_WORDS: Final = 20
"""Words in a row from which two texts share a passage; fewer may be how everybody says it."""
FEWEST_SHARED: Final = 20
LEAST_SHARED: Final = 0.05
"""Shingles that two texts share, and share of the shorter one's: less than both is a phrase that both use."""
LEAD_WORDS: Final = 50
"""How a text begins: the first two paragraphs of a news report."""


@dataclass(frozen=True, slots=True, eq=False)
class Likeness:
    """What a text has in common with another one."""

    containment: float
    """Share of the shorter text's shingles that the other has too."""
    resemblance: float
    """Shingles in both over shingles in either."""
    covered: tuple[Flags, Flags]
    """By word of the first and of the second text: whether it stands in a shingle of both."""
    coverage: tuple[float, float]
    """Share of such words."""
    begins: float
    """How much of the beginning of each stands in the other: the smaller share."""
    same_figures: int
    """Settings of figures that both texts fill alike."""
    other_figures: int
    """Settings of figures that the two texts fill otherwise."""

    @property
    def shared_words(self) -> int:
        """Words of the first text that stand in shingles of both."""
        return int(np.count_nonzero(self.covered[0]))


def compare(one: Reading, other: Reading) -> Likeness | None:
    """What a text has in common with another one; None where that is too little to speak of."""
    in_one, in_other = _shared(one.distinct, other.distinct)
    shared = int(np.count_nonzero(in_one))
    shorter = min(len(one.distinct), len(other.distinct))
    either = len(one.distinct) + len(other.distinct) - shared
    if not shared or (shared < FEWEST_SHARED and shared < LEAST_SHARED * shorter):
        return None
    found, found_in_other = in_one[one.places], in_other[other.places]
    covered, reverse = _covered(one, found), _covered(other, found_in_other)
    same, differ = _figures(one, other)
    return Likeness(
        containment=shared / shorter,
        resemblance=shared / either,
        covered=(covered, reverse),
        coverage=(share(covered), share(reverse)),
        begins=min(_beginning(one, found), _beginning(other, found_in_other)),
        same_figures=same,
        other_figures=differ,
    )


def share(flags: Flags) -> float:
    """How many of the flags are set, 0 to 1. In a third of the time of their mean, which counts in floats."""
    return int(np.count_nonzero(flags)) / len(flags) if len(flags) else 0.0


def _beginning(text: Reading, found: Flags) -> float:
    words = text.words / text.size
    lead = found[text.lead : text.lead + round(LEAD_WORDS / words)]
    return share(lead)


def _shared(one: Hashes, other: Hashes) -> tuple[Flags, Flags]:
    """Which hashes of each are in both; each ascending, without repeats."""
    if len(one) > len(other):
        in_other, in_one = _shared(other, one)
        return in_one, in_other
    in_other = np.zeros(len(other), np.bool_)
    if not len(one) or not len(other):
        return np.zeros(len(one), np.bool_), in_other
    places = np.searchsorted(other, one)
    places[places == len(other)] = 0
    in_one = other[places] == one
    in_other[places[in_one]] = True
    return in_one, in_other


def _among(hashes: Hashes, known: Hashes) -> Flags:
    """Which of the hashes are among the known ones, which are ascending."""
    if not len(known):
        return np.zeros(len(hashes), np.bool_)
    found: Flags = known[np.minimum(np.searchsorted(known, hashes), len(known) - 1)] == hashes
    return found


def _covered(text: Reading, found: Flags) -> Flags:
    """Which words of a text stand in the shingles that were found."""
    edges: Places = np.zeros(text.size + 1, np.int64)
    starts = text.starts[found]
    edges[starts] += 1
    np.subtract.at(edges, starts + text.spans[found], 1)
    covered: Flags = np.cumsum(edges[:-1]) > 0
    return covered


def passages(covered: Flags, least: int) -> Flags:
    """The covered words that stand in rows of at least so many."""
    framed = np.zeros(len(covered) + 2, np.bool_)
    framed[1:-1] = covered
    edges = np.flatnonzero(framed[1:] != framed[:-1]).reshape(-1, 2)
    long = edges[edges[:, 1] - edges[:, 0] >= least]
    marks: Places = np.zeros(len(covered) + 1, np.int64)
    marks[long[:, 0]] += 1
    marks[long[:, 1]] -= 1
    found: Flags = np.cumsum(marks[:-1]) > 0
    return found


def _figures(one: Reading, other: Reading) -> tuple[int, int]:
    """Settings that both texts have: those filled alike at least once, and those never filled alike."""
    if not len(one.settings) or not len(other.settings):
        return 0, 0
    in_both = _among(one.settings, other.settings)
    common = _distinct(one.settings[in_both])
    same = _distinct(one.settings[in_both & _among(one.filled, other.fillings)])
    return same, common - same


def _distinct(ascending: Hashes) -> int:
    """How many different hashes there are."""
    return int(np.count_nonzero(ascending[1:] != ascending[:-1])) + 1 if len(ascending) else 0
