"""`benchmarks/extract.py` counts what it says: a perfect extractor, an empty one, and ours on pages of the tests."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
BENCHMARK = ROOT / "benchmarks" / "extract.py"
TEXT = "The salt pans of Vell were flooded again on Thursday, ten years after the last harvest."


@pytest.fixture(scope="module")
def benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("extract_benchmark", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    kept = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = kept
    return module


def test_a_perfect_extractor_has_ones_and_an_empty_one_zeros(benchmark: ModuleType) -> None:
    pages = benchmark.load(ROOT / "tests" / "pages")
    assert len(pages) == 3
    tells = ("title", "authors", "day")

    def perfect(page: object) -> object:
        return benchmark.Got(page.text, page.title, page.authors, page.day, tells)  # type: ignore[attr-defined]

    def empty(page: object) -> object:
        return benchmark.Got("", tells=tells)

    scores = benchmark.measure(pages, {"perfect": perfect, "empty": empty})
    best = benchmark.figures(scores["perfect"], scores["empty"])
    assert (best.precision, best.recall, best.doc_f1) == (1.0, 1.0, 1.0)
    assert set(best.fields.values()) == {1.0}
    assert best.difference == (1.0, 1.0, 1.0)
    none = benchmark.figures(scores["empty"], None)
    assert (none.precision, none.recall, none.doc_f1, none.ratio) == (0.0, 0.0, 0.0, None)
    assert set(none.fields.values()) == {0.0}


@pytest.mark.parametrize(
    ("got", "right", "wrong", "missed"),
    [
        ("one two three four five", 2, 0, 0),
        ("One, two... three four FIVE!", 2, 0, 0),
        ("zero one two three four five six", 2, 2, 0),
        ("one two three four", 1, 0, 1),
        ("", 0, 0, 2),
    ],
)
def test_a_text_is_counted_in_runs_of_four_words(
    benchmark: ModuleType, got: str, right: int, wrong: int, missed: int
) -> None:
    page = benchmark.Page("a", "", text="one two three four five")
    score = benchmark.score(page, benchmark.Got(got))
    assert (score.right, score.wrong, score.missed) == (right, wrong, missed)


def test_strings_that_must_be_there_or_must_not_are_counted(benchmark: ModuleType) -> None:
    page = benchmark.Page("a", "", present=("flooded again", "no such"), absent=("Leave a reply",))
    score = benchmark.score(page, benchmark.Got("It was flooded  again.\nLeave a Reply"))
    assert (score.right, score.wrong, score.missed) == (1, 1, 1)


def test_a_contender_that_breaks_on_a_page_is_counted_as_empty_there(benchmark: ModuleType) -> None:
    def broken(page: object) -> object:
        raise ValueError("no")

    found = benchmark.figures(
        benchmark.measure([benchmark.Page("a", "", text=TEXT)], {"broken": broken})["broken"], None
    )
    assert (found.errors, found.doc_f1) == (1, 0.0)


def test_pages_of_a_folder_and_of_json_lines_are_read_hosts_together(benchmark: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "one.html").write_text("<p>x</p>")
    (tmp_path / "one.txt").write_text(TEXT)
    (tmp_path / "unknown.html").write_text("<p>y</p>")
    assert [(page.name, page.text) for page in benchmark.load(tmp_path)] == [("one.html", TEXT)]
    lines = [
        {"id": str(n), "url": f"https://{host}.example/{n}", "gold": TEXT, "html": "é", "html_is": "bytes"}
        for n, host in enumerate("abab")
    ]
    file = tmp_path / "pages.jsonl"
    file.write_text("\n".join(map(json.dumps, lines)))
    pages = benchmark.load(file)
    assert [page.name for page in pages] == ["0", "2", "1", "3"]
    assert pages[0].html == b"\xe9"


def test_it_runs_out_of_the_box_beside_trafilatura() -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), "--only", "resiliparse,jusText", "--limit", "2", "--json"],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    document = json.loads(done.stdout)
    assert document["pages"] == 2
    assert document["figures"]["ours"]["doc_f1"] > 0.9
    assert document["figures"]["trafilatura"]["ratio"] == 1.0
    assert len(document["worst"]) == 2
    for line in done.stderr.splitlines():
        assert line.endswith("is not installed")


def test_what_it_cannot_read_is_said(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(BENCHMARK), str(tmp_path)], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert "holds no page whose article is known" in done.stderr
    assert "Traceback" not in done.stderr
