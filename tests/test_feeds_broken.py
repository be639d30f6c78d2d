"""Documents as they are found: wrong labels, broken markup, reused ids, odd dates, and the hostile ones."""

from __future__ import annotations

import gzip
import io
import json
import time
import tracemalloc
from datetime import UTC, date, datetime
from pathlib import Path

import feedparser
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.feeds import FeedDocument, NotAFeed, parse_document
from storage import Entry

SAMPLES = Path(__file__).parent / "feeds"
NOW = datetime(2026, 5, 21, tzinfo=UTC)
URL = "https://www.example.org/news/feed"
RSS = '<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>T</title>'
BARE = RSS.split("?>")[1]
ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>'


def parse(body: bytes | str, content_type: str | None = "application/xml") -> FeedDocument | NotAFeed:
    return parse_document(body.encode() if isinstance(body, str) else body, URL, content_type, now=NOW)


def read(body: bytes | str, content_type: str | None = "application/xml") -> FeedDocument:
    document = parse(body, content_type)
    assert isinstance(document, FeedDocument), document
    return document


def refused(body: bytes | str, content_type: str | None = "application/xml") -> NotAFeed:
    document = parse(body, content_type)
    assert isinstance(document, NotAFeed), document
    return document


def item(inside: str) -> Entry:
    (entry,) = read(f"{RSS}<item>{inside}</item></channel></rss>").entries
    return entry


def title_of(body: bytes, content_type: str | None) -> tuple[str | None, tuple[str, ...]]:
    document = read(body, content_type)
    return document.entries[0].title, document.flags


# --- charsets


def rss_in(charset: str, declared: str | None, title: str) -> bytes:
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    return f'{declaration}<rss version="2.0"><channel><item><title>{title}</title></item></channel></rss>'.encode(
        charset
    )


@pytest.mark.parametrize(
    ("charset", "declared", "content_type", "title", "flags"),
    [
        ("utf-8", "utf-8", "application/xml", "Zürich €", ()),
        ("utf-8", None, "application/xml", "Zürich €", ()),
        ("iso-8859-1", "iso-8859-1", "application/xml", "Zürich", ()),
        ("cp1252", "iso-8859-1", "application/xml", "“Zürich” €", ()),
        ("shift_jis", "shift_jis", "text/xml", "港の新聞", ()),
        ("gb18030", "gb2312", None, "港口新闻镕", ()),
        ("koi8-r", None, "text/xml; charset=koi8-r", "Гавань", ()),
        ("koi8-r", "windows-1251", 'text/xml; charset="KOI8-R"', "Гавань", ()),
        ("utf-8-sig", "iso-8859-1", "text/xml; charset=koi8-r", "Zürich", ()),
        ("utf-16", "utf-16", "text/xml; charset=utf-8", "Zürich", ()),
        ("utf-16-le", "utf-16", None, "Zürich", ()),
        ("utf-16-be", "utf-16", None, "Zürich", ()),
        ("utf-32", "utf-32", None, "Zürich", ()),
    ],
)
def test_p32_the_order_is_mark_then_http_then_declaration(
    charset: str, declared: str | None, content_type: str | None, title: str, flags: tuple[str, ...]
) -> None:
    assert title_of(rss_in(charset, declared, title), content_type) == (title, flags)


@pytest.mark.parametrize("label", ["iso-8859-1", "us-ascii", "windows-1252", "no-such-charset", "zip", "utf-16"])
def test_p32_mislabelled_utf8_survives(label: str) -> None:
    body = rss_in("utf-8", label, "Zürich “€”")
    assert title_of(body, None)[0] == "Zürich “€”"
    assert title_of(body, f"text/xml; charset={label}")[0] == "Zürich “€”"


def test_p32_a_mislabel_is_flagged() -> None:
    assert title_of(rss_in("utf-8", "iso-8859-1", "Zürich"), None)[1] == ("mislabelled_charset",)
    assert title_of(rss_in("cp1252", "utf-8", "Zürich"), None) == ("Zürich", ("mislabelled_charset",))
    assert title_of(rss_in("cp1252", "iso-8859-1", "Zürich"), "text/xml; charset=utf-8")[0] == "Zürich"


