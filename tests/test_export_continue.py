"""`cuttings export --continue`: everything at first, then what is new; a kill leaves the place where it began."""

from __future__ import annotations

import json
import os
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from newsroom import Newsroom
from pressroom import copied, cut, titled

from crawler.cli.export_cursor import held
from storage import CursorRefused, ExportCursor, NumberSet, Position, Progress, Query, open_corpus, read_export_cursor

ASKED = ExportCursor("jsonl", Query("ferry"), False, Progress(Position(3, datetime(2026, 1, 1, tzinfo=UTC), 3, "u")))


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.xdist_group("press")
def test_each_export_gives_what_is_new_and_a_killed_one_gives_it_again(press_db: Path, tmp_path: Path) -> None:
    room, cursor = Newsroom(tmp_path), tmp_path / "all.cursor"
    copied(press_db, tmp_path)
    killed = room.start("export", "--continue", "all.cursor")
    assert killed.stdout is not None
    killed.stdout.read(1)  # it writes, and waits for a reader of the rest
    assert "another export goes on from it" in room.refused("export", "--continue", "all.cursor", status=1)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    assert not cursor.exists()

    room.ok("export", "--continue", "all.cursor", "-o", "1.jsonl")
    first = lines((tmp_path / "1.jsonl").read_text())
    assert len(first) == len({line["id"] for line in first}) == 30
    before = cursor.read_bytes()
    with open_corpus(room.db, write=True) as corpus:
        revised = titled(corpus, "Pilots")
        with corpus.filing() as filing:
            at = datetime.now(UTC) + timedelta(days=1)
            filing.revise_article(revised.id, replace(cut(revised, 9), text="It is off."), [], at)
    room.ok("export", "--continue", "all.cursor", "-o", "2.jsonl")
    assert [(line["id"], line["revision"]) for line in lines((tmp_path / "2.jsonl").read_text())] == [
        (revised.id, revised.revision + 1)
    ]
    told = json.loads((tmp_path / "2.jsonl.manifest.json").read_text())
    assert told["corpus"]["after"] == json.loads(before)["position"] < told["corpus"]["position"]
    after = cursor.read_bytes()
    assert room.ok("export", "--continue", "all.cursor", "-o", "3.jsonl", "--format", "jsonl") == ""
    assert ((tmp_path / "3.jsonl").read_text(), cursor.read_bytes()) == ("", after)

    said = room.refused("export", "--continue", "all.cursor", "ferry", status=1)
    assert "all.cursor: goes on with another export (jsonl, all articles); ask the same" in said
    assert "another export" in room.refused("export", "--continue", "all.cursor", "--format", "csv", status=1)
    assert "two names" in room.refused("export", "--continue", "all.cursor", "-o", "./all.cursor", status=2)
    assert cursor.read_bytes() == after
    assert sorted(path.name for path in tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[]", "null", "[" * 100_000, '{"cursor": 2}', '{"cursor": 1}', '{"cursor": 1, "asked": {}}'),
        ASKED.line().replace('"position": 3', '"position": -3'),
        ASKED.line().replace('"position": 3', '"position": 1e9'),
        ASKED.line().replace('"as_of": "2026', '"as_of": "x'),
        ASKED.line().replace('"newest": [3, ', '"newest": ["3", '),
        ASKED.line().replace('"newest": [3, ', '"newest": [[], '),
        ASKED.line().replace('"newest": [3, ', '"newest": [false, '),
        ASKED.line().replace('"given": "', '"given": "x'),
    ],
)
def test_what_is_no_cursor_is_told_in_a_line(text: str) -> None:
    with pytest.raises(CursorRefused, match="is no cursor of an export"):
        read_export_cursor(text, ASKED)


def test_a_cursor_belongs_to_one_question_and_comes_back_as_it_was() -> None:
    given = NumberSet()
    for number in (1, 3, 700):
        given.add(number)
    kept = replace(ASKED, progress=replace(ASKED.progress, given=given))
    assert read_export_cursor(kept.line(), ASKED) == kept.progress
    assert read_export_cursor(kept.line(), replace(ASKED, query=Query("  ferry "))) == kept.progress
    for other in (
        replace(ASKED, kind="csv"),
        replace(ASKED, one_per_story=True),
        replace(ASKED, query=Query("ferry", tag="x")),
    ):
        with pytest.raises(CursorRefused, match=r"another export \(jsonl, ferry\)"):
            read_export_cursor(kept.line(), other)


def test_a_cursor_file_is_replaced_whole_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with held(tmp_path / "link") as file:
        assert file.read(ASKED) == Progress()
        file.write(ASKED)
    with held(tmp_path / "link") as file:
        assert file.read(ASKED) == ASKED.progress
    assert sorted(os.listdir(tmp_path)) == ["link", "real"]
    assert (tmp_path / "link").is_symlink()
