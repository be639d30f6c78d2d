"""Reads how articles begin, now and in the past, for what rises; see `storage.trending`."""

# ruff: noqa: S608 - what is put into statements are constants of this package; values are parameters

from __future__ import annotations

import sqlite3
from datetime import UTC, date, datetime, timedelta

from storage.facets import Trend
from storage.sqlite import index
from storage.sqlite.matching import ARTICLES
from storage.trending import Beginning, rising

BEGINNING_CHARS = 300
"""Of a text, besides its title: the first paragraph of a news report says what it is about."""
MOST_BEGINNINGS = 3_000
"""Articles of these days, and of the past each, that are looked at for what rises: .4 s."""


def beginnings(connection: sqlite3.Connection, since: date, until: date, most: int) -> list[Beginning]:
    """How articles begin that are dated in these days: all, or so many that lie evenly among them."""
    docs = "idx.docs" if index.is_complete(connection) else ARTICLES
    days = {"since": since.isoformat(), "until": until.isoformat(), "most": most}
    where = "docs.dated >= :since AND docs.dated < :until"
    count = int(connection.execute(f"SELECT count(*) FROM {docs} WHERE {where}", days).fetchone()[0])
    step = -(-count // most) if most else 1
    rows = connection.execute(
        "SELECT id, story_id, site, coalesce(title, '') || ' . ' || substr(text, 1, :chars) FROM articles WHERE id IN ("
        f"SELECT article_id FROM {docs} WHERE {where} AND docs.article_id % :step = 0)",
        {**days, "step": max(step, 1), "chars": BEGINNING_CHARS},
    )
    return [Beginning(*row) for row in rows]


def trends(connection: sqlite3.Connection, now: datetime, days: int, past_days: int, limit: int) -> list[Trend]:
    """See `storage.corpus.Corpus.trends`."""
    tomorrow = now.astimezone(UTC).date() + timedelta(days=1)
    begin = tomorrow - timedelta(days=min(max(days, 1), 3_650))
    recent = beginnings(connection, begin, tomorrow, MOST_BEGINNINGS)
    past = beginnings(connection, begin - timedelta(days=min(max(past_days, 1), 36_500)), begin, MOST_BEGINNINGS)
    return rising(recent, past, limit)
