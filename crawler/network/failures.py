"""How errors and statuses of the network are recorded: as outcomes of the closed list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.network.errors import NotFetched
from storage import Ending, Outcome

# A server that asks for more than this is asked again after it (docs: polling checklist P15, "a documented cap").
LONGEST_PAUSE = timedelta(hours=168)

# Statuses that speak of a passing state. 408, 425, 429 and the 5xx of RFC 9110; 520 to 530 are Cloudflare's.
_PASSING_STATUSES = frozenset({408, 421, 423, 425, 429, 500, 502, 503, 504, 507, 509, *range(520, 531)})
_PASSING_REASONS = frozenset(
    {"dns", "connect", "timeout", "dropped", "robots_unreachable", "paused", "tls", "unexpected", "bad_answer"}
)
# Marks of the browser checks of Cloudflare, DataDome, Imperva, PerimeterX and DDoS-Guard in their pages.
_CHALLENGE_MARKS = (
    "<title>just a moment...",
    "/cdn-cgi/challenge-platform/",
    "challenges.cloudflare.com",
    "captcha-delivery.com",
    "_incapsula_resource",
    "px-captcha",
    "ddos-guard",
)
_CHALLENGE_STATUSES = frozenset({401, 403, 405, 429, 503})
_DELAY_SECONDS = re.compile(r"\d{1,10}\Z", re.ASCII)


def outcome_of(error: BaseException) -> Outcome:
    """Return what to record for a request that ended in an exception.

    Whatever is not one of ours is `failed:unexpected` with its text, except the built-in timeout and connection errors.
    """
    if isinstance(error, NotFetched):
        return error.outcome
    detail = f"{type(error).__name__}: {error}"[:500]
    if isinstance(error, TimeoutError):
        return Outcome(Ending.FAILED, "timeout", detail)
    if isinstance(error, ConnectionError):
        return Outcome(Ending.FAILED, "connect", detail)
    return Outcome(Ending.FAILED, "unexpected", detail)


def outcome_of_status(status: int, headers: Mapping[str, str], body_start: str = "") -> Outcome | None:
    """Return what to record for a response that is no document, or None where its body is to be looked at.

    `headers` have lower-case names. `body_start` is some text from the beginning of the body; it is asked only where
    a status that browser checks use as well leaves it open which of the two it is.
    """
    if _challenged_by_headers(headers):
        return Outcome(Ending.BLOCKED, "challenge", f"HTTP {status}")
    if 200 <= status < 300 or status == 304:
        return None
    if not 100 <= status <= 999:
        return Outcome(Ending.FAILED, "bad_answer", f"HTTP status {status}"[:300])
    if status in (404, 410):
        return Outcome(Ending.GONE, f"http_{status}")
    if status == 402:
        return Outcome(Ending.BLOCKED, "paywall", "HTTP 402")
    if status in _CHALLENGE_STATUSES and _challenged_by_page(headers, body_start):
        return Outcome(Ending.BLOCKED, "challenge", f"HTTP {status}")
    return Outcome(Ending.FAILED, f"http_{status}")


def retriable(outcome: Outcome) -> bool:
    """Tell whether the same request may well succeed later."""
    if outcome.ending is not Ending.FAILED or outcome.reason is None:
        return False
    status = outcome.reason.removeprefix("http_")
    return outcome.reason in _PASSING_REASONS or (status.isdecimal() and int(status) in _PASSING_STATUSES)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return the wait that a Retry-After header asks for (RFC 9110 section 10.2.3), at most LONGEST_PAUSE.

    Both forms are read, seconds and HTTP date; None where there is none that makes sense. A date that is past asks for
    no wait at all.
    """
    value = headers.get("retry-after", "").strip()
    if _DELAY_SECONDS.match(value):
        return min(timedelta(seconds=int(value)), LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta()), LONGEST_PAUSE)


def _challenged_by_headers(headers: Mapping[str, str]) -> bool:
    # Cloudflare and AWS WAF mark their challenges, whatever the status.
    return headers.get("cf-mitigated", "").lower() == "challenge" or headers.get("x-amzn-waf-action", "").lower() in (
        "challenge",
        "captcha",
    )


def _challenged_by_page(headers: Mapping[str, str], body_start: str) -> bool:
    page = body_start.lower()
    return "x-datadome" in headers or any(mark in page for mark in _CHALLENGE_MARKS)
