"""When an article was published and updated: an instant where the page gives one, else a plain day, never a guess."""

from __future__ import annotations

import logging
import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

from htmldate import find_date
from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Layout
from crawler.extract.claims import Claims, text_of

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
_RIGHTS = re.compile(r"©|\(c\)|\bcopyright\b", re.IGNORECASE)
_DATE_REACH = 6
"""Blocks before the headline and behind the last paragraph in which an article's date stands."""
_COMPACT_ZONE = re.compile(r"([+-]\d\d)(\d\d)$")


@dataclass(frozen=True, slots=True)
class Dates:
    """Publication and update with the rule that gave each; None where the page gives none that is possible."""

    published: date | None
    published_from: str | None
    updated: date | None
    updated_from: str | None


def parse_when(value: object) -> date | None:
    """One written date. An aware UTC `datetime` where it has time and zone, else the plain day it names.

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
            day = _DAY.match(text)
            return date(int(day[1]), int(day[2]), int(day[3])) if day else None
        if parsed.tzinfo is None:
            return parsed.date()
        return parsed.astimezone(UTC)
    except (ValueError, OverflowError):
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
    published, rule = _first(_published(tree, claims, url, headline), now)
    feed_published = possible(feed[0], now)
    if isinstance(feed_published, datetime) and not isinstance(published, datetime):
        if published is None or abs(day_of(feed_published) - published) <= timedelta(days=1):
            published, rule = feed_published, "feed"
    elif published is None and feed_published is not None:
        published, rule = feed_published, "feed"
    if published is None:
        published, rule = _first(_read_out(tree, now), now)
        if published is not None and not _says_day(published, layout, headline):
            published, rule = None, None
    updated, updated_rule = _first(_updated(claims, feed[1]), now)
    if updated is not None and published is not None and not _before(published, updated):
        updated = None
    return Dates(published, rule, updated, updated_rule if updated else None)


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
    yield text_of(claims.article.get("datePublished")), "json-ld"
    yield text_of(claims.article.get("dateCreated")), "json-ld"
    for name in _PUBLISHED_METAS:
        for value in claims.metas.get(name, [])[:3]:
            yield value, "meta"
    for value in _time_elements(tree, headline):
        yield value, "time"
    for match in _URL_DATE.finditer(url or ""):
        yield "-".join(part.zfill(2) for part in match.groups() if part), "url"


def _updated(claims: Claims, feed: date | None) -> Iterator[tuple[object, str]]:
    yield text_of(claims.article.get("dateModified")), "json-ld"
    for name in _UPDATED_METAS:
        yield claims.meta(name), "meta"
    yield feed, "feed"


def _time_elements(tree: HtmlElement, headline: HtmlElement | None) -> list[str]:
    """The time element that says it is the publication's; else the first one behind the headline."""
    marked, others, passed = [], [], headline is None
    for element in tree.iter():
        if element is headline:
            passed = True
        if element.tag != "time" and "datePublished" not in (element.get("itemprop") or ""):
            continue
        value = element.get("datetime") or element.get("content")
        if not value:
            continue
        if "datePublished" in (element.get("itemprop") or "") or element.get("pubdate") is not None:
            marked.append(value)
        elif passed and not any(a.tag in ("aside", "nav", "footer") for a in element.iterancestors()):
            others.append(value)
        if len(marked) + len(others) > 20:
            break
    return marked[:1] or others[:1]


def _says_day(when: date, layout: Layout | None, headline: HtmlElement | None) -> bool:
    """Whether a line around the headline or the article names the day; 1 January is what htmldate makes of a year
    alone, mostly the one in the line of rights (measured on 2,237 pages: 87 times, never right)."""
    day = day_of(when)
    if (day.month, day.day) == (1, 1) or layout is None:
        return False
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline), -1)
    last = next((i for i in range(len(blocks) - 1, at, -1) if blocks[i].is_prose), at)
    for block in blocks[max(0, at - _DATE_REACH) : last + 1 + _DATE_REACH]:
        numbers = [int(n) for n in _NUMBER.findall(block.text)] if not _RIGHTS.search(block.text) else []
        if day.day in numbers and (day.year in numbers or day.year % 100 in numbers):
            return True
        if int(f"{day:%Y%m%d}") in numbers:
            return True
    return False


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
