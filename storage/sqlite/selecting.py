"""Decides what an export takes: the articles that match at one moment, and where the corpus stands then."""

from __future__ import annotations

import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence

from storage.answers import Query
from storage.errors import CursorRefused
from storage.numbers import NumberSet
from storage.search import understand
from storage.selections import Position, Progress, Selection
from storage.sqlite import index, searching
from storage.sqlite.rows import moment

_AT_ONCE = 10_000
"""Articles that are looked up with one statement."""


def select(
    connection: sqlite3.Connection, query: Query, *, one_per_story: bool = False, after: Progress | None = None
) -> Selection:
    """See `storage.corpus.Corpus.select`; runs in one snapshot."""
    reached = position(connection, query)
    if after is not None:
        _must_be_of_this_corpus(connection, after.position, reached)
    ids = searching.matching(connection, query, one_per_story=one_per_story)
    return Selection(ids if after is None else _since(connection, ids, after, reached), reached, after)


def overtaken(connection: sqlite3.Connection, article_ids: Sequence[int], selection: Selection) -> frozenset[int]:
    """Those of the articles whose text is newer than the selection: the next one has them."""
    rows = connection.execute(
        "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?)) AND seq > ?",
        (json.dumps(list(article_ids)), selection.position.seq),
    )
    return frozenset(article_id for (article_id,) in rows)


def _since(connection: sqlite3.Connection, ids: array[int], after: Progress, reached: Position) -> array[int]:
    """Those of the articles that were not given yet, or not in this text, by the order of filing."""
    former = after.position.seq
    late = [article_id for article_id in ids if article_id <= former and article_id not in after.given]
    found = array("q", (article_id for _, article_id in sorted(_filed_before(connection, late, former))))
    wanted = NumberSet()
    for article_id in ids:
        wanted.add(article_id)
    rows = connection.execute("SELECT id FROM articles WHERE seq > ? AND seq <= ? ORDER BY seq", (former, reached.seq))
    found.extend(article_id for (article_id,) in rows if article_id in wanted)
    return found


def _filed_before(connection: sqlite3.Connection, article_ids: list[int], seq: int) -> Iterable[tuple[int, int]]:
    for start in range(0, len(article_ids), _AT_ONCE):
        yield from connection.execute(
            "SELECT seq, id FROM articles WHERE id IN (SELECT value FROM json_each(?)) AND seq <= ?",
            (json.dumps(article_ids[start : start + _AT_ONCE]), seq),
        )


def _must_be_of_this_corpus(connection: sqlite3.Connection, former: Position, reached: Position) -> None:
    row = connection.execute("SELECT url FROM articles WHERE id = ?", (former.newest_id,)).fetchone()
    is_same = former.newest_id is None or (row is not None and row[0] == former.newest_url)
    (newest,) = connection.execute("SELECT coalesce(max(seq), 0) FROM articles").fetchone()
    if not is_same or former.seq > newest:
        raise CursorRefused(
            "is of another corpus, or of a later state of this one, which was put back from a copy; begin a new one"
        )
    if former.seq > reached.seq:
        raise CursorRefused("is ahead of the search index; a command that writes, `cuttings crawl` say, completes it")


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
