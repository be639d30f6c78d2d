"""What a source taught about its site: which shapes of addresses held articles, which entries a backfill is to take."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Sequence

from storage.answers import LinkMemory, LinkShape
from storage.sqlite.health import feeds_of
from storage.sqlite.rows import clean, moment_or_none

LEARNED_FROM = 300
"""Entries of each feed that shapes are learned from, the last: a site that changes its addresses is learned anew, and
the question costs the same however old the site is."""

MOST_SHAPES = 200

MOST_LEFT = 100_000
"""Entries of one sitemap that are remembered as left: five times what is read of one. A sitemap that lists others at
every poll is forgotten at that, and remembered anew from what it lists then."""


def link_memory(connection: sqlite3.Connection, source: str, *, with_shapes: bool = True) -> LinkMemory:
    """See `storage.corpus.Corpus.link_memory`. Shapes are not counted as pages end: a page's outcome changes when it is
    fetched again, and what is asked of the pages themselves cannot differ from them."""
    ids = [id for (id,) in connection.execute("SELECT id FROM sources WHERE name = ? ORDER BY id", (clean(source),))]
    found = [feed for feeds in feeds_of(connection, ids).values() for _, feed in feeds]
    return LinkMemory(tuple(found), _shapes(connection, ids) if with_shapes else ())


def _shapes(connection: sqlite3.Connection, source_ids: Sequence[int]) -> tuple[LinkShape, ...]:
    feed_ids = [
        id
        for source_id in source_ids
        for (id,) in connection.execute(
            "SELECT id FROM feeds WHERE source_id = ? AND entries > 0 ORDER BY id", (source_id,)
        )
    ]
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
    """The source's own page is due at once, and comes whole, unless it is gone."""
    connection.execute(
        "UPDATE feeds SET next_poll = ?, etag = NULL, last_modified = NULL, body_hash = NULL "
        "WHERE source_id = ? AND kind = 'site' AND via = 'source' AND next_poll IS NOT NULL AND leased_until IS NULL",
        (at, source_id),
    )
