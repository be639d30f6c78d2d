"""Entries of ordinary feeds, read from the tree that is there already: RSS 2.0 and Atom 1.0 as nearly everybody writes.

feedparser spends most of its time on calling a method for every tag. Where an entry holds nothing but leaves whose
meaning leaves no choice, its fields are read here, into the same dictionaries that feedparser gives. Whatever calls for
a decision (HTML within the XML, `xml:base`, a second title, an address in an author's name, a namespace that is not
listed below) makes the whole document feedparser's. Of the feed itself feedparser reads the head in any case.
tests/test_feeds_ordinary.py holds the two to one result; docs/decisions/0016-ordinary-feeds.md has the figures.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from crawler.feeds.markup import Markup
from crawler.feeds.ordinary_entries import ATOM, ATOM_LEAVES, PREFIXES, RSS_LEAVES, NotOrdinary, Raw, read_entry

_XMLNS = re.compile(r"""xmlns:([\w.-]+)\s*=\s*["']\s*([^"']*?)\s*["']""")
_C1 = re.compile("[\x80-\x9f]")
_HTML_IN_HEAD = frozenset({"title", "subtitle", "tagline", "description", "info", "copyright", "rights"})
_LANG = ("{http://www.w3.org/XML/1998/namespace}lang", "lang")


@dataclass(frozen=True, slots=True)
class Ordinary:
    """A feed whose entries were read: they, and the document without them."""

    head: etree._Element
    entries: list[Raw]


def read_ordinary(markup: Markup) -> Ordinary | None:
    """The entries of a feed, or None where feedparser must read it. The tree stays as it is."""
    root = markup.tree
    if root is None or not markup.well_formed or _C1.search(markup.text) or "xml:base" in markup.text:
        return None
    try:
        if root.tag == f"{{{ATOM}}}feed":
            parent, entry_tag, leaves = root, f"{{{ATOM}}}entry", ATOM_LEAVES
        elif root.tag == "rss" and root.get("version", "").startswith("2."):
            (parent,) = _elements(root)
            entry_tag, leaves = "item", RSS_LEAVES
            if parent.tag != "channel":
                return None
        else:
            return None
        head, entries = _parted(root, parent, entry_tag)
        _check_prefixes(markup.text, entry_tag.rpartition("}")[2])
        language = _language(root, parent)
        return Ordinary(head, [read_entry(element, leaves, language) for element in entries])
    except (NotOrdinary, ValueError):
        return None


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    return (child for child in parent if isinstance(child.tag, str))


def _parted(
    root: etree._Element, parent: etree._Element, entry_tag: str
) -> tuple[etree._Element, list[etree._Element]]:
    """A copy of the document without its entries, and those; all entries must stand at its end."""
    head = _emptied(root)
    place = head
    if parent is not root:
        place = _emptied(parent)
        head.append(place)
    entries: list[etree._Element] = []
    for element in _elements(parent):
        if element.tag == entry_tag:
            entries.append(element)
        elif entries or (len(element) and _local(element) in _HTML_IN_HEAD) or _holds_a_feed(element):
            raise NotOrdinary
        else:
            place.append(copy.deepcopy(element))
    return head, entries


def _holds_a_feed(element: etree._Element) -> bool:
    """A feed wrapped into another one's head: feedparser reads the entries of both."""
    return any(_local(inner) in _FEED_TAGS for inner in element.iter() if isinstance(inner.tag, str))


_FEED_TAGS = frozenset({"rss", "rdf", "feed", "channel", "item", "items", "entry"})


def _emptied(element: etree._Element) -> etree._Element:
    """The start tag alone."""
    copied = element.makeelement(element.tag, nsmap=element.nsmap)  # type: ignore[arg-type]
    for name, value in element.attrib.items():
        copied.set(name, value)
    return copied


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _check_prefixes(text: str, entry_name: str) -> None:
    """Every prefix is declared ahead of the entries, and those known here mean what they usually do."""
    start = text.find(f"<{entry_name}")
    if start < 0 or "xmlns" in text[start:]:
        if start >= 0:
            raise NotOrdinary
        start = len(text)
    usual = {prefix: uri for uri, prefix in PREFIXES.items()}
    for prefix, uri in _XMLNS.findall(text[:start]):
        if usual.get(prefix, uri) != uri or PREFIXES.get(uri, prefix) != prefix:
            raise NotOrdinary


def _language(*ancestors: etree._Element) -> str | None:
    language = None
    for element in ancestors:
        found = next((value for name in _LANG if (value := element.get(name)) is not None), language)
        language = found or None
    return language.replace("_", "-") if language else None
