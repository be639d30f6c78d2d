"""How well and how fast copies are found, beside what else finds them.

    python benchmarks/copies.py STREAM.jsonl.gz        # {"id", "story", "kind", "title", "text"} a line, as filed
    python benchmarks/copies.py                        # made-up news of the tests, seed 1

`story` is the truth; articles of kind `merge` belong to two stories and are not scored. Every contender gets the
articles one at a time and says for each which story it joins. CPU time of one thread; what the index takes is measured
by writing its rows to SQLite. `pip install datasketch` for its MinHash LSH (128 permutations, words in threes).
"""

from __future__ import annotations

import gzip
import itertools
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import copymaker
from memoryindex import MemoryIndex

from crawler.copies import Judge
from crawler.extract.words import content_hash
from storage import Article


@dataclass(frozen=True, slots=True)
class Document:
    """A line of the stream."""

    story: str
    kind: str
    article: Article


Contender = Callable[[int, Article], int]
"""Files an article under its number; gives the number of the story that it joins, its own if it begins one."""


class Ours:
    """What the crawler does, on an index in memory."""

    def __init__(self) -> None:
        self.index, self.judge = MemoryIndex(), Judge()

    def __call__(self, number: int, article: Article) -> int:
        return self.index.add(number, article, self.judge.place(article, self.index))

    def index_bytes(self) -> int:
        """What the rows of the index take in SQLite."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "index.db"
            db = sqlite3.connect(path)
            for table, rows in self.index.tables().items():
                db.execute(
                    f"CREATE TABLE {table} (hash INTEGER, story INTEGER, PRIMARY KEY (hash, story)) WITHOUT ROWID"
                )
                db.executemany(f"INSERT INTO {table} VALUES (?, ?)", sorted(rows))
            db.commit()
            db.execute("VACUUM")
            db.close()
            return path.stat().st_size


def exact_text() -> Contender:
    """Articles whose folded text is equal."""
    known: dict[str, int] = {}
    return lambda number, article: known.setdefault(article.content_hash, number)


def datasketch(threshold: float) -> Contender:
    """MinHash LSH of datasketch: the story of the first article that it finds."""
    from datasketch import MinHash, MinHashLSH

    lsh = MinHashLSH(threshold=threshold, num_perm=128)
    stories: dict[int, int] = {}

    def file(number: int, article: Article) -> int:
        words = article.text.lower().split()
        shingles = {" ".join(words[at : at + 3]).encode() for at in range(max(1, len(words) - 2))}
        sketch = MinHash(num_perm=128)
        sketch.update_batch(shingles)
        found = min(lsh.query(sketch), default=number)
        stories[number] = stories.get(found, number)
        lsh.insert(number, sketch)
        return stories[number]

    return file


def documents(path: str | None) -> list[Document]:
    """The stream, or made-up news."""
    if path is None:
        return [
            Document(str(made.story), made.kind, _article(made.title, made.text, made.site))
            for made in copymaker.stream(1, "en", 400)
        ]
    opener = gzip.open if path.endswith(".gz") else open
    with opener(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [
        Document(str(row["story"]), row.get("kind", ""), _article(row["title"], row["text"], row.get("host")))
        for row in rows
    ]


def _article(title: str | None, text: str, site: str | None) -> Article:
    return Article(title=title, text=text, html="", site=site, content_hash=content_hash(text))


def scores(truth: list[str], found: list[int]) -> tuple[float, float, float, float]:
    """Precision, recall and F1 of pairs, and B-cubed F."""

    def grouped(of: Iterable[object]) -> dict[object, set[int]]:
        groups: defaultdict[object, set[int]] = defaultdict(set)
        for number, story in enumerate(of):
            groups[story].add(number)
        return groups

    def pairs(groups: Iterable[set[int]]) -> set[tuple[int, int]]:
        return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}

    wanted_groups, got_groups = grouped(truth), grouped(found)
    wanted, got = pairs(wanted_groups.values()), pairs(got_groups.values())
    precision, recall = len(wanted & got) / max(1, len(got)), len(wanted & got) / max(1, len(wanted))
    both = [len(wanted_groups[truth[n]] & got_groups[found[n]]) for n in range(len(truth))]
    cubed_p = statistics.mean(both[n] / len(got_groups[found[n]]) for n in range(len(truth)))
    cubed_r = statistics.mean(both[n] / len(wanted_groups[truth[n]]) for n in range(len(truth)))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return precision, recall, f1, 2 * cubed_p * cubed_r / (cubed_p + cubed_r)


def measure(name: str, make: Callable[[], Contender], stream: list[Document]) -> None:
    """One line of figures."""
    try:
        contender = make()
    except ImportError as error:
        print(f"{name:24} skipped: {error.name} is not installed")
        return
    stories, spent_ms = [], []
    for number, document in enumerate(stream):
        began = time.thread_time()
        stories.append(contender(number, document.article))
        spent_ms.append((time.thread_time() - began) * 1000)
    scored = [number for number, document in enumerate(stream) if document.kind != "merge"]
    figures = scores([stream[n].story for n in scored], [stories[n] for n in scored])
    line = "  ".join(f"{label} {figure:.4f}" for label, figure in zip(("P", "R", "F1", "B3"), figures, strict=True))
    took = f"{statistics.median(spent_ms):.2f} ms p50  {statistics.mean(spent_ms):.2f} ms mean"
    size = f"  {contender.index_bytes() / len(stream):.0f} bytes an article" if isinstance(contender, Ours) else ""
    print(f"{name:24} {line}  {took}{size}")


def main() -> None:
    stream = documents(sys.argv[1] if len(sys.argv) > 1 else None)
    print(f"{len(stream)} articles")
    measure("this", Ours, stream)
    measure("datasketch, Jaccard .5", lambda: datasketch(0.5), stream)
    measure("datasketch, Jaccard .7", lambda: datasketch(0.7), stream)
    measure("exact text", exact_text, stream)


if __name__ == "__main__":
    main()
