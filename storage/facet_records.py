"""Turns facets, time lines and trends into records for other programs: values that JSON has."""

from __future__ import annotations

from storage.facets import Facets, Timeline, Trend
from storage.records import text_record, time_record


def facets_record(facets: Facets) -> dict[str, object]:
    """How many match, and under `counts` the values of each field, the most frequent first."""
    return {
        "total": facets.total,
        "is_exact": facets.is_exact,
        "counts": {
            name: [{"value": text_record(facet.value), "count": facet.count} for facet in found]
            for name, found in facets.counts.items()
        },
    }


def timeline_record(timeline: Timeline) -> dict[str, object]:
    """How many articles there were when."""
    return {
        "by": timeline.by,
        "total": timeline.total,
        "is_exact": timeline.is_exact,
        "bars": [
            {"start": time_record(bar.start), "end": time_record(bar.end), "count": bar.count} for bar in timeline.bars
        ],
    }


def trend_record(trend: Trend) -> dict[str, object]:
    """A word that rises."""
    return {
        "term": text_record(trend.term),
        "count": trend.count,
        "expected": round(trend.expected, 2),
        "score": round(trend.score, 2),
        "article_ids": list(trend.article_ids),
    }
