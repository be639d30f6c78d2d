"""The immutable types in which a corpus sums up what matches a question: pages of results, facets, a time line, trends.

A count is exact wherever counting is quick. Where a question matches too much for that, counts are those of a sample
that is drawn evenly over the corpus, scaled, and `is_exact` says so.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal, get_args

from storage.answers import Sort, StoredArticle
from storage.errors import QueryError

FacetName = Literal["source", "site", "language", "tag", "author", "month"]
FACETS: tuple[FacetName, ...] = get_args(FacetName)
Step = Literal["day", "week", "month", "year"]
STEPS: tuple[Step, ...] = get_args(Step)
MOST_BARS = 120
"""Bars of a time line that chooses its own step: more are too narrow to point at."""
MOST_FACETS = 1_000
"""Values of one facet that are given at most."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of results."""

    articles: tuple[StoredArticle, ...]
    next: str | None
    """The cursor of the page after it; None where this is the last."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One value of a field, and how many of the articles that match have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """What the articles that match are like."""

    total: int
    is_exact: bool
    counts: Mapping[str, tuple[Facet, ...]] = field(default_factory=dict)
    """The most frequent values of each field, the most frequent first; months the newest first."""


@dataclass(frozen=True, slots=True)
class Bar:
    """The articles of a day, a week from Monday on, a month or a year; `end` is the day after it."""

    start: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """How many articles there were when, by the date that `since:` and `until:` compare with."""

    by: Step
    bars: tuple[Bar, ...]
    """From the first that holds an article to the last, without holes."""
    total: int
    is_exact: bool


@dataclass(frozen=True, slots=True)
class Trend:
    """A word that more stories hold now than their past lets expect."""

    term: str
    count: int
    """Stories of these days that hold it."""
    expected: float
    """As many as hold it in as many days of the past, on average, in proportion to what was filed."""
    score: float
    """How far the count is beyond chance: the log-likelihood ratio (Dunning 1993), higher is further."""
    article_ids: tuple[int, ...] = ()
    """Some of the articles that begin with it, each of another story."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page of results ends: behind an article, or at an offset among the texts up to `seq`, the newest that
    the first page knew."""

    sort: Sort
    seq: int
    dated: str | None = None
    article_id: int | None = None
    offset: int = 0
    is_filed: bool = False
    """Whether pages are in the order of filing, as they are where a better one takes too long."""

    def text(self) -> str:
        """The cursor as it travels in an address."""
        values = [self.sort[0], self.seq, self.dated, self.article_id, self.offset, self.is_filed]
        return base64.urlsafe_b64encode(json.dumps(values, separators=(",", ":")).encode()).decode().rstrip("=")


_SORTS: Mapping[str, Sort] = {sort[0]: sort for sort in get_args(Sort)}
MOST_CURSOR_CHARACTERS = 200


def read_cursor(text: str, sort: Sort) -> Cursor:
    """The cursor that an address holds. Raises QueryError where it is none, or one of another order."""
    try:
        if len(text) > MOST_CURSOR_CHARACTERS or not text.isascii():
            raise ValueError(text)
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        letter, seq, dated, article_id, offset, is_filed = values
        numbers = (seq, offset, *(() if article_id is None else (article_id,)))
        if any(type(number) is not int or not 0 <= number < 1 << 62 for number in numbers):
            raise ValueError(text)
        if (
            type(is_filed) is not bool
            or not (dated is None or isinstance(dated, str))
            or (dated is None) != (article_id is None)
        ):
            raise ValueError(text)
        found = Cursor(_SORTS[letter], seq, dated, article_id, offset, is_filed)
    except (ValueError, TypeError, KeyError, binascii.Error, UnicodeDecodeError, RecursionError):
        raise QueryError("this is no cursor of a search; begin again without one") from None
    if found.sort != sort:
        raise QueryError(f"this cursor is of the order {found.sort}; begin again without one")
    return found


def filed_behind(article_id: int) -> str:
    """The cursor, in the order `first-filed`, of what is behind an id, whether an article has it or not."""
    return Cursor("first-filed", 0, dated="", article_id=article_id).text()


def step_for(first: date, last: date) -> Step:
    """The finest step that needs no more than `MOST_BARS` bars."""
    days = (last - first).days + 1
    if days <= MOST_BARS:
        return "day"
    if days <= 7 * (MOST_BARS - 1):
        return "week"
    return "month" if days <= 30 * (MOST_BARS - 2) else "year"


def step_start(day: date, by: Step) -> date:
    """The first day of the step that holds a day."""
    match by:
        case "day":
            return day
        case "week":
            return max(day - timedelta(days=day.weekday()), date.min) if day.toordinal() > 7 else date.min
        case "month":
            return day.replace(day=1)
    return day.replace(month=1, day=1)


def step_end(start: date, by: Step) -> date:
    """The first day of the next step."""
    try:
        match by:
            case "day":
                return start + timedelta(days=1)
            case "week":
                return start + timedelta(days=7)
            case "month":
                return date(start.year + start.month // 12, start.month % 12 + 1, 1)
        return date(start.year + 1, 1, 1)
    except (ValueError, OverflowError):
        return date.max


def bars_of(days: Mapping[date, int], by: Step) -> tuple[Bar, ...]:
    """Bars without holes from days and how many articles each has."""
    if not days:
        return ()
    counts: dict[date, int] = {}
    for day, count in days.items():
        start = step_start(day, by)
        counts[start] = counts.get(start, 0) + count
    bars, start, last = [], min(counts), max(counts)
    while start <= last:
        end = step_end(start, by)
        bars.append(Bar(start, end, counts.get(start, 0)))
        if end == date.max:
            break
        start = end
    return tuple(bars)
