"""Turns what the corpus tells into records for other programs: values that JSON has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time

from storage.answers import (
    SNIPPET_END,
    SNIPPET_START,
    Attempt,
    Explanation,
    FeedHistory,
    FeedStatus,
    LinkShape,
    RememberedHost,
    Revision,
    Sighting,
    SourceHistory,
    SourceStatus,
    StoredArticle,
    Totals,
)
from storage.changes import Run, words_diff
from storage.health import judge, judge_feed
from storage.model import Capture, Outcome

_MARKS = str.maketrans("", "", SNIPPET_START + SNIPPET_END)


def record(article: StoredArticle) -> dict[str, object]:
    """The article as one JSON object: the keys of `export.COLUMNS`, and `snippet` and `score` where a search set them.

    Times are ISO 8601 in UTC and end in `Z`, a publication day without a time is `YYYY-MM-DD`, missing is None.
    The snippet is plain text.
    """
    found: dict[str, object] = {
        "id": article.id,
        "url": text_record(article.url),
        "urls": _texts(article.urls),
        "title": text_record(article.title),
        "text": text_record(article.text),
        "html": text_record(article.html),
        "authors": _texts(article.authors),
        "published": time_record(article.published),
        "published_from": text_record(article.published_from),
        "updated": time_record(article.updated),
        "first_seen": time_record(article.first_seen),
        "fetched": time_record(article.fetched),
        "language": text_record(article.language),
        "site": text_record(article.site),
        "sources": _texts(article.sources),
        "tags": _texts(article.tags),
        "description": text_record(article.description),
        "image": text_record(article.image),
        "word_count": article.word_count,
        "content_hash": text_record(article.content_hash),
        "story_id": article.story_id,
        "copies": article.copies,
        "revision": article.revision,
        "change": text_record(article.change),
        "gone": time_record(article.gone),
        "section": text_record(article.section),
        "licence": text_record(article.licence),
        "free": article.free,
        "canonical": text_record(article.canonical),
        "syndicated_from": text_record(article.syndicated_from),
    }
    if article.snippet is not None:
        found["snippet"] = text_record(article.snippet.translate(_MARKS))
    if article.score is not None:
        found["score"] = article.score
    return found


def provenance_record(article: StoredArticle) -> dict[str, object]:
    """`provenance`, field to the rule that gave it, and `runners_up`, field to objects of `rule` and `value`."""
    return {
        "provenance": {name: text_record(rule) for name, rule in article.provenance.items()},
        "runners_up": {
            name: [{"rule": text_record(rule), "value": text_record(value)} for rule, value in others]
            for name, others in article.runners_up.items()
        },
    }


def revision_record(revision: Revision) -> dict[str, object]:
    """One text of an article."""
    return {
        "number": revision.number,
        "fetched": time_record(revision.fetched),
        "title": text_record(revision.title),
        "text": text_record(revision.text),
        "content_hash": text_record(revision.content_hash),
        "change": text_record(revision.change),
    }


def diff_record(old: Revision, new: Revision) -> dict[str, object]:
    """What one text became: runs of `op` (`equal`, `deleted`, `inserted`) and `text`, in reading order."""
    return {
        "from": old.number,
        "to": new.number,
        "change": text_record(new.change),
        "title": [run_record(run) for run in words_diff(old.title or "", new.title or "")],
        "text": [run_record(run) for run in words_diff(old.text, new.text)],
    }


def run_record(run: Run) -> dict[str, object]:
    """A piece of text that stayed, went or came."""
    return {"op": run.op, "text": text_record(run.text)}


def explanation_record(explanation: Explanation) -> dict[str, object]:
    """The way of one URL; `outcome` is an object of `ending`, `reason` and `detail`, or None."""
    return {
        "url": text_record(explanation.url),
        "key": text_record(explanation.key),
        "host": text_record(explanation.host),
        "discovered": time_record(explanation.discovered),
        "due": time_record(explanation.due),
        "outcome": None if explanation.outcome is None else _outcome_record(explanation.outcome),
        "article_id": explanation.article_id,
        "article_title": text_record(explanation.article_title),
        "sightings": [_sighting_record(sighting) for sighting in explanation.sightings],
        "attempts": [_attempt_record(attempt) for attempt in explanation.attempts],
        "captures": [_capture_record(capture) for capture in explanation.captures],
    }


def status_record(
    status: SourceStatus,
    now: datetime | None = None,
    history: SourceHistory | None = None,
    shapes: Sequence[LinkShape] | None = None,
) -> dict[str, object]:
    """The health of one source as judged at `now`, default the clock's. If given: what became of it over time, and what
    the links of its site taught."""
    now = now or datetime.now(UTC)
    verdict = judge(status, now)
    found: dict[str, object] = {
        "name": text_record(status.name),
        "kind": status.kind,
        "url": text_record(status.url),
        "title": text_record(status.title),
        "tags": _texts(status.tags),
        "enabled": status.enabled,
        "removed": time_record(status.removed),
        "health": str(verdict.health),
        "words": text_record(verdict.words),
        "since": time_record(verdict.since),
        "advice": text_record(verdict.advice),
        "drift": list(status.drift.signs) if status.drift else [],
        "feeds": [_feed_record(feed, status, now) for feed in status.feeds],
        "outcomes": {str(ending): pages for ending, pages in status.outcomes.items()},
        "waiting": status.waiting,
        "articles": status.articles,
        "recent_articles": status.recent_articles,
        "articles_per_week": status.articles_per_week,
        "last_article": time_record(status.last_article),
    }
    if history is not None:
        found["history"] = _history_record(history)
    if shapes is not None:
        found["shapes"] = [_shape_record(one) for one in shapes]
    return found


def totals_record(totals: Totals) -> dict[str, object]:
    """The corpus in numbers."""
    return {
        "sources": totals.sources,
        "feeds": totals.feeds,
        "entries": totals.entries,
        "sightings": totals.sightings,
        "pages": totals.pages,
        "waiting": totals.waiting,
        "articles": totals.articles,
        "revisions": totals.revisions,
        "stories": totals.stories,
        "outcomes": {str(ending): pages for ending, pages in totals.outcomes.items()},
        "size_bytes": totals.size_bytes,
        "unindexed": totals.unindexed,
        "archive_bytes": totals.archive_bytes,
    }


def moment_of(day: date) -> datetime:
    """A moment to compare by, and for formats that know no days: of a plain date its beginning, in UTC."""
    return day if isinstance(day, datetime) else datetime.combine(day, time(), UTC)


def time_record(moment: date | None) -> str | None:
    """ISO 8601: `2026-01-31T12:00:00Z` for a time, `2026-01-31` for a day, None for nothing."""
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    return None if moment is None else moment.isoformat()


def text_record(text: str | None) -> str | None:
    """Without lone surrogates: UTF-8 has no bytes for them and strict readers of JSON refuse them (RFC 8259, 8.2)."""
    if text is None:
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def _texts(texts: Sequence[str]) -> list[str | None]:
    return [text_record(text) for text in texts]


def _outcome_record(outcome: Outcome) -> dict[str, object]:
    return {"ending": str(outcome.ending), "reason": text_record(outcome.reason), "detail": text_record(outcome.detail)}


def _sighting_record(sighting: Sighting) -> dict[str, object]:
    return {
        "at": time_record(sighting.at),
        "source": text_record(sighting.source),
        "feed_url": text_record(sighting.feed_url),
        "url": text_record(sighting.url),
        "title": text_record(sighting.title),
        "published": time_record(sighting.published),
    }


def _attempt_record(attempt: Attempt) -> dict[str, object]:
    return {
        "at": time_record(attempt.at),
        "outcome": _outcome_record(attempt.outcome),
        "http_status": attempt.http_status,
        "final_url": text_record(attempt.final_url),
        "size_bytes": attempt.size_bytes,
    }


def _capture_record(capture: Capture) -> dict[str, object]:
    return {
        "at": time_record(capture.at),
        "url": text_record(capture.url),
        "file": capture.file,
        "offset": capture.offset,
        "length": capture.length,
    }


def _feed_record(feed: FeedStatus, source: SourceStatus, now: datetime) -> dict[str, object]:
    verdict = judge_feed(feed, source, now)
    return {
        "url": text_record(feed.url),
        "kind": feed.kind,
        "document_kind": feed.document_kind,
        "via": feed.via,
        "health": str(verdict.health),
        "words": text_record(verdict.words),
        "since": time_record(verdict.since),
        "last_poll": time_record(feed.last_poll),
        "last_status": feed.last_status,
        "last_success": time_record(feed.last_success),
        "last_whole": time_record(feed.last_whole),
        "last_news": time_record(feed.last_news),
        "news_expected": time_record(feed.news_expected),
        "next_poll": time_record(feed.next_poll),
        "why": text_record(feed.why),
        "interval_s": feed.interval_s,
        "failures": feed.failures,
        "failing_since": time_record(feed.failing_since),
        "http_status": feed.http_status,
        "reason": text_record(feed.reason),
        "detail": text_record(feed.detail),
        "entries": feed.entries,
        "left_out": feed.left_out,
        "flags": _texts(feed.flags),
        "unchanged": feed.unchanged,
        "gaps": feed.gaps,
        "last_gap": time_record(feed.last_gap),
        "lies": feed.lies,
        "last_lie": time_record(feed.last_lie),
        "validators": feed.validators
        and {"etag": text_record(feed.validators.etag), "last_modified": text_record(feed.validators.last_modified)},
        "moved_to": text_record(feed.moved_to),
        "moved_since": time_record(feed.moved_since),
        "moved_count": feed.moved_count,
        "moved_from": text_record(feed.moved_from),
        "moved_at": time_record(feed.moved_at),
        "merged_into": text_record(feed.merged_into),
    }


def _shape_record(one: LinkShape) -> dict[str, object]:
    return {
        "shape": text_record(one.shape),
        "named": one.named,
        "articles": one.articles,
        "rejected": one.rejected,
        "last_tried": time_record(one.last_tried),
    }


def _history_record(history: SourceHistory) -> dict[str, object]:
    return {
        "weeks": list(history.weeks),
        "troubles": [
            {
                "ending": str(trouble.ending),
                "reason": text_record(trouble.reason),
                "pages": trouble.pages,
                "last": time_record(trouble.last),
                "example": text_record(trouble.example),
            }
            for trouble in history.troubles
        ],
        "feeds": [_feed_history_record(feed) for feed in history.feeds],
    }


def _feed_history_record(feed: FeedHistory) -> dict[str, object]:
    return {
        "url": text_record(feed.url),
        "polls": [
            {
                "at": time_record(poll.at),
                "status": poll.status,
                "http_status": poll.http_status,
                "reason": text_record(poll.reason),
                "detail": text_record(poll.detail),
                "entries": poll.entries,
                "new_entries": poll.new_entries,
                "flags": _texts(poll.flags),
                "repeated": poll.repeated,
            }
            for poll in feed.polls
        ],
        "moves": [
            {"at": time_record(move.at), "from_url": text_record(move.from_url), "to_url": text_record(move.to_url)}
            for move in feed.moves
        ],
    }


def memory_record(host: RememberedHost) -> dict[str, object]:
    """What is remembered of a host as one JSON object."""
    return {
        "host": text_record(host.host),
        "pages": host.pages,
        "since": time_record(host.since),
        "changed": time_record(host.changed),
        "blocks": [
            {"text": text_record(block.text), "pages": block.pages, "since": time_record(block.since)}
            for block in host.blocks
        ],
    }
