"""Try one page now: have it, cut it as a crawl would, explain it, and say what other selectors would change.

What feeds.yaml and the corpus know of the page comes along: the selectors and languages of its source, the feed's
entry that named it, what its host repeats. Nothing is filed.
"""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from crawler import boxed, urls
from crawler.box import Box, Limits, Overrun
from crawler.config import Config, SourceConfig
from crawler.errors import CrawlerError
from crawler.messages import Refresh
from storage import Article, Corpus, Entry, Rejected, SiteMemory

if TYPE_CHECKING:
    from crawler.extract.explained import Explained
    from crawler.fetch_once import Failed, Fetched

REFRESHES = 3
"""As in a crawl."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page's bytes, and the address that they came from; "" where nobody knows."""

    url: str
    body: bytes
    content_type: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a page before it is cut."""

    source: SourceConfig | None = None
    entry: Entry | None = None
    memory: SiteMemory | None = None


@dataclass(frozen=True, slots=True)
class Selectors:
    """`content` and `strip`, as in feeds.yaml."""

    content: str | None = None
    strip: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A paragraph that the tried selectors took away or brought."""

    gained: bool
    text: str


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of it."""

    page: Page
    known: Known
    selectors: Selectors
    """Those in force: the source's own, with the tried ones."""
    explained: Explained
    before: Article | Rejected | None = None
    """What the source's own selectors give; None where no others were tried."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """Paragraph by paragraph, in reading order."""
        return () if self.before is None else _changes(_paragraphs(self.before), _paragraphs(self.explained.result))


def known_of(
    config: Config,
    url: str,
    name: str | None,
    corpus: Corpus | None,
    recall: Callable[[Corpus, str], SiteMemory | None],
) -> Known:
    """What feeds.yaml and the corpus know of the page at an address. `name` says whose page it is; else the source
    that named it, else the first of the same host, else of the same site.

    Raises `CrawlerError` where no source has that name.
    """
    explanation = corpus.explain(urls.identity(url)) if corpus is not None and url else None
    named = explanation.sightings[-1] if explanation is not None and explanation.sightings else None
    entry = None
    if named is not None:
        entry = Entry(key=named.url, url=named.url, title=named.title, published=named.published)
    memory = recall(corpus, urls.host(url)) if corpus is not None and url else None
    return Known(_source_of(config, url, name, named.source if named else None), entry, memory)


def _source_of(config: Config, url: str, name: str | None, sighted: str | None) -> SourceConfig | None:
    if name is not None:
        for one in config.sources:
            if one.source.name.casefold() == " ".join(name.split()).casefold():
                return one
        near = difflib.get_close_matches(name, [one.source.name for one in config.sources], n=3, cutoff=0.5)
        raise CrawlerError(
            f"{config.path}: no source is called {name!r}" + (f"; did you mean {', '.join(near)}?" if near else "")
        )
    if not url:
        return None
    for fits in (
        lambda one: one.source.name == sighted,
        lambda one: urls.host(one.source.url) == urls.host(url),
        lambda one: urls.same_site(one.source.url, url),
    ):
        if found := next(filter(fits, config.sources), None):
            return found
    return None


def try_bytes(page: Page, known: Known, selectors: Selectors) -> Tried:
    """Try a page that is at hand. Raises `CrawlerError` where there is nothing to explain."""
    return asyncio.run(_in_box(page, known, selectors))


def try_address(url: str, config: Config, known: Known, selectors: Selectors) -> Tried:
    """Fetch a page, politely, and try it. Once a process. Raises `CrawlerError` where it cannot be had."""
    from crawler import fetch_once

    source = known.source

    async def work(get: Callable[[str], Awaitable[Fetched | Failed]]) -> Tried:
        asked = url
        for _ in range(REFRESHES + 1):
            got = await get(asked)
            if isinstance(got, fetch_once.Failed):
                raise CrawlerError(got.why if got.why.startswith(asked) else f"{asked}: {got.why}")
            try:
                return await _in_box(Page(got.url, got.body, got.content_type), known, selectors)
            except _Elsewhere as elsewhere:
                asked = elsewhere.url
        raise CrawlerError(f"{url}: one page sends on to the next, {REFRESHES} times; try {asked}")

    return fetch_once.run(
        work,
        config.allow,
        config.contact,
        delay_s=source.delay_s if source and source.delay_s is not None else config.delay_s,
        proxy=source.proxy if source else config.proxy,
        source=source,
    )


class _Elsewhere(CrawlerError):
    def __init__(self, asked: str, url: str) -> None:
        super().__init__(f"{asked or 'the page'} only sends its readers on to {url}; try that address")
        self.url = url


async def _in_box(page: Page, known: Known, tried: Selectors) -> Tried:
    own = Selectors(known.source.content, known.source.strip) if known.source else Selectors()
    whole = Selectors(tried.content or own.content, (*own.strip, *(s for s in tried.strip if s not in own.strip)))
    order = boxed.CutOrder(
        body=page.body,
        url=page.url,
        content_type=page.content_type,
        refresh=None,
        entry=known.entry,
        strip=whole.strip,
        content=whole.content,
        languages=known.source.languages if known.source else (),
        now=datetime.now(UTC),
        memory=known.memory,
    )
    async with Box(Limits(workers=1)) as box:
        explained = await box.run(boxed.explain, order)
        before = None
        if whole != own:
            before = await box.run(boxed.explain, replace(order, strip=own.strip, content=own.content))
    for answer in (explained, before):
        if isinstance(answer, Overrun):
            raise CrawlerError(f"{page.url or 'the page'}: could not be read: {answer.reason} ({answer.detail})")
        if isinstance(answer, Refresh):
            raise _Elsewhere(page.url, answer.url)
    assert not isinstance(explained, Overrun | Refresh)
    assert not isinstance(before, Overrun | Refresh)
    return Tried(page, known, whole, explained, before.result if before else None)


def _paragraphs(result: Article | Rejected) -> list[str]:
    return result.text.split("\n\n") if isinstance(result, Article) else []


def _changes(before: Sequence[str], after: Sequence[str]) -> tuple[Change, ...]:
    changes = []
    for kind, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind != "equal":
            changes += [Change(False, text) for text in before[a:b]]
            changes += [Change(True, text) for text in after[c:d]]
    return tuple(changes)
