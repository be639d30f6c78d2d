"""A few addresses fetched now, in this process, by the same network layer as any crawl: robots.txt, delays and the rule
against private addresses hold here too."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Request
from scrapy.settings import Settings

from crawler.config import SourceConfig
from crawler.errors import CrawlerError
from crawler.network.errors import NotFetched
from crawler.network.failures import outcome_of, outcome_of_status
from storage import Outcome

T = TypeVar("T")

PERMANENT = frozenset({301, 308})
_BODY_START_BYTES = 8192


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document."""

    asked: str
    url: str
    """Where it was found in the end."""
    body: bytes
    content_type: str | None
    moved: bool = False
    """Whether every redirect on the way said that the move is for good (RFC 9110 section 15.4)."""


@dataclass(frozen=True, slots=True)
class Failed:
    """No document, and why: `outcome` as it would be recorded, `why` as a person is told."""

    asked: str
    outcome: Outcome
    why: str


Get = Callable[[str], Awaitable[Fetched | Failed]]
"""Fetches one address, once."""


def fetch(
    urls: Sequence[str], allow: Sequence[str], contact: str | None, *, delay_s: float | None = None
) -> list[Fetched | Failed]:
    """Fetch each address once, several hosts at a time; the results are in the order of the addresses.

    Needs a process that ran no crawl before: Twisted's reactor cannot be started twice.
    """

    async def all_of_them(get: Get) -> list[Fetched | Failed]:
        return list(await asyncio.gather(*map(get, urls)))

    return run(all_of_them, allow, contact, delay_s=delay_s)


def run(
    work: Callable[[Get], Awaitable[T]],
    allow: Sequence[str],
    contact: str | None,
    *,
    delay_s: float | None = None,
    proxy: str | None = None,
    source: SourceConfig | None = None,
) -> T:
    """Run `work` on the event loop of a crawl that fetches nothing but what `work` asks for; its result.

    `allow`, `contact`, `delay_s` and `proxy` are what feeds.yaml says of every source. What is fetched is asked for as
    `source` would, with its name, headers and cookies.

    Raises what `work` raises, and `CrawlerError` where no crawl could be started. As `fetch`, once a process.
    """
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    overrides: dict[str, Any] = {
        "CUTTINGS_ALLOW": list(allow),
        "CUTTINGS_CONTACT": contact,
        "ITEM_PIPELINES": {},
        "LOG_ENABLED": False,
        "LOG_INSTALL_ROOT_HANDLER": False,
    }
    if delay_s is not None:
        overrides["CUTTINGS_DELAY_S"] = delay_s
    for name, value in overrides.items():
        settings.set(name, value, priority="cmdline")
    logging.getLogger("scrapy").setLevel(logging.ERROR)
    process = AsyncCrawlerProcess(settings)
    errand: _Errand[T] = _Errand(work, proxy, source)
    process.crawl(_Errands, errand=errand)
    process.start()
    if errand.error is not None:
        raise errand.error
    if not errand.results:
        raise CrawlerError("interrupted, or the fetching could not start; feeds.yaml is as it was")
    return errand.results[0]


@dataclass(slots=True)
class _Errand(Generic[T]):
    """What is to be done, and what came of it."""

    work: Callable[[Get], Awaitable[T]]
    proxy: str | None = field(repr=False)
    source: SourceConfig | None = None
    error: Exception | None = None
    results: tuple[T, ...] = ()

    async def do(self, get: Get) -> None:
        try:
            self.results = (await self.work(get),)
        except Exception as error:  # handed to the caller of `run`, who is on the other side of the reactor
            self.error = error


class _Errands(scrapy.Spider):
    """Does one errand and is done."""

    name = "errands"
    errand: _Errand[Any]

    async def start(self) -> AsyncIterator[Any]:
        await self.errand.do(self._get)
        if False:  # Scrapy takes an asynchronous generator; this one has nothing to give
            yield

    def _request(self, url: str) -> Request:
        source = self.errand.source
        meta: dict[str, Any] = {"proxy": self.errand.proxy} if self.errand.proxy else {}
        if source is None:
            return Request(url, meta=meta, dont_filter=True)
        meta |= {"source_origin": source.source.url}
        meta |= {"source_headers": source.headers, "source_cookies": source.cookies}
        headers = {"User-Agent": source.user_agent} if source.user_agent else {}
        return Request(url, headers=headers, meta=meta, dont_filter=True)

    async def _get(self, url: str) -> Fetched | Failed:
        assert self.crawler.engine is not None
        request = self._request(url)
        try:
            response = await self.crawler.engine.download_async(request)
        except NotFetched as error:
            return Failed(url, error.outcome, _why(error))
        except (OSError, TimeoutError) as error:
            outcome = outcome_of(error)
            return Failed(url, outcome, f"{url}: {outcome.reason} ({outcome.detail})")
        headers = {
            name.decode("latin-1").lower(): values[0].decode("latin-1")
            for name, values in response.headers.items()
            if values
        }
        missed = outcome_of_status(response.status, headers, response.body[:_BODY_START_BYTES].decode("latin-1"))
        if missed is not None:
            return Failed(url, missed, f"{response.url}: {_said(response.status, missed)}")
        reasons = response.meta.get("redirect_reasons", [])
        return Fetched(
            asked=url,
            url=response.url,
            body=response.body,
            content_type=headers.get("content-type"),
            moved=bool(reasons) and all(reason in PERMANENT for reason in reasons),
        )


def _why(error: NotFetched) -> str:
    """What a person is told. A host that cannot be reached shows when its robots.txt is asked for, but is the news."""
    reason, detail = error.outcome.reason, error.outcome.detail
    if reason == "private_address":
        return f"{detail}; if that is meant, add its range to network.allow in feeds.yaml"
    if reason in ("dns", "connect", "tls"):
        return f"the host cannot be reached ({reason}: {detail})"
    return str(error)


def _said(status: int, outcome: Outcome) -> str:
    if outcome.reason == "challenge":
        return f"the server asks to prove that a person is reading (HTTP {status})"
    return f"the server answers HTTP {status}"
