"""When "not modified" is believed (P13)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from crawler.revalidation import DISTRUST, TOLERANCE, WHOLE_EVERY, asks_whole, distrusted, is_lie
from storage import DueFeed, Entry, Validators

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FEED = DueFeed(
    *(1, "Harbour", "feed", "https://harbour.example/feed", "harbour.example"),
    validators=Validators('"1"', "Sun, 01 Mar 2026 00:00:00 GMT"),
    last_status="not_modified",
    last_poll=NOW - HOUR,
    last_whole=NOW - HOUR,
)


def entry(published: date | None) -> Entry:
    return Entry("a", "https://harbour.example/a", published=published)


def test_p13_a_feed_that_answered_304_for_a_week_is_asked_for_whole() -> None:
    assert not asks_whole(FEED, NOW)
    assert not asks_whole(replace(FEED, last_whole=NOW - WHOLE_EVERY + HOUR), NOW)
    assert asks_whole(replace(FEED, last_whole=NOW - WHOLE_EVERY), NOW)


def test_p13_the_check_is_budgeted_for_it_starts_anew_when_the_document_came() -> None:
    checked = replace(FEED, last_whole=NOW)
    assert not any(asks_whole(checked, NOW + hours * HOUR) for hours in range(7 * 24))


def test_p13_a_server_that_was_caught_is_distrusted_for_a_season() -> None:
    caught = replace(FEED, last_lie=NOW - HOUR)
    assert distrusted(caught, NOW)
    assert asks_whole(caught, NOW)
    assert not distrusted(caught, NOW + DISTRUST)


def test_p1_without_validators_there_is_nothing_to_leave_out() -> None:
    assert asks_whole(replace(FEED, validators=None), NOW)


@pytest.mark.parametrize(
    ("validators", "published", "lie"),
    [
        (Validators('"1"'), None, True),
        (Validators('"2"'), None, False),
        (Validators(None, "Sun, 01 Mar 2026 00:00:00 GMT"), None, False),
        (Validators('"2"'), NOW - HOUR - TOLERANCE - HOUR, True),
        (Validators('"2"'), NOW - HOUR, False),
        (Validators('"2"'), date(2020, 1, 1), False),
        (Validators(), None, False),
    ],
    ids=["same etag", "new etag", "other kind", "older entry", "fresh entry", "day only", "none"],
)
def test_p13_a_lie_is_proved_by_the_old_validator_or_by_an_older_entry(
    validators: Validators, published: date | None, lie: bool
) -> None:
    assert is_lie(FEED, validators, [entry(published)]) is lie


def test_p13_only_a_304_can_have_been_a_lie() -> None:
    assert not is_lie(replace(FEED, last_status="new"), Validators('"1"'), [])
    assert not is_lie(replace(FEED, last_status="failed"), Validators('"1"'), [])
