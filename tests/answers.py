"""What the local web server is asked and can answer honestly; `misbehaviour` has the other answers."""

from __future__ import annotations

import gzip
import sys
import zlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Protocol, TypeAlias

import brotli  # type: ignore[import-untyped]
from bombs import Encoding

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

HTML = "text/html; charset=utf-8"
Headers: TypeAlias = Sequence[tuple[str, str]]


@dataclass(slots=True, eq=False)
class Seen:
    """One request as it came in, and how its answer ended. Times are `time.monotonic()` seconds."""

    time_monotonic: float
    host: str
    """Lower case, without the port: from the Host header, or the address that was dialled when there is none."""
    method: str
    target: str
    """The request target exactly as it was sent."""
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    """In the order and the letter case of the wire."""
    body: bytes
    client: tuple[str, int]
    server: tuple[str, int]
    ended_monotonic: float | None = None
    sent_bytes: int = 0
    """Handed to the connection so far, head included: what the client read is less by the buffers between."""
    completed: bool = False
    """The answer was written to its end: False while it runs, and when the client left before."""

    def header(self, name: str) -> str | None:
        """Return the value of the first header of that name in any letter case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def header_values(self, name: str) -> list[str]:
        """Return the values of all headers of that name in any letter case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]


class Wire(Protocol):
    """The connection as a misbehaving answer sees it. Every wait is broken off when client or server leaves."""

    async def send(self, data: bytes) -> None:
        """Write bytes as they are, and wait for room."""

    async def respond(self, response: Response, *, head_only: bool = False) -> None:
        """Write a well-formed response."""

    def close(self) -> None:
        """End the connection in order once the answer is through."""

    def reset(self) -> None:
        """End the connection with a TCP reset once the answer is through; unsent bytes are lost."""


@dataclass(frozen=True, slots=True)
class Response:
    """A response as it should be: Content-Type and Content-Length are added unless `headers` name them."""

    body: bytes | str = b""
    status: int = 200
    headers: Headers = ()
    content_type: str | None = HTML
    reason: str | None = None

    def plus(self, name: str, value: str) -> Response:
        """Return the same response with one more header."""
        return replace(self, headers=(*self.headers, (name, value)))

    def head(self, *, extra: Headers = (), length: int | None = None) -> bytes:
        """Return status line and headers, with `length` as Content-Length unless `headers` give one."""
        lines = [*self.headers, *extra]
        named = {name.lower() for name, _ in lines}
        if self.content_type is not None and "content-type" not in named:
            lines.append(("Content-Type", self.content_type))
        if length is not None and named.isdisjoint(("content-length", "transfer-encoding")):
            lines.append(("Content-Length", str(length)))
        fields = "".join(f"{name}: {value}\r\n" for name, value in lines)
        # UTF-8 so that a test may send a header that is not Latin-1, as real servers do.
        return f"HTTP/1.1 {self.status} {self._reason()}\r\n{fields}\r\n".encode()

    def payload(self) -> bytes:
        """Return the body as bytes: text is sent as UTF-8."""
        return self.body.encode() if isinstance(self.body, str) else self.body

    def _reason(self) -> str:
        if self.reason is not None:
            return self.reason
        try:
            return HTTPStatus(self.status).phrase
        except ValueError:
            return "Unknown"


@dataclass(frozen=True, slots=True)
class Behaviour:
    """An answer that writes its own bytes."""

    perform: Callable[[Seen, Wire], Awaitable[None]]


Answer: TypeAlias = "Response | Behaviour | Callable[[Seen], Response | Behaviour | str | bytes]"


async def play(answer: Answer, seen: Seen, wire: Wire) -> None:
    """Give one answer to one request."""
    if not isinstance(answer, Response | Behaviour):
        made = answer(seen)
        answer = Response(made) if isinstance(made, str | bytes) else made
    if isinstance(answer, Behaviour):
        await answer.perform(seen, wire)
    else:
        await wire.respond(answer, head_only=seen.method == "HEAD")


