"""RSS 2.0 (https://www.rssboard.org/rss-specification) with the modules that readers know for the whole text and for
authors without an address."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime

from lxml import etree

from storage.syndication.channel import Channel, Item, stamp

_ATOM = "http://www.w3.org/2005/Atom"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_DC = "http://purl.org/dc/elements/1.1/"


def write_rss(channel: Channel) -> bytes:
    """The feed as a document in UTF-8."""
    rss = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": _ATOM, "content": _CONTENT, "dc": _DC})
    made = etree.SubElement(rss, "channel")
    _text(made, "title", channel.title)
    _text(made, "link", channel.home)
    _text(made, "description", channel.title)
    _text(made, "generator", "Cuttings")
    _text(made, "lastBuildDate", format_datetime(channel.updated.astimezone(UTC)))
    for rel, href in (("self", channel.address), ("next", channel.next)):
        if href:
            attributes = {"rel": rel, "type": "application/rss+xml", "href": href}
            etree.SubElement(made, f"{{{_ATOM}}}link", attributes)
    for item in channel.items:
        _add(made, item)
    return etree.tostring(rss, encoding="utf-8", xml_declaration=True)


def _add(channel: etree._Element, item: Item) -> None:
    made = etree.SubElement(channel, "item")
    _text(made, "title", item.title)
    if item.link:
        _text(made, "link", item.link)
    _text(made, "guid", item.id).set("isPermaLink", "true" if item.link else "false")
    if item.published:
        _text(made, "pubDate", format_datetime(item.published.astimezone(UTC)))
        # Alone it would be taken for the date of publication.
        _text(made, f"{{{_ATOM}}}updated", stamp(item.updated))
    for name in item.authors:
        _text(made, f"{{{_DC}}}creator", name)
    if item.language:
        _text(made, f"{{{_DC}}}language", item.language)
    for tag in item.tags:
        _text(made, "category", tag)
    if item.summary:
        _text(made, "description", item.summary)
    _text(made, f"{{{_CONTENT}}}encoded", item.html)
    if item.source_url:
        _text(made, "source", item.source).set("url", item.source_url)


def _text(parent: etree._Element, name: str, text: str) -> etree._Element:
    element = etree.SubElement(parent, name)
    element.text = text
    return element
