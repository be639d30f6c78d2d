"""How sources do, as a page shows it: the worst first, with their days and what their pages gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from storage.answers import FeedStatus, PageTrouble, SourceStatus
from storage.health import SEVERITY, Health, Verdict, judge, judge_feed, reason_words
from storage.web import wording

DAYS = 28
BAR_HEIGHT = 22
BAR_STEP = 5
"""Pixels from one day to the next, one of them white."""
Tone = Literal["good", "odd", "bad", "still"]
_TONES: dict[Health, Tone] = {
    **dict.fromkeys((Health.OK,), "good"),
    **dict.fromkeys((Health.GONE, Health.FAILING, Health.CHALLENGE, Health.HTML), "bad"),
    **dict.fromkeys((Health.SILENT, Health.DRIFT, Health.GAPS, Health.LYING, Health.MOVED, Health.MERGED), "odd"),
    **dict.fromkeys((Health.NEVER_POLLED, Health.FILE, Health.DISABLED, Health.IMPORTED), "still"),
}
_WITH_ARTICLE = ("stored", "revised", "unchanged", "same_article")
_WITHOUT = ("rejected", "blocked", "failed", "gone")


@dataclass(frozen=True, slots=True)
class DayBar:
    """One day of the small chart, in pixels."""

    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source in the list."""

    status: SourceStatus
    verdict: Verdict
    tone: Tone
    days: tuple[int, ...]
    bars: tuple[DayBar, ...]
    told: str
    """The small chart in words."""
    tried: int
    """Pages that ended."""
    without: int
    """Of them, those that brought no article."""
    next_poll: datetime | None

    @property
    def share_without(self) -> str:
        """As a share; empty where no page ended."""
        return f"{self.without / self.tried:.0%}" if self.tried else ""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One polled document of a source."""

    status: FeedStatus
    verdict: Verdict
    tone: Tone


@dataclass(frozen=True, slots=True)
class TroubleRow:
    """Why pages of a source brought no article."""

    words: str
    trouble: PageTrouble


def rows(sources: Sequence[SourceStatus], daily: Mapping[str, tuple[int, ...]], now: datetime) -> list[SourceRow]:
    """Every source, the worst first, of equal ones by name."""
    found = [row(source, daily.get(source.url, (0,) * DAYS), now) for source in sources]
    return sorted(found, key=lambda one: (SEVERITY[one.verdict.health], one.status.name.casefold()))


def row(source: SourceStatus, days: tuple[int, ...], now: datetime) -> SourceRow:
    """One source."""
    verdict = judge(source, now)
    due = [feed.next_poll for feed in source.feeds if feed.next_poll is not None]
    return SourceRow(
        status=source,
        verdict=verdict,
        tone=_TONES[verdict.health],
        days=days,
        bars=_bars(days),
        told=_told(days),
        tried=sum(source.outcomes.get(name, 0) for name in (*_WITH_ARTICLE, *_WITHOUT)),
        without=sum(source.outcomes.get(name, 0) for name in _WITHOUT),
        next_poll=min(due, default=None) if source.enabled else None,
    )


def feeds(source: SourceStatus, now: datetime) -> list[FeedRow]:
    """Every document of a source that is polled."""
    found = [(feed, judge_feed(feed, source, now)) for feed in source.feeds]
    return [FeedRow(feed, verdict, _TONES[verdict.health]) for feed, verdict in found]


def troubles(found: Sequence[PageTrouble]) -> list[TroubleRow]:
    """Why pages brought no article, in words."""
    return [TroubleRow(_PAGE_REASONS.get(one.reason or "") or reason_words(one.reason), one) for one in found]


_PAGE_REASONS = {
    "not_an_article": "the page holds no article",
    "too_short": "its text is too short",
    "filtered": "left out by keep or drop in feeds.yaml",
    "unwanted_language": "in a language that was not asked for",
    "too_old": "published before the wanted time",
    "paywall": "a paywall keeps the text",
    "challenge": "a browser check came in place of the page",
}


def _told(days: Sequence[int]) -> str:
    if not any(days):
        return f"no article in {len(days)} days"
    return f"{wording.counted(sum(days), 'article')} in {len(days)} days, at most {max(days)} a day"


def _bars(days: Sequence[int]) -> tuple[DayBar, ...]:
    most = max(days, default=0) or 1
    found = []
    for number, count in enumerate(days):
        height = max(round(count / most * BAR_HEIGHT, 1), 1.5) if count else 0.0
        found.append(DayBar(number * BAR_STEP, BAR_HEIGHT - height, height))
    return tuple(found)