def test_p32_a_few_bad_bytes_do_not_cost_the_rest() -> None:
    body = rss_in("utf-8", "utf-8", "Zürich X").replace(b"X", b"\xff")
    assert title_of(body, None) == ("Zürich \ufffd", ("undecodable",))


# --- markup


ONE = "<link>https://e.example/1</link>"
TWO = "<item><link>https://e.example/2</link></item>"
END = "</channel></rss>"


@pytest.mark.parametrize(
    ("body", "count", "flag"),
    [
        (f"\n\r\n  {RSS}<item>{ONE}</item>{END}", 1, "leading_space"),
        (f"<br />\n<b>Warning</b>: include() failed\n{RSS}<item>{ONE}</item>{END}", 1, "leading_garbage"),
        (f"<!DOCTYPE html>{BARE}<item>{ONE}</item>{END}", 1, ""),
        (f"{RSS}<item><title>a\x00b\x1fc</title>{ONE}</item>{END}", 1, "control_characters"),
        (f"{RSS}<item><title>a&#x1f;b&#0;</title>{ONE}</item>{END}", 1, "recovered_xml"),
        (f"{RSS}<item><title>One{ONE}</item>{TWO}{END}", 2, "recovered_xml"),
        (f"{RSS}<item>{ONE}{TWO}{END}", 2, "recovered_xml"),
        (f"{RSS}<item>{ONE}</item>{TWO[:-7]}<description>Half", 2, "recovered_xml"),
        (f"{RSS}<item>{ONE}<description><p>a<br>b<img src=x></p></description></item>{TWO}{END}", 2, "recovered_xml"),
        (f"{RSS}<item>{ONE}<guid isPermaLink=false>g</guid></item>{END}", 1, "recovered_xml"),
        (f"{RSS}<item>{ONE}<media:thumbnail url='x.jpg'/><my:own>x</my:own></item>{END}", 1, "recovered_xml"),
        (f"{RSS}<item>{ONE}<description><![CDATA[never closed</description></item>{END}", 1, "recovered_xml"),
    ],
)
def test_p34_broken_markup_is_recovered_and_flagged(body: str, count: int, flag: str) -> None:
    document = read(body)
    assert [entry.url for entry in document.entries] == ["https://e.example/1", "https://e.example/2"][:count]
    assert document.flags == ((flag,) if flag else ())


def test_p34_ampersands_and_character_entities_are_kept() -> None:
    entry = item("<title>Bread & butter &mdash; caf&eacute;</title><link>https://e.example/?a=1&b=2&copy=3</link>")
    assert entry.title == "Bread & butter — café"
    assert entry.url == "https://e.example/?a=1&b=2&copy=3"


def test_p34_a_well_formed_feed_has_no_flags() -> None:
    assert read(f"{RSS}<item><link>https://e.example/1</link></item></channel></rss>").flags == ()


def test_p34_a_broken_sitemap_is_recovered() -> None:
    document = read("<urlset><url><loc>https://e.example/?a=1&b=2</loc><url><loc>https://e.example/2</loc></url>")
    assert document.entries[0].url == "https://e.example/?a=1&b=2"
    assert "recovered_xml" in document.flags


@pytest.mark.parametrize(
    "extra",
    [
        '<pos xmlns="http://www.opengis.net/gml">1</pos>',
        '<p:chapters xmlns:p="http://podlove.org/simple-chapters" version="1.0"><p:chapter title="x"/></p:chapters>',
        "</width>",
        "&#x110000;<br>",
    ],
)
def test_p43_an_element_that_the_library_fails_on_does_not_cost_the_feed(extra: str) -> None:
    body = f"{RSS}<item>{ONE}{extra}</item>{TWO}{END}"
    with pytest.raises((KeyError, TypeError, ValueError)):
        feedparser.parse(io.BytesIO(body.encode()))
    document = read(body)
    urls = [entry.url for entry in document.entries if entry.url]
    assert urls == ["https://e.example/1", "https://e.example/2"]


