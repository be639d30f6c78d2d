"""Connections that stand still are closed, so that they lock nobody out (S13); those that are answered are not."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from storage.web import patience

ASK = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
LARGE = b"x" * 16_000_000
"""More than what lies in the buffers of two sockets."""


async def app(scope: Any, receive: Any, send: Any) -> None:
    """Takes its time, and says much."""
    del scope, receive
    await asyncio.sleep(0.4)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"16000000")]})
    await send({"type": "http.response.body", "body": LARGE})


@contextlib.asynccontextmanager
async def listening() -> Any:
    """A server; gives its port and who is connected."""
    config = uvicorn.Config(app, http=patience.Impatient, lifespan="off", log_config=None)
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: patience.Impatient(config, state, {}), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], state.connections
    finally:
        server.close()
        await server.wait_closed()


async def drip(writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while True:
            writer.write(b"X")
            await writer.drain()
            await asyncio.sleep(0.02)


def test_who_sends_no_request_or_only_drips_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LOOK_S", 0.1)

    async def ask() -> None:
        async with listening() as (port, connections):
            silent, unused = await asyncio.open_connection("127.0.0.1", port)
            dripping, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK[:20])
            task = asyncio.create_task(drip(writer))
            for reader in (silent, dripping):
                with contextlib.suppress(ConnectionError):
                    assert await asyncio.wait_for(reader.read(), 20) == b""
            task.cancel()
            for each in (unused, writer):
                each.close()
            assert not connections

    asyncio.run(ask())


def test_who_does_not_read_the_answer_is_sent_away_and_who_reads_it_gets_it_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "LOOK_S", 0.15)

    async def ask() -> None:
        async with listening() as (port, connections):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(ASK)
            whole = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
            assert whole.startswith(b"HTTP/1.1 200")
            assert await asyncio.wait_for(reader.readexactly(len(LARGE)), 20) == LARGE
            writer.close()
            with socket.create_connection(("127.0.0.1", port)) as deaf:
                deaf.sendall(ASK)
                await asyncio.wait_for(gone(connections), 20)

    asyncio.run(ask())


async def gone(connections: set[Any]) -> None:
    await asyncio.sleep(0.3)
    while connections:
        await asyncio.sleep(0.05)
