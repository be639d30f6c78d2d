"""What one poll of a feed means: the record that is kept of it, the pages it names, when the next one is due.

304, or the bytes of last time       -> nothing new, validators and freshness of this answer
a feed or sitemap                    -> entries; of each the page it names, unless the source's rules refuse it
a sitemap                            -> of its entries what is new (crawler.sitemap_bounds)
a sitemap index                      -> the sitemaps it names, polled in their turn
a site's front page                  -> the feeds it leads to, in their turn, else its articles (crawler.site_plan)
a usual place without a feed         -> rests, and the next usual place is asked
anything else, or no answer          -> failed, with the reason; what was stored stays
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from crawler import freshness, revalidation, schedule, site_plan, urls
from crawler.box import Overrun
from crawler.config import SourceConfig
from crawler.discoveries import discoveries_of, oldest_of
from crawler.feeds import FeedDocument, NotAFeed, body_hash
from crawler.feeds.document import Hints
from crawler.front_page import FrontPage
from crawler.learned import Learned
from crawler.messages import Answer, Missed, PolledFeed
from crawler.sitemap_bounds import nested_to_poll, take
from storage import (
    Discovery,
    DueFeed,
    Ending,
    Entry,
    FoundFeed,
    LinkMemory,
    Move,
    Outcome,
    Poll,
    PollStatus,
    Validators,
)

__all__ = ["Asked", "body_hash", "poll_of"]


OFFLINE = Outcome(
    Ending.FAILED, "offline", "no server that was well could be reached: our own network, it seems; no feed is blamed"
)
"""What a poll ends with that could not be made because nothing could be reached (P28)."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a poll may ask the corpus, of the feed that was polled and of its source."""

    known: Callable[[Sequence[str]], int] = lambda _: 0
    """How many of the pages with these keys polls of the feed have named before."""
    known_entries: Callable[[Sequence[str]], int] = lambda _: 0
    """How many of the entries with these keys are stored for it."""
    left: Callable[[Sequence[str]], frozenset[str]] = lambda _: frozenset()
    """Which of these keys an earlier poll left to a backfill."""
    memory: Callable[[], LinkMemory] = LinkMemory


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a poll brought, before the next one is scheduled."""

    status: PollStatus
    reason: str | None = None
    detail: str | None = None
    document: FeedDocument | None = None
    found_feeds: tuple[FoundFeed, ...] = ()
    left: tuple[str, ...] = ()
    left_out: int | None = None
    settled: bool = True
    """False: the same bytes may mean something else at the next poll."""
    rests: bool = False


def poll_of(
    feed: DueFeed,
    item: PolledFeed | Missed,
    source: SourceConfig,
    since: date | None,
    now: datetime,
    asked: Asked,
) -> Poll:
    """The record of a poll, ready to be committed. `since` refuses older entries for this crawl, like the source's."""
    if isinstance(item, Missed):
        poll = _missed(feed, item, source, now)
    else:
        poll = _answered(feed, item, source, since, now, asked)
    return _for_site(feed, poll, source, asked, now)


def _answered(
    feed: DueFeed, item: PolledFeed, source: SourceConfig, since: date | None, now: datetime, asked: Asked
) -> Poll:
    reading = _read(feed, item, source, since, now, asked)
    answer, document = item.answer, reading.document
    news = _news(feed, item, document, tuple(discoveries_of(document, source, since)) if document else (), asked)
    validators, lied = news.validators, news.lied
    result = schedule.PollResult(
        status=reading.status,
        new_entries=news.new_pages,
        rolled_over=news.gap,
        has_validators=validators != Validators() and not lied and not revalidation.distrusted(feed, now),
        fresh_for_s=_fresh_for_s(answer, now),
        hints=document.hints if document else Hints(),
        listed=len(news.discoveries),
        published=_published(document),
    )
    poll = replace(
        _scheduled(feed, source, result, now),
        http_status=answer.status,
        reason=reading.reason,
        detail=reading.detail,
        size_bytes=len(answer.body),
        discoveries=news.discoveries,
        found_feeds=reading.found_feeds,
        flags=(*(document.flags if document else ()), *(("gap",) * news.gap), *(("lying_validators",) * lied)),
        gap=news.gap,
        lied=lied,
        left=reading.left,
        left_out=reading.left_out,
    )
    if document is not None:
        poll = replace(poll, title=document.title, document_kind=document.kind)
    if reading.rests:
        poll = replace(poll, next_poll=now + site_plan.SECTION_REST, why="the site has a feed: its sections rest")
    return poll if reading.status == "failed" else _believed(feed, item, poll, validators, reading.settled, now)


