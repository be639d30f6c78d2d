"""One entry of an ordinary feed, leaf by leaf, into the dictionary that feedparser gives: see `ordinary`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from feedparser.api import StrictFeedParser  # type: ignore[import-untyped]
from lxml import etree

Raw = dict[str, Any]
"""An entry as feedparser gives it, as far as it is read."""


ATOM = "http://www.w3.org/2005/Atom"
PREFIXES = {
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://search.yahoo.com/mrss/": "media",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://purl.org/syndication/thread/1.0": "thr",
}
"""Namespaces whose elements are known here. feedparser goes by the prefix too, so each must have its usual one."""
_WEB = re.compile(r"https?://[^/\s]\S*")
_SLASHES = re.compile(r"[A-Za-z][A-Za-z0-9+-.]*:///")
_TYPES = {"": "", "text": "text/plain", "html": "text/html", "text/plain": "text/plain", "text/html": "text/html"}
_LINK_ATTRIBUTES = frozenset({"href", "rel", "type", "title", "hreflang", "length"})


class NotOrdinary(Exception):
    """Something for feedparser."""


@dataclass(slots=True)
class _Reading:
    """One entry while it is read."""

    language: str | None
    raw: Raw = field(default_factory=dict)
    has_link: bool = False
    has_creator: bool = False
    copied: str | None = None
    """What stands for the summary where there is none."""

    def put(self, name: str, value: str) -> None:
        """A field that an entry has once."""
        if name in self.raw:
            raise NotOrdinary
        self.raw[name] = value

    def detail(self, value: str, content_type: str) -> Raw:
        return {"type": content_type, "language": self.language, "base": "", "value": value}

    def add(self, name: str, value: Raw) -> None:
        self.raw.setdefault(name, []).append(value)


Leaf = Callable[[_Reading, etree._Element], None]


def read_entry(element: etree._Element, leaves: dict[str, Leaf], language: str | None) -> Raw:
    """An entry by its leaves. Raises `NotOrdinary` for one that feedparser must read."""
    if element.attrib:
        raise NotOrdinary
    reading = _Reading(language)
    for child in element:
        leaf = leaves.get(child.tag)
        if leaf is None:
            raise NotOrdinary
        leaf(reading, child)
    if reading.copied is not None:
        reading.raw.setdefault("summary", reading.copied)
    return reading.raw


def _text(element: etree._Element) -> str:
    """The text of a leaf without attributes or with those that were looked at."""
    if len(element):
        raise NotOrdinary
    text = (element.text or "").strip()
    if not text.isascii():
        try:
            text.encode("iso-8859-1").decode()
        except UnicodeError:
            return text
        raise NotOrdinary  # UTF-8 encoded twice, it seems: feedparser takes that back
    return text


def _bare(element: etree._Element) -> str:
    if element.attrib:
        raise NotOrdinary
    return _text(element)


def _typed(element: etree._Element, default: str) -> str:
    """The type of an Atom text construct; XHTML and files in base64 are not ordinary."""
    given = element.attrib
    if len(given) > ("type" in given):
        raise NotOrdinary
    content_type = _TYPES.get(given.get("type", "").lower())
    if content_type is None:
        raise NotOrdinary
    return content_type or default


def _rss_title(reading: _Reading, element: etree._Element) -> None:
    title = _bare(element)
    is_html = ("</" in title or "&" in title) and StrictFeedParser.looks_like_html(title)
    reading.put("title", title)
    reading.raw["title_detail"] = reading.detail(title, "text/html" if is_html else "text/plain")


def _atom_title(reading: _Reading, element: etree._Element) -> None:
    content_type, title = _typed(element, "text/plain"), _text(element)
    reading.put("title", title)
    reading.raw["title_detail"] = reading.detail(title, content_type)


def _rss_link(reading: _Reading, element: etree._Element) -> None:
    link = _bare(element)
    if reading.has_link or not _WEB.fullmatch(link) or ";" in link:
        raise NotOrdinary
    reading.has_link = True
    reading.raw["link"] = link
    reading.add("links", {"rel": "alternate", "type": "text/html", "href": link})


def _atom_link(reading: _Reading, element: etree._Element) -> None:
    link = {name: value.lower() if name in ("rel", "type") else value for name, value in _attributes(element)}
    if len(element) or not _WEB.fullmatch(link.get("href", "")) or not link.keys() <= _LINK_ATTRIBUTES:
        raise NotOrdinary
    link.setdefault("rel", "alternate")
    link.setdefault("type", "application/atom+xml" if link["rel"] == "self" else "text/html")
    reading.add("links", link)
    if link["rel"] == "alternate" and link["type"] in ("text/html", "application/xhtml+xml", "html", "xhtml"):
        reading.raw["link"] = link["href"]


def _attributes(element: etree._Element) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        if name[0] == "{" or not name.islower():
            raise NotOrdinary
        yield str(name), str(value)


def _guid(reading: _Reading, element: etree._Element) -> None:
    if len(element.attrib) > ("isPermaLink" in element.attrib):
        raise NotOrdinary
    _identify(reading, _text(element), element.get("isPermaLink", "true") == "true")


def _atom_id(reading: _Reading, element: etree._Element) -> None:
    _identify(reading, _bare(element), True)


def _identify(reading: _Reading, entry_id: str, is_link: bool) -> None:
    if is_link and (_SLASHES.match(entry_id) or not entry_id.isprintable()):
        raise NotOrdinary
    reading.put("id", entry_id)
    reading.raw["guidislink"] = is_link and "link" not in reading.raw
    if is_link:
        reading.raw.setdefault("link", entry_id)


def _date(name: str) -> Leaf:
    return lambda reading, element: reading.put(name, _bare(element))


def _creator(reading: _Reading, element: etree._Element) -> None:
    author = _bare(element)
    if not author or "@" in author:
        raise NotOrdinary
    reading.has_creator = True
    reading.raw["author"] = author
    reading.add("authors", {"name": author})


def _atom_author(reading: _Reading, element: etree._Element) -> None:
    if reading.has_creator:
        raise NotOrdinary  # feedparser takes the two for one
    person = {}
    for child in element:
        name = str(child.tag)
        if name not in (f"{{{ATOM}}}name", f"{{{ATOM}}}uri") or child.attrib or name in person:
            raise NotOrdinary
        person[name] = _text(child)
    name = person.get(f"{{{ATOM}}}name", "")
    if element.attrib or not name or "@" in name or (element.text or "").strip() or _tails(element):
        raise NotOrdinary
    reading.raw["author"] = name
    reading.add("authors", {"name": name})


def _tails(element: etree._Element) -> bool:
    return any((child.tail or "").strip() for child in element)


def _category(reading: _Reading, element: etree._Element) -> None:
    given = dict(_attributes(element))
    tags = reading.raw.setdefault("tags", [])
    _tag(tags, given.get("term"), given.get("scheme", given.get("domain")), given.get("label"))
    value = _text(element)
    if value and tags and not tags[-1]["term"]:
        tags[-1]["term"] = value
    elif value:
        _tag(tags, value, None, None)


def _tag(tags: list[Raw], term: str | None, scheme: str | None, label: str | None) -> None:
    tag = {"term": term, "scheme": scheme, "label": label}
    if any(tag.values()) and tag not in tags:
        tags.append(tag)


def _description(reading: _Reading, element: etree._Element) -> None:
    _summarize(reading, _bare(element), "text/html")


def _atom_summary(reading: _Reading, element: etree._Element) -> None:
    _summarize(reading, _text(element), _typed(element, "text/plain"))


def _summarize(reading: _Reading, summary: str, content_type: str) -> None:
    reading.put("summary", summary)
    reading.raw["summary_detail"] = reading.detail(summary, content_type)


def _encoded(reading: _Reading, element: etree._Element) -> None:
    _fill(reading, _bare(element), "text/html")


def _atom_content(reading: _Reading, element: etree._Element) -> None:
    _fill(reading, _text(element), _typed(element, "text/plain"))


def _fill(reading: _Reading, content: str, content_type: str) -> None:
    if "content" in reading.raw:
        raise NotOrdinary
    reading.add("content", reading.detail(content, content_type))
    reading.copied = content


def _enclosure(reading: _Reading, element: etree._Element) -> None:
    link = {name: value.lower() if name in ("rel", "type") else value for name, value in _attributes(element)}
    if len(element) or (element.text or "").strip() or not link.get("url") or "href" in link or "uri" in link:
        raise NotOrdinary
    reading.add("links", {**link, "href": link.pop("url"), "rel": "enclosure"})


def _medium(name: str) -> Leaf:
    def read(reading: _Reading, element: etree._Element) -> None:
        if len(element) or (element.text or "").strip():
            raise NotOrdinary
        given = {key: value.lower() if key in ("rel", "type") else value for key, value in _attributes(element)}
        reading.add(name, given)

    return read


def _original_link(reading: _Reading, element: etree._Element) -> None:
    reading.put("feedburner_origlink", _bare(element))


def _ignored(_: _Reading, element: etree._Element) -> None:
    if len(element):
        raise NotOrdinary


def _named(prefix: str, name: str) -> str:
    uri = next(uri for uri, usual in PREFIXES.items() if usual == prefix)
    return f"{{{uri}}}{name}"


_MODULES: dict[str, Leaf] = {
    _named("dc", "creator"): _creator,
    _named("dc", "date"): _date("updated"),
    _named("dc", "subject"): _category,
    _named("media", "content"): _medium("media_content"),
    _named("media", "thumbnail"): _medium("media_thumbnail"),
    _named("media", "credit"): _ignored,
    _named("feedburner", "origLink"): _original_link,
    _named("slash", "comments"): _ignored,
    _named("slash", "section"): _ignored,
    _named("slash", "department"): _ignored,
    _named("slash", "hit_parade"): _ignored,
    _named("wfw", "commentRss"): _ignored,
    _named("wfw", "comment"): _ignored,
    _named("thr", "total"): _ignored,
}
RSS_LEAVES: dict[str, Leaf] = {
    "title": _rss_title,
    "link": _rss_link,
    "guid": _guid,
    "pubDate": _date("published"),
    "author": _creator,
    "category": _category,
    "description": _description,
    "enclosure": _enclosure,
    "comments": _ignored,
    "source": _ignored,
    _named("content", "encoded"): _encoded,
    **_MODULES,
}
ATOM_LEAVES: dict[str, Leaf] = {
    **{
        f"{{{ATOM}}}{name}": leaf
        for name, leaf in {
            "title": _atom_title,
            "link": _atom_link,
            "id": _atom_id,
            "published": _date("published"),
            "updated": _date("updated"),
            "author": _atom_author,
            "category": _category,
            "summary": _atom_summary,
            "content": _atom_content,
            "rights": _ignored,
        }.items()
    },
    **_MODULES,
}
