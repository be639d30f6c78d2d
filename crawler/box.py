"""The box: fetched bytes are parsed in worker processes that may be killed at any moment without loss.

`Box` is used inside a running asyncio loop (Twisted's asyncioreactor has one) and never blocks it: a worker is a
fresh interpreter (`crawler.box_worker`) at the other end of one socket (`crawler.box_link`), and all that happens
here is a callback of that socket. What a page can cost is bounded by `Limits`; what cost too much is an
`Overrun`, a value. Why not a library's pool: docs/decisions/0003-the-box.md.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Final, ParamSpec, Self, TypeVar

from crawler.box_link import BoxError, Job, Limits, Link, Overrun

__all__ = ["Box", "BoxError", "Limits", "Overrun"]

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)

START_FAILURES: Final = 3
"""With no worker at work, so many starts that fail in a row break the box."""

CALLS_PER_WORKER: Final = 16
"""So many pages are cut while another worker would still be starting."""

RETRY_S: Final = 0.2
LONGEST_RETRY_S: Final = 30.0


class Box:
    """A pool of workers for hostile input. `async with Box(Limits(), warm) as box: await box.run(parse, page)`.

    `warm` is a module-level function that each worker calls before its first task, to import what it needs.
    Functions, arguments and answers are pickled; a function must live in an importable module (not `__main__`).
    """

    def __init__(self, limits: Limits | None = None, warm: Callable[[], object] | None = None) -> None:
        self._limits = limits or Limits()
        self._warm = (warm.__module__, warm.__qualname__) if warm else None
        self._queue: deque[Job] = deque()
        self._workers: set[Link] = set()
        self._leaving: set[Link] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._unlimited_told = False
        self._broken: str | None = "is not open: use it as `async with Box(...)`"

    async def __aenter__(self) -> Self:
        self._broken = None
        self._loop = asyncio.get_running_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def waiting(self) -> int:
        """How many calls no worker has taken yet: what a producer looks at before it fetches more."""
        return len(self._queue)

    async def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Overrun:
        """Call `function` in a worker; its answer, or an `Overrun` within the deadline of its start.

        The deadline counts from when a worker begins, not from this call. A call that had to wait too long
        behind another is given to a second worker too, so a function must be free of side effects. What it
        raises is an `Overrun("parse_error", ...)`: one page must not end a crawl, and what may be expected to
        fail returns a value. Cancelling the caller drops the call, or its answer if a worker has begun.

        Raises BoxError when the workers cannot start, a worker cannot import `function`, or the box is or gets
        closed; whatever pickle raises for arguments that cannot be pickled.
        """
        if self._broken:
            raise BoxError(f"the box {self._broken}")
        job = Job((function, args, kwargs), self._loop.create_future())
        self._queue.append(job)
        self._dispatch()
        self._staff()
        return await job.future  # type: ignore[no-any-return]

    async def close(self) -> None:
        """Kill every worker and wait until each is gone; calls still awaited raise BoxError. May be repeated."""
        self._break("is closed")
        while self._starting:
            await asyncio.wait(self._starting)
        members = self._workers | self._leaving
        for worker in members:
            worker.kill()
        await asyncio.gather(*(worker.gone for worker in members))

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        jobs = [*self._queue, *(job for worker in self._workers for job in worker.jobs)]
        self._queue.clear()
        for job in jobs:
            job.fail(BoxError(f"the box {self._broken}"))

    def _dispatch(self) -> None:
        """Give waiting jobs to workers: to idle ones first, then one more to each that is not slow."""
        while self._queue:
            free = [worker for worker in self._workers if worker.has_room]
            if not free:
                return
            job = self._queue.popleft()
            if not job.future.done():
                min(free, key=lambda worker: len(worker.jobs)).give(job)

    def _staff(self) -> None:
        """Start a worker for the first call, one more for every `CALLS_PER_WORKER` that wait, and one in place of each
        that is slow. Most crawls of a daemon find little to parse, and what a worker loads costs half a second of a
        core."""
        calls = len(self._queue) + sum(len(worker.jobs) for worker in self._workers)
        slow = sum(worker.is_slow for worker in self._workers)
        useful = slow + 1 + (calls - slow) // CALLS_PER_WORKER
        wanted = 0 if self._broken else min(calls, useful, self._limits.workers)
        for _ in range(wanted - len(self._workers) - len(self._starting)):
            task = self._loop.create_task(self._connect())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _connect(self) -> None:
        try:
            link = await Link.start(self, self._limits, self._warm)
        except OSError as error:
            self._start_failed(f"{type(error).__name__}: {error}")
            return
        if link.gone.done():
            self._start_failed("the process ended at once")
        else:
            self._workers.add(link)

    def _start_failed(self, why: str) -> None:
        self._failures += 1
        if self._failures >= START_FAILURES and not any(worker.was_ready for worker in self._workers):
            self._break(f"is broken, its workers do not start: {why}")
        else:
            delay_s = min(RETRY_S * 2**self._failures, LONGEST_RETRY_S)
            self._loop.call_later(delay_s, self._staff)

    # What follows is called by the links.

    def ready(self, limited: bool) -> None:
        """A worker has started; `limited` when the memory limit holds on this system."""
        self._failures = 0
        if not limited and not self._unlimited_told:
            self._unlimited_told = True
            log.warning("box_memory_unlimited: this system cannot limit a process's memory, only its time")
        self._dispatch()

    def answered(self) -> None:
        """A worker has room again."""
        self._dispatch()

    def give_back(self, jobs: list[Job]) -> None:
        """A worker did not begin these jobs in time; another shall, before all others."""
        self._queue.extendleft(reversed([job for job in jobs if not job.future.done()]))
        self._dispatch()
        self._staff()

    def retired(self, link: Link) -> None:
        """A worker takes no further jobs: replace it, if there are any."""
        self._workers.discard(link)
        self._leaving.add(link)
        self._staff()

    def ended(self, link: Link, why: str) -> None:
        """A worker's process is gone: replace it, unless that has been done."""
        self._leaving.discard(link)
        if link not in self._workers:
            return
        self._workers.discard(link)
        if link.was_ready:
            self._staff()
        else:
            self._start_failed(why)
