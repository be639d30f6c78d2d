"""One written date: an instant where it has time and zone, else a plain day; impossible ones are refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.extract.words import fold

EARLIEST = date(1990, 1, 1)
"""Before the web: the first page is of December 1990."""
_SKEW = timedelta(hours=1)
"""Clocks differ; an instant further ahead than this is the future. A day may be tomorrow's: east of us it is."""
_DAY = re.compile(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
COMPACT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")
_NAMED_DAY = re.compile(
    r"(?:\b(?P<before>[^\W\d_]{3,10})\.?\s+)?\b(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?(?:,|\.|\s+de)?\s+"
    r"(?:(?P<month>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?)?(?P<year>(?:19|20)\d\d)\b"
)
_DIGIT_DAY = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)\b")
_MONTH_NAMES = (
    *("jan ene gen sty", "feb fév fev lut", "mar mär maa", "apr avr abr kwi", "may mai mei mag maj"),
    *("jun juin giu cze", "jul juil lug lip", "aug aoû ago sie", "sep set wrz", "oct okt ott out paź"),
    *("nov lis", "dec dez déc dic gru"),
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()}
"""The first letters of the months in English, German, French, Spanish, Italian, Dutch, Portuguese and Polish."""


def parse_when(value: object) -> date | None:
    """One written date. An aware `datetime` in the zone it is written in where it has time and zone, else the plain day
    it names.

    A time without a zone is no instant, so only its day is kept, as the site printed it.
    """
    if not isinstance(value, str) or not 6 <= len(value.strip()) <= 60:
        return None
    text = COMPACT_ZONE.sub(r"\1:\2", " ".join(value.split()))
    parsed: datetime | None = None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(text)
        except (ValueError, IndexError, TypeError):
            parsed = None
    try:
        if parsed is None:
            return _written_day(text)
        if parsed.tzinfo is None:
            return parsed.date()
        parsed.astimezone(UTC)  # raises where the instant lies outside the calendar
        return parsed
    except (ValueError, OverflowError):
        return None


def _written_day(text: str) -> date | None:
    """The day of a date that is written as people write it: `March 27, 2025`, `27. März 2025`, `27.03.2025`.

    Digits with slashes name a day only where one of them is above twelve: else nobody knows which comes first."""
    if day := _DAY.match(text):
        return date(int(day[1]), int(day[2]), int(day[3]))
    if named := _NAMED_DAY.search(text):
        name = fold(named["month"] or named["before"] or "")
        month = _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])
        return date(int(named["year"]), month, int(named["day"])) if month else None
    if digits := _DIGIT_DAY.match(text):
        first, mark, second, year = int(digits[1]), digits[2], int(digits[3]), int(digits[4])
        if mark == "." or first > 12:
            return date(year, second, first)
        if second > 12:
            return date(year, first, second)
    return None


def possible(when: date | None, now: datetime) -> date | None:
    """The date, or None where it is in the future or before the web."""
    if when is None or day_of(when) < EARLIEST:
        return None
    if isinstance(when, datetime):
        return when if when <= now + _SKEW else None
    return when if when <= (now + timedelta(days=1)).date() else None


def day_of(when: date) -> date:
    """The day of a date or of an instant (UTC)."""
    return when.date() if isinstance(when, datetime) else when


def before(one: date, other: date) -> bool:
    """Whether one is earlier; by the day where one of them is no more than that."""
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return day_of(one) < day_of(other)
