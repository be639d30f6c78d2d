"""Sources and how they do, and the corpus in numbers."""

from __future__ import annotations

from storage.health import Health
from storage.model import Ending, PollStatus, SourceKind
from storage.web.api.schemas.base import Moment, Number, Shape


class Validators(Shape):
    """What a server gave for asking whether something changed."""

    etag: str | None
    last_modified: str | None


class Feed(Shape):
    """A document that is polled for a source."""

    url: str
    kind: SourceKind
    document_kind: str | None
    """What it turned out to be."""
    via: str
    """How it became known."""
    health: Health
    words: str
    """The same in words."""
    since: Moment | None
    last_poll: Moment | None
    last_status: PollStatus | None
    last_success: Moment | None
    last_whole: Moment | None
    """When it last came whole, and not as a 304."""
    last_news: Moment | None
    news_expected: Moment | None
    """Without news until then it has fallen silent."""
    next_poll: Moment | None
    why: str | None
    """Why the next poll is due when it is."""
    interval_s: float | None
    failures: Number
    """In a row."""
    failing_since: Moment | None
    http_status: int | None
    reason: str | None
    detail: str | None
    entries: Number
    left_out: Number
    """Addresses that a sitemap listed and that a live poll left to `cuttings backfill`."""
    flags: list[str]
    unchanged: Number
    gaps: Number
    """Polls before which entries may have been missed."""
    last_gap: Moment | None
    lies: Number
    """Times that the server said "not modified" though something was."""
    last_lie: Moment | None
    validators: Validators | None
    moved_to: str | None
    moved_since: Moment | None
    moved_count: Number
    moved_from: str | None
    moved_at: Moment | None
    merged_into: str | None
    """The source that polls the address to which this feed moved."""


class Source(Shape):
    """The health of one source."""

    name: str
    kind: SourceKind
    url: str
    title: str | None
    """What it calls itself."""
    tags: list[str]
    enabled: bool
    removed: Moment | None
    health: Health
    words: str
    """The same in words."""
    since: Moment | None
    advice: str | None
    drift: list[str]
    """What changed in its articles all at once."""
    feeds: list[Feed]
    outcomes: dict[Ending, Number]
    """How its pages ended."""
    waiting: Number
    articles: Number
    recent_articles: Number
    """Of the last 28 days."""
    articles_per_week: float
    last_article: Moment | None


class Trouble(Shape):
    """Pages that ended without an article, for one reason."""

    ending: Ending
    reason: str | None
    pages: Number
    last: Moment
    example: str


class PastPoll(Shape):
    """A poll that brought something or ended otherwise than the one before it."""

    at: Moment
    status: PollStatus
    http_status: int | None
    reason: str | None
    detail: str | None
    entries: Number
    new_entries: Number
    flags: list[str]
    repeated: Number
    """Further polls after it that were like it and brought no news."""


class Move(Shape):
    """A time that a feed moved for good."""

    at: Moment
    from_url: str
    to_url: str


class FeedHistory(Shape):
    """What happened to one feed, newest first."""

    url: str
    polls: list[PastPoll]
    moves: list[Move]


class History(Shape):
    """What became of a source over time."""

    weeks: list[Number]
    """Articles of the last weeks, the oldest first; the last week ends now."""
    troubles: list[Trouble]
    feeds: list[FeedHistory]


class LinkShape(Shape):
    """What the pages of one form of address turned out to be."""

    shape: str
    named: Number
    articles: Number
    rejected: Number
    last_tried: Moment | None


class SourceWithHistory(Source):
    """A source, what became of it, and what the links of its site taught."""

    history: History
    shapes: list[LinkShape]


class Totals(Shape):
    """The corpus in numbers."""

    sources: Number
    feeds: Number
    entries: Number
    sightings: Number
    pages: Number
    waiting: Number
    """Pages that nobody has visited yet."""
    articles: Number
    revisions: Number
    stories: Number
    outcomes: dict[Ending, Number]
    """How pages ended."""
    size_bytes: Number
    unindexed: Number
    """Articles that search does not know yet."""
    archive_bytes: Number


class SourcesAnswer(Shape):
    """How everything does."""

    totals: Totals
    stalled_since: Moment | None
    """When anything was polled last, where something has been due for a day since."""
    summary: dict[Health, Number]
    """Sources of each health."""
    sources: list[Source]
