"""The zones that pages print behind a time, where a name means one of them only."""

from __future__ import annotations

import re
from datetime import date, timedelta, timezone

ZONE = r"(?:(?:GMT|UTC)\s?[+−–-]\s?\d{1,2}(?::?\d\d)?|[+−-]\d\d:?\d\d|[A-Z][A-Za-z]{1,4}|Z)\b"
"""What may be a zone; `zone_of` knows."""
_MINUTES = {
    **dict.fromkeys(("GMT", "UTC", "WET", "Z"), 0),
    **dict.fromkeys(("CET", "MEZ", "WEST", "WAT"), 60),
    **dict.fromkeys(("CEST", "MESZ", "EET", "SAST", "CAT"), 120),
    **dict.fromkeys(("EEST", "MSK", "EAT", "TRT"), 180),
    **{"PKT": 300, "NPT": 345, "ICT": 420, "WIB": 420, "AEST": 600, "AEDT": 660, "ACST": 570, "ACDT": 630},
    **dict.fromkeys(("HKT", "SGT", "WITA", "AWST", "PHT", "MYT"), 480),
    **{"JST": 540, "KST": 540, "WIT": 540, "NZST": 720, "NZDT": 780, "BRT": -180, "ART": -180, "NST": -210},
    **{"EDT": -240, "EST": -300, "CDT": -300, "MDT": -360, "MST": -420, "PDT": -420, "PST": -480},
    **{"AKDT": -480, "AKST": -540, "HST": -600},
}
"""Minutes before UTC (tz database). Left out is what is usual for two: CST (Chicago, China), IST (India, Ireland,
Israel), AST, ADT. Those of the United States are as in RFC 5322, section 4.3."""
_AMERICAN = {"ET": -300, "CT": -360, "MT": -420, "PT": -480}
"""Names that hold all year, and the minutes in winter."""
_OFFSET = re.compile(r"^(?:GMT|UTC)?\s?([+−–-])\s?(\d{1,2})(?::?(\d\d))?$")
_FARTHEST = 14 * 60


def zone_of(name: str, day: date) -> timezone | None:
    """The zone of that name on a day; None for a word that is none, or that is several."""
    if offset := _OFFSET.match(name):
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return _zone(minutes if offset[1] == "+" else -minutes) if minutes <= _FARTHEST else None
    if name in _AMERICAN and day.year >= 2007:
        return _zone(_AMERICAN[name] + 60 * (_sunday(day.year, 3, 2) <= day < _sunday(day.year, 11, 1)))
    if name == "BST":  # in winter it is none of Britain's, but Bangladesh's
        return _zone(60) if _sunday(day.year, 3, -1) <= day <= _sunday(day.year, 10, -1) else None
    return _zone(_MINUTES[name]) if name in _MINUTES else None


def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


def _sunday(year: int, month: int, number: int) -> date:
    """The first Sunday of a month, the second and so on; -1 for the last of a month of 31 days."""
    if number < 0:
        last = date(year, month, 31)
        return last - timedelta(days=(last.weekday() + 1) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
