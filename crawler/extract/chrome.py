"""Mark what stands around an article and between its paragraphs, judged by structure.

What decides is where fields to write in stand, what is a link, what is a sentence, and the order of it all; names of
classes decide nothing, words only support. The rules and what each was worth: docs/decisions/0004-extraction.md.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.belonging import is_label_of
from crawler.extract.blocks import Layout
from crawler.extract.boxes import (
    mark_counts_and_shares,
    mark_field_boxes,
    mark_link_boxes,
    mark_promos,
    mark_titles_of_boxes,
)
from crawler.extract.comments import mark_comments_and_after
from crawler.extract.credits import is_credit_line
from crawler.extract.judged import BOX_WORDS, Judged
from crawler.extract.sequel import mark_next_article
from crawler.extract.site_memory import mark_repeated
from crawler.extract.words import fold
from storage import SiteMemory

_DATE_LIKE = re.compile(
    r"\b\d{1,2}\W+[^\W\d]+\W+\d{4}\b|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d|\d{1,2}\s?h\s?\d\d|(?:19|20)\d\d年"
)
_CREDIT = re.compile(
    r"(?:(?:photo(?:s|graph|graphs|graphy)?|images?|pictures?|fotos?|bild(?:er|quelle)?|foto(?:grafie|grafía)|photographie"
    r"|crédits?(?:\s+photo)?|credits?|фото|illustration)\s*(?::|/|©|\(c\)|by\b|credits?\b|courtesy\b)|©)",
    re.IGNORECASE,
)
_CREDIT_WORDS = 10
_RIGHTS = re.compile(r"^\W*(?:©|\(c\)|copyright\b)", re.IGNORECASE)
_DATA = frozenset({"td", "th", "li", "dt", "dd", "figcaption", "blockquote", "pre"})
_BYLINE_BLOCKS = 16
"""More short lines than these below a headline are a poem or a table, not a by-line with its tools."""
_TEASER_WORDS = 90
_SHORT_CHARS = 250
"""MIN_EXTRACTED_SIZE of trafilatura 2.3.1."""


def mark_chrome(page: Judged, layout: Layout, memory: SiteMemory | None = None) -> HtmlElement | None:
    """Mark chrome. A page whose headline is unknown is judged by its boxes and forms only.

    Returns the article's column where what is left of it is too short for trafilatura's measures: below 250 characters
    it falls back to all text of the page in one piece.
    """
    _mark_masthead(page)
    byline = _mark_byline(page)
    mark_next_article(page)
    mark_comments_and_after(page, layout)
    mark_counts_and_shares(page)
    if page.headline >= 0:
        mark_link_boxes(page)
        _mark_teasers(page)
    mark_field_boxes(page, layout)
    mark_promos(page)
    _mark_credits(page)
    mark_titles_of_boxes(page)
    _mark_byline_again(page, byline)
    if memory is not None:
        mark_repeated(page, memory)
    _mark_imprint(page)
    _mark_remains(page)
    return _name_column(page)


def _mark_masthead(page: Judged) -> None:
    """All before the headline, unless more is to be read there than behind it."""
    if page.headline < 1 or page.blocks[page.headline].tag != "h1":
        return
    before = sum(page.blocks[i].words for i in page.prose(0, page.headline))
    after = sum(page.blocks[i].words for i in page.prose(page.headline + 1, len(page.blocks)))
    if before < after:
        page.drop(range(page.headline), "before the headline")


def _mark_byline(page: Judged) -> list[str]:
    """Between headline and first paragraph: names, dates, sections, tools; a subtitle or a standfirst stays.

    Returns the lines that it marked, folded.
    """
    lines: list[str] = []
    if page.headline < 0 or page.first == len(page.blocks) or page.first - page.headline > _BYLINE_BLOCKS:
        return lines
    for i in range(page.headline + 1, page.first):
        block = page.blocks[i]
        cell = block.tag in ("td", "th") and not _DATE_LIKE.search(block.text)
        if _tells(page, i) or is_label_of(page, i):
            continue
        if cell or block.is_heading or block.tag in ("figcaption", "blockquote", "pre"):
            continue
        named = any(name and name in fold(block.text) for name in page.authors)
        few = block.words <= 4 or (block.words <= 8 and len(block.text) < 2 * block.words)
        if (
            few
            or is_credit_line(block)
            or (block.words <= 25 and (named or _DATE_LIKE.search(block.text) or block.is_linked))
        ):
            page.drop((i,), "by-line")
            lines.append(f" {fold(block.text)} ")
    return lines


def _tells(page: Judged, i: int) -> bool:
    """Whether a block is an item of a list that sums the article up, below a label that says so."""
    block = page.blocks[i]
    around = next(block.element.iterancestors("ul", "ol"), None) if block.tag == "li" else None
    return around is not None and is_label_of(page, page.inside(around)[0] - 1)


def _mark_byline_again(page: Judged, lines: list[str]) -> None:
    """The name below the article, said again by a box about its author, as the by-line above it gave it."""
    for i in range(page.first + 1, len(page.blocks)):
        block = page.blocks[i]
        if i in page.chrome or not block.is_label or block.words < 2 or block.is_heading or block.tag in _DATA:
            continue
        text = f" {fold(block.text)} "
        named = any(f" {name} " in text and block.words <= len(name.split()) + 2 for name in page.authors if name)
        if named or any(text in line for line in lines):
            page.drop((i,), "by-line")


def _mark_credits(page: Judged) -> None:
    """The line of a picture that only says whose it is; within a caption it stays."""
    for i in range(page.headline + 1, len(page.blocks)):
        block = page.blocks[i]
        if block.words <= _CREDIT_WORDS and block.tag not in _DATA and _CREDIT.match(block.text):
            page.drop((i,), "photo credit")


def _mark_teasers(page: Judged) -> None:
    """What stands under a title in a box of links, in the same item, is how the other article begins."""
    items = {
        item
        for i, rule in page.chrome.items()
        if rule == "link box" and (item := _item_around(page.blocks[i].element)) is not None
    }
    for item in items:
        if page.words(page.inside(item)) <= _TEASER_WORDS:
            page.drop(page.inside(item), "link box")


def _item_around(element: HtmlElement) -> HtmlElement | None:
    return element if element.tag == "li" else next(element.iterancestors("li"), None)


def _mark_imprint(page: Judged) -> None:
    """The line that claims the rights, and all that follows: the foot of a page has no other mark in every theme."""
    for i in range(len(page.blocks) - 1, page.first, -1):
        block = page.blocks[i]
        if _RIGHTS.search(block.text) and block.words <= 60:
            if sum(page.blocks[j].words for j in page.prose(i + 1, len(page.blocks))) <= 60:
                page.drop(range(i, len(page.blocks)), "imprint")
            return


def _mark_remains(page: Judged) -> None:
    """What is left of a box outside the article's column, where most of the box is chrome already."""
    if page.headline < 0 or page.first >= len(page.blocks):
        return
    trunk = {page.blocks[page.first].element, *page.blocks[page.first].element.iterancestors()}
    judged: set[HtmlElement] = set()
    for i in range(page.first + 1, len(page.blocks)):
        if i in page.chrome:
            continue
        box = page.blocks[i].element
        while (parent := box.getparent()) is not None and parent not in trunk:
            box = parent
        if box in judged:
            continue
        judged.add(box)
        inside = page.inside(box)
        left = sum(page.blocks[j].words for j in inside if j not in page.chrome)
        if left <= BOX_WORDS and left * 2 < sum(page.blocks[j].words for j in inside):
            page.drop(inside, "rest of a box")


