"""Bad input and bad luck: each a clear message, and nothing lost. With the installed command."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
from contextlib import closing

import pytest
from answers import Response
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from newsroom import BIN, Newsroom, adds_up, outcomes, story

FEED = "application/rss+xml"


def one_article(web: LocalWeb, count: int = 1) -> str:
    """A site with a feed of that many articles; gives the feed's address."""
    site = web.site("127.0.0.2")
    named = [
        Item(site.page(f"/a{number}", article_page(f"Report {number}", story(400, number))), f"Report {number}")
        for number in range(count)
    ]
    return site.page("/feed", rss(named), content_type=FEED)


def test_c19_a_broken_feeds_yaml_fails_before_any_request(web: LocalWeb, newsroom: Newsroom) -> None:
    (newsroom.folder / "feeds.yaml").write_text(f"sources:\n  - feed: {one_article(web)}\n    tgas: [a]\n")
    message = newsroom.refused("crawl", status=2)
    assert "feeds.yaml:3" in message
    assert "tgas" in message
    assert "tags" in message
    assert web.requests == []


@pytest.mark.parametrize("text", ["", "sources: [", "- a\n- b", "sources:\n\t- feed: x", "\x00", "sources: 7"])
def test_c19_whatever_is_wrong_with_feeds_yaml_is_said_in_lines_that_name_it(newsroom: Newsroom, text: str) -> None:
    (newsroom.folder / "feeds.yaml").write_text(text)
    message = newsroom.refused("crawl", status=2)
    assert "feeds.yaml" in message


def test_a_missing_feeds_yaml_names_the_command_that_makes_one(newsroom: Newsroom) -> None:
    assert "cuttings init" in newsroom.refused("crawl", status=2)


