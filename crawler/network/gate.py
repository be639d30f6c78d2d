"""The gate through which every request to a host passes: when each may start, and how many run at a time."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from crawler.network.errors import HostPaused

DEFAULT_DELAY_S = 1.0
# Not even a user may hurry a stranger's server more than this.
FLOOR_S = 0.5
AT_ONCE = 2
# Longer than this nobody waits inside the gate, where each waiter holds one of the crawl's concurrent requests.
LONGEST_WAIT_S = 60.0
# Added to every gap, so that it is kept as the server sees it too: two requests seldom travel equally long.
MARGIN_S = 0.01
# Hosts are forgotten in batches once so many are known.
SWEEP_AT = 1024
# How long an idle host is kept at least: its Crawl-delay is set a moment before its turn is asked for.
KEEP_IDLE_S = 60.0


@dataclass(slots=True, eq=False)
class _Waiter:
    turn: asyncio.Future[None]
    delay_s: float


@dataclass(slots=True, eq=False)
class _Slot:
    """What is known of one host. Times are readings of the gate's clock."""

    crawl_delay_s: float = 0.0
    last_delay_s: float = 0.0
    last_start: float = float("-inf")
    paused_until: float = float("-inf")
    touched: float = float("-inf")
    running: int = 0
    unsent: int = 0
    waiting: deque[_Waiter] = field(default_factory=deque)
    timer: asyncio.TimerHandle | None = None


