"""When an article was published and updated: an instant where the page gives one, else a plain day, never a guess."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.claims import Claims, text_of
from crawler.extract.words import fold

EARLIEST = date(1990, 1, 1)
"""Before the web: the first page is of December 1990."""

_SKEW = timedelta(hours=1)
"""Clocks differ; an instant further ahead than this is the future. A day may be tomorrow's: east of us it is."""

_PUBLISHED_METAS = (
    "article:published_time",
    "og:published_time",
    "og:article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dc.date.issued",
    "dcterms.created",
    "dcterms.date",
    "parsely-pub-date",
    "sailthru.date",
    "pubdate",
    "publishdate",
    "publish-date",
    "publication_date",
    "citation_publication_date",
    "citation_date",
    "cxenseparse:recs:publishtime",
    "article.published",
    "published-date",
    "published_time",
    "published",
    "published_at",
    "publish_date",
    "og:publish_date",
    "publicationdate",
    "publication-date",
    "w-published-date",
    "bt:pubdate",
    "article:published",
    "shareaholic:article_published_time",
)
_UPDATED_METAS = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "lastmod",
    "last-modified",
    "dcterms.modified",
)
_URL_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)[/_-](\d{1,2})[/_-](\d{1,2})(?!\d)|/((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")
_DAY = re.compile(r"^\s*(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{1,8}(?!\d)")
_MAX_TIMES = 300
_MARKED_DATES = './/*[contains(@itemprop, "datePublished") or (self::time and @pubdate)]'
_RIGHTS = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
_DATE_REACH = 6
"""Blocks before the headline and behind the last paragraph in which an article's date stands."""
_BY_HAND = re.compile(r"^[A-Za-z]{3,9}\.? \d{1,2}, \d{4}$")
"""`Jun 24, 2025` in JSON-LD comes from site builders that write the day of their last build (6 of 6 wrong)."""
_DATELIKE = re.compile(r"(?:19|20)\d\d|\d[./-]\s?\d{1,2}[./-]\s?\d\d|\b\d{1,2}[.,]?\s[^\W\d_]{3,9}[.,]?\s'?\d\d\b")
_SAME_INSTANT = timedelta(minutes=1)
_FARTHEST_ZONE = timedelta(hours=14)
_ZONE_STEP = timedelta(minutes=15)
"""Zones are at most 14 hours from UTC, all by whole quarters of an hour (tz database)."""
_DAY_CHARS = len("2026-01-31T")
_COMPACT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


_NAMED_DAY = re.compile(
    r"(?:\b(?P<before>[^\W\d_]{3,10})\.?\s+)?\b(?P<day>\d{1,2})(?:st|nd|rd|th|er|º)?(?:,|\.|\s+de)?\s+"
    r"(?:(?P<month>[^\W\d_]{3,10})\.?,?\s+(?:de\s+)?)?(?P<year>(?:19|20)\d\d)\b"
)
_DIGIT_DAY = re.compile(r"^(\d{1,2})([./-])(\d{1,2})\2((?:19|20)\d\d)\b")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            *(
                "jan ene gen sty",
                "feb fév fev lut",
                "mar mär maa",
                "apr avr abr kwi",
                "may mai mei mag maj",
                "jun juin giu cze",
            ),
            *(
                "jul juil lug lip",
                "aug aoû ago sie",
                "sep set wrz",
                "oct okt ott out paź",
                "nov lis",
                "dec dez déc dic gru",
            ),
        ),
        1,
    )
    for name in names.split()
}
"""The first letters of the months in English, German, French, Spanish, Italian, Dutch, Portuguese and Polish."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Publication and update with the rule that gave each; None where the page gives none that is possible."""

    published: date | None
    published_from: str | None
    updated: date | None
    updated_from: str | None
    others: tuple[tuple[str, str], ...] = ()
    """(rule, day or time) of other publications that the page claims: of another day."""


