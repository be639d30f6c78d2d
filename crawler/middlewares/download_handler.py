"""The one place through which every request goes out: it waits for its turn and dials vetted addresses only.

Feeds, pages, robots.txt and each hop of a redirect come through here, whoever issued them, so politeness and the
address check hold for all alike (docs/decisions/0005-politeness-in-the-handler.md).
"""

from __future__ import annotations

import asyncio
import resource
import socket
from typing import Any
from urllib.parse import urlsplit

from OpenSSL import SSL
from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, TunnelError
from scrapy.crawler import Crawler
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    ResponseDataLossError,
    UnsupportedURLSchemeError,
)
from scrapy.http import Response
from service_identity import VerificationError
from twisted.internet.error import ConnectError, ConnectionClosed, DNSLookupError
from twisted.web.client import ResponseFailed

from crawler.middlewares.bounded_protocol import HeaderFlood, factory_for
from crawler.middlewares.intake import Intake
from crawler.middlewares.resolver import Dial, VettingResolver, dialling
from crawler.network import FetchFailed, NotFetched, Passage, PrivateAddress, network_of
from crawler.network.addresses import is_localhost, literal
from crawler.urls import host

# Servers close idle connections after 5 s and more (Apache, node); closing before them loses no request to the race.
KEEP_ALIVE_S = 4.0
KEPT_PER_HOST = 2
# Running requests and kept connections of many hosts; the soft limit of most systems is 1024.
OPEN_FILES = 8192


class PoliteHandler(HTTP11DownloadHandler):
    """Scrapy download handler for http and https. Whatever it raises is a NotFetched."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        from twisted.internet import reactor

        _allow_open_files()
        self._network = network_of(crawler)
        self._timeout_s = crawler.settings.getfloat("DOWNLOAD_TIMEOUT")
        self._limit_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")
        self._pool.maxPersistentPerHost = KEPT_PER_HOST
        self._pool.cachedConnectionTimeout = KEEP_ALIVE_S  # type: ignore[assignment]
        # Twisted would send a request again at once when a kept connection breaks: outside the gate.
        self._pool.retryAutomatically = False
        intake = Intake(lambda: _held_bytes(crawler), reactor.callLater)  # type: ignore[arg-type]
        self._pool._factory = factory_for(lambda url: self._network.gate.sent(host(url)), intake)
        if not isinstance(reactor.nameResolver, VettingResolver):
            VettingResolver.from_crawler(crawler, reactor).install_on_reactor()

    async def download_request(self, request: Request) -> Response:
        """Fetch in the host's turn. Raises NotFetched."""
        key = host(request.url)
        if not key:
            raise FetchFailed(request.url, "bad_url", "not an http or https address with a host")
        passage = Passage(request.url)
        return await self._network.closing.run(passage, self._in_turn(request, key, passage))

    async def _in_turn(self, request: Request, key: str, passage: Passage) -> Response:
        await self._network.recall(key)
        async with self._network.gate.turn(key, request.meta.get("delay_s")):
            passage.sent = True
            return await self._fetch(request)

    async def _fetch(self, request: Request) -> Response:
        name = urlsplit(request.url).hostname or ""
        request.meta.setdefault("download_timeout", self._timeout_s)
        dial = Dial(self._network.allowance)
        if request.meta.get("proxy"):
            refused = self._network.refusal_of_literal(name)
            if refused is not None:
                raise PrivateAddress(request.url, refused)
            if request.url.startswith("https:"):
                request = await _with_proxy_address(request)
            dial.proxy = urlsplit(request.meta["proxy"]).hostname
        with dialling(dial):
            try:
                response = await super().download_request(request)
            except NotFetched:
                raise
            except Exception as error:
                if dial.refusal is not None and isinstance(error, CannotResolveHostError):
                    raise PrivateAddress(request.url, dial.refusal) from error
                raise FetchFailed(request.url, *_reason(error, self._limit_bytes)) from error
        if dial.own and dial.proxy is None and not is_localhost(name) and literal(name) is None:
            self._network.note_allowed(name)
        return response


