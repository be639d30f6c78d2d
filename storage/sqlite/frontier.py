"""Gives out what is due: feeds and pages, leased so that nobody gets them twice, hosts interleaved.

A page of the frontier is `ready` (due and free), `waiting` (for its time), `leased`, or `held` (its source is
disabled). Ready pages stand in an index by host and date, so that finding the newest of the next host is one seek
however many pages wait; those whose time has come are moved there first, oldest first.
"""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Collection, Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.model import DueFeed, DuePage, Entry
from storage.sqlite.rows import (
    ENTRY_COLUMNS,
    clean,
    entry_of,
    moment_or_none,
    moment_text,
    time_text,
    validators_or_none,
)

WAKE_AT_ONCE = 200
"""Pages moved from waiting to ready in one step; keeps a lease under 5 ms when very many fall due together."""
WAKE_ROUNDS = 20
"""Steps that one call may take when all that woke up belongs to hosts that are busy; the next call goes on."""


def free_leases(connection: sqlite3.Connection) -> None:
    """Whoever held them is gone; runs inside a transaction."""
    connection.execute("UPDATE feeds SET leased_until = NULL WHERE leased_until IS NOT NULL")
    connection.execute(
        "UPDATE pages SET state = 'waiting', leased_until = NULL WHERE due IS NOT NULL AND state = 'leased'"
    )


def lease_feeds(
    connection: sqlite3.Connection,
    now: datetime,
    limit: int,
    lease_s: float,
    sources: Collection[str] | None,
    polled_before: datetime | None,
    eager_hosts: Collection[str],
    eager_before: datetime | None,
    skip_hosts: Collection[str],
) -> list[DueFeed]:
    """See `storage.corpus.Corpus.lease_feeds`; runs inside a transaction.

    Walks an index that holds all it needs to pass over the feeds of busy hosts, and looks at no feed past the last one
    that it gives out.
    """
    at, until = moment_text(now), moment_text(now + timedelta(seconds=lease_s))
    before, eager = time_text(polled_before) or "", time_text(eager_before) or ""
    wanted = None if sources is None else set(_source_ids(connection, sources))
    disabled = {id for (id,) in connection.execute("SELECT id FROM sources WHERE enabled = 0")}
    busy, due = set(skip_hosts), list[DueFeed]()
    with contextlib.closing(_candidates(connection, at, max(before, eager))) as candidates:
        for feed_id, host, source_id, forced in candidates:
            if len(due) >= limit:
                break
            if host in busy or source_id in disabled or (wanted is not None and source_id not in wanted):
                continue
            if forced is not None and forced >= (eager if host in eager_hosts else before):
                continue
            row = connection.execute(_FREE_FEED, (feed_id, at, wanted is not None, at)).fetchone()
            if row is not None:
                busy.add(host)
                due.append(_due_feed(row))
    connection.executemany("UPDATE feeds SET leased_until = ? WHERE id = ?", [(until, feed.id) for feed in due])
    return due


_HOLDS_FEED = "(next_poll IS NOT NULL AND (via <> 'path' OR last_success IS NOT NULL))"
"""Neither gone, nor a usual place that was asked for a feed and never had one."""

_FREE_FEED = (
    "SELECT feeds.id, sources.name, feeds.kind, feeds.url, feeds.host, etag, last_modified, validators_url, "
    "body_hash, interval_s, last_poll, failures, moved_to, moved_since, moved_count, learned, last_status, "
    "last_news, last_whole, last_lie, via FROM feeds JOIN sources ON sources.id = feeds.source_id "
    f"WHERE feeds.id = ? AND (leased_until IS NULL OR leased_until <= ?) AND (? OR next_poll <= ? OR {_HOLDS_FEED})"
)
"""The third parameter: whether feeds that are gone, and usual places without one, are wanted too, because their source
was named."""


def _candidates(
    connection: sqlite3.Connection, at: str, polled_before: str
) -> Generator[tuple[int, str, int, str | None], None, None]:
    """Feeds that are due, longest overdue first, then those last polled before a time, longest unpolled first; each
    with its host, its source and, of the second kind, its last poll. Leased ones and those of disabled sources are
    among them."""
    walks = [("NULL", "feeds_due", "next_poll <= ? ORDER BY next_poll, id", at)]
    if polled_before:
        last = "coalesce(last_poll, '')"
        walks.append((last, "feeds_polled", f"{last} < ? ORDER BY {last}, id", polled_before))
    for last, index, condition, value in walks:
        rows = connection.execute(
            f"SELECT id, host, source_id, {last} FROM feeds INDEXED BY {index} "
            f"WHERE merged_into IS NULL AND {condition}",
            (value,),
        )
        try:
            yield from rows
        finally:
            rows.close()


