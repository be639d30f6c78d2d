"""Odd names and odd files where a corpus should be: one line that says what is wrong, and no traceback."""

from __future__ import annotations

import os
import resource
import subprocess

import pytest
from feedmaker import rss
from localweb import LocalWeb
from newsroom import BIN, Newsroom


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
    process = newsroom.start("crawl", preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (18, 18)))
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1, err
    assert "Traceback" not in err
    assert "ulimit" in err
    assert newsroom.json("crawl")["polls"] == {"new": 1}


def test_a_file_of_something_else_gets_no_lock_beside_it(newsroom: Newsroom) -> None:
    newsroom.subscribe()
    before = set(newsroom.folder.iterdir())
    newsroom.refused("--db=feeds.yaml", "crawl", status=1)
    assert set(newsroom.folder.iterdir()) == before


@pytest.mark.parametrize("command", [["export", "-o"], ["opml", "export"]], ids=" ".join)
def test_a_device_that_is_written_to_stays_a_device_and_a_link_a_link(
    web: LocalWeb, newsroom: Newsroom, command: list[str]
) -> None:
    """`-o /dev/stdout` by a privileged user replaced the device by a file."""
    newsroom.subscribe(web.site("127.0.0.2").page("/feed", rss([])))
    newsroom.ok("crawl")
    pipe, link, target = (newsroom.folder / name for name in ("pipe", "link", "target"))
    os.mkfifo(pipe)
    link.symlink_to(target)
    process = newsroom.start(*command, str(pipe))
    pipe.read_bytes()
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert pipe.is_fifo()
    newsroom.ok(*command, str(link))
    assert link.is_symlink()
    assert target.is_file()


@pytest.mark.parametrize("command", ["export", "status", "crawl --json"])
@pytest.mark.parametrize("closed", [">&-", "> /dev/full", "2>&-", "<&-"])
def test_nobody_at_the_other_end_is_no_traceback(newsroom: Newsroom, command: str, closed: str) -> None:
    newsroom.subscribe()
    newsroom.ok("crawl")
    done = subprocess.run(
        f"exec {BIN / 'cuttings'} {command} {closed}",
        shell=True,
        cwd=newsroom.folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
