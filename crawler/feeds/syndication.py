"""RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, CDF: what feedparser reads, made into drafts.

feedparser gets bytes in memory only (a `str` it would open as a file or fetch). It sanitizes nothing
(`sanitize_html=False`): content is kept as it came and cleaned where it is shown, by a sanitizer that is built for
that; feedparser's own is most of its time (68 against 8.5 ms for a feed of 30 full-text items). It resolves no
address inside HTML (`resolve_relative_uris=False`): that is done with lxml, where there is anything relative.
"""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import feedparser  # type: ignore[import-untyped]
from lxml import etree

from crawler.feeds.document import FeedDocument
from crawler.feeds.drafts import Draft, Prose, absolute, distinct, finish, language_of, newest_first, plain
from crawler.feeds.hints import read_hints, read_history
from crawler.feeds.markup import Markup
from crawler.feeds.ordinary import read_ordinary

MAX_ENTRIES = 5_000
"""Ten times the longest archive feeds that are served in one piece; a longer one keeps its newest entries."""

CONTENT_FROM_CHARS = 1_000
"""An HTML description with more text than this is a whole article, not a teaser: that is where publishers who serve
full texts without content:encoded put them."""

_KINDS = {"rss091u": "rss091", "rss091n": "rss091", "atom01": "atom", "atom02": "atom", "": "rss"}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_MAIL = re.compile(r"[^\s@<>()]+@[^\s@<>()]+")
_MAIL_AND_NAME = re.compile(r"[^\s@<>()]+@[^\s@<>()]+\s*\(([^()]+)\)|([^<>@]+?)\s*<[^\s@<>]+@[^\s@<>]+>")
_LIBRARY_FAILURES = (LookupError, TypeError, ValueError, AttributeError, AssertionError, RecursionError)
_NAMESPACES = frozenset(
    {
        "http://www.w3.org/2005/Atom",
        "http://purl.org/atom/ns#",
        "http://purl.org/rss/1.0/",
        "http://my.netscape.com/rdf/simple/0.9/",
        "http://channel.netscape.com/rdf/simple/0.9/",
        "http://purl.org/net/rss1.1#",
        "http://backend.userland.com/rss",
        "http://backend.userland.com/rss2",
        "http://blogs.law.harvard.edu/tech/rss",
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "http://purl.org/rss/1.0/modules/content/",
        "http://purl.org/rss/1.0/modules/syndication/",
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/dc/terms/",
        "http://rssnamespace.org/feedburner/ext/1.0",
        "http://search.yahoo.com/mrss/",
        "http://search.yahoo.com/mrss",
        "http://www.w3.org/1999/xhtml",
    }
)
_UNNEEDED = frozenset({"textinput", "image", "cloud", "width", "height", "rating", "license", "source", "generator"})
_SPACED_NAMESPACE = re.compile(r'(\sxmlns(?::[^\s=<>"]+)?=")([^"<]*\s[^"<]*)"')
"""White space, of any script, in the name of a namespace, where no name has any; feedparser fails at it."""
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'


def read_syndication(markup: Markup, url: str, now: datetime) -> FeedDocument:
    """The feed in `markup`. Raises whatever feedparser raises on documents that it cannot cope with."""
    parsed = _parse(markup, url)
    feed = _Fields(dict.get(parsed, "feed"))
    version = str(dict.get(parsed, "version") or "")
    kind = _KINDS.get(version, version)
    language = language_of(feed.text("language"))
    feed_authors = feed.names("authors", "name") if kind.startswith("atom") else ()
    entries = [
        finish(_draft(_Fields(raw), kind, language or "", feed_authors), url, now)
        for raw in dict.get(parsed, "entries") or ()
    ]
    flags = set(markup.flags)
    if len(entries) > MAX_ENTRIES:
        entries = newest_first(entries)[:MAX_ENTRIES]
        flags.add("entries_cut")
    kept = distinct(entries)
    if len(kept) < len(entries):
        flags.add("duplicate_entries")
    links = feed.items("links")
    complete, archive = read_history(markup.tree)
    return FeedDocument(
        kind=kind,
        title=plain(feed.prose("title"), 300),
        link=absolute(feed.text("link"), url),
        language=language,
        entries=kept,
        hints=read_hints(markup.tree),
        hub=_rel(links, "hub", url),
        self_url=_rel(links, "self", url),
        next_url=_rel(links, "next", url),
        prev_archive=_rel(links, "prev-archive", url),
        complete=complete,
        archive=archive,
        flags=tuple(sorted(flags)),
    )


