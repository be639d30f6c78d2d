"""Figures, days and lengths of time in words, for pages in English. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September", "October"),
    *("November", "December"),
)
_UNITS = (("year", 365 * 86_400), ("month", 30 * 86_400), ("week", 7 * 86_400), ("day", 86_400), ("hour", 3_600))


def day(moment: date) -> str:
    """`25 May 2020`."""
    at = in_utc(moment)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def short_day(moment: date) -> str:
    """`25 May`."""
    at = in_utc(moment)
    return f"{at.day} {MONTHS[at.month - 1][:3]}"


def month(moment: date) -> str:
    """`May 2020`."""
    return f"{MONTHS[moment.month - 1]} {moment.year}"


def moment(at: date) -> str:
    """`25 May 2020, 14:20 UTC`; a day without a time gets none."""
    if not isinstance(at, datetime):
        return day(at)
    return f"{day(at)}, {at.astimezone(UTC):%H:%M} UTC"


def machine(at: date) -> str:
    """As `<time datetime>` has it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if isinstance(at, datetime) else at.isoformat()


def in_utc(at: date) -> date:
    """A moment as it is in UTC, a day as it is."""
    return at.astimezone(UTC) if isinstance(at, datetime) else at


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 article`, `2,000 articles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def length(span: timedelta) -> str:
    """A length of time in its largest unit: `2 hours`."""
    seconds = abs(span.total_seconds())
    for unit, size in _UNITS:
        if seconds >= size:
            return counted(int(seconds // size), unit)
    return counted(int(seconds // 60), "minute")


def distance(at: datetime, now: datetime) -> str:
    """How far a moment is from now: `2 hours ago`, `in 5 minutes`, `now`."""
    if abs(at - now) < timedelta(minutes=1):
        return "now"
    return f"{length(now - at)} ago" if at < now else f"in {length(at - now)}"


def size(count: int) -> str:
    """Bytes in a unit that can be read: `1.4 MB`."""
    amount = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            return f"{count} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1000
    raise AssertionError
