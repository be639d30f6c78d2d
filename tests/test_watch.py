"""`cuttings watch`, and what crawls and the daemon do with watches: with real processes, real pipes and real kills."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from types import SimpleNamespace
from typing import Any

import pytest
from alerting import OK, PATH, SECRET, Desk, desk_of, hook
from answers import Response
from click.testing import CliRunner
from feedmaker import rss
from localweb import LocalWeb
from misbehaviour import Gate, stall
from newsroom import BIN, Newsroom
from publishing import feed_of, reports
from running import change, in_s, running

from crawler import opening
from crawler.alerts.postman import LEAVE_S, Postman
from crawler.cli import main
from storage import Corpus, CorpusReadOnly, open_corpus, open_watches
from storage.sqlite import schema

PIPE = {"name": "Pipe", "search": "ferry"}


@pytest.fixture
def desk(newsroom: Newsroom, web: LocalWeb) -> Desk:
    return desk_of(newsroom, web)


def written(output: str) -> list[int]:
    """The articles of JSON Lines."""
    return [json.loads(line)["id"] for line in output.splitlines()]


def take_line(process: subprocess.Popen[str]) -> str:
    """One line, and not a byte more, as the shell's `read` takes it."""
    assert process.stdout is not None
    line = b""
    while not line.endswith(b"\n"):
        byte = os.read(process.stdout.fileno(), 1)
        assert byte, process.stderr.read() if process.stderr else ""
        line += byte
    return line.decode()


def left(process: subprocess.Popen[str]) -> str:
    """Close our end, wait for its end; gives what it said."""
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    process.wait(30)
    with process.stderr as stream:
        return stream.read()


# --- crawls and the daemon ---------------------------------------------------------------------------------


def test_a_crawl_posts_what_it_brought_and_a_receiver_that_fails_changes_nothing_of_it(
    desk: Desk, web: LocalWeb, newsroom: Newsroom
) -> None:
    paper = web.site("127.0.0.3")
    source = {"feed": feed_of(paper, 2), "name": "Paper"}
    newsroom.subscribe(source, watch=[hook(desk, search="source:Paper", secret="${SECRET}")])
    desk.answers(Response("down", 500), OK)
    done = newsroom.run("crawl")
    assert done.returncode == 0
    assert done.stderr.endswith("watch Ferries: HTTP 500 (down)\n")
    said = newsroom.ok("status")
    assert said.splitlines()[-1].startswith("watch Ferries: HTTP 500 (down); next try ")
    assert newsroom.json("status")["watches"] == newsroom.json("watch")
    assert newsroom.ok("watch", "Ferries", "--resume", "--send") == "Alerts: 2 articles sent in 1 message\n"

    paper.page("/feed", rss(reports(paper, 2)), content_type="application/rss+xml")
    done = newsroom.run("crawl", "--all", "--json")
    assert (json.loads(done.stdout)["outcomes"], done.stderr) == ({"stored": 1}, "")
    assert sorted(desk.got[1]) == sorted(desk.got[0])
    assert [len(one) for one in desk.got] == [2, 2, 1]
    assert desk.ids[0] == desk.ids[1] != desk.ids[2]
    assert set(desk.got[2]).isdisjoint(desk.got[1])
    raw = newsroom.db.read_bytes()
    assert b"T024BE7LH" not in raw
    assert SECRET.removeprefix("whsec_").encode() not in raw


def test_the_daemon_posts_and_a_receiver_that_hangs_holds_up_neither_a_crawl_nor_its_end(
    desk: Desk, web: LocalWeb, newsroom: Newsroom
) -> None:
    desk.watch(hook(desk))
    (waits,) = desk.file("a ferry that waits")
    newsroom.subscribe(feed_of(web.site("127.0.0.3"), 1), watch=[hook(desk)])
    desk.answers(stall())
    with running(newsroom, "run") as daemon:
        web.wait_for(1, lambda seen: seen.path == PATH, timeout_s=60)
        daemon.says("1 stored")
        assert daemon.stop() < 20
    assert desk.got == [[waits]]


def test_a_watch_finds_in_the_middle_of_a_crawl_what_it_filed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The crawl keeps the search index up to date, in small pieces; a desk's writer stands in for it."""
    monkeypatch.setattr(opening, "INDEX_S", 0.001)
    monkeypatch.setattr(opening, "INDEX_AT_ONCE", 1)
    desk.watch(PIPE)
    filed = desk.file("a ferry", "another ferry", indexed=False)

    async def crawl() -> list[int]:
        with open_corpus(desk.newsroom.db, write=True) as corpus:

            async def ask(work: Callable[[Corpus], object]) -> object:
                return work(corpus)

            busy: Any = SimpleNamespace(writer=SimpleNamespace(ask=ask))
            task = asyncio.create_task(opening._keep_indexed(busy))
            with open_watches(desk.newsroom.db) as watches:
                while len(found := watches.fresh(desk.config.watches[0].watch).articles) < len(filed):
                    await asyncio.sleep(0.001)
            task.cancel()
            return [one.id for one in found]

    assert asyncio.run(asyncio.wait_for(crawl(), 30)) == filed


