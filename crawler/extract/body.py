"""Cut the article out of a cleaned tree with trafilatura, and write it as safe HTML and as the same words in text."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.metadata import version

import nh3
from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from crawler.extract.claims import absolute
from crawler.extract.figures import Figure, figure_number, without_markers
from crawler.extract.words import without_controls

EXTRACTOR = f"trafilatura {version('trafilatura')}"

_TAGS = frozenset(
    {
        "p",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "blockquote",
        "pre",
        "code",
        "br",
        "table",
        "tr",
        "td",
        "th",
    }
    | {"a", "b", "i", "u", "del", "sub", "sup", "figure", "figcaption", "img"}
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_MARKS = {"#i": "i", "#b": "b", "#u": "u", "#t": "code", "#sub": "sub", "#sup": "sup"}
_RENAMED = {"item": "li", "quote": "blockquote", "code": "pre", "lb": "br", "row": "tr", "fw": "p", "ab": "p"}
_BREAKING = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table", "figure", "div"}
)
_UNREAD = ("script", "style", "noscript", "button", "input", "select", "textarea", "label", "nav", "aside", "footer")
_LINES = frozenset({"li", "tr", "br"})
_MAX_TEXT_CHARS = 5_000_000


@dataclass(frozen=True, slots=True)
class Body:
    """The cut: `text` and `html` hold the same words in the same order."""

    text: str
    html: str
    tree: etree._Element
    """The cut as elements, for measuring what it consists of."""


def cut_body(tree: HtmlElement, base: str | None, figures: list[Figure]) -> Body | None:
    """Cut the article (comments off, tables on); None where trafilatura finds nothing at all.

    trafilatura is not told the address: it resolves `../x` against the host, not against the page.
    """
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    document = bare_extraction(
        tree, include_comments=False, include_tables=True, include_formatting=True, include_links=True
    )
    root = None if document is None or isinstance(document, dict) else document.body
    return None if root is None else _write(root, base, figures)


def write_selected(elements: list[HtmlElement], base: str | None, figures: list[Figure]) -> Body:
    """Elements that hold the article and nothing else, as a body: nothing is judged, all of it is kept."""
    root = etree.Element("body")
    root.extend(elements)
    etree.strip_elements(root, *_UNREAD, with_tail=False)
    return _write(root, base, figures)


def _write(root: etree._Element, base: str | None, figures: list[Figure]) -> Body:
    for element in list(root.iter(etree.Element)):
        _rewrite(element, base)
    _open_layout_tables(root)
    root.tag = "div"
    _place_figures(root, figures)
    markup = without_controls(etree.tostring(root, encoding="unicode", method="html"))
    safe = nh3.clean(
        markup, tags=set(_TAGS), attributes={k: set(v) for k, v in _ATTRIBUTES.items()}, url_schemes={"http", "https"}
    )
    return Body(text=text_of_tree(root)[:_MAX_TEXT_CHARS], html=safe.strip(), tree=root)


def _rewrite(element: etree._Element, base: str | None) -> None:
    """Rename one of trafilatura's elements to HTML's and keep only what is safe of its attributes."""
    tag = str(element.tag)
    keep: dict[str, str] = {}
    if tag == "head":
        rend = element.get("rend") or "h3"
        element.tag = rend if rend in _BREAKING and len(rend) == 2 else "h3"
    elif tag == "list":
        element.tag = "ol" if element.get("rend") == "ol" else "ul"
    elif tag == "hi":
        element.tag = _MARKS.get(element.get("rend") or "", "i")
    elif tag in ("ref", "a"):
        element.tag = "a"
        target = absolute(element.get("target") or element.get("href"), base)
        keep = {"href": target} if target else {}
    elif tag == "cell":
        element.tag = "th" if element.get("role") == "head" else "td"
    elif tag == "img":
        source = absolute(element.get("src"), base)
        keep = {"src": source, "alt": (element.get("alt") or "")[:300]} if source else {}
    elif tag in _RENAMED:
        element.tag = _RENAMED[tag]
    for name in list(element.attrib):
        del element.attrib[name]
    for name, value in keep.items():
        element.set(name, value)


def _open_layout_tables(root: etree._Element) -> None:
    """A table of one cell, or with paragraphs and headings in a cell, lays out a page; its cells are no data."""
    for table in list(root.iter("table")):
        cells = list(table.iter("td", "th"))
        if len(cells) < 2 or any(_holds_blocks(cell) for cell in cells):
            for part in (table, *table.iter("tr", "td", "th")):
                part.tag = "div"


def _holds_blocks(cell: etree._Element) -> bool:
    return sum(child.tag in _BREAKING for child in cell) > 1


def _place_figures(root: etree._Element, figures: list[Figure]) -> None:
    """Put each figure back where its marker stands."""
    for element in list(root.iter("p", "div", "li", "td")):
        number = figure_number(element.text or "")
        if number is None or number >= len(figures) or len(element):
            element.text = without_markers(element.text) if element.text else None
            continue
        figure = figures[number]
        element.text = None
        if element.tag in ("p", "div"):
            element.tag = "figure"
        if figure.source:
            image = etree.SubElement(element, "img", src=figure.source, alt=figure.alt)
            image.tail = None
        if figure.caption:
            etree.SubElement(element, "figcaption").text = figure.caption


def text_of_tree(root: etree._Element) -> str:
    """The words of the cut: paragraphs, headings, lists, tables parted by one empty line; items and rows by a newline,
    cells by a tab."""
    parts: list[str] = []
    _speak(root, parts)
    blocks: list[str] = []
    for block in "".join(parts).split("\0"):
        lines = [line for raw in block.split("\n") if (line := "\t".join(_squeeze(raw)))]
        if lines:
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _squeeze(line: str) -> list[str]:
    return [cell for raw in line.split("\t") if (cell := " ".join(raw.split()))]


def _speak(element: etree._Element, parts: list[str]) -> None:
    tag = element.tag
    before = "\0" if tag in _BREAKING else "\n" if tag in _LINES else "\t" if tag in ("td", "th") else ""
    parent = element.getparent()
    if before == "\0" and parent is not None and parent.tag in ("li", "td", "th"):
        before = "\n" if parent.tag == "li" and tag in ("ul", "ol") else " "
    parts.append(before)
    if element.text:
        parts.append(_flat(element.text))
    for child in element:
        _speak(child, parts)
        if child.tail:
            parts.append(_flat(child.tail))
    parts.append(before if before != "\t" else "")


def _flat(text: str) -> str:
    return without_controls(text.replace("\n", " ").replace("\t", " "))
