"""A running `cuttings run`: what it says, its crawling process, and times in its corpus that a test moves."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from newsroom import Newsroom

T = TypeVar("T")
SLACK_S = 90.0
"""How long a test waits for what takes seconds on an idle machine."""


class Running:
    """A daemon of a newsroom, started with these arguments."""

    def __init__(self, newsroom: Newsroom, *arguments: str, **options: Any) -> None:
        self.newsroom = newsroom
        self.process = newsroom.start(*(arguments or ("run",)), start_new_session=True, **options)
        self.lines: list[str] = []
        self._threads = [
            threading.Thread(target=self._read, args=(stream,), daemon=True)
            for stream in (self.process.stdout, self.process.stderr)
        ]
        for thread in self._threads:
            thread.start()

    def _read(self, stream: Any) -> None:
        with contextlib.suppress(ValueError):
            for line in stream:
                self.lines.append(line.rstrip("\n"))

    def says(self, part: str, times: int = 1) -> str:
        """Wait until it said so, that often; gives the last such line."""

        def said() -> list[str]:
            found = [line for line in self.lines if part in line]
            return found if len(found) >= times else []

        return eventually(said, lambda: f"{part!r} not said {times} times in {self.lines}")[-1]

    @property
    def children(self) -> list[int]:
        """Its crawling process, if there is one, and no others."""
        return children(self.process.pid)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Send a signal and wait for its end; gives how long that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(SLACK_S)
        self.close()
        assert not [line for line in self.lines if "Traceback" in line], self.lines
        return time.monotonic() - began

    def close(self) -> None:
        """Kill it if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for thread in self._threads:
            thread.join(20)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def children(pid: int) -> list[int]:
    """The processes that a process started and has not waited for."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


@contextmanager
def running(newsroom: Newsroom, *arguments: str, **options: Any) -> Iterator[Running]:
    """A daemon for the length of a block."""
    daemon = Running(newsroom, *arguments, **options)
    try:
        yield daemon
    finally:
        daemon.close()


def eventually(ask: Callable[[], T], failed: Callable[[], str] = lambda: "never so", within_s: float = SLACK_S) -> T:
    """Ask until the answer is true, and give it."""
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, failed()
        time.sleep(0.05)
    return answer


def change(db: Path, statement: str, *values: object) -> None:
    """Write the corpus behind the daemon's back."""
    with closing(sqlite3.connect(db, timeout=20)) as connection, connection:
        connection.execute(statement, values)


def ask(db: Path, question: str) -> Any:
    """The first column of the first row; None also where there is no corpus yet."""
    try:
        with closing(sqlite3.connect(f"file:{db}?mode=ro", uri=True, timeout=20)) as connection:
            row = connection.execute(question).fetchone()
    except sqlite3.OperationalError:
        return None
    return row[0] if row else None


def in_s(seconds: float) -> str:
    """A moment from now, as the corpus holds it."""
    return (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()


def lives(pid: int) -> bool:
    """Whether there is such a process that is no zombie."""
    try:
        os.kill(pid, 0)
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (ProcessLookupError, FileNotFoundError):
        return False
