"""Politeness, bounds and manners of real crawls against a server that misbehaves."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from answers import Response, encoded, redirect, refresh, stacked, too_many, unavailable
from fetching import Crawl, fetch
from localweb import LocalWeb
from misbehaviour import (
    bare_lf,
    bomb,
    drip,
    drop,
    endless,
    hang_up,
    header_flood,
    http10,
    no_reason,
    raw,
    stall,
    truncated,
)

from crawler import settings

MEGABYTE = 1_000_000


def told(crawl: Crawl) -> list[str]:
    """Outcomes, and bodies where there is none."""
    return [result.outcome or result.body for result in crawl.results]


def test_c1_p26_starts_at_a_host_are_apart_for_pages_robots_txt_and_redirects_together(web: LocalWeb) -> None:
    slow, other, third = web.site("127.0.0.1"), web.site("127.0.0.2"), web.site("127.0.0.3")
    third.robots("user-agent: *\ncrawl-delay: 0.9")
    third.page("/target", "target")
    urls = [slow.page(f"/{number}", "page") for number in range(3)]
    urls += [other.add(f"/{number}", redirect(third.url("/target"))) for number in range(3)]
    # A feed, a page and a redirect are one to the host; `download_slot` changes nothing.
    slot = {"download_slot": "elsewhere"}
    crawl = fetch(*({"url": url, "meta": slot} for url in urls), delay_s=0.6)
    assert told(crawl) == ["page"] * 3 + ["target"] * 3
    for site, requests, least_s in ((slow, 4, 0.6), (other, 4, 0.6), (third, 4, 0.9)):
        assert len(site.requests()) == requests
        assert site.kept_apart(least_s), site.gaps_s()
        assert web.max_concurrent(site.host) <= 2


def test_c1_the_delay_of_a_source_holds_and_strangers_are_never_hurried(web: LocalWeb) -> None:
    own, stranger = web.site("127.0.0.1"), web.site("localhost")
    own_urls = [own.page(f"/{number}", "page") for number in range(3)]
    crawl = fetch(*({"url": url, "meta": {"delay_s": 0.7}} for url in own_urls), delay_s=0)
    assert told(crawl) == ["page"] * 3
    assert own.kept_apart(0.7), own.gaps_s()
    assert stranger.requests() == []


def test_c3_p15_retry_after_pauses_that_host_alone(web: LocalWeb) -> None:
    busy, gone, healthy = web.site("127.0.0.1"), web.site("127.0.0.2"), web.site("127.0.0.3")
    busy.script("/first", [too_many(2), "page"])
    gone.add("/first", unavailable("Fri, 31 Dec 2100 23:59:59 GMT"))
    urls = [busy.url("/first"), busy.page("/second", "page"), gone.url("/first"), gone.page("/second", "page")]
    crawl = fetch(*urls, *(healthy.page(f"/{number}", "page") for number in range(5)), one_by_one=True)
    assert [result.status for result in crawl.results] == [429, 200, 503, None] + [200] * 5
    first, second = busy.requests("/first")[0], busy.requests("/second")[0]
    assert second.time_monotonic - first.time_monotonic >= 2
    # Nothing is asked again at once.
    assert len(busy.requests("/first")) == 1
    assert crawl[3].outcome == "failed:paused"
    assert crawl[3].retry_after_s == pytest.approx(7 * 24 * 3600, abs=60)
    assert gone.requests("/second") == []
    assert max(result.seconds for result in crawl.results[4:]) < 1


def test_c4_credentials_of_a_source_go_to_its_origin_alone(web: LocalWeb) -> None:
    home, away = web.site("127.0.0.1"), web.site("127.0.0.2")
    with LocalWeb() as other_port:
        port = other_port.site("127.0.0.1")
        for site in (home, away, port):
            site.page("/end", "end")
        home.add("/inside", redirect("/end"))
        home.add("/away", redirect(away.url("/back")))
        away.add("/back", redirect(home.url("/end?again")))
        home.add("/port", redirect(port.url("/end"), 307))
        home.add("/refresh", refresh(away.url("/end")))
        secrets = {
            "source_origin": home.url("/feed"),
            "source_headers": {"Authorization": "Bearer s3cret", "X-Key": "s3cret"},
            "source_cookies": {"session": "s3cret", "b": "2"},
        }
        urls = [home.url(path) for path in ("/inside", "/away", "/port", "/refresh")]
        crawl = fetch(*({"url": url, "meta": secrets} for url in [*urls, away.url("/end?direct")]))
        own = {"Cookie": "mine=s3cret", "Authorization": "s3cret"}
        kept = fetch({"url": home.url("/port"), "headers": own}, {"url": home.url("/away"), "headers": own})
        assert told(crawl) == ["end"] * 5
        assert told(kept) == ["end"] * 2
        strangers = away.requests() + port.requests()
        assert len(strangers) >= 8
        assert [seen.target for seen in strangers if "s3cret" in str(seen.headers)] == []
        # At home they are sent, for robots.txt too, and again after a way through other people's hands.
        for path in ("/robots.txt", "/inside", "/end?again"):
            seen = home.requests(path)[0]
            assert seen.header("Authorization") == "Bearer s3cret"
            assert seen.header("Cookie") == "session=s3cret; b=2"
        assert "s3cret" not in crawl.log + kept.log


def test_p10_p11_requests_say_who_asks_and_nothing_more(web: LocalWeb) -> None:
    site = web.site()
    site.page("/a", "a", headers=[("Set-Cookie", "id=1")])
    site.add("/b", redirect("/a?x=1&y"))
    contact = "https://crawler.example/about"
    fetch(site.url("/a"), site.url("/b"), site.url("/a"), one_by_one=True, settings={"CUTTINGS_CONTACT": contact})
    assert [seen.target for seen in site.requests()] == ["/robots.txt", "/a", "/b", "/a?x=1&y", "/a"]
    for seen in site.requests():
        name, _, rest = (seen.header("User-Agent") or "").partition("/")
        assert name == "Cuttings"
        assert rest.endswith(f" (+{contact})")
        assert {key.lower() for key, _ in seen.headers} == {
            "host",
            "user-agent",
            "accept",
            "accept-language",
            "accept-encoding",
        }


def test_certificates_are_verified() -> None:
    with LocalWeb(tls_names=["127.0.0.1"]) as web:
        crawl = fetch(web.site().page("/", "page"))
        assert crawl.outcomes == ["failed:tls"]
        assert web.requests == []


def test_c12_every_misbehaviour_has_its_outcome_and_the_rest_goes_on(web: LocalWeb) -> None:
    site = web.site()
    page = "<p>" + "x" * 10_000
    answers = {
        "/flood": (header_flood(), "failed:header_flood"),
        "/long-line": (raw(b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"), "failed:header_flood"),
        "/one-line": (raw(b"HTTP/1.1 200 OK" + b"a" * 300_000), "failed:header_flood"),
        "/continue": (raw(b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000), "failed:header_flood"),
        "/endless": (endless(), "failed:too_large"),
        "/endless-chunks": (endless(chunked=True), "failed:too_large"),
        "/announced": (Response(headers=[("Content-Length", "99999999999")]), "failed:too_large"),
        "/loop": (redirect("/loop"), "failed:too_many_redirects"),
        "/refresh-a": (refresh("/refresh-b"), "failed:too_many_redirects"),
        "/refresh-b": (refresh("/refresh-a"), "failed:too_many_redirects"),
        "/bomb": (bomb("br", 1 << 30), "failed:bomb"),
        "/inner-bomb": (stacked(["gzip", "gzip"], bytes(1 << 25)), "failed:bomb"),
        "/three": (stacked(["gzip", "gzip", "gzip"], page), "failed:bad_encoding"),
        "/broken-gzip": (
            Response(b"\x1f\x8b" + b"\x00" * 50, headers=[("Content-Encoding", "gzip")]),
            "failed:bad_encoding",
        ),
        "/dropped": (drop(page, 100), "failed:dropped"),
        "/truncated": (truncated(page, 100), "failed:dropped"),
        "/cut-chunks": (truncated(page, 100, chunked=True), "failed:dropped"),
        "/hang-up": (hang_up(), "failed:dropped"),
        "/not-http": (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "failed:bad_answer"),
        "/drip": (drip(page, 1), "failed:timeout"),
        "/drip-head": (drip(page, 1, head_too=True), "failed:timeout"),
        "/stall": (stall(), "failed:timeout"),
        # What is merely old or odd is read.
        "/two": (stacked(["gzip", "br"], page), page),
        "/zstd": (encoded(page, "zstd"), page),
        "/deflate": (encoded(page, "deflate"), page),
        "/liar": (Response(page, headers=[("Content-Encoding", "gzip")]), page),
        "/unknown": (Response(page, headers=[("Content-Encoding", "utf-8")]), page),
        "/http10": (http10(page), page),
        "/no-reason": (no_reason(page), page),
        "/bare-lf": (bare_lf(page), page),
        "/fine": (Response(page), page),
    }
    expected = []
    for path, (answer, outcome) in answers.items():
        site.add(path, answer)
        expected.append(outcome[:2000])
    crawl = fetch(
        *(site.url(path) for path in answers), settings={"DOWNLOAD_TIMEOUT": 4, "DOWNLOAD_MAXSIZE": 5_000_000}
    )
    assert dict(zip(answers, told(crawl), strict=True)) == dict(zip(answers, expected, strict=True))
    # S6: cut at the timeout plus a second.
    timeouts = [result for result in crawl.results if result.outcome == "failed:timeout"]
    assert max(result.seconds for result in timeouts) < 4 * 3 + 1
    assert len(site.requests("/loop")) == settings.REDIRECT_MAX_TIMES + 1


def test_s6_one_byte_a_second_is_cut_at_the_timeout(web: LocalWeb) -> None:
    sites = [web.site(f"127.0.0.{number}") for number in range(1, 4)]
    for site, answer in zip(sites, (drip("x" * 100, 1), drip("x", 1, head_too=True), stall()), strict=True):
        site.robots("")
        site.add("/", answer)
    crawl = fetch(*(site.url() for site in sites), settings={"DOWNLOAD_TIMEOUT": 2})
    assert crawl.outcomes == ["failed:timeout"] * 3
    for site in sites:
        (seen,) = site.requests("/")
        assert seen.ended_monotonic is not None
        assert seen.ended_monotonic - seen.time_monotonic < 2 + 1


def test_s6_two_hundred_tarpits_do_not_slow_healthy_hosts(web: LocalWeb) -> None:
    for number in range(200):
        web.site(f"tar{number}.localhost").fallback(stall())
    healthy = [web.site(f"fine{number}.localhost").page("/", "page") for number in range(40)]
    tarpits = [web.site(f"tar{number}.localhost").url() for number in range(200)]
    alone = fetch(*healthy)
    beside = fetch(*tarpits, *healthy, settings={"DOWNLOAD_TIMEOUT": 6})
    assert told(beside)[200:] == ["page"] * 40
    assert set(told(beside)[:200]) == {"failed:robots_unreachable"}
    # Making 200 more connections takes this process some time too; what counts is that nobody waits for their ends.
    slowest_alone, slowest = (max(result.seconds for result in crawl.results[-40:]) for crawl in (alone, beside))
    assert slowest < slowest_alone + 1.5


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
def test_s5_a_bomb_of_ten_gigabytes_costs_less_than_50_megabytes(web: LocalWeb, encoding: str) -> None:
    site = web.site()
    site.add("/bomb", bomb(encoding, 10_000 * MEGABYTE))  # type: ignore[arg-type]
    warm, fine = site.page("/warm", "x" * 100_000), site.page("/fine", "fine")
    crawl = fetch(warm, site.url("/bomb"), fine, one_by_one=True)
    assert told(crawl)[1:] == ["failed:bomb", "fine"]
    assert crawl.grown_bytes < 50 * MEGABYTE


def test_s5_a_zstd_frame_that_asks_for_a_huge_window_gets_none(web: LocalWeb) -> None:
    site = web.site()
    site.add("/bomb", bomb("zstd", MEGABYTE, zstd_window_log=30))
    crawl = fetch(site.url("/bomb"))
    assert crawl.outcomes == ["failed:bad_encoding"]
    assert crawl.grown_bytes < 50 * MEGABYTE


def test_redirects_tell_their_whole_way(web: LocalWeb) -> None:
    site = web.site()
    site.add("/a", redirect("/b", 301))
    site.add("/b", refresh("/c"))
    site.page("/c", "c")
    site.add("/late", refresh("/c", delay_s=60))
    crawl = fetch(site.url("/a"), site.url("/late"))
    assert crawl[0].url == site.url("/c")
    assert crawl[0].redirects == (("301", site.url("/a")), ("refresh", site.url("/b")))
    assert crawl[1].url == site.url("/late")


def test_connections_are_kept_but_a_broken_one_is_not_tried_again_at_once(web: LocalWeb) -> None:
    site = web.site()
    urls = [site.page(f"/{number}", "page") for number in range(3)]
    site.add("/hang-up", hang_up())
    crawl = fetch(*urls, site.url("/hang-up"), one_by_one=True)
    assert crawl.outcomes == [None, None, None, "failed:dropped"]
    assert len(site.requests("/hang-up")) == 1
    assert len(web.dialled) <= 2


def test_the_doors_that_scrapy_opens_are_shut() -> None:
    assert settings.TELNETCONSOLE_ENABLED is False
    assert settings.REMOTE_CONTROL_ENABLED is False
    assert settings.DOWNLOAD_VERIFY_CERTIFICATES is True
    assert [scheme for scheme, handler in settings.DOWNLOAD_HANDLERS.items() if handler] == ["http", "https"]


ON_THE_WAY_S = 0.03
"""What one request may be longer on its way than the next, where the machine is busy."""


def test_c1_gaps_hold_as_the_server_sees_them_over_many_requests(web: LocalWeb) -> None:
    sites = [web.site(f"127.0.1.{number}") for number in range(1, 6)]
    urls = [site.page(f"/{number}", "page") for number in range(6) for site in sites]
    began = time.monotonic()
    crawl = fetch(*urls, delay_s=0.5)
    assert crawl.outcomes == [None] * 30
    for site in sites:
        times = [seen.time_monotonic for seen in site.requests()]
        assert min(later - earlier for earlier, later in pairwise(times)) >= 0.5 - ON_THE_WAY_S
        assert times[-1] - times[0] >= 5 * 0.5 - ON_THE_WAY_S  # what is gained on one gap is not gained on all
    # Interleaved, not one host after the other (C5).
    assert time.monotonic() - began < 5 * 6 * 0.5
