"""The manifest beside an export: what was asked, what came of it, and sums; the same for the same corpus."""

from __future__ import annotations

import json
import subprocess
from array import array
from dataclasses import replace
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st
from newsroom import Newsroom
from pressroom import copied
from test_export import ARTICLE, NOON

from crawler.cli.export_files import Mode, drafted
from storage import (
    FileSum,
    Manifest,
    NumberSet,
    Position,
    Progress,
    Query,
    Selection,
    Tally,
    WarcCounts,
    WithoutRawPage,
    in_words,
)

HOSTILE = 'a "b" \\ \x00 \u202e \ud800 \u2028 </script>'
SELECTION = Selection(array("q"), Position(40, NOON, 7, ARTICLE.url))


def told(manifest: Manifest, *files: FileSum) -> dict[str, Any]:
    stream = StringIO()
    manifest.write(stream, files)
    assert not {"\u202e", "\u2028", "\x1b", "\ud800"} & {*stream.getvalue()}
    found: dict[str, Any] = json.loads(stream.getvalue())
    return found


def tally_of(*articles: Any) -> Tally:
    tally = Tally()
    assert len(list(tally.counting(articles))) == len(articles)
    return tally


def check_sums(manifest: Path) -> str:
    """As the how-to has it."""
    sums = "".join(f"{one['sha256']}  {one['name']}\n" for one in json.loads(manifest.read_text())["files"])
    done = subprocess.run(
        ["sha256sum", "-c"], cwd=manifest.parent, input=sums, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


@pytest.mark.xdist_group("press")
def test_exports_of_an_unchanged_corpus_are_equal_byte_by_byte_with_their_manifests(
    press_db: Path, tmp_path: Path
) -> None:
    room = Newsroom(tmp_path)
    copied(press_db, tmp_path)
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        room.ok("export", "-o", f"{folder}/all.jsonl")
        room.ok("export", "ferry", "--language", "en", "--format", "markdown", "-o", f"{folder}/notes")
    one, two = (sorted(path for path in (tmp_path / name).rglob("*") if path.is_file()) for name in ("one", "two"))
    assert [path.name for path in one] == [path.name for path in two]
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert "all.jsonl: OK" in check_sums(tmp_path / "one" / "all.jsonl.manifest.json")
    assert check_sums(tmp_path / "one" / "notes.manifest.json").count(": OK") == 2
    found = json.loads((tmp_path / "one" / "all.jsonl.manifest.json").read_text())
    lines = [json.loads(line) for line in (tmp_path / "one" / "all.jsonl").read_text().splitlines()]
    assert (found["articles"], found["stories"]) == (30, len({line["story_id"] for line in lines}))
    assert found["sources"] == len({name for line in lines for name in line["sources"]})
    assert found["fetched"]["last"] == max(line["fetched"] for line in lines)
    assert found["published"]["first"] == min(line["published"] for line in lines if line["published"])
    notes = json.loads((tmp_path / "one" / "notes.manifest.json").read_text())
    assert notes["query"] == {"words": "ferry", "language": "en"}
    assert 'match "ferry language:en"' in notes["cite"]
    room.ok("export", "--no-manifest", "-o", "one/all.jsonl")
    assert not (tmp_path / "one" / "all.jsonl.manifest.json").exists(), "none of a former export stays"
    assert '"manifest": 1' not in room.ok("export", "-o", "/dev/stdout")


def test_a_manifest_is_json_whatever_was_asked_and_whoever_wrote() -> None:
    undated = replace(ARTICLE, id=8, published=None, sources=("Paper", HOSTILE), site=HOSTILE, story_id=8)
    later = replace(ARTICLE, id=9, published=datetime(2026, 1, 30, 0, 0, 1, tzinfo=UTC))
    warc = WarcCounts(2, 1, (WithoutRawPage(8, HOSTILE, HOSTILE),))
    query = Query(HOSTILE, source=HOSTILE, since=date(2026, 1, 1))
    found = told(
        Manifest(
            "warc",
            query,
            True,
            replace(SELECTION, after=Progress(Position(12))),
            tally_of(ARTICLE, undated, later),
            warc,
        ),
        FileSum(HOSTILE, 3, "ab"),
        FileSum("b", 4, "cd"),
    )
    assert (found["articles"], found["stories"], found["sources"], found["sites"]) == (3, 2, 2, 2)
    assert found["published"] == {"first": "2026-01-30", "last": "2026-01-30T00:00:01Z", "undated": 1}
    assert found["corpus"] == {"position": 40, "after": 12, "as_of": "2026-01-31T12:00:00Z"}
    assert found["raw_pages"]["missing"] == 1
    assert found["raw_pages"]["named"][0]["id"] == 8
    assert [one["bytes"] for one in found["files"]] == [3, 4]
    assert found["query"]["since"] == "2026-01-01"
    nothing = told(Manifest("csv", Query(), False, Selection(array("q"), Position(0)), Tally()))
    assert (nothing["articles"], nothing["files"], nothing["corpus"]["as_of"]) == (0, [], None)


def test_a_question_is_told_as_it_may_be_typed() -> None:
    assert in_words(Query()) == ""
    query = Query("a OR b", source="The Paper", since=date(2026, 1, 2), story=3)
    assert in_words(query) == '(a OR b) source:"The Paper" since:2026-01-02 story:3'


def test_a_manifest_never_lies_beside_a_file_that_it_is_not_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(text: str, path: Path) -> None:
        with drafted(path, "w") as draft:
            draft.text.write(text)
            draft.tell(Manifest("jsonl", Query(text), False, SELECTION, Tally()))

    file = tmp_path / "all.jsonl"
    write("first", file)
    first = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(first) == {"all.jsonl", "all.jsonl.manifest.json"}
    check_sums(tmp_path / "all.jsonl.manifest.json")

    def fail() -> None:
        with drafted(file, "w") as draft:
            draft.text.write("half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == first, "one that failed changes nothing"

    replaced = Path.replace

    def full(self: Path, target: Path) -> Path:
        if "manifest" in self.name:
            raise OSError(28, "No space left on device")
        return replaced(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(click.ClickException, match="No space left"):
        write("second", file)
    assert [path.name for path in tmp_path.iterdir()] == ["all.jsonl"]
    monkeypatch.undo()
    write("third", file)
    check_sums(tmp_path / "all.jsonl.manifest.json")


@pytest.mark.parametrize("name", ["/", ".", "..", "file", "file/x", "n" * 300])
def test_a_folder_that_cannot_be_made_is_refused_in_a_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "kept").write_text("x")
    monkeypatch.chdir(tmp_path / "inner")
    with (
        pytest.raises(click.ClickException) as caught,
        drafted(Path("../" + name if "file" in name else name), "folder"),
    ):
        pass
    assert len(caught.value.message.splitlines()) == 1
    assert (tmp_path / "inner" / "kept").exists()


@given(st.sets(st.integers(1, 5_000)))
def test_a_set_of_numbers_is_a_set_of_numbers(numbers: set[int]) -> None:
    found = NumberSet()
    for number in numbers:
        found.add(number)
    again = NumberSet.of_text(found.text())
    assert sorted(numbers) == list(again)
    assert len(again) == len(numbers)
    assert all((number in again) == (number in numbers) for number in range(5_100))


@pytest.mark.parametrize("text", ["", "x", "eJw=", "eJwDAAAAAAE=eJwDAAAAAAE=", "\ud800", "AAAA"])
def test_what_is_no_set_of_numbers_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="no set"):
        NumberSet.of_text(text)


@pytest.mark.parametrize("mode", ["w", "folder"])
def test_two_exports_of_one_name_do_not_write_into_each_other(tmp_path: Path, mode: Mode) -> None:
    path = tmp_path / "out"
    with drafted(path, mode) as draft:
        with pytest.raises(click.ClickException, match="another export writes it just now"), drafted(path, mode):
            pass
        if draft.folder is not None:
            (draft.folder / "a").write_text("whole")
        else:
            draft.text.write("whole")
    assert (path / "a" if mode == "folder" else path).read_text() == "whole"
    assert [one.name for one in tmp_path.iterdir()] == ["out"]
