"""The daemon: it sleeps until something is due, lets a process of its own crawl it, and goes on for months.

    claim the corpus for running                          storage.claim
    until told to stop:
        wait while another process writes the corpus      Daemon._await_corpus
        crawl, in a child                                 crawl_process
            stop it early when feeds.yaml changed or the clock was set back; kill it when it outgrows its bounds
        tell what came of it
        rest until something is due                       rounds
    meanwhile, in a thread: post what is new to webhooks  alerts.postman

Between two crawls the corpus is free: others may write it, and nothing of the daemon holds memory for the crawl.
Watches are kept beside whoever writes, see `storage.watches`.
"""

from __future__ import annotations

import selectors
import signal
import socket
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Protocol, Self

from crawler.alerts.postman import Postman
from crawler.bounds import CRAWL_BYTES, CRAWL_S, LINGER_S, STOP_S, Bounds
from crawler.crawl_process import CrawlProcess, Orders, Result
from crawler.errors import CrawlerError
from crawler.feeds_watch import FeedsWatch
from crawler.rounds import Clocks, History, Rest, set_back
from crawler.service import Service
from storage import CorpusBusy, StorageError, claim

TICK_S = 2.0
"""Between two looks at feeds.yaml and at the clocks; a look costs microseconds."""

OVERDUE_S = 120.0
"""A crawl that lives so long past its bound does not look at the clock any more, and is killed."""

OVERGROWN = 2
"""Times its bound of memory at which a crawl is killed without waiting until it notices."""


class Listener(Protocol):
    """Who hears what the daemon does."""

    def crawled(self, result: Result, rest: Rest | None) -> None:
        """A crawl ended, and so long nothing is to be done; None after the last one."""

    def note(self, text: str) -> None:
        """Something that a person may want to know."""

    def trouble(self, text: str) -> None:
        """Something that a person must know."""


