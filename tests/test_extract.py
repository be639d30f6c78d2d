"""What `crawler.extract` promises for one page: fields, provenance, rejections, hostile bytes."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from html import unescape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import Article, Entry, Rejected, extract, refresh_target
from crawler.sample import newspaper
from crawler.sample.pages import article_page, front_page, section_page
from crawler.urls import identity

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PAGES = Path(__file__).parent / "pages"
URL = "https://paper.example/2021/05/12/rain"
TEXT = (
    "It rained in Port Alder all night, and nobody in the lower town minded very much, because the wells had been"
    " low since March and the gardens were grey with dust."
)


def page(body: str = f"<p>{TEXT}</p>", head: str = "", title: str = "Rain at last") -> str:
    return (
        f"<!doctype html><html lang='en'><head><title>{title} | The Alder Post</title>{head}</head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )


def cut(html: bytes | str, url: str | None = URL, entry: Entry | None = None, **how: str) -> Article:
    article = extract(html, url, entry=entry, now=NOW, **how)
    assert isinstance(article, Article), article
    return article


def ld(**claims: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", **claims}
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


@pytest.mark.parametrize("recorded", sorted(PAGES.glob("*.json")), ids=lambda path: path.stem)
def test_recorded_pages_give_what_is_written_beside_them(recorded: Path) -> None:
    expected = json.loads(recorded.read_text(encoding="utf-8"))
    article = cut(recorded.with_suffix(".html").read_bytes(), expected.pop("url"))
    got = {
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published.isoformat() if article.published else None,
        "updated": article.updated.isoformat() if article.updated else None,
        "language": article.language,
        "site": article.site,
        "tags": list(article.tags),
        "canonical": article.canonical,
        "syndicated_from": article.syndicated_from,
        "word_count": article.word_count,
        "provenance": {**article.provenance, "text": article.provenance["text"].partition(";")[0]},
        "text": article.text.split("\n"),
        "html": article.html,
    }
    assert {key: got[key] for key in expected} == expected


# --- text and html


@pytest.mark.parametrize("reference", ["&#27;", "&#0;", "&#x1B;", "&#x01", "&#127;", "&#008;"])
def test_a_reference_to_a_control_character_costs_a_page_nothing_but_that(reference: str) -> None:
    body = f"<p>{TEXT}</p><p>The square{reference} was under water by noon, and so were the cellars of the bank.</p>"
    assert cut(page(body)).text.endswith("The square was under water by noon, and so were the cellars of the bank.")
    assert "278" in cut(page(f"<p>{TEXT} It was &#50;&#55;&#x38; millimetres.</p>")).text


def test_x3_html_and_text_hold_the_same_words_in_the_same_order() -> None:
    for sample in newspaper().samples:
        article = cut(article_page(newspaper(), sample, 8000), sample.url(8000))
        words = unescape(re.sub(r"<[^>]+>", " ", article.html))
        assert re.findall(r"\w+", words) == re.findall(r"\w+", article.text), sample.key


def test_x3_structure_is_kept_and_links_are_absolute() -> None:
    body = (
        f"<p>{TEXT}</p><h2>The wells</h2><ul><li>upper well</li><li>lower well</li></ul>"
        f"<blockquote>Enough.</blockquote>"
        f"<table><tr><th>Well</th><th>Depth</th></tr><tr><td>Upper</td><td>14 m</td></tr></table>"
        f"<figure><img src='/well.jpg' alt='a well'><figcaption>The upper well in May.</figcaption></figure>"
        f"<p>{TEXT} More is in <a href='../wells'>the report on wells</a>, which nobody read.</p>"
    )
    html = cut(page(body)).html
    for part in ("<h2>The wells</h2>", "<li>upper well</li>", "<blockquote>", "<td>14 m</td>"):
        assert part in html
    assert 'href="https://paper.example/2021/05/wells"' in html
    assert '<figure><img src="https://paper.example/well.jpg"' in html
    assert "<figcaption>The upper well in May.</figcaption>" in html


def test_s11_active_content_never_reaches_the_html() -> None:
    body = (
        f"<p onclick=x()>{TEXT} <a href='javascript:alert(1)'>here</a> <img src=x onerror=alert(1)></p>"
        f"<script>alert(1)</script><iframe src='//evil.example'></iframe><p>{TEXT} again, as before.</p>"
    )
    html = cut(page(body)).html
    assert not re.search(r"script|onclick|onerror|iframe|javascript", html)


def test_the_same_bytes_give_the_same_article_x10() -> None:
    assert cut(page()) == cut(page())


def test_content_hash_folds_case_and_white_space_only() -> None:
    plain, shouted = cut(page()), cut(page(f"<p>{TEXT.upper().replace(' ', '  ')}</p>"))
    assert plain.content_hash == shouted.content_hash
    assert plain.content_hash != cut(page(f"<p>{TEXT} Then it stopped.</p>")).content_hash


@pytest.mark.parametrize(
    ("text", "words"),
    [("水道管工事のため断水します。" * 4, 52), ("one two three " * 10 + "end.", 31), ("ประชาชนในพื้นที่ " * 10, 40)],
)
def test_word_count_is_sensible_without_spaces(text: str, words: int) -> None:
    assert cut(page(f"<p>{text}</p>")).word_count == words


# --- title


def test_x5_the_title_is_the_heading_without_the_sites_name() -> None:
    assert cut(page(head="<meta property='og:title' content='Rain at last | The Alder Post'>")).title == "Rain at last"


def test_x5_a_title_without_a_heading_loses_the_sites_name() -> None:
    html = page(head="<meta property='og:site_name' content='The Alder Post'>").replace("h1", "p")
    article = cut(html)
    assert (article.title, article.provenance["title"]) == ("Rain at last", "title")


def test_the_feed_confirms_a_heading_but_does_not_replace_it() -> None:
    html = f"<html><body><h1>The Alder Post</h1><h2>Rain at last</h2><p>{TEXT}</p></body></html>"
    assert cut(html, entry=Entry(key="1", url=URL, title="Rain at last")).title == "Rain at last"
    assert cut(page(), entry=Entry(key="1", url=URL, title="Something else")).title == "Rain at last"


# --- authors


@pytest.mark.parametrize(
    ("named", "authors"),
    [
        ("By Ada Fenn", ("Ada Fenn",)),
        ("Ada Fenn, Joss Penhale and Ada Fenn", ("Ada Fenn", "Joss Penhale")),
        ("Ada Fenn <ada@paper.example>", ("Ada Fenn",)),
        ("Ada Fenn - Senior Reporter", ("Ada Fenn",)),
        ("admin", ()),
        ("The Alder Post", ()),
        ("https://www.facebook.com/alder", ()),
    ],
)
def test_x5_author_names_are_cleaned(named: str, authors: tuple[str, ...]) -> None:
    head = f"<meta property='og:site_name' content='The Alder Post'>{ld(author=named)}"
    assert cut(page(head=head)).authors == authors


def test_x5_no_author_is_invented() -> None:
    article = cut(page(f"<p>{TEXT} Said by Captain Vale, who was there.</p><p>{TEXT}</p>"))
    assert article.authors == ()
    assert "authors" not in article.provenance


def test_authors_come_from_json_ld_before_the_metas_before_the_byline_before_the_feed() -> None:
    byline = f"<div>By Joss Penhale</div><p>{TEXT}</p>"
    meta = "<meta name='author' content='Ada Fenn'>"
    entry = Entry(key="1", url=URL, authors=("Enno Harms",))
    assert cut(page(byline, meta + ld(author={"name": "Nuria Peral"})), entry=entry).authors == ("Nuria Peral",)
    assert cut(page(byline, meta), entry=entry).authors == ("Ada Fenn",)
    assert cut(page(byline), entry=entry).authors == ("Joss Penhale",)
    article = cut(page(), entry=entry)
    assert (article.authors, article.provenance["authors"]) == (("Enno Harms",), "feed")


# --- dates


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2021-05-12T09:30:00+02:00", datetime(2021, 5, 12, 7, 30, tzinfo=UTC)),
        ("2021-05-12T09:30:00Z", datetime(2021, 5, 12, 9, 30, tzinfo=UTC)),
        ("2021-05-12T09:30:00+0200", datetime(2021, 5, 12, 7, 30, tzinfo=UTC)),
        ("Wed, 12 May 2021 09:30:00 GMT", datetime(2021, 5, 12, 9, 30, tzinfo=UTC)),
        ("2021-05-12T09:30:00", date(2021, 5, 12)),
        ("2021-05-12", date(2021, 5, 12)),
    ],
)
def test_x5_a_time_is_an_instant_with_its_zone_and_a_day_without(written: str, published: date) -> None:
    article = cut(page(head=ld(datePublished=written)), "https://paper.example/rain")
    assert article.published == published
    assert type(article.published) is type(published)
    assert article.provenance["published"] == "json-ld"


@pytest.mark.parametrize("written", ["2031-05-12", "1970-01-01T00:00:00Z", "1989-12-31", "0000-00-00", "soon"])
def test_x5_impossible_dates_are_refused(written: str) -> None:
    assert cut(page(head=ld(datePublished=written)), "https://paper.example/rain").published is None


def test_dates_come_from_json_ld_meta_time_and_url_in_this_order() -> None:
    json_ld = ld(datePublished="2021-05-14", dateModified="2021-05-20T10:00:00Z")
    meta = "<meta property='article:published_time' content='2021-05-16'>"
    time = f"<time datetime='2021-05-18'>May</time><p>{TEXT}</p>"
    found = [cut(page(time, json_ld + meta)), cut(page(time, meta)), cut(page(time)), cut(page())]
    days = [article.published for article in found]
    assert days == [date(2021, 5, 14), date(2021, 5, 16), date(2021, 5, 18), date(2021, 5, 12)]
    assert [a.provenance["published"] for a in found] == ["json-ld", "meta", "time", "url"]
    assert found[0].updated == datetime(2021, 5, 20, 10, tzinfo=UTC)


def test_the_feed_gives_the_time_of_the_same_day_but_no_other_day() -> None:
    same = Entry(key="1", url=URL, published=datetime(2021, 5, 12, 6, 15, tzinfo=UTC))
    other = Entry(key="1", url=URL, published=datetime(2021, 6, 30, 6, 15, tzinfo=UTC))
    article = cut(page(), entry=same)
    assert (article.published, article.provenance["published"]) == (same.published, "feed")
    assert cut(page(), entry=other).published == date(2021, 5, 12)


def test_an_update_is_kept_only_when_it_is_later_than_the_publication() -> None:
    moment = "2021-05-12T09:30:00Z"
    assert cut(page(head=ld(datePublished=moment, dateModified=moment))).updated is None


# --- language, addresses, the rest


def test_x6_the_language_is_that_of_the_text() -> None:
    text = "In der Nacht hat es geregnet, und niemand war traurig darüber, denn die Brunnen der Stadt waren leer."
    article = cut(page(f"<p>{text}</p>"))
    assert (article.language, article.provenance["language"]) == ("de", "text")


def test_d2_a_canonical_on_another_site_is_syndication() -> None:
    head = (
        "<link rel='canonical' href='https://wire.example/rain'><link rel='amphtml' href='/amp/rain'>"
        "<meta property='og:url' content='https://paper.example/rain'>"
    )
    article = cut(page(head=head))
    assert article.syndicated_from == "https://wire.example/rain"
    assert article.origin_key == identity("https://wire.example/rain")
    assert article.addresses == (
        ("canonical", "https://wire.example/rain"),
        ("og:url", "https://paper.example/rain"),
        ("amphtml", "https://paper.example/amp/rain"),
    )
    own = cut(page(head="<link rel='canonical' href='/rain'>"))
    assert (own.syndicated_from, own.origin_key) == (None, None)


def test_x9_a_sources_own_selectors_win() -> None:
    body = f"<div class='lead'><p>{TEXT}</p></div><div class='extra'><p>{TEXT} And more of it.</p></div>"
    assert cut(page(body), content=".lead").text == TEXT
    stripped = extract(page(body), URL, strip=[".extra"], now=NOW)
    assert isinstance(stripped, Article)
    assert stripped.text == TEXT


# --- charset


@pytest.mark.parametrize(
    ("raw", "content_type"),
    [
        (page(f"<p>Żółw i gęś. {TEXT}</p>").encode("iso-8859-2"), "text/html; charset=iso-8859-2"),
        (page(f"<p>Żółw i gęś. {TEXT}</p>").encode(), "text/html; charset=iso-8859-1"),
        (page(f"<p>Żółw i gęś. {TEXT}</p>", "<meta charset=iso-8859-1>").encode(), None),
        (page(f"<p>Żółw i gęś. {TEXT}</p>", "<meta charset=iso-8859-2>").encode("iso-8859-2"), None),
        (page(f"<p>Żółw i gęś. {TEXT}</p>").encode("utf-16"), None),
    ],
)
def test_charsets_are_read_as_meant(raw: bytes, content_type: str | None) -> None:
    article = extract(raw, URL, content_type=content_type, now=NOW)
    assert isinstance(article, Article)
    assert "Żółw i gęś." in article.text


# --- not an article


@pytest.mark.parametrize("html", [b"", "", b"\0\0\0", "<html></html>", "   ", b"\xff\xfe"])
def test_x8_an_empty_page_is_no_article(html: bytes | str) -> None:
    got = extract(html, URL, now=NOW)
    assert isinstance(got, Rejected)
    assert got.reason == "not_an_article"


def test_x8_every_section_and_front_page_of_the_sample_is_told_apart() -> None:
    for site in newspaper().sites:
        fronts = [front_page(newspaper(), site, 8000)]
        for html in (*fronts, *(section_page(newspaper(), site, s, 8000) for s in site.sections)):
            got = extract(html, site.url(8000), now=NOW)
            assert isinstance(got, Rejected), (site.key, got)
            assert got.reason == "not_an_article"
            assert got.detail


@pytest.mark.parametrize(
    ("body", "title", "detail"),
    [
        ("<p>The page you were looking for is not here any more. Try the front page.</p>", "404 Not Found", "error"),
        ("<p>Please sign in to go on reading this page.</p><form><input type=password></form>", "Welcome", "login"),
    ],
)
def test_x8_error_and_login_pages_are_told_apart_with_the_measure(body: str, title: str, detail: str) -> None:
    got = extract(page(body, title=title), URL, now=NOW)
    assert isinstance(got, Rejected)
    assert got.reason == "not_an_article"
    assert detail in (got.detail or "")
    assert "words" in (got.detail or "")


def test_one_sentence_of_thirty_words_is_an_article_and_five_words_are_not() -> None:
    assert cut(page()).text == TEXT
    assert extract(page("<p>Rain. More rain.</p>", title="Rain"), URL, now=NOW) == Rejected(
        "too_short", "3 words, at least 10 are needed"
    )


# --- refresh


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0; url=/new", "https://paper.example/new"),
        ("5;URL='https://other.example/x'", "https://other.example/x"),
        ("0,/new", "https://paper.example/new"),
        ("30; url=/new", None),
        ("0; url=javascript:alert(1)", None),
        ("0; url=file:///etc/passwd", None),
        ("5", None),
    ],
)
def test_a_stub_that_refreshes_names_its_target(content: str, target: str | None) -> None:
    html = f'<html><head><meta http-equiv="Refresh" content="{content}"></head><body>Moved.</body></html>'
    assert refresh_target(html, URL) == target
    assert refresh_target("<p>Moved.</p>", URL, content) == target


def test_a_page_with_something_to_read_is_no_stub() -> None:
    html = page(f"<p>{TEXT}</p><p>{TEXT}</p><p>{TEXT}</p>", "<meta http-equiv=refresh content='5; url=/next'>")
    assert refresh_target(html, URL) is None


# --- hostile pages


@pytest.mark.parametrize(
    "html",
    [
        f"<body><button>Menu<h1>Rain at last</h1><p>{TEXT}</p><p>{TEXT} It did.</p>",
        f"<body><form action=/s><input name=q><h1>Rain at last</h1><p>{TEXT}</p><p>{TEXT} It did.</p>",
        f"<html/><body><h1>Rain at last</h1><p>{TEXT}</p><p>\0{TEXT} It did.</p>",
    ],
)
def test_markup_that_swallows_the_page_is_opened(html: str) -> None:
    assert f"{TEXT} It did." in cut(html).text


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 10_000 + TEXT,
        "<b>" * 10_000 + TEXT,
        "<ul><li>" * 5_000 + TEXT,
        "<table><tr><td>" * 2_000 + TEXT,
        "a<br>" * 6_000,
        "<p>" * 20_000,
        ld(**{"author": [[[["x"]]]], "keywords": {"a": 1}, "image": [[]]}),
        '<script type="application/ld+json">' + "[" * 50_000 + "</script>",
        f"<title>{'x' * 50_000}</title><h1>{'y' * 50_000}</h1><p>{TEXT}</p>",
    ],
    ids=lambda html: html[:12],
)
def test_hostile_pages_end_in_a_value(html: str) -> None:
    got = extract(html, URL, now=NOW)
    assert isinstance(got, Article | Rejected)
    if isinstance(got, Article):
        assert len(got.title or "") <= 1000


_SOUP = st.lists(
    st.one_of(
        st.sampled_from(
            ["<p>", "</p>", "<div>", "</div>", "<form>", "<textarea>", "<h1>", "<li>", "<a href='//['>", "<br>"]
        ),
        st.text(max_size=30),
    ),
    max_size=60,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(_SOUP)
def test_no_page_makes_it_raise_and_no_field_has_control_characters(soup: str) -> None:
    got = extract(page(f"{soup}<p>{TEXT}</p>", ld(author=soup, keywords=soup, datePublished=soup)), URL, now=NOW)
    if isinstance(got, Article):
        fields = (got.title or "", got.text, got.html, *got.authors, *got.tags, got.description or "")
        assert not any(re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", field) for field in fields)
        assert len(got.authors) <= 50
        assert len(got.tags) <= 50
