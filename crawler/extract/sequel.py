"""Find where a page that never ends appends its next article."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.judged import Judged

_ADDRESS_ATTRIBUTE = re.compile(r"^data-.*(?:url|href|permalink|path|article|post)", re.IGNORECASE)
_DATE_LIKE = re.compile(r"\d{4}\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d")
_PROSE_WORDS = 20
"""A teaser says less than this, the next article more."""
_LINE_WORDS = 12


def mark_next_article(page: Judged) -> None:
    """A later sibling of the article's box, of the same kind, with a headline like the page's own and prose below it,
    that shows it is a page in itself: its headline is a link, it carries an address, or both have a date line."""
    if page.headline < 0 or page.first >= len(page.blocks) or page.blocks[page.headline].tag not in ("h1", "h2"):
        return
    headline = page.blocks[page.headline].element
    box: HtmlElement | None = headline
    while box is not None and page.lasts[box] < page.first:
        box = box.getparent()
    while box is not None and box.tag not in ("body", "html"):
        for sibling in box.itersiblings(box.tag):
            if sibling in page.firsts and _is_article(page, sibling, str(headline.tag), box):
                page.drop(range(page.firsts[sibling], len(page.blocks)), "next article")
                return
        box = box.getparent()


def _is_article(page: Judged, box: HtmlElement, tag: str, first: HtmlElement) -> bool:
    heading = next(box.iter(tag), None)
    if heading is None or heading not in page.firsts:
        return False
    inside = page.inside(box)
    if page.firsts[heading] - inside.start > 3 or page.prose_words(inside) < _PROSE_WORDS:
        return False
    alike = box.get("class") == first.get("class")
    linked = any(not (a.get("href") or "#").startswith("#") for a in (*heading.iter("a"), *heading.iterancestors("a")))
    addressed = any(_ADDRESS_ATTRIBUTE.search(str(name)) for name in box.attrib)
    if not alike:
        return linked and addressed
    own = page.blocks[page.headline].element
    dated = _is_dated(page, heading, inside.stop) and _is_dated(page, own, page.first + 1)
    return linked or addressed or dated


def _is_dated(page: Judged, heading: HtmlElement, stop: int) -> bool:
    for i in range(page.lasts[heading] + 1, stop):
        block = page.blocks[i]
        if block.is_prose:
            return False
        if block.words <= _LINE_WORDS and _DATE_LIKE.search(block.text):
            return True
    return False
