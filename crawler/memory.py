"""Hosts remembered in the corpus: robots.txt and pauses hold from one crawl to the next."""

from __future__ import annotations

from crawler.writer import Writer
from storage import Host


class CorpusMemory:
    """A `HostMemory` that reads and writes through the crawl's one writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def get(self, host: str) -> Host | None:
        """What an earlier crawl, or this one, learned of a host."""
        return await self._writer.ask(lambda corpus: corpus.host(host))

    async def put(self, host: Host) -> None:
        """Keep it; returns when it is durable."""
        await self._writer.file(lambda filing: filing.remember_host(host))
