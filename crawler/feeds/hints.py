"""How often a publisher asks to be polled: RSS `ttl`, `skipHours` and `skipDays`, and `sy:updatePeriod`."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from crawler.feeds.document import Hints

_PERIODS_S = {"hourly": 3600, "daily": 86400, "weekly": 7 * 86400, "monthly": 30 * 86400, "yearly": 365 * 86400}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MAX_MINUTES = 60 * 24 * 365


def read_hints(root: etree._Element | None) -> Hints:
    """The hints of a feed by its parsed tree; what is missing or makes no sense is left out.

    `ttl` is in minutes (RSS 2.0), `skipHours` are GMT and count from 0, with 24 for midnight in old feeds (RSS 0.91);
    `sy:updatePeriod` is divided by `sy:updateFrequency`, 1 by default (RSS 1.0 module Syndication).
    """
    if root is None:
        return Hints()
    found = dict(_channel_elements(root))
    ttl = _number(found.get("ttl"), _MAX_MINUTES)
    hours = (_number(element, 24) for name, element in _children(found.get("skiphours")) if name == "hour")
    days = ((element.text or "").strip().lower() for name, element in _children(found.get("skipdays")) if name == "day")
    period = _PERIODS_S.get((_text(found.get("updateperiod")) or "").lower())
    frequency = _number(found.get("updatefrequency"), 100_000) or 1
    return Hints(
        ttl_s=ttl * 60.0 if ttl else None,
        skip_hours=frozenset(hour % 24 for hour in hours if hour is not None),
        skip_days=frozenset(_DAYS.index(day) for day in days if day in _DAYS),
        update_period_s=period / frequency if period else None,
    )


HISTORY = "{http://purl.org/syndication/history/1.0}"


def read_history(root: etree._Element | None) -> tuple[bool, bool]:
    """Whether a feed says that it is complete, and whether it is an archive document (RFC 5005 sections 2 and 4): the
    mere element says so, in the feed or channel itself."""
    if root is None:
        return False, False
    tags = {element.tag for _, element in _channel_elements(root)}
    return f"{HISTORY}complete" in tags, f"{HISTORY}archive" in tags


def _channel_elements(root: etree._Element) -> Iterator[tuple[str, etree._Element]]:
    """What stands directly in the feed or its channel, by local name in lower case."""
    for name, element in _children(root):
        if name == "channel":
            yield from _children(element)
        else:
            yield name, element


def _children(parent: etree._Element | None) -> Iterator[tuple[str, etree._Element]]:
    for element in () if parent is None else parent:
        if isinstance(element.tag, str):
            yield element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower(), element


def _text(element: etree._Element | None) -> str | None:
    return element.text.strip() if element is not None and element.text else None


def _number(element: etree._Element | None, highest: int) -> int | None:
    text = _text(element) or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= highest else None
