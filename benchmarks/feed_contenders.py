"""The contenders of `feeds.py`, each run in a fresh process: feeds in, one JSON line of figures out.

    python benchmarks/feed_contenders.py ours|reader ORDER

ORDER is the JSON of an `Order`. The clock starts when a contender has loaded its modules and knows its feeds, and stops
when the last poll is committed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from contenders import memory_mib, thread_cpu_s, used_cpu_s
from feed_serving import Feeds

TICK_S = 0.01
READER_PAUSE_S = 0.05
CONTACT = "https://example.org/benchmark"


@dataclass(frozen=True, slots=True)
class Order:
    """What to poll, and where to put it."""

    feeds: Feeds
    port: int
    db: str
    workers: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What one update of all feeds came to."""

    seconds: float
    feeds: int
    """Feeds whose last poll went well."""
    entries: int
    """Entries stored in all."""
    cpu_s: dict[str, float] = field(default_factory=dict)
    """CPU seconds by who used them."""
    peak_mib: float = 0.0
    """Of the process that polls; of all its processes: `feeds.py` watches from outside."""
    rss_mib: list[float] = field(default_factory=list)
    """Resident memory of the polling process, once a second."""
    loop_wait_s: float = 0.0
    """The longest that the event loop was late."""
    file_wait_s: float = 0.0
    """The longest that a filing waited to be durable, among those of the watch: one after the other."""
    written: dict[str, float] = field(default_factory=dict)
    """`commits`, `rows` changed, bytes that went to the disk."""


class _Watch:
    """Looks at a running crawl from inside: how late its loop is, how long a filing takes, what it has written."""

    def __init__(self) -> None:
        self.samples: list[float] = []
        self.threads: dict[str, float] = {}
        self.loop_wait_s = self.file_wait_s = 0.0
        self.commits = self.leases = self.rows = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._last_s = 0.0

    def __call__(self, desk: Any) -> None:
        if not self._tasks:
            self._count(desk.corpus)
            self._tasks = [asyncio.get_running_loop().create_task(each) for each in (self._tick(), self._file(desk))]
        self.threads.update(thread_cpu_s())
        with contextlib.suppress(sqlite3.ProgrammingError):  # the last look comes when it is closed
            self.rows = desk.corpus.connection.total_changes
        if time.monotonic() - self._last_s >= 1.0:
            self._last_s = time.monotonic()
            self.samples.append(memory_mib("VmRSS"))

    def _count(self, corpus: Any) -> None:
        filing, lease_feeds = corpus.filing, corpus.lease_feeds

        def counted_filing() -> Any:
            self.commits += 1
            return filing()

        def counted_lease(*arguments: Any, **options: Any) -> Any:
            self.leases += 1
            return lease_feeds(*arguments, **options)

        corpus.filing, corpus.lease_feeds = counted_filing, counted_lease

    async def _tick(self) -> None:
        while True:
            began_s = time.monotonic()
            await asyncio.sleep(TICK_S)
            self.loop_wait_s = max(self.loop_wait_s, time.monotonic() - began_s - TICK_S)

    async def _file(self, desk: Any) -> None:
        while True:
            began_s = time.monotonic()
            await desk.writer.file(lambda _: None)
            self.file_wait_s = max(self.file_wait_s, time.monotonic() - began_s)
            await asyncio.sleep(1.0)


def ours(order: Order) -> Figures:
    """The project's own crawl, as far as polls go: robots.txt heeded, entries and the pages they name filed."""
    from crawler import run
    from crawler.config import Config, SourceConfig
    from crawler.desk import Scope
    from storage import Source, open_corpus

    urls = order.feeds.urls(order.port)
    sources = tuple(SourceConfig(Source(f"Feed {number}", "feed", url), delay_s=0.0) for number, url in enumerate(urls))
    config = Config(Path("feeds.yaml"), CONTACT, ("127.0.0.0/8",), sources)
    watch = _Watch()
    before, disk_before, began_s = used_cpu_s(), _disk_bytes(), time.perf_counter()
    run.crawl(config, order.db, Scope(force=True, pages=False), watch=watch, workers=order.workers)
    seconds = time.perf_counter() - began_s
    used = {name: total - before[name] for name, total in used_cpu_s().items()}
    used |= {f"thread {name}": total for name, total in watch.threads.items() if total >= 0.05}
    with open_corpus(order.db) as corpus:
        done = sum(
            feed.failures == 0 and feed.last_success is not None for source in corpus.status() for feed in source.feeds
        )
    return Figures(
        seconds,
        done,
        _count(order.db, "entries"),
        used,
        memory_mib("VmHWM"),
        watch.samples,
        watch.loop_wait_s,
        watch.file_wait_s,
        {"commits": watch.commits, "leases": watch.leases, "rows": watch.rows, "bytes": _disk_bytes() - disk_before},
    )


def reader(order: Order) -> Figures:
    """lemon24/reader by its Python API."""
    from reader import make_reader

    store = make_reader(order.db)
    for url in order.feeds.urls(order.port):
        store.add_feed(url, exist_ok=True)
    before, disk_before, began_s = used_cpu_s(), _disk_bytes(), time.perf_counter()
    store.update_feeds(scheduled=False, workers=order.workers)
    seconds = time.perf_counter() - began_s
    used = {name: total - before[name] for name, total in used_cpu_s().items()}
    done = sum(feed.last_exception is None and feed.last_updated is not None for feed in store.get_feeds())
    written = {"bytes": _disk_bytes() - disk_before}
    entries = store.get_entry_counts().total
    return Figures(seconds, done, entries, used, memory_mib("VmHWM"), written=written)


def query(order: Order) -> None:
    """Read the corpus of a running crawl until standard input ends; print the longest that an answer took."""
    from storage import StorageError, open_corpus

    asking = subprocess.Popen(["cat"], stdin=0, stdout=subprocess.DEVNULL)
    longest_s, asked, failed = 0.0, 0, 0
    while asking.poll() is None:
        began_s = time.perf_counter()
        try:
            with open_corpus(order.db) as corpus:
                corpus.next_due()
                corpus.search("", limit=1)
                corpus.host("127.0.1.1")
        except StorageError:
            failed += asked > 0  # before, the crawl is about to create it
        else:
            asked += 1
            longest_s = max(longest_s, time.perf_counter() - began_s)
        time.sleep(READER_PAUSE_S)
    print(json.dumps({"queries": asked, "failed": failed, "longest_s": longest_s}))


def _count(db: str, table: str) -> int:
    connection = sqlite3.connect(db)
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    connection.close()
    return int(count)


def _disk_bytes() -> int:
    io = Path("/proc/self/io")
    lines = io.read_text().splitlines() if io.exists() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("write_bytes")), 0)


def main() -> None:
    """Run one contender."""
    given = json.loads(sys.argv[2])
    order = Order(**{**given, "feeds": Feeds(**given["feeds"])})
    if sys.argv[1] == "query":
        query(order)
    else:
        print(json.dumps(asdict({"ours": ours, "reader": reader}[sys.argv[1]](order))))


if __name__ == "__main__":
    main()
