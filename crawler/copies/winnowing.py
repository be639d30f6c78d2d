"""What the index keeps of a text: winnowed hashes of its runs of words, and its lines of the kind that sites repeat."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from crawler.copies.words import Hashes, lines_of_words, run_hashes, word_hashes
from storage import Prints

VERSION = 1
"""Goes up with every change of what `prints` gives for a text: an index of another version is made anew."""
RUN_WORDS = 5
"""Words of a shingle (Broder 1997); what it takes for two reporters not to write the same by chance."""
WINDOW = 32
"""Shingles of which the least is kept (Schleimer, Wilkerson, Aiken 2003, "Winnowing"): two texts with 36 words in a row
in common share a fingerprint, and a text has one for about 16 words."""
NARROWEST = 4
"""The window of a short text is a sixth of it, and this at least: of what is least in a wide window some is least in
each narrow one within it, so that the fingerprints of a wide one are among those of a narrow one."""
LINE_WORDS = 60
"""A longer line is a paragraph of the article's own."""
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a text: `number` is its hash, 0 for a line that is too long to be furniture."""

    words: list[str]
    number: int


def lines_of(text: str) -> list[Line]:
    """The lines of a text that have words, in order."""
    return [
        Line(words, _number(words) if len(words) <= LINE_WORDS and place < MOST_LINES else 0)
        for place, words in enumerate(lines_of_words(text))
    ]


def _number(words: list[str]) -> int:
    return int.from_bytes(blake2b(" ".join(words).encode("utf-8", "replace"), digest_size=8).digest(), "big") >> 1


def words_left(lines: list[Line], left_out: Collection[int]) -> list[str]:
    """The words of the lines that are compared."""
    return [word for line in lines if line.number not in left_out for word in line.words]


def shingles(words: list[str]) -> Hashes:
    """A number for every five words in a row, in their order, repeated where they are repeated."""
    return run_hashes(word_hashes(words), RUN_WORDS)


def winnowed(hashes: Hashes) -> tuple[int, ...]:
    """The least of every 32 hashes in a row, or of fewer in a short text, each once."""
    if not len(hashes):
        return ()
    window = min(WINDOW, max(NARROWEST, len(hashes) // 6), len(hashes))
    least = sliding_window_view(hashes, window).min(axis=1)
    return tuple(np.unique(least).tolist())


def numbers_of(lines: list[Line]) -> tuple[int, ...]:
    """The hashes of the lines that may be furniture."""
    return tuple(sorted({line.number for line in lines if line.number}))


def prints(text: str, left_out: Collection[int] = ()) -> Prints:
    """What the index keeps of a text. `left_out` are the lines that are not compared, by their hashes.

    Pure, and the same on every machine: an index is made again from nothing but texts and what was left out of each.
    """
    return prints_of(lines_of(text), left_out)


def prints_of(lines: list[Line], left_out: Collection[int]) -> Prints:
    """As `prints`, of a text that was cut into lines before."""
    return Prints(winnowed(shingles(words_left(lines, left_out))), numbers_of(lines))


def lines_among(text: str, numbers: Collection[int]) -> list[str]:
    """The lines of a text whose hashes are among these, as they are written."""
    if not numbers:
        return []
    return [line for line in text.splitlines() if any(found.number in numbers for found in lines_of(line))]
