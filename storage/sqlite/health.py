"""Tells how every source does: what its feeds last said, and how the pages that it named ended."""

# ruff: noqa: S608 - what is put into statements are constants of this module and numbers

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from storage.answers import RECENT_DAYS, FeedStatus, SourceStatus
from storage.sqlite.drifts import drifts
from storage.sqlite.rows import clean, list_of, moment_or_none, moment_text, validators_or_none

_FEED_COLUMNS = (
    *("url", "kind", "document_kind", "last_poll", "last_success", "next_poll", "interval_s", "failures"),
    *(
        "http_status",
        "reason",
        "detail",
        "entries",
        "left_out",
        "flags",
        "last_status",
        "via",
        "why",
        "etag",
        "last_modified",
    ),
    *("last_news", "news_expected", "last_whole", "unchanged", "gaps", "last_gap", "lies", "last_lie"),
    *("moved_to", "moved_since", "moved_count"),
)
_TIMES = frozenset(
    {"last_poll", "last_success", "next_poll", "last_news", "news_expected", "last_whole", "last_gap", "last_lie"}
    | {"moved_since"}
)
_FAILING_SINCE = (
    "CASE WHEN failures > 0 THEN (SELECT min(at) FROM polls WHERE feed_id = feeds.id AND status = 'failed' "
    "AND at > coalesce(feeds.last_success, '')) END"
)
_MERGED_INTO = (
    "(SELECT sources.name FROM feeds AS twin JOIN sources ON sources.id = twin.source_id "
    "WHERE twin.id = feeds.merged_into)"
)


@dataclass(slots=True)
class _Tally:
    outcomes: Counter[str] = field(default_factory=Counter)
    waiting: int = 0
    articles: int = 0
    recent_articles: int = 0
    last_article: str | None = None


def status(connection: sqlite3.Connection, now: datetime, asked: str | None = None) -> list[SourceStatus]:
    """See `storage.corpus.Corpus.status`."""
    rows = find(connection, asked)
    only = None if asked is None else [row[0] for row in rows]
    tallies = _tallies(connection, now, only)
    feeds = feeds_of(connection, only)
    drifted = drifts(connection, now, [row[0] for row in rows if row[5] and row[6] is None])
    found = []
    for source_id, name, kind, url, tags, enabled, removed in rows:
        tally, titled = tallies[source_id], feeds[source_id]
        found.append(
            SourceStatus(
                name=name,
                kind=kind,
                url=url,
                title=next((title for title, feed in titled if title and feed.url == url), None)
                or next((title for title, _ in titled if title), None),
                tags=list_of(tags),
                enabled=bool(enabled),
                feeds=tuple(feed for _, feed in titled),
                outcomes=dict(tally.outcomes),
                waiting=tally.waiting,
                articles=tally.articles,
                last_article=moment_or_none(tally.last_article),
                recent_articles=tally.recent_articles,
                removed=moment_or_none(removed),
                drift=drifted.get(source_id),
            )
        )
    return found


