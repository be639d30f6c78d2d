"""Ways to write a date that few publishers have, rewritten into those that many have. Nothing is added or guessed.

They are those that feedparser's own collection of feeds is known to hold: asctime, Perforce, Korean blogs, Hungarian
month names inside an ISO date, days of the year; and the Chinese and Japanese cousins of the Korean ones.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

_TIME = r"\d{1,2}:\d\d(?::\d\d(?:\.\d+)?)?"
_ASCTIME = re.compile(rf"(?:[^\W\d]+ )?([^\W\d]{{3,}} \d{{1,2}}) ({_TIME}) ?([A-Za-z]{{1,5}}|[+-]\d{{4}})? (\d{{4}})")
_SLASHES = re.compile(r"(?:[^\W\d]+, )?(\d{4})/(\d\d?)/(\d\d?)(?= |$)")
_EAST_ASIAN_DAY = re.compile(r"(\d{4}) ?[년年] ?(\d\d?) ?[월月] ?(\d\d?) ?[일日]")
_EAST_ASIAN_HALF = re.compile(rf" ?(오전|오후|上午|下午|午前|午後) ?({_TIME})")
_NAMED_MONTH = re.compile(r"(\d{4})-([^\W\d]{3,})-(\d\d?)(?=T)")
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d{3})(?=T|$)")
_AFTERNOON = frozenset({"오후", "下午", "午後"})


def rewritten(raw: str, months: dict[str, int]) -> str:
    """The date in a usual form, or as it was. `raw` has single spaces; `months` are the names that are known, in lower
    case, by their first letters."""
    if found := _ASCTIME.fullmatch(raw):
        day, clock, zone, year = found.groups()
        return f"{day} {year} {clock} {zone or ''}".rstrip()
    raw = _SLASHES.sub(r"\1-\2-\3", raw)
    raw = _EAST_ASIAN_DAY.sub(r"\1-\2-\3", raw)
    raw = _EAST_ASIAN_HALF.sub(lambda half: f" {half[2]} {'PM' if half[1] in _AFTERNOON else 'AM'}", raw)
    if (named := _NAMED_MONTH.match(raw)) and (number := months.get(named[2].lower()[:3])):
        return f"{named[1]}-{number:02}-{named[3]}{raw[named.end() :]}"
    if (ordinal := _DAY_OF_YEAR.match(raw)) and 0 < int(ordinal[2]) <= 366 and int(ordinal[1]) > 0:
        day_of_year = date(int(ordinal[1]), 1, 1) + timedelta(days=int(ordinal[2]) - 1)
        if day_of_year.year == int(ordinal[1]):
            return f"{day_of_year.isoformat()}{raw[ordinal.end() :]}"
    return raw
