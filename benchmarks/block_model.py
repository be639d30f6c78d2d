"""Make the block model of `crawler/extract/` from pages whose article is known, and check it on hosts it never saw.

    python benchmarks/block_model.py PAGES.jsonl.xz... [--weight NAME=NUMBER]... [--check] [--write]

Each line of a file is one page: `html` (text; `html_is: bytes` if it is Latin-1 of raw bytes), `url`, `host`, and
either `gold`, the text of the article, or `present` and `absent`, pieces of text that belong to it or do not.
`--check` trains on three quarters of the hosts and prints docF1 (mean F1 of 4-word shingles a page) of the rest, four
times, so that every page is judged by a model that never saw its host. `--write` trains on all of them and writes
`crawler/extract/block_model.json`. Needs LightGBM (`pip install lightgbm`); the crawler itself needs nothing of it.

The model that ships was made from four public sets, with the weights in its file: WCXB (CC BY 4.0),
article-extraction-dataset (Apache-2.0), the evaluation set of trafilatura (Apache-2.0) and DAnIEL. What ships are
counts and thresholds; no text of any page is in it.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import lzma
import multiprocessing
import re
import statistics
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from crawler.extract import cut
from crawler.extract.block_model import FILE, SCALE
from crawler.extract.choosing import Ballot
from crawler.extract.features import FEATURES, candidates, features
from crawler.extract.judged import Judged
from crawler.extract.votes import squeeze, votes

FOLDS = 4
ROUNDS = 160
PARAMETERS: dict[str, Any] = {
    "objective": "binary",
    "num_leaves": 31,
    "max_depth": 6,
    "learning_rate": 0.07,
    "min_data_in_leaf": 80,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5,
    "seed": 2,
    "num_threads": 1,
    "deterministic": True,
    "verbosity": -1,
    "monotone_constraints": [int(name in ("t", "r")) for name in FEATURES],
}
PIECE_WEIGHT = 0.05
"""Of a block that is known by a piece of its text, where a page's other blocks are unknown."""
_WORD = re.compile(r"\w+")
_CJK = re.compile(r"([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af])")


@dataclass
class Page:
    """One page, ready to learn from."""

    set: str
    host: str
    rows: Any
    """Features of the candidates, one row each."""
    chosen: Any
    """Their indexes among the blocks."""
    belongs: Any
    """Share of each block that is the article's; NaN where nobody knows."""
    words: Any
    texts: list[str]
    gold: str | None
    present: list[str]
    absent: list[str]


def words_of(text: str) -> list[str]:
    return _WORD.findall(_CJK.sub(r" \1 ", text or ""))


def shingles(text: str) -> Counter[tuple[str, ...]]:
    words = words_of(text)
    return Counter(tuple(words[i : i + 4]) for i in range(max(1, len(words) - 3))) if words else Counter()


def f1(gold: str, text: str) -> float:
    a, b = shingles(gold), shingles(text)
    both = sum((a & b).values())
    return 2 * both / (a.total() + b.total()) if a or b else 1.0


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            page = json.loads(line)
            if page.get("html_is") == "bytes":
                page["html"] = page["html"].encode("latin-1")
            yield path.name.partition(".")[0], page


def prepare(job: tuple[str, dict[str, Any]]) -> Page | None:
    """The features of a page's blocks, and which of them belong to the article."""
    name, data = job
    seen: list[tuple[Judged, Ballot]] = []
    cut.choose = lambda page, ballot: seen.append((page, ballot))  # type: ignore[assignment]
    cut.why_listing = lambda *_: None  # type: ignore[assignment]
    warnings.simplefilter("ignore")
    cut.cut_page(data["html"], data["url"])
    if not seen:
        return None
    page, ballot = seen[0]
    chosen = candidates(page, ballot.t, ballot.r)
    rows = np.array(features(page, ballot.squeezed, ballot.t, ballot.r), dtype=np.float64)
    return Page(
        set=name,
        host=data["host"],
        rows=rows.reshape(len(chosen), len(FEATURES)),
        chosen=np.array(chosen, dtype=int),
        belongs=_belongs(page, ballot, data),
        words=np.array([block.words for block in page.blocks], dtype=float),
        texts=[block.text for block in page.blocks],
        gold=data["gold"],
        present=data["present"] or [],
        absent=data["absent"] or [],
    )