def not_modified(headers: Headers = ()) -> Response:
    """304 whatever the request said: a server whose validators lie, unless a script puts it in its place."""
    return Response(status=304, headers=headers, content_type=None)


def conditional(
    body: bytes | str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    headers: Headers = (),
    content_type: str = HTML,
) -> Callable[[Seen], Response]:
    """200 with validators, or 304 when the request sends one back byte for byte.

    If-None-Match decides alone when it is there (RFC 9110 section 13.2.2). Both values are whole header values:
    an ETag comes with its quotes.
    """
    validators = [(name, value) for name, value in (("ETag", etag), ("Last-Modified", last_modified)) if value]
    full = Response(body, headers=(*headers, *validators), content_type=content_type)
    short = not_modified((*headers, *validators))

    def answer(seen: Seen) -> Response:
        if_none_match = seen.header("If-None-Match")
        if if_none_match is not None:
            return short if if_none_match == etag else full
        if_modified_since = seen.header("If-Modified-Since")
        return short if if_modified_since is not None and if_modified_since == last_modified else full

    return answer


def redirect(location: str, status: int = 302) -> Response:
    """A redirect with its Location as given, absolute or relative."""
    return Response(status=status, headers=(("Location", location),))


def refresh(location: str, delay_s: int = 0) -> Response:
    """A page that moves on by the Refresh header."""
    return Response("<!doctype html><title>Moved</title>", headers=(("Refresh", f"{delay_s}; url={location}"),))


def meta_refresh(location: str, delay_s: int = 0) -> Response:
    """A page that moves on by a meta element."""
    target = location.replace("&", "&amp;").replace('"', "&quot;")
    return Response(
        f'<!doctype html><html><head><meta http-equiv="refresh" content="{delay_s}; url={target}">'
        "<title>Moved</title></head><body></body></html>"
    )


def too_many(retry_after: str | int | None = None) -> Response:
    """429, with Retry-After in seconds or as the HTTP date given."""
    return _refusal(429, retry_after)


def unavailable(retry_after: str | int | None = None) -> Response:
    """503, with Retry-After in seconds or as the HTTP date given."""
    return _refusal(503, retry_after)


def _refusal(status: int, retry_after: str | int | None) -> Response:
    headers = () if retry_after is None else (("Retry-After", str(retry_after)),)
    return Response("not now", status=status, headers=headers, content_type="text/plain")


def error(status: int = 500) -> Response:
    """A failure, with a small page as its body."""
    return Response(f"<!doctype html><title>{status}</title><p>Error {status}</p>", status=status)


def encoded(body: bytes | str, encoding: Encoding, *, content_type: str = HTML) -> Response:
    """A compressed body that says so, whatever the client accepts."""
    return stacked([encoding], body, content_type=content_type)


def stacked(encodings: Sequence[Encoding], body: bytes | str, *, content_type: str = HTML) -> Response:
    """A body compressed by each encoding in turn, all of them named in Content-Encoding."""
    payload = Response(body).payload()
    for encoding in encodings:
        payload = compress(encoding, payload)
    return Response(payload, headers=(("Content-Encoding", ", ".join(encodings)),), content_type=content_type)


def compress(encoding: Encoding, data: bytes) -> bytes:
    """Compress with one content encoding."""
    if encoding == "gzip":
        return gzip.compress(data, mtime=0)
    if encoding == "deflate":
        return zlib.compress(data)
    if encoding == "br":
        compressed: bytes = brotli.compress(data)
        return compressed
    return zstd.compress(data)


def wrong_charset(text: str, *, actual: str, declared: str, media_type: str = "text/html") -> Response:
    """Text in one charset under a Content-Type that names another."""
    return Response(text.encode(actual), content_type=f"{media_type}; charset={declared}")


NOT_FOUND = error(404)
