"""When the daemon crawls next, decided with clocks that a test sets; and what it watches."""

from __future__ import annotations

import os
import pickle
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.bounds import CRAWL_BYTES, Bounds, memory_bytes
from crawler.crawl_process import Orders
from crawler.errors import ConfigError
from crawler.feeds_watch import FeedsWatch
from crawler.rounds import (
    BACK_OFF_S,
    CLOCK_TOLERANCE_S,
    IDLE_REST_S,
    LONGEST_BACK_OFF_S,
    LONGEST_REST_S,
    Clocks,
    Ended,
    History,
    Rest,
    back_off_s,
    set_back,
)
from crawler.service import Service

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
START = Clocks(NOON, 1000.0)


def later(seconds: float, *, wall_s: float | None = None) -> Clocks:
    """Both clocks so long after the start; the wall clock differently if told."""
    return Clocks(NOON + timedelta(seconds=seconds if wall_s is None else wall_s), START.monotonic_s + seconds)


def rest_after(ended: Ended, history: History | None = None) -> Rest:
    return (history or History()).after(ended).rest(ended, START)


def test_after_a_crawl_it_rests_until_something_is_due() -> None:
    rest = rest_after(Ended("done", worked=True, next_due=NOON + timedelta(minutes=10)))
    assert not rest.over(START, later(599))
    assert rest.over(START, later(600))
    assert rest.wait_s(START, START) == 600


def test_it_looks_within_an_hour_even_if_nothing_is_due_or_it_is_due_in_a_year() -> None:
    for due in (None, NOON + timedelta(days=365)):
        rest = rest_after(Ended("done", worked=True, next_due=due))
        assert not rest.over(START, later(LONGEST_REST_S - 1))
        assert rest.over(START, later(LONGEST_REST_S))
        assert rest.wait_s(START, later(10)) == LONGEST_REST_S - 10


def test_r8_a_clock_set_forward_or_a_suspend_makes_due_what_is_due_by_the_wall_clock() -> None:
    rest = rest_after(Ended("done", worked=True, next_due=NOON + timedelta(minutes=10)))
    assert rest.over(START, later(2, wall_s=86400))
    assert rest.wait_s(START, later(2, wall_s=86400)) == 0


def test_r8_a_clock_set_back_is_noticed_and_one_that_drifts_or_is_set_forward_is_not() -> None:
    assert set_back(START, later(2, wall_s=-86400))
    assert set_back(START, later(2, wall_s=1 - CLOCK_TOLERANCE_S))
    assert not set_back(START, later(2))
    assert not set_back(START, later(2, wall_s=2 - CLOCK_TOLERANCE_S))
    assert not set_back(START, later(2, wall_s=86400))


def test_a_crawl_that_stopped_at_a_bound_is_followed_at_once() -> None:
    assert rest_after(Ended("stopped", worked=True)).over(START, START)
    assert rest_after(Ended("busy")).over(START, START)


def test_a_crawl_that_found_nothing_to_do_makes_no_loop() -> None:
    for ended in (Ended("done", next_due=NOON), Ended("stopped")):
        rest = rest_after(ended)
        assert not rest.over(START, later(IDLE_REST_S - 1))
        assert rest.wait_s(START, START) == IDLE_REST_S
        assert rest.over(START, later(IDLE_REST_S))


def test_failures_and_crashes_back_off_bounded_and_a_success_resets() -> None:
    history, waits = History(), []
    for how in ("crashed", "failed", "busy") * 6:
        ended = Ended(how)  # type: ignore[arg-type]
        history = history.after(ended)
        waits.append(history.rest(ended, START).at_least_s)
    slept = [wait for wait in waits if wait]
    assert slept[:3] == [BACK_OFF_S, 2 * BACK_OFF_S, 4 * BACK_OFF_S]
    assert slept[-1] == LONGEST_BACK_OFF_S == max(slept)
    assert history.after(Ended("done")).failures == 0
    assert back_off_s(10**6) == LONGEST_BACK_OFF_S
    rest = rest_after(Ended("crashed"))
    assert not rest.over(START, later(BACK_OFF_S - 1, wall_s=86400)), "no clock shortens it"
    assert rest.over(START, later(BACK_OFF_S, wall_s=-86400)), "nor lengthens it"


def test_a_crawl_ends_at_its_bounds_of_time_and_memory() -> None:
    bounds = Bounds(crawl_s=3600, crawl_bytes=CRAWL_BYTES)
    assert bounds.passed(3599, lambda: CRAWL_BYTES - 1) is None
    assert bounds.passed(3600, lambda: 0) == "60 minutes have passed"
    assert bounds.passed(0, lambda: CRAWL_BYTES) == "it has grown to 1074 MB"
    assert Bounds().passed(1e9, lambda: 1 << 40) is None


def test_memory_is_told_where_the_system_tells_it(tmp_path: Path) -> None:
    assert memory_bytes(tmp_path / "none") == 0
    (tmp_path / "odd").write_text("1")
    assert memory_bytes(tmp_path / "odd") == 0
    (tmp_path / "statm").write_text("10 3 1 0")
    assert memory_bytes(tmp_path / "statm") == 3 * os.sysconf("SC_PAGE_SIZE")


GOOD = """contact: https://example.org/about
sources:
  - feed: https://example.org/feed
    headers: {Authorization: secret}
    keep: ["/20\\\\d\\\\d/"]
"""


def test_feeds_yaml_is_read_again_when_it_changed_and_the_last_valid_one_stays(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    with pytest.raises(ConfigError):
        FeedsWatch(path)
    path.write_text(GOOD)
    watch = FeedsWatch(path)
    first = watch.config
    assert watch.look() is None
    path.write_text("# only a remark\n" + GOOD)
    assert watch.look() is None, "it means the same"
    path.write_text(GOOD.replace("feed:", "fed:"))
    error = watch.look()
    assert isinstance(error, ConfigError)
    assert "feeds.yaml:3:" in str(error)
    assert watch.look() is None
    path.unlink()
    assert isinstance(watch.look(), ConfigError)
    assert watch.look() is None
    assert watch.config == first
    path.write_text(GOOD.replace("example.org/feed", "example.org/other"))
    assert watch.look() == watch.config != first


def test_c20_orders_carry_the_subscriptions_whole_and_their_repr_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "feeds.yaml"
    path.write_text(GOOD)
    orders = Orders(FeedsWatch(path).config, "cuttings.db", Bounds())
    assert pickle.loads(pickle.dumps(orders)) == orders
    assert orders.config.sources[0].headers == {"Authorization": "secret"}
    assert "secret" not in repr(orders)


def test_the_service_manager_is_named_by_the_environment() -> None:
    assert Service.of({}, 5) == Service()
    environment = {"NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": "30000000"}
    assert Service.of(environment, 5) == Service("/run/x", 30.0)
    assert Service.of({**environment, "WATCHDOG_PID": "5"}, 5).watchdog_s == 30
    assert Service.of({**environment, "WATCHDOG_PID": "6"}, 5).watchdog_s is None
    assert Service.of({"WATCHDOG_USEC": "soon"}, 5).watchdog_s is None
    Service("/nowhere/at/all").ready()
