"""Sums up what matches a question: facets, and how many articles there were when.

Up to `COUNTED` articles are looked at one by one, so that counts are exact. Of more, as many are drawn from slices that
lie evenly over the index, which is in the order of filing: counts are scaled, and are off by a few per cent.
"""

# ruff: noqa: S608 - what is put into statements are constants of this package; values are parameters

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from time import monotonic

from storage.answers import Query
from storage.facets import (
    FACETS,
    MOST_FACETS,
    Facet,
    FacetName,
    Facets,
    Step,
    Timeline,
    Trend,
    bars_of,
    step_for,
)
from storage.sqlite import index
from storage.sqlite.matching import ARTICLES, Matches, matches_of
from storage.sqlite.rows import list_of
from storage.sqlite.searching import OutOfTime, deadline, refused
from storage.trending import Beginning, rising

COUNTED = 5_000
SLICES = 48
"""Of the index that a sample is drawn from; each costs a look-up of the words."""
TOTAL_S = 0.25
SAMPLE_S = 0.25
FACETS_S = 0.4
"""Together they stay within the second that any question may take."""
BEGINNING_CHARS = 300
"""Of a text, besides its title: the first paragraph of a news report says what it is about."""
MOST_BEGINNINGS = 3_000
"""Articles of these days, and of the past each, that are looked at for what rises: .4 s."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Articles that stand for all that match: what the index says of each, side by side."""

    ids: tuple[int, ...]
    days: tuple[str, ...]
    sites: tuple[str, ...]
    languages: tuple[str | None, ...]
    total: int
    is_exact: bool

    @property
    def scale(self) -> float:
        """How many articles each of them stands for."""
        return self.total / len(self.ids) if self.ids else 0.0

    def count(self, found: int) -> int:
        """What a number of the sample's articles says of all."""
        return found if self.is_exact or not found else max(round(found * self.scale), 1)