def parse_when(value: object) -> date | None:
    """One written date. An aware `datetime` in the zone it is written in where it has time and zone, else the plain day
    it names.

    A time without a zone is no instant, so only its day is kept, as the site printed it.
    """
    if not isinstance(value, str) or not 6 <= len(value.strip()) <= 60:
        return None
    text = _COMPACT_ZONE.sub(r"\1:\2", " ".join(value.split()))
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


def find_dates(
    tree: HtmlElement,
    claims: Claims,
    url: str | None,
    now: datetime,
    headline: HtmlElement | None = None,
    feed: tuple[date | None, date | None] = (None, None),
    layout: Layout | None = None,
) -> Dates:
    """The dates of a page. Published: JSON-LD, metas, a time element, the URL, the feed, then what htmldate reads out
    of the text, if a line of the article says it. The feed gives the time where the page gives the same day only.
    Updated: JSON-LD, metas, the feed; never before the publication."""
    read = list(_published(tree, claims, url, headline))
    published, rule = _first(read, now)
    feed_published = possible(feed[0], now)
    if isinstance(feed_published, datetime) and not isinstance(published, datetime):
        if published is None or abs(day_of(feed_published) - published) <= timedelta(days=1):
            published, rule = feed_published, "feed"
    elif published is None and feed_published is not None:
        published, rule = feed_published, "feed"
    if published is None and _names_year(layout, headline):
        published, rule = _first(_read_out(tree, now), now)
        published = _as_said(published, layout, headline) if published is not None else None
        rule = rule if published is not None else None
    if isinstance(published, datetime) and not published.utcoffset():
        published = _in_zone(published, tree, claims, headline)
    updated, updated_rule = _first(_updated(claims, feed[1]), now)
    if updated is not None and published is not None and not _before(published, updated):
        updated = None
    others = _other_days(published, [*read, (feed_published, "feed")], now)
    return Dates(published, rule, updated, updated_rule if updated else None, others)


def _other_days(chosen: date | None, read: list[tuple[object, str]], now: datetime) -> tuple[tuple[str, str], ...]:
    """What else was read, each rule once, where it is of another day than the date that was chosen."""
    found: dict[str, str] = {}
    for value, rule in read:
        when = possible(value if isinstance(value, date) else parse_when(value), now)
        if when is not None and (chosen is None or abs(day_of(when) - day_of(chosen)) > timedelta(days=1)):
            found.setdefault(rule, when.isoformat())
    return tuple(found.items())


def _in_zone(published: datetime, tree: HtmlElement, claims: Claims, headline: HtmlElement | None) -> datetime:
    """An instant that the head gives in UTC, in the zone in which the page prints it: by another writing of the same
    instant, or by a clock time without a zone that is whole quarters of an hour away."""
    written = [value for name in _PUBLISHED_METAS for value in claims.metas.get(name, [])[:1]]
    for value in (*_time_elements(tree, headline), *written):
        try:
            moment = datetime.fromisoformat(_COMPACT_ZONE.sub(r"\1:\2", value.strip()[:40]))
        except ValueError:
            continue
        if moment.tzinfo is not None:
            if moment.utcoffset() and abs(moment - published) <= _SAME_INSTANT:
                return published.astimezone(moment.tzinfo)
        elif len(value.strip()) > _DAY_CHARS:
            ahead = moment.replace(tzinfo=UTC) - published
            if ahead and abs(ahead) <= _FARTHEST_ZONE and not ahead % _ZONE_STEP:
                return published.astimezone(timezone(ahead))
    return published


def _before(one: date, other: date) -> bool:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one < other
    return day_of(one) < day_of(other)


def _first(found: Iterable[tuple[object, str]], now: datetime) -> tuple[date | None, str | None]:
    """The first possible date; a later one of the same day that has a time is finer and wins."""
    best: tuple[date | None, str | None] = (None, None)
    for value, rule in found:
        when = possible(value if isinstance(value, date) else parse_when(value), now)
        if when is None:
            continue
        finer = best[0] is None or (
            isinstance(when, datetime) and abs(day_of(when) - day_of(best[0])) <= timedelta(days=1)
        )
        if finer:
            best = when, rule
        if isinstance(best[0], datetime):
            break
    return best


