"""When to poll next: one pure rule, from what the last polls brought and what servers and publishers ask for.

The learned interval moves by factors: a poll that brought something makes it shorter, one that brought nothing longer,
so that it settles where about one poll in three brings something. On top of it stand the wishes of others, which only
ever delay. What a failure does is kept apart: it delays the next poll and leaves the learned interval alone, so one
success returns to the old rhythm.

SHORTER, LONGER (0.7, 1.2): they balance where a poll brings something with p = ln 1.2 / (ln 1.2 - ln 0.7) = 0.34, and
  both steps are small enough to ride out one odd poll.
GAP_SHORTER (0.5): a document that rolled over whole has lost entries for good, so halve at once.
UNCONDITIONAL_FACTOR (2): without validators every poll transfers the whole document, so half as often.
JITTER_SHARE (0.1): a thousand feeds with one interval of an hour spread over six minutes, three a second.
BACKOFF_FACTOR (2): the usual exponential back-off, from the usual interval on: 1, 2, 4, 8, 16 hours, then daily.
RETRY_AFTER_CAP_S (7 days): honoured past every ceiling; longer is a mistake or a trap.
SKIP_CAP_S (3 days): skipDays for a weekend and a holiday; what asks for more asks not to be polled at all.
OFFLINE_RETRY_S (5 minutes): our own network was down, so no feed is to blame (P28).
MOVE_COUNT, MOVE_AGE (3, 1 day): a moved document answers so for ever, a mistake is noticed within a working day.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.feeds.document import Hints
from storage import PollStatus

SHORTER = 0.7
LONGER = 1.2
GAP_SHORTER = 0.5
UNCONDITIONAL_FACTOR = 2.0
JITTER_SHARE = 0.1
BACKOFF_FACTOR = 2.0
RETRY_AFTER_CAP_S = 7 * 86400.0
SKIP_CAP_S = 3 * 86400.0
OFFLINE_RETRY_S = 300.0
MOVE_COUNT = 3
MOVE_AGE = timedelta(days=1)

_MAX_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a source may be polled. `every_s` is the first guess and the shortest interval that good news leads
    to (P21: no sooner than an hour by default); only a gap, entries that were missed, leads below it, to
    `min_every_s`. `max_every_s` is the longest interval."""

    every_s: float = 3600.0
    min_every_s: float = 900.0
    max_every_s: float = 86400.0


@dataclass(frozen=True, slots=True)
class PollState:
    """What is known of a feed before this poll."""

    interval_s: float | None = None
    """The learned interval; None before the first poll."""
    failures: int = 0
    """Failed polls in a row."""
    last_poll: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollResult:
    """What one poll brought, as far as the schedule cares."""

    status: PollStatus
    new_entries: int = 0
    rolled_over: bool = False
    """None of the entries was in the previous document, which had some: entries may have been missed (P22)."""
    has_validators: bool = True
    """The response carried an ETag or Last-Modified."""
    fresh_for_s: float | None = None
    """How long the response said it stays fresh: `fresh_for`."""
    retry_after_s: float | None = None
    """What the server asked for on 429 or 503: `retry_after`."""
    hints: Hints = field(default_factory=Hints)
    offline: bool = False
    """On `failed`: the local network or DNS was down, so the feed is not to blame (P28)."""


@dataclass(frozen=True, slots=True)
class Decision:
    """When the next poll is due, and why. `next_poll` is None for a feed that is gone (P18)."""

    next_poll: datetime | None
    interval_s: float
    """The learned interval, to be stored."""
    failures: int
    why: str


