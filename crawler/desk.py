"""The desk of a running crawl: it leases due work from the corpus, hands it to Scrapy, and knows what is in flight.

    lease feeds, archives of a backfill, then pages,
        of hosts that could be asked right now                         (Corpus.lease_*)
    one request each                                                   (spiders)
    answered: the host is free for its next request                    (Desk.answered)
    filed:    the work is over, its outcome durable                    (Desk.ended)

There is no round: as long as anything is due, whatever is ready next goes out, so no source waits for another.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from crawler.bounds import GRACE_S, PATIENCE_S, Bounds, memory_bytes
from crawler.box import Box
from crawler.config import Config, SourceConfig
from crawler.errors import CrawlerError
from crawler.messages import Missed, Task
from crawler.network import Network
from crawler.site_memories import SiteMemories
from crawler.tally import Tally
from crawler.writer import GROUP_SIZE, Writer
from storage import Corpus, DueArchive, DueFeed, StorageError

LEASE_S = 3600.0
"""Longer than any request and any queue in front of the box; a killed crawl's leases are freed by the next anyway."""

IN_HAND_PER_CORE = 24
"""Answered and not yet filed, for each worker of the box: enough that no core waits for the network."""

ON_THE_WAY = 400
"""Asked and not yet answered: two hundred hosts that never answer leave as many places to those that do (S6)."""

WOUND_UP = "replaced"
"""How the reason of a crawl begins that ended at a bound of its own."""

LOOK_S = 5.0
"""Longest time between two looks at the frontier: how late a feed may be polled that falls due meanwhile (P30)."""

COOLDOWN = timedelta(minutes=5)
"""Between two polls of a feed that a person asks for with `--all`: long enough that impatience costs a server little.
The user's own addresses (`network.allow`) have none (P24)."""

UNREACHED = frozenset({"dns", "connect", "timeout"})
"""Reasons that may lie with us."""

KNOWN_GOOD = 20
"""Feeds that may vouch for our network; three of other hosts are called."""

NAP_S = 0.02
"""Between two looks at the frontier when something just finished: groups leases, so that each costs less."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a crawl was asked to do."""

    sources: tuple[str, ...] | None = None
    """Names of sources; None: all."""
    force: bool = False
    """Poll also what is not due."""
    limit: int | None = None
    """Pages to fetch at most."""
    since: date | None = None
    """Entries published before are not fetched."""
    polls: bool = True
    pages: bool = True
    until: date | None = None
    """For a backfill: entries published that day or later are left."""
    documents: int | None = None
    """For a backfill: documents of the archives to read at most. None: this is no backfill."""
    again: bool = False
    """For a backfill: walk anew through what was read before."""


