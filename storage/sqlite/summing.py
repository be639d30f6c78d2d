"""Sums up what matches a question: facets, and how many articles there were when.

The index of words gives the numbers of all texts that match in a few milliseconds, and `facet_columns` what they are
like; so counts are exact. Two things are not in its columns. Which sources named an article changes after it was
indexed: that is looked up for up to `COUNTED` articles, and for `DRAWN` of more. And a question that must look at each
article may take too long: then as many articles as time allows are drawn from slices that lie evenly over the index.
"""

# ruff: noqa: S608 - what is put into statements are constants of this package; values are parameters

from __future__ import annotations

import itertools
import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from storage.answers import Query
from storage.facets import (
    FACETS,
    MOST_FACETS,
    Facet,
    FacetName,
    Facets,
    Step,
    Timeline,
    bars_of,
    step_for,
)
from storage.folding import fold_tag
from storage.sqlite import facet_columns, index
from storage.sqlite.connection import changes_of
from storage.sqlite.facet_columns import Columns, Kept, Row, once, row_of
from storage.sqlite.matching import Matches, matches_of
from storage.sqlite.rows import clean, list_of
from storage.sqlite.searching import OutOfTime, deadline, refused

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from storage.sqlite.facet_columns import Numbers

COUNTED = 5_000
"""Articles whose sources are looked up, and of those that the index does not have yet; .8 microseconds each."""
DRAWN = 1_000
"""Of more, so many: a source that named a tenth of them is off by a tenth of its count."""
SLICES = 48
"""Of the index that a sample is drawn from; each costs a look-up of the words."""
ALL_S = 0.25
SAMPLE_S = 0.25
FACETS_S = 0.4
"""Together they stay within the second that any question may take."""
NO_NAME = 0xFFFF_FFFF
"""The number of a name that no text has."""


@dataclass(frozen=True)
class Sample:
    """Texts that match: all of them, or some that stand for all."""

    columns: Columns
    seqs: Numbers
    """Of texts that `columns` hold."""
    others: tuple[Row, ...]
    """Texts that the index does not have yet."""
    total: int
    is_exact: bool

    @property
    def size(self) -> int:
        """How many texts it holds."""
        return int(self.seqs.size) + len(self.others)

    def count(self, found: int, size: int | None = None) -> int:
        """What a number of this sample's articles, or of `size` of them, says of all."""
        size = self.size if size is None else size
        return found if size == self.total or not found else max(round(found * self.total / size), 1)

    @cached_property
    def days(self) -> Counter[date]:
        """How many are of each day."""
        counts = Counter({date.fromordinal(day): n for day, n in _counts(self.columns.days[self.seqs]).items()})
        counts.update(date.fromisoformat(row.day) for row in self.others)
        return counts


