"""`cuttings run`: real processes, real signals, real files; times are moved in the corpus, not in the process."""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import sys
import time
from pathlib import Path

import pytest
from feedmaker import Item, rss
from localweb import LocalWeb, Site
from misbehaviour import stall
from newsroom import Newsroom, adds_up
from publishing import feed_of
from running import Running, ask, change, children, eventually, in_s, lives, running

from storage import claim, open_corpus

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(sys.platform != "linux", reason="children are found in /proc"),
]


def resting(daemon: Running) -> None:
    """Wait until no crawl runs."""
    eventually(lambda: not daemon.children)


def polls(site: Site) -> int:
    return len(site.requests("/feed"))


POSTPONE = "UPDATE feeds SET next_poll = ?"


@pytest.fixture
def site(web: LocalWeb, newsroom: Newsroom) -> Site:
    """A site with three articles, subscribed to."""
    site = web.site("127.0.0.2")
    newsroom.subscribe(feed_of(site, 3))
    return site


@pytest.fixture
def quiet(site: Site, newsroom: Newsroom) -> Site:
    """The same, crawled, and due again in two hours."""
    newsroom.ok("crawl")
    change(newsroom.db, POSTPONE, in_s(7200))
    return site


def test_it_crawls_what_is_due_sleeps_and_crawls_what_falls_due(site: Site, newsroom: Newsroom) -> None:
    with running(newsroom, "run", "--json") as daemon:
        document = json.loads(daemon.says('"stored"'))
        assert adds_up(document)
        assert document["outcomes"] == {"stored": 3}
        assert document["how"] == "done"
        assert document["next_due"] > in_s(60)
        resting(daemon)
        change(newsroom.db, POSTPONE, in_s(0))
        daemon.process.send_signal(signal.SIGHUP)
        document = json.loads(daemon.says('"same_bytes": 1'))
        assert polls(site) == 2
        assert daemon.stop() < 45
        assert daemon.process.returncode == 0


def test_p24_restarting_never_causes_an_early_poll(site: Site, newsroom: Newsroom) -> None:
    for end in (signal.SIGTERM, signal.SIGKILL, signal.SIGINT):
        with running(newsroom, "-v", "run") as daemon:
            daemon.says("next crawl")
            resting(daemon)
            daemon.stop(end)
    assert polls(site) == 1
    assert ask(newsroom.db, "SELECT count(*) FROM outcomes") == 3


def test_c15_a_second_daemon_is_refused_and_told_the_first_and_a_crawl_by_hand_goes_on_beside_it(
    quiet: Site, newsroom: Newsroom
) -> None:
    with running(newsroom, "-v", "run") as daemon:
        daemon.says("next crawl")
        resting(daemon)
        assert f"process {daemon.process.pid} runs it" in newsroom.refused("run", status=1)
        newsroom.ok("crawl", "--all")
        assert polls(quiet) == 2


def test_it_waits_for_another_writer_and_says_so_once(site: Site, newsroom: Newsroom) -> None:
    with open_corpus(newsroom.db, write=True), running(newsroom, "run") as daemon:
        daemon.says(f"process {os.getpid()} is writing it")
        time.sleep(5)
        assert len(daemon.lines) == 1
        assert not daemon.children
        assert daemon.stop() < 20
    with running(newsroom, "run") as daemon:
        daemon.says("3 stored")
    assert polls(site) == 1


def test_changes_of_feeds_yaml_take_effect_and_invalid_ones_are_told_once(
    web: LocalWeb, quiet: Site, newsroom: Newsroom
) -> None:
    path = newsroom.folder / "feeds.yaml"
    good = path.read_text()
    with running(newsroom, "-v", "run") as daemon:
        daemon.says("next crawl")
        path.write_text("contact: https://example.org/about\nsources:\n  - fed: https://example.org/feed\n")
        assert "sources[0]" in daemon.says("feeds.yaml:3:")
        path.unlink()
        daemon.says("feeds.yaml: there is no such file")
        time.sleep(3)
        assert len([line for line in daemon.lines if "Error" in line]) == 2
        change(newsroom.db, POSTPONE, in_s(0))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.says("1 with the same bytes")  # the subscriptions of before are in force
        path.write_text(good)
        other = web.site("127.0.0.3")
        newsroom.subscribe(quiet.url("/feed"), feed_of(other, 1, 50))
        daemon.says("2 sources")
        daemon.says("1 stored")
        mended = path.read_text()
        path.write_text("sources: 7\n")
        daemon.says("feeds.yaml:1:")
        path.write_text(mended)
        daemon.says("changed: 2 sources", times=2)  # the same as before the mistake, and told all the same
    assert ask(newsroom.db, "SELECT count(*) FROM sources WHERE enabled = 1") == 2


