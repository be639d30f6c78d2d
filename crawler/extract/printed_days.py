"""The day that the visible text gives: in a line by the headline, or where htmldate finds it and a line says it."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, islice, zip_longest

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.credits import PRINTED_DAY, first_paragraph, is_credit_line
from crawler.extract.days import EARLIEST, day_of, parse_when, possible
from crawler.extract.zones import ZONE, zone_of

_NUMBER = re.compile(r"(?<!\d)\d{1,8}(?!\d)")
_RIGHTS = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
_DATE_REACH = 6
"""Blocks before the headline and behind the last paragraph in which an article's date stands."""
_DATELIKE = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d{1,2}[./-]\s?\d\d|\b\d{1,2}[.,]?\s[^\W\d_]{3,9}[.,]?\s'?\d\d\b")
_CLOCK = (
    r"(?P<hour>\d{1,2})(?:[:.h](?P<minute>\d\d)(?::\d\d)?)?\s?(?:(?P<half>[AaPp])\.?\s?[Mm]\b\.?|Uhr\b|hrs?\b)?"
    rf"\s?\(?(?P<zone>{ZONE})"
)
_CLOCK_BEHIND = re.compile(rf"^[\s,|•·–—-]*(?:[^\W\d_]{{1,4}}\.?\s(?:[^\W\d_]{{2,4}}\s)?)?{_CLOCK}")
_CLOCK_BEFORE = re.compile(rf"\b{_CLOCK}\)?[\s,|•·–—-]*(?:[^\W\d_]{{2,10}}\.?,?\s){{0,2}}$")
_UPDATED = re.compile(
    r"\b(?:updat|modif|revis|aktuali|actuali|ge[äa]ndert|mis à jour|m[àa]j\b|aggiorn|bijgewerkt|gewijzigd|atualiz|"
    r"op?pdater|uppdater|päivitetty|zaktualiz|обновл|оновл|güncell)",
    re.IGNORECASE,
)
"""What a page says before the time of its last change."""
_LINES_BELOW = 12
_LINES_ABOVE = 3
_LINE_WORDS = 25
_NEAR = 40
"""Characters from a day to its time."""
_MANY_DAYS = 50
_CHRONICLE = 1_000
"""Lines with a day in them: no one of them is the page's own, and htmldate would take 5 ms for each."""


@dataclass(frozen=True, slots=True)
class Printed:
    """What the lines by the headline say: a day, or the instant where they give its time with a zone."""

    published: date | None = None
    updated: date | None = None


def printed_below(layout: Layout | None, headline: HtmlElement | None, now: datetime) -> Printed:
    """What the short lines between headline and first paragraph say. A day that they call an update's is the
    publication's where they name no other."""
    if layout is None:
        return Printed()
    at = _place_of(layout.blocks, headline)
    if at < 0:
        return Printed()
    found = list(islice(_moments_in(_lines_below(layout.blocks, at), now), _MANY_DAYS))
    published = next((when for when, update in found if not update), None)
    updated = next((when for when, update in found if update), None)
    return Printed(published, updated) if published is not None else Printed(updated)


def printed_day(layout: Layout | None, headline: HtmlElement | None, now: datetime) -> date | None:
    """The first possible day that a short line just above the headline names; else the day in the short lines of the
    article and around it, where they all name one. The day of `now` in the head of a site dates its delivery: above the
    headline it never counts."""
    if layout is None:
        return None
    at = _place_of(layout.blocks, headline)
    if at >= 0:
        above = layout.blocks[max(0, at - _LINES_ABOVE) : at]
        days = _not_now(_days_in((block for block in reversed(above) if not block.side), now), now)
        if (day := next(days, None)) is not None:
            return day
    above, below = _around(layout, headline)
    named = set(islice(chain(_days_in(below, now), _not_now(_days_in(above, now), now)), _MANY_DAYS))
    return named.pop() if len(named) == 1 else None


def _place_of(blocks: list[Block], headline: HtmlElement | None) -> int:
    return next((i for i, b in enumerate(blocks) if b.element is headline), -1)


def _lines_below(blocks: list[Block], at: int) -> list[Block]:
    first = first_paragraph(blocks, range(at + 1, min(len(blocks), at + _LINES_BELOW)), at)
    return [block for block in blocks[at + 1 : first] if not block.side]


def _not_now(days: Iterable[date], now: datetime) -> Iterator[date]:
    return (day for day in days if not _is_now(day, now))


