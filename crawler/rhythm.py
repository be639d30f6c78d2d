"""The rhythm of a feed: how many entries a day it brings, at which hours and weekdays, and when a poll is worth it.

What is learned is small and open to doubt: it decays, it is drawn towards "anything may come at any time" while little
is known, and every number that comes back from storage is read as if a stranger had written it.

The rate is a Gamma posterior: decayed entries over decayed days, with PRIOR_ENTRIES beside them. Hours and weekdays
(UTC) are decayed histograms. The minute within the hour is a mean direction on the clock face; where entries keep to
it, an hour's entries are expected at that minute.

docs/explanation/polling.md says where each constant comes from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from crawler.learned import DAY_S, HOUR_S, MOST_ENTRIES, OLDEST_S, Learned

WORTH_ENTRY_HOURS = 0.1
PRIOR_ENTRIES = 0.2
SOONER_YIELD = 0.7
SOONER_KNOWN_DAYS = 0.25
ROOM_SHARE = 0.4
MEMORY_ENTRIES = 8.0
SHORTEST_MEMORY_DAYS = 7.0
LONGEST_MEMORY_DAYS = 45.0
SHAPE_MEMORY_ENTRIES = 300.0
HOURS_DOUBT = 12.0
WEEKDAYS_DOUBT = 14.0
CLOCKWORK_STEADINESS = 0.85
CLOCKWORK_ENTRIES = 6.0
FIRST_DOCUMENT_TRUST = 0.5
LATE_DATE_S = 900.0
UNDATED_SPREAD_S = 6 * HOUR_S
SILENCE_ENTRIES = 8.0
SILENCE_GAPS = 2.0
SILENCE_SHORTEST_S = 2 * DAY_S
SILENCE_KNOWN = 5

_FUTURE_S = 300.0


def observe(learned: Learned, now_s: float, new: int, listed: int, published: Sequence[float], gap: bool) -> Learned:
    """What is known after a poll that succeeded and brought `new` entries.

    `published` are the times by which the document dates its entries, at most a few dozen; they may be missing or lie.
    `gap`: entries were missed, so there were more than `new`.
    """
    dates = sorted({moment for moment in published if now_s - OLDEST_S < moment <= now_s + _FUTURE_S})
    listed = listed or learned.listed
    if learned.seen_s is None:
        return _first_document(replace(learned, listed=listed, seen_s=now_s, since_s=now_s), now_s, dates)
    passed_s = min(max(now_s - learned.seen_s, 0.0), LONGEST_MEMORY_DAYS * DAY_S)
    passed_days = passed_s / DAY_S
    kept = math.exp(-passed_days / _memory_days(learned.entries, learned.days))
    learned = replace(
        learned,
        seen_s=now_s,
        since_s=min(now_s if learned.since_s is None else learned.since_s, now_s),
        entries=min(learned.entries * kept + new * (1.5 if gap else 1.0), MOST_ENTRIES),
        days=learned.days * kept + passed_days,
        listed=listed,
    )
    return _with_news(learned, now_s, now_s - passed_s, new, dates) if new else learned


def _memory_days(entries: float, days: float) -> float:
    """How long the rate remembers: long enough for some entries, short enough to notice a change."""
    return min(max(MEMORY_ENTRIES * days / max(entries, 0.1), SHORTEST_MEMORY_DAYS), LONGEST_MEMORY_DAYS)


def _first_document(learned: Learned, now_s: float, dates: list[float]) -> Learned:
    """The rate and the hours that the dates of a first document tell, half trusted."""
    learned = replace(learned, known=min(len(dates), 100), news_s=dates[-1] if dates else None)
    span_s = now_s - dates[0] if dates else 0.0
    if len(dates) < 3 or dates[-1] - dates[0] < HOUR_S:
        return learned
    memory_s = _memory_days(len(dates), span_s / DAY_S) * DAY_S
    learned = replace(
        learned,
        entries=FIRST_DOCUMENT_TRUST * sum(math.exp((moment - now_s) / memory_s) for moment in dates[1:]),
        days=FIRST_DOCUMENT_TRUST * memory_s * (1 - math.exp(-span_s / memory_s)) / DAY_S,
        since_s=min(now_s, dates[0]),
        longest_quiet_s=max(later - earlier for earlier, later in pairwise(dates)),
    )
    if span_s > 2 * DAY_S:
        learned = _shaped(learned, dates, [1.0] * len(dates))
    return _with_silence(learned)


def _with_news(learned: Learned, now_s: float, before_s: float, new: int, dates: list[float]) -> Learned:
    newest = dates[-new:]
    dated = [moment for moment in newest if before_s - LATE_DATE_S <= moment]
    step = (1.0 if 2 * len(dated) >= len(newest) else -1.0) if newest else 0.0
    trust = min(max(learned.date_trust + step, -10.0), 10.0)
    if trust < 0 <= learned.date_trust:
        learned = replace(learned, hours=(), weekdays=(), minute_n=0.0, minute_x=0.0, minute_y=0.0)
    news_s = dated[-1] if dated and trust >= 0 else now_s
    learned = replace(
        learned,
        date_trust=trust,
        known=min(learned.known + new, 100),
        longest_quiet_s=max(0.9 * learned.longest_quiet_s, news_s - (learned.news_s or news_s)),
        news_s=news_s,
    )
    if trust >= 0 and dated:
        learned = _shaped(learned, dated, [1.0] * len(dated))
    elif now_s - before_s <= UNDATED_SPREAD_S:
        parts = max(int((now_s - before_s) / HOUR_S + 0.5), 1)
        step_s = (now_s - before_s) / parts
        learned = _shaped(
            learned,
            [before_s + (part + 0.5) * step_s for part in range(parts)],
            [min(new, 3) / parts] * parts,
            to_the_minute=False,
        )
    return _with_silence(learned)


def _shaped(
    learned: Learned, moments: Sequence[float], weights: Sequence[float], to_the_minute: bool = True
) -> Learned:
    """The histograms with some more entries in them; what stood there before fades as they are added."""
    kept = math.exp(-sum(weights) / SHAPE_MEMORY_ENTRIES)
    hours = [share * kept for share in learned.hours] or [0.0] * 24
    weekdays = [share * kept for share in learned.weekdays] or [0.0] * 7
    x, y, n = learned.minute_x * kept, learned.minute_y * kept, learned.minute_n * kept
    for moment, weight in zip(moments, weights, strict=True):
        hours[int(moment // HOUR_S) % 24] += weight
        weekdays[int(moment // DAY_S + 3) % 7] += weight
        if to_the_minute:
            angle = moment % HOUR_S * (2 * math.pi / HOUR_S)
            x, y, n = x + weight * math.cos(angle), y + weight * math.sin(angle), n + weight
    return replace(learned, hours=tuple(hours), weekdays=tuple(weekdays), minute_x=x, minute_y=y, minute_n=n)


def _with_silence(learned: Learned) -> Learned:
    """Set the moment from which silence is against the rhythm. Only news moves it, or it would recede in silence."""
    if learned.known < SILENCE_KNOWN or learned.news_s is None or learned.entries <= 0:
        return replace(learned, silent_s=None)
    patience_s = max(
        SILENCE_ENTRIES * learned.days / learned.entries * DAY_S,
        SILENCE_GAPS * learned.longest_quiet_s,
        SILENCE_SHORTEST_S,
    )
    return replace(learned, silent_s=float(round(learned.news_s + min(patience_s, OLDEST_S))))


@dataclass(frozen=True, slots=True)
class Wish:
    """How long to wait by the rhythm alone, and for what."""

    delay_s: float
    expected: float
    """New entries that should be waiting then."""
    reason: str
    """`worth`, `quiet` (the longest interval), `room` (the document would roll over), `clock` (a fixed minute)."""


def rate_per_hour(learned: Learned, every_s: float) -> float:
    """Entries an hour: with nothing known, as many as make `every_s` the interval that is worth it."""
    prior_days = PRIOR_ENTRIES * (every_s / HOUR_S) ** 2 / (2 * WORTH_ENTRY_HOURS) / 24
    return (learned.entries + PRIOR_ENTRIES) / (learned.days + prior_days) / 24


def wish(
    learned: Learned,
    now_s: float,
    floor_s: float,
    every_s: float,
    ceiling_s: float,
    request_cost: float,
    room_alone: bool = False,
) -> Wish:
    """The first moment in [floor_s, ceiling_s] at which a poll is worth a request.

    That is when the entries expected to be waiting reach sqrt(2 C r), r being the rate at that moment and C the
    entry-hours of waiting that a request is worth, times `request_cost`. For an even rate this gives intervals of
    sqrt(2 C / r), which is the least waiting for a given number of requests; where the rate falls (an evening) it
    polls at once what the day left, and where it rises it waits. Sooner than `every_s` it must be likely, too, that
    something is there. Whatever it costs, no more than ROOM_SHARE of the document is expected to be new; with
    `room_alone` nothing else counts.
    """
    rate = rate_per_hour(learned, every_s / math.sqrt(request_cost)) / HOUR_S
    hours, weekdays = _multipliers(learned, now_s)
    border_s, at_the_border = _border(learned)
    twice_worth = 2 * WORTH_ENTRY_HOURS * request_cost * HOUR_S
    room = learned.listed * ROOM_SHARE if learned.listed > 1 else math.inf
    sooner = learned.days >= SOONER_KNOWN_DAYS
    expected, at = 0.0, 0.0
    while at < ceiling_s:
        shifted = now_s + at - border_s
        hour = int(shifted // HOUR_S)
        end = min((hour + 1) * HOUR_S - shifted + at, ceiling_s)
        if at_the_border:
            hour += 1  # what is counted in an hour comes at the border within it
        elif at < floor_s:
            end = min(end, floor_s)
        elif at < every_s:
            end = min(end, every_s)
        end = max(end, at + 1e-3)
        pace = rate * hours[hour % 24] * weekdays[(hour // 24 + 3) % 7]
        if at >= floor_s:
            enough = math.inf if room_alone else math.sqrt(twice_worth * pace)
            if at < every_s:
                enough = max(enough, SOONER_YIELD) if sooner else math.inf
            reason = "worth" if enough < room else "room"
            enough = min(enough, room)
            if expected >= enough:
                return Wish(at, expected, "clock" if at_the_border and at > 0 else reason)
            if not at_the_border and pace > 0 and at + (enough - expected) / pace < end:
                return Wish(at + (enough - expected) / pace, enough, reason)
        expected += pace * (end - at)
        at = end
    return Wish(ceiling_s, expected, "quiet")


_EVEN_HOURS = (1.0,) * 24
_EVEN_WEEKDAYS = (1.0,) * 7


def _multipliers(learned: Learned, now_s: float) -> tuple[Sequence[float], Sequence[float]]:
    """By how much each hour and weekday is busier than the mean, drawn towards 1 while little is known."""
    hours: Sequence[float] = _EVEN_HOURS
    weekdays: Sequence[float] = _EVEN_WEEKDAYS
    if learned.hours and learned.date_trust >= 0:
        seen = learned.hours
        each, scale = HOURS_DOUBT / 24, 24 / (sum(seen) + HOURS_DOUBT)
        if _border(learned)[1]:
            hours = [scale * (share + each) for share in seen]
        else:
            beside = (seen[-1], *seen, seen[0])
            hours = [
                scale * (0.25 * beside[hour] + 0.5 * beside[hour + 1] + 0.25 * beside[hour + 2] + each)
                for hour in range(24)
            ]
    if learned.weekdays and learned.since_s is not None and now_s - learned.since_s > 14 * DAY_S:
        each, scale = WEEKDAYS_DOUBT / 7, 7 / (sum(learned.weekdays) + WEEKDAYS_DOUBT)
        weekdays = [scale * (share + each) for share in learned.weekdays]
    return hours, weekdays


def _border(learned: Learned) -> tuple[float, bool]:
    """Where hours begin, in seconds after the full hour, and whether entries come just before that."""
    if learned.minute_n < CLOCKWORK_ENTRIES or learned.date_trust < 0:
        return 0.0, False
    steadiness = min(math.hypot(learned.minute_x, learned.minute_y) / learned.minute_n, 1.0)
    if steadiness < CLOCKWORK_STEADINESS:
        return 0.0, False
    spread_s = math.sqrt(-2 * math.log(steadiness)) * HOUR_S / (2 * math.pi)
    minute_s = math.atan2(learned.minute_y, learned.minute_x) % (2 * math.pi) * HOUR_S / (2 * math.pi)
    return minute_s + 2 * spread_s + 60.0, True
