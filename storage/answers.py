"""The immutable types in which a corpus answers: articles as they are kept, their past, and the health of sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, get_args

from storage.drift import Drift
from storage.model import Capture, Ending, Outcome, PollStatus, SourceKind, Validators

Sort = Literal["relevance", "newest", "oldest", "first-filed", "last-filed"]
"""`newest` and `oldest` go by the date that `Query.since` compares with; `first-filed` and `last-filed` by the order in
which articles were filed, which is that of their ids and never changes."""
SORTS: tuple[Sort, ...] = get_args(Sort)


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """An article as the corpus gives it back."""

    id: int
    url: str
    urls: tuple[str, ...]
    title: str | None
    text: str
    html: str
    authors: tuple[str, ...]
    published: date | None
    published_from: str | None
    updated: date | None
    first_seen: datetime
    fetched: datetime
    language: str | None
    site: str
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    description: str | None
    image: str | None
    word_count: int
    content_hash: str
    story_id: int
    copies: int
    """Articles of the same story, this one included."""
    revision: int
    """1 for the text as first filed."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    section: str | None = None
    licence: str | None = None
    free: bool | None = None
    """Whether the page says that everybody may read all of it; None where it says nothing."""
    canonical: str | None = None
    syndicated_from: str | None = None
    runners_up: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    """Field name to (rule, value) of what other rules gave, where that differs from the field."""
    change: str | None = None
    """What made the current text of the one before, a `ChangeKind`; None where it is the first."""
    gone: datetime | None = None
    """When its page was found to be there no longer; None while it is."""
    snippet: str | None = None
    """Set by a search: the best passage, matches between SNIPPET_START and SNIPPET_END."""
    score: float | None = None


