"""Makes the sources of the corpus those of a list, and keeps what is known of every feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from storage.model import Poll, Source
from storage.sqlite.rows import clean, cleaned, list_text, moment_text, time_text

HISTORY_KEPT = 200
"""Polls of a feed that its history tells: years for a quiet feed, some days for the busiest."""
MOST_FEEDS = 300
"""Documents that are polled for one source: a news site's sitemap index names a sitemap for each month of its life."""
PRUNE_EVERY = 50
"""A feed's history is cut back to that at about every so many rows, not at each."""


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
    _part_merged(connection)
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
    if _has_moved(connection, source_id, url):
        return
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


def _has_moved(connection: sqlite3.Connection, source_id: int, url: str) -> bool:
    """Whether the publisher moved a feed that feeds.yaml, or a page, still names at `url`: it stays where it went."""
    row = connection.execute(
        "SELECT 1 FROM moves JOIN feeds ON feeds.id = moves.feed_id WHERE source_id = ? AND from_url = ? LIMIT 1",
        (source_id, url),
    ).fetchone()
    return row is not None


def _part_merged(connection: sqlite3.Connection) -> None:
    """A feed that was merged with one whose source is enabled no more goes on by itself."""
    connection.execute(
        "UPDATE feeds SET merged_into = NULL, moved_to = NULL, moved_since = NULL, moved_count = 0, "
        "next_poll = coalesce(last_poll, added) WHERE merged_into IN (SELECT feeds.id FROM feeds JOIN sources "
        "ON sources.id = feeds.source_id WHERE enabled = 0)"
    )


def _hold_pages(connection: sqlite3.Connection) -> None:
    """Pages of a disabled source wait until it is enabled again."""
    for enabled, old, new in ((0, "ready", "held"), (0, "waiting", "held"), (1, "held", "waiting")):
        connection.execute(
            "UPDATE pages SET state = ? WHERE due IS NOT NULL AND state = ? "
            "AND source_id IN (SELECT id FROM sources WHERE enabled = ?)",
            (new, old, enabled),
        )


def resume(connection: sqlite3.Connection, source: str, now: datetime) -> int:
    """See `storage.corpus.Corpus.resume`; runs inside a transaction."""
    return connection.execute(
        "UPDATE feeds SET next_poll = ?, why = ? WHERE next_poll IS NULL AND last_status = 'gone' "
        "AND merged_into IS NULL AND source_id IN (SELECT id FROM sources WHERE name = ?)",
        (moment_text(now), "it was gone and is asked again", clean(source)),
    ).rowcount


def record_poll(connection: sqlite3.Connection, poll: Poll, new_entries: int) -> None:
    """Write what one poll taught about its feed, and end its lease: one row where nothing has changed."""
    at = moment_text(poll.at)
    done, failed = poll.status not in ("failed", "gone"), poll.status == "failed"
    validators = poll.validators
    unchanged = _add_to_history(connection, poll, new_entries, at)
    connection.execute(
        "UPDATE feeds SET leased_until = NULL, last_poll = ?, last_status = ?, next_poll = ?, interval_s = ?, "
        "failures = ?, http_status = ?, reason = ?, detail = ?, size_bytes = ?, moved_to = ?, moved_since = ?, "
        "moved_count = ?, why = ?, unchanged = ?, left_out = coalesce(?, left_out), entries = entries + ?, "
        "gaps = gaps + ?, lies = lies + ?, "
        "title = coalesce(?, title), document_kind = coalesce(?, document_kind), body_hash = coalesce(?, body_hash), "
        "learned = coalesce(?, learned), last_success = coalesce(?, last_success), last_news = coalesce(?, last_news), "
        "last_whole = coalesce(?, last_whole), last_gap = coalesce(?, last_gap), last_lie = coalesce(?, last_lie), "
        "news_expected = iif(?, ?, news_expected), etag = iif(?, etag, ?), last_modified = iif(?, last_modified, ?), "
        "validators_url = iif(?, validators_url, ?), flags = iif(?, flags, ?) WHERE id = ?",
        (
            *(at, poll.status, time_text(poll.next_poll), poll.interval_s, poll.failures, poll.http_status),
            *(cleaned(poll.reason), cleaned(poll.detail), poll.size_bytes, cleaned(poll.moved_to)),
            *(time_text(poll.moved_since), poll.moved_count, poll.why, unchanged, poll.left_out),
            *(new_entries, poll.gap, poll.lied),
            *(cleaned(poll.title), poll.document_kind, None if failed else poll.body_hash),
            *(poll.learned, at if done else None, at if new_entries else None),
            *(at if poll.status in ("new", "same_bytes") else None, at if poll.gap else None),
            *(at if poll.lied else None, done, time_text(poll.news_expected)),
            *(failed, cleaned(validators.etag) if validators else None),
            *(failed, cleaned(validators.last_modified) if validators else None),
            *(failed, cleaned(poll.validators_url), failed, list_text(poll.flags), poll.feed_id),
        ),
    )
    if poll.move is not None:
        _move(connection, poll, at)


