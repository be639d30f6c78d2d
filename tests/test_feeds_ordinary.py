"""Ordinary entries are read without feedparser, and nobody can tell: P31 holds on either way."""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import feedmaker
import pytest

from crawler.feeds import FeedDocument, NotAFeed, drafts, parse_document, syndication
from crawler.feeds.charset import decode
from crawler.feeds.markup import find_root, read_markup
from crawler.feeds.ordinary import read_ordinary

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://courier.example/feed.xml"
HERE = Path(__file__).parent

RSS = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"{xmlns}>
<channel{channel}><title>Courier</title><link>https://courier.example/</link><description>Of the harbour</description>
<language>en-GB</language><atom:link rel="hub" href="https://hub.example/"/>{head}
{entries}</channel></rss>"""
ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:thr="http://purl.org/syndication/thread/1.0" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:feedburner="http://rssnamespace.org/feedburner/ext/1.0"{xmlns}{channel}>
<title>Courier</title><link href="https://courier.example/"/><link rel="next" href="/2"/>
<author><name>Desk</name></author><id>urn:x</id><updated>2026-02-01T00:00:00Z</updated>{head}
{entries}</feed>"""

TEXTS = (
    *(
        "Ferry late",
        "Tom &amp; Ann",
        "Tom &amp;amp; Ann",
        "",
        "  spaced \n out ",
        "Fähre zu spät",
        "Ð¤ÐµÑ€Ñ€Ð¸",
        "a\x85b",
    ),
    *(
        "&lt;b&gt;bold&lt;/b&gt; move",
        "&lt;notatag&gt;x&lt;/notatag&gt;",
        "1 &lt; 2",
        "<![CDATA[<p>One</p><p>Two</p>]]>",
    ),
    *("<![CDATA[a &#8217; b]]>", "a <![CDATA[&]]> b", "&lt;a href=&quot;/x&quot;&gt;x&lt;/a&gt;", "日本語", "Ã©tÃ©"),
    *("<i>in the XML</i>", "with <!-- a comment -->in", "2026-02-03T04:05:06Z", "Tue, 03 Feb 2026 04:05:06 GMT"),
    *(
        "https://courier.example/a?b=1&amp;c=2",
        "/relative",
        "ann@courier.example (Ann)",
        "Ann Editor",
        "ANN &lt;a@b.c&gt;",
    ),
)
ADDRESSES = (
    *("https://courier.example/1", "http://courier.example/2?a=1&amp;b=2", "/relative", "", "https:///slashes"),
    *(
        "tag:courier.example,2026:1",
        "urn:uuid:1",
        "HTTP://COURIER.example/x",
        "https://a.example/&amp;copy;x",
        "mailto:a@b.c",
    ),
)
RSS_LEAVES = (
    *("<title>{t}</title>", "<title>{t}</title>", "<link>{a}</link>", "<link>{a}</link>", "<guid>{a}</guid>"),
    *('<guid isPermaLink="false">{a}</guid>', '<guid isPermaLink="TRUE">{a}</guid>', "<pubDate>{t}</pubDate>"),
    *("<dc:date>{t}</dc:date>", "<dc:creator>{t}</dc:creator>", "<author>{t}</author>", "<category>{t}</category>"),
    *('<category domain="d">{t}</category>', "<dc:subject>{t}</dc:subject>", "<description>{t}</description>"),
    *("<content:encoded>{t}</content:encoded>", '<enclosure url="{a}" type="image/PNG" length="3"/>', "<source/>"),
    *(
        '<media:content url="{a}" medium="image" lang="de"/>',
        '<media:thumbnail url="{a}"/>',
        "<comments>{a}</comments>",
    ),
    *(
        '<media:credit role="x">{t}</media:credit>',
        "<slash:comments>3</slash:comments>",
        '<source url="{a}">{t}</source>',
    ),
    *("<feedburner:origLink>{a}</feedburner:origLink>", "<wfw:commentRss>{a}</wfw:commentRss>", "stray {t}"),
)
RSS_ODDITIES = (
    *('<title xml:lang="de">{t}</title>', '<atom:link rel="alternate" href="{a}"/>', "<media:title>{t}</media:title>"),
    *("<media:group><media:content url='{a}'/></media:group>", "<itunes>{t}</itunes>", "<updated>{t}</updated>"),
    *(
        '<description type="text">{t}</description>',
        "<dc:language>de</dc:language>",
        "<TITLE>{t}</TITLE>",
        "<!-- {a} -->",
    ),
    *(
        '<link href="{a}"/>',
        '<x:title xmlns:x="urn:x">{t}</x:title>',
        '<guid isPermalink="false">{a}</guid>',
        "<body>{t}</body>",
    ),
)
ATOM_LEAVES = (
    *("<title>{t}</title>", '<title type="html">{t}</title>', '<title type="text">{t}</title>', "<id>{a}</id>"),
    *('<link href="{a}"/>', '<link rel="ALTERNATE" type="text/html" href="{a}" title="x"/>', "<rights>{t}</rights>"),
    *(
        '<link rel="self" href="{a}"/>',
        '<link rel="enclosure" type="image/png" href="{a}"/>',
        "<published>{t}</published>",
    ),
    *(
        "<updated>{t}</updated>",
        "<author><name>{t}</name><uri>{a}</uri></author>",
        "<author>\n<name>{t}</name></author>",
    ),
    *('<category term="{t}"/>', '<category term="a" label="{t}" scheme="s"/>', '<summary type="html">{t}</summary>'),
    *(
        "<summary>{t}</summary>",
        '<content type="html">{t}</content>',
        "<content>{t}</content>",
        "<thr:total>2</thr:total>",
    ),
    *('<media:thumbnail url="{a}" width="3"/>', "<dc:creator>{t}</dc:creator>", "<dc:subject>{t}</dc:subject>"),
)
ATOM_ODDITIES = (
    *('<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">{t}</div></content>', '<content src="{a}"/>'),
    *('<content type="image/png">{t}</content>', "<author><email>a@b.c</email></author>", "<author>{t}</author>"),
    *("<source><title>{t}</title></source>", "<contributor><name>{t}</name></contributor>", '<link rel="alternate"/>'),
    *(
        '<title type="xhtml">{t}</title>',
        '<summary mode="base64">{t}</summary>',
        '<category label="{t}">{t}</category>',
    ),
)


