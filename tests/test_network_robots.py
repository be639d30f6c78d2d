"""What a robots.txt allows (RFC 9309, and what Google publishes of its own parser), and when it is asked for."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from answers import Response, error, redirect, too_many
from fetching import fetch
from localweb import LocalWeb
from misbehaviour import hang_up, stall

from crawler.network.robots import (
    LONGEST_CRAWL_DELAY_S,
    PARSED_BYTES,
    RobotsAnswer,
    Rules,
    judge,
    max_age_s,
    product_token,
)
from crawler.network.rulebook import Rulebook, VolatileMemory, origin_of
from storage import Host

BASE = "https://site.example"

# (name of the case, robots.txt, allowed paths, forbidden paths) for the crawler FooBot.
CASES: list[tuple[str, str, str, str]] = [
    ("an empty file allows everything", "", "/ /a", ""),
    ("a group for us", "user-agent: FooBot\ndisallow: /\n", "", "/ /x/y"),
    ("unknown keys say nothing", "foo: FooBot\nbar: /\n", "/x", ""),
    ("a forgotten colon between two words is meant", "user-agent FooBot\ndisallow /\n", "", "/x"),
    ("a forgotten colon among more words is no line", "user-agent: FooBot\ndisallow / and more\n", "/x", ""),
    ("misspellings are meant", "useragent: FooBot\ndissallow: /a\ndisalow: /b\ndisallaw: /c", "/d", "/a /b /c"),
    ("keys in any case, with spaces around", "USER-AGENT : FooBot\n  Disallow\t: /a\nALLOW: /a/b", "/a/b", "/a/c"),
    ("agents in any case", "user-agent: fOObOT\ndisallow: /", "", "/x"),
    ("an agent line is read up to its version", "user-agent: FooBot/1.0\ndisallow: /", "", "/x"),
    ("an agent line is read up to its first space", "user-agent: FooBot News\ndisallow: /", "", "/x"),
    ("another crawler whose name begins ours is not us", "user-agent: Foo\ndisallow: /", "/x", ""),
    ("another crawler whose name we begin is not us", "user-agent: FooBot-News\ndisallow: /", "/x", ""),
    ("another crawler whose name contains ours is not us", "user-agent: MyFooBot\ndisallow: /", "/x", ""),
    ("paths are matched case by case", "user-agent: FooBot\ndisallow: /X/", "/x/a", "/X/a"),
    ("rules before any agent are nobody's", "disallow: /a\n\nuser-agent: FooBot\ndisallow: /b", "/a", "/b"),
    (
        "consecutive agents share their rules",
        "user-agent: BarBot\nuser-agent: FooBot\nuser-agent: Baz\ndisallow: /a",
        "/b",
        "/a",
    ),
    (
        "blank lines and comments do not part agents",
        "user-agent: FooBot\n\n# who\nuser-agent: B\ndisallow: /a",
        "/b",
        "/a",
    ),
    (
        "groups for the same crawler are one",
        "user-agent: FooBot\ndisallow: /a\n\nuser-agent: BarBot\ndisallow: /b\n\nuser-agent: FooBot\ndisallow: /c",
        "/b",
        "/a /c",
    ),
    (
        "lines of other kinds do not end a group",
        "user-agent: FooBot\nsitemap: /s\nuser-agent: B\ndisallow: /",
        "",
        "/x",
    ),
    (
        "a crawl-delay does not end a group either",
        "user-agent: FooBot\ncrawl-delay: 1\nuser-agent: B\ndisallow: /",
        "",
        "/x",
    ),
    ("everyone's group is for those without their own", "user-agent: *\ndisallow: /a", "/b", "/a"),
    (
        "a group of our own replaces everyone's",
        "user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow: /a",
        "/b",
        "/a",
    ),
    ("even where it is empty", "user-agent: *\ndisallow: /\nuser-agent: FooBot\ndisallow:\n", "/ /x", ""),
    ("a group for all with a word after it", "user-agent: * all\ndisallow: /", "", "/x"),
    ("empty rules say nothing", "user-agent: FooBot\ndisallow:\nallow:\n", "/ /x", ""),
    (
        "the longest match wins, whichever comes first",
        "user-agent: FooBot\ndisallow: /x/\nallow: /x/y",
        "/x/y /x/yz",
        "/x/ /x/z",
    ),
    ("or last", "user-agent: FooBot\nallow: /x/y\ndisallow: /x/", "/x/y", "/x/z"),
    ("between equals, allow wins", "user-agent: FooBot\ndisallow: /x\nallow: /x", "/x /x/y", ""),
    ("between equal wildcards too", "user-agent: FooBot\nallow: /$\ndisallow: /", "/", "/x"),
    (
        "length counts the pattern, not what it matched",
        "user-agent: FooBot\nallow: /page\ndisallow: /*.html",
        "/page",
        "/page.html",
    ),
    ("and the other way round", "user-agent: FooBot\nallow: /x/page.\ndisallow: /*.html", "/x/page.html", "/x/y.html"),
    (
        "a star matches any number of characters",
        "user-agent: FooBot\ndisallow: /a*b",
        "/a /ac /b",
        "/ab /acb /a/c/b /abx",
    ),
    ("several stars", "user-agent: FooBot\ndisallow: /*/x*/y", "/x/y /a/x", "/a/x/y /a/xx/y /a/b/x/z/y"),
    (
        "a star at the end adds nothing",
        "user-agent: FooBot\ndisallow: /fish*",
        "/Fish /catfish",
        "/fish /fish.html /fish/s",
    ),
    ("a dollar ends the path", "user-agent: FooBot\ndisallow: /*.php$", "/a.php?x /a.php5", "/a.php /b/c.php"),
    ("a dollar inside is a dollar", "user-agent: FooBot\ndisallow: /a$b", "/a /ab", "/a$b /a$b/c"),
    ("a star and a dollar together", "user-agent: FooBot\ndisallow: /a*$", "/b", "/a /a/b"),
    ("queries are matched", "user-agent: FooBot\ndisallow: /*?print=1", "/a?x=1", "/a?print=1 /a?print=12"),
    ("a pattern without slash or star matches nothing", "user-agent: FooBot\ndisallow: fish/", "/fish/ /fish", ""),
    ("a comment ends a rule", "user-agent: FooBot\ndisallow: /a # for now\ndisallow: /b#c", "/c", "/a /b /b/c"),
    ("a comment may be all there is", "# disallow: /\nuser-agent: FooBot\n#disallow: /\n", "/x", ""),
    ("a byte order mark", "\ufeffuser-agent: FooBot\ndisallow: /", "", "/x"),
    ("old line ends", "user-agent: FooBot\rdisallow: /a\rdisallow: /b", "/c", "/a /b"),
    ("line ends of Windows", "user-agent: FooBot\r\ndisallow: /a\r\n\r\ndisallow: /b\r\n", "/c", "/a /b"),
    ("mixed line ends and none at the end", "user-agent: FooBot\n\r\ndisallow: /a\r\rdisallow: /b", "/c", "/a /b"),
    ("a form feed ends no line", "user-agent: FooBot\ndisallow: /a\x0cdisallow: /b", "/b", ""),
    ("octets of UTF-8, written plainly", "user-agent: FooBot\ndisallow: /\u30c4", "/x", "/%E3%83%84 /%e3%83%84/a"),
    ("octets of UTF-8, written encoded", "user-agent: FooBot\ndisallow: /%E3%83%84", "/x", "/%E3%83%84"),
    ("encoded letters are letters", "user-agent: FooBot\ndisallow: /foo/%62%61%7A", "/foo/bar", "/foo/baz /foo/%62az"),
    ("an encoded slash is no slash", "user-agent: FooBot\ndisallow: /a/b", "/a%2Fb", "/a/b"),
    (
        "an address as parameter",
        "user-agent: FooBot\ndisallow: /foo?u=http://bar.example",
        "/foo",
        "/foo?u=http://bar.example/x",
    ),
    (
        "index.html stands for its folder",
        "user-agent: FooBot\nallow: /a/index.html\ndisallow: /",
        "/a/ /a/index.html",
        "/a/b /",
    ),
    ("robots.txt itself is always allowed", "user-agent: *\ndisallow: /", "/robots.txt", "/robots.txt.html"),
    ("a page in place of the file", "<!doctype html><html><body><p>Disallow: /</p></body></html>", "/x", ""),
    ("octets that are no text", "\x00\x01user-agent\x02: FooBot\ndisallow: /\x00", "/x", ""),
]


@pytest.mark.parametrize(
    ("text", "allowed", "forbidden"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_c2_rules_mean_what_the_standard_says(text: str, allowed: str, forbidden: str) -> None:
    rules = Rules(text.encode())
    assert [path for path in allowed.split() if not rules.allows(BASE + path, "FooBot")] == []
    assert [path for path in forbidden.split() if rules.allows(BASE + path, "FooBot")] == []


def test_crawl_delays_belong_to_the_crawlers_named_before_them() -> None:
    text = "user-agent: slow\ncrawl-delay: 10\n\nuser-agent: *\ncrawl-delay: 2.5\ndisallow: /x\n"
    rules = Rules(text.encode())
    assert rules.crawl_delay_s("Slow") == 10
    assert rules.crawl_delay_s("Cuttings") == 2.5


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1e9", LONGEST_CRAWL_DELAY_S), ("-1", 0), ("soon", 0), ("inf", 0), ("nan", 0), ("", 0), ("3 # slow", 3)],
)
def test_crawl_delays_are_cut_to_a_bound_and_nonsense_is_none(value: str, seconds: float) -> None:
    assert Rules(f"user-agent: *\ncrawl-delay: {value}".encode()).crawl_delay_s("Cuttings") == seconds


def test_sitemaps_are_found_anywhere() -> None:
    rules = Rules(b"Sitemap: https://a.example/1\nuser-agent: x\nsite-map: /2\ndisallow: /\nSITEMAP:/3")
    assert rules.sitemaps == ["https://a.example/1", "/2", "/3"]


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [("Cuttings/0.1.0 (+https://a.example)", "Cuttings"), ("my-bot", "my-bot"), ("Foo_Bar 2", "Foo_Bar"), ("", "*")],
)
def test_the_product_token_comes_from_the_user_agent(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


def test_c2_512_kib_are_parsed_and_no_more() -> None:
    start = b"user-agent: *\ndisallow: /early\n"
    fill = b"# and so on\n" * (PARSED_BYTES // 12)
    late = b"\ndisallow: /late\n"
    rules = Rules((start + fill)[: PARSED_BYTES - len(late)] + late + b"disallow: /too-late\n")
    assert [rules.allows(f"{BASE}/{path}", "x") for path in ("early", "late", "too-late")] == [False, False, True]


@pytest.mark.parametrize(
    "line", [b"disallow: /a\n", b"disallow: /*a*b*c*d$\n", b"user-agent: a\n", b"a" * 2000 + b"\n", b"\n", b"x"]
)
def test_s10_ten_megabytes_cost_under_half_a_second(line: bytes) -> None:
    body = b"user-agent: *\n" + line * (10_000_000 // len(line))
    began = time.process_time()
    judge(RobotsAnswer(200, body)).rules.allows(f"{BASE}/{'a' * 200}", "Cuttings")  # type: ignore[union-attr]
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize(
    ("status", "access"),
    [
        *((status, "rules") for status in (200, 204, 206)),
        *((status, "everything") for status in (301, 304, 400, 401, 403, 404, 410, 418, 451)),
        *((status, "nothing") for status in (429, 500, 502, 503, 504, 599, None)),
    ],
)
def test_c2_what_each_status_means(status: int | None, access: str) -> None:
    assert judge(RobotsAnswer(status, b"user-agent: *\ndisallow: /")).access == access


def test_c2_rules_live_a_day_at_most_and_less_where_the_server_says_so() -> None:
    assert judge(RobotsAnswer(200)).life_s == 24 * 3600
    assert judge(RobotsAnswer(200, max_age_s=3600)).life_s == 3600
    assert judge(RobotsAnswer(200, max_age_s=1e9)).life_s == 24 * 3600
    assert judge(RobotsAnswer(404, max_age_s=0)).life_s == 300
    assert [judge(RobotsAnswer(503), failures).life_s for failures in (0, 1, 2, 60)] == [300, 600, 1200, 6 * 3600]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("max-age=60", 60),
        ("public, Max-Age=7", 7),
        ("no-store", 0),
        ("", None),
        ("max-age=x", None),
        ("s-maxage=5", None),
    ],
)
def test_cache_control_is_read(header: str, seconds: float | None) -> None:
    assert max_age_s(header) == seconds


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Example.org:443/a", "https://example.org"),
        ("http://example.org.:8080?x", "http://example.org:8080"),
        ("http://[::1]:80/", "http://[::1]"),
    ],
)
def test_origins(url: str, origin: str) -> None:
    assert origin_of(url) == origin


class Clock:
    """A wall clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_c2_one_request_serves_all_who_wait_and_later_crawls() -> None:
    clock, memory, asked = Clock(), VolatileMemory(), []

    async def ask(url: str) -> RobotsAnswer:
        asked.append(url)
        await asyncio.sleep(0.01)
        return RobotsAnswer(200, b"user-agent: *\ndisallow: /no")

    async def scenario() -> None:
        book = Rulebook(lambda: memory, clock)
        standings = await asyncio.gather(*(book.learn(f"{BASE}/{number}", ask) for number in range(20)))
        assert len(set(map(id, standings))) == 1
        assert asked == [f"{BASE}/robots.txt"]
        later = Rulebook(lambda: memory, clock)
        clock.now += timedelta(hours=23)
        standing = await later.learn(f"{BASE}/no", ask)
        assert standing.verdict.rules is not None
        assert not standing.verdict.rules.allows(f"{BASE}/no", "x")
        assert len(asked) == 1
        clock.now += timedelta(hours=2)
        assert later.known(f"{BASE}/") is None
        await later.learn(f"{BASE}/", ask)
        assert len(asked) == 2

    asyncio.run(scenario())


