"""Lets time pass for a corpus: every time that it stores is moved into the past, as if the crawl had been long ago."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

TIMES = {
    "sources": ("added",),
    "feeds": (
        *("added", "next_poll", "last_poll", "last_success", "moved_since", "last_news", "news_expected"),
        *("last_whole", "last_gap", "last_lie"),
    ),
    "polls": ("at",),
    "moves": ("at",),
    "pages": ("discovered", "dated", "due", "ended"),
    "entries": ("first_seen", "changed"),
    "sightings": ("at",),
    "outcomes": ("at",),
    "articles": ("dated", "first_seen", "fetched", "checked"),
    "hosts": ("paused_until", "robots_fetched"),
}
"""Columns that hold when something happened here. What publishers say (`published`, `updated`) stays."""


def let_pass(db: Path, time: timedelta) -> None:
    """Move what the corpus at `db` remembers into the past by so much. No process may be writing it."""
    with closing(sqlite3.connect(db, isolation_level=None)) as connection:
        connection.create_function("earlier", 1, lambda text: _earlier(text, time))
        connection.execute("BEGIN IMMEDIATE")
        for table, columns in TIMES.items():
            changes = ", ".join(f"{column} = earlier({column})" for column in columns)
            connection.execute(f"UPDATE {table} SET {changes}")
        connection.execute("COMMIT")


def _earlier(text: str | None, time: timedelta) -> str | None:
    if text is None or len(text) == len("2000-01-01"):
        return text
    return (datetime.fromisoformat(text) - time).isoformat()
