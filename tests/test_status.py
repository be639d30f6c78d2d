"""`cuttings status` as people and monitoring run it, over corpora that polls were filed in and over real crawls."""

from __future__ import annotations

import json
import os
import pty
import re
import sqlite3
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contract.scenes import article, discovery, end, file_article, lease_pages, poll_of, source
from feedmaker import Item, article_page, json_feed, rss
from localweb import LocalWeb
from newsroom import BIN, Newsroom, story

from crawler.cli.source_display import sparkline
from storage import Ending, Move, Outcome, Source, Validators, open_corpus
from storage.sqlite.rows import moment_text

NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)
MONITOR = Path(__file__).parent.parent / "docs" / "how-to" / "monitor.md"
DAY = timedelta(days=1)
ESCAPE = "\x1b]0;owned\x07\u202e"
USUAL: dict[str, Any] = {"next_poll": NOW + 5 * HOUR, "news_expected": NOW + 9 * DAY}
FAILED: dict[str, Any] = {"status": "failed", "reason": "http_503", "http_status": 503, "detail": f"busy {ESCAPE}"}
STORIES: dict[str, list[tuple[timedelta, dict[str, Any]]]] = {
    "Gone": [(2 * DAY, {"status": "gone", "http_status": 410, "next_poll": None})],
    "Failing": [(2 * DAY, FAILED | {"failures": 1}), (DAY, FAILED | {"failures": 2})],
    "Hiccup": [(HOUR, FAILED | {"failures": 1})],
    "Challenge": [(2 * DAY - count * HOUR, FAILED | {"failures": count, "reason": "challenge"}) for count in (1, 2)],
    "Silent": [(DAY, {"status": "not_modified", "http_status": 304, "news_expected": NOW - 2 * DAY})],
    "Gaps": [(HOUR, {"gap": True, "why": "every entry was new: some may have been missed"})],
    "Lying": [(HOUR, {"lied": True})],
    "Moving": [(HOUR, {"moved_to": "https://new.example/feed", "moved_since": NOW - 5 * HOUR, "moved_count": 2})],
    "Merged": [(HOUR, {"move": Move("https://fine.example/feed", "fine.example")})],
    "Fine": [(HOUR, {})],
    "Offline": [(HOUR, {"status": "failed", "failures": 0, "reason": "offline"})],
}
"""What the later polls of each source brought, how long ago; the first one went well."""


def tell(newsroom: Newsroom, *more: Source, stories: dict[str, Any] = STORIES) -> None:
    """A corpus in which these things happened."""
    sources = [source(name) for name in stories] + [source("Off", enabled=False), *more]
    began = NOW - 20 * DAY
    with open_corpus(newsroom.db, write=True) as corpus:
        corpus.subscribe([(each, each.url.split("/")[2]) for each in sources], began)
        for feed in corpus.lease_feeds(began, 5_000, 60.0):
            host, title = feed.host, f"Title of {feed.source} {ESCAPE}"
            found = (discovery("a", host=host), discovery("b", host=host), discovery(f"c{ESCAPE}", host=host))
            polls = [(20 * DAY, {"title": title, "validators": Validators('"1"'), "document_kind": "rss20"})]
            for position, (age, brought) in enumerate([*polls, *stories.get(feed.source, ())]):
                news = found if position == 0 else ()
                with corpus.filing() as filing:
                    filing.add_poll(poll_of(feed.id, *news, at=NOW - age, **{**USUAL, **brought}))


def test_c18_status_shows_the_worst_first_and_the_head_line_sums_up(newsroom: Newsroom) -> None:
    tell(newsroom, source("New", "https://fine.example/other"))
    said = newsroom.ok("status").splitlines()
    assert said[0] == (
        "13 sources: 1 gone, 2 failing, 1 challenge, 1 silent, 1 gaps, 1 lying, 1 moved, 1 merged, 1 never polled, "
        "2 ok, 1 disabled"
    )
    listed = [line.split()[0] for line in said[3:] if line and not line.startswith(" ")]
    order = ["Gone", "Failing", "Hiccup", "Challenge", "Silent", "Gaps", "Lying", "Moving", "Merged", "New"]
    assert listed[1:14] == [*order, "Fine", "Offline", "Off"]
    assert any("HTTP 503 Service Unavailable" in line for line in said)


