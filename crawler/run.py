"""One whole crawl, in this process.

feeds.yaml -> Config                                     subscriptions.load
Config -> corpus: sources                                 opening.opened
while anything is due:                                    desk.work
    lease feeds  -> request -> bytes -> [box: read] -> Poll: entries, new pages     polling, Filing.add_poll
    lease pages  -> request -> bytes -> [box: cut]  -> Article or reason            boxed.cut
        identify -> stored, revised, unchanged, same_article                        filing.file_cut
        commit in groups                                                            writer
    of a backfill also: lease archives -> ... -> WalkedArchive: pages, further archives  backfill, Filing.add_archive
index what was stored, count, close                       opening closed
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING

from crawler.bounds import STOP_S, Bounds
from crawler.config import Config
from crawler.desk import Desk, Scope
from crawler.errors import CrawlerError
from crawler.opening import Watch, crawl_of
from crawler.tally import Tally

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import Settings


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a crawl."""

    tally: Tally
    elapsed_s: float
    stopped: str | None
    """Why it ended before everything was done; None when nothing was due any more."""
    next_due: datetime | None = None
    """When there is something to do again, so far as is known; None also after a crawl that was stopped."""


def crawl(
    config: Config,
    db: str,
    scope: Scope,
    *,
    watch: Watch | None = None,
    verbosity: int = 0,
    workers: int | None = None,
    bounds: Bounds | None = None,
    at_once: Callable[[], None] | None = None,
) -> Report:
    """Poll what is due, fetch, cut and file, once. Needs a process that ran no crawl before: Twisted's reactor cannot
    be started twice.

    SIGINT and SIGTERM stop it within 45 s with nothing lost (C15). A second one ends the process at once, after
    `at_once` was called; without `at_once`, further ones change nothing.

    Raises `StorageError` where the corpus could not be opened or could take no more, `CrawlerError` where the crawl
    broke for another reason. What was committed stays committed.
    """
    from scrapy.crawler import AsyncCrawlerProcess

    settings = _settings(config, db, workers, bounds)
    _log_to_stderr(verbosity)
    process = AsyncCrawlerProcess(settings)
    crawler = process.create_crawler("cuttings" if scope.documents is None else "backfill")
    began = time.monotonic()
    process.crawl(crawler, scope=scope, watch=watch)
    with _interrupted_by_signals(lambda: _interrupt(crawler), at_once):
        process.start(install_signal_handlers=False)
    crawl = crawl_of(crawler)
    desk: Desk | None = crawl.desk if crawl else None
    failure = crawl.failure if crawl else None
    if failure is not None:
        raise failure
    if desk is None:
        raise CrawlerError("the crawl did not start; run it with -v to see why")
    if desk.failure is not None:
        raise desk.failure
    return Report(desk.tally, time.monotonic() - began, desk.stopping, desk.next_due)


def _settings(config: Config, db: str, workers: int | None, bounds: Bounds | None) -> Settings:
    from scrapy.settings import Settings

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.set("CUTTINGS_CONFIG", config, priority="cmdline")
    settings.set("CUTTINGS_DB", db, priority="cmdline")
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="cmdline")  # the command line has its own, below
    settings.set("CUTTINGS_BOUNDS", bounds, priority="cmdline")
    if workers:
        settings.set("CUTTINGS_WORKERS", workers, priority="cmdline")
    return settings


def _interrupt(crawler: Crawler) -> None:
    crawl = crawl_of(crawler)
    if crawl is not None:
        crawl.interrupt()


@contextmanager
def _interrupted_by_signals(stop: Callable[[], None], at_once: Callable[[], None] | None) -> Iterator[None]:
    """Scrapy's own handlers would let what is in flight take its time, minutes for a page that waits for robots.txt."""
    came: list[int] = []

    def handle(number: int, _: FrameType | None) -> None:
        came.append(number)
        if len(came) == 1:
            stop()
            late.start()
        elif at_once is not None:
            end(number)

    def end(number: int) -> None:
        if at_once is not None:
            at_once()
            os._exit(128 + number)  # threads that wait for a name server would hold up any other end

    late = threading.Timer(STOP_S, lambda: end(came[0]))
    late.daemon = True

    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        late.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def _log_to_stderr(verbosity: int) -> None:
    """Warnings by default, one line for each event with -v, everything with -vv."""
    levels = {0: logging.ERROR, 1: logging.INFO}
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(levels.get(verbosity, logging.DEBUG))  # Scrapy gives its own loggers the level DEBUG
    if verbosity < 2:  # -v tells of feeds and pages; how Scrapy was set up is for those who look for faults
        handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name.startswith("crawler"))
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=levels.get(verbosity, logging.DEBUG), handlers=[handler], force=True)
