"""Makes the sources of the corpus those of a list, and keeps what is known of every feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from storage.model import Poll, Source
from storage.sqlite.rows import clean, cleaned, list_text, moment_text, time_text


def subscribe(connection: sqlite3.Connection, sources: Sequence[tuple[Source, str]], now: datetime) -> None:
    """Write the list of sources, each with the host of its address; runs inside a transaction.

    A source is known by its URL. One whose URL is new takes over the row of a source of the same name and kind whose
    URL is no longer listed: its publisher moved it. The same list twice changes nothing.
    """
    at = moment_text(now)
    listed_urls = {clean(source.url) for source, _ in sources}
    known: dict[str, tuple[int, str]] = {}
    moved: dict[tuple[str, str], tuple[int, str]] = {}
    for source_id, name, kind, url in connection.execute("SELECT id, name, kind, url FROM sources ORDER BY id"):
        if url in listed_urls:
            known[url] = (source_id, url)
        else:
            moved[name, kind] = (source_id, url)
    listed = set()
    for source, host in sources:
        url, name = clean(source.url), clean(source.name)
        row = known.get(url) or moved.pop((name, source.kind), None) or _new_source(connection, source, at)
        known[url] = (row[0], url)
        _update_source(connection, row[0], source)
        _update_main_feed(connection, *row, source, host, at)
        listed.add(row[0])
    for (source_id,) in connection.execute("SELECT id FROM sources WHERE enabled = 1").fetchall():
        if source_id not in listed:
            connection.execute("UPDATE sources SET enabled = 0 WHERE id = ?", (source_id,))
    _hold_pages(connection)


def _new_source(connection: sqlite3.Connection, source: Source, at: str) -> tuple[int, str]:
    connection.execute(
        "INSERT INTO sources (name, kind, url, added) VALUES (?, ?, ?, ?)",
        (clean(source.name), source.kind, clean(source.url), at),
    )
    return connection.execute("SELECT last_insert_rowid()").fetchone()[0], clean(source.url)


def _update_source(connection: sqlite3.Connection, source_id: int, source: Source) -> None:
    values = (
        *(clean(source.name), source.kind, clean(source.url), list_text(source.tags)),
        *(source.language, int(source.enabled)),
    )
    connection.execute(
        "UPDATE sources SET name = ?, kind = ?, url = ?, tags = ?, language = ?, enabled = ? "
        "WHERE id = ? AND (name, kind, url, tags, language, enabled) IS NOT (?, ?, ?, ?, ?, ?)",
        (*values, source_id, *values),
    )


def _update_main_feed(
    connection: sqlite3.Connection, source_id: int, old_url: str, source: Source, host: str, at: str
) -> None:
    """Every source polls its own address; one that moved starts there afresh and keeps its entries."""
    url, kind = clean(source.url), source.kind
    feeds = dict(connection.execute("SELECT url, id FROM feeds WHERE source_id = ?", (source_id,)).fetchall())
    if url in feeds:
        connection.execute(
            "UPDATE feeds SET kind = ?, host = ? WHERE id = ? AND (kind, host) IS NOT (?, ?)",
            (kind, clean(host), feeds[url], kind, clean(host)),
        )
        if old_url != url:  # found on the front page before it was subscribed to
            connection.execute("UPDATE feeds SET next_poll = NULL WHERE id = ?", (feeds.get(old_url),))
    elif old_url in feeds:
        connection.execute(
            "UPDATE feeds SET kind = ?, url = ?, host = ?, next_poll = ?, etag = NULL, last_modified = NULL, "
            "validators_url = NULL, body_hash = NULL, failures = 0, moved_to = NULL, moved_since = NULL, "
            "moved_count = 0 WHERE id = ?",
            (kind, url, clean(host), at, feeds[old_url]),
        )
    else:
        connection.execute(
            "INSERT INTO feeds (source_id, kind, url, host, next_poll, added) VALUES (?, ?, ?, ?, ?, ?)",
            (source_id, kind, url, clean(host), at, at),
        )


def _hold_pages(connection: sqlite3.Connection) -> None:
    """Pages of a disabled source wait until it is enabled again."""
    for enabled, old, new in ((0, "ready", "held"), (0, "waiting", "held"), (1, "held", "waiting")):
        connection.execute(
            "UPDATE pages SET state = ? WHERE due IS NOT NULL AND state = ? "
            "AND source_id IN (SELECT id FROM sources WHERE enabled = ?)",
            (new, old, enabled),
        )


def record_poll(connection: sqlite3.Connection, poll: Poll, new_entries: int) -> None:
    """Write what one poll taught about its feed, and end its lease."""
    at = moment_text(poll.at)
    done = poll.status not in ("failed", "gone")
    connection.execute(
        "UPDATE feeds SET leased_until = NULL, last_poll = ?, last_status = ?, next_poll = ?, interval_s = ?, "
        "failures = ?, http_status = ?, reason = ?, detail = ?, size_bytes = ?, moved_to = ?, moved_since = ?, "
        "moved_count = ?, entries = entries + ?, title = coalesce(?, title), "
        "document_kind = coalesce(?, document_kind), body_hash = coalesce(?, body_hash), "
        "last_success = coalesce(?, last_success) WHERE id = ?",
        (
            *(at, poll.status, time_text(poll.next_poll), poll.interval_s, poll.failures, poll.http_status),
            *(cleaned(poll.reason), cleaned(poll.detail), poll.size_bytes, cleaned(poll.moved_to)),
            *(time_text(poll.moved_since), poll.moved_count, new_entries, cleaned(poll.title)),
            *(poll.document_kind, None if poll.status == "failed" else poll.body_hash, at if done else None),
            poll.feed_id,
        ),
    )
    if poll.status != "failed":
        validators = poll.validators
        connection.execute(
            "UPDATE feeds SET etag = ?, last_modified = ?, validators_url = ?, flags = ? WHERE id = ?",
            (
                cleaned(validators.etag) if validators else None,
                cleaned(validators.last_modified) if validators else None,
                cleaned(poll.validators_url),
                list_text(poll.flags),
                poll.feed_id,
            ),
        )


def add_found_feeds(connection: sqlite3.Connection, source_id: int, poll: Poll) -> None:
    """Feeds that a front page declares are polled from now on, under the source of that page."""
    at = moment_text(poll.at)
    connection.executemany(
        "INSERT OR IGNORE INTO feeds (source_id, kind, url, host, next_poll, added) VALUES (?, ?, ?, ?, ?, ?)",
        [(source_id, found.kind, clean(found.url), clean(found.host), at, at) for found in poll.found_feeds],
    )
