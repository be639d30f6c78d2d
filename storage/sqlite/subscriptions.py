"""Makes the sources of the corpus those of a list, and keeps what is known of every feed."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime, timedelta

from storage.model import Poll, Source
from storage.sqlite.rows import clean, cleaned, list_text, moment_text, time_text

HISTORY_KEPT = 200
"""Polls of a feed that its history tells: years for a quiet feed, some days for the busiest."""
MOST_FEEDS = 300
"""Documents that are polled for one source: a news site's sitemap index names a sitemap for each month of its life."""
OUTDATED = timedelta(days=30)
"""After so long without news a sitemap of an index may be replaced by one that is named anew."""
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
        elif not url.startswith("import:"):  # what was imported under a name is no former address of a feed
            moved[name, kind] = (source_id, url)
    listed = set()
    for source, host in sources:
        url, name = clean(source.url), clean(source.name)
        row = known.get(url) or moved.pop((name, source.kind), None) or _new_source(connection, source, at)
        known[url] = (row[0], url)
        _update_source(connection, row[0], source)
        _update_main_feed(connection, *row, source, host, at)
        listed.add(row[0])
    for source_id, removed in connection.execute("SELECT id, removed FROM sources").fetchall():
        if source_id in listed and removed is not None:
            connection.execute("UPDATE sources SET removed = NULL WHERE id = ?", (source_id,))
        elif source_id not in listed and removed is None:
            connection.execute("UPDATE sources SET enabled = 0, removed = ? WHERE id = ?", (at, source_id))
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
    """Every source polls its own address; one that moved starts there afresh and keeps its entries.

    A feed that its publisher moved stays where it went for as long as the list says the same; what is written anew
    holds, the former address too.
    """
    url, kind, is_new = clean(source.url), source.kind, old_url != clean(source.url)
    went = _went_on(connection, source_id, old_url)
    if went is not None and not is_new:
        return
    feeds = dict(connection.execute("SELECT url, id FROM feeds WHERE source_id = ?", (source_id,)).fetchall())
    main, listed = feeds.get(old_url, went), feeds.get(url)
    if listed is not None:
        connection.execute(
            "UPDATE feeds SET kind = ?, host = ? WHERE id = ? AND (kind, host) IS NOT (?, ?)",
            (kind, clean(host), listed, kind, clean(host)),
        )
        if is_new and main != listed:  # found on the front page before it was subscribed to
            connection.execute("UPDATE feeds SET next_poll = NULL WHERE id = ?", (main,))
            connection.execute(
                "UPDATE feeds SET merged_into = NULL, next_poll = coalesce(next_poll, ?) WHERE id = ?", (at, listed)
            )
    elif main is not None:
        connection.execute(
            "UPDATE feeds SET kind = ?, url = ?, host = ?, next_poll = ?, etag = NULL, last_modified = NULL, "
            "validators_url = NULL, body_hash = NULL, failures = 0, moved_to = NULL, moved_since = NULL, "
            "moved_count = 0, merged_into = NULL WHERE id = ?",
            (kind, url, clean(host), at, main),
        )
    else:
        connection.execute(
            "INSERT INTO feeds (source_id, kind, url, host, next_poll, added) VALUES (?, ?, ?, ?, ?, ?)",
            (source_id, kind, url, clean(host), at, at),
        )


