"""The chart of articles over time, as figures for an SVG that fits any width. Pure.

Places along the time are per cent of the width, heights are pixels: so the drawing stretches and its letters do not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from storage.facets import Bar, Step
from storage.web import wording

HEIGHT = 72
"""Pixels of the highest bar."""
FEWEST_PLACES = 12
"""So that the only day of a corpus is no wall."""
MOST_LABELS = 7
_FILL = 0.84
_LOOSE_FILL = 0.62
"""Of a bar's place, the rest is white; more of it where few bars are wide."""


@dataclass(frozen=True, slots=True)
class ChartBar:
    """One bar and the place that it stands in."""

    start: date
    end: date
    count: int
    label: str
    href: str
    x: str
    width: str
    place_x: str
    place_width: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Label:
    """A name of a time below the bars."""

    x: str
    anchor: Literal["start", "middle"]
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What the drawing shows."""

    by: Step
    bars: tuple[ChartBar, ...]
    labels: tuple[Label, ...]
    most: int
    total: int

    @property
    def title(self) -> str:
        """What it is, in words."""
        return f"Articles by {self.by}"

    @property
    def description(self) -> str:
        """What it shows, for who does not see it."""
        top = max(self.bars, key=lambda bar: bar.count)
        told = f"{wording.counted(self.total, 'article')} from {wording.day(self.bars[0].start)} on; "
        return f"{told}most in {top.label}: {top.count:,}."


def drawn(bars: Sequence[Bar], by: Step, address: Callable[[date, date], str]) -> Chart | None:
    """The chart of a time line; None where there is nothing to draw. `address` gives the page that shows a stretch."""
    if not bars:
        return None
    most = max(bar.count for bar in bars)
    place = 100 / max(len(bars), FEWEST_PLACES)
    left = (100 - place * len(bars)) / 2
    fill = _fill(len(bars))
    found = []
    for number, bar in enumerate(bars):
        x = left + number * place
        high = max(round(bar.count / most * HEIGHT, 1), 2.0) if bar.count else 0.0
        found.append(
            ChartBar(
                *(bar.start, bar.end, bar.count, name_of(bar.start, by), address(bar.start, bar.end)),
                x=_per_cent(x + place * (1 - fill) / 2),
                width=_per_cent(place * fill),
                place_x=_per_cent(x),
                place_width=_per_cent(place),
                y=HEIGHT - high,
                height=high,
            )
        )
    labels = _labels(bars, by, left, place)
    return Chart(by, tuple(found), labels, most, sum(bar.count for bar in bars))


def name_of(start: date, by: Step) -> str:
    """What a stretch of time is called."""
    if by == "year":
        return str(start.year)
    if by == "month":
        return wording.month(start)
    return f"the week of {wording.day(start)}" if by == "week" else wording.day(start)


def _labels(bars: Sequence[Bar], by: Step, left: float, place: float) -> tuple[Label, ...]:
    """Names at the beginnings of years or months where there are some, else at even steps."""
    numbers = list(range(len(bars)))
    if by in ("day", "week") and len(bars) > 40:
        numbers = [n for n in numbers if n == 0 or bars[n].start.month != bars[n - 1].start.month]
    elif by == "month" and len(bars) > 18:
        numbers = [n for n in numbers if bars[n].start.month == 1]
    numbers = numbers[:: -(-len(numbers) // MOST_LABELS)] if numbers else [0]
    wide = place > 6
    return tuple(
        Label(
            _per_cent(left + n * place + (place / 2 if wide else place * (1 - _fill(len(bars))) / 2)),
            "middle" if wide else "start",
            _short(bars[n].start, by, len(bars)),
        )
        for n in numbers
        if wide or left + n * place < 94
    )


def _fill(count: int) -> float:
    return _FILL if count > 24 else _LOOSE_FILL


def _short(start: date, by: Step, count: int) -> str:
    if by == "year" or (by == "month" and count > 18):
        return str(start.year)
    if by == "month" or (by in ("day", "week") and count > 40):
        return f"{wording.MONTHS[start.month - 1][:3]} {start.year}"
    return wording.short_day(start)


def _per_cent(value: float) -> str:
    return f"{value:.3f}%"