def test_p28_status_says_which_polls_did_not_come_about(newsroom: Newsroom) -> None:
    tell(newsroom)
    assert "1 could not be asked at the last poll and is not to blame" in newsroom.ok("status")
    assert newsroom.json("status", "Offline")["sources"][0]["health"] == "ok"


def test_p18_whoever_sees_that_a_feed_is_gone_is_told_how_to_resume(newsroom: Newsroom) -> None:
    tell(newsroom)
    assert "`cuttings enable Gone` polls it again" in newsroom.ok("status")
    said = newsroom.ok("status", "Gone")
    assert "`cuttings enable Gone` polls it again" in said
    assert "never by itself" in said


def test_c18_status_of_a_source_tells_its_history_and_why_it_is_polled_when_it_is(newsroom: Newsroom) -> None:
    tell(newsroom)
    with open_corpus(newsroom.db, write=True) as corpus:
        pages = [page for page in lease_pages(corpus, NOW) if page.source == "Gaps"]
        file_article(corpus, pages[0], article(published=NOW - 9 * DAY), at=NOW)
        for page in pages[1:]:
            end(corpus, page, Outcome(Ending.BLOCKED, "robots"), NOW)
    said = newsroom.ok("status", "Gaps")
    assert "(every entry was new: some may have been missed)" in said
    assert "1, last on " in said
    assert "3 entries, 3 new" in said
    assert "2  blocked, robots" in said
    assert f"https://{'gaps'}.example/b" in said
    assert "0.2 a week" in said
    assert "ETag" not in said  # the last answer had none


def test_c18_json_has_the_health_of_every_source_and_feed_under_documented_keys(newsroom: Newsroom) -> None:
    tell(newsroom)
    document = newsroom.json("status")
    assert [*document] == ["totals", "stalled_since", "summary", "sources", "watches"]
    assert document["summary"]["failing"] == 2
    found = {known["name"]: known for known in document["sources"]}
    assert {name: known["health"] for name, known in found.items()} == {
        **{"Gone": "gone", "Failing": "failing", "Hiccup": "failing", "Challenge": "challenge", "Silent": "silent"},
        **{"Gaps": "gaps", "Lying": "lying", "Moving": "moved", "Merged": "merged", "Fine": "ok", "Offline": "ok"},
        **{"Off": "disabled"},
    }
    assert datetime.fromisoformat(found["Failing"]["since"]) == NOW - 2 * DAY
    assert found["Merged"]["feeds"][0]["merged_into"] == "Fine"
    assert "history" not in found["Fine"]
    (one,) = newsroom.json("status", "Failing")["sources"]
    (past,) = one.pop("history")["feeds"]
    assert one.pop("shapes") == []
    assert one == found["Failing"]
    assert [(poll["status"], poll["repeated"]) for poll in past["polls"]] == [("failed", 1), ("new", 0)]


def test_the_documented_keys_are_those_of_the_json(newsroom: Newsroom) -> None:
    tell(newsroom)
    page = MONITOR.read_text(encoding="utf-8").partition("## Keys")[2]
    (one,) = newsroom.json("status", "Fine")["sources"]
    for key in {*one, *one["feeds"][0], *one["history"]}:
        assert f"`{key}`" in page, key


def test_a_source_that_was_removed_is_shown_by_name_and_with_all(newsroom: Newsroom) -> None:
    tell(newsroom)
    with open_corpus(newsroom.db, write=True) as corpus:
        corpus.subscribe([(source("Fine"), "fine.example")], NOW)
    assert newsroom.ok("status").startswith("1 source: 1 ok\n")
    assert [known["name"] for known in newsroom.json("status")["sources"]] == ["Fine"]
    assert "no longer in feeds.yaml; its articles stay" in newsroom.ok("status", "Gone")
    assert newsroom.ok("status", "--all").startswith("12 sources: 1 ok, 11 disabled")


