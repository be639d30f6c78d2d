"""What facets and the time line need of each text, in columns of small numbers: its day, site, language, tags, authors.

Beside the rows of the index, in the order of filing, they stand as packed numbers of four bytes, `CHUNK` numbers of
filing in one row of `idx.columns`; names are in `idx.names`, once each. Counting over a million articles is then a
matter of milliseconds. What was read stays in memory for all readers of one index in this process, 40 bytes a text or
so, and grows by what is filed; a former text keeps its place and knows which number replaced it, so that every reader
counts what its own snapshot holds.

Each chunk has a sum of its bytes and of the sum before it. One flipped bit would else be a wrong count, or an array of
sixteen gigabytes; so what does not fit its sum is not used, and the next who writes makes the index anew.
"""

from __future__ import annotations

import contextlib
import itertools
import sqlite3
import sys
import threading
import weakref
import zlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from storage.errors import IndexDamaged
from storage.folding import fold_tag

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

CHUNK = 1_024
"""A batch that is indexed rewrites the last chunk: 40 KB."""
TABLES = (
    "CREATE TABLE idx.names (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, UNIQUE (kind, name)) "
    "STRICT",
    "CREATE TABLE idx.columns (chunk INTEGER PRIMARY KEY, sum INTEGER NOT NULL, seqs BLOB NOT NULL, "
    "articles BLOB NOT NULL, days BLOB NOT NULL, sites BLOB NOT NULL, languages BLOB NOT NULL, "
    "tag_counts BLOB NOT NULL, tags BLOB NOT NULL, author_counts BLOB NOT NULL, authors BLOB NOT NULL) STRICT",
)
_COLUMNS = ("seqs", "articles", "days", "sites", "languages", "tag_counts", "tags", "author_counts", "authors")
_NAMED = ("sites", "languages", "tags", "authors")
DAMAGED = (
    "the search index is damaged; `cuttings check --rebuild` makes it anew, and so does the next command that writes, "
    "`cuttings crawl` say"
)
_STAYS = 0xFFFF_FFFF
"""The number that replaced a text that is the current one."""


@dataclass(frozen=True, slots=True)
class Row:
    """What is counted of one text."""

    seq: int
    article_id: int
    day: str
    site: str
    language: str
    """Empty where it is unknown."""
    tags: tuple[str, ...]
    """Each once, whatever its capitals; and so each author."""
    authors: tuple[str, ...]


def row_of(
    seq: int, article_id: int, day: str, site: str, language: str, tags: Sequence[str], authors: Sequence[str]
) -> Row:
    """What is counted of a text with these tags and authors."""
    return Row(seq, article_id, day, site, language, tuple(once(tags)), tuple(dict.fromkeys(authors)))


