"""How much polling costs and how late it sees an entry: our schedule on a year of synthetic feeds, beside three others.

    python benchmarks/polling.py [--feeds 1000] [--days 365] [--seed 1] [--variant usual|other] [--jobs CORES]

Every schedule polls the same feeds on a virtual clock. Ours is `crawler.schedule.next_poll` itself. Beside it:

- `fixed hour`: every hour, whatever happens.
- `round_robin` of Miniflux, its default: SCHEDULER_ROUND_ROBIN_MIN_INTERVAL (60 min), or the feed's ttl, Cache-Control
  or Expires where that is longer, at most SCHEDULER_ROUND_ROBIN_MAX_INTERVAL (1440 min).
- `entry_frequency` of Miniflux: a week divided by the entries of a week, between
  SCHEDULER_ENTRY_FREQUENCY_MIN_INTERVAL (5 min) and _MAX_INTERVAL (1440 min), with _FACTOR 1; then ttl and the like
  as above. The entries of a week are "virtual": a week divided by the mean distance of the stored entries that are
  dated within the last seven days, and 0, so the longest interval, where there are fewer than two.

The rules are those of `ScheduleNextCheck` in miniflux/v2 `internal/model/feed.go` and of `WeeklyFeedEntryCount` in
`internal/storage/feed.go`, as released with 2.2. Miniflux wakes every POLLING_FREQUENCY (60 min) and takes BATCH_SIZE
feeds; we let it poll each feed the second it is due, which is better than it does.

`thrifty` is our schedule with a request worth seven times as much waiting (`rhythm.WORTH_ENTRY_HOURS`), to compare the
rule at the cost of `entry_frequency`. The group `unasked` are the feeds whose publishers ask for no patience by ttl or
max-age, which `fixed hour` disregards.

A request is a poll of any kind. The delay of an entry lasts from its appearance in the feed to the poll that finds it;
entries that were in the feed when it was added do not count. An entry is missed if it has left the document before any
poll: documents list a fixed number of the newest. What no poll has seen at the end is left out.

The feeds are made up (`CLASSES` gives every parameter): no real traffic was at hand. `--variant other` changes rates,
lengths and shares, to see whether the schedule was fitted to the usual ones; its constants were chosen with seed 1
and the usual variant alone. No poll fails here: what failures do is tested, not measured.

The default is 1,000 feeds for a year. 300 feeds for 200 days took 141 s on two busy cores; the default is six times as
much, 10,000 feeds sixty times.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler import rhythm
from crawler.feeds.document import Hints
from crawler.schedule import Policy, PollResult, PollState, jitter_of, next_poll

START = datetime(2026, 1, 1, tzinfo=UTC)
EPOCH_S = START.timestamp()
HISTORY_DAYS = 120
"""Feeds have published for so long when they are added, so that their first document is full."""
HOUR_S = 3600.0
DAY_S = 86400.0
WEEK_S = 7 * DAY_S
THRIFTY_ENTRY_HOURS = 0.7
LISTED_DATES = 50
"""Dates of a document that the schedule is shown, the newest."""


@dataclass(frozen=True)
class Kind:
    """A class of feeds: its share among all, its entries a day (median and spread of a lognormal), lengths."""

    name: str
    share: float
    median_per_day: float
    sigma: float
    lengths: tuple[int, ...]


CLASSES = (
    Kind("steady", 0.15, 2.0, 1.2, (10, 15, 20, 30, 50)),
    Kind("newsroom", 0.30, 8.0, 1.2, (20, 25, 30, 50, 100)),
    Kind("blog", 0.20, 0.15, 1.0, (10, 10, 15, 20)),
    Kind("clockwork", 0.10, 0.0, 0.0, (10, 15, 20, 30)),
    Kind("weekly", 0.05, 0.0, 0.0, (10, 10, 20)),
    Kind("dying", 0.10, 2.0, 1.2, (10, 15, 20, 30)),
    Kind("silent", 0.10, 0.0, 0.0, (10, 20)),
)
OTHER = (
    Kind("steady", 0.25, 5.0, 0.8, (10, 20)),
    Kind("newsroom", 0.20, 20.0, 0.9, (15, 40, 40)),
    Kind("blog", 0.15, 0.3, 0.7, (5, 10, 25)),
    Kind("clockwork", 0.05, 0.0, 0.0, (10, 15, 20, 30)),
    Kind("weekly", 0.05, 0.0, 0.0, (10, 10, 20)),
    Kind("dying", 0.15, 1.0, 1.0, (10, 25)),
    Kind("silent", 0.15, 0.0, 0.0, (10, 20)),
)
BURST_SHARE, BURST_MORE, BURST_S = 0.15, 0.6, 900.0
"""A newsroom: this share of its events is a burst, each entry followed by another with this probability, so far apart
in the mean."""
NO_VALIDATORS, WITH_TTL, WITH_MAX_AGE, UNDATED = 0.25, 0.2, 0.15, 0.2
TTL_MINUTES = (15, 30, 60, 60, 60, 120, 1440)
MAX_AGE_S = (300, 600, 900, 1800, 3600)
DAY_SHAPE = (
    *(0.15, 0.1, 0.1, 0.1, 0.2, 0.4, 0.8, 1.3, 1.6, 1.8, 1.8, 1.7),
    *(1.5, 1.6, 1.7, 1.7, 1.6, 1.5, 1.3, 1.1, 0.9, 0.7, 0.5, 0.3),
)
WEEK_SHAPE = (1.15, 1.2, 1.2, 1.2, 1.15, 0.55, 0.55)


@dataclass
class Feed:
    """One synthetic feed: when its entries appear, in seconds from the start, and what its server says."""

    kind: str
    url: str
    times: list[float]
    length: int
    has_validators: bool
    dated: bool
    ttl_s: float | None
    max_age_s: float | None
    dates: list[datetime] = field(default_factory=list)


def make_feed(number: int, seed: int, days: int, kinds: tuple[Kind, ...]) -> Feed:
    chosen = random.Random(seed * 1_000_003 + number)  # one stream a feed: the same whatever else is made
    kind = chosen.choices(kinds, [one.share for one in kinds])[0]
    per_day = kind.median_per_day * math.exp(kind.sigma * chosen.gauss(0, 1)) if kind.median_per_day else 0.0
    per_day = min(per_day, 300.0)
    times = sorted(moment for moment in MAKERS[kind.name](chosen, per_day, days * DAY_S) if moment < days * DAY_S)
    feed = Feed(
        kind=kind.name,
        url=f"https://{kind.name}{number}.example/feed",
        times=times,
        length=chosen.choice(kind.lengths),
        has_validators=chosen.random() >= NO_VALIDATORS,
        dated=chosen.random() >= UNDATED,
        ttl_s=chosen.choice(TTL_MINUTES) * 60.0 if chosen.random() < WITH_TTL else None,
        max_age_s=float(chosen.choice(MAX_AGE_S)) if chosen.random() < WITH_MAX_AGE else None,
    )
    feed.dates = [START + timedelta(seconds=int(moment)) for moment in times] if feed.dated else []
    return feed


def poisson(chosen: random.Random, per_day: float, until_s: float) -> Iterator[float]:
    at = -HISTORY_DAYS * DAY_S
    while per_day > 0:
        at += chosen.expovariate(per_day / DAY_S)
        if at >= until_s:
            return
        yield at


def by_the_day(chosen: random.Random, per_day: float, until_s: float) -> Iterator[float]:
    """A Poisson process thinned by local hour and weekday."""
    zone_h, peak = chosen.choice((-8, -5, -3, 0, 1, 2, 3, 5.5, 8, 9)), 1.8 * 1.2
    for at in poisson(chosen, per_day * peak, until_s):
        local = EPOCH_S + at + zone_h * HOUR_S
        weekday = int(local // DAY_S + 3) % 7
        if chosen.random() * peak < DAY_SHAPE[int(local // HOUR_S) % 24] * WEEK_SHAPE[weekday]:
            yield at


def newsroom(chosen: random.Random, per_day: float, until_s: float) -> Iterator[float]:
    entries_per_event = 1 + BURST_SHARE * BURST_MORE / (1 - BURST_MORE)
    for at in by_the_day(chosen, per_day / entries_per_event, until_s):
        yield at
        if chosen.random() < BURST_SHARE:
            while chosen.random() < BURST_MORE:
                at += chosen.expovariate(1 / BURST_S)
                yield at


def clockwork(chosen: random.Random, _: float, until_s: float) -> Iterator[float]:
    """Every hour, or at one to six fixed times of a day, within two minutes; one in twenty is left out."""
    minute = chosen.choice((0, 0, 0, 5, 15, 30, 45, chosen.randrange(60)))
    hours = range(24) if chosen.random() < 0.2 else chosen.sample(range(24), chosen.randint(1, 6))
    for day in range(-HISTORY_DAYS, int(until_s // DAY_S) + 1):
        for hour in hours:
            if chosen.random() > 0.05:
                yield day * DAY_S + hour * HOUR_S + minute * 60 + chosen.uniform(0, 120)


def weekly(chosen: random.Random, _: float, until_s: float) -> Iterator[float]:
    """One weekday, about the same time (a quarter of an hour is one standard deviation)."""
    first = chosen.uniform(0, WEEK_S)
    for week in range(-HISTORY_DAYS // 7, int(until_s // WEEK_S) + 1):
        if chosen.random() > 0.1:
            yield week * WEEK_S + first + chosen.gauss(0, 900)


def dying(chosen: random.Random, per_day: float, until_s: float) -> Iterator[float]:
    """A newsroom until a day of the year, then nothing."""
    end = chosen.uniform(0, until_s)
    return (at for at in newsroom(chosen, per_day, until_s) if at < end)


def silent(chosen: random.Random, _: float, until_s: float) -> Iterator[float]:
    return poisson(chosen, chosen.uniform(0, 2) / 365, until_s)


MAKERS: dict[str, Callable[[random.Random, float, float], Iterator[float]]] = {
    "steady": poisson,
    "newsroom": newsroom,
    "blog": by_the_day,
    "clockwork": clockwork,
    "weekly": weekly,
    "dying": dying,
    "silent": silent,
}


@dataclass
class Seen:
    """What one poll of a virtual feed shows."""

    at: float
    first: bool
    listed_from: int
    upto: int
    new: int
    rolled_over: bool


Schedule = Callable[[Feed, Seen], float]
"""Gives the seconds until the next poll."""


def ours(worth_entry_hours: float = rhythm.WORTH_ENTRY_HOURS) -> Schedule:
    policy, state = Policy(), PollState()

    def after(feed: Feed, seen: Seen) -> float:
        nonlocal state
        brought = seen.new or seen.first
        now = START + timedelta(seconds=seen.at)
        result = PollResult(
            status="new" if brought else "not_modified" if feed.has_validators else "same_bytes",
            new_entries=seen.new,
            rolled_over=seen.rolled_over,
            has_validators=feed.has_validators,
            fresh_for_s=feed.max_age_s,
            hints=Hints(ttl_s=feed.ttl_s) if brought else Hints(),
            listed=seen.upto - seen.listed_from if brought else 0,
            published=tuple(feed.dates[max(seen.listed_from, seen.upto - LISTED_DATES) : seen.upto]) if brought else (),
        )
        rhythm.WORTH_ENTRY_HOURS = worth_entry_hours
        decision = next_poll(state, result, policy, now, jitter_of(feed.url))
        state = PollState(decision.interval_s, decision.failures, decision.learned)
        return (decision.next_poll - now).total_seconds() if decision.next_poll else math.inf

    return after


def fixed_hour() -> Schedule:
    return lambda _feed, _seen: HOUR_S


def round_robin() -> Schedule:
    return lambda feed, _seen: min(max(HOUR_S, feed.ttl_s or 0.0, feed.max_age_s or 0.0), DAY_S)


def entry_frequency() -> Schedule:
    stored_from: int | None = None

    def after(feed: Feed, seen: Seen) -> float:
        nonlocal stored_from
        stored_from = seen.listed_from if stored_from is None else stored_from
        first = max(bisect_left(feed.times, seen.at - WEEK_S), stored_from)
        count = seen.upto - first
        interval_s = DAY_S
        if count >= 2:
            mean_s = (feed.times[seen.upto - 1] - feed.times[first]) / (count - 1)
            interval_s = WEEK_S / math.ceil(WEEK_S / max(mean_s, 1.0))
        interval_s = min(max(interval_s, 300.0), DAY_S)
        return min(max(interval_s, feed.ttl_s or 0.0, feed.max_age_s or 0.0), DAY_S)

    return after


SCHEDULES: dict[str, Callable[[], Schedule]] = {
    "cuttings": ours,
    "thrifty": lambda: ours(THRIFTY_ENTRY_HOURS),
    "round_robin": round_robin,
    "entry_frequency": entry_frequency,
    "fixed hour": fixed_hour,
}


@dataclass
class Figures:
    """What a schedule did with some feeds. Delays are counted in minutes, so that they merge."""

    feeds: int = 0
    requests: int = 0
    busiest: float = 0.0
    """Requests a day to the feed that got most."""
    missed: int = 0
    delays: dict[int, int] = field(default_factory=dict)
    waited_s: float = 0.0
    mean_by_feed_s: float = 0.0
    feeds_with_entries: int = 0

    def add(self, other: Figures) -> None:
        for name in ("feeds", "requests", "missed", "waited_s", "mean_by_feed_s", "feeds_with_entries"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.busiest = max(self.busiest, other.busiest)
        for minute, count in other.delays.items():
            self.delays[minute] = self.delays.get(minute, 0) + count


def replay(feed: Feed, schedule: Schedule, days: int, first_at: float) -> Figures:
    """Poll one feed from `first_at` to the end."""
    figures = Figures(feeds=1)
    at, end, seen_upto, entries, first = first_at, days * DAY_S, 0, 0, True
    while at < end:
        figures.requests += 1
        upto = bisect_right(feed.times, at, lo=seen_upto)
        listed_from = max(0, upto - feed.length)
        rolled_over = not first and upto > listed_from >= seen_upto > 0
        new = upto - max(listed_from, seen_upto)
        if not first and new:
            figures.missed += max(listed_from - seen_upto, 0)
            entries += new
            for index in range(upto - new, upto):
                waited = at - feed.times[index]
                figures.waited_s += waited
                minute = int(waited // 60)
                figures.delays[minute] = figures.delays.get(minute, 0) + 1
        at += schedule(feed, Seen(at, first, listed_from, upto, new, rolled_over))
        seen_upto, first = upto, False
    figures.busiest = figures.requests / days
    if entries:
        figures.feeds_with_entries, figures.mean_by_feed_s = 1, figures.waited_s / entries
    return figures


def run_some(numbers: range, seed: int, days: int, variant: str) -> dict[tuple[str, str], Figures]:
    totals: dict[tuple[str, str], Figures] = {}
    for number in numbers:
        feed = make_feed(number, seed, days, OTHER if variant == "other" else CLASSES)
        first_at = jitter_of(feed.url + "#added") * DAY_S
        for name, make in SCHEDULES.items():
            figures = replay(feed, make(), days, first_at)
            unasked = ("unasked",) if feed.ttl_s is None and feed.max_age_s is None else ()
            for group in ("all", *unasked, feed.kind):
                totals.setdefault((group, name), Figures()).add(figures)
    return totals


def percentile(delays: dict[int, int], share: float) -> float:
    """Of delays counted in minutes."""
    wanted, seen = share * sum(delays.values()), 0
    for minute in sorted(delays):
        seen += delays[minute]
        if seen >= wanted:
            return minute + 0.5
    return math.nan


def table(totals: dict[tuple[str, str], Figures], days: int) -> Iterator[str]:
    yield (
        f"{'feeds':10} {'schedule':16} {'requests':>10} {'a feed a day':>12} {'most':>6} {'mean min':>9} {'p95 min':>8}"
        f" {'by feed':>8} {'entries':>9} {'missed':>7}"
    )
    for group in dict.fromkeys(["all", "unasked", *(kind.name for kind in CLASSES)]):
        for name in SCHEDULES:
            one = totals.get((group, name))
            if one is None:
                continue
            entries = sum(one.delays.values())
            mean = one.waited_s / entries / 60 if entries else math.nan
            by_feed = one.mean_by_feed_s / one.feeds_with_entries / 60 if one.feeds_with_entries else math.nan
            yield (
                f"{group if name == 'cuttings' else '':10} {name:16} {one.requests:10,}"
                f" {one.requests / one.feeds / days:12.2f} {one.busiest:6.1f} {mean:9.1f}"
                f" {percentile(one.delays, 0.95):8.0f} {by_feed:8.0f} {entries:9,} {one.missed:7,}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--variant", choices=("usual", "other"), default="usual")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    started = time.perf_counter()
    totals: dict[tuple[str, str], Figures] = {}
    parts = [range(first, min(first + 25, asked.feeds)) for first in range(0, asked.feeds, 25)]
    count = len(parts)
    with ProcessPoolExecutor(asked.jobs) as pool:
        for part in pool.map(run_some, parts, [asked.seed] * count, [asked.days] * count, [asked.variant] * count):
            for key, figures in part.items():
                totals.setdefault(key, Figures()).add(figures)
    for line in table(totals, asked.days):
        print(line)
    print(f"{asked.feeds:,} feeds, {asked.days} days, seed {asked.seed}, {asked.variant}: ", end="")
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