def read_twice(document: str | bytes, monkeypatch: pytest.MonkeyPatch) -> FeedDocument | NotAFeed:
    """The document as it is read; feedparser alone must read the same."""
    body = document.encode("utf-8", "replace") if isinstance(document, str) else document
    ours = parse_document(body, URL, "application/xml", now=NOW)
    with monkeypatch.context() as patched:
        patched.setattr(syndication, "read_ordinary", lambda _: None)
        theirs = parse_document(body, URL, "application/xml", now=NOW)
    assert ours == theirs, document
    return ours


def is_ordinary(document: str) -> bool:
    root = find_root(decode(document.encode(), "application/xml").text)
    return root is not None and read_ordinary(read_markup(root)) is not None


def made(rng: random.Random, pattern: str, leaves: tuple[str, ...], oddities: tuple[str, ...], odd: float) -> str:
    """A feed of up to four entries, each of some of these leaves in any order."""

    def entry() -> str:
        chosen = rng.sample(leaves, rng.randint(0, 9))
        chosen += [rng.choice(oddities)] if rng.random() < odd else []
        rng.shuffle(chosen)
        return "\n".join(leaf.format(t=rng.choice(TEXTS), a=rng.choice(ADDRESSES)) for leaf in chosen)

    tag = "item" if pattern is RSS else "entry"
    entries = "".join(f"<{tag}>{entry()}</{tag}>\n" for _ in range(rng.randint(0, 2)))
    heads = (
        "",
        "",
        "<ttl>60</ttl>",
        "<image><url>/i.png</url><title>I</title><link>/</link></image>",
        "<rights>{t}</rights>",
    )
    return pattern.format(
        xmlns=rng.choice(("", "", ' xml:lang="de_AT"', ' xmlns:x="urn:x"', ' xml:lang=""')),
        channel=rng.choice(("", "", "", ' xml:lang="fr"', ' lang="nl"') if pattern is RSS else ("",)),
        head=rng.choice(heads).format(t=rng.choice(TEXTS)),
        entries=entries
        + (rng.choice(("<title>late</title>", "<language>it</language>")) if rng.random() < odd / 3 else ""),
    )


