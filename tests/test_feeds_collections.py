"""P43: what the collections of feedparser and of the W3C's feed validator describe, and every mutation of it, is read.

The collections are thousands of documents that each hold one element, well or badly written. Here are the elements and
the ways of writing them badly; tests put each into each format, and hypothesis cuts, swaps and spoils the result. No
document may raise, none may be given up for a fault of a library, and an element beside the entries never costs them.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

import feedmaker
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.feeds import FeedDocument, NotAFeed, parse_document
from crawler.feeds.dates import read_date

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
URL = "https://e.example/feed"
NAMESPACES = {
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "gml": "http://www.opengis.net/gml",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "trackback": "http://madskills.com/public/xml/rss/module/trackback/",
    "cc": "http://backend.userland.com/creativeCommonsRssModule",
    "admin": "http://webns.net/mvcb/",
    "psc": "http://podlove.org/simple-chapters",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "app": "http://www.w3.org/2007/app",
    "fh": "http://purl.org/syndication/history/1.0",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "opensearch": "http://a9.com/-/spec/opensearch/1.1/",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
FORMATS = {
    **{
        f"rss{version}": f'<rss version="{version}" {DECLARED}><channel><title>T</title><link>https://e.example/</link>'
        "%CHANNEL%<item><title>One</title><link>https://e.example/1</link>%ENTRY%</item>"
        "<item><title>Two</title><link>https://e.example/2</link></item></channel></rss>"
        for version in ("0.91", "0.92", "0.93", "0.94", "2.0", "2.1", "", "x")
    },
    **{
        f"rss20 in {uri}": f'<rss version="2.0" xmlns="{uri}" {DECLARED}><channel><title>T</title>%CHANNEL%'
        "<item><title>One</title><link>https://e.example/1</link>%ENTRY%</item>"
        "<item><title>Two</title><link>https://e.example/2</link></item></channel></rss>"
        for uri in (
            "http://backend.userland.com/rss",
            "http://backend.userland.com/rss2",
            "http://blogs.law.harvard.edu/tech/rss",
        )
    },
    **{
        name: f'<rdf:RDF {RDF} xmlns="{uri}" {DECLARED}><channel rdf:about="x"><title>T</title>%CHANNEL%</channel>'
        '<item rdf:about="https://e.example/1"><title>One</title><link>https://e.example/1</link>%ENTRY%</item>'
        '<item rdf:about="https://e.example/2"><title>Two</title><link>https://e.example/2</link></item></rdf:RDF>'
        for name, uri in (
            ("rss090", "http://my.netscape.com/rdf/simple/0.9/"),
            ("rss090 of a channel", "http://channel.netscape.com/rdf/simple/0.9/"),
            ("rss10", "http://purl.org/rss/1.0/"),
            ("rss11", "http://purl.org/net/rss1.1#"),
        )
    },
    **{
        name: f'<feed version="0.3" xmlns="{uri}" {DECLARED}><title>T</title>%CHANNEL%'
        '<entry><id>urn:1</id><title>One</title><link rel="alternate" type="text/html" href="https://e.example/1"/>'
        '%ENTRY%</entry><entry><id>urn:2</id><title>Two</title><link href="https://e.example/2"/></entry></feed>'
        for name, uri in (("atom03", "http://purl.org/atom/ns#"), ("atom10", "http://www.w3.org/2005/Atom"))
    },
}
CHANNEL = (
    '<cloud domain="rpc.sys.com" port="80" path="/RPC2" registerProcedure="pingMe" protocol="soap"/>',
    '<cloud port="x"/>',
    "<ttl>60</ttl>",
    "<ttl>-1</ttl><ttl>soon</ttl><ttl/>",
    "<skipHours><hour>0</hour><hour>24</hour><hour>25</hour><hour>noon</hour><hour/></skipHours>",
    "<skipDays><day>Monday</day><day>Montag</day><day/></skipDays>",
    "<image><title>I</title><url>https://e.example/i.png</url><link>x</link><width>9</width><height>a</height></image>",
    "<image/>",
    "<textInput><title>S</title><description>d</description><name>q</name><link>https://e.example/s</link></textInput>",
    "<language>xx-nonsense-language-tag</language>",
    "<copyright>©</copyright><managingEditor>a@e.example (A)</managingEditor><webMaster>@</webMaster>",
    '<rating>(PICS-1.1 "http://www.gcf.org/v2.5" labels on "1994.11.05T08:15-0500")</rating>',
    "<docs>http://backend.userland.com/rss</docs><generator>G 1.0</generator><lastBuildDate>x</lastBuildDate>",
    '<generator url="http://g.example/"/><tagline type="text/html" mode="escaped">&lt;b></tagline>',
    "<sy:updatePeriod>fortnightly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>",
    "<sy:updateBase>x</sy:updateBase>",
    "<itunes:owner><itunes:name>N</itunes:name><itunes:email>a@e.example</itunes:email></itunes:owner>",
    '<itunes:image href="x"/>',
    '<itunes:category text="Arts"><itunes:category text="Food"/></itunes:category>',
    "<itunes:explicit>maybe</itunes:explicit>",
    '<admin:generatorAgent rdf:resource="http://g.example/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>',
    "<fh:complete/><opensearch:totalResults>x</opensearch:totalResults><icon>:</icon><logo/>",
)
ENTRY = (
    "<description>plain</description>",
    "<description>&lt;p&gt;a&lt;/p&gt;</description>",
    "<description>&amp;lt;b&amp;gt;</description>",
    "<description><![CDATA[<p>a]]></description>",
    "<description><![CDATA[a]]>]]<![CDATA[&gt; b]]></description>",
    "<description><p>naked <b>markup</b></p></description>",
    "<description/>",
    "<content:encoded><![CDATA[<script>x</script><img src=a><a href='b'>c</a>]]></content:encoded>",
    "<xhtml:body><xhtml:p>x</xhtml:p></xhtml:body>",
    '<body xmlns="http://www.w3.org/1999/xhtml"><p>x</p></body>',
    '<content type="text">a &lt;b></content>',
    '<content type="html">&lt;p>a&lt;/p></content>',
    '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>x</p></div></content>',
    '<content type="text/plain">a</content><content type="application/xhtml+xml"><div>b</div></content>',
    '<content type="text/html" mode="base64">PHA+YTwvcD4=</content>',
    '<content type="application/octet-stream" mode="base64">!!! not base64 =</content>',
    '<content type="image/svg+xml"><svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg></content>',
    '<content type="multipart/alternative"><content type="text/plain">a</content></content>',
    '<content src="https://e.example/c"/><content type="nonsense">x</content>',
    '<summary type="html">&lt;b>s</summary><summary>t</summary>',
    '<title type="html">&lt;i>T</title><title mode="xml" type="text/html"><b>T</b></title>',
    "<author>a@e.example (A B)</author><author>&lt;@></author><author/>",
    "<author><name>A</name><email>a@e.example</email><url>x</url><uri/></author>",
    "<contributor><name/></contributor><dc:creator>A</dc:creator><dc:creator>B</dc:creator>",
    "<dc:date>2003-12-31T10:14:55Z</dc:date><dcterms:modified>x</dcterms:modified><dcterms:created/>",
    "<pubDate>Thu, 01 Jan 2004 19:48:21 GMT</pubDate><pubDate/>",
    "<issued>2004-05-28</issued><modified>x</modified><created/><published>2004</published><updated>--</updated>",
    "<expirationDate>x</expirationDate>",
    '<category domain="d">c</category><category term="t" scheme="s" label="l"/><category/><dc:subject>s</dc:subject>',
    '<enclosure url="https://e.example/a.mp3" length="x" type="audio/mpeg"/><enclosure/>',
    '<source url="x">S</source><source><id>urn:s</id><title>S</title><link href="x"/><updated>x</updated></source>',
    '<guid isPermaLink="maybe">g</guid>',
    '<guid isPermaLink="false">g</guid><guid>h</guid>',
    "<comments>:</comments><wfw:commentRss>x</wfw:commentRss><slash:comments>many</slash:comments>",
    '<thr:in-reply-to ref="x"/><thr:total>-1</thr:total><trackback:ping>x</trackback:ping>',
    "<geo:lat>91</geo:lat><geo:long>x</geo:long>",
    "<georss:point>1 2 3</georss:point><georss:line>1</georss:line><georss:polygon>x y</georss:polygon>",
    "<georss:box>1 2 3</georss:box><georss:point/>",
    "<georss:where><gml:Point><gml:pos>x</gml:pos></gml:Point></georss:where>",
    '<georss:where><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList srsDimension="x">1</gml:posList>'
    "</gml:LinearRing></gml:exterior></gml:Polygon></georss:where>",
    '<media:group><media:content url="u" fileSize="x" width="w"/><media:thumbnail url="t" time="x"/></media:group>',
    '<media:rating scheme="urn:mpaa">pg</media:rating><media:player url="x"/><media:credit role="r">c</media:credit>',
    "<media:keywords/><media:title/><media:restriction relationship='deny'>x</media:restriction>",
    "<itunes:duration>1:2:3:4</itunes:duration><itunes:keywords>,,</itunes:keywords><itunes:block>yes</itunes:block>",
    '<psc:chapters version="1"><psc:chapter start="x" title="y"/><psc:chapter/></psc:chapters>',
    "<cc:license>x</cc:license><app:control><app:draft>maybe</app:draft></app:control><app:edited>x</app:edited>",
    "<foaf:maker><foaf:Person><foaf:name>N</foaf:name></foaf:Person></foaf:maker>",
    '<rdf:value xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">x</rdf:value>',
    '<link rel="enclosure" href="x" length=""/><link rel="self"/><link/><link rel="http://e.example/rel" href=""/>',
    '<x xml:base="http://[::1" xml:lang=""/><y xml:base=":::"/><z xml:space="x"/>',
    "<feedburner:origLink>:</feedburner:origLink><feedburner:origEnclosureLink/>",
    "<p>&#8220;&#x201d;&#x1F4F0;</p><div/><span>in no namespace</span>",
)
SPOILT = (
    "<open>",
    "</close>",
    "<b><i></b></i>",
    "<undeclared:x>y</undeclared:x>",
    "&nbsp;&copy;&undefined; & &; &#xZZ; &#0; &#55296; &#99999999999;",
    "<![CDATA[never closed",
    "]]>",
    "<!-- never closed",
    "<!-- a -- b -->",
    "<?php echo 1 ?>",
    "<?xml version='1.0'?>",
    '<x a="1" a="2"/>',
    "<x a=1 b/>",
    '<x a="<"/>',
    "<1/>",
    "<:x/>",
    "<x:/>",
    '<x xmlns:xml="urn:x" xmlns:xmlns="urn:y" xmlns:p=""/>',
    "\x00\x01\x0b\x0c\x1f",
    "\ufffe\uffff",
    "\x85\u2028\u202e",
    "<item>",
    "<entry><entry>",
    "<channel>",
    "<rss>",
)
PROLOGS = (
    "",
    "\n \n",
    '<?xml version="1.0"?>',
    "<?xml version='1.0' encoding='utf-8' standalone='yes'?>",
    '<?xml version="1.1" encoding="no-such-charset"?>',
    '<?xml version="1.0" encoding=""?>',
    '<?xml version="1.0" encoding="utf-16"?>',
    '<?xml version="1.0" encoding="iso-8859-1"?>',
    '<?xml version="1.0" encoding="ebcdic-cp-us"?>',
    '<?xml-stylesheet href="x.xsl" type="text/xsl"?><!-- c -->',
    '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/rss-0.91.dtd">',
    '<!DOCTYPE feed [<!ENTITY a "b"><!ENTITY c SYSTEM "file:///etc/passwd">]>',
    "<!DOCTYPE",
    "<!doctype html>",
    "<br />\n<b>Warning</b>: a PHP error before the feed<br />",
    "<?xml",
    "\ufeff\ufeff",
)
CHARSETS = ("utf-8", "utf-16", "utf-16-be", "utf-32", "windows-1252", "koi8-r", "shift_jis", "cp037")


def parse(body: bytes, content_type: str | None = None) -> FeedDocument | NotAFeed:
    return parse_document(body, URL, content_type, now=NOW)


def document(name: str, channel: str = "", entry: str = "") -> str:
    return FORMATS[name].replace("%CHANNEL%", channel).replace("%ENTRY%", entry)


def links(found: FeedDocument | NotAFeed) -> list[str | None]:
    assert isinstance(found, FeedDocument), found
    return [one.url for one in found.entries]


def given_up(found: FeedDocument | NotAFeed) -> bool:
    return isinstance(found, NotAFeed) and found.detail.startswith("the document cannot be read")


@pytest.mark.parametrize("name", FORMATS)
def test_p43_every_element_in_every_format_leaves_the_entries_readable(name: str) -> None:
    wanted = ["https://e.example/1", "https://e.example/2"]
    assert links(parse(document(name).encode())) == wanted
    for element in CHANNEL:
        assert links(parse(document(name, channel=element).encode())) == wanted, element
    for element in ENTRY:
        found = links(parse(document(name, entry=element).encode()))
        assert len(found) == 2, element
        assert found[1] == wanted[1], element


@pytest.mark.parametrize("name", FORMATS)
def test_p43_every_way_to_spoil_an_element_is_survived(name: str) -> None:
    for spoilt in SPOILT:
        for text in (document(name, entry=spoilt), document(name, channel=spoilt), document(name) + spoilt):
            for prolog in ("", PROLOGS[10]):
                found = parse((prolog + text).encode())
                assert isinstance(found, FeedDocument), (spoilt, found)


@pytest.mark.parametrize("prolog", PROLOGS)
def test_p43_every_prolog_is_survived(prolog: str) -> None:
    for name in FORMATS:
        for charset in CHARSETS:
            body = (prolog + document(name)).encode(charset, "replace")
            for label in (None, f"text/xml; charset={charset}", 'application/xml; charset="', "nonsense"):
                found = parse(body, label)
                assert not given_up(found), (name, charset, label, found)


_PARTS = st.lists(st.sampled_from((*ENTRY, *SPOILT)), max_size=4).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_p43_any_mutation_is_a_feed_or_told_to_be_none(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FORMATS)))
    channel = "".join(data.draw(st.lists(st.sampled_from((*CHANNEL, *SPOILT)), max_size=3)))
    text = data.draw(st.sampled_from(PROLOGS)) + document(name, channel, data.draw(_PARTS))
    body = text.encode(data.draw(st.sampled_from(CHARSETS)), "replace")
    for _ in range(data.draw(st.integers(0, 4))):
        at, to = (data.draw(st.integers(0, len(body))) for _ in range(2))
        change = data.draw(st.sampled_from(["cut", "insert", "double", "swap"]))
        if change == "cut":
            body = body[:at] + body[to:] if at < to else body[:at]
        elif change == "insert":
            body = body[:at] + data.draw(st.binary(max_size=6)) + body[at:]
        elif change == "double":
            body = body[:at] + body[min(at, to) : max(at, to)] + body[at:]
        else:
            body = body[at:] + body[:at]
    found = parse(
        body, data.draw(st.sampled_from([None, "text/xml", "text/html; charset=latin-1", "application/json"]))
    )
    assert not given_up(found), found


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(("title", "link", "guid", "pubDate", "category", "author", "language", "ttl")), st.text(max_size=40)
)
def test_p43_any_text_in_any_element_is_survived(element: str, text: str) -> None:
    for escaped in (text, f"<![CDATA[{text}]]>"):
        body = document("rss2.0", f"<{element}>{escaped}</{element}>", f"<{element}>{escaped}</{element}>")
        assert not given_up(parse(body.encode("utf-8", "replace")))


def test_p43_a_namespace_with_a_space_in_its_name_is_survived() -> None:
    body = document("rss2.0").replace("<rss ", '<rss xmlns:odd="a name\u3000with spaces" odd:x="1" ', 1)
    assert len(links(parse(body.encode()))) == 2


_DIGITS = st.sampled_from(
    [*"0123456789", "²", "٣", "年", "T", "Z", ":", "-", "/", ".", " ", ",", "+", "오후 ", "Mai", "Jan "]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.text(max_size=40), st.lists(_DIGITS, max_size=20).map("".join)))
def test_p43_any_text_may_stand_for_a_date(raw: str) -> None:
    found = read_date(raw, NOW)
    assert found.value is None or isinstance(found.value, date)


def _utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


ASSUMED = ("assumed_utc",)


@pytest.mark.parametrize(
    ("raw", "value", "flags"),
    [
        ("2003-12-31T10:14:55Z", _utc(2003, 12, 31, 10, 14, 55), ()),
        ("2003-12-31T10:14:55-08:00", _utc(2003, 12, 31, 18, 14, 55), ()),
        ("2003-12-31T10:14:55.52Z", _utc(2003, 12, 31, 10, 14, 55), ()),
        ("2003-12-31T18:14Z", _utc(2003, 12, 31, 18, 14), ()),
        ("20031231", date(2003, 12, 31), ()),
        ("2003-335", date(2003, 12, 1), ()),
        ("2003-366", None, ("unparsed_date",)),
        ("2003-12", None, ("unparsed_date",)),
        ("-03-12", None, ("unparsed_date",)),
        ("--1231", None, ("unparsed_date",)),
        ("Thu, 01 Jan 2004 19:48:21 GMT", _utc(2004, 1, 1, 19, 48, 21), ()),
        ("Thu, 01 Jan 04 19:48 EDT", _utc(2004, 1, 1, 23, 48), ()),
        ("Thu Jan  1 19:48:21 2004", _utc(2004, 1, 1, 19, 48, 21), ASSUMED),
        ("Thu Jan 01 19:48:21 PST 2004", _utc(2004, 1, 2, 3, 48, 21), ()),
        ("2004-07-08 23:56:58.0", _utc(2004, 7, 8, 23, 56, 58), ASSUMED),
        ("2004년 05월 28일  01:31:15", _utc(2004, 5, 28, 1, 31, 15), ASSUMED),
        ("2004-05-25 오후 11:23:17", _utc(2004, 5, 25, 23, 23, 17), ASSUMED),
        ("2004-05-25 오전 12:23:17", _utc(2004, 5, 25, 0, 23, 17), ASSUMED),
        ("2004年5月28日 下午 1:31", _utc(2004, 5, 28, 13, 31), ASSUMED),
        ("2004年5月28日", date(2004, 5, 28), ()),
        ("Κυρ, 11 Ιούλ 2004 12:00:00 EST", _utc(2004, 7, 11, 17, 0), ()),
        ("Δευ, 10 Μαΐ 2004 12:00:00 GMT", _utc(2004, 5, 10, 12, 0), ()),
        ("2004-július-13T9:15-05:00", _utc(2004, 7, 13, 14, 15), ()),
        ("2004-szeptember-3T09:15+01:00", _utc(2004, 9, 3, 8, 15), ()),
        ("Fri, 2006/09/15 08:19:53 EDT", _utc(2006, 9, 15, 12, 19, 53), ()),
        ("Вт, 05 мая 2020 10:00:00 +0300", _utc(2020, 5, 5, 7, 0), ()),
        ("2003-02-29T10:00:00Z", None, ("unparsed_date",)),
        ("Thu, 31 Jun 2004 19:48:21 GMT", None, ("unparsed_date",)),
        ("²²²²²²²²²²", None, ("unparsed_date",)),
    ],
)
def test_p43_dates_as_the_collections_write_them(raw: str, value: date | None, flags: tuple[str, ...]) -> None:
    found = read_date(raw, NOW)
    assert (found.value, found.flags) == (value, flags)


MADE = feedmaker.Item(
    "https://e.example/news/1",
    "Ferry & bridge – “open”",
    "https://e.example/news/1",
    _utc(2026, 5, 19, 8, 30),
    "Both run again.",
)
WAYS = {
    "rss20": feedmaker.rss([MADE]),
    "rss10": feedmaker.rdf([MADE]),
    "atom10": feedmaker.atom([MADE]),
    "json1": feedmaker.json_feed([MADE], version="1"),
    "json11": feedmaker.json_feed([MADE], version="1.1"),
    "atom03": '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>T</title><entry>'
    '<title>Ferry &amp; bridge – “open”</title><link rel="alternate" type="text/html" href="https://e.example/news/1"/>'
    "<id>https://e.example/news/1</id><issued>2026-05-19T08:30:00Z</issued><summary>Both run again.</summary>"
    "</entry></feed>",
    "rss092": '<rss version="0.92"><channel><title>T</title><item><title>Ferry &amp; bridge – “open”</title>'
    "<link>https://e.example/news/1</link><description>Both run again.</description>"
    "<pubDate>Tue, 19 May 2026 08:30:00 GMT</pubDate></item></channel></rss>",
    "news sitemap": feedmaker.sitemap([MADE], news=True),
}


@pytest.mark.parametrize("way", WAYS)
def test_p31_one_entry_is_one_record_in_every_format(way: str) -> None:
    found = parse(WAYS[way].encode())
    assert isinstance(found, FeedDocument)
    (entry,) = found.entries
    assert (entry.key, entry.url, entry.title) == (MADE.guid, MADE.url, MADE.title)
    assert entry.published == MADE.published
    assert entry.summary == (None if way == "news sitemap" else MADE.summary)
