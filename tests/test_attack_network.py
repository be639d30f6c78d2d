"""A hostile web against the installed command: no host takes from the others, no answer breaks a crawl."""

from __future__ import annotations

import signal
import time

import pytest
from answers import Behaviour, Response
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from misbehaviour import bomb, endless, raw, stall
from newsroom import Newsroom, adds_up, outcomes, story

NOWHERE = (
    b"http://[",
    b"http://127.0.0.2:99999/",
    b"http://127.0.0.2:80:80/",
    b"javascript:alert(1)",
    b"mailto:a@b",
    b"x:",
)
"""Addresses that libraries raise over."""


def test_s6_hosts_that_never_answer_leave_the_others_their_places(web: LocalWeb, newsroom: Newsroom) -> None:
    """More of them than a crawl with one worker may hold in hand, and named before the healthy feed."""
    tarpits = [web.site(f"127.0.1.{number}") for number in range(1, 61)]
    for site in tarpits:
        site.fallback(stall())
    healthy = web.site("127.0.0.2")
    url = healthy.page("/a", article_page("Healthy", story(120, 1)))
    newsroom.subscribe(*(site.url("/feed") for site in tarpits), healthy.page("/feed", rss([Item(url, "Healthy")])))
    process = newsroom.start("crawl", "--workers", "1")
    try:
        web.wait_for(1, lambda seen: seen.path == "/a", timeout_s=30)
        until = time.monotonic() + 20
        while newsroom.run("show", url).returncode and time.monotonic() < until:
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    finally:
        process.kill()
    assert "Traceback" not in err
    assert newsroom.json("show", url)["title"] == "Healthy"


@pytest.mark.parametrize("kind", ["endless", "bomb"])
def test_c12_many_large_bodies_at_once_do_not_add_up_in_memory(web: LocalWeb, newsroom: Newsroom, kind: str) -> None:
    sites = [web.site(f"127.0.1.{number}") for number in range(1, 41)]
    for site in sites:
        site.add("/feed", endless(b"x" * 65536) if kind == "endless" else bomb("gzip", 4_000_000_000))
    newsroom.subscribe(*(site.url("/feed") for site in sites))
    process = newsroom.start("crawl", "--json")
    peak_kib = 0
    while process.poll() is None:
        with open(f"/proc/{process.pid}/status") as status:
            peak_kib = max([peak_kib, *(int(line.split()[1]) for line in status if line.startswith("VmHWM"))])
        time.sleep(0.1)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "too_large: the body has more than" in out if kind == "endless" else "bomb" in out
    assert peak_kib < 450 * 1024


def test_c10_addresses_that_nobody_can_fetch_end_a_page_with_an_outcome_and_no_traceback(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    named = []
    for number, target in enumerate(NOWHERE):
        ways: dict[str, Response | Behaviour] = {
            "location": raw(b"HTTP/1.1 302 Found\r\nLocation: " + target + b"\r\nContent-Length: 0\r\n\r\n"),
            "refresh": raw(b"HTTP/1.1 200 OK\r\nRefresh: 0; url=" + target + b"\r\nContent-Length: 2\r\n\r\nok"),
            "meta": Response(b'<html><meta http-equiv="refresh" content="0; url=' + target + b'"><body></body></html>'),
        }
        named += [Item(site.add(f"/{way}{number}", answer), way) for way, answer in ways.items()]
    newsroom.subscribe(site.page("/feed", rss(named)))
    done = newsroom.run("crawl")
    assert done.stderr == ""
    said = [newsroom.json("explain", item.url)["attempts"][0]["outcome"] for item in named[:9]]
    assert not {outcome["reason"] for outcome in said} & {"internal_error", "unexpected"}


def test_c10_answers_that_are_no_http_are_told_from_addresses_that_are_none(web: LocalWeb, newsroom: Newsroom) -> None:
    answers = (
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\n: x\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 99999999999 X\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 -1 X\r\nContent-Length: 2\r\n\r\nok",
    )
    site = web.site("127.0.0.2")
    named = [Item(site.add(f"/{number}", raw(answer)), "t") for number, answer in enumerate(answers)]
    newsroom.subscribe(site.page("/feed", rss(named)))
    report = newsroom.json("crawl")
    assert adds_up(report)
    assert report["reasons"] == {"failed:bad_answer": len(answers)}
    assert outcomes(report) == {"failed": len(answers)}


def test_p13_not_modified_is_no_answer_to_a_first_request(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.add("/feed", raw(b"HTTP/1.1 304 Not Modified\r\n\r\n")))
    report = newsroom.json("crawl")
    assert report["polls"] == {"failed": 1}
    assert "http_304" in report["failed_polls"][0]["why"]
