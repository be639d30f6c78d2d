"""The search index of a corpus: a file of its own beside it, filled from the articles, and rebuilt whenever it is lost.

The index is attached as `idx`. Articles come into it in the order of `articles.seq`, which every new text of an article
takes anew, so that adding is all there is: the highest `seq` seen is the watermark, and the full-text row of a former
text stays behind with no row in `docs` to lead to it. Until a new text is indexed its article is found by the former.
"""

# ruff: noqa: S608 - what is put into statements are constants of this package

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from storage.errors import IndexDamaged
from storage.folding import fold_tag, index_text
from storage.language.expressions import EVERY
from storage.sqlite import facet_columns, vocabulary
from storage.sqlite.connection import attach_index
from storage.sqlite.failures import is_damage
from storage.sqlite.files import remove
from storage.sqlite.rows import list_of

VERSION = 6
"""Goes up with every change of the tables or of `folding`; an index of another version is built anew."""
MAX_INDEXED_CHARACTERS = 1_000_000
"""Of one text: a book. What is beyond is kept and shown, but not found."""
HASH_BYTES = 8 << 20
"""What FTS5 gathers before it writes a segment; the default of 1 MiB writes, and merges, eight times as many."""

PRIMARY_LANGUAGE = "lower(substr(language, 1, instr(language || '-', '-') - 1))"
"""The language without its region (RFC 5646 section 2.2.1): who looks for `en` finds `en-GB`."""

_HAVING = {
    "author": "authors <> '[]'",
    "date": "published IS NOT NULL",
    "description": "coalesce(description, '') <> ''",
    "image": "coalesce(image, '') <> ''",
    "licence": "coalesce(licence, '') <> ''",
    "revisions": "revision > 1",
    "section": "coalesce(section, '') <> ''",
    "tags": "tags <> '[]'",
    "title": "coalesce(title, '') <> ''",
}
HAS_BITS = {name: 1 << place for place, name in enumerate(_HAVING)}
HAS = "(" + " | ".join(f"({having}) * {HAS_BITS[name]}" for name, having in _HAVING.items()) + ")"
"""What an article has, one bit each, so that `has:` need not look at the article."""

_TABLES = (
    "CREATE TABLE idx.state (name TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID",
    "CREATE TABLE idx.docs (seq INTEGER PRIMARY KEY, article_id INTEGER NOT NULL UNIQUE, dated TEXT NOT NULL, "
    "site TEXT NOT NULL, language TEXT, story_id INTEGER NOT NULL, has INTEGER NOT NULL) STRICT",
    "CREATE INDEX idx.docs_by_date ON docs (dated, article_id)",
    "CREATE INDEX idx.docs_by_site ON docs (site, dated, article_id)",
    "CREATE INDEX idx.docs_by_language ON docs (language, dated, article_id)",
    "CREATE TABLE idx.tags (folded TEXT NOT NULL, article_id INTEGER NOT NULL, tag TEXT NOT NULL, "
    "PRIMARY KEY (folded, article_id)) STRICT, WITHOUT ROWID",
    "CREATE INDEX idx.tags_by_article ON tags (article_id)",
    vocabulary.TABLE,
    *facet_columns.TABLES,
    "CREATE VIRTUAL TABLE idx.texts USING fts5 (title, text, authors, tags, description, content = '', "
    "tokenize = 'ascii')",
)


def is_usable(connection: sqlite3.Connection) -> bool:
    """Whether there is an index that this version can search."""
    return state(connection, "version") == VERSION


def is_complete(connection: sqlite3.Connection) -> bool:
    """Whether every article, in its current text, is in the index."""
    newest = connection.execute("SELECT coalesce(max(seq), 0) FROM articles").fetchone()[0]
    return is_usable(connection) and state(connection, "watermark") == newest


def watermark(connection: sqlite3.Connection) -> int:
    """The highest `articles.seq` that was indexed; every text up to it is in the index. 0 without an index."""
    found = state(connection, "watermark") if is_usable(connection) else 0
    return found if isinstance(found, int) else 0


def missing(connection: sqlite3.Connection) -> int:
    """How many articles search does not know yet, or knows by a former text."""
    known = watermark(connection)
    return int(connection.execute("SELECT count(*) FROM articles WHERE seq > ?", (known,)).fetchone()[0])


def forget(connection: sqlite3.Connection, path: Path) -> None:
    """Begin the index anew; `update` fills it."""
    if any(row[1] == "idx" for row in connection.execute("PRAGMA database_list")):
        connection.execute("DETACH idx")
    remove(path)
    attach_index(connection, path)


def examine(connection: sqlite3.Connection) -> None:
    """Raises IndexDamaged where there is an index of this version whose columns are not as they were written."""
    if is_usable(connection):
        facet_columns.examine(connection, watermark(connection))


