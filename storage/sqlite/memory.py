"""What the pages of a host repeat, as rows: the window of pages that taught, the blocks that enough of them have.

Counting and forgetting are decided in `storage.lessons`.
"""

from __future__ import annotations

import sqlite3
import sys
from array import array
from collections.abc import Sequence
from datetime import datetime

from storage import lessons
from storage.answers import RememberedBlock, RememberedHost
from storage.lessons import LESSON_TEXT_CHARS, Lesson, TaughtPage
from storage.model import SiteMemory
from storage.sqlite.rows import clean, moment, moment_or_none, moment_text

LAST_PAGES = 1000
"""Of a source: a source whose pages moved to another host shows the host that they are on now."""


def site_memory(connection: sqlite3.Connection, host: str) -> SiteMemory:
    """See `storage.corpus.Corpus.site_memory`."""
    known = connection.execute("SELECT pages FROM memories WHERE host = ?", (clean(host),)).fetchone()
    if known is None:
        return SiteMemory()
    rows = connection.execute(
        "SELECT fingerprint, pages FROM memory_blocks WHERE host = ? ORDER BY fingerprint", (clean(host),)
    )
    return SiteMemory(known[0], dict(rows.fetchall()))


def learn(connection: sqlite3.Connection, host: str, page_id: int, lesson: Lesson, at: datetime) -> bool:
    """See `storage.corpus.Filing.learn`."""
    host, now, lesson = clean(host), moment_text(at), lessons.bounded(lesson)
    window = _window(connection, host)
    if any(known == page_id for known, _ in window):
        return False
    row = connection.execute("SELECT taught FROM memories WHERE host = ?", (host,)).fetchone()
    number = row[0] + 1 if row else 1
    if row is None:
        connection.execute("INSERT INTO memories (host, taught, pages, since) VALUES (?, 0, 0, ?)", (host, now))
    pages = [page for _, page in window]
    taught = TaughtPage(number, lesson.headline, lessons.is_twin(lesson, pages), lesson.blocks)
    connection.execute(
        "INSERT INTO memory_pages (host, number, page_id, headline, twin, blocks) VALUES (?, ?, ?, ?, ?, ?)",
        (host, number, page_id, lesson.headline, taught.twin, _packed(lesson.blocks)),
    )
    connection.execute("UPDATE memories SET taught = ? WHERE host = ?", (number, host))
    kept = lessons.kept_window([*pages, taught])
    if is_counted := lessons.is_counted(number):
        first_of_theme = lessons.theme_change(kept)
        if first_of_theme is not None:
            kept = [page for page in kept if page.number >= first_of_theme]
            connection.execute("UPDATE memories SET since = ?, changed = ? WHERE host = ?", (now, now, host))
        _count(connection, host, kept, lesson, now)
    gone = {page.number for page in pages} - {page.number for page in kept}
    connection.executemany("DELETE FROM memory_pages WHERE host = ? AND number = ?", [(host, one) for one in gone])
    return is_counted


def _count(connection: sqlite3.Connection, host: str, window: Sequence[TaughtPage], lesson: Lesson, now: str) -> None:
    """Make the rows of the host those of its window. How a block begins is known of those that had a row, and of those
    of the page at hand; another waits until a page brings it again."""
    found = lessons.repeated(window)
    texts = dict(zip(lesson.blocks, lesson.texts, strict=True))
    rows = connection.execute("SELECT fingerprint, pages FROM memory_blocks WHERE host = ?", (host,))
    known = dict(rows.fetchall())
    connection.executemany(
        "DELETE FROM memory_blocks WHERE host = ? AND fingerprint = ?",
        [(host, block) for block in known if block not in found],
    )
    connection.executemany(
        "UPDATE memory_blocks SET pages = ? WHERE host = ? AND fingerprint = ?",
        [(pages, host, block) for block, pages in found.items() if known.get(block, pages) != pages],
    )
    connection.executemany(
        "INSERT INTO memory_blocks (host, fingerprint, pages, since, text) VALUES (?, ?, ?, ?, ?)",
        [
            (host, block, pages, now, clean(texts[block][:LESSON_TEXT_CHARS]))
            for block, pages in found.items()
            if block not in known and block in texts
        ],
    )
    counted = sum(not page.twin for page in window)
    connection.execute("UPDATE memories SET pages = ? WHERE host = ?", (counted, host))


def remembered(connection: sqlite3.Connection, source: str) -> list[RememberedHost]:
    """See `storage.corpus.Corpus.remembered`."""
    hosts = connection.execute(
        "SELECT host, pages, since, changed FROM memories WHERE host IN (SELECT host FROM memory_pages WHERE page_id "
        "IN (SELECT page_id FROM sightings WHERE source_id IN (SELECT id FROM sources WHERE name = ?) "
        "ORDER BY id DESC LIMIT ?)) ORDER BY host",
        (clean(source), LAST_PAGES),
    )
    return [
        RememberedHost(host, pages, moment(since), moment_or_none(changed), _blocks(connection, host))
        for host, pages, since, changed in hosts.fetchall()
    ]


def _blocks(connection: sqlite3.Connection, host: str) -> tuple[RememberedBlock, ...]:
    rows = connection.execute(
        "SELECT text, pages, since FROM memory_blocks WHERE host = ? AND pages > 1 ORDER BY pages DESC, since, text",
        (host,),
    )
    return tuple(RememberedBlock(text, pages, moment(since)) for text, pages, since in rows)


def _window(connection: sqlite3.Connection, host: str) -> list[tuple[int, TaughtPage]]:
    """The pages of a host that taught, each with its id, in order."""
    rows = connection.execute(
        "SELECT page_id, number, headline, twin, blocks FROM memory_pages WHERE host = ? ORDER BY number", (host,)
    )
    return [
        (page_id, TaughtPage(number, headline, bool(twin), _unpacked(blocks)))
        for page_id, number, headline, twin, blocks in rows
    ]


def _packed(blocks: Sequence[int]) -> bytes:
    numbers = array("q", blocks)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def _unpacked(blob: bytes) -> array[int]:
    numbers = array("q")
    numbers.frombytes(blob[: len(blob) // 8 * 8])
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers
