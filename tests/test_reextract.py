"""`cuttings reextract` and `cuttings prune`: articles are cut again from the archive, without the network (C14)."""

from __future__ import annotations

import gzip
import os
import signal
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from answers import Response
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from newsroom import Newsroom, story

from crawler.recut import changed_lines
from storage import Article, open_corpus

PROMO = "Subscribe to our wonderful harbour letter and never miss a tide again, says the editor."


def page(number: int) -> str:
    """An article with a box in it that only a selector knows."""
    body = article_page(f"Report {number}", story(200, number))
    return body.replace("</article>", f'<p class="zz">{PROMO} {number}</p></article>')


def publish(web: LocalWeb, pages: int = 3, host: str = "127.0.0.2") -> str:
    """A feed of so many such articles, and one page that is none; every second is compressed on its way."""
    site = web.site(host)
    named = []
    for number in range(pages):
        body: bytes | str = page(number)
        headers: tuple[tuple[str, str], ...] = (("Set-Cookie", "sid=topsecret"),)
        if number % 2:
            body, headers = gzip.compress(page(number).encode()), (*headers, ("Content-Encoding", "gzip"))
        named.append(Item(site.add(f"/p{number}", Response(body, headers=headers)), f"Report {number}"))
    named.append(Item(site.page("/empty", "<html><title>Nothing</title><body><p>Soon.</p></body></html>"), "Nothing"))
    return site.page("/feed", rss(named), content_type="application/rss+xml")


def subscribe(newsroom: Newsroom, feed: str, **more: Any) -> None:
    newsroom.subscribe({"feed": feed, "name": "Harbour", **more})


def texts(newsroom: Newsroom) -> list[str]:
    with open_corpus(newsroom.db) as corpus:
        return [article.text for article in corpus.articles()]


def state(newsroom: Newsroom) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(newsroom.db)) as connection:
        return connection.execute("SELECT * FROM articles ORDER BY id").fetchall()


@pytest.fixture
def crawled(web: LocalWeb, newsroom: Newsroom) -> str:
    """A crawled feed, whose server is gone."""
    feed = publish(web)
    subscribe(newsroom, feed)
    newsroom.ok("crawl")
    assert [PROMO in text for text in texts(newsroom)] == [True] * 3
    web.clear()
    return feed


def test_c14_reextract_changes_texts_after_strip_was_added(web: LocalWeb, newsroom: Newsroom, crawled: str) -> None:
    subscribe(newsroom, crawled, strip=[".zz"])
    before = newsroom.db.read_bytes()
    dry = newsroom.json("reextract", "--dry-run")
    assert newsroom.db.read_bytes() == before
    report = newsroom.json("reextract", "Harbour")
    assert {**dry, "dry_run": False} == report
    total = report["total"]
    assert (total["compared"], total["changed"], total["texts"], total["titles"]) == (3, 3, 3, 0)
    assert total["words_before"] - total["words_after"] == 3 * (len(PROMO.split()) + 1)
    assert len(report["examples"]) == 3
    assert any(line.startswith("-Subscribe") for line in report["examples"][0]["lines"])
    assert [PROMO in text for text in texts(newsroom)] == [False] * 3
    assert newsroom.json("search", "wonderful")["total"] == 0
    assert newsroom.json("search", "harbour")["total"] == 3
    assert all(article["revision"] == 1 for article in newsroom.json("search", "harbour")["articles"])
    assert not web.requests, "reextract asked the network"
    again = newsroom.json("reextract")
    assert (again["total"]["changed"], again["went_on"]) == (0, False)
    shown = newsroom.ok("-v", "reextract", "--dry-run")
    assert "3 texts cut again, 0 changed" in shown
    assert "Nothing was written" in shown


def test_c14_an_article_that_is_rejected_now_is_kept_and_one_that_was_rejected_is_stored(
    newsroom: Newsroom, crawled: str
) -> None:
    subscribe(newsroom, crawled, language="fr")
    report = newsroom.json("reextract")
    assert (report["total"]["rejected"], report["total"]["compared"]) == (3, 3)
    assert len(texts(newsroom)) == 3
    with closing(sqlite3.connect(newsroom.db)) as connection, connection:
        connection.execute("UPDATE pages SET outcome = 'rejected', reason = 'not_an_article', article_id = NULL")
        for table in ("addresses", "revisions", "articles"):
            connection.execute(f"DELETE FROM {table}")
    subscribe(newsroom, crawled)
    report = newsroom.json("reextract")
    assert (report["total"]["stored"], report["total"]["compared"]) == (3, 0)
    assert len(texts(newsroom)) == 3
    explained = newsroom.json("explain", crawled.replace("/feed", "/p0"))
    assert explained["outcome"]["ending"] == "stored"
    assert explained["outcome"]["detail"] == "cut again from the archive"
    assert newsroom.json("reextract")["total"]["changed"] == 0


def test_c14_a_killed_reextract_goes_on(web: LocalWeb, newsroom: Newsroom) -> None:
    feed = publish(web, 90)
    subscribe(newsroom, feed)
    newsroom.ok("crawl")
    before = state(newsroom)
    subscribe(newsroom, feed, strip=[".zz"])
    process = newsroom.start("reextract", "--workers", "1")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        with closing(sqlite3.connect(f"file:{newsroom.db}?mode=ro", uri=True)) as connection:
            if connection.execute("SELECT 1 FROM counters WHERE name = 'recut_upto'").fetchone():
                os.kill(process.pid, signal.SIGKILL)
                break
        time.sleep(0.01)
    process.communicate()
    report = newsroom.json("reextract")
    if process.returncode == -signal.SIGKILL:
        assert report["went_on"]
        assert 0 < report["total"]["compared"] < 90
    assert len(state(newsroom)) == len(before) == 90
    assert not any(PROMO in text for text in texts(newsroom))


