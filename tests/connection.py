"""One client of the local web server: reads its requests and plays their answers, byte by byte."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from typing import Any, Protocol, cast

from answers import Answer, Response, Seen, error, play

MAX_HEAD_BYTES = 1 << 20
# Written bytes wait here before `send` blocks; small, so that `Seen.sent_bytes` is near to what the client took.
WRITE_BUFFER_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class Dialled:
    """One connection that was accepted, whether or not a request came over it."""

    time_monotonic: float
    client: tuple[str, int]
    server: tuple[str, int]


class Web(Protocol):
    """Where a connection reports what happens, and learns what to answer. Called in the server's thread."""

    errors: list[Exception]

    def joined(self, connection: Connection, dialled: Dialled) -> None:
        """Record a connection."""

    def left(self, connection: Connection) -> None:
        """Forget a connection that ended."""

    def began(self, seen: Seen) -> Answer:
        """Record a request and return what to answer."""

    def ended(self, seen: Seen) -> None:
        """Record the end of an answer."""


class Connection(asyncio.Protocol):
    """One client: reads requests one after the other and plays their answers."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._buffer = bytearray()
        self._wake: asyncio.Future[None] | None = None
        self._room: asyncio.Future[None] | None = None
        self._ending: str | None = None
        self._seen: Seen | None = None
        self._unyielded_bytes = 0

    # --- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=WRITE_BUFFER_BYTES)
        self._client = _address(transport.get_extra_info("peername"))
        self._server = _address(transport.get_extra_info("sockname"))
        self._web.joined(self, Dialled(time.monotonic(), self._client, self._server))
        self._task = asyncio.get_running_loop().create_task(self.serve())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if len(self._buffer) > MAX_HEAD_BYTES:
            self._transport.pause_reading()
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    def pause_writing(self) -> None:
        self._room = asyncio.get_running_loop().create_future()

    def resume_writing(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)
        self._room = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._web.left(self)
        self._task.cancel()

    def abort(self) -> None:
        self._transport.abort()

    # --- Wire

    async def send(self, data: bytes) -> None:
        self._transport.write(data)
        if self._seen is not None:
            self._seen.sent_bytes += len(data)
        self._unyielded_bytes += len(data)
        if self._transport.is_closing():
            # The client left, and `connection_lost` is about to cancel this task.
            await asyncio.Event().wait()
        elif self._room is not None:
            await self._room
        elif self._unyielded_bytes > WRITE_BUFFER_BYTES:
            # A client that reads as fast as we write never fills the buffer: the others shall have their turn.
            self._unyielded_bytes = 0
            await asyncio.sleep(0)

    async def respond(self, response: Response, *, head_only: bool = False) -> None:
        payload = response.payload()
        bodiless = response.status in (204, 304) or response.status < 200
        head = response.head(length=None if bodiless else len(payload))
        await self.send(head if bodiless or head_only else head + payload)

    def close(self) -> None:
        self._ending = self._ending or "close"

    def reset(self) -> None:
        self._ending = "reset"

    # --- serving

    async def serve(self) -> None:
        try:
            while self._ending is None:
                seen = await self._read_request()
                if seen is None:
                    break
                await self._answer(seen)
        finally:
            if self._ending == "reset":
                # Closing with a zero linger time sends RST instead of FIN.
                sock = cast(socket.socket, self._transport.get_extra_info("socket"))
                with contextlib.suppress(OSError):
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self._transport.abort()
            else:
                self._transport.close()

    async def _answer(self, seen: Seen) -> None:
        self._seen = seen
        answer = self._web.began(seen)
        try:
            await play(answer, seen, self)
            seen.completed = True
        except Exception as raised:  # the test's own code failed: the test is told when the context ends
            self._web.errors.append(raised)
            await self.respond(error(500))
            self.close()
        finally:
            self._web.ended(seen)
            self._seen = None
        if (seen.header("Connection") or "").lower() == "close":
            self.close()

    async def _more(self) -> None:
        self._transport.resume_reading()
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake
        self._wake = None

    async def _read_request(self) -> Seen | None:
        searched = 0
        while (end := self._buffer.find(b"\r\n\r\n", searched)) < 0:
            if len(self._buffer) > MAX_HEAD_BYTES:
                await self._refuse(431)
                return None
            searched = max(0, len(self._buffer) - 3)
            await self._more()
        lines = self._buffer[:end].decode("latin-1").split("\r\n")
        del self._buffer[: end + 4]
        words = lines[0].split(" ")
        headers = tuple((name, value.strip(" \t")) for name, _, value in (line.partition(":") for line in lines[1:]))
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            await self._refuse(400)
            return None
        seen = _request(words[0], words[1], headers, self._client, self._server)
        length = seen.header("Content-Length") or "0"
        if not length.isdecimal() or int(length) > MAX_HEAD_BYTES or seen.header("Transfer-Encoding"):
            await self._refuse(413)
            return None
        while len(self._buffer) < int(length):
            await self._more()
        seen.body = bytes(self._buffer[: int(length)])
        del self._buffer[: int(length)]
        if words[2] == "HTTP/1.0":
            self.close()
        return seen

    async def _refuse(self, status: int) -> None:
        await self.respond(error(status))


def _request(
    method: str,
    target: str,
    headers: tuple[tuple[str, str], ...],
    client: tuple[str, int],
    server: tuple[str, int],
) -> Seen:
    host = next((value for name, value in headers if name.lower() == "host"), "")
    local = target
    if "://" in target:  # the absolute form, which a client sends to a proxy
        host, slash, rest = target.partition("://")[2].partition("/")
        local = slash + rest or "/"
    path, _, query = local.partition("?")
    host = host.rpartition("@")[2].lower() or server[0]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return Seen(time.monotonic(), host, method, target, path, query, headers, b"", client, server)


def _address(name: tuple[Any, ...]) -> tuple[str, int]:
    return name[0], name[1]
