"""Odd names and odd files where a corpus should be: one line that says what is wrong, and no traceback."""

from __future__ import annotations

import pytest
from newsroom import Newsroom


@pytest.mark.parametrize("command", ["status", "crawl"])
@pytest.mark.parametrize("name", ["", "x" * 300, "\udc80.db", "loop", "folder", "/dev/null"], ids=ascii)
def test_a_corpus_that_cannot_be_one_is_refused_in_a_line(newsroom: Newsroom, name: str, command: str) -> None:
    newsroom.subscribe()
    (newsroom.folder / "loop").symlink_to("loop")
    (newsroom.folder / "folder").mkdir()
    said = newsroom.refused(f"--db={name}", command, status=1)
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
