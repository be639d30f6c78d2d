"""How long searches take in a corpus of generated articles, beside SQLite's own defaults on the same text.

    python benchmarks/search.py [--articles 100000] [--words 100]

Prints what indexing an article costs, then p50, p99 and the longest of every kind of query: ours, a plain FTS5 table
with `ORDER BY rank`, and LIKE. The words follow Zipf's law, so that the commonest is in nearly every article.
"""

from __future__ import annotations

import argparse
import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from storage import Query, open_corpus
from storage.sqlite import index, searching, suggesting
from storage.sqlite.files import index_path

VOCABULARY = 50_000
START = datetime(2020, 1, 1, tzinfo=UTC)
LONG_ARTICLE_WORDS = 1_000
REPEATS = 30


def vocabulary() -> list[str]:
    """Words `wa`, `wb`, ..., commonest first; every tenth has an accent."""
    names = []
    for number in range(VOCABULARY):
        letters = ""
        while True:
            number, digit = divmod(number, 25)
            letters += "abcdefghijklmnopqrstuvxyz"[digit]
            if not number:
                break
        names.append("w" + (letters + "é" if len(names) % 10 == 9 else letters))
    return names


def fill(connection: sqlite3.Connection, articles: int, words: int) -> None:
    """Articles of 20 sites, four a minute, straight into the tables."""
    chosen = random.Random(1)
    known = vocabulary()
    weights = list(accumulate(1 / (rank + 2) for rank in range(VOCABULARY)))
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany(
        "INSERT INTO sources (id, name, kind, url, tags, added) VALUES (?, ?, 'feed', ?, ?, ?)",
        [
            (
                number,
                f"Paper {number}",
                f"https://paper{number}.example/feed",
                json.dumps([f"t{number % 5}"]),
                START.isoformat(),
            )
            for number in range(1, 21)
        ],
    )
    connection.execute(
        "INSERT INTO feeds (id, source_id, kind, url, host, added) VALUES (1, 1, 'feed', 'u', 'h', ?)",
        (START.isoformat(),),
    )

    def rows() -> Iterator[tuple[tuple[object, ...], tuple[object, ...], tuple[object, ...], tuple[object, ...]]]:
        for number in range(1, articles + 1):
            text = chosen.choices(known, cum_weights=weights, k=words)
            at = (START + timedelta(seconds=15 * number)).isoformat()
            site = min(int(chosen.expovariate(0.3)) + 1, 20)
            url = f"https://paper{site}.example/{number}"
            tags = json.dumps(["rare"] if number % 5_000 == 0 else ["news"])
            author = json.dumps([f"Author {min(int(chosen.expovariate(0.01)) + 1, 2_000)}"])
            yield (
                (number, url, url, f"paper{site}.example", site, at, at, number),
                (number, number, site, 1, number, at, url),
                (number, 1, url, number, url, at),
                (
                    *(
                        number,
                        number,
                        number,
                        number,
                        url,
                        f"paper{site}.example",
                        " ".join(text[:8]),
                        at,
                        at,
                        at,
                        at,
                        at,
                    ),
                    *("de" if site % 4 == 0 else "en", tags, author, str(number), " ".join(text)),
                ),
            )

    for page, sighting, entry, article in rows():
        connection.execute(
            "INSERT INTO pages (id, key, url, host, source_id, discovered, dated, article_id) VALUES (?,?,?,?,?,?,?,?)",
            page,
        )
        connection.execute(
            "INSERT INTO entries (id, feed_id, key, page_id, url, first_seen) VALUES (?,?,?,?,?,?)", entry
        )
        connection.execute(
            "INSERT INTO sightings (id, page_id, source_id, feed_id, entry_id, at, url, also) VALUES (?,?,?,?,?,?,?,0)",
            sighting,
        )
        connection.execute(
            "INSERT INTO articles (id, seq, story_id, page_id, url, site, title, published, dated, first_seen, "
            "fetched, checked, language, tags, authors, content_hash, text, html) "
            "VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,'')",
            article,
        )
    connection.execute("COMMIT")