def test_a_change_while_a_crawl_runs_lets_it_wind_up_and_the_next_has_the_new_file(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    slow, other = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(feed_of(slow, 60), delay=2)
    with running(newsroom, "run", "--json") as daemon:
        web.wait_for(3, lambda seen: seen.path.startswith("/p"), 60)
        newsroom.subscribe(slow.url("/feed"), feed_of(other, 1, 70), delay=2)
        web.wait_for(1, lambda seen: seen.host == other.host and seen.path == "/p0", 90)
        document = json.loads(daemon.says('"how": "stopped"'))
        assert adds_up(document)
        daemon.stop()
    assert slow.kept_apart(2)
    assert ask(newsroom.db, "SELECT count(*) FROM outcomes WHERE outcome <> 'stored'") == 0


def test_c15_a_killed_daemon_takes_its_crawl_with_it_and_the_next_starts_at_once(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(feed_of(site, 60), delay=1)
    with running(newsroom) as daemon:
        web.wait_for(2, lambda seen: seen.path.startswith("/p"), 60)
        (crawl,) = daemon.children
        daemon.stop(signal.SIGKILL)
    eventually(lambda: not lives(crawl), within_s=15)
    web.clear()
    with running(newsroom) as daemon:
        web.wait_for(2, lambda seen: seen.path.startswith("/p"), 60)
        daemon.stop()
    assert ask(newsroom.db, "SELECT count(*) - count(DISTINCT page_id) FROM outcomes") == 0


def test_c15_a_killed_crawl_is_told_and_the_daemon_goes_on(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(feed_of(site, 12), delay=1)
    with running(newsroom) as daemon:
        web.wait_for(2, lambda seen: seen.path.startswith("/p"), 60)
        (crawl,) = daemon.children
        os.kill(crawl, signal.SIGKILL)
        assert "SIGKILL; trying again at" in daemon.says(f"process {crawl}")
        eventually(lambda: ask(newsroom.db, "SELECT count(*) FROM articles") == 12)
        daemon.stop()
    assert ask(newsroom.db, "SELECT count(*) FROM outcomes") == 12


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_c15_it_stops_within_45_s_and_at_once_when_told_twice(
    web: LocalWeb, newsroom: Newsroom, number: signal.Signals
) -> None:
    site, tarpit = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(feed_of(site, 40), feed_of(tarpit, 1), delay=1)
    tarpit.add("/p0", stall())
    with running(newsroom) as daemon:
        web.wait_for(1, lambda seen: seen.host == tarpit.host and seen.path == "/p0", 90)
        daemon.says("crawling what is due of 2 sources")
        (crawl,) = daemon.children
        if number == signal.SIGINT:
            daemon.process.send_signal(number)
            daemon.says("stopping within 45 s")
            assert daemon.stop(number) < 10
            assert daemon.process.returncode == 128 + number
            eventually(lambda: not lives(crawl), within_s=15)
        else:
            assert daemon.stop(number) < 45
            assert daemon.process.returncode == 0
            assert daemon.lines[-1].endswith("; stopped")
            assert ask(newsroom.db, "SELECT count(*) FROM pages WHERE state = 'leased'") == 0


def test_r8_feeds_and_pages_of_a_clock_a_year_ahead_are_taken_up_within_an_interval(
    quiet: Site, newsroom: Newsroom
) -> None:
    year = 365 * 86400
    change(newsroom.db, "UPDATE feeds SET last_poll = ?, next_poll = ?, interval_s = 4", in_s(year), in_s(year + 4))
    with running(newsroom, "run") as daemon:
        daemon.says("1 feed polled")
    assert polls(quiet) == 2


def test_r3_a_full_disk_is_told_and_tried_again_until_there_is_room(site: Site, newsroom: Newsroom) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, resource.RLIM_INFINITY))

    big = rss([Item(site.url(f"/p{n}"), "Long " * 2000) for n in range(300)])
    feed = site.page("/big", big, content_type="application/rss+xml")
    newsroom.subscribe(feed)
    with running(newsroom, "run", preexec_fn=no_room) as daemon:
        daemon.says("the disk took no more", 2)
        assert len([line for line in daemon.lines if "Error" in line]) == len(daemon.lines) - 1, "and it says hello"
        unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, unlimited)
        daemon.says("3 stored")
        assert daemon.stop() < 45
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().articles == 3


