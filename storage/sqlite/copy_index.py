"""The copy index of a corpus: what was filed of late in memory, all before it in a file, both made from the corpus.

    filing          its own texts, visible to itself, forgotten when it is rolled back      `_own`
    memory          texts of committed filings, until there are `BATCH_PAIRS`               `_recent`
    file            everything up to a watermark of `articles.seq`                          `fingerprints`

What the file lacks after a kill is what has a higher `seq` than its watermark: those texts, and the revisions of those
articles, are printed again. Adding a pair twice changes nothing, so the index is the same however often that happens.
"""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this module

from __future__ import annotations

import logging
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from storage.copies import CANDIDATES, MEMBERS, Member, Prints
from storage.sqlite.files import copies_path, remove
from storage.sqlite.hashes import MOST, Damaged, Hashes, Kind, hashes_of

if TYPE_CHECKING:
    from storage.sqlite.fingerprints import FingerprintFile

T = TypeVar("T")
PrintsOf = Callable[[str, Sequence[int]], Prints]
"""The prints of a text without the lines with these hashes."""

MEMBER_COLUMNS = "id, story_id, title, text, site, content_hash, left_out"
BATCH_PAIRS = 32_768
"""Pairs that are gathered in memory before they are committed: some thousand articles, 10 MB, and half a second of
printing again after a kill."""
READ_AT_ONCE = 100
"""Articles whose texts are read at a time to be printed again."""
RECUT = "texts_recut"
"""The counter of texts that were replaced in their place: what they had before cannot be taken out of the index."""
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_SCHEMA, sqlite3.SQLITE_ERROR})

_log = logging.getLogger(__name__)


