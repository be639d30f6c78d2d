"""The documents that tests are fed with are well-formed and say what they were told."""

from __future__ import annotations

import calendar
import io
import json
from datetime import UTC, datetime, timedelta, timezone

import feedmaker
import feedparser  # type: ignore[import-untyped]
import pytest
from feedmaker import Item
from lxml import etree, html

AWKWARD = Item(
    url="http://courier.localhost/a?b=1&c=2",
    title='Fish & "chips" <today> ]]>',
    guid="tag:courier,2020:é&1",
    published=datetime(2020, 5, 2, 12, 0, tzinfo=timezone(timedelta(hours=2))),
    summary="A <b>summary</b> & more",
    content_html="<p>Whole &amp; text</p>",
    author="O'Neill & Søn",
)
BARE = Item("http://courier.localhost/bare")


@pytest.mark.parametrize("make", [feedmaker.rss, feedmaker.atom, feedmaker.rdf], ids=["rss", "atom", "rdf"])
def test_xml_feeds_say_what_they_were_told(make: object) -> None:
    assert callable(make)
    document = make([AWKWARD, BARE], title="A & B").encode()
    etree.fromstring(document)
    parsed = feedparser.parse(io.BytesIO(document))
    assert not parsed.bozo
    assert parsed.feed.title == "A & B"
    first, second = parsed.entries
    assert first.link == AWKWARD.url
    assert first.title.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == AWKWARD.title
    assert first.id == AWKWARD.guid
    # feedparser files the dc:date of RSS 1.0 under "updated".
    date = first.get("published_parsed") or first.updated_parsed
    assert datetime.fromtimestamp(calendar.timegm(date), UTC) == AWKWARD.published
    assert (first.author, first.content[0].value) == (AWKWARD.author, AWKWARD.content_html)
    assert second.link == BARE.url
    assert "published" not in second
    assert "summary" not in second


@pytest.mark.parametrize("version", ["1", "1.1"])
def test_json_feeds_name_authors_as_their_version_does(version: str) -> None:
    feed = json.loads(
        feedmaker.json_feed([AWKWARD, BARE], version="1" if version == "1" else "1.1", next_url="http://x/2")
    )
    first, second = feed["items"]
    assert feed["version"].endswith(f"/version/{version}")
    assert feed["next_url"] == "http://x/2"
    assert (first["id"], first["title"], first["date_published"]) == (
        AWKWARD.guid,
        AWKWARD.title,
        "2020-05-02T10:00:00Z",
    )
    assert ("author" in first, "authors" in first) == (version == "1", version == "1.1")
    assert second == {"url": BARE.url, "title": BARE.title}


def test_sitemaps_carry_news_fields_when_asked() -> None:
    names = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "n": "http://www.google.com/schemas/sitemap-news/0.9"}
    plain = etree.fromstring(feedmaker.sitemap([AWKWARD, BARE]).encode())
    news = etree.fromstring(feedmaker.sitemap([AWKWARD], news=True).encode())
    index = etree.fromstring(feedmaker.sitemap_index([AWKWARD.url]).encode())
    assert plain.xpath("//s:loc/text()", namespaces=names) == [AWKWARD.url, BARE.url]
    assert plain.xpath("//s:lastmod/text()", namespaces=names) == ["2020-05-02T10:00:00Z"]
    assert plain.xpath("//n:news", namespaces=names) == []
    assert news.xpath("//n:title/text()", namespaces=names) == [AWKWARD.title]
    assert news.xpath("//n:language/text()", namespaces=names) == ["en"]
    assert index.xpath("/s:sitemapindex/s:sitemap/s:loc/text()", namespaces=names) == [AWKWARD.url]


@pytest.mark.parametrize("theme", ["plain", "cluttered", "json-ld"])
def test_article_pages_hold_their_text_and_metadata(theme: feedmaker.Theme) -> None:
    page = html.fromstring(
        feedmaker.article_page(
            "A </script> & B",
            ["One & <two>."],
            theme,
            published=AWKWARD.published,
            author=AWKWARD.author,
            language="da",
            head='<link rel="canonical" href="/x">',
        )
    )
    assert page.get("lang") == "da"
    assert page.xpath("string(//title)") == page.xpath("string(//h1)") == "A </script> & B"
    assert page.xpath("//article/p[last()]/text()") == ["One & <two>."]
    assert page.xpath("//link/@href") == ["/x"]
    if theme == "json-ld":
        data = json.loads(str(page.xpath("string(//script)")))
        assert (data["headline"], data["author"]["name"]) == ("A </script> & B", AWKWARD.author)
    else:
        assert page.xpath("//meta[@name='author']/@content") == [AWKWARD.author]
        assert page.xpath("//meta[@property='article:published_time']/@content") == ["2020-05-02T10:00:00Z"]
    assert bool(page.xpath("//nav")) == (theme == "cluttered")


def test_items_are_distinct() -> None:
    made = feedmaker.items("http://courier.localhost", 50)
    assert len({item.url for item in made}) == len({item.title for item in made}) == 50
