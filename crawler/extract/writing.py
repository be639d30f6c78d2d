"""Write an article from the blocks of its page that were kept: the page's own elements, without what stood between."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import own_inline
from crawler.extract.claims import absolute
from crawler.extract.pictures import CREDIT

_TEXTS = {
    **{tag: tag for tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre")},
    **{"dt": "p", "dd": "p", "caption": "p", "figcaption": "p", "address": "p", "summary": "p", "legend": "p"},
}
"""Elements that hold text, and what they are in an article."""
_CELLS = frozenset({"li", "td", "th"})
"""Elements that hold text, or others, or both."""
_PARTS = {"ul": "ul", "ol": "ol", "menu": "ul", "blockquote": "blockquote", "table": "table", "tr": "tr"}
_MARKS = {
    **{"a": "a", "b": "b", "strong": "b", "i": "i", "em": "i", "cite": "i", "var": "i", "dfn": "i", "u": "u"},
    **{"ins": "u", "s": "del", "strike": "del", "del": "del", "sub": "sub", "sup": "sup"},
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
}
_INLINE = frozenset(_MARKS.values())
_WORDLESS = frozenset({"script", "img", "picture", "source", "input", "meta", "link"})
_SPACE = re.compile(r"\s+")
_MAX_CAPTION_CHARS = 1_000
_SOURCES = ("src", "data-src", "data-original", "data-lazy-src")


def write_blocks(body: HtmlElement, kept: set[HtmlElement], base: str | None) -> etree._Element:
    """A `div` of what HTML has for articles (paragraphs, headings, lists, quotes, tables, figures, code, links), with
    the text of the elements that are kept and nothing else. Addresses become absolute against `base`."""
    holding = set(kept)
    for element in kept:
        for ancestor in element.iterancestors():
            if ancestor in holding:
                break
            holding.add(ancestor)
    root = etree.Element("div")
    _Writer(kept, holding, base).write(body, root, takes_text=False)
    _drop_empty(root)
    return root


class _Writer:
    def __init__(self, kept: set[HtmlElement], holding: set[HtmlElement], base: str | None) -> None:
        self.kept = kept
        self.holding = holding
        """Elements that are kept or hold one that is."""
        self.base = base

    def write(
        self,
        source: HtmlElement,
        target: etree._Element,
        *,
        takes_text: bool,
        run: str = "p",
        href: str | None = None,
    ) -> None:
        """Write what is kept inside `source` into `target`: its own text directly, or in elements called `run`.

        `href` is the link around whole blocks in which the source stands.
        """
        speaks = source in self.kept
        inline = set(own_inline(source)) if speaks else set()
        verbatim = source.tag == "pre"
        place: etree._Element | None = None

        def place_of_text() -> etree._Element:
            nonlocal place
            if place is None:
                place = target if takes_text else etree.SubElement(target, run)
                if href:
                    place = etree.SubElement(place, "a", href=href)
            return place

        if speaks and source.text and source.text.strip():
            _say(place_of_text(), source.text, verbatim)
        for child in source:
            if child in inline:
                self._write_inline(child, place_of_text(), verbatim)
            elif child in self.holding:
                place = None
                self._write_block(child, target, run, href)
            elif source.tag == "tr" and child.tag in ("td", "th"):
                etree.SubElement(target, child.tag)
            if speaks and child.tail and (place is not None or child.tail.strip()):
                _say(place_of_text(), child.tail, verbatim)

    def _write_block(self, source: HtmlElement, target: etree._Element, run: str, href: str | None) -> None:
        tag = str(source.tag)
        if tag == "figure" and self._write_figure(source, target):
            return
        if tag in _CELLS or tag in _PARTS:
            name = tag if tag in _CELLS else _PARTS[tag]
            element = etree.SubElement(target, name)
            self.write(source, element, takes_text=tag in _CELLS or tag == "blockquote", href=href)
        elif tag in _TEXTS:
            name = _TEXTS[tag]
            if any(child in self.holding for child in source):
                self.write(source, target, takes_text=False, run=name, href=href)
            else:
                self.write(source, etree.SubElement(target, name), takes_text=True, href=href)
        else:
            link = absolute(source.get("href"), self.base) if tag == "a" else None
            self.write(source, target, takes_text=False, run=run if tag in ("a", "span") else "p", href=link or href)

    def _write_inline(self, source: HtmlElement, target: etree._Element, verbatim: bool) -> None:
        tag = str(source.tag)
        if tag in _WORDLESS:
            return
        if tag == "br":
            etree.SubElement(target, "br")
            return
        if (mark := _MARKS.get(tag)) is not None and mark != target.tag:
            link = absolute(source.get("href"), self.base) if mark == "a" else None
            if mark != "a" or link:
                target = etree.SubElement(target, mark)
            if link:
                target.set("href", link)
        if source.text:
            _say(target, source.text, verbatim)
        for child in source:
            if isinstance(child.tag, str):
                self._write_inline(child, target, verbatim)
            if child.tail:
                _say(target, child.tail, verbatim)

    def _write_figure(self, source: HtmlElement, target: etree._Element) -> bool:
        """A picture with its caption, if this figure is one and its caption is kept."""
        captions = [e for e in source.iter("figcaption") if e in self.holding]
        image = next(source.iter("img"), None)
        if not captions or image is None or any(e in self.kept for e in source.iter("td", "p", "blockquote", "li")):
            return False
        told = (CREDIT.sub("", " ".join(e.text_content().split())[:_MAX_CAPTION_CHARS]) for e in captions)
        words = next((line for raw in told if any(map(str.isalnum, line := raw.strip(" |/([-–")))), None)
        if words is None:
            return True
        address = next((url for name in _SOURCES if (url := absolute(image.get(name), self.base))), None)
        figure = etree.SubElement(target, "figure")
        if address:
            etree.SubElement(figure, "img", src=address, alt=" ".join((image.get("alt") or "").split())[:300])
        etree.SubElement(figure, "figcaption").text = words
        return True


def _say(target: etree._Element, text: str, verbatim: bool) -> None:
    if not verbatim:
        text = _SPACE.sub(" ", text)
        if not len(target) and not target.text and target.tag not in _INLINE:
            text = text.lstrip(" ")
    if len(target):
        target[-1].tail = (target[-1].tail or "") + text
    else:
        target.text = (target.text or "") + text


def _drop_empty(root: etree._Element) -> None:
    """Take out elements without a word: paragraphs of white space, lists without items, rows of empty cells."""
    for element in reversed(list(root.iter("p", "li", "ul", "ol", "blockquote", "tr", "table", "pre", "a", "b", "i"))):
        if element is root or any(text.strip() for text in element.itertext()):
            continue
        if element.find(".//img") is not None:
            continue
        parent = element.getparent()
        assert parent is not None
        if element.tail:
            before = element.getprevious()
            if before is not None:
                before.tail = (before.tail or "") + element.tail
            else:
                parent.text = (parent.text or "") + element.tail
        parent.remove(element)