@pytest.mark.parametrize("part", range(8))
def test_p31_ordinary_and_odd_entries_are_read_as_feedparser_reads_them(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ordinary = 0
    for seed in range(part * 100, part * 100 + 100):
        rng = random.Random(seed)
        parts = (RSS, RSS_LEAVES, RSS_ODDITIES) if seed % 2 else (ATOM, ATOM_LEAVES, ATOM_ODDITIES)
        document = made(rng, *parts, odd=rng.choice((0.0, 0.3)))
        read_twice(document, monkeypatch)
        ordinary += is_ordinary(document)
    assert ordinary >= 5  # of a hundred, most of which have something odd


def written_in_tests() -> Iterator[str]:
    """Every text of the tests of feeds that looks like a feed."""
    for path in sorted(HERE.glob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                text = node.value if isinstance(node.value, str) else node.value.decode("utf-8", "replace")
                if "<rss" in text or "<feed" in text or "<item>" in text or "<entry>" in text:
                    yield text


def test_every_feed_of_the_tests_is_read_as_feedparser_reads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = list(written_in_tests())
    for text in texts:
        read_twice(text, monkeypatch)
        if "<item>" in text:
            read_twice(f"<rss version='2.0'><channel>{text}</channel></rss>", monkeypatch)
    files = [path for path in (HERE / "feeds").iterdir() if path.suffix in (".xml", ".rdf")]
    for path in files:
        read_twice(path.read_bytes(), monkeypatch)
    assert len(texts) > 20
    assert len(files) > 3


def test_addresses_that_are_seen_to_be_absolute_are_what_joining_makes_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(3)
    pieces = (
        "a.example",
        "b-c",
        "/",
        "//",
        ".",
        "..",
        "?",
        "a=1",
        "&",
        "#",
        ":80",
        ":",
        "%20",
        "@",
        ";",
        "-",
        "A",
        "é",
    )
    links = [
        rng.choice(("https://", "http://")) + "".join(rng.choices(pieces, k=rng.randint(0, 8))) for _ in range(20_000)
    ]
    seen = [drafts.absolute(link, URL) for link in links]
    monkeypatch.setattr(drafts, "_ABSOLUTE", re.compile("nothing"))
    assert seen == [drafts.absolute(link, URL) for link in links]


def test_feeds_as_they_are_usually_made_are_ordinary(monkeypatch: pytest.MonkeyPatch) -> None:
    items = [
        feedmaker.Item(
            *(
                f"https://courier.example/{n}",
                f"Title {n} &amp; more",
                f"id-{n}",
                NOW,
                "A summary.",
                "<p>All of it.</p>",
                "Ann",
            )
        )
        for n in range(5)
    ]
    for document in (
        feedmaker.rss(items),
        feedmaker.atom(items),
        feedmaker.rss(feedmaker.items("https://c.example", 3)),
    ):
        read = read_twice(document, monkeypatch)
        assert isinstance(read, FeedDocument)
        assert len(read.entries) in (3, 5)
        assert is_ordinary(document)


@pytest.mark.parametrize(
    "entry",
    [
        '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">a <b>b</b></div></title>',
        '<content type="html" xml:base="/sub/">&lt;a href="x"&gt;x&lt;/a&gt;</content>',
        "<title>One</title><title>Two</title>",
        "<author><name>Ann</name><email>a@courier.example</email></author>",
    ],
)
def test_what_calls_for_a_decision_is_left_to_feedparser(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    document = ATOM.format(xmlns="", channel="", head="", entries=f"<entry><id>urn:1</id>{entry}</entry>")
    read_twice(document, monkeypatch)
    assert not is_ordinary(document)
