"""What the schedule learned of one feed, and the text that storage keeps of it."""

from __future__ import annotations

import json
from dataclasses import dataclass

from crawler.feeds.document import Hints

HOUR_S = 3600.0
DAY_S = 86400.0
MOST_ENTRIES = 10_000.0
"""Counts stop here."""
OLDEST_S = 400 * DAY_S
"""What is further away than a year and a bit says nothing about a rhythm."""

_NO_HINTS = Hints()


@dataclass(frozen=True, slots=True)
class Learned:
    """What polls taught about one feed. Times are seconds since 1970, UTC."""

    seen_s: float | None = None
    """The last poll that succeeded."""
    since_s: float | None = None
    """From when on its weekdays are known evenly."""
    entries: float = 0.0
    days: float = 0.0
    """Decayed entries, and the decayed time that they took."""
    hours: tuple[float, ...] = ()
    weekdays: tuple[float, ...] = ()
    minute_x: float = 0.0
    minute_y: float = 0.0
    minute_n: float = 0.0
    """The sum of the entries' directions on the clock face, and their number, decayed."""
    date_trust: float = 0.0
    """Above 0: new entries are dated between the polls that found them. Below: their dates are not the time at which
    they appear, and are ignored."""
    listed: int = 0
    """Entries of the last document."""
    known: int = 0
    """Entries ever seen, up to a hundred."""
    news_s: float | None = None
    """When the newest entry came."""
    longest_quiet_s: float = 0.0
    """The longest time without entries, decayed by news."""
    silent_s: float | None = None
    """Without news until then the feed has fallen silent."""
    guard_s: float | None = None
    """An interval that is not exceeded, since entries were missed."""
    hints: Hints = _NO_HINTS
    """Of the last document: a 304 does not repeat them."""

    def to_text(self) -> str:
        """A JSON object of a few hundred bytes."""
        values: dict[str, object] = {"v": 1}
        for name in _TIMES:
            if (moment := getattr(self, name)) is not None:
                values[name] = int(moment)
        for name in _AMOUNTS:
            if amount := getattr(self, name):
                values[name] = round(amount, 4)
        for name in _SHAPES:
            if shape := getattr(self, name):
                values[name] = [round(share, 2) for share in shape]
        hints = self.hints
        values |= {"listed": self.listed, "known": self.known}
        values |= {"ttl_s": hints.ttl_s} if hints.ttl_s else {}
        values |= {"update_period_s": hints.update_period_s} if hints.update_period_s else {}
        values |= {"skip_hours": sorted(hints.skip_hours)} if hints.skip_hours else {}
        values |= {"skip_days": sorted(hints.skip_days)} if hints.skip_days else {}
        return json.dumps(values, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str | None) -> Learned:
        """What `to_text` wrote. Whatever else it is, nothing is learned from it and nothing breaks."""
        if not text or len(text) > 10_000:
            return cls()
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            return cls()
        if not isinstance(values, dict) or values.get("v") != 1:
            return cls()
        return _from_values(values)


_TIMES = ("seen_s", "since_s", "news_s", "silent_s", "guard_s")
_AMOUNTS = ("entries", "days", "minute_x", "minute_y", "minute_n", "date_trust", "longest_quiet_s")
_SHAPES = {"hours": 24, "weekdays": 7}
_LATEST_S = 253_000_000_000.0  # the year 9987


def _from_values(values: dict[str, object]) -> Learned:
    times = {name: _number(values.get(name), 0.0, _LATEST_S) for name in _TIMES}
    lowest = {"minute_x": -MOST_ENTRIES, "minute_y": -MOST_ENTRIES, "date_trust": -10.0}
    highest = {"date_trust": 10.0, "longest_quiet_s": OLDEST_S}
    amounts = {
        name: _number(values.get(name), lowest.get(name, 0.0), highest.get(name, MOST_ENTRIES)) or 0.0
        for name in _AMOUNTS
    }
    shapes = {name: _shape(values.get(name), length) for name, length in _SHAPES.items()}
    hints = Hints(
        ttl_s=_number(values.get("ttl_s"), 1.0, OLDEST_S),
        update_period_s=_number(values.get("update_period_s"), 1.0, OLDEST_S),
        skip_hours=_whole_numbers(values.get("skip_hours"), 24),
        skip_days=_whole_numbers(values.get("skip_days"), 7),
    )
    listed, known = (int(_number(values.get(name), 0.0, 1e6) or 0) for name in ("listed", "known"))
    return Learned(**times, **amounts, **shapes, listed=listed, known=min(known, 100), hints=hints)  # type: ignore[arg-type]


def _number(value: object, lowest: float, highest: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
        return None
    return float(value)


def _shape(value: object, length: int) -> tuple[float, ...]:
    if not isinstance(value, list) or len(value) != length:
        return ()
    shares = [_number(share, 0.0, MOST_ENTRIES) for share in value]
    return () if None in shares else tuple(share for share in shares if share is not None)


def _whole_numbers(value: object, below: int) -> frozenset[int]:
    if not isinstance(value, list) or len(value) > below:
        return frozenset()
    return frozenset(one for one in value if type(one) is int and 0 <= one < below)
