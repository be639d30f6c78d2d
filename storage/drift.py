"""Tells when the articles of a source changed all at once: shorter, without dates, authors or titles, or all alike.

A site that changes its theme, puts up a wall or answers robots with one page for all goes on bringing articles, and its
feeds are well; only what is cut out of its pages tells. A source is compared with its own past of two weeks ago and
before, at the same hours of the same days of the week. Medians and shares decide, and nearly every recent article has
to differ from nearly every past one, so that a weekend of short notices or a day of live blogs is no drift; one that
began within a day is told after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Literal

RECENT = 10
"""Pages that show how a source is now, and past ones that show how it was."""
PAST = 20
PAST_AFTER_DAYS = 14
"""Whole weeks, because most sources have a rhythm of weekdays. A drift is told for about so long."""
_NEARLY_ALL = 0.9
_HARDLY_ANY = 0.1
_MOST = 0.8
_SHRUNK = 0.5
_LEAST_PAST_WORDS = 60
"""Sources of notices shorter than this vary more than any fault of cutting."""
_LOW = 0.2
_ALIKE = 0.6
_OPENING_CHARS = 20

End = Literal["article", "refused", "repeated"]


@dataclass(frozen=True, slots=True)
class Sample:
    """How one page of a source ended. `refused`: no article, too short or a paywall; `repeated`: the text of another
    article of its site. What is below `end` is told of articles only."""

    at: datetime
    end: End = "article"
    words: int = 0
    dated: bool = False
    signed: bool = False
    titled: bool = False
    opening: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """What changed in the articles of a source."""

    signs: tuple[str, ...]
    """Of the closed list `shrunk`, `undated`, `unsigned`, `untitled`, `alike`, `refused`, `repeated`."""
    words: str
    since: datetime
    """When the first of the recent pages came that differ; it may have begun before."""


def find_drift(recent: Sequence[Sample], past: Sequence[Sample], least_past: int = PAST) -> Drift | None:
    """What sets the recent pages of a source apart from its past ones; None where little is known or nothing changed.

    Both newest first; more of either makes the finding surer, and fewer than `least_past` find nothing.
    """
    if len(recent) < RECENT or len(past) < least_past:
        return None
    found = _told_of_ends(recent, past)
    now, before = ([sample for sample in samples if sample.end == "article"] for samples in (recent, past))
    if len(now) >= RECENT * _MOST and len(before) >= least_past / 2:
        found |= _told_of_articles(now, before)
    if not found:
        return None
    return Drift(tuple(found), "; ".join(found.values()), min(sample.at for sample in recent))


def _told_of_ends(recent: Sequence[Sample], past: Sequence[Sample]) -> dict[str, str]:
    found: dict[str, str] = {}
    ends: tuple[tuple[End, str], ...] = (
        ("refused", "hold no article"),
        ("repeated", "hold the text of another article"),
    )
    for end, what in ends:
        now, before = (sum(sample.end == end for sample in samples) / len(samples) for samples in (recent, past))
        if now >= _MOST and before <= 1 - _MOST:
            found[end] = f"{_percent(now)} of its pages {what}, {_percent(before)} before"
    return found


def _told_of_articles(now: Sequence[Sample], before: Sequence[Sample]) -> dict[str, str]:
    found = {}
    if shrunk := _shrunk([sample.words for sample in now], sorted(sample.words for sample in before)):
        found["shrunk"] = shrunk
    measures: tuple[tuple[str, str, Callable[[Sample], bool]], ...] = (
        ("undated", "a date", lambda sample: sample.dated),
        ("unsigned", "an author", lambda sample: sample.signed),
        ("untitled", "a title", lambda sample: sample.titled),
    )
    for sign, what, has in measures:
        lately, once = _share(now, has), _share(before, has)
        if lately <= _HARDLY_ANY and once >= _MOST:
            found[sign] = f"{_percent(lately)} of its articles have {what}, {_percent(once)} before"
    lately, once = _alike(now), _alike(before)
    if lately >= _ALIKE and once <= _LOW:
        found["alike"] = f"{_percent(lately)} of its articles begin with the same words, {_percent(once)} before"
    return found


def _shrunk(now: Sequence[int], before: Sequence[int]) -> str | None:
    """Half as long in the middle, and nearly every one shorter than four fifths of those before."""
    middle, once = median(now), median(before)
    low = before[int(len(before) * _LOW)]
    if (
        once < _LEAST_PAST_WORDS
        or middle >= once * _SHRUNK
        or sum(words < low for words in now) < len(now) * _NEARLY_ALL
    ):
        return None
    return f"its articles shrank: {middle:.0f} words in the middle, {once:.0f} before"


def _alike(samples: Sequence[Sample]) -> float:
    """Share of the commonest opening."""
    openings = Counter(sample.opening for sample in samples if len(sample.opening) >= _OPENING_CHARS)
    return max(openings.values(), default=0) / len(samples)


def _share(samples: Sequence[Sample], holds: Callable[[Sample], bool]) -> float:
    return sum(map(holds, samples)) / len(samples)


def _percent(share: float) -> str:
    return "none" if share == 0 else "all" if share == 1 else f"{share:.0%}"
