"""Bounds what all bodies that are on their way hold in memory together, by making the larger ones wait.

Each body has a limit of its own, but hundreds of hosts that all send as much as they may would together take
gigabytes. A connection that is not read is held back by TCP; nothing is lost, and what waits for too long meets the
time-out of its request.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

# Of bodies that are on their way, being parsed or being filed, together. Python holds about twice as much.
MOST_BYTES = 96 * 1024 * 1024
# A body up to this size never waits: that is nearly every page and feed, and 400 of them are 100 MB.
SMALL_BYTES = 256 * 1024
# How soon those that wait are looked at again where it is parsing that has to catch up.
LOOK_AGAIN_S = 0.1


class Reading(Protocol):
    """A connection whose reading can be stopped for a while."""

    def hold(self) -> None:
        """Read no more for now."""

    def go_on(self) -> None:
        """Read on."""


class Intake:
    """The account of all connections.

    `elsewhere` tells the bytes of bodies that were read and are still held; `later` calls a function after seconds.
    """

    def __init__(self, elsewhere: Callable[[], int], later: Callable[[float, Callable[[], None]], object]) -> None:
        self._elsewhere = elsewhere
        self._later = later
        self._held: dict[Reading, int] = {}
        self._total = 0
        self._large: dict[Reading, bool] = {}
        """In the order in which they grew large; whether each is held back."""
        self._looking = False

    def took(self, connection: Reading, size_bytes: int) -> None:
        """A connection read so many bytes more."""
        held = self._held[connection] = self._held.get(connection, 0) + size_bytes
        self._total += size_bytes
        if held <= SMALL_BYTES:
            return
        waits = self._large.setdefault(connection, False)
        if not waits and not self._has_room(connection):
            self._large[connection] = True
            connection.hold()
            self._look_later()

    def done(self, connection: Reading) -> None:
        """A connection's body is complete, or never will be."""
        self._total -= self._held.pop(connection, 0)
        self._large.pop(connection, None)

    def _has_room(self, connection: Reading) -> bool:
        """The first of the large ones waits for what was read before, never for those behind it: one always moves."""
        elsewhere = self._elsewhere()
        first = next(iter(self._large)) is connection
        return elsewhere + (self._held[connection] if first else self._total) <= MOST_BYTES

    def _look_later(self) -> None:
        if not self._looking:
            self._looking = True
            self._later(LOOK_AGAIN_S, self._look)

    def _look(self) -> None:
        self._looking = False
        for connection, waits in list(self._large.items()):
            if waits and self._has_room(connection):
                self._large[connection] = False
                connection.go_on()
        if any(self._large.values()):
            self._look_later()
