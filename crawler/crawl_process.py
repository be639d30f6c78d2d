"""One crawl in a process of its own, and the line between it and the daemon that started it.

    daemon -> crawl   Orders, then one byte when it shall stop; the end of the line when the daemon is gone
    crawl -> daemon   one Result; the end of the line without one when the process crashed

A process, because Twisted's reactor cannot be started twice, and because whatever a crawl leaks or breaks ends with it.
It is a fresh interpreter in a process group of its own: Ctrl-C is for the daemon, which decides what it means.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from crawler.bounds import Bounds, memory_bytes
from crawler.config import Config
from crawler.errors import CrawlerError
from crawler.rounds import Ended, How
from crawler.tally import Tally
from storage import CorpusBusy, CorpusMissing, CorpusReadOnly, CorpusTooNew, NotACorpus, StorageError

SIZE: Final = struct.Struct("!Q")
STOP: Final = b"s"
SEND_S: Final = 60.0
"""A process that has not read its orders by then does not work; starting takes half a second."""
BOOT: Final = "import sys; sys.path[:] = sys.argv[2:]; from crawler.crawl_process import main; main(int(sys.argv[1]))"


@dataclass(frozen=True, slots=True)
class Orders:
    """What a crawling process is to do."""

    config: Config
    db: str
    bounds: Bounds
    verbosity: int = 0
    workers: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What came of it."""

    how: How
    tally: Tally = field(default_factory=Tally)
    elapsed_s: float = 0.0
    stopped: str | None = None
    next_due: datetime | None = None
    message: str | None = None
    """What went wrong, in one line."""
    lasting: bool = False
    """The corpus cannot be crawled, and waiting changes nothing about it."""

    @property
    def ended(self) -> Ended:
        """What the next round is decided by."""
        return Ended(self.how, bool(self.tally.polled or self.tally.ended), self.next_due)


class CrawlProcess:
    """A running crawl, as the daemon sees it. Leaving the context kills what still runs."""

    def __init__(self, orders: Orders) -> None:
        """Start it. Raises OSError where the system has no room."""
        self.channel, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = _launch(theirs.fileno())
            self.channel.settimeout(SEND_S)
            with contextlib.suppress(ConnectionError):  # it is gone already: its end says so
                self._send(pickle.dumps(orders, pickle.HIGHEST_PROTOCOL))
        except BaseException:
            self.channel.close()
            raise
        self.channel.setblocking(False)
        self._received = bytearray()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def memory_bytes(self) -> int:
        """What it takes; 0 where the system does not tell."""
        return memory_bytes(Path(f"/proc/{self.pid}/statm"))

    def stop(self) -> None:
        """Let it end soon, losing nothing."""
        with contextlib.suppress(OSError):
            self.channel.send(STOP)

    def kill(self) -> None:
        """End it at once, losing nothing that was committed."""
        self._process.kill()

    def result(self) -> Result | None:
        """What came of it, or None while it runs. Never waits for more than the end of a process that said it ends."""
        try:
            while chunk := self.channel.recv(1 << 16):
                self._received += chunk
        except BlockingIOError:
            return None
        except OSError:
            pass
        try:
            status = self._process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:  # it closed its line and lives: nothing more can be learned from it
            self.kill()
            status = self._process.wait()
        if len(self._received) >= SIZE.size and len(self._received) == SIZE.size + SIZE.unpack_from(self._received)[0]:
            result: Result = pickle.loads(self._received[SIZE.size :])  # noqa: S301 (written by our own code)
            return result
        return Result("crashed", message=f"the crawl's process {self.pid} {_manner(status)}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process.poll() is None:
            self.kill()
        self._process.wait()
        self.channel.close()

    def _send(self, data: bytes) -> None:
        self.channel.sendall(SIZE.pack(len(data)) + data)


def _launch(descriptor: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (our own interpreter)
        [sys.executable, "-P", "-c", BOOT, str(descriptor), *sys.path],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # a library's print must not get among `--json`
        pass_fds=(descriptor,),
        process_group=0,
    )


def _manner(status: int) -> str:
    if status >= 0:
        return f"ended with status {status}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"


# --- in the crawling process ---------------------------------------------------------------------------------------


def main(descriptor: int) -> None:
    """Crawl as ordered over the socket `descriptor`, tell what came of it; never returns."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    channel = socket.socket(fileno=descriptor)
    (size,) = SIZE.unpack(_read(channel, SIZE.size))
    orders: Orders = pickle.loads(_read(channel, size))  # noqa: S301 (written by the daemon)
    threading.Thread(target=_obey, args=(channel,), name="daemon-line", daemon=True).start()
    data = pickle.dumps(_crawl(orders), pickle.HIGHEST_PROTOCOL)
    with contextlib.suppress(OSError):
        channel.sendall(SIZE.pack(len(data)) + data)
    sys.stderr.flush()
    os._exit(0)


def _crawl(orders: Orders) -> Result:
    from crawler import run
    from crawler.desk import Scope

    try:
        report = run.crawl(
            *(orders.config, orders.db, Scope()),
            verbosity=orders.verbosity,
            workers=orders.workers,
            bounds=orders.bounds,
        )
    except CorpusBusy as error:
        return Result("busy", message=str(error))
    except (StorageError, CrawlerError) as error:
        lasting = isinstance(error, NotACorpus | CorpusTooNew | CorpusReadOnly | CorpusMissing)
        return Result("failed", message=str(error), lasting=lasting)
    how: How = "stopped" if report.stopped else "done"
    return Result(how, report.tally, report.elapsed_s, report.stopped, report.next_due)


def _obey(channel: socket.socket) -> None:
    """Stop when told to; end at once when the daemon is gone, for the next one starts at once."""
    with contextlib.suppress(OSError):
        while channel.recv(1):
            os.kill(os.getpid(), signal.SIGTERM)  # as when a crawl by hand is stopped
    os._exit(1)


def _read(channel: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        chunk = channel.recv(min(size - len(content), 1 << 20))
        if not chunk:
            os._exit(1)  # the daemon is gone
        content += chunk
    return bytes(content)
