"""Which known word is meant by one that is not known: a slip or two away from it."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator

from storage.folding import fold

MIN_LETTERS = 3
"""Of shorter words every one is near every other."""
MAX_LETTERS = 40
SURE_LETTERS = 7
"""From so many on, two slips leave a word known."""
_BLOCK = 128
"""Code points; an alphabet lies within one such block of Unicode, or in few."""


def slips_allowed(word: str) -> int:
    """How many slips a word may be away from the one that is meant."""
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS:
        return 0
    return 2 if len(word) >= SURE_LETTERS else 1


def slips(one: str, other: str, most: int) -> int:
    """How many letters were left out, put in, taken for another or exchanged with their neighbour (optimal string
    alignment); `most` + 1 where it is more than `most`."""
    if abs(len(one) - len(other)) > most or len(set(one) ^ set(other)) > 2 * most:  # quick, and true of most
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        current = [row]
        for column, standing in enumerate(other, 1):
            cost = min(last[column] + 1, current[-1] + 1, last[column - 1] + (letter != standing))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == standing:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > most and min(last) > most:
            return most + 1
        before, last = last, current
    return min(last[-1], most + 1)


def nearest(word: str, known: Iterable[str], most: int | None = None) -> str | None:
    """The known word that is nearest, in whatever case and accents; of those as near the first. None where none is."""
    asked = fold(word)
    allowed = slips_allowed(asked) if most is None else most
    best: tuple[int, str] | None = None
    for name in known:
        away = slips(asked, fold(name), allowed)
        if away <= allowed and (best is None or away < best[0]):
            best = (away, name)
    return best[1] if best else None


def one_slip_away(word: str) -> Iterator[str]:
    """Every text that is one slip away from a folded word, in the letters of its own script: about 54 for a letter."""
    letters = "".join(dict.fromkeys("".join(_alphabet(ord(letter) // _BLOCK) for letter in dict.fromkeys(word))))
    for place in range(len(word) + 1):
        head, tail = word[:place], word[place:]
        if tail:
            yield head + tail[1:]
            for letter in letters:
                yield head + letter + tail[1:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        for letter in letters:
            yield head + letter + tail


@functools.lru_cache(64)
def _alphabet(block: int) -> str:
    """The folded letters and digits of a block of Unicode."""
    characters = map(chr, range(block * _BLOCK, (block + 1) * _BLOCK))
    return "".join(one for one in characters if one.isalnum() and not "\ud800" <= one <= "\udfff" and fold(one) == one)
