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

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import re2

from crawler import schedule, site_plan, urls
from crawler.box import Overrun
from crawler.config import SourceConfig
from crawler.feeds import FeedDocument, NotAFeed, body_hash
from crawler.feeds.document import Hints
from crawler.front_page import FrontPage
from crawler.messages import Answer, Missed, PolledFeed
from crawler.sitemap_bounds import moment_of, nested_to_poll, take
from crawler.urls.shapes import shape
from storage import (
    Discovery,
    DueFeed,
    Ending,
    Entry,
    FoundFeed,
    Outcome,
    Poll,
    PollStatus,
    SiteMemory,
    Validators,
)

__all__ = ["Asked", "Known", "body_hash", "poll_of"]

Known = Callable[[Sequence[str]], int]
"""How many entries with these keys are stored for the feed already."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a poll may ask the corpus, of the feed that was polled and of its source."""

    known: Known = lambda _: 0
    left: Callable[[Sequence[str]], frozenset[str]] = lambda _: frozenset()
    """Which of these keys an earlier poll left to a backfill."""
    memory: Callable[[], SiteMemory] = SiteMemory


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
    known: Known,
    asked: Asked | None = None,
) -> Poll:
    """The record of a poll, ready to be committed. `since` refuses older entries for this crawl, like the source's."""
    asked = asked or Asked(known)
    if isinstance(item, Missed):
        poll = _missed(feed, item, source, now)
    else:
        poll = _answered(feed, item, source, since, now, asked)
    return _for_site(feed, poll, source, asked, now)


def _answered(
    feed: DueFeed, item: PolledFeed, source: SourceConfig, since: date | None, now: datetime, asked: Asked
) -> Poll:
    known = asked.known
    reading = _read(feed, item, source, since, now, asked)
    answer, document = item.answer, reading.document
    validators = _validators(answer)
    if answer.status == 304:
        kept = feed.validators or Validators()
        validators = Validators(validators.etag or kept.etag, validators.last_modified or kept.last_modified)
    keys = [entry.key for entry in document.entries] if document else []
    known_count = known(keys) if keys else 0
    gap = bool(keys) and known_count == 0 and feed.body_hash is not None
    result = schedule.PollResult(
        status=reading.status,
        new_entries=len(set(keys)) - known_count,
        rolled_over=gap,
        has_validators=validators != Validators(),
        fresh_for_s=_fresh_for_s(answer, now),
        hints=document.hints if document else Hints(),
    )
    decision = _decide(feed, source, result, now)
    move, _ = schedule.moved(
        schedule.Move(feed.moved_to, feed.moved_since, feed.moved_count), schedule.permanent_target(_hops(answer)), now
    )
    ok = reading.status != "failed"
    keep = ok and reading.settled
    return Poll(
        feed_id=feed.id,
        at=now,
        status=reading.status,
        next_poll=now + site_plan.SECTION_REST if reading.rests else decision.next_poll,
        interval_s=decision.interval_s,
        failures=decision.failures,
        http_status=answer.status,
        reason=reading.reason,
        detail=reading.detail,
        validators=validators if keep and validators != Validators() else None,
        validators_url=answer.url if ok else None,
        body_hash=item.body_hash if keep else feed.body_hash,
        title=document.title if document else None,
        document_kind=document.kind if document else None,
        flags=(*(document.flags if document else ()), *(("gap",) if gap else ())),
        moved_to=move.to,
        moved_since=move.since,
        moved_count=move.count,
        size_bytes=len(answer.body),
        discoveries=tuple(_discoveries(document, source, since)) if document else (),
        found_feeds=reading.found_feeds,
        left=reading.left,
        left_out=reading.left_out,
    )


