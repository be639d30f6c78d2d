"""The gate: how far apart starts are and how many run, in an event loop whose clock only moves when all wait."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise
from typing import Any

import pytest

from crawler.network import HostPaused
from crawler.network.gate import SWEEP_AT, Gate


class SkippingLoop(asyncio.SelectorEventLoop):
    """Skips to the next timer instead of waiting for it, so that hours of politeness take no time."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped = 0.0

    def time(self) -> float:
        return super().time() + self._skipped

    def _run_once(self) -> None:
        if not self._ready and self._scheduled:  # type: ignore[attr-defined]
            self._skipped += max(0.0, self._scheduled[0].when() - self.time())  # type: ignore[attr-defined]
        super()._run_once()  # type: ignore[misc]


def play(scenario: Callable[[Callable[[], float]], Awaitable[None]]) -> None:
    """Run a scenario, handing it the clock."""
    with asyncio.Runner(loop_factory=SkippingLoop) as runner:

        async def main() -> None:
            await scenario(asyncio.get_running_loop().time)

        runner.run(main())


async def visit(gate: Gate, host: str, starts: list[float], now: Callable[[], float], **how: Any) -> None:
    """Take a turn, tell when it began, and send and answer at once unless `how` gives seconds for either."""
    async with gate.turn(host, how.get("delay_s")):
        starts.append(now())
        await asyncio.sleep(how.get("connecting_s", 0))
        gate.sent(host)
        await asyncio.sleep(how.get("answering_s", 0))


def gaps(starts: list[float]) -> list[float]:
    return [later - earlier for earlier, later in pairwise(starts)]


def test_c1_starts_are_apart_by_the_delay_and_in_order() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts, order = Gate(delay_s=2, now=now), [], []

        async def one(number: int) -> None:
            await visit(gate, "a", starts, now)
            order.append(number)

        await asyncio.gather(*map(one, range(20)))
        assert min(gaps(starts)) >= 2
        assert starts[-1] - starts[0] == pytest.approx(38, abs=1)
        assert order == list(range(20))

    play(scenario)


def test_c1_the_greater_of_configured_delay_and_crawl_delay_holds() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate = Gate(delay_s=1, now=now)
        for crawl_delay_s, delay_s, least_s in ((5, 2, 5), (5, 9, 9), (0, 3, 3), (0, None, 1)):
            starts: list[float] = []
            host = f"{crawl_delay_s}-{delay_s}"
            gate.set_delay(host, crawl_delay_s)
            await asyncio.gather(*(visit(gate, host, starts, now, delay_s=delay_s) for _ in range(4)))
            assert all(least_s <= gap < least_s + 0.1 for gap in gaps(starts))

    play(scenario)


def test_a_crawl_delay_that_is_taken_back_holds_no_longer() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=1, now=now), []
        gate.set_delay("a", 30)
        await visit(gate, "a", starts, now)
        gate.set_delay("a", 0)
        await visit(gate, "a", starts, now)
        assert gaps(starts)[0] == pytest.approx(1, abs=0.1)

    play(scenario)


def test_c1_sources_that_share_a_host_share_its_longest_delay() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(now=now), []
        await asyncio.gather(*(visit(gate, "a", starts, now, delay_s=delay_s) for delay_s in (1, 5, 1, 1)))
        assert [round(gap) for gap in gaps(starts)] == [5, 5, 1]

    play(scenario)


def test_p26_no_more_than_two_at_once_and_other_hosts_do_not_wait() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, slow, other = Gate(delay_s=1, now=now), [], []
        await asyncio.gather(
            *(visit(gate, "slow", slow, now, answering_s=10) for _ in range(6)),
            *(visit(gate, "other", other, now) for _ in range(6)),
        )
        for first, third in zip(slow, slow[2:], strict=False):
            assert third - first >= 10
        assert other[-1] - other[0] < 6

    play(scenario)


