"""OPML 2.0 (http://opml.org/spec2.opml): the feeds of a corpus as a list that readers take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from storage.syndication.channel import one_line


@dataclass(frozen=True, slots=True)
class FeedOutline:
    """A feed in the list; `folder` is where it stands."""

    folder: str
    title: str
    address: str
    home: str
    tags: tuple[str, ...] = ()


def write_opml(title: str, outlines: Iterable[FeedOutline]) -> bytes:
    """The list as a document in UTF-8; a tag with a comma is left out, for a category cannot hold it."""
    opml = etree.Element("opml", {"version": "2.0"})
    head = etree.SubElement(opml, "head")
    etree.SubElement(head, "title").text = one_line(title)
    body = etree.SubElement(opml, "body")
    folders: dict[str, etree._Element] = {}
    for outline in outlines:
        if outline.folder not in folders:
            folders[outline.folder] = etree.SubElement(body, "outline", {"text": one_line(outline.folder)})
        name = one_line(outline.title)
        attributes = {"type": "rss", "text": name, "title": name, "xmlUrl": outline.address, "htmlUrl": outline.home}
        if tags := [one_line(tag) for tag in outline.tags if "," not in tag]:
            attributes["category"] = ",".join(tags)
        etree.SubElement(folders[outline.folder], "outline", attributes)
    return etree.tostring(opml, encoding="utf-8", xml_declaration=True, pretty_print=True)