def _believed(
    feed: DueFeed, item: PolledFeed, poll: Poll, validators: Validators, settled: bool, now: datetime
) -> Poll:
    """The poll with what a good answer says of the next request: validators, the bytes it had, another address."""
    watched = schedule.Redirection(feed.moved_to, feed.moved_since, feed.moved_count)
    watched, moves = schedule.redirected(watched, _target(feed, item.answer), now)
    return replace(
        poll,
        validators=validators if settled and validators != Validators() else None,
        validators_url=item.answer.url,
        body_hash=item.body_hash if settled else feed.body_hash,
        moved_to=watched.to,
        moved_since=watched.since,
        moved_count=watched.count,
        move=Move(watched.to, urls.host(watched.to)) if moves and watched.to else None,
    )


def _scheduled(feed: DueFeed, source: SourceConfig, result: schedule.PollResult, now: datetime) -> Poll:
    """A poll that only says when the next one is due, and leaves what is known of the feed as it is."""
    decision = schedule.next_poll(
        schedule.PollState(feed.interval_s, feed.failures, Learned.from_text(feed.learned)),
        result,
        _policy(feed, source),
        now,
        schedule.jitter_of(feed.url),
    )
    return Poll(
        feed_id=feed.id,
        at=now,
        status=result.status,
        next_poll=decision.next_poll,
        interval_s=decision.interval_s,
        failures=decision.failures,
        why=decision.why,
        learned=decision.learned.to_text(),
        news_expected=decision.news_expected,
        validators=feed.validators,
        validators_url=feed.validators_url,
        body_hash=feed.body_hash,
        moved_to=feed.moved_to,
        moved_since=feed.moved_since,
        moved_count=feed.moved_count,
    )


@dataclass(frozen=True, slots=True)
class _News:
    """What an answer holds that the corpus does not know."""

    validators: Validators
    discoveries: tuple[Discovery, ...]
    new_pages: int
    gap: bool
    lied: bool


LISTS_ALL = frozenset({"sitemap", "sitemap-text", "front-page"})
"""Documents of which a poll takes what is fresh: entries that were in none before say nothing of a gap."""


def _news(
    feed: DueFeed, item: PolledFeed, document: FeedDocument | None, discoveries: tuple[Discovery, ...], asked: Asked
) -> _News:
    validators = _validators(item.answer)
    if item.answer.status == 304:
        kept = feed.validators or Validators()
        validators = Validators(validators.etag or kept.etag, validators.last_modified or kept.last_modified)
    if document is None:
        return _News(validators, discoveries, 0, gap=False, lied=False)
    keys = sorted({found.key for found in discoveries})
    known = asked.known(keys) if keys else 0
    rolled_over = bool(keys) and known == 0 and feed.last_news is not None
    lied = not item.conditional and revalidation.is_lie(feed, validators, document.entries)
    return _News(
        validators, discoveries, len(keys) - known, gap=rolled_over and document.kind not in LISTS_ALL, lied=lied
    )


def _missed(feed: DueFeed, missed: Missed, source: SourceConfig, now: datetime) -> Poll:
    outcome = missed.outcome
    gone = missed.http_status == 410
    result = schedule.PollResult(
        status="gone" if gone else "failed",
        retry_after_s=missed.retry_after_s,
        has_validators=feed.validators is not None,
        offline=outcome.reason == OFFLINE.reason,
        paused=outcome.reason == "paused",
    )
    return replace(
        _scheduled(feed, source, result, now),
        http_status=missed.http_status,
        reason=outcome.reason or str(outcome.ending),
        detail=outcome.detail,
    )


def _read(
    feed: DueFeed, polled: PolledFeed, source: SourceConfig, since: date | None, now: datetime, asked: Asked
) -> _Reading:
    document = polled.document
    if document is None:
        return _Reading("not_modified" if polled.answer.status == 304 else "same_bytes")
    if isinstance(document, Overrun):
        return _Reading("failed", document.reason, document.detail)
    if isinstance(document, FrontPage):
        return _front_page(feed, document, source, asked)
    if not isinstance(document, FeedDocument):
        return _Reading("failed", document.reason, _with_suggestions(document))
    oldest = oldest_of(source, since)
    if document.kind == "sitemap-index":
        return _Reading("new", document=document, found_feeds=_nested(feed, document, oldest, now))
    if document.kind in ("sitemap", "news-sitemap", "sitemap-text"):
        taken = take(document.entries, asked.left, now, is_first=feed.body_hash is None, since=oldest)
        left_out = len(taken.out) - (asked.known_entries(taken.out) if taken.out else 0)
        document = replace(document, entries=taken.entries)
        return _Reading("new", document=document, left=taken.left, left_out=left_out)
    return _Reading("new", document=document)


