"""A real HTTP server on loopback that serves any number of sites and misbehaves on request.

`LocalWeb` runs in a thread of its own with its own event loop. What it can answer is in `answers`; `webprocess` runs
one in a process of its own, for benchmarks.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import ipaddress
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from itertools import pairwise
from types import TracebackType
from typing import Any, TypeVar

from answers import HTML, NOT_FOUND, Answer, Behaviour, Headers, Response, Seen, redirect
from connection import Connection, Dialled

T = TypeVar("T")


LATE_S = 0.4
"""How late this server's thread may notice a request while the machine runs other tests."""


class Site:
    """The pages of one host. Get one from `LocalWeb.site`; pages may be changed while the server runs."""

    def __init__(self, web: LocalWeb, host: str) -> None:
        self.host = host
        self._web = web
        self._answers: dict[str, Callable[[], Answer]] = {}
        self._fallback: Answer = NOT_FOUND

    @property
    def base(self) -> str:
        """The address of the site without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self._web.scheme}://{host}:{self._web.port}"

    def url(self, path: str = "/") -> str:
        """Return the absolute URL of a path."""
        return self.base + path

    def page(
        self,
        path: str,
        body: str | bytes | Callable[[Seen], Response | Behaviour | str | bytes] = "",
        *,
        content_type: str = HTML,
        headers: Headers = (),
        status: int = 200,
    ) -> str:
        """Put a page at a path and return its URL; a callable body is asked at every request."""
        if callable(body):
            return self.add(path, body)
        return self.add(path, Response(body, status=status, headers=headers, content_type=content_type))

    def add(self, path: str, answer: Answer) -> str:
        """Put any answer at a path and return its URL. A path with a query is matched before one without."""
        self._answers[path] = lambda: answer
        return self.url(path)

    def script(self, path: str, answers: Sequence[Answer]) -> str:
        """Answer successive requests in turn; the last answer repeats. Returns the URL."""
        if not answers:
            raise ValueError(f"script for {path} is empty: give at least one answer")
        left = iter(answers[:-1])
        self._answers[path] = lambda: next(left, answers[-1])
        return self.url(path)

    def robots(self, text: str) -> str:
        """Put a robots.txt there and return its URL."""
        return self.page("/robots.txt", text, content_type="text/plain; charset=utf-8")

    def chain(self, path: str, hops: int, end: Answer, status: int = 302) -> str:
        """Lead from `path` through `hops` redirects to `end` at `path/hops`. Returns the URL of the start."""
        steps = [path, *(f"{path}/{hop}" for hop in range(1, hops + 1))]
        for here, there in pairwise(steps):
            self.add(here, redirect(there, status))
        self.add(steps[-1], end)
        return self.url(path)

    def loop(self, path: str, status: int = 302) -> str:
        """Two addresses that redirect to each other. Returns the URL of the first."""
        self.add(f"{path}/back", redirect(path, status))
        return self.add(path, redirect(f"{path}/back", status))

    def fallback(self, answer: Answer) -> None:
        """Answer every path that has no answer of its own (instead of 404)."""
        self._fallback = answer

    def remove(self, path: str) -> None:
        """Take a path away; KeyError when there is none."""
        del self._answers[path]

    def requests(self, path: str | None = None) -> list[Seen]:
        """Return the requests for this host so far, or for one of its paths (with its query when it names one)."""
        return [
            seen
            for seen in self._web.requests
            if seen.host == self.host and (path is None or path in (seen.path, seen.target))
        ]

    def gaps_s(self) -> list[float]:
        """Return the seconds between the starts of successive requests to this host, robots.txt included."""
        times = [seen.time_monotonic for seen in self.requests()]
        return [later - earlier for earlier, later in pairwise(times)]

    def kept_apart(self, least_s: float) -> bool:
        """Return whether requests started so far apart, as well as a server can tell: a start that it noticed late, on
        a busy machine, shortens one gap, but never the time from the first to the last by more than that once."""
        gaps = self.gaps_s()
        return bool(gaps) and sum(gaps) >= least_s * len(gaps) - LATE_S and min(gaps) >= least_s - LATE_S

    def answer(self, path: str, query: str) -> Answer:
        """Return what to answer now; a script moves on by one."""
        found = self._answers.get(f"{path}?{query}" if query else path) or self._answers.get(path)
        return self._fallback if found is None else found()


class LocalWeb:
    """The server: a context manager. `port` is shared by all addresses; `tls_names` makes it speak TLS alone.

    `errors` are the exceptions raised by the code of pages; leaving the context raises the first of them.
    """

    def __init__(self, *, port: int = 0, tls_names: Sequence[str] = ()) -> None:
        self.port = port
        self.scheme = "https" if tls_names else "http"
        self.certificate_pem = b""
        self.errors: list[Exception] = []
        self._tls: ssl.SSLContext | None = None
        if tls_names:
            from certificates import self_signed

            self._tls, self.certificate_pem = self_signed(tls_names)
        self._sites: dict[str, Site] = {}
        self._seen: list[Seen] = []
        self._dialled: list[Dialled] = []
        self._running: Counter[str] = Counter()
        self._peak: Counter[str] = Counter()
        self._arrived = threading.Condition()
        self._listeners: dict[str, asyncio.Server] = {}
        self._connections: set[Connection] = set()
        self._loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._loop.run_forever, name="localweb", daemon=True)

    def __enter__(self) -> LocalWeb:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if raised is None and self.errors:
            raise self.errors[0]

    def start(self) -> None:
        """Listen on 127.0.0.1. OSError when the port is taken."""
        self.thread.start()
        try:
            self._call(self._listen("127.0.0.1"))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Break off every answer and connection and end the thread. Closing twice is harmless."""
        if self._loop.is_closed():
            return
        if self.thread.is_alive():
            self._call(self._shut())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self.thread.join()
        self._loop.close()

    def site(self, host: str = "127.0.0.1") -> Site:
        """Return the site of a host, made if need be: a loopback address (then listened on), or any host name.

        Names are told apart by the Host header alone: resolving them to 127.0.0.1 is up to the client.
        """
        host = host.lower()
        with contextlib.suppress(ValueError):
            if not ipaddress.ip_address(host).is_loopback:
                raise OSError(errno.EADDRNOTAVAIL, f"{host} is not a loopback address")
            if host not in self._listeners:
                self._call(self._listen(host))
        return self._sites.setdefault(host, Site(self, host))

    @property
    def requests(self) -> list[Seen]:
        """All requests so far, in the order of their arrival."""
        return list(self._seen)

    @property
    def dialled(self) -> list[Dialled]:
        """All connections so far, those without a request included."""
        return list(self._dialled)

    def wait_for(
        self, count: int, condition: Callable[[Seen], bool] = lambda seen: True, timeout_s: float = 10.0
    ) -> list[Seen]:
        """Wait until `count` requests fulfil a condition and return them; TimeoutError when they do not in time.

        The condition is asked when a request arrives and when its answer ends.
        """

        def enough() -> bool:
            return sum(map(condition, list(self._seen))) >= count

        with self._arrived:
            if not self._arrived.wait_for(enough, timeout_s):
                targets = [f"{seen.host}{seen.target}" for seen in self._seen]
                raise TimeoutError(f"fewer than {count} such requests within {timeout_s} s; came: {targets}")
        return [seen for seen in list(self._seen) if condition(seen)]

    def clear(self) -> None:
        """Forget requests, connections and peaks; pages stay."""
        with self._arrived:
            self._seen.clear()
            self._dialled.clear()
            self._peak.clear()

    def max_concurrent(self, host: str | None = None) -> int:
        """Return the most requests that were being answered at one moment, for one host or all together."""
        return self._peak["" if host is None else host.lower()]

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _listen(self, address: str) -> None:
        server = await self._loop.create_server(
            lambda: Connection(self), address, self.port, ssl=self._tls, backlog=1024
        )
        self._listeners[address] = server
        self.port = server.sockets[0].getsockname()[1]

    async def _shut(self) -> None:
        # Stop accepting before closing: asyncio leaks the socket of a connection that it accepted but had not yet
        # given a transport when its server closed (the assertion in `Server._attach` fails, unseen).
        for server in self._listeners.values():
            for listener in server.sockets:
                self._loop.remove_reader(listener.fileno())
        await _turns()
        for server in self._listeners.values():
            server.close()
        for connection in list(self._connections):
            connection.abort()
        # Not only our own tasks: asyncio keeps one for each TLS handshake that is under way.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        # Aborted transports close their sockets in the next turns.
        await _turns()

    # What follows is called by connections, in the server's thread.

    def joined(self, connection: Connection, dialled: Dialled) -> None:
        """Record a connection."""
        self._connections.add(connection)
        self._dialled.append(dialled)

    def left(self, connection: Connection) -> None:
        """Forget a connection that ended."""
        self._connections.discard(connection)

    def began(self, seen: Seen) -> Answer:
        """Record a request and return what to answer."""
        for key in ("", seen.host):
            self._running[key] += 1
            self._peak[key] = max(self._peak[key], self._running[key])
        with self._arrived:
            self._seen.append(seen)
            self._arrived.notify_all()
        site = self._sites.get(seen.host)
        return NOT_FOUND if site is None else site.answer(seen.path, seen.query)

    def ended(self, seen: Seen) -> None:
        """Record the end of an answer."""
        for key in ("", seen.host):
            self._running[key] -= 1
        with self._arrived:
            seen.ended_monotonic = time.monotonic()
            self._arrived.notify_all()


async def _turns(count: int = 8) -> None:
    """Let the loop go round; asyncio needs up to four turns to set up or tear down a TLS connection."""
    for _ in range(count):
        await asyncio.sleep(0)
