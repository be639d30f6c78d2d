"""Serves the made-up newspapers from a process of its own, as cheaply as a server can.

    python benchmarks/serving.py SITES PAGES_PER_SITE PAGE_BYTES

Every answer is made, header and all, before the first request comes, and handed to the kernel whole. Site N is
127.0.1.N; all share one port. Prints the port, then a line of figures for each line of standard input, until that ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pages

SEND_BYTES = 4 << 20
"""Asked for; the kernel grants what net.core.wmem_max allows."""


@dataclass(frozen=True, slots=True)
class Sites:
    """What is served: enough to make the same pages again elsewhere."""

    sites: int
    pages_per_site: int
    page_bytes: int = pages.FULL_BYTES

    @property
    def pages(self) -> int:
        """All pages of all sites."""
        return self.sites * self.pages_per_site

    def base(self, site: int, port: int) -> str:
        """The address of a site without a slash at its end."""
        return f"http://127.0.1.{site + 1}:{port}"

    def feeds(self, port: int) -> list[str]:
        """The feeds, one a site."""
        return [f"{self.base(site, port)}/feed-{site}.xml" for site in range(self.sites)]

    def numbers(self) -> Iterator[tuple[int, int]]:
        """(site, number) of every page."""
        return ((site, number) for site in range(self.sites) for number in range(self.pages_per_site))


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The server in its process."""

    port: int
    process: subprocess.Popen[str]

    def figures(self) -> dict[str, float]:
        """`cpu_s` of the server and `answers` given so far."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer: dict[str, float] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def served(sites: Sites) -> Iterator[Served]:
    """The sites on loopback until the context ends. RuntimeError where the server does not start."""
    command = [sys.executable, str(Path(__file__).resolve()), *map(str, (sites.sites, sites.pages_per_site))]
    command.append(str(sites.page_bytes))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = process.stdout.readline()
            if not port:
                raise RuntimeError("the server ended without a port: its error is above")
            yield Served(int(port), process)
        finally:
            process.stdin.close()


class _Connection(asyncio.Protocol):
    answers: dict[bytes, bytes]
    given = 0

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, _, self._received = self._received.partition(b"\r\n\r\n")
            _Connection.given += 1
            self._transport.write(self.answers.get(request.split(b" ", 2)[1], _MISSING))


def _answer(body: bytes, content_type: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\nServer: made-up\r\n"
    return f"{head}Date: Mon, 05 Jan 2026 12:00:00 GMT\r\nCache-Control: max-age=60\r\n\r\n".encode() + body


_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n\r\n"


async def _serve(sites: Sites) -> None:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BYTES)
    listening.bind(("", 0))
    port = listening.getsockname()[1]
    answers = _Connection.answers = {b"/robots.txt": _answer(b"User-agent: *\nDisallow: /search\n", "text/plain")}
    for site in range(sites.sites):
        document = pages.feed(site, sites.base(site, port), sites.pages_per_site)
        answers[b"/feed-%d.xml" % site] = _answer(document, "application/rss+xml")
    for site, number in sites.numbers():
        made = pages.article(site, number, sites.page_bytes)
        answers[made.path.encode()] = _answer(made.page, "text/html; charset=utf-8")
    loop = asyncio.get_running_loop()
    await loop.create_server(_Connection, sock=listening, backlog=512)
    print(port, flush=True)
    began_s = time.process_time()
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps({"cpu_s": time.process_time() - began_s, "answers": _Connection.given}), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(Sites(*map(int, sys.argv[1:4]))))
