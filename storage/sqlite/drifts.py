"""Gathers how the pages of each source ended lately and how two weeks ago, from indexes alone, and judges by it.

Of every source ten recent pages and ten past ones are looked at. Only where these differ, more are: further past ones,
those from a day ago, so that what began within the day is not told yet, and those of other past days.
"""

# ruff: noqa: S608 - what is put into statements are constants of this module

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta

from storage.drift import PAST, PAST_AFTER_DAYS, RECENT, Drift, Sample, find_drift
from storage.sqlite.rows import moment, moment_text

_DAY = timedelta(days=1)
_STALE = timedelta(days=28)
"""A source whose last page is older is silent, and nothing can be told of how it is now."""
_ARTICLES = ("stored", "revised", "unchanged")
_REFUSALS = frozenset({"not_an_article", "too_short", "paywall"})
_OTHERS = (
    ("rejected", "article_id IS NULL", "ended"),
    ("blocked", "article_id IS NULL", "ended"),
    ("same_article", "article_id < :below", "article_id"),
)
"""Each with what the index `pages_by_outcome` has it ordered by."""
_MEASURED = "published_from IS NOT NULL, authors <> '[]', title IS NOT NULL, substr(text, 1, 32)"
"""As in the index `articles_measured`, which thus tells them without touching the texts."""


def drifts(connection: sqlite3.Connection, now: datetime, sources: Iterable[int]) -> dict[int, Drift]:
    """The drift of each of these sources that has one."""
    past = now - PAST_AFTER_DAYS * _DAY
    ids = {at: _first_id_after(connection, at) for at in (now, now - _DAY, past, past - 3 * _DAY)}
    found = {}
    for source in sources:
        drift = _drift_of(_Reader(connection, source, ids), now, past)
        if drift is not None:
            found[source] = drift
    return found


def _drift_of(reader: _Reader, now: datetime, past: datetime) -> Drift | None:
    recent = reader.samples(now, RECENT)
    if len(recent) < RECENT or now - recent[0].at > _STALE:
        return None
    first = recent[-1].at
    few = [sample for sample in reader.samples(past, RECENT if first > past else 2 * RECENT) if sample.at < first]
    if find_drift(recent, few, RECENT) is None:
        return None
    before = [sample for sample in reader.samples(past, PAST + RECENT) if sample.at < first][:PAST]
    drift = find_drift(recent, before)
    if drift is not None and first > now - _DAY:
        earlier = [sample for sample in reader.samples(now - _DAY, RECENT) if sample.at > past]
        drift = find_drift(earlier, before) and drift
    if drift is not None:
        others = [sample for sample in reader.samples(past - 3 * _DAY, PAST) if sample.at < first]
        drift = find_drift(recent, before + others) and drift
    return drift


class _Reader:
    """Reads the pages of one source that ended before a moment, newest first."""

    def __init__(self, connection: sqlite3.Connection, source: int, ids: dict[datetime, int]) -> None:
        self._connection = connection
        self._source = source
        self._ids = ids

    def samples(self, until: datetime, count: int) -> list[Sample]:
        found = [*self._articles(until, count), *self._others(until, count)]
        found.sort(key=lambda sample: sample.at, reverse=True)
        return found[:count]

    def _articles(self, until: datetime, count: int) -> list[Sample]:
        ended = " UNION ALL ".join(
            "SELECT * FROM (SELECT article_id FROM pages INDEXED BY pages_by_outcome WHERE source_id = :source "
            f"AND outcome = '{outcome}' AND article_id < :below ORDER BY article_id DESC LIMIT :count)"
            for outcome in _ARTICLES
        )
        rows = self._connection.execute(
            f"SELECT id, first_seen, word_count, {_MEASURED} FROM ({ended}) AS ended CROSS JOIN articles "
            "INDEXED BY articles_measured ON articles.id = ended.article_id",
            {"source": self._source, "below": self._ids[until], "count": count},
        )
        distinct = {row[0]: row[1:] for row in rows}
        return [
            Sample(moment(at), "article", words, bool(dated), bool(signed), bool(titled), opening)
            for _, (at, words, dated, signed, titled, opening) in sorted(distinct.items(), reverse=True)[:count]
        ]

    def _others(self, until: datetime, count: int) -> list[Sample]:
        """Pages without an article of their own. Those with a known text stand in the order of the articles that they
        repeat."""
        bounds = {"source": self._source, "until": moment_text(until), "below": self._ids[until], "count": count}
        found = []
        for outcome, bound, order in _OTHERS:
            rows = self._connection.execute(
                "SELECT last.ended, pages.reason FROM (SELECT id, ended FROM pages INDEXED BY pages_by_outcome "
                f"WHERE source_id = :source AND outcome = '{outcome}' AND {bound} AND ended <= :until "
                f"ORDER BY {order} DESC LIMIT :count) AS last CROSS JOIN pages ON pages.id = last.id",
                bounds,
            )
            for ended, reason in rows:
                if reason in _REFUSALS:
                    found.append(Sample(moment(ended), "refused"))
                elif reason == "same_content":
                    found.append(Sample(moment(ended), "repeated"))
        return found


def _first_id_after(connection: sqlite3.Connection, at: datetime) -> int:
    """The smallest id of an article first seen after a moment, one more than the largest where there is none: ids grow
    with time, so that halving finds it."""
    low, high = 0, connection.execute("SELECT coalesce(max(id), 0) + 1 FROM articles").fetchone()[0]
    text = moment_text(at)
    while low < high:
        middle = (low + high) // 2
        row = connection.execute(
            "SELECT id, first_seen FROM articles WHERE id >= ? ORDER BY id LIMIT 1", (middle,)
        ).fetchone()
        if row is not None and row[1] <= text:
            low = row[0] + 1
        else:
            high = middle
    return int(high)