def _nested(feed: DueFeed, index: FeedDocument, oldest: date | None, now: datetime) -> tuple[FoundFeed, ...]:
    """The sitemaps of an index, of an index in an index too, and not of one in that: sitemaps.org allows one level."""
    if feed.via == "index2":
        return ()
    via = "index2" if feed.via == "index" else "index"
    nested = nested_to_poll(index.nested, now, oldest)
    return tuple(FoundFeed(one.url, urls.host(one.url), "sitemap", via) for one in nested if urls.host(one.url))


def _front_page(feed: DueFeed, page: FrontPage, source: SourceConfig, asked: Asked) -> _Reading:
    plan = site_plan.plan_of(page, feed, source.source.url, asked.memory())
    if not plan.settled and not plan.found and not plan.articles and not _brought(asked):
        return _Reading("failed", "no_feed", "no feed, no sitemap, and no link that looks like an article's")
    entries = tuple(Entry(urls.identity(link.url), link.url, title=link.text) for link in plan.articles)
    document = FeedDocument("front-page", title=page.title, entries=entries)
    return _Reading("new", document=document, found_feeds=plan.found, settled=plan.settled, rests=plan.rests)


def _brought(asked: Asked) -> bool:
    """Whether anything of the site is polled that works, or brought something before."""
    feeds = asked.memory().feeds
    return site_plan.is_served(feeds) or any(one.entries for one in feeds)


def _for_site(feed: DueFeed, poll: Poll, source: SourceConfig, asked: Asked, now: datetime) -> Poll:
    """What the poll of a feed that was found means for the site it belongs to."""
    failed = poll.status in ("failed", "gone")
    if feed.via == "path" and failed and site_plan.holds_no_feed(poll.reason):
        memory = asked.memory()
        following = site_plan.next_guess(feed.url, source.source.url)
        known = next((one for one in memory.feeds if one.url == feed.url), None)
        if known is None or not known.entries:
            return replace(
                poll,
                status="failed",  # also where the server says that the place is gone: nothing was there before
                why="there is no feed at this usual place",
                next_poll=now + site_plan.REST + timedelta(days=30 * schedule.jitter_of(feed.url)),
                failures=0,
                found_feeds=following,
                guess_missed=True,
                wakes_site=not following and not any(one.entries for one in memory.feeds),
            )
    if source.source.kind != "site" or feed.via not in ("link", "robots", "index", "index2", "path"):
        return poll
    return replace(poll, wakes_site=site_plan.leaves_site_alone(feed, poll, asked.memory()))


def _with_suggestions(document: NotAFeed) -> str:
    if not document.feeds:
        return document.detail
    more = f" and {len(document.feeds) - 3} more" if len(document.feeds) > 3 else ""
    return f"{document.detail}; it links to {', '.join(feed.url for feed in document.feeds[:3])}{more}"


def _published(document: FeedDocument | None) -> tuple[datetime, ...]:
    """The newest times at which a document's entries were published; a day without a time tells no rhythm."""
    entries = document.entries if document else ()
    moments = (entry.published for entry in entries if isinstance(entry.published, datetime))
    return tuple(heapq.nlargest(schedule.PUBLISHED, moments))


def _policy(feed: DueFeed, source: SourceConfig) -> schedule.Policy:
    factor = site_plan.SECTION_FACTOR if feed.via == "section" else 1
    return schedule.Policy(
        source.every_s * factor, source.min_every_s * factor, max(source.max_every_s, source.every_s * factor)
    )


def _validators(answer: Answer) -> Validators:
    return Validators(answer.headers.get("etag"), answer.headers.get("last-modified"))


def _fresh_for_s(answer: Answer, now: datetime) -> float | None:
    headers = answer.headers
    return freshness.fresh_for(
        headers.get("cache-control"), headers.get("expires"), headers.get("date"), headers.get("age"), now
    )


def _target(feed: DueFeed, answer: Answer) -> str | None:
    """Where the answer says that the feed moved, as a subscription would spell it; None for a way round to itself."""
    target = schedule.permanent_target(_hops(answer))
    address = urls.normalize(target) if target else None
    return address if address != feed.url else None


def _hops(answer: Answer) -> list[tuple[int, str]]:
    """Status and target of each redirect."""
    if not answer.redirects:
        return []
    statuses, sources = zip(*answer.redirects, strict=True)
    return list(zip(statuses, (*sources[1:], answer.url), strict=True))
