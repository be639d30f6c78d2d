"""Keeps saved searches: how far each has come, what it gave, what is still to be sent. See `storage.watches`."""

# ruff: noqa: S608 - what is put into statements are constants of this package; whatever came from a user is a parameter

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from storage.answers import StoredArticle
from storage.errors import CorpusBusy, QueryError
from storage.plain import plain_line
from storage.sqlite import index, reading
from storage.sqlite.failures import translating
from storage.sqlite.fresh import Row, look
from storage.sqlite.rows import clean, cleaned, moment, moment_or_none, moment_text, time_text
from storage.watches import (
    MOST_ARTICLES,
    MOST_OPEN,
    Delivery,
    Fresh,
    Settled,
    Watch,
    WatchState,
)

FAR = timedelta(days=2)
"""No wait is as long: a time further ahead was set by a clock that was wrong, and counts as past."""


class SqliteWatches:
    """`storage.watches.Watches` in the file of a corpus. For one thread at a time."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self.connection = connection
        """The tables as `main`, the search index as `idx`, which is only read."""

    @translating
    def keep(self, watches: Sequence[Watch], now: datetime) -> None:
        """See `storage.watches.Watches.keep`."""
        if self._is_kept(watches):
            return
        with self._transaction():
            (present,) = self.connection.execute("SELECT value FROM counters WHERE name = 'seq'").fetchone()
            known = self._known()
            at = moment_text(now)
            for watch in watches:
                name, search = clean(watch.name), clean(watch.search)
                if name not in known or known[name][2] is not None:
                    self.connection.execute(
                        "INSERT INTO watches (name, search, receiver, began, began_seq, position) "
                        "VALUES (:name, :search, :receiver, :at, :present, :present) ON CONFLICT (name) DO UPDATE SET "
                        "search = :search, receiver = :receiver, began = :at, began_seq = :present, "
                        "position = :present, removed = NULL, due = NULL, failures = 0, failing_since = NULL, "
                        "stopped = NULL, detail = NULL, http_status = NULL",
                        {"name": name, "search": search, "receiver": watch.receiver, "at": at, "present": present},
                    )
                    continue
                self.connection.execute("UPDATE watches SET search = ? WHERE name = ?", (search, name))
                if known[name][1] != watch.receiver:
                    self._change_receiver(name, watch.receiver, at)
            gone = set(known) - {clean(watch.name) for watch in watches}
            for name in (name for name in gone if known[name][2] is None):
                self.connection.execute("UPDATE watches SET removed = ? WHERE name = ?", (at, name))
                self._drop_open(name, at)

    @translating
    def states(self) -> list[WatchState]:
        """See `storage.watches.Watches.states`."""
        rows = self.connection.execute(
            "SELECT name, search, receiver IS NOT NULL, began, removed, last_given, "
            "(SELECT count(*) FROM given_articles LEFT JOIN deliveries ON deliveries.id = delivery_id "
            "WHERE given_articles.watch_id = watches.id AND (delivery_id IS NULL OR ending = 'delivered')), "
            "(SELECT count(*) FROM deliveries CROSS JOIN given_articles ON delivery_id = deliveries.id "
            "WHERE deliveries.watch_id = watches.id AND deliveries.due IS NOT NULL), "
            "(SELECT count(*) FROM articles WHERE seq > position), "
            "(SELECT count(*) FROM deliveries CROSS JOIN given_articles ON delivery_id = deliveries.id "
            "WHERE deliveries.watch_id = watches.id AND ending = 'lost'), "
            "(SELECT max(ended) FROM deliveries WHERE watch_id = watches.id AND ending = 'lost'), "
            "failures, failing_since, http_status, detail, "
            "(SELECT max(coalesce(watches.due, ''), min(deliveries.due)) FROM deliveries "
            "WHERE watch_id = watches.id AND deliveries.due IS NOT NULL), stopped FROM watches ORDER BY name"
        ).fetchall()
        return [_state(row) for row in rows]

    @translating
    def rewind(self, name: str, since: date | None) -> None:
        """See `storage.watches.Watches.rewind`."""
        with self._transaction():
            row = self._row(name)
            began = 0
            if since is not None:
                (first,) = self.connection.execute(
                    "SELECT min(id) FROM articles WHERE first_seen >= ?", (time_text(since),)
                ).fetchone()
                began = row.began_seq if first is None else first - 1
            began = min(began, row.began_seq)
            self.connection.execute(
                "UPDATE watches SET began_seq = ?, position = min(position, ?) WHERE id = ?", (began, began, row.id)
            )

    @translating
    def resume(self, name: str, now: datetime) -> int:
        """See `storage.watches.Watches.resume`."""
        with self._transaction():
            row = self._row(name)
            at = moment_text(now)
            self.connection.execute(
                "UPDATE watches SET stopped = NULL, due = NULL, failures = 0, failing_since = NULL, detail = NULL "
                "WHERE id = ?",
                (row.id,),
            )
            self.connection.execute(
                "UPDATE deliveries SET due = ?, ended = NULL, ending = NULL, first_try = NULL, attempts = 0 "
                "WHERE watch_id = ? AND (due IS NOT NULL OR ending = 'lost')",
                (at, row.id),
            )
            return self._open(row.id)

    @translating
    def fresh(self, watch: Watch, limit: int = MOST_ARTICLES) -> Fresh:
        """See `storage.watches.Watches.fresh`."""
        with self._transaction("BEGIN"):
            row = self._row(watch.name)
            found, ends = look(self.connection, watch, row, limit)
            articles = reading.load_articles(self.connection, [one.article_id for one in found])
        return Fresh(tuple(articles), tuple(one.seq for one in found), row.position, ends)

    @translating
    def give(self, watch: Watch, articles: Sequence[StoredArticle], begins: int, ends: int, now: datetime) -> None:
        """See `storage.watches.Watches.give`."""
        with self._transaction():
            row = self._row(watch.name)
            if row.position != begins:
                raise CorpusBusy(
                    f"{plain_line(watch.name)}: another process gives its articles at the same time; let one of them do"
                )
            self.connection.execute("UPDATE watches SET position = ? WHERE id = ?", (ends, row.id))
            if articles:
                self.connection.execute("UPDATE watches SET last_given = ? WHERE id = ?", (moment_text(now), row.id))
            self.connection.executemany(
                "INSERT OR IGNORE INTO given_articles (watch_id, article_id, fetched, story_id) VALUES (?, ?, ?, ?)",
                [(row.id, one.id, moment_text(one.fetched), one.story_id) for one in articles],
            )

    @translating
    def prepare(self, watch: Watch, key: str, now: datetime) -> bool:
        """See `storage.watches.Watches.prepare`."""
        if not self._may_prepare(watch, now):
            return False
        with self._transaction("BEGIN"):  # the search is not waited for by whoever writes the corpus
            row = self._row(watch.name)
            found, ends = look(self.connection, watch, row, MOST_ARTICLES)
        if ends == row.position:
            return False
        with self._transaction():
            if self._row(watch.name) != row:
                return False  # another process looked at the same time
            self.connection.execute("UPDATE watches SET position = ? WHERE id = ?", (ends, row.id))
            if not found:
                return False
            at = moment_text(now)
            delivery_id = self.connection.execute(
                "INSERT INTO deliveries (watch_id, key, created, due) VALUES (?, ?, ?, ?)", (row.id, key, at, at)
            ).lastrowid
            self.connection.executemany(
                "INSERT OR IGNORE INTO given_articles VALUES (?, ?, ?, ?, ?)",
                [(row.id, one.article_id, one.fetched, one.story_id, delivery_id) for one in found],
            )
            return True

    @translating
    def take(self, watch: Watch, now: datetime, until: datetime) -> Delivery | None:
        """See `storage.watches.Watches.take`."""
        due = {"name": clean(watch.name), "now": moment_text(now), "far": moment_text(now + FAR)}
        wanted = (
            "SELECT deliveries.id FROM watches CROSS JOIN deliveries INDEXED BY deliveries_open "
            "ON deliveries.watch_id = watches.id WHERE watches.name = :name AND stopped IS NULL AND removed IS NULL "
            "AND (watches.due IS NULL OR watches.due <= :now OR watches.due > :far) AND deliveries.due IS NOT NULL "
            "AND (deliveries.due <= :now OR deliveries.due > :far) ORDER BY deliveries.due, deliveries.id LIMIT 1"
        )
        if self.connection.execute(wanted, due).fetchone() is None:
            return None
        with self._transaction():
            row = self.connection.execute(
                "UPDATE deliveries SET attempts = attempts + 1, first_try = coalesce(first_try, :now), due = :until "
                f"WHERE id = ({wanted}) RETURNING id, key, created, attempts, first_try",
                due | {"until": moment_text(until)},
            ).fetchone()
            if row is None:
                return None
            (failures,) = self.connection.execute(
                "SELECT failures FROM watches WHERE name = ?", (due["name"],)
            ).fetchone()
        return Delivery(
            *(row[0], row[1], watch.name, moment(row[2]), row[3], moment(row[4]), failures),
            articles=self._articles_of(row[0]),
        )

    @translating
    def settle(self, delivery: Delivery, settled: Settled) -> None:
        """See `storage.watches.Watches.settle`."""
        at, detail = moment_text(settled.at), cleaned(settled.detail, 500)
        with self._transaction():
            has_ended = settled.ending in ("delivered", "lost")
            self.connection.execute(
                "UPDATE deliveries SET due = ?, ended = ?, ending = ?, http_status = ?, detail = ? "
                "WHERE id = ? AND due IS NOT NULL",
                (
                    None if has_ended else time_text(settled.due or settled.at),
                    *((at, settled.ending) if has_ended else (None, None)),
                    *(settled.http_status, detail, delivery.id),
                ),
            )
            if settled.ending == "delivered":
                change = "failures = 0, failing_since = NULL, due = NULL, last_given = :at"
            else:
                change = "failures = failures + 1, failing_since = coalesce(failing_since, :at), due = :rest"
            if settled.ending == "gone":
                change += ", stopped = :at"
            self.connection.execute(
                f"UPDATE watches SET {change}, http_status = :status, detail = :detail "
                "WHERE id = (SELECT watch_id FROM deliveries WHERE id = :id)",
                {
                    "at": at,
                    "rest": time_text(settled.rest_until),
                    "status": settled.http_status,
                    "detail": detail,
                    "id": delivery.id,
                },
            )

    # --- within ----------------------------------------------------------------------------------------------------

    def _known(self) -> dict[str, tuple[str, str | None, str | None]]:
        rows = self.connection.execute("SELECT name, search, receiver, removed FROM watches").fetchall()
        return {name: (search, receiver, removed) for name, search, receiver, removed in rows}

    def _is_kept(self, watches: Sequence[Watch]) -> bool:
        """Whether the table says the same: then nothing is written, and nobody waits."""
        listed = {clean(watch.name): (clean(watch.search), watch.receiver, None) for watch in watches}
        known = self._known()
        return listed == {name: one for name, one in known.items() if one[2] is None}

    def _change_receiver(self, name: str, receiver: str | None, at: str) -> None:
        """What waits goes to the new address; without one it counts as new again, for whoever takes it from a pipe."""
        self.connection.execute(
            "UPDATE watches SET receiver = ?, stopped = NULL, due = NULL, failures = 0, failing_since = NULL, "
            "detail = NULL, http_status = NULL WHERE name = ?",
            (receiver, name),
        )
        if receiver is None:
            self._take_back(name)
            self._drop_open(name, at)

    def _take_back(self, name: str) -> None:
        """Let what is in open deliveries count as not given."""
        row = self._row(name)
        waiting = "SELECT id FROM deliveries WHERE watch_id = ? AND due IS NOT NULL"
        (first,) = self.connection.execute(
            "SELECT min(articles.seq) FROM given_articles JOIN articles ON articles.id = article_id "
            f"WHERE delivery_id IN ({waiting})",
            (row.id,),
        ).fetchone()
        if first is not None:
            self.connection.execute("UPDATE watches SET position = min(position, ? - 1) WHERE id = ?", (first, row.id))
            self.connection.execute(f"DELETE FROM given_articles WHERE delivery_id IN ({waiting})", (row.id,))

    def _drop_open(self, name: str, at: str) -> None:
        self.connection.execute(
            "UPDATE deliveries SET due = NULL, ended = ?, ending = 'dropped' WHERE due IS NOT NULL "
            "AND watch_id = (SELECT id FROM watches WHERE name = ?)",
            (at, name),
        )

    def _row(self, name: str) -> Row:
        row = self.connection.execute(
            "SELECT id, began, began_seq, position FROM watches WHERE name = ?", (clean(name),)
        ).fetchone()
        if row is None:
            raise QueryError(f"there is no watch {plain_line(name)!r}")
        return Row(*row)

    def _open(self, watch_id: int) -> int:
        (count,) = self.connection.execute(
            "SELECT count(*) FROM deliveries INDEXED BY deliveries_open WHERE watch_id = ? AND due IS NOT NULL",
            (watch_id,),
        ).fetchone()
        return int(count)

    def _may_prepare(self, watch: Watch, now: datetime) -> bool:
        row = self.connection.execute(
            "SELECT id, position FROM watches WHERE name = :name AND stopped IS NULL AND removed IS NULL "
            "AND (due IS NULL OR due <= :now OR due > :far)",
            {"name": clean(watch.name), "now": moment_text(now), "far": moment_text(now + FAR)},
        ).fetchone()
        return row is not None and row[1] < index.watermark(self.connection) and self._open(row[0]) < MOST_OPEN

    def _articles_of(self, delivery_id: int) -> tuple[StoredArticle, ...]:
        ids = self.connection.execute(
            "SELECT article_id FROM given_articles WHERE delivery_id = ? ORDER BY article_id", (delivery_id,)
        ).fetchall()
        return tuple(reading.load_articles(self.connection, [article_id for (article_id,) in ids]))

    @contextlib.contextmanager
    def _transaction(self, begin: str = "BEGIN IMMEDIATE") -> Iterator[None]:
        self.connection.execute(begin)
        try:
            yield
            self.connection.execute("COMMIT")
        except BaseException:
            if self.connection.in_transaction:
                self.connection.execute("ROLLBACK")
            raise

    @translating
    def close(self) -> None:
        """See `storage.watches.Watches.close`."""
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def _state(row: tuple[Any, ...]) -> WatchState:
    name, search, has_receiver, began, removed, last_given, given, waiting, unseen, lost, last_lost = row[:11]
    failures, failing_since, http_status, detail, due, stopped = row[11:]
    return WatchState(
        name=name,
        search=search,
        has_receiver=bool(has_receiver),
        began=moment(began),
        removed=moment_or_none(removed),
        last_given=moment_or_none(last_given),
        given=given,
        waiting=waiting,
        unseen=unseen,
        lost=lost,
        last_lost=moment_or_none(last_lost),
        failures=failures,
        failing_since=moment_or_none(failing_since),
        http_status=http_status,
        detail=detail,
        due=moment_or_none(due),
        stopped=moment_or_none(stopped),
    )
