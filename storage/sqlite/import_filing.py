"""The writes of an import: rows of a file that bring the text of a page, newer or older than what is stored."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import sqlite3
from datetime import datetime
from itertools import pairwise
from pathlib import Path

from storage.archive import Archive
from storage.brought import BroughtPage, StandingText
from storage.changes import ChangeKind, classify
from storage.errors import StorageError
from storage.model import Article, Discovery, Ending, Source
from storage.sqlite.capture_filing import SqliteCaptureFiling
from storage.sqlite.copy_index import SqliteCopyIndex
from storage.sqlite.discoveries import Discoveries, entry_key
from storage.sqlite.filing import _step as step
from storage.sqlite.frontier import due_page
from storage.sqlite.rows import (
    ENTRY_COLUMNS,
    clean,
    cleaned,
    date_or_none,
    entry_values,
    list_text,
    mapping_of,
    mapping_text,
    moment,
    moment_or_none,
    moment_text,
    time_text,
)


class SqliteImportFiling(SqliteCaptureFiling):
    """All of `storage.corpus.Filing`, with what an import files."""

    def __init__(self, connection: sqlite3.Connection, path: Path, copies: SqliteCopyIndex, archive: Archive) -> None:
        super().__init__(connection, path, copies, archive)
        self._bringing: dict[str, tuple[int, int]] = {}
        """Address of a source to its rows, for as long as the transaction."""

    @step
    def bring_row(self, source: Source, found: Discovery, at: datetime) -> BroughtPage | None:
        """See `storage.corpus.Filing.bring_row`."""
        if source.url not in self._bringing:
            self._bringing[source.url] = self._brought_by(source, at, "import")
        source_id, feed_id = self._bringing[source.url]
        key = entry_key(found)
        if self._sql.execute("SELECT 1 FROM entries WHERE feed_id = ? AND key = ?", (feed_id, key)).fetchone():
            return None
        naming = Discoveries(self._sql, feed_id, source_id, at)
        page_id, _ = naming.add_page(found)
        entry_id = self._insert(
            f"INSERT INTO entries (feed_id, key, page_id, first_seen, {', '.join(ENTRY_COLUMNS)}) "
            f"VALUES (?, ?, ?, ?{', ?' * len(ENTRY_COLUMNS)})",
            (feed_id, key, page_id, moment_text(at), *entry_values(found.entry)),
        )
        naming.add_sighting(page_id, entry_id, found)
        return self._brought(page_id)

    def _brought(self, page_id: int) -> BroughtPage:
        """The page with what is known of it. An address that became known while the row was read is another one's."""
        page = due_page(self._sql, page_id)
        if page.article_id is None:
            return BroughtPage(page)
        outcome, due = self._sql.execute("SELECT outcome, due FROM pages WHERE id = ?", (page_id,)).fetchone()
        if outcome == Ending.SAME_ARTICLE:
            return BroughtPage(page, is_other_address=True, due=moment_or_none(due))
        fetched, published, updated, provenance = self._sql.execute(
            "SELECT fetched, published, updated, provenance FROM articles WHERE id = ?", (page.article_id,)
        ).fetchone()
        text = StandingText(
            page.article_id,
            moment(fetched),
            date_or_none(published),
            date_or_none(updated),
            mapping_of(provenance),
        )
        return BroughtPage(page, text, due=moment_or_none(due))

    @step
    def add_former(self, article_id: int, article: Article, at: datetime) -> bool:
        """See `storage.corpus.Filing.add_former`."""
        row = self._sql.execute(
            "SELECT revision, fetched, story_id FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        if row is None:
            raise StorageError(f"{self.path}: has no article {article_id}")
        revision, current, story_id = row
        title, fetched = cleaned(article.title), min(moment_text(at), current)
        same = "content_hash = ? AND title IS ?"
        if self._sql.execute(
            f"SELECT 1 FROM revisions WHERE article_id = ? AND {same} UNION ALL "
            f"SELECT 1 FROM articles WHERE id = ? AND {same} LIMIT 1",
            (article_id, article.content_hash, title, article_id, article.content_hash, title),
        ).fetchone():
            return False
        (later,) = self._sql.execute(
            "SELECT min(number) FROM revisions WHERE article_id = ? AND fetched > ?", (article_id, fetched)
        ).fetchone()
        number = revision if later is None else later
        # in two steps, over numbers that no text has: one by one they would meet their neighbours
        self._sql.execute(
            "UPDATE revisions SET number = -number - 1 WHERE article_id = ? AND number >= ?", (article_id, number)
        )
        self._sql.execute("UPDATE revisions SET number = -number WHERE article_id = ? AND number < 0", (article_id,))
        self._sql.execute(
            "UPDATE articles SET seq = ?, revision = revision + 1 WHERE id = ?", (self._next_seq(), article_id)
        )
        self._sql.execute(
            "INSERT INTO revisions (article_id, number, fetched, title, authors, published, updated, content_hash, "
            "provenance, text, html) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(article_id, number, fetched, title, list_text(article.authors), time_text(article.published)),
                *(time_text(article.updated), article.content_hash, mapping_text(article.provenance)),
                *(clean(article.text), clean(article.html)),
            ),
        )
        self._copies.add(story_id, None)
        self._classify_from(article_id, number)
        return True

    def _classify_from(self, article_id: int, number: int) -> None:
        """Say anew what made a text, and the one behind it, of the one before."""
        texts = "SELECT number, title, text FROM revisions WHERE article_id = :id UNION ALL "
        texts += "SELECT revision, title, text FROM articles WHERE id = :id"
        near = self._sql.execute(
            f"SELECT * FROM ({texts}) WHERE number BETWEEN :low AND :high ORDER BY number",
            {"id": article_id, "low": number - 1, "high": number + 1},
        ).fetchall()
        for (_, old_title, old), (later, title, new) in pairwise(near):
            change = classify(old_title, old, title, new)
            kind = ChangeKind.COSMETIC if change is None else change.kind
            for table, key, column in (("revisions", "article_id", "number"), ("articles", "id", "revision")):
                self._sql.execute(
                    f"UPDATE {table} SET change = ? WHERE {key} = ? AND {column} = ?", (kind, article_id, later)
                )
