"""Keeps the walk through a source's archives: which documents there are, which were read, what was left in them.

A document is open while `due` says when it may be asked for. What a walk left out for its bounds is remembered by date,
so that one with wider bounds opens exactly the documents that have something for it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from storage.archives import ArchiveRow, DueArchive, FoundArchive, WalkedArchive
from storage.model import Polled
from storage.sqlite.rows import clean, cleaned, date_or_none, moment_or_none, moment_text, time_text


def free_leases(connection: sqlite3.Connection) -> None:
    """Whoever held them is gone; runs inside a transaction."""
    connection.execute("UPDATE archives SET leased_until = NULL WHERE leased_until IS NOT NULL")


def begin_walk(
    connection: sqlite3.Connection, source: str, since: date | None, until: date | None, now: datetime, *, again: bool
) -> None:
    """See `storage.corpus.Corpus.begin_walk`; runs inside a transaction."""
    (source_id,) = connection.execute("SELECT id FROM sources WHERE name = ?", (clean(source),)).fetchone() or (None,)
    at = moment_text(now)
    connection.execute(
        "INSERT OR IGNORE INTO archives (source_id, feed_id, kind, url, host, via, depth, dated, added, due) "
        "SELECT source_id, id, kind, url, host, 'feed', 0, :at, :at, :at FROM feeds "
        "WHERE source_id = :source AND merged_into IS NULL AND (via = 'source' OR (via <> 'section' "
        "AND (last_success IS NOT NULL OR (via <> 'path' AND last_poll IS NULL))))",
        {"source": source_id, "at": at},
    )
    if again:
        connection.execute(
            "UPDATE archives SET due = ?, attempts = 0, contents = NULL WHERE source_id = ? AND NOT fixed "
            "AND status IS NOT 'outside'",
            (at, source_id),
        )
    connection.execute(
        "UPDATE archives SET due = :at, attempts = 0, contents = NULL WHERE source_id = :source AND due IS NULL AND "
        "(left_before >= coalesce(:since, '') OR left_after < coalesce(:until, '~'))",
        {"source": source_id, "at": at, "since": time_text(since), "until": time_text(until)},
    )
    connection.execute(
        "UPDATE archives SET due = NULL, status = 'outside', left_before = dated WHERE source_id = ? "
        "AND due IS NOT NULL AND status IS NULL AND depth > 0 AND dated <> '' AND dated < ?",
        (source_id, time_text(since) or ""),
    )
    # a failure of the last walk is tried again by this one; a server that asked for time is paused as a host
    connection.execute(
        "UPDATE archives SET due = ? WHERE source_id = ? AND due IS NOT NULL AND due > ?", (at, source_id, at)
    )


def lease(
    connection: sqlite3.Connection,
    now: datetime,
    limit: int,
    lease_s: float,
    sources: Collection[str],
    skip_hosts: Collection[str],
) -> list[DueArchive]:
    """See `storage.corpus.Corpus.lease_archives`; runs inside a transaction."""
    at, until = moment_text(now), moment_text(now + timedelta(seconds=lease_s))
    busy, chosen = set(skip_hosts), list[DueArchive]()
    for source_id, name in _enabled(connection, sources):
        for host in _hosts(connection, source_id):
            if len(chosen) >= limit:
                break
            row = None if host in busy else _newest(connection, source_id, host, at)
            if row is not None:
                busy.add(host)
                chosen.append(_due_archive(name, row))
    connection.executemany(
        "UPDATE archives SET leased_until = ? WHERE id = ?", [(until, archive.id) for archive in chosen]
    )
    return chosen


def _due_archive(source: str, row: tuple[Any, ...]) -> DueArchive:
    archive_id, feed_id, kind, url, host, via, depth, attempts, dated = row
    return DueArchive(
        archive_id, source, feed_id, kind, url, host, via, depth, attempts, dated=date_or_none(dated or None)
    )


def _enabled(connection: sqlite3.Connection, names: Collection[str]) -> list[tuple[int, str]]:
    rows = connection.execute("SELECT id, name FROM sources WHERE enabled = 1 ORDER BY id").fetchall()
    return [(source_id, name) for source_id, name in rows if name in names]


def _hosts(connection: sqlite3.Connection, source_id: int) -> Iterator[str]:
    """Every host with open documents once: a seek for each, however many documents an index named."""
    host: tuple[str] | None = ("",)
    while host is not None:
        host = connection.execute(
            "SELECT host FROM archives INDEXED BY archives_open WHERE due IS NOT NULL AND source_id = ? AND host > ? "
            "ORDER BY host LIMIT 1",
            (source_id, host[0]),
        ).fetchone()
        if host is not None:
            yield host[0]


def _newest(connection: sqlite3.Connection, source_id: int, host: str, at: str) -> tuple[Any, ...] | None:
    row: tuple[Any, ...] | None = connection.execute(
        "SELECT id, feed_id, kind, url, host, via, depth, attempts, dated FROM archives INDEXED BY archives_open "
        "WHERE due IS NOT NULL AND source_id = ? AND host = ? AND due <= ? AND (leased_until IS NULL "
        "OR leased_until <= ?) ORDER BY dated DESC, id LIMIT 1",
        (source_id, host, at, at),
    ).fetchone()
    return row


def next_due(connection: sqlite3.Connection, sources: Collection[str]) -> datetime | None:
    """See `storage.corpus.Corpus.next_archive_due`."""
    dues = [
        connection.execute(
            "SELECT min(due) FROM archives WHERE due IS NOT NULL AND leased_until IS NULL AND source_id = ?",
            (source_id,),
        ).fetchone()[0]
        for source_id, _ in _enabled(connection, sources)
    ]
    return moment_or_none(min(filter(None, dues), default=None))


def rows(connection: sqlite3.Connection, sources: Collection[str]) -> list[ArchiveRow]:
    """See `storage.corpus.Corpus.archives`."""
    found = connection.execute(
        "SELECT sources.name, archives.url, via, depth, status, reason, detail, attempts, due, entries, new_pages, "
        "oldest FROM archives JOIN sources ON sources.id = source_id ORDER BY archives.id"
    )
    return [_row(row) for row in found if row[0] in sources]


def _row(row: tuple[Any, ...]) -> ArchiveRow:
    source, url, via, depth, status, reason, detail, attempts, due, entries, new_pages, oldest = row
    return ArchiveRow(
        *(source, url, via, depth, status, reason, detail, attempts),
        due=moment_or_none(due),
        entries=entries,
        new_pages=new_pages,
        oldest=date_or_none(oldest),
    )


def count(connection: sqlite3.Connection, source: str, *, is_open: bool) -> int:
    """Documents of a source's walk: all, or those that are still to be read."""
    (number,) = connection.execute(
        "SELECT count(*) FROM archives JOIN sources ON sources.id = source_id WHERE sources.name = ? "
        "AND (due IS NOT NULL OR NOT ?)",
        (clean(source), is_open),
    ).fetchone()
    return int(number)


