"""Conditional requests: validators go to the address that gave them, and to no other."""

from __future__ import annotations

from scrapy.http import Request

from storage import Validators


class ConditionalRequests:
    """Sends `meta["validators"]` with requests to `meta["validators_url"]`; a redirect elsewhere goes out without."""

    def process_request(self, request: Request) -> None:
        """Set or remove the two headers of RFC 9110 sections 13.1.2 and 13.1.3."""
        validators: Validators | None = request.meta.get("validators")
        if validators is None:
            return
        wanted = conditional_headers(validators) if request.url == request.meta.get("validators_url") else {}
        for name in ("If-None-Match", "If-Modified-Since"):
            if name in wanted:
                request.headers[name] = wanted[name]
            else:
                request.headers.pop(name, None)


def conditional_headers(validators: Validators) -> dict[str, bytes]:
    """The headers that revalidate, byte for byte what the server gave (kept as latin-1 text, one byte a character)."""
    headers = {}
    if validators.etag:
        headers["If-None-Match"] = validators.etag.encode("latin-1")
    if validators.last_modified:
        headers["If-Modified-Since"] = validators.last_modified.encode("latin-1")
    return headers
