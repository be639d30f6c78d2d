"""What a task costs in the box, beside the standard library's pool and Pebble, in one run.

    python benchmarks/box.py [--workers N] [--tasks N]

Each pool gets 170 KB in and answers with about 10 KB: first with no work, 16 calls in flight and then one at a
time, then with 16 ms of CPU, which is what extraction costs a page. "parent" is CPU of the calling process
(all threads), per task. Then each pool gets one hostile task among 200 ordinary ones: one that spins in C for
ever, then one whose process is killed while a large answer is on its way. How long did the ordinary ones stand
still, and how many had no answer after 20 s?
"""

import argparse
import asyncio
import contextlib
import importlib.util
import itertools
import multiprocessing
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import box_load

from crawler.box import Box, Limits

PAGE = bytes(range(256)) * 680
WORK_S = 0.016
IN_FLIGHT = 16
DEADLINE_S = 1.0
PATIENCE_S = 20.0
KILL_AFTER_S = 0.5  # the answer of 256 MB is being sent then

Submit = Callable[..., Awaitable[Any]]


async def drive(submit: Submit, tasks: int, cpu_s: float, in_flight: int) -> str:
    latencies_s: list[float] = []
    numbers = iter(range(tasks))

    async def producer() -> None:
        for _ in numbers:
            began_s = time.perf_counter()
            answer = await submit(box_load.cut, PAGE, cpu_s)
            assert isinstance(answer, box_load.Cutting), answer
            latencies_s.append(time.perf_counter() - began_s)

    cpu_before_s, began_s = time.process_time(), time.perf_counter()
    await asyncio.gather(*(producer() for _ in range(in_flight)))
    wall_s, cpu_used_s = time.perf_counter() - began_s, time.process_time() - cpu_before_s
    p50, p99 = (statistics.quantiles(latencies_s, n=100)[i] * 1e3 for i in (49, 98))
    return (
        f"{tasks / wall_s:7.0f} tasks/s   parent {cpu_used_s / tasks * 1e3:.3f} ms/task   "
        f"latency p50 {p50:6.2f} p99 {p99:6.2f} ms"
    )


async def disturb(submit: Submit, *hostile_call: Any) -> str:
    """One hostile task, 200 ordinary ones: their longest standstill, and the lost."""
    done_s = [time.perf_counter()]

    async def ordinary() -> bool:
        try:
            await asyncio.wait_for(submit(box_load.cut, PAGE, WORK_S), PATIENCE_S)
        except Exception:
            return False
        done_s.append(time.perf_counter())
        return True

    async def hostile() -> float:
        began_s = time.perf_counter()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(submit(*hostile_call), PATIENCE_S)
        return time.perf_counter() - began_s

    after_s, *kept = await asyncio.gather(hostile(), *(ordinary() for _ in range(200)))
    gap_s = max(later - earlier for earlier, later in itertools.pairwise(sorted(done_s)))
    return (
        f"hostile task ended after {after_s:.2f} s, others stood still {gap_s:.2f} s, {kept.count(False)} of 200 lost"
    )


async def compare(workers: int, tasks: int) -> None:
    context = multiprocessing.get_context("spawn")
    async with AsyncExitStack() as stack:
        box = await stack.enter_async_context(Box(Limits(workers, deadline_s=DEADLINE_S, answer_bytes=1 << 30)))
        stdlib = stack.enter_context(ProcessPoolExecutor(workers, mp_context=context))
        pools: dict[str, Submit] = {
            "crawler.box": box.run,
            "concurrent.futures": lambda *call: asyncio.wrap_future(stdlib.submit(*call)),
        }
        if importlib.util.find_spec("pebble"):
            from pebble import ProcessPool

            pebble = ProcessPool(workers, context=context)
            stack.callback(pebble.join)
            stack.callback(pebble.stop)
            pools["pebble"] = lambda function, *args: asyncio.wrap_future(
                pebble.schedule(function, args, timeout=DEADLINE_S)
            )
        for submit in pools.values():
            await drive(submit, 50, 0, IN_FLIGHT)
        for title, count, cpu_s, in_flight in (
            ("no work, 16 in flight", tasks, 0.0, IN_FLIGHT),
            ("no work, one at a time", tasks // 5, 0.0, 1),
            ("16 ms of CPU, 16 in flight", tasks // 10, WORK_S, IN_FLIGHT),
        ):
            print(f"{title}, {workers} workers")
            for name, submit in pools.items():
                print(f"  {name:<20}{await drive(submit, count, cpu_s, in_flight)}")
        print(f"one task among 200 that spins in C, deadline {DEADLINE_S:g} s")
        for name, submit in pools.items():
            if name != "concurrent.futures":  # it has no deadline
                print(f"  {name:<20}{await disturb(submit, box_load.spin)}")
        print("one task among 200 whose process is killed amid its answer")
        for name, submit in pools.items():
            print(f"  {name:<20}{await disturb(submit, box_load.fill_and_die, KILL_AFTER_S)}", flush=True)
        await box.close()
        for child in multiprocessing.active_children():
            child.kill()
        os._exit(0)  # the other pools would not end by themselves after that


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workers", type=int, default=Limits().workers)
    parser.add_argument("--tasks", type=int, default=3000)
    options = parser.parse_args()
    asyncio.run(compare(options.workers, options.tasks))


if __name__ == "__main__":
    main()
