"""One worker seen from the crawling process: its start, its limits, the jobs it has, its end.

`Link` speaks with `crawler.box_worker` and says through `Keeper` what a pool must know; `crawler.box` is the pool.
"""

import asyncio
import contextlib
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol, Self

from crawler import box_worker
from crawler.box_worker import HEADER, Orders
from crawler.errors import CrawlerError

MIB: Final = 1 << 20

JOBS_PER_WORKER: Final = 2
"""One at work and one waiting in the worker's socket, so that no core idles while this process is busy."""

SLOW_S: Final = 0.25
"""A job waiting behind a longer task than this is given to another worker as well (a page takes 16 ms)."""

GRACE_S: Final = 1.0
"""The kernel's timer ends a worker at its deadline; this much later it is killed from here, whatever it did."""

START_S: Final = 60.0
BUFFER_BYTES: Final = 64 * 1024
SOCKET_BYTES: Final = 1 * MIB  # asked for; Linux grants at most net.core.wmem_max, room for one ordinary page
ONE_THREAD: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""A worker is one core's; numpy would otherwise reserve address space for a thread of every core."""

CPU_MAX: Final = Path("/sys/fs/cgroup/cpu.max")

BOOT: Final = "import sys; sys.path[:] = sys.argv[2:]; from crawler.box_worker import main; main(int(sys.argv[1]))"


class BoxError(CrawlerError):
    """The box cannot work at all: its workers do not start, a task cannot be sent, or it is closed."""


