"""When a feed is polled next: every clamp of the rule (P14-P16, P18, P21-P23, P25, P27, P28)."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crawler.feeds.document import Hints
from crawler.freshness import RETRY_AFTER_CAP_S, fresh_for, retry_after
from crawler.learned import Learned
from crawler.schedule import (
    MOVE_AGE,
    MOVE_COUNT,
    OFFLINE_RETRY_S,
    SKIP_CAP_S,
    Decision,
    Policy,
    PollResult,
    PollState,
    Redirection,
    jitter_of,
    next_poll,
    permanent_target,
    redirected,
)

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)  # a Wednesday
HOUR = 3600.0
DAY = 24 * HOUR
POLICY = Policy()
NEWS = PollResult("new", new_entries=3)
NOTHING = PollResult("not_modified")
FAILED = PollResult("failed")


@dataclass(frozen=True)
class Step:
    """One poll of a feed that lives on a virtual clock; times are seconds from NOW."""

    at: float
    new: int
    missed: int
    interval_s: float
    why: str
    learned: Learned
    news_expected: float | None


def arrivals(per_day: float, days: int) -> list[float]:
    chosen, at, moments = random.Random(1), 0.0, []
    while at < days * DAY:
        at += chosen.expovariate(per_day / DAY)
        moments.append(at)
    return moments


def lived(
    moments: list[float],
    days: int,
    listed: int = 20,
    policy: Policy = POLICY,
    has_validators: bool = True,
    date_of: Callable[[float], float] = float,
) -> list[Step]:
    """Poll a feed whose entries appear at `moments` and whose document lists the newest, until the last day."""
    state, at, seen, steps = PollState(), 0.0, 0, []
    while at < days * DAY:
        now = NOW + timedelta(seconds=at)
        upto = sum(moment <= at for moment in moments)
        first = max(upto - listed, 0)
        new, missed = upto - max(first, seen), max(first - seen, 0)
        dates = tuple(NOW + timedelta(seconds=date_of(moment)) for moment in moments[first:upto])
        result = PollResult(
            "new" if new or not steps else "not_modified" if has_validators else "same_bytes",
            new_entries=new,
            rolled_over=bool(steps) and first >= seen > 0 and new > 0,
            has_validators=has_validators,
            listed=upto - first,
            published=dates,
        )
        decision = next_poll(state, result, policy, now, 0.0)
        assert decision.next_poll is not None
        expected = None if decision.news_expected is None else (decision.news_expected - NOW).total_seconds()
        steps.append(Step(at, new, missed, decision.interval_s, decision.why, decision.learned, expected))
        state = PollState(decision.interval_s, 0, Learned.from_text(decision.learned.to_text()))
        at, seen = (decision.next_poll - NOW).total_seconds(), upto
    return steps


def known(interval_s: float = HOUR, failures: int = 0) -> PollState:
    return PollState(interval_s, failures, Learned(seen_s=NOW.timestamp() - interval_s))


def decide(state: PollState, result: PollResult, policy: Policy = POLICY, jitter: float = 0.0) -> Decision:
    return next_poll(state, result, policy, NOW, jitter)


def delay_s(state: PollState, result: PollResult, policy: Policy = POLICY, jitter: float = 0.0) -> float:
    decision = decide(state, result, policy, jitter)
    assert decision.next_poll is not None
    return (decision.next_poll - NOW).total_seconds()


# --- the rhythm decides


@pytest.mark.parametrize("policy", [POLICY, Policy(every_s=600, min_every_s=60), Policy(every_s=6 * HOUR)])
def test_p21_the_first_guess_is_every_with_validators_and_twice_that_without(policy: Policy) -> None:
    for result in (NOTHING, replace(NEWS, new_entries=30), replace(NEWS, listed=30)):
        assert delay_s(PollState(), result, policy) == pytest.approx(policy.every_s, rel=0.01)
        assert delay_s(PollState(), replace(result, has_validators=False), policy) == pytest.approx(
            2 * policy.every_s, rel=0.01
        )


def test_p21_silence_lengthens_the_interval_up_to_the_ceiling() -> None:
    for policy in (POLICY, Policy(max_every_s=6 * HOUR)):
        intervals = [step.interval_s for step in lived([], days=60, policy=policy)]
        assert intervals == sorted(intervals)
        assert intervals[0] == pytest.approx(HOUR, rel=0.01)
        assert intervals[-1] == policy.max_every_s


def test_p21_news_shortens_it_again() -> None:
    began = 40 * DAY
    steps = lived([began + number * 2 * HOUR for number in range(200)], days=55)
    before = max(step.interval_s for step in steps if step.at < began)
    after = [step.interval_s for step in steps if step.at > began + 8 * DAY]
    assert before == DAY
    assert max(after) < 4 * HOUR


def test_p21_it_polls_sooner_than_every_only_where_something_is_likely_to_be_there() -> None:
    busy = lived(arrivals(per_day=150, days=30), days=30, listed=100)
    usual = lived(arrivals(per_day=10, days=30), days=30, listed=100)
    late = [step for step in busy if step.at > 7 * DAY]
    assert POLICY.min_every_s <= min(step.interval_s for step in late) < HOUR
    assert sum(step.new > 0 for step in late) / len(late) > 0.6
    assert min(step.interval_s for step in usual if step.at > 7 * DAY) >= 0.99 * HOUR
    assert len(usual) <= 24 * 30 + 1, "no more than hourly polling"


def test_p21_a_feed_without_validators_is_polled_less_often() -> None:
    moments = arrivals(per_day=5, days=60)
    with_validators, without = lived(moments, days=60), lived(moments, days=60, has_validators=False)
    assert 0.4 < len(without) / len(with_validators) < 0.8


def test_p21_requests_go_to_the_hours_at_which_entries_come() -> None:
    mornings = [day * DAY + 20 * HOUR + 173 * number for day in range(60) for number in range(20)]  # 8 to 9 o'clock
    steps = [step for step in lived(mornings, days=60, listed=30) if step.at > 20 * DAY]
    hours = [(NOW + timedelta(seconds=step.at)).hour for step in steps]
    assert sum(hour in (8, 9) for hour in hours) > 3 * sum(hour in (14, 15) for hour in hours)


def test_p21_a_feed_that_keeps_to_the_clock_is_polled_just_after_it_strikes() -> None:
    strikes = [day * DAY + 19.5 * HOUR for day in range(90)]  # 7:30 every day
    steps = [step for step in lived(strikes, days=90) if step.at > 20 * DAY]
    late = [step.at % DAY - 19.5 * HOUR for step in steps if step.new]
    assert sum(0 <= wait <= 600 for wait in late) / len(late) > 0.9
    assert "clock" in " ".join(step.why for step in steps)


def test_p21_a_first_document_with_dates_tells_the_rhythm_at_once() -> None:
    chosen = random.Random(2)

    def first(every_h: float) -> float:
        dates = tuple(NOW - timedelta(hours=every_h * (number + 0.9 * chosen.random())) for number in range(20))
        return decide(PollState(), replace(NEWS, new_entries=20, listed=20, published=dates)).interval_s

    assert first(0.65) < HOUR, "busy: it may be polled sooner than every hour"
    assert HOUR < first(12) < first(24 * 5)


@pytest.mark.parametrize(
    "published",
    [
        (NOW,) * 20,
        tuple(NOW + timedelta(days=number) for number in range(1, 21)),
        (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)),
        tuple(NOW - timedelta(days=500 + number) for number in range(50)),
        tuple(NOW - timedelta(microseconds=number) for number in range(5000)),
    ],
    ids=["equal", "future", "ends of time", "old", "thousands"],
)
def test_p21_dates_that_tell_nothing_leave_the_first_guess(published: tuple[datetime, ...]) -> None:
    decision = decide(PollState(), replace(NEWS, new_entries=20, listed=20, published=published))
    assert decision.interval_s == pytest.approx(HOUR, rel=0.01)


def test_p21_dates_at_which_entries_do_not_appear_are_seen_through() -> None:
    noons = [day * DAY + 0.5 * HOUR for day in range(40)]
    steps = lived(noons, days=40, date_of=lambda moment: moment - 12.5 * HOUR)  # all dated midnight
    assert steps[-1].learned.date_trust < 0
    assert max(step.interval_s for step in steps) < DAY


def test_p21_a_dying_feed_comes_to_be_polled_once_a_day_and_is_never_dropped() -> None:
    steps = lived(arrivals(per_day=10, days=30), days=200, listed=20)
    assert [step.interval_s for step in steps][-20:] == [DAY] * 20


# --- gaps


def test_p22_a_full_roll_over_halves_the_interval_down_to_the_floor() -> None:
    gap = PollResult("new", new_entries=1, rolled_over=True, listed=1)
    state = PollState(4 * HOUR, 0, Learned(seen_s=NOW.timestamp() - HOUR, days=30))
    intervals = []
    for _ in range(6):
        decision = decide(state, gap)
        intervals.append(decision.interval_s / HOUR)
        state = PollState(decision.interval_s, 0, replace(decision.learned, seen_s=NOW.timestamp() - HOUR))
    assert intervals == [2, 1, 0.5, 0.25, 0.25, 0.25]
    assert "missed" in decision.why


def test_p22_after_a_gap_polls_stay_close_for_a_while_and_no_longer() -> None:
    guarded = PollState(HOUR, 0, Learned(seen_s=NOW.timestamp() - HOUR, guard_s=HOUR / 2))
    intervals = []
    for _ in range(60):
        decision = decide(guarded, NOTHING)
        intervals.append(decision.interval_s)
        guarded = PollState(decision.interval_s, 0, replace(decision.learned, seen_s=NOW.timestamp() - HOUR))
    assert intervals[0] == pytest.approx(0.55 * HOUR)
    assert intervals[-1] > 4 * HOUR
    assert guarded.learned.guard_s is None


def test_p22_a_gap_after_a_pause_of_ours_is_no_sign_of_haste() -> None:
    gap = PollResult("new", new_entries=20, rolled_over=True, listed=20)
    state = PollState(HOUR, 0, Learned(seen_s=NOW.timestamp() - 10 * DAY))
    assert decide(state, gap).learned.guard_s is None


def test_p22_the_document_is_not_given_the_time_to_roll_over() -> None:
    steps = lived(arrivals(per_day=60, days=40), days=40, listed=10)
    assert max(step.interval_s for step in steps if step.at > 10 * DAY) <= 10 * 0.4 / 60 * DAY * 1.6
    assert sum(step.missed for step in steps if step.at > 5 * DAY) == 0


@pytest.mark.parametrize(
    ("policy", "shortest", "longest"),
    [
        (Policy(), 900, DAY),
        (Policy(every_s=2 * DAY), 900, 2 * DAY),  # a first guess above the ceiling raises it
        (Policy(every_s=600), 600, DAY),  # and one below the floor lowers it
        (Policy(every_s=HOUR, min_every_s=HOUR, max_every_s=HOUR), HOUR, HOUR),
    ],
)
def test_p21_floor_and_ceiling_hold_whatever_was_learned(policy: Policy, shortest: float, longest: float) -> None:
    seen_s = NOW.timestamp() - HOUR
    frantic = PollState(1.0, 0, Learned(seen_s=seen_s, entries=10_000, days=0.1, listed=2, guard_s=1.0))
    dead = PollState(1000 * DAY, 0, Learned(seen_s=seen_s, entries=0.0, days=10_000))
    assert decide(frantic, NEWS, policy).interval_s == shortest
    assert decide(dead, NOTHING, policy).interval_s == longest


# --- silence


def test_p29_a_feed_falls_silent_against_its_own_rhythm() -> None:
    daily = lived([number * DAY for number in range(30)], days=60)
    weekly = lived([number * 7 * DAY for number in range(20)], days=300)
    for steps, last, shortest, longest in ((daily, 29 * DAY, 2, 14), (weekly, 133 * DAY, 14, 90)):
        expected = steps[-1].news_expected
        assert expected is not None
        assert shortest * DAY <= expected - last <= longest * DAY
        assert all(step.news_expected == expected for step in steps if step.at > last + DAY), "silence moves it not"
        assert all(step.news_expected > step.at for step in steps[20:] if step.news_expected and step.at < last)


def test_p29_of_a_feed_of_which_little_is_known_nothing_is_expected() -> None:
    assert all(step.news_expected is None for step in lived([], days=30))
    assert all(step.news_expected is None for step in lived([DAY, 2 * DAY], days=30))


# --- clocks that jump


@pytest.mark.parametrize("jump", [-400 * DAY, -DAY, -1.0, 400 * DAY, 20_000 * DAY])
def test_p21_a_clock_that_jumps_breaks_nothing(jump: float) -> None:
    steps = lived(arrivals(per_day=5, days=20), days=20)
    state = PollState(HOUR, 0, replace(steps[-1].learned, seen_s=NOW.timestamp() - jump))
    for result in (NEWS, NOTHING, PollResult("new", new_entries=5, rolled_over=True), FAILED):
        decision = decide(state, result)
        assert POLICY.min_every_s <= decision.interval_s <= POLICY.max_every_s
        if result is not FAILED:
            assert decision.learned.seen_s == NOW.timestamp(), "and it is over with the next poll"


# --- wishes of servers and publishers


@pytest.mark.parametrize("result", [NEWS, NOTHING])
def test_p14_max_age_delays_the_next_poll_on_200_and_304(result: PollResult) -> None:
    assert delay_s(known(), replace(result, fresh_for_s=5 * HOUR)) == 5 * HOUR
    assert delay_s(known(), replace(result, fresh_for_s=60)) == delay_s(known(), result), "it never hastens"
    assert delay_s(known(), replace(result, fresh_for_s=365 * DAY)) == DAY, "and never goes past the ceiling"


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
        ("9999999999", RETRY_AFTER_CAP_S),
        ("Wed, 20 May 2099 13:00:00 GMT", RETRY_AFTER_CAP_S),
        ("soon", None),
        ("", None),
        ("²", None),
        ("Mon, 01 Jan 0001 00:00:00 +2359", 0),
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
    decision = decide(known(), replace(NEWS, hints=Hints(ttl_s=3 * HOUR, skip_hours=frozenset({15}))))
    for result in (NOTHING, PollResult("same_bytes"), FAILED, NOTHING):
        learned = Learned.from_text(decision.learned.to_text())
        decision = decide(PollState(decision.interval_s, 0, learned), result)
        assert decision.interval_s >= 3 * HOUR
        assert decision.next_poll is not None
        assert result is FAILED or decision.next_poll.hour == 16
    decision = decide(PollState(HOUR, 0, decision.learned), NEWS)
    assert decision.interval_s < 3 * HOUR, "a document without it takes it back"


def test_p23_a_ttl_by_which_entries_would_be_lost_yields_but_not_below_an_hour() -> None:
    busy = Learned(seen_s=NOW.timestamp() - HOUR, entries=500, days=5, listed=10)
    assert HOUR <= decide(PollState(HOUR, 0, busy), replace(NEWS, hints=Hints(ttl_s=DAY))).interval_s < 2 * HOUR
    fresh = replace(NEWS, hints=Hints(ttl_s=DAY), fresh_for_s=3 * HOUR)
    assert decide(PollState(HOUR, 0, busy), fresh).interval_s == 3 * HOUR, "what the server says of its answer holds"


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
    assert (healed.failures, healed.interval_s) == (0, decide(known(), NEWS).interval_s)
    assert decide(known(failures=5), NOTHING).failures == 0


def test_p27_a_failure_leaves_the_learned_interval_alone() -> None:
    failed = decide(known(3 * HOUR, failures=3), FAILED)
    assert (failed.interval_s, failed.learned) == (3 * HOUR, known(3 * HOUR).learned)
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
    assert min(moment for moment in due if moment) >= NOW + timedelta(hours=0.999)
    assert max(moment for moment in due if moment) <= NOW + timedelta(hours=1.1)
    assert max(due) - min(due) > timedelta(minutes=4)  # type: ignore[type-var, operator]


def test_p25_feeds_that_wait_for_the_end_of_a_skipped_hour_spread_too() -> None:
    hints = replace(NEWS, hints=Hints(skip_hours=frozenset({13})))
    assert delay_s(known(), hints, jitter=0.5) == pytest.approx(2 * HOUR + 180)


seconds = st.none() | st.floats(0, 1e10)
amounts = st.floats(0, 1e4)
hints = st.builds(Hints, seconds, st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)), seconds)
learned = st.builds(
    Learned,
    seen_s=seconds, since_s=seconds, entries=amounts, days=amounts,
    hours=st.just(()) | st.lists(amounts, min_size=24, max_size=24).map(tuple),
    weekdays=st.just(()) | st.lists(amounts, min_size=7, max_size=7).map(tuple),
    minute_x=st.floats(-1e4, 1e4), minute_y=st.floats(-1e4, 1e4), minute_n=amounts, date_trust=st.floats(-10, 10),
    listed=st.integers(0, 10**6), known=st.integers(0, 100), news_s=seconds, longest_quiet_s=st.floats(0, 3e7),
    silent_s=seconds, guard_s=seconds, hints=hints,
)  # fmt: skip


@given(learned)
def test_p21_what_is_learned_survives_storage(learned: Learned) -> None:
    once = Learned.from_text(learned.to_text())
    assert once == Learned.from_text(once.to_text())
    assert once.entries == pytest.approx(learned.entries, abs=1e-4)
    assert once.hours == pytest.approx(learned.hours, abs=0.01)
    assert (once.listed, once.known) == (learned.listed, learned.known)
    assert (once.hints.skip_hours, once.hints.skip_days) == (learned.hints.skip_hours, learned.hints.skip_days)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=7) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(st.sampled_from([field.name for field in fields(Learned)]), json_values, max_size=4), st.booleans()
)
def test_p21_learned_text_of_any_other_make_does_no_harm(values: dict[str, object], versioned: bool) -> None:
    text = json.dumps(values | ({"v": 1} if versioned else {}))
    for result in (NEWS, NOTHING, FAILED):
        decision = decide(PollState(HOUR, 0, Learned.from_text(text)), result)
        assert POLICY.min_every_s <= decision.interval_s <= POLICY.max_every_s


@given(st.text())
@example('{"v":1,"entries":NaN,"days":Infinity,"seen_s":-1e999,"hours":[' + "1," * 23 + "NaN]}")
@example('{"v":1,"hours":' + "[" * 3000)
@example('{"v":1,"entries":' + "9" * 5000 + "}")
def test_p21_garbage_teaches_nothing(text: str) -> None:
    assert Learned.from_text(text) == Learned()
    assert Learned.from_text(None) == Learned()


@given(st.floats(900, DAY), st.integers(0, 50), st.floats(0, 0.99))
def test_p27_more_failures_never_mean_sooner(interval_s: float, failures: int, jitter: float) -> None:
    fewer, more = (delay_s(known(interval_s, count), FAILED, jitter=jitter) for count in (failures, failures + 1))
    assert HOUR <= fewer <= more <= 1.1 * DAY


@given(
    st.builds(PollState, st.none() | st.floats(0, 1e9), st.integers(0, 10**6), learned),
    st.builds(
        PollResult,
        st.sampled_from(["new", "not_modified", "same_bytes", "failed"]),
        st.integers(0, 10**6), st.booleans(), st.booleans(), seconds, seconds,
        st.builds(Hints, seconds, st.frozensets(st.integers(0, 23)), st.frozensets(st.integers(0, 6)), seconds),
        st.booleans(), st.booleans(), st.integers(0, 10**6), st.lists(st.datetimes(timezones=st.just(UTC))).map(tuple),
    ),
    st.floats(0, 1, exclude_max=True),
)  # fmt: skip
def test_p21_no_input_leads_out_of_bounds(state: PollState, result: PollResult, jitter: float) -> None:
    decision = decide(state, result, jitter=jitter)
    assert decision.next_poll is not None
    waits = (decision.next_poll - NOW).total_seconds()
    assert OFFLINE_RETRY_S <= waits <= 1.1 * max(min(result.retry_after_s or 0, RETRY_AFTER_CAP_S), SKIP_CAP_S) + HOUR
    assert POLICY.min_every_s <= decision.interval_s <= POLICY.max_every_s
    assert decision.why


# --- moves


def test_p16_a_subscription_moves_after_identical_permanent_redirects_over_a_day() -> None:
    move, now = Redirection(), NOW
    for count in range(1, 24):
        move, adopt = redirected(move, "https://new.example/feed", now)
        assert (move.count, adopt) == (count, False), "many in a short time are not enough"
        now += timedelta(hours=1)
    now = NOW + MOVE_AGE
    move, adopt = redirected(move, "https://new.example/feed", now)
    assert adopt
    assert move == Redirection("https://new.example/feed", NOW, 24)


def test_p16_two_over_a_day_are_not_enough() -> None:
    first, _ = redirected(Redirection(), "https://new.example/feed", NOW)
    _, adopt = redirected(first, "https://new.example/feed", NOW + 3 * MOVE_AGE)
    assert not adopt
    assert MOVE_COUNT == 3


def test_p16_another_target_or_none_starts_again() -> None:
    seen = Redirection("https://new.example/feed", NOW - 5 * MOVE_AGE, 50)
    assert redirected(seen, "https://other.example/feed", NOW) == (
        Redirection("https://other.example/feed", NOW, 1),
        False,
    )
    assert redirected(seen, None, NOW) == (Redirection(), False)


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
