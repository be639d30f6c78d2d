"""How errors, statuses and Retry-After are read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.network import (
    FetchFailed,
    HostPaused,
    PrivateAddress,
    RobotsForbidden,
    RobotsUnreachable,
    outcome_of,
    outcome_of_status,
    retriable,
    retry_after,
)
from crawler.network.failures import LONGEST_PAUSE
from storage import Ending, Outcome

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
URL = "https://site.example/a"


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PrivateAddress(URL, "loopback"), "blocked:private_address"),
        (RobotsForbidden(URL), "blocked:robots"),
        (RobotsUnreachable(URL, Outcome(Ending.FAILED, "robots_unreachable"), 300), "failed:robots_unreachable"),
        (HostPaused("site.example", 90), "failed:paused"),
        (FetchFailed(URL, "tls", "expired"), "failed:tls"),
        (TimeoutError(), "failed:timeout"),
        (ConnectionResetError(), "failed:connect"),
        (KeyError("x"), "failed:unexpected"),
    ],
)
def test_c10_every_error_has_an_outcome(error: Exception, outcome: str) -> None:
    assert str(outcome_of(error)) == outcome


def test_messages_name_the_address_and_the_next_step() -> None:
    assert str(PrivateAddress(URL, "loopback")) == (
        f"{URL}: site.example leads to a loopback address; "
        "if that is meant, add its range to network.allow in feeds.yaml"
    )


@pytest.mark.parametrize(
    ("status", "headers", "body", "outcome"),
    [
        (200, {}, "", None),
        (206, {}, "", None),
        (304, {}, "", None),
        (404, {}, "", "gone:http_404"),
        (410, {}, "", "gone:http_410"),
        (402, {}, "", "blocked:paywall"),
        (403, {}, "Forbidden", "failed:http_403"),
        (403, {"cf-mitigated": "challenge"}, "", "blocked:challenge"),
        (200, {"cf-mitigated": "challenge"}, "", "blocked:challenge"),
        (202, {"x-amzn-waf-action": "challenge"}, "", "blocked:challenge"),
        (405, {"x-amzn-waf-action": "captcha"}, "", "blocked:challenge"),
        (503, {}, "<html><head><title>Just a moment...</title>", "blocked:challenge"),
        (403, {}, '<script src="https://ct.captcha-delivery.com/c.js">', "blocked:challenge"),
        (200, {}, "an article about captcha-delivery.com", None),
        (302, {}, "", "failed:http_302"),
        (451, {}, "", "failed:http_451"),
        (500, {}, "", "failed:http_500"),
        (999, {}, "", "failed:http_999"),
    ],
)
def test_c10_every_status_has_an_outcome(status: int, headers: dict[str, str], body: str, outcome: str | None) -> None:
    told = outcome_of_status(status, headers, body)
    assert (None if told is None else str(told)) == outcome


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sunday, 01-Mar-26 12:01:00 GMT", 60),
        ("Sun Mar  1 12:01:00 2026", 60),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("9999999999", LONGEST_PAUSE.total_seconds()),
        ("Sun, 01 Mar 2099 12:00:00 GMT", LONGEST_PAUSE.total_seconds()),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("\u0661\u0662", None),
        ("Sun, 99 Mar 2026 12:01:00 GMT", None),
        ("", None),
    ],
)
def test_p15_retry_after_is_read_in_both_forms_up_to_a_cap(value: str, seconds: float | None) -> None:
    told = retry_after({"retry-after": value}, NOW)
    assert told == (None if seconds is None else timedelta(seconds=seconds))


def test_no_retry_after_is_none() -> None:
    assert retry_after({}, NOW) is None


@pytest.mark.parametrize(
    "reason", ["dns", "timeout", "dropped", "robots_unreachable", "http_503", "http_429", "http_522"]
)
def test_passing_failures_are_worth_another_attempt(reason: str) -> None:
    assert retriable(Outcome(Ending.FAILED, reason))


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(Ending.FAILED, "too_large"),
        Outcome(Ending.FAILED, "bomb"),
        Outcome(Ending.FAILED, "http_403"),
        Outcome(Ending.FAILED, "http_400"),
        Outcome(Ending.BLOCKED, "robots"),
        Outcome(Ending.GONE, "http_404"),
        Outcome(Ending.STORED),
    ],
)
def test_lasting_ones_are_not(outcome: Outcome) -> None:
    assert not retriable(outcome)