def usable_cores(cpu_max: Path = CPU_MAX) -> int:
    """The number of cores this process may use, at least 1: its affinity, and the quota of its container.

    `cpu_max` is a file of cgroup v2: quota and period in microseconds, or the word max.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    try:
        quota, period = cpu_max.read_text(encoding="ascii").split()
        return cores if quota == "max" else max(1, min(cores, -(-int(quota) // int(period))))
    except (OSError, ValueError):
        return cores


@dataclass(frozen=True, slots=True)
class Limits:
    """What the box may use, and what one task may cost.

    `memory_bytes` limits the address space of a worker, interpreter and libraries included. macOS ignores such
    a limit: there the deadline alone protects, and the box says so once in the log. `tasks_per_worker` bounds
    what a leak in a C library can grow to; a worker whose memory has grown past half its limit is replaced
    sooner.
    """

    workers: int = field(default_factory=usable_cores)
    memory_bytes: int = 1024 * MIB
    deadline_s: float = 8.0
    tasks_per_worker: int = 5000
    answer_bytes: int = 32 * MIB
    nice: int = 5


@dataclass(frozen=True, slots=True)
class Overrun:
    """A task gave no answer: it ran out of time or memory, took its process with it, or raised.

    `detail` is one printable line for `explain` and the log.
    """

    reason: Literal["parse_timeout", "parse_memory", "parse_crash", "parse_error"]
    detail: str


class Job:
    """One call, and the future that its caller awaits. Run twice at times; the first answer counts."""

    __slots__ = ("call", "future")

    def __init__(
        self, call: tuple[Callable[..., object], tuple[Any, ...], dict[str, Any]], future: asyncio.Future[Any]
    ) -> None:
        self.call = call
        self.future = future

    def settle(self, result: object) -> None:
        if not self.future.done():
            self.future.set_result(result)

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Keeper(Protocol):
    """The pool, as a link sees it: whom it tells what has happened to its worker."""

    def ready(self, limited: bool) -> None: ...
    def answered(self) -> None: ...
    def give_back(self, jobs: list[Job]) -> None: ...
    def retired(self, link: "Link") -> None: ...
    def ended(self, link: "Link", why: str) -> None: ...


class Link(asyncio.BufferedProtocol):
    """This side of one worker: the jobs it has, oldest first, and the frames that come from it."""

    def __init__(self, keeper: Keeper, limits: Limits, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        self._keeper = keeper
        self._limits = limits
        self._process = process
        self._socket = ours
        self._loop = asyncio.get_running_loop()
        self._buffer = bytearray(BUFFER_BYTES)
        self._filled = 0
        self._open = False
        self._slow = False
        self._began_s = 0.0
        self._verdict: Overrun | None = None
        self._unfit: str | None = None
        self._timer = self._loop.call_later(START_S, self.kill)
        self.was_ready = False
        self.jobs: deque[Job] = deque()
        self.gone: asyncio.Future[None] = self._loop.create_future()

    @classmethod
    async def start(cls, keeper: Keeper, limits: Limits, warm: tuple[str, str] | None) -> Self:
        """Start a worker; the keeper is told when it is ready. Raises OSError when the system has no room."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BYTES)
                ours.setblocking(False)
                process = _launch(theirs)
            except OSError:
                ours.close()
                raise
        link = cls(keeper, limits, process, ours)
        await link._loop.create_unix_connection(lambda: link, sock=ours)
        link._send(
            Orders(
                memory_bytes=limits.memory_bytes,
                deadline_s=limits.deadline_s,
                tasks=limits.tasks_per_worker,
                answer_bytes=limits.answer_bytes,
                nice=limits.nice,
                parent_pid=os.getpid(),
                warm=warm,
            )
        )
        return link

    @property
    def has_room(self) -> bool:
        """True when it is ready and a job given now would be begun soon."""
        return (
            self._open
            and not self._slow
            and len(self.jobs) < JOBS_PER_WORKER
            and not self._transport.is_closing()  # its end is known already, though not yet told
        )

    @property
    def is_slow(self) -> bool:
        """True when the job at hand takes long: those behind it were given back."""
        return self._slow

    def give(self, job: Job) -> None:
        """Send a job; one that cannot be pickled fails here and now."""
        try:
            self._send(job.call)
        except Exception as error:
            job.fail(error)
            return
        self.jobs.append(job)
        if len(self.jobs) == 1:
            self._begin()

    def kill(self) -> None:
        """End the process, whatever it is doing. The end of its socket tells when that has happened."""
        self._process.kill()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002
        return memoryview(self._buffer)[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self._filled += nbytes
        view = memoryview(self._buffer)
        start = 0
        needed = HEADER.size
        while self._filled - start >= HEADER.size:
            kind, size = HEADER.unpack_from(view, start)
            needed = HEADER.size + size
            if size > self._limits.answer_bytes:
                self.kill()
                return
            if self._filled - start < needed:
                break
            self._frame(kind, view[start + HEADER.size : start + needed])
            start += needed
            needed = HEADER.size
        rest = view[start : self._filled]
        if start or needed > len(self._buffer):
            # asyncio may still hold the old buffer, which forbids resizing it.
            fits = needed <= BUFFER_BYTES == len(self._buffer)
            buffer = self._buffer if fits else bytearray(max(needed, BUFFER_BYTES))
            self._filled = len(rest)
            buffer[: self._filled] = bytes(rest)
            self._buffer = buffer

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        # A failed write ends the connection before answers that came earlier have been read.
        with contextlib.suppress(OSError):
            while count := self._socket.recv_into(self.get_buffer(-1)):
                self.buffer_updated(count)
        self._open = False
        self._timer.cancel()
        self.kill()
        self._reap()

    def _reap(self) -> None:
        status = self._process.poll()
        if status is None:
            self._loop.call_later(0.005, self._reap)
            return
        verdict = self._verdict or _verdict(status, self._limits)
        if self.jobs:
            self.jobs.popleft().settle(verdict)
            if not self._slow:
                self._keeper.give_back(list(self.jobs))
            self.jobs.clear()
        self._keeper.ended(self, self._unfit or verdict.detail)
        self.gone.set_result(None)

    def _send(self, content: object) -> None:
        data = pickle.dumps(content, pickle.HIGHEST_PROTOCOL)
        self._transport.writelines((HEADER.pack(box_worker.TASK, len(data)), data))

    def _begin(self) -> None:
        """The worker has begun `jobs[0]`, or is about to."""
        self._slow = False
        self._began_s = self._loop.time()
        self._timer.cancel()
        self._timer = self._loop.call_later(SLOW_S, self._is_slow)

    def _is_slow(self) -> None:
        self._slow = True
        self._timer = self._loop.call_at(self._began_s + self._limits.deadline_s + GRACE_S, self._overdue)
        self._keeper.give_back(list(self.jobs)[1:])

    def _overdue(self) -> None:
        self._verdict = _too_late(self._limits)
        self.kill()

    def _frame(self, kind: int, content: memoryview) -> None:
        if kind == box_worker.READY:
            self._open = self.was_ready = True
            self._timer.cancel()
            self._keeper.ready(limited=bytes(content) == b"1")
            return
        if kind == box_worker.UNFIT:
            self._unfit = str(content, "utf-8", "replace")
            return
        retiring = bool(kind & box_worker.RETIRE)
        self._settle(kind & ~box_worker.RETIRE, content)
        if retiring:
            self._open = False
            self._timer.cancel()
            if not self._slow:
                self._keeper.give_back(list(self.jobs))
            self.jobs.clear()
            self._keeper.retired(self)
            return
        self._slow = False
        if self.jobs:
            self._begin()
        else:
            self._timer.cancel()
        self._keeper.answered()

    def _settle(self, kind: int, content: memoryview) -> None:
        """Turn the answer to the oldest job into what its caller gets."""
        job = self.jobs.popleft()
        if job.future.done():
            return
        if kind == box_worker.ANSWER:
            try:
                job.settle(pickle.loads(content))  # noqa: S301 (see the decision record: the box bounds, it does not jail)
            except Exception as error:
                job.settle(Overrun("parse_error", f"unreadable answer, {box_worker.describe(error)}"))
        elif kind == box_worker.NO_MEMORY:
            job.settle(Overrun("parse_memory", str(content, "utf-8", "replace")))
        elif kind == box_worker.RAISED:
            job.settle(Overrun("parse_error", str(content, "utf-8", "replace")))
        else:
            job.fail(BoxError(f"a worker cannot load the task: {str(content, 'utf-8', 'replace')}"))


def _launch(theirs: socket.socket) -> subprocess.Popen[bytes]:
    """Start a worker: no `__main__` is imported, no helper process, and the main process's threads do not matter."""
    descriptor = theirs.fileno()
    return subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", BOOT, str(descriptor), *sys.path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a library's print must not get among `--json`
        pass_fds=(descriptor,),
        process_group=0,  # Ctrl-C is for the crawling process, which decides what it means
        env={**os.environ, **dict.fromkeys(ONE_THREAD, "1")},
    )


def _too_late(limits: Limits) -> Overrun:
    return Overrun("parse_timeout", f"not done after {limits.deadline_s:g} s")


def _verdict(status: int, limits: Limits) -> Overrun:
    """What the exit status of a worker says about the task it had begun."""
    if status == -signal.SIGALRM:
        return _too_late(limits)
    if status == box_worker.EXIT_NO_MEMORY:
        return Overrun("parse_memory", "MemoryError")
    if status < 0:
        with contextlib.suppress(ValueError):
            return Overrun("parse_crash", f"killed by {signal.Signals(-status).name}")
    return Overrun("parse_crash", f"ended with exit status {status}")