def utc_now() -> datetime:
    """The wall clock, aware."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Desk:
    """Everything one crawl shares. Lives on the event loop; all methods are for its thread."""

    config: Config
    corpus: Corpus
    writer: Writer
    box: Box
    network: Network
    scope: Scope
    workers: int
    on_the_way: int = ON_THE_WAY
    """Tasks that the network may hold at once."""
    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], datetime] = utc_now
    tally: Tally = field(default_factory=Tally)
    stopping: str | None = None
    """Why no more work is given out."""
    failure: StorageError | CrawlerError | None = None
    next_due: datetime | None = None
    """At the end of a crawl that was not stopped: when there is something to do again, so far as is known."""
    memories: SiteMemories = field(init=False)
    """What the pages of hosts repeat."""
    _by_name: dict[str, SourceConfig] = field(init=False)
    _asked: Counter[str] = field(default_factory=Counter, init=False)
    _open: dict[tuple[str, int], Task] = field(default_factory=dict, init=False)
    _started: datetime = field(init=False)
    _began: float = field(default_factory=time.monotonic, init=False)
    _ending: list[asyncio.Task[None]] = field(default_factory=list, init=False)
    _cooling: set[str] = field(default_factory=set, init=False)
    _own_hosts: set[str] = field(default_factory=set, init=False)
    _pages_given: int = field(default=0, init=False)
    _documents_given: int = field(default=0, init=False)
    _held_back: bool = field(default=False, init=False)
    """The last lease passed over hosts that were cooling: what is due there may be free by now."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        self._started = self.clock()
        self.memories = SiteMemories(self.writer)
        self._by_name = {config.source.name: config for config in self.config.sources}

    def source(self, name: str) -> SourceConfig:
        """The settings of a source. Raises `LookupError` where feeds.yaml lacks it: its pages are not leased."""
        known = self._by_name.get(name)
        if known is None:
            raise LookupError(f"source {name!r} is not in {self.config.path}")
        return known

    async def work(self) -> AsyncIterator[Task]:
        """Due feeds and pages, as fast as they can be dealt with, until nothing is due or `stop` is called."""
        looked_around = not (self.scope.force and self.scope.polls)
        while not self.stopping:
            if why := self.bounds.passed(time.monotonic() - self._began, memory_bytes):
                self.stop(f"{WOUND_UP}: {why}")
                return
            self._changed.clear()
            try:
                if not looked_around:
                    await self._look_around()
                    looked_around = True
                leased = await self._lease()
                wait_s = None if leased else await self._wait_s()
            except StorageError as error:
                self.fail(error)
                return
            for task in leased:
                yield task
            if leased:
                await asyncio.sleep(NAP_S)
                continue
            if wait_s is None:
                return
            try:
                await asyncio.wait_for(self._changed.wait(), wait_s)
            except TimeoutError:
                continue
            await asyncio.sleep(NAP_S)

    def asked(self, task: Task) -> None:
        """Another request goes out for it."""
        self._asked[task.host] += 1

    def answered(self, task: Task) -> None:
        """The network is done with it: its host may be asked again."""
        if self._asked[task.host] > 1:
            self._asked[task.host] -= 1
        else:
            del self._asked[task.host]
        self._cooling.add(task.host)
        self._changed.set()

    def ended(self, task: Task) -> None:
        """Its outcome is committed."""
        self._open.pop(_key(task), None)
        self._changed.set()

    def stop(self, why: str) -> None:
        """Give out nothing more. What no server is at goes back at once, what is in flight after GRACE_S."""
        if self.stopping:
            return
        self.stopping = why
        self._changed.set()
        self.network.closing.begin()
        self._ending.append(asyncio.get_running_loop().create_task(self._cut()))

    async def _cut(self) -> None:
        await asyncio.sleep(GRACE_S)
        self.network.closing.cut()
        await self.box.close()

    def close(self) -> None:
        """Nothing is in flight any more."""
        for task in self._ending:
            if not self.network.closing.is_cut:
                task.cancel()

    def fail(self, error: StorageError | CrawlerError) -> None:
        """Corpus or box cannot take any more: nothing further is fetched, what is in flight goes back by its lease."""
        self.failure = self.failure or error
        self.stop(str(error))

    @property
    def unfinished(self) -> list[Task]:
        """Leased and not filed."""
        return list(self._open.values())

    async def is_offline(self, missed: Missed) -> bool:
        """Whether a host could not be reached because our own network is down."""
        task = missed.task
        if missed.outcome.reason not in UNREACHED or self.source(task.source).proxy:
            return False
        outage = self.network.outage
        down = await outage.is_down(
            lambda: self.writer.ask(lambda corpus: corpus.answering_feeds(KNOWN_GOOD)), task.host
        )
        if down:
            self.network.rulebook.forget_unreachable()
        return down

    async def _look_around(self) -> None:
        """Of the feeds that a forced crawl is to poll, which are the user's own and which were polled just now."""
        since = self._started - COOLDOWN
        hosts = await self.writer.ask(
            lambda corpus: corpus.hosts_polled_since(since, self._started, sources=self.scope.sources)
        )
        self._own_hosts = {host for host in hosts if self.network.is_own(host)}
        self.tally.cooling = sum(feeds for host, feeds in hosts.items() if host not in self._own_hosts)

    async def _lease(self) -> list[Task]:
        on_the_way = self._asked.total()
        most = self.workers * IN_HAND_PER_CORE + GROUP_SIZE  # parsed ones fill a group while others are parsed
        all_room = room = min(most - (len(self._open) - on_the_way), self.on_the_way - on_the_way, most)
        if room <= 0:
            return []
        now, sources = self.clock(), self.scope.sources
        cooling = self._still_cooling()
        self._held_back = bool(cooling)
        skip = set(self._asked) | cooling
        leased: list[Task] = []
        if self.scope.polls:
            feeds = await self.writer.ask(
                lambda corpus: corpus.lease_feeds(now, room, LEASE_S, skip_hosts=skip, **self._wanted())
            )
            leased.extend(feeds)
            skip.update(feed.host for feed in feeds)
        if (room := min(all_room - len(leased), self._documents_left())) > 0:
            archives = await self.writer.ask(
                lambda corpus: corpus.lease_archives(now, room, LEASE_S, sources=sources or (), skip_hosts=skip)
            )
            self._documents_given += len(archives)
            leased.extend(archives)
            skip.update(archive.host for archive in archives)
        if self.scope.pages and (room := min(all_room - len(leased), self._pages_left())) > 0:
            pages = await self.writer.ask(
                lambda corpus: corpus.lease_pages(now, room, LEASE_S, sources=sources, skip_hosts=skip)
            )
            self._pages_given += len(pages)
            self.tally.count_leased(pages)
            leased.extend(pages)
        for task in leased:
            self._open[_key(task)] = task
            self._asked[task.host] += 1
        return leased

    def _wanted(self) -> dict[str, Any]:
        """Which feeds this crawl asks the corpus for (P24)."""
        if not self.scope.force:
            return {"sources": self.scope.sources}
        return {
            "sources": self.scope.sources,
            "polled_before": self._started - COOLDOWN,
            "eager_hosts": self._own_hosts,
            "eager_before": self._started,
        }

    def _still_cooling(self) -> set[str]:
        """Hosts that were asked lately and may not be asked this instant."""
        self._cooling = {host for host in self._cooling if not self.network.gate.ready(host)}
        return self._cooling

    def _cool_s(self) -> float | None:
        return min((self.network.gate.wait_s(host) for host in self._still_cooling()), default=None)

    def _pages_left(self) -> int:
        return 1_000_000 if self.scope.limit is None else max(0, self.scope.limit - self._pages_given)

    def _documents_left(self) -> int:
        """Documents of archives that this backfill may still ask for. Where it fetches a number of pages only, it walks
        no further than they need."""
        if self.scope.documents is None:
            return 0
        if self.scope.limit and self.tally.queued >= self.scope.limit:
            return 0
        return max(0, self.scope.documents - self._documents_given)

    async def _wait_s(self) -> float | None:
        """How long to wait for something to do; None when this crawl is over."""
        cool_s = self._cool_s()
        if self._open:
            return min(LOOK_S, LOOK_S if cool_s is None else cool_s)
        now = self.clock()
        archive = await self._next_archive()
        due, later = await self._next(None), await self._next(now)
        due = min((moment for moment in (due, archive) if moment is not None), default=None)
        waits_for_host = await self._has_forced_feeds() or (due is not None and due <= now + timedelta(seconds=NAP_S))
        patience = [(cool_s or 0.0, max(PATIENCE_S, self.bounds.linger_s))] if waits_for_host else []
        if later is not None:
            patience.append(((later - now).total_seconds(), self.bounds.linger_s))
        if archive is not None and archive > now:
            patience.append(((archive - now).total_seconds(), PATIENCE_S))
        self.next_due = min((now + timedelta(seconds=wait_s) for wait_s, _ in patience), default=None)
        may_be_free = cool_s is not None or self._held_back
        worth_it = [wait_s for wait_s, most_s in patience if wait_s <= most_s and (wait_s > 0 or may_be_free)]
        return min(max(min(worth_it), NAP_S), LOOK_S) if worth_it else None

    async def _next(self, after: datetime | None) -> datetime | None:
        """When the first feed or page that this crawl is for is due."""
        sources = self.scope.sources
        feed, page = await self.writer.ask(lambda corpus: corpus.next_due(sources=sources, after=after))
        times = [page if self.scope.pages and self._pages_left() else None]
        times.append(feed if self.scope.polls and not self.scope.force else None)
        return min((due for due in times if due is not None), default=None)

    async def _next_archive(self) -> datetime | None:
        """When the next document of a walk is due, of those that this backfill may still ask for."""
        if not self._documents_left():
            return None
        sources = self.scope.sources or ()
        return await self.writer.ask(lambda corpus: corpus.next_archive_due(sources=sources))

    async def _has_forced_feeds(self) -> bool:
        """Whether feeds that are not due wait only for their host. A lease of no length asks, and takes nothing."""
        if not (self.scope.force and self.scope.polls):
            return False
        now = self.clock()
        return bool(await self.writer.ask(lambda corpus: corpus.lease_feeds(now, 1, 0.0, **self._wanted())))


def _key(task: Task) -> tuple[str, int]:
    kind = "feed" if isinstance(task, DueFeed) else "archive" if isinstance(task, DueArchive) else "page"
    return (kind, task.id)
