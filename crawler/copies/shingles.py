"""A text as it is compared: shingles of five words, where its figures stand, and the few hashes that an index keeps."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from crawler.copies.words import CHARACTER, FIGURE, LINE_END, SYLLABLE, Flags, Hashes, words
from storage import Prints

SHINGLE: Final = 5
"""Words of a shingle. Broder's and most news work use 4 to 10; five are rarely shared by chance."""
CHARACTER_SHINGLE: Final = 10
"""Characters of a Chinese or Japanese shingle: five words of one have 8, of the other 10."""
SYLLABLE_SHINGLE: Final = 14
"""Characters, each with its marks, of a Thai, Lao, Khmer or Burmese shingle: five Thai words have 22 with marks."""
WINDOW: Final = 32
"""Of so many shingles in a row the smallest hash is kept (winnowing; Schleimer, Wilkerson, Aiken 2003): any 36 words
in a row that two texts share give them a fingerprint in common, for two in 33 shingles kept."""
SHORT_WORDS: Final = 128
SHORT_WINDOW: Final = 8
"""The window of texts of at most `SHORT_WORDS` words: what a cut leaves of them is shorter than 36 words. Their rows in
the index are no more than those of an article of 450 words."""
LINE_WORDS: Final = 60
"""The longest line that may be a site's furniture. Paragraphs of news are as long, and repeat in no third story."""

SETTING_WORDS: Final = 3
"""Words of a shingle besides its figures, for them to say what is counted."""

LABEL_WORDS: Final = 10
"""Numbers in shorter lines date and count the page, unless such lines are most of the text."""
DATELINE_WORDS: Final = 4
"""`NEW YORK, March 3 (Reuters)`: numbers in so many words at the beginning date the text."""

Places = NDArray[np.int64]
_NONE: Final = np.zeros(0, np.uint64)
_BELOW_2_63: Final = np.uint64(1)
"""Shift that makes a hash fit SQLite's signed 64 bits."""