def test_check_prints_what_needs_somebody_and_ends_with_1(newsroom: Newsroom) -> None:
    tell(newsroom)
    done = newsroom.run("status", "--check")
    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stdout.splitlines()] == ["Gone", "Failing", "Challenge", "Silent"]
    assert newsroom.run("status", "--check", "Failing").returncode == 1
    assert [known["name"] for known in _json(newsroom.run("status", "--check", "--json"))["sources"]] == [
        *("Challenge", "Failing", "Gone", "Silent")
    ]
    for name in ("Hiccup", "Fine", "Gaps", "Off"):
        done = newsroom.run("status", "--check", name)
        assert (done.returncode, done.stdout) == (0, "")


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 1
    return json.loads(done.stdout)


def test_check_notices_that_no_crawl_runs_any_more(newsroom: Newsroom) -> None:
    tell(newsroom, stories={"Fine": [(3 * DAY, {"next_poll": NOW - 2 * DAY})]})
    done = newsroom.run("status", "--check")
    assert done.returncode == 1
    assert "no crawl is running" in done.stdout
    assert "no crawl is running" in newsroom.ok("status")


def test_a_source_that_is_not_there_is_told_with_the_nearest_names(newsroom: Newsroom) -> None:
    tell(newsroom)
    assert "did you mean Failing" in newsroom.refused("status", "failling", status=1)
    assert "`cuttings status` lists them" in newsroom.refused("status", f"zzz{ESCAPE}", status=1)


def test_a_source_is_found_by_its_name_in_any_case(newsroom: Newsroom) -> None:
    tell(newsroom)
    assert newsroom.ok("status", " failing").startswith("Failing\n")


def test_s15_titles_names_and_details_cannot_steer_a_terminal(newsroom: Newsroom) -> None:
    tell(newsroom, source(f"Evil {ESCAPE}", "https://evil.example/feed"))
    for arguments in (["status"], ["status", "Failing"], ["status", f"Evil {ESCAPE}"], ["status", "--check"]):
        said = newsroom.run(*arguments)
        for character in ESCAPE[0], "\x07", "\u202e":
            assert character not in said.stdout + said.stderr


def on_a_terminal(newsroom: Newsroom, *arguments: str, columns: int = 80) -> str:
    """What `cuttings` shows to a person, with its colours."""
    leader, follower = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm"}
    with subprocess.Popen(
        [str(BIN / "cuttings"), *arguments], cwd=newsroom.folder, stdout=follower, stderr=follower, env=environment
    ) as running:
        os.close(follower)
        shown = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not part:
                break
            shown += part
    os.close(leader)
    assert running.returncode == 0, shown
    return shown.decode().replace("\r\n", "\n")


def test_a_terminal_of_80_columns_shows_no_longer_line_and_folds_what_is_well(newsroom: Newsroom) -> None:
    names = ["朝日新聞デジタルの長い長い名前のフィード", *(f"Paper {number}" for number in range(40))]
    tell(newsroom, *(source(name, f"https://p{number}.example/feed") for number, name in enumerate(names)))
    shown = on_a_terminal(newsroom, "status")
    assert "\x1b[31mfailing 2 d" in shown
    plain = re.sub(r"\x1b\[\d*m", "", shown)
    assert max(len(line) for line in plain.splitlines()) <= 80
    assert "44 that need nothing are left out: `cuttings status --all`" in plain
    assert "Paper 7" not in plain
    assert "Paper 7 " in on_a_terminal(newsroom, "status", "--all")
    one = re.sub(r"\x1b\[\d*m", "", on_a_terminal(newsroom, "status", "Silent"))
    assert max(len(line) for line in one.splitlines()) <= 80
    assert "Paper 7 " in newsroom.ok("status")  # programs get every line