def _due_feed(row: tuple[object, ...]) -> DueFeed:
    (id, source, kind, url, host, etag, last_modified, validators_url, body_hash, interval_s) = row[:10]
    (last_poll, failures, moved_to, moved_since, moved_count) = row[10:15]
    (learned, last_status, last_news, last_whole, last_lie, via) = row[15:]
    return DueFeed(
        *(id, source, kind, url, host),  # type: ignore[arg-type]
        validators=validators_or_none(etag, last_modified),  # type: ignore[arg-type]
        validators_url=validators_url,  # type: ignore[arg-type]
        body_hash=body_hash,  # type: ignore[arg-type]
        interval_s=interval_s,  # type: ignore[arg-type]
        last_poll=moment_or_none(last_poll),  # type: ignore[arg-type]
        failures=failures,  # type: ignore[arg-type]
        moved_to=moved_to,  # type: ignore[arg-type]
        moved_since=moment_or_none(moved_since),  # type: ignore[arg-type]
        moved_count=moved_count,  # type: ignore[arg-type]
        learned=learned,  # type: ignore[arg-type]
        last_status=last_status,  # type: ignore[arg-type]
        last_news=moment_or_none(last_news),  # type: ignore[arg-type]
        last_whole=moment_or_none(last_whole),  # type: ignore[arg-type]
        last_lie=moment_or_none(last_lie),  # type: ignore[arg-type]
        via=via,  # type: ignore[arg-type]
    )


@dataclass(slots=True)
class PageQueue:
    """The pages of the frontier, given out host after host in turn; remembers where it stopped."""

    last_host: str = ""

    def lease(
        self,
        connection: sqlite3.Connection,
        now: datetime,
        limit: int,
        lease_s: float,
        sources: Collection[str] | None,
        skip_hosts: Collection[str],
    ) -> list[DuePage]:
        """See `storage.corpus.Corpus.lease_pages`; runs inside a transaction."""
        at, until = moment_text(now), moment_text(now + timedelta(seconds=lease_s))
        source_ids = None if sources is None else _source_ids(connection, sources)
        busy, chosen = set(skip_hosts), list[int]()
        for _ in range(WAKE_ROUNDS):
            all_awake = _wake(connection, at) < WAKE_AT_ONCE
            for host in self._hosts_in_turn(connection, source_ids):
                if len(chosen) >= limit:
                    break
                page_id = None if host in busy else _newest(connection, host, at, source_ids)
                if page_id is not None:
                    busy.add(host)
                    chosen.append(page_id)
                    self.last_host = host
            if chosen or all_awake:
                break
        connection.executemany(
            "UPDATE pages SET state = 'leased', leased_until = ? WHERE id = ?", [(until, id) for id in chosen]
        )
        return [due_page(connection, page_id) for page_id in chosen]

    def _hosts_in_turn(self, connection: sqlite3.Connection, source_ids: list[int] | None) -> Iterator[str]:
        """Every host with ready pages once, from after the last one that was served, round to it."""
        start = self.last_host
        for after, upto in ((start, None), ("", start)):
            host = _next_host(connection, after, source_ids)
            while host is not None and (upto is None or host <= upto):
                yield host
                host = _next_host(connection, host, source_ids)


def _next_host(connection: sqlite3.Connection, after: str, source_ids: list[int] | None) -> str | None:
    if source_ids is None:
        row = connection.execute(
            "SELECT host FROM pages INDEXED BY pages_ready WHERE state = 'ready' AND host > ? ORDER BY host LIMIT 1",
            (after,),
        ).fetchone()
        return row[0] if row else None
    rows = [
        connection.execute(
            "SELECT host FROM pages INDEXED BY pages_waiting_by_source WHERE due IS NOT NULL AND source_id = ? "
            "AND state = 'ready' AND host > ? ORDER BY host LIMIT 1",
            (source_id, after),
        ).fetchone()
        for source_id in source_ids
    ]
    return min((row[0] for row in rows if row), default=None)


def _newest(connection: sqlite3.Connection, host: str, at: str, source_ids: list[int] | None) -> int | None:
    if source_ids is None:
        row = connection.execute(
            "SELECT id FROM pages INDEXED BY pages_ready WHERE state = 'ready' AND host = ? AND due <= ? "
            "ORDER BY dated DESC LIMIT 1",
            (host, at),
        ).fetchone()
        return row[0] if row else None
    rows = [
        connection.execute(
            "SELECT dated, id FROM pages INDEXED BY pages_waiting_by_source WHERE due IS NOT NULL AND source_id = ? "
            "AND state = 'ready' AND host = ? AND due <= ? ORDER BY dated DESC LIMIT 1",
            (source_id, host, at),
        ).fetchone()
        for source_id in source_ids
    ]
    best: tuple[str, int] | None = max((row for row in rows if row), default=None)
    return best[1] if best else None


def _wake(connection: sqlite3.Connection, at: str) -> int:
    """Pages whose time has come, or whose lease ran out, become ready; gives how many."""
    woken = 0
    for state in ("waiting", "leased"):
        woken += connection.execute(
            "UPDATE pages SET leased_until = NULL, "
            "state = CASE (SELECT enabled FROM sources WHERE id = source_id) WHEN 1 THEN 'ready' ELSE 'held' END "
            "WHERE id IN (SELECT id FROM pages INDEXED BY pages_waiting WHERE due IS NOT NULL AND state = ? "
            "AND coalesce(leased_until, due) <= ? ORDER BY coalesce(leased_until, due) LIMIT ?)",
            (state, at, WAKE_AT_ONCE - woken),
        ).rowcount
    return woken


