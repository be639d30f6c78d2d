"""The day that the visible text gives: in a line by the headline, or where htmldate finds it and a line says it."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import chain, islice

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.days import EARLIEST, day_of, labels_change, parse_when, possible

_NUMBER = re.compile(r"(?<!\d)\d{1,8}(?!\d)")
_RIGHTS = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
_DATE_REACH = 6
"""Blocks before the headline and behind the last paragraph in which an article's date stands."""
_DATELIKE = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d{1,2}[./-]\s?\d\d|\b\d{1,2}[.,]?\s[^\W\d_]{3,9}[.,]?\s'?\d\d\b")
_PRINTED_DAY = re.compile(
    r"(?<![\d.])\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|º)?\.?\s(?:de\s)?[^\W\d_]{3,10}\.?,?\s(?:de\s)?(?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,10}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d\b"
)
_CLOCK = re.compile(r"(?<![\d.:])(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?![\d.:]\d)\s?(?P<half>[AaPp]\.?\s?[Mm]\b)?")
_ZONE = re.compile(r"\b[A-Z]{3,4}\b")
_ZONES = {
    **{"UTC": 0.0, "GMT": 0.0, "WET": 0.0, "WEST": 1.0, "BST": 1.0, "CET": 1.0, "MEZ": 1.0, "CEST": 2.0, "MESZ": 2.0},
    **{"EET": 2.0, "EEST": 3.0, "MSK": 3.0, "NZST": 12.0, "NZDT": 13.0, "AEST": 10.0, "AEDT": 11.0, "ACST": 9.5},
    **{"ACDT": 10.5, "AWST": 8.0, "JST": 9.0, "KST": 9.0, "HKT": 8.0, "WIB": 7.0, "EST": -5.0, "EDT": -4.0},
    **{"CDT": -5.0, "MST": -7.0, "MDT": -6.0, "PST": -8.0, "PDT": -7.0, "AKST": -9.0, "AKDT": -8.0, "HST": -10.0},
}
"""Hours from UTC of the abbreviations that newspapers print (tz database). Those of several zones are missing: CST (in
America and in China), IST, ET and PT, whose hour hangs on the season."""
_LINES_BELOW = 12
_LINES_ABOVE = 3
_LINE_WORDS = 25
_MANY_DAYS = 50
_CHRONICLE = 1_000
"""Lines with a day in them: no one of them is the page's own, and htmldate would take 5 ms for each."""


def printed_day(layout: Layout | None, headline: HtmlElement | None, now: datetime) -> date | None:
    """The first possible day that a short line between headline and first paragraph names, or one just above the
    headline; else the day in the short lines of the article and around it, where they all name one. The day of `now` in
    the head of a site dates its delivery: above the headline it never counts."""
    if layout is None:
        return None
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline), -1)
    if at >= 0:
        first = next((i for i in range(at + 1, min(len(blocks), at + _LINES_BELOW)) if blocks[i].is_prose), at)
        below, above = blocks[at + 1 : first], blocks[max(0, at - _LINES_ABOVE) : at]
        days = chain(
            _days_in((block for block in below if not block.side), now),
            _not_now(_days_in((block for block in reversed(above) if not block.side), now), now),
        )
        if (day := next(days, None)) is not None:
            return day
    above, below = _around(layout, headline)
    named = set(islice(chain(_days_in(below, now), _not_now(_days_in(above, now), now)), _MANY_DAYS))
    return named.pop() if len(named) == 1 else None


def printed_dates(
    layout: Layout | None, headline: HtmlElement | None, now: datetime
) -> tuple[date | None, date | None]:
    """Publication and change as the lines between headline and first paragraph give them, each in a line of its own.
    An instant where the line has the hour and a zone that means one thing in the whole world, else a plain day; the
    publication only where its line gives the instant, for `printed_day` gives the day."""
    if layout is None or headline is None:
        return None, None
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline), len(blocks))
    published: date | None = None
    updated: date | None = None
    for block in blocks[at + 1 : at + _LINES_BELOW]:
        if block.is_prose:
            break
        day = next(_days_in((block,), now), None) if not block.side else None
        if day is None:
            continue
        when = possible(_instant(day, block.text) or day, now)
        if labels_change(block.text):
            updated = updated or when
        elif isinstance(when, datetime):
            published = published or when
    return published, updated


def _instant(day: date, line: str) -> datetime | None:
    clock = _CLOCK.search(line)
    zone = next((z for z in _ZONE.findall(line) if z in _ZONES), None)
    if clock is None or zone is None or len(_CLOCK.findall(line)) > 1:
        return None
    hour, minute, half = int(clock["hour"]), int(clock["minute"]), (clock["half"] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59:
        return None
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=timezone(timedelta(hours=_ZONES[zone])))


def _not_now(days: Iterable[date], now: datetime) -> Iterator[date]:
    return (day for day in days if not _is_now(day, now))


def _is_now(day: date, now: datetime) -> bool:
    """Whether it is today somewhere on earth."""
    return abs(day - now.date()) <= timedelta(days=1)


def _days_in(blocks: Iterable[Block], now: datetime) -> Iterator[date]:
    for block in blocks:
        if block.words <= _LINE_WORDS and not _RIGHTS.search(block.text):
            for found in _PRINTED_DAY.finditer(block.text):
                if day := possible(parse_when(found[0]), now):
                    yield day_of(day)


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
