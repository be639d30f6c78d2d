"""Whose fault it is that nothing answers (P28)."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence

from localweb import LocalWeb

from crawler.network.addresses import Allowance
from crawler.network.outage import FRESH_S, Outage, reaches

GOOD = ("https://one.example/feed", "https://two.example/feed", "https://three.example/feed")
LOOPBACK = Allowance.parse(["127.0.0.0/8"])


class World:
    """Which hosts can be reached, and who was called."""

    def __init__(self, *up: str) -> None:
        self.up = set(up)
        self.called: list[str] = []
        self.clock = 1000.0
        self.good: Sequence[str] = GOOD
        self.outage = Outage(self.call, lambda host: host.startswith("10."), lambda: self.clock)

    async def call(self, url: str) -> bool:
        self.called.append(url)
        return url in self.up

    def is_down(self, host: str = "dead.example") -> bool:
        async def known_good() -> Sequence[str]:
            return self.good

        return asyncio.run(self.outage.is_down(known_good, host))


def test_p28_where_no_host_that_was_well_can_be_reached_the_network_is_down() -> None:
    world = World()
    assert world.is_down()
    assert world.called == list(GOOD)


def test_p28_one_host_that_can_be_reached_vouches_for_the_network() -> None:
    assert not World("https://three.example/feed").is_down()


def test_p28_an_answer_a_moment_ago_vouches_without_a_call() -> None:
    world = World()
    world.outage.answered("one.example")
    assert not world.is_down()
    assert world.called == []
    world.clock += FRESH_S
    assert world.is_down()


def test_p28_what_was_found_out_holds_for_a_while() -> None:
    world = World()
    assert world.is_down()
    assert world.is_down("other.example")
    assert len(world.called) == 3
    world.clock += FRESH_S
    world.up.add(GOOD[0])
    assert not world.is_down()


def test_p28_a_host_does_not_vouch_for_itself_and_nobody_for_the_only_one() -> None:
    world = World()
    world.good = ("https://dead.example/feed",)
    assert not world.is_down()
    assert world.called == []


def test_p28_the_own_network_does_not_vouch_for_the_line_out_of_the_house() -> None:
    world = World("http://10.0.0.1/feed")
    world.good = (*GOOD, "http://10.0.0.1/feed", "http://10.0.0.2/feed")
    world.outage.answered("10.0.0.1")
    assert world.is_down("dead.example")
    assert not world.is_down("10.0.0.9")


def test_reaches_opens_a_connection_and_sends_nothing(web: LocalWeb) -> None:
    site = web.site("127.0.0.2")
    assert asyncio.run(reaches(site.url("/feed"), LOOPBACK))
    assert web.requests == []


def test_s1_reaches_dials_no_private_address_and_no_closed_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        assert not asyncio.run(reaches(url, Allowance()))
        assert not asyncio.run(reaches(url.replace("127.0.0.1", "0x7f.1"), Allowance()))
        assert asyncio.run(reaches(url, LOOPBACK))
    assert not asyncio.run(reaches(url, LOOPBACK))
    assert not asyncio.run(reaches("http://no-such-host.invalid/", LOOPBACK))
