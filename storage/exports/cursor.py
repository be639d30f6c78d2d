"""The cursor file of an export that goes on: how far it came, and of which question."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from storage.answers import Query
from storage.errors import CursorRefused
from storage.export import json_line
from storage.exports.asked import in_words
from storage.exports.manifest import ExportKind, query_record
from storage.numbers import NumberSet
from storage.plain import plain_line
from storage.records import text_record, time_record
from storage.selections import Position, Progress

VERSION = 1
MOST_CURSOR_BYTES = 256 << 20
"""Of a cursor file. It has a bit for each text that was ever filed, packed."""


@dataclass(frozen=True, slots=True)
class ExportCursor:
    """What an export asked, and how far it came."""

    kind: ExportKind
    query: Query
    one_per_story: bool
    progress: Progress

    def line(self) -> str:
        """The contents of the file; equal cursors give equal lines."""
        position = self.progress.position
        return json_line(
            {
                "cursor": VERSION,
                "asked": self._asked(),
                "position": position.seq,
                "as_of": time_record(position.at),
                "newest": [position.newest_id, text_record(position.newest_url)],
                "given": self.progress.given.text(),
            }
        )

    def _asked(self) -> dict[str, object]:
        told = {"format": self.kind, "one_per_story": self.one_per_story, "in_words": in_words(self.query)}
        return told | {"query": query_record(self.query)}


def read_export_cursor(text: str, asked: ExportCursor) -> Progress:
    """How far the export came whose cursor this is. Raises CursorRefused where it is no cursor, or where something else
    was `asked`; the message follows the name of the file."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or found.get("cursor") != VERSION:
            raise ValueError(text[:20])
        former = found["asked"]
        progress = Progress(_position(found), NumberSet.of_text(found["given"]))
        told = f"{former['format']}, {former['in_words'] or 'all articles'}"
    except (ValueError, KeyError, TypeError, RecursionError):
        raise CursorRefused("is no cursor of an export; give the name of another file") from None
    if former != asked._asked():
        one_each = ", one per story" if former.get("one_per_story") else ""
        raise CursorRefused(
            f"goes on with another export ({plain_line(told + one_each)}); ask the same, or name another file"
        )
    return progress


def _position(found: dict[str, Any]) -> Position:
    seq, at, (newest_id, newest_url) = found["position"], found["as_of"], found["newest"]
    for number in (seq, 0 if newest_id is None else newest_id):
        if type(number) is not int or not 0 <= number < 1 << 62:
            raise ValueError(number)
    return Position(seq, at and datetime.fromisoformat(at), newest_id, newest_url)
