"""When a feed is polled next: every clamp of the rule (P14-P16, P18, P21-P23, P25, P27, P28)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.feeds.document import Hints
from crawler.schedule import (
    MOVE_AGE,
    MOVE_COUNT,
    OFFLINE_RETRY_S,
    RETRY_AFTER_CAP_S,
    SKIP_CAP_S,
    Decision,
    Move,
    Policy,
    PollResult,
    PollState,
    fresh_for,
    jitter_of,
    moved,
    next_poll,
    permanent_target,
    retry_after,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)  # a Wednesday
HOUR = 3600.0
DAY = 24 * HOUR
POLICY = Policy()
NEWS = PollResult("new", new_entries=3)
NOTHING = PollResult("not_modified")
FAILED = PollResult("failed")


def known(interval_s: float = HOUR, failures: int = 0, ago_s: float | None = None) -> PollState:
    return PollState(interval_s, failures, NOW - timedelta(seconds=interval_s if ago_s is None else ago_s))


def decide(state: PollState, result: PollResult, policy: Policy = POLICY, jitter: float = 0.0) -> Decision:
    return next_poll(state, result, policy, NOW, jitter)


def delay_s(state: PollState, result: PollResult, policy: Policy = POLICY, jitter: float = 0.0) -> float:
    decision = decide(state, result, policy, jitter)
    assert decision.next_poll is not None
    return (decision.next_poll - NOW).total_seconds()


def after(polls: int, result: PollResult, policy: Policy = POLICY, interval_s: float = HOUR) -> float:
    for _ in range(polls):
        interval_s = decide(known(interval_s), result, policy).interval_s
    return interval_s


# --- the learned interval


def test_p21_the_first_guess_is_an_hour_with_validators_and_two_without() -> None:
    assert delay_s(PollState(), PollResult("new", new_entries=30)) == HOUR
    assert delay_s(PollState(), PollResult("new", new_entries=30, has_validators=False)) == 2 * HOUR
    assert delay_s(PollState(), NEWS, Policy(every_s=600, min_every_s=60)) == 600


def test_p21_news_shortens_the_interval_down_to_the_first_guess_and_no_further() -> None:
    assert decide(known(4 * HOUR), NEWS).interval_s == pytest.approx(2.8 * HOUR)
    assert after(30, NEWS, interval_s=DAY) == HOUR
    assert after(30, replace(NEWS, has_validators=False), interval_s=DAY) == 2 * HOUR


def test_p21_silence_lengthens_the_interval_up_to_the_ceiling() -> None:
    assert decide(known(), NOTHING).interval_s == pytest.approx(1.2 * HOUR)
    assert decide(known(), PollResult("same_bytes")).interval_s == pytest.approx(1.2 * HOUR)
    assert after(40, NOTHING) == DAY
    assert after(40, NOTHING, Policy(max_every_s=6 * HOUR)) == 6 * HOUR


def test_p21_the_interval_settles_where_one_poll_in_three_brings_something() -> None:
    interval_s, brought, last_item = 2 * HOUR, 0, 0.0
    at, polls = 0.0, 400
    for _ in range(polls):  # one entry every twelve hours
        at += interval_s
        new = int(at // (12 * HOUR) - last_item // (12 * HOUR))
        last_item, brought = at, brought + (new > 0)
        interval_s = decide(known(interval_s), replace(NEWS, new_entries=new) if new else NOTHING).interval_s
    assert 0.25 < brought / polls < 0.45


def test_p21_a_poll_that_comes_a_little_late_counts_in_full() -> None:
    late = known(4 * HOUR, ago_s=4.4 * HOUR)
    assert decide(late, replace(NEWS, new_entries=1)).interval_s == pytest.approx(2.8 * HOUR)


def test_p21_news_after_a_pause_of_ours_says_little() -> None:
    assert decide(known(4 * HOUR, ago_s=10 * DAY), NEWS).interval_s == 4 * HOUR
    assert decide(known(4 * HOUR, ago_s=10 * DAY), replace(NEWS, new_entries=500)).interval_s < 4 * HOUR
    assert (
        decide(known(4 * HOUR, ago_s=10 * DAY), replace(NEWS, new_entries=5, rolled_over=True)).interval_s == 4 * HOUR
    )


def test_p22_a_full_roll_over_halves_the_interval_down_to_the_floor() -> None:
    gap = PollResult("new", new_entries=20, rolled_over=True)
    assert decide(known(4 * HOUR), gap).interval_s == 2 * HOUR
    assert decide(known(), gap).interval_s == HOUR / 2, "below the usual shortest interval: entries were lost"
    assert after(10, gap) == POLICY.min_every_s
    assert "missed" in decide(known(), gap).why


def test_p22_after_a_gap_the_interval_stays_short_while_there_is_news_and_grows_back() -> None:
    assert decide(known(HOUR / 2), NEWS).interval_s == HOUR / 2
    assert decide(known(HOUR / 2), NOTHING).interval_s == pytest.approx(HOUR * 0.6)


@pytest.mark.parametrize(
    ("policy", "shortest", "longest"),
    [
        (Policy(), 900, DAY),
        (Policy(every_s=2 * DAY), 900, 2 * DAY),  # a first guess above the ceiling raises it
        (Policy(every_s=600), 600, DAY),  # and one below the floor lowers it
        (Policy(every_s=HOUR, min_every_s=HOUR, max_every_s=HOUR), HOUR, HOUR),
    ],
)
def test_p21_floor_and_ceiling_hold_whatever_was_stored(policy: Policy, shortest: float, longest: float) -> None:
    gap = PollResult("new", new_entries=20, rolled_over=True)
    assert decide(known(1.0), gap, policy).interval_s == shortest
    assert decide(known(1000 * DAY), NOTHING, policy).interval_s == longest


# --- wishes of servers and publishers


@pytest.mark.parametrize("result", [NEWS, NOTHING])
def test_p14_max_age_delays_the_next_poll_on_200_and_304(result: PollResult) -> None:
    assert delay_s(known(), replace(result, fresh_for_s=5 * HOUR)) == 5 * HOUR
    assert delay_s(known(), replace(result, fresh_for_s=60)) == delay_s(known(), result), "it never hastens"
    assert delay_s(known(), replace(result, fresh_for_s=365 * DAY)) == DAY, "and never goes past the ceiling"
    assert decide(known(), replace(result, fresh_for_s=5 * HOUR)).interval_s == decide(known(), result).interval_s


@pytest.mark.parametrize(
    ("cache_control", "expires", "age", "seconds"),
    [
        ("max-age=600", None, None, 600),
        ("public, Max-Age = 600", "Wed, 20 May 2026 18:00:00 GMT", None, 600),
        ("max-age=600", None, "100", 500),
        ("max-age=600", None, "1000", 0),
        ('max-age="600"', None, None, 600),
        ("s-maxage=600", None, None, None),
        ("no-cache, max-age=600", None, None, 0),
        ("no-store", "Wed, 20 May 2026 18:00:00 GMT", None, 0),
        ("max-age=0", "Wed, 20 May 2026 18:00:00 GMT", None, 0),
        ("max-age=soon", None, None, 0),
        ("max-age=99999999999999999999999", None, None, 2**31),
        ("max-age=60, max-age=600", None, None, 60),
        (None, "Wed, 20 May 2026 18:00:00 GMT", None, 6 * HOUR),
        ("private", "Wed, 20 May 2026 06:00:00 GMT", None, 0),
        (None, "0", None, 0),
        (None, None, None, None),
    ],
)
def test_p14_expires_counts_only_without_max_age(
    cache_control: str | None, expires: str | None, age: str | None, seconds: float | None
) -> None:
    assert fresh_for(cache_control, expires, "Wed, 20 May 2026 12:00:00 GMT", age, NOW) == seconds
    assert fresh_for(cache_control, expires, None, age, NOW) == seconds


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("Wed, 20 May 2026 13:00:00 GMT", HOUR),
        ("Wed, 20 May 2026 11:00:00 GMT", 0),
        ("Wednesday, 20-May-26 13:00:00 GMT", HOUR),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("²", None),
        (None, None),
    ],
)
def test_p15_retry_after_in_seconds_and_as_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, NOW) == seconds


@pytest.mark.parametrize("result", [FAILED, NEWS])
def test_p15_retry_after_is_honoured_past_the_ceiling_up_to_its_cap(result: PollResult) -> None:
    assert delay_s(known(), replace(result, retry_after_s=3 * DAY)) == 3 * DAY
    assert delay_s(known(), replace(result, retry_after_s=90 * DAY)) == RETRY_AFTER_CAP_S == 7 * DAY
    assert delay_s(known(), replace(result, retry_after_s=1)) == HOUR, "it never hastens"


@pytest.mark.parametrize(
    ("hints", "seconds"),
    [
        (Hints(ttl_s=3 * HOUR), 3 * HOUR),
        (Hints(update_period_s=6 * HOUR), 6 * HOUR),
        (Hints(ttl_s=3 * HOUR, update_period_s=6 * HOUR), 6 * HOUR),
        (Hints(ttl_s=60), HOUR),
        (Hints(ttl_s=30 * DAY), DAY),
        (Hints(update_period_s=365 * DAY), DAY),
    ],
)
def test_p23_ttl_and_update_period_delay_within_bounds(hints: Hints, seconds: float) -> None:
    assert delay_s(known(), replace(NEWS, hints=hints)) == seconds


def test_p23_a_ttl_outlasts_the_304s_that_do_not_repeat_it() -> None:
    interval_s = decide(known(), replace(NEWS, hints=Hints(ttl_s=3 * HOUR))).interval_s
    for _ in range(5):
        decision = decide(known(interval_s), NOTHING)
        assert decision.interval_s >= 3 * HOUR
        interval_s = decision.interval_s


def test_p23_skipped_hours_and_days_are_waited_out() -> None:
    hours = replace(NEWS, hints=Hints(skip_hours=frozenset({13, 14, 15})))
    assert decide(known(), hours).next_poll == datetime(2026, 5, 20, 16, tzinfo=UTC)
    days = replace(NEWS, hints=Hints(skip_days=frozenset({2, 3})))
    assert decide(known(), days).next_poll == datetime(2026, 5, 22, tzinfo=UTC)
    night = replace(NEWS, hints=Hints(skip_hours=frozenset({0, 1}), skip_days=frozenset({2})))
    assert decide(known(), night).next_poll == datetime(2026, 5, 21, 2, tzinfo=UTC)
    other = replace(NEWS, hints=Hints(skip_hours=frozenset({12, 14})))
    assert delay_s(known(), other) == HOUR


def test_p23_a_publisher_who_skips_everything_is_polled_all_the_same() -> None:
    for hints in (
        Hints(skip_hours=frozenset(range(24))),
        Hints(skip_days=frozenset(range(7))),
        Hints(skip_days=frozenset({2, 3, 4, 5, 6, 0})),
    ):
        assert delay_s(known(), replace(NEWS, hints=hints)) == HOUR
    assert SKIP_CAP_S == 3 * DAY


# --- failures, ends, spread


def test_p27_failures_back_off_capped_and_one_success_resets() -> None:
    delays = [delay_s(known(failures=failures), FAILED) / HOUR for failures in range(8)]
    assert delays == [1, 2, 4, 8, 16, 24, 24, 24]
    assert delay_s(known(failures=10_000), FAILED) == DAY, "a dead feed is still asked once a day"
    assert decide(known(failures=4), FAILED).failures == 5
    healed = decide(known(failures=5), NEWS)
    assert (healed.failures, healed.interval_s) == (0, HOUR)
    assert decide(known(failures=5), NOTHING).failures == 0


def test_p27_a_failure_leaves_the_learned_interval_alone() -> None:
    assert decide(known(3 * HOUR, failures=3), FAILED).interval_s == 3 * HOUR
    assert decide(PollState(), FAILED).interval_s == HOUR
    assert delay_s(known(900), FAILED) == HOUR, "a feed that is polled often is not asked more often for failing"


def test_p28_when_our_network_is_down_no_feed_is_blamed() -> None:
    decision = decide(known(failures=2), replace(FAILED, offline=True))
    assert decision.failures == 2
    assert delay_s(known(failures=2), replace(FAILED, offline=True)) == OFFLINE_RETRY_S


def test_p18_410_stops_polling() -> None:
    decision = decide(known(3 * HOUR), PollResult("gone"))
    assert decision.next_poll is None
    assert decision.interval_s == 3 * HOUR


def test_p25_a_thousand_feeds_spread_stably_and_never_early() -> None:
    jitters = [jitter_of(f"https://example.org/{number}.xml") for number in range(1000)]
    assert jitters == [jitter_of(f"https://example.org/{number}.xml") for number in range(1000)]
    due = [decide(PollState(), NEWS, jitter=jitter).next_poll for jitter in jitters]
    per_second: dict[int, int] = {}
    for moment in due:
        assert moment is not None
        per_second[int(moment.timestamp())] = per_second.get(int(moment.timestamp()), 0) + 1
    assert max(per_second.values()) < 15
    assert min(moment for moment in due if moment) >= NOW + timedelta(hours=1)
    assert max(moment for moment in due if moment) <= NOW + timedelta(hours=1.1)


def test_p25_feeds_that_wait_for_the_end_of_a_skipped_hour_spread_too() -> None:
    hints = replace(NEWS, hints=Hints(skip_hours=frozenset({13})))
    assert delay_s(known(), hints, jitter=0.5) == pytest.approx(2 * HOUR + 180)


seconds = st.none() | st.floats(0, 1e10)


@given(
    st.builds(PollState, st.none() | st.floats(0, 1e9), st.integers(0, 10**6), st.sampled_from([None, NOW])),
    st.builds(
        PollResult,
        st.sampled_from(["new", "not_modified", "same_bytes", "failed"]),
        st.integers(0, 10**6), st.booleans(), st.booleans(), seconds, seconds,
        st.builds(Hints, seconds, st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)), seconds),
        st.booleans(),
    ),
    st.floats(0, 1, exclude_max=True),
)  # fmt: skip
def test_p21_no_input_leads_out_of_bounds(state: PollState, result: PollResult, jitter: float) -> None:
    decision = decide(state, result, jitter=jitter)
    assert decision.next_poll is not None
    waits = (decision.next_poll - NOW).total_seconds()
    assert OFFLINE_RETRY_S <= waits <= 1.1 * (RETRY_AFTER_CAP_S if result.retry_after_s else SKIP_CAP_S) + HOUR
    assert POLICY.min_every_s <= decision.interval_s <= POLICY.max_every_s
    assert decision.why


# --- moves


def test_p16_a_subscription_moves_after_identical_permanent_redirects_over_a_day() -> None:
    move, now = Move(), NOW
    for count in range(1, 24):
        move, adopt = moved(move, "https://new.example/feed", now)
        assert (move.count, adopt) == (count, False), "many in a short time are not enough"
        now += timedelta(hours=1)
    now = NOW + MOVE_AGE
    move, adopt = moved(move, "https://new.example/feed", now)
    assert adopt
    assert move == Move("https://new.example/feed", NOW, 24)


def test_p16_two_over_a_day_are_not_enough() -> None:
    first, _ = moved(Move(), "https://new.example/feed", NOW)
    _, adopt = moved(first, "https://new.example/feed", NOW + 3 * MOVE_AGE)
    assert not adopt
    assert MOVE_COUNT == 3


def test_p16_another_target_or_none_starts_again() -> None:
    seen = Move("https://new.example/feed", NOW - 5 * MOVE_AGE, 50)
    assert moved(seen, "https://other.example/feed", NOW) == (Move("https://other.example/feed", NOW, 1), False)
    assert moved(seen, None, NOW) == (Move(), False)


@pytest.mark.parametrize(
    ("hops", "target"),
    [
        ([], None),
        ([(301, "https://a.example/")], "https://a.example/"),
        ([(308, "https://a.example/"), (301, "https://b.example/")], "https://b.example/"),
        ([(302, "https://a.example/")], None),
        ([(307, "https://a.example/"), (301, "https://b.example/")], None),
        ([(301, "https://a.example/"), (302, "https://b.example/")], "https://a.example/"),
    ],
)
def test_p16_302_and_307_never_move(hops: list[tuple[int, str]], target: str | None) -> None:
    assert permanent_target(hops) == target
