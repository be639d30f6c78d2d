"""Sends a request through the proxy that its source names, and never through one that the environment names."""

from __future__ import annotations

from scrapy.downloadermiddlewares.httpproxy import HttpProxyMiddleware


class ConfiguredProxy(HttpProxyMiddleware):
    """Downloader middleware. `request.meta["proxy"]`, with user and password if need be, is all that counts."""

    def __init__(self, auth_encoding: str | None = "utf-8") -> None:
        # Not calling super(), which would read http_proxy and its kin.
        self.auth_encoding = auth_encoding
        self.proxies = {}