def due_page(connection: sqlite3.Connection, page_id: int) -> DuePage:
    """A page as it is leased, with the entry that named it last."""
    (url, key, host, source, attempts, article_id, etag, last_modified, discovered) = connection.execute(
        "SELECT pages.url, key, host, sources.name, attempts, article_id, etag, last_modified, discovered "
        "FROM pages JOIN sources ON sources.id = pages.source_id WHERE pages.id = ?",
        (page_id,),
    ).fetchone()
    validators = validators_or_none(etag, last_modified)
    last = None
    if validators is not None:
        last = connection.execute(
            "SELECT final_url FROM outcomes WHERE page_id = ? AND http_status = 200 ORDER BY id DESC LIMIT 1",
            (page_id,),
        ).fetchone()
    return DuePage(
        *(page_id, url, key, host, source, attempts),
        entry=_entry(connection, page_id),
        article_id=article_id,
        validators=validators,
        validators_url=last[0] if last else None,
        discovered=moment_or_none(discovered),
    )


def entry_at(connection: sqlite3.Connection, key: str) -> Entry | None:
    """See `storage.corpus.Corpus.entry_at`."""
    page = connection.execute("SELECT id FROM pages WHERE key = ?", (clean(key),)).fetchone()
    return None if page is None else _entry(connection, page[0])


def _entry(connection: sqlite3.Connection, page_id: int) -> Entry | None:
    """The entry that named a page last."""
    entry = connection.execute(
        f"SELECT key, {', '.join('entries.' + name for name in ENTRY_COLUMNS)} "
        "FROM sightings JOIN entries ON entries.id = sightings.entry_id WHERE sightings.page_id = ? "
        "ORDER BY sightings.id DESC LIMIT 1",
        (page_id,),
    ).fetchone()
    return None if entry is None else entry_of(entry[0], entry[1:])


def _source_ids(connection: sqlite3.Connection, names: Collection[str]) -> list[int]:
    wanted = set(names)
    return [id for id, name in connection.execute("SELECT id, name FROM sources") if name in wanted]


def next_due(
    connection: sqlite3.Connection, sources: Collection[str] | None, after: datetime | None = None
) -> tuple[datetime | None, datetime | None]:
    """See `storage.corpus.Corpus.next_due`."""
    wanted = None if sources is None else set(_source_ids(connection, sources))
    bound = time_text(after) or ""
    feeds = connection.execute(
        "SELECT next_poll, source_id FROM feeds INDEXED BY feeds_due JOIN sources ON sources.id = feeds.source_id "
        "WHERE merged_into IS NULL AND next_poll > ? AND leased_until IS NULL AND enabled = 1 ORDER BY next_poll",
        (bound,),
    )
    feed = next((due for due, source_id in feeds if wanted is None or source_id in wanted), None)
    feeds.close()
    if wanted is None:
        pages = [
            connection.execute(
                "SELECT coalesce(leased_until, due) FROM pages INDEXED BY pages_waiting WHERE due IS NOT NULL "
                "AND state = ? AND coalesce(leased_until, due) > ? ORDER BY coalesce(leased_until, due) LIMIT 1",
                (state, bound),
            ).fetchone()
            for state in ("ready", "waiting")
        ]
    else:
        pages = [
            connection.execute(
                "SELECT min(due) FROM pages INDEXED BY pages_waiting_by_source WHERE due IS NOT NULL "
                "AND source_id = ? AND state IN ('ready', 'waiting') AND due > ?",
                (source_id, bound),
            ).fetchone()
            for source_id in wanted or ()
        ]
    page = min((row[0] for row in pages if row and row[0]), default=None)
    return moment_or_none(feed), moment_or_none(page)


def hosts_polled_since(
    connection: sqlite3.Connection, since: datetime, now: datetime, sources: Collection[str] | None
) -> dict[str, int]:
    """See `storage.corpus.Corpus.hosts_polled_since`."""
    rows = connection.execute(
        "SELECT host, sources.name FROM feeds INDEXED BY feeds_polled JOIN sources ON sources.id = feeds.source_id "
        "WHERE merged_into IS NULL AND coalesce(last_poll, '') >= ? AND enabled = 1 AND next_poll > ? "
        f"AND (? OR {_HOLDS_FEED})",
        (moment_text(since), moment_text(now), sources is not None),
    )
    return Counter(host for host, name in rows if sources is None or name in sources)


def answering_feeds(connection: sqlite3.Connection, limit: int) -> list[str]:
    """See `storage.corpus.Corpus.answering_feeds`."""
    rows = connection.execute(
        "SELECT feeds.url, max(last_success) FROM feeds JOIN sources ON sources.id = feeds.source_id "
        "WHERE enabled = 1 AND failures = 0 AND last_success IS NOT NULL GROUP BY host ORDER BY 2 DESC LIMIT ?",
        (limit,),
    )
    return [url for url, _ in rows]
