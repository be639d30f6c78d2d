"""Says who we are and what we take, and gives a source's own headers to that source alone."""

from __future__ import annotations

from collections.abc import Mapping

from scrapy import Request
from scrapy.crawler import Crawler

from crawler.network import network_of, origin_of
from crawler.network.decoding import ACCEPTED

# Feeds come through the same door as pages, so both are named. Servers that negotiate give pages when in doubt.
ACCEPT = (
    "text/html,application/xhtml+xml,application/atom+xml,application/rss+xml,application/feed+json,"
    "application/xml;q=0.9,*/*;q=0.8"
)
# No language before the others: what a site publishes first is what it is read for.
ACCEPT_LANGUAGE = "*"


class Headers:
    """Downloader middleware. Headers that a request brings itself stay as they are."""

    def __init__(self, crawler: Crawler) -> None:
        self._defaults = {
            "User-Agent": network_of(crawler).user_agent,
            "Accept": ACCEPT,
            "Accept-Language": ACCEPT_LANGUAGE,
            "Accept-Encoding": ACCEPTED,
        }

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Headers:
        """Called by Scrapy."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Fill in what the request does not say itself."""
        _give_credentials(request)
        for name, value in self._defaults.items():
            request.headers.setdefault(name, value)


def _give_credentials(request: Request) -> None:
    meta = request.meta
    headers: Mapping[str, str] = meta.get("source_headers") or {}
    cookies: Mapping[str, str] = meta.get("source_cookies") or {}
    if not headers and not cookies:
        return
    home = meta.setdefault("source_origin", request.url)
    own = dict(headers)
    if cookies:
        own["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    at_home = origin_of(home) == origin_of(request.url)
    for name, value in own.items():
        if at_home:
            request.headers[name] = value
        else:
            # A redirect brings along what was set for the address before it.
            request.headers.pop(name, None)
