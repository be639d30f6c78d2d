"""Lets no request pass that robots.txt forbids, and hands its Crawl-delay to the gate."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http.request import NO_CALLBACK

from crawler.network import (
    CrawlStopped,
    FetchFailed,
    HostPaused,
    NotFetched,
    RobotsForbidden,
    RobotsUnreachable,
    network_of,
    product_token,
)
from crawler.network.robots import RobotsAnswer, max_age_s
from crawler.network.rulebook import Standing, origin_of
from crawler.urls import host
from storage import Ending, Outcome

ROBOTS_META = "robots_txt"
# RFC 9309 section 2.3.1.2: at least five redirects are followed, and after five a crawler may take it as unavailable.
MOST_REDIRECTS = 5
UNAVAILABLE = 404
# With these not only robots.txt cannot be had but the host, and no page of it either.
_HOST_UNREACHABLE = ("bad_url", "dns", "connect", "tls", "private_address")
# What a request for robots.txt takes over from the page that needs it.
_INHERITED = ("delay_s", "proxy", "source_headers", "source_cookies", "source_origin")


class Robots:
    """Downloader middleware. Raises RobotsForbidden, RobotsUnreachable, and FetchFailed for what is no web address."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._network = network_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Robots:
        """Called by Scrapy."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Ask robots.txt, which may have to be fetched first."""
        key = host(request.url)
        if not key:
            raise FetchFailed(request.url, "bad_url", "not an http or https address with a host")
        if ROBOTS_META in request.meta:
            return
        standing = self._network.rulebook.known(request.url)
        if standing is None:
            standing = await self._network.rulebook.learn(request.url, lambda url: self._ask(url, request))
        self._enforce(standing, request, key)

    def _enforce(self, standing: Standing, request: Request, key: str) -> None:
        verdict = standing.verdict
        if verdict.access == "nothing":
            wait_s = max(0.0, (standing.until - self._network.now()).total_seconds())
            assert verdict.failure is not None
            raise RobotsUnreachable(request.url, verdict.failure, wait_s)
        if verdict.rules is None:
            self._network.gate.set_delay(key, 0.0)
            return
        header = request.headers.get("User-Agent")
        token = product_token(header.decode("latin-1") if header else self._network.user_agent)
        if not verdict.rules.allows(request.url, token):
            raise RobotsForbidden(request.url)
        self._network.gate.set_delay(key, verdict.rules.crawl_delay_s(token))

    async def _ask(self, url: str, asker: Request) -> RobotsAnswer:
        meta = {key: asker.meta[key] for key in _INHERITED if key in asker.meta}
        meta.setdefault("source_origin", asker.url)
        meta |= {ROBOTS_META: True, "redirect_ttl": MOST_REDIRECTS}
        request = Request(url, meta=meta, callback=NO_CALLBACK, dont_filter=True)
        agent = asker.headers.get("User-Agent")
        if agent:
            request.headers["User-Agent"] = agent
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except (HostPaused, CrawlStopped):
            raise  # nobody was asked
        except NotFetched as error:
            return _unanswered(url, error)
        cache_control = (response.headers.get("Cache-Control") or b"").decode("latin-1")
        return RobotsAnswer(response.status, response.body, max_age_s(cache_control))


def _unanswered(url: str, error: NotFetched) -> RobotsAnswer:
    outcome = error.outcome
    if outcome.reason == "too_many_redirects":
        return RobotsAnswer(status=UNAVAILABLE)
    if outcome.reason in _HOST_UNREACHABLE and origin_of(error.url) == origin_of(url):
        return RobotsAnswer(None, failure=outcome)
    detail = f"robots.txt: {outcome.reason}, {outcome.detail}"
    return RobotsAnswer(None, failure=Outcome(Ending.FAILED, "robots_unreachable", detail))
