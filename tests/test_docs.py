"""What the documentation shows is what happens: its sessions and examples run, its links lead somewhere.

A block marked `console` is run, line by line behind `$ `, in a folder that holds the sample newspaper as
`cuttings demo --keep sample` leaves it, and its output compared. Blocks marked `python` are executed in `sample`,
`pycon` as doctests; requests in `http` are sent to a server of that corpus. Blocks marked `sh` are for the reader's own
machine; of them the commands and options are checked.
A test whose page needs a tool that is missing runs the rest and says so.
`UPDATE_DOCS=1 pytest tests/test_docs.py -p no:randomly` writes the output of this machine into the pages instead.
"""

from __future__ import annotations

import doctest
import importlib.util
import json
import os
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from newsroom import BIN
from pressroom import Demonstrated
from served import served

from crawler.cli import main, reference
from crawler.filing import retry_time
from storage import Ending, Outcome
from storage.web.api import reference as api_reference

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
PORT = "41281"
"""Of the sample newspaper as the pages print it; each run gets another."""
HOSTS = re.compile(
    r"(.+\.)?example\.(com|org|net)|.+\.localhost|127\.0\.0\.1"
    r"|www\.rfc-editor\.org|keepachangelog\.com|semver\.org|github\.com|www\.sqlite\.org"
)
"""Those that pages may name."""

BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.M | re.S)
VOLATILE = [
    (re.compile(r"(?<=localhost:)\d+|(?<=port )\d+"), "PORT"),
    (re.compile(r"\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|\+00:00)?"), "TIME"),
    (re.compile(r"\b20(?:2[6-9]|[3-9]\d)-\d\d-\d\d\b"), "DAY"),
    (re.compile(r"\b(?:in )?\d+ (?:d|h|min)\b(?: ago)?|\bnow\b"), "WHEN"),
    (re.compile(r"byte [\d,]+ of cuttings-\d{14}-\d{5}"), "PLACE"),
    (re.compile(r"[\d.]+ (?:s|MB|pages a second)\b|[\d,]+ bytes|(?<=\"elapsed_s\": )[\d.]+"), "AMOUNT"),
    (re.compile(r"^ {2,6}\d+ (?= )|(?<=Article: )\d+|(?<=\"id\": )\d+|(?<=\"story_id\": )\d+", re.M), "NUMBER"),
    (re.compile(r"^story \d+(?=:)|\barticle +\d+(?= http)", re.M), "ARTICLE"),
    (re.compile(r"[ \t]+"), " "),
    # which of two sources that name one article fetches it, and so has its raw page, is chance
    (re.compile(r"\d+ texts cut again, (\d+ changed)[^;]*; [\d,]+ words before, [\d,]+ after"), r"TEXTS cut again"),
    (re.compile(r"; cuttings [\d.]+, trafilatura [\d.]+, resiliparse [\d.]+"), "; VERSIONS"),
    (re.compile(r"\bCuttings \d[\d.]*\d"), "Cuttings VERSION"),
]


@dataclass(frozen=True)
class Sample:
    """The sample newspaper, crawled once for all pages, and what was said meanwhile."""

    folder: Path
    said: str

    @property
    def port(self) -> str:
        match = re.search(r"port (\d+)", self.said)
        assert match is not None
        return match[1]


@pytest.fixture(scope="module")
def sample(demo: Demonstrated) -> Sample:
    return Sample(demo.folder, demo.said)


@pytest.fixture
def desk(sample: Sample, tmp_path: Path) -> Path:
    """A folder of one page's own, with the crawled sample in it."""
    shutil.copytree(sample.folder / "sample", tmp_path / "sample")
    return tmp_path


def pages_with(*languages: str) -> list[Path]:
    return [page for page in PAGES if any(kind in languages for kind, _ in blocks(page))]


def blocks(page: Path) -> list[tuple[str, str]]:
    return BLOCK.findall(page.read_text(encoding="utf-8"))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def plain(output: str) -> str:
    for pattern, word in VOLATILE:
        output = pattern.sub(word, output)
    return "\n".join(line.strip() for line in output.strip().splitlines())


def steps(session: str) -> Iterator[tuple[str, str]]:
    """Command and printed output, in order; a command may go on after a backslash."""
    for part in re.split(r"^\$ ", session, flags=re.M)[1:]:
        match = re.match(r"((?:[^\n]*\\\n)*[^\n]*)\n?(.*)", part, re.S)
        assert match is not None
        yield match[1], match[2]


