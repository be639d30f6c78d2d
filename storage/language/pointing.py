"""What there is to say about a typed text, and where in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from storage.plain import plain_text

SHOWN_COLUMNS = 76
"""Of a terminal, for a stretch of the text around what is pointed at."""
_BEFORE = 24
"""Columns of them that come before it."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something odd but harmless in a typed text."""

    start: int
    end: int
    """Characters of the typed text, from `start` up to, but without, `end`."""
    message: str
    """One line, safe to print."""


def pointed(words: str, start: int, end: int) -> str:
    """Two lines for a terminal: the typed text, or what of it fits around the place, and carets below the place.

    Every character becomes one of the same width, or U+FFFD where a terminal would obey it, so that the carets stand
    right whatever was typed: in scripts of double width, too.
    """
    start = min(max(start, 0), len(words))
    end = min(max(end, start), len(words))
    first = _first_shown(words, start)
    shown, marks, columns = ("…" if first else ""), (" " if first else ""), int(bool(first))
    for place in range(first, len(words)):
        character = _safe(words[place])
        width = _width(character)
        if columns + width >= SHOWN_COLUMNS and place + 1 < len(words):
            shown += "…"
            break
        shown += character
        marks += ("^" if start <= place < end else " ") * width
        columns += width
    if "^" not in marks:
        marks = marks.rstrip() if start < end else " " * _columns(words, first, start) + "^"
        marks = marks if "^" in marks else marks + "^"
    return f"{shown.rstrip()}\n{marks.rstrip()}"


def _first_shown(words: str, start: int) -> int:
    """From where on a text is shown: from its beginning, where the place is near it."""
    if _columns(words, 0, start) < SHOWN_COLUMNS // 2:
        return 0
    place, columns = start, 0
    while place and columns < _BEFORE:
        place -= 1
        columns += _width(_safe(words[place]))
    return place


def _columns(words: str, first: int, last: int) -> int:
    return int(bool(first)) + sum(_width(_safe(character)) for character in words[first:last])


def _safe(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cs", "Cc", "Cf", "Co", "Cn"):
        return "\ufffd"
    return plain_text(character)


def _width(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