class Summing:
    """Sums up questions on one connection; the sample of the last one is kept, for who asks for facets asks for the
    time line next."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._sql = connection
        self._path = path
        """Of the index."""
        self._kept: tuple[object, Sample] | None = None
        self._columns: tuple[object, Kept] | None = None

    def facets(self, query: Query, limit: int, fields: Collection[FacetName] | None) -> Facets:
        """See `storage.corpus.Corpus.facets`."""
        sample = self._sample(query)
        wanted = [name for name in FACETS if fields is None or name in fields]
        counts: dict[str, tuple[Facet, ...]] = {}
        estimated: list[FacetName] = []
        try:
            with deadline(self._sql, FACETS_S):
                for name, found, is_exact in self._counted(sample, wanted):
                    counts[name] = tuple(Facet(value, count) for value, count in _largest(found, name, limit))
                    estimated += [] if is_exact and sample.is_exact else [name]
        except OutOfTime:
            pass
        return Facets(sample.total, sample.is_exact, counts, tuple(estimated))

    def timeline(self, query: Query, by: Step | None) -> Timeline:
        """See `storage.corpus.Corpus.timeline`."""
        sample = self._sample(query)
        days = sample.days
        chosen = by or (step_for(min(days), max(days)) if days else "day")
        bars = tuple(replace(bar, count=sample.count(bar.count)) for bar in bars_of(days, chosen))
        return Timeline(chosen, bars, sample.total, sample.is_exact)

    # --- what matches ----------------------------------------------------------------------------------------------

    def _sample(self, query: Query) -> Sample:
        key = (query, changes_of(self._sql))
        if self._kept is None or self._kept[0] != key:
            self._kept = (key, self._drawn(query))
        return self._kept[1]

    def _drawn(self, query: Query) -> Sample:
        """Raises QueryError where not even a part can be looked at in time."""
        matches = matches_of(self._sql, query, leave_apart=True)
        watermark, columns = self._indexed()
        try:
            with deadline(self._sql, ALL_S):
                if matches.tables == "idx.docs" and not matches.conditions:
                    seqs = _up_to(watermark)
                else:
                    seqs = self._seqs(matches)
                return self._narrowed(matches, columns, watermark, seqs)
        except OutOfTime:
            pass
        found, share = self._slices(matches)
        try:
            with deadline(self._sql, FACETS_S):
                sample = self._narrowed(matches, columns, watermark, found)
        except OutOfTime:
            raise refused(query) from None
        if not sample.size:
            raise refused(query)
        return replace(sample, total=round(sample.total / share), is_exact=False)

    def _indexed(self) -> tuple[int, Columns]:
        """How far the index has come, and its columns."""
        if not index.is_usable(self._sql):
            return 0, facet_columns.empty()
        watermark, identity = index.watermark(self._sql), index.state(self._sql, "identity")
        if self._columns is None or self._columns[0] != identity:
            self._columns = (identity, facet_columns.kept(self._path, identity))
        return watermark, self._columns[1].at(self._sql, watermark)

    def _seqs(self, matches: Matches, more: str = "", **values: object) -> Numbers:
        """The numbers of texts that match, ascending; as one text, which is ten times as fast as row by row."""
        import numpy as np

        sql = f"SELECT group_concat({matches.seq}) FROM {matches.tables} WHERE {matches.where}{more}"
        (listed,) = self._sql.execute(sql, matches.values | values).fetchone()
        return np.sort(np.fromstring(listed or "", dtype=np.int64, sep=","), kind="stable")

    def _narrowed(self, matches: Matches, columns: Columns, watermark: int, seqs: Numbers) -> Sample:
        """What of these is current and is as `matches.apart` wants it."""
        import numpy as np

        indexed, beyond = np.split(seqs, [np.searchsorted(seqs, watermark, side="right")])
        known = columns.known(indexed, watermark)
        known = known[self._as_wanted(matches.apart, columns, known)]
        total = int(known.size + beyond.size)
        if beyond.size > COUNTED:
            share = COUNTED / beyond.size
            beyond, known = _some(beyond, COUNTED), _some(known, round(known.size * share))
        others = tuple(self._rows(beyond))
        return Sample(columns, known, others, total, is_exact=known.size + len(others) == total)

    def _as_wanted(self, apart: Query, columns: Columns, seqs: Numbers) -> NDArray[Any]:
        import numpy as np

        wanted = np.ones(seqs.size, dtype=bool)
        if apart.since is not None:
            wanted &= columns.days[seqs] >= apart.since.toordinal()
        if apart.until is not None:
            wanted &= columns.days[seqs] < apart.until.toordinal()
        if apart.site is not None:
            wanted &= columns.sites[seqs] == self._name_id("site", clean(apart.site).lower())
        if apart.language is not None:
            wanted &= columns.languages[seqs] == self._name_id("language", clean(apart.language).lower())
        return wanted

    def _name_id(self, kind: str, name: str) -> int:
        found = self._sql.execute("SELECT id FROM idx.names WHERE kind = ? AND name = ?", (kind, name)).fetchone()
        return NO_NAME if found is None else int(found[0])

    def _rows(self, seqs: Numbers) -> Iterator[Row]:
        """Texts that the index does not have yet."""
        sql = (
            f"SELECT seq, id, substr(dated, 1, 10), site, coalesce({index.PRIMARY_LANGUAGE}, ''), tags, authors "
            "FROM articles WHERE seq IN (SELECT value FROM json_each(?))"
        )
        if seqs.size:
            rows = self._sql.execute(sql, (json.dumps(seqs.tolist()),))
            for seq, article_id, day, site, language, tags, authors in rows:
                yield row_of(seq, article_id, day, site, language, list_of(tags), list_of(authors))

    def _slices(self, matches: Matches) -> tuple[Numbers, float]:
        """Texts of slices that lie evenly over the index, and what share of it these are."""
        import numpy as np

        newest = int(self._sql.execute("SELECT coalesce(max(seq), 0) + 1 FROM articles").fetchone()[0])
        width = max(round(COUNTED / SLICES), 1)
        found: list[Numbers] = [np.zeros(0, dtype=np.int64)]
        covered, end = 0, monotonic() + SAMPLE_S
        for number in _evenly(SLICES):
            start = number * newest // SLICES
            try:
                with deadline(self._sql, max(end - monotonic(), 0.0)):
                    among = f" AND {matches.seq} >= :slice AND {matches.seq} < :slice_end"
                    found.append(self._seqs(matches, among, slice=start, slice_end=start + width))
            except OutOfTime:
                break
            covered += width
        return np.unique(np.concatenate(found)), min(max(covered, 1) / newest, 1.0)

    # --- what it is like -------------------------------------------------------------------------------------------

    def _counted(
        self, sample: Sample, wanted: Sequence[FacetName]
    ) -> Iterator[tuple[FacetName, Mapping[str, int], bool]]:
        """How many articles there are of each value, and whether that is exact if the sample is."""
        named = _Named(self._sql, sample) if {"source", "tag"} & set(wanted) else None
        for name in wanted:
            if name == "source":
                assert named is not None
                yield name, named.sources(), named.is_exact
            elif name == "tag":
                assert named is not None
                given = named.tags()
                yield name, _tags(sample, given), named.is_exact or not given
            elif name == "month":
                yield name, _scaled(sample, _months(sample.days)), True
            else:
                yield name, _scaled(sample, _names(sample, name)), True


class _Named:
    """The sources that named the articles of a sample, or some of them."""

    def __init__(self, connection: sqlite3.Connection, sample: Sample) -> None:
        self._sql = connection
        self._sample = sample
        self.is_exact = sample.size <= COUNTED
        self._seqs = sample.seqs if self.is_exact else _some(sample.seqs, round(DRAWN * sample.seqs.size / sample.size))
        self._others = sample.others if self.is_exact else sample.others[: DRAWN - int(self._seqs.size)]
        self._found: defaultdict[int, set[int]] = defaultdict(set)
        """By article."""
        sql = (
            "SELECT pages.article_id, sightings.source_id FROM pages JOIN sightings ON sightings.page_id = pages.id "
            "WHERE pages.article_id IN (SELECT value FROM json_each(?))"
        )
        ids = [*sample.columns.articles[self._seqs].tolist(), *(row.article_id for row in self._others)]
        for article_id, source_id in connection.execute(sql, (json.dumps(ids),)):
            self._found[article_id].add(source_id)

    def _scaled(self, counts: Mapping[str, int]) -> Counter[str]:
        size = int(self._seqs.size) + len(self._others)
        return Counter({name: self._sample.count(count, size) for name, count in counts.items()})

    def sources(self) -> Counter[str]:
        """How many articles each source named."""
        names = dict(self._sql.execute("SELECT id, name FROM sources").fetchall())
        counts = Counter(source for found in self._found.values() for source in found)
        total: Counter[str] = Counter()
        for source, count in counts.items():
            total[names[source]] += count
        return self._scaled(total)

    def tags(self) -> Counter[str]:
        """How many articles get each tag from sources alone, and do not bear it themselves."""
        given = {source: list_of(tags) for source, tags in self._sql.execute("SELECT id, tags FROM sources")}
        offered: dict[frozenset[int], list[tuple[str, str]]] = {}
        counts: Counter[str] = Counter()
        for article_id, own in self._own_tags():
            sources = frozenset(self._found.get(article_id, ()))
            if sources not in offered:
                tags = once([tag for source in sorted(sources) for tag in given[source]])
                offered[sources] = [(tag, fold_tag(tag)) for tag in tags]
            if offered[sources]:
                known = {fold_tag(tag) for tag in own}
                counts.update(tag for tag, folded in offered[sources] if folded not in known)
        return self._scaled(counts)

    def _own_tags(self) -> Iterator[tuple[int, Sequence[str]]]:
        """The articles, and the tags that each bears itself."""
        columns = self._sample.columns
        values = iter(columns.tags.of(self._seqs).tolist())
        counts = (columns.tags.starts[self._seqs + 1] - columns.tags.starts[self._seqs]).tolist()
        for article_id, count in zip(columns.articles[self._seqs].tolist(), counts, strict=True):
            yield article_id, [columns.names[tag] for tag in itertools.islice(values, count)]
        for row in self._others:
            yield row.article_id, row.tags


def _up_to(watermark: int) -> Numbers:
    """The numbers of all texts that were ever indexed."""
    import numpy as np

    return np.arange(1, watermark + 1, dtype=np.int64)


def _some(seqs: Numbers, count: int) -> Numbers:
    """About so many of these, the same ones each time; drawn, for what comes at a rhythm would be hit by steps."""
    import numpy as np

    if seqs.size <= count:
        return seqs
    return seqs[np.unique(np.random.default_rng(seqs.size).integers(0, seqs.size, count))]


def _counts(values: NDArray[Any]) -> dict[int, int]:
    """How often each number is there."""
    import numpy as np

    if not values.size:
        return {}
    least = int(values.min())
    counts = np.bincount(values - np.uint32(least))
    there = np.flatnonzero(counts)
    return dict(zip((there + least).tolist(), counts[there].tolist(), strict=True))


def _names(sample: Sample, field: str) -> Counter[str]:
    """How many bear each site, language, author or tag."""
    columns = sample.columns
    if field in ("author", "tag"):
        values = (columns.authors if field == "author" else columns.tags).of(sample.seqs)
    else:
        values = (columns.sites if field == "site" else columns.languages)[sample.seqs]
    counts = Counter({columns.names[name]: count for name, count in _counts(values).items() if name})
    for row in sample.others:
        own = {"author": row.authors, "tag": row.tags, "site": {row.site}, "language": {row.language}}
        counts.update(own[field])
    counts.pop("", None)
    return counts


def _scaled(sample: Sample, counts: Mapping[str, int]) -> dict[str, int]:
    return {name: sample.count(count) for name, count in counts.items()}


def _tags(sample: Sample, given: Mapping[str, int]) -> Counter[str]:
    """How many bear each tag or get it from a source, whatever its capitals; in the spelling that most of them use."""
    spelt: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for counts in (_scaled(sample, _names(sample, "tag")), given):
        for tag, count in counts.items():
            spelt[fold_tag(tag)][tag] += count
    return Counter({min(tags, key=lambda tag: (-tags[tag], tag)): tags.total() for tags in spelt.values()})


def _months(days: Mapping[date, int]) -> Counter[str]:
    months: Counter[str] = Counter()
    for day, count in days.items():
        months[day.isoformat()[:7]] += count
    return months


def _largest(counts: Mapping[str, int], name: FacetName, limit: int) -> list[tuple[str, int]]:
    limit = min(max(limit, 0), MOST_FACETS)
    if name == "month":
        return sorted(counts.items(), reverse=True)[:limit]
    return sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:limit]


def _evenly(count: int) -> list[int]:
    """0 to count - 1 in an order whose every beginning lies evenly: by their bits in reverse."""
    bits = max(count - 1, 1).bit_length()
    return sorted(range(count), key=lambda number: int(f"{number:0{bits}b}"[::-1], 2))
