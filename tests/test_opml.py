"""OPML in and out: nothing of a subscription is lost (P42), and a hostile or broken file does no harm."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from newsroom import Newsroom

from crawler.errors import ConfigError
from crawler.opml import BadRow, Subscription, read, write
from storage import plain_line


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
        ("https://a.example/rss", "A", ("One", "Two"), "feed", {"{urn:cuttings:opml}folders": "2"})
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


# --- whatever a file or a person writes ------------------------------------------------------------------------------

_WORDS = (
    st.text(st.sampled_from("ab/\\, &<>\"'é中:#{}\u2028-"), min_size=1, max_size=8).map(plain_line).filter(str.strip)
)
_TEXTS = _WORDS.map(str.strip).filter(bool)
_KEPT = st.dictionaries(
    st.sampled_from(["htmlUrl", "description", "custom", "isOpen", "{https://reader.example/opml}cut", "version"]),
    st.text(
        st.characters(codec="utf-8", exclude_characters="\r\n\t", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1
    ),
    max_size=3,
)


@st.composite
def subscriptions(draw: st.DrawFn) -> list[Subscription]:
    """Any that feeds.yaml could hold."""
    count = draw(st.integers(0, 5))
    return [
        Subscription(
            f"https://s{number}.example/feed?a=1&b=2",
            draw(_TEXTS),
            tuple(dict.fromkeys(draw(st.lists(_TEXTS, max_size=4)))),
            draw(st.sampled_from(["feed", "sitemap", "site"])),
            draw(_KEPT),
        )
        for number in range(count)
    ]


def by_url(subscriptions: Sequence[Subscription]) -> list[tuple[object, ...]]:
    return sorted(map(plain, subscriptions), key=str)


@settings(max_examples=200, deadline=None)
@given(subscriptions())
def test_p42_export_and_import_give_every_subscription_back(given_: list[Subscription]) -> None:
    assert by_url(feeds(write(given_))) == by_url(given_)


@st.composite
def trees(draw: st.DrawFn) -> tuple[str, set[tuple[tuple[str, ...], str]]]:
    """Folders in folders with feeds in them, also the same feed twice, and where each stands."""
    placed: set[tuple[tuple[str, ...], str]] = set()

    def level(path: tuple[str, ...], depth: int) -> str:
        xml = ""
        for _ in range(draw(st.integers(0, 3))):
            if depth and draw(st.booleans()):
                name = draw(_TEXTS)
                xml += f"<outline text={quoteattr(name)} isOpen='true'>{level((*path, name), depth - 1)}</outline>"
            else:
                url = f"https://s{draw(st.integers(0, 4))}.example/"
                placed.add((path, url))
                xml += f'<outline type="rss" text="{url[8:10]}" xmlUrl="{url}"/>'
        return xml

    return level((), 3), placed


def places(raw: bytes) -> set[tuple[tuple[str, ...], str]]:
    found = etree.fromstring(raw).iter("outline")
    return {
        (tuple(above.get("text") for above in reversed(list(one.iterancestors("outline")))), one.get("xmlUrl"))
        for one in found
        if one.get("xmlUrl")
    }


@settings(max_examples=200, deadline=None)
@given(trees())
def test_p42_import_and_export_put_every_feed_into_every_folder_it_was_in(
    tree: tuple[str, set[tuple[tuple[str, ...], str]]],
) -> None:
    body, placed = tree
    outlines = read(opml(body))
    assert all(row.problem.endswith(" has no xmlUrl") for row in outlines.bad), "only empty folders are told of"
    written = write(outlines.subscriptions)
    deeper = {(path, url) for path, url in placed if path}
    in_folders_too = {url for _, url in deeper}
    assert places(written) == {place for place in placed if place[0] or place[1] not in in_folders_too}
    assert by_url(feeds(written)) == by_url(outlines.subscriptions)


def test_p42_folders_that_need_care_come_back_as_they_were() -> None:
    names = ["News, World", "A/", "/", "a\\", "a\\/b", "\\", "x" * 200, "Same", "Same"]
    body = "".join(f'<outline text="{name}">' for name in names)
    body += '<outline text="F" xmlUrl="https://f.example/" category="one,two"/>' + "</outline>" * len(names)
    (only,) = feeds(opml(body))
    ((path, _),) = places(write([only]))
    assert path == tuple(names)
    assert plain(feeds(write([only]))[0]) == plain(only)
    assert only.tags[1:] == ("one", "two")


def test_p42_a_category_does_not_become_a_folder() -> None:
    (only,) = feeds(opml('<outline text="F" xmlUrl="https://f.example/" category="one,/two/three"/>'))
    assert only.tags == ("one", "two/three")
    assert places(write([only])) == {((), "https://f.example/")}


@pytest.mark.parametrize("encoding", ["windows-1251", "utf-16", "koi8-r", "utf-8-sig"])
def test_p42_files_in_any_encoding(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    body = '<outline text="Новости"><outline text="Гавань" xmlUrl="https://a.example/"/></outline>'
    text = f'<?xml version="1.0" encoding="{declared}"?><opml version="1.0"><body>{body}</body></opml>'
    (only,) = feeds(text.encode(encoding))
    assert (only.name, only.tags) == ("Гавань", ("Новости",))


def test_p42_attributes_of_other_readers_are_kept_with_their_namespace() -> None:
    row = (
        '<outline text="F" xmlUrl="https://f.example/" frss:cssFullContent="div.a" xmlns:frss="https://frss.example/"/>'
    )
    (only,) = feeds(opml(row))
    assert only.attributes == {"{https://frss.example/}cssFullContent": "div.a"}
    assert plain(feeds(write([only]))[0]) == plain(only)


@pytest.mark.parametrize("tags", ["{", '{"a": 1}', "[1, null]", "[" * 100_000, '["\\u001b[31m", "' + "x" * 5000 + '"]'])
def test_tags_of_a_hostile_file_are_only_text(tags: str) -> None:
    row = f"<outline text='F' xmlUrl='https://f.example/' c:tags={quoteattr(tags)} xmlns:c='urn:cuttings:opml'/>"
    (only,) = feeds(opml(row))
    assert all(plain_line(tag) == tag and len(tag) <= 1000 for tag in only.tags)


def test_p42_ten_thousand_subscriptions_go_out_and_in_again() -> None:
    many = [Subscription(f"https://s{n}.example/", f"S {n}", (f"F{n % 50}/G{n % 7}", "x")) for n in range(10_000)]
    began = time.perf_counter()
    assert len(feeds(write(many))) == 10_000
    assert time.perf_counter() - began < 20


def test_p42_the_commands_lose_nothing_on_the_way_through_feeds_yaml(newsroom: Newsroom) -> None:
    row = '<outline type="rss" text="{0}" htmlUrl="https://{0}.example/?a=1&amp;b" xmlUrl="https://{0}.example/rss"/>'
    body = f'<outline text="A/C, D"><outline text="x: #y">{row.format("one")}</outline></outline>'
    body += f'<outline text="Two">{row.format("one")}{row.format("two")}</outline>{row.format("three")}'
    newsroom.subscribe()
    (newsroom.folder / "in.opml").write_bytes(opml(body))
    assert newsroom.ok("opml", "import", "in.opml").startswith("3 sources added")
    newsroom.ok("opml", "export", "out.opml")
    written = (newsroom.folder / "out.opml").read_bytes()
    assert places(written) == places(opml(body))
    assert by_url(feeds(written)) == by_url(feeds(opml(body)))
