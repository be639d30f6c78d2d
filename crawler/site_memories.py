"""What the pages of hosts repeat, at hand for every page that is cut: the corpus is asked where it learned more."""

from __future__ import annotations

from crawler import urls
from crawler.writer import Writer
from storage import SiteMemory

MOST_HOSTS = 500
"""At hand; at 600 blocks each some 40 MB at the very most, and a tenth of it for hosts as they are."""


class SiteMemories:
    """The memories of the hosts whose pages came last. Lives on the event loop."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._known: dict[str, SiteMemory] = {}

    async def of(self, url: str) -> SiteMemory:
        """What the host of a page repeats."""
        host = urls.host(url)
        memory = self._known.pop(host, None)
        if memory is None:
            memory = await self._writer.ask(lambda corpus: corpus.site_memory(host))
        self._known[host] = memory  # the last asked for stands last
        if len(self._known) > MOST_HOSTS:
            del self._known[next(iter(self._known))]
        return memory

    def forget(self, url: str) -> None:
        """Its host was learned about: what is at hand is old."""
        self._known.pop(urls.host(url), None)
