"""Turns what `sqlite3` raises into the errors of the corpus, each with its next step."""

from __future__ import annotations

import functools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from storage.errors import CorpusBusy, CorpusFull, CorpusReadOnly, FilingRefused, NotACorpus, StorageError

P = ParamSpec("P")
R = TypeVar("R")

MENDING = "`cuttings check --rebuild` makes an index anew; where that does not help, restore the corpus from a backup"
_IO_WRITE_ERRORS = frozenset(
    {
        sqlite3.SQLITE_IOERR_WRITE,  # EDQUOT and EFBIG arrive as this, ENOSPC as SQLITE_FULL (os_unix.c, unixWrite)
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
        sqlite3.SQLITE_IOERR_SHMSIZE,
        sqlite3.SQLITE_IOERR_SHMOPEN,
    }
)


class HasPath(Protocol):
    """Something that lives in a corpus file."""

    @property
    def path(self) -> Path: ...


def is_damage(error: sqlite3.Error | UnicodeDecodeError) -> bool:
    """Whether it says that a file is not what it was. Of a damaged schema `sqlite3` cannot even repeat what SQLite
    says: a UnicodeDecodeError."""
    if isinstance(error, UnicodeDecodeError):
        return True
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def failure(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> StorageError:
    """The error of ours that says what `error` means for the corpus at `path`."""
    if isinstance(error, UnicodeDecodeError):
        return NotACorpus(f"{path}: is not a corpus or is damaged (it holds no UTF-8); {MENDING}")
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return StorageError(f"{path}: {error}")
    primary = code & 0xFF
    if primary == sqlite3.SQLITE_FULL or code in _IO_WRITE_ERRORS:
        return CorpusFull(f"{path}: the disk took no more ({error}); what was filed is safe, make room and go on")
    if primary == sqlite3.SQLITE_READONLY:
        return CorpusReadOnly(f"{path}: may not be written ({error}); check the owner and mode of the file and folder")
    if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return CorpusBusy(f"{path}: stayed locked by another process ({error}); try again when it has finished")
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR):
        return NotACorpus(f"{path}: is not a corpus or is damaged ({error}); {MENDING}")
    if primary in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM):
        return CorpusReadOnly(f"{path}: cannot be opened ({error}); check the owner and mode of the file and folder")
    if primary in (sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG):
        return FilingRefused(f"{path}: {error}")
    return StorageError(f"{path}: {error}")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Whatever `sqlite3` raises inside comes out as an error of ours."""
    try:
        yield
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise failure(path, error) from error


S = TypeVar("S", bound=HasPath)


def translating(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """`translated` for a whole method."""

    @functools.wraps(method)
    def guarded(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return method(self, *args, **kwargs)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            raise failure(self.path, error) from error

    return guarded