def test_c2_an_unreachable_file_is_asked_for_again_later() -> None:
    clock, memory, asked = Clock(), VolatileMemory(), []

    async def ask(url: str) -> RobotsAnswer:
        asked.append(url)
        return RobotsAnswer(503 if len(asked) < 3 else 404)

    async def scenario() -> None:
        book = Rulebook(lambda: memory, clock)
        access = []
        for minutes in (0, 4, 2, 9, 2):
            clock.now += timedelta(minutes=minutes)
            access.append((await book.learn(BASE, ask)).verdict.access)
        assert access == ["nothing", "nothing", "nothing", "nothing", "everything"]
        assert len(asked) == 3

    asyncio.run(scenario())


def test_the_one_who_asked_may_leave_and_the_others_still_learn() -> None:
    memory = VolatileMemory()

    async def ask(url: str) -> RobotsAnswer:
        await asyncio.sleep(0.02)
        return RobotsAnswer(404)

    async def scenario() -> None:
        book = Rulebook(lambda: memory, Clock())
        first = asyncio.create_task(book.learn(BASE, ask))
        second = asyncio.create_task(book.learn(BASE, ask))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).verdict.access == "everything"

    asyncio.run(scenario())


def test_a_clock_set_back_does_not_keep_rules_alive() -> None:
    clock, memory = Clock(), VolatileMemory()

    async def ask(url: str) -> RobotsAnswer:
        return RobotsAnswer(404)

    async def scenario() -> None:
        future = clock.now + timedelta(days=30)
        await memory.put(
            Host(BASE, robots_status=200, robots_body=b"user-agent: *\ndisallow: /", robots_fetched=future)
        )
        standing = await Rulebook(lambda: memory, clock).learn(BASE, ask)
        assert standing.verdict.access == "everything"

    asyncio.run(scenario())