@dataclass(slots=True)
class Signals:
    """Signals as things that happened, looked at between two steps. Leaving the context restores what was before."""

    stops: list[int] = field(default_factory=list)
    """SIGTERM and SIGINT, as they came."""
    looks: int = 0
    """Times that SIGHUP asked to look at feeds.yaml and crawl what is due."""
    _before: dict[int, object] = field(default_factory=dict)
    _ends: tuple[socket.socket, socket.socket] = field(default_factory=socket.socketpair)

    def wait(self, timeout_s: float, channel: socket.socket | None = None) -> None:
        """Wait until a signal comes, something can be read from the channel, or the time is over."""
        with selectors.DefaultSelector() as selector:
            for readable in (self._ends[0], channel):
                if readable is not None:
                    selector.register(readable, selectors.EVENT_READ)
            ready = selector.select(max(0.0, timeout_s))
        if any(key.fileobj is self._ends[0] for key, _ in ready):
            self._ends[0].recv(4096)

    def __enter__(self) -> Self:
        for end in self._ends:
            end.setblocking(False)
        self._before = {
            number: signal.signal(number, self._came) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        signal.set_wakeup_fd(self._ends[1].fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(self, *exc_info: object) -> None:
        signal.set_wakeup_fd(-1)
        for number, handler in self._before.items():
            signal.signal(number, handler)  # type: ignore[arg-type]
        for end in self._ends:
            end.close()

    def _came(self, number: int, _: FrameType | None) -> None:
        if number == signal.SIGHUP:
            self.looks += 1
        else:
            self.stops.append(number)


def read_clocks() -> Clocks:
    """Both clocks, now."""
    return Clocks(datetime.now(UTC), time.monotonic())


@dataclass(slots=True)
class Daemon:
    """`cuttings run`. `run` returns when it was told to stop."""

    db: str
    feeds: Path
    listener: Listener
    service: Service = field(default_factory=Service)
    workers: int | None = None
    verbosity: int = 0
    crawl_s: float = CRAWL_S
    """After so long a crawl is replaced by the next."""
    _watch: FeedsWatch = field(init=False)
    _signals: Signals = field(default_factory=Signals, init=False)
    _last_look: Clocks = field(default_factory=read_clocks, init=False)
    _hurry: str | None = field(default=None, init=False)
    """Why the next crawl is to begin now."""
    _crawled: bool = field(default=False, init=False)

    def run(self) -> None:
        """Crawl what is due until told to stop.

        Raises `ConfigError` where feeds.yaml is invalid at the start, `CorpusBusy` where another process runs the
        corpus, `CrawlerError` where it cannot be crawled for a reason that lasts. `SystemExit` when it was told twice.
        """
        self._watch = FeedsWatch(self.feeds)
        postman = Postman(self.db, lambda: self._watch.config, self.listener)
        with claim(self.db, "run"), self._signals, postman:
            self._last_look = read_clocks()
            self.service.ready()
            history = History()
            while not self._signals.stops:
                if not self._await_corpus():
                    break
                if not self._crawled:
                    self.listener.note(self._beginning())
                result = self._crawl()
                history = history.after(result.ended)
                rest = history.rest(result.ended, read_clocks())
                if not self._signals.stops:
                    self.listener.crawled(result, rest)
                elif result.ended.worked:
                    self.listener.crawled(result, None)
                self._rest(rest)
            self.service.stopping()

    def _beginning(self) -> str:
        """Who starts it by hand sees that it works; the first line about a crawl may be an hour away."""
        sources = self._watch.config.sources
        if not sources:
            return f"{self.feeds} has no source yet: `cuttings add URL` adds one, and it is crawled at once"
        return f"crawling what is due of {len(sources):,} source{'' if len(sources) == 1 else 's'} in {self.feeds}"

    def _await_corpus(self) -> bool:
        """Wait until nobody writes the corpus; False when told to stop meanwhile."""
        told = False
        while not self._signals.stops:
            try:
                with claim(self.db, "write"):
                    return True
            except CorpusBusy as error:
                if not told:
                    self.listener.note(f"waiting, for {str(error).partition(';')[0]}")
                told = True
                self._tick(TICK_S)
            except StorageError:
                return True  # the crawl meets it too, and says so
        return False

    def _crawl(self) -> Result:
        """One crawl, from the start of its process to its end."""
        self._hurry = None
        bounds = Bounds(LINGER_S, self.crawl_s, CRAWL_BYTES)
        orders = Orders(self._watch.config, self.db, bounds, self.verbosity, self.workers)
        try:
            process = CrawlProcess(orders)
        except OSError as error:
            return Result("failed", message=f"no process for the crawl can be started ({error.strerror or error})")
        self.service.status("crawling")
        with process:
            result = self._oversee(process)
        if result.lasting and not self._crawled:
            raise CrawlerError(result.message or "the corpus cannot be crawled")
        self._crawled = True
        return result

    def _oversee(self, process: CrawlProcess) -> Result:
        """Let it crawl; see to it that it stops when it should, and that it ends."""
        deadline, stopped, killed = time.monotonic() + self.crawl_s + OVERDUE_S, False, None
        while (result := process.result()) is None:
            self._tick(TICK_S, process.channel)
            if len(self._signals.stops) > 1:
                raise SystemExit(128 + self._signals.stops[-1])  # leaving the context ends the crawl
            if (self._signals.stops or self._hurry) and not stopped:
                process.stop()
                deadline, stopped = time.monotonic() + STOP_S, True
                if self._signals.stops:
                    self.service.stopping()
                    self.listener.note("stopping within 45 s; a second signal or Ctrl-C stops it at once")
            if killed is None and time.monotonic() > deadline:
                killed = "did not end in time and was ended"
            elif killed is None and process.memory_bytes > OVERGROWN * CRAWL_BYTES:
                killed = f"had grown to {process.memory_bytes / 1e6:.0f} MB and was ended"
            else:
                continue
            process.kill()
        if result.how == "crashed" and stopped and killed is None:
            return Result("stopped")  # told to stop before it could do so in order
        if result.how == "crashed" and killed is not None:
            return Result("crashed", message=f"the crawl's process {process.pid} {killed}")
        return result

    def _rest(self, rest: Rest) -> None:
        began = now = read_clocks()
        while not self._signals.stops and self._hurry is None and not rest.over(began, now):
            self._tick(rest.wait_s(began, now))
            if self._signals.looks:
                self._hurry = "SIGHUP"
            now = read_clocks()
        self._signals.looks = 0

    def _tick(self, longest_s: float, channel: socket.socket | None = None) -> None:
        """Wait for whatever comes first, then look at feeds.yaml and at the clocks."""
        tick_s = min(longest_s, TICK_S, *([self.service.watchdog_s / 3] if self.service.watchdog_s else []))
        self._signals.wait(tick_s, channel)
        self.service.alive()
        found = self._watch.look()
        if isinstance(found, Exception):
            self.listener.trouble(f"{found}\nthe subscriptions stay as they were until the file is valid")
        elif found is not None:
            self._hurry = f"{self.feeds} changed"
            count = len(found.sources)
            self.listener.note(f"{self._hurry}: {count:,} source{'' if count == 1 else 's'}")
        before, self._last_look = self._last_look, read_clocks()
        if set_back(before, self._last_look):
            self._hurry = "the clock was set back"
            self.listener.note(self._hurry)
