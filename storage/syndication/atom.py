"""Atom (RFC 4287)."""

from __future__ import annotations

from lxml import etree

from storage.syndication.channel import Channel, Item, stamp

_ATOM = "http://www.w3.org/2005/Atom"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def write_atom(channel: Channel) -> bytes:
    """The feed as a document in UTF-8."""
    feed = etree.Element(f"{{{_ATOM}}}feed", nsmap={None: _ATOM})  # type: ignore[dict-item]
    _text(feed, "id", channel.id)
    _text(feed, "title", channel.title)
    _text(feed, "updated", stamp(channel.updated))
    _text(feed, "generator", "Cuttings")
    _link(feed, "self", channel.address, "application/atom+xml")
    _link(feed, "alternate", channel.home, "text/html")
    if channel.next:
        _link(feed, "next", channel.next, "application/atom+xml")
    for item in channel.items:
        _add(feed, item)
    return etree.tostring(feed, encoding="utf-8", xml_declaration=True)


def _add(feed: etree._Element, item: Item) -> None:
    entry = _element(feed, "entry")
    if item.language:
        entry.set(_XML_LANG, item.language)
    _text(entry, "id", item.id)
    _text(entry, "title", item.title)
    if item.published:
        _text(entry, "published", stamp(item.published))
    _text(entry, "updated", stamp(item.updated))
    if item.link:
        _link(entry, "alternate", item.link, "text/html")
    for name in item.authors:
        _text(_element(entry, "author"), "name", name)
    for tag in item.tags:
        _element(entry, "category").set("term", tag)
    if item.summary:
        _text(entry, "summary", item.summary)
    _text(entry, "content", item.html).set("type", "html")
    source = _element(entry, "source")
    if item.source_url:
        _text(source, "id", item.source_url)
    _text(source, "title", item.source)
    if not item.authors:
        # Here, and not of the whole feed: a reader would take that for the author of each article (section 4.2.1).
        _text(_element(source, "author"), "name", item.source)
    _text(source, "updated", stamp(item.updated))
    if item.source_url:
        _link(source, "alternate", item.source_url, "text/html")


def _element(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{_ATOM}}}{name}")


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = _element(parent, name)
    element.text = text
    return element


def _link(parent: etree._Element, rel: str, href: str, kind: str) -> None:
    link = _element(parent, "link")
    link.set("rel", rel)
    link.set("type", kind)
    link.set("href", href)
