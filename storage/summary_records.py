"""Turns what questions sum up to into records for other programs: values that JSON has."""

from __future__ import annotations

from storage.facets import Facets, Timeline, Trend
from storage.language.pointing import Notice
from storage.records import text_record, time_record


def facets_record(facets: Facets) -> dict[str, object]:
    """How many articles match, and the most frequent values of each field."""
    return {
        "total": facets.total,
        "is_exact": facets.is_exact,
        "counts": {
            name: [{"value": text_record(one.value), "count": one.count} for one in values]
            for name, values in facets.counts.items()
        },
    }


def timeline_record(timeline: Timeline) -> dict[str, object]:
    """How many articles there were when; `end` of a bar is the day after it."""
    return {
        "by": timeline.by,
        "bars": [
            {"start": time_record(bar.start), "end": time_record(bar.end), "count": bar.count} for bar in timeline.bars
        ],
        "total": timeline.total,
        "is_exact": timeline.is_exact,
    }


def trend_record(trend: Trend) -> dict[str, object]:
    """A word that rises."""
    return {
        "term": text_record(trend.term),
        "count": trend.count,
        "expected": trend.expected,
        "score": trend.score,
        "article_ids": list(trend.article_ids),
    }


def notice_record(notice: Notice) -> dict[str, object]:
    """Something odd but harmless in a typed text, and where in it."""
    return {"start": notice.start, "end": notice.end, "message": text_record(notice.message)}