def update(connection: sqlite3.Connection, path: Path, limit: int, *, is_first: bool = False) -> int:
    """Index up to `limit` articles in one transaction; gives how many are still missing.

    `path` is the file of the index. One that is damaged, of another version or of another corpus is begun anew. All of
    it is looked at where that `is_first`: 40 MB for a million articles.
    """
    try:
        if is_first:
            examine(connection)
        return _update(connection, limit)
    except IndexDamaged:
        forget(connection, path)
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if not is_damage(error):
            raise
        connection.execute("PRAGMA main.quick_check(1)")  # raises where it is the corpus that is damaged
        forget(connection, path)
    return _update(connection, limit)


def _update(connection: sqlite3.Connection, limit: int) -> int:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if not _belongs(connection):
            _create(connection)
        _add(connection, limit)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return missing(connection)


def _belongs(connection: sqlite3.Connection) -> bool:
    """Whether the index is of this version and of this corpus, not of one that a backup has since replaced: the article
    last indexed is there still, with that text or a later one."""
    if not is_usable(connection):
        return False
    known, content_hash = watermark(connection), state(connection, "content_hash")
    if known == 0:
        return True
    row = connection.execute(
        "SELECT articles.seq, articles.content_hash FROM idx.docs JOIN articles ON articles.id = docs.article_id "
        "WHERE docs.seq = ?",
        (known,),
    ).fetchone()
    return row is not None and (row[0] > known or row == (known, content_hash))


def _create(connection: sqlite3.Connection) -> None:
    for name in ("texts", "docs", "tags", "authors", "words", "names", "columns", "state"):
        connection.execute(f"DROP TABLE IF EXISTS idx.{name}")
    for statement in _TABLES:
        connection.execute(statement)
    connection.execute("INSERT INTO idx.texts (texts, rank) VALUES ('hashsize', ?)", (HASH_BYTES,))
    connection.executemany(
        "INSERT INTO idx.state VALUES (?, ?)",
        [("version", VERSION), ("watermark", 0), ("content_hash", ""), ("identity", secrets.token_hex(16))],
    )


def _add(connection: sqlite3.Connection, limit: int) -> None:
    rows = connection.execute(
        f"SELECT seq, content_hash, id, dated, site, {PRIMARY_LANGUAGE}, story_id, {HAS}, title, text, authors, tags, "
        "description "
        "FROM articles WHERE seq > ? ORDER BY seq LIMIT ?",
        (state(connection, "watermark"), limit),
    )
    last = None
    words = vocabulary.Vocabulary()
    facets = facet_columns.Appending()
    for seq, content_hash, article_id, *columns in rows:
        words.add(_add_article(connection, seq, article_id, columns, facets))
        last = (seq, content_hash)
    if last is not None:
        words.write(connection)
        facets.write(connection)
        connection.executemany(
            "UPDATE idx.state SET value = ? WHERE name = ?", zip(last, ("watermark", "content_hash"), strict=True)
        )


def _add_article(
    connection: sqlite3.Connection, seq: int, article_id: int, columns: Sequence[Any], facets: facet_columns.Appending
) -> Sequence[str]:
    """Gives the texts as they were indexed."""
    dated, site, language, story_id, has, title, text, authors, tags, description = columns
    own_tags, names = list_of(tags), list_of(authors)
    for table in ("docs", "tags"):
        connection.execute(f"DELETE FROM idx.{table} WHERE article_id = ?", (article_id,))
    connection.execute(
        "INSERT INTO idx.docs VALUES (?, ?, ?, ?, ?, ?, ?)", (seq, article_id, dated, site, language, story_id, has)
    )
    connection.executemany(
        "INSERT OR IGNORE INTO idx.tags VALUES (?, ?, ?)", [(fold_tag(tag), article_id, tag) for tag in own_tags]
    )
    facets.add(facet_columns.row_of(seq, article_id, dated[:10], site, language or "", own_tags, names))
    texts = (
        *(_indexed(title), _indexed(text), _indexed_list(names)),
        *(f"{EVERY} {_indexed_list(own_tags)}", _indexed(description)),
    )
    connection.execute(
        "INSERT INTO idx.texts (rowid, title, text, authors, tags, description) VALUES (?, ?, ?, ?, ?, ?)",
        (seq, *texts),
    )
    return texts


def _indexed(text: str | None) -> str:
    return index_text(text[:MAX_INDEXED_CHARACTERS]) if text else ""


def _indexed_list(values: Iterable[str]) -> str:
    return " . ".join(map(_indexed, values))


def state(connection: sqlite3.Connection, name: str) -> object:
    """What the index says of itself; None where it does not."""
    try:
        row = connection.execute("SELECT value FROM idx.state WHERE name = ?", (name,)).fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" not in str(error):
            raise
        return None
    return row[0] if row else None
