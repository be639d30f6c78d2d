"""Every format gives the same entry records (P31), with nothing invented."""

from __future__ import annotations

import gzip
import pickle
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.feeds import FeedDocument, NestedSitemap, NotAFeed, body_hash, parse_document
from storage import SourceKind

SAMPLES = Path(__file__).parent / "feeds"
NOW = datetime(2026, 5, 21, tzinfo=UTC)
URL = "https://www.example.org/news/feed"


def read(
    body: bytes | str, url: str = URL, content_type: str | None = "application/xml", expect: SourceKind = "feed"
) -> FeedDocument:
    raw = body.encode() if isinstance(body, str) else body
    document = parse_document(raw, url, content_type, expect=expect, now=NOW)
    assert isinstance(document, FeedDocument), document
    return document


def sample(name: str) -> FeedDocument:
    return read((SAMPLES / name).read_bytes())


def test_p31_rss_20_gives_every_field() -> None:
    feed = sample("rss20.xml")
    assert (feed.kind, feed.title, feed.link, feed.language) == (
        "rss20",
        "The Harbour Courier",
        "https://courier.example/",
        "en-GB",
    )
    assert (feed.hub, feed.self_url) == ("https://hub.example/", "https://courier.example/rss.xml")
    first, second = feed.entries
    assert first.key == "courier-1001"
    assert first.url == "https://courier.example/2026/05/pier", "the original link, not the counting redirect"
    assert first.title == "Harbour & pier to open in June"
    assert first.published == datetime(2026, 5, 20, 8, 30, tzinfo=UTC)
    assert first.authors == ("Ines Quill",)
    assert first.tags == ("Harbour", "City")
    assert first.summary == "The pier opens in June. Tickets cost 5 pounds."
    assert first.content is not None
    assert 'href="https://www.example.org/tickets"' in first.content
    assert first.image == "https://courier.example/i/pier.jpg"
    assert first.language == "en-GB"
    assert first.flags == ()
    assert second.url == "https://courier.example/2026/05/guid-is-link"
    assert second.key == second.url
    assert second.authors == ("Tom Inkwell",)
    assert second.published == date(2026, 5, 19)
    assert type(second.published) is date, "a day without a time stays a day"


def test_p23_what_the_publisher_asks_for_is_read() -> None:
    feed = sample("rss20.xml")
    assert feed.ttl_s == 90 * 60
    assert feed.skip_hours == {0, 1}
    assert feed.skip_days == {5, 6}
    assert feed.update_period_s == 6 * 3600


def test_p31_rss_091_with_its_document_type_and_character_entities() -> None:
    feed = sample("rss091.xml")
    assert (feed.kind, feed.title, feed.language) == ("rss091", "Café Gazette", "fr")
    assert feed.entries[0].title == "Le thé à la menthe"
    assert feed.entries[0].flags == ("no_date",)
    assert feed.flags == (), "the entities are legal with that document type"


def test_p31_rss_10() -> None:
    feed = sample("rss10.rdf")
    assert (feed.kind, feed.language) == ("rss10", "de")
    (entry,) = feed.entries
    assert (entry.key, entry.url) == ("https://ledger.example/a1", "https://ledger.example/a1")
    assert (entry.authors, entry.tags, entry.language) == (("Karla Feder",), ("Hafen",), "de")
    assert entry.published == datetime(2026, 5, 20, 6, tzinfo=UTC)
    assert entry.updated is None
    assert entry.flags == ("published_from_dc_date",)


def test_p31_atom_10() -> None:
    feed = sample("atom10.xml")
    assert (feed.kind, feed.title, feed.language) == ("atom10", "Plainfield Post", "en")
    assert feed.link == "https://post.example/blog/"
    first, second = feed.entries
    assert first.title == "Is 3 < 5 & true?", "text is text, not markup"
    assert first.published == datetime(2026, 5, 20, 12, tzinfo=UTC)
    assert first.updated == datetime(2026, 5, 20, 13, tzinfo=UTC)
    assert first.authors == ("Ada Column",), "the feed's author stands for entries without one (RFC 4287 section 4.1.1)"
    assert first.tags == ("Mathematics",)
    assert first.image == "https://post.example/i/1.png"
    assert first.language == "en-US"
    assert second.authors == ("Bo Guest",)
    assert (second.published, second.updated) == (None, date(2026, 5, 19))


def test_p41_the_next_page_and_the_previous_archive_are_named() -> None:
    feed = sample("atom10.xml")
    assert feed.next_url == "https://post.example/blog/feed.atom?page=2"
    assert feed.prev_archive == "https://post.example/blog/2026-04.atom"
    assert sample("json11.json").next_url == "https://isle.example/feed.json?page=2"


