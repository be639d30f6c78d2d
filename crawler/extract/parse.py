"""Turn the bytes of a page into one tree: charset, characters that XML forbids, and markup that swallows the page."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring
from trafilatura.utils import detect_encoding
from w3lib.encoding import (
    html_body_declared_encoding,
    http_content_type_encoding,
    read_bom,
    resolve_encoding,
    to_unicode,
)

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""XML 1.0 section 2.2: lxml refuses these in text, libxml2 stops at NUL."""

_FORBIDDEN_REFERENCE = re.compile(
    r"&#(?:0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|[xX]0*(?:[0-8bBcCeEfF]|1[\da-fA-F]|7[fF])(?![\da-fA-F]));?"
)
"""The same written as a reference (`&#27;`): one of them, and trafilatura finds no text on the whole page."""

_SELF_CLOSED_ROOT = re.compile(r"(<(?:html|body)\b[^<>]*?)/\s*>", re.IGNORECASE)

_SWALLOWERS = ("button", "label", "select", "option", "dialog", "object", "video", "audio", "canvas", "map", "marquee")
"""Elements whose content no extractor reads. libxml2 closes none of them by itself, so one that its author left open
takes the rest of the page with it."""

_SWALLOWED_SHARE = 0.5
"""Half of the page's text, the share from which trafilatura also takes a form for a mere wrapper."""

_RUN_HOLDERS = frozenset({"div", "td", "font", "center", "article", "section", "main", "body", "span"})
_RUNNING = frozenset(
    {"a", "abbr", "b", "big", "br", "cite", "code", "em", "i", "img", "small", "span", "strong", "sub", "sup", "u", "q"}
    | {"font", "time", "mark", "ins", "s", "tt"}
)
_METADATA = frozenset({"title", "meta", "link", "script", "style", "base", "noscript", "template", "object", "bgsound"})
_NOT_READ = frozenset({"style", "template", "svg", "math", "iframe", "canvas", "object", "embed", "applet"})


_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)
"""lxml.html asks Python code for the class of every element, so that a form has `fields`; nobody asks for these."""


def decode(page: bytes, content_type: str | None = None) -> str:
    """The characters of a page.

    Order: byte order mark, valid UTF-8 (so that UTF-8 with a wrong label survives), charset of the Content-Type
    header, the document's own declaration (WHATWG HTML 13.2.3), detection. Bytes that do not fit become U+FFFD.
    """
    encoding, mark = read_bom(page)
    if encoding and mark:
        return to_unicode(page[len(mark) :], encoding)
    declared = http_content_type_encoding(content_type) if content_type else None
    declared = declared or html_body_declared_encoding(page)
    stateful = declared is not None and declared.startswith(("iso2022", "iso-2022", "hz"))
    if not stateful:
        try:
            return page.decode("utf-8")
        except UnicodeDecodeError:
            pass
    candidates = [declared] if declared else detect_encoding(page)
    for name in candidates:
        if resolve_encoding(name):
            return to_unicode(page, name)
    return to_unicode(page, "utf-8")


def parse(page: bytes | str, content_type: str | None = None) -> HtmlElement | None:
    """The page as one lxml tree, or None where there is nothing to read in it. Never raises for what is in the page."""
    return parse_markup(page if isinstance(page, str) else decode(page, content_type))


def parse_markup(markup: str) -> HtmlElement | None:
    """As `parse`, of a page that is decoded."""
    markup = _FORBIDDEN.sub(" ", markup).lstrip("\ufeff \t\r\n")
    if "&#" in markup:
        markup = _FORBIDDEN_REFERENCE.sub(" ", markup)
    if not markup:
        return None
    markup = _SELF_CLOSED_ROOT.sub(r"\1>", markup[:4096]) + markup[4096:]
    parser = HTMLParser(collect_ids=False, encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        root = document_fromstring(markup.encode(), parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if not isinstance(root, HtmlElement):
        return None
    _empty_head(root)
    return root


def _empty_head(root: HtmlElement) -> None:
    """Move to the body what a page without a `body` tag left in its head: to libxml2 no `article` ends a head."""
    head, body = root.find("head"), root.find("body")
    if head is None or body is None:
        return
    strays = [child for child in head if isinstance(child.tag, str) and child.tag not in _METADATA]
    if strays:
        body[:0] = list(head)[head.index(strays[0]) :]


def lighten(tree: HtmlElement) -> None:
    """Drop what nobody reads (scripts but JSON-LD, styles, drawings) and open the elements that swallowed the page."""
    for script in list(tree.iter("script")):
        if "ld+json" not in (script.get("type") or ""):
            script.drop_tree()
    etree.strip_elements(tree, *_NOT_READ, with_tail=False)
    suspects = [element for element in tree.iter(*_SWALLOWERS) if len(element)]
    if suspects:
        whole = len(tree.text_content())
        for element in suspects:
            if len(element.text_content()) > whole * _SWALLOWED_SHARE:
                element.tag = "div"
                element.attrib.clear()


def part_paragraphs(tree: HtmlElement) -> None:
    """Make paragraphs of text that is parted by empty lines only (two or more `br` in a row), as pages of old do.

    trafilatura joins such runs, and loses those that follow a quotation or a list.
    """
    holders = {br.getparent(): None for br in tree.iter("br") if _next_is_break(br)}
    for holder in holders:
        if holder is not None and holder.tag in _RUN_HOLDERS and _runs(holder):
            _part(holder)


def _runs(holder: HtmlElement) -> bool:
    """Whether most of what an element says is its own text, and not that of paragraphs in it."""
    paragraphs = sum(len(p.text_content()) for p in holder.iterchildren("p"))
    own = len(holder.text or "") + sum(len(child.tail or "") for child in holder) if paragraphs else 1
    return own > paragraphs


def _next_is_break(br: HtmlElement) -> bool:
    following = br.getnext()
    return following is not None and following.tag == "br" and not (br.tail or "").strip()


def _part(holder: HtmlElement) -> None:
    children = list(holder)
    firsts = [child for child in children if child.tag == "br" and _next_is_break(child)]
    breaks = {*firsts, *(first.getnext() for first in firsts)}
    run: HtmlElement | None = None
    place = 0
    if holder.text and holder.text.strip():
        run, place = _open_run(holder, 0, holder.text), 1
    holder.text = None
    for child in children:
        tail, child.tail = child.tail, None
        runs_on = child.tag in _RUNNING and next(child.iterdescendants("p", "div", "table", "ul"), None) is None
        if runs_on and child not in breaks:
            if run is None:
                run = _open_run(holder, place, None)
                place += 1
            run.append(child)
            child.tail = tail
            continue
        if child in breaks:
            holder.remove(child)
        else:
            place += 1
        run = None
        if tail and tail.strip():
            run = _open_run(holder, place, tail)
            place += 1


def _open_run(holder: HtmlElement, place: int, text: str | None) -> HtmlElement:
    run = holder.makeelement("p")
    run.text = text
    holder.insert(place, run)
    return run
