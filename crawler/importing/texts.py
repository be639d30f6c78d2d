"""Text and HTML of a row, as those of a page are: the same words in both, safe to show."""

from __future__ import annotations

import html as markup_of
import re
from dataclasses import dataclass

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract import extract
from crawler.extract.blocks import lay_out
from crawler.extract.body import MAX_TEXT_CHARS, safe_html, text_of_tree
from crawler.extract.parse import lighten, parse_markup, part_paragraphs
from crawler.extract.words import without_controls
from crawler.extract.writing import write_blocks
from storage import Rejected

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_EMPTY_LINES = re.compile(r"\n(?:[^\S\n]*\n)+")
_PAGE = re.compile(r"\s*(?:<!--.*?-->\s*|<\?.*?>\s*)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
"""How a whole page begins, rather than an article's own elements."""
_START_CHARS = 4_000
_MOST_MARKS = 10_000
"""Of a fragment that may be ours already: the cleaner takes time by the square of the depth (100,000 nested quotes
13 s, 10,000 a seventh of a second), the parser does not."""


class NoText(ValueError):
    """A row gives no article to read; the message says why."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The words of an article. `rule` says what gave them, where it was not the row itself."""

    text: str
    html: str
    rule: str | None = None


def texts_of(text: str | None, html: str | None, url: str) -> Texts:
    """The text and the HTML of a row that has one of them or both; each is made from the other where it is missing.

    HTML that is a whole page is cut as a fetched page is, unless the row has the text: then that counts alone. Raises
    `NoText` where nothing is left.
    """
    is_page = html is not None and _PAGE.match(html[:_START_CHARS]) is not None
    if html is None or (is_page and text):
        plain = normal_text(text or "", lines_are_paragraphs=True)
        return _said(Texts(plain, html_of(plain)))
    if is_page:
        cut = extract(html, url)
        if isinstance(cut, Rejected):
            raise NoText(f"its page holds no article ({cut.detail or cut.reason})")
        return Texts(cut.text, cut.html, cut.provenance.get("text"))
    try:
        safe, said = _fragment(html, url)
    except RecursionError as error:
        raise NoText("its HTML nests too deeply to be read") from error
    plain = normal_text(text or said)
    return _said(Texts(plain, safe or html_of(plain)))


def _said(texts: Texts) -> Texts:
    if not texts.text:
        raise NoText("it has no text")
    return texts


def normal_text(text: str, *, lines_are_paragraphs: bool = False) -> str:
    """Paragraphs parted by one empty line, white space single, no control characters. Where no line is empty and
    `lines_are_paragraphs`, each line is one, as many tools write them."""
    text = without_controls(_LINE_ENDS.sub("\n", text))
    blocks = _EMPTY_LINES.split(text)
    if len(blocks) == 1 and lines_are_paragraphs:
        blocks = text.split("\n")
    whole = []
    for block in blocks:
        lines = [line for raw in block.split("\n") if (line := _cells(raw))]
        if lines:
            whole.append("\n".join(lines))
    return "\n\n".join(whole)[:MAX_TEXT_CHARS]


def _cells(line: str) -> str:
    return "\t".join(cell for raw in line.split("\t") if (cell := " ".join(raw.split())))


def html_of(text: str) -> str:
    """Paragraphs of a normal text as HTML."""
    blocks = (markup_of.escape(block, quote=False).replace("\n", "<br>") for block in text.split("\n\n"))
    return safe_html("\n".join(f"<p>{block}</p>" for block in blocks))


def _fragment(html: str, url: str) -> tuple[str, str]:
    """The elements of an article, safe, and their words. What has nothing in it that must go stays as it is."""
    safe = safe_html(without_controls(html)) if html.count("<") <= _MOST_MARKS else None
    tree = parse_markup(html)
    body = None if tree is None else tree.find("body")
    if tree is None or not isinstance(body, HtmlElement):
        return "", ""
    if safe == html.strip():
        return safe, text_of_tree(body)
    lighten(tree)
    part_paragraphs(tree)
    layout = lay_out(tree)
    if layout is None or not layout.blocks:
        return "", ""
    written = write_blocks(body, {block.element for block in layout.blocks}, url)
    return safe_html(without_controls(etree.tostring(written, encoding="unicode", method="html"))), text_of_tree(
        written
    )
