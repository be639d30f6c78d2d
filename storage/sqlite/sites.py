"""What a source taught about its site: which shapes of addresses held articles, which entries a backfill is to take."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from storage.answers import KnownFeed, LinkShape, SiteMemory
from storage.sqlite.rows import clean, moment_or_none

LEARNED_FROM = 300
"""Entries of each feed that shapes are learned from, the last: a site that changes its addresses is learned anew, and
the question costs the same however old the site is."""

MOST_SHAPES = 200

MOST_LEFT = 100_000
"""Entries of one sitemap that are remembered as left: five times what is read of one. A sitemap that lists others at
every poll is forgotten at that, and remembered anew from what it lists then."""


def site_memory(connection: sqlite3.Connection, source: str, *, with_shapes: bool = True) -> SiteMemory:
    """See `storage.corpus.Corpus.site_memory`. Shapes are not counted as pages end: a page's outcome changes when it is
    fetched again, and what is asked of the pages themselves cannot differ from them."""
    rows = connection.execute(
        "SELECT feeds.id, feeds.url, feeds.kind, via, document_kind, last_poll, last_success, next_poll, failures, "
        "reason, entries, left_out, why FROM feeds JOIN sources ON sources.id = feeds.source_id "
        "WHERE sources.name = ? AND merged_into IS NULL ORDER BY feeds.id",
        (clean(source),),
    ).fetchall()
    shapes = _shapes(connection, [row[0] for row in rows if row[10]]) if with_shapes else ()
    return SiteMemory(tuple(_known_feed(row[1:]) for row in rows), shapes)


def _known_feed(row: tuple[object, ...]) -> KnownFeed:
    (url, kind, via, document_kind, last_poll, last_success, next_poll, failures, reason, entries, left_out, why) = row
    return KnownFeed(
        *(url, kind, via, document_kind),  # type: ignore[arg-type]
        last_poll=moment_or_none(last_poll),  # type: ignore[arg-type]
        last_success=moment_or_none(last_success),  # type: ignore[arg-type]
        next_poll=moment_or_none(next_poll),  # type: ignore[arg-type]
        failures=failures,  # type: ignore[arg-type]
        reason=reason,  # type: ignore[arg-type]
        entries=entries,  # type: ignore[arg-type]
        left_out=left_out,  # type: ignore[arg-type]
        why=why,  # type: ignore[arg-type]
    )


def _shapes(connection: sqlite3.Connection, feed_ids: Sequence[int]) -> tuple[LinkShape, ...]:
    seen: set[int] = set()
    tallies: dict[str, list[int]] = {}
    last_tried: dict[str, str] = {}
    for feed_id in feed_ids:
        for page_id, shape, outcome, reason, article_id, attempts, ended in connection.execute(
            "SELECT pages.id, named.shape, outcome, reason, article_id, attempts, ended FROM "
            "(SELECT page_id, shape FROM entries INDEXED BY entries_by_shape "
            "WHERE feed_id = ? AND shape IS NOT NULL ORDER BY id DESC LIMIT ?) AS named "
            "JOIN pages ON pages.id = named.page_id",
            (feed_id, LEARNED_FROM),
        ):
            if page_id in seen:
                continue
            seen.add(page_id)
            tally = tallies.setdefault(shape, [0, 0, 0])
            tally[0] += 1
            tally[1] += article_id is not None
            tally[2] += article_id is None and outcome == "rejected" and reason in ("not_an_article", "too_short")
            if attempts and ended:
                last_tried[shape] = max(ended, last_tried.get(shape, ""))
    ordered = sorted(tallies.items(), key=lambda item: (-item[1][0], item[0]))[:MOST_SHAPES]
    return tuple(
        LinkShape(shape, named, articles, rejected, moment_or_none(last_tried.get(shape)))
        for shape, (named, articles, rejected) in ordered
    )


def left(connection: sqlite3.Connection, feed_id: int, keys: Sequence[str]) -> frozenset[str]:
    """See `storage.corpus.Filing.left`."""
    hashes = [_key_hash(key) for key in keys]
    rows = connection.execute(
        "SELECT key_hash FROM left_entries WHERE feed_id = ? AND key_hash IN (SELECT value FROM json_each(?))",
        (feed_id, json.dumps(hashes)),
    )
    known = {key_hash for (key_hash,) in rows}
    return frozenset(key for key, key_hash in zip(keys, hashes, strict=True) if key_hash in known)


def remember_left(connection: sqlite3.Connection, feed_id: int, keys: Sequence[str]) -> None:
    """Eight bytes an entry."""
    if not keys:
        return
    (count,) = connection.execute("SELECT count(*) FROM left_entries WHERE feed_id = ?", (feed_id,)).fetchone()
    if count + len(keys) > MOST_LEFT:
        connection.execute("DELETE FROM left_entries WHERE feed_id = ?", (feed_id,))
    connection.executemany(
        "INSERT OR IGNORE INTO left_entries (feed_id, key_hash) VALUES (?, ?)",
        [(feed_id, _key_hash(key)) for key in keys],
    )


def _key_hash(key: str) -> int:
    return int.from_bytes(hashlib.sha256(clean(key).encode()).digest()[:8], signed=True)


def wake(connection: sqlite3.Connection, source_id: int, at: str) -> None:
    """The source's own page is due at once, and comes whole."""
    connection.execute(
        "UPDATE feeds SET next_poll = ?, etag = NULL, last_modified = NULL, body_hash = NULL "
        "WHERE source_id = ? AND kind = 'site' AND via = 'source' AND leased_until IS NULL",
        (at, source_id),
    )
