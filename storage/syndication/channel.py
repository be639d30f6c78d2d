"""What a feed holds, whatever its format."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urljoin

from storage.answers import StoredArticle
from storage.records import moment_of, text_record, time_record

_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff\ud800-\udfff]")
"""What XML 1.0 cannot hold (section 2.2), or should not."""

_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
"""As far as `xml:lang` may hold it (BCP 47)."""


@dataclass(frozen=True, slots=True)
class Item:
    """An article. `id` is its address, which stays the same over revisions, and on whatever server the feed is."""

    id: str
    link: str | None
    """The same where it leads to the web and to nothing else."""
    title: str
    html: str
    """Its whole text, clean."""
    summary: str | None
    authors: tuple[str, ...]
    published: datetime | None
    """None where nobody said so: who reads the feed must not take the day of our crawl for it."""
    updated: datetime
    """When its present text was fetched, so that readers show a revision."""
    tags: tuple[str, ...]
    language: str | None
    source: str
    """The name of the first source that named it; the site's where none is known."""
    source_url: str | None
    """Where the site is that printed it."""


@dataclass(frozen=True, slots=True)
class Channel:
    """A feed: what it is of, its own addresses, and its items."""

    id: str
    title: str
    home: str
    """The page that shows the same to people."""
    address: str
    items: tuple[Item, ...]
    next: str | None = None
    """The address of what was filed before (RFC 5005 section 3)."""

    @property
    def updated(self) -> datetime:
        """Of the item that changed last; the epoch where there is none."""
        return max((item.updated for item in self.items), default=datetime.fromtimestamp(0, UTC))


def item_of(article: StoredArticle, clean: Callable[[str], str], href: Callable[[str], str | None]) -> Item:
    """An article as it stands in a feed; `clean` makes its HTML safe, `href` gives an address that is."""
    link = href(article.url)
    return Item(
        id=said(article.url),
        link=link,
        title=one_line(article.title or "") or said(article.site),
        html=said(clean(article.html)),
        summary=one_line(article.description or "") or None,
        authors=tuple(filter(None, map(one_line, article.authors))),
        published=None if article.published is None else moment_of(article.published),
        updated=article.fetched,
        tags=tuple(dict.fromkeys(filter(None, map(one_line, article.tags)))),
        language=article.language if article.language and _LANGUAGE.fullmatch(article.language) else None,
        source=one_line(article.sources[0]) if article.sources else said(article.site),
        source_url=None if link is None else urljoin(link, "/"),
    )


def said(text: str) -> str:
    """The text without what XML and UTF-8 have no form for."""
    return _NO_XML.sub("", text_record(text) or "")


def one_line(text: str) -> str:
    """The same in one line."""
    return " ".join(said(text).split())


def stamp(moment: datetime) -> str:
    """A time in RFC 3339."""
    return str(time_record(moment))