def _published(
    tree: HtmlElement, claims: Claims, url: str | None, headline: HtmlElement | None
) -> Iterator[tuple[object, str]]:
    for key in ("datePublished", "dateCreated"):
        value = text_of(claims.article.get(key))
        if value and not _BY_HAND.match(value):
            yield value, "json-ld"
    for name in _PUBLISHED_METAS:
        for value in claims.metas.get(name, [])[:3]:
            yield value, "meta"
    for value in _time_elements(tree, headline):
        yield value, "time"
    yield text_of(claims.page_dates[0]), "json-ld"
    for match in _URL_DATE.finditer(url or ""):
        yield "-".join(part.zfill(2) for part in match.groups() if part), "url"


def _updated(claims: Claims, feed: date | None) -> Iterator[tuple[object, str]]:
    yield text_of(claims.article.get("dateModified")), "json-ld"
    yield text_of(claims.page_dates[1]), "json-ld"
    for name in _UPDATED_METAS:
        yield claims.meta(name), "meta"
    yield feed, "feed"


def _time_elements(tree: HtmlElement, headline: HtmlElement | None) -> list[str]:
    """The time element that says it is the publication's; else the first one behind the headline, else the last one
    above it."""
    found = [e for e in tree.xpath(_MARKED_DATES) if isinstance(e, HtmlElement)]
    marked = [value for e in found[:20] if (value := e.get("datetime") or e.get("content"))]
    if marked:
        return marked[:1]
    passed = headline is None
    above: list[str] = []
    for number, element in enumerate(tree.iter("time", headline.tag if headline is not None else "time")):
        if element is headline:
            passed = True
        if element.tag != "time" or number > _MAX_TIMES:
            continue
        value = element.get("datetime")
        if value and not any(a.tag in ("aside", "nav", "footer") for a in element.iterancestors()):
            if passed:
                return [value]
            above = [value]
    return above


def _around(layout: Layout, headline: HtmlElement | None) -> list[Block]:
    """The blocks in which an article's date stands: its own, and a few before the headline and behind the last line."""
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline), -1)
    last = next((i for i in range(len(blocks) - 1, at, -1) if blocks[i].is_prose), at)
    return blocks[max(0, at - _DATE_REACH) : last + 1 + _DATE_REACH]


def _names_year(layout: Layout | None, headline: HtmlElement | None) -> bool:
    """Whether any of those lines has the digits of a date; without them a search of the page finds others' dates."""
    return layout is not None and any(_DATELIKE.search(block.text) for block in _around(layout, headline))


def _as_said(when: date, layout: Layout | None, headline: HtmlElement | None) -> date | None:
    """The day, where a line around the headline or the article names it, else None. Where that line has it with points,
    the day is before the month (`04.02.2022`), which htmldate reads as it is usual in the United States.

    1 January is what htmldate makes of a year alone, mostly the one in the line of rights (measured on 2,237 pages: 87
    times, never right)."""
    day = day_of(when)
    if (day.month, day.day) == (1, 1) or layout is None:
        return None
    turned = rf"(?<![\d.])0?{day.month}\.\s?0?{day.day}\.\s?{day.year}\b" if day.day <= 12 else None
    for block in _around(layout, headline):
        numbers = [int(n) for n in _NUMBER.findall(block.text)] if not _RIGHTS.search(block.text) else []
        if (day.day in numbers and (day.year in numbers or day.year % 100 in numbers)) or (
            int(f"{day:%Y%m%d}") in numbers
        ):
            if turned and re.search(turned, block.text):
                return day.replace(month=day.day, day=day.month)
            return when
    return None


def _read_out(tree: HtmlElement, now: datetime) -> Iterator[tuple[object, str]]:
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
