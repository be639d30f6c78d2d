"""What is found behind a page: declared feeds, links to feeds, usual places, sitemaps of a robots.txt (C6)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discover import MAX_CANDIDATES, MAX_SITEMAPS, Candidate, candidates, feeds_behind, sitemaps_in

URL = "https://www.example.org/news/"


def found(html: str, url: str = URL) -> list[str]:
    return [candidate.url for candidate in feeds_behind(html.encode(), url, "text/html; charset=utf-8")]


def test_c6_declared_feeds_of_every_type_with_their_titles() -> None:
    page = """<html><head>
      <link rel="alternate" type="application/rss+xml" title="Zürich &amp; more" href="/rss.xml">
      <LINK REL='Alternate' TYPE='application/atom+xml; charset=utf-8' HREF='atom.xml'>
      <link rel="alternate" type="application/feed+json" href="//cdn.example/feed.json">
      <link rel="feed" href="/hfeed">
      <link rel="stylesheet" href="/style.css">
      <link rel="alternate" hreflang="de" href="/de/">
      <link rel="alternate" type="application/json" href="https://www.example.org/wp-json/wp/v2/posts/1">
      <link rel="alternate" type="application/json+oembed" href="/oembed?url=x">
    </head><body></body></html>"""
    assert feeds_behind(page.encode(), URL, "text/html; charset=utf-8") == (
        Candidate("https://www.example.org/rss.xml", "Zürich & more"),
        Candidate("https://www.example.org/news/atom.xml"),
        Candidate("https://cdn.example/feed.json"),
        Candidate("https://www.example.org/hfeed"),
    )


def test_c6_comment_feeds_are_left_out() -> None:
    page = """<link rel=alternate type=application/rss+xml href=/comments/feed/>
      <link rel=alternate type=application/rss+xml title="Example &raquo; Comments Feed" href=/c.xml>
      <link rel=alternate type=application/rss+xml title="Kommentare" href=/k.xml>
      <link rel=alternate type=application/rss+xml title="Example" href=/feed/>"""
    assert found(page) == ["https://www.example.org/feed/"]


def test_c6_links_that_look_like_feeds_come_after_declared_ones_and_own_before_foreign() -> None:
    page = """<a href="https://other.example/feed/">Partner</a>
      <a href="/rss/politics.xml?x=1">x</a> <a href="/politics/rss">Politics</a> <a href="/p?format=x">RSS</a>
      <a href="/about-rss-and-feeds">About</a> <a href="/feedback">Feedback</a>
      <link rel=alternate type=application/atom+xml href=/atom.xml>"""
    assert found(page) == [
        "https://www.example.org/atom.xml",
        "https://www.example.org/politics/rss",
        "https://www.example.org/p?format=x",
        "https://other.example/feed/",
    ]


def test_c6_the_base_element_counts_and_each_feed_once() -> None:
    page = """<base href="https://base.example/x/"><link rel=alternate type=application/rss+xml href=feed>
      <link rel=alternate type=application/rss+xml href=feed><a href=feed/>feed</a><a href="feed:https://e.example/f.rss">RSS</a>"""
    assert found(page) == [
        "https://base.example/x/feed",
        "https://base.example/x/feed/",
        "https://e.example/f.rss",
    ]


@pytest.mark.parametrize(
    "href", ["javascript:feed()", "file:///feed.xml", "ftp://e.example/rss.xml", "", "http://[::1"]
)
def test_s4_only_http_addresses_are_suggested(href: str) -> None:
    assert found(f'<link rel=alternate type=application/rss+xml href="{href}"><a href="{href}">RSS</a>') == []


def test_the_page_itself_is_not_suggested() -> None:
    assert found('<a href="#top">RSS</a><a href="">Feed</a>') == []


def test_c6_usual_places_are_tried_likeliest_first() -> None:
    tried = candidates("https://www.example.org/en/sport/")
    assert [one.url for one in tried[:3]] == [
        "https://www.example.org/en/sport/feed/",
        "https://www.example.org/en/sport/feed",
        "https://www.example.org/feed/",
    ]
    assert Candidate("https://www.example.org/sitemap.xml", kind="sitemap", via="path") in tried
    assert len({one.url for one in tried}) == len(tried) < 20
    assert candidates("ftp://example.org/") == candidates("http://[::1") == ()


@pytest.mark.parametrize(
    ("url", "feed"),
    [
        ("https://www.youtube.com/channel/UC123", "https://www.youtube.com/feeds/videos.xml?channel_id=UC123"),
        ("https://www.youtube.com/watch?v=1&list=PL9", "https://www.youtube.com/feeds/videos.xml?playlist_id=PL9"),
        ("https://old.reddit.com/r/news/top", "https://www.reddit.com/r/news/.rss"),
        ("https://github.com/scrapy/scrapy", "https://github.com/scrapy/scrapy/releases.atom"),
        ("https://medium.com/@someone/story", "https://medium.com/feed/@someone"),
        ("https://town.blogspot.com/2020/", "https://town.blogspot.com/feeds/posts/default"),
        ("https://town.substack.com/p/x", "https://town.substack.com/feed"),
    ],
)
def test_c6_known_platforms(url: str, feed: str) -> None:
    assert candidates(url)[0].url == feed


def test_c6_sitemaps_of_a_robots_txt() -> None:
    robots = (
        b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /x\r\n Sitemap : https://e.example/a.xml # main\r"
        b"SITEMAP:https://e.example/b.xml.gz\nsitemap: /relative.xml\nsitemap: https://e.example/a.xml\n"
        b"Sitemap: file:///etc/passwd\n# Sitemap: https://e.example/no.xml\n"
    )
    assert sitemaps_in(robots) == (
        Candidate("https://e.example/a.xml", kind="sitemap", via="robots"),
        Candidate("https://e.example/b.xml.gz", kind="sitemap", via="robots"),
    )


def test_s10_a_robots_txt_of_10_megabytes_costs_under_half_a_second() -> None:
    for body in (
        b"Sitemap: https://e.example/%d\n" * 300_000,
        b" " * 10_000_000,
        b"sitemap:" * 1_200_000,
        b"\n\r" * 5_000_000,
    ):
        started = time.process_time()
        assert len(sitemaps_in(body)) <= MAX_SITEMAPS
        assert time.process_time() - started < 0.5


def test_a_page_with_endless_feeds_is_cut() -> None:
    page = "".join(f'<link rel=alternate type=application/rss+xml href="/{n}/feed">' for n in range(2000))
    assert len(found(page)) == MAX_CANDIDATES


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet="<>/link rel=ahf'\"&;:feed.xml\x00\ud800é", max_size=300).map(
    lambda text: text.encode("utf-8", "surrogatepass")))  # fmt: skip
def test_no_page_and_no_robots_txt_raises(body: bytes) -> None:
    assert isinstance(feeds_behind(body, URL), tuple)
    assert isinstance(sitemaps_in(body), tuple)
    assert isinstance(candidates(body.decode("utf-8", "replace")), tuple)
