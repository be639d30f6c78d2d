"""What the entries of a poll change: entries, sightings, and the pages that they name; runs inside a transaction."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from storage.model import Discovery, Ending, Outcome, Polled
from storage.sqlite.rows import ENTRY_COLUMNS, clean, cleaned, entry_values, moment, moment_text, time_text

Fate = Outcome | Literal["joined", "known"]
"""Of a page that a poll names: it joined the frontier, was known before, or is new and ended unseen."""
JOINED: Literal["joined"] = "joined"
KNOWN: Literal["known"] = "known"


KNOWN_ADDRESS = Outcome(Ending.SAME_ARTICLE, "known_address")
EDIT_PAUSE = timedelta(hours=1)
"""After its first edit a page is fetched again at once, after the next ones 1, 3, 7, ... times this after the visit
before: most corrections come early, and an entry that never stands still must not be a visit a poll (P38)."""
MOST_EDITS = 7
"""Edits of an entry, and visits to its page, after which that is left alone; by then they are two and a half days
apart."""
TEMPLATE_EDITS = 3
"""So many entries and more than half of a document edited at once are a change of the template."""
FORMER = "\x1f"
"""Between an entry's id and the number of the page for which it stood before (`Discoveries._part`). No id that a
publisher gives has it, so that none can be equal to a key that is made here."""


def entry_key(found: Discovery) -> str:
    """The key of an entry as the publisher gives it."""
    return clean(found.entry.key).replace(FORMER, " ")


@dataclass(frozen=True, slots=True)
class _Named:
    """What became of one discovery."""

    page_id: int
    fate: Fate
    is_new: bool = False
    edits: int = 0
    """How often the entry was edited by now; 0 where this poll did not."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An entry as it is stored."""

    id: int
    page_id: int
    page_key: str
    edits: int
    is_archived: bool
    values: tuple[Any, ...]
    """In the order of `_ENTRY_COLUMNS`."""


_ENTRY_COLUMNS = (*ENTRY_COLUMNS, "fingerprint")
_COLUMNS = ", ".join(_ENTRY_COLUMNS)
_OF_ENTRIES = ", ".join(f"entries.{name}" for name in _ENTRY_COLUMNS)
_ASSIGNMENTS = ", ".join(f"{name} = ?" for name in _ENTRY_COLUMNS)


def _entry_values(found: Discovery) -> tuple[str | None, ...]:
    return (*entry_values(found.entry), found.entry.fingerprint)


