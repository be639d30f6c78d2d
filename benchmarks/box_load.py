"""The tasks that `benchmarks/box.py` gives to each pool; a module of its own so that workers can import it."""

import itertools
import os
import signal
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cutting:
    """About 10 KB in a few fields, as an extracted article has."""

    title: str
    text: str
    authors: tuple[str, ...]
    links: tuple[str, ...]


ANSWER = Cutting(
    title="A headline of ordinary length for a benchmark",
    text="One sentence of an article that nobody wrote. " * 180,
    authors=("Ann Example", "Bob Example"),
    links=tuple(f"https://example.org/story/{number}" for number in range(20)),
)


def cut(page: bytes, cpu_s: float) -> Cutting:
    """Use `cpu_s` seconds of CPU, as extraction does, and answer with about 10 KB."""
    end_s = time.process_time() + cpu_s
    while time.process_time() < end_s:
        sum(page[:2000])
    return ANSWER


def spin() -> None:
    """Never return, and never let the interpreter look at a signal: one call of a C function."""
    max(itertools.repeat(0))


def fill_and_die(after_s: float) -> bytes:
    """Be killed from outside (the kernel's out-of-memory killer) while a large answer is on its way."""
    if os.fork() == 0:
        time.sleep(after_s)
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    return b"x" * (256 << 20)
