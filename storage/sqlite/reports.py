"""Tells how things stand: the way of one page, the corpus in numbers, what is remembered of a server."""

from __future__ import annotations

import sqlite3

from storage.answers import Attempt, Explanation, Sighting, Totals
from storage.corpus import MAX_WAYS
from storage.model import Ending, Host, Outcome
from storage.sqlite import captures
from storage.sqlite.rows import clean, date_or_none, moment, moment_or_none, outcome_or_none


def explain(connection: sqlite3.Connection, key: str) -> Explanation | None:
    """See `storage.corpus.Corpus.explain`."""
    page = connection.execute(
        "SELECT pages.id, pages.url, host, discovered, due, outcome, reason, detail, article_id, articles.title "
        "FROM pages LEFT JOIN articles ON articles.id = pages.article_id WHERE key = ?",
        (clean(key),),
    ).fetchone()
    if page is None:
        return None
    page_id, url, host, discovered, due, outcome, reason, detail, article_id, article_title = page
    return Explanation(
        url=url,
        key=clean(key),
        host=host,
        discovered=moment(discovered),
        due=moment_or_none(due),
        outcome=outcome_or_none(outcome, reason, detail),
        article_id=article_id,
        article_title=article_title,
        sightings=_sightings(connection, page_id),
        attempts=_attempts(connection, page_id),
        captures=captures.of_page(connection, page_id),
    )


def ways(connection: sqlite3.Connection, article_id: int) -> list[Explanation]:
    """See `storage.corpus.Corpus.ways`."""
    keys = connection.execute(
        "SELECT key FROM pages WHERE article_id = ? ORDER BY discovered, id LIMIT ?", (article_id, MAX_WAYS)
    ).fetchall()
    return [found for (key,) in keys if (found := explain(connection, key)) is not None]


def _sightings(connection: sqlite3.Connection, page_id: int) -> tuple[Sighting, ...]:
    rows = connection.execute(
        "SELECT at, sources.name, feeds.url, sightings.url, entries.title, published "
        "FROM sightings JOIN sources ON sources.id = sightings.source_id JOIN feeds ON feeds.id = sightings.feed_id "
        "JOIN entries ON entries.id = sightings.entry_id WHERE sightings.page_id = ? ORDER BY sightings.id",
        (page_id,),
    )
    return tuple(
        Sighting(moment(at), source, feed_url, url, title, date_or_none(published))
        for at, source, feed_url, url, title, published in rows
    )


def _attempts(connection: sqlite3.Connection, page_id: int) -> tuple[Attempt, ...]:
    rows = connection.execute(
        "SELECT at, outcome, reason, detail, http_status, final_url, size_bytes FROM outcomes WHERE page_id = ? "
        "ORDER BY id",
        (page_id,),
    )
    return tuple(
        Attempt(moment(at), Outcome(Ending(outcome), reason, detail), http_status, final_url, size_bytes)
        for at, outcome, reason, detail, http_status, final_url, size_bytes in rows
    )


def totals(connection: sqlite3.Connection, size_bytes: int, unindexed: int, archive_bytes: int = 0) -> Totals:
    """See `storage.corpus.Corpus.totals`."""

    def count(sql: str) -> int:
        return int(connection.execute(sql).fetchone()[0])

    outcomes: dict[str | None, int] = dict(
        connection.execute("SELECT outcome, count(*) FROM pages GROUP BY outcome ORDER BY outcome").fetchall()
    )
    return Totals(
        sources=count("SELECT count(*) FROM sources"),
        feeds=count("SELECT count(*) FROM feeds"),
        entries=count("SELECT count(*) FROM entries"),
        sightings=count("SELECT count(*) FROM sightings"),
        pages=sum(outcomes.values()),
        waiting=outcomes.get(None, 0),
        articles=count("SELECT count(*) FROM articles"),
        revisions=count("SELECT count(*) FROM revisions"),
        stories=count("SELECT count(DISTINCT story_id) FROM articles"),
        outcomes={outcome: pages for outcome, pages in outcomes.items() if outcome is not None},
        size_bytes=size_bytes,
        unindexed=unindexed,
        archive_bytes=archive_bytes,
    )


def load_host(connection: sqlite3.Connection, host: str) -> Host | None:
    """What is remembered of a server."""
    row = connection.execute(
        "SELECT paused_until, robots_status, robots_body, robots_fetched FROM hosts WHERE host = ?", (clean(host),)
    ).fetchone()
    if row is None:
        return None
    paused_until, robots_status, robots_body, robots_fetched = row
    return Host(host, moment_or_none(paused_until), robots_status, robots_body, moment_or_none(robots_fetched))