def _odd(seed: int) -> np.uint64:
    """A well mixed odd number (splitmix64)."""
    value = (seed * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & 0xFFFFFFFFFFFFFFFF
    return np.uint64((value ^ value >> 31) | 1)


_FACTORS: Final = tuple(_odd(place + 1) for place in range(SYLLABLE_SHINGLE))
_LINE_FACTORS: Final = np.array([_odd(place + 101) for place in range(LINE_WORDS)], np.uint64)
_LENGTHS: Final = np.zeros((CHARACTER | SYLLABLE) + 1, np.int64)
_LENGTHS[:] = SHINGLE
_LENGTHS[[CHARACTER, SYLLABLE]] = CHARACTER_SHINGLE, SYLLABLE_SHINGLE
_ANY_FIGURE: Final = np.uint64(0x5851F42D4C957F28 | FIGURE)


def _mixed(values: Hashes) -> Hashes:
    """Each bit of a value spread over all of its bits (splitmix64), below 2**63."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (values ^ (values >> np.uint64(31))) >> _BELOW_2_63


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text prepared for comparing; the lines that were left out are not in it."""

    size: int
    """Words; characters where no spaces are written."""
    words: float
    """About how many words those are."""
    shingles: Hashes
    """In the order of the text; one of all words where they make no shingle."""
    distinct: Hashes
    """The shingles, ascending, each once."""
    places: Places
    """For each of the shingles its place among the distinct ones."""
    starts: Places
    """The word that each shingle begins with."""
    spans: Places
    """Words of each shingle."""
    settings: Hashes
    """Shingles that hold numbers, with every number covered: ascending. Those that date and count the page are not
    among them."""
    filled: Hashes
    """The same shingles in the same order, whole."""
    fillings: Hashes
    """And those ascending."""
    lead: int
    """The shingle that the text proper begins with, behind by-line and date."""


def read(text: str, left_out: Iterable[int] = ()) -> Reading:
    """A text without the lines whose hashes are left out."""
    return read_words(words(text), tuple(left_out))


def read_words(found: Hashes, left_out: tuple[int, ...] = ()) -> Reading:
    """As `read`, of words that were found already."""
    ends = found == np.uint64(LINE_END)
    number = np.cumsum(ends) - ends
    lengths = np.bincount(number[~ends], _words_in(found[~ends]), minlength=1)
    kept = ~ends
    if left_out:
        hashes, short = _lines(found)
        kept &= ~(short & np.isin(hashes, np.array(left_out, np.uint64)))[number]
    told = lengths[number[kept]] > LABEL_WORDS
    if 2 * told.sum() < len(told):
        told[:] = True
    return _reading(found[kept], told)


def line_hashes(found: Hashes) -> tuple[int, ...]:
    """The hashes of the short lines among words, at most `LINE_WORDS` words each: distinct, ascending."""
    hashes, short = _lines(found)
    return tuple(np.unique(hashes[short]).tolist())


def lines_among(text: str, numbers: Collection[int]) -> list[str]:
    """The lines of a text whose hashes are among these, as they are written."""
    if not numbers:
        return []
    return [line for line in text.splitlines() if set(line_hashes(words(line))) & set(numbers)]


def prints(text: str, left_out: Iterable[int] = ()) -> Prints:
    """What the index keeps of a text: fingerprints of all but the lines left out, and the hashes of all short lines."""
    found = words(text)
    return Prints(fingerprints(read_words(found, tuple(left_out)).shingles), line_hashes(found))


def fingerprints(shingles: Hashes) -> tuple[int, ...]:
    """The smallest shingle of every window, each once, ascending."""
    if not len(shingles):
        return ()
    window = SHORT_WINDOW if len(shingles) <= SHORT_WORDS else WINDOW
    lowest, reach = shingles, 1
    while reach * 2 <= window and reach * 2 <= len(shingles):
        lowest = np.minimum(lowest[:-reach], lowest[reach:])
        reach *= 2
    if (rest := min(window, len(shingles)) - reach) > 0:
        lowest = np.minimum(lowest[:-rest], lowest[rest:])
    return tuple(np.unique(lowest).tolist())


def _lines(found: Hashes) -> tuple[Hashes, Flags]:
    """Of each line its hash, and whether it is short and has words.

    The hash is a sum of the words by their places: one pass for all lines.
    """
    ends = found == np.uint64(LINE_END)
    number = np.cumsum(ends) - ends
    starts = np.concatenate((np.zeros(1, np.int64), np.flatnonzero(ends) + 1))
    lengths = np.diff(np.append(starts, len(found) + 1)) - 1
    place = np.arange(len(found)) - starts[number]
    counted = ~ends & (place < LINE_WORDS)
    sums = np.zeros(len(starts), np.uint64)
    np.add.at(sums, number[counted], found[counted] * _LINE_FACTORS[place[counted]])
    return _mixed(sums), (lengths > 0) & (lengths <= LINE_WORDS)


def _rows(found: Hashes, length: int) -> Hashes:
    """The hash of every `length` words in a row."""
    count = len(found) - length + 1
    if count <= 0:
        return np.zeros(0, np.uint64)
    total = found[:count] * _FACTORS[0]
    for place in range(1, length):
        total += found[place : place + count] * _FACTORS[place]
    return _mixed(total)


def _shingled(found: Hashes) -> tuple[Hashes, Places, Places]:
    """The shingles of the words, the word that each begins with and how many it has.

    How many goes by the script of the first one; the last words of a text begin none.
    """
    spans = _LENGTHS[found & np.uint64(CHARACTER | SYLLABLE)]
    if not spans.max(initial=0) > SHINGLE:
        rows = _rows(found, SHINGLE)
        starts = np.arange(len(rows))
    else:
        rows = np.zeros(len(found), np.uint64)
        complete = np.arange(len(found)) + spans <= len(found)
        for length in (SHINGLE, CHARACTER_SHINGLE, SYLLABLE_SHINGLE):
            of_length = np.flatnonzero(complete & (spans == length))
            if len(of_length):
                rows[of_length] = _rows(found, length)[of_length]
        starts = np.flatnonzero(complete)
        rows = rows[starts]
    if not len(rows) and len(found):
        return _rows(found, len(found)), np.zeros(1, np.int64), np.array([len(found)])
    return rows, starts, spans[starts]


def _words_in(found: Hashes) -> NDArray[np.float64]:
    """For each word 1, for each character of an unspaced script its part of one."""
    parts: NDArray[np.float64] = SHINGLE / _LENGTHS[found & np.uint64(CHARACTER | SYLLABLE)]
    return parts


def _reading(found: Hashes, told: Flags) -> Reading:
    shingles, starts, spans = _shingled(found)
    first = int(told.argmax()) if len(told) else 0
    figures = told & ((found & np.uint64(FIGURE)) != 0)
    figures[first : first + DATELINE_WORDS] = False
    distinct, places = np.unique(shingles, return_inverse=True)
    settings, filled = _settings(found, figures, shingles, starts, spans)
    return Reading(
        size=len(found),
        words=float(_words_in(found).sum()),
        shingles=shingles,
        distinct=distinct,
        places=places,
        starts=starts,
        spans=spans,
        settings=settings,
        filled=filled,
        fillings=np.sort(filled),
        lead=int(np.searchsorted(starts, first)),
    )


def _settings(found: Hashes, figures: Flags, shingles: Hashes, starts: Places, spans: Places) -> tuple[Hashes, Hashes]:
    """The shingles that hold figures among `SETTING_WORDS` other words: with the figures covered, and whole."""
    counts = np.concatenate((np.zeros(1, np.int64), np.cumsum(figures)))
    held = counts[starts + spans] - counts[starts]
    among = (held > 0) & (spans - held >= SETTING_WORDS)
    if not among.any():
        return _NONE, _NONE
    covered = _shingled(np.where(figures, _ANY_FIGURE, found))[0][among]
    order = np.argsort(covered, kind="stable")
    return covered[order], shingles[among][order]
