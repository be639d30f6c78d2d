"""How requests end when the crawl does: what was not sent yet fails at once, what is under way when it is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from crawler.network.errors import CrawlStopped

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Passage:
    """One request on its way through the gate."""

    url: str
    sent: bool = False
    """Whether its turn has come, so that a server may be at it."""


class Closing:
    """Open until `begin`; from then on requests that wait for their turn, and new ones, raise CrawlStopped. `cut` ends
    those that a server is still at in the same way. Everything is for the thread of the event loop."""

    def __init__(self) -> None:
        self.begun = False
        self.is_cut = False
        self._under_way: dict[asyncio.Task[Any], Passage] = {}

    async def run(self, passage: Passage, work: Coroutine[Any, Any, T]) -> T:
        """Await the work of one request, which sets `passage.sent`. Raises CrawlStopped when it was called off."""
        if self.begun:
            work.close()
            raise CrawlStopped(passage.url)
        task = asyncio.get_running_loop().create_task(work)
        self._under_way[task] = passage
        try:
            return await task
        except asyncio.CancelledError:
            if self.is_cut or (self.begun and not passage.sent):
                raise CrawlStopped(passage.url) from None
            raise
        finally:
            del self._under_way[task]

    def begin(self) -> None:
        """Call off what was not sent; a second call does nothing."""
        self.begun = True
        self._cancel(sent=False)

    def cut(self) -> None:
        """Call off everything."""
        self.begun = self.is_cut = True
        self._cancel(sent=False)
        self._cancel(sent=True)

    def _cancel(self, *, sent: bool) -> None:
        for task, passage in list(self._under_way.items()):
            if passage.sent is sent:
                task.cancel()
