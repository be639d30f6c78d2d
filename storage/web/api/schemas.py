"""What every object of the API has, for its OpenAPI document. `storage.records` makes them; tests hold both together.

Times are ISO 8601 in UTC and end in `Z`; `published`, `updated`, `start` and `end` may be days.
"""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from storage.answers import Sort
from storage.facets import Step

Time = str


class Problem(TypedDict):
    """What went wrong (RFC 9457); `start` and `end` are where in a query, in characters."""

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    start: NotRequired[int]
    end: NotRequired[int]


class ArticleRecord(TypedDict):
    """An article; `text` is plain, `html` is clean, `snippet` and `score` are there where it was searched for."""

    id: int
    url: str
    urls: list[str]
    title: str | None
    text: str
    html: str
    authors: list[str]
    published: Time | None
    published_from: str | None
    updated: Time | None
    first_seen: Time
    fetched: Time
    language: str | None
    site: str
    sources: list[str]
    tags: list[str]
    description: str | None
    image: str | None
    word_count: int
    content_hash: str
    story_id: int
    copies: int
    revision: int
    change: str | None
    gone: Time | None
    section: str | None
    licence: str | None
    free: bool | None
    canonical: str | None
    syndicated_from: str | None
    snippet: NotRequired[str]
    score: NotRequired[float]


class NoticeRecord(TypedDict):
    """Something odd in a query, and where, in characters."""

    start: int
    end: int
    message: str


class SearchRecord(TypedDict):
    """A page of results; `next` is the cursor of the one behind it."""

    query: str
    sort: Sort
    total: int
    is_exact: bool
    articles: list[ArticleRecord]
    next: str | None
    notices: list[NoticeRecord]
    did_you_mean: str | None


class FacetRecord(TypedDict):
    """A value, and how many articles have it."""

    value: str
    count: int


class FacetsRecord(TypedDict):
    """What the articles that match are like; a field is missing where it could not be counted in time."""

    query: str
    total: int
    is_exact: bool
    counts: dict[str, list[FacetRecord]]


class BarRecord(TypedDict):
    """The articles of a stretch of time; `end` is the day behind it."""

    start: str
    end: str
    count: int


class TimelineRecord(TypedDict):
    """How many articles there were when, without holes."""

    query: str
    by: Step
    total: int
    is_exact: bool
    bars: list[BarRecord]


class TrendRecord(TypedDict):
    """A word that rises; `score` is how far `count` is beyond chance (a log-likelihood ratio)."""

    term: str
    count: int
    expected: float
    score: float
    article_ids: list[int]


class TrendsRecord(TypedDict):
    """The words that rise most, the first the most."""

    days: int
    trends: list[TrendRecord]


class RevisionRecord(TypedDict):
    """One text of an article; `change` says what kind of change it was."""

    number: int
    fetched: Time
    title: str | None
    text: str
    content_hash: str
    change: str | None


class RunRecord(TypedDict):
    """A piece of text that stayed, went or came."""

    op: Literal["equal", "deleted", "inserted"]
    text: str


_Diff = TypedDict(
    "_Diff",
    {"from": int, "to": int, "change": str | None, "title": list[RunRecord], "text": list[RunRecord]},
)


class DiffRecord(_Diff):
    """What one text became: runs in reading order."""


class RunnerUpRecord(TypedDict):
    """What another rule would have given."""

    rule: str
    value: str


class ProvenanceRecord(TypedDict):
    """Field to the rule that gave it, and to what others would have given."""

    provenance: dict[str, str]
    runners_up: dict[str, list[RunnerUpRecord]]


class BriefRecord(TypedDict):
    """An article in short; `ran` is when it counts as run."""

    id: int
    story_id: int
    title: str | None
    url: str
    site: str
    language: str | None
    published: Time | None
    first_seen: Time
    ran: Time
    word_count: int


class LinkRecord(TypedDict):
    """What ties an article to another, `article`."""

    kind: str
    is_backward: bool
    containment: float | None
    resemblance: float | None
    shared_words: int | None
    article: BriefRecord


class StorySummaryRecord(TypedDict):
    """A story in a list; `first` is who ran it first."""

    story_id: int
    copies: int
    sites: int
    last_ran: Time
    first: BriefRecord


class StoriesRecord(TypedDict):
    """Stories of which an article matches."""

    query: str
    total: int
    stories: list[StorySummaryRecord]


class AgainstFirstRecord(TypedDict):
    """Words that went and came against the article that ran first."""

    deleted: int
    inserted: int


class CopyRecord(ArticleRecord):
    """An article of a story."""

    against_first: AgainstFirstRecord
    ran: Time
    links: list[LinkRecord]


class StoryRecord(TypedDict):
    """A story; `first` is the number of the article that ran first."""

    story_id: int
    copies: int
    first: int
    articles: list[CopyRecord]


class OutcomeRecord(TypedDict):
    """How a page ended, or an attempt."""

    ending: str
    reason: str | None
    detail: str | None


class SightingRecord(TypedDict):
    """A source named the page."""

    at: Time
    source: str
    feed_url: str | None
    url: str
    title: str | None
    published: Time | None


class AttemptRecord(TypedDict):
    """The page was fetched, or that was tried."""

    at: Time
    outcome: OutcomeRecord
    http_status: int | None
    final_url: str | None
    size_bytes: int | None


class CaptureRecord(TypedDict):
    """Where the raw page lies in the archive."""

    at: Time
    url: str
    file: str
    offset: int
    length: int


class ExplanationRecord(TypedDict):
    """The way of one page."""

    url: str
    key: str
    host: str
    discovered: Time
    due: Time | None
    outcome: OutcomeRecord | None
    article_id: int | None
    article_title: str | None
    sightings: list[SightingRecord]
    attempts: list[AttemptRecord]
    captures: list[CaptureRecord]
