"""The contenders of `crawl.py`, each run in a fresh process: pages in, one JSON line of figures out.

    python benchmarks/contenders.py ours|scrapy|extract|trafilatura ORDER

ORDER is the JSON of an `Order`. The clock starts when a contender has loaded its modules and stops when the last
article is committed; what ours loads into its workers is on the clock.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import pages
from serving import Sites

CONCURRENT_REQUESTS = 48
PER_HOST = 2
"""What the crawler allows itself at one host; plain Scrapy gets the same."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to crawl, and where to put it."""

    sites: Sites
    port: int
    db: str
    workers: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What one run came to."""

    seconds: float
    articles: int
    """Rows in the database at the end, or pages that gave an article."""
    ended: dict[str, int] = field(default_factory=dict)
    """Pages by the way they ended."""
    cpu_s: dict[str, float] = field(default_factory=dict)
    """CPU seconds by who used them."""
    peak_mib: float = 0.0
    rss_mib: list[float] = field(default_factory=list)
    """Resident memory of the crawling process, once a second."""


def ours(order: Order) -> Figures:
    """The project's own crawl, from feeds to filed articles."""
    from crawler import run
    from crawler.config import Config, SourceConfig
    from crawler.desk import Desk, Scope
    from storage import Source, open_corpus

    sources = tuple(
        SourceConfig(Source(f"Site {number}", "feed", url), delay_s=0.0)
        for number, url in enumerate(order.sites.feeds(order.port))
    )
    config = Config(Path("feeds.yaml"), "https://example.org/benchmark", ("127.0.0.0/8",), sources)
    threads: dict[str, float] = {}
    samples: list[float] = []
    last_s = 0.0

    def watch(_: Desk) -> None:
        nonlocal last_s
        threads.update(thread_cpu_s())
        if time.monotonic() - last_s >= 1.0:
            last_s = time.monotonic()
            samples.append(memory_mib("VmRSS"))

    before = used_cpu_s()
    began_s = time.perf_counter()
    report = run.crawl(config, order.db, Scope(force=True), watch=watch, workers=order.workers)
    seconds = time.perf_counter() - began_s
    cpu_s = {name: used - before[name] for name, used in used_cpu_s().items()}
    cpu_s |= {f"thread {name}": used for name, used in threads.items() if used >= 0.05}
    with open_corpus(order.db) as corpus:
        articles = corpus.totals().articles
    ended = {str(ending): count for ending, count in report.tally.outcomes.items()}
    ended |= {f"reason {reason}": count for reason, count in report.tally.reasons.items()}
    if not report.tally.adds_up:
        ended["counts do not add up"] = 1
    return Figures(seconds, articles, ended, cpu_s, memory_mib("VmHWM"), samples)


def scrapy(order: Order) -> Figures:
    """Plain Scrapy: trafilatura in `parse`, a row inserted at a time."""
    import feedparser
    import scrapy
    import trafilatura
    from scrapy.crawler import AsyncCrawlerProcess
    from sqlite_utils import Database

    db = Database(order.db)
    ended = {"no text": 0}

    class Plain(scrapy.Spider):
        name = "plain"

        async def start(self) -> Any:
            for url in order.sites.feeds(order.port):
                yield scrapy.Request(url, callback=self.parse_feed)

        def parse_feed(self, response: Any) -> Iterator[scrapy.Request]:
            for entry in feedparser.parse(response.body).entries:
                yield scrapy.Request(entry.link, callback=self.parse)

        def parse(self, response: Any, **_: Any) -> Iterator[dict[str, Any]]:
            document = trafilatura.bare_extraction(response.text, url=response.url, with_metadata=True)
            if document is None or isinstance(document, dict):
                ended["no text"] += 1
                return
            yield {
                "url": response.url,
                "title": document.title,
                "author": document.author,
                "date": document.date,
                "text": document.text,
            }

    class Insert:
        def process_item(self, item: dict[str, Any]) -> dict[str, Any]:
            db["articles"].insert(item, pk="url")  # type: ignore[union-attr]
            return item

    process = AsyncCrawlerProcess(
        {
            "ROBOTSTXT_OBEY": False,
            "DOWNLOAD_DELAY": 0,
            "CONCURRENT_REQUESTS": CONCURRENT_REQUESTS,
            "CONCURRENT_REQUESTS_PER_DOMAIN": PER_HOST,
            "ITEM_PIPELINES": {Insert: 100},
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "WARNING",
        }
    )
    before = used_cpu_s()
    began_s = time.perf_counter()
    process.crawl(Plain)
    process.start()
    seconds = time.perf_counter() - began_s
    cpu_s = {name: used - before[name] for name, used in used_cpu_s().items()}
    articles = sqlite3.connect(order.db).execute("SELECT count(*) FROM articles").fetchone()[0]
    return Figures(seconds, articles, ended, cpu_s, memory_mib("VmHWM"))


