"""Which links of a front page are taken for articles and which for sections: recorded pages and the rules behind."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler import urls
from crawler.front_page import FrontPage, Verdict, read_front_page
from crawler.page_links import MAX_ADDRESSES
from crawler.urls.shapes import MAX_SHAPE_CHARS, shape
from storage import LinkShape

NOW = datetime(2026, 3, 12, 12, tzinfo=UTC)
PAGES = sorted((Path(__file__).parent / "pages" / "front").glob("*.html"))
URL = "https://post.example/"


def judged(html: str | bytes, url: str = URL, learned: tuple[LinkShape, ...] = ()) -> FrontPage:
    body = html if isinstance(html, bytes) else html.encode()
    page = read_front_page(body, url, "text/html; charset=utf-8", NOW, learned)
    assert page is not None
    return page


def found(page: FrontPage, verdict: Verdict) -> set[str]:
    return {urls.identity(link.url) for link in page.of(verdict)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_c7_articles_are_told_from_sections_on_recorded_pages(path: Path) -> None:
    expected = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    page = judged(path.read_bytes(), expected["url"])
    assert found(page, "article") == {urls.identity(url) for url in expected["articles"]}
    sections = {urls.identity(url) for url in expected["sections"]}
    assert sections <= found(page, "section")
    assert len(found(page, "section") - sections) <= 2


def test_every_judgement_tells_its_reasons() -> None:
    page = judged("<h2><a href=/2026/03/12/the-ferry-is-late-again>The ferry is late again, says the harbour</a></h2>")
    (link,) = page.links
    assert link.verdict == "article"
    assert "+3 a date in the path" in link.reasons
    assert link.shape == "/Y/M/D/a-b-c"
    assert link.text == "The ferry is late again, says the harbour"


def test_words_that_many_links_share_say_nothing_in_any_language() -> None:
    page = judged("".join(f"<p><a href=/n/{n}00{n}>Lue lisää tästä aiheesta nyt heti</a></p>" for n in range(1, 6)))
    assert all("+2.5" not in " ".join(link.reasons) for link in page.links)


def test_picture_and_headline_of_one_address_are_one_link_with_the_headline_as_its_words() -> None:
    page = judged(
        "<div><a href=/a/1234><img src=x></a><a href=/a/1234?utm_source=x>Old bridge closes for a month</a></div>"
    )
    (link,) = page.links
    assert (link.text, link.verdict) == ("Old bridge closes for a month", "article")


def test_styles_in_a_link_are_not_its_words() -> None:
    page = judged("<a href=/a/1234><style>.a{margin:0}</style><b>Old bridge</b><!-- x --> closes for a month</a>")
    assert page.links[0].text == "Old bridge closes for a month"


@pytest.mark.parametrize(
    "href",
    ["https://other.example/2026/03/12/a-long-story-of-six-words", "/paper.pdf", "mailto:a@b.c", "/login", "#top", "/",
     "/feed/", "/privacy-policy", "/search?q=the+old+bridge+closes", "/tag/bridge", "/page/2/", "/2026/03/"],
)  # fmt: skip
def test_c7_what_is_no_article_stays_none_even_as_a_headline(href: str) -> None:
    page = judged(f'<main><h2><a href="{href}">The old bridge closes for a month</a></h2></main>')
    assert page.of("article") == ()


def past(articles: int, rejected: int, days_ago: int = 1) -> LinkShape:
    return LinkShape("/a/a", articles + rejected, articles, rejected, NOW - timedelta(days=days_ago))


def test_a_shape_that_gave_articles_is_trusted_although_it_looks_odd() -> None:
    html = "<p><a href=/x/zq>Rain</a></p>"
    assert judged(html).of("article") == ()
    (link,) = judged(html, learned=(past(3, 1),)).of("article")
    assert link.reasons[0] == "3 of 4 pages of its shape /a/a held an article"


def test_a_shape_that_never_gave_an_article_is_not_fetched_and_rarely_tried_again() -> None:
    html = "".join(
        f"<h2><a href=/x/zq{n}>Every one of these is number {n * 37}</a></h2>" for n in "abc" for n in [ord(n)]
    )
    learned = LinkShape(shape("https://post.example/x/zq97"), 3, 0, 3, NOW - timedelta(days=2))
    assert len(judged(html).of("article")) == 3
    assert judged(html, learned=(learned,)).of("article") == ()
    old = LinkShape(learned.shape, 3, 0, 3, NOW - timedelta(days=40))
    assert len(judged(html, learned=(old,)).of("article")) == 1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/2026/03/12/ferry-runs-late-again.html", "/Y/M/D/a-b-c.html"),
        ("/news/48213", "/news/0"),
        ("/index.php?id=45", "/index.php?id=0"),
        ("/?p=123", "/?p=0"),
        ("/tag/bridge", "/tag/a"),
        ("/sport/20260312/late-goal", "/a/D/a-b"),
        ("/a-story-in-five-words-n1294411", "/a-b-c-0"),
        ("/%E6%B8%AF%E6%B9%BE%E3%81%AE%E5%86%8D%E9%96%8B%E7%99%BA", "/a-b"),
        ("/", "/"),
    ],
)
def test_shapes(path: str, expected: str) -> None:
    assert shape("https://post.example" + path) == expected


@pytest.mark.parametrize(
    "html",
    [
        b"<a href=/2026/03/01/" + b"x-" * 2_000_000 + b">a</a>",
        b"<p>" + b"<a href='/n/%d'>One two three four five six</a>" * 90_000,
        b"<div class=nav>" * 300_000 + b"<a href=/x>y</a>",
        b"".join(b"<div><a href=/a/%d>The %d headline of a page</a></div>" % (n, n) for n in range(90_000)),
        b"<a href=/x><b>" * 300_000,
        b"<h2><a href=/q?" + b"a=1&" * 500 + b">x</a></h2>" * 2_000,
        b"\x00\xff<a href='http://[::1'>x</a><a href=//>y</a>" * 1_000,
    ],
    ids=["long-address", "one-text", "deep", "many", "nested-anchors", "parameters", "broken"],
)  # fmt: skip
def test_s10_a_hostile_front_page_costs_seconds_at_most(html: bytes) -> None:
    started = time.process_time()
    page = judged(html)
    assert len(page.links) <= MAX_ADDRESSES
    assert all(len(link.shape) <= MAX_SHAPE_CHARS and len(link.text or "") <= 300 for link in page.links)
    assert time.process_time() - started < 6
