"""What the copy index costs as it grows: looking up, adding, bytes on the disk and bytes written.

    python benchmarks/copies_growth.py --articles 1000000

Prints are made as real ones are: hashes of 375 words in a row, of which the lowest of every 32 stays; a dozen short
lines, of which three are furniture of one of a thousand sites. Three in ten articles are copies of one of the last
thousands, trimmed. Looked up is what judging an article asks: its fingerprints and its lines. Figures are of the last
tenth before each step. Looking up is measured in CPU time, which holds where the machine is busy too; adding in time.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from storage import Prints, open_corpus
from storage.sqlite.copy_index import SqliteCopyIndex
from storage.sqlite.files import copies_path, size_bytes

WORDS, WINDOW, LINES, FURNITURE, SITES = 375, 32, 9, 3, 1_000
COPIES, RECENT = 0.3, 5_000
GROUP = 64
STEPS = (1_000, 10_000, 100_000, 1_000_000, 10_000_000)


def articles(seed: int) -> Iterator[tuple[int | None, Prints]]:
    """Articles without end: which former one each is a copy of, and its prints."""
    chance, numbers = random.Random(seed), np.random.default_rng(seed)
    furniture = numbers.integers(0, 1 << 63, (SITES, FURNITURE), np.int64)
    recent: list[tuple[int, np.ndarray, np.ndarray]] = []
    number = 0
    while True:
        number += 1
        copied = None
        if recent and chance.random() < COPIES:
            copied, hashes, lines = chance.choice(recent)
            hashes = hashes[: int(WORDS * chance.uniform(0.5, 1.0))]
        else:
            hashes = numbers.integers(0, 1 << 63, WORDS, np.int64)
            lines = numbers.integers(0, 1 << 63, LINES, np.int64)
            if len(recent) < RECENT:
                recent.append((number, hashes, lines))
            else:
                recent[chance.randrange(RECENT)] = (number, hashes, lines)
        chosen = np.unique(sliding_window_view(hashes, WINDOW).min(axis=1))
        own = np.unique(np.concatenate((lines, furniture[chance.randrange(SITES)])))
        yield copied, Prints(tuple(chosen.tolist()), tuple(own.tolist()))


def written() -> int:
    """Bytes that this process has had written to disks."""
    for line in Path("/proc/self/io").read_text(encoding="ascii").splitlines():
        name, _, value = line.partition(": ")
        if name == "write_bytes":
            return int(value)
    return 0


def percentile(values: list[float], share: float) -> float:
    """Of times, in milliseconds."""
    return sorted(values)[min(int(len(values) * share), len(values) - 1)] * 1000


def main() -> None:
    """Grow an index to the size that was asked for and tell what it costs on the way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, help="on the disk that is to be measured")
    asked = parser.parse_args()
    steps = [step for step in STEPS if step < asked.articles] + [asked.articles]
    print("limits (D10):  look-up .5 ms at a million articles, 300 bytes of index and 10,000 bytes written an article")
    print(f"{'articles':>10} {'look-up ms p50':>15} {'p99':>7} {'add ms mean':>12} {'longest':>9} "
          f"{'index B/article':>16} {'written B/article':>18} {'found':>7}")  # fmt: skip
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        path = Path(folder) / "cuttings.db"
        with open_corpus(path, write=True) as corpus:
            index = SqliteCopyIndex(corpus.connection, path)  # type: ignore[attr-defined]
            grow(index, copies_path(path), steps)
            index.close()


def grow(index: SqliteCopyIndex, path: Path, steps: list[int]) -> None:
    """File article after article in groups, as a crawl does, and print a row at each step."""
    source, began = articles(1), written()
    looks: list[float] = []
    adds: list[float] = []
    asked = found = 0
    index.begun()
    index.open(lambda text, left_out: Prints((), ()), "benchmark")  # noqa: ARG005
    stories: dict[int, int] = {}
    for number in range(1, steps[-1] + 1):
        copied, prints = next(source)
        story = stories.get(copied or 0, number)
        stories[number] = story
        counts = number > 0.9 * next(step for step in steps if step >= number)
        started = time.thread_time()
        candidates = index.stories(prints.fingerprints) if counts else ()
        if counts:
            index.line_stories(prints.lines)
        looked = time.thread_time()
        adding = time.perf_counter()
        index.add(story, prints)
        if number % GROUP == 0:
            index.committed(0, 0)
            index.open(lambda text, left_out: Prints((), ()), "benchmark")  # noqa: ARG005
        done = time.perf_counter()
        if copied is not None and counts:
            asked, found = asked + 1, found + (story in dict(candidates))
        if counts:
            looks.append(looked - started)
            adds.append(done - adding)
        if number in steps:
            print(f"{number:>10,} {percentile(looks, 0.5):>15.3f} {percentile(looks, 0.99):>7.3f} "
                  f"{1000 * sum(adds) / len(adds):>12.3f} {1000 * max(adds):>9.0f} {size_bytes(path) / number:>16.0f} "
                  f"{(written() - began) / number:>18.0f} {found / max(asked, 1):>7.4f}", flush=True)  # fmt: skip
            looks, adds = [], []


if __name__ == "__main__":
    main()