def next_poll(state: PollState, result: PollResult, policy: Policy, now: datetime, jitter: float) -> Decision:
    """Decide when a feed is polled next. `jitter` in [0, 1) is the feed's own (`jitter_of`): it only ever delays."""
    floor_s, every_s, ceiling_s = _bounds(policy, result.has_validators)
    learned_s = min(max(state.interval_s or every_s, floor_s), ceiling_s)
    if result.status == "gone":
        return Decision(None, learned_s, state.failures, "the server says that the feed is gone for good")
    if result.status == "failed":
        return _after_failure(state, result, policy, learned_s, now, jitter)
    interval_s, why = _adapt(state, result, (floor_s, every_s, ceiling_s), learned_s, now)
    interval_s, why = _publisher(result.hints, interval_s, ceiling_s, why)
    delay_s, why = _server(result, interval_s, ceiling_s, why)
    due = now + timedelta(seconds=delay_s + interval_s * JITTER_SHARE * jitter)
    moved = _skip(due, now, result.hints, jitter)
    if moved != due:
        due, why = moved, "the publisher asks for no polls at that time"
    return Decision(due, interval_s, 0, why)


def jitter_of(url: str) -> float:
    """A number in [0, 1) that is always the same for a feed, and evenly spread over feeds (P25)."""
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "replace")).digest()[:6]) / 2**48


def _bounds(policy: Policy, has_validators: bool) -> tuple[float, float, float]:
    """Floor, first guess and ceiling, in order whatever the policy says."""
    factor = 1.0 if has_validators else UNCONDITIONAL_FACTOR
    ceiling_s = max(policy.max_every_s, policy.every_s)
    every_s = min(policy.every_s * factor, ceiling_s)
    return min(policy.min_every_s * factor, every_s), every_s, ceiling_s


def _adapt(
    state: PollState, result: PollResult, bounds: tuple[float, float, float], learned_s: float, now: datetime
) -> tuple[float, str]:
    floor_s, every_s, ceiling_s = bounds
    if state.last_poll is None or state.interval_s is None:
        return every_s, "first guess"  # everything is new to us: no evidence of a rhythm
    intervals = max((now - state.last_poll).total_seconds() / learned_s, 1.0)
    was_away = intervals > 2  # after a pause of ours, news and gaps say little about the feed
    if result.rolled_over and not was_away:
        return max(learned_s * GAP_SHORTER, floor_s), "every entry was new: some may have been missed"
    if result.new_entries and was_away and result.new_entries < intervals:
        return learned_s, "it brought fewer new entries than polls were left out"
    if result.new_entries:
        # below the first guess only a gap leads, and news alone does not lead back up
        return min(learned_s, max(learned_s * SHORTER, every_s)), "it brought new entries"
    return min(learned_s * LONGER, ceiling_s), "it brought nothing new"


def _publisher(hints: Hints, interval_s: float, ceiling_s: float, why: str) -> tuple[float, str]:
    """The interval after what the document asks for, up to the ceiling. It becomes part of the learned interval,
    because a 304 does not repeat it."""
    for wish_s, reason in (
        (hints.ttl_s, "the publisher's ttl"),
        (hints.update_period_s, "the publisher's sy:updatePeriod"),
    ):
        if wish_s is not None and min(wish_s, ceiling_s) > interval_s:
            interval_s, why = min(wish_s, ceiling_s), reason
    return interval_s, why


def _server(result: PollResult, interval_s: float, ceiling_s: float, why: str) -> tuple[float, str]:
    """The delay after what the response asks for: freshness up to the ceiling, Retry-After past it."""
    delay_s = interval_s
    if result.fresh_for_s is not None and min(result.fresh_for_s, ceiling_s) > delay_s:
        delay_s, why = min(result.fresh_for_s, ceiling_s), "the server says that the response stays fresh"
    if result.retry_after_s is not None and min(result.retry_after_s, RETRY_AFTER_CAP_S) > delay_s:
        delay_s, why = min(result.retry_after_s, RETRY_AFTER_CAP_S), "the server's Retry-After"
    return delay_s, why


