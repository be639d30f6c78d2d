"""The contract of a corpus, whatever engine keeps it; `tests/contract/` runs over every backend.

A corpus is opened for reading by any number of processes and for writing by one at a time. Every writing method and
every `filing()` block is one transaction: when it returns, what it did is durable; when it raises, nothing of it
happened. All methods raise only errors of `storage.errors`.

Transaction rules that make a crash harmless:
- what a poll discovered and the validators of that poll are committed together (`Filing.add_poll`);
- an article and the end of its page are committed together (`Filing.add_article`, then `Filing.end_page`);
- what a capture points to is on the disk before the capture is (`Filing.add_capture`);
- opening for writing frees every lease that a killed writer held.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Protocol

from storage.answers import (
    Explanation,
    LinkMemory,
    RememberedHost,
    SourceHistory,
    SourceStatus,
    Totals,
)
from storage.archives import ArchiveRow, DueArchive, WalkedArchive
from storage.brought import BroughtPage
from storage.captures import ArchiveFile, RawPage
from storage.changes import ChangeKind
from storage.checks import Finding
from storage.copies import CopyIndex, Member, Placement, Prints
from storage.lessons import Lesson
from storage.model import (
    Address,
    Article,
    Capture,
    Discovery,
    DueFeed,
    DuePage,
    Entry,
    Host,
    Match,
    Poll,
    Polled,
    RawAnswer,
    SiteMemory,
    Source,
    Visit,
)
from storage.questions import Questions

MAX_WAYS = 50
"""Of one article; one that a site serves under hundreds of addresses is explained well enough by so many."""


class Filing(Protocol):
    """The writes that belong together; lives inside one transaction."""

    def add_poll(self, poll: Poll) -> Polled:
        """Record a poll: the feed's state, entries, sightings, and the pages they name.

        A page whose key is known gains a sighting and is not queued again. A key that is an alias of a stored article
        becomes a page that ended as `same_article`. A discovery with an `outcome` ends at once with it.

        Entries are known by (feed, key); one that changed has its row updated and is not new. A key that is new for a
        page whose old key left the document is the old entry under another key (P36). An entry whose fingerprint
        changed was edited: the page of a stored article is due once more, the next edits ever later, and not where
        most of the document changed at once, which is a change of its template (P38).
        """

    def known_pages(self, feed_id: int, keys: Sequence[str]) -> int:
        """How many different ones of these page keys polls of the feed have named before. Those that only a backfill
        brought do not count: they neither hide a gap nor make a rhythm."""

    def known_entries(self, feed_id: int, keys: Sequence[str]) -> int:
        """How many different ones of these entry keys are stored for the feed."""

    def add_archive(self, walked: WalkedArchive) -> Polled:
        """Record a document of a walk: its end, the pages it names, the documents it leads to. Nothing of the feed's
        own state changes. Entries that are known stay as they are; pages are queued as by a poll, and also those that
        an earlier crawl refused unseen as too old. Documents that the walk of the source knows are not added again."""

    def is_repeated(self, archive_id: int, contents: str) -> bool:
        """Whether another document of the same feed's walk had these contents."""

    def count_archives(self, source: str) -> int:
        """How many documents the walk of a source knows."""

    def release_archive(self, archive_id: int, due: datetime) -> None:
        """Give a leased document back unread; it is due at `due`."""

    def left(self, feed_id: int, keys: Sequence[str]) -> frozenset[str]:
        """Those of these entry keys that an earlier poll of the feed left to a backfill (`Poll.left`)."""

    def link_memory(self, source: str) -> LinkMemory:
        """As `Corpus.link_memory`, with what this transaction wrote, and without shapes."""

    def match(self, keys: Sequence[str], site: str, content_hash: str, title: str | None = None) -> Match | None:
        """The stored article that owns one of these identity keys, else one of the same site with the same text. A
        text of few words matches only under the same title; an empty `content_hash` matches none."""

    def copies(self, prints_of: Callable[[str, Sequence[int]], Prints], version: int | str) -> CopyIndex:
        """The index by which copies of a text are found; it knows everything filed, in this transaction too.

        `prints_of(text, left_out)` prints a text without the lines with these hashes, always in the same way;
        `version` changes with that way. Where the index is behind, after a kill, or is missing, damaged or of another
        version, it is completed or made anew from the texts of the corpus first.
        """

    def add_article(
        self,
        page_id: int,
        article: Article,
        addresses: Sequence[Address],
        at: datetime,
        placement: Placement | None = None,
    ) -> int:
        """File a new article; gives its id. It joins the story of its placement, which `crawler.copies.place` gives for
        an index of this filing, and begins one without; its prints and links are kept with it."""

    def revise_article(
        self,
        article_id: int,
        article: Article,
        addresses: Sequence[Address],
        at: datetime,
        placement: Placement | None = None,
        change: ChangeKind | None = None,
    ) -> int:
        """Replace the current text, keep the former one as a revision; gives the new revision number. The article stays
        in its story and keeps its links; of the placement only prints and left-out lines count. `change` says how much
        the change matters."""

    def member(self, article_id: int) -> Member:
        """The current text of an article, as it is compared with another."""

    def mark_gone(self, article_id: int, at: datetime) -> None:
        """The page of an article is there no more; the article stays. The next visit that finds it takes this back."""

    def confirm_article(
        self, article_id: int, addresses: Sequence[Address], at: datetime, updated: date | None = None
    ) -> None:
        """Seen again, text unchanged: remember the time, the addresses, and a later date of change that the page
        gives."""

    def end_page(self, visit: Visit, article_id: int | None = None) -> None:
        """Record the outcome of a leased page, count the attempt, and free the lease. The page leaves the frontier,
        or is due again at `visit.retry_at`."""

    def release_page(self, page_id: int, due: datetime) -> None:
        """Give a leased page back unvisited; it is due at `due`."""

    def remember_host(self, host: Host) -> None:
        """Keep what is known of a server."""

    def learn(self, host: str, page_id: int, lesson: Lesson, at: datetime) -> bool:
        """Remember what a page teaches of its host; gives whether `Corpus.site_memory` of it is another now. A page
        teaches once. One that has most of its prose from an earlier page teaches nothing; the last two dozen pages
        count; a host that changed its theme is learned anew (`storage.lessons`)."""

    def add_capture(self, page_id: int, answer: RawAnswer) -> Capture:
        """Put the raw answer of a page into the archive. With the time of the visit, so that the text that was fetched
        then is known to be cut from it."""

    def recut_article(self, article_id: int, revision: int, article: Article, at: datetime) -> None:
        """Replace a text of an article by what the same page gives today: no revision, for its publisher changed
        nothing. When it was fetched and first seen stays, and so do its addresses and its story."""

    def mark_recut(self, reached: tuple[int, int] | None) -> None:
        """Remember the number of a run through the archive and the capture that it came to; None: it is over."""

    def bring_page(self, source: Source, found: Discovery, at: datetime) -> DuePage | None:
        """A page that comes with its bytes, named by a source that is no subscription; the caller ends it in the same
        transaction. None where its bytes were read before, or its address is known to be that of an article."""

    def bring_row(self, source: Source, found: Discovery, at: datetime) -> BroughtPage | None:
        """The page of an article that a file holds, named by a source that is no subscription; the key of the entry is
        the row's own. The caller ends the page in the same transaction. None where the source brought this row
        before."""

    def add_former(self, article_id: int, article: Article, at: datetime) -> bool:
        """Keep a text of an article that is older than the current one, as the revision of its time; later ones are
        numbered anew. False where the article has or had this text under this title."""


