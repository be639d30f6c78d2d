"""What a clock that was wrong left behind: times of a future that has not come, brought back to where they are due."""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta

from storage.sqlite.rows import moment_text

TOLERANCE = timedelta(minutes=10)
"""Clocks that are kept by NTP differ by far less; what is recorded so little ahead comes due by itself."""

SECOND_LOOK = timedelta(minutes=15)
"""When a page that was visited under such a clock is due at the latest: the first wait after a failure is as long."""


def bring_back(connection: sqlite3.Connection, now: datetime) -> None:
    """Make due what was put off by a clock that has been set back since; runs inside a transaction.

    A feed is then due an interval from now at the latest, as if its last poll had been this instant: a poll that was
    recorded under a clock a year ahead must not silence it for a year. Where no time is ahead nothing is written.
    """
    at, ahead = moment_text(now), moment_text(now + TOLERANCE)
    feeds = connection.execute(
        "SELECT id, interval_s FROM feeds WHERE coalesce(last_poll, added) > ? AND next_poll > ?", (ahead, at)
    ).fetchall()
    connection.executemany(
        "UPDATE feeds SET next_poll = min(next_poll, ?) WHERE id = ?",
        [(moment_text(now + timedelta(seconds=interval_s or 0.0)), feed_id) for feed_id, interval_s in feeds],
    )
    connection.execute(
        "UPDATE feeds SET last_poll = ?, moved_since = min(moved_since, ?) WHERE last_poll > ?", (at, at, ahead)
    )
    connection.execute(
        "UPDATE pages SET due = CASE WHEN ended IS NULL THEN :at ELSE :later END WHERE due IS NOT NULL "
        "AND state IN ('ready', 'waiting') AND coalesce(leased_until, due) > :later "
        "AND coalesce(ended, discovered) > :ahead",
        {"at": at, "later": moment_text(now + SECOND_LOOK), "ahead": ahead},
    )
