"""The item pipelines: bytes go through the box, and what comes out is filed. They hold no rules of their own."""

from __future__ import annotations

import functools
import logging
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import backfill, boxed, opening, polling, schedule, urls
from crawler.box import BoxError, Overrun
from crawler.desk import Desk
from crawler.entries import joined, other_key
from crawler.errors import CrawlerError
from crawler.feeds import FeedDocument, NotAFeed
from crawler.filing import file_cut, file_missed, teach
from crawler.front_page import FrontPage
from crawler.messages import (
    Answer,
    CutPage,
    FetchedArchive,
    FetchedFeed,
    FetchedPage,
    Missed,
    PolledFeed,
    Postponed,
    ReadArchive,
    Refresh,
    Unmodified,
)
from crawler.network.rulebook import origin_of
from storage import (
    DueArchive,
    DueFeed,
    DuePage,
    Ending,
    Entry,
    Filing,
    FilingRefused,
    Outcome,
    Poll,
    Polled,
    Rejected,
    StorageError,
    WalkedArchive,
)

logger = logging.getLogger(__name__)

REFRESHES = 3
"""Refreshes in a row that are followed; browsers stop at a handful, and articles need one."""


class _Pipeline:
    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> _Pipeline:
        return cls(crawler)

    @property
    def desk(self) -> Desk:
        return opening.desk_of(self.crawler)


class BoxPipeline(_Pipeline):
    """FetchedPage -> CutPage, FetchedFeed -> PolledFeed, FetchedArchive -> ReadArchive, by a worker of the box."""

    async def process_item(self, item: object) -> object:
        """Parse what was fetched; anything else passes unchanged."""
        try:
            if isinstance(item, FetchedPage):
                return await self._cut(item)
            if isinstance(item, FetchedFeed):
                return await self._read(item)
            if isinstance(item, FetchedArchive):
                return await self._read_archive(item)
        except BoxError as error:
            if self.desk.network.closing.is_cut:
                raise DropItem("the crawl was stopped") from error  # unfinished, it goes back when the crawl closes
            # No page's fault: the system gives no process, file or memory. What is in flight goes back.
            self.desk.fail(CrawlerError(f"{error}; give the crawl more memory or open files (ulimit), or close others"))
            raise DropItem(str(error)) from error
        return item

    async def _cut(self, fetched: FetchedPage) -> CutPage:
        page, answer, desk = fetched.page, fetched.answer, self.desk
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return CutPage(page, answer, Unmodified())
        source = desk.source(page.source)
        order = boxed.CutOrder(
            body=answer.body,
            url=answer.url,
            content_type=answer.content_type,
            refresh=answer.headers.get("refresh"),
            entry=await self._entry(page, answer.url),
            strip=source.strip,
            content=source.content if answer.status is not None else None,
            languages=source.languages,
            now=desk.clock(),
            memory=await desk.memories.of(answer.url) if answer.status is not None else None,
        )
        done = await desk.box.run(boxed.cut, order)
        result = done if isinstance(done, Overrun) else done.result
        if isinstance(result, Refresh) and fetched.refreshes < REFRESHES:
            desk.asked(page)
            assert self.crawler.engine is not None
            assert self.crawler.spider is not None
            self.crawler.engine.crawl(self.crawler.spider.request(page, result.url, fetched.refreshes + 1))  # type: ignore[attr-defined]
            raise DropItem(f"{answer.url} refreshes to {result.url}")
        if isinstance(result, Rejected) and result.ending is Ending.BLOCKED and answer.status is not None:
            missed = Missed(page, Outcome(result.ending, result.reason, result.detail), answer.status)
            instead = self.crawler.spider.instead(missed)  # type: ignore[union-attr]
            if isinstance(instead, FetchedPage):
                return await self._cut(instead)
        if isinstance(done, Overrun):
            return CutPage(page, answer, done)
        return CutPage(page, answer, result, done.lesson, done.note)

    async def _entry(self, page: DuePage, final_url: str) -> Entry | None:
        key = other_key(page, final_url)
        if key is None:
            return page.entry
        return joined(await self.desk.writer.ask(lambda corpus: corpus.entry_at(key)), page.entry)

    async def _read(self, fetched: FetchedFeed) -> PolledFeed:
        feed, answer, desk = fetched.feed, fetched.answer, self.desk
        if answer.status == 304:
            return PolledFeed(feed, answer, feed.body_hash, None, fetched.conditional)
        body_hash = polling.body_hash(answer.body)
        if body_hash == feed.body_hash:
            return PolledFeed(feed, answer, body_hash, None, fetched.conditional)
        if feed.kind == "site":
            return PolledFeed(feed, answer, body_hash, await self._read_site(feed, answer), fetched.conditional)
        document = await desk.box.run(
            boxed.read_feed, answer.body, answer.url, answer.content_type, feed.kind, desk.clock()
        )
        return PolledFeed(feed, answer, body_hash, document, fetched.conditional)

    async def _read_archive(self, fetched: FetchedArchive) -> ReadArchive:
        archive, answer, desk = fetched.archive, fetched.answer, self.desk
        document = await desk.box.run(
            boxed.read_feed, answer.body, answer.url, answer.content_type, archive.kind, desk.clock()
        )
        if archive.via not in ("feed", "link"):
            return ReadArchive(archive, answer, document)
        sites = {answer.url, archive.url}
        if isinstance(document, FeedDocument) and document.link and urls.normalize(document.link):
            sites.add(document.link)
        origins = sorted({origin_of(site) for site in sites})
        hosts = await desk.writer.ask(lambda corpus: [corpus.host(origin) for origin in origins])
        robots = tuple(host.robots_body for host in hosts if host is not None and host.robots_body)
        sitemaps = await desk.box.run(boxed.sitemaps_of, robots)
        return ReadArchive(archive, answer, document, sitemaps if isinstance(sitemaps, tuple) else ())

    async def _read_site(self, feed: DueFeed, answer: Answer) -> FeedDocument | NotAFeed | FrontPage | Overrun:
        """The links of a front page, judged by what the corpus knows of the site; its robots.txt was asked already."""
        desk, at = self.desk, answer.url
        memory = await desk.writer.ask(lambda corpus: corpus.link_memory(feed.source))
        host = await desk.writer.ask(lambda corpus: corpus.host(origin_of(at)))
        robots = host.robots_body if host is not None and host.robots_status == 200 else None
        return await desk.box.run(
            boxed.read_site, answer.body, at, answer.content_type, desk.clock(), memory.shapes, robots
        )