# --- addresses


def test_p35_xml_base_and_relative_links_resolve_against_the_final_url() -> None:
    document = read((SAMPLES / "atom10.xml").read_bytes())
    first, second = document.entries
    assert first.url == "https://post.example/blog/one.html"
    assert first.content == '<p>Long <a href="https://post.example/blog/two.html">text</a>.</p>'
    assert second.url == "https://guest.example/columns/guest.html"
    assert item("<link>story?id=1</link>").url == "https://www.example.org/news/story?id=1"
    assert item("<link>//cdn.example/x</link>").url == "https://cdn.example/x"
    relative = read('<feed xmlns="http://www.w3.org/2005/Atom" xml:base="/a/b/"><entry><link href="c"/></entry></feed>')
    assert relative.entries[0].url == "https://www.example.org/a/b/c"


@pytest.mark.parametrize(
    "link",
    [
        "file:///etc/passwd",
        "data:text/html,x",
        "ftp://e.example/",
        "gopher://e.example/",
        "s3://bucket/key",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
    ],
)
def test_s4_only_http_links_are_kept(link: str) -> None:
    entry = item(f"<title>x</title><link>{link}</link>")
    assert entry.url is None
    assert "refused_link" in entry.flags
    assert item(f"<title>x</title><guid>{link}</guid>").url is None
    (from_json,) = read(
        json.dumps({"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "url": link, "image": link}]})
    ).entries
    assert (from_json.url, from_json.image) == (None, None)
    assert read(f"<urlset><url><loc>{link}</loc></url></urlset>").entries[0].url is None


def test_a_guid_that_is_no_address_is_no_link() -> None:
    entry = item("<guid>12345</guid><title>x</title>")
    assert (entry.key, entry.url) == ("12345", None)
    assert "no_link" in entry.flags
    assert item('<guid isPermaLink="false">https://e.example/1</guid>').url is None


def test_an_atom_entry_without_a_link_is_sought_at_its_id() -> None:
    (entry,) = read(f"{ATOM}<entry><id>https://e.example/?p=1</id></entry></feed>").entries
    assert (entry.url, entry.flags) == ("https://e.example/?p=1", ("link_from_id", "no_date"))
    (entry,) = read(f"{ATOM}<entry><id>urn:uuid:1</id></entry></feed>").entries
    assert (entry.url, entry.flags) == (None, ("no_link", "no_date"))


# --- identity


def test_p36_atom_ids_are_compared_byte_for_byte() -> None:
    # the examples of RFC 4287 section 4.2.6.1, which are all different, and two more
    ids = [
        "http://www.example.org/thing",
        "http://www.example.org/Thing",
        "http://www.EXAMPLE.org/thing",
        "HTTP://www.example.org/thing",
        "http://www.example.com/~bob",
        "http://www.example.com/%7ebob",
        "http://www.example.com/%7Ebob",
        "http://www.example.com/a#",
        "42",
    ]
    body = ATOM + "".join(f"<entry><id>{one}</id><link href='/x'/></entry>" for one in ids) + "</feed>"
    assert [entry.key for entry in read(body).entries] == ids


def test_p36_without_an_id_the_link_then_a_hash_identifies() -> None:
    assert item("<title>a</title><link>https://e.example/1</link>").key == "https://e.example/1"
    one = item("<title>a</title><pubDate>Wed, 20 May 2026 10:00:00 GMT</pubDate>").key
    assert one == item("<title> a </title><pubDate>Wed, 20 May 2026 10:00:00 GMT</pubDate><author>x</author>").key
    assert one != item("<title>a</title><pubDate>Wed, 20 May 2026 11:00:00 GMT</pubDate>").key
    assert one != item("<title>b</title><pubDate>Wed, 20 May 2026 10:00:00 GMT</pubDate>").key


def test_p36_a_reused_guid_keeps_both_and_the_older_one_its_key() -> None:
    old = "<item><guid isPermaLink='false'>g</guid><link>https://e.example/old</link></item>"
    new = "<item><guid isPermaLink='false'>g</guid><link>https://e.example/new</link></item>"
    alone = read(f"{RSS}{old}</channel></rss>")
    both = read(f"{RSS}{new}{old}{old}</channel></rss>")
    assert [entry.url for entry in both.entries] == ["https://e.example/new", "https://e.example/old"]
    assert both.entries[1].key == alone.entries[0].key == "g"
    assert both.entries[0].key != "g"
    assert both.entries[0].flags == ("no_date", "reused_id")
    assert both.flags == ("duplicate_entries",), "the same entry twice is one"


def test_p36_a_huge_id_is_kept_as_its_hash() -> None:
    key = item(f"<guid isPermaLink='false'>{'x' * 5000}</guid>").key
    assert key.startswith("hash:")
    assert len(key) < 100


# --- dates


@pytest.mark.parametrize(
    ("raw", "value", "flags"),
    [
        ("Wed, 20 May 2026 10:30:00 GMT", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ()),
        ("20 May 2026 10:30 +0530", datetime(2026, 5, 20, 5, 0, tzinfo=UTC), ()),
        ("Wed, 20 May 26 10:30:00 EST", datetime(2026, 5, 20, 15, 30, tzinfo=UTC), ()),
        ("Wed, 20 May 2026 10:30:00 CEST", datetime(2026, 5, 20, 8, 30, tzinfo=UTC), ()),
        ("Wed, 20 May 2026 10:30:00 -0700 (PDT)", datetime(2026, 5, 20, 17, 30, tzinfo=UTC), ()),
        ("Wed, 20 May 2026 10:30:60 GMT", datetime(2026, 5, 20, 10, 30, 59, tzinfo=UTC), ()),
        ("Mi, 20 Mai 2026 10:30:00 +0200", datetime(2026, 5, 20, 8, 30, tzinfo=UTC), ()),
        ("mer., 20 août 2025 10:30:00 GMT", datetime(2025, 8, 20, 10, 30, tzinfo=UTC), ()),
        ("May 20, 2026 4:30 PM EDT", datetime(2026, 5, 20, 20, 30, tzinfo=UTC), ()),
        ("2026-05-20T10:30:00Z", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ()),
        ("2026-05-20T10:30:00.123+02:00", datetime(2026, 5, 20, 8, 30, tzinfo=UTC), ()),
        ("2026-05-20 10:30:00 -0300", datetime(2026, 5, 20, 13, 30, tzinfo=UTC), ()),
        ("20260520T103000Z", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ()),
        ("2026-05-19T24:00:00Z", datetime(2026, 5, 20, tzinfo=UTC), ()),
        ("1779273000", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ()),
        ("2026-05-20", date(2026, 5, 20), ()),
        ("20260520", date(2026, 5, 20), ()),
        ("20 May 2026", date(2026, 5, 20), ()),
        ("Wednesday, May 20th, 2026", date(2026, 5, 20), ()),
        ("2026-05-20T10:30:00", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ("assumed_utc",)),
        ("Wed, 20 May 2026 10:30:00", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ("assumed_utc",)),
        ("Wed, 20 May 2026 10:30:00 IST", datetime(2026, 5, 20, 10, 30, tzinfo=UTC), ("assumed_utc",)),
        ("Thu, 28 May 2026 10:30:00 GMT", datetime(2026, 5, 28, 10, 30, tzinfo=UTC), ("future_date",)),
        ("2026-05-28", date(2026, 5, 28), ("future_date",)),
        ("2026-05-21", date(2026, 5, 21), ()),
        ("2026-02-30T10:00:00Z", None, ("unparsed_date", "no_date")),
        ("2025-január-13T9:15-05:00", datetime(2025, 1, 13, 14, 15, tzinfo=UTC), ()),
        ("2026", None, ("unparsed_date", "no_date")),
        ("2026-05", None, ("unparsed_date", "no_date")),
        ("yesterday", None, ("unparsed_date", "no_date")),
        ("0001-01-01T00:00:00Z", None, ("implausible_date", "no_date")),
        ("1970-01-01T00:00:00Z", None, ("implausible_date", "no_date")),
        ("", None, ("no_date",)),
        ("9" * 500, None, ("unparsed_date", "no_date")),
        ("9999-12-31T23:59:59-12:00", None, ("unparsed_date", "no_date")),
    ],
)
def test_p37_a_date_is_never_invented(raw: str, value: date | None, flags: tuple[str, ...]) -> None:
    entry = item(f"<link>https://e.example/1</link><pubDate>{raw}</pubDate>")
    assert entry.published == value
    assert type(entry.published) is type(value), "a day stays a day"
    assert entry.flags == flags


def test_p37_a_missing_date_stays_missing_and_the_rule_that_gave_one_is_told() -> None:
    assert item("<link>https://e.example/1</link>").published is None
    dc = '<dc:date xmlns:dc="http://purl.org/dc/elements/1.1/">2026-05-20</dc:date>'
    entry = item(f"<link>https://e.example/1</link>{dc}")
    assert (entry.published, entry.flags) == (date(2026, 5, 20), ("published_from_dc_date",))


# --- text


def test_text_is_bounded_and_plain() -> None:
    entry = item(
        f"<title>{'x' * 5000}</title>"
        f"<description>&lt;p&gt;{'y ' * 20000}&lt;/p&gt;&lt;script&gt;z()&lt;/script&gt;</description>"
    )
    assert len(entry.title or "") == 1000
    assert len(entry.summary or "") <= 10_000
    assert "z()" not in (entry.summary or "")


def test_a_long_html_description_is_also_content() -> None:
    assert item("<description>&lt;p&gt;Short.&lt;/p&gt;</description>").content is None
    long = item(f"<description>&lt;p&gt;{'word ' * 300}&lt;/p&gt;</description>")
    assert long.content is not None
    assert long.content.startswith("<p>word word")


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        ("desk@courier.example (Tom Inkwell)", ("Tom Inkwell",)),
        ("Tom Inkwell &lt;desk@courier.example&gt;", ("Tom Inkwell",)),
        ("Tom Inkwell", ("Tom Inkwell",)),
        ("desk@courier.example", ()),
        ("", ()),
    ],
)
def test_authors_are_names_without_their_mail_addresses(raw: str, names: tuple[str, ...]) -> None:
    assert item(f"{ONE}<author>{raw}</author>").authors == names