def _add_to_history(connection: sqlite3.Connection, poll: Poll, new_entries: int, at: str) -> int:
    """A row for a poll that differs from the one before; others are only counted, by the feed: gives their number."""
    before = connection.execute(
        "SELECT last_status, http_status, reason, unchanged FROM feeds WHERE id = ?", (poll.feed_id,)
    ).fetchone()
    same = before[:3] == (poll.status, poll.http_status, cleaned(poll.reason))
    if same and not (new_entries or poll.gap or poll.lied or poll.move):
        return int(before[3]) + 1
    added = connection.execute(
        "INSERT INTO polls (feed_id, at, status, http_status, reason, detail, entries, new_entries, flags, unchanged) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(poll.feed_id, at, poll.status, poll.http_status, cleaned(poll.reason), cleaned(poll.detail)),
            *(len(poll.discoveries), new_entries, list_text(poll.flags), before[3]),
        ),
    ).lastrowid
    if added is not None and added % PRUNE_EVERY == 0:
        connection.execute(
            "DELETE FROM polls WHERE feed_id = ? AND id <= (SELECT id FROM polls WHERE feed_id = ? "
            "ORDER BY id DESC LIMIT 1 OFFSET ?)",
            (poll.feed_id, poll.feed_id, HISTORY_KEPT),
        )
    return 0


def _move(connection: sqlite3.Connection, poll: Poll, at: str) -> None:
    """The feed is polled at its new address from now on; where another feed has that, the two become one."""
    assert poll.move is not None
    to_url = clean(poll.move.to_url)
    (from_url,) = connection.execute("SELECT url FROM feeds WHERE id = ?", (poll.feed_id,)).fetchone()
    connection.execute(
        "INSERT INTO moves (feed_id, at, from_url, to_url) VALUES (?, ?, ?, ?)", (poll.feed_id, at, from_url, to_url)
    )
    twin = connection.execute(
        "SELECT feeds.id, sources.name FROM feeds JOIN sources ON sources.id = feeds.source_id WHERE feeds.url = ? "
        "AND feeds.id <> ? AND enabled = 1 AND (merged_into IS NULL OR source_id = (SELECT source_id FROM feeds "
        "WHERE id = ?)) ORDER BY merged_into IS NOT NULL, feeds.id LIMIT 1",
        (to_url, poll.feed_id, poll.feed_id),
    ).fetchone()
    if twin is not None:
        connection.execute(  # it answered just now: it is polled even if it rested, was gone, or had moved here itself
            "UPDATE feeds SET merged_into = NULL, next_poll = ?, moved_to = NULL, moved_since = NULL, moved_count = 0 "
            "WHERE id = ? AND (merged_into IS NOT NULL OR next_poll IS NULL OR last_success IS NULL)",
            (at, twin[0]),
        )
        connection.execute(
            "UPDATE feeds SET merged_into = ?, next_poll = NULL, why = ? WHERE id = ?",
            (twin[0], f"it moved to an address that {twin[1]} polls already", poll.feed_id),
        )
        return
    connection.execute(
        "UPDATE feeds SET url = ?, host = ?, moved_to = NULL, moved_since = NULL, moved_count = 0 WHERE id = ?",
        (to_url, clean(poll.move.host), poll.feed_id),
    )


def add_found_feeds(connection: sqlite3.Connection, source_id: int, poll: Poll) -> None:
    """Feeds that a front page leads to, or a sitemap index names, are polled from now on, under the source of that
    page. A source has at most `MOST_FEEDS`: an index may name itself under ever new addresses."""
    if not poll.found_feeds:
        return
    at = moment_text(poll.at)
    (count,) = connection.execute("SELECT count(*) FROM feeds WHERE source_id = ?", (source_id,)).fetchone()
    for found in poll.found_feeds:
        if count >= MOST_FEEDS:
            break
        if _has_moved(connection, source_id, clean(found.url)):
            continue
        count += connection.execute(
            "INSERT OR IGNORE INTO feeds (source_id, kind, url, host, via, next_poll, added) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (source_id, found.kind, clean(found.url), clean(found.host), found.via, at, at),
        ).rowcount