def test_memory_stays_flat_however_many_origins_are_met() -> None:
    memory = VolatileMemory()

    async def ask(url: str) -> RobotsAnswer:
        return RobotsAnswer(200, b"user-agent: *\ndisallow: /" + b"a" * 100_000)

    async def scenario() -> None:
        book = Rulebook(lambda: memory, Clock())
        for number in range(200):
            await book.learn(f"https://{number}.example/", ask)
        known = [number for number in range(200) if book.known(f"https://{number}.example/")]
        assert 10 < len(known) < 60
        assert known[-1] == 199

    asyncio.run(scenario())


def test_c2_a_crawl_obeys(web: LocalWeb) -> None:
    answers = {
        "127.0.0.1": Response("user-agent: cuttings\ndisallow: /no\n", content_type="text/plain"),
        "127.0.0.2": Response("user-agent: *\ndisallow: /", status=404),
        "127.0.0.3": error(503),
        "127.0.0.4": hang_up(),
        "127.0.0.5": too_many(),
        "127.0.0.6": stall(),
    }
    urls = []
    for host, answer in answers.items():
        site = web.site(host)
        site.add("/robots.txt", answer)
        urls += [site.page("/yes", "yes"), site.page("/no", "no")]
    crawl = fetch(*urls, settings={"DOWNLOAD_TIMEOUT": 2})
    told = [result.outcome or result.body for result in crawl.results]
    assert told == ["yes", "blocked:robots", "yes", "no"] + ["failed:robots_unreachable"] * 8
    for host in answers:
        assert len(web.site(host).requests("/robots.txt")) == 1
    assert [len(web.site(host).requests()) for host in answers] == [2, 3, 1, 1, 1, 1]
    assert crawl[4].retry_after_s == pytest.approx(300, abs=5)


