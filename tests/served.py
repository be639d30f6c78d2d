"""Serves a corpus on loopback while a test asks it: the real application, on a real socket."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from crawler import urls
from storage.serving import Serving
from storage.web.app import create_app


@dataclass(frozen=True)
class Served:
    """A corpus that is being served, and a client that asks nobody else."""

    address: str
    client: httpx.Client

    def get(self, path: str, **options: Any) -> httpx.Response:
        """What a GET of a path gives; redirects are shown, not followed."""
        return self.client.get(self.address + path, **options)


def identity(url: str) -> str | None:
    """The key of a page, as the command line gives it to the server."""
    address = urls.normalize(url)
    return None if address is None else urls.identity(address)


@contextmanager
def served(db: Path, serving: Serving | None = None) -> Iterator[Served]:
    """Serve a corpus on a free port of this machine for as long as the block runs."""
    # Of a socket that does not say its protocol asyncio leaves Nagle's algorithm on: 40 ms a request.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(128)
        config = uvicorn.Config(
            create_app(db, serving or Serving(), identity=identity), log_config=None, server_header=False
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            with httpx.Client(trust_env=False, timeout=30) as client:
                yield Served(f"http://127.0.0.1:{listening.getsockname()[1]}", client)
        finally:
            server.should_exit = True
            thread.join(20)
