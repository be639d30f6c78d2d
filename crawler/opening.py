"""Opening and closing a running crawl: what it is put together from, tied to Scrapy's own life cycle.

from_crawler   attach:  read feeds.yaml, tell Scrapy's settings what it says of the network
start          opened:  corpus (writing), sources, writer, box, desk
spider_closed  closed:  what is unfinished goes back, the index catches up, everything is released
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from weakref import WeakKeyDictionary

from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler import backfill, boxed, logs, polling, urls
from crawler.bounds import Bounds
from crawler.box import Box, Limits
from crawler.config import Config
from crawler.desk import Desk, Scope, utc_now
from crawler.filing import file_missed
from crawler.memory import CorpusMemory
from crawler.messages import (
    CutPage,
    FetchedArchive,
    FetchedFeed,
    FetchedPage,
    Missed,
    PolledFeed,
    Postponed,
    ReadArchive,
    Task,
)
from crawler.network import network_of
from crawler.subscriptions import load
from crawler.writer import Writer
from storage import (
    Corpus,
    DueArchive,
    DueFeed,
    DuePage,
    Ending,
    Filing,
    FilingRefused,
    Outcome,
    StorageError,
    open_corpus,
    open_watches,
)

logger = logging.getLogger(__name__)

Watch = Callable[[Desk], None]
"""Called now and then with the running crawl, to show how far it is."""

WATCH_S = 0.25

INDEX_S = 30.0
"""Between two times that the search index catches up in the middle of a crawl, where something is watched."""

INDEX_AT_ONCE = 100
"""Articles: about 0.1 s of the writer."""

NEXT_START_S = 1.0
"""No crawl that follows this one sends its first request sooner."""


@dataclass(slots=True)
class Crawl:
    """One running crawl, from the reading of feeds.yaml to its end."""

    config: Config
    scope: Scope
    watch: Watch | None
    bounds: Bounds
    desk: Desk | None = None
    loop: asyncio.AbstractEventLoop | None = None
    interrupted: bool = False
    watching: asyncio.Task[None] | None = None
    indexing: asyncio.Task[None] | None = None
    failure: StorageError | None = None
    """Why the corpus could not be opened."""

    def interrupt(self) -> None:
        """Stop as soon as it loses nothing; may be called from a signal handler, at any time of the crawl's life."""
        self.interrupted = True
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self.stop_if_interrupted)

    def stop_if_interrupted(self) -> None:
        """For the thread of the event loop."""
        if self.interrupted and self.desk is not None:
            self.desk.stop(INTERRUPTED)


INTERRUPTED = "interrupted; the next crawl goes on where this one stopped"

_crawls: WeakKeyDictionary[Crawler, Crawl] = WeakKeyDictionary()


def attach(crawler: Crawler, scope: Scope, watch: Watch | None = None) -> None:
    """Read feeds.yaml and prepare a Scrapy crawler for the crawl. Raises `ConfigError` where the file is invalid."""
    config = crawler.settings.get("CUTTINGS_CONFIG") or load(Path(crawler.settings["CUTTINGS_FEEDS"]))
    crawler.settings.set("CUTTINGS_ALLOW", list(config.allow), priority="spider")
    crawler.settings.set("CUTTINGS_CONTACT", config.contact, priority="spider")
    logs.install()
    _crawls[crawler] = Crawl(config, scope, watch, crawler.settings.get("CUTTINGS_BOUNDS") or Bounds())
    crawler.signals.connect(_closed, signal=signals.spider_closed)
    crawler.signals.connect(_page_broke, signal=signals.spider_error)
    crawler.signals.connect(_item_broke, signal=signals.item_error)


def crawl_of(crawler: Crawler) -> Crawl | None:
    """What is known of a crawl, also after its end."""
    return _crawls.get(crawler)


def desk_of(crawler: Crawler) -> Desk:
    """The desk of a crawl that is open. Raises `RuntimeError` before it is."""
    crawl = _crawls.get(crawler)
    if crawl is None or crawl.desk is None:
        raise RuntimeError("the crawl is not open")
    return crawl.desk


async def opened(crawler: Crawler) -> Desk:
    """Open the corpus, the box and the desk. Raises `CloseSpider` where the corpus cannot be written; the reason is
    logged and kept in `crawl_of(crawler).failure`."""
    crawl = _crawls[crawler]
    try:
        corpus = open_corpus(crawler.settings["CUTTINGS_DB"], write=True)
        corpus.subscribe([(c.source, urls.host(c.source.url)) for c in crawl.config.sources], utc_now())
        if crawl.scope.documents is not None:
            _begin_walk(corpus, crawl)
        with open_watches(crawler.settings["CUTTINGS_DB"]) as watches:  # new ones begin before what this crawl files
            watches.keep([one.watch for one in crawl.config.watches], utc_now())
    except StorageError as error:
        crawl.failure = error
        if crawler.settings.get("CUTTINGS_CONFIG") is None:  # else the command line says it, once
            logger.error("%s", error)
        raise CloseSpider("corpus_failed") from error
    writer = Writer(corpus)
    network = network_of(crawler)
    network.memory = CorpusMemory(writer)
    workers = crawler.settings.getint("CUTTINGS_WORKERS") or Limits().workers
    warm = boxed.warm if crawl.scope.pages else boxed.warm_for_polls
    box = await Box(Limits(workers=workers), warm=warm).__aenter__()
    desk = Desk(crawl.config, corpus, writer, box, network, crawl.scope, workers, bounds=crawl.bounds)
    desk.tally.waiting_before = corpus.totals().waiting
    crawl.desk, crawl.loop = desk, asyncio.get_running_loop()
    crawl.stop_if_interrupted()
    gc.collect()
    gc.freeze()  # what is here now stays: walking it again and again would stop the loop for 0.1 s every few seconds
    if crawl.config.watches:
        crawl.indexing = asyncio.get_running_loop().create_task(_keep_indexed(desk))
    if crawl.watch is not None:
        crawl.watching = asyncio.get_running_loop().create_task(_watch(crawl.watch, desk))
    return desk