class Appending:
    """Gathers texts that are being indexed, to be written together."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def add(self, row: Row) -> None:
        """One more, behind all others."""
        self._rows.append(row)

    def write(self, connection: sqlite3.Connection) -> None:
        """Put them behind what is there."""
        ids = _ids_of(connection, self._rows)
        for chunk, rows in itertools.groupby(self._rows, key=lambda row: row.seq // CHUNK):
            added = _packed(list(rows), ids)
            there = connection.execute(
                f"SELECT {', '.join(_COLUMNS)} FROM idx.columns WHERE chunk = ?",  # noqa: S608 (constants)
                (chunk,),
            ).fetchone()
            whole = [before + more for before, more in zip(there or (b"",) * len(added), added, strict=True)]
            before = connection.execute(
                "SELECT sum FROM idx.columns WHERE chunk < ? ORDER BY chunk DESC LIMIT 1", (chunk,)
            ).fetchone()
            places = ", ".join("?" * (2 + len(whole)))
            connection.execute(
                f"INSERT OR REPLACE INTO idx.columns VALUES ({places})",  # noqa: S608
                (chunk, _sum(before[0] if before else 0, whole), *whole),
            )


def examine(connection: sqlite3.Connection, watermark: int) -> None:
    """Raises IndexDamaged where the columns are not as they were written, or do not reach so far."""
    before, last, highest = 0, -1, 0
    sql = f"SELECT chunk, sum, {', '.join(_COLUMNS)} FROM idx.columns ORDER BY chunk"  # noqa: S608 (constants)
    for chunk, stated, *parts in connection.execute(sql):
        before, last, highest = _summed(before, stated, parts), chunk, max(highest, _highest(parts))
    names, newest = connection.execute("SELECT count(*), coalesce(max(id), 0) FROM idx.names").fetchone()
    if (watermark and last < watermark // CHUNK) or names != newest or highest > names:
        raise IndexDamaged(DAMAGED)


def _highest(parts: Sequence[bytes]) -> int:
    """The highest id of a name in a chunk."""
    import numpy as np

    columns = dict(zip(_COLUMNS, parts, strict=True))
    return max(int(np.frombuffer(columns[name], dtype="<u4").max(initial=0)) for name in _NAMED)


def _sum(before: int, parts: Sequence[bytes]) -> int:
    """Of a chunk; with the lengths of its columns, that none borrows from the next."""
    for part in parts:
        before = zlib.crc32(part, zlib.crc32(len(part).to_bytes(8, "little"), before))
    return before


def _summed(before: int, stated: int, parts: Sequence[bytes]) -> int:
    """The sum of a chunk, which is the one that it states."""
    if _sum(before, parts) != stated:
        raise IndexDamaged(DAMAGED)
    return stated


def _named(row: Row) -> Iterable[tuple[str, str]]:
    yield "site", row.site
    if row.language:
        yield "language", row.language
    yield from (("tag", tag) for tag in row.tags)
    yield from (("author", author) for author in row.authors)


def once(tags: Sequence[str]) -> list[str]:
    """Tags without those that are another in other capitals."""
    return list({fold_tag(tag): tag for tag in reversed(tags)}.values())[::-1]


def _ids_of(connection: sqlite3.Connection, rows: Iterable[Row]) -> dict[tuple[str, str], int]:
    named = sorted({name for row in rows for name in _named(row)})
    connection.executemany("INSERT OR IGNORE INTO idx.names (kind, name) VALUES (?, ?)", named)
    sql = "SELECT id FROM idx.names WHERE kind = ? AND name = ?"
    return {name: connection.execute(sql, name).fetchone()[0] for name in named}


def _packed(rows: Sequence[Row], ids: dict[tuple[str, str], int]) -> list[bytes]:
    """In the order of `_COLUMNS`."""
    tags = [[ids["tag", tag] for tag in row.tags] for row in rows]
    authors = [[ids["author", author] for author in row.authors] for row in rows]
    columns: tuple[Iterable[int], ...] = (
        *((row.seq for row in rows), (row.article_id for row in rows)),
        (date.fromisoformat(row.day).toordinal() for row in rows),
        *((ids["site", row.site] for row in rows), (ids.get(("language", row.language), 0) for row in rows)),
        *(map(len, tags), itertools.chain.from_iterable(tags)),
        *(map(len, authors), itertools.chain.from_iterable(authors)),
    )
    return [_bytes(column) for column in columns]


def _bytes(numbers: Iterable[int]) -> bytes:
    packed = array("I", numbers)
    if sys.byteorder == "big":
        packed.byteswap()
    return packed.tobytes()


@dataclass(frozen=True, slots=True)
class Several:
    """For each number of filing several values, all in one array."""

    starts: Numbers
    """One more than there are numbers of filing: the values of `n` are those from `starts[n]` to `starts[n + 1]`."""
    values: NDArray[Any]

    def of(self, seqs: Numbers) -> NDArray[Any]:
        """The values of all of these."""
        import numpy as np

        starts = self.starts[seqs]
        counts = self.starts[seqs + 1] - starts
        if counts.size * 4 > self.starts.size:  # most of all: one look at each value is cheaper than picking
            wanted = np.zeros(self.starts.size - 1, dtype=bool)
            wanted[seqs] = True
            picked: NDArray[Any] = self.values[np.repeat(wanted, np.diff(self.starts))]
            return picked
        ends = np.cumsum(counts)
        places = np.arange(int(ends[-1]) if ends.size else 0) + np.repeat(starts - (ends - counts), counts)
        found: NDArray[Any] = self.values[places]
        return found


@dataclass(frozen=True, slots=True)
class Columns:
    """All texts up to a number of filing, which each array is indexed by; zeros where there is none."""

    articles: NDArray[np.uint32]
    replaced: NDArray[np.uint32]
    """The number of the text that came after; `_STAYS` for the current one, 0 for one that is not there."""
    days: NDArray[np.uint32]
    """`date.toordinal`."""
    sites: NDArray[np.uint32]
    languages: NDArray[np.uint32]
    tags: Several
    authors: Several
    names: list[str]
    """By their ids; it only grows, and is shared by all that grew from one another."""
    revised: dict[int, int] = field(default_factory=dict)
    """The newest text of articles that have several; shared too."""
    before: int = 0
    """The sum of the chunk before that of the newest."""

    @property
    def newest(self) -> int:
        """The highest number of filing."""
        return int(self.articles.size) - 1

    def known(self, seqs: Numbers, watermark: int) -> Numbers:
        """Those of these texts that were current when the index had come to this number."""
        return seqs[self.replaced[seqs] > watermark]


def empty() -> Columns:
    """Columns of nothing."""
    import numpy as np

    none = np.zeros(1, dtype=np.uint32)
    several = Several(np.zeros(2, dtype=np.int64), np.zeros(0, dtype=np.uint32))
    return Columns(none, none, none, none, none, several, several, [""])


class Kept:
    """The columns of one index, for all readers of it in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._columns: Columns | None = None

    def at(self, connection: sqlite3.Connection, watermark: int) -> Columns:
        """Columns that reach at least so far."""
        with self._lock:
            if self._columns is None:
                self._columns = empty()
            if self._columns.newest < watermark:
                self._columns = _grown(self._columns, connection)
            if self._columns.newest < watermark:
                raise IndexDamaged(DAMAGED)
            return self._columns