async def _with_proxy_address(request: Request) -> Request:
    """Return the request with its proxy's address instead of its name.

    Twisted looks up the name of a tunnel's proxy from a timer, where it is forgotten who asks and what is allowed.
    """
    proxy = urlsplit(request.meta["proxy"])
    if proxy.hostname is None or literal(proxy.hostname) is not None:
        return request
    try:
        found = await asyncio.get_running_loop().getaddrinfo(proxy.hostname, proxy.port, family=socket.AF_INET)
    except OSError as error:
        raise FetchFailed(request.url, "dns", f"proxy {proxy.hostname}: {error}") from error
    port = f":{proxy.port}" if proxy.port else ""
    return request.replace(meta={**request.meta, "proxy": f"{proxy.scheme}://{found[0][4][0]}{port}"})


def _held_bytes(crawler: Crawler) -> int:
    """Bytes of the bodies that the spider, the box and the corpus are at."""
    slot = crawler.engine.scraper.slot if crawler.engine is not None else None
    return slot.active_size if slot is not None else 0


def _allow_open_files() -> None:
    """Raise this process's soft limit of open files as far as the hard limit lets it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


_CANCELLED = (DownloadCancelledError,)
_REASONS: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((HeaderFlood,), "header_flood"),
    ((SSL.Error, VerificationError), "tls"),
    ((CannotResolveHostError, DNSLookupError), "dns"),
    ((DownloadTimeoutError,), "timeout"),
    (_CANCELLED, "too_large"),  # a time-out looks the same to Twisted, but comes as the one above
    ((DownloadConnectionRefusedError, ConnectError, TunnelError, OSError), "connect"),
    ((ResponseDataLossError, ConnectionClosed), "dropped"),
    ((UnsupportedURLSchemeError, ValueError), "bad_url"),  # ValueError: a host name that none can have
)


def _reason(error: BaseException, limit_bytes: int) -> tuple[str, str]:
    """Return the token and the detail of what Scrapy and Twisted raise, by the innermost cause that has a name."""
    causes = list(_causes(error))
    if any(isinstance(cause, ResponseFailed) for cause in causes):
        # What broke is the answer: a ValueError is about a Content-Length, say, not about our address.
        causes = [cause for cause in causes if not isinstance(cause, ValueError)] or causes
    for kinds, token in _REASONS:
        for cause in causes:
            if isinstance(cause, kinds):
                if kinds == _CANCELLED:
                    return token, f"the body has more than {limit_bytes} bytes"
                return token, _in_words(cause, token)
    return "bad_answer", f"{type(causes[-1]).__name__}: {causes[-1]}"[:300]


# Twisted and Scrapy name the layers that an error came through, where people ask what happened.
_SAID_BETTER = (
    ("wrong version number", "the server does not speak TLS at that port: try http://"),
    ("connection was refused", "the connection was refused"),
    ("no route to host", "there is no route to the host"),
    ("network is unreachable", "the network cannot be reached"),
    ("dns lookup failed", "the host's name is not known"),
    ("took longer than", "no whole answer in time"),
    ("response data loss", "the connection broke before the end"),
    ("connection to the other side was lost", "the connection broke before the end"),
    ("connection was closed", "the connection was closed before the end"),
)


def _in_words(cause: BaseException, token: str) -> str:
    said = str(cause).strip()
    folded = said.lower()
    better = next((words for mark, words in _SAID_BETTER if mark in folded), None)
    return better or (said[:300] if said else f"{token}: {type(cause).__name__}")


def _causes(error: BaseException | None) -> list[Any]:
    """Return an error, what it was raised from, and what Twisted gathered inside of it, outermost first."""
    if error is None:
        return []
    inner: list[Any] = []
    if isinstance(error, ResponseFailed):
        for failure in error.reasons:
            inner += _causes(failure.value)
    return [error, *_causes(error.__cause__), *inner]
