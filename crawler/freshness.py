"""What the headers of a response say about asking again: how long it stays fresh, and when to retry."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

RETRY_AFTER_CAP_S = 7 * 86400.0
"""Longest Retry-After that is honoured, for a feed, a page and a whole host alike. It is past the longest interval
between polls, a day, since a server that names a time should get it (P15); a mistake costs a week, not a year."""

_LONGEST_S = 2**31
"""RFC 9111 section 1.2.2: greater than this need not be told apart."""


def fresh_for(
    cache_control: str | None, expires: str | None, date: str | None, age: str | None, now: datetime
) -> float | None:
    """How many seconds a response stays fresh by its headers, or None where they do not say (RFC 9111 section 4.2.1).

    `max-age` less `Age` counts, on 200 and 304 alike; `Expires` less `Date` only without it. `no-cache` and `no-store`
    mean 0; an `Expires` that is no date means expired; `s-maxage` is for shared caches.
    """
    directives = _directives(cache_control or "")
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    if "max-age" in directives:
        max_age, spent = _seconds(directives["max-age"]), _seconds(age or "0")
        return max(max_age - (spent or 0.0), 0.0) if max_age is not None else 0.0  # RFC 9111: invalid is stale
    if expires is None:
        return None
    end, start = _http_date(expires), _http_date(date or "") or now
    return max((end - start).total_seconds(), 0.0) if end else 0.0


def retry_after(value: str | None, now: datetime) -> float | None:
    """The seconds that a `Retry-After` header asks for, given as seconds or as an HTTP date (RFC 9110 section 10.2.3),
    at most RETRY_AFTER_CAP_S; None where it is missing or makes no sense. A date that is past asks for no wait."""
    if value is None:
        return None
    seconds = _seconds(value)
    if seconds is None:
        when = _http_date(value)
        if when is None:
            return None
        seconds = (when - now).total_seconds()
    return min(max(seconds, 0.0), RETRY_AFTER_CAP_S)


def _directives(cache_control: str) -> dict[str, str]:
    parts = (part.partition("=") for part in reversed(cache_control.split(",")))  # the first of duplicates wins
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in parts}


def _seconds(value: str) -> float | None:
    value = value.strip()
    return float(min(int(value[:20]), _LONGEST_S)) if value.isascii() and value.isdigit() else None


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