def test_p28_it_outlives_a_network_that_is_down(newsroom: Newsroom) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    newsroom.subscribe(f"http://127.0.0.2:{port}/feed")
    with running(newsroom, "run") as daemon:
        daemon.says("1 failed")
        resting(daemon)
        with LocalWeb(port=port) as web:
            feed_of(web.site("127.0.0.2"), 2)
            change(newsroom.db, POSTPONE, in_s(0))
            daemon.process.send_signal(signal.SIGHUP)
            daemon.says("2 stored")
            daemon.stop()


def test_feeds_yaml_that_becomes_a_pipe_or_a_folder_neither_stops_it_nor_keeps_it_from_stopping(
    quiet: Site, newsroom: Newsroom
) -> None:
    path = newsroom.folder / "feeds.yaml"
    with running(newsroom, "-v", "run") as daemon:
        daemon.says("next crawl")
        path.unlink()
        os.mkfifo(path)
        daemon.says("feeds.yaml: is a pipe or a device")
        path.unlink()
        path.mkdir()
        daemon.says("feeds.yaml: is a folder")
        assert daemon.stop() < 45
        assert daemon.process.returncode == 0
    path.rmdir()
    os.mkfifo(path)
    assert "is a pipe" in newsroom.refused("run", status=2)


def test_a_file_that_is_no_corpus_and_an_invalid_feeds_yaml_end_it_at_the_start(site: Site, newsroom: Newsroom) -> None:
    newsroom.db.write_text("something else")
    assert "is not a corpus" in newsroom.refused("run", status=1)
    newsroom.db.unlink()
    (newsroom.folder / "feeds.yaml").write_text("sources: 3\n")
    assert "feeds.yaml:1" in newsroom.refused("run", status=2)
    assert "5" in newsroom.refused("run", "--max-crawl", "5", status=2)
    assert "0s" in newsroom.refused("run", "--max-crawl", "0s", status=2)


def test_p30_c1_while_a_slow_site_drains_over_many_crawls_others_are_polled_on_time(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    slow, other = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe({"feed": feed_of(slow, 40), "delay": 3}, feed_of(other, 1, 90))
    with running(newsroom, "run", "--max-crawl", "8s", "--json") as daemon:
        eventually(lambda: ask(newsroom.db, "SELECT count(*) FROM articles WHERE site LIKE '%.3'"))
        for number in range(2, 6):
            change(newsroom.db, POSTPONE + " WHERE host LIKE '127.0.0.3%'", in_s(0))
            began = time.monotonic()
            web.wait_for(number, lambda seen: seen.host == other.host and seen.path == "/feed", 60)
            assert time.monotonic() - began < 25  # looks are 5 s apart, a replacement takes some more
            time.sleep(1)
        daemon.says('"stopped": "replaced: ')
        daemon.stop()
    assert slow.kept_apart(3)
    assert ask(newsroom.db, "SELECT count(*) - count(DISTINCT page_id) FROM outcomes") == 0


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told_that_it_is_ready_alive_and_stopping(
    quiet: Site, newsroom: Newsroom, tmp_path: Path, abstract: bool
) -> None:
    address = f"\0cuttings-{os.getpid()}-{time.monotonic_ns()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.settimeout(60)
        newsroom.env |= {"NOTIFY_SOCKET": address.replace("\0", "@"), "WATCHDOG_USEC": "1500000"}
        with running(newsroom, "--quiet", "run") as daemon:
            told = [manager.recv(4096).decode()]
            assert told == ["READY=1"]
            while told.count("WATCHDOG=1") < 3:
                told.append(manager.recv(4096).decode())
            daemon.stop()
            while told[-1] != "STOPPING=1":
                told.append(manager.recv(4096).decode())
            assert daemon.lines == []
    assert any(line.startswith("STATUS=") for line in told)


def test_a_reader_that_goes_away_does_not_end_it(site: Site, newsroom: Newsroom) -> None:
    process = newsroom.start("run")
    try:
        for stream in (process.stdout, process.stderr):
            assert stream is not None
            stream.close()
        eventually(lambda: ask(newsroom.db, "SELECT count(*) FROM outcomes") == 3)
        eventually(lambda: not children(process.pid))
        change(newsroom.db, POSTPONE, in_s(0))
        process.send_signal(signal.SIGHUP)
        eventually(lambda: polls(site) == 2)
        process.terminate()
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()


def test_nobody_else_may_run_what_this_process_runs(newsroom: Newsroom, site: Site) -> None:
    with claim(newsroom.db, "run"):
        assert f"process {os.getpid()} runs it" in newsroom.refused("run", status=1)
