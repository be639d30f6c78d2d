"""Odd names and odd files where a corpus should be: one line that says what is wrong, and no traceback."""

from __future__ import annotations

import resource

import pytest
from feedmaker import rss
from localweb import LocalWeb
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


def test_a_machine_that_gives_no_more_files_ends_the_crawl_and_is_not_the_feeds_fault(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss([])))
    process = newsroom.start("crawl", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20)))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert "ulimit" in err
    assert newsroom.json("crawl")["polls"] == {"new": 1}