@pytest.mark.parametrize(
    ("inside", "image"),
    [
        ('<enclosure type="image/jpeg" url="/i.jpg"/>', "https://www.example.org/i.jpg"),
        ('<enclosure type="audio/mpeg" url="/i.mp3"/>', None),
        ('<m:content xmlns:m="http://search.yahoo.com/mrss/" medium="image" url="/i"/>', "https://www.example.org/i"),
        ('<m:content xmlns:m="http://search.yahoo.com/mrss/" type="video/mp4" url="/v"/>', None),
        ('<m:thumbnail xmlns:m="http://search.yahoo.com/mrss/" url="javascript:x"/>', None),
    ],
)
def test_the_image_of_an_entry_is_an_image_at_an_http_address(inside: str, image: str | None) -> None:
    assert item(f"{ONE}{inside}").image == image


# --- what is no feed


def test_p19_an_html_page_is_reported_with_the_feeds_it_links_to() -> None:
    page = b"<!DOCTYPE html><html><head><link rel=alternate type=application/rss+xml href=/rss.xml></head><body>Hi"
    answer = refused(page, "text/html")
    assert answer.reason == "html"
    assert [(feed.url, feed.host) for feed in answer.feeds] == [("https://www.example.org/rss.xml", "www.example.org")]
    assert answer.detail == "an HTML page, not a feed"


