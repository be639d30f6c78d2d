"""The file of the copy index: which stories have a fingerprint or a line, in sorted runs that are merged as they grow.

Hashes come at random, and in one tree of them every new one would touch a page of its own: at a million articles some
100 KB written an article. So what was filed since the last time is added as a run of its own, sorted and packed
(`postings`), and a run that is not several times as large as all newer ones is merged with them. A pair is so written
again a dozen times in a million articles, always in long stretches, and a look-up asks a handful of runs.

Nothing but the writer of a corpus keeps the file open; one commit adds a batch, together with how far it reaches.
"""

from __future__ import annotations

import contextlib
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from storage.sqlite.files import make_private
from storage.sqlite.hashes import MOST, Damaged, Kind
from storage.sqlite.postings import BLOCK, EMPTY, Pairs, joined, packed, stories_in, united, unpacked

LAYOUT = 1
"""Goes up with every change of the tables or of `postings`; a file of another layout is built anew."""
GROWTH = 4
"""A run is merged when the newer ones together have more than a part in so many of its pairs. 4 leaves about five runs
at a million articles; 8 writes half as much again, and makes a look-up a fifth faster."""
HELD_BLOCKS = 8_192
"""A run of no more blocks stays in memory: 5 MB, and all smaller ones together a third of that."""
STRETCH = 512
"""Blocks that are merged at a time: 32,768 pairs, half a megabyte."""
MOST_AT_ONCE = 64
"""Blocks that one statement reads."""
PAGE_BYTES = 8_192
"""Fourteen blocks fill a page to 97%; of four in a page of 4 KiB an eighth is lost."""
CACHE_KIB = 8_192

_TABLES = (
    "CREATE TABLE state (name TEXT PRIMARY KEY NOT NULL, value ANY) STRICT, WITHOUT ROWID",
    "CREATE TABLE runs (id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, pairs INTEGER NOT NULL, "
    "first_block INTEGER NOT NULL, firsts BLOB NOT NULL) STRICT",
    "CREATE TABLE blocks (id INTEGER PRIMARY KEY, data BLOB NOT NULL) STRICT",
)


_OF_A_WRITER = (
    f"page_size = {PAGE_BYTES}",
    "locking_mode = EXCLUSIVE",  # a look-up need not ask whether somebody else wrote
    "journal_mode = TRUNCATE",  # what is new is written once; a WAL would write it twice
    "synchronous = NORMAL",
)


@dataclass(frozen=True, slots=True)
class _Run:
    id: int
    pairs: int
    first_block: int
    firsts: array[int]
    held: list[bytes] | None
    """All blocks, of a small run."""


