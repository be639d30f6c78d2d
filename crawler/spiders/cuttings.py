"""The spiders: thin adapters between the desk's leased work and Scrapy's requests and responses."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from http.client import responses
from typing import Any, ClassVar

import scrapy
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from crawler import opening, revalidation, urls
from crawler.backfill import MOST_DOCUMENTS
from crawler.config import SourceConfig
from crawler.desk import Desk, Scope, utc_now
from crawler.messages import Answer, FetchedArchive, FetchedFeed, FetchedPage, Missed, Postponed, Task
from crawler.network.errors import CrawlStopped, HostPaused, NotFetched
from crawler.network.failures import outcome_of, outcome_of_status, retry_after
from storage import DueArchive, DueFeed, DuePage, Ending, Outcome, RawAnswer

FEED_TYPES = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.7"


class CuttingsSpider(scrapy.Spider):
    """Polls what is due and fetches the pages that polls named.

    `scrapy crawl cuttings -a source=NAME -a limit=N -a since=YYYY-MM-DD -a all=1`
    """

    name = "cuttings"
    does: ClassVar[dict[str, bool]] = {"polls": True, "pages": True}

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name)
        self.watch: opening.Watch | None = arguments.get("watch")
        self.scope: Scope = arguments.get("scope") or scope_of(arguments, **self.does)

    @property
    def desk(self) -> Desk:
        """The running crawl's desk."""
        return opening.desk_of(self.crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> CuttingsSpider:
        """Scrapy's constructor; hands the crawl's opening and closing to `crawler.opening`."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        opening.attach(crawler, spider.scope, spider.watch)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """One request for each feed and page that the desk gives out."""
        desk = await opening.opened(self.crawler)
        async for task in desk.work():
            if isinstance(task, DuePage) and _feed_has_text(task, desk.source(task.source)):
                desk.answered(task)
                yield FetchedPage(task, answer_of_entry(task))
            else:
                yield self.request(task)
        if desk.failure is not None:
            raise CloseSpider("corpus_failed")

    def request(self, task: Task, url: str | None = None, refreshes: int = 0) -> Request:
        """The request for a leased task; `url` where the page refreshed to another address."""
        source = self.desk.source(task.source)
        meta: dict[str, Any] = {
            "task": task,
            "refreshes": refreshes,
            "source_origin": source.source.url,
            "source_headers": source.headers,
            "source_cookies": source.cookies,
        }
        if source.delay_s is not None:
            meta["delay_s"] = source.delay_s
        if source.proxy:
            meta["proxy"] = source.proxy
        headers = {"User-Agent": source.user_agent} if source.user_agent else {}
        if not isinstance(task, DuePage):
            headers["Accept"] = FEED_TYPES
        elif source.archive:
            meta["archive"] = True
        if not isinstance(task, DueArchive) and task.validators is not None and self._revalidates(task):
            meta["validators"], meta["validators_url"] = task.validators, task.validators_url
        return Request(
            url or task.url,
            callback=self.parse,
            errback=self.missed,
            headers=headers,
            meta=meta,
            dont_filter=True,
        )

    def _revalidates(self, task: DueFeed | DuePage) -> bool:
        """Whether an answer without a document would do: one that is there already is as good."""
        if isinstance(task, DuePage):
            return task.article_id is not None
        return not revalidation.asks_whole(task, self.desk.clock())

    def parse(self, response: Response, **_: Any) -> Any:
        """A response of any status becomes bytes for the box, or a miss."""
        assert response.request is not None
        task: Task = response.meta["task"]
        answer = answer_of(response)
        self.desk.answered(task)
        self.desk.network.outage.answered(urls.host(response.url))
        outcome = outcome_of_status(response.status, answer.headers, _start(answer.body))
        if answer.status == 304 and not _is_conditional(response.request):
            outcome = Outcome(Ending.FAILED, "http_304", "not modified, though we have no earlier answer")
        if outcome is not None:
            wait = retry_after(answer.headers, self.desk.clock())
            wait_s = wait.total_seconds() if wait else None
            missed = Missed(task, outcome, response.status, wait_s, response.url)
            yield self.instead(missed) if isinstance(task, DuePage) else missed
        elif isinstance(task, DueFeed):
            yield FetchedFeed(task, answer, _is_conditional(response.request))
        elif isinstance(task, DueArchive):
            yield FetchedArchive(task, answer)
        else:
            yield FetchedPage(task, answer, response.meta["refreshes"])

    def missed(self, failure: Failure) -> Any:
        """No response: the failure becomes an outcome."""
        request: Request = failure.request  # type: ignore[attr-defined]
        task: Task = request.meta["task"]
        self.desk.answered(task)
        error = failure.value
        assert error is not None
        # The traceback holds the body, which would stay until the miss is filed.
        failure.cleanFailure()  # type: ignore[no-untyped-call]
        if isinstance(error, CrawlStopped):
            return  # it is left unfinished, and goes back when the crawl closes
        wait_s = error.retry_after_s if isinstance(error, NotFetched) else None
        if isinstance(error, HostPaused) and isinstance(task, DuePage):
            yield Postponed(task, wait_s or 0.0)
            return
        missed = Missed(task, outcome_of(error), None, wait_s, request.url)
        yield self.instead(missed) if isinstance(task, DuePage) else missed

    def instead(self, missed: Missed) -> Missed | FetchedPage:
        """Where the page is closed to us but the feed carried the whole text, the feed's text is the page."""
        page = missed.task
        assert isinstance(page, DuePage)
        source = self.desk.source(page.source)
        closed = missed.outcome.ending == "blocked" or missed.http_status in (401, 403, 451)
        if closed and source.full_text == "auto" and _long_enough(page):
            return FetchedPage(page, answer_of_entry(page))
        return missed


class PollsSpider(CuttingsSpider):
    """Polls what is due and fetches no page."""

    name = "polls"
    does: ClassVar[dict[str, bool]] = {"polls": True, "pages": False}


class PagesSpider(CuttingsSpider):
    """Fetches the pages that wait and polls nothing."""

    name = "pages"
    does: ClassVar[dict[str, bool]] = {"polls": False, "pages": True}


class BackfillSpider(CuttingsSpider):
    """Walks the archives of sources and fetches the pages that they name.

    `scrapy crawl backfill -a source=NAME -a since=YYYY-MM-DD -a until=YYYY-MM-DD -a limit=N -a documents=N -a again=1`
    """

    name = "backfill"

    def __init__(self, name: str | None = None, **arguments: Any) -> None:
        super().__init__(name, **{"scope": arguments.get("scope") or walk_of(arguments), **arguments})


def walk_of(arguments: dict[str, Any]) -> Scope:
    """What `-a` arguments ask of a backfill. Raises `ValueError` naming what is missing or cannot be read."""
    scope = scope_of(arguments, polls=False, pages=True)
    if scope.sources is None:
        raise ValueError("a backfill needs its sources: -a source=NAME")
    until, documents = arguments.get("until"), arguments.get("documents")
    return replace(
        scope,
        until=date.fromisoformat(until) if until else None,
        documents=int(documents) if documents else MOST_DOCUMENTS,
        again=str(arguments.get("again", "")).lower() in ("1", "true", "yes"),
    )


def scope_of(arguments: dict[str, Any], *, polls: bool, pages: bool) -> Scope:
    """What `-a` arguments ask for. Raises `ValueError` naming the argument that cannot be read."""
    source, limit, since = arguments.get("source"), arguments.get("limit"), arguments.get("since")
    return Scope(
        sources=tuple(source.split(",")) if source else None,
        force=str(arguments.get("all", "")).lower() in ("1", "true", "yes"),
        limit=int(limit) if limit else None,
        since=date.fromisoformat(since) if since else None,
        polls=polls,
        pages=pages,
    )


def answer_of(response: Response) -> Answer:
    """A response as plain values; headers keep their bytes one to one (latin-1), as validators must."""
    headers = {
        name.decode("latin-1").lower(): values[0].decode("latin-1")
        for name, values in response.headers.items()
        if values
    }
    reasons = response.meta.get("redirect_reasons", [])
    hops = response.meta.get("redirect_urls", [])
    redirects = tuple((r if isinstance(r, int) else 302, url) for r, url in zip(reasons, hops, strict=True))
    if response.meta["refreshes"] and not redirects:
        redirects = ((302, response.meta["task"].url),)
    return Answer(
        url=response.url,
        status=response.status,
        body=response.body,
        content_type=headers.get("content-type"),
        headers=headers,
        redirects=redirects,
        raw=raw_of(response) if response.meta.get("archive") else None,
    )


def raw_of(response: Response) -> RawAnswer:
    """A response as it came over the wire, without what the connection alone was about."""
    headers, body = response.meta.get("wire") or (response.headers, response.body)
    return RawAnswer(
        url=response.url,
        at=utc_now(),
        status=response.status,
        headers=tuple(
            (name.decode("latin-1"), value.decode("latin-1")) for name, values in headers.items() for value in values
        ),
        body=body,
        reason=responses.get(response.status, ""),
        version=response.protocol or "HTTP/1.1",
        address=str(response.ip_address) if response.ip_address else None,
    )


def _is_conditional(request: Request) -> bool:
    """Whether "not modified" is an answer to it: servers that say so to everyone would seem healthy for ever (P13)."""
    return "If-None-Match" in request.headers or "If-Modified-Since" in request.headers


def answer_of_entry(page: DuePage) -> Answer:
    """The text that the feed carried, as if it were the page."""
    assert page.entry is not None
    assert page.entry.content is not None
    body = f"<!DOCTYPE html><meta charset=utf-8><body><article>{page.entry.content}</article></body>"
    return Answer(url=page.url, status=None, body=body.encode(), content_type="text/html; charset=utf-8")


def _start(body: bytes) -> str:
    """The first 8 KiB as text, where browser checks say what they are; one character a byte: only ASCII counts."""
    return body[:8192].decode("latin-1")


def _feed_has_text(page: DuePage, source: SourceConfig) -> bool:
    return source.full_text == "feed" and page.entry is not None and bool(page.entry.content)


FULL_TEXT_CHARS = 1500
"""An entry's HTML shorter than this is taken for a teaser: about 200 words."""


def _long_enough(page: DuePage) -> bool:
    return page.entry is not None and len(page.entry.content or "") >= FULL_TEXT_CHARS
