"""The corpus in one SQLite file: the contract of `storage.corpus` on top of the modules beside this one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, Self

from storage.answers import (
    Explanation,
    LinkMemory,
    RememberedHost,
    SourceHistory,
    SourceStatus,
    Totals,
)
from storage.archive import Archive, folder_of
from storage.archives import ArchiveRow, DueArchive
from storage.checks import Finding
from storage.errors import CorpusMissing
from storage.model import DueFeed, DuePage, Entry, Host, SiteMemory, Source
from storage.sqlite import (
    archives,
    captures,
    checking,
    clocks,
    frontier,
    health,
    history,
    index,
    memory,
    reports,
    sites,
    subscriptions,
    summing,
)
from storage.sqlite.connection import changes_of, connect_beside, connect_reader, connect_writer
from storage.sqlite.copy_index import PrintsOf, SqliteCopyIndex
from storage.sqlite.failures import translated, translating
from storage.sqlite.files import (
    ProcessLock,
    RunLock,
    WriterLock,
    copies_path,
    index_path,
    is_there,
    must_have_folder,
    size_bytes,
)
from storage.sqlite.import_filing import SqliteImportFiling
from storage.sqlite.questions import Answers
from storage.sqlite.raw_pages import RawPages
from storage.sqlite.stories import Stories
from storage.sqlite.watching import SqliteWatches


def open_sqlite(path: Path, *, write: bool, create: bool) -> SqliteCorpus:
    """Open the corpus at `path`.

    Raises CorpusMissing, NotACorpus, CorpusTooNew, CorpusBusy (a second writer) or CorpusReadOnly.
    """
    if not is_there(path):
        if not create:
            raise CorpusMissing(f"{path}: there is no corpus; `cuttings crawl` creates it")
        must_have_folder(path)
    if create and not write:
        open_sqlite(path, write=True, create=True).close()
    if not write:
        return SqliteCorpus(path, connect_reader(path), None)
    lock = WriterLock(path)
    try:
        corpus = SqliteCorpus(path, connect_writer(path), lock)
    except BaseException:
        lock.release()
        raise
    try:
        corpus.free_leases()
    except BaseException:
        corpus.close()
        raise
    return corpus


def open_sqlite_watches(path: Path, *, write: bool) -> SqliteWatches:
    """See `storage.open_watches`."""
    if not is_there(path):
        raise CorpusMissing(f"{path}: there is no corpus; `cuttings crawl` creates it")
    return SqliteWatches(path, connect_beside(path) if write else connect_reader(path))


def claim_sqlite(path: Path, purpose: Literal["run", "write"]) -> ProcessLock:
    """See `storage.claim`."""
    if not is_there(path):
        must_have_folder(path)
    return RunLock(path) if purpose == "run" else WriterLock(path)


class SqliteCorpus(Answers, RawPages, Stories):
    """`storage.corpus.Corpus` in a file. For one thread at a time, and not across a fork."""

    def __init__(self, path: Path, connection: sqlite3.Connection, lock: WriterLock | None) -> None:
        self.path = path
        self.connection = connection
        """The tables as `main`, the search index as `idx`."""
        self._lock = lock
        self._process = os.getpid()
        self._queue = frontier.PageQueue()
        self._has_examined = False
        """The search index."""
        self._summing = summing.Summing(connection, index_path(path))
        self._copies = SqliteCopyIndex(connection, path)
        self._archive = Archive(folder_of(path), lambda file: captures.known_end(connection, file))

    # --- asking ----------------------------------------------------------------------------------------------------

    @translating
    def explain(self, key: str) -> Explanation | None:
        """See `storage.corpus.Corpus.explain`."""
        with self._snapshot():
            return reports.explain(self.connection, key)

    @translating
    def entry_at(self, key: str) -> Entry | None:
        """See `storage.corpus.Corpus.entry_at`."""
        with self._snapshot():
            return frontier.entry_at(self.connection, key)

    @translating
    def ways(self, article_id: int) -> list[Explanation]:
        """See `storage.corpus.Corpus.ways`."""
        with self._snapshot():
            return reports.ways(self.connection, article_id)

    @translating
    def daily(self, days: int, *, now: datetime | None = None) -> Mapping[str, tuple[int, ...]]:
        """See `storage.corpus.Corpus.daily`."""
        with self._snapshot():
            return health.daily(self.connection, now or datetime.now(UTC), days)

    @translating
    def status(self, source: str | None = None, *, now: datetime | None = None) -> list[SourceStatus]:
        """See `storage.corpus.Corpus.status`."""
        with self._snapshot():
            return health.status(self.connection, now or datetime.now(UTC), source)

    @translating
    def history(self, source: str, *, now: datetime | None = None) -> SourceHistory | None:
        """See `storage.corpus.Corpus.history`."""
        with self._snapshot():
            return history.history(self.connection, now or datetime.now(UTC), source)

    @translating
    def link_memory(self, source: str) -> LinkMemory:
        """See `storage.corpus.Corpus.link_memory`."""
        with self._snapshot():
            return sites.link_memory(self.connection, source)

    @translating
    def site_memory(self, host: str) -> SiteMemory:
        """See `storage.corpus.Corpus.site_memory`."""
        with self._snapshot():
            return memory.site_memory(self.connection, host)

    @translating
    def remembered(self, source: str) -> list[RememberedHost]:
        """See `storage.corpus.Corpus.remembered`."""
        with self._snapshot():
            return memory.remembered(self.connection, source)

    @translating
    def totals(self) -> Totals:
        """See `storage.corpus.Corpus.totals`."""
        size = sum(size_bytes(path) for path in (self.path, index_path(self.path), copies_path(self.path)))
        with self._snapshot():
            unindexed, archived = index.missing(self.connection), sum(self._archive.files().values())
            return reports.totals(self.connection, size, unindexed, archived)

    @translating
    def version(self) -> tuple[int, ...]:
        """See `storage.corpus.Corpus.version`."""
        return changes_of(self.connection)

    @translating
    def host(self, host: str) -> Host | None:
        """See `storage.corpus.Corpus.host`."""
        return reports.load_host(self.connection, host)

    # --- crawling --------------------------------------------------------------------------------------------------

    @translating
    def subscribe(self, sources: Sequence[tuple[Source, str]], now: datetime) -> None:
        """See `storage.corpus.Corpus.subscribe`."""
        with self._transaction():
            subscriptions.subscribe(self.connection, sources, now)
            clocks.bring_back(self.connection, now)

    @translating
    def resume(self, source: str, now: datetime) -> int:
        """See `storage.corpus.Corpus.resume`."""
        with self._transaction():
            return subscriptions.resume(self.connection, source, now)

    @translating
    def lease_feeds(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str] | None = None,
        polled_before: datetime | None = None,
        eager_hosts: Collection[str] = (),
        eager_before: datetime | None = None,
        skip_hosts: Collection[str] = (),
    ) -> list[DueFeed]:
        """See `storage.corpus.Corpus.lease_feeds`."""
        with self._leasing():
            return frontier.lease_feeds(
                *(self.connection, now, limit, lease_s, sources, polled_before, eager_hosts, eager_before, skip_hosts)
            )

    @translating
    def hosts_polled_since(
        self, since: datetime, now: datetime, *, sources: Collection[str] | None = None
    ) -> dict[str, int]:
        """See `storage.corpus.Corpus.hosts_polled_since`."""
        return frontier.hosts_polled_since(self.connection, since, now, sources)

    @translating
    def answering_feeds(self, limit: int) -> list[str]:
        """See `storage.corpus.Corpus.answering_feeds`."""
        return frontier.answering_feeds(self.connection, limit)

    @translating
    def lease_pages(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str] | None = None,
        skip_hosts: Collection[str] = (),
    ) -> list[DuePage]:
        """See `storage.corpus.Corpus.lease_pages`."""
        with self._leasing():
            return self._queue.lease(self.connection, now, limit, lease_s, sources, skip_hosts)

    @translating
    def next_due(
        self, *, sources: Collection[str] | None = None, after: datetime | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """See `storage.corpus.Corpus.next_due`."""
        return frontier.next_due(self.connection, sources, after)

    @translating
    def begin_walk(
        self, source: str, since: date | None, until: date | None, now: datetime, *, again: bool = False
    ) -> None:
        """See `storage.corpus.Corpus.begin_walk`."""
        with self._transaction():
            archives.begin_walk(self.connection, source, since, until, now, again=again)

    @translating
    def lease_archives(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str],
        skip_hosts: Collection[str] = (),
    ) -> list[DueArchive]:
        """See `storage.corpus.Corpus.lease_archives`."""
        with self._leasing():
            return archives.lease(self.connection, now, limit, lease_s, sources, skip_hosts)

    @translating
    def next_archive_due(self, *, sources: Collection[str]) -> datetime | None:
        """See `storage.corpus.Corpus.next_archive_due`."""
        return archives.next_due(self.connection, sources)

    @translating
    def open_archives(self, *, sources: Collection[str]) -> int:
        """See `storage.corpus.Corpus.open_archives`."""
        return sum(archives.count(self.connection, source, is_open=True) for source in sources)

    @translating
    def archives(self, *, sources: Collection[str]) -> list[ArchiveRow]:
        """See `storage.corpus.Corpus.archives`."""
        return archives.rows(self.connection, sources)

    @contextlib.contextmanager
    def filing(self) -> Iterator[SqliteImportFiling]:
        """See `storage.corpus.Corpus.filing`."""
        self._must_write()
        filing = SqliteImportFiling(self.connection, self.path, self._copies, self._archive)
        with translated(self.path):
            filing.begin()
        try:
            yield filing
            with translated(self.path):
                filing.commit()
        except BaseException:
            with translated(self.path):
                filing.roll_back()
            raise

    @translating
    def index(self, limit: int = 1000) -> int:
        """See `storage.corpus.Corpus.index`."""
        self._must_write()
        missing = index.update(self.connection, index_path(self.path), limit, is_first=not self._has_examined)
        self._has_examined = True
        return missing

    @translating
    def rebuild(self, prints_of: PrintsOf, version: int | str) -> None:
        """See `storage.corpus.Corpus.rebuild`."""
        self._must_write()
        index.forget(self.connection, index_path(self.path))
        self._copies.rebuild(prints_of, version)

    @translating
    def check(self) -> list[Finding]:
        """See `storage.corpus.Corpus.check`."""
        return checking.check(self.connection, self.path, self._archive)

    @translating
    def free_leases(self) -> None:
        """Take back what a killed writer had leased."""
        with self._transaction():
            frontier.free_leases(self.connection)
            archives.free_leases(self.connection)

    # --- the connection --------------------------------------------------------------------------------------------

    @translating
    def close(self) -> None:
        """See `storage.corpus.Corpus.close`. In a forked child it leaves everything to the parent."""
        if os.getpid() != self._process:
            return
        self._copies.close()
        self._archive.close()
        self.connection.close()
        if self._lock is not None:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
