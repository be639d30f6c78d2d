"""Tells what became of one source over time: its polls and moves, its articles week by week, what went wrong."""

# ruff: noqa: S608 - what is put into statements are constants and numbers

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

from storage.answers import HISTORY_WEEKS, FeedHistory, PageTrouble, PastMove, PastPoll, SourceHistory
from storage.model import Ending
from storage.sqlite.health import also_named, find
from storage.sqlite.rows import list_of, moment, moment_text

_WEEK = timedelta(weeks=1)


def history(connection: sqlite3.Connection, now: datetime, asked: str) -> SourceHistory | None:
    """See `storage.corpus.Corpus.history`."""
    found = find(connection, asked)
    if not found:
        return None
    source_id = found[0][0]
    feeds = connection.execute(
        "SELECT id, url, unchanged FROM feeds WHERE source_id = ? ORDER BY id", (source_id,)
    ).fetchall()
    return SourceHistory(
        feeds=tuple(
            FeedHistory(url, _polls(connection, feed_id, unchanged), _moves(connection, feed_id))
            for feed_id, url, unchanged in feeds
        ),
        weeks=_weeks(connection, source_id, now),
        troubles=_troubles(connection, source_id),
    )


def _polls(connection: sqlite3.Connection, feed_id: int, unchanged: int) -> tuple[PastPoll, ...]:
    """A row counts those like the row before it; here each row has those that came after it."""
    found, repeated = [], unchanged
    for at, status, http_status, reason, detail, entries, new_entries, flags, before in connection.execute(
        "SELECT at, status, http_status, reason, detail, entries, new_entries, flags, unchanged FROM polls "
        "WHERE feed_id = ? ORDER BY id DESC",
        (feed_id,),
    ):
        found.append(
            PastPoll(
                *(moment(at), status, http_status, reason, detail, entries, new_entries),
                flags=list_of(flags),
                repeated=repeated,
            )
        )
        repeated = before
    return tuple(found)


def _moves(connection: sqlite3.Connection, feed_id: int) -> tuple[PastMove, ...]:
    rows = connection.execute(
        "SELECT at, from_url, to_url FROM moves WHERE feed_id = ? ORDER BY id DESC", (feed_id,)
    ).fetchall()
    return tuple(PastMove(moment(at), from_url, to_url) for at, from_url, to_url in rows)


def _pages_of(source_id: int, condition: str) -> str:
    """Pages that are fetched for the source, and those that it named as well."""
    columns = "pages.url, pages.outcome, pages.reason, pages.ended, pages.article_id"
    return (
        f"SELECT {columns} FROM pages INDEXED BY pages_by_outcome WHERE pages.source_id = {source_id} AND {condition} "
        f"UNION ALL SELECT {columns} FROM ({also_named([source_id])}) AS named JOIN pages ON pages.id = named.page_id "
        f"WHERE {condition}"
    )


def _weeks(connection: sqlite3.Connection, source_id: int, now: datetime) -> tuple[int, ...]:
    """An article's page cannot have ended before it was published, so few of the source's articles are looked at."""
    counts = [0] * HISTORY_WEEKS
    start = now - HISTORY_WEEKS * _WEEK
    rows = connection.execute(
        "SELECT dated FROM articles WHERE dated > :start AND dated <= :now AND id IN "
        f"(SELECT article_id FROM ({_pages_of(source_id, 'article_id IS NOT NULL AND ended > :start')}))",
        {"start": moment_text(start), "now": moment_text(now)},
    )
    for (dated,) in rows:
        at = datetime.fromisoformat(dated)  # a bare day is its first moment
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        counts[min(max((at - start) // _WEEK, 0), HISTORY_WEEKS - 1)] += 1
    return tuple(counts)


def _troubles(connection: sqlite3.Connection, source_id: int) -> tuple[PageTrouble, ...]:
    """SQLite takes `url` from the row that has the `max` (https://www.sqlite.org/lang_select.html#bareagg)."""
    bad = "outcome IN ('rejected', 'blocked', 'failed', 'gone')"
    rows = connection.execute(
        f"SELECT outcome, reason, count(*), max(ended), url FROM ({_pages_of(source_id, bad)}) "
        "GROUP BY outcome, reason ORDER BY count(*) DESC, outcome, reason"
    ).fetchall()
    return tuple(
        PageTrouble(Ending(ending), reason, pages, moment(last), url) for ending, reason, pages, last, url in rows
    )
