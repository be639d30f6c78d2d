"""The connection of a corpus: what is read at one moment, and what is written all or not at all."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from storage.errors import CorpusReadOnly
from storage.sqlite.files import WriterLock


class Transactions:
    """What every part of `SqliteCorpus` stands on."""

    path: Path
    connection: sqlite3.Connection
    """The tables as `main`, the search index as `idx`."""
    _lock: WriterLock | None
    """None: open for reading."""

    def _must_write(self) -> None:
        if self._lock is None:
            raise CorpusReadOnly(f"{self.path}: is open for reading; open it with write=True")

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """All or nothing, with the write lock from the start: a deferred one can fail half-way with BUSY_SNAPSHOT."""
        self._must_write()
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @contextlib.contextmanager
    def _leasing(self) -> Iterator[None]:
        """A transaction that need not outlive a power cut, for leases end with the process anyway: no fsync."""
        self._must_write()
        self.connection.execute("PRAGMA main.synchronous = NORMAL")
        try:
            with self._transaction():
                yield
        finally:
            self.connection.execute("PRAGMA main.synchronous = FULL")

    @contextlib.contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Several reads of one moment, unless a transaction is open and sees to that. SQLite takes the moment of each
        file with the first read of it; the index is read first, so that it knows no text that the corpus lacks."""
        if self.connection.in_transaction:
            yield
            return
        self.connection.execute("BEGIN")
        try:
            with contextlib.suppress(sqlite3.DatabaseError):  # without an index, much can be asked
                self.connection.execute("SELECT 1 FROM idx.sqlite_schema LIMIT 1").fetchone()
            yield
        finally:
            self.connection.execute("ROLLBACK")
