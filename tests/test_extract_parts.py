"""X1, X2, X3: what an article holds beside its paragraphs: summaries, boxes of facts, tables, pictures."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from lxml import html as markup

from crawler.extract import Article, extract
from crawler.extract.cut import cut_page
from crawler.extract.explained import explain

NOW = datetime(2026, 12, 1, tzinfo=UTC)
TITLE = "Eastern basin to close for eleven weeks"
PARAGRAPHS = (
    "The harbour board decided on Monday to close the eastern basin for eleven weeks while divers repair the lock"
    " gates that were damaged in the storm of last January.",
    "Fishing boats will have to land their catch at Saltmarsh, nine miles to the north, where a temporary auction"
    " hall has been put up on the car park of the sailing club.",
    "“We can live with eleven weeks,” said Marek Vild, who speaks for the owners of twenty-three boats, “but not with"
    " twelve, because then the herring will be gone.”",
    "The repair costs two million, of which the insurance pays half, and the board hopes that the county will come up"
    " with the rest before the end of the winter.",
)
TABLE = (
    "<table><caption>Landings in tonnes</caption><tr><th>Year</th><th>Herring</th></tr>"
    "<tr><td>2024</td><td>310</td></tr><tr><td>2025</td><td>287</td></tr></table>"
)
CAPTION = "The eastern basin on Tuesday morning, before the gates were opened."
PICTURE = '<img src="/p.jpg" width="700" height="400">'


def page(body: str, before: str = "") -> str:
    top = '<div class="top"><a href="/">Valley Echo</a> <a href="/n">News</a> <a href="/s">Sport</a></div>'
    return (
        f"<!doctype html><html lang=en><head><title>{TITLE}</title></head><body>{top}<h1>{TITLE}</h1>{before}"
        f"<p>By Ines Carrow</p>{body}<div class=foot>© 2026 Valley Echo</div></body></html>"
    )


def cut(body: str, before: str = "") -> Article:
    article = extract(page(body, before), "https://echo.example/2026/basin", now=NOW)
    assert isinstance(article, Article), article
    assert [p for p in PARAGRAPHS if p not in article.text] == []
    return article


def column(*between: str, tag: str = "div class=txt") -> str:
    """The paragraphs, with what stands behind the second."""
    texts = [f"<p>{text}</p>" for text in PARAGRAPHS]
    return f"<{tag}>{''.join((*texts[:2], *between, *texts[2:]))}</{tag.split()[0]}>"


# --- tables


@pytest.mark.parametrize("crosshead", ["", "<p><b>What happens to the catch now</b></p>"])
@pytest.mark.parametrize("place", [0, 1, 3])
def test_x3_a_table_stays_where_empty_lines_part_the_paragraphs(crosshead: str, place: int) -> None:
    texts = [f"{text}<br><br>\n" for text in PARAGRAPHS]
    texts[place] += crosshead + TABLE
    article = cut(
        f"<div class=txt>{''.join(texts)}<p>Reporting: Elm Press.</p></div>"
        if crosshead
        else f"<div class=txt>{''.join(texts)}</div>"
    )
    tree = markup.fromstring(f"<div>{article.html}</div>")
    cells = [cell.text_content() for cell in tree.iter("th", "td")]
    assert cells == ["Year", "Herring", "2024", "310", "2025", "287"]
    assert [p.text_content().strip() for p in tree.iter("p") if p.text_content().strip() in PARAGRAPHS] == [*PARAGRAPHS]


@pytest.mark.parametrize("tag", ["article", "div class=txt"])
def test_x3_a_table_between_paragraphs_stays(tag: str) -> None:
    assert "310" in cut(column(TABLE, tag=tag)).text


# --- summaries


@pytest.mark.parametrize("dek", ["", "<h3>Divers repair the lock gates that were damaged in the storm.</h3>"])
@pytest.mark.parametrize("label", ["<div>Key points</div>", "<p><b>Highlights</b></p>", "<h4>In short</h4>"])
@pytest.mark.parametrize(
    "items",
    [
        ("The basin closes for eleven weeks.", "Boats land at Saltmarsh."),
        ("Basin closed for eleven weeks from 2 November 2026", "Catch to be landed at the port of Saltmarsh"),
    ],
)
def test_x2_a_list_that_sums_the_article_up_stays_with_its_label(dek: str, label: str, items: tuple[str, ...]) -> None:
    listed = "".join(f"<li>{item}</li>" for item in items)
    article = cut(column(), f"{dek}<div class=kp>{label}<ul>{listed}</ul></div>")
    words = markup.fromstring(label).text_content()
    assert article.text.startswith(words) or f"\n\n{words}\n\n" in article.text
    assert [item for item in items if f"<li>{item}</li>" not in article.html] == []


def test_x1_a_list_of_tools_or_sections_below_the_headline_is_no_summary() -> None:
    tools = "<div><div>Share</div><ul><li>Print</li><li>Save</li><li>Send by mail</li></ul></div>"
    article = cut(column(), tools)
    assert not {"Share", "Print", "Save", "Send by mail"} & {line.strip() for line in article.text.split("\n")}


# --- boxes of facts


@pytest.mark.parametrize("tag", ["article", "div class=txt"])
def test_x2_a_box_of_facts_between_the_paragraphs_is_the_articles(tag: str) -> None:
    facts = "The lock was built in 1911. It is forty metres long and lifts boats by three metres and a half."
    article = cut(column(f"<aside class=factbox><h4>The facts</h4><p>{facts}</p></aside>", tag=tag))
    assert f"<h4>The facts</h4><p>{facts}</p>" in article.html


@pytest.mark.parametrize(
    "inside",
    [
        "<p>The herring will be gone.</p><p><a href='/join'>Join the readers for a month, and pay later.</a></p>",
        "<p>We write every Friday about what moves the valley.</p><form><input type=email><button>Go</button></form>",
        "<h4>More</h4><ul><li><a href='/1'>Choir looks for tenors</a></li><li><a href='/2'>Bridge closed</a></li></ul>",
        f"<p>“{PARAGRAPHS[2].split('“')[1]}</p>",
    ],
    ids=["links", "field", "teasers", "pull quote"],
)
def test_x1_an_aside_of_links_or_fields_or_of_the_articles_own_words_is_none(inside: str) -> None:
    plain = cut(column()).text
    assert cut(column(f"<aside class=box>{inside}</aside>")).text == plain


# --- pictures


SHAPES = {
    "box": f"<div class=pic>{PICTURE}<div class=pic-cap>{CAPTION}</div><div class=c>Photo: Greta Amundsen</div></div>",
    "credit first": f"<div>{PICTURE}<div>Photo: Greta Amundsen</div><div>{CAPTION}</div></div>",
    "paragraph": f"<div><a href=/p.jpg>{PICTURE}</a><p>{CAPTION} Photo: Greta Amundsen</p></div>",
    "in brackets": f"<div>{PICTURE}<div>{CAPTION} (Elm Photo/Greta Amundsen)</div></div>",
    "column": f"{PICTURE}<div>{CAPTION}</div><div>Foto: Greta Amundsen</div>",
    "column, in a paragraph": f"<p>{PICTURE}</p><div>{CAPTION}</div>",
}


@pytest.mark.parametrize("place", [0, 1, 2, 3])
@pytest.mark.parametrize("shape", SHAPES)
def test_x3_a_caption_in_a_box_below_its_picture_is_a_figcaption(shape: str, place: int) -> None:
    texts = [f"<p>{text}</p>" for text in PARAGRAPHS]
    texts[place] += SHAPES[shape] if place < 3 else ""
    article = cut(f"<div class=txt>{''.join(texts)}</div>")
    tree = markup.fromstring(f"<div>{article.html}</div>")
    captions = [(f.find("img").get("src"), f.findtext("figcaption")) for f in tree.iter("figure")]
    assert captions == ([("https://echo.example/p.jpg", CAPTION)] if place < 3 else [])
    assert "Amundsen" not in article.text


def test_x1_who_took_a_picture_alone_is_no_paragraph() -> None:
    for shape in (
        f"<div class=pic>{PICTURE}<div>Photo: Greta Amundsen</div></div>",
        f"{PICTURE}<div>© Greta Amundsen</div>",
        f"<div>{PICTURE}<div>Photo by Greta Amundsen</div></div>",
    ):
        assert "Amundsen" not in cut(column(shape)).text


def test_x1_x2_a_line_below_a_face_or_in_a_card_is_no_caption() -> None:
    face = '<div><img src="/f.jpg" width="40"><div>Harbours and herring since 2014, mostly by boat</div></div>'
    card = (
        f'<div><a href="/a/1">{PICTURE}</a><div><a href="/a/1">Choir looks for tenors before the summer</a></div></div>'
    )
    article = cut(column(face, card))
    assert "<figure>" not in article.html
    assert "tenors" not in article.text


def test_x9_selectors_of_a_source_find_what_the_page_names() -> None:
    html = page(column(SHAPES["box"]))
    for selector in ("div.pic", "div.pic > div.pic-cap", ".txt > .pic", "div.pic img + div"):
        got = cut_page(html, now=NOW, strip=(selector,)).result
        assert isinstance(got, Article)
        assert CAPTION not in got.text, selector
    got = cut_page(html, now=NOW, content="div.txt > p").result
    assert isinstance(got, Article)
    assert got.text == "\n\n".join(PARAGRAPHS)


def test_x1_x2_pages_of_endless_parts_are_cut() -> None:
    for many in (
        f"<div>{PICTURE}<div>{CAPTION}</div></div><ul><li>Boats land at Saltmarsh.</li></ul>" * 1_000,
        "<aside><p>Boats land at Saltmarsh all through the winter.</p></aside><p>It rains there, as it does here.</p>"
        * 1_000,
        "<div class=e>" * 100 + "<ul><li>Boats land at Saltmarsh.</li></ul>" * 1_000 + "</div>" * 100,
    ):
        article = extract(page(column(many)), now=NOW)
        assert isinstance(article, Article)
        assert article.title == TITLE


@pytest.mark.parametrize("shape", SHAPES)
def test_x4_a_page_with_framed_pictures_is_explained_block_by_block(shape: str) -> None:
    explained = explain(page(column(SHAPES[shape])), now=NOW)
    told = {block.text: block.kept for block in explained.blocks}
    assert [told[text] for text in PARAGRAPHS] == [True] * 4
    assert [kept for text, kept in told.items() if text.startswith(CAPTION)] == [True]
