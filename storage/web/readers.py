"""Connections that read the corpus, lent to one request at a time."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.corpus import Corpus
from storage.errors import CorpusBusy
from storage.opening import file_of, open_corpus

MOST = 4
"""Connections at once: more would only compete for the same disk and cores."""
PATIENCE_S = 10.0
"""How long a request waits for one."""


class Readers:
    """A small pool of open corpora. A corpus that another file took the place of, a backup say, is opened anew."""

    def __init__(self, db: str | Path) -> None:
        self.db = db
        self._free: list[tuple[tuple[int, int], Corpus]] = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST)
        self._closed = False

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

    def _file(self) -> tuple[int, int]:
        """Which file lies at the address now."""
        try:
            found = os.stat(file_of(self.db))
        except OSError:
            return (0, 0)
        return (found.st_dev, found.st_ino)

    def _take(self, file: tuple[int, int]) -> Corpus:
        while True:
            with self._lock:
                if not self._free:
                    break
                known, corpus = self._free.pop()
            if known == file != (0, 0):
                return corpus
            corpus.close()
        return open_corpus(self.db)

    def _give_back(self, file: tuple[int, int], corpus: Corpus) -> None:
        with self._lock:
            if not self._closed:
                self._free.append((file, corpus))
                return
        corpus.close()