class Summing:
    """Sums up questions on one connection; the sample of the last one is kept, for who asks for facets asks for the
    time line next."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._sql = connection
        self._kept: tuple[object, Sample] | None = None

    def facets(self, query: Query, limit: int, fields: Collection[FacetName] | None) -> Facets:
        """See `storage.corpus.Corpus.facets`."""
        sample = self._sample(query)
        wanted = [name for name in FACETS if fields is None or name in fields]
        counts: dict[str, tuple[Facet, ...]] = {}
        try:
            with deadline(self._sql, FACETS_S):
                for name, found in self._counted(sample, wanted):
                    counts[name] = tuple(
                        Facet(value, sample.count(count)) for value, count in _largest(found, name, limit)
                    )
        except OutOfTime:
            pass
        return Facets(sample.total, sample.is_exact, counts)

    def timeline(self, query: Query, by: Step | None) -> Timeline:
        """See `storage.corpus.Corpus.timeline`."""
        sample = self._sample(query)
        days = {date.fromisoformat(day): count for day, count in Counter(sample.days).items()}
        chosen = by or (step_for(min(days), max(days)) if days else "day")
        bars = tuple(replace(bar, count=sample.count(bar.count)) for bar in bars_of(days, chosen))
        return Timeline(chosen, bars, sample.total, sample.is_exact)

    def _sample(self, query: Query) -> Sample:
        version = self._sql.execute("PRAGMA data_version").fetchone()[0]
        key = (query, version, self._sql.total_changes)
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._drawn(query))
        return self._kept[1]

    def _drawn(self, query: Query) -> Sample:
        """Raises QueryError where not even a part can be looked at in time."""
        try:
            with deadline(self._sql, TOTAL_S):
                matches = matches_of(self._sql, query)
                first = self._rows(matches, f" LIMIT {COUNTED + 1}")
                if len(first) <= COUNTED:
                    return _sample(first, len(first), is_exact=True)
        except OutOfTime:
            raise refused(query) from None
        total = self._total(matches)
        found, share = self._slices(matches, total)
        if not found:
            raise refused(query)
        return _sample(found, total or round(len(found) / share), is_exact=False)

    def _rows(self, matches: Matches, more: str, **values: object) -> list[_Row]:
        columns = "docs.article_id, substr(docs.dated, 1, 10), docs.site, docs.language"
        sql = f"SELECT {columns} FROM {matches.tables} WHERE {matches.where}{more}"
        return self._sql.execute(sql, matches.values | values).fetchall()

    def _total(self, matches: Matches) -> int | None:
        """How many match; None where counting them takes too long."""
        try:
            with deadline(self._sql, TOTAL_S):
                sql = f"SELECT count(*) FROM {matches.tables} WHERE {matches.where}"
                return int(self._sql.execute(sql, matches.values).fetchone()[0])
        except OutOfTime:
            return None

    def _slices(self, matches: Matches, total: int | None) -> tuple[list[_Row], float]:
        """Articles of slices that lie evenly over the index, and what share of it these are."""
        place = "texts.rowid" if matches.has_words else "docs.seq"
        newest = int(self._sql.execute("SELECT coalesce(max(seq), 0) + 1 FROM articles").fetchone()[0])
        wanted = COUNTED / (total or newest)
        width = max(round(newest * wanted / SLICES), 1)
        found: list[_Row] = []
        covered, end = 0, monotonic() + SAMPLE_S
        for number in _evenly(SLICES):
            start = number * newest // SLICES
            try:
                with deadline(self._sql, max(end - monotonic(), 0.0)):
                    found += self._rows(
                        matches,
                        f" AND {place} >= :slice AND {place} < :slice_end",
                        slice=start,
                        slice_end=start + width,
                    )
            except OutOfTime:
                break
            covered += width
        return found, covered / newest

    def _counted(self, sample: Sample, wanted: Sequence[FacetName]) -> Iterator[tuple[FacetName, Counter[str]]]:
        ids = _listed(sample.ids)
        sources = self._sources(ids) if {"source", "tag"} & set(wanted) else {}
        for name in wanted:
            if name == "site":
                yield name, Counter(sample.sites)
            elif name == "language":
                yield name, Counter(filter(None, sample.languages))
            elif name == "month":
                yield name, _months(sample.days)
            elif name == "author":
                yield name, self._authors(ids)
            elif name == "source":
                yield name, self._source_counts(sources)
            else:
                yield name, self._tags(ids, sources)

    def _authors(self, ids: str) -> Counter[str]:
        if index.is_complete(self._sql):
            sql = f"SELECT author, count(*) FROM idx.authors WHERE {_AMONG} GROUP BY author"
        else:
            sql = (
                "SELECT value, count(DISTINCT articles.id) FROM articles, json_each(articles.authors) "
                "WHERE articles.id IN (SELECT value FROM json_each(?)) GROUP BY value"
            )
        return Counter(dict(self._sql.execute(sql, (ids,)).fetchall()))

    def _sources(self, ids: str) -> dict[int, set[int]]:
        """The sources that named a page of each article."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        sql = (
            "SELECT pages.article_id, sightings.source_id FROM pages JOIN sightings ON sightings.page_id = pages.id "
            "WHERE pages.article_id IN (SELECT value FROM json_each(?))"
        )
        for article_id, source_id in self._sql.execute(sql, (ids,)):
            found[article_id].add(source_id)
        return found

    def _source_counts(self, sources: dict[int, set[int]]) -> Counter[str]:
        names = dict(self._sql.execute("SELECT id, name FROM sources").fetchall())
        counts = Counter(source for found in sources.values() for source in found)
        total: Counter[str] = Counter()
        for source, count in counts.items():
            total[names[source]] += count
        return total

    def _tags(self, ids: str, sources: dict[int, set[int]]) -> Counter[str]:
        """Tags of an article and of the sources that named it, each once an article, in the spelling met most."""
        given = {source: list_of(tags) for source, tags in self._sql.execute("SELECT id, tags FROM sources")}
        bearing: defaultdict[int, set[str]] = defaultdict(set)
        if index.is_complete(self._sql):
            sql = f"SELECT article_id, tag FROM idx.tags WHERE {_AMONG}"
        else:
            sql = (
                "SELECT articles.id, value FROM articles, json_each(articles.tags) "
                "WHERE articles.id IN (SELECT value FROM json_each(?))"
            )
        for article_id, tag in self._sql.execute(sql, (ids,)):
            bearing[article_id].add(tag)
        for article_id, found in sources.items():
            bearing[article_id].update(tag for source in found for tag in given[source])
        return _folded(bearing.values())


_Row = tuple[int, str, str, str | None]
_AMONG = "article_id IN (SELECT value FROM json_each(?))"


def _sample(rows: Sequence[_Row], total: int, *, is_exact: bool) -> Sample:
    ids, days, sites, languages = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Sample(ids, days, sites, languages, total, is_exact)


def _months(days: Iterable[str]) -> Counter[str]:
    months: Counter[str] = Counter()
    for day, count in Counter(days).items():
        months[day[:7]] += count
    return months


def _listed(ids: Iterable[int]) -> str:
    return json.dumps(list(ids))


def _folded(bearing: Iterable[Collection[str]]) -> Counter[str]:
    """How many bear each tag, whatever its capitals; under the spelling that most of them use."""
    spelt: defaultdict[str, Counter[str]] = defaultdict(Counter)
    counts: Counter[str] = Counter()
    for tags in bearing:
        for tag in tags:
            spelt[tag.casefold()][tag] += 1
        counts.update({tag.casefold() for tag in tags})
    return Counter({min(spelt[tag], key=lambda name: (-spelt[tag][name], name)): n for tag, n in counts.items()})


def _largest(counts: Counter[str], name: FacetName, limit: int) -> list[tuple[str, int]]:
    limit = min(max(limit, 0), MOST_FACETS)
    if name == "month":
        return sorted(counts.items(), reverse=True)[:limit]
    return sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:limit]


def _evenly(count: int) -> list[int]:
    """0 to count - 1 in an order whose every beginning lies evenly: by their bits in reverse."""
    bits = max(count - 1, 1).bit_length()
    return sorted(range(count), key=lambda number: int(f"{number:0{bits}b}"[::-1], 2))


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
