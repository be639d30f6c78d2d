"""What two texts are to each other, by what they have in common. Its figures: docs/decisions/0024-copies.md."""

from __future__ import annotations

from typing import Final

import numpy as np

from crawler.copies.compare import PASSAGE_WORDS, Likeness, passages
from crawler.copies.shingles import Reading
from crawler.copies.words import Flags, Hashes
from storage import LinkKind

COPIED: Final = (0.75, 1.35)
"""Share of the shorter text's words that stand in the other one, from which it is a copy, if with containment it makes
so much: many small edits leave the words and break the shingles, other sentences take both ..."""
COPIED_ENTITLED: Final = (0.6, 0.4)
"""... or so much of both under one headline ..."""
COPIED_BEGUN: Final = 0.45
"""... or where both begin alike: who writes on about a matter writes another lead."""
BEGINS_ALIKE: Final = 0.75
"""Share of how each begins that stands in the other."""
TITLES_ALIKE: Final = 0.75
"""Share of the longer headline's words that the other one has."""
FEWEST_TITLE_WORDS: Final = 3
"""`News in brief` and `Weather` are rubrics."""
PART: Final = 0.2
"""Share of the longer text that the shorter one must hold: less is an excerpt ..."""
PART_ALIKE: Final = 0.1
"""... where both begin alike or have one headline, less than this: the first paragraphs of a long report."""
MOST: Final = 0.75
BEGINS_OTHERWISE: Final = 0.25
"""A new text that begins with something else under another headline, and is not mostly the old text, holds more than
that: the first wire of a merge is not filed yet."""
FEWEST_WORDS: Final = 12
"""Words in common that make a copy; fewer are captions and notices."""
RELATED: Final = (0.05, 25)
"""Containment and words in common from which two texts are worth a link."""

FORMED: Final = 0.25
"""Containment from which two texts may be one form."""
OTHER_FIGURES: Final = 0.15
"""Share of the settings of both texts that they fill otherwise, from which they are one form filled in anew ..."""
FEWEST_OTHER: Final = (2, 0.02)
"""... if there are so many, and so many for each shingle of the shorter text: a date that was put right is none."""


def titles_alike(one: Hashes, other: Hashes) -> bool:
    """Whether two headlines say the same, in few other words; each as its distinct words without numbers."""
    longer = max(len(one), len(other))
    return longer >= FEWEST_TITLE_WORDS and len(np.intersect1d(one, other, True)) >= TITLES_ALIKE * longer


def kind_of(one: Reading, other: Reading, common: Likeness, alike_titles: bool) -> LinkKind | None:
    """What two texts are to each other; None: nothing that is worth a link.

    `COPY` says that they are copies by themselves; whether they are of one story depends on what else is known.
    """
    shorter, longer = (one, other) if one.size <= other.size else (other, one)
    share, part = common.coverage if shorter is one else common.coverage[::-1]
    words = share * shorter.words
    alike = alike_titles or common.begins >= BEGINS_ALIKE
    copied = words >= FEWEST_WORDS and (
        (share >= COPIED[0] and share + common.containment >= COPIED[1])
        or (share >= COPIED_ENTITLED[0] and common.containment >= COPIED_ENTITLED[1] and alike_titles)
        or (share >= COPIED_BEGUN and common.begins >= BEGINS_ALIKE)
    )
    if not copied and (common.containment < RELATED[0] or words < RELATED[1]):
        return None
    formed = copied or (
        common.containment >= FORMED and _in_pieces(shorter, common.covered[0 if shorter is one else 1])
    )
    if formed and _filled_anew(shorter, common):
        return LinkKind.TEMPLATE
    if not copied:
        return LinkKind.RELATED
    if longer is one and part < MOST and common.begins < BEGINS_OTHERWISE and not alike_titles:
        return LinkKind.EXCERPT
    return LinkKind.COPY if part >= (PART_ALIKE if alike else PART) else LinkKind.EXCERPT


def _in_pieces(text: Reading, covered: Flags) -> bool:
    """Whether what is shared stands between figures, as a form does, and not in passages, as background does."""
    whole = passages(covered, round(PASSAGE_WORDS * text.size / text.words))
    return 2 * int(whole.sum()) < int(covered.sum())


def _filled_anew(shorter: Reading, common: Likeness) -> bool:
    """Whether two texts have other figures in the same settings."""
    other, settings = common.other_figures, common.same_figures + common.other_figures
    return (
        other >= FEWEST_OTHER[0]
        and other >= FEWEST_OTHER[1] * len(shorter.distinct)
        and other >= OTHER_FIGURES * settings
    )
