"""Pages that are at hand go through the box: all cores at work, results in the order of the pages, memory bounded."""

from __future__ import annotations

import asyncio
import signal
from collections import deque
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from crawler import boxed
from crawler.box import Box, BoxError, Overrun
from crawler.errors import CrawlerError

T = TypeVar("T")

InOrder = boxed.CutResult | Overrun

PAGES_PER_WORKER = 8
"""Read ahead for each worker, so that none waits for one slow page before it in the order."""
MOST_BYTES = 48 * 1024 * 1024
"""Of pages that are read ahead; the box has about as much again."""


async def cut_in_order(
    box: Box, workers: int, pages: Iterable[tuple[T, boxed.RawOrder | None]]
) -> AsyncGenerator[tuple[T, InOrder | None], None]:
    """Cut each page; what has no order passes through in its place. Leaving the loop early calls off the rest."""
    waiting: deque[tuple[T, asyncio.Task[InOrder] | None, int]] = deque()
    held = 0
    try:
        for item, order in pages:
            size = len(order.raw.body) if order else 0
            task = asyncio.create_task(box.run(boxed.cut_raw, order)) if order else None
            waiting.append((item, task, size))
            held += size
            while waiting and (len(waiting) > workers * PAGES_PER_WORKER or held > MOST_BYTES):
                first, cutting, its_size = waiting.popleft()
                held -= its_size
                yield first, await cutting if cutting else None
        while waiting:
            first, cutting, _ = waiting.popleft()
            yield first, await cutting if cutting else None
    finally:
        for _, cutting, _ in waiting:
            if cutting is not None:
                cutting.cancel()


def run_in_box(work: Coroutine[None, None, None]) -> None:
    """Run it to its end. Raises `CrawlerError` where the system gives the box no process or memory."""
    try:
        asyncio.run(work)
    except BoxError as error:
        raise CrawlerError(f"{error}; give it more memory or open files (ulimit), or close others") from error


@contextmanager
def stopping() -> Iterator[Callable[[], bool]]:
    """Ctrl-C and SIGTERM end a run after what is in the box; a second one at once."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()

    def stop(number: int) -> None:
        if stopped.is_set():
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop, number)
    try:
        yield stopped.is_set
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def unwatched(report: object) -> None:
    """Watches a run for nobody."""
    del report
