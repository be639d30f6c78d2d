"""The robots.txt rules of every origin the crawl meets: asked for once, shared by all who wait, kept across crawls."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from crawler.network.robots import PARSED_BYTES, RobotsAnswer, Verdict, judge
from storage import Host

# Parsed rules take some 40 times the memory of their text at worst (measured: 512 KiB of short rules, 21 MB).
HELD_BYTES = 4 * 1024 * 1024
# What a file costs to hold beside its text.
ENTRY_BYTES = 512

Ask = Callable[[str], Awaitable[RobotsAnswer]]


class HostMemory(Protocol):
    """What is remembered of hosts between crawls. Keys: the politeness key for pauses, the origin for robots.txt."""

    async def get(self, host: str) -> Host | None:
        """Return what is remembered under this key."""

    async def put(self, host: Host) -> None:
        """Remember this instead of what was remembered under `host.host`."""


class VolatileMemory:
    """A HostMemory that ends with the process."""

    def __init__(self) -> None:
        self._hosts: dict[str, Host] = {}

    async def get(self, host: str) -> Host | None:
        """Return what is remembered under this key."""
        return self._hosts.get(host)

    async def put(self, host: Host) -> None:
        """Remember this instead of what was remembered under `host.host`."""
        self._hosts[host.host] = host


@dataclass(frozen=True, slots=True)
class Standing:
    """A verdict with its end. `retry_after_s` of an unreachable robots.txt follows from it."""

    verdict: Verdict
    until: datetime
    weight_bytes: int


class Rulebook:
    """Verdicts by origin. `memory` is asked before the network; `now` is the wall clock, aware UTC."""

    def __init__(self, memory: Callable[[], HostMemory], now: Callable[[], datetime]) -> None:
        self._memory = memory
        self._now = now
        self._held: OrderedDict[str, Standing] = OrderedDict()
        self._held_bytes = 0
        self._learning: dict[str, asyncio.Task[Standing]] = {}
        self._failures: dict[str, int] = {}

    def known(self, url: str) -> Standing | None:
        """Return what is known of the URL's origin and still holds, without asking anyone."""
        origin = origin_of(url)
        standing = self._held.get(origin)
        if standing is None or standing.until <= self._now():
            return None
        self._held.move_to_end(origin)
        return standing

    async def learn(self, url: str, ask: Ask) -> Standing:
        """Return what holds for the URL's origin; `ask` fetches a robots.txt by its URL where nobody knows.

        Any number may wait at once: there is one request, and it goes on when the one who began it leaves.
        """
        standing = self.known(url)
        if standing is not None:
            return standing
        origin = origin_of(url)
        task = self._learning.get(origin)
        if task is None:
            task = asyncio.get_running_loop().create_task(self._learn(origin, ask))
            self._learning[origin] = task
            task.add_done_callback(lambda _: self._learning.pop(origin, None))
        return await asyncio.shield(task)

    def forget_unreachable(self) -> None:
        """Ask again, at the next request, where robots.txt could not be had: it was our own connection that was
        down, and the waits that grew meanwhile are nobody's fault."""
        for origin in [origin for origin, held in self._held.items() if held.verdict.access == "nothing"]:
            self._held_bytes -= self._held.pop(origin).weight_bytes
        self._failures.clear()

    async def _learn(self, origin: str, ask: Ask) -> Standing:
        standing = self._recalled(await self._memory().get(origin))
        if standing is None:
            answer = await ask(f"{origin}/robots.txt")
            answer = replace(answer, body=answer.body[:PARSED_BYTES])
            verdict = judge(answer, self._failures.get(origin, 0))
            if verdict.access == "nothing":
                self._failures[origin] = self._failures.get(origin, 0) + 1
            else:
                self._failures.pop(origin, None)
            now = self._now()
            standing = _standing(verdict, now, len(answer.body))
            body = answer.body if verdict.access == "rules" else None
            if answer.status is not None:
                await self._memory().put(
                    Host(origin, robots_status=answer.status, robots_body=body, robots_fetched=now)
                )
        self._hold(origin, standing)
        return standing

    def _recalled(self, host: Host | None) -> Standing | None:
        if host is None or host.robots_fetched is None or host.robots_status is None:
            return None
        body = host.robots_body or b""
        verdict = judge(RobotsAnswer(host.robots_status, body))
        standing = _standing(verdict, host.robots_fetched, len(body))
        # A clock that was set back must not keep rules alive for longer than they would be if fetched now.
        now = self._now()
        return standing if now < standing.until <= now + timedelta(seconds=verdict.life_s) else None

    def _hold(self, origin: str, standing: Standing) -> None:
        old = self._held.pop(origin, None)
        self._held_bytes += standing.weight_bytes - (old.weight_bytes if old else 0)
        self._held[origin] = standing
        while self._held_bytes > HELD_BYTES and len(self._held) > 1:
            _, dropped = self._held.popitem(last=False)
            self._held_bytes -= dropped.weight_bytes


def origin_of(url: str) -> str:
    """Return scheme, host and port of an absolute URL: what robots.txt and credentials are bound to (RFC 6454).

    >>> origin_of("https://Example.org:443/a?b#c")
    'https://example.org'
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    if ":" in host:
        host = f"[{host}]"
    port = parts.port
    default = 443 if parts.scheme == "https" else 80
    return f"{parts.scheme}://{host}" if port in (None, default) else f"{parts.scheme}://{host}:{port}"


def _standing(verdict: Verdict, since: datetime, size_bytes: int) -> Standing:
    return Standing(verdict, since + timedelta(seconds=verdict.life_s), size_bytes + ENTRY_BYTES)
