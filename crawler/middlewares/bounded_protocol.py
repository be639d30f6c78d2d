"""HTTP/1.1 as Scrapy speaks it, with an end to the header section, a note of when a request was sent, and reading that
can be held back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure
from twisted.web.iweb import IResponse

from crawler.middlewares.intake import Intake

# Twice what browsers read; the largest header sections of real sites that we know of have some 30 KB.
HEAD_BYTES = 256 * 1024
LINE_BYTES = 64 * 1024


class HeaderFlood(Exception):
    """The header section does not end within HEAD_BYTES, or a line of it within LINE_BYTES."""


class _BoundedParser(_LenientHTTPClientParser):
    MAX_LENGTH = LINE_BYTES
    head_bytes: int

    def lineReceived(self, line: bytes) -> None:  # noqa: N802 - Twisted's name
        # Responses of the 1xx class, any number of which may come first, count too.
        self.head_bytes += len(line) + 1
        if self.head_bytes > HEAD_BYTES:
            raise HeaderFlood(f"header section of more than {HEAD_BYTES} bytes")
        super().lineReceived(line)

    def lineLengthExceeded(self, line: bytes) -> None:  # noqa: N802, ARG002 - Twisted's name
        raise HeaderFlood(f"header line of more than {LINE_BYTES} bytes")


class BoundedProtocol(_LenientHTTP11ClientProtocol):
    """One connection. `sent` is called with the absolute URL when a request is written."""

    sent: Callable[[str], None]
    intake: Intake

    def request(self, request: Any) -> Deferred[IResponse]:
        """Send a request."""
        uri = request.absoluteURI
        if uri is not None:
            self.sent(uri.decode("ascii", "replace"))
        answer = super().request(request)
        if self._parser is not None:
            # Twisted names the parser class in the middle of a method; Scrapy replaces it in this way too.
            self._parser.__class__ = _BoundedParser
            cast(_BoundedParser, self._parser).head_bytes = 0
        return answer

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 - Twisted's name
        """Read on, and account for it."""
        super().dataReceived(data)  # type: ignore[no-untyped-call]
        if self._parser is not None:
            self.intake.took(self, len(data))

    def hold(self) -> None:
        """Read no more for now."""
        if self.transport is not None:
            self.transport.pauseProducing()

    def go_on(self) -> None:
        """Read on."""
        if self.transport is not None:
            self.transport.resumeProducing()

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]  # noqa: N802 - Twisted's name
        """The connection is gone, and what it held with it."""
        self.intake.done(self)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802 - Twisted's name
        self.intake.done(self)
        super()._finishResponse(rest)


def factory_for(sent: Callable[[str], None], intake: Intake) -> type[_LenientHTTP11ClientFactory]:
    """Return the factory of connections that report to `sent` and `intake`, in the form that Twisted's pool takes."""

    class Factory(_LenientHTTP11ClientFactory):
        def buildProtocol(self, addr: Any) -> BoundedProtocol:  # noqa: N802, ARG002 - Twisted's name
            protocol = BoundedProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]
            protocol.sent = sent
            protocol.intake = intake
            return protocol

    return Factory
