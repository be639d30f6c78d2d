"""What may stand before a colon, and what its value means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date

from storage.answers import Query
from storage.language.nearness import nearest, slips

FIELDS = {"title": "title", "author": "authors", "authors": "authors"}
"""What may stand before a colon to name a column of the index."""
HAS = {
    "author": "author",
    "authors": "author",
    "copies": "copies",
    "copy": "copies",
    "date": "date",
    "description": "description",
    "image": "image",
    "language": "language",
    "licence": "licence",
    "license": "licence",
    "revision": "revisions",
    "revisions": "revisions",
    "section": "section",
    "tag": "tags",
    "tags": "tags",
    "title": "title",
    "updated": "updated",
}
"""What an article may have or lack, and the one name for each."""
_DATES = "{0}:2020-05-25, {0}:2020-05 or {0}:2020"
FILTERS = {
    "source": 'source:NAME or source:"Two Words"',
    "site": "site:DOMAIN",
    "language": "language:CODE",
    "tag": 'tag:NAME or tag:"Two Words"',
    "since": _DATES.format("since"),
    "until": _DATES.format("until"),
    "story": "story:NUMBER",
    "has": f"has: and one of {', '.join(dict.fromkeys(HAS.values()))}",
}
"""What may stand before a colon to name a filter, and how it is written."""
MEANT = {
    "lang": "language",
    "from": "source",
    "feed": "source",
    "domain": "site",
    "host": "site",
    "by": "author",
    "topic": "tag",
    "category": "tag",
    "after": "since",
    "before": "until",
    "headline": "title",
    "with": "has",
}
"""What other search boxes call it. An unknown name before a colon is a word, as in `note: this`."""

_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NUMBER = re.compile(r"[0-9]{1,18}")


def read(name: str, value: str) -> tuple[str, Query | None] | None:
    """The value of a filter in its one spelling, and the query that says the same; None where it cannot be read."""
    if name == "has":
        known = HAS.get(value.casefold())
        return (known, None) if known else None
    only = _QUERIES[name](value) if value else None
    return (value, only) if only is not None else None


def _since(value: str) -> Query | None:
    day = _first_day(value)
    return None if day is None else Query(since=day)


def _until(value: str) -> Query | None:
    day = _first_day(value)
    return None if day is None else Query(until=day)


_QUERIES: Mapping[str, Callable[[str], Query | None]] = {
    "source": lambda value: Query(source=value),
    "site": lambda value: Query(site=value),
    "language": lambda value: Query(language=value),
    "tag": lambda value: Query(tag=value),
    "since": _since,
    "until": _until,
    "story": lambda value: Query(story=int(value)) if _NUMBER.fullmatch(value) else None,
}


def _first_day(value: str) -> date | None:
    """The day, or the first of the month or year, that is written so."""
    match = _DATE.fullmatch(value)
    try:
        return date(*(int(part or 1) for part in match.groups())) if match else None
    except ValueError:
        return None


def meant_by(name: str) -> str | None:
    """The field or filter that an unknown name before a colon may stand for."""
    if name in FIELDS or name in FILTERS:
        return None
    if name in MEANT:
        return MEANT[name]
    allowed = 1 if len(name) < 7 else 2
    if len(name) < 3 or len(name) > 12:
        return None
    return next((known for known in (*FILTERS, *FIELDS) if len(known) > 3 and slips(name, known, 2) <= allowed), None)


def way_out(name: str, value: str, shown: str) -> str:
    """What to type instead of a filter whose value cannot be read; `shown` is how it was typed."""
    near = nearest(value, HAS) if name == "has" and value else None
    if near is not None:
        return f"did you mean has:{near}?"
    return f'write {FILTERS[name]}, or "{shown}" in quotes for the words'
