"""The writes of a crawl, inside one transaction: polls, articles, the ends of pages."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import functools
import json
import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from storage.answers import LinkMemory
from storage.changes import ChangeKind
from storage.copies import CopyIndex, Member, Placement, Prints
from storage.errors import StorageError
from storage.lessons import Lesson
from storage.model import (
    Address,
    Article,
    Host,
    Match,
    Poll,
    Polled,
    Visit,
)
from storage.sqlite import links, memory, sites
from storage.sqlite.copy_index import MEMBER_COLUMNS, PrintsOf, SqliteCopyIndex, member_of
from storage.sqlite.discoveries import KNOWN_ADDRESS, Discoveries
from storage.sqlite.failures import failure
from storage.sqlite.hashes import hashes_blob
from storage.sqlite.rows import (
    clean,
    cleaned,
    list_text,
    mapping_text,
    moment_text,
    pairs_text,
    time_text,
)
from storage.sqlite.subscriptions import add_found_feeds, record_poll

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound="SqliteFiling")

CONTENT_MATCH_WORDS = 40
"""An equal text of fewer words is the same article only under the same title: notices and captions repeat."""


def _step(method: Callable[Concatenate[F, P], R]) -> Callable[Concatenate[F, P], R]:
    """A method that fails half-way spoils the transaction: whoever catches its error cannot commit the half."""

    @functools.wraps(method)
    def guarded(self: F, /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self.spoilt is not None:
            raise StorageError(f"{self.path}: this filing failed before ({self.spoilt}); begin another")
        try:
            return method(self, *args, **kwargs)
        except sqlite3.Error as error:
            self.spoilt = failure(self.path, error)
            raise self.spoilt from error
        except BaseException as error:
            self.spoilt = StorageError(f"{self.path}: {error!r}")
            raise

    return guarded


class SqliteFiling:
    """`storage.corpus.Filing` on one connection whose transaction the corpus opens and ends."""

    def __init__(self, connection: sqlite3.Connection, path: Path, copies: SqliteCopyIndex) -> None:
        self.path = path
        self._copies = copies
        self.spoilt: StorageError | None = StorageError("not begun")
        self._sql = connection
        self._seq: int | None = None
        self._seq_before: int | None = None

    def begin(self) -> None:
        """Start the transaction; takes the write lock at once, so that no later statement meets a busy snapshot."""
        self._sql.execute("BEGIN IMMEDIATE")
        self.spoilt, self._seq, self._seq_before = None, None, None
        self._copies.begun()

    def commit(self) -> None:
        """Make everything durable, or raise and leave nothing."""
        if self.spoilt is not None:
            raise self.spoilt
        if self._seq is not None:
            self._sql.execute("UPDATE counters SET value = ? WHERE name = 'seq'", (self._seq,))
        self._sql.execute("COMMIT")
        self.spoilt = StorageError("ended")
        if self._seq is not None and self._seq_before is not None:
            self._copies.committed(self._seq_before, self._seq)

    def roll_back(self) -> None:
        """Undo everything; SQLite has done so by itself after some errors."""
        self.spoilt = self.spoilt or StorageError("rolled back")
        if self._sql.in_transaction:
            self._sql.execute("ROLLBACK")
        self._copies.rolled_back()

    # --- polls -----------------------------------------------------------------------------------------------------

    @_step
    def add_poll(self, poll: Poll) -> Polled:
        """See `storage.corpus.Filing.add_poll`."""
        feed = self._sql.execute("SELECT source_id FROM feeds WHERE id = ?", (poll.feed_id,)).fetchone()
        if feed is None:
            raise StorageError(f"{self.path}: has no feed {poll.feed_id}; file into the corpus that leased it")
        (source_id,) = feed
        polled = Discoveries(self._sql, poll.feed_id, source_id, poll.at).add(poll.discoveries)
        sites.remember_left(self._sql, poll.feed_id, poll.left)
        record_poll(self._sql, poll, polled.new_entries)
        add_found_feeds(self._sql, source_id, poll)
        if poll.wakes_site:
            sites.wake(self._sql, source_id, moment_text(poll.at))
        return polled

    @_step
    def known_pages(self, feed_id: int, keys: Sequence[str]) -> int:
        """See `storage.corpus.Filing.known_pages`."""
        wanted = json.dumps(sorted({clean(key) for key in keys}))
        (count,) = self._sql.execute(
            "SELECT count(*) FROM pages WHERE key IN (SELECT value FROM json_each(?)) AND EXISTS (SELECT 1 "
            "FROM sightings INDEXED BY sightings_by_page JOIN entries ON entries.id = sightings.entry_id "
            "WHERE sightings.page_id = pages.id AND sightings.feed_id = ? AND NOT archived)",
            (wanted, feed_id),
        ).fetchone()
        return int(count)

    @_step
    def known_entries(self, feed_id: int, keys: Sequence[str]) -> int:
        """See `storage.corpus.Filing.known_entries`."""
        wanted = json.dumps(sorted({clean(key) for key in keys}))
        (count,) = self._sql.execute(
            "SELECT count(*) FROM entries WHERE feed_id = ? AND key IN (SELECT value FROM json_each(?))",
            (feed_id, wanted),
        ).fetchone()
        return int(count)

    @_step
    def left(self, feed_id: int, keys: Sequence[str]) -> frozenset[str]:
        """See `storage.corpus.Filing.left`."""
        return sites.left(self._sql, feed_id, keys)

    @_step
    def link_memory(self, source: str) -> LinkMemory:
        """See `storage.corpus.Filing.link_memory`."""
        return sites.link_memory(self._sql, source, with_shapes=False)

    # --- articles --------------------------------------------------------------------------------------------------

    @_step
    def match(self, keys: Sequence[str], site: str, content_hash: str, title: str | None = None) -> Match | None:
        """See `storage.corpus.Filing.match`. An equal text of fewer than `CONTENT_MATCH_WORDS` words matches only an
        article with this `title`."""
        for key in keys:
            owner = self._sql.execute("SELECT article_id FROM addresses WHERE key = ?", (clean(key),)).fetchone()
            if owner:
                return self._match(owner[0], "address")
        same = self._sql.execute(
            "SELECT id FROM articles WHERE content_hash = ? AND site = ? AND content_hash <> '' "
            "AND (word_count >= ? OR title = ?) ORDER BY id LIMIT 1",
            (content_hash, clean(site), CONTENT_MATCH_WORDS, cleaned(title)),
        ).fetchone()
        return self._match(same[0], "content") if same else None

    def _match(self, article_id: int, by: Any) -> Match:
        content_hash, title = self._sql.execute(
            "SELECT content_hash, title FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        pages = self._sql.execute("SELECT id FROM pages WHERE article_id = ? ORDER BY id", (article_id,))
        return Match(article_id, by, content_hash, title, tuple(page_id for (page_id,) in pages))

    @_step
    def copies(self, prints_of: PrintsOf, version: int | str) -> CopyIndex:
        """See `storage.corpus.Filing.copies`."""
        self._copies.open(prints_of, version)
        return self._copies

    @_step
    def add_article(
        self,
        page_id: int,
        article: Article,
        addresses: Sequence[Address],
        at: datetime,
        placement: Placement | None = None,
    ) -> int:
        """See `storage.corpus.Filing.add_article`."""
        page = self._sql.execute("SELECT key, url, host, discovered FROM pages WHERE id = ?", (page_id,)).fetchone()
        if page is None:
            raise StorageError(f"{self.path}: has no page {page_id}; file into the corpus that leased it")
        key, url, host, discovered = page
        site = clean(article.site or host)
        seq, fetched = self._next_seq(), moment_text(at)
        article_id = seq  # so an id is never given twice, whatever is deleted
        story_id = article_id if placement is None or placement.story_id is None else placement.story_id
        own = ("id", "seq", "story_id", "page_id", "url", "site", "first_seen", "left_out")
        self._sql.execute(
            f"INSERT INTO articles ({', '.join((*own, *_ARTICLE_COLUMNS))}) "
            f"VALUES (?{', ?' * (len(own) + len(_ARTICLE_COLUMNS) - 1)})",
            (
                *(article_id, seq, story_id, page_id, clean(article.url or url), site, discovered),
                *(left_out_of(placement), *_article_values(article, discovered, fetched)),
            ),
        )
        if placement is not None:
            links.add_links(self._sql, article_id, placement.links)
        self._copies.add(story_id, _prints(article, placement))
        self._add_addresses(article_id, [*addresses, Address(url, key, "page")], fetched, page_id)
        return article_id

    @_step
    def revise_article(
        self,
        article_id: int,
        article: Article,
        addresses: Sequence[Address],
        at: datetime,
        placement: Placement | None = None,
        change: ChangeKind | None = None,
    ) -> int:
        """See `storage.corpus.Filing.revise_article`."""
        old = self._sql.execute(
            "SELECT revision, first_seen, story_id FROM articles WHERE id = ?", (article_id,)
        ).fetchone()
        if old is None:
            raise StorageError(f"{self.path}: has no article {article_id}")
        revision, first_seen, story_id = old
        fetched = moment_text(at)
        former = "fetched, title, authors, published, updated, content_hash, provenance, left_out, change, text, html"
        self._sql.execute(
            f"INSERT INTO revisions (article_id, number, {former}) SELECT id, revision, {former} FROM articles "
            "WHERE id = ?",
            (article_id,),
        )
        self._sql.execute(
            "UPDATE articles SET seq = ?, revision = ?, left_out = ?, change = ?, gone = NULL, "
            f"{_assignments(_ARTICLE_COLUMNS)} WHERE id = ?",
            (
                *(self._next_seq(), revision + 1, left_out_of(placement), change),
                *(*_article_values(article, first_seen, fetched), article_id),
            ),
        )
        self._copies.add(story_id, _prints(article, placement))
        self._add_addresses(article_id, addresses, fetched)
        return int(revision) + 1

    @_step
    def member(self, article_id: int) -> Member:
        """See `storage.corpus.Filing.member`."""
        row = self._sql.execute(f"SELECT {MEMBER_COLUMNS} FROM articles WHERE id = ?", (article_id,)).fetchone()
        if row is None:
            raise StorageError(f"{self.path}: has no article {article_id}")
        return member_of(row)

    @_step
    def mark_gone(self, article_id: int, at: datetime) -> None:
        """See `storage.corpus.Filing.mark_gone`."""
        self._sql.execute("UPDATE articles SET gone = coalesce(gone, ?) WHERE id = ?", (moment_text(at), article_id))

    @_step
    def confirm_article(
        self, article_id: int, addresses: Sequence[Address], at: datetime, updated: date | None = None
    ) -> None:
        """See `storage.corpus.Filing.confirm_article`."""
        seen, changed = moment_text(at), time_text(updated)
        self._sql.execute(
            "UPDATE articles SET checked = ?, gone = NULL, updated = CASE WHEN ? > coalesce(updated, '') THEN ? "
            "ELSE updated END WHERE id = ?",
            (seen, changed, changed, article_id),
        )
        self._add_addresses(article_id, addresses, seen)

    def _add_addresses(
        self, article_id: int, addresses: Sequence[Address], at: str, page_id: int | None = None
    ) -> None:
        """Each key belongs to the article that had it first. A page that waits under one needs no visit any more."""
        for address in addresses:
            key = clean(address.key)
            added = self._sql.execute(
                "INSERT OR IGNORE INTO addresses (key, article_id, url, via, added) VALUES (?, ?, ?, ?, ?)",
                (key, article_id, clean(address.url), address.via, at),
            ).rowcount
            if added:
                self._sql.execute(
                    "UPDATE pages SET state = NULL, due = NULL, outcome = ?, reason = ?, detail = NULL, ended = ?, "
                    "article_id = ? WHERE key = ? AND id IS NOT ? AND due IS NOT NULL AND state <> 'leased' "
                    "AND article_id IS NULL",
                    (KNOWN_ADDRESS.ending, KNOWN_ADDRESS.reason, at, article_id, key, page_id),
                )

    def _next_seq(self) -> int:
        if self._seq is None:
            self._seq = int(self._sql.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone()[0])
            self._seq_before = self._seq
        self._seq += 1
        return self._seq

    # --- pages -----------------------------------------------------------------------------------------------------

    @_step
    def end_page(self, visit: Visit, article_id: int | None = None) -> None:
        """See `storage.corpus.Filing.end_page`."""
        at, outcome, validators = moment_text(visit.at), visit.outcome, visit.validators
        how = (outcome.ending, cleaned(outcome.reason), cleaned(outcome.detail))
        changed = self._sql.execute(
            "UPDATE pages SET state = ?, due = ?, leased_until = NULL, attempts = attempts + 1, outcome = ?, "
            "reason = ?, detail = ?, ended = ?, article_id = coalesce(?, article_id), etag = coalesce(?, etag), "
            "last_modified = coalesce(?, last_modified) WHERE id = ?",
            (
                *((None, None) if visit.retry_at is None else ("waiting", moment_text(visit.retry_at))),
                *(*how, at, article_id),
                *((cleaned(validators.etag), cleaned(validators.last_modified)) if validators else (None, None)),
                visit.page_id,
            ),
        ).rowcount
        if not changed:
            raise StorageError(f"{self.path}: has no page {visit.page_id}; file into the corpus that leased it")
        self._sql.execute(
            "INSERT INTO outcomes (page_id, at, outcome, reason, detail, http_status, final_url, size_bytes) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (visit.page_id, at, *how, visit.http_status, cleaned(visit.final_url), visit.size_bytes),
        )

    @_step
    def release_page(self, page_id: int, due: datetime) -> None:
        """See `storage.corpus.Filing.release_page`."""
        self._sql.execute(
            "UPDATE pages SET state = 'waiting', due = ?, leased_until = NULL WHERE id = ? AND due IS NOT NULL",
            (moment_text(due), page_id),
        )

    @_step
    def remember_host(self, host: Host) -> None:
        """See `storage.corpus.Filing.remember_host`."""
        self._sql.execute(
            "INSERT OR REPLACE INTO hosts (host, paused_until, robots_status, robots_fetched, robots_body) "
            "VALUES (?, ?, ?, ?, ?)",
            (
                *(clean(host.host), time_text(host.paused_until), host.robots_status),
                *(time_text(host.robots_fetched), host.robots_body),
            ),
        )

    @_step
    def learn(self, host: str, page_id: int, lesson: Lesson, at: datetime) -> bool:
        """See `storage.corpus.Filing.learn`."""
        return memory.learn(self._sql, host, page_id, lesson, at)

    def _insert(self, sql: str, values: Sequence[object]) -> int:
        row_id = self._sql.execute(sql, values).lastrowid
        assert row_id is not None
        return row_id


def left_out_of(placement: Placement | None) -> bytes | None:
    """The lines that were not compared, as a column holds them."""
    return None if placement is None else hashes_blob(placement.left_out)


def _prints(article: Article, placement: Placement | None) -> Prints | None:
    """What is known of the text as it is stored; None where it was judged by another, or not at all."""
    return placement.prints if placement is not None and clean(article.text) == article.text else None


def _assignments(columns: Sequence[str]) -> str:
    return ", ".join(f"{name} = ?" for name in columns)


_ARTICLE_COLUMNS = (
    *("title", "authors", "published", "published_from", "updated", "dated", "fetched", "checked", "language", "tags"),
    *("description", "image", "canonical", "syndicated_from", "word_count", "content_hash", "provenance"),
    *("section", "licence", "free", "runners_up", "origin_key", "text", "html"),
)


def _article_values(article: Article, first_seen: str, fetched: str) -> tuple[str | int | None, ...]:
    published = time_text(article.published)
    return (
        *(cleaned(article.title), list_text(article.authors), published, article.provenance.get("published")),
        *(time_text(article.updated), published or first_seen, fetched, fetched, cleaned(article.language)),
        *(list_text(article.tags), cleaned(article.description), cleaned(article.image), cleaned(article.canonical)),
        *(cleaned(article.syndicated_from), article.word_count, article.content_hash),
        *(mapping_text(article.provenance), cleaned(article.section), cleaned(article.licence), article.free),
        *(pairs_text(article.runners_up), cleaned(article.origin_key), clean(article.text), clean(article.html)),
    )