def test_c2_five_redirects_of_robots_txt_are_followed_and_six_count_as_none(web: LocalWeb) -> None:
    rules = Response("user-agent: *\ndisallow: /", content_type="text/plain")
    five, six, away = web.site("127.0.0.1"), web.site("127.0.0.2"), web.site("127.0.0.3")
    elsewhere = web.site("127.0.0.4")
    five.chain("/robots.txt", 5, rules)
    six.chain("/robots.txt", 6, rules)
    away.add("/robots.txt", redirect(elsewhere.url("/rules.txt")))
    elsewhere.add("/rules.txt", rules)
    elsewhere.robots("user-agent: *\ndisallow: /rules.txt")
    crawl = fetch(five.url(), six.page("/", "page"), away.url())
    # Rules found elsewhere hold for whoever pointed there.
    assert [result.outcome or result.body for result in crawl.results] == ["blocked:robots", "page", "blocked:robots"]


def test_c13_a_redirect_to_another_host_obeys_that_hosts_rules(web: LocalWeb) -> None:
    here, there = web.site("127.0.0.1"), web.site("127.0.0.2")
    there.robots("user-agent: *\ndisallow: /no")
    there.page("/no", "no")
    there.page("/yes", "yes")
    crawl = fetch(here.add("/a", redirect(there.url("/no"))), here.add("/b", redirect(there.url("/yes"))))
    assert [result.outcome or result.body for result in crawl.results] == ["blocked:robots", "yes"]
    assert there.requests("/no") == []


def test_a_source_with_its_own_user_agent_is_told_apart(web: LocalWeb) -> None:
    site = web.site()
    site.robots("user-agent: *\ndisallow: /\n\nuser-agent: friend\ndisallow: /no")
    yes, no = site.page("/yes", "yes"), site.page("/no", "no")
    friend = {"User-Agent": "Friend/2.0 (+https://friend.example)"}
    crawl = fetch({"url": yes, "headers": friend}, {"url": no, "headers": friend}, yes)
    assert [result.outcome or result.body for result in crawl.results] == ["yes", "blocked:robots", "blocked:robots"]
    assert site.requests("/robots.txt")[0].header("User-Agent") == friend["User-Agent"]