def test_c1_a_slow_connection_does_not_let_the_next_request_overtake() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=1, now=now), []
        await asyncio.gather(
            visit(gate, "a", starts, now, connecting_s=4), visit(gate, "a", starts, now), visit(gate, "a", starts, now)
        )
        # The first was sent 4 s after its start, so the second starts 5 s after it.
        assert gaps(starts) == [pytest.approx(5, abs=0.1), pytest.approx(1, abs=0.1)]

    play(scenario)


def test_strangers_are_never_hurried_but_the_users_own_hosts_may_be() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate = Gate(delay_s=0, floor_s=lambda host: 0.0 if host == "own" else 0.5, now=now)
        starts: dict[str, list[float]] = {"own": [], "stranger": []}
        for host, begun in starts.items():
            await asyncio.gather(*(visit(gate, host, begun, now, delay_s=0) for _ in range(5)))
        assert max(gaps(starts["own"])) < 0.1
        assert min(gaps(starts["stranger"])) >= 0.5

    play(scenario)


def test_p15_a_short_pause_is_waited_for_and_a_long_one_refuses() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=1, now=now), []
        begun = now()
        gate.pause("a", 20)
        assert not gate.ready("a")
        assert gate.wait_s("a") == pytest.approx(20, abs=0.1)
        await visit(gate, "a", starts, now)
        assert starts[0] - begun >= 20
        gate.pause("a", 3600)
        gate.pause("a", 5)  # a shorter one does not end it
        with pytest.raises(HostPaused) as refused:
            await visit(gate, "a", starts, now)
        assert refused.value.retry_after_s == pytest.approx(3600, abs=1)
        assert gate.ready("b")

    play(scenario)


def test_p15_a_long_pause_sends_away_those_who_wait() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=5, now=now), []
        visits = [asyncio.create_task(visit(gate, "a", starts, now)) for _ in range(5)]
        await asyncio.sleep(6)
        gate.pause("a", 7200)
        ends = await asyncio.gather(*visits, return_exceptions=True)
        assert [type(end) for end in ends] == [type(None)] * 2 + [HostPaused] * 3

    play(scenario)


def test_a_queue_that_is_too_long_is_refused_at_its_end() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=10, longest_wait_s=60, now=now), []
        ends = await asyncio.gather(*(visit(gate, "a", starts, now) for _ in range(12)), return_exceptions=True)
        refused = [end for end in ends if isinstance(end, HostPaused)]
        assert 4 <= len(refused) <= 6
        assert len(starts) == 12 - len(refused)

    play(scenario)


def test_ready_tells_whether_a_request_could_start_now() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=3, now=now), []
        assert gate.ready("a")
        assert gate.wait_s("a") == 0
        await visit(gate, "a", starts, now)
        assert not gate.ready("a")
        assert 0 < gate.wait_s("a") <= 3.1
        await asyncio.sleep(gate.wait_s("a"))
        assert gate.ready("a")

    play(scenario)


def test_those_who_give_up_waiting_leave_the_queue_in_order() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=1, now=now), []
        visits = [asyncio.create_task(visit(gate, "a", starts, now, answering_s=0.2)) for _ in range(30)]
        chance = random.Random(5)
        for _ in range(15):
            await asyncio.sleep(chance.random() * 2)
            chance.choice(visits).cancel()
        await asyncio.gather(*visits, return_exceptions=True)
        assert min(gaps(starts)) >= 1
        assert all(done.done() for done in visits)
        begun = now()
        await visit(gate, "a", starts, now)
        await visit(gate, "a", starts, now)
        assert now() - begun < 4

    play(scenario)


def test_idle_hosts_are_forgotten_and_paused_ones_are_not() -> None:
    async def scenario(now: Callable[[], float]) -> None:
        gate, starts = Gate(delay_s=1, now=now), []
        gate.pause("paused", 86400)
        for number in range(20 * SWEEP_AT):
            await visit(gate, f"host{number}", starts, now)
            await asyncio.sleep(0.5)
        assert len(gate) <= SWEEP_AT
        assert not gate.ready("paused")

    play(scenario)