class FingerprintFile:
    """The file at `path`, open until `close`; created where it is missing. Raises Damaged, or what sqlite3 raises. With
    `write=False` for looking only, which needs a file."""

    def __init__(self, path: Path, *, write: bool = True) -> None:
        self._path, self._is_writer = path, write
        if write:
            make_private(path)
        how = "mode=rw" if write else "mode=ro"
        self._sql = sqlite3.connect(
            f"file:{quote(str(path.absolute()))}?{how}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            for pragma in (f"cache_size = -{CACHE_KIB}", "trusted_schema = OFF", *(_OF_A_WRITER if write else ())):
                self._sql.execute(f"PRAGMA {pragma}")
            self._runs = self._load()
        except BaseException:
            self._sql.close()
            raise

    def close(self) -> None:
        """Release the file, and take away the journal where there is nothing in it."""
        self._sql.close()
        journal = self._path.with_name(f"{self._path.name}-journal")
        with contextlib.suppress(OSError):
            if self._is_writer and journal.stat().st_size == 0:
                journal.unlink()

    # --- asking ----------------------------------------------------------------------------------------------------

    @property
    def state(self) -> Mapping[str, object]:
        """What was committed with the last batch; empty for a new file."""
        return self._state

    @property
    def pairs(self) -> int:
        """How many pairs all runs have."""
        return sum(run.pairs for runs in self._runs.values() for run in runs)

    def stories(self, kind: Kind, hashes: Sequence[int]) -> dict[int, list[int]]:
        """The stories of each hash that any has: a run's lowest first, some perhaps in several runs."""
        found: dict[int, list[int]] = {}
        for run in self._runs[kind]:
            firsts = run.firsts
            places = [(hash_, bisect_left(firsts, hash_)) for hash_ in hashes]
            blocks = run.held or self._some({place - 1 for _, place in places if place}, run)
            for hash_, place in places:
                stories = self._in_block(run, place - 1, blocks[place - 1], hash_) if place else []
                while place < len(firsts) and firsts[place] == hash_ and len(stories) < MOST[kind]:
                    data = self.blocks(run.first_block + place, 1)[0]
                    stories = [*stories, *self._in_block(run, place, data, hash_)]
                    place += 1
                if stories:
                    found.setdefault(hash_, []).extend(stories)
        return found

    def contents(self, kind: Kind) -> Iterator[Pairs]:
        """Every pair in order, whatever the runs, a stretch at a time."""
        yield from self._merged(kind, [_Cursor(self, run) for run in self._runs[kind]])

    def check(self) -> None:
        """Read everything; raises Damaged, or sqlite3.DatabaseError, where the file is not whole."""
        told = self._sql.execute("PRAGMA quick_check(1)").fetchone()[0]
        if told != "ok":
            raise Damaged(str(told))
        for kind in Kind:
            for run in self._runs[kind]:
                if sum(len(part) for part in _Cursor(self, run).all()) != run.pairs:
                    raise Damaged(f"run {run.id} has lost pairs")

    def _in_block(self, run: _Run, place: int, data: bytes, hash_: int) -> list[int]:
        try:
            return stories_in(run.firsts[place], data, hash_)
        except ValueError as error:
            raise Damaged(f"block {run.first_block + place}: {error}") from error

    def _some(self, places: set[int], run: _Run) -> dict[int, bytes]:
        """Blocks of a run by their place in it, read together: half of what a statement for each takes."""
        found: dict[int, bytes] = {}
        for numbers in _batches([run.first_block + place for place in sorted(places)]):
            marks = ",".join("?" * len(numbers))
            rows = self._sql.execute(f"SELECT id, data FROM blocks WHERE id IN ({marks})", numbers)  # noqa: S608
            found.update((number - run.first_block, data) for number, data in rows)
        if len(found) != len(places):
            raise Damaged(f"blocks of run {run.id} are missing")
        return found

    def blocks(self, start: int, count: int) -> list[bytes]:
        """Blocks that follow each other; raises Damaged where one is missing."""
        rows = self._sql.execute(
            "SELECT data FROM blocks WHERE id >= ? AND id < ? ORDER BY id", (start, start + count)
        ).fetchall()
        if len(rows) != count:
            raise Damaged(f"block {start} or one of the next {count} is missing")
        return [data for (data,) in rows]

    # --- adding ----------------------------------------------------------------------------------------------------

    def add(self, new: Mapping[Kind, Pairs], state: Mapping[str, object]) -> None:
        """Commit a batch of pairs, in any order, with the state that it leads to: all of it or nothing."""
        self._sql.execute("BEGIN IMMEDIATE")
        try:
            if not self._state:
                for statement in _TABLES:
                    self._sql.execute(statement)
            for kind, pairs in new.items():
                if len(pairs):
                    self._add(kind, united([pairs], MOST[kind]))
            self._sql.execute("DELETE FROM state")
            self._sql.executemany("INSERT INTO state VALUES (?, ?)", list({**state, "layout": LAYOUT}.items()))
            self._sql.execute("COMMIT")
        except BaseException:
            if self._sql.in_transaction:
                self._sql.execute("ROLLBACK")
            raise
        finally:
            self._runs = self._load()

    def _add(self, kind: Kind, pairs: Pairs) -> None:
        total, merged = len(pairs), []
        for run in sorted(self._runs[kind], key=lambda run: run.pairs):
            if run.pairs >= GROWTH * total:
                break
            merged.append(run)
            total += run.pairs
        cursors = [_Cursor(self, run, consuming=True) for run in merged]
        ((first_block,),) = self._sql.execute("SELECT coalesce(max(id), 0) + 1 FROM blocks").fetchall()
        firsts, count, rest = array("Q"), 0, EMPTY
        for part in self._merged(kind, [*cursors, _Given(pairs)]):
            ready = joined([rest, part])
            whole = len(ready) // BLOCK * BLOCK
            self._write(first_block, firsts, ready.slice(0, whole))
            count, rest = count + whole, ready.slice(whole, len(ready))
        self._write(first_block, firsts, rest)
        self._sql.executemany("DELETE FROM runs WHERE id = ?", [(run.id,) for run in merged])
        self._sql.execute(
            "INSERT INTO runs (kind, pairs, first_block, firsts) VALUES (?, ?, ?, ?)",
            (int(kind), count + len(rest), first_block, firsts.tobytes()),
        )

    def _write(self, first_block: int, firsts: array[int], pairs: Pairs) -> None:
        more, blocks = packed(pairs)
        self._sql.executemany(
            "INSERT INTO blocks (id, data) VALUES (?, ?)", enumerate(blocks, first_block + len(firsts))
        )
        firsts.extend(more)

    def forget(self, start: int, count: int) -> None:
        """Delete blocks that were merged: what is written next takes their place in the file."""
        self._sql.execute("DELETE FROM blocks WHERE id >= ? AND id < ?", (start, start + count))

    def _merged(self, kind: Kind, cursors: Sequence[_Cursor | _Given]) -> Iterator[Pairs]:
        """The pairs of all cursors in order, stretch by stretch, so that memory stays flat."""
        if not cursors:
            return
        for bound in max((cursor.bounds() for cursor in cursors), key=len):
            part = united([cursor.take(bound) for cursor in cursors], MOST[kind])
            if len(part):
                yield part

    def _load(self) -> dict[Kind, list[_Run]]:
        runs: dict[Kind, list[_Run]] = {kind: [] for kind in Kind}
        self._state: dict[str, object] = {}
        tables = {name for (name,) in self._sql.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        if not tables:
            return runs
        if not {"state", "runs", "blocks"} <= tables:
            raise Damaged("is a database of something else")
        self._state = dict(self._sql.execute("SELECT name, value FROM state").fetchall())
        if self._state.get("layout") != LAYOUT:
            raise Damaged("was written by another version")
        for id_, kind, pairs, first_block, data in self._sql.execute(
            "SELECT id, kind, pairs, first_block, firsts FROM runs ORDER BY pairs DESC"
        ).fetchall():
            firsts = array("Q")
            firsts.frombytes(data[: len(data) // 8 * 8])
            held = self.blocks(first_block, len(firsts)) if len(firsts) <= HELD_BLOCKS else None
            runs[Kind(kind)].append(_Run(id_, pairs, first_block, firsts, held))
        return runs


def _batches(numbers: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(numbers), MOST_AT_ONCE):
        yield numbers[start : start + MOST_AT_ONCE]


class _Cursor:
    """Reads a run from its beginning; `consuming` deletes what was read."""

    def __init__(self, file: FingerprintFile, run: _Run, *, consuming: bool = False) -> None:
        self._file, self._run, self._consuming = file, run, consuming
        self._place = 0
        self._rest = EMPTY

    def bounds(self) -> list[int | None]:
        """Hashes that part the run into stretches; None is its end."""
        return [*self._run.firsts[STRETCH::STRETCH], None]

    def take(self, bound: int | None) -> Pairs:
        """The next pairs, of hashes below the bound."""
        firsts, start = self._run.firsts, self._place
        end = len(firsts) if bound is None else max(bisect_left(firsts, bound, start), start)
        read = [self._rest]
        for place in range(start, end, STRETCH):
            count = min(STRETCH, end - place)
            blocks = self._file.blocks(self._run.first_block + place, count)
            try:
                read.append(unpacked(firsts[place : place + count], blocks))
            except ValueError as error:
                raise Damaged(str(error)) from error
            if self._consuming:
                self._file.forget(self._run.first_block + place, count)
        self._place = end
        taken, self._rest = joined(read).below(bound)
        return taken

    def all(self) -> Iterator[Pairs]:
        """Every stretch."""
        for bound in self.bounds():
            yield self.take(bound)


class _Given:
    """Pairs in order that are no run yet."""

    def __init__(self, pairs: Pairs) -> None:
        self._rest = pairs

    def bounds(self) -> list[int | None]:
        """One stretch: they were in memory before."""
        return [None]

    def take(self, bound: int | None) -> Pairs:
        """See `_Cursor.take`."""
        taken, self._rest = self._rest.below(bound)
        return taken