def test_c14_lost_and_damaged_raw_pages_are_told_and_harm_nothing(newsroom: Newsroom, crawled: str) -> None:
    (file,) = (newsroom.folder / "cuttings.warc").iterdir()
    data = bytearray(file.read_bytes())
    data[-60:-50] = b"x" * 10
    file.write_bytes(data)
    report = newsroom.json("reextract")
    assert report["total"]["lost"] == 1 or report["total"]["compared"] == 3  # the last may be that of the empty page
    file.unlink()
    report = newsroom.json("reextract")
    assert (report["total"]["lost"], report["total"]["compared"]) == (3 + 1, 0)
    assert [(lost["file"], lost["pages"]) for lost in report["lost"]] == [(file.name, 3 + 1)]
    assert "byte" in report["lost"][0]["problem"]
    shown = newsroom.run("reextract")
    assert shown.stderr.count(file.name) == 2, "a line for the file, with the first of its problems, not one a page"
    assert len(texts(newsroom)) == 3


def test_articles_that_are_none_any_more_are_named_and_the_same_instant_is_no_change(
    newsroom: Newsroom, crawled: str
) -> None:
    subscribe(newsroom, crawled, language="fr")
    shown = newsroom.ok("reextract")
    assert "3 no article any more, kept" in shown
    assert shown.count("unwanted_language: the text is in en") == 3
    named = newsroom.json("reextract")["rejected"]
    assert {one["url"] for one in named} == {crawled.replace("/feed", f"/p{number}") for number in range(3)}
    assert all(one["reason"].startswith("unwanted_language") and one["article_id"] for one in named)
    noon = datetime(2026, 1, 5, 12, tzinfo=UTC)
    there = noon.astimezone(timezone(timedelta(hours=2)))
    one, other = (Article(title="T", text="Text.", html="", published=when) for when in (noon, there))
    assert not list(changed_lines(one, other))


def test_c14_prune_deletes_files_and_no_article(newsroom: Newsroom, crawled: str) -> None:
    newsroom.refused("prune", status=2)
    assert newsroom.json("prune", "--older-than", "1d")["files"] == []
    dry = newsroom.json("prune", "--larger-than", "0.001MB", "--dry-run")
    assert len(dry["files"]) == 1
    assert len(list((newsroom.folder / "cuttings.warc").iterdir())) == 1
    for size in ("12", "1XB", "iB", "MB", "-1MB"):
        newsroom.refused("prune", "--larger-than", size, "--dry-run", status=2)
    for size in ("1kb", "1 KiB", "1000B", "0.001MB"):
        assert newsroom.json("prune", "--larger-than", size, "--dry-run")["files"] == dry["files"]
    assert newsroom.json("prune", "--larger-than", "0.001MB")["captures"] == 4
    assert not list((newsroom.folder / "cuttings.warc").iterdir())
    assert len(texts(newsroom)) == 3
    report = newsroom.json("reextract")
    assert (report["total"]["without"], report["total"]["compared"]) == (3, 0)


def test_c14_archive_false_keeps_no_raw_page(web: LocalWeb, newsroom: Newsroom) -> None:
    subscribe(newsroom, publish(web), archive=False)
    newsroom.ok("crawl")
    assert not (newsroom.folder / "cuttings.warc").exists()
    assert newsroom.json("status")["totals"]["archive_bytes"] == 0


def test_c14_c20_rejected_pages_are_archived_as_they_came_and_no_secret_is(web: LocalWeb, newsroom: Newsroom) -> None:
    secrets = {"headers": {"Authorization": "Bearer tokentoken"}, "cookies": {"session": "cookiecookie"}}
    subscribe(newsroom, publish(web), **secrets)
    newsroom.ok("crawl")
    (file,) = (newsroom.folder / "cuttings.warc").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    plain = gzip.decompress(file.read_bytes())
    assert not any(secret in plain for secret in (b"tokentoken", b"cookiecookie", b"topsecret"))
    assert b"<p>Soon.</p>" in plain
    assert plain.count(b"Content-Encoding: gzip") == 1
    assert plain.count(b"HTTP/1.1 200 OK\r\n") == 4
    with open_corpus(newsroom.db) as corpus:
        numbers = [article.id for article in corpus.articles()]
    assert {newsroom.ok("show", str(number), "--raw") for number in numbers} == {page(number) for number in range(3)}
    told = newsroom.ok("explain", f"http://127.0.0.2:{web.port}/empty")
    assert f"of {file.name}" in told
    assert "raw pages" in newsroom.ok("status")


def test_c14_a_source_that_is_not_known_is_refused(newsroom: Newsroom, crawled: str) -> None:
    assert "there is no source" in newsroom.refused("reextract", "Harbor", status=1)


def test_c14_a_full_disk_stops_the_crawl_in_one_line(web: LocalWeb, newsroom: Newsroom) -> None:
    subscribe(newsroom, publish(web))
    blocked = Path(newsroom.folder / "cuttings.warc")
    blocked.write_text("no folder")
    said = newsroom.refused("crawl", status=1)
    assert "cuttings.warc" in said
    assert len(said.strip().splitlines()) == 1 or "Error:" in said
    blocked.unlink()
    newsroom.ok("crawl")
    assert len(texts(newsroom)) == 3