def _begin_walk(corpus: Corpus, crawl: Crawl) -> None:
    """What this backfill has to read becomes due, each source within its own bounds."""
    scope = crawl.scope
    for source in crawl.config.sources:
        if source.source.name in (scope.sources or ()):
            bounds = backfill.bounds_of(source, scope.since, scope.until)
            corpus.begin_walk(source.source.name, bounds.since, bounds.until, utc_now(), again=scope.again)


async def _keep_indexed(desk: Desk) -> None:
    """Bring what is filed into the search index while the crawl goes on, so that watches find it within minutes; a
    crawl may take an hour. In small pieces, for the writer does nothing else meanwhile."""
    while True:
        await asyncio.sleep(INDEX_S)
        try:
            while await desk.writer.ask(lambda corpus: corpus.index(INDEX_AT_ONCE)):
                pass
        except StorageError as error:
            desk.fail(error)
            return


async def _watch(watch: Watch, desk: Desk) -> None:
    while True:
        watch(desk)
        await asyncio.sleep(WATCH_S)


async def _closed(spider: object, reason: str) -> None:
    crawl = _crawls[spider.crawler]  # type: ignore[attr-defined]
    desk = crawl.desk
    if crawl.watching is not None:
        crawl.watching.cancel()
    if crawl.indexing is not None:
        crawl.indexing.cancel()
    if desk is None:
        return
    if reason == "shutdown":
        desk.stop(INTERRUPTED)
    desk.close()
    await desk.box.close()
    try:
        if desk.failure is None:
            await desk.writer.file(lambda filing: _give_back_all(filing, desk.unfinished))
            await desk.network.remember_delays(NEXT_START_S)
        await desk.writer.close()
        if desk.failure is None:
            while desk.corpus.index() and not desk.stopping:
                await asyncio.sleep(0)  # an interruption may come in between
                crawl.stop_if_interrupted()
            desk.tally.waiting_after = desk.corpus.totals().waiting
            if desk.scope.documents is not None:
                desk.tally.archives_waiting = desk.corpus.open_archives(sources=desk.scope.sources or ())
    except StorageError as error:
        desk.fail(error)
    finally:
        desk.close()
        desk.corpus.close()
    if crawl.watch is not None:
        crawl.watch(desk)


def give_back(filing: Filing, task: Task, due: datetime) -> None:
    """Return a task that was not visited; it is due at `due`. A feed's time stands: the next crawl frees its lease."""
    if isinstance(task, DuePage):
        filing.release_page(task.id, due)
    elif isinstance(task, DueArchive):
        filing.release_archive(task.id, due)


def _give_back_all(filing: Filing, tasks: list[Task]) -> None:
    for task in tasks:
        give_back(filing, task, utc_now())


async def _page_broke(failure: Failure, response: Response | Failure, spider: object) -> None:
    meta = getattr(response, "meta", None) or response.request.meta  # type: ignore[union-attr]
    await _end_broken(spider.crawler, meta["task"], failure)  # type: ignore[attr-defined]


async def _item_broke(item: object, failure: Failure, spider: object, **_: object) -> None:
    task: Task | None = None
    if isinstance(item, FetchedPage | CutPage | Postponed):
        task = item.page
    elif isinstance(item, FetchedFeed | PolledFeed):
        task = item.feed
    elif isinstance(item, FetchedArchive | ReadArchive):
        task = item.archive
    elif isinstance(item, Missed):
        task = item.task
    if task is not None:
        await _end_broken(spider.crawler, task, failure)  # type: ignore[attr-defined]


async def _end_broken(crawler: Crawler, task: Task, failure: Failure) -> None:
    """A fault of ours: Scrapy has logged it; the page still ends with an outcome, and the crawl goes on."""
    desk = desk_of(crawler)
    if desk.failure is not None:
        return
    outcome = Outcome(Ending.FAILED, "internal_error", f"{type(failure.value).__name__}: {failure.value}")
    try:
        await _record_broken(desk, task, outcome)
    except FilingRefused as error:  # nothing can be recorded: its lease runs out by itself
        logger.error("filing_broke url=%s error=%s", task.url, error)
    except StorageError as error:
        desk.fail(error)
        return
    desk.ended(task)


async def _record_broken(desk: Desk, task: Task, outcome: Outcome) -> None:
    missed = Missed(task, outcome)
    if isinstance(task, DueFeed):
        poll = polling.poll_of(task, missed, desk.source(task.source), None, desk.clock(), polling.Asked())
        desk.tally.count_poll(task.url, poll, await desk.writer.file(lambda filing: filing.add_poll(poll)))
    elif isinstance(task, DueArchive):
        walked = backfill.broken(task, outcome, desk.clock())
        desk.tally.count_archive(task.url, walked, await desk.writer.file(lambda filing: filing.add_archive(walked)))
    else:
        recheck_s = desk.source(task.source).recheck_s
        desk.tally.count_outcome(
            await desk.writer.file(lambda filing: file_missed(filing, missed, desk.clock(), recheck_s))
        )
