"""XML as it is found in the wild: where the root element is, whether it is well-formed, and repairs where it is not.

No document type definition is ever read: everything before the root element is dropped, so there is no entity left to
expand (the entity bomb is inert text) and no blank prolog for a regular expression to choke on. The character entities
of HTML, which the DTD of RSS 0.91 declares and which feeds use without one, become the characters they stand for.
"""

from __future__ import annotations

import html
import html.entities
import re
from collections.abc import Callable
from dataclasses import dataclass

from lxml import etree

_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)")
_DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w:.-]+)", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s*>")
_FEED_ROOT = re.compile(r"<(?:rss|feed|(?:[A-Za-z]\w*:)?RDF|urlset|sitemapindex)(?=[\s>])")
_HTML_START = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_AMPERSAND = re.compile(r"&(?:#(\d{1,8}|[xX][0-9a-fA-F]{1,6});|([A-Za-z][A-Za-z0-9]{1,31});)?")
_LEAF = re.compile(
    r"(<(title|link|guid|pubDate|category|id|updated|published)(?:\s[^<>]*)?(?<!/)>)([^<]*)"
    r"(?=</?(?:title|link|guid|description|pubDate|category|author|id|updated|published|summary|content|item|entry"
    r"|channel|[a-z]+:\w+)[\s/>])(?!</\2\s*>)"
)
_PREFIX_IN_USE = re.compile(r"<([A-Za-z_][\w-]{0,30}):[A-Za-z_]")
_MAX_PREFIXES = 50
_LEADING_GARBAGE_CHARS = 65536
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "image": "http://www.google.com/schemas/sitemap-image/1.1",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "xhtml": "http://www.w3.org/1999/xhtml",
    "xlink": "http://www.w3.org/1999/xlink",
}
"""Prefixes that feeds use, and sometimes forget to declare."""


@dataclass(frozen=True, slots=True)
class Root:
    """The root element of a text: its local name in lower case, and the text from its start tag on."""

    name: str
    text: str
    flags: tuple[str, ...] = ()
    has_doctype: bool = False


@dataclass(frozen=True, slots=True)
class Markup:
    """A document without prolog, repaired as far as possible. `tree` is complete where `well_formed`, else whatever
    libxml2 could recover, or None."""

    text: str
    tree: etree._Element | None
    well_formed: bool
    flags: tuple[str, ...] = ()
    problem: str | None = None
    """What libxml2 said of a document that could not be repaired."""


def find_root(text: str) -> Root | None:
    """The root element, after any prolog; for a feed also after other garbage. None where there is no element.

    An HTML document type makes the root `html`, unless the element that follows is that of a feed.
    """
    start, doctype, flags = _skip_prolog(text)
    if doctype == "html" and not _FEED_ROOT.match(text, start):
        return Root("html", text[start:], has_doctype=True)
    root = _ROOT.match(text, start)
    if root and (doctype is not None or _FEED_ROOT.match(text, start) or root[1].lower() in ("html", "head", "body")):
        return Root(root[1].lower(), text[start:], flags, doctype is not None)
    hidden = _FEED_ROOT.search(text, start, start + _LEADING_GARBAGE_CHARS)
    if hidden and not _HTML_START.search(text, start, hidden.start()):
        tag = _ROOT.match(text, hidden.start())
        if tag:
            return Root(tag[1].lower(), text[hidden.start() :], (*flags, "leading_garbage"))
    return Root(root[1].lower(), text[start:], flags, doctype is not None) if root else None


def _skip_prolog(text: str) -> tuple[int, str | None, tuple[str, ...]]:
    """Where the prolog ends, the name of its document type, and flags. Linear in the length of the prolog."""
    position, doctype = 0, None
    flags: set[str] = set()
    while True:
        stripped = len(text) - len(text[position:].lstrip()) if text[position : position + 1].isspace() else position
        if stripped > position and position == 0:
            flags.add("leading_space")
        position = stripped
        if text.startswith("<?", position):
            end = text.find("?>", position)
        elif text.startswith("<!--", position):
            end = text.find("-->", position)
        elif match := _DOCTYPE.match(text, position):
            doctype = match[1].lower()
            end = text.find(">", position)
            bracket = text.find("[", position, end) if end >= 0 else -1
            if bracket >= 0:
                close = _SUBSET_END.search(text, bracket)
                flags.add("dtd_ignored")
                end = close.end() - 1 if close else -1
            position = end + 1 if end >= 0 else len(text)
            continue
        else:
            return position, doctype, tuple(sorted(flags))
        if end < 0:
            return position, doctype, tuple(sorted(flags))
        position = end + (2 if text.startswith("?>", end) else 3)


def read_markup(root: Root) -> Markup:
    """Parse from the root element on, with as much repair as it takes. Never expands an entity, never fetches."""
    flags = set(root.flags)
    text = _ILLEGAL.sub("", root.text)
    if len(text) != len(root.text):
        flags.add("control_characters")
    tree, problem = _parse(text)
    for repair in () if tree is not None else (_repair_references, _close_leaves):
        text = repair(text)
        tree, problem = _parse(text)
        if tree is not None:
            # with a document type the character entities were legal all along
            if repair is not _repair_references or not root.has_doctype:
                flags.add("recovered_xml")
            break
    if tree is not None:
        return Markup(text, tree, True, tuple(sorted(flags)))
    flags.add("recovered_xml")
    return Markup(text, _recover(text), False, tuple(sorted(flags)), problem)


def _parse(text: str) -> tuple[etree._Element | None, str | None]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(text.encode(), parser), None
    except etree.XMLSyntaxError as problem:
        return None, " ".join(str(problem).split())[:200]


def _recover(text: str) -> etree._Element | None:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True, remove_comments=True
    )
    try:
        return etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError:
        return None


def _repair_references(text: str) -> str:
    """Character entities become characters, other ampersands text, illegal references nothing; prefixes declared."""
    text = _outside_cdata(text, lambda part: _AMPERSAND.sub(_reference, part))
    head = text[: text.find(">") + 1]
    prefixes = {*_PREFIX_IN_USE.findall(text), *(prefix for prefix in _PREFIXES if f" {prefix}:" in text)}
    missing = "".join(
        f' xmlns:{prefix}="{_PREFIXES.get(prefix, "urn:undeclared:" + prefix)}"'
        for prefix in sorted(prefixes)[:_MAX_PREFIXES]
        if f"xmlns:{prefix}" not in head
    )
    name = _ROOT.match(text)
    return f"{text[: name.end()]}{missing}{text[name.end() :]}" if name and missing else text


def _reference(match: re.Match[str]) -> str:
    number, name = match.groups()
    if number:
        code = int(number[1:], 16) if number[0] in "xX" else int(number)
        legal = code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
        return match[0] if legal else ""
    if not name:
        return "&amp;"
    if name in _XML_ENTITIES:
        return match[0]
    character = html.entities.html5.get(f"{name};")
    return html.escape(character) if character else f"&amp;{name};"


def _close_leaves(text: str) -> str:
    return _outside_cdata(text, lambda part: _LEAF.sub(r"\1\3</\2>", part))


def _outside_cdata(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to what stands outside CDATA sections; a section without end is closed. Linear."""
    parts: list[str] = []
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0:
        parts.append(change(text[position:start]))
        end = text.find("]]>", start)
        if end < 0:
            parts.append(text[start:] + "]]>")
            return "".join(parts)
        position = end + 3
        parts.append(text[start:position])
    parts.append(change(text[position:]))
    return "".join(parts)
