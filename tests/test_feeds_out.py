"""Feeds of any search, source, tag and story: what readers make of them, and what another corpus does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import jsonschema
import pytest
from feedmaker import Item, article_page, rss
from localweb import LocalWeb, Site
from lxml import etree
from newsroom import Newsroom, story
from pressroom import CORRECTED, titled
from served import Served, served

from crawler import opml
from storage import Serving, StoredArticle, open_corpus
from storage.syndication import Channel, write_atom, write_json_feed, write_rss
from storage.syndication.channel import item_of
from storage.web.readers import Readers
from storage.web.safe import article_html, href

pytestmark = pytest.mark.xdist_group("press")
ENDINGS = ("atom", "rss", "json")
HOSTILE = "<script>alert(1)</script> ]]> & \x00\x0b\ud800\ufffe </content> \u202e"
JSON_FEED = {
    "type": "object",
    "required": ["version", "title", "items"],
    "properties": {
        "version": {"const": "https://jsonfeed.org/version/1.1"},
        "items": {"items": {"required": ["id", "content_html", "date_modified"]}},
    },
}


@pytest.fixture(scope="module")
def site(press_db: Path) -> Iterator[Served]:
    with served(press_db) as running:
        yield running


@pytest.fixture(scope="module")
def articles(press_db: Path) -> dict[str, StoredArticle]:
    with open_corpus(press_db) as corpus:
        return {article.url: article for article in corpus.articles()}


def parsed(answer: bytes) -> Any:
    found = feedparser.parse(answer)
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("ending", ["atom", "rss"])
def test_a_reader_gets_every_article_whole(site: Served, articles: dict[str, StoredArticle], ending: str) -> None:
    answer = site.get(f"/feeds/search.{ending}")
    assert answer.headers["content-type"] == f"application/{ending}+xml; charset=utf-8"
    found = parsed(answer.content)
    assert {entry.link for entry in found.entries} == set(articles)
    for entry in found.entries:
        article = articles[entry.link]
        assert entry.id == article.url
        assert entry.title == article.title
        assert [author.name for author in entry.get("authors", []) if author.get("name")] == list(article.authors)
        assert {tag.term for tag in entry.get("tags", [])} == set(article.tags)
        assert entry.content[0].value
        moment = article.published if isinstance(article.published, datetime) else None
        if moment is not None:
            assert datetime(*entry.published_parsed[:6], tzinfo=UTC) == moment.replace(microsecond=0)


def test_json_feed_gives_the_same(site: Served, articles: dict[str, StoredArticle]) -> None:
    answer = site.get("/feeds/search.json")
    assert answer.headers["content-type"] == "application/feed+json; charset=utf-8"
    feed = answer.json()
    jsonschema.validate(feed, JSON_FEED)
    assert {item["url"]: item["title"] for item in feed["items"]} == {url: one.title for url, one in articles.items()}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("path", ["search", "sources/Harbour%20Courier", "tags/harbour", "stories/{story}"])
def test_each_kind_of_feed_holds_what_its_page_shows(site: Served, press_db: Path, path: str, ending: str) -> None:
    with open_corpus(press_db) as corpus:
        story = corpus.stories()[0].id
        queries = {"search": "libya", "sources": 'source:"Harbour Courier"', "tags": "tag:harbour"}
        wanted = {each.url for each in corpus.articles(queries.get(path.split("/")[0], f"story:{story}"))}
    answer = site.get(f"/feeds/{path.format(story=story)}.{ending}", params={"q": "libya"} if path == "search" else {})
    if ending == "json":
        assert {item["url"] for item in answer.json()["items"]} == wanted
        assert answer.json()["feed_url"] == str(answer.url)
    else:
        found = parsed(answer.content)
        assert {entry.link for entry in found.entries} == wanted
        links = {link.rel: link.href for link in found.feed.links}
        assert links["self"] == str(answer.url)
        home = site.get(links["alternate"].removeprefix(site.address))
        assert home.status_code == 200


def test_a_feed_goes_on_where_it_ends(
    site: Served, articles: dict[str, StoredArticle], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.web.feeds.ENTRIES", 7)
    path, seen = "/feeds/search.atom", []
    while path:
        found = parsed(site.get(path).content)
        seen += [entry.link for entry in found.entries]
        following = [link.href for link in found.feed.links if link.rel == "next"]
        path = following[0].removeprefix(site.address) if following else ""
    assert sorted(seen) == sorted(articles)


def test_what_is_known_is_not_sent_again(site: Served) -> None:
    for ending in ENDINGS:
        first = site.get(f"/feeds/search.{ending}?q=ferry")
        assert first.headers["last-modified"].endswith("GMT")
        again = site.get(f"/feeds/search.{ending}?q=ferry", headers={"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_a_revision_keeps_its_id_and_is_later(press_db: Path) -> None:
    with open_corpus(press_db) as corpus:
        article = titled(corpus, CORRECTED)
    item = item_of(article, article_html, href)
    assert (item.id, item.updated) == (article.url, article.fetched)
    assert article.fetched > article.first_seen


def test_head_and_the_token_as_a_password_work_as_readers_use_them(press_db: Path) -> None:
    token = "correct-horse-battery-staple"
    with served(press_db, Serving(token=token)) as running:
        for path in ("/feeds/search.atom", "/feeds/search.json?q=ferry", "/feeds/all.opml"):
            assert running.get(path).status_code == 401
            shown = running.get(path, auth=("anybody", token))
            head = running.client.head(running.address + path, auth=("anybody", token))
            assert (head.status_code, head.content) == (200, b"")
            assert head.headers["etag"] == shown.headers["etag"]
            assert token not in shown.text


def test_a_corpus_that_did_not_change_is_not_asked_again(site: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    first = {
        path: site.get(path) for path in ("/feeds/search.rss?q=ferry", "/feeds/all.opml", "/feeds/tags/harbour.json")
    }
    monkeypatch.setattr(Readers, "borrow", None)
    for path, answer in first.items():
        again = site.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.headers.get("last-modified")) == (304, answer.headers.get("last-modified"))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/feeds/search.atom?q=since:yesterday", 400),
        ("/feeds/search.atom?after=nonsense", 400),
        ("/feeds/search.xml", 422),
        ("/feeds/sources/nobody.atom", 404),
        ("/feeds/stories/999999.rss", 404),
        ("/feeds/tags/nothing.json", 200),
    ],
)
def test_what_is_asked_wrongly_is_told(site: Served, path: str, status: int) -> None:
    assert site.get(path).status_code == status


def test_the_list_of_feeds_is_taken_by_readers_and_leads_to_them(site: Served, press_db: Path) -> None:
    answer = site.get("/feeds/all.opml")
    listed = opml.read(answer.content)
    with open_corpus(press_db) as corpus:
        names = {status.name for status in corpus.status()}
    assert names <= {one.name for one in listed.subscriptions}
    for one in listed.subscriptions:
        parsed(site.get(one.url.removeprefix(site.address)).content)
    home = site.get("/sources/Harbour%20Courier").text
    assert 'rel="alternate" type="application/atom+xml"' in home


def test_s11_nothing_that_strangers_wrote_breaks_a_feed_or_acts_in_it(articles: dict[str, StoredArticle]) -> None:
    article = replace(
        next(iter(articles.values())),
        **{"title": HOSTILE, "html": f"<p onclick='x()'>{HOSTILE}<img src=x onerror=y></p>", "description": HOSTILE},
        **{"authors": (HOSTILE, "\x00"), "tags": (HOSTILE, ","), "sources": (HOSTILE,)},
    )
    channel = Channel(
        "urn:x", "x", "https://x.example/", "https://x.example/f", (item_of(article, article_html, href),)
    )
    for made in (write_atom(channel), write_rss(channel)):
        etree.fromstring(made)
        (entry,) = feedparser.parse(made, sanitize_html=False).entries
        assert "<script" not in entry.content[0].value
        assert "onclick" not in entry.content[0].value
        assert "alert(1)" in entry.title
    (item,) = json.loads(write_json_feed(channel))["items"]
    assert "<script" not in item["content_html"]


def printed_by(site: Site, newsroom: Newsroom, count: int, **said: Any) -> None:
    """A newsroom crawls a paper with so many reports; `said` is what its feed says of each."""
    items = [
        Item(site.page(f"/a{number}", article_page(f"Report {number}", story(300, number))), f"Report {number}", **said)
        for number in range(count)
    ]
    newsroom.subscribe(site.page("/feed", rss(items), content_type="application/rss+xml"))
    newsroom.ok("crawl")


@pytest.fixture
def other(tmp_path: Path) -> Newsroom:
    """Another newsroom, which reads the first one's feeds."""
    (tmp_path / "other").mkdir()
    return Newsroom(tmp_path / "other")


