"""Decides what an export takes: the articles that match at one moment, and where the corpus stands then."""

from __future__ import annotations

import sqlite3

from storage.answers import Query
from storage.search import understand
from storage.selections import Position, Selection
from storage.sqlite import index, searching
from storage.sqlite.rows import moment


def select(connection: sqlite3.Connection, query: Query, *, one_per_story: bool = False) -> Selection:
    """See `storage.corpus.Corpus.select`; runs in one snapshot."""
    return Selection(searching.matching(connection, query, one_per_story=one_per_story), position(connection, query))


def position(connection: sqlite3.Connection, query: Query) -> Position:
    """Where the corpus stands for whoever asks this: a question with words knows what the index knows."""
    (seq,) = connection.execute("SELECT coalesce(max(seq), 0) FROM articles").fetchone()
    if understand(query.words).terms:
        seq = min(seq, index.watermark(connection))
    last = connection.execute(
        "SELECT coalesce(recut, fetched) FROM articles WHERE seq <= ? ORDER BY seq DESC LIMIT 1", (seq,)
    ).fetchone()
    newest = connection.execute(
        "SELECT id, url FROM articles WHERE id <= ? ORDER BY id DESC LIMIT 1", (seq,)
    ).fetchone()
    return Position(seq, moment(last[0]) if last else None, *(newest or (None, None)))