def test_an_unreachable_feed_is_recorded_and_the_others_go_on(web: LocalWeb, newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": "http://127.0.0.9:1/feed", "name": "Dead"}, one_article(web))
    said = newsroom.run("crawl")
    assert said.returncode == 0
    assert "http://127.0.0.9:1/feed" in said.stdout
    assert "1  stored" in said.stdout
    status = newsroom.json("status", "Dead")["sources"][0]
    assert status["feeds"][0]["failures"] == 1
    assert status["feeds"][0]["reason"] == "connect"


def test_p19_a_feed_that_is_a_web_page_is_said_to_be_one_with_the_feeds_it_names(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    one_article(web)
    site = web.site("127.0.0.2")
    page = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body><p>Hello</p></body>'
    newsroom.subscribe(site.page("/front", page))
    said = newsroom.ok("crawl")
    assert "html" in said
    assert site.url("/feed") in said


def test_an_empty_corpus_answers_every_question(newsroom: Newsroom) -> None:
    newsroom.subscribe()
    newsroom.ok("crawl")
    assert newsroom.json("search", "anything")["articles"] == []
    assert "0 articles" in newsroom.ok("search", "anything")
    assert "No source yet" in newsroom.ok("status")
    assert newsroom.ok("export") == ""
    assert newsroom.ok("export", "--format", "csv").count("\n") == 1
    assert "has no article 1" in newsroom.refused("show", "1", status=1)
    assert "no source has ever named" in newsroom.refused("explain", "https://a.example/b", status=1)


def test_what_a_shell_makes_of_a_minus_and_other_slips_are_guessed(newsroom: Newsroom) -> None:
    for command in ("search", "export", "stories"):
        assert f"cuttings {command} -- 'libya -ferry'" in newsroom.refused(command, "libya", "-ferry", status=2)
    assert "--language" in newsroom.refused("search", "--lang", "en", status=2)
    assert "cuttings show 12 --diff" in newsroom.refused("show", "--diff", "12", status=2)
    assert "--diff" not in newsroom.refused("show", status=2)
    assert "`cuttings show 5`" in newsroom.refused("explain", "5", status=2)


def test_no_corpus_is_said_and_none_is_made_by_asking(newsroom: Newsroom) -> None:
    for command in (("search", "x"), ("status",), ("show", "1"), ("export",), ("explain", "https://a.example/")):
        assert "cuttings.db" in newsroom.refused(*command, status=1)
    assert not newsroom.db.exists()


def test_a_file_that_is_no_corpus_is_left_alone(web: LocalWeb, newsroom: Newsroom) -> None:
    newsroom.subscribe(one_article(web))
    newsroom.db.write_bytes(b"this is a letter to a friend\n" * 200)
    before = newsroom.db.read_bytes()
    for command in (("crawl",), ("search", "x"), ("status",)):
        assert "cuttings.db" in newsroom.refused(*command, status=1)
    assert newsroom.db.read_bytes() == before
    newsroom.db.unlink()
    with closing(sqlite3.connect(newsroom.db)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    assert "cuttings.db" in newsroom.refused("crawl", status=1)
    with closing(sqlite3.connect(newsroom.db)) as connection:
        assert [name for (name,) in connection.execute("SELECT name FROM sqlite_master")] == ["recipes"]


def test_a_folder_that_may_not_be_written_is_said(newsroom: Newsroom) -> None:
    newsroom.subscribe()
    message = newsroom.refused("--db", str(newsroom.folder / "missing" / "cuttings.db"), "crawl", status=1)
    assert "missing" in message


def test_r3_a_full_disk_ends_the_crawl_with_a_clear_error_and_the_next_one_goes_on(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    newsroom.subscribe(one_article(web, 60))
    newsroom.ok("crawl", "--limit", "5")
    limit = newsroom.db.stat().st_size + 60_000

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    full = subprocess.run(
        [str(BIN / "cuttings"), "crawl"],
        cwd=newsroom.folder,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=small_disk,
        check=False,
    )
    assert full.returncode == 1, full.stdout + full.stderr
    assert "Traceback" not in full.stderr
    assert "room" in full.stderr or "full" in full.stderr
    kept = newsroom.json("search", "--limit", "1000")["total"]
    assert 5 <= kept < 60
    report = newsroom.json("crawl")
    assert adds_up(report)
    assert newsroom.json("search", "--limit", "1000")["total"] == 60


def test_s16_what_a_crawl_writes_only_its_owner_can_read(web: LocalWeb, newsroom: Newsroom) -> None:
    newsroom.subscribe(one_article(web))
    newsroom.ok("crawl")
    made = [path for path in newsroom.folder.iterdir() if path.name.startswith("cuttings")]
    assert len(made) >= 2
    for path in made:
        assert oct(path.stat().st_mode & 0o777) == oct(0o700 if path.is_dir() else 0o600), path


def test_s7_s8_hostile_documents_cost_one_outcome_each_and_the_crawl_goes_on(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    hostile = {
        "/nested": "<div>" * 100_000 + "text" + "</div>" * 100_000,
        "/breaks": "<p>" + "a<br>" * 1_000_000,
        "/paragraphs": "<p></p>" * 400_000,
        "/links": "<a href='/x'>x</a>" * 200_000,
    }
    named = [Item(site.page(path, body), path) for path, body in hostile.items()]
    named.append(Item(site.page("/fine", article_page("Fine", story(150, 1))), "Fine"))
    bomb = '<!DOCTYPE r [<!ENTITY a "' + "x" * 100_000 + '">]><rss version="2.0"><channel><title>' + "&a;" * 5000
    newsroom.subscribe(
        site.page("/feed", rss(named), content_type=FEED),
        web.site("127.0.0.3").page("/bomb", bomb + "</title></channel></rss>", content_type=FEED),
        web.site("127.0.0.4").page("/lines", "\n" * 200_000 + rss([]), content_type=FEED),
    )
    report = newsroom.json("crawl", timeout_s=110)
    assert adds_up(report)
    assert report["pages"]["ended"] == len(named)
    assert outcomes(report)["stored"] >= 1
    assert newsroom.json("show", site.url("/fine"))["title"] == "Fine"


def test_s1_s2_private_addresses_are_not_reached_by_any_way(web: LocalWeb, newsroom: Newsroom) -> None:
    secret = web.site("127.0.0.7")
    secret.page("/feed", "secret")
    front = web.site("127.0.0.2")
    ways = [
        front.add("/r302", Response(status=302, headers=(("Location", secret.url("/feed")),))),
        front.page("/meta", f'<meta http-equiv="refresh" content="0; url={secret.url("/feed")}">'),
        secret.url("/feed"),
        f"http://2130706439:{web.port}/feed",
        f"http://0x7f.7:{web.port}/feed",
        f"http://[::ffff:127.0.0.7]:{web.port}/feed",
    ]
    feed = front.page("/feed", rss([Item(way, f"Way {n}") for n, way in enumerate(ways)]), content_type=FEED)
    newsroom.subscribe(feed, network={"allow": ["127.0.0.2/32"]})
    newsroom.ok("crawl")
    assert secret.requests() == []
    assert "127.0.0.7" not in {seen.server[0] for seen in web.requests}


@pytest.mark.skipif(os.name != "posix", reason="needs a POSIX terminal")
def test_ctrl_c_ends_a_crawl_soon_and_the_next_goes_on(web: LocalWeb, newsroom: Newsroom) -> None:
    import signal
    import time

    newsroom.subscribe(one_article(web, 30), delay=0.5)
    process = newsroom.start("crawl")
    web.wait_for(4, lambda seen: seen.path.startswith("/a"))
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=45)
    assert time.monotonic() - began < 20
    assert "Traceback" not in err
    assert "waiting" in out
    assert outcomes(newsroom.json("crawl", "--limit", "1"))["stored"] == 1