def _missed(feed: DueFeed, missed: Missed, source: SourceConfig, now: datetime) -> Poll:
    outcome = missed.outcome
    gone = missed.http_status == 410
    paused = outcome.reason == "paused"
    result = schedule.PollResult(
        status="gone" if gone else "failed",
        retry_after_s=missed.retry_after_s,
        has_validators=feed.validators is not None,
        offline=paused,
    )
    decision = _decide(feed, source, result, now)
    return Poll(
        feed_id=feed.id,
        at=now,
        status=result.status,
        next_poll=decision.next_poll,
        interval_s=decision.interval_s,
        failures=decision.failures,
        http_status=missed.http_status,
        reason=outcome.reason or str(outcome.ending),
        detail=outcome.detail,
        validators=feed.validators,
        validators_url=feed.validators_url,
        body_hash=feed.body_hash,
        moved_to=feed.moved_to,
        moved_since=feed.moved_since,
        moved_count=feed.moved_count,
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
    oldest = _oldest(source, since)
    if document.kind == "sitemap-index":
        return _Reading("new", document=document, found_feeds=_nested(feed, document, oldest, now))
    if document.kind in ("sitemap", "news-sitemap", "sitemap-text"):
        taken = take(document.entries, asked.left, now, is_first=feed.body_hash is None, since=oldest)
        left_out = len(taken.out) - (asked.known(taken.out) if taken.out else 0)
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
                next_poll=now + site_plan.REST + timedelta(days=30 * schedule.jitter_of(feed.url)),
                failures=0,
                found_feeds=following,
                guess_missed=True,
                wakes_site=not following and not any(one.entries for one in memory.feeds),
            )
    if source.source.kind != "site" or feed.via not in ("link", "robots", "index", "index2", "path"):
        return poll
    alone = site_plan.leaves_site_alone(
        feed,
        asked.memory(),
        now,
        failures=poll.failures,
        reason=poll.reason,
        entries=len(poll.discoveries),
        leads_on=bool(poll.found_feeds),
    )
    return replace(poll, wakes_site=alone)


def _with_suggestions(document: NotAFeed) -> str:
    if not document.feeds:
        return document.detail
    more = f" and {len(document.feeds) - 3} more" if len(document.feeds) > 3 else ""
    return f"{document.detail}; it links to {', '.join(feed.url for feed in document.feeds[:3])}{more}"


def _decide(feed: DueFeed, source: SourceConfig, result: schedule.PollResult, now: datetime) -> schedule.Decision:
    return schedule.next_poll(
        schedule.PollState(feed.interval_s, feed.failures, feed.last_poll),
        result,
        _policy(feed, source),
        now,
        schedule.jitter_of(feed.url),
    )


def _policy(feed: DueFeed, source: SourceConfig) -> schedule.Policy:
    factor = site_plan.SECTION_FACTOR if feed.via == "section" else 1
    return schedule.Policy(
        source.every_s * factor, source.min_every_s * factor, max(source.max_every_s, source.every_s * factor)
    )


def _validators(answer: Answer) -> Validators:
    return Validators(answer.headers.get("etag"), answer.headers.get("last-modified"))


def _fresh_for_s(answer: Answer, now: datetime) -> float | None:
    headers = answer.headers
    return schedule.fresh_for(
        headers.get("cache-control"), headers.get("expires"), headers.get("date"), headers.get("age"), now
    )


def _hops(answer: Answer) -> list[tuple[int, str]]:
    """Status and target of each redirect."""
    if not answer.redirects:
        return []
    statuses, sources = zip(*answer.redirects, strict=True)
    return list(zip(statuses, (*sources[1:], answer.url), strict=True))


def _discoveries(document: FeedDocument, source: SourceConfig, since: date | None) -> Iterator[Discovery]:
    oldest = _oldest(source, since)
    learns = source.source.kind == "site"
    keep, drop = _patterns(source.keep), _patterns(source.drop)
    for entry in document.entries:
        address = urls.normalize(entry.url) if entry.url else None
        if address is None:
            continue
        outcome = _refused_by_age(entry, oldest) or _refused_by_pattern(entry, address, keep, drop)
        yield Discovery(
            entry, address, urls.identity(address), urls.host(address), outcome, shape(address) if learns else None
        )


def _oldest(source: SourceConfig, since: date | None) -> date | None:
    return max((day for day in (source.since, since) if day is not None), default=None)


def _patterns(patterns: Sequence[str]) -> list[re2._Regexp[str]]:
    return [re2.compile(pattern) for pattern in patterns]


def _refused_by_age(entry: Entry, oldest: date | None) -> Outcome | None:
    if oldest is None or entry.published is None or moment_of(entry.published) >= moment_of(oldest):
        return None
    return Outcome(Ending.REJECTED, "too_old", f"published {entry.published:%Y-%m-%d}, before {oldest:%Y-%m-%d}")


def _refused_by_pattern(
    entry: Entry, address: str, keep: list[re2._Regexp[str]], drop: list[re2._Regexp[str]]
) -> Outcome | None:
    subjects = (address, entry.title or "")
    for pattern in drop:
        if any(pattern.search(subject) for subject in subjects):
            return Outcome(Ending.REJECTED, "filtered", f"drop: {pattern.pattern}")
    if keep and not any(pattern.search(subject) for pattern in keep for subject in subjects):
        return Outcome(Ending.REJECTED, "filtered", "no keep pattern matches")
    return None
