"""Answers that the caller has already are not sent again, and those that cannot have changed are not even made.

Written against ASGI itself, so that pages, files and errors pass too.
"""

from __future__ import annotations

import hashlib

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from storage.errors import StorageError
from storage.web.known import STATE, Key, KnownAnswers, RawHeaders, key_of
from storage.web.readers import Readers

_OF_A_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})


class Conditional:
    """Answers 304 where the caller has the answer already (RFC 9110 section 13.1.2), and HEAD as GET without the body.

    The ETag is a hash of the answer, so it can never be wrong; an answer that brings its own keeps it. Answers that
    stream pass as they are. Where the corpus alone decides an answer (`storage.web.known`) and did not change since it
    was given, the corpus is not even asked.
    """

    def __init__(self, app: ASGIApp, readers: Readers) -> None:
        self.app = app
        self.readers = readers
        self.known = KnownAnswers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        wanted, key = Headers(scope=scope).getlist("if-none-match"), key_of(scope)
        if wanted and (headers := await run_in_threadpool(self._unchanged, key, wanted)) is not None:
            await _answer_304(send, headers)
            return
        inner = {**scope, "method": "GET", "state": {**scope.get("state", {})}}
        start: Message | None = None

        async def conditional(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body = b"" if scope["method"] == "HEAD" else message.get("body", b"")
            if start is None:
                await send({**message, "body": body})
                return
            opening, start = start, None
            headers = MutableHeaders(scope=opening)
            is_whole = opening["status"] == 200 and not message.get("more_body", False)
            if is_whole and "etag" not in headers:
                headers["etag"] = f'"{hashlib.sha256(message.get("body", b"")).hexdigest()[:32]}"'
            if is_whole and STATE in inner["state"]:
                self.known.remember(key, inner["state"][STATE], _kept(headers))
            if opening["status"] == 200 and "etag" in headers and is_known(headers["etag"], wanted):
                await _answer_304(send, _kept(headers))
                return
            await send(opening)
            await send({**message, "body": body})

        await self.app(inner, receive, conditional)

    def _unchanged(self, key: Key, wanted: list[str]) -> RawHeaders | None:
        """The headers of the answer that the caller has, if it is still the answer."""
        if (found := self.known.get(key)) is None or not is_known(Headers(raw=found[1])["etag"], wanted):
            return None
        try:
            return found[1] if self.readers.version() == found[0] else None
        except StorageError:
            return None  # whoever answers in earnest says what is wrong


def _kept(headers: Headers) -> RawHeaders:
    """The headers of an answer that a 304 has too (RFC 9110 section 15.4.5)."""
    return [(name, value) for name, value in headers.raw if name.lower() not in _OF_A_BODY]


async def _answer_304(send: Send, headers: RawHeaders) -> None:
    await send({"type": "http.response.start", "status": 304, "headers": list(headers)})
    await send({"type": "http.response.body", "body": b""})


def is_known(etag: str, wanted: list[str]) -> bool:
    """Whether an `If-None-Match` names this ETag; weak comparison (RFC 9110 section 8.8.3.2)."""
    named = [part.strip().removeprefix("W/") for line in wanted for part in line.split(",")]
    return "*" in named or etag.removeprefix("W/") in named
