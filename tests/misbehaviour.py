"""Answers of the local web server that come late, broken, or without an end."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import count

from answers import HTML, Answer, Behaviour, Headers, Response, Seen, Wire, play
from bombs import Encoding, bomb_pieces

# --- late answers -----------------------------------------------------------------------------------------


def delayed(answer: Answer, seconds: float) -> Behaviour:
    """Any answer, after a wait before its first byte."""

    async def perform(seen: Seen, wire: Wire) -> None:
        await asyncio.sleep(seconds)
        await play(answer, seen, wire)

    return Behaviour(perform)


def stall() -> Behaviour:
    """Take the request and never answer."""

    async def perform(seen: Seen, wire: Wire) -> None:
        await asyncio.Event().wait()

    return Behaviour(perform)


def stall_after(body: bytes | str, after_bytes: int) -> Behaviour:
    """Announce the whole body, send its beginning and then nothing more, with the connection open."""

    async def perform(seen: Seen, wire: Wire) -> None:
        response = Response(body)
        await wire.send(response.head(length=len(response.payload())) + response.payload()[:after_bytes])
        await asyncio.Event().wait()

    return Behaviour(perform)


def drip(body: bytes | str, bytes_per_s: float, *, head_too: bool = False, content_type: str = HTML) -> Behaviour:
    """Send the body, or the head as well, slowly and evenly: in single bytes up to 20 a second, else in 20 bits."""

    async def perform(seen: Seen, wire: Wire) -> None:
        response = Response(body, content_type=content_type)
        head, payload = response.head(length=len(response.payload())), response.payload()
        if head_too:
            payload = head + payload
        else:
            await wire.send(head)
        step = max(1, round(bytes_per_s / 20))
        for start in range(0, len(payload), step):
            await asyncio.sleep(step / bytes_per_s)
            await wire.send(payload[start : start + step])

    return Behaviour(perform)


@dataclass(slots=True, eq=False)
class Gate:
    """Holds answers back until the test opens it: concurrency without guessing at times."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _opened: bool = False
    _waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = field(default_factory=list)

    def hold(self, answer: Answer) -> Behaviour:
        """Any answer, once the gate is open."""

        async def perform(seen: Seen, wire: Wire) -> None:
            event = asyncio.Event()
            entry = (asyncio.get_running_loop(), event)
            with self._lock:
                if self._opened:
                    event.set()
                else:
                    self._waiting.append(entry)
            try:
                await event.wait()
            finally:
                with self._lock:
                    if entry in self._waiting:
                        self._waiting.remove(entry)
            await play(answer, seen, wire)

        return Behaviour(perform)

    def open(self) -> None:
        """Let all held answers go, and those to come. May be called from any thread."""
        with self._lock:
            self._opened = True
            for loop, event in self._waiting:
                loop.call_soon_threadsafe(event.set)


# --- broken answers ---------------------------------------------------------------------------------------


def raw(data: bytes, *, close: bool = True) -> Behaviour:
    """Exactly these bytes: a bare-LF head, a missing reason phrase, no HTTP at all."""

    async def perform(seen: Seen, wire: Wire) -> None:
        await wire.send(data)
        if close:
            wire.close()

    return Behaviour(perform)


def hang_up() -> Behaviour:
    """Close in order without a byte of an answer."""
    return raw(b"")


def no_reason(body: bytes | str) -> Behaviour:
    """A status line without a reason phrase, and without the space before it."""
    response = Response(body, headers=(("Connection", "close"),))
    head = response.head(length=len(response.payload())).replace(b" 200 OK", b" 200", 1)
    return raw(head + response.payload())


def bare_lf(body: bytes | str) -> Behaviour:
    """Header lines that end in LF alone (RFC 9112 section 2.2 lets a client accept them)."""
    response = Response(body, headers=(("Connection", "close"),))
    return raw(response.head(length=len(response.payload())).replace(b"\r\n", b"\n") + response.payload())


