"""What `test_box` has workers do, in a module of its own so that workers can import it."""

import contextlib
import ctypes
import itertools
import os
import signal
import sys
import time
from io import BytesIO
from pathlib import Path


def double(number: int) -> int:
    return 2 * number


def size(page: bytes, times: int = 1) -> str:
    return "x" * (len(page) * times)


def pid() -> int:
    return os.getpid()


def nap(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def spin(mark: str | None = None) -> None:
    """Stay inside one call of a C function that looks at no signal; first note the process in file `mark`."""
    if mark:
        Path(mark).write_text(str(os.getpid()), encoding="ascii")
    max(itertools.repeat(0))


def nap_and_mark(mark: str, seconds: float) -> str:
    Path(mark).write_text(str(os.getpid()), encoding="ascii")
    time.sleep(seconds)
    return "done"


def mark_and_answer(mark: str, count_bytes: int) -> bytes:
    Path(mark).write_text(str(os.getpid()), encoding="ascii")
    return bytes(count_bytes)


def allocate(count_bytes: int) -> int:
    return len(bytearray(count_bytes))


def crash() -> None:
    ctypes.string_at(0)


def deep() -> None:
    """Overflow the C stack; die in the same way where the interpreter guards it (3.12 and later)."""
    sys.setrecursionlimit(2**30)
    nested: list[object] = []
    for _ in range(1_000_000):
        nested = [nested]
    with contextlib.suppress(RecursionError):
        repr(nested)
    os.kill(os.getpid(), signal.SIGSEGV)


def leave(status: int) -> None:
    os._exit(status)


def fail(text: str) -> None:
    raise ValueError(text)


def unpicklable() -> object:
    return lambda: None


def chatter() -> list[bool]:
    """Whether this process's stdout and stderr lead to /dev/null."""
    nowhere = os.stat(os.devnull)
    return [os.path.samestat(os.fstat(number), nowhere) for number in (1, 2)]


def niceness() -> int:
    return os.nice(0)


def warm() -> None:
    import trafilatura  # noqa: F401


def warm_quickly() -> None:
    os.environ["BOX_WARMED"] = str(os.getpid())


def warmed() -> bool:
    return os.environ.get("BOX_WARMED") == str(os.getpid())


def warm_never() -> None:
    raise RuntimeError("a library is missing")


def parse_feed(content: bytes) -> int:
    import feedparser

    return len(feedparser.parse(BytesIO(content)).entries)


def cut_page(content: bytes) -> str | None:
    import trafilatura

    return trafilatura.extract(content)