def is_repeated(connection: sqlite3.Connection, archive_id: int, contents: str) -> bool:
    """See `storage.corpus.Filing.is_repeated`."""
    twin = connection.execute(
        "SELECT 1 FROM archives AS this JOIN archives AS other ON other.feed_id = this.feed_id "
        "AND other.id <> this.id WHERE this.id = ? AND other.contents = ? LIMIT 1",
        (archive_id, contents),
    ).fetchone()
    return twin is not None


def record(connection: sqlite3.Connection, walked: WalkedArchive, polled: Polled) -> None:
    """Write what reading a document brought and the documents it names; runs inside a transaction."""
    outcome = walked.outcome
    connection.execute(
        "UPDATE archives SET status = ?, reason = ?, detail = ?, http_status = ?, due = ?, leased_until = NULL, "
        "attempts = attempts + 1, contents = ?, fixed = ?, size_bytes = ?, entries = ?, new_pages = new_pages + ?, "
        "oldest = ?, left_before = ?, left_after = ?, read = ? WHERE id = ?",
        (
            walked.status,
            *((cleaned(outcome.reason), cleaned(outcome.detail)) if outcome else (None, None)),
            *(walked.http_status, time_text(walked.retry_at), walked.contents, int(walked.fixed), walked.size_bytes),
            *(walked.entries, polled.new_pages, time_text(walked.oldest), time_text(walked.left_before)),
            *(time_text(walked.left_after), moment_text(walked.at), walked.archive_id),
        ),
    )
    (source_id, feed_id) = connection.execute(
        "SELECT source_id, feed_id FROM archives WHERE id = ?", (walked.archive_id,)
    ).fetchone()
    _add(connection, source_id, feed_id, walked.found, walked.at)


def _add(
    connection: sqlite3.Connection,
    source_id: int,
    feed_id: int,
    found: Collection[FoundArchive],
    now: datetime,
) -> None:
    """Documents that the walk of this source does not know yet."""
    at = moment_text(now)
    connection.executemany(
        "INSERT OR IGNORE INTO archives (source_id, feed_id, kind, url, host, via, depth, dated, added, due, status, "
        "reason, left_before) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                *(source_id, feed_id, one.kind, clean(one.url), clean(one.host), one.via, one.depth),
                *(time_text(one.dated) or "", at, None if one.outcome else at),
                *(one.outcome or (None, None)),
                time_text(one.dated) if one.outcome and one.outcome[0] == "outside" else None,
            )
            for one in found
        ],
    )


def release(connection: sqlite3.Connection, archive_id: int, due: datetime) -> None:
    """See `storage.corpus.Filing.release_archive`."""
    connection.execute(
        "UPDATE archives SET due = ?, leased_until = NULL WHERE id = ? AND due IS NOT NULL",
        (moment_text(due), archive_id),
    )