def _belongs(page: Judged, ballot: Ballot, data: dict[str, Any]) -> Any:
    found = np.full(len(page.blocks), np.nan)
    if data["gold"] is None:
        for pieces, value in ((data["absent"], 0.0), (data["present"], 1.0)):
            for piece in filter(None, map(squeeze, pieces)):
                for i, text in enumerate(ballot.squeezed):
                    if piece in text:
                        found[i] = value
        return found
    gold = words_of(data["gold"])
    threes = set(zip(gold, gold[1:], gold[2:], strict=False))
    for i, vote in enumerate(votes(ballot.squeezed, squeeze(data["gold"]))):
        words = words_of(page.blocks[i].text)
        own = list(zip(words, words[1:], words[2:], strict=False))
        found[i] = sum(three in threes for three in own) / len(own) if len(words) >= 5 else vote
    return found


def train(pages: list[Page], weights: dict[str, float]) -> Any:
    """A LightGBM model of the blocks of these pages; every page weighs alike."""
    import lightgbm

    rows, belongs, weigh = [], [], []
    for page in pages:
        known = ~np.isnan(page.belongs[page.chosen])
        at = page.chosen[known]
        words = np.sqrt(page.words[at]) / np.sqrt(max(20.0, page.words.sum()))
        rows.append(page.rows[known])
        belongs.append(page.belongs[at] >= 0.5)
        weigh.append((words if page.gold is not None else PIECE_WEIGHT) * np.full(len(at), weights.get(page.set, 1.0)))
    data = lightgbm.Dataset(np.concatenate(rows), np.concatenate(belongs).astype(int), weight=np.concatenate(weigh))
    return lightgbm.train(PARAMETERS, data, ROUNDS)


def check(pages: list[Page], weights: dict[str, float]) -> None:
    """Print docF1 of each set, every page judged by a model that saw no page of its host."""
    scores: dict[str, list[float]] = {}
    for fold in range(FOLDS):
        model = train([page for page in pages if fold_of(page.host) != fold], weights)
        for page in pages:
            if fold_of(page.host) != fold or page.gold is None:
                continue
            keep = np.zeros(len(page.texts), dtype=bool)
            if len(page.chosen):
                keep[page.chosen] = model.predict(page.rows, num_threads=1) > 0.5
            text = "\n".join(text for text, kept in zip(page.texts, keep, strict=True) if kept)
            scores.setdefault(page.set, []).append(f1(page.gold, text))
    for name, values in scores.items():
        print(f"{name}: docF1 {statistics.mean(values):.4f} on {len(values)} pages of hosts that the model never saw")


def fold_of(host: str) -> int:
    return hashlib.sha256(host.encode()).digest()[0] % FOLDS


def written(model: Any, weights: dict[str, float], sets: dict[str, int]) -> str:
    """The model as JSON: the nodes of all trees in one row, leaves in thousandths of log-odds."""
    nodes: list[tuple[int, float, int, int, int]] = []
    roots: list[int] = []
    deepest = 0

    def add(node: dict[str, Any], depth: int) -> int:
        nonlocal deepest
        deepest = max(deepest, depth)
        number = len(nodes)
        if "leaf_value" in node:
            nodes.append((0, 0.0, number, number, round(node["leaf_value"] * SCALE)))
            return number
        nodes.append((0, 0.0, 0, 0, 0))
        left, right = add(node["left_child"], depth + 1), add(node["right_child"], depth + 1)
        nodes[number] = (node["split_feature"], node["threshold"], left, right, 0)
        return number

    roots = [add(tree["tree_structure"], 0) for tree in model.dump_model()["tree_info"]]
    columns = list(zip(*nodes, strict=True))
    return json.dumps(
        {
            "made_by": "benchmarks/block_model.py",
            "made_from": sets,
            "weights": weights,
            "features": FEATURES,
            "depth": deepest,
            "roots": roots,
            "feature": columns[0],
            "threshold": [float(f"{value:.9g}") for value in columns[1]],
            "left": columns[2],
            "right": columns[3],
            "value": columns[4],
        }
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--weight", action="append", default=[], metavar="NAME=NUMBER")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    weights = {name: float(value) for name, _, value in (weight.partition("=") for weight in options.weight)}
    jobs = [job for path in options.files for job in read(path)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        pages = [page for page in pool.imap(prepare, jobs, 8) if page is not None]
    if options.check:
        check(pages, weights)
    if options.write:
        target = Path(__file__).resolve().parent.parent / "crawler" / "extract" / FILE
        target.write_text(written(train(pages, weights), weights, dict(Counter(page.set for page in pages))))
        print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
