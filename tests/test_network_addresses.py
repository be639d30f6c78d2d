"""Which addresses are dialled: tables for the pure part, a real crawl for the rest (S1 to S4)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

import pytest
from answers import redirect, refresh
from fetching import fetch
from localweb import LocalWeb

from crawler.network.addresses import Allowance, is_localhost, literal, refusal

SPELLINGS = [
    ("127.0.0.1", "loopback"),
    ("127.1", "loopback"),
    ("127.0.0.1.", "loopback"),
    ("127.255.255.254", "loopback"),
    ("2130706433", "loopback"),
    ("0x7f.1", "loopback"),
    ("0x7f000001", "loopback"),
    ("0177.0.0.1", "loopback"),
    ("\uff11\uff12\uff17.0.0.1", "loopback"),
    ("127\u30020\u30020\u30021", "loopback"),
    ("0", "unspecified"),
    ("0.0.0.0", "unspecified"),
    ("10.1.2.3", "private"),
    ("172.31.255.255", "private"),
    ("192.168.0.1", "private"),
    ("100.64.0.1", "shared"),
    ("169.254.1.1", "link_local"),
    ("169.254.169.254", "metadata"),
    ("2852039166", "metadata"),
    ("168.63.129.16", "metadata"),
    ("198.18.0.1", "benchmarking"),
    ("192.0.2.7", "documentation"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("192.88.99.1", "6to4"),
    ("[::1]", "loopback"),
    ("[::]", "unspecified"),
    ("[::ffff:127.0.0.1]", "ipv4_mapped"),
    ("[::ffff:a9fe:a9fe]", "ipv4_mapped"),
    ("[::127.0.0.1]", "ipv4_compatible"),
    ("[::ffff:0:127.0.0.1]", "ipv4_translated"),
    ("[64:ff9b::7f00:1]", "nat64"),
    ("[64:ff9b:1::a00:1]", "nat64"),
    ("[2002:7f00:1::]", "6to4"),
    ("[2001:0:4136:e378:8000:63bf:80ff:fffe]", "teredo"),
    ("[2001:20::1]", "orchid"),
    ("[2001:db8::1]", "documentation"),
    ("[3fff::1]", "documentation"),
    ("[fc00::1]", "private"),
    ("[fd00:ec2::254]", "metadata"),
    ("[fe80::1]", "link_local"),
    ("[fe80::1%25eth0]", "link_local"),
    ("[fec0::1]", "site_local"),
    ("[ff02::1]", "multicast"),
    ("[4000::1]", "reserved"),
    ("[100::1]", "reserved"),
]


@pytest.mark.parametrize(("host", "reason"), SPELLINGS)
def test_s1_no_spelling_of_an_address_that_is_not_public_passes(host: str, reason: str) -> None:
    address = literal(host.replace("%25", "%"))
    assert address is not None
    assert refusal(address, Allowance()) == reason


@pytest.mark.parametrize(
    "host", ["8.8.8.8", "134744072", "1.1.1.1", "[2606:4700:4700::1111]", "172.32.0.1", "11.0.0.1"]
)
def test_public_addresses_pass_in_any_spelling(host: str) -> None:
    address = literal(host)
    assert address is not None
    assert refusal(address, Allowance()) is None


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "1e100.net", "", ".", "0xzz", "127.0.0.1 x"])
def test_names_are_not_taken_for_addresses(host: str) -> None:
    assert literal(host) is None


def test_s1_the_user_may_allow_a_range_and_no_more_than_that() -> None:
    allowance = Allowance.parse(["10.0.0.0/8", "192.168.1.5", "fd00::/8"])
    assert refusal(ipaddress.ip_address("10.2.3.4"), allowance) is None
    assert refusal(ipaddress.ip_address("192.168.1.5"), allowance) is None
    assert refusal(ipaddress.ip_address("::ffff:10.2.3.4"), allowance) is None
    assert refusal(ipaddress.ip_address("fd12::1"), allowance) is None
    assert refusal(ipaddress.ip_address("192.168.1.6"), allowance) == "private"


def test_allowing_a_translator_does_not_allow_what_lies_behind_it() -> None:
    allowance = Allowance.parse(["64:ff9b::/96"])
    assert refusal(ipaddress.ip_address("64:ff9b::8.8.8.8"), allowance) is None
    assert refusal(ipaddress.ip_address("64:ff9b::127.0.0.1"), allowance) == "loopback"


def test_a_range_that_is_none_is_named() -> None:
    with pytest.raises(ValueError, match="10\\.0\\.0\\.0/99"):
        Allowance.parse(["10.0.0.0/99"])


def test_localhost_names_are_this_machine() -> None:
    assert all(map(is_localhost, ("localhost", "LocalHost.", "a.b.localhost")))
    assert not any(map(is_localhost, ("localhost.example", "notlocalhost", "")))


@pytest.fixture
def trap() -> Iterator[LocalWeb]:
    """A server on loopback that nobody may reach."""
    with LocalWeb() as web:
        web.site().page("/", "secret")
        yield web


def test_s1_no_connection_to_any_of_them(trap: LocalWeb) -> None:
    hosts = [host for host, _ in SPELLINGS if host.isascii()] + ["localhost", "a.localhost", "127%2e0%2e0%2e1"]
    crawl = fetch(*(f"http://{host}:{trap.port}/" for host in hosts), allow=())
    refused = {"blocked:private_address", "failed:bad_url", "failed:dns"}
    assert {host: outcome for host, outcome in zip(hosts, crawl.outcomes, strict=True) if outcome not in refused} == {}
    assert crawl.outcomes.count("blocked:private_address") >= 40
    assert trap.dialled == []


def test_s2_not_by_redirects_or_for_robots_txt_either(trap: LocalWeb) -> None:
    with LocalWeb() as web:
        # Only this address is allowed, so 127.0.0.1 stands for all that is not.
        site = web.site("127.0.0.2")
        inside = trap.site().url("/")
        for status in (301, 302, 303, 307, 308):
            site.add(f"/{status}", redirect(inside, status))
        site.add("/refresh", refresh(inside))
        site.add("/odd", redirect(f"http://2130706433:{trap.port}/"))
        robots = web.site("127.0.0.3")
        robots.add("/robots.txt", redirect(f"http://[::ffff:127.0.0.1]:{trap.port}/robots.txt"))
        robots.page("/", "page")
        paths = ("301", "302", "303", "307", "308", "refresh", "odd")
        crawl = fetch(*(site.url(f"/{path}") for path in paths), robots.url(), allow=["127.0.0.2", "127.0.0.3"])
        assert crawl.outcomes == ["blocked:private_address"] * 7 + ["failed:robots_unreachable"]
        assert trap.dialled == []
        assert robots.requests("/") == []


def test_s3_names_whose_answers_change_lead_nowhere_private(trap: LocalWeb) -> None:
    # Each name is public when robots.txt is asked for and 127.0.0.1 ever after, or the other way round. There is no
    # route to the public address here, so none of them can be fetched; what counts is that nothing arrives.
    names = {f"flip{number}.example": ["8.8.8.8", "127.0.0.1"] for number in range(50)}
    names |= {f"flop{number}.example": ["127.0.0.1", "8.8.8.8"] for number in range(50)}
    urls = [f"http://{name}:{trap.port}/" for name in names] * 2
    crawl = fetch(*urls, allow=(), names=names, settings={"DOWNLOAD_TIMEOUT": 1})
    assert set(crawl.outcomes) <= {"blocked:private_address", "failed:connect", "failed:robots_unreachable"}
    assert crawl.outcomes.count("blocked:private_address") >= 50
    assert trap.dialled == []


def test_a_name_with_public_and_private_addresses_is_dialled_only_at_the_allowed_ones(web: LocalWeb) -> None:
    web.site("name.example").page("/", "inside")
    web.site("127.0.0.2")
    crawl = fetch(f"http://name.example:{web.port}/", allow=["127.0.0.2"], names={"name.example": ["127.0.0.2"]})
    assert crawl[0].body == "inside"
    assert {dialled.server[0] for dialled in web.dialled} == {"127.0.0.2"}


def test_s4_only_http_is_spoken(web: LocalWeb) -> None:
    site = web.site()
    schemes = ("file:///etc/passwd", "data:text/plain,x", "ftp://127.0.0.1/x", "s3://bucket/x", "gopher://127.0.0.1/")
    for number, target in enumerate(schemes):
        site.add(f"/{number}", redirect(target))
    crawl = fetch(*schemes, *(site.url(f"/{number}") for number in range(len(schemes))))
    # Asked for directly they fail; a redirect to one is not followed.
    assert [result.status for result in crawl.results] == [None] * 5 + [302] * 5
    assert set(crawl.outcomes[:5]) == {"failed:bad_url"}


def test_s4_proxies_of_the_environment_are_ignored_and_configured_ones_used(web: LocalWeb) -> None:
    site = web.site("site.example")
    site.page("/", "page")
    with LocalWeb() as proxy:
        proxy.site("site.example").page("/", "through the proxy")
        proxy_url = f"http://user:secret@127.0.0.1:{proxy.port}"
        url = f"http://site.example:{web.port}/"
        names = {"site.example": ["127.0.0.1"]}
        direct = fetch(url, names=names, environment={"http_proxy": proxy_url, "HTTP_PROXY": proxy_url})
        assert direct[0].body == "page"
        assert proxy.dialled == []
        # The proxy's address is the user's own word; no range need be allowed for it.
        through = fetch({"url": url, "meta": {"proxy": proxy_url}}, allow=())
        assert through[0].body == "through the proxy"
        assert proxy.requests[-1].header("Proxy-Authorization") == "Basic dXNlcjpzZWNyZXQ="
        assert "secret" not in through.log
        # A name will do, and for https a tunnel is asked for.
        named = proxy_url.replace("127.0.0.1", "localhost")
        secure = f"https://site.example:{web.port}/"
        proxy.clear()
        fetch({"url": url, "meta": {"proxy": named}}, {"url": secure, "meta": {"proxy": named}}, allow=())
        assert {"GET", "CONNECT"} == {seen.method for seen in proxy.requests}
        # What the proxy would have to look up is its affair, but addresses spelled out are ours.
        inside = fetch({"url": f"http://127.0.0.1:{web.port}/", "meta": {"proxy": proxy_url}}, allow=())
        assert inside.outcomes == ["blocked:private_address"]