class Told:
    """Who hears of a postman."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.troubles: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def trouble(self, text: str) -> None:
        self.troubles.append(text)


def test_a_postman_is_not_held_up_and_waits_for_a_corpus(desk: Desk, web: LocalWeb) -> None:
    told = Told()
    desk.watch(hook(desk))
    with Postman(str(desk.newsroom.folder / "none.db"), lambda: desk.config, told):
        pass
    assert (told.notes, told.troubles) == ([], [])
    desk.file("a ferry")
    desk.answers(stall())
    with Postman(str(desk.newsroom.db), lambda: desk.config, told):
        web.wait_for(1, lambda seen: seen.path == PATH)
        began = time.monotonic()
    assert time.monotonic() - began < LEAVE_S + 5


def test_c16_a_sender_that_is_killed_before_it_settles_sends_again_under_the_same_id(desk: Desk, web: LocalWeb) -> None:
    gate = Gate()
    desk.watch(hook(desk))
    (new,) = desk.file("a ferry")
    desk.answers(gate.hold(OK), OK)
    sender = desk.newsroom.start("watch", "--send")
    web.wait_for(1, lambda seen: seen.path == PATH, timeout_s=60)
    sender.kill()
    assert sender.wait() == -signal.SIGKILL
    left(sender)
    assert desk.newsroom.ok("watch", "--send") == "", "another may still be sending it"
    change(desk.newsroom.db, "UPDATE deliveries SET due = ?", in_s(-1))
    assert desk.newsroom.ok("watch", "--send") == "Alerts: 1 article sent in 1 message\n"
    assert desk.newsroom.ok("watch", "--send") == ""
    assert desk.got == [[new], [new]]
    assert desk.ids[0] == desk.ids[1]


# --- pipes -------------------------------------------------------------------------------------------------


def test_a_pipe_that_is_closed_early_loses_nothing_and_gets_nothing_twice(desk: Desk) -> None:
    desk.watch(PIPE)
    filed = desk.file(*[f"a ferry {number} {'word ' * 4000 if number == 3 else ''}" for number in range(5)])
    taken = []
    for _ in range(2):
        process = desk.newsroom.start("watch", "Pipe", "--stdout")
        taken += written(take_line(process))
        assert left(process) == ""
        assert process.returncode == 0
    assert taken == filed[:2]
    head = subprocess.run(
        ["bash", "-c", f"'{BIN / 'cuttings'}' watch Pipe --stdout | head -n 1"],
        cwd=desk.newsroom.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert written(head.stdout) == filed[2:3]
    assert written(desk.newsroom.ok("watch", "Pipe", "--stdout")) == filed[3:]
    assert desk.newsroom.ok("watch", "Pipe", "--stdout") == ""
    assert desk.state()["given"] == 5


def test_follow_goes_on_and_ends_with_its_reader(desk: Desk) -> None:
    desk.watch(PIPE)
    (first,) = desk.file("a ferry")
    process = desk.newsroom.start("watch", "Pipe", "--stdout", "--follow")
    assert written(take_line(process)) == [first]
    (second,) = desk.file("another ferry")
    assert written(take_line(process)) == [second]
    assert left(process) == ""
    assert process.returncode == 0
    process = desk.newsroom.start("watch", "Pipe", "--stdout", "--follow")
    (third,) = desk.file("a third ferry")
    assert written(take_line(process)) == [third]
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert left(process) == ""


def test_since_all_and_limit_say_where_a_watch_begins_and_how_far_it_goes(desk: Desk) -> None:
    old = desk.file("an old ferry", "an older ferry")
    desk.watch(PIPE, hook(desk))
    ok = desk.newsroom.ok
    assert ok("watch", "Pipe", "--stdout") == ""
    assert ok("watch", "Pipe", "--stdout", "--since", "2026-03-02") == ""
    assert written(ok("watch", "pipe", "--stdout", "--since", "2026-03-01", "--limit", "1")) == old[:1]
    assert written(ok("watch", "Pipe", "--stdout", "--all")) == old[1:]
    assert ok("watch", "Pipe", "--stdout", "--all") == ""
    ok("watch", "Ferries", "--all", "--send")
    assert desk.got == [old]


def test_the_list_says_what_each_watch_waits_for(desk: Desk) -> None:
    assert "there is no corpus; `cuttings crawl` creates it" in refused_first(desk)
    desk.watch(PIPE, hook(desk, secret="${SECRET}"), {"name": "All of it"})
    desk.file("a ferry")
    said = desk.newsroom.ok("watch").splitlines()
    place = desk.receiver.base.removeprefix("http://")
    assert said == [
        "All of it  every article",
        "  for `cuttings watch 'All of it' --stdout`; 0 given; 1 not looked at yet",
        "Ferries  ferry",
        f"  to {place}, signed; 0 given; 1 not looked at yet",
        "Pipe  ferry",
        "  for `cuttings watch Pipe --stdout`; 0 given; 1 not looked at yet",
    ]
    (state,) = desk.newsroom.json("watch", "pipe")
    assert (state["name"], state["has_webhook"], state["trouble"]) == ("Pipe", False, None)
    desk.newsroom.subscribe()
    assert desk.newsroom.ok("watch") == "No watch yet: write one under `watch:` in feeds.yaml\n"


def refused_first(desk: Desk) -> str:
    desk.newsroom.subscribe(watch=[PIPE])
    return desk.newsroom.refused("watch", status=1)


def test_what_makes_no_sense_is_told_before_anything_is_done(desk: Desk) -> None:
    desk.watch(PIPE, hook(desk))
    for arguments, said in {
        ("Trains",): "feeds.yaml: there is no watch 'Trains'; there are Pipe, Ferries",
        ("--stdout",): "--stdout writes what one watch finds; give its NAME",
        ("Ferries", "--stdout"): "Ferries has a webhook, and its articles go there",
        ("Pipe", "--send"): "Pipe has no webhook; --stdout writes what it finds",
        ("Pipe", "--follow"): "--follow and --limit are for --stdout",
        ("Pipe", "--stdout", "--follow", "--limit", "3"): "--follow has no end, and --limit sets one",
        ("Pipe", "--stdout", "--json"): "--stdout, --send and --json do different things",
        ("Pipe", "--all", "--since", "2020"): "--since and --all say where to begin",
        ("--all",): "--since, --all and --resume are for one watch; give its NAME",
    }.items():
        feeds = str(desk.newsroom.folder / "feeds.yaml")
        done = CliRunner().invoke(main, ["--db", str(desk.newsroom.db), "--feeds", feeds, "watch", *arguments])
        assert done.exit_code == 2
        assert said in done.output.replace("\n", " ")


def test_c19_a_mistake_in_a_watch_is_told_in_one_line_with_its_number_and_without_its_secret(desk: Desk) -> None:
    (desk.newsroom.folder / "feeds.yaml").write_text(
        "sources:\nwatch:\n- name: Ferries\n  search: ferry\n  webhook: https://hooks.example/x\n  secret: s3cr3t\n"
    )
    said = desk.newsroom.refused("watch", status=2)
    assert said.startswith("Error: feeds.yaml:6: watch[0].secret: is not the secret of a webhook; write whsec_ and ")
    assert said.count("\n") == 1
    assert "s3cr3t" not in said


def test_a_corpus_of_an_earlier_version_gets_its_watches_from_the_next_writer(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = desk.newsroom.db
    with monkeypatch.context() as earlier, closing(sqlite3.connect(db, isolation_level=None)) as connection:
        earlier.setattr(schema, "MIGRATIONS", schema.MIGRATIONS[:4])
        earlier.setattr(schema, "SCHEMA_VERSION", 4)
        schema.migrate(connection)
    with pytest.raises(CorpusReadOnly, match="earlier version; any command that writes, `cuttings crawl` say, updates"):
        open_watches(db)
    with open_corpus(db, write=True):
        pass
    desk.watch(hook(desk))
    desk.file("a ferry")
    assert desk.send().posts == 1


def test_no_json_that_is_written_moves_a_terminal(desk: Desk) -> None:
    nasty = "ferry \u202e\u2028\x9b31m\x7f end"
    desk.watch({"name": "Ferries", "search": "ferry"})
    desk.file(nasty)
    room = desk.newsroom
    asked = (("watch", "Ferries", "--stdout"), ("search", "ferry", "--json"), ("show", "1", "--json"))
    found = [room.ok(*words) for words in asked]
    for written in found:
        assert not set("\u202e\u2028\x9b\x7f") & set(written)
    assert json.loads(found[0])["text"] == json.loads(found[2])["text"] == nasty
