"""Looks up host names and vets every address before it is dialled.

The check stands where addresses are handed to the connecting code, so redirects, odd spellings, robots.txt and names
whose answer changes from one lookup to the next all meet it. Who dials says so with `dialling`; a lookup by anyone
else in the process is vetted without the user's allowance.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any, Literal

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.network.addresses import Address, Allowance, is_localhost, literal, refusal

TIMEOUT_S = 20.0
CACHE_SIZE = 10_000
# getaddrinfo does not tell the record's own time to live; five minutes is what browsers and curl are near to.
CACHE_LIFE_S = 300.0


@dataclass(slots=True, eq=False)
class Dial:
    """One attempt to connect: what it may reach, and what the resolver found."""

    allowance: Allowance
    proxy: str | None = None
    """The host of the user's own proxy, which may be anywhere: with a proxy nothing else is dialled."""
    refusal: str | None = None
    """Why an address was refused, once one was."""
    own: bool = False
    """Whether all addresses lie in the user's own ranges."""


_dialling: ContextVar[Dial | None] = ContextVar("dialling", default=None)
_STRANGER = Allowance()


@contextmanager
def dialling(dial: Dial) -> Iterator[Dial]:
    """Let the lookups made in this context be for `dial`."""
    token = _dialling.set(dial)
    try:
        yield dial
    finally:
        _dialling.reset(token)


@implementer(IHostResolution)
class _Resolution:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """A lookup in a thread cannot be called off; its result is thrown away."""


@implementer(IHostnameResolver)
class VettingResolver:
    """IHostnameResolver over another one. `now` is a monotonic clock in seconds."""

    def __init__(
        self, reactor: Any, inner: Any, *, timeout_s: float = TIMEOUT_S, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._reactor = reactor
        self._inner = inner
        self._timeout_s = timeout_s
        self._now = now
        self._cache: OrderedDict[str, tuple[float, tuple[Address, ...]]] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> VettingResolver:
        """Called by Scrapy (TWISTED_DNS_RESOLVER)."""
        return cls(reactor, reactor.nameResolver, timeout_s=crawler.settings.getfloat("DNS_TIMEOUT"))

    def install_on_reactor(self) -> None:
        """Called by Scrapy, and by the download handler where nobody else did."""
        self._reactor.installNameResolver(self)

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: Any,  # noqa: N803 - Twisted's names
        hostName: str,  # noqa: N803
        portNumber: int = 0,  # noqa: N803
        addressTypes: Sequence[type[IAddress]] | None = None,  # noqa: N803
        transportSemantics: Literal["TCP", "UDP"] = "TCP",  # noqa: N803
    ) -> Any:
        """Report the addresses of a host that may be dialled, if any; see IHostnameResolver."""
        resolution = _Resolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        dial = _dialling.get() or Dial(_STRANGER)

        def finish(found: Sequence[Address]) -> None:
            for each in found if hostName == dial.proxy else self._vetted(found, dial):
                kind = IPv4Address if each.version == 4 else IPv6Address
                if addressTypes is None or kind in addressTypes:
                    resolutionReceiver.addressResolved(kind(transportSemantics, str(each), portNumber))
            resolutionReceiver.resolutionComplete()

        spelled = literal("127.0.0.1" if is_localhost(hostName) else hostName)
        if spelled is not None:
            finish([spelled])
            return resolution
        ends, cached = self._cache.get(hostName, (0.0, ()))
        if cached and self._now() < ends:
            finish(cached)
        else:
            self._look_up(hostName, transportSemantics, finish)
        return resolution

    def _vetted(self, found: Sequence[Address], dial: Dial) -> list[Address]:
        passed = []
        for address in found:
            why = refusal(address, dial.allowance)
            if why is None:
                passed.append(address)
            else:
                dial.refusal = why
        dial.own = bool(passed) and all(dial.allowance.covers(address) for address in passed)
        return passed

    def _look_up(self, name: str, semantics: str, finish: Callable[[Sequence[Address]], None]) -> None:
        receiver = _Receiver(lambda found: self._remember(name, found, finish))
        receiver.deadline = self._reactor.callLater(self._timeout_s, receiver.end)
        self._inner.resolveHostName(receiver, name, 0, None, semantics)

    def _remember(self, name: str, found: Sequence[Address], finish: Callable[[Sequence[Address]], None]) -> None:
        if found:
            self._cache.pop(name, None)
            self._cache[name] = (self._now() + CACHE_LIFE_S, tuple(found))
            if len(self._cache) > CACHE_SIZE:
                self._cache.popitem(last=False)
        finish(found)


@implementer(IResolutionReceiver)
@dataclass(slots=True, eq=False)
class _Receiver:
    """Gathers what the inner resolver finds; ends once, with the lookup or with the deadline."""

    done: Callable[[Sequence[Address]], None]
    found: list[Address] = field(default_factory=list)
    deadline: Any = None
    ended: bool = False

    def resolutionBegan(self, resolutionInProgress: Any) -> None:  # noqa: N802, N803 - Twisted's names
        """See IResolutionReceiver."""

    def addressResolved(self, address: Any) -> None:  # noqa: N802 - Twisted's name
        """See IResolutionReceiver."""
        self.found.append(ip_address(address.host.partition("%")[0]))

    def resolutionComplete(self) -> None:  # noqa: N802 - Twisted's name
        """See IResolutionReceiver."""
        if self.deadline is not None and self.deadline.active():
            self.deadline.cancel()
        self.end()

    def end(self) -> None:
        """Hand on what was found so far, unless that was done before."""
        if not self.ended:
            self.ended = True
            self.done(self.found)
