"""How long the health of sources takes to tell in a large corpus of generated polls, pages and articles.

    python benchmarks/status.py [--sources 10000] [--pages 1000000] [--keep FILE]

Prints the best of three of `status()` over all sources, `totals()`, and of `status(name)` with `history(name)` for
sources of usual size and for the largest, which has a twentieth of all pages.
"""

from __future__ import annotations

import argparse
import random
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage import Corpus, open_corpus
from storage.sqlite.rows import moment_text

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
AGE_DAYS = 365
TEXT = "The ferry was late again, and nobody on the quay minded much. " * 20
OUTCOMES = ["stored"] * 85 + ["rejected"] * 5 + ["failed"] * 4 + ["blocked"] * 2 + ["gone"] * 2 + [None] * 2


def fill(connection: sqlite3.Connection, sources: int, pages: int) -> None:
    """A year of a corpus, straight into the tables: every tenth page is named by a second source as well."""
    chosen = random.Random(1)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    at = moment_text(NOW - timedelta(days=AGE_DAYS))
    numbers = range(1, sources + 1)
    connection.executemany(
        "INSERT INTO sources (id, name, kind, url, added) VALUES (?, ?, 'feed', ?, ?)",
        ((n, f"Paper {n}", f"https://paper{n}.example/feed", at) for n in numbers),
    )
    connection.executemany(
        "INSERT INTO feeds (id, source_id, kind, url, host, next_poll, last_poll, last_success, last_status, failures, "
        "reason, why, added) VALUES (?, ?, 'feed', ?, ?, ?, ?, ?, ?, ?, ?, 'it brought new entries', ?)",
        (feed(n, at, chosen) for n in numbers),
    )
    connection.executemany(
        "INSERT INTO polls (feed_id, at, status, entries, new_entries, unchanged) VALUES (?, ?, ?, 20, 1, 3)",
        (
            (n, moment_text(NOW - timedelta(hours=12 * back)), "new" if back > 3 or n % 20 else "failed")
            for back in range(50, 0, -1)
            for n in numbers
        ),
    )
    for page in range(1, pages + 1):
        file_page(connection, page, pages, sources, chosen)
    connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def feed(number: int, added: str, chosen: random.Random) -> tuple[object, ...]:
    """One in twenty fails."""
    fails = number % 20 == 0
    last = moment_text(NOW - timedelta(minutes=chosen.randrange(60)))
    good = moment_text(NOW - timedelta(days=3)) if fails else last
    due = moment_text(NOW + timedelta(minutes=chosen.randrange(60)))
    state = ("failed", 4, "http_503") if fails else ("new", 0, None)
    return (
        number,
        number,
        f"https://paper{number}.example/feed",
        f"paper{number}.example",
        due,
        last,
        good,
        *state,
        added,
    )


def file_page(connection: sqlite3.Connection, page: int, pages: int, sources: int, chosen: random.Random) -> None:
    """A page, the sightings of it, and the article that it may hold."""
    source = 1 if page % 20 == 0 else chosen.randrange(sources) + 1
    at = moment_text(NOW - timedelta(days=AGE_DAYS * (1 - page / pages)))
    outcome = chosen.choice(OUTCOMES)
    stored = outcome == "stored"
    url = f"https://paper{source}.example/{page}"
    ended = at if outcome else None
    connection.execute(
        "INSERT INTO pages (id, key, url, host, source_id, discovered, dated, state, due, outcome, reason, ended, "
        "article_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(page, url, url, f"paper{source}.example", source, at, at, None if outcome else "ready"),
            *(None if outcome else at, outcome, None if stored else "http_503", ended, page if stored else None),
        ),
    )
    named = [(source, 0)] + ([(chosen.randrange(sources) + 1, 1)] if page % 10 == 0 else [])
    connection.executemany(
        "INSERT INTO sightings (page_id, source_id, feed_id, entry_id, at, url, also) VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((page, name, name, page, at, url, also) for name, also in named),
    )
    if stored:
        connection.execute(
            "INSERT INTO articles (id, seq, story_id, page_id, url, site, dated, first_seen, fetched, checked, "
            "content_hash, text, html) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (page, page, page, page, url, f"paper{source}.example", *[at] * 4, f"{page:064x}", TEXT, TEXT),
        )


def best_ms(call: Callable[[], object]) -> float:
    """The best of three."""

    def timed() -> Iterator[float]:
        for _ in range(3):
            began = time.perf_counter()
            call()
            yield (time.perf_counter() - began) * 1000

    return min(timed())


def one(corpus: Corpus, name: str) -> Callable[[], object]:
    """What `cuttings status NAME` asks."""
    return lambda: (corpus.status(name, now=NOW), corpus.history(name, now=NOW))


def main() -> None:
    """Build the corpus and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sources", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="build it there, or measure what an earlier run left there")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.keep or Path(folder) / "corpus.db"
        if not path.exists():
            with open_corpus(path, write=True) as corpus:
                fill(corpus.connection, asked.sources, asked.pages)  # type: ignore[attr-defined]
        with open_corpus(path) as corpus:
            print(f"status of {asked.sources:,} sources  {best_ms(lambda: corpus.status(now=NOW)):9,.1f} ms")
            print(f"totals                    {best_ms(corpus.totals):9,.1f} ms")
            print(f"status and history of one {best_ms(one(corpus, 'Paper 7')):9,.1f} ms")
            print(f"of the largest            {best_ms(one(corpus, 'Paper 1')):9,.1f} ms")


if __name__ == "__main__":
    main()