def test_p31_atom_03() -> None:
    feed = sample("atom03.xml")
    assert feed.kind == "atom03"
    (entry,) = feed.entries
    assert (entry.key, entry.url) == ("tag:old.example,2005:1", "https://old.example/1")
    assert (entry.published, entry.updated) == (
        datetime(2005, 5, 20, 12, tzinfo=UTC),
        datetime(2005, 5, 20, 13, tzinfo=UTC),
    )
    assert entry.content == "<p>Body</p>"


def test_p31_json_feed_11() -> None:
    feed = sample("json11.json")
    assert (feed.kind, feed.title, feed.language, feed.hub) == ("json11", "Isle Daily", "fr", "https://hub.example/")
    first, second = feed.entries
    assert (first.key, first.url) == ("isle-1", "https://www.example.org/2026/marche")
    assert first.authors == ("Lise Encre", "Marc Papier")
    assert first.published == datetime(2026, 5, 20, 6, tzinfo=UTC)
    assert first.updated == datetime(2026, 5, 20, 7, tzinfo=UTC)
    assert (first.summary, first.content) == ("Il ouvre.", "<p>Le <b>marché</b> ouvre.</p>")
    assert (first.tags, first.image) == (("marché",), "https://isle.example/i.jpg")
    assert second.key == "2"
    assert second.content == "<p>Un &lt; deux.</p><p>Fin.</p>"
    assert second.authors == ("Rédaction",)


def test_p31_json_feed_10() -> None:
    feed = sample("json10.json")
    assert feed.kind == "json10"
    assert feed.entries[0].authors == ("Lise Encre",)


def test_p31_c8_sitemap() -> None:
    feed = sample("sitemap.xml")
    assert feed.kind == "sitemap"
    a, b, c = feed.entries
    assert (a.url, a.key) == ("https://news.example/a?x=1&y=2", "https://news.example/a?x=1&y=2")
    assert (a.published, a.updated) == (None, datetime(2026, 5, 20, 10, tzinfo=UTC))
    assert a.image == "https://news.example/a.jpg"
    assert (b.url, b.updated) == ("https://news.example/b", date(2026, 5, 19))
    assert (c.url, c.flags) == ("https://www.example.org/c", ("no_date",))


def test_p31_news_sitemap_keeps_title_date_and_language() -> None:
    feed = sample("news-sitemap.xml")
    assert feed.kind == "news-sitemap"
    (entry,) = feed.entries
    assert entry.title == "O porto abre & fecha"
    assert entry.published == datetime(2026, 5, 20, 12, 15, tzinfo=UTC)
    assert (entry.language, entry.tags) == ("pt", ("porto", "cidade"))


def test_c8_sitemap_index_newest_first() -> None:
    feed = sample("sitemap-index.xml")
    assert feed.kind == "sitemap-index"
    assert feed.nested == (
        NestedSitemap("https://news.example/sitemap-2026-05.xml", datetime(2026, 5, 20, 10, tzinfo=UTC)),
        NestedSitemap("https://news.example/sitemap-2026-04.xml.gz", date(2026, 4, 30)),
        NestedSitemap("https://news.example/sitemap-undated.xml"),
    )


def test_c8_a_gzip_file_is_known_by_its_bytes() -> None:
    packed = gzip.compress((SAMPLES / "sitemap.xml").read_bytes())
    assert len(read(packed, content_type="text/html; charset=latin-1").entries) == 3
    cut = read(packed[: len(packed) * 3 // 4], content_type=None)
    assert cut.kind == "sitemap"
    assert "recovered_xml" in cut.flags


def test_c8_a_sitemap_of_plain_lines() -> None:
    text = "https://news.example/a\nhttps://news.example/b\n"
    feed = read(text, content_type="text/plain", expect="sitemap")
    assert feed.kind == "sitemap-text"
    assert [entry.url for entry in feed.entries] == ["https://news.example/a", "https://news.example/b"]
    refused = parse_document(text.encode(), URL, "text/plain", now=NOW)
    assert isinstance(refused, NotAFeed)


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "text/plain", "image/png", None])
def test_p33_a_feed_is_recognised_by_its_bytes(name: str, content_type: str | None) -> None:
    body = (SAMPLES / name).read_bytes()
    labelled = read(body, content_type=content_type)
    proper = read(body)
    assert (labelled.kind, labelled.entries, labelled.nested) == (proper.kind, proper.entries, proper.nested)
    assert ("served_as_html" in labelled.flags) == (content_type == "text/html; charset=utf-8")


@pytest.mark.parametrize("name", sorted(path.name for path in SAMPLES.iterdir()))
def test_what_was_read_crosses_process_borders(name: str) -> None:
    document = sample(name)
    assert pickle.loads(pickle.dumps(document)) == document


def test_p12_a_document_is_identified_by_its_bytes() -> None:
    assert body_hash(b"a") == body_hash(b"a") != body_hash(b"a ")
    assert len(body_hash(b"")) == 64
