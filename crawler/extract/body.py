"""The article of a page as safe HTML and as the same words in text, from the blocks that were kept."""

from __future__ import annotations

from dataclasses import dataclass

import nh3
from lxml import etree

from crawler.extract.judged import Judged
from crawler.extract.words import without_controls
from crawler.extract.writing import write_blocks

_TAGS = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "br", "table", "tr", "td"}
    | {"th", "a", "b", "i", "u", "del", "sub", "sup", "figure", "figcaption", "img"}
)
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}}
_BREAKING = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote", "pre", "table", "figure", "div"}
)
_LINES = frozenset({"li", "tr", "br"})
MAX_TEXT_CHARS = 5_000_000


@dataclass(frozen=True, slots=True)
class Body:
    """The cut: `text` and `html` hold the same words in the same order."""

    text: str
    html: str
    tree: etree._Element
    """The cut as elements, for measuring what it consists of."""


def write_body(page: Judged, base: str | None) -> Body | None:
    """The blocks that were kept, as safe HTML and as text; None where none was."""
    body = page.tree.find("body")
    if body is None or not page.kept:
        return None
    root = write_blocks(body, {page.blocks[i].element for i in page.kept}, base)
    _open_layout_tables(root)
    markup = without_controls(etree.tostring(root, encoding="unicode", method="html"))
    return Body(text=text_of_tree(root)[:MAX_TEXT_CHARS], html=safe_html(markup), tree=root)


def safe_html(markup: str) -> str:
    """Only the elements of an article, links and pictures with addresses of the web, nothing that acts."""
    safe = nh3.clean(
        markup, tags=set(_TAGS), attributes={k: set(v) for k, v in _ATTRIBUTES.items()}, url_schemes={"http", "https"}
    )
    return safe.strip()


def _open_layout_tables(root: etree._Element) -> None:
    """A table of one cell, or with paragraphs and headings in a cell, lays out a page; its cells are no data."""
    for table in list(root.iter("table")):
        rows = [row for row in table.iter("tr") if next(row.iterancestors("table"), None) is table]
        cells = [cell for row in rows for cell in row.iterchildren("td", "th")]
        if len(cells) < 2 or any(_holds_blocks(cell) for cell in cells):
            for part in (table, *rows):
                part.tag = "div"
            for cell in cells:
                cell.tag = "div" if any(child.tag in _BREAKING for child in cell) else "p"


def _holds_blocks(cell: etree._Element) -> bool:
    return cell.find(".//table") is not None or sum(child.tag in _BREAKING for child in cell) > 1


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
