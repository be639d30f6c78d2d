"""What is installed is what is tested, and it is what the project says it is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest

import crawler
import storage
from crawler.cli import COMMANDS

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILT = (ROOT / "dist").exists() and (Path(sys.prefix) / ".installed").exists()


@pytest.mark.skipif(not BUILT, reason="only `make test` builds and installs the wheel")
def test_the_tests_import_the_installed_wheel_and_not_the_source_tree() -> None:
    for package in (crawler, storage):
        assert package.__file__ is not None
        assert not Path(package.__file__).is_relative_to(ROOT / package.__name__), package.__file__


def test_the_wheel_carries_the_data_that_the_product_needs() -> None:
    folder = Path(str(crawler.__file__)).parent
    for name in ("starter_feeds.yaml", "py.typed", "sample/sites.json"):
        assert (folder / name).is_file(), name
    for name in ("web/templates/base.html", "web/static/style.css", "web/static/page.js"):
        assert (Path(str(storage.__file__)).parent / name).is_file(), name


@pytest.mark.parametrize("command", [("search", "x"), ("show", "1"), ("explain", "https://a.example/"), ("export",)])
def test_asking_the_corpus_never_loads_scrapy(tmp_path: Path, command: tuple[str, ...]) -> None:
    script = (
        "import sys\n"
        "from crawler.cli import main\n"
        f"sys.argv = ['cuttings', *{command!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'scrapy', 'twisted', 'trafilatura', 'feedparser', 'lxml'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]"), done.stdout


def test_every_command_is_there_with_its_help() -> None:
    for command in COMMANDS:
        done = subprocess.run(
            [str(Path(sys.executable).parent / "cuttings"), command, "--help"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert "Usage: cuttings" in done.stdout


def test_every_dependency_has_a_lower_bound_and_a_pin() -> None:
    pinned = {
        re.sub(r"[-_.]+", "-", line.split("==")[0]).lower()
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    declared = [*PROJECT["project"]["dependencies"]]
    for extra in PROJECT["project"]["optional-dependencies"].values():
        declared += extra
    for requirement in declared:
        name = re.split(r"[<>=;\[ ]", requirement)[0]
        assert ">=" in requirement, requirement
        assert re.sub(r"[-_.]+", "-", name).lower() in pinned, requirement


def test_the_constraints_hold_names_and_versions_only() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line), line


def test_the_version_is_said_in_one_place() -> None:
    assert distribution("cuttings").version == crawler.__version__
    assert f"## [{crawler.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_no_module_has_outgrown_its_reason() -> None:
    for package in ("crawler", "storage"):
        for path in (ROOT / package).rglob("*.py"):
            assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, path


def test_the_top_level_is_what_was_promised() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode or not os.environ.get("HOME"):
        pytest.skip("not a git checkout")
    tops = {line.split("/")[0] for line in listed.stdout.splitlines()}
    assert tops <= {
        *("pyproject.toml", "README.md", "scrapy.cfg", "crawler", "feeds.yaml", "tests", "storage", "docs"),
        *("benchmarks", ".ci", "Makefile", "LICENSE", "CHANGELOG.md", "constraints.txt", ".gitignore"),
    }
