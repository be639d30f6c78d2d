"""Pauses the host that answers 429 or 503 with Retry-After."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.network import network_of, retry_after
from crawler.urls import host


class Pauses:
    """Downloader middleware. The response goes on; asking again is the frontier's business."""

    def __init__(self, crawler: Crawler) -> None:
        self._network = network_of(crawler)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Pauses:
        """Called by Scrapy."""
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        """Read Retry-After (RFC 9110 section 10.2.3)."""
        if response.status in (429, 503):
            value = (response.headers.get("Retry-After") or b"").decode("latin-1")
            wait = retry_after({"retry-after": value}, self._network.now())
            if wait is not None:
                await self._network.pause(host(request.url), wait)
        return response
