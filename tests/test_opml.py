"""OPML in and out: nothing of a subscription is lost (P42), and a hostile or broken file does no harm."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from lxml import etree

from crawler.errors import ConfigError
from crawler.opml import BadRow, Subscription, read, write


def opml(body: str, head: str = "") -> bytes:
    start = f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<opml version="2.0"><head/><body>'
    return f"{start}\n{body}\n</body></opml>".encode()


def feeds(raw: bytes) -> tuple[Subscription, ...]:
    outlines = read(raw)
    assert outlines.bad == ()
    return outlines.subscriptions


def plain(subscription: Subscription) -> tuple[object, ...]:
    return (
        subscription.url,
        subscription.name,
        subscription.tags,
        subscription.kind,
        dict(subscription.attributes),
    )


NESTED = """
<outline text="News">
  <outline text="Africa &amp; Asia" title="Africa &amp; Asia">
    <outline type="rss" text="A" title="A" xmlUrl="https://a.example/rss?x=1&amp;y=2" htmlUrl="https://a.example/"
      description="All of &quot;it&quot;" language="en" custom="kept" category="daily,/Boston/Weather"/>
  </outline>
  <outline type="rss" text="B short" title="B the long title" xmlUrl="https://b.example/rss"/>
</outline>
<outline text="AC/DC"><outline type="atom" text="C" xmlUrl="http://c.example/atom"/></outline>
<outline type="rss" text="D" xmlUrl="https://d.example/"/>
"""


def test_nested_folders_become_tags_and_every_attribute_is_kept() -> None:
    a, b, c, d = feeds(opml(NESTED))
    assert (a.url, a.name) == ("https://a.example/rss?x=1&y=2", "A")
    assert a.tags == ("News/Africa & Asia", "daily", "Boston/Weather")
    assert a.attributes == {
        "htmlUrl": "https://a.example/",
        "description": 'All of "it"',
        "language": "en",
        "custom": "kept",
    }
    assert (b.name, b.tags, b.attributes) == ("B the long title", ("News",), {"text": "B short"})
    assert (c.tags, c.attributes) == (("AC\\/DC",), {"type": "atom"})
    assert (d.tags, d.attributes) == ((), {})


def test_p42_a_round_trip_loses_nothing() -> None:
    first = feeds(opml(NESTED))
    written = write(first)
    assert [plain(one) for one in feeds(written)] == [plain(one) for one in first]
    assert write(feeds(written)) == written


def test_p42_folders_come_out_nested_as_they_went_in() -> None:
    tree = etree.fromstring(write(feeds(opml(NESTED))))
    assert [outline.get("text") for outline in tree.find("body")] == ["News", "AC/DC", "D"]
    assert tree.xpath("string(//outline[@text='News']/outline[@text='Africa & Asia']/outline/@xmlUrl)") == (
        "https://a.example/rss?x=1&y=2"
    )


def test_sitemaps_and_sites_stay_what_they_are() -> None:
    sources = [
        Subscription("https://a.example/s.xml", "S", ("x",), "sitemap"),
        Subscription("https://b.example/", "T", (), "site"),
    ]
    assert [one.kind for one in sorted(feeds(write(sources)), key=lambda one: one.url)] == ["sitemap", "site"]


def test_a_feed_in_two_folders_is_one_subscription_with_both_tags() -> None:
    row = '<outline type="rss" text="A" xmlUrl="{}"/>'
    body = f'<outline text="One">{row.format("https://a.example/rss")}</outline>'
    body += f'<outline text="Two">{row.format("http://www.a.example/rss/")}</outline>'
    outlines = read(opml(body))
    assert [plain(one) for one in outlines.subscriptions] == [
        ("https://a.example/rss", "A", ("One", "Two"), "feed", {})
    ]
    assert outlines.repeated == 1


def test_attribute_names_in_any_case_and_feed_addresses_of_old_readers() -> None:
    body = '<outline TEXT="A" XMLURL="feed:https://a.example/rss"/><outline text="B" xmlurl="feed://b.example/"/>'
    outlines = read(opml(body))
    assert [one.url for one in outlines.subscriptions] == ["https://a.example/rss"]
    assert [row.problem for row in outlines.bad] == ['xmlUrl "feed:" addresses are not fetched; only http: and https:']


def test_bad_rows_are_told_by_line_and_the_rest_kept() -> None:
    body = (
        '<outline text="no address"/>\n<outline text="A" xmlUrl="https://a.example/"/>\n'
        '<outline text="S4" xmlUrl="file:///etc/passwd"/>\n<outline xmlUrl="nonsense"/>\n<outline/>'
    )
    outlines = read(opml(body))
    assert [one.url for one in outlines.subscriptions] == ["https://a.example/"]
    assert outlines.bad == (
        BadRow(3, '"no address" has no xmlUrl'),
        BadRow(5, 'xmlUrl "file:" addresses are not fetched; only http: and https:'),
        BadRow(6, 'xmlUrl "nonsense" is not an address; write it with https:// in front'),
        BadRow(7, "the outline has no xmlUrl"),
    )


def test_a_bare_ampersand_does_not_change_an_address() -> None:
    body = '<outline text="A & B" xmlUrl="https://a.example/rss?x=1&y=2&amp;z=3"/>'
    (only,) = feeds(opml(body))
    assert (only.url, only.name) == ("https://a.example/rss?x=1&y=2&z=3", "A & B")


def test_a_file_that_breaks_off_keeps_what_came_before() -> None:
    raw = opml('<outline text="A" xmlUrl="https://a.example/"/>\n<outline text="B" xmlUrl="https://b.exa')
    outlines = read(raw.partition(b"</body>")[0])
    assert outlines.subscriptions[0].url == "https://a.example/"
    assert outlines.bad[0].line in (4, 5)
    assert outlines.bad[0].problem.startswith("not well-formed XML (")


@pytest.mark.parametrize("raw", [b"", b"hello", b"<html><body/></html>", b"{}", b"\0\0\0", b"<rss/>"])
def test_what_is_no_opml(raw: bytes) -> None:
    with pytest.raises(ConfigError) as caught:
        read(raw, "subs.opml")
    assert str(caught.value) == "subs.opml: is not an OPML file; export one from a feed reader"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(encoding: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    head = f'<!DOCTYPE opml [<!ENTITY x SYSTEM "{secret.as_uri()}"><!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    raw = f'<?xml version="1.0" encoding="{encoding}"?>{head}<opml><body><outline text="&b;"/>&x;</body></opml>'
    with pytest.raises(ConfigError) as caught:
        read(raw.encode(encoding), "subs.opml")
    assert str(caught.value) == (
        "subs.opml: declares entities, which no list of subscriptions needs; remove its DOCTYPE"
    )


def test_too_large_a_file() -> None:
    with pytest.raises(ConfigError) as caught:
        read(b" " * (16 * 1024 * 1024 + 1), "subs.opml")
    assert str(caught.value) == "subs.opml: larger than 16 MiB; split it"


def test_a_deep_file_ends_soon() -> None:
    began = time.perf_counter()
    read(opml('<outline text="x">' * 100_000))
    assert time.perf_counter() - began < 5


def test_more_rows_than_anyone_reads() -> None:
    rows = "".join(f'<outline text="{n}" xmlUrl="https://a{n}.example/"/>' for n in range(50_001))
    outlines = read(opml(rows))
    assert len(outlines.subscriptions) == 50_000
    assert outlines.bad[0].problem == "the file has more than 50,000 rows; the rest is left out"


def test_control_characters_do_not_reach_names_nor_the_file() -> None:
    (only,) = feeds(opml('<outline text="a&#x9b;31mred&#x202e;" xmlUrl="https://a.example/"/>'))
    assert only.name == "a\ufffd31mred\ufffd"
    assert b"\x0c" not in write([Subscription("https://a.example/", "a\x0cb\ufffe\ud800", ("x\x00y",))])
