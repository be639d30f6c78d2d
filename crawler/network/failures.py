"""How errors and statuses of the network are recorded: as outcomes of the closed list."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from crawler import freshness
from crawler.network.errors import NotFetched
from storage import Ending, Outcome

# A server that asks for more than this is asked again after it.
LONGEST_PAUSE = timedelta(seconds=freshness.RETRY_AFTER_CAP_S)

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
    """Return the wait that a Retry-After header asks for, at most LONGEST_PAUSE; None where none makes sense."""
    wait_s = freshness.retry_after(headers.get("retry-after"), now)
    return None if wait_s is None else timedelta(seconds=wait_s)


def _challenged_by_headers(headers: Mapping[str, str]) -> bool:
    # Cloudflare and AWS WAF mark their challenges, whatever the status.
    return headers.get("cf-mitigated", "").lower() == "challenge" or headers.get("x-amzn-waf-action", "").lower() in (
        "challenge",
        "captcha",
    )


def _challenged_by_page(headers: Mapping[str, str], body_start: str) -> bool:
    page = body_start.lower()
    return "x-datadome" in headers or any(mark in page for mark in _CHALLENGE_MARKS)