def _parse(markup: Markup, url: str) -> Any:
    """feedparser's reading; of the head alone where the entries are ordinary.

    What is beyond repair is read twice, by feedparser's tolerant parser and by feedparser after libxml2's recovery, and
    the reading with more usable entries wins: either saves what the other loses.

    feedparser fails on some elements that we do not need (an empty `media:license`, `textInput` out of place); rather
    than to lose the feed, it is read once more without them, and with the names of namespaces mended.
    """
    ordinary = read_ordinary(markup)
    if ordinary is not None:
        head = _feedparser(etree.tostring(ordinary.head, encoding="utf-8"), markup.text, url)
        if dict.get(head, "version") in ("rss20", "atom10") and not dict.get(head, "bozo"):
            return {"version": dict.get(head, "version"), "feed": dict.get(head, "feed"), "entries": ordinary.entries}
    readings: list[Any] = []
    failure: Exception | None = None
    for body in (markup.text.encode(), None if markup.well_formed else _serialized(markup.tree)):
        try:
            if body is not None:
                readings.append(_feedparser(body, markup.text, url))
        except _LIBRARY_FAILURES as problem:
            failure = problem
    if not readings and markup.tree is not None:
        etree.strip_elements(markup.tree, *_unneeded(markup.tree), with_tail=False)
        bare = _SPACED_NAMESPACE.sub(_unspaced, etree.tostring(markup.tree, encoding="unicode"))
        readings.append(_feedparser(bare.encode(), markup.text, url))
    if not readings and failure is not None:
        raise failure
    return max(readings, key=_usable)  # the first of equals


def _unspaced(declaration: re.Match[str]) -> str:
    return f'{declaration[1]}{"".join(declaration[2].split())}"'


def _serialized(tree: etree._Element | None) -> bytes | None:
    return None if tree is None else etree.tostring(tree, encoding="utf-8")


def _unneeded(tree: etree._Element) -> list[str]:
    tags = {element.tag for element in tree.iter() if isinstance(element.tag, str)}
    foreign = {tag for tag in tags if tag.startswith("{") and tag[1:].split("}")[0] not in _NAMESPACES}
    return [tag for tag in tags if tag in foreign or tag.rsplit("}", 1)[-1].lower() in _UNNEEDED]


def _feedparser(body: bytes, text: str, url: str) -> Any:
    headers = {"content-type": "application/xml; charset=utf-8"}
    if "xml:base" in text:
        # only then: with a base, feedparser also resolves ids, which must stay as they are (RFC 4287 section 4.2.6)
        headers["content-location"] = url
    return feedparser.parse(
        io.BytesIO(body if body.startswith(b"<?xml") else _DECLARATION + body),
        response_headers=headers,
        sanitize_html=False,
        resolve_relative_uris=False,
    )


def _usable(parsed: Any) -> int:
    return sum(1 for raw in dict.get(parsed, "entries") or () if dict.get(raw, "link"))


class _Fields:
    """Typed access to one of feedparser's dictionaries, without its aliases (they warn, and guess)."""

    def __init__(self, raw: object) -> None:
        self._raw: dict[str, Any] = raw if isinstance(raw, dict) else {}

    def raw(self, name: str) -> Any:
        return dict.get(self._raw, name)

    def text(self, name: str) -> str:
        value = self.raw(name)
        return value if isinstance(value, str) else ""

    def items(self, name: str) -> tuple[_Fields, ...]:
        value = self.raw(name)
        return tuple(_Fields(item) for item in value) if isinstance(value, list) else ()

    def names(self, name: str, key: str) -> tuple[str, ...]:
        return tuple(item.text(key) for item in self.items(name))

    def prose(self, name: str) -> Prose:
        return _Fields(self.raw(f"{name}_detail")).as_prose() if self.raw(f"{name}_detail") else Prose(self.text(name))

    def as_prose(self) -> Prose:
        return Prose(self.text("value"), self.text("type").lower() in _HTML_TYPES)


