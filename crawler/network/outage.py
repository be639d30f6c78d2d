"""Whether it is our own connection that is down, so that no feed and no page is blamed for it (P28).

A host that cannot be looked up or reached says little by itself. Where another one answered just now, it is that host's
fault. Where none did, hosts that answered at their last poll are called: a connection is opened and closed, nothing is
sent. If one of them takes it, the network is up; if none does, it is down.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from crawler.network.addresses import Allowance, is_localhost, literal, refusal
from crawler.urls import host as host_of

FRESH_S = 30.0
"""An answer this recent shows that the network is up, and so does an outage that it is down: requests that failed
together have one cause."""
CALLED = 3
"""Hosts that are called: one may be down by chance, three at once hardly."""
CALL_TIMEOUT_S = 10.0

Call = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class Outage:
    """What is known of our own connections: to the internet, and to the user's own network, each by itself, for a
    server in the next room does not vouch for the line out of the house.

    `call` opens a connection to the host of an address, `is_own` tells whose a host is, `now` is monotonic.
    """

    call: Call
    is_own: Callable[[str], bool]
    now: Callable[[], float] = time.monotonic
    _lines: dict[bool, _Line] = field(default_factory=lambda: {True: _Line(), False: _Line()}, init=False)

    def answered(self, host: str) -> None:
        """A host answered, whatever it said."""
        self._lines[self.is_own(host)].answered = self.now()

    async def is_down(self, known_good: Callable[[], Awaitable[Sequence[str]]], host: str) -> bool:
        """Whether the failure to reach `host` is ours. `known_good` gives addresses that answered when last asked;
        where there are none but of that host, it is not: somebody has to vouch for us."""
        own = self.is_own(host)
        line = self._lines[own]
        async with line.one_at_a_time:
            if self.now() - line.answered < FRESH_S:
                return False
            if self.now() - line.judged < FRESH_S:
                return line.down
            others = [(url, host_of(url)) for url in await known_good()]
            called = [url for url, other in others if other != host and self.is_own(other) == own][:CALLED]
            line.down = bool(called) and not any(await asyncio.gather(*map(self.call, called)))
            line.judged = self.now()
            return line.down


@dataclass(slots=True)
class _Line:
    """One connection of ours, with the monotonic times at which something was learned of it."""

    answered: float = float("-inf")
    judged: float = float("-inf")
    down: bool = False
    one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)


async def reaches(url: str, allowance: Allowance) -> bool:
    """Whether a connection to the server of `url` can be opened, at an address that may be dialled at all."""
    parts = urlsplit(url)
    name, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CALL_TIMEOUT_S):
            spelled = literal("127.0.0.1" if is_localhost(name) else name)
            found = [str(spelled)] if spelled else [str(info[4][0]) for info in await loop.getaddrinfo(name, port)]
            addresses = [address for address in dict.fromkeys(found) if _may_be_dialled(address, allowance)]
            for address in addresses[:2]:
                with contextlib.suppress(OSError):
                    _, writer = await asyncio.open_connection(address, port)
                    writer.close()
                    return True
    except (OSError, TimeoutError, UnicodeError):
        return False
    return False


def _may_be_dialled(address: str, allowance: Allowance) -> bool:
    spelled = literal(address)
    return spelled is not None and refusal(spelled, allowance) is None