class Corpus(Questions, Protocol):
    """Everything that can be asked of a corpus and done to it."""

    def explain(self, key: str) -> Explanation | None:
        """The way of the page with this identity key; None when no source ever named it."""

    def entry_at(self, key: str) -> Entry | None:
        """The entry that named the page with this identity key last; None where none did."""

    def ways(self, article_id: int) -> list[Explanation]:
        """The ways of the pages that led to an article, in the order in which they were discovered; the first
        `MAX_WAYS`."""

    def daily(self, days: int, *, now: datetime | None = None) -> Mapping[str, tuple[int, ...]]:
        """How many articles the sources brought in each of the last days, today last, by the address of the source and
        by the day of `Query.since`, in UTC. Sources that brought none are missing."""

    def status(self, source: str | None = None, *, now: datetime | None = None) -> list[SourceStatus]:
        """Health of every source by name, or of those with that name or address, enabled ones first. `now` ends the
        weeks whose articles are recent; default: the clock's."""

    def history(self, source: str, *, now: datetime | None = None) -> SourceHistory | None:
        """What became of the first source with that name or address, see `status`; None where there is none."""

    def link_memory(self, source: str) -> LinkMemory:
        """What is known of the site of a source, given by its name; empty for a name that is unknown."""

    def site_memory(self, host: str) -> SiteMemory:
        """What the pages of a host repeat, for cutting another page of it; empty for a host that is unknown."""

    def remembered(self, source: str) -> list[RememberedHost]:
        """For people: what is remembered of the hosts that the last pages of a source with this name were on."""

    def totals(self) -> Totals:
        """The corpus in numbers."""

    def version(self) -> tuple[int, ...]:
        """Numbers that are others once anything was written, by whatever process; to be compared with those of this
        very object only. Costs microseconds: what was answered under a version need not be asked again while it
        lasts."""

    def host(self, host: str) -> Host | None:
        """What is remembered of a server."""

    def raw_pages(
        self, after: int, limit: int, *, sources: Collection[str] | None = None, since: date | None = None
    ) -> list[RawPage]:
        """The next raw pages of the archive behind the capture with the number `after`, in the order in which they were
        fetched; of these sources, fetched that day or later."""

    def articles_without_raw_page(self, *, sources: Collection[str] | None = None) -> dict[str, int]:
        """How many articles of each source have no raw page in the archive."""

    def recut_mark(self) -> tuple[int, int] | None:
        """What `Filing.mark_recut` remembers."""

    def raw(self, capture: Capture) -> RawAnswer:
        """The answer that a capture points to. Raises CaptureLost where the archive has it no more."""

    def raw_record(self, capture: Capture) -> bytes:
        """The whole WARC record that a capture points to, as a gzip member, byte by byte as the archive has it. Raises
        CaptureLost."""

    def captures(self, article_ids: Sequence[int]) -> Mapping[int, Capture]:
        """Where the raw pages are that the current texts of these articles were cut from; articles without one are
        missing. No two articles have the same."""

    def archive_files(self) -> list[ArchiveFile]:
        """The files of the archive, oldest first."""

    def prune_archive(self, names: Collection[str]) -> int:
        """Delete files of the archive, and what points into them; gives how many captures that were. Articles stay."""

    def settled(self, keys: Collection[str]) -> frozenset[str]:
        """Those of these page keys whose bytes were read before."""

    def subscribe(self, sources: Sequence[tuple[Source, str]], now: datetime) -> None:
        """Make the sources of the corpus those of the list, each given with the host of its address. New ones are due
        at once; ones no longer listed are disabled and keep their data. What was recorded under a clock that has been
        set back since is due again soon: a feed an interval after `now` at the latest, a page within minutes."""

    def resume(self, source: str, now: datetime) -> int:
        """Make the feeds of the source with this name due again that a server declared gone; gives how many those
        were. Nothing else of them changes, and other feeds do not."""

    def lease_feeds(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str] | None = None,
        polled_before: datetime | None = None,
        eager_hosts: Collection[str] = (),
        eager_before: datetime | None = None,
        skip_hosts: Collection[str] = (),
    ) -> list[DueFeed]:
        """Up to `limit` feeds of enabled sources that are due, longest overdue first, at most one a host, none of
        `skip_hosts`. With `polled_before` also those that are not due, if their last poll was before that time, or
        before `eager_before` at `eager_hosts`; of feeds that are gone, and of usual places that have none, only where
        `sources` names theirs. A leased feed is not given out again until it is filed or the lease ends."""

    def hosts_polled_since(
        self, since: datetime, now: datetime, *, sources: Collection[str] | None = None
    ) -> dict[str, int]:
        """How many feeds of each host were polled at or after `since` and are not due again; without `sources`, usual
        places that have no feed do not count."""

    def answering_feeds(self, limit: int) -> list[str]:
        """Addresses of feeds that answered at their last poll, each of another host, the latest first."""

    def lease_pages(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str] | None = None,
        skip_hosts: Collection[str] = (),
    ) -> list[DuePage]:
        """Up to `limit` due pages, at most one a host, none of `skip_hosts`; within a host the newest first."""

    def next_due(
        self, *, sources: Collection[str] | None = None, after: datetime | None = None
    ) -> tuple[datetime | None, datetime | None]:
        """When the next unleased feed and the next unleased page are due; None where there is none. With `after`: of
        those that are due later than that."""

    def begin_walk(
        self, source: str, since: date | None, until: date | None, now: datetime, *, again: bool = False
    ) -> None:
        """Make due what a backfill of this source has to read: every feed of it that was not read (sections of a front
        page, and what was found and held no feed, are none), what an earlier walk left unfinished, and what it left
        out that is within these bounds (published since the one day, before the other). `again` makes due every
        document but those that never change."""

    def lease_archives(
        self,
        now: datetime,
        limit: int,
        lease_s: float,
        *,
        sources: Collection[str],
        skip_hosts: Collection[str] = (),
    ) -> list[DueArchive]:
        """Up to `limit` due documents of the walks of these sources, at most one a host, none of `skip_hosts`; within a
        host the newest first."""

    def next_archive_due(self, *, sources: Collection[str]) -> datetime | None:
        """When the next unleased document of these walks is due; None where there is none."""

    def open_archives(self, *, sources: Collection[str]) -> int:
        """How many documents of these walks are still to be read."""

    def archives(self, *, sources: Collection[str]) -> list[ArchiveRow]:
        """Every document of these walks, in the order in which they became known."""

    def filing(self) -> AbstractContextManager[Filing]:
        """One transaction of writes."""

    def index(self, limit: int = 1000) -> int:
        """Bring up to `limit` articles into the search index; gives how many are still missing."""

    def rebuild(self, prints_of: Callable[[str, Sequence[int]], Prints], version: int | str) -> None:
        """Make the copy index anew from the texts, see `Filing.copies`, and begin the search index anew, which `index`
        fills. Stories stay as they are."""

    def check(self) -> list[Finding]:
        """What an examination of the corpus, its indexes and its archive finds, part by part; changes nothing."""

    def close(self) -> None:
        """Release everything; a second call does nothing."""

    def __enter__(self) -> Corpus: ...

    def __exit__(self, *exc_info: object) -> None: ...