def _draft(entry: _Fields, kind: str, language: str, feed_authors: tuple[str, ...]) -> Draft:
    is_atom = kind.startswith("atom")
    contents = entry.items("content")
    content = max((item.as_prose() for item in contents), key=lambda prose: len(prose.value), default=Prose())
    summary = entry.prose("summary")
    if not content.value and summary.is_html and len(summary.value) > CONTENT_FROM_CHARS:
        text = plain(summary, CONTENT_FROM_CHARS + 1)
        content = summary if text and len(text) > CONTENT_FROM_CHARS else content
    published, updated = entry.text("published"), entry.text("updated")
    flags: tuple[str, ...] = ()
    if not is_atom and updated and not published:
        # in RSS the only date is dc:date, which feedparser reads as an update
        published, updated = updated, ""
        flags = ("published_from_dc_date",)
    links = _links(entry, is_atom)
    if is_atom and not links and entry.text("id").strip().lower().startswith(("http://", "https://")):
        # an id is no link, but one that looks like it mostly works, and the entry has nothing else
        links, flags = (entry.text("id"),), (*flags, "link_from_id")
    details = [*contents, _Fields(entry.raw("summary_detail")), _Fields(entry.raw("title_detail"))]
    return Draft(
        id=entry.text("id"),
        links=links,
        base=next((detail.text("base") for detail in details if detail.text("base")), ""),
        title=entry.prose("title"),
        authors=_authors(entry) or feed_authors,
        published=published,
        updated=updated,
        summary=summary,
        content=content,
        language=entry.text("language") or next((d.text("language") for d in details if d.text("language")), language),
        tags=tuple(tag.text("label") or tag.text("term") for tag in entry.items("tags")),
        image=_image(entry),
        flags=flags,
    )


def _links(entry: _Fields, is_atom: bool) -> tuple[str, ...]:
    """The original link before a counting redirect, the alternate link, a guid that says it is one."""
    alternates = [link for link in entry.items("links") if link.text("rel") in ("alternate", "")]
    alternates.sort(key=lambda link: link.text("type") not in _HTML_TYPES)  # stable: HTML first
    found = [entry.text("feedburner_origlink"), *(link.text("href") for link in alternates)]
    guid = entry.text("id").strip()
    if not is_atom and entry.raw("guidislink") and guid.lower().startswith(("http://", "https://")):
        found.append(guid)
    return tuple(link for link in found if link.strip())


def _authors(entry: _Fields) -> tuple[str, ...]:
    """Names alone. RSS asks for `address (name)`; the address of a person is nothing to keep."""
    raw = entry.text("author").strip()
    names = tuple(name for name in entry.names("authors", "name") if name.strip())
    if len(names) < 2 and (named := _MAIL_AND_NAME.fullmatch(raw[:1000])):
        return (named[1] or named[2],)
    if _MAIL.fullmatch(raw[:1000]):
        return ()
    return names or ((raw,) if raw and "@" not in raw else ())


def _image(entry: _Fields) -> str:
    for name in ("media_thumbnail", "media_content", "links"):
        for item in entry.items(name):
            address = item.text("url") or item.text("href")
            if name == "links" and item.text("rel") != "enclosure":
                continue
            is_image = item.text("medium") == "image" or item.text("type").startswith("image/")
            if address and (is_image or name == "media_thumbnail"):
                return address
    return _Fields(entry.raw("image")).text("href")


def _rel(links: Sequence[_Fields], rel: str, url: str) -> str | None:
    return next((absolute(link.text("href"), url) for link in links if link.text("rel") == rel), None)
