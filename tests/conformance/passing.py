"""Time passes: everything that the corpus remembers becomes so much older, for one scenario's servers or for all."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00|Z)")
_EPOCH = re.compile(r"(?<![\d.])1[6-9]\d{8}(?:\.\d+)?(?![\d.])")
_WHAT_PUBLISHERS_SAY = frozenset(
    {
        *("published", "updated", "dated", "oldest", "left_before", "left_after"),
        *("url", "title", "summary", "content", "key"),
    }
)
_ROWS = {
    "feeds": "source_id IN ({sources})",
    "pages": "source_id IN ({sources})",
    "sightings": "source_id IN ({sources})",
    "polls": "feed_id IN (SELECT id FROM feeds WHERE source_id IN ({sources}))",
    "moves": "feed_id IN (SELECT id FROM feeds WHERE source_id IN ({sources}))",
    "entries": "feed_id IN (SELECT id FROM feeds WHERE source_id IN ({sources}))",
    "archives": "source_id IN ({sources})",
    "outcomes": "page_id IN (SELECT id FROM pages WHERE source_id IN ({sources}))",
    "hosts": "host LIKE :host",
}


def let_pass(db: Path, time: timedelta) -> None:
    """As if everything had been so much earlier."""
    age(db, "%", "%", time)


def age(db: Path, urls: str, hosts: str, by: timedelta) -> None:
    """Shift every time that is kept of sources under `urls` and of `hosts` (patterns of LIKE) into the past, those
    inside of what the schedule learned included; dates that publishers gave stay."""
    sources = "SELECT id FROM sources WHERE url LIKE :urls"
    with sqlite3.connect(db) as connection:
        for table, condition in _ROWS.items():
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[2] == "TEXT"]
            key = "host" if table == "hosts" else "id"
            for column in set(columns) - _WHAT_PUBLISHERS_SAY - {key}:
                where = condition.format(sources=sources)
                rows = connection.execute(
                    f"SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND {where}",
                    {"urls": urls, "host": hosts},
                ).fetchall()
                shifted = [(_shifted(value, by, numbers=column == "learned"), row) for row, value in rows]
                connection.executemany(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", shifted)
    connection.close()


def _shifted(text: str, by: timedelta, *, numbers: bool) -> str:
    text = _MOMENT.sub(lambda found: (datetime.fromisoformat(found[0]) - by).isoformat(), text)
    if not numbers:  # a hash or an ETag may look like one
        return text
    return _EPOCH.sub(lambda found: repr(float(found[0]) - by.total_seconds()), text)