_kept: weakref.WeakValueDictionary[tuple[object, ...], Kept] = weakref.WeakValueDictionary()
_kept_lock = threading.Lock()


def kept(path: Path, identity: object) -> Kept:
    """What is kept of the index of that identity in that file; freed with the last who holds it."""
    key: tuple[object, ...] = (path, identity)
    with contextlib.suppress(OSError):  # of a file that was moved away, its readers have it still
        key += (path.stat().st_dev, path.stat().st_ino)
    with _kept_lock:
        return _kept.setdefault(key, Kept())


def _grown(columns: Columns, connection: sqlite3.Connection) -> Columns:
    """With what the index has beyond."""
    import numpy as np

    known = columns.newest
    rows = connection.execute(
        f"SELECT sum, {', '.join(_COLUMNS)} FROM idx.columns WHERE chunk >= ? ORDER BY chunk",  # noqa: S608 (constants)
        (known // CHUNK,),
    ).fetchall()
    previous = end = columns.before
    for stated, *parts in rows:
        previous, end = end, _summed(end, stated, parts)
    if not rows:
        return columns
    read = [np.frombuffer(b"".join(parts), dtype="<u4") for parts in zip(*(parts for _, *parts in rows), strict=True)]
    sql = "SELECT name FROM idx.names WHERE id >= ? ORDER BY id"  # ids have no gaps: names are never removed
    columns.names.extend(name for (name,) in connection.execute(sql, (len(columns.names),)))
    seqs, articles, days, sites, languages, tag_counts, tags, author_counts, authors = read
    if max(int(numbers.max(initial=0)) for numbers in (sites, languages, tags, authors)) >= len(columns.names):
        raise IndexDamaged(DAMAGED)
    first = int(np.searchsorted(seqs, known, side="right"))
    seqs, size = seqs[first:].astype(np.int64), int(seqs[-1]) + 1

    def grown(before: NDArray[np.uint32], more: NDArray[np.uint32]) -> NDArray[np.uint32]:
        whole = np.zeros(size, dtype=np.uint32)
        whole[: before.size] = before
        whole[seqs] = more[first:]
        return whole

    def several(before: Several, counts: NDArray[np.uint32], values: NDArray[np.uint32]) -> Several:
        each = np.zeros(size, dtype=np.int64)
        each[: known + 1] = np.diff(before.starts)
        each[seqs] = counts[first:]
        fresh = values[int(counts[:first].sum()) :]
        return Several(np.concatenate(([0], np.cumsum(each))), np.concatenate((before.values, fresh)))

    replaced = grown(columns.replaced, np.full(first + seqs.size, _STAYS, dtype=np.uint32))
    for place in np.flatnonzero(articles[first:] != seqs):  # a text that is not the first of its article
        article, seq = int(articles[first + place]), int(seqs[place])
        former = columns.revised.get(article, article)  # the id of an article is the number of its first text
        replaced[former] = min(int(replaced[former]), seq)
        columns.revised[article] = seq
    return Columns(
        grown(columns.articles, articles),
        replaced,
        grown(columns.days, days),
        grown(columns.sites, sites),
        grown(columns.languages, languages),
        several(columns.tags, tag_counts, tags),
        several(columns.authors, author_counts, authors),
        columns.names,
        columns.revised,
        previous,
    )