def timed(name: str, run: Callable[[], object], repeats: int = REPEATS) -> None:
    """Print the spread of the times of a call."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        result = run()
        times.append(1000 * (time.perf_counter() - start))
        if sum(times) > 3_000 and len(times) >= 3:
            break
    times.sort()
    p99 = times[min(len(times) - 1, int(len(times) * 0.99))]
    size = len(result) if isinstance(result, list) else result
    print(f"{name:44} p50 {statistics.median(times):8.1f} ms   p99 {p99:8.1f} ms   n={len(times):3}   {size}")


def ours(connection: sqlite3.Connection, known: list[str]) -> None:
    """Every kind of query that people type."""
    common, middling, rare = known[0], known[200], known[30_000]
    for name, query in (
        ("common word", Query(common)),
        ("common, rare site", Query(common, site="paper19.example")),
        ("common, one source", Query(common, source="Paper 3")),
        ("common, rare tag", Query(common, tag="rare")),
        ("middling word", Query(middling)),
        ("rare word", Query(rare)),
        ("two common words", Query(f"{common} {known[1]}")),
        ("phrase of common words", Query(f'"{common} {known[1]}"')),
        ("10 common words, OR", Query(" OR ".join(known[:10]))),
        ("32 common words, OR", Query(" OR ".join(known[:32]))),
        ("prefix of two letters", Query("wa*")),
        ("25 prefixes of two letters", Query(" OR ".join(f"w{letter}*" for letter in "abcdefghijklmnopqrstuvxyz"))),
        ("title only", Query(f"title:{middling}")),
        ("everything but", Query(f"-{middling}")),
        ("a word or a source, not a language", Query(f'(title:{middling} OR source:"Paper 3") -language:de')),
        ("common or a tag, not common", Query(f"({common} OR tag:rare) -{known[1]}")),
        ("either of two pairs", Query(f"({common} tag:rare) OR ({middling} site:paper3.example)")),
        ("has copies", Query("has:copies")),
        ("common, has copies", Query(f"{common} has:copies")),
    ):
        timed(f"{name}: best 20", lambda query=query: searching.search(connection, query, "relevance", 20, 0))
        timed(f"{name}: newest 20", lambda query=query: searching.search(connection, query, "newest", 20, 0), 10)
        timed(f"{name}: count", lambda query=query: searching.count(connection, query), 10)
    for name, query in (
        ("no words", Query()),
        ("no words, source", Query(source="Paper 3")),
        ("no words, tag of a source", Query(tag="t1")),
        ("no words, language and since", Query(language="de", since=START + timedelta(hours=1))),
    ):
        timed(f"{name}: newest 20", lambda query=query: searching.search(connection, query, "newest", 20, 0), 10)
        timed(f"{name}: count", lambda query=query: searching.count(connection, query), 10)


def suggestions(connection: sqlite3.Connection, known: list[str]) -> None:
    """What was meant by words that slipped."""
    middling, rare = known[2_000], known[30_000]
    for name, words in (
        ("one letter too many", f"{middling[:2]}q{middling[2:]}"),
        ("two letters exchanged, rare", f"{rare[:1]}{rare[2]}{rare[1]}{rare[3:]}"),
        ("a beginning", "wzqx*"),
        ("nothing near", "zzzzqqqqzzzz"),
        ("a source", "source:papr3"),
    ):
        timed(f"did you mean, {name}", lambda words=words: str(suggesting.did_you_mean(connection, Query(words))), 10)


def defaults(connection: sqlite3.Connection, known: list[str]) -> None:
    """The same through a default FTS5 table over the articles, and through LIKE."""
    start = time.perf_counter()
    connection.execute(
        "CREATE VIRTUAL TABLE plain USING fts5 (title, text, content = 'articles', content_rowid = 'id')"
    )
    connection.execute("INSERT INTO plain (plain) VALUES ('rebuild')")
    print(f"default FTS5: built in {time.perf_counter() - start:.1f} s")
    ranked = "SELECT rowid, snippet(plain, 1, '', '', '', 30) FROM plain WHERE plain MATCH ? ORDER BY rank LIMIT 20"
    for name, expression in (
        ("common word", known[0]),
        ("rare word", known[30_000]),
        ("10 common words, OR", " OR ".join(f'"{word}"' for word in known[:10])),
        ("prefix of two letters", "wa*"),
    ):
        timed(f"default FTS5, {name}: best 20", lambda e=expression: connection.execute(ranked, (e,)).fetchall(), 5)
    like = "SELECT id FROM articles WHERE text LIKE ? LIMIT 20"
    timed("LIKE, absent word", lambda: connection.execute(like, ("%zzzzzz%",)).fetchall(), 3)


def main() -> None:
    """Build, index, ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--words", type=int, default=100)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.db"
        with open_corpus(path, write=True) as corpus:
            connection: sqlite3.Connection = corpus.connection  # type: ignore[attr-defined]
            start = time.perf_counter()
            fill(connection, options.articles, options.words)
            print(
                f"{options.articles:,} articles of {options.words} words filled in {time.perf_counter() - start:.1f} s"
            )
            start, cpu = time.perf_counter(), time.process_time()
            while index.update(connection, index_path(path), 2_000):
                pass
            wall, cpu = time.perf_counter() - start, time.process_time() - cpu
            print(f"indexed in {wall:.1f} s, {1000 * cpu / options.articles:.2f} ms of CPU an article")
            print(f"corpus {path.stat().st_size >> 20} MiB, index {index_path(path).stat().st_size >> 20} MiB")
            ours(connection, vocabulary())
            suggestions(connection, vocabulary())
            defaults(connection, vocabulary())


if __name__ == "__main__":
    main()