def _went_on(connection: sqlite3.Connection, source_id: int, url: str) -> int | None:
    """The feed that the publisher moved away from `url`, of this source; feeds.yaml, or a page, may still name that."""
    row = connection.execute(
        "SELECT feed_id FROM moves JOIN feeds ON feeds.id = feed_id WHERE source_id = ? AND from_url = ? "
        "ORDER BY moves.id DESC LIMIT 1",
        (source_id, url),
    ).fetchone()
    return None if row is None else int(row[0])


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
    (source_id, from_url, from_host) = connection.execute(
        "SELECT source_id, url, host FROM feeds WHERE id = ?", (poll.feed_id,)
    ).fetchone()
    connection.execute(
        "INSERT INTO moves (feed_id, at, from_url, to_url) VALUES (?, ?, ?, ?)", (poll.feed_id, at, from_url, to_url)
    )
    twin = connection.execute(
        "SELECT feeds.id, sources.name FROM feeds JOIN sources ON sources.id = feeds.source_id WHERE feeds.url = ? "
        "AND feeds.id <> ? AND merged_into IS NULL AND enabled = 1 ORDER BY feeds.id LIMIT 1",
        (to_url, poll.feed_id),
    ).fetchone()
    if twin is not None:
        connection.execute(
            "UPDATE feeds SET merged_into = ?, next_poll = NULL, why = ? WHERE id = ?",
            (twin[0], f"it moved to an address that {twin[1]} polls already", poll.feed_id),
        )
        # it may be gone, or rest as a place that held no feed: there is one now
        due = time_text(poll.next_poll) or at
        connection.execute(
            "UPDATE feeds SET next_poll = min(coalesce(next_poll, ?), ?) WHERE id = ?", (due, due, twin[0])
        )
        return
    left = connection.execute(
        "UPDATE feeds SET url = ? WHERE source_id = ? AND url = ? AND id <> ? RETURNING id",
        (f"{from_url}#", source_id, to_url, poll.feed_id),
    ).fetchone()
    connection.execute(
        "UPDATE feeds SET url = ?, host = ?, moved_to = NULL, moved_since = NULL, moved_count = 0 WHERE id = ?",
        (to_url, clean(poll.move.host), poll.feed_id),
    )
    if left is not None:  # a feed that was merged away from there: the two change places
        connection.execute("UPDATE feeds SET url = ?, host = ? WHERE id = ?", (from_url, from_host, left[0]))


def add_found_feeds(connection: sqlite3.Connection, source_id: int, poll: Poll) -> None:
    """Feeds that a front page leads to, or a sitemap index names, are polled from now on, under the source of that
    page. A source has at most `MOST_FEEDS`: an index may name itself under ever new addresses."""
    at = moment_text(poll.at)
    known = {url for (url,) in connection.execute("SELECT url FROM feeds WHERE source_id = ?", (source_id,))}
    for found in poll.found_feeds:
        url = clean(found.url)
        if url in known or _went_on(connection, source_id, url) is not None:
            continue
        if not _has_room(connection, source_id, poll.at, may_replace=found.via in ("index", "index2")):
            break
        known.add(url)
        connection.execute(
            "INSERT INTO feeds (source_id, kind, url, host, via, next_poll, added) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (source_id, found.kind, url, clean(found.host), found.via, at, at),
        )


def _has_room(connection: sqlite3.Connection, source_id: int, now: datetime, *, may_replace: bool) -> bool:
    """Whether one more document may be polled for a source; a new sitemap of an index takes the place of one that has
    been without news for `OUTDATED`, or a site that names one a day would be lost sight of within the year."""
    (count,) = connection.execute(
        "SELECT count(*) FROM feeds WHERE source_id = ? AND (next_poll IS NOT NULL OR last_status IS 'gone' "
        "OR via NOT IN ('index', 'index2'))",
        (source_id,),
    ).fetchone()
    if count < MOST_FEEDS:
        return True
    return may_replace and bool(
        connection.execute(
            "UPDATE feeds SET next_poll = NULL, news_expected = NULL, why = ? WHERE id = (SELECT id FROM feeds "
            "WHERE source_id = ? AND via IN ('index', 'index2') AND next_poll IS NOT NULL AND leased_until IS NULL "
            "AND coalesce(last_news, added) < ? ORDER BY coalesce(last_news, added), id LIMIT 1)",
            ("a newer sitemap of its index is polled instead", source_id, moment_text(now - OUTDATED)),
        ).rowcount
    )
