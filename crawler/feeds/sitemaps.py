"""Sitemaps, sitemap indexes and Google News sitemaps (sitemaps.org protocol 0.9), made into drafts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from crawler.feeds.dates import read_date
from crawler.feeds.document import FeedDocument, NestedSitemap
from crawler.feeds.drafts import Draft, Prose, absolute, distinct, finish, newest_first, sort_moment
from crawler.feeds.markup import Markup

MAX_ENTRIES = 20_000
"""The protocol allows 50,000 addresses a file; of a longer list the newest are kept, and the flag `entries_cut` says
so."""

MAX_NESTED = 50_000
"""What the protocol allows in an index."""


def read_sitemap(markup: Markup, url: str, now: datetime) -> FeedDocument:
    """The addresses of a `urlset`; a `news-sitemap` where any of them carries news fields."""
    drafts = [] if markup.tree is None else [_draft(element) for element in _named(markup.tree, "url")]
    is_news = markup.tree is not None and next(_descendants(markup.tree, "news"), None) is not None
    return _document("news-sitemap" if is_news else "sitemap", drafts, url, now, set(markup.flags))


def read_sitemap_index(markup: Markup, url: str, now: datetime) -> FeedDocument:
    """The sitemaps that an index names, newest first, those without a date last."""
    nested: dict[str, NestedSitemap] = {}
    for element in () if markup.tree is None else _named(markup.tree, "sitemap"):
        address = absolute(_text(element, "loc"), url)
        if address:
            modified = read_date(_text(element, "lastmod"), now).value
            nested.setdefault(address, NestedSitemap(address, modified))
    ordered = sorted(nested.values(), key=lambda one: sort_moment(one.modified), reverse=True)
    flags = {*markup.flags, *(("entries_cut",) if len(ordered) > MAX_NESTED else ())}
    return FeedDocument(kind="sitemap-index", nested=tuple(ordered[:MAX_NESTED]), flags=tuple(sorted(flags)))


def read_text_sitemap(text: str, url: str, now: datetime, flags: frozenset[str]) -> FeedDocument | None:
    """A sitemap of one address a line, or None where the first line is none or most lines are not."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    addresses = [line for line in lines if line.startswith(("http://", "https://")) and " " not in line]
    if not addresses or lines[0] != addresses[0] or len(addresses) * 2 < len(lines):
        return None
    return _document("sitemap-text", [Draft(links=(address,)) for address in addresses], url, now, set(flags))


def _document(kind: str, drafts: list[Draft], url: str, now: datetime, flags: set[str]) -> FeedDocument:
    entries = [finish(draft, url, now) for draft in drafts]
    if len(entries) > MAX_ENTRIES:
        entries = newest_first(entries)[:MAX_ENTRIES]
        flags.add("entries_cut")
    kept = distinct(entries)
    if len(kept) < len(entries):
        flags.add("duplicate_entries")
    return FeedDocument(kind=kind, entries=kept, flags=tuple(sorted(flags)))


def _draft(element: etree._Element) -> Draft:
    news = next(_named(element, "news"), None)
    image = next(_named(element, "image"), None)
    location = _text(element, "loc")
    if news is None:
        return Draft(
            links=(location,) if location else (), updated=_text(element, "lastmod"), image=_text(image, "loc")
        )
    publication = next(_named(news, "publication"), None)
    keywords = [part for name in ("keywords", "genres") for part in _text(news, name).split(",")]
    return Draft(
        links=(location,) if location else (),
        title=Prose(_text(news, "title")),
        published=_text(news, "publication_date"),
        updated=_text(element, "lastmod"),
        language=_text(publication, "language") or _text(news, "language"),
        tags=tuple(keywords),
        image=_text(image, "loc"),
    )


def _local(element: etree._Element) -> str:
    tag = element.tag
    return tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower() if isinstance(tag, str) else ""


def _named(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (element for element in parent if _local(element) == name)


def _descendants(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (element for element in parent.iter(f"{{*}}{name}", f"*:{name}") if _local(element) == name)


def _text(parent: etree._Element | None, name: str) -> str:
    element = None if parent is None else next(_named(parent, name), None)
    return "" if element is None else " ".join("".join(str(part) for part in element.itertext()).split())
