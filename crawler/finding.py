"""The feed behind an address that a person gave: the address itself, else what the page there declares, else the usual
places, else the site's sitemaps, else the site."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawler.box import Box, Limits, Overrun
from crawler.boxed import read_site
from crawler.discover import Candidate, candidates, feeds_behind, sitemaps_in
from crawler.feeds import FeedDocument, NotAFeed, parse_document
from crawler.front_page import FrontPage
from storage import SourceKind

if TYPE_CHECKING:
    from crawler.fetch_once import Failed, Fetched

MOST_TRIED = 6
"""Usual places that are asked for a feed, one request a second; after these a feed is unlikely."""

MOST_CHOICES = 20

FEWEST_ARTICLES = 3
"""Links that look like articles', from which on a page without feed is worth a subscription."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A source that could be subscribed."""

    kind: SourceKind
    url: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What stands behind `asked`: choices, the best first. `how` tells people where they come from."""

    asked: str
    choices: tuple[Choice, ...]
    how: str


@dataclass(frozen=True, slots=True)
class NothingFound:
    """The address could not be had, and why."""

    asked: str
    why: str


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds feeds. `get` fetches one address once; bytes are parsed in the box; `now` tells which dates lie ahead."""

    get: Callable[[str], Awaitable[Fetched | Failed]]
    box: Box
    now: datetime

    async def find(self, url: str) -> Found | NothingFound:
        """What can be subscribed at an address. A feed costs one request; so does a page that declares its feeds."""
        from crawler.fetch_once import Failed

        got = await self.get(url)
        if isinstance(got, Failed):
            return NothingFound(url, got.why)
        document = await self._read(got, "sitemap" if "sitemap" in url.lower() else "feed")
        if isinstance(document, FeedDocument):
            return Found(url, (_choice(got, document),), "is a feed" if _kind(document) == "feed" else "is a sitemap")
        if isinstance(document, Overrun) or document.reason != "html":
            return NothingFound(url, f"{got.url}: {document.detail}")
        declared = await self.box.run(feeds_behind, got.body, got.url, got.content_type)
        if not isinstance(declared, Overrun) and declared:
            return Found(url, _distinct(declared), "is a page that links to feeds")
        elsewhere = await self._elsewhere(url, got.url)
        if isinstance(elsewhere, Found):
            return elsewhere
        return await self._page_itself(url, got) or elsewhere

    async def _page_itself(self, asked: str, got: Fetched) -> Found | None:
        """The page as a source of its own, where links on it look like articles'."""
        page = await self.box.run(read_site, got.body, got.url, got.content_type, self.now)
        if not isinstance(page, FrontPage) or len(page.of("article")) < FEWEST_ARTICLES:
            return None
        articles, sections = len(page.of("article")), len(page.of("section"))
        how = f"has neither feed nor sitemap, but links to {articles} pages that look like articles"
        if sections:
            how += f" and {sections} section{'' if sections == 1 else 's'}"
        return Found(asked, (Choice("site", got.url if got.moved else got.asked, page.title),), how)

    async def _elsewhere(self, asked: str, url: str) -> Found | NothingFound:
        for candidate in candidates(url)[:MOST_TRIED]:
            if found := await self._try(candidate):
                return Found(asked, (found,), "declares no feed, but there is one at a usual place")
        root = urlunsplit((*urlsplit(url)[:2], "/", "", ""))
        if sitemaps := await self._sitemaps(root):
            return Found(asked, sitemaps, "has no feed, but its robots.txt names sitemaps")
        for candidate in candidates(url)[MOST_TRIED:]:
            if candidate.kind == "sitemap" and (found := await self._try(candidate)):
                return Found(asked, (found,), "has no feed, but there is a sitemap at a usual place")
        return NothingFound(asked, "it declares no feed, and there is neither feed nor sitemap at the usual places")

    async def _try(self, candidate: Candidate) -> Choice | None:
        from crawler.fetch_once import Failed

        got = await self.get(candidate.url)
        if isinstance(got, Failed):
            return None
        document = await self._read(got, candidate.kind)
        return _choice(got, document) if isinstance(document, FeedDocument) else None

    async def _sitemaps(self, root: str) -> tuple[Choice, ...]:
        from crawler.fetch_once import Failed

        got = await self.get(f"{root}robots.txt")
        if isinstance(got, Failed):
            return ()
        named = await self.box.run(sitemaps_in, got.body)
        if isinstance(named, Overrun):
            return ()
        # A news sitemap lists what is new; a site's full one can have millions of addresses.
        ordered = sorted(named, key=lambda candidate: "news" not in candidate.url.lower())
        return _distinct(tuple(ordered))

    async def _read(self, got: Fetched, expect: SourceKind) -> FeedDocument | NotAFeed | Overrun:
        return await self.box.run(parse_document, got.body, got.url, got.content_type, expect=expect, now=self.now)


async def find_all(
    get: Callable[[str], Awaitable[Fetched | Failed]], wanted: Sequence[str]
) -> list[Found | NothingFound]:
    """What stands behind each of some addresses, in their order."""
    async with Box(Limits(workers=1)) as box:
        finder = Finder(get, box, datetime.now(UTC))
        return list(await asyncio.gather(*map(finder.find, wanted)))


def _choice(got: Fetched, document: FeedDocument) -> Choice:
    return Choice(_kind(document), got.url if got.moved else got.asked, document.title)


def _kind(document: FeedDocument) -> SourceKind:
    return "sitemap" if "sitemap" in document.kind else "feed"


def _distinct(found: tuple[Candidate, ...]) -> tuple[Choice, ...]:
    return tuple(Choice(candidate.kind, candidate.url, candidate.title) for candidate in found[:MOST_CHOICES])