def daily(connection: sqlite3.Connection, now: datetime, days: int) -> dict[str, tuple[int, ...]]:
    """See `storage.corpus.Corpus.daily`. The index of dates gives the few articles that are recent; from them it goes
    to their pages and to who named these."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=max(days, 1) - 1)
    rows = connection.execute(
        "WITH recent AS MATERIALIZED (SELECT id, substr(dated, 1, 10) AS day FROM articles INDEXED BY articles_by_date "
        "WHERE dated >= :first AND dated < :end) "
        "SELECT sources.url, day, count(DISTINCT recent.id) FROM recent "
        "CROSS JOIN pages ON pages.article_id = recent.id CROSS JOIN sightings ON sightings.page_id = pages.id "
        "JOIN sources ON sources.id = sightings.source_id GROUP BY sources.id, day",
        {"first": first.isoformat(), "end": (today + timedelta(days=1)).isoformat()},
    )
    found: dict[str, list[int]] = {}
    for url, day, articles in rows:
        found.setdefault(url, [0] * max(days, 1))[(date.fromisoformat(day) - first).days] = articles
    return {url: tuple(counts) for url, counts in found.items()}


def find(connection: sqlite3.Connection, asked: str | None) -> list[tuple[int, str, Any, str, str, int, str | None]]:
    """Every source by name, or those with that name or address: (id, name, kind, url, tags, enabled, removed)."""
    columns = "SELECT id, name, kind, url, tags, enabled, removed FROM sources"
    if asked is None:
        return connection.execute(f"{columns} ORDER BY name, id").fetchall()
    key = clean(asked)
    return connection.execute(
        f"{columns} WHERE name = ? OR url = ? ORDER BY enabled DESC, url <> ?, id", (key, key, key)
    ).fetchall()


def among(column: str, only: Sequence[int] | None) -> str:
    """A condition that holds for these ids, or for all."""
    return "1" if only is None else f"{column} IN ({', '.join(str(number) for number in only)})"


def also_named(only: Sequence[int] | None) -> str:
    """The pages that these sources named though they are fetched for another: (source_id, page_id)."""
    return (
        "SELECT DISTINCT source_id, page_id FROM sources CROSS JOIN sightings INDEXED BY sightings_by_source "
        f"ON sightings.source_id = sources.id AND also = 1 WHERE {among('sources.id', only)}"
    )


def feeds_of(
    connection: sqlite3.Connection, only: Sequence[int] | None
) -> defaultdict[int, list[tuple[str | None, FeedStatus]]]:
    """The feeds of each source with what they call themselves."""
    moves = {
        feed_id: (from_url, at)
        for feed_id, from_url, at, _ in connection.execute(
            "SELECT feed_id, from_url, at, max(moves.id) FROM feeds CROSS JOIN moves ON feed_id = feeds.id "
            f"WHERE {among('source_id', only)} GROUP BY feed_id"
        )
    }
    found: defaultdict[int, list[tuple[str | None, FeedStatus]]] = defaultdict(list)
    for feed_id, source_id, title, failing_since, merged_into, *row in connection.execute(
        f"SELECT id, source_id, title, {_FAILING_SINCE}, {_MERGED_INTO}, {', '.join(_FEED_COLUMNS)} FROM feeds "
        f"WHERE {among('source_id', only)} ORDER BY id"
    ):
        values = dict(zip(_FEED_COLUMNS, row, strict=True))
        times: dict[str, Any] = {name: moment_or_none(values.pop(name)) for name in _TIMES}
        moved_from, moved_at = moves.get(feed_id, (None, None))
        feed = FeedStatus(
            flags=list_of(values.pop("flags")),
            validators=validators_or_none(values.pop("etag"), values.pop("last_modified")),
            failing_since=moment_or_none(failing_since),
            merged_into=merged_into,
            moved_from=moved_from,
            moved_at=moment_or_none(moved_at),
            **times,
            **values,
        )
        found[source_id].append((title, feed))
    return found


def _tallies(connection: sqlite3.Connection, now: datetime, only: Sequence[int] | None) -> defaultdict[int, _Tally]:
    """Pages count for the source that they are fetched for, which one covering index tells, and for each other source
    that named them, which few sightings tell."""
    tallies: defaultdict[int, _Tally] = defaultdict(_Tally)
    own = f"pages INDEXED BY pages_by_outcome WHERE {among('source_id', only)}"
    also = f"({also_named(only)}) AS named JOIN pages ON pages.id = named.page_id"
    ended = "max(CASE WHEN outcome IN ('stored', 'revised') THEN ended END)"
    groups = [
        f"SELECT source_id, outcome, count(*), {ended} FROM {own} GROUP BY source_id, outcome",
        f"SELECT named.source_id, outcome, count(*), {ended} FROM {also} GROUP BY named.source_id, outcome",
    ]
    for source_id, outcome, pages, last in (row for sql in groups for row in connection.execute(sql)):
        tally = tallies[source_id]
        if outcome is None:
            tally.waiting += pages
        else:
            tally.outcomes[outcome] += pages
        tally.last_article = max(filter(None, (tally.last_article, last)), default=None)
    _tally_articles(connection, now, tallies, own, also, whole=only is None)
    return tallies


def _tally_articles(
    connection: sqlite3.Connection,
    now: datetime,
    tallies: defaultdict[int, _Tally],
    own: str,
    also: str,
    *,
    whole: bool,
) -> None:
    """Which articles are recent, an index tells without touching their texts: for all sources as one list that is made
    once, for one source article by article. A page that ended before them cannot hold a recent one."""
    recent = "SELECT id FROM articles WHERE dated > :since AND dated <= :until"
    in_time = f"article_id IN ({recent})" if whole else f"EXISTS ({recent} AND id = pages.article_id)"
    counts = f"count(DISTINCT article_id), count(DISTINCT CASE WHEN ended > :since AND {in_time} THEN article_id END)"
    span = {"since": moment_text(now - timedelta(days=RECENT_DAYS)), "until": moment_text(now)}
    for sql in (
        f"SELECT source_id, {counts} FROM {own} GROUP BY source_id",
        f"SELECT named.source_id, {counts} FROM {also} WHERE NOT EXISTS (SELECT 1 FROM pages AS own "
        "WHERE own.article_id = pages.article_id AND own.source_id = named.source_id) GROUP BY named.source_id",
    ):
        for source_id, articles, in_span in connection.execute(sql, span):
            tallies[source_id].articles += articles
            tallies[source_id].recent_articles += in_span
