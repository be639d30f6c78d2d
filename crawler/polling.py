"""What one poll of a feed means: the record that is kept of it, the pages it names, when the next one is due.

304, or the bytes of last time       -> nothing new, validators and freshness of this answer
a feed or sitemap                    -> entries; of each the page it names, unless the source's rules refuse it
a sitemap index                      -> the sitemaps it names, polled in their turn
a site's front page                  -> the feeds it declares, polled in their turn
anything else, or no answer          -> failed, with the reason; what was stored stays
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

import re2

from crawler import freshness, revalidation, schedule, urls
from crawler.box import Overrun
from crawler.config import SourceConfig
from crawler.feeds import FeedDocument, NotAFeed, body_hash
from crawler.feeds.document import Hints
from crawler.learned import Learned
from crawler.messages import Answer, Missed, PolledFeed
from storage import Discovery, DueFeed, Ending, Entry, FoundFeed, Move, Outcome, Poll, PollStatus, Validators

__all__ = ["Known", "body_hash", "discoveries_of", "poll_of"]

Known = Callable[[Sequence[str]], int]
"""How many of the pages with these keys the feed has named before."""

OFFLINE = Outcome(Ending.FAILED, "offline", "our own network was down; no feed is blamed for it")
"""What a poll ends with that could not be made because nothing could be reached (P28)."""

NESTED_SITEMAPS = 50
"""Sitemaps of an index that are polled: the newest. A news site's index lists one for each month of its life."""


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a poll brought, before the next one is scheduled."""

    status: PollStatus
    reason: str | None = None
    detail: str | None = None
    document: FeedDocument | None = None
    found_feeds: tuple[FoundFeed, ...] = ()


def poll_of(
    feed: DueFeed, item: PolledFeed | Missed, source: SourceConfig, since: date | None, now: datetime, known: Known
) -> Poll:
    """The record of a poll, ready to be committed. `since` refuses older entries for this crawl, like the source's."""
    if isinstance(item, Missed):
        return _missed(feed, item, source, now)
    reading = _read(feed, item)
    answer, document = item.answer, reading.document
    validators = _validators(answer)
    if answer.status == 304:
        kept = feed.validators or Validators()
        validators = Validators(validators.etag or kept.etag, validators.last_modified or kept.last_modified)
    discoveries = tuple(discoveries_of(document, source, since)) if document else ()
    keys = {found.key for found in discoveries}
    known_count = known(sorted(keys)) if keys else 0
    gap = bool(keys) and known_count == 0 and feed.last_news is not None
    lied = document is not None and not item.conditional and revalidation.is_lie(feed, validators, document.entries)
    result = schedule.PollResult(
        status=reading.status,
        new_entries=len(keys) - known_count,
        rolled_over=gap,
        has_validators=validators != Validators() and not lied and not revalidation.distrusted(feed, now),
        fresh_for_s=_fresh_for_s(answer, now),
        hints=document.hints if document else Hints(),
        listed=len(keys),
        published=_published(document),
    )
    decision = _decide(feed, source, result, now)
    ok = reading.status != "failed"
    seen = schedule.Move(feed.moved_to, feed.moved_since, feed.moved_count)
    move, moves = schedule.moved(seen, schedule.permanent_target(_hops(answer)), now) if ok else (seen, False)
    return Poll(
        feed_id=feed.id,
        at=now,
        status=reading.status,
        next_poll=decision.next_poll,
        interval_s=decision.interval_s,
        failures=decision.failures,
        why=decision.why,
        learned=decision.learned.to_text(),
        news_expected=decision.news_expected,
        http_status=answer.status,
        reason=reading.reason,
        detail=reading.detail,
        validators=validators if ok and validators != Validators() else None,
        validators_url=answer.url if ok else None,
        body_hash=item.body_hash if ok else feed.body_hash,
        title=document.title if document else None,
        document_kind=document.kind if document else None,
        flags=(*(document.flags if document else ()), *(("gap",) * gap), *(("lying_validators",) * lied)),
        moved_to=move.to,
        moved_since=move.since,
        moved_count=move.count,
        size_bytes=len(answer.body),
        discoveries=discoveries,
        found_feeds=reading.found_feeds,
        gap=gap,
        lied=lied,
        move=Move(move.to, urls.host(move.to)) if moves and move.to else None,
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
    decision = _decide(feed, source, result, now)
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


def _read(feed: DueFeed, polled: PolledFeed) -> _Reading:
    document = polled.document
    if document is None:
        return _Reading("not_modified" if polled.answer.status == 304 else "same_bytes")
    if isinstance(document, Overrun):
        return _Reading("failed", document.reason, document.detail)
    if isinstance(document, FeedDocument):
        nested = (FoundFeed(n.url, urls.host(n.url), "sitemap") for n in document.nested[:NESTED_SITEMAPS])
        return _Reading("new", document=document, found_feeds=tuple(nested))
    if feed.kind == "site" and document.reason == "html":
        if document.feeds:
            return _Reading("new", found_feeds=document.feeds)
        return _Reading("failed", "no_feed", "the page declares no feed; name one with `feed:` or `sitemap:`")
    return _Reading("failed", document.reason, _with_suggestions(document))


def _with_suggestions(document: NotAFeed) -> str:
    if not document.feeds:
        return document.detail
    return f"{document.detail}; it links to {', '.join(feed.url for feed in document.feeds[:3])}"


def _decide(feed: DueFeed, source: SourceConfig, result: schedule.PollResult, now: datetime) -> schedule.Decision:
    return schedule.next_poll(
        schedule.PollState(feed.interval_s, feed.failures, Learned.from_text(feed.learned)),
        result,
        schedule.Policy(source.every_s, source.min_every_s, source.max_every_s),
        now,
        schedule.jitter_of(feed.url),
    )


def _published(document: FeedDocument | None) -> tuple[datetime, ...]:
    """The newest times at which a document's entries were published; a day without a time tells no rhythm."""
    entries = document.entries if document else ()
    moments = (entry.published for entry in entries if isinstance(entry.published, datetime))
    return tuple(heapq.nlargest(schedule.PUBLISHED, moments))


def _validators(answer: Answer) -> Validators:
    return Validators(answer.headers.get("etag"), answer.headers.get("last-modified"))


def _fresh_for_s(answer: Answer, now: datetime) -> float | None:
    headers = answer.headers
    return freshness.fresh_for(
        headers.get("cache-control"), headers.get("expires"), headers.get("date"), headers.get("age"), now
    )


def _hops(answer: Answer) -> list[tuple[int, str]]:
    """Status and target of each redirect."""
    if not answer.redirects:
        return []
    statuses, sources = zip(*answer.redirects, strict=True)
    return list(zip(statuses, (*sources[1:], answer.url), strict=True))


def discoveries_of(document: FeedDocument, source: SourceConfig, since: date | None) -> Iterator[Discovery]:
    """The entries that name a page, each with that page; `outcome` where the rules of the source refuse it."""
    oldest = max((day for day in (source.since, since) if day is not None), default=None)
    keep, drop = _patterns(source.keep), _patterns(source.drop)
    for entry in document.entries:
        address = urls.normalize(entry.url) if entry.url else None
        if address is None:
            continue
        outcome = _refused_by_age(entry, oldest) or _refused_by_pattern(entry, address, keep, drop)
        yield Discovery(entry, address, urls.identity(address), urls.host(address), outcome)


def _patterns(patterns: Sequence[str]) -> list[re2._Regexp[str]]:
    return [re2.compile(pattern) for pattern in patterns]


def _refused_by_age(entry: Entry, oldest: date | None) -> Outcome | None:
    if oldest is None or entry.published is None or _moment(entry.published) >= _moment(oldest):
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


def _moment(day: date) -> datetime:
    if isinstance(day, datetime):
        return day
    return datetime.combine(day, time.min, tzinfo=UTC)
