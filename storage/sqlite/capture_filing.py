"""The writes that have to do with raw pages: what is archived with a page, and texts that are cut from it again."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from storage.archive import Archive
from storage.errors import StorageError
from storage.model import Article, Capture, Discovery, DuePage, RawAnswer, Source
from storage.sqlite import captures
from storage.sqlite.archive_filing import SqliteWalkFiling
from storage.sqlite.copy_index import SqliteCopyIndex
from storage.sqlite.discoveries import Discoveries
from storage.sqlite.filing import _ARTICLE_COLUMNS, _article_values, _assignments
from storage.sqlite.filing import _step as step
from storage.sqlite.frontier import due_page
from storage.sqlite.rows import clean, list_text, mapping_text, moment_text, time_text

_KEPT = frozenset({"fetched", "checked"})
"""What does not change when the same bytes are cut again."""


class SqliteCaptureFiling(SqliteWalkFiling):
    """`storage.corpus.Filing` with the archive, which is on the disk before the tables point to it."""

    def __init__(self, connection: sqlite3.Connection, path: Path, copies: SqliteCopyIndex, archive: Archive) -> None:
        super().__init__(connection, path, copies)
        self._archive = archive

    def begin(self) -> None:
        """See `SqliteFiling.begin`."""
        super().begin()
        self._archive.begin()

    def commit(self) -> None:
        """See `SqliteFiling.commit`."""
        if self.spoilt is None:
            self._archive.sync()
        super().commit()

    def roll_back(self) -> None:
        """See `SqliteFiling.roll_back`."""
        super().roll_back()
        self._archive.roll_back()

    @step
    def add_capture(self, page_id: int, answer: RawAnswer) -> Capture:
        """See `storage.corpus.Filing.add_capture`."""
        capture = self._archive.append(answer)
        captures.add(self._sql, page_id, capture)
        return capture

    @step
    def recut_article(self, article_id: int, revision: int, article: Article, at: datetime) -> None:
        """See `storage.corpus.Filing.recut_article`."""
        row = self._sql.execute(
            "SELECT revision, first_seen, fetched, story_id, text FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        if row is None:
            raise StorageError(f"{self.path}: has no article {article_id}")
        current, first_seen, fetched, story_id, text = row
        if revision != current:
            self._recut_revision(article_id, revision, article)
            return
        values = zip(_ARTICLE_COLUMNS, _article_values(article, first_seen, fetched), strict=True)
        changed = {name: value for name, value in values if name not in _KEPT}
        self._sql.execute(
            f"UPDATE articles SET seq = ?, recut = ?, {_assignments(tuple(changed))} WHERE id = ?",
            (self._next_seq(), moment_text(at), *changed.values(), article_id),
        )
        if text != clean(article.text):
            self._copies.replaced(story_id)

    def _recut_revision(self, article_id: int, number: int, article: Article) -> None:
        old = self._sql.execute(
            "SELECT story_id, revisions.text FROM revisions JOIN articles ON id = article_id "
            "WHERE article_id = ? AND number = ?",
            (article_id, number),
        ).fetchone()
        if old is None:
            raise StorageError(f"{self.path}: article {article_id} has no revision {number}")
        self._sql.execute(
            "UPDATE revisions SET title = ?, authors = ?, published = ?, updated = ?, content_hash = ?, "
            "provenance = ?, text = ?, html = ? WHERE article_id = ? AND number = ?",
            (
                *(clean(article.title) if article.title else None, list_text(article.authors)),
                *(time_text(article.published), time_text(article.updated), article.content_hash),
                *(mapping_text(article.provenance), clean(article.text), clean(article.html), article_id, number),
            ),
        )
        if old[1] != clean(article.text):
            self._copies.replaced(old[0])

    @step
    def mark_recut(self, reached: tuple[int, int] | None) -> None:
        """See `storage.corpus.Filing.mark_recut`."""
        captures.set_mark(self._sql, reached)

    @step
    def bring_page(self, source: Source, found: Discovery, at: datetime) -> DuePage | None:
        """See `storage.corpus.Filing.bring_page`."""
        source_id, feed_id = self._brought_by(source, at, "warc")
        if captures.settled(self._sql, [found.key]):
            return None
        Discoveries(self._sql, feed_id, source_id, at).add([found])
        page_id, outcome, attempts = self._sql.execute(
            "SELECT id, outcome, attempts FROM pages WHERE key = ?", (clean(found.key),)
        ).fetchone()
        is_known_address = outcome == "same_article" and not attempts
        return None if is_known_address else due_page(self._sql, page_id)

    def _brought_by(self, source: Source, at: datetime, document_kind: str) -> tuple[int, int]:
        """The rows of a source that is no subscription, and of the one document in it."""
        url, when = clean(source.url), moment_text(at)
        self._sql.execute(
            "INSERT OR IGNORE INTO sources (name, kind, url, tags, enabled, added, removed) "
            "VALUES (?, ?, ?, ?, 0, ?, ?)",
            (clean(source.name), source.kind, url, list_text(source.tags), when, when),
        )
        (source_id,) = self._sql.execute("SELECT id FROM sources WHERE url = ?", (url,)).fetchone()
        self._sql.execute(
            "INSERT OR IGNORE INTO feeds (source_id, kind, url, host, document_kind, added) VALUES (?, ?, ?, '', ?, ?)",
            (source_id, source.kind, url, document_kind, when),
        )
        (feed_id,) = self._sql.execute(
            "SELECT id FROM feeds WHERE source_id = ? AND url = ?", (source_id, url)
        ).fetchone()
        return int(source_id), int(feed_id)
