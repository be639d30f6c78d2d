"""Unpacks compressed bodies within the limit that holds for bodies as such."""

from __future__ import annotations

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from crawler.network import FetchFailed
from crawler.network.decoding import BadEncoding, Bomb, decode, encodings


class Compression:
    """Downloader middleware. Raises FetchFailed (bomb, bad_encoding)."""

    def __init__(self, crawler: Crawler) -> None:
        self._limit_bytes = crawler.settings.getint("DOWNLOAD_MAXSIZE")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Compression:
        """Called by Scrapy."""
        return cls(crawler)

    def process_response(self, request: Request, response: Response) -> Response:
        """Return the response unpacked, without its Content-Encoding; `request.meta["wire"]` has it as it came where
        it is for the archive."""
        request.meta.pop("wire", None)  # of the answer that redirected here
        declared = response.headers.getlist("Content-Encoding")
        if not declared:
            return response
        applied = encodings([value.decode("latin-1") for value in declared])
        body = _unpacked(response.body, applied, self._limit_bytes)
        if isinstance(body, tuple):
            raise FetchFailed(request.url, *body)
        if request.meta.get("archive"):
            request.meta["wire"] = (response.headers.copy(), response.body)
        del response.headers["Content-Encoding"]
        kind = responsetypes.from_args(headers=response.headers, url=response.url, body=body)
        return response.replace(cls=kind, body=body)


def _unpacked(body: bytes, applied: list[str], limit_bytes: int) -> bytes | tuple[str, str]:
    """The body, or the reason and detail of why there is none: a value, because the traceback of an exception would
    keep all that was unpacked in memory until the failure is recorded."""
    try:
        return decode(body, applied, limit_bytes)
    except Bomb as error:
        return "bomb", str(error)
    except BadEncoding as error:
        return "bad_encoding", str(error)
