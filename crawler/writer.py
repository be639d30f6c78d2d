"""The one writer: a thread that owns the corpus of a running crawl and commits what is ready in groups.

A group is closed by count or by time, whichever is first, so that one synchronous commit serves many pages. A caller's
await returns only when its own work is durable.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from storage import Corpus, Filing, FilingRefused, StorageError

T = TypeVar("T")

GROUP_SIZE = 64
"""Filings a commit. Past about 50 the cost of a synchronous commit is below 2% of the cost of the pages."""
GROUP_WAIT_S = 0.15
"""How long the first filing of a group waits for company."""


@dataclass(slots=True)
class _Job(Generic[T]):
    call: Callable[[Any], T]
    files: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[T]

    def done(self, result: T) -> None:
        self._tell(lambda: self.future.set_result(result))

    def failed(self, error: BaseException) -> None:
        self._tell(lambda: self.future.set_exception(error))

    def _tell(self, settle: Callable[[], None]) -> None:
        def tell() -> None:
            if not self.future.done():
                settle()

        self.loop.call_soon_threadsafe(tell)


class Writer:
    """Serves one corpus from its own thread.

    `file` takes work that writes and joins it with others in one transaction; `ask` runs a call of the corpus by
    itself, before any filing that still waits for company.
    """

    def __init__(self, corpus: Corpus, *, group_size: int = GROUP_SIZE, group_wait_s: float = GROUP_WAIT_S) -> None:
        self._corpus = corpus
        self._group_size = group_size
        self._group_wait_s = group_wait_s
        self._jobs: queue.SimpleQueue[_Job[Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="corpus-writer", daemon=True)
        self._thread.start()

    async def file(self, call: Callable[[Filing], T]) -> T:
        """Run `call` inside a transaction; returns its result once that is committed.

        Raises `StorageError` where the corpus could not take it, or whatever `call` raised; then nothing of it is
        stored, and, unless the corpus takes nothing at all, the other work of its group is not touched by it.
        """
        return await self._submit(call, files=True)

    async def ask(self, call: Callable[[Corpus], T]) -> T:
        """Run `call` with the corpus; returns its result. Raises what the call raises."""
        return await self._submit(call, files=False)

    async def close(self) -> None:
        """Finish everything that was submitted, then end the thread. The corpus stays open."""
        if self._thread.is_alive():
            self._jobs.put(None)
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    async def _submit(self, call: Callable[[Any], T], *, files: bool) -> T:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._jobs.put(_Job(call, files, loop, future))
        return await future

    def _run(self) -> None:
        group: list[_Job[Any]] = []
        deadline = 0.0
        while True:
            overdue = False
            try:
                job = self._jobs.get(timeout=max(0.0, deadline - time.monotonic()) if group else None)
            except queue.Empty:
                overdue = True
            if overdue:
                self._commit(group)
                group = []
                continue
            if job is None:
                self._commit(group)
                return
            if not job.files:
                _attempt(job, lambda job=job: job.call(self._corpus))  # type: ignore[misc]
                continue
            if not group:
                deadline = time.monotonic() + self._group_wait_s
            group.append(job)
            if len(group) >= self._group_size:
                self._commit(group)
                group = []

    def _commit(self, group: list[_Job[Any]]) -> None:
        """One transaction for all; where that fails, one each, so that one bad filing costs only itself."""
        if not group:
            return
        try:
            with self._corpus.filing() as filing:
                results = [job.call(filing) for job in group]
        except Exception as error:
            is_corpus_at_fault = isinstance(error, StorageError) and not isinstance(error, FilingRefused)
            if is_corpus_at_fault or len(group) == 1:
                for job in group:
                    job.failed(error)
            else:
                for job in group:
                    self._commit([job])
        else:
            for job, result in zip(group, results, strict=True):
                job.done(result)


def _attempt(job: _Job[T], call: Callable[[], T]) -> None:
    try:
        result = call()
    except Exception as error:
        job.failed(error)
    else:
        job.done(result)
