"""Tells how things stand: the way of one page, the health of every source, the corpus in numbers."""

# ruff: noqa: S608 - what is put into statements are constants of this module

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from storage.answers import Attempt, Explanation, FeedStatus, Sighting, SourceStatus, Totals
from storage.model import Ending, Host, Outcome
from storage.sqlite.rows import clean, date_or_none, list_of, moment, moment_or_none, outcome_or_none


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
    )


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


@dataclass(slots=True)
class _Tally:
    """How the pages that one source named ended."""

    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    articles: int = 0
    last_article: str | None = None


def status(connection: sqlite3.Connection) -> list[SourceStatus]:
    """See `storage.corpus.Corpus.status`."""
    tallies = _tallies(connection)
    feeds: defaultdict[int, list[tuple[str | None, FeedStatus]]] = defaultdict(list)
    for source_id, title, feed in _feeds(connection):
        feeds[source_id].append((title, feed))
    found = []
    for source_id, name, kind, url, tags, enabled in connection.execute(
        "SELECT id, name, kind, url, tags, enabled FROM sources ORDER BY name, id"
    ).fetchall():
        tally = tallies[source_id]
        found.append(
            SourceStatus(
                name=name,
                kind=kind,
                url=url,
                title=next((title for title, feed in feeds[source_id] if title and feed.url == url), None)
                or next((title for title, _ in feeds[source_id] if title), None),
                tags=list_of(tags),
                enabled=bool(enabled),
                feeds=tuple(feed for _, feed in feeds[source_id]),
                outcomes=dict(tally.outcomes),
                waiting=tally.waiting,
                articles=tally.articles,
                last_article=moment_or_none(tally.last_article),
            )
        )
    return found


def _feeds(connection: sqlite3.Connection) -> list[tuple[int, str | None, FeedStatus]]:
    rows = connection.execute(
        "SELECT source_id, title, url, kind, document_kind, last_poll, last_success, next_poll, interval_s, failures, "
        "http_status, reason, detail, entries, flags FROM feeds ORDER BY id"
    )
    return [(source_id, title, _feed_status(row)) for source_id, title, *row in rows]


def _feed_status(row: list[Any]) -> FeedStatus:
    return FeedStatus(
        url=row[0],
        kind=row[1],
        document_kind=row[2],
        last_poll=moment_or_none(row[3]),
        last_success=moment_or_none(row[4]),
        next_poll=moment_or_none(row[5]),
        interval_s=row[6],
        failures=row[7],
        http_status=row[8],
        reason=row[9],
        detail=row[10],
        entries=row[11],
        flags=list_of(row[12]),
    )


def _tallies(connection: sqlite3.Connection) -> defaultdict[int, _Tally]:
    """Pages count for the source that they are fetched for, which one covering index tells, and for each other source
    that named them, which few sightings tell."""
    tallies: defaultdict[int, _Tally] = defaultdict(_Tally)
    ended = "max(CASE WHEN outcome IN ('stored', 'revised') THEN ended END)"
    groups = [
        f"SELECT source_id, outcome, count(*), {ended} FROM pages INDEXED BY pages_by_outcome "
        "GROUP BY source_id, outcome",
        f"SELECT named.source_id, outcome, count(*), {ended} FROM ({_ALSO}) AS named "
        "JOIN pages ON pages.id = named.page_id GROUP BY named.source_id, outcome",
    ]
    for source_id, outcome, pages, last in (row for sql in groups for row in connection.execute(sql)):
        tally = tallies[source_id]
        if outcome is None:
            tally.waiting += pages
        else:
            tally.outcomes[outcome] += pages
        tally.last_article = max(filter(None, (tally.last_article, last)), default=None)
    articles = [
        "SELECT source_id, count(DISTINCT article_id) FROM pages INDEXED BY pages_by_outcome GROUP BY source_id",
        f"SELECT named.source_id, count(DISTINCT article_id) FROM ({_ALSO}) AS named "
        "JOIN pages ON pages.id = named.page_id WHERE NOT EXISTS (SELECT 1 FROM pages AS own "
        "WHERE own.article_id = pages.article_id AND own.source_id = named.source_id) GROUP BY named.source_id",
    ]
    for source_id, count in (row for sql in articles for row in connection.execute(sql)):
        tallies[source_id].articles += count
    return tallies


_ALSO = (
    "SELECT DISTINCT source_id, page_id FROM sources CROSS JOIN sightings INDEXED BY sightings_by_source "
    "ON sightings.source_id = sources.id AND also = 1"
)


def totals(connection: sqlite3.Connection, size_bytes: int, unindexed: int) -> Totals:
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