class SqliteCopyIndex:
    """`storage.copies.CopyIndex` of one corpus that is open for writing. It opens its file when it is first asked."""

    def __init__(self, connection: sqlite3.Connection, corpus_path: Path) -> None:
        self._sql = connection
        self._path = copies_path(corpus_path)
        self._file: FingerprintFile | None = None
        self._prints_of: PrintsOf | None = None
        self._version = ""
        self._covered = 0
        """The `seq` up to which memory and file know every text."""
        self._recent = Hashes()
        self._own = Hashes()
        self._has_gap = False
        """This transaction wrote a text whose prints are not in `_own`."""
        self._has_own = False
        """This transaction wrote a text."""
        self._before = 0
        self._recut_known = 0
        """What `RECUT` counted when the file was made."""

    # --- a transaction ---------------------------------------------------------------------------------------------

    def open(self, prints_of: PrintsOf, version: int | str) -> None:
        """Know everything that was filed, within this transaction too. A file that is missing, damaged, of another
        corpus, layout or version of the prints is made anew, from the texts of the corpus."""
        self._prints_of = prints_of
        if self._file is None or self._version != str(version):
            self._release()
            self._version = str(version)
            self._begin()
        self._renewing(self._catch_up)

    def add(self, story_id: int, prints: Prints | None) -> None:
        """Remember the prints of a text that was just written; None: they are not known."""
        self._has_own = True
        if prints is None or self._file is None:
            self._has_gap = True
        else:
            self._own.add(story_id, prints)

    def replaced(self, story_id: int) -> None:
        """A text of the story was put in the place of another. What the former had cannot be taken out of the index, so
        the next that opens it makes it anew; until then it knows both."""
        self._sql.execute(
            "INSERT INTO counters (name, value) VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1",
            (RECUT,),
        )
        self.add(story_id, None)

    def begun(self) -> None:
        """A transaction begins."""
        self._own, self._has_gap, self._has_own, self._before = Hashes(), False, False, self._covered

    def committed(self, seq_before: int, seq: int) -> None:
        """The transaction is durable: it took the corpus from the one `seq` to the other."""
        if self._file is not None:
            self._recent.update(self._own)
            if not self._has_gap and self._covered == seq_before:
                self._covered = seq
        self.begun()

    def rolled_back(self) -> None:
        """Nothing of the transaction happened."""
        self._covered = min(self._covered, self._before) if self._has_own else self._covered
        self.begun()

    def rebuild(self, prints_of: PrintsOf, version: int | str) -> None:
        """Make the file anew, whatever it is like."""
        self._release()
        remove(self._path)
        self.begun()
        self.open(prints_of, version)
        if self._recent.pairs:
            self._flush(self._covered)

    def close(self) -> None:
        """Put what is in memory into the file, if it can be; what is not there is printed again by the next writer."""
        if self._file is not None and self._recent.pairs and not self._sql.in_transaction:
            try:
                self._flush(self._covered)
            except (sqlite3.Error, OSError, Damaged) as error:
                _log.warning("the copy index could not be written (%s); the next crawl completes it", error)
        self._release()

    def _release(self) -> None:
        if self._file is not None:
            self._file.close()
        self._file, self._recent, self._covered = None, Hashes(), 0

    # --- asking (CopyIndex) ----------------------------------------------------------------------------------------

    def stories(self, fingerprints: Sequence[int]) -> Sequence[tuple[int, int]]:
        """See `storage.copies.CopyIndex.stories`."""
        counts: Counter[int] = Counter()
        for stories in self._stories(Kind.FINGERPRINTS, list(dict.fromkeys(fingerprints))).values():
            counts.update(stories)
        return sorted(counts.items(), key=lambda found: (-found[1], found[0]))[:CANDIDATES]

    def line_stories(self, lines: Sequence[int]) -> Mapping[int, Collection[int]]:
        """See `storage.copies.CopyIndex.line_stories`."""
        return self._stories(Kind.LINES, list(dict.fromkeys(lines)))

    def members(self, story_id: int) -> Sequence[Member]:
        """See `storage.copies.CopyIndex.members`."""
        rows = self._sql.execute(
            f"SELECT {MEMBER_COLUMNS} FROM articles WHERE id IN ("
            "SELECT min(id) FROM articles WHERE story_id = ?1 UNION ALL SELECT id FROM ("
            "SELECT id FROM articles INDEXED BY articles_by_story WHERE story_id = ?1 ORDER BY id DESC LIMIT ?2)) "
            "ORDER BY id",
            (story_id, MEMBERS - 1),
        )
        return [member_of(row) for row in rows]

    def _stories(self, kind: Kind, hashes: Sequence[int]) -> dict[int, list[int]]:
        """The lowest stories of each hash that any has."""
        found = self._renewing(lambda: self._known().stories(kind, hashes))
        for memory in (self._recent, self._own):
            memory.find(kind, hashes, found)
        return {hash_: sorted(set(stories))[: MOST[kind]] for hash_, stories in found.items()}

    def _known(self) -> FingerprintFile:
        assert self._file is not None, "ask Filing.copies first"
        return self._file

    # --- making it from the corpus ---------------------------------------------------------------------------------

    def _begin(self) -> None:
        """Open the file, if it is one of this corpus; else begin another."""
        from storage.sqlite.fingerprints import FingerprintFile

        existed = self._path.exists() and self._path.stat().st_size > 0
        try:
            self._file = FingerprintFile(self._path)
            problem = self._problem()
        except (Damaged, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not _is_damage(error):
                raise
            problem = str(error)
        if problem is None:
            watermark = self._known().state.get("watermark", 0)
            assert isinstance(watermark, int)
            self._covered = self._before = watermark
            self._recut_known = self._recut()
            if existed or not self._seq():
                return
            problem = "there is none"
        if self._file is not None:
            self._file.close()
        remove(self._path)
        self._file, self._recent = FingerprintFile(self._path), Hashes()
        self._covered = self._before = 0
        self._recut_known = self._recut()
        _log.info("the copy index is made anew from the articles: %s", problem)

    def _problem(self) -> str | None:
        """Why the file is not the index of this corpus; None where it is, as far as it reaches."""
        state = self._known().state
        if not state:
            return None
        if state.get("prints") != self._version:
            return "texts are printed in another way now"
        if state.get("recut") != self._recut():
            return "texts were cut again"
        if not isinstance(state.get("watermark"), int):
            return "it does not say how far it reaches"
        known = self._sql.execute(
            "SELECT 1 FROM articles WHERE id = ?1 AND first_seen = ?2 AND seq >= ?4 AND (content_hash = ?3 OR EXISTS "
            "(SELECT 1 FROM revisions WHERE article_id = ?1 AND revisions.content_hash = ?3))",
            tuple(state.get(name) for name in ("article_id", "first_seen", "content_hash", "article_seq")),
        ).fetchone()
        return None if known or state["watermark"] == 0 else "it is of another corpus"

    def _renewing(self, ask: Callable[[], T]) -> T:
        """What `ask` gives; where the file turns out to be damaged, once more with another one."""
        try:
            return ask()
        except (Damaged, sqlite3.DatabaseError) as error:
            if isinstance(error, sqlite3.DatabaseError) and not _is_damage(error):
                raise
            self._sql.execute("PRAGMA main.quick_check(1)")  # raises where it is the corpus that is damaged
            own, touched = self._own, (self._has_gap, self._has_own)
            self._release()
            remove(self._path)
            self._begin()
            self._catch_up()
            self._own.update(own)
            self._has_gap, self._has_own = touched
        return ask()

    def _catch_up(self) -> None:
        """Print the texts that are not known, and commit what fills a batch."""
        committed = self._seq()
        after = self._covered
        while after < committed or self._has_gap:
            rows = self._sql.execute(
                "SELECT seq, id, story_id, text, left_out FROM articles WHERE seq > ? ORDER BY seq LIMIT ?",
                (after, READ_AT_ONCE),
            ).fetchall()
            for seq, article_id, story_id, text, left_out in rows:
                hashes = self._recent if seq <= committed else self._own
                self._print(hashes, story_id, text, left_out)
                for former in self._sql.execute(
                    "SELECT text, left_out FROM revisions WHERE article_id = ?", (article_id,)
                ):
                    self._print(hashes, story_id, *former)
                after = seq
            self._flush_batch(min(after, committed))
            if len(rows) < READ_AT_ONCE:
                break
        self._covered, self._has_gap = max(committed, self._covered), False
        self._flush_batch(committed)

    def _print(self, hashes: Hashes, story_id: int, text: str, left_out: bytes | None) -> None:
        assert self._prints_of is not None
        hashes.add(story_id, self._prints_of(text, hashes_of(left_out)))

    def _flush_batch(self, watermark: int) -> None:
        if self._recent.pairs < BATCH_PAIRS:
            return
        if self._has_own:  # a text that this transaction replaced is not below the watermark as it was committed
            known = self._known().state.get("watermark", 0)
            assert isinstance(known, int)
            watermark = min(watermark, known)
        self._flush(watermark)

    def _flush(self, watermark: int) -> None:
        """Commit what is in memory: every text up to the watermark is in the file then."""
        from storage.sqlite.postings import pairs_of

        anchor = self._sql.execute(
            "SELECT id, first_seen, content_hash, seq FROM articles WHERE seq <= ? ORDER BY seq DESC LIMIT 1",
            (watermark,),
        ).fetchone() or (None, None, None, None)
        names = ("article_id", "first_seen", "content_hash", "article_seq")
        state = {"watermark": watermark, "prints": self._version, "recut": self._recut_known}
        new = {kind: pairs_of(self._recent.all(kind)) for kind in Kind}
        self._known().add(new, {**state, **dict(zip(names, anchor, strict=True))})
        self._recent = Hashes()

    def _seq(self) -> int:
        """The highest `seq` that is committed: the counter is written last in a transaction."""
        return int(self._sql.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone()[0])

    def _recut(self) -> int:
        row = self._sql.execute("SELECT value FROM counters WHERE name = ?", (RECUT,)).fetchone()
        return int(row[0]) if row else 0


def member_of(row: Sequence[Any]) -> Member:
    """An article as it is compared, from a row of `MEMBER_COLUMNS`."""
    article_id, story_id, title, text, site, content_hash, left_out = row
    return Member(article_id, story_id, title, text, site, content_hash, hashes_of(left_out))


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
