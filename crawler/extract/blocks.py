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
_CLOSERS = 20
"""A sentence ends within so many characters of the end: a mark, what closes quotes, spaces."""
_UNREAD = ("script", "textarea", "select")
_MAX_BLOCKS = 20_000
LABEL_WORDS = 6
"""A line of at most this many words, and no sentence, labels what stands near it."""
_HINT_CHARS = 60
"""What an editor says before anyone has written in it is shorter than this."""
_EDITABLE = etree.XPath("//@contenteditable/..")


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
    tag: str = field(init=False)
    is_heading: bool = field(init=False)
    is_sentence: bool = field(init=False)
    is_label: bool = field(init=False)
    """At most six words, or twelve characters of Chinese or Japanese, and no sentence: says what stands near it."""

    def __post_init__(self) -> None:
        self.tag = str(self.element.tag)
        self.is_heading = self.tag in HEADINGS
        self.is_sentence = _SENTENCE_END.search(self.text, max(0, len(self.text) - _CLOSERS)) is not None
        few = self.words <= LABEL_WORDS or (self.words <= 2 * LABEL_WORDS and len(self.text) < 2 * self.words)
        self.is_label = few and not self.is_sentence and self.tag != "pre"
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
        if tag == "input":
            _note_field(layout, element)
        if editors and element in editors:
            layout.textareas.append((len(layout.blocks), element))
        linked = linked or tag == "a"
        side = side or tag in SIDE
        text = element.text
        if not len(element):
            if text and (text := " ".join(text.split())):
                words = count_words(text)
                layout.blocks.append(Block(element, text, words, words if linked else 0, [], side))
        else:
            inner = _add_block(layout.blocks, element, text, linked, side)
            waiting.extend((child, within, linked, side) for child, within in reversed(inner))
        if len(layout.blocks) > _MAX_BLOCKS:
            return None
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
    blocks: list[Block], element: HtmlElement, start: str | None, all_linked: bool, side: bool
) -> list[tuple[HtmlElement, bool]]:
    """Add the text that is the element's own, `start` and what follows. Gives the children that hold more, each with
    whether it runs within that text and was read with it."""
    parts = [start or ""]
    links: list[HtmlElement] = []
    titles: list[str] = []
    inner: list[tuple[HtmlElement, bool]] = []
    for child in element:
        tag = child.tag
        piece = " "
        if len(child):
            inline = tag in INLINE and not _holds_block(child)
            inner.append((child, inline))
            if inline and tag != "script":
                piece = child.text_content()
                inside = (child,) if tag == "a" else tuple(child.iterdescendants("a"))
                links.extend(inside)
                titles.extend((piece,) if tag == "a" else (link.text_content() for link in inside))
        elif tag not in INLINE:
            inner.append((child, False))
        elif tag == "a":
            piece = child.text or ""
            links.append(child)
            titles.append(piece)
        elif tag == "input":
            piece = ""
            inner.append((child, True))
        elif tag != "br" and tag != "script":
            piece = child.text or ""
        parts.append(piece)
        if tail := child.tail:
            parts.append(tail)
    text = " ".join("".join(parts).split())
    if text:
        words = count_words(text)
        linked = words if all_linked or titles == [text] else min(words, sum(map(count_words, titles)))
        blocks.append(Block(element, text, words, linked, links, side))
    return inner