def extract(order: Order) -> Figures:
    """The limit: the project's extraction and nothing else, on every core, of pages that lie in memory."""
    return _in_pool(order, "ours")


def trafilatura(order: Order) -> Figures:
    """For comparison: trafilatura as plain Scrapy calls it, in the same way."""
    return _in_pool(order, "trafilatura")


def _in_pool(order: Order, what: str) -> Figures:
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(order.workers + 1)
    receiving, sending = context.Pipe(duplex=False)
    workers = [
        context.Process(target=_work, args=(what, order, number, barrier, sending)) for number in range(order.workers)
    ]
    for worker in workers:
        worker.start()
    barrier.wait()
    began_s = time.perf_counter()
    results = [receiving.recv() for _ in workers]
    seconds = time.perf_counter() - began_s
    for worker in workers:
        worker.join()
    return Figures(seconds, sum(r[0] for r in results), cpu_s={"workers": sum(r[1] for r in results)})


def _work(what: str, order: Order, part: int, barrier: Barrier, results: Any) -> None:
    """One worker: every so manieth page, made before the clock starts."""
    call = _extract_ours() if what == "ours" else _extract_plain()
    numbers = list(order.sites.numbers())[part :: order.workers]
    made = [pages.article(site, number, order.sites.page_bytes) for site, number in numbers]
    todo = [(m.page, order.sites.base(site, order.port) + m.path) for (site, _), m in zip(numbers, made, strict=True)]
    call(*todo[0])
    barrier.wait()
    began_s = time.process_time()
    articles = sum(call(page, url) for page, url in todo)
    results.send((articles, time.process_time() - began_s))


def _extract_ours() -> Callable[[bytes, str], bool]:
    from crawler.extract import extract
    from storage import Article

    return lambda page, url: isinstance(extract(page, url, content_type="text/html; charset=utf-8"), Article)


def _extract_plain() -> Callable[[bytes, str], bool]:
    from trafilatura import bare_extraction

    return lambda page, url: bare_extraction(page.decode(), url=url, with_metadata=True) is not None


def used_cpu_s() -> dict[str, float]:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return {"crawling": own.ru_utime + own.ru_stime, "workers": children.ru_utime + children.ru_stime}


def thread_cpu_s() -> dict[str, float]:
    used = {}
    for thread in threading.enumerate():
        stat = Path(f"/proc/self/task/{thread.native_id}/stat")
        if stat.exists():
            fields = stat.read_text().rpartition(")")[2].split()
            used[thread.name] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return used


def memory_mib(name: str) -> float:
    """VmRSS or VmHWM of this process; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


def main() -> None:
    """Run one contender."""
    given = json.loads(sys.argv[2])
    order = Order(**{**given, "sites": Sites(**given["sites"])})
    contender = {"ours": ours, "scrapy": scrapy, "extract": extract, "trafilatura": trafilatura}[sys.argv[1]]
    print(json.dumps(asdict(contender(order))))


if __name__ == "__main__":
    main()