def _after_failure(
    state: PollState, result: PollResult, policy: Policy, learned_s: float, now: datetime, jitter: float
) -> Decision:
    if result.offline:
        delay_s, failures, why = OFFLINE_RETRY_S, state.failures, "the local network was down"
    else:
        failures = state.failures + 1
        ceiling_s = max(policy.max_every_s, policy.every_s)
        usual_s = max(learned_s, policy.every_s)
        delay_s = min(usual_s * BACKOFF_FACTOR ** min(state.failures, _MAX_DOUBLINGS), ceiling_s)
        why = f"{failures} failed poll{'s' if failures > 1 else ''} in a row"
    if result.retry_after_s is not None and min(result.retry_after_s, RETRY_AFTER_CAP_S) > delay_s:
        delay_s, why = min(result.retry_after_s, RETRY_AFTER_CAP_S), "the server's Retry-After"
    return Decision(now + timedelta(seconds=delay_s * (1 + JITTER_SHARE * jitter)), learned_s, failures, why)


def _skip(due: datetime, now: datetime, hints: Hints, jitter: float) -> datetime:
    """The first moment from `due` on that is in no skipped hour or day (RSS 2.0, GMT), spread over that hour.

    A publisher who skips every hour or every day, or whose rest lasts longer than the cap, is polled all the same.
    """
    hours = hints.skip_hours if len(hints.skip_hours) < 24 else frozenset()
    days = hints.skip_days if len(hints.skip_days) < 7 else frozenset()
    moment = due.astimezone(UTC)
    while moment.hour in hours or moment.weekday() in days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moment > now + timedelta(seconds=SKIP_CAP_S):
            return due
    return due if moment == due else moment + timedelta(hours=JITTER_SHARE * jitter)


def fresh_for(
    cache_control: str | None, expires: str | None, date: str | None, age: str | None, now: datetime
) -> float | None:
    """How many seconds a response stays fresh by its headers, or None where they do not say (RFC 9111 section 4.2.1).

    `max-age` less `Age` counts, on 200 and 304 alike; `Expires` less `Date` only without it. `no-cache` and `no-store`
    mean 0; an `Expires` that is no date means expired; `s-maxage` is for shared caches.
    """
    directives = _directives(cache_control or "")
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    if "max-age" in directives:
        max_age, spent = _seconds(directives["max-age"]), _seconds(age or "0")
        return max(max_age - (spent or 0.0), 0.0) if max_age is not None else 0.0  # RFC 9111: invalid is stale
    if expires is None:
        return None
    end, start = _http_date(expires), _http_date(date or "") or now
    return max((end - start).total_seconds(), 0.0) if end else 0.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, given as seconds or as an HTTP date (RFC 9110 section 10.2.3);
    None where it is missing or makes no sense. Not capped here."""
    if value is None:
        return None
    seconds = _seconds(value)
    if seconds is not None:
        return seconds
    when = _http_date(value)
    return max((when - now).total_seconds(), 0.0) if when else None


def _directives(cache_control: str) -> dict[str, str]:
    parts = (part.partition("=") for part in reversed(cache_control.split(",")))  # the first of duplicates wins
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}


def _seconds(value: str) -> float | None:
    value = value.strip()
    return float(min(int(value[:20]), 2**31)) if value.isascii() and value.isdigit() else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Move:
    """A permanent redirect that is being watched: where to, since when, how often it was seen without change."""

    to: str | None = None
    since: datetime | None = None
    count: int = 0


def permanent_target(hops: Sequence[tuple[int, str]]) -> str | None:
    """Where a chain of redirects moves a subscription: the last address reached by 301 and 308 alone. `hops` are the
    status and the target of each redirect in order; a 302, 303 or 307 ends what counts (RFC 9110 section 15.4)."""
    target = None
    for status, address in hops:
        if status not in (301, 308):
            break
        target = address
    return target


def moved(seen: Move, target: str | None, now: datetime) -> tuple[Move, bool]:
    """What a completed poll with the permanent target `target` (None: there was none) adds to what was seen, and
    whether the subscription moves now: after MOVE_COUNT identical redirects over at least MOVE_AGE (P16).

    A poll that failed says nothing about a move: do not ask for it.
    """
    if target is None:
        return Move(), False
    if target != seen.to or seen.since is None:
        return Move(target, now, 1), False
    move = Move(target, seen.since, seen.count + 1)
    return move, move.count >= MOVE_COUNT and now - seen.since >= MOVE_AGE
