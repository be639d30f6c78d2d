"""The box, inside: what one parsing process does from its first line to its end.

`crawler.box` starts this module in a fresh interpreter, joined to it by one socket. Frames both ways are a
header (kind, size) and that many bytes. To the worker: a pickled `(function, args, kwargs)`. From it, in the order in
which tasks came: one frame a task, after one `READY` (or `UNFIT`) frame.

The limits are kept by the kernel, not by Python, so that they hold while a C extension spins and when the
crawling process is busy or gone: RLIMIT_AS for memory, an interval timer whose SIGALRM ends the process for the
deadline, and (Linux) a signal on the death of the parent.
"""

import ctypes
import gc
import importlib
import io
import logging
import os
import pickle
import resource
import signal
import socket
import struct
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

HEADER: Final = struct.Struct("=BQ")
"""Kind of frame, then the size of what follows in bytes."""

TASK: Final = 0
READY: Final = 1
UNFIT: Final = 2
ANSWER: Final = 3
RAISED: Final = 4
NO_MEMORY: Final = 5
NOT_LOADED: Final = 6
RETIRE: Final = 128
"""Added to the kind of an answer: this worker takes no further task."""

EXIT_NO_MEMORY: Final = 71
"""Exit status when memory ran out where no frame could be written any more."""

DETAIL_CHARS: Final = 300
PR_SET_PDEATHSIG: Final = 1  # prctl(2), <linux/prctl.h>
PAGE_BYTES: Final = resource.getpagesize()


@dataclass(frozen=True, slots=True)
class Orders:
    """What a worker is told at its start, pickled into its first frame."""

    memory_bytes: int
    deadline_s: float
    tasks: int
    answer_bytes: int
    nice: int
    parent_pid: int
    warm: tuple[str, str] | None
    """Module and name of the function to call before the first task."""


def main(descriptor: int) -> None:
    """Serve tasks from the socket `descriptor` until it is closed or the worker retires; never returns."""
    channel = socket.socket(fileno=descriptor)
    try:
        orders: Orders = pickle.loads(_receive(channel)[1])  # noqa: S301 (written by our own parent)
        try:
            limited = _settle(orders)
        except Exception as error:
            _send(channel, UNFIT, describe(error).encode())
            os._exit(1)
        _send(channel, READY, b"1" if limited else b"0")
        _serve(channel, orders)
    except MemoryError:
        os._exit(EXIT_NO_MEMORY)
    except (EOFError, OSError):
        pass  # the crawling process closed the box, or is gone
    os._exit(0)


def _settle(orders: Orders) -> bool:
    """Take on limits, warm up, fall silent. True when the memory limit holds on this system."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # Ctrl-C and `systemctl stop` reach every process of the group; what ends a worker is its parent alone,
        # or the page at hand would be blamed for it.
        signal.signal(number, signal.SIG_IGN)
    _die_with_parent(orders.parent_pid)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if orders.nice:
        os.nice(orders.nice)
    limited = _limit_memory(orders.memory_bytes)
    logging.getLogger().addHandler(logging.NullHandler())
    if orders.warm:
        module, name = orders.warm
        getattr(importlib.import_module(module), name)()
    gc.collect()
    gc.freeze()  # what is imported stays: the collector need not walk it for every page
    # Libraries print to stderr words taken from a page; those must not reach a terminal or a log.
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    return limited


def _die_with_parent(parent_pid: int) -> None:
    """Ask the kernel to kill this process when its parent dies; elsewhere the socket and the deadline do it."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:
        os._exit(0)


def _limit_memory(memory_bytes: int) -> bool:
    """Limit the address space; False where the system refuses (macOS does)."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = memory_bytes if hard == resource.RLIM_INFINITY else min(memory_bytes, hard)
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ValueError, OSError):
        return False
    return sys.platform == "linux"


def _serve(channel: socket.socket, orders: Orders) -> None:
    idle_bytes = address_space_bytes()
    worn_bytes = idle_bytes + (orders.memory_bytes - idle_bytes) // 2
    for number in range(1, orders.tasks + 1):
        _, task = _receive(channel)
        signal.setitimer(signal.ITIMER_REAL, orders.deadline_s)
        kind, answer = _answer(task, orders.answer_bytes)
        signal.setitimer(signal.ITIMER_REAL, 0)
        del task
        # A heap grown past half of what is allowed would leave the next page short of memory through no fault
        # of its own.
        retire = kind == NO_MEMORY or number == orders.tasks or address_space_bytes() > worn_bytes
        _send(channel, kind | RETIRE if retire else kind, answer)
        if retire:
            return


def _answer(task: bytearray, answer_bytes: int) -> tuple[int, bytes]:
    """Do one task. Whatever it raises is caught here, for there is nobody above to whom it would mean more."""
    try:
        function: Callable[..., object]
        function, args, kwargs = pickle.loads(task)  # noqa: S301 (written by our own parent)
    except MemoryError:
        return NO_MEMORY, b"MemoryError"
    except Exception as error:
        return NOT_LOADED, describe(error).encode()
    try:
        task.clear()
        answer = pickle.dumps(function(*args, **kwargs), pickle.HIGHEST_PROTOCOL)
        if len(answer) > answer_bytes:
            return NO_MEMORY, b"the answer has %d bytes, over the %d allowed" % (len(answer), answer_bytes)
    except MemoryError:
        return NO_MEMORY, b"MemoryError"
    except BaseException as error:
        return RAISED, describe(error).encode()
    return ANSWER, answer


def describe(error: BaseException) -> str:
    """One printable line that names the error and the line of code that raised it."""
    where = ""
    trace = error.__traceback__
    while trace is not None:
        where = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})"
        trace = trace.tb_next
    text = f"{type(error).__name__}: {error}"[:DETAIL_CHARS]
    return "".join(char if char.isprintable() else " " for char in text) + where


def address_space_bytes() -> int:
    """Size of this process's address space, the thing that RLIMIT_AS limits; 0 where it cannot be told."""
    try:
        with io.FileIO("/proc/self/statm") as statm:
            return int(statm.read(32).split(b" ", 1)[0]) * PAGE_BYTES
    except OSError:
        return 0


def _send(channel: socket.socket, kind: int, content: bytes) -> None:
    channel.sendall(HEADER.pack(kind, len(content)) + content)


def _receive(channel: socket.socket) -> tuple[int, bytearray]:
    kind, size = HEADER.unpack(_read(channel, HEADER.size))
    return kind, _read(channel, size)


def _read(channel: socket.socket, size: int) -> bytearray:
    content = bytearray(size)
    with memoryview(content) as view:
        done = 0
        while done < size:
            count = channel.recv_into(view[done:])
            if count == 0:
                raise EOFError
            done += count
    return content
