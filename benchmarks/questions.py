"""How long a page of results takes in a corpus of a million articles, beside Datasette's table search on the same file.

    python benchmarks/questions.py [--articles 1000000] [--words 100] [--rounds 20] [--folder FOLDER]

Both are servers of their own, `cuttings serve` and `datasette`, asked by the same client in turn. Ours answers with the
whole page: twenty results with highlighted snippets, how many there are, facets of source, site, language, tag, author
and month, and the time line. Datasette answers with twenty rows as JSON and facets of two columns, from a full-text
index of title and text that sqlite-utils makes in the same file. What Datasette refuses (its own limit is a second) is
counted as a second.

Prints p50 and p99 of every kind of question and of all, the ratio between the two, and what the corpus itself needs for
the same without HTTP and HTML. `--folder` keeps the corpus, and takes it where it is there.
"""

from __future__ import annotations

import argparse
import contextlib
import random
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import httpx
import sqlite_utils
from search import VOCABULARY, fill, vocabulary

from storage import open_corpus
from storage.sqlite import index
from storage.sqlite.files import index_path

DATASETTE_LIMIT_MS = 1_000.0
PAGE = 20


@dataclass(frozen=True, slots=True)
class Question:
    """The same question to both: as it is typed here, and as the arguments of a table of Datasette."""

    kind: str
    typed: str
    arguments: tuple[tuple[str, str], ...]


def questions(rounds: int) -> Iterator[Question]:
    """So many of each kind. Words are drawn evenly over the logarithm of their rank, from the thirtieth on: people
    look for names and things, not for the words that every article has."""
    chosen, known = random.Random(7), vocabulary()

    def word() -> str:
        return known[int(30 * (VOCABULARY / 30) ** chosen.random())]

    for _ in range(rounds):
        one, two, three = word(), word(), word()
        day = f"2020-0{chosen.randint(1, 6)}-{chosen.randint(10, 28)}"
        site = f"paper{chosen.randint(1, 12)}.example"
        raw = ("_searchmode", "raw")
        yield Question("one word", one, (("_search", one),))
        yield Question("two words", f"{one} {two}", (("_search", f"{one} {two}"),))
        yield Question(
            "either of three", f"{one} OR {two} OR {three}", (("_search", f"{one} OR {two} OR {three}"), raw)
        )
        yield Question("a phrase", f'"{one} {two}"', (("_search", f'"{one} {two}"'), raw))
        yield Question("a beginning", f"{three[:4]}*", (("_search", f"{three[:4]}*"), raw))
        yield Question("one without another", f"{one} -{two}", (("_search", f"{one} NOT {two}"), raw))
        yield Question("a word of a language", f"{two} language:de", (("_search", two), ("language", "de")))
        yield Question("a word of a site", f"{two} site:{site}", (("_search", two), ("site", site)))
        yield Question("a word since a day", f"{three} since:{day}", (("_search", three), ("dated__gte", day)))
        yield Question("the newest of a site", f"site:{site}", (("site", site), ("_sort_desc", "dated")))
    for common in known[:5]:
        yield Question("the commonest words", common, (("_search", common),))


def build(path: Path, articles: int, words: int) -> None:
    """The corpus with its index, and the index that Datasette searches, unless they are there."""
    with open_corpus(path, write=True) as corpus:
        connection: sqlite3.Connection = corpus.connection  # type: ignore[attr-defined]
        if not corpus.totals().articles:
            fill(connection, articles, words)
        while index.update(connection, index_path(path), 2_000):
            pass
    database = sqlite_utils.Database(path)
    table = database.table("articles")
    if table.detect_fts() is None:
        table.enable_fts(["title", "text"])
    database.close()


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[str]:
    """A server's address, for as long as the block runs."""
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        end = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if server.poll() is not None or time.monotonic() > end:
                raise SystemExit(f"{command[0]} did not start")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def asked(client: httpx.Client, address: str) -> tuple[float, httpx.Response]:
    """How long an answer takes, in milliseconds."""
    start = time.perf_counter()
    answer = client.get(address)
    return 1000 * (time.perf_counter() - start), answer


def spread(times: list[float]) -> str:
    """p50 and p99."""
    ordered = sorted(times)
    return f"{statistics.median(ordered):7.1f} {ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]:7.1f}"


def report(name: str, *columns: list[float]) -> None:
    """One line: p50 and p99 of each column, and how many times as long the last two take."""
    ratio = statistics.median(columns[-1]) / statistics.median(columns[-2])
    print(f"{name:22} {'   '.join(map(spread, columns))}   {ratio:6.1f}", flush=True)


def main() -> None:
    """Build, serve both, ask both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=1_000_000)
    parser.add_argument("--words", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "corpus.db"
        build(path, options.articles, options.words)
        ports = free_port(), free_port()
        here = stack.enter_context(
            running(
                [str(Path(sys.executable).parent / "cuttings"), "--db", str(path), "serve", "--port", str(ports[0])],
                ports[0],
            )
        )
        there = stack.enter_context(
            running([sys.executable, "-m", "datasette", str(path), "--port", str(ports[1])], ports[1])
        )
        client = stack.enter_context(httpx.Client(trust_env=False, timeout=60))
        corpus = stack.enter_context(open_corpus(path))
        alone: defaultdict[str, list[float]] = defaultdict(list)
        ours: defaultdict[str, list[float]] = defaultdict(list)
        theirs: defaultdict[str, list[float]] = defaultdict(list)
        refused = 0

        def answered(typed: str) -> None:
            corpus.page(typed, limit=PAGE)
            corpus.facets(typed)
            corpus.timeline(typed)

        for number, question in enumerate(questions(options.rounds)):
            arguments = [*question.arguments, ("_size", str(PAGE)), ("_facet", "site"), ("_facet", "language")]
            ours_took, ours_answer = asked(client, f"{here}/?{urlencode({'q': question.typed})}")
            if ours_answer.status_code != 200:
                raise SystemExit(f"{question.typed}: {ours_answer.status_code}")
            theirs_took, answer = asked(client, f"{there}/corpus/articles.json?{urlencode(arguments)}")
            if answer.status_code != 200:
                refused += 1
                theirs_took = max(theirs_took, DATASETTE_LIMIT_MS)
            if number == 0:
                continue
            start = time.perf_counter()
            answered(question.typed)
            alone[question.kind].append(1000 * (time.perf_counter() - start))
            ours[question.kind].append(ours_took)
            theirs[question.kind].append(theirs_took)
        print(f"{options.articles:,} articles; milliseconds: p50, p99")
        print(f"{'':22} {'the corpus':>15}   {'cuttings serve':>15}   {'datasette':>15}   times as long")
        for kind in ours:
            report(kind, alone[kind], ours[kind], theirs[kind])
        report("all", *([took for times in by.values() for took in times] for by in (alone, ours, theirs)))
        slower = [kind for kind in ours if statistics.median(ours[kind]) > statistics.median(theirs[kind])]
        print(f"datasette refused {refused}; kinds where ours is slower: {', '.join(slower) or 'none'}")


if __name__ == "__main__":
    main()