class FilingPipeline(_Pipeline):
    """CutPage, PolledFeed, ReadArchive and Missed -> the corpus; returns when that is durable."""

    async def process_item(self, item: object) -> object:
        """File the item and count it."""
        desk = self.desk
        try:
            if isinstance(item, CutPage):
                cut = item
                desk.tally.bytes_fetched += len(cut.answer.body)
                self._page_ended(cut.page, await self._file_cut(cut))
            elif isinstance(item, Missed) and await desk.is_offline(item):
                await self._put_off(item)
            elif isinstance(item, Missed) and isinstance(item.task, DuePage):
                missed, recheck_s = item, desk.source(item.task.source).recheck_s
                outcome = await desk.writer.file(lambda filing: file_missed(filing, missed, desk.clock(), recheck_s))
                self._page_ended(item.task, outcome)
            elif isinstance(item, Postponed):
                postponed, due = item, desk.clock() + timedelta(seconds=item.wait_s)
                await desk.writer.file(lambda filing: opening.give_back(filing, postponed.page, due))
                desk.ended(item.page)
            elif isinstance(item, ReadArchive):
                await self._file_archive(item.archive, item)
            elif isinstance(item, Missed) and isinstance(item.task, DueArchive):
                await self._file_archive(item.task, item)
            elif isinstance(item, PolledFeed | Missed):
                await self._file_poll(item)
        except FilingRefused:
            raise  # this one alone ends as a fault of ours
        except StorageError as error:
            desk.fail(error)
            raise DropItem(str(error)) from error
        return item

    async def _file_cut(self, cut: CutPage) -> Outcome:
        desk, now = self.desk, self.desk.clock()
        fetched = cut.answer.status is not None
        recheck_s = desk.source(cut.page.source).recheck_s if fetched else ()

        def file(filing: Filing) -> tuple[Outcome, bool]:
            outcome = file_cut(filing, cut, now, recheck_s)
            return outcome, teach(filing, cut, outcome, now)

        outcome, learned = await desk.writer.file(file)
        if learned:
            desk.memories.forget(cut.answer.url)
        return outcome

    async def _put_off(self, missed: Missed) -> None:
        """Our own network is down: a page or an archive was not visited, and a feed is asked again soon (P28)."""
        task, due = missed.task, self.desk.clock() + timedelta(seconds=schedule.OFFLINE_RETRY_S)
        if isinstance(task, DueFeed):
            await self._file_poll(replace(missed, outcome=polling.OFFLINE))
            return
        await self.desk.writer.file(lambda filing: opening.give_back(filing, task, due))
        self.desk.ended(task)

    def _page_ended(self, page: DuePage, outcome: Outcome) -> None:
        logger.info("page_ended outcome=%s source=%r url=%s", outcome, page.source, page.url)
        self.desk.tally.count_outcome(outcome)
        self.desk.ended(page)

    async def _file_poll(self, item: PolledFeed | Missed) -> None:
        desk = self.desk
        feed = item.feed if isinstance(item, PolledFeed) else item.task
        assert isinstance(feed, DueFeed)
        source, since, now = desk.source(feed.source), desk.scope.since, desk.clock()

        def file(filing: Filing) -> tuple[Poll, Polled]:
            asked = polling.Asked(
                lambda keys: filing.known_pages(feed.id, keys),
                lambda keys: filing.known_entries(feed.id, keys),
                lambda keys: filing.left(feed.id, keys),
                functools.cache(lambda: filing.link_memory(feed.source)),
            )
            poll = polling.poll_of(feed, item, source, since, now, asked)
            return poll, filing.add_poll(poll)

        poll, polled = await desk.writer.file(file)
        logger.info(
            "feed_polled status=%s reason=%s new_entries=%d source=%r url=%s next_poll=%s",
            *(poll.status, poll.reason, polled.new_entries, feed.source, feed.url, poll.next_poll),
        )
        desk.tally.count_poll(feed.url, poll, polled)
        desk.ended(feed)

    async def _file_archive(self, archive: DueArchive, item: ReadArchive | Missed) -> None:
        desk = self.desk
        source, now = desk.source(archive.source), desk.clock()
        if isinstance(item, Missed) and item.outcome.reason == "paused":  # nobody was asked
            due = now + timedelta(seconds=item.retry_after_s or 0.0)
            await desk.writer.file(lambda filing: opening.give_back(filing, archive, due))
            desk.ended(archive)
            return
        bounds = backfill.bounds_of(source, desk.scope.since, desk.scope.until)

        def file(filing: Filing) -> tuple[WalkedArchive, Polled]:
            known = backfill.Known(
                repeated=lambda contents: filing.is_repeated(archive.id, contents),
                room=max(0, backfill.MOST_KNOWN - filing.count_archives(archive.source)),
            )
            walked = backfill.walked(archive, item, source, bounds, known, now)
            return walked, filing.add_archive(walked)

        walked, polled = await desk.writer.file(file)
        logger.info(
            "archive_read status=%s reason=%s entries=%d new_pages=%d found=%d via=%s source=%r url=%s",
            *(walked.status, walked.outcome.reason if walked.outcome else None, walked.entries, polled.new_pages),
            *(len(walked.found), archive.via, archive.source, archive.url),
        )
        desk.tally.count_archive(archive.url, walked, polled)
        desk.ended(archive)
