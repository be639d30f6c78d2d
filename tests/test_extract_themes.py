"""X1, X2, X3 on themes of our own making: nothing of the site in the text, no paragraph lost, structure kept."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

import nh3
import pytest
from lxml import html as markup
from themes import ADDRESS, ENDS, LENGTHS, PAGES, RECORDED, RICH, THEMES, Page, paragraphs, record, rich_body, tongues

from crawler.extract import Article, extract

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TONGUES = tongues()
EN = TONGUES["en"]


def cut(page: str, url: str = ADDRESS) -> Article:
    article = extract(page, url, now=NOW)
    assert isinstance(article, Article), article
    return article


def lines(article: Article) -> list[str]:
    """The lines of a text without its title; a live blog repeats it over every entry of ours."""
    found = (line.strip() for line in article.text.split("\n"))
    return [line for line in found if line and not line.endswith(str(article.title))]


def broken(theme: str, code: str, end: str, length: int) -> str | None:
    """What is wrong with one page, None if nothing is."""
    tongue = TONGUES[code]
    article = cut(THEMES[theme](Page(tongue, paragraphs(tongue, length), end)))
    if article.title != tongue.title:
        return f"{code} {end} {length}: title {article.title!r}"
    wanted, got = tongue.paragraphs[:length], lines(article)
    lost, leaked = [w for w in wanted if w not in got], [g for g in got if g not in wanted]
    if lost or leaked:
        return f"{code} {end} {length}: lost {lost}, leaked {leaked}"
    return None if got == wanted else f"{code} {end} {length}: out of order"


@pytest.mark.parametrize("theme", THEMES)
def test_x1_x2_every_theme_is_clean_and_complete_in_every_language(theme: str) -> None:
    """The form at every length; half of the other ends of a page at one length, other ones in the next language."""
    cases = [(code, end, length) for code in TONGUES for end in ("form",) for length in LENGTHS]
    for i, code in enumerate(TONGUES):
        cases += [(code, end, LENGTHS[(i + j) % 3]) for j, end in enumerate(ENDS) if end != "form" and (i + j) % 2]
    assert [found for case in cases if (found := broken(theme, *case))] == []


@pytest.mark.parametrize("theme", THEMES)
def test_x1_x2_every_theme_is_clean_and_complete_however_its_page_ends(theme: str) -> None:
    assert [found for end in ENDS for length in LENGTHS if (found := broken(theme, "en", end, length))] == []


@pytest.mark.parametrize("recorded", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_x1_x2_recorded_themes_give_what_is_written_beside_them(recorded: Path) -> None:
    expected = json.loads(recorded.read_text(encoding="utf-8"))
    article = cut(recorded.with_suffix(".html").read_text(encoding="utf-8"), expected["url"])
    got = {
        "url": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "published": article.published.isoformat()[:10] if article.published else None,
        "language": article.language,
        "paragraphs": lines(article),
    }
    assert {key: got[key] for key in expected} == expected


def test_recorded_themes_are_those_that_their_command_writes(tmp_path: Path) -> None:
    record(tmp_path)
    written = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text(encoding="utf-8") for path in RECORDED.iterdir()}
    assert written == kept


def test_every_language_says_all_that_a_page_needs() -> None:
    shapes = {(len(t.form), len(t.closed), len(t.thread), len(t.site), len(t.paragraphs)) for t in TONGUES.values()}
    assert shapes == {(8, 2, 9, 6, 8)}
    assert len(TONGUES) >= 20
    assert len(THEMES) + len(list(PAGES.glob("*.html"))) >= 8


# --- X3


def rich(theme: str) -> Article:
    return cut(THEMES[theme](Page(EN, rich_body(EN), "thread")))


@pytest.mark.parametrize("theme", THEMES)
def test_x3_html_keeps_every_kind_of_block_on_every_theme(theme: str) -> None:
    tree = markup.fromstring(f"<div>{rich(theme).html}</div>")
    missing = []
    for tag, words, _ in RICH:
        tags = ("h2", "h3", "h4") if tag == "h2" else (tag,)
        if not any(words in " ".join(found.text_content().split()) for found in tree.iter(*tags) if tag != "a"):
            missing.append(tag)
    hrefs = [link.get("href") for link in tree.iter("a")]
    sources = [image.get("src") for image in tree.iter("img")]
    assert missing == ["a"]
    assert "https://paper.example/2020/books?page=2#oil" in hrefs
    assert "https://paper.example/img/lantern.jpg" in sources
    assert [cell.text_content().strip() for cell in tree.iter("th", "td")] == [
        *("Year", "Crowns", "1911", "twelve", "2020", "forty")
    ]


@pytest.mark.parametrize("theme", THEMES)
def test_x3_text_is_the_words_of_html_in_the_same_order_on_every_theme(theme: str) -> None:
    article = rich(theme)
    words = unescape(re.sub(r"<[^>]+>", " ", article.html))
    assert re.findall(r"\w+", words) == re.findall(r"\w+", article.text)


@pytest.mark.parametrize("theme", THEMES)
def test_x3_html_is_safe_and_its_links_are_absolute_on_every_theme(theme: str) -> None:
    article = rich(theme)
    tree = markup.fromstring(f"<div>{article.html}</div>")
    addresses = [e.get("href") or e.get("src") for e in tree.iter("a", "img") if e.get("href") or e.get("src")]
    assert all(address.startswith("https://") for address in addresses)
    assert "steal" not in article.html
    assert not any(name.startswith("on") for e in tree.iter() for name in e.attrib)
    assert nh3.clean(article.html) == nh3.clean(nh3.clean(article.html))


@pytest.mark.parametrize("theme", THEMES)
def test_x2_lists_tables_and_quotes_before_the_comment_form_are_the_articles(theme: str) -> None:
    """The last block of an article is not taken for a label of the form below it."""
    for tag, words, block in RICH:
        if tag not in ("ul", "ol", "blockquote", "table", "pre", "p", "figcaption"):
            continue
        for end in ("form", "thread", "editable"):
            article = cut(THEMES[theme](Page(EN, [*paragraphs(EN, 8), block], end)))
            assert words.split()[0] in article.text.split(EN.paragraphs[7])[-1], (tag, end)


# --- what must not be taken for chrome


def test_x2_an_article_that_ends_with_a_word_on_comments_keeps_it() -> None:
    last = "<p>The minister had no comment.</p><p>Asked again, he said that comments are closed to the press.</p>"
    for theme in ("plain", "press", "hashed"):
        article = cut(THEMES[theme](Page(EN, [*paragraphs(EN, 8), last])))
        assert "The minister had no comment." in article.text
        assert "he said that comments are closed to the press." in article.text


def entry(hour: str, who: str, text: str, tools: str = '<a href="#">Share</a>') -> str:
    return f"<div class='e'><div>{who}</div><div>{hour}</div><p>{text}</p><div>{tools}</div></div>"


def test_x2_the_entries_of_a_live_blog_are_no_thread_of_comments() -> None:
    entries = "".join(
        entry(f"1{i}:05", f"Reporter {name}", text)
        for i, (name, text) in enumerate(zip(("Ada", "Bo", "Cy", "Di"), EN.paragraphs[1:5], strict=True))
    )
    article = cut(f"<h1>{EN.title}</h1><p>{EN.paragraphs[0]}</p><div class='live'>{entries}</div>")
    assert [p for p in EN.paragraphs[:5] if p not in article.text] == []


def test_x2_a_chronicle_with_days_and_names_is_no_thread_of_comments() -> None:
    days = "".join(f"<h3>Port Alder, {i} May 2021</h3><p>{text}</p>" for i, text in enumerate(EN.paragraphs[1:6], 3))
    article = cut(f"<article><h1>{EN.title}</h1><p>{EN.paragraphs[0]}</p>{days}</article>")
    assert [p for p in EN.paragraphs[:6] if p not in article.text] == []


def test_x2_an_article_that_can_be_edited_in_place_is_no_comment_form() -> None:
    body = "".join(f"<div contenteditable='true'><p>{text}</p></div>" for text in EN.paragraphs)
    article = cut(f"<article><h1>{EN.title}</h1>{body}</article>")
    assert lines(article) == EN.paragraphs


def test_x2_sections_with_headlines_of_their_own_are_no_next_article() -> None:
    sections = "".join(
        f"<section><h1>Part {i}</h1><p>{text} {text}</p></section>" for i, text in enumerate(EN.paragraphs)
    )
    article = cut(f"<div><section><h1>{EN.title}</h1><p>{EN.paragraphs[0]}</p></section>{sections}</div>")
    assert [p for p in EN.paragraphs if p not in article.text] == []


def test_x2_a_heading_above_a_link_box_stays_if_its_text_follows() -> None:
    body = (
        f"<p>{EN.paragraphs[0]}</p><h2>What it costs</h2><div><a href='/a/6'>{EN.site[3]}</a></div>"
        f"<p>{EN.paragraphs[1]}</p><p>{EN.paragraphs[2]}</p>"
    )
    article = cut(f"<article><h1>{EN.title}</h1>{body}</article>")
    assert "What it costs" in article.text
    assert EN.site[3] not in article.text


def test_words_of_scripts_that_write_vowels_as_marks_are_counted_whole() -> None:
    article = cut(THEMES["press"](Page(TONGUES["hi"], paragraphs(TONGUES["hi"], 8))))
    assert article.word_count == len(article.text.split())
