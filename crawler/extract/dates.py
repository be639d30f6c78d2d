"""When an article was published and updated: an instant where the page gives one, else a plain day, never a guess."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import chain

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Layout
from crawler.extract.claims import Claims, text_of
from crawler.extract.days import COMPACT_ZONE, before, day_of, parse_when, possible
from crawler.extract.printed_days import as_said, names_year, printed_below, printed_day, read_out

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
_MAX_TIMES = 300
_MARKED_DATES = etree.XPath('.//@itemprop[contains(., "datePublished")]/.. | .//time[@pubdate]')
_BY_HAND = re.compile(r"^[A-Za-z]{3,9}\.? \d{1,2}, \d{4}$")
"""`Jun 24, 2025` in JSON-LD comes from site builders that write the day of their last build (6 of 6 wrong)."""
_SAME_INSTANT = timedelta(minutes=1)
_FARTHEST_ZONE = timedelta(hours=14)
_ZONE_STEP = timedelta(minutes=15)
"""Zones are at most 14 hours from UTC, all by whole quarters of an hour (tz database)."""
_DAY_CHARS = len("2026-01-31T")


@dataclass(frozen=True, slots=True)
class Dates:
    """Publication and update with the rule that gave each; None where the page gives none that is possible."""

    published: date | None
    published_from: str | None
    updated: date | None
    updated_from: str | None
    others: tuple[tuple[str, str], ...] = ()
    """(rule, day or time) of other publications that the page claims: of another day."""


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
    Updated: JSON-LD, metas, the feed, the line below the headline; never before the publication."""
    read = list(_published(tree, claims, url, headline))
    published, rule = _first(read, now)
    feed_published = possible(feed[0], now)
    if isinstance(feed_published, datetime) and not isinstance(published, datetime):
        if published is None or abs(day_of(feed_published) - published) <= timedelta(days=1):
            published, rule = feed_published, "feed"
    elif published is None and feed_published is not None:
        published, rule = feed_published, "feed"
    printed = printed_below(layout, headline, now)
    if published is None and (day := printed.published or printed_day(layout, headline, now)):
        published, rule = day, "text"
    elif _is_finer(printed.published, published):
        published, rule = printed.published, "text"
    if published is None and names_year(layout, headline):
        published, rule = _first(read_out(tree, now), now)
        published = as_said(published, layout, headline, now) if published is not None else None
        rule = rule if published is not None else None
    if isinstance(published, datetime) and not published.utcoffset():
        published = _in_zone(published, tree, claims, headline)
    updated, updated_rule = _first(chain(_updated(claims, feed[1]), [(printed.updated, "text")]), now)
    if updated is not None and published is not None and not before(published, updated):
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
            moment = datetime.fromisoformat(COMPACT_ZONE.sub(r"\1:\2", value.strip()[:40]))
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


def _is_finer(printed: date | None, published: date | None) -> bool:
    """Whether the page prints the time of a publication of which only the day was known."""
    if published is None or isinstance(published, datetime) or not isinstance(printed, datetime):
        return False
    return printed.date() == published


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
    dated = _MARKED_DATES(tree)
    found = [e for e in dated if isinstance(e, HtmlElement)] if isinstance(dated, list) else []
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
