"""What the objects have that tell of sources and of the corpus as a whole; see `storage.web.api.schemas`."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from storage.web.api.schemas import Time


class ValidatorsRecord(TypedDict):
    """What a feed is asked with, whether it has changed."""

    etag: str | None
    last_modified: str | None


class FeedRecord(TypedDict):
    """How a feed does: the columns of `cuttings status SOURCE --json`."""

    url: str
    kind: str
    document_kind: str | None
    via: str | None
    health: str
    words: str | None
    since: Time | None
    last_poll: Time | None
    last_status: str | None
    last_success: Time | None
    last_whole: Time | None
    last_news: Time | None
    news_expected: Time | None
    next_poll: Time | None
    why: str | None
    interval_s: float | None
    failures: int
    failing_since: Time | None
    http_status: int | None
    reason: str | None
    detail: str | None
    entries: int
    left_out: int
    flags: list[str]
    unchanged: int
    gaps: int
    last_gap: Time | None
    lies: int
    last_lie: Time | None
    validators: ValidatorsRecord | None
    moved_to: str | None
    moved_since: Time | None
    moved_count: int
    moved_from: str | None
    moved_at: Time | None
    merged_into: str | None


class TroubleRecord(TypedDict):
    """Pages that ended without an article, by reason."""

    ending: str
    reason: str | None
    pages: int
    last: Time
    example: str | None


class PollRecord(TypedDict):
    """A poll of a feed."""

    at: Time
    status: str
    http_status: int | None
    reason: str | None
    detail: str | None
    entries: int | None
    new_entries: int | None
    flags: list[str]
    repeated: int


class MoveRecord(TypedDict):
    """A feed moved."""

    at: Time
    from_url: str
    to_url: str


class FeedHistoryRecord(TypedDict):
    """What became of a feed."""

    url: str
    polls: list[PollRecord]
    moves: list[MoveRecord]


class HistoryRecord(TypedDict):
    """What became of a source; `weeks` are articles a week, the oldest first."""

    weeks: list[int]
    troubles: list[TroubleRecord]
    feeds: list[FeedHistoryRecord]


class SourceRecord(TypedDict):
    """How a source does; `history` is there where one source was asked for."""

    name: str
    kind: str
    url: str
    title: str | None
    tags: list[str]
    enabled: bool
    removed: Time | None
    health: str
    words: str | None
    since: Time | None
    advice: str | None
    drift: list[str]
    feeds: list[FeedRecord]
    outcomes: dict[str, int]
    waiting: int
    articles: int
    recent_articles: int
    articles_per_week: float
    last_article: Time | None
    history: NotRequired[HistoryRecord]


class StatisticsRecord(TypedDict):
    """The corpus in numbers."""

    sources: int
    feeds: int
    entries: int
    sightings: int
    pages: int
    waiting: int
    articles: int
    revisions: int
    stories: int
    outcomes: dict[str, int]
    size_bytes: int
    unindexed: int
    archive_bytes: int