def _is_now(day: date, now: datetime) -> bool:
    """Whether it is today somewhere on earth."""
    return abs(day - now.date()) <= timedelta(days=1)


def _days_in(blocks: Iterable[Block], now: datetime) -> Iterator[date]:
    return (when.date() if isinstance(when, datetime) else when for when, _ in _moments_in(blocks, now))


def _moments_in(blocks: Iterable[Block], now: datetime) -> Iterator[tuple[date, bool]]:
    """Every possible day or instant in the short lines, and whether the line says that it is of an update."""
    for block in blocks:
        if (block.words > _LINE_WORDS and not is_credit_line(block)) or _RIGHTS.search(block.text):
            continue
        text, before = block.text, 0
        days = list(PRINTED_DAY.finditer(text))
        for found, following in zip_longest(days, days[1:]):
            behind = text[found.end() : following.start() if following else len(text)]
            label = text[before : found.start()]
            day = parse_when(found[0])
            clock = _CLOCK_BEHIND.search(behind[:_NEAR])
            before = found.end() + (clock.end() if clock else 0)
            clock = clock or _CLOCK_BEFORE.search(label[-_NEAR:])
            when = (_instant(day, clock) if day and clock else None) or day
            if when := possible(when, now):
                yield when, _UPDATED.search(label) is not None


def _instant(day: date, clock: re.Match[str]) -> datetime | None:
    """The instant of a printed time; None where it has no zone, or one that several places have."""
    hour, minute, half = int(clock["hour"]), int(clock["minute"] or 0), (clock["half"] or "").lower()
    if minute > 59 or not (1 <= hour <= 12 if half else hour <= 23 and clock["minute"]):
        return None
    hour = hour % 12 + 12 * (half == "p") if half else hour
    zone = zone_of(clock["zone"], day)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone) if zone else None


def names_year(layout: Layout | None, headline: HtmlElement | None) -> bool:
    """Whether any of those lines has the digits of a date; without them a search of the page finds others' dates. A
    chronicle of a thousand days names none as its own."""
    if layout is None:
        return False
    if not any(_DATELIKE.search(block.text) for block in chain(*_around(layout, headline))):
        return False
    dated = filter(_DATELIKE.search, (block.text for block in layout.blocks))
    return sum(1 for _ in islice(dated, _CHRONICLE)) < _CHRONICLE


def _around(layout: Layout, headline: HtmlElement | None) -> tuple[list[Block], list[Block]]:
    """The blocks in which an article's date stands: a few before the headline; its own and a few behind the last."""
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline), -1)
    last = next((i for i in range(len(blocks) - 1, at, -1) if blocks[i].is_prose), at)
    begin = max(0, at)
    return blocks[max(0, at - _DATE_REACH) : begin], blocks[begin : last + 1 + _DATE_REACH]


def as_said(when: date, layout: Layout | None, headline: HtmlElement | None, now: datetime) -> date | None:
    """The day, where a line around the headline or the article names it, else None. Where that line has it with points,
    the day is before the month (`04.02.2022`), which htmldate reads as it is usual in the United States.

    1 January is what htmldate makes of a year alone, mostly the one in the line of rights (measured on 2,237 pages: 87
    times, never right)."""
    day = day_of(when)
    if (day.month, day.day) == (1, 1) or layout is None:
        return None
    turned = rf"(?<![\d.])0?{day.month}\.\s?0?{day.day}\.\s?{day.year}\b" if day.day <= 12 else None
    above, below = _around(layout, headline)
    for block in below if _is_now(day, now) else (*above, *below):
        numbers = [int(n) for n in _NUMBER.findall(block.text)] if not _RIGHTS.search(block.text) else []
        if (day.day in numbers and (day.year in numbers or day.year % 100 in numbers)) or (
            int(f"{day:%Y%m%d}") in numbers
        ):
            if turned and re.search(turned, block.text):
                return day.replace(month=day.day, day=day.month)
            return when
    return None


def read_out(tree: HtmlElement, now: datetime) -> Iterator[tuple[object, str]]:
    """htmldate's search of the visible text, only asked where nothing else dates the page: it costs most."""
    logging.getLogger("htmldate").setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():  # dateutil warns of zone names on the page that it does not know
            warnings.simplefilter("ignore")
            found = find_date(tree, original_date=True, min_date=EARLIEST.isoformat(), max_date=now.date().isoformat())
    except (ValueError, TypeError, RecursionError, OverflowError, etree.LxmlError):
        found = None
    if found:
        yield found, "text"