def _name_column(page: Judged) -> HtmlElement | None:
    """Call the article's column `article` where no element of the page is called so; return it if it is short.

    trafilatura looks for that name first; without it lists, tables and short lines of a plain theme are lost.
    """
    prose = page.prose(page.headline + 1, len(page.blocks))
    if page.headline < 0 or not prose:
        return None
    column = page.blocks[prose[0]].element.getparent()
    inside = {page.blocks[i].element for i in prose}
    while column is not None and column.tag not in ("body", "html"):
        held = sum(1 for element in column.iter() if element in inside)
        if held * 10 >= len(prose) * 9:
            break
        column = column.getparent()
    if column is None or column.tag == "html":
        return None
    kept = [i for i in range(page.headline + 1, len(page.blocks)) if i not in page.chrome]
    held_by_column = set(page.inside(column))
    whole = sum(page.blocks[i].words for i in kept)
    most = sum(page.blocks[i].words for i in kept if i in held_by_column) * 10 >= whole * 6
    if most and column.tag in ("div", "section") and next(page.tree.iter("article", "main"), None) is None:
        column.tag = "article"
    chars = sum(len(page.blocks[i].text) for i in prose)
    marked = page.tree.xpath('.//*[@itemprop="articleBody"]')
    if len(marked) == 1 and any(element in inside for element in marked[0].iter()):
        column = marked[0]
    rest = sum(len(b.text) for i, b in enumerate(page.blocks) if i > page.headline and i not in page.chrome) - chars
    if (
        chars < _SHORT_CHARS
        and rest < 2 * _SHORT_CHARS
        and len(" ".join(column.text_content().split())) < 2 * _SHORT_CHARS
    ):
        return column
    return None