@pytest.mark.parametrize(
    ("counts", "bars", "plain"),
    [
        ([0, 1, 8], "·▁█", "._@"),
        ([0, 0], "··", ".."),
        ([], "", ""),
        ([1, 1000], "▁█", "_@"),
        ([3, 3], "██", "@@"),
        ([1, 2, 3, 4, 5, 6, 7, 8], "▁▂▃▄▅▆▇█", "_:-=+*#@"),
    ],
)
def test_a_sparkline_has_a_bar_for_whatever_is_not_nothing(counts: list[int], bars: str, plain: str) -> None:
    assert sparkline(counts, ascii_only=False) == bars
    assert sparkline(counts, ascii_only=True) == plain


def test_a_terminal_without_utf8_gets_bars_of_ascii(newsroom: Newsroom) -> None:
    tell(newsroom)
    with open_corpus(newsroom.db, write=True) as corpus:
        page = next(page for page in lease_pages(corpus, NOW) if page.source == "Fine")
        file_article(corpus, page, article(published=NOW - HOUR), at=NOW)
    assert "[···········█]" in newsroom.ok("status", "Fine")
    newsroom.env["PYTHONIOENCODING"] = "ascii:backslashreplace"
    assert "[...........@]" in newsroom.ok("status", "Fine")


def test_p19_a_web_page_in_place_of_a_feed_shows_in_status_with_the_feeds_it_names(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/rss"></head><body><p>Hello</p></body>'
    newsroom.subscribe({"feed": site.page("/", page), "name": "Page"})
    newsroom.ok("crawl")
    said = newsroom.ok("status")
    assert "1 source: 1 no feed" in said
    assert f"it links to {site.url('/rss')}" in said
    assert newsroom.json("status", "Page")["sources"][0]["health"] == "html"


def test_c18_a_source_that_was_crawled_is_well(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(
        {"feed": site.page("/feed", json_feed([Item(site.url("/missing"), "Missing")])), "name": "Paper"}
    )
    newsroom.ok("crawl")
    said = newsroom.ok("status", "Paper")
    assert "1 entry, 1 new" in said
    assert site.url("/missing") in said
    (known,) = newsroom.json("status")["sources"]
    assert (known["health"], known["since"]) == ("ok", None)


def _age(newsroom: Newsroom, days: int) -> None:
    """Let so many days pass for all that is in the corpus."""
    with sqlite3.connect(newsroom.db) as connection:
        for table, column in (("articles", "first_seen"), ("articles", "dated"), ("pages", "ended")):
            moments = connection.execute(f"SELECT id, {column} FROM {table} WHERE {column} IS NOT NULL").fetchall()
            aged = [(moment_text(datetime.fromisoformat(at) - days * DAY), row) for row, at in moments]
            connection.executemany(f"UPDATE {table} SET {column} = ? WHERE id = ?", aged)


def test_x11_a_site_whose_new_theme_hides_its_texts_is_told_of_with_what_to_do(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    items: list[Item] = []
    for number in range(36):
        old = number < 24
        title, texts = f"Report {number}", story(240 if old else 30, number)
        page = article_page(title, texts, published=NOW - HOUR, author="Nora Vance" if old else None)
        items.append(Item(site.page(f"/{number}", page), title))
        if number in (23, 35):
            newsroom.subscribe({"feed": site.page("/feed", rss(items)), "name": "Post"})
            newsroom.ok("crawl", "--all")
            assert newsroom.json("status", "Post")["sources"][0]["drift"] == []
            _age(newsroom, 20 if old else 2)
    (told,) = newsroom.json("status")["sources"]
    assert told["health"] == "drift"
    assert set(told["drift"]) >= {"shrunk", "unsigned"}
    assert "30 words in the middle, 240 before" in told["words"]
    assert "cuttings try" in told["advice"]
    assert "drift" in newsroom.ok("status").splitlines()[0]
    checked = newsroom.run("status", "--check")
    assert checked.returncode == 1
    assert checked.stdout.startswith("Post: drift since ")
    assert "its articles shrank" in newsroom.ok("status", "Post")