SNIPPET_START = "\ue000"
SNIPPET_END = "\ue001"


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of an article; number 1 is the first."""

    number: int
    fetched: datetime
    title: str | None
    text: str
    content_hash: str
    change: str | None = None
    """What made it of the text before, a `ChangeKind`; None for the first, and where nobody judged it."""


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for, and where. `words` may hold filters too (`language:en`); empty ones match every article.
    `since` is inclusive, `until` exclusive; both compare with the publication date, or with the first sighting where
    there is none."""

    words: str = ""
    since: date | None = None
    until: date | None = None
    source: str | None = None
    site: str | None = None
    language: str | None = None
    tag: str | None = None
    story: int | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One source named one URL at one time."""

    at: datetime
    source: str
    feed_url: str
    url: str
    title: str | None
    published: date | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One recorded visit, as `explain` tells it."""

    at: datetime
    outcome: Outcome
    http_status: int | None
    final_url: str | None
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The whole way of one URL, from the feeds that named it to its outcome."""

    url: str
    key: str
    host: str
    discovered: datetime
    due: datetime | None
    outcome: Outcome | None
    article_id: int | None
    article_title: str | None
    sightings: tuple[Sighting, ...]
    attempts: tuple[Attempt, ...]
    captures: tuple[Capture, ...] = ()
    """Its raw answers in the archive, oldest first."""


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """Health of one polled document."""

    url: str
    kind: SourceKind
    document_kind: str | None = None
    last_poll: datetime | None = None
    last_success: datetime | None = None
    next_poll: datetime | None = None
    interval_s: float | None = None
    failures: int = 0
    http_status: int | None = None
    reason: str | None = None
    detail: str | None = None
    entries: int = 0
    left_out: int = 0
    """Addresses that a sitemap listed and that a live poll left to `cuttings backfill`."""
    flags: tuple[str, ...] = ()
    last_status: PollStatus | None = None
    failing_since: datetime | None = None
    """The first of the failed polls since the last good one."""
    via: str = "source"
    """How it became known: `source` (feeds.yaml), `link`, `path`, `robots`, `index`, `index2`, `section`."""
    why: str | None = None
    """Why the next poll is due when it is, in words for people."""
    validators: Validators | None = None
    last_news: datetime | None = None
    """When a poll last brought an entry that was new."""
    news_expected: datetime | None = None
    """Without news until then it has fallen silent; None: too little is known of its rhythm."""
    last_whole: datetime | None = None
    """When the document last came whole, and not as a 304."""
    unchanged: int = 0
    """Polls since the last one in the history, each like that one and without news."""
    gaps: int = 0
    """Polls before which entries may have been missed."""
    last_gap: datetime | None = None
    lies: int = 0
    """Times that the server said "not modified" though something was."""
    last_lie: datetime | None = None
    moved_to: str | None = None
    """Where it says that it has moved for good, which is being watched; since when, and in how many polls."""
    moved_since: datetime | None = None
    moved_count: int = 0
    moved_from: str | None = None
    """Where it was polled before it moved last, and when that was."""
    moved_at: datetime | None = None
    merged_into: str | None = None
    """The source that polls the address to which this feed moved; this one is polled no more by itself."""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """Health of one source: its feeds, and how the pages it named ended."""

    name: str
    kind: SourceKind
    url: str
    title: str | None
    tags: tuple[str, ...]
    enabled: bool
    feeds: tuple[FeedStatus, ...]
    outcomes: Mapping[str, int]
    """Ending to number of pages."""
    waiting: int
    """Pages that nobody has visited yet."""
    articles: int
    last_article: datetime | None
    recent_articles: int = 0
    """Of the articles, those of the last `RECENT_DAYS` days: published then, or without a date and first seen then."""
    removed: datetime | None = None
    """When it was found to be in feeds.yaml no longer; None while it is."""
    drift: Drift | None = None
    """What changed in its articles all at once, see `storage.drift`."""

    @property
    def is_file(self) -> bool:
        """Whether its pages came from a file, once, and there is nothing to poll."""
        return self.url.startswith(FILE_SCHEME)

    @property
    def articles_per_week(self) -> float:
        """How many a week it brought lately."""
        return self.recent_articles * 7 / RECENT_DAYS


FILE_SCHEME = "warc:"
"""How the addresses of sources begin that are files of raw pages."""
RECENT_DAYS = 28
"""Whole weeks, because most sources have a rhythm of weekdays."""
HISTORY_WEEKS = 12


@dataclass(frozen=True, slots=True)
class PastPoll:
    """A poll that brought something or ended otherwise than the one before it."""

    at: datetime
    status: PollStatus
    http_status: int | None
    reason: str | None
    detail: str | None
    entries: int
    new_entries: int
    flags: tuple[str, ...]
    repeated: int
    """Further polls after it that were like it and brought no news."""


@dataclass(frozen=True, slots=True)
class PastMove:
    """A time that a publisher moved a feed to another address for good."""

    at: datetime
    from_url: str
    to_url: str


@dataclass(frozen=True, slots=True)
class FeedHistory:
    """What happened to one feed, newest first."""

    url: str
    polls: tuple[PastPoll, ...]
    moves: tuple[PastMove, ...]


@dataclass(frozen=True, slots=True)
class PageTrouble:
    """Pages of one source that ended without an article, for one reason."""

    ending: Ending
    reason: str | None
    pages: int
    last: datetime
    example: str
    """The address of the latest of them."""


@dataclass(frozen=True, slots=True)
class SourceHistory:
    """What became of one source over time."""

    feeds: tuple[FeedHistory, ...]
    """In the order of `SourceStatus.feeds`."""
    weeks: tuple[int, ...]
    """Articles in each of the last `HISTORY_WEEKS` weeks, the oldest first; the last week ends now."""
    troubles: tuple[PageTrouble, ...]
    """The commonest first."""


@dataclass(frozen=True, slots=True)
class Totals:
    """The corpus in numbers."""

    sources: int
    feeds: int
    entries: int
    sightings: int
    pages: int
    waiting: int
    """Pages that nobody has visited yet."""
    articles: int
    revisions: int
    stories: int
    outcomes: Mapping[str, int]
    size_bytes: int
    unindexed: int
    """Articles that search does not know yet."""
    archive_bytes: int = 0
    """What the files of the archive take."""


@dataclass(frozen=True, slots=True)
class LinkShape:
    """What the pages of one URL shape of a site turned out to be: of the last few hundred that each of its feeds and
    front pages named."""

    shape: str
    named: int
    articles: int
    rejected: int
    """Pages that held no article, or too short a one."""
    last_tried: datetime | None = None
    """When the last page of this shape ended."""


@dataclass(frozen=True, slots=True)
class LinkMemory:
    """What is known of a source's site: the documents that are polled, and the shapes of its pages' addresses."""

    feeds: tuple[FeedStatus, ...] = ()
    shapes: tuple[LinkShape, ...] = ()
    """The most named first."""


@dataclass(frozen=True, slots=True)
class RememberedBlock:
    """A block of text that a host repeats; the words are its pages', as they were written."""

    text: str
    """How it begins."""
    pages: int
    since: datetime


@dataclass(frozen=True, slots=True)
class RememberedHost:
    """What the pages of one host were found to repeat, for people; see `SiteMemory`."""

    host: str
    pages: int
    """Pages that were compared: the last ones, twins left out."""
    since: datetime
    """When learning began, anew after a change of theme."""
    changed: datetime | None
    """When the theme was last found to have changed."""
    blocks: tuple[RememberedBlock, ...]
    """The commonest first; each is on two pages at least."""