class Gate:
    """Starts of requests to one host are apart by the host's delay, with at most `at_once` of them running.

    A start counts from the moment the request was written (`sent`), and while one is granted but not yet written (the
    connection is still being made) no other starts: so the server sees the gaps, not only we. Turns are given first
    come, first served. `floor_s` gives the least delay of a host; `now` is a monotonic clock in seconds.
    """

    def __init__(
        self,
        *,
        delay_s: float = DEFAULT_DELAY_S,
        floor_s: Callable[[str], float] = lambda _: FLOOR_S,
        at_once: int = AT_ONCE,
        longest_wait_s: float = LONGEST_WAIT_S,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._delay_s = delay_s
        self._floor_s = floor_s
        self._at_once = at_once
        self._longest_wait_s = longest_wait_s
        self._now = now
        self._slots: dict[str, _Slot] = {}
        self._sweep_at = SWEEP_AT

    def __len__(self) -> int:
        """The number of hosts that are remembered at the moment."""
        return len(self._slots)

    @asynccontextmanager
    async def turn(self, host: str, delay_s: float | None = None) -> AsyncIterator[None]:
        """Wait for the host's turn and hold it while the body runs.

        `delay_s` is the delay asked for by the request's source. Raises HostPaused instead of waiting longer than
        `longest_wait_s`, and where the host is paused for longer while the request waits.
        """
        slot = self._slot(host)
        delay_s = self._effective(host, self._delay_s if delay_s is None else delay_s)
        wait_s = self._wait_s(slot, delay_s)
        if slot.waiting or wait_s > 0 or self._full(slot, delay_s):
            wait_s += len(slot.waiting) * max(delay_s, slot.crawl_delay_s)
            if wait_s > self._longest_wait_s:
                raise HostPaused(host, wait_s)
            await self._queue(slot, delay_s)
        else:
            self._start(slot, delay_s)
        try:
            yield
        finally:
            slot.running -= 1
            slot.unsent = min(slot.unsent, slot.running)
            slot.touched = self._now()
            self._serve(slot)

    def sent(self, host: str) -> None:
        """Note that a granted request of this host is being written to its connection now."""
        slot = self._slots.get(host)
        if slot is not None and slot.unsent:
            slot.unsent -= 1
            slot.last_start = self._now()
            self._serve(slot)

    def set_delay(self, host: str, delay_s: float) -> None:
        """Set the Crawl-delay of a host's robots.txt, 0 for none; it holds beside the delay asked for by sources."""
        if delay_s > 0 or host in self._slots:
            self._slot(host).crawl_delay_s = delay_s

    def pause(self, host: str, for_s: float) -> None:
        """Start nothing at this host for so long. A shorter pause never ends a longer one."""
        slot = self._slot(host)
        slot.paused_until = max(slot.paused_until, self._now() + for_s)
        wait_s = slot.paused_until - self._now()
        if wait_s > self._longest_wait_s:
            while slot.waiting:
                waiter = slot.waiting.popleft()
                if not waiter.turn.done():
                    waiter.turn.set_exception(HostPaused(host, wait_s))

    def ready(self, host: str) -> bool:
        """Tell whether a request to this host could start this instant."""
        slot = self._slots.get(host)
        if slot is None:
            return True
        return not slot.waiting and not self._full(slot, slot.last_delay_s) and self._wait_s(slot, 0.0) <= 0

    def wait_s(self, host: str) -> float:
        """Return after how many seconds, at the earliest, a request that comes now could start."""
        slot = self._slots.get(host)
        if slot is None:
            return 0.0
        return self._wait_s(slot, 0.0) + len(slot.waiting) * max(slot.last_delay_s, slot.crawl_delay_s)

    def cooling(self, longer_than_s: float) -> dict[str, float]:
        """The hosts at which nothing may start for longer than that, and for how long."""
        waits = {host: self._wait_s(slot, 0.0) for host, slot in self._slots.items()}
        return {host: wait_s for host, wait_s in waits.items() if wait_s > longer_than_s}

    def _effective(self, host: str, delay_s: float) -> float:
        return delay_s if delay_s >= FLOOR_S else max(delay_s, self._floor_s(host))

    def _slot(self, host: str) -> _Slot:
        slot = self._slots.get(host)
        if slot is None:
            if len(self._slots) >= self._sweep_at:
                self._sweep()
            slot = self._slots[host] = _Slot()
        slot.touched = self._now()
        return slot

    def _wait_s(self, slot: _Slot, delay_s: float) -> float:
        gap_s = max(delay_s, slot.last_delay_s, slot.crawl_delay_s)
        free_at = slot.last_start + (gap_s + MARGIN_S if gap_s else 0.0)
        return max(0.0, free_at - self._now(), slot.paused_until - self._now())

    def _full(self, slot: _Slot, delay_s: float) -> bool:
        spaced = max(delay_s, slot.last_delay_s, slot.crawl_delay_s) > 0
        return slot.running >= self._at_once or (spaced and slot.unsent > 0)

    def _start(self, slot: _Slot, delay_s: float) -> None:
        slot.last_start = self._now()
        slot.last_delay_s = delay_s
        slot.running += 1
        slot.unsent += 1

    async def _queue(self, slot: _Slot, delay_s: float) -> None:
        waiter = _Waiter(asyncio.get_running_loop().create_future(), delay_s)
        slot.waiting.append(waiter)
        self._serve(slot)
        try:
            await waiter.turn
        except asyncio.CancelledError:
            if waiter in slot.waiting:
                slot.waiting.remove(waiter)
            elif waiter.turn.done() and not waiter.turn.cancelled() and waiter.turn.exception() is None:
                slot.running -= 1  # the turn was given in the very moment in which its owner left
                slot.unsent = min(slot.unsent, slot.running)
            self._serve(slot)
            raise

    def _serve(self, slot: _Slot) -> None:
        """Give turns to those who wait for as long as there are any to give; else come back when there may be."""
        if slot.timer is not None:
            slot.timer.cancel()
            slot.timer = None
        while slot.waiting and not self._full(slot, slot.waiting[0].delay_s):
            first = slot.waiting[0]
            if first.turn.done():
                slot.waiting.popleft()
                continue
            wait_s = self._wait_s(slot, first.delay_s)
            if wait_s > 0:
                slot.timer = asyncio.get_running_loop().call_later(wait_s, self._serve, slot)
                return
            slot.waiting.popleft()
            self._start(slot, first.delay_s)
            first.turn.set_result(None)

    def _sweep(self) -> None:
        now = self._now()
        for host, slot in list(self._slots.items()):
            idle = not slot.running and not slot.waiting and now - slot.touched > KEEP_IDLE_S
            if idle and self._wait_s(slot, 0.0) <= 0:
                del self._slots[host]
        self._sweep_at = max(SWEEP_AT, 2 * len(self._slots))
