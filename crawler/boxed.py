"""What runs inside the box: the only functions that parse fetched bytes. Module-level, so that workers can import them.

Each takes plain values and gives one immutable value; none touches the network, the corpus or Scrapy. What parses is
imported inside, by the workers alone: it would be half of what the crawling process loads, and it never parses.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.messages import Refresh
from storage import Article, Entry, Lesson, LinkShape, RawAnswer, Rejected, SiteMemory, SourceKind

if TYPE_CHECKING:
    from crawler.extract.explained import Explained
    from crawler.feeds import FeedDocument, NotAFeed
    from crawler.front_page import FrontPage


@dataclass(frozen=True, slots=True)
class CutOrder:
    """One page to cut."""

    body: bytes
    url: str
    content_type: str | None
    refresh: str | None
    """The Refresh header, which browsers obey like the meta element."""
    entry: Entry | None
    strip: tuple[str, ...]
    content: str | None
    languages: tuple[str, ...]
    now: datetime
    memory: SiteMemory | None = None
    """What the pages of the host repeat. None: what came is no page of the host, but a text that its feed carries."""


@dataclass(frozen=True, slots=True)
class CutResult:
    """What was made of a page."""

    result: Article | Rejected | Refresh
    lesson: Lesson | None = None
    """What an article's page teaches of its host."""
    note: str | None = None
    """What else is to be said of how the page ends."""


def warm() -> None:
    """Load what a worker needs before its first page."""
    from crawler.extract import extract

    extract(b"<html><body><article><p>Warm.</p></article></body></html>", "http://localhost/")


def warm_for_polls() -> None:
    """Load what a worker needs that will see no page: half the memory."""
    import crawler.feeds  # noqa: F401


def cut(order: CutOrder) -> CutResult:
    """The article of a page, the reason why there is none, or where the page says to go instead."""
    from crawler.extract import cut_page, lesson_of, refresh_target, without_headline
    from crawler.urls import normalize

    found = cut_page(
        order.body,
        order.url,
        content_type=order.content_type,
        entry=order.entry,
        strip=order.strip,
        content=order.content,
        memory=order.memory,
        now=order.now,
    )
    result = found.result
    if isinstance(result, Rejected):
        target = refresh_target(order.body, order.url, order.refresh)
        target = normalize(target) if target else None
        return CutResult(Refresh(target) if target else result)
    if order.languages and result.language and result.language not in order.languages:
        return CutResult(Rejected("unwanted_language", f"the text is in {result.language}"))
    lesson = None if order.memory is None or found.page is None else lesson_of(found.page)
    note = "`content` matches nothing on the page: it was cut as any other" if found.missed else None
    return CutResult(without_headline(result), lesson, note)


def explain(order: CutOrder) -> Explained | Refresh:
    """As `cut`, with what became of every block of the page and why."""
    from crawler.extract.explained import explain as explain_page

    result = cut(order).result
    if isinstance(result, Refresh):
        return result
    explained = explain_page(
        order.body,
        order.url,
        content_type=order.content_type,
        entry=order.entry,
        strip=order.strip,
        content=order.content,
        memory=order.memory,
        now=order.now,
    )
    return replace(explained, result=result)


@dataclass(frozen=True, slots=True)
class RawOrder:
    """One page to cut as it came over the wire; the body of the order is filled in from it."""

    raw: RawAnswer
    order: CutOrder


def cut_raw(order: RawOrder) -> CutResult:
    """As `cut`, for a page whose content codings are still to be undone."""
    from crawler.network.decoding import BadEncoding, Bomb, decode, encodings
    from crawler.settings import DOWNLOAD_MAXSIZE

    declared = [value for name, value in order.raw.headers if name.lower() == "content-encoding"]
    try:
        body = decode(order.raw.body, encodings(declared), DOWNLOAD_MAXSIZE)
    except (BadEncoding, Bomb) as error:
        return CutResult(Rejected("not_an_article", str(error)))
    return cut(replace(order.order, body=body))


def sitemaps_of(robots: tuple[bytes, ...]) -> tuple[str, ...]:
    """The sitemaps that these robots.txt files name, each once."""
    from crawler.discover import sitemaps_in

    return tuple(dict.fromkeys(candidate.url for body in robots for candidate in sitemaps_in(body)))


def read_feed(
    body: bytes, url: str, content_type: str | None, expect: SourceKind, now: datetime
) -> FeedDocument | NotAFeed:
    """What a feed, sitemap or front page holds."""
    from crawler.feeds import parse_document

    return parse_document(body, url, content_type, expect=expect, now=now)


def read_site(
    body: bytes,
    url: str,
    content_type: str | None,
    now: datetime,
    learned: tuple[LinkShape, ...] = (),
    robots: bytes | None = None,
) -> FeedDocument | NotAFeed | FrontPage:
    """What a site's front page leads to; a feed where one stands at its address."""
    from crawler.feeds import parse_document
    from crawler.front_page import read_front_page

    document = parse_document(body, url, content_type, expect="site", now=now)
    if getattr(document, "reason", None) != "html":
        return document
    return read_front_page(body, url, content_type, now, learned, robots) or document
