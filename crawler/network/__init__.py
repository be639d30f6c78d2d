"""How the crawler behaves towards the network: politeness, robots.txt, which addresses are dialled, what failed.

Nothing here knows Scrapy or Twisted; the classes in `crawler.middlewares` ask a `Network` and do what it says.

`request.meta` speaks to them with these keys, all optional:

- `delay_s`: seconds between requests to a host, as the request's source asks for (float)
- `proxy`: the URL of an HTTP proxy (str)
- `source_headers`, `source_cookies`: what goes to the origin of `source_origin` alone (dicts of str)
- `source_origin`: any address of that origin; the first address of the request where it is missing (str)
- `archive`: whether the answer is kept as it came over the wire (bool); `wire` is where it is, if it was compressed
- `validators`, `validators_url`: what to revalidate with, and the one address they are for (Validators, str)
"""

from __future__ import annotations

import asyncio
import weakref
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from crawler.network.addresses import Allowance, is_localhost, literal, refusal
from crawler.network.closing import Closing, Passage
from crawler.network.errors import (
    CrawlStopped,
    FetchFailed,
    HostPaused,
    NotFetched,
    PrivateAddress,
    RobotsForbidden,
    RobotsUnreachable,
)
from crawler.network.failures import LONGEST_PAUSE, outcome_of, outcome_of_status, retriable, retry_after
from crawler.network.gate import DEFAULT_DELAY_S, FLOOR_S, Gate
from crawler.network.outage import Outage, reaches
from crawler.network.robots import product_token
from crawler.network.rulebook import HostMemory, Rulebook, VolatileMemory, origin_of
from storage import Host

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

__all__ = [
    "Allowance",
    "Closing",
    "CrawlStopped",
    "FetchFailed",
    "Gate",
    "HostMemory",
    "HostPaused",
    "Network",
    "NotFetched",
    "Passage",
    "PrivateAddress",
    "RobotsForbidden",
    "RobotsUnreachable",
    "VolatileMemory",
    "network_of",
    "origin_of",
    "outcome_of",
    "outcome_of_status",
    "product_token",
    "retriable",
    "retry_after",
    "user_agent",
]

# Hosts whose remembered pause was looked up, and names known to lead to allowed addresses: oldest forgotten first.
KNOWN_HOSTS = 10_000


def user_agent(contact: str | None) -> str:
    """Return the User-Agent: product, version, and where to reach whoever runs it (RFC 9110 section 10.1.5)."""
    try:
        release = version("cuttings")
    except PackageNotFoundError:  # run from a checkout that is not installed
        release = "0"
    return f"Cuttings/{release} (+{contact})" if contact else f"Cuttings/{release}"


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True, weakref_slot=True, eq=False)
class Network:
    """One crawl's dealings with the network. Assign `memory` before the crawl starts to remember hosts for good."""

    allowance: Allowance = field(default_factory=Allowance)
    user_agent: str = field(default_factory=lambda: user_agent(None))
    delay_s: float = DEFAULT_DELAY_S
    memory: HostMemory = field(default_factory=VolatileMemory)
    now: Callable[[], datetime] = _utc_now
    closing: Closing = field(default_factory=Closing)
    gate: Gate = field(init=False)
    rulebook: Rulebook = field(init=False)
    outage: Outage = field(init=False)
    _recalled: OrderedDict[str, asyncio.Task[None]] = field(init=False, default_factory=OrderedDict)
    _allowed_names: OrderedDict[str, None] = field(init=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self.gate = Gate(delay_s=self.delay_s, floor_s=self._floor_s)
        self.rulebook = Rulebook(lambda: self.memory, self.now)
        self.outage = Outage(lambda url: reaches(url, self.allowance), self.is_own)

    async def recall(self, host: str) -> None:
        """Bring back the pause that a host asked for in an earlier crawl; once a host."""
        task = self._recalled.get(host)
        if task is None:
            task = self._recalled[host] = asyncio.get_running_loop().create_task(self._recall(host))
            if len(self._recalled) > KNOWN_HOSTS:
                self._recalled.popitem(last=False)
        if not task.done():
            await asyncio.wait([task])
        if task.exception() is not None:
            self._recalled.pop(host, None)
            task.result()

    async def pause(self, host: str, wait: timedelta) -> None:
        """Send nothing to a host for so long (at most LONGEST_PAUSE), in later crawls too."""
        wait = min(wait, LONGEST_PAUSE)
        if wait <= timedelta():
            return
        self.gate.pause(host, wait.total_seconds())
        until = self.now() + wait
        old = await self.memory.get(host)
        if old is None or old.paused_until is None or old.paused_until < until:
            await self.memory.put(replace(old or Host(host), paused_until=until))

    async def remember_delays(self, longer_than_s: float) -> None:
        """Let a crawl that begins right after this one keep the distance to this one's last requests."""
        cooling = self.gate.cooling(longer_than_s)
        await asyncio.gather(*(self.pause(host, timedelta(seconds=wait_s)) for host, wait_s in cooling.items()))

    def note_allowed(self, name: str) -> None:
        """Note that a host name leads to addresses in the user's own ranges: there the least delay does not hold."""
        self._allowed_names[name] = None
        if len(self._allowed_names) > KNOWN_HOSTS:
            self._allowed_names.popitem(last=False)

    async def _recall(self, host: str) -> None:
        known = await self.memory.get(host)
        if known is not None and known.paused_until is not None:
            wait = min(known.paused_until - self.now(), LONGEST_PAUSE)
            if wait > timedelta():
                self.gate.pause(host, wait.total_seconds())

    def is_own(self, host: str) -> bool:
        """Whether a host is in the user's own ranges, as far as it is known: a name is once it was reached."""
        name = host.rpartition(":")[0] if host.rpartition(":")[2].isdecimal() else host
        address = literal("127.0.0.1" if is_localhost(name) else name)
        return self.allowance.covers(address) if address is not None else name in self._allowed_names

    def _floor_s(self, host: str) -> float:
        return 0.0 if self.is_own(host) else FLOOR_S

    def refusal_of_literal(self, name: str) -> str | None:
        """Return why a host that spells out an address must not be reached, by a proxy neither; None for names."""
        address = literal("127.0.0.1" if is_localhost(name) else name)
        return None if address is None else refusal(address, self.allowance)


_networks: weakref.WeakKeyDictionary[Crawler, Network] = weakref.WeakKeyDictionary()


def network_of(crawler: Crawler) -> Network:
    """Return the one Network of a Scrapy crawler, made from its settings at the first call.

    CUTTINGS_ALLOW: private ranges that may be fetched (CIDR). CUTTINGS_CONTACT: the URL in the User-Agent.
    CUTTINGS_DELAY_S: seconds between two requests to one host where a source says nothing.
    """
    network = _networks.get(crawler)
    if network is None:
        settings = crawler.settings
        network = _networks[crawler] = Network(
            allowance=Allowance.parse(settings.getlist("CUTTINGS_ALLOW")),
            user_agent=user_agent(settings.get("CUTTINGS_CONTACT")),
            delay_s=settings.getfloat("CUTTINGS_DELAY_S", DEFAULT_DELAY_S),
        )
    return network