@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body></body></html>",
        '<html><script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script></html>',
        '<html><script src="/_Incapsula_Resource?x=1"></script></html>',
    ],
)
def test_p19_a_challenge_page_is_told_apart(page: str) -> None:
    assert refused(page, "text/html").reason == "challenge"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"hello", "unknown"),
        (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "unknown"),
        (b'{"items": []}', "unknown"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "broken"),
        (b"[" * 100_000, "broken"),
        (b"\x1f\x8b\x08garbage", "broken"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "unknown"),
    ],
)
def test_p19_the_reason_is_told_in_one_line(body: bytes, reason: str) -> None:
    answer = refused(body)
    assert answer.reason == reason
    assert answer.detail
    assert "\n" not in answer.detail


# --- hostile documents


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE rss [<!ENTITY e0 "ha">{entities}]>{BARE}<item><title>&e9;</title></item>{END}'.encode()


@pytest.mark.parametrize(
    "body",
    [
        entity_bomb(),
        f"<?xml version='1.0'?>{chr(10) * 5_000_000}{BARE}<item><title>x</title></item>{END}".encode(),
        b"<?xml version='1.0'?>" + b"<!DOCTYPE a [>" * 300_000,
        b"<?xml version='1.0'?>" + b"<!--" * 1_000_000,
        RSS.encode() + b"<a>" * 200_000,
        RSS.encode() + b"<![CDATA[" * 100_000,
        gzip.compress(bytes(60 * 2**20)),
        b'{"version":"https://jsonfeed.org/version/1.1","items":' + b"[" * 500_000,
    ],
    ids=["entities", "newlines", "doctypes", "comments", "depth", "cdata", "gzip", "json"],
)
def test_s7_bombs_cost_under_a_second_and_100_megabytes(body: bytes) -> None:
    started = time.process_time()
    parse(body)
    assert time.process_time() - started < 1
    tracemalloc.start()
    try:
        parse(body)
        assert tracemalloc.get_traced_memory()[1] < 100 * 2**20
    finally:
        tracemalloc.stop()


