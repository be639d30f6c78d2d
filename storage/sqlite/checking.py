"""Examines a corpus: whether its file is whole, its indexes fit it, and its pointers lead to raw pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

from storage.archive import Archive
from storage.checks import Finding, Part
from storage.errors import IndexDamaged
from storage.sqlite import index
from storage.sqlite.files import copies_path, index_path
from storage.sqlite.hashes import Damaged

REBUILD = "`cuttings check --rebuild` makes it anew"
RESTORE = "restore the corpus from a backup"
GZIP = b"\x1f\x8b"
"""How a record of the archive begins (RFC 1952 section 2.3.1)."""


def check(connection: sqlite3.Connection, path: Path, archive: Archive) -> list[Finding]:
    """See `storage.corpus.Corpus.check`."""
    return [
        _finding("corpus", lambda: _corpus(connection), RESTORE),
        _finding("search index", lambda: _search_index(connection, index_path(path)), REBUILD),
        _finding("copy index", lambda: _copy_index(connection, copies_path(path)), REBUILD),
        _finding("archive", lambda: _archive(connection, archive), "restore the folder from a backup"),
    ]


def _finding(part: Part, look: Callable[[], tuple[str, str | None]], advice: str) -> Finding:
    try:
        told, problem = look()
    except (sqlite3.Error, OSError, UnicodeDecodeError) as error:
        told, problem = "cannot be read", str(error)
    return Finding(part, told, None if problem is None else f"{problem}; {advice}")


def _whole(connection: sqlite3.Connection, schema: str) -> str | None:
    told: str = connection.execute(f"PRAGMA {schema}.quick_check(1)").fetchone()[0]
    return None if told == "ok" else told.splitlines()[-1]


def _corpus(connection: sqlite3.Connection) -> tuple[str, str | None]:
    problem = _whole(connection, "main")
    if problem is None:
        lost = connection.execute("PRAGMA main.foreign_key_check").fetchone()
        problem = None if lost is None else f"a row of {lost[0]} leads to a row of {lost[2]} that is missing"
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    return f"{articles:,} articles", problem


def _search_index(connection: sqlite3.Connection, path: Path) -> tuple[str, str | None]:
    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    if not path.exists():
        return "there is none", "searches find nothing" if articles else None
    problem = _whole(connection, "idx")
    if problem is None and not index.is_usable(connection) and articles:
        problem = "is of another version"
    if problem is None:
        try:
            index.examine(connection)
        except IndexDamaged:
            problem = "its columns of numbers are not as they were written"
    missing = index.missing(connection) if problem is None else articles
    return f"{articles - missing:,} of {articles:,} articles", problem


def _copy_index(connection: sqlite3.Connection, path: Path) -> tuple[str, str | None]:
    from storage.sqlite.fingerprints import FingerprintFile

    (articles,) = connection.execute("SELECT count(*) FROM articles").fetchone()
    if not path.exists() or not path.stat().st_size:
        return "there is none; the next crawl makes it" if articles else "there is none", None
    try:
        file = FingerprintFile(path, write=False)
        try:
            file.check()
            watermark = file.state.get("watermark", 0)
            told = f"{file.pairs:,} fingerprints and lines"
        finally:
            file.close()
    except Damaged as error:
        return "cannot be read", str(error)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return "in use by a crawl, not looked at", None
        raise
    (behind,) = connection.execute("SELECT count(*) FROM articles WHERE seq > ?", (watermark,)).fetchone()
    return f"{told} of {articles - behind:,} of {articles:,} articles", None


def _archive(connection: sqlite3.Connection, archive: Archive) -> tuple[str, str | None]:
    """Whether at every place that the corpus points to a record begins and the file goes on so far."""
    sizes = archive.files()
    pages, problem, lost = 0, None, 0
    for name in [name for (name,) in connection.execute("SELECT DISTINCT file FROM captures ORDER BY file")]:
        places = connection.execute("SELECT offset, length FROM captures WHERE file = ? ORDER BY offset", (name,))
        if name not in sizes:
            bad = len(places.fetchall())
            problem, pages, lost = problem or f"{name} is missing", pages + bad, lost + bad
            continue
        with (archive.folder / name).open("rb") as file:
            for offset, length in places:
                pages += 1
                file.seek(offset)
                if offset + length > sizes[name] or file.read(len(GZIP)) != GZIP:
                    problem, lost = problem or f"{name} has no record at byte {offset:,}", lost + 1
    files = f"{len(sizes):,} file{'' if len(sizes) == 1 else 's'}"
    told = f"{pages:,} raw page{'' if pages == 1 else 's'} in {files}" if sizes or pages else "there is none"
    return told, None if problem is None else f"{problem}; raw pages that are lost: {lost:,}"
