"""Connections that read the corpus, lent to one request at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.corpus import Corpus
from storage.errors import CorpusBusy
from storage.opening import files_of, open_corpus

MOST = 4
"""Connections at once: more would only compete for the same disk and cores."""
PATIENCE_S = 10.0
"""How long a request waits for one."""

Files = tuple[tuple[int, int] | None, ...]
"""Device and inode of the corpus and of its index; None for one that is not there."""


class Readers:
    """A small pool of open corpora. A corpus is opened anew where another file took its place, a backup say, or
    that of its search index, which was made anew then."""

    def __init__(self, db: str | Path) -> None:
        self.db = db
        self._free: list[tuple[Files, Corpus]] = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST)
        self._closed = False
        self._watching: tuple[Files, int, Corpus] | None = None
        self._watch_lock = threading.Lock()
        self._watches = 0

    def version(self) -> tuple[int, ...]:
        """Numbers that are others once anything was written to the corpus, or another file took its place; to be
        compared with those of this very pool only. Raises what opening raises."""
        with self._watch_lock:
            file = self._file()
            if self._watching is None or self._watching[0] != file or file[0] is None:
                self._stop_watching()
                self._watches += 1
                self._watching = (file, self._watches, open_corpus(self.db))
            _, number, corpus = self._watching
            try:
                return (number, *corpus.version())
            except BaseException:
                self._stop_watching()
                raise

    @contextmanager
    def borrow(self) -> Iterator[Corpus]:
        """A corpus for one request, in its thread. Raises CorpusBusy where none gets free in time, and what opening
        raises."""
        if not self._room.acquire(timeout=PATIENCE_S):
            raise CorpusBusy(f"{self.db}: too many ask at once; ask again")
        try:
            file = self._file()
            corpus = self._take(file)
            try:
                yield corpus
            except BaseException:
                corpus.close()
                raise
            self._give_back(file, corpus)
        finally:
            self._room.release()

    def close(self) -> None:
        """Close what is free now, and the rest as it comes back."""
        with self._lock:
            self._closed, free, self._free = True, self._free, []
        for _, corpus in free:
            corpus.close()
        with self._watch_lock:
            self._stop_watching()

    def _stop_watching(self) -> None:
        if self._watching is not None:
            self._watching[2].close()
            self._watching = None

    def _file(self) -> Files:
        """Which files lie at the address now."""
        return tuple(_identity(path) for path in files_of(self.db))

    def _take(self, file: Files) -> Corpus:
        while True:
            with self._lock:
                if not self._free:
                    break
                known, corpus = self._free.pop()
            if known == file and file[0] is not None:
                return corpus
            corpus.close()
        return open_corpus(self.db)

    def _give_back(self, file: Files, corpus: Corpus) -> None:
        with self._lock:
            if not self._closed:
                self._free.append((file, corpus))
                return
        corpus.close()


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
