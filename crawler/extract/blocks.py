"""See a page as its reader does: a sequence of blocks of text, each with what surrounds and fills it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.words import count_words

INLINE = frozenset(
    {"a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "img"}
    | {"ins", "kbd", "mark", "nobr", "q", "rp", "rt", "ruby", "s", "samp", "small", "span", "strike", "strong", "sub"}
    | {"sup", "time", "tt", "u", "var", "wbr", "br", "picture", "source", "input", "meta", "link", "script"}
)
_BLOCK_INSIDE = frozenset(
    {"address", "article", "aside", "blockquote", "button", "center", "dd", "details", "dialog", "div", "dl"}
    | {"dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header"}
    | {"hr", "label", "legend", "li", "main", "nav", "ol", "option", "p", "pre", "section", "select", "table"}
    | {"tbody", "td", "textarea", "tfoot", "th", "thead", "tr", "ul"}
)
SIDE = frozenset({"nav", "aside", "footer", "label", "button", "select", "option", "noscript", "legend", "menu"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SENTENCE_END = re.compile(r"[.!?…。！？।؟۔։።][\"'”’»)\]」』]*\s*$")
_MAX_BLOCKS = 20_000


@dataclass(slots=True)
class Block:
    """One run of text without a block-level break. `element` holds it; `links` are the link elements in it."""

    element: HtmlElement
    text: str
    words: int
    linked: int
    links: list[HtmlElement] = field(default_factory=list)
    side: bool = False
    """Stands in navigation, an aside, a footer, or a part of a form."""

    @property
    def tag(self) -> str:
        return str(self.element.tag)

    @property
    def is_heading(self) -> bool:
        return self.element.tag in HEADINGS

    @property
    def is_sentence(self) -> bool:
        return bool(_SENTENCE_END.search(self.text))

    @property
    def is_linked(self) -> bool:
        """Little else than links."""
        share = self.linked * 10 >= self.words * 6
        return self.linked > 0 and share and (self.words - self.linked < 6 or len(self.links) >= 3)

    @property
    def is_prose(self) -> bool:
        """Reads as running text: whole sentences, not of links, not a label."""
        return (
            not self.side
            and not self.is_heading
            and self.linked * 2 < self.words
            and (self.words >= 15 or (self.words >= 6 and self.is_sentence))
        )


@dataclass(slots=True)
class Layout:
    """The blocks of a page in reading order, and where its fields to write in stand among them."""

    blocks: list[Block]
    textareas: list[tuple[int, HtmlElement]]
    """(number of blocks before it, element)."""
    inputs: list[tuple[int, HtmlElement]]


def lay_out(tree: HtmlElement) -> Layout | None:
    """The layout of a page's body; None where it has more than 20,000 blocks (no page that people read has)."""
    body = tree.find("body")
    layout = Layout([], [], [])
    if body is None:
        return layout
    linked: set[HtmlElement] = set()
    side: set[HtmlElement] = set()
    inside: set[HtmlElement] = set()
    for element in body.iter(etree.Element):
        tag = element.tag
        if tag == "textarea":
            layout.textareas.append((len(layout.blocks), element))
        elif tag == "input":
            layout.inputs.append((len(layout.blocks), element))
        if element in inside:
            inside.update(element)
            continue
        parent = element.getparent()
        if parent in side or tag in SIDE:
            side.add(element)
        if parent in linked or tag == "a":
            linked.add(element)
        if tag in INLINE and not _holds_block(element):
            if parent is not None and parent is not body and element is not body:
                inside.update(element)
            continue
        if tag in ("script", "textarea", "select"):
            inside.update(element)
            continue
        _add_block(layout.blocks, element, element in linked, element in side)
        if len(layout.blocks) > _MAX_BLOCKS:
            return None
    return layout


def _holds_block(element: HtmlElement) -> bool:
    # Handing lxml the 45 names at each call would cost more than the rest of the layout.
    return len(element) > 0 and any(inner.tag in _BLOCK_INSIDE for inner in element.iterdescendants())


def own_inline(element: HtmlElement) -> list[HtmlElement]:
    """The children of an element that run within its own text."""
    return [child for child in element if child.tag in INLINE and child.tag != "script" and not _holds_block(child)]


def _add_block(blocks: list[Block], element: HtmlElement, all_linked: bool, side: bool) -> None:
    parts = [element.text or ""]
    links: list[HtmlElement] = []
    inline = set(own_inline(element))
    for child in element:
        if child in inline:
            parts.append(" " if child.tag == "br" else child.text_content())
            if child.tag == "a":
                links.append(child)
            elif len(child):
                links.extend(child.iterdescendants("a"))
        else:
            parts.append(" ")
        parts.append(child.tail or "")
    text = " ".join("".join(parts).split())
    if not text:
        return
    words = count_words(text)
    linked = words if all_linked else min(words, sum(count_words(link.text_content()) for link in links))
    blocks.append(Block(element, text, words, linked, links, side))
