"""The files of a corpus: where they lie, who may read them, and the lock that makes one writer."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from pathlib import Path
from typing import ClassVar, Self

from storage.errors import CorpusBusy, CorpusMissing, CorpusReadOnly, NotACorpus

OWNER_ONLY = 0o600
MAGIC = b"SQLite format 3\0"
"""How every SQLite file begins (https://www.sqlite.org/fileformat2.html section 1.3)."""
SIDECARS = ("-wal", "-shm", "-journal")

_held: set[Path] = set()
"""Lock files that this process holds: record locks do not conflict within one process."""


def index_path(path: Path) -> Path:
    """Where the search index of a corpus lies: `cuttings.db` -> `cuttings-index.db`."""
    return path.with_name(f"{path.stem}-index{path.suffix}")


def copies_path(path: Path) -> Path:
    """Where the copy index of a corpus lies: `cuttings.db` -> `cuttings-copies.db`."""
    return path.with_name(f"{path.stem}-copies{path.suffix}")


def all_files(path: Path) -> list[Path]:
    """Every file in which a corpus, its indexes and its locks may lie."""
    databases = (path, index_path(path), copies_path(path))
    return [
        *(file.with_name(file.name + suffix) for file in databases for suffix in ("", *SIDECARS)),
        *(path.with_name(path.name + lock.suffix) for lock in (WriterLock, RunLock)),
    ]


def refuse_foreign(path: Path) -> None:
    """Raise NotACorpus for a file with something else in it, before anything is put beside it."""
    try:
        with path.open("rb") as file:
            start = file.read(len(MAGIC))
    except OSError:
        return  # missing, or not for us: whoever opens it says so
    if start and start != MAGIC:
        raise NotACorpus(f"{path}: is not a corpus or is damaged (file is not a database); restore it from a backup")


def make_private(path: Path) -> None:
    """Create the file if it is missing, readable by its owner alone; SQLite gives its side files the same mode."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY))
    except OSError as error:
        raise CorpusReadOnly(f"{path}: cannot be opened for writing ({error.strerror})") from error


def remove(path: Path) -> None:
    """Delete a database with its side files."""
    for suffix in ("", *SIDECARS):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def size_bytes(path: Path) -> int:
    """What a database and its side files take on the disk."""
    files = (path.with_name(path.name + suffix) for suffix in ("", *SIDECARS))
    return sum(file.stat().st_size for file in files if file.exists())


class ProcessLock:
    """Held by the one process that does something to a corpus, and freed by the kernel however that process ends.

    A POSIX record lock, because a lock of flock(2) would be inherited by forked worker processes and outlive a killed
    writer for as long as one of them lives (fcntl(2), flock(2)).
    """

    suffix: ClassVar[str]
    """What the name of its file has more than that of the corpus."""
    doing: ClassVar[str]
    """What its holder does, for the message to who comes second."""

    def __init__(self, path: Path) -> None:
        """Take the lock of the corpus at `path`, or raise `CorpusBusy` naming who holds it, or `NotACorpus`."""
        real = path.resolve()
        self.path = real.with_name(real.name + self.suffix)
        if self.path in _held:
            raise CorpusBusy(f"{path}: this process (pid {os.getpid()}) {self.doing} already")
        refuse_foreign(path)
        make_private(self.path)
        self._file = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip()
            os.close(self._file)
            who = f"process {holder}" if holder else "another process"
            raise CorpusBusy(f"{path}: {who} {self.doing}; wait for it or stop it") from error
        _held.add(self.path)
        with contextlib.suppress(OSError):  # a full disk has no room for the number; the lock holds without it
            os.ftruncate(self._file, 0)
            os.pwrite(self._file, b"%d\n" % os.getpid(), 0)

    def release(self) -> None:
        """Let others in; a second call does nothing."""
        if self.path in _held:
            _held.discard(self.path)
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, 0)
            os.close(self._file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.release()


class WriterLock(ProcessLock):
    """Of the one process that writes a corpus."""

    suffix = ".lock"
    doing = "is writing it"


class RunLock(ProcessLock):
    """Of the one process that sees to it that a corpus is crawled when something is due; it need not write itself."""

    suffix = ".run.lock"
    doing = "runs it (`cuttings run`)"


def must_have_folder(path: Path) -> None:
    """Raises CorpusMissing where the folder of a new corpus does not exist."""
    if not path.absolute().parent.is_dir():
        raise CorpusMissing(f"{path}: its folder does not exist; create it first")


def is_there(path: Path) -> bool:
    """Whether there is a file; raises NotACorpus for what can never be one."""
    try:
        str(path).encode()
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return False
    except UnicodeEncodeError:
        raise NotACorpus(
            f"{str(path).encode(errors='replace').decode()}: the name is not UTF-8; choose another"
        ) from None
    except (OSError, ValueError) as error:  # ValueError: a NUL
        why = error.strerror if isinstance(error, OSError) else error
        raise NotACorpus(f"{str(path)[:200]}: cannot be a corpus ({why}); name another file") from error
    if stat.S_ISDIR(mode):
        raise NotACorpus(f"{path}: is a folder; name a file, {path / 'cuttings.db'} say")
    if not stat.S_ISREG(mode):
        raise NotACorpus(f"{path}: is no ordinary file; name another")
    return True
