"""Writes articles for other programs, as JSON Lines or CSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable
from typing import IO

from storage.answers import StoredArticle
from storage.plain import plain_text
from storage.records import record

COLUMNS = (
    *("id", "url", "urls", "title", "text", "html", "authors", "published", "published_from", "updated"),
    *("first_seen", "fetched", "language", "site", "sources", "tags", "description", "image", "word_count"),
    *(
        "content_hash",
        "story_id",
        "copies",
        "revision",
        "change",
        "gone",
        "section",
        "licence",
        "free",
        "canonical",
        "syndicated_from",
    ),
)
"""The keys of an article's record, and the columns of a CSV file, in this order."""

LIST_SEPARATOR = "; "
"""Between the values of a list in one CSV cell. No URL holds it: a space in a URL is always encoded."""

_ESCAPED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]")
"""What JSON allows in a string and a terminal, or a program that splits lines as Python does, would act on."""
_FORMULA = re.compile(
    r"[\s\x00-\x20\u200b-\u200f\u2060\ufeff\ufffd]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20\u2212\ufe62\ufe63\ufe66\ufe6b]"
)
"""How a cell begins that a spreadsheet may run (OWASP, "CSV Injection"), also in full width or behind what hides."""


def write_jsonl(articles: Iterable[StoredArticle], stream: IO[str]) -> int:
    """Write one JSON object an article and line; gives how many. The stream takes UTF-8.

    Lossless, and yet nothing in it moves a terminal's cursor or ends a line early: such characters are escaped.
    """
    count = 0
    for article in articles:
        stream.write(json_line(record(article)))
        count += 1
    return count


def json_line(found: dict[str, object]) -> str:
    """A record as one line of JSON, its end included."""
    return escaped_json(json.dumps(found, ensure_ascii=False, allow_nan=False)) + "\n"


def escaped_json(document: str) -> str:
    """JSON that means the same and that no terminal obeys."""
    return _ESCAPED.sub(_escape, document)


def write_csv(articles: Iterable[StoredArticle], stream: IO[str]) -> int:
    """Write a header of `COLUMNS` and one row an article (RFC 4180, CRLF); gives the number of articles.

    Open the stream with `newline=""`. Lists are joined by `LIST_SEPARATOR`. A text that a spreadsheet would take for
    a formula gets an apostrophe before it, control and direction characters become U+FFFD; who needs every byte
    takes JSON Lines.
    """
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(COLUMNS)
    count = 0
    for article in articles:
        found = record(article)
        writer.writerow([_cell(found[name]) for name in COLUMNS])
        count += 1
    return count


def _cell(value: object) -> str | int | float:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return value
    text = LIST_SEPARATOR.join(str(part) for part in value) if isinstance(value, list) else str(value)
    safe = plain_text(text.replace("\r\n", "\n"))
    return f"'{safe}" if _FORMULA.match(text) else safe


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