def http10(body: bytes | str) -> Behaviour:
    """HTTP/1.0 without Content-Length: the body ends where the connection does."""
    response = Response(body)
    return raw(response.head().replace(b"HTTP/1.1", b"HTTP/1.0", 1) + response.payload())


def drop(body: bytes | str, after_bytes: int) -> Behaviour:
    """Announce the whole body, send its beginning, and reset the connection."""
    return _cut(body, after_bytes, reset=True)


def truncated(body: bytes | str, after_bytes: int, *, chunked: bool = False) -> Behaviour:
    """Announce the whole body (or chunks), send the beginning, and close in order."""
    return _cut(body, after_bytes, reset=False, chunked=chunked)


def _cut(body: bytes | str, after_bytes: int, *, reset: bool, chunked: bool = False) -> Behaviour:
    async def perform(seen: Seen, wire: Wire) -> None:
        response = Response(body)
        beginning = response.payload()[:after_bytes]
        if chunked:
            await wire.send(response.head(extra=[("Transfer-Encoding", "chunked")]) + chunk(beginning))
        else:
            await wire.send(response.head(length=len(response.payload())) + beginning)
        if reset:
            # A reset throws away what the client has not read yet: give the beginning time to arrive.
            await asyncio.sleep(0.05)
            wire.reset()
        else:
            wire.close()

    return Behaviour(perform)


def wrong_length(body: bytes | str, announced: int) -> Behaviour:
    """The whole body under a Content-Length that is not its own, then an orderly close."""
    response = Response(body, headers=(("Connection", "close"),))
    return raw(response.head(length=announced) + response.payload())


def header_flood(size_bytes: int | None = None, *, line_bytes: int = 1024) -> Behaviour:
    """Header lines up to `size_bytes` of them, and then a small page; without a size they never end."""

    async def perform(seen: Seen, wire: Wire) -> None:
        await wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 2\r\n")
        for number in count() if size_bytes is None else range(-(-size_bytes // line_bytes)):
            name = f"X-Flood-{number}: "
            await wire.send(f"{name}{'a' * (line_bytes - len(name) - 2)}\r\n".encode())
        await wire.send(b"\r\nok")

    return Behaviour(perform)


def endless(piece: bytes = b"<p>and so on</p>\n" * 64, *, chunked: bool = False) -> Behaviour:
    """A body without a length that never ends."""

    async def perform(seen: Seen, wire: Wire) -> None:
        extra = ("Transfer-Encoding", "chunked") if chunked else ("Connection", "close")
        await wire.send(Response().head(extra=[extra]))
        while True:
            await wire.send(chunk(piece) if chunked else piece)

    return Behaviour(perform)


def bomb(encoding: Encoding, size_bytes: int, *, content_type: str = HTML, zstd_window_log: int = 17) -> Behaviour:
    """A compressed body, chunked, that unpacks to `size_bytes` zeros and is never held anywhere."""
    return chunks(
        lambda: bomb_pieces(encoding, size_bytes, zstd_window_log),
        headers=[("Content-Encoding", encoding)],
        content_type=content_type,
    )


def chunks(pieces: Callable[[], Iterable[bytes]], *, headers: Headers = (), content_type: str = HTML) -> Behaviour:
    """A chunked body, one chunk a piece; `pieces` is called once a request."""

    async def perform(seen: Seen, wire: Wire) -> None:
        response = Response(headers=(*headers, ("Transfer-Encoding", "chunked")), content_type=content_type)
        await wire.send(response.head())
        for piece in pieces():
            if piece:
                await wire.send(chunk(piece))
        await wire.send(b"0\r\n\r\n")

    return Behaviour(perform)


def chunk(data: bytes) -> bytes:
    """Return one chunk of RFC 9112 section 7.1."""
    return b"%x\r\n%s\r\n" % (len(data), data)
