"""Follows redirects, by status and by the Refresh header, each hop as a request of its own."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from crawler.network import FetchFailed, origin_of
from crawler.urls import host

# A page that moves on later than this is meant to be read first.
LONGEST_REFRESH_S = 5.0
_REFRESH = re.compile(rb"\s*(\d+(?:\.\d*)?)\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"'\s]+)", re.IGNORECASE)
_CREDENTIALS = ("Authorization", "Cookie")


class Redirect(RedirectMiddleware):
    """Downloader middleware. Raises FetchFailed (too_many_redirects, bad_url)."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler.settings)
        self.crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Redirect:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(  # type: ignore[override]
        self, request: Request, response: Response
    ) -> Request | Response:
        """Return the request that a redirect asks for, or the response."""
        try:
            if response.status in (200, 202) and "Refresh" in response.headers:
                return self._refreshed(request, response)
            return super().process_response(request, response)
        except IgnoreRequest as error:
            hops = request.meta.get("redirect_times", 0)
            raise FetchFailed(request.url, "too_many_redirects", f"still redirected after {hops}") from error
        except ValueError as error:
            detail = f"HTTP {response.status} to an address that nobody can fetch: {error}"
            raise FetchFailed(request.url, "bad_url", detail[:300]) from error

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002
        """No Referer is ever sent."""
        request.headers.pop("Referer", None)

    def _refreshed(self, request: Request, response: Response) -> Request | Response:
        match = _REFRESH.match(response.headers["Refresh"] or b"")
        if match is None or float(match[1]) > LONGEST_REFRESH_S:
            return response
        try:
            url = urljoin(response.url, match[2].decode("latin-1"))
        except ValueError:
            return response
        if not host(url) or url == request.url:
            return response
        redirected = self._build_redirect_request(request, response, url=url, method="GET", body="")
        return self._redirect(redirected, request, "refresh")

    def _redirect(self, redirected: Request, request: Request, reason: object) -> Request:
        if origin_of(redirected.url) != origin_of(request.url):
            for name in _CREDENTIALS:
                redirected.headers.pop(name, None)
        # The slot is the old host's; the gate goes by the new address alone.
        redirected.meta.pop("download_slot", None)
        return super()._redirect(redirected, request, reason)
