"""See a page as its reader does: a sequence of blocks of text, each with what surrounds and fills it."""

from __future__ import annotations

import re
from collections.abc import Container
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
_UNREAD = ("script", "textarea", "select")
_MAX_BLOCKS = 20_000
LABEL_WORDS = 6
"""A line of at most this many words, and no sentence, labels what stands near it."""
_HINT_CHARS = 60
"""What an editor says before anyone has written in it is shorter than this."""
_EDITABLE = etree.XPath("//*[@contenteditable]")


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
    is_linked: bool = field(init=False)
    """Little else than links."""
    is_prose: bool = field(init=False)
    """Reads as running text: whole sentences, not of links, not a label."""

    @property
    def tag(self) -> str:
        return str(self.element.tag)

    @property
    def is_heading(self) -> bool:
        return self.element.tag in HEADINGS

    @property
    def is_label(self) -> bool:
        """At most six words, or twelve characters of Chinese or Japanese, and no sentence: says what stands near it."""
        few = self.words <= LABEL_WORDS or (self.words <= 2 * LABEL_WORDS and len(self.text) < 2 * self.words)
        return few and not self.is_sentence and self.tag != "pre"

    @property
    def is_sentence(self) -> bool:
        return bool(_SENTENCE_END.search(self.text))

    def __post_init__(self) -> None:
        share = self.linked * 10 >= self.words * 6
        self.is_linked = self.linked > 0 and share and (self.words - self.linked < 6 or len(self.links) >= 3)
        self.is_prose = (
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
    """(number of blocks before it, element), editors that are no `textarea` included."""
    inputs: list[tuple[int, HtmlElement]]


def lay_out(tree: HtmlElement) -> Layout | None:
    """The layout of a page's body; None where it has more than 20,000 blocks (no page that people read has)."""
    body = tree.find("body")
    layout = Layout([], [], [])
    if body is None:
        return layout
    editors = _editors(tree)
    waiting = [(body, False, False, False)]
    while waiting:
        element, flat, linked, side = waiting.pop()
        tag = element.tag
        if flat or tag in _UNREAD:
            _note_fields(layout, element)
            continue
        _note_field(layout, element)
        if element in editors:
            layout.textareas.append((len(layout.blocks), element))
        linked = linked or tag == "a"
        side = side or tag in SIDE
        children = list(element)
        inline = [child.tag in INLINE and not _holds_block(child) for child in children]
        _add_block(layout.blocks, element, list(zip(children, inline, strict=True)), linked, side)
        if len(layout.blocks) > _MAX_BLOCKS:
            return None
        for child, within in zip(reversed(children), reversed(inline), strict=True):
            if not within or len(child) or child.tag == "input":
                waiting.append((child, within, linked, side))
    return layout


def _editors(tree: HtmlElement) -> frozenset[HtmlElement]:
    """Elements to write in that are no form field, as scripts make them; none where the page itself is edited."""
    found = _EDITABLE(tree)
    if not isinstance(found, list) or not found:
        return frozenset()
    elements = [e for e in found if isinstance(e, HtmlElement) and (e.get("contenteditable") or "").lower() != "false"]
    if any(len(e.text_content()) > _HINT_CHARS for e in elements):
        return frozenset()
    return frozenset(elements)


def _note_fields(layout: Layout, element: HtmlElement) -> None:
    for control in element.iter("textarea", "input") if len(element) else (element,):
        _note_field(layout, control)


def _note_field(layout: Layout, element: HtmlElement) -> None:
    if element.tag == "textarea":
        layout.textareas.append((len(layout.blocks), element))
    elif element.tag == "input":
        layout.inputs.append((len(layout.blocks), element))


def _holds_block(element: HtmlElement) -> bool:
    # Handing lxml the 45 names at each call would cost more than the rest of the layout.
    return len(element) > 0 and any(inner.tag in _BLOCK_INSIDE for inner in element.iterdescendants())


def own_inline(element: HtmlElement) -> list[HtmlElement]:
    """The children of an element that run within its own text."""
    return [child for child in element if child.tag in INLINE and child.tag != "script" and not _holds_block(child)]


def is_beside(element: HtmlElement, chosen: Container[HtmlElement]) -> bool:
    """Whether an element stands in a menu, an aside or the like that is itself inside a chosen element."""
    for at in (element, *element.iterancestors()):
        if at in chosen:
            return False
        if at.tag in SIDE:
            return True
    return False


def _add_block(
    blocks: list[Block], element: HtmlElement, children: list[tuple[HtmlElement, bool]], all_linked: bool, side: bool
) -> None:
    """`children` are the element's, each with whether it runs within the element's own text."""
    parts = [element.text or ""]
    links: list[HtmlElement] = []
    for child, inline in children:
        tag = child.tag
        if inline and tag not in ("script", "br"):
            if len(child):
                parts.append(child.text_content())
                links.extend((child,) if tag == "a" else child.iterdescendants("a"))
            else:
                parts.append(child.text or "")
                if tag == "a":
                    links.append(child)
        else:
            parts.append(" ")
        parts.append(child.tail or "")
    text = " ".join("".join(parts).split())
    if not text:
        return
    words = count_words(text)
    linked = words if all_linked else min(words, sum(count_words(link.text_content()) for link in links))
    blocks.append(Block(element, text, words, linked, links, side))
