"""What a Network remembers of hosts, between requests and between crawls."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from scrapy.crawler import Crawler
from scrapy.settings import Settings
from scrapy.spiders import Spider

from crawler.network import HostPaused, Network, VolatileMemory, network_of, user_agent
from crawler.network.addresses import Allowance
from storage import Host

HOST = "site.example"


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


async def taken(network: Network) -> bool:
    """Try to get a turn as the download handler does."""
    await network.recall(HOST)
    try:
        async with network.gate.turn(HOST):
            return True
    except HostPaused:
        return False


def test_c3_a_pause_holds_in_later_crawls_until_it_is_over() -> None:
    clock, memory = Clock(), VolatileMemory()

    async def scenario() -> None:
        first = Network(memory=memory, now=clock)
        await first.pause(HOST, timedelta(hours=2))
        await first.pause(HOST, timedelta(minutes=5))  # the longer one stands
        clock.now += timedelta(hours=1)
        assert not await taken(Network(memory=memory, now=clock))
        clock.now += timedelta(hours=1)
        assert await taken(Network(memory=memory, now=clock))

    asyncio.run(scenario())


def test_p15_a_pause_is_cut_to_a_day_even_where_memory_holds_a_longer_one() -> None:
    clock, memory = Clock(), VolatileMemory()

    async def scenario() -> None:
        await memory.put(Host(HOST, paused_until=clock.now + timedelta(days=400)))
        network = Network(memory=memory, now=clock)
        await network.recall(HOST)
        assert network.gate.wait_s(HOST) == pytest.approx(7 * 24 * 3600, abs=5)

    asyncio.run(scenario())


def test_a_pause_keeps_what_else_is_known_of_the_host() -> None:
    clock, memory = Clock(), VolatileMemory()

    async def scenario() -> None:
        await memory.put(Host(HOST, robots_status=404, robots_fetched=clock.now))
        await Network(memory=memory, now=clock).pause(HOST, timedelta(hours=1))
        assert await memory.get(HOST) == Host(HOST, clock.now + timedelta(hours=1), 404, None, clock.now)

    asyncio.run(scenario())


def test_no_request_slips_through_while_the_pause_is_looked_up() -> None:
    class SlowMemory(VolatileMemory):
        async def get(self, host: str) -> Host | None:
            await asyncio.sleep(0.02)
            return await super().get(host)

    clock, memory = Clock(), SlowMemory()

    async def scenario() -> None:
        await memory.put(Host(HOST, paused_until=clock.now + timedelta(hours=2)))
        network = Network(memory=memory, now=clock)
        assert await asyncio.gather(*(taken(network) for _ in range(5))) == [False] * 5

    asyncio.run(scenario())


def test_a_memory_that_fails_is_asked_again() -> None:
    class BrokenOnce(VolatileMemory):
        broken = True

        async def get(self, host: str) -> Host | None:
            if self.broken:
                self.broken = False
                raise OSError("disk")
            return await super().get(host)

    async def scenario() -> None:
        network = Network(memory=BrokenOnce())
        with pytest.raises(OSError, match="disk"):
            await network.recall(HOST)
        await network.recall(HOST)
        assert await taken(network)

    asyncio.run(scenario())


def test_only_hosts_in_the_users_own_ranges_may_be_hurried() -> None:
    network = Network(allowance=Allowance.parse(["127.0.0.0/8", "10.0.0.0/8"]))
    network.note_allowed("intranet.example")

    async def hurried(host: str) -> bool:
        async with network.gate.turn(host, 0.0):
            network.gate.sent(host)
        return network.gate.ready(host)

    async def scenario() -> None:
        own = ("127.0.0.1:8080", "10.1.2.3", "a.localhost", "localhost:81", "intranet.example", "intranet.example:8")
        assert [await hurried(host) for host in own] == [True] * 6
        assert [await hurried(host) for host in ("site.example", "8.8.8.8", "192.168.0.1")] == [False] * 3

    asyncio.run(scenario())


def test_p11_the_user_agent_names_product_version_and_contact() -> None:
    assert user_agent("https://a.example/bot").startswith("Cuttings/")
    assert user_agent("https://a.example/bot").endswith(" (+https://a.example/bot)")
    assert " " not in user_agent(None)


def test_a_crawl_has_one_network_made_from_its_settings() -> None:
    settings = Settings(
        {"CUTTINGS_ALLOW": ["10.0.0.0/8"], "CUTTINGS_CONTACT": "https://a.example", "CUTTINGS_DELAY_S": 3}
    )
    crawler = Crawler(Spider, settings)
    network = network_of(crawler)
    assert network_of(crawler) is network
    assert network_of(Crawler(Spider, settings)) is not network
    assert (network.delay_s, network.allowance) == (3.0, Allowance.parse(["10.0.0.0/8"]))
    assert network.user_agent.endswith("(+https://a.example)")