class Discoveries:
    """Files the discoveries of one poll. See `storage.corpus.Filing.add_poll` for what it promises."""

    def __init__(self, connection: sqlite3.Connection, feed_id: int, source_id: int, at: datetime) -> None:
        self._sql = connection
        self._feed_id = feed_id
        self._source_id = source_id
        self._moment = at
        self._at = moment_text(at)

    def add(self, discoveries: Sequence[Discovery]) -> Polled:
        """File them all, in their order."""
        new_entries = new_pages = 0
        refusals = []
        edited: list[_Named] = []
        listed = {entry_key(found) for found in discoveries}
        for discovery in discoveries:
            named = self._add_discovery(discovery, listed)
            new_entries += named.is_new
            new_pages += named.fate is JOINED
            if named.edits:
                edited.append(named)
            if isinstance(named.fate, Outcome):
                refusals.append(named.fate)
        if len(edited) < TEMPLATE_EDITS or len(edited) * 2 <= len(discoveries) - new_entries:
            for named in edited:
                self._look_again(named.page_id, named.edits)
        return Polled(len(discoveries), new_entries, new_pages, tuple(refusals))

    def _add_discovery(self, found: Discovery, listed: Collection[str]) -> _Named:
        key, page_key = entry_key(found), clean(found.key)
        old = self._entry(key) or self._renamed(key, page_key, listed)
        if old is None:
            page_id, fate = self.add_page(found)
            self._add_entry(key, page_id, found)
            return _Named(page_id, fate, is_new=True)
        if old.is_archived:  # what only a backfill has seen is news to live polling
            self._sql.execute("UPDATE entries SET archived = 0 WHERE id = ?", (old.id,))
        if old.page_key != page_key:
            page_id, fate = self.add_page(found)
            self._part(old, key, page_id, found)
            return _Named(page_id, fate, is_new=old.is_archived)
        values = _entry_values(found)
        if old.values == values:
            return _Named(old.page_id, KNOWN, is_new=old.is_archived)
        is_edited = None not in (old.values[-1], values[-1]) and old.values[-1] != values[-1]
        self._sql.execute(
            f"UPDATE entries SET changed = ?, edits = edits + ?, {_ASSIGNMENTS} WHERE id = ?",
            (self._at, is_edited, *values, old.id),
        )
        return _Named(old.page_id, KNOWN, old.is_archived, edits=old.edits + 1 if is_edited else 0)

    def _entry(self, key: str) -> _Known | None:
        row = self._sql.execute(
            f"SELECT entries.id, page_id, pages.key, edits, archived, {_OF_ENTRIES} FROM entries "
            "JOIN pages ON pages.id = page_id WHERE feed_id = ? AND entries.key = ?",
            (self._feed_id, key),
        ).fetchone()
        return None if row is None else _Known(row[0], row[1], row[2], row[3], bool(row[4]), row[5:])

    def _renamed(self, key: str, page_key: str, listed: Collection[str]) -> _Known | None:
        """The entry of the same page whose key the document has no more: a feed that makes up new ids at every poll
        would otherwise add all its entries each time. By the order of an index: a hostile feed may have thousands of
        entries for one page, and asks for each."""
        row = self._sql.execute(
            "SELECT entries.id, entries.key FROM sightings INDEXED BY sightings_by_page "
            "JOIN entries ON entries.id = entry_id AND entries.page_id = sightings.page_id "
            "WHERE sightings.page_id = (SELECT id FROM pages WHERE key = ?) AND source_id = ? "
            "AND sightings.feed_id = ? ORDER BY sightings.id DESC LIMIT 1",
            (page_key, self._source_id, self._feed_id),
        ).fetchone()
        if row is None or row[1] in listed:
            return None
        self._sql.execute("UPDATE entries SET key = ? WHERE id = ?", (key, row[0]))
        return self._entry(key)

    def _part(self, old: _Known, key: str, page_id: int, found: Discovery) -> None:
        """The key went on to another page (P36): each page keeps an entry of its own, the former one under a derived
        key, for what it says of that page stays true."""
        self._sql.execute("UPDATE entries SET key = ? WHERE id = ?", (f"{key}{FORMER}{old.page_id}", old.id))
        back = self._entry(f"{key}{FORMER}{page_id}")
        if back is None:
            self._add_entry(key, page_id, found)
        else:
            self._sql.execute(
                f"UPDATE entries SET key = ?, changed = ?, {_ASSIGNMENTS} WHERE id = ?",
                (key, self._at, *_entry_values(found), back.id),
            )

    def _add_entry(self, key: str, page_id: int, found: Discovery) -> None:
        entry_id = self._insert(
            f"INSERT INTO entries (feed_id, key, page_id, first_seen, shape, {_COLUMNS}) "
            f"VALUES (?, ?, ?, ?, ?{', ?' * len(_ENTRY_COLUMNS)})",
            (self._feed_id, key, page_id, self._at, cleaned(found.shape), *_entry_values(found)),
        )
        self.add_sighting(page_id, entry_id, found)

    def add_sighting(self, page_id: int, entry_id: int, found: Discovery) -> None:
        """The source named the page by this entry."""
        self._sql.execute(
            "INSERT INTO sightings (page_id, source_id, feed_id, entry_id, at, url, also) "
            "SELECT id, ?, ?, ?, ?, ?, source_id <> ? FROM pages WHERE id = ?",
            (self._source_id, self._feed_id, entry_id, self._at, clean(found.url), self._source_id, page_id),
        )

    def _look_again(self, page_id: int, edits: int) -> None:
        """An edited entry's page is due again: at once after its first edit, each further time twice as late, then no
        more. A page that waits anyway, or that brought no article, is left alone.

        The visits that a page had count as well, or many entries for it would be as many visits to a server that need
        not be the feed's own.
        """
        row = self._sql.execute(
            "SELECT ended, attempts, due FROM pages WHERE id = ? AND (due IS NULL OR state = 'waiting') "
            "AND outcome IN (?, ?, ?)",
            (page_id, Ending.STORED, Ending.REVISED, Ending.UNCHANGED),
        ).fetchone()
        if row is None or (looks := max(edits, row[1])) > MOST_EDITS:
            return
        due = moment_text(max(self._moment, moment(row[0]) + EDIT_PAUSE * (2 ** (looks - 1) - 1)))
        if row[2] is None or due < row[2]:
            self._sql.execute("UPDATE pages SET state = 'waiting', due = ? WHERE id = ?", (due, page_id))

    def add_page(self, found: Discovery) -> tuple[int, Fate]:
        """The page that a discovery names, and what became of it."""
        key = clean(found.key)
        page = self._sql.execute(
            "SELECT id, state, source_id, attempts, outcome FROM pages WHERE key = ?", (key,)
        ).fetchone()
        if page is not None:
            return page[0], self._name_again(page, found)
        owner = self._sql.execute("SELECT article_id FROM addresses WHERE key = ?", (key,)).fetchone()
        outcome = KNOWN_ADDRESS if owner else found.outcome
        published, updated = time_text(found.entry.published), time_text(found.entry.updated)
        page_id = self._insert(
            "INSERT INTO pages (key, url, host, source_id, discovered, published, dated, state, due, outcome, reason, "
            "detail, ended, article_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(key, clean(found.url), clean(found.host), self._source_id, self._at, published),
                min(published or updated or self._at, self._at),  # a date in the future is no reason to go first
                *(("ready", self._at) if outcome is None else (None, None)),
                *((outcome.ending, outcome.reason, cleaned(outcome.detail), self._at) if outcome else (None,) * 4),
                owner[0] if owner else None,
            ),
        )
        return page_id, outcome or JOINED

    def _name_again(self, page: tuple[Any, ...], found: Discovery) -> Fate:
        """A page is queued once. Two things let another source queue it: its own source was removed, or had refused
        it unseen by rules that are not the other's."""
        page_id, state, first_source, attempts, outcome = page
        refused_unseen = attempts == 0 and outcome in (Ending.REJECTED, Ending.BLOCKED)
        if self._source_id == first_source or found.outcome is not None or not (state == "held" or refused_unseen):
            return KNOWN
        return self.queue_again(page_id)

    def queue_again(self, page_id: int) -> Fate:
        """A page that ended unseen, or waits for a source that is no more, is fetched for this source."""
        self._sql.execute(
            "UPDATE pages SET state = 'ready', due = ?, source_id = ?, outcome = NULL, reason = NULL, detail = NULL, "
            "ended = NULL WHERE id = ?",
            (self._at, self._source_id, page_id),
        )
        self._sql.execute("UPDATE sightings SET also = source_id <> ? WHERE page_id = ?", (self._source_id, page_id))
        return JOINED

    def _insert(self, sql: str, values: Sequence[object]) -> int:
        row_id = self._sql.execute(sql, values).lastrowid
        assert row_id is not None
        return row_id