def shell(command: str, folder: Path, sample: Sample) -> str | None:
    """What the command prints; None where it needs a tool that is not installed here."""
    demo = {
        "make demo": sample.said.partition("\nThe corpus is ")[0],
        "cuttings demo --keep sample": sample.said,
        "cuttings demo --keep sample | tail -1": sample.said.splitlines()[-1],
    }
    if command in demo:
        return demo[command]
    tool = shlex.split(command)[0]
    if shutil.which(tool, path=f"{BIN}:{os.environ['PATH']}") is None:
        return None
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CUTTINGS_")}
    environment |= {"PATH": f"{BIN}:{environment['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(
        ["bash", "-c", command.replace(PORT, sample.port)],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stdout, done.stdout
    return done.stdout


@pytest.mark.parametrize("page", pages_with("console"), ids=name)
def test_sessions_print_what_the_page_shows(page: Path, desk: Path, sample: Sample) -> None:
    text = page.read_text(encoding="utf-8")
    missing: set[str] = set()
    for kind, session in blocks(page):
        written = session
        for command, shown in steps(session) if kind == "console" else ():
            if command.startswith("cd "):
                desk /= command[3:]
                continue
            said = shell(command, desk, sample)
            if said is None:
                missing.add(shlex.split(command)[0])
                continue
            if plain(said) == plain(shown):
                continue
            if UPDATE:
                kept = said.replace(sample.port, PORT).strip("\n")
                printed = f"{kept}\n" if kept else ""
                written = written.replace(f"$ {command}\n{shown}", f"$ {command}\n{printed}")
            else:
                pytest.fail(f"{command}\n--- shown:\n{plain(shown)}\n--- printed:\n{plain(said)}")
        text = text.replace(session, written)
    if UPDATE:
        page.write_text(text, encoding="utf-8")
    if missing:
        pytest.skip(f"some commands need {', '.join(sorted(missing))}, not installed here")


@pytest.mark.parametrize("page", pages_with("python", "pycon"), ids=name)
def test_python_examples_run(page: Path, desk: Path, sample: Sample, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk / "sample")
    names: dict[str, object] = {}
    missing: set[str] = set()
    for kind, code in blocks(page):
        code = code.replace(PORT, sample.port)
        if kind == "console":  # examples below read what is exported above
            for command, _ in steps(code):
                if command.startswith("cuttings export "):
                    shell(command, desk / "sample", sample)
        if kind not in ("python", "pycon"):
            continue
        imported = re.findall(r"^(?:>>> )?(?:import|from) (\w+)", code, re.M)
        absent = {module for module in imported if importlib.util.find_spec(module) is None}
        if absent or (missing and not imported):  # a block that imports nothing goes on with the one before
            missing |= absent
            continue
        if kind == "python":
            exec(compile(code, name(page), "exec"), names)
            continue
        example = doctest.DocTestParser().get_doctest(code, names, name(page), None, 0)
        runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
        assert runner.run(example, clear_globs=False).failed == 0
        names.update(example.globs)
    if missing:
        pytest.skip(f"some examples need {', '.join(sorted(missing))}, not installed here")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_that_is_mentioned_exists(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [line for kind, block in blocks(page) if kind == "sh" for line in block.splitlines()]
    lines += [command for kind, block in blocks(page) if kind == "console" for command, _ in steps(block)]
    lines += re.findall(r"`(cuttings [^`\n]+)`", text)
    known = {context.command_path: context.command for context in reference.commands(main)}
    for line in lines:
        for written in re.findall(r"(?<![\w./-])(?<!crawl )cuttings(?= [a-z-])[^|&;>)'\"]*", line.partition(" #")[0]):
            words = written.split()
            options = {word.partition("=")[0] for word in words if word.startswith("--") and len(word) > 2}
            path, command = "cuttings", known["cuttings"]
            offered = {option for param in command.params for option in param.opts}
            for word in words[1:]:
                if f"{path} {word}" in known:
                    path = f"{path} {word}"
                    offered |= {option for param in known[path].params for option in param.opts}
            assert path != "cuttings" or options & {"--help", "--version"}, f"{written!r}: no such command"
            assert options <= offered | {"--help"}, f"{written!r}: {options - offered}"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        aim = (page.parent / file).resolve() if file else page
        assert aim.exists(), target
        assert ROOT in aim.parents, target
        if anchor:
            assert anchor in anchors(aim), target


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_pages_name_no_strange_host_and_no_folder_of_one_machine(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for url in re.findall(r"https?://[^\s<>`'\"),\]]+", text):
        host = urlsplit(url).hostname or ""
        assert HOSTS.fullmatch(host), url
    assert not re.search(r"(?<![\w.])/(?:work|tmp|root|home)/", text)


def test_every_page_is_reached_from_the_readme() -> None:
    seen, todo = set(), [ROOT / "README.md"]
    while todo:
        page = todo.pop()
        seen.add(page)
        for target in re.findall(r"\]\(([^)\s#]+\.md)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target and (aim := (page.parent / target).resolve()) not in seen and aim.exists():
                todo.append(aim)
    assert {name(page) for page in PAGES} == {name(page) for page in seen}


def test_the_cli_reference_is_current() -> None:
    path = ROOT / "docs/reference/cli.md"
    if UPDATE:
        path.write_text(reference.page(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == reference.page(), (
        "python -m crawler.cli.reference > docs/reference/cli.md"
    )


def test_the_api_reference_is_current() -> None:
    path, made = ROOT / "docs/reference/api.md", "\n".join(api_reference.lines()) + "\n"
    if UPDATE:
        path.write_text(made, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == made, "python -m storage.web.api.reference > docs/reference/api.md"


@pytest.mark.parametrize("page", pages_with("http"), ids=name)
def test_requests_are_answered_as_the_page_shows(page: Path, sample: Sample) -> None:
    with served(sample.folder / "sample" / "cuttings.db") as site:
        for kind, block in blocks(page):
            if kind == "http":
                request, _, shown = block.partition("\n\n")
                answer = site.get(request.removeprefix("GET ").strip())
                assert holds(answer.json(), json.loads(shown)), (request, answer.text[:2000])


def holds(answer: Any, shown: Any) -> bool:
    """Whether an answer has what is shown of it: of objects not every field, of lists all."""
    if isinstance(shown, dict):
        return all(key in answer and holds(answer[key], value) for key, value in shown.items())
    if isinstance(shown, list):
        return len(answer) == len(shown) and all(map(holds, answer, shown))
    return bool(answer == shown)


def test_the_cli_reference_has_every_command_and_option() -> None:
    text = (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8")
    for context in reference.commands(main):
        _, _, section = text.partition(f"## {context.command_path}\n")
        assert section, context.command_path
        for param in context.command.params:
            if isinstance(param, click.Option):
                assert param.opts[0] in section.partition("\n## ")[0], (context.command_path, param.opts)


def test_every_decision_is_listed() -> None:
    folder = ROOT / "docs/decisions"
    index = (folder / "README.md").read_text(encoding="utf-8")
    for path in sorted(folder.glob("[0-9]*.md")):
        title = path.read_text(encoding="utf-8").splitlines()[0]
        assert re.fullmatch(r"# \d+\. .+", title), path.name
        assert f"({path.name})" in index, path.name


TOKENS = re.compile(
    r"(?:Rejected\(|Overrun\(|NotAFeed\(|Outcome\(Ending\.[A-Z_]+, |FetchFailed\([\w.]+, |_Reading\(\"failed\", )"
    r"\"([a-z_]+)\"|^ +\(\([A-Z][\w., ]+\), \"([a-z_]+)\"\),",
    re.M,
)
"""Where the code names a reason: the values that carry one, and the table of the download handler."""


def test_every_ending_and_every_reason_is_explained() -> None:
    text = (ROOT / "docs/explanation/outcomes.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `([a-z_]+)`", text, re.M))
    assert {str(ending) for ending in Ending} <= explained
    sources = [path for folder in ("crawler", "storage") for path in (ROOT / folder).rglob("*.py")]
    used = {
        token
        for path in sources
        for match in TOKENS.finditer(path.read_text(encoding="utf-8"))
        for token in match.groups()
        if token
    }
    assert len(used) > 25, "the pattern finds too little"
    assert used <= explained, used - explained


def test_failures_that_are_tried_again_are_marked() -> None:
    text = (ROOT / "docs/explanation/outcomes.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z_0-9]+)` \| (\*?) *\| ", text, re.M)
    assert rows
    for token, mark in rows:
        again = retry_time(Outcome(Ending.FAILED, token), 0, None, datetime(2026, 1, 1, tzinfo=UTC))
        assert (again is not None) == bool(mark), token


UNITS = {"s": 1, "min": 60, "h": 3600, "days": 86400, "KiB": 1024, "MiB": 1024**2, "": 1}
LIMIT = re.compile(r"\| ([\d.,]+) ?(s|min|h|days|KiB|MiB|) \|(?:[^|]*\|)? `([\w/.]+)` `(\w+)` \|")


@pytest.mark.parametrize("page", [p for p in PAGES if LIMIT.search(p.read_text(encoding="utf-8"))], ids=name)
def test_limits_are_those_of_the_code(page: Path) -> None:
    for number, unit, file, constant in LIMIT.findall(page.read_text(encoding="utf-8")):
        found = re.search(rf"^ *{constant}(?:: \w+)? = ([^#\n]+)", (ROOT / file).read_text(encoding="utf-8"), re.M)
        assert found is not None, (file, constant)
        value = eval(found[1], {"MIB": 1024**2, "timedelta": lambda **units: timedelta(**units).total_seconds()})
        assert value == float(number.replace(",", "")) * UNITS[unit], constant


def test_the_contracts_of_the_layers_are_all_told() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    text = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    for contract in contracts:
        assert f"- {contract['name']}\n" in text


@pytest.mark.parametrize("package", ["crawler", "storage"])
def test_every_module_is_on_the_map_of_rooms(package: str) -> None:
    page = (ROOT / "docs/explanation/architecture.md").read_text(encoding="utf-8")
    rooms = page.partition("\n## The rooms\n")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(?:crawler/|storage/)?(\w+)(?:\.py|/)`", rooms))
    there = {path.stem for path in (ROOT / package).iterdir() if path.is_dir() or path.suffix == ".py"}
    there -= {"__init__", "__main__", "__pycache__"}
    assert there <= named, there - named


def test_files_that_the_explanations_name_exist() -> None:
    for page in (ROOT / "docs/explanation").glob("*.md"):
        for file in re.findall(r"`((?:crawler|storage|tests)/[\w/.]+)`", page.read_text(encoding="utf-8")):
            assert (ROOT / file).exists(), (page.name, file)
