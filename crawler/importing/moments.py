"""The dates of a row. What is printed may be older than the web: a newspaper's archive is as old as newspapers."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from crawler.extract.days import day_of, parse_when
from storage import moment_of

EARLIEST_PRINT = date(1605, 1, 1)
"""The first newspaper: Johann Carolus' Relation, Strasbourg 1605. Year 1, 1000 or 1582 is what a program fills in."""
EARLIEST_FETCH = date(1991, 8, 6)
"""No page was fetched before there was one."""
_SKEW = timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""The zero of clocks, to the second: a program's word for "no date". The plain day is one like any other."""
_DIGITS = re.compile(r"-?\d{9,13}")
_MILLISECONDS_FROM = 100_000_000_000
"""Seconds reach that in the year 5138."""


class BadDate(ValueError):
    """What a row gives as a date is none that can be; the message says why."""


def printed(value: object, now: datetime) -> date:
    """When something was published or updated: an instant where the row gives time and zone, else the day."""
    when = _written(value)
    if when == _EPOCH:
        raise BadDate("is the zero of clocks")
    day = day_of(when)
    if day < EARLIEST_PRINT:
        raise BadDate("is before the first newspaper")
    if when > now + _SKEW if isinstance(when, datetime) else day > (now + timedelta(days=1)).date():
        raise BadDate("is in the future")
    return when


def fetched(value: object, now: datetime) -> datetime:
    """When a page was fetched or first seen: without a zone it is UTC, a plain day is its beginning."""
    when = (None if _is_clock(value) else _instant(value)) or _written(value)
    moment = moment_of(when)
    if moment.date() < EARLIEST_FETCH:
        raise BadDate("is before the web")
    if moment > now + _SKEW:
        raise BadDate("is in the future")
    return moment.astimezone(UTC)


def _written(value: object) -> date:
    when = _from_clock(value) if _is_clock(value) else parse_when(value)
    if when is None:
        raise BadDate("is no date")
    return when.astimezone(UTC) if isinstance(when, datetime) else when


def _instant(value: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value).strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _is_clock(value: object) -> bool:
    if isinstance(value, str):
        return _DIGITS.fullmatch(value.strip()) is not None
    return isinstance(value, int | float) and not isinstance(value, bool)


def _from_clock(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    try:
        seconds = float(value)  # type: ignore[arg-type]
        return _EPOCH + timedelta(seconds=seconds / 1000 if abs(seconds) >= _MILLISECONDS_FROM else seconds)
    except (ValueError, OverflowError):
        return None
