"""How much of a sitemap a live poll takes: what is new. The archive that most sitemaps also list is for a backfill.

A sitemap names every page that its site ever had. Without a bound the first poll of an old newspaper would put a
million pages into the frontier. Nothing is lost silently: entries without a date, and those past the number, are
remembered as left, so that later polls know what is new; how many a sitemap lists that were left is kept and shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from crawler.feeds.document import NestedSitemap
from storage import Entry, moment_of

FRESH = timedelta(days=30)
"""An entry that changed longer ago is old stock."""
MOST_ENTRIES = 1_000
"""Entries of one sitemap that one poll takes: what Google allows in a news sitemap, two days of the largest sites."""
MOST_UNDATED = 100
"""Of entries without a date the first poll takes so many, half from each end: new ones stand at either."""
NESTED_SITEMAPS = 50
"""Sitemaps of an index that are polled: the newest. A news site's index lists one for each month of its life."""

_MONTH_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:[-_/]?(0[1-9]|1[0-2]))?(?:[-_/]?(0[1-9]|[12]\d|3[01]))?(?!\d)")


@dataclass(frozen=True, slots=True)
class Taken:
    """What a poll takes of a sitemap."""

    entries: tuple[Entry, ...]
    """Newest first."""
    left: tuple[str, ...]
    """Keys to remember: neither their date nor their key would tell the next poll that they are old."""
    out: tuple[str, ...]
    """Keys of everything that was not taken."""


def take(
    entries: Sequence[Entry],
    left_before: Callable[[Sequence[str]], frozenset[str]],
    now: datetime,
    *,
    is_first: bool,
    since: date | None = None,
) -> Taken:
    """Choose what to take. `since`, where a person gave it, is the only bound: they asked for what is that old."""
    oldest = moment_of(since) if since is not None else now - FRESH
    listed_before = left_before([entry.key for entry in entries])
    fresh: list[Entry] = []
    undated: list[Entry] = []
    out: list[str] = []
    for entry in entries:
        dated = entry.published or entry.updated
        if entry.key in listed_before or (dated is not None and moment_of(dated) < oldest):
            out.append(entry.key)
        else:
            (undated if dated is None else fresh).append(entry)
    fresh.sort(key=lambda entry: moment_of(entry.published or entry.updated or now), reverse=True)
    left: list[Entry] = []
    if since is None:
        if is_first and len(undated) > MOST_UNDATED:
            half = MOST_UNDATED // 2
            undated, left = [*undated[:half], *undated[-half:]], undated[half:-half]
        undated, over = undated[:MOST_ENTRIES], undated[MOST_ENTRIES:]
        left = [*left, *over, *fresh[MOST_ENTRIES:]]
        fresh = fresh[:MOST_ENTRIES]
    keys = tuple(entry.key for entry in left)
    return Taken((*fresh, *undated), keys, (*out, *keys))


def nested_to_poll(nested: Sequence[NestedSitemap], now: datetime, since: date | None) -> tuple[NestedSitemap, ...]:
    """The sitemaps of an index that may list something new, newest first: not those whose date, or the month in whose
    name, is long past."""
    oldest = moment_of(since) if since is not None else now - FRESH
    recent = [one for one in nested if (until := _until(one, now)) is None or until >= oldest]
    recent.sort(key=lambda one: _until(one, now) or oldest, reverse=True)
    return tuple(recent[:NESTED_SITEMAPS])


def _until(one: NestedSitemap, now: datetime) -> datetime | None:
    """Until when a nested sitemap may have changed, as far as it says so."""
    if one.modified is not None:
        day = one.modified
        return day if isinstance(day, datetime) else datetime.combine(day, time.max, tzinfo=UTC)
    named = _MONTH_IN_NAME.search(one.url.split("//", 1)[-1].partition("/")[2])
    if named is None or int(named[1]) > now.year:
        return None
    year, month = int(named[1]), int(named[2] or 12)
    if named[3]:
        try:
            return datetime(year, month, int(named[3]), tzinfo=UTC) + timedelta(days=2)
        except ValueError:
            return None
    return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
