"""Small things that the contract tests file, and the steps that get a page as far as a test needs it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from storage import (
    Address,
    Article,
    Corpus,
    Discovery,
    DueFeed,
    DuePage,
    Ending,
    Entry,
    FoundFeed,
    Outcome,
    Placement,
    Poll,
    Polled,
    Source,
    Visit,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LEASE_S = 600.0
STORED = Outcome(Ending.STORED)


def source(name: str = "Harbour", url: str | None = None, **more: Any) -> Source:
    """A feed of that name."""
    return Source(name, more.pop("kind", "feed"), url or f"https://{name.lower()}.example/feed", **more)


def subscribe(corpus: Corpus, *sources: Source, now: datetime = NOW) -> None:
    """Subscribe to sources whose hosts are those of their addresses."""
    corpus.subscribe([(each, each.url.split("/")[2]) for each in sources or (source(),)], now)


def discovery(name: str, host: str = "harbour.example", **more: Any) -> Discovery:
    """An entry that names https://HOST/NAME."""
    url = f"https://{host}/{name}"
    outcome = more.pop("outcome", None)
    page_key = more.pop("page_key", f"{host}/{name}")
    entry_key = more.pop("entry_key", url)
    return Discovery(
        Entry(entry_key, url, title=more.pop("title", f"About {name}"), **more), url, page_key, host, outcome
    )


def poll(corpus: Corpus, feed: DueFeed, *found: Discovery, at: datetime = NOW, **more: Any) -> Polled:
    """File one poll that found these."""
    with corpus.filing() as filing:
        return filing.add_poll(poll_of(feed.id, *found, at=at, **more))


def poll_of(feed_id: int, *found: Discovery, at: datetime = NOW, **more: Any) -> Poll:
    """One poll that found these and comes again in an hour."""
    feeds: tuple[FoundFeed, ...] = more.pop("found_feeds", ())
    status = more.pop("status", "new")
    next_poll = more.pop("next_poll", at + HOUR)
    return Poll(feed_id, at, status, next_poll, 3600.0, discoveries=found, found_feeds=feeds, **more)


def lease_feed(corpus: Corpus, now: datetime = NOW, **more: Any) -> DueFeed:
    """The one feed that is due."""
    (feed,) = corpus.lease_feeds(now, 10, LEASE_S, **more)
    return feed


def discovered(corpus: Corpus, *found: Discovery, at: datetime = NOW) -> DueFeed:
    """A corpus with one source whose first poll found these."""
    subscribe(corpus)
    feed = lease_feed(corpus, at)
    poll(corpus, feed, *found, at=at)
    return feed


def lease_pages(corpus: Corpus, now: datetime = NOW, **more: Any) -> list[DuePage]:
    """Every due page, one host's after the other."""
    pages: list[DuePage] = []
    while batch := corpus.lease_pages(now, 100, LEASE_S, **more):
        pages += batch
    return pages


def article(text: str = "The ferry was late again.", **more: Any) -> Article:
    """An article with this text."""
    more.setdefault("title", "Ferry late")
    return Article(
        text=text,
        html=f"<p>{text}</p>",
        word_count=len(text.split()),
        content_hash=hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        **more,
    )


def file_article(
    corpus: Corpus,
    page: DuePage,
    cut: Article | None = None,
    addresses: Sequence[Address] = (),
    at: datetime = NOW,
    *,
    story_id: int | None = None,
) -> int:
    """File an article and end its page, as a crawl does; it joins that story."""
    with corpus.filing() as filing:
        article_id = filing.add_article(page.id, cut or article(), addresses, at, Placement(story_id))
        filing.end_page(Visit(page.id, at, STORED, page.url, 200, 1000), article_id)
    return article_id


def end(corpus: Corpus, page: DuePage, outcome: Outcome, at: datetime = NOW, **more: Any) -> None:
    """End a page without an article."""
    with corpus.filing() as filing:
        filing.end_page(Visit(page.id, at, outcome, **more))


LONG_TEXT = " ".join(f"word{number}" for number in range(60))
A_DAY = date(2026, 2, 28)
