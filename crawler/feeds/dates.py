"""The dates that publishers write, read without inventing anything.

A date without a time of day stays a `date`; a time without a zone is taken as UTC and flagged `assumed_utc`; what
names no day is no date and flagged `unparsed_date`; the zero dates of badly kept databases (year 1, the Unix epoch)
are none either, flagged `implausible_date`; a date that lies ahead is kept and flagged `future_date`.

feedparser's own readings are not used: they fill in what is missing (`2026` is the first of January, the 30th of
February the second of March) and do not tell.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from crawler.feeds.rare_dates import rewritten

FUTURE_TOLERANCE = timedelta(minutes=10)
"""Clocks that run a little fast are not worth a flag."""

_MAX_RAW_CHARS = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ZONE = r"(Z|[+-]\d\d:?\d\d|[+-]\d\d|(?:GMT|UTC)[+-]\d\d?:?\d{0,2}|[A-Za-z]{1,5})?"
_TIME = r"(\d{1,2}):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?\s*([AaPp]\.?[Mm]\.?)?\s*" + _ZONE
_ISO = re.compile(
    r"(\d{4})-(\d\d?)-(\d\d?)(?:(?:T|t|\s+)" + _TIME + ")?"
    r"|(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z|[+-]\d{4})?)?"
)
_DAY_FIRST = re.compile(r"(\d{1,2})\.?[\s-]+([^\W\d]{3,})\.?[\s,-]+(\d{4}|\d\d)(?:[\s,]+" + _TIME + ")?")
_MONTH_FIRST = re.compile(r"([^\W\d]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[\s,]+" + _TIME + ")?")
_WEEKDAY = re.compile(r"[^\W\d]+\.?(?:,\s*|\s+)(?=\d|[^\W\d]{3,}\.?\s+\d)")
_COMMENT = re.compile(r"\s*\([^)]*\)\s*$")

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan janv ene gen januar ιαν янв",
            "feb fév févr fev φεβ фев",
            "mar mär mrz mrt maa mars märz már μαρ μάρ мар",
            "apr avr abr ápr απρ апр",
            "may mai mei mag maj máj μάι μαι μαΐ μάϊ май мая",
            "jun juin giu jún ιουν ιούν июн",
            "jul juil lug júl ιουλ ιούλ июл",
            "aug aoû août aout ago αυγ αύγ авг",
            "sep set sze σεπ сен",
            "oct okt ott out οκτ окт",
            "nov νοε νοέ ноя",
            "dec déc dez dic δεκ дек",
        ),
        start=1,
    )
    for name in names.split()
}
"""English (RFC 5322) and the other languages that hand-made feeds use, by their first three or four letters."""

_ZONE_HOURS = {
    **{"z": 0.0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 1, "bst": 1, "cet": 1, "met": 1, "cest": 2, "mest": 2},
    **{"eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13, "hst": -10},
    **{"est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8},
}
"""RFC 5322 section 4.3, and the names that feeds are seen to use; ambiguous ones (IST) count as no zone."""


@dataclass(frozen=True, slots=True)
class ReadDate:
    """A date as far as the publisher gave one, and what was odd about it."""

    value: date | None = None
    flags: tuple[str, ...] = ()


def read_date(raw: str, now: datetime) -> ReadDate:
    """Read one date as it stands in a feed."""
    raw = " ".join(raw[: _MAX_RAW_CHARS + 1].split())
    if not raw:
        return ReadDate()
    if len(raw) > _MAX_RAW_CHARS:
        return ReadDate(flags=("unparsed_date",))
    value, assumed_utc = _read(raw)
    if value is None:
        return ReadDate(flags=("unparsed_date",))
    if value.year < 2 or value == _EPOCH:
        return ReadDate(flags=("implausible_date",))
    flags = ["assumed_utc"] if assumed_utc else []
    if _is_ahead(value, now):
        flags.append("future_date")
    return ReadDate(value, tuple(flags))


def _is_ahead(value: date, now: datetime) -> bool:
    if isinstance(value, datetime):
        return value > now + FUTURE_TOLERANCE
    return value > (now + timedelta(hours=14)).date()  # the day that is on somewhere


def _read(raw: str) -> tuple[date | None, bool]:
    """The date, and whether its zone had to be assumed."""
    if raw.isascii() and raw.isdigit() and len(raw) in (10, 13):  # ² is a digit too
        return _EPOCH + timedelta(seconds=int(raw[:10])), False
    raw = rewritten(_COMMENT.sub("", raw), _MONTHS)
    try:
        if iso := _ISO.fullmatch(raw):
            if iso[9]:
                return _moment(iso[9], iso[10], iso[11], iso[12], iso[13], iso[14], None, iso[15])
            return _moment(*iso.groups()[:8])
        plain = _WEEKDAY.sub("", raw, count=1) if raw[:1].isalpha() else raw
        for text in (plain, raw):
            if match := _DAY_FIRST.fullmatch(text):
                day, month, year, *clock = match.groups()
            elif match := _MONTH_FIRST.fullmatch(text):
                month, day, year, *clock = match.groups()
            else:
                continue
            number = _month(month)
            if number:
                return _moment(_century(year), str(number), day, *clock)
    except (ValueError, OverflowError):
        return None, False
    return None, False


def _moment(
    year: str,
    month: str,
    day: str,
    hour: str | None,
    minute: str | None,
    second: str | None,
    half: str | None,
    zone: str | None,
) -> tuple[date, bool]:
    calendar_day = date(int(year), int(month), int(day))
    if hour is None or minute is None:
        return calendar_day, False
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half[0] in "pP" else 0)
    offset = _offset(zone)
    moment = datetime(
        calendar_day.year,
        calendar_day.month,
        calendar_day.day,
        hours % 24 if hours == 24 else hours,
        int(minute),
        min(int(second or 0), 59),  # a leap second has no place in datetime
        tzinfo=offset or UTC,
    )
    if hours == 24:
        moment += timedelta(days=1)
    return moment.astimezone(UTC), offset is None


def _offset(zone: str | None) -> timezone | None:
    if not zone:
        return None
    name = zone.lower()
    if name in _ZONE_HOURS:
        return timezone(timedelta(hours=_ZONE_HOURS[name]))
    if name.startswith(("gmt", "utc")):
        name = name[3:]
    digits = name[1:].replace(":", "")
    if name[:1] not in ("+", "-") or not digits.isdigit():
        return None
    hours, minutes = (int(digits), 0) if len(digits) <= 2 else (int(digits[:-2]), int(digits[-2:]))
    offset = timedelta(hours=hours, minutes=minutes)
    return timezone(offset if name[0] == "+" else -offset)


def _month(name: str) -> int | None:
    name = name.lower()
    return _MONTHS.get(name) or _MONTHS.get(name[:4]) or _MONTHS.get(name[:3])


def _century(year: str) -> str:
    if len(year) == 4:
        return year
    return f"{'20' if int(year) < 70 else '19'}{year}"  # POSIX strptime %y