def test_s7_entities_are_never_expanded_and_never_fetched() -> None:
    document = read(entity_bomb())
    assert document.entries[0].title == "&e9;"
    assert "dtd_ignored" in document.flags
    doctype = '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    external = f"{doctype}{BARE}<item><title>&x;</title></item>{END}"
    assert read(external).entries[0].title == "&x;"


def test_a_feed_of_too_many_entries_keeps_the_newest() -> None:
    items = "".join(
        f"<url><loc>https://e.example/{n}</loc><lastmod>2026-01-{n % 28 + 1:02}</lastmod></url>" for n in range(20_100)
    )
    document = read(f"<urlset>{items}</urlset>")
    assert len(document.entries) == 20_000
    assert document.flags == ("entries_cut",)
    assert document.entries[0].updated == date(2026, 1, 28)


SAMPLE_BODIES = [path.read_bytes() for path in sorted(SAMPLES.iterdir())]


FRAGMENTS = [
    b"<",
    b">",
    b"&",
    b"&#",
    b"]]>",
    b"<![CDATA[",
    b"<!--",
    b"</item>",
    b'"',
    b"<title>",
    b"\x00",
    b"xml:base='//'",
]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    body = bytearray(draw(st.sampled_from(SAMPLE_BODIES)))
    for _ in range(draw(st.integers(1, 6))):
        position = draw(st.integers(0, len(body)))
        length = draw(st.integers(0, 40))
        body[position : position + length] = draw(st.binary(max_size=12) | st.sampled_from(FRAGMENTS))
    return bytes(body)


LABELS = st.sampled_from(
    [None, "text/html", "application/xml; charset=utf-16", "text/xml; charset=unicode_escape", "x"]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutations() | st.binary(max_size=400), LABELS, st.sampled_from(["feed", "sitemap", "site"]))
def test_no_document_raises(body: bytes, content_type: str | None, expect: str) -> None:
    answer = parse_document(body, URL, content_type, expect=expect, now=NOW)  # type: ignore[arg-type]
    assert isinstance(answer, FeedDocument | NotAFeed)
    for entry in answer.entries if isinstance(answer, FeedDocument) else ():
        assert entry.key
        assert entry.url is None or entry.url.startswith(("http://", "https://"))
        repr(entry).encode()