def kept(room: Newsroom) -> list[StoredArticle]:
    """Its articles, by their addresses."""
    with open_corpus(room.db) as corpus:
        return sorted(corpus.articles(), key=lambda one: one.url)


def test_one_corpus_subscribes_to_another(web: LocalWeb, newsroom: Newsroom, other: Newsroom) -> None:
    """By Atom; the other formats are read, whole, in the next test."""
    printed_by(web.site("127.0.0.2"), newsroom, 3)
    with served(newsroom.db) as running:
        other.subscribe(f"{running.address}/feeds/search.atom?q=report")
        other.ok("crawl")
    # Not when: Atom demands a time of the last change (RFC 4287, 4.1.2), and readers take it for the publication's.
    found = [[(one.url, one.title, one.text, one.authors) for one in kept(room)] for room in (newsroom, other)]
    assert len(found[0]) == 3
    assert found[1] == found[0]
    assert other.json("status")["sources"][0]["feeds"][0]["health"] == "ok"


@pytest.mark.parametrize("ending", ["rss", "json"])
def test_a_corpus_that_takes_the_text_from_the_feed_has_the_same_articles(
    web: LocalWeb, newsroom: Newsroom, other: Newsroom, ending: str
) -> None:
    site, moment = web.site("127.0.0.2"), datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    printed_by(site, newsroom, 3, published=moment, author="Ann Lee")
    before = len(site.requests())
    with served(newsroom.db) as running:
        other.subscribe({"feed": f"{running.address}/feeds/search.{ending}", "full_text": "feed"})
        other.ok("crawl")
    assert len(site.requests()) == before
    found = [
        [(one.url, one.title, one.text, one.authors, one.published) for one in kept(room)] for room in (newsroom, other)
    ]
    assert len(found[0]) == 3
    assert found[1] == found[0]
    assert found[1][0][3:] == (("Ann Lee",), moment)


def test_a_backfill_takes_the_whole_corpus_page_by_page(
    web: LocalWeb, newsroom: Newsroom, other: Newsroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.web.feeds.ENTRIES", 2)
    printed_by(web.site("127.0.0.2"), newsroom, 5)
    with served(newsroom.db) as running:
        other.subscribe({"feed": f"{running.address}/feeds/search.atom", "name": "Archive", "full_text": "feed"})
        other.ok("crawl")
        assert len(kept(other)) == 2
        other.ok("backfill", "Archive")
    texts = [{one.url: one.text for one in kept(room)} for room in (newsroom, other)]
    assert texts[0] == texts[1]
    assert len(texts[0]) == 5
