"""The writes of a backfill, inside the same transaction as those of a crawl: documents of a walk and what they name."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from storage.archives import WalkedArchive
from storage.errors import StorageError
from storage.model import Discovery, Outcome, Polled
from storage.sqlite import archives
from storage.sqlite.discoveries import FORMER, JOINED, KNOWN, Discoveries, Fate, entry_key
from storage.sqlite.filing import SqliteFiling
from storage.sqlite.filing import _step as step
from storage.sqlite.rows import ENTRY_COLUMNS, clean, entry_values, moment_text, time_text


class SqliteWalkFiling(SqliteFiling):
    """All of `storage.corpus.Filing`: what a crawl files, and what a walk through archives does."""

    @step
    def add_archive(self, walked: WalkedArchive) -> Polled:
        """See `storage.corpus.Filing.add_archive`."""
        archive = self._sql.execute(
            "SELECT source_id, feed_id, dated FROM archives WHERE id = ?", (walked.archive_id,)
        ).fetchone()
        if archive is None:
            raise StorageError(f"{self.path}: has no archive {walked.archive_id}; file into the corpus that leased it")
        source_id, feed_id, dated = archive
        at = moment_text(walked.at)
        new_entries = new_pages = 0
        refusals = []
        filed = Discoveries(self._sql, feed_id, source_id, walked.at)
        for discovery in walked.discoveries:
            page_id, fate = self._queue(filed, discovery, dated or at)
            new_entries += self._add_entry(filed, feed_id, page_id, discovery, at)
            new_pages += fate is JOINED
            if isinstance(fate, Outcome):
                refusals.append(fate)
        polled = Polled(len(walked.discoveries), new_entries, new_pages, tuple(refusals))
        archives.record(self._sql, walked, polled)
        return polled

    @step
    def is_repeated(self, archive_id: int, contents: str) -> bool:
        """See `storage.corpus.Filing.is_repeated`."""
        return archives.is_repeated(self._sql, archive_id, contents)

    @step
    def count_archives(self, source: str) -> int:
        """See `storage.corpus.Filing.count_archives`."""
        return archives.count(self._sql, source, is_open=False)

    @step
    def release_archive(self, archive_id: int, due: datetime) -> None:
        """See `storage.corpus.Filing.release_archive`."""
        archives.release(self._sql, archive_id, due)

    def _queue(self, filed: Discoveries, found: Discovery, dated: str) -> tuple[int, Fate]:
        """The page that an entry of an archive names, and what became of it.

        What an earlier crawl refused unseen as too old is wanted now. A page whose entry has no date of publication
        waits behind those that are newer than its last change, or than its archive.
        """
        page_id, fate = filed.add_page(found)
        if fate is JOINED and found.entry.published is None:
            as_of = time_text(found.entry.updated) or dated
            self._sql.execute("UPDATE pages SET dated = min(dated, ?) WHERE id = ?", (as_of, page_id))
        if fate is KNOWN and found.outcome is None:
            too_old = self._sql.execute(
                "SELECT 1 FROM pages WHERE id = ? AND due IS NULL AND attempts = 0 AND outcome = 'rejected' "
                "AND reason = 'too_old'",
                (page_id,),
            ).fetchone()
            if too_old is not None:
                return page_id, filed.queue_again(page_id)
        return page_id, fate

    def _add_entry(self, filed: Discoveries, feed_id: int, page_id: int, found: Discovery, at: str) -> bool:
        """Keep an entry of an archive; True when it is new. One that is known stays as it is, for archives hold entries
        as they once were; where its id now stands for another page, it gets a row of its own (P36)."""
        own_key = entry_key(found)
        for key in (own_key, f"{own_key}{FORMER}{clean(found.key)}"):
            known = self._sql.execute(
                "SELECT page_id FROM entries WHERE feed_id = ? AND key = ?", (feed_id, key)
            ).fetchone()
            if known is None:
                break
            if known[0] == page_id:
                return False
        else:
            return False
        values: Sequence[object] = (feed_id, key, page_id, at, *entry_values(found.entry))
        entry_id = self._insert(
            f"INSERT INTO entries (feed_id, key, page_id, first_seen, archived, {', '.join(ENTRY_COLUMNS)}) "
            f"VALUES (?, ?, ?, ?, 1{', ?' * len(ENTRY_COLUMNS)})",
            values,
        )
        filed.add_sighting(page_id, entry_id, found)
        return True
