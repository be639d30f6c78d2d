"""When the articles of a source changed all at once, and when they only have a rhythm: the rules of `storage.drift`."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from storage.drift import PAST, RECENT, Sample, find_drift

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def samples(count: int, words: int = 600, spread: float = 0.5, seed: int = 1, **more: object) -> list[Sample]:
    """So many articles of about that length, all with a date, an author, a title and their own first words."""
    chosen = random.Random(seed)
    usual = Sample(NOW, "article", words, dated=True, signed=True, titled=True)
    return [
        replace(
            usual,
            at=NOW - number * HOUR,
            words=round(words * chosen.uniform(1 - spread, 1 + spread)),
            opening=f"In the year {number} of seed {seed} it was",
            **more,  # type: ignore[arg-type]
        )
        for number in range(count)
    ]


def signs(recent: list[Sample], past: list[Sample]) -> tuple[str, ...]:
    drift = find_drift(recent, past)
    return drift.signs if drift else ()


@pytest.mark.parametrize(
    ("changed", "sign", "words"),
    [
        ({"words": 60}, "shrunk", "its articles shrank: "),
        ({"dated": False}, "undated", "none of its articles have a date, all before"),
        ({"signed": False}, "unsigned", "none of its articles have an author, all before"),
        ({"titled": False}, "untitled", "none of its articles have a title, all before"),
        ({"end": "refused"}, "refused", "all of its pages hold no article, none before"),
        ({"end": "repeated"}, "repeated", "all of its pages hold the text of another article, none before"),
    ],
)
def test_x11_what_changed_is_told_in_words_and_since_when(changed: dict[str, object], sign: str, words: str) -> None:
    recent = samples(RECENT, **{"words": 600, **changed})  # type: ignore[arg-type]
    drift = find_drift(recent, samples(PAST, seed=2))
    assert drift is not None
    assert drift.signs == (sign,)
    assert words in drift.words
    assert drift.since == NOW - (RECENT - 1) * HOUR


def test_x11_articles_that_begin_alike_are_told() -> None:
    alike = [replace(sample, opening="We use cookies, and so do our p") for sample in samples(RECENT)]
    assert signs(alike, samples(PAST, seed=2)) == ("alike",)
    assert signs(alike, alike * 2) == (), "it was always so"


@pytest.mark.parametrize(("recent", "past"), [(RECENT - 1, PAST), (RECENT, PAST - 1), (0, 0)])
def test_x11_little_knowledge_says_nothing(recent: int, past: int) -> None:
    assert signs(samples(recent, words=10), samples(past, seed=2)) == ()


def test_x11_a_source_of_shorts_and_longs_does_not_drift_by_chance() -> None:
    chosen = random.Random(5)
    alarms = 0
    for seed in range(2_000):
        pool = samples(30, 40, seed=seed) + samples(30, 900, seed=seed + 1)
        chosen.shuffle(pool)
        alarms += find_drift(pool[:RECENT], pool[RECENT : RECENT + 2 * PAST]) is not None
    assert alarms == 0


def test_x11_some_authors_less_or_somewhat_shorter_is_no_drift() -> None:
    some = [replace(s, signed=n % 3 == 0, dated=n % 4 != 0) for n, s in enumerate(samples(RECENT, 400))]
    assert signs(some, samples(PAST, seed=2)) == ()


def test_x11_a_source_of_notices_does_not_shrink() -> None:
    assert signs(samples(RECENT, 15), samples(PAST, 50, seed=2)) == ()


def _lengths(day: int) -> Iterator[int]:
    """What a paper prints on a day: notices at the weekend, reports else."""
    yield from ([70, 80, 90, 60] if day % 7 in (5, 6) else [500, 700, 640, 580])


def test_x11_a_weekly_rhythm_is_no_drift_at_any_hour_of_two_months() -> None:
    told = [(day, words) for day in range(90) for words in _lengths(day)]
    for end in range(200, len(told)):
        today = told[end - 1][0]
        recent = [Sample(NOW, words=words, titled=True) for _, words in told[end - RECENT : end]]
        past = [Sample(NOW, words=words, titled=True) for day, words in told[:end] if day <= today - 14][-PAST:]
        assert signs(recent, past) == ()
