"""When to poll next: one pure rule, from what the last polls brought and what servers and publishers ask for.

1. What the poll brought is added to what is learned of the feed (`crawler.rhythm`).
2. The rhythm says when a poll is worth a request, between a floor and a ceiling.
3. The publisher's hints and the response's freshness raise that floor; a gap lowers the ceiling.
4. Retry-After delays past every ceiling, and skipped hours and days are waited out.
5. What is left is spread by the feed's own jitter, which only ever delays.

A failure leaves what is learned alone: it delays the next poll, and one success returns to the old rhythm.
docs/explanation/polling.md explains every constant.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler import rhythm
from crawler.feeds.document import Hints
from crawler.freshness import RETRY_AFTER_CAP_S
from crawler.learned import HOUR_S, Learned
from storage import PollStatus

GAP_SHORTER = 0.5
GAP_HEALS = 1.1
UNCONDITIONAL_FACTOR = 2.0
UNCONDITIONAL_COST = 2.0
JITTER_SHARE = 0.1
JITTER_LONGEST_S = 300.0
BACKOFF_FACTOR = 2.0
SKIP_CAP_S = 3 * 86400.0
OFFLINE_RETRY_S = 300.0
MOVE_COUNT = 3
MOVE_AGE = timedelta(days=1)

_MAX_DOUBLINGS = 20
_NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Policy:
    """How often a source may be polled. `every_s` is the first guess; sooner than that, down to `min_every_s`, leads
    only what makes news likely, or a gap (P21). `max_every_s` is the longest interval."""

    every_s: float = 3600.0
    min_every_s: float = 900.0
    max_every_s: float = 86400.0


@dataclass(frozen=True, slots=True)
class PollState:
    """What is known of a feed before this poll."""

    interval_s: float | None = None
    """The interval that the last success led to; None before the first."""
    failures: int = 0
    """Failed polls in a row."""
    learned: Learned = field(default_factory=Learned)


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
    """How long the response said it stays fresh: `crawler.freshness.fresh_for`."""
    retry_after_s: float | None = None
    """What the server asked for on 429 or 503: `crawler.freshness.retry_after`."""
    hints: Hints = _NO_HINTS
    """Of the document; where none came (304, the same bytes) those of the last one hold."""
    offline: bool = False
    """On `failed`: the local network or DNS was down, so the feed is not to blame (P28)."""
    paused: bool = False
    """On `failed`: its host had asked for a pause, so nothing was sent."""
    listed: int = 0
    """Entries in the document."""
    published: tuple[datetime, ...] = ()
    """When the newest of them were published, by the document: at most PUBLISHED."""


PUBLISHED = 50
"""Dates of a document that the rule looks at."""


@dataclass(frozen=True, slots=True)
class Decision:
    """When the next poll is due, and why. `next_poll` is None for a feed that is gone (P18)."""

    next_poll: datetime | None
    interval_s: float
    """The interval by rhythm, hints and freshness, to be stored."""
    failures: int
    why: str
    """One sentence for people."""
    learned: Learned
    """To be stored; a failure leaves it as it was."""
    news_expected: datetime | None = None
    """Without news until then the feed has fallen silent against its own rhythm (P29)."""


def next_poll(state: PollState, result: PollResult, policy: Policy, now: datetime, jitter: float) -> Decision:
    """Decide when a feed is polled next. `jitter` in [0, 1) is the feed's own (`jitter_of`): it only ever delays.

    The delay is at least `min_every_s` (5 minutes after a failure that is not the feed's) and at most `max_every_s`
    with its jitter, except where Retry-After or skipped hours and days ask for more.
    """
    bounds = _Bounds.of(policy, result.has_validators)
    usual_s = min(max(state.interval_s or bounds.every_s, bounds.floor_s), bounds.ceiling_s)
    if result.status == "gone":
        return Decision(None, usual_s, state.failures, "the server says that the feed is gone for good", state.learned)
    if result.status == "failed":
        return _after_failure(state, result, policy, usual_s, now, jitter)
    now_s = now.timestamp()
    learned = _learn(state, result, bounds, usual_s, now_s)
    interval_s, why = _interval(learned, result, bounds, now_s)
    delay_s, why = _not_before_asked(result, interval_s, why)
    due = now + timedelta(seconds=delay_s + _spread_s(interval_s, jitter))
    moved_due = _skip(due, now, learned.hints, jitter)
    if moved_due != due:
        due, why = moved_due, "the publisher asks for no polls at other times (skipHours, skipDays)"
    expected = datetime.fromtimestamp(learned.silent_s, UTC) if learned.silent_s is not None else None
    return Decision(due, interval_s, 0, why, learned, expected)


def jitter_of(url: str) -> float:
    """A number in [0, 1) that is always the same for a feed, and evenly spread over feeds (P25)."""
    return int.from_bytes(hashlib.sha256(url.encode("utf-8", "replace")).digest()[:6]) / 2**48


def _spread_s(interval_s: float, jitter: float) -> float:
    return min(interval_s * JITTER_SHARE, JITTER_LONGEST_S) * jitter


@dataclass(frozen=True, slots=True)
class _Bounds:
    """Floor, first guess and ceiling, in order whatever the policy says, and how dear a request is."""

    floor_s: float
    every_s: float
    ceiling_s: float
    request_cost: float

    @classmethod
    def of(cls, policy: Policy, has_validators: bool) -> _Bounds:
        factor = 1.0 if has_validators else UNCONDITIONAL_FACTOR
        ceiling_s = max(policy.max_every_s, policy.every_s)
        every_s = min(policy.every_s * factor, ceiling_s)
        cost = 1.0 if has_validators else UNCONDITIONAL_COST
        return cls(min(policy.min_every_s * factor, every_s), every_s, ceiling_s, cost)


def _learn(state: PollState, result: PollResult, bounds: _Bounds, usual_s: float, now_s: float) -> Learned:
    """What is known after this poll. A gap counts only where we came in time: after a pause of ours it is no wonder."""
    old = state.learned
    away = old.seen_s is not None and now_s - old.seen_s > 2 * usual_s + HOUR_S
    gap = result.rolled_over and not away
    published = [moment.timestamp() for moment in result.published[:PUBLISHED]]
    learned = rhythm.observe(old, now_s, max(result.new_entries, 0), result.listed, published, gap)
    guard_s = old.guard_s
    if gap:
        guard_s = max(usual_s * GAP_SHORTER, bounds.floor_s)
    elif guard_s is not None:
        guard_s = guard_s * GAP_HEALS if guard_s * GAP_HEALS < bounds.ceiling_s else None
    hints = result.hints if result.status == "new" else old.hints
    if guard_s == old.guard_s and hints == learned.hints:
        return learned
    return replace(learned, guard_s=guard_s, hints=hints)


def _interval(learned: Learned, result: PollResult, bounds: _Bounds, now_s: float) -> tuple[float, str]:
    """Seconds until the next poll, by the rhythm and by what publisher, server and gaps ask for."""
    floor_s, asked = bounds.floor_s, ""
    for wish_s, reason in (
        (learned.hints.ttl_s, "the feed asks for it by its ttl"),
        (learned.hints.update_period_s, "the feed asks for it by sy:updatePeriod"),
        (result.fresh_for_s, "the server says that its answer stays fresh until then"),
    ):
        if wish_s is not None and wish_s > floor_s:
            floor_s, asked = min(wish_s, bounds.ceiling_s), reason
    every_s, ceiling_s, cost = bounds.every_s, bounds.ceiling_s, bounds.request_cost
    if asked:
        # a hint by which entries would be lost is a mistake; what the server says of this answer holds
        least_s = max(min(result.fresh_for_s or 0.0, ceiling_s), every_s)
        room = rhythm.wish(learned, now_s, least_s, every_s, ceiling_s, cost, room_alone=True)
        if room.reason == "room" and room.delay_s < floor_s:
            return room.delay_s, _in_words(learned, room, bounds)
    wish = rhythm.wish(learned, now_s, floor_s, every_s, ceiling_s, cost)
    if learned.guard_s is not None and max(learned.guard_s, floor_s) < wish.delay_s:
        return max(learned.guard_s, floor_s), "entries were missed as the whole feed rolled over: polls stay close"
    if asked and wish.delay_s <= floor_s:
        return floor_s, asked
    return wish.delay_s, _in_words(learned, wish, bounds)


def _in_words(learned: Learned, wish: rhythm.Wish, bounds: _Bounds) -> str:
    per_day = rhythm.rate_per_hour(learned, bounds.every_s) * 24
    rate = (
        f"{per_day:.0f} a day"
        if per_day >= 2
        else f"{per_day * 7:.0f} a week"
        if per_day > 0.3
        else "less than 2 a week"
    )
    if learned.days < rhythm.SOONER_KNOWN_DAYS and wish.delay_s < 2 * bounds.every_s:
        return "too little is known of its rhythm yet"
    if wish.reason == "room":
        return f"it lists {learned.listed} entries and brings {rate}: later, some might be gone"
    if wish.reason == "clock":
        return f"it keeps to the clock, and brings {rate}"
    if wish.reason == "quiet":
        return f"it brings {rate}: the longest interval"
    return f"it brings {rate}; about {max(wish.expected, 0.1):.1f} should be there by then"


def _after_failure(
    state: PollState, result: PollResult, policy: Policy, usual_s: float, now: datetime, jitter: float
) -> Decision:
    failures = state.failures
    if result.offline or result.paused:
        delay_s = OFFLINE_RETRY_S
        why = "no server could be reached from here" if result.offline else "its host had asked for a pause"
    else:
        failures += 1
        ceiling_s = max(policy.max_every_s, policy.every_s)
        delay_s = min(max(usual_s, policy.every_s) * BACKOFF_FACTOR ** min(state.failures, _MAX_DOUBLINGS), ceiling_s)
        why = f"{failures} polls in a row failed" if failures > 1 else "the last poll failed"
    delay_s, why = _not_before_asked(result, delay_s, why)
    due = now + timedelta(seconds=delay_s * (1 + JITTER_SHARE * jitter))
    return Decision(due, usual_s, failures, why, state.learned)


def _not_before_asked(result: PollResult, delay_s: float, why: str) -> tuple[float, str]:
    """The delay, or what the server asks for where that is longer (P15)."""
    asked_s = min(result.retry_after_s or 0.0, RETRY_AFTER_CAP_S)
    return (asked_s, "the server asked for it by Retry-After") if asked_s > delay_s else (delay_s, why)


def _skip(due: datetime, now: datetime, hints: Hints, jitter: float) -> datetime:
    """The first moment from `due` on that is in no skipped hour or day (RSS 2.0, GMT), spread over that hour.

    A publisher who skips every hour or every day, or whose rest lasts longer than the cap, is polled all the same.
    """
    if not hints.skip_hours and not hints.skip_days:
        return due
    hours = hints.skip_hours if len(hints.skip_hours) < 24 else frozenset()
    days = hints.skip_days if len(hints.skip_days) < 7 else frozenset()
    moment = due.astimezone(UTC)
    while moment.hour in hours or moment.weekday() in days:
        moment = moment.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        if moment > now + timedelta(seconds=SKIP_CAP_S):
            return due
    return due if moment == due else moment + timedelta(hours=JITTER_SHARE * jitter)


@dataclass(frozen=True, slots=True)
class Redirection:
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


def redirected(seen: Redirection, target: str | None, now: datetime) -> tuple[Redirection, bool]:
    """What a completed poll with the permanent target `target` (None: there was none) adds to what was seen, and
    whether the subscription moves now: after MOVE_COUNT identical redirects over at least MOVE_AGE (P16).

    A poll that failed says nothing about a move: do not ask for it.
    """
    if target is None:
        return Redirection(), False
    if target != seen.to or seen.since is None:
        return Redirection(target, now, 1), False
    watched = Redirection(target, seen.since, seen.count + 1)
    return watched, watched.count >= MOVE_COUNT and now - seen.since >= MOVE_AGE
