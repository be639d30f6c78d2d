"""`cuttings stories`, `show --story`, `search --one-per-story` and `check`, as people and programs use them."""

from __future__ import annotations

import json

import pytest
from contract.copying import Press
from contract.scenes import HOUR, NOW, article
from feedmaker import Item, article_page, rss
from localweb import LocalWeb
from newsroom import Newsroom, story

from storage import Link, LinkKind, Placement, Prints, open_corpus
from storage.sqlite.files import copies_path, index_path

HOSTILE = "Title \x1b[31m\u202e with\nlines"


@pytest.fixture
def stocked(newsroom: Newsroom) -> Newsroom:
    """A story of three, of which the second that was filed ran first, a round-up of it, and one that nobody copied."""
    with open_corpus(newsroom.db, write=True) as corpus:
        press = Press(corpus)
        with corpus.filing() as filing:
            filing.copies(lambda text, left_out: Prints((), ()), 1)

            def put(text: str, title: str, site: str, hours: int, *links: Link, story: int | None = None) -> int:
                cut = article(text, title=title, site=site, published=NOW - hours * HOUR, language="en")
                return press.file_in(filing, cut, Placement(story, links))

            first = put("The ferry was late again", HOSTILE, "a.example", 2)
            second = put(
                "The ferry was late", "Ferry late", "b.example", 5, Link(first, LinkKind.COPY, 1.0, 0.8, 4), story=first
            )
            put("Ferry was late", "Late", "c.\u202eexample", 1, Link(second, LinkKind.COPY, 0.75, 0.6, 3), story=first)
            put("News of the day", "Round-up", "d.example", 0, Link(first, LinkKind.COMPILATION, 0.9, 0.1, 5))
            put("Rain in the ferry port", "Rain", "a.example", 3)
        while corpus.index():
            pass
    return newsroom


def test_stories_lists_who_ran_it_first(stocked: Newsroom) -> None:
    told = stocked.ok("stories")
    assert told == (
        "     1  Ferry late\n        first on b.example, 2026-03-01 07:00 UTC\n"
        "        3 articles on 3 sites, the last 2026-03-01 11:00 UTC\n\n1 story of several articles\n"
    )
    (found,) = stocked.json("stories", "ferry", "--since", "2026-03")["stories"]
    assert (found["story_id"], found["copies"], found["sites"], found["first"]["id"]) == (1, 3, 3, 2)
    assert stocked.json("stories", "--until", "2026-03")["stories"] == []
    assert stocked.json("stories", "--language", "fr")["total"] == 0
    assert stocked.json("stories", "--source", "Brought", "--limit", "1", "--offset", "1") == {
        "query": "",
        "total": 1,
        "stories": [],
    }


def test_d12_show_story_tells_the_copies_in_order(stocked: Newsroom) -> None:
    for asked in ("1", "3", "https://p2.example/p2"):
        told = stocked.ok("show", "--story", asked)
        places = [told.index(site) for site in ("  1. b.example", "  2. a.example", "  3. c.")]
        assert places == sorted(places)
        assert "story 1: 3 articles on 3 sites" in told
    assert "(3 h later)" in told
    assert "5 (1 more than the first)" in told
    assert "100% of the shorter text, 4 words" in told
    assert "75% of the shorter text, 3 words" in told
    assert "held by" in told
    document = stocked.json("show", "--story", "1")
    assert [each["id"] for each in document["articles"]] == [2, 1, 3]
    assert [each["ran"] for each in document["articles"]] == [
        "2026-03-01T07:00:00Z",
        "2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00Z",
    ]
    assert (document["story_id"], document["first"], document["copies"]) == (1, 2, 3)
    assert document["articles"][2]["links"][0]["article"]["id"] == 2
    assert "nobody copied it" in stocked.ok("show", "--story", "5")


def test_show_tells_what_ties_an_article_to_others(stocked: Newsroom) -> None:
    assert "  holds       1 a.example (90%, 5 words)\n" in stocked.ok("show", "4")
    assert [
        (link["kind"], link["article"]["id"], link["is_backward"]) for link in stocked.json("show", "1")["links"]
    ] == [
        ("copy", 2, False),
        ("compilation", 4, False),
    ]
    assert stocked.json("show", "5")["links"] == []


def test_what_pages_say_moves_no_terminal(stocked: Newsroom) -> None:
    for command in (("stories",), ("show", "--story", "1"), ("show", "4"), ("search", "ferry", "--one-per-story")):
        told = stocked.ok(*command)
        assert "\x1b" not in told
        assert "\u202e" not in told


def test_d12_search_folds_copies_where_it_is_asked(stocked: Newsroom) -> None:
    folded = stocked.json("search", "ferry", "--one-per-story", "--sort", "newest")
    assert ([each["id"] for each in folded["articles"]], folded["total"]) == ([5, 2], 2)
    page = stocked.json("search", "ferry", "--one-per-story", "--sort", "newest", "--limit", "1", "--offset", "1")
    assert [each["id"] for each in page["articles"]] == [2]
    assert stocked.json("search", "ferry")["total"] == 4
    assert {each["id"] for each in stocked.json("search", "--story", "1")["articles"]} == {1, 2, 3}
    exported = [json.loads(line)["id"] for line in stocked.ok("export", "--one-per-story").splitlines()]
    assert exported == [2, 4, 5]
    assert len(stocked.ok("export", "--story", "1").splitlines()) == 3


def test_check_finds_nothing_wrong_with_a_corpus_that_was_crawled(web: LocalWeb, newsroom: Newsroom) -> None:
    sites = [web.site(f"127.0.0.{number}") for number in (2, 3)]
    feeds = []
    for site in sites:
        item = Item(site.page("/p", article_page("Ferry late again", story(150, 7))), "Ferry late again")
        feeds.append(site.page("/feed", rss([item]), content_type="application/rss+xml"))
    newsroom.subscribe(*feeds)
    newsroom.ok("crawl")
    assert newsroom.json("stories")["stories"][0]["copies"] == 2, "the crawl judges copies"
    found = newsroom.json("check")
    assert [(part["part"], part["problem"]) for part in found["parts"]] == [
        ("corpus", None),
        ("search index", None),
        ("copy index", None),
        ("archive", None),
    ]
    assert found["parts"][2]["told"].endswith("of 2 of 2 articles")
    assert found["parts"][3]["told"] == "2 raw pages in 1 file"
    before = copies_path(newsroom.db).read_bytes()
    assert newsroom.json("check", "--rebuild")["rebuilt"] == ["search index", "copy index"]
    assert newsroom.json("search", "ferry")["total"] == 2
    assert len(copies_path(newsroom.db).read_bytes()) == len(before)
    assert newsroom.run("check", "--rebuild").stderr == ""


def test_check_names_what_is_wrong_and_rebuild_mends_the_indexes(stocked: Newsroom) -> None:
    stocked.ok("check", "--rebuild")
    copies_path(stocked.db).write_bytes(b"no database" * 900)
    index_path(stocked.db).write_bytes(b"no database" * 900)
    done = stocked.run("check")
    assert done.returncode == 1
    assert done.stdout.count("bad") == 2
    assert "cuttings check --rebuild" in done.stdout
    assert stocked.ok("check", "--rebuild").count("good") == 4
    index_path(stocked.db).unlink()
    copies_path(stocked.db).unlink()
    assert stocked.run("check").returncode == 1
    assert "there is none; the next crawl makes it" in stocked.run("check").stdout


def test_check_finds_raw_pages_that_are_lost(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    item = Item(site.page("/p", article_page("Ferry late again", story(150, 7))), "Ferry late again")
    newsroom.subscribe(site.page("/feed", rss([item]), content_type="application/rss+xml"))
    newsroom.ok("crawl")
    (file,) = (newsroom.folder / "cuttings.warc").iterdir()
    data = file.read_bytes()
    file.write_bytes(data[:-20])
    assert "raw pages that are lost: 1" in newsroom.run("check").stdout
    file.write_bytes(bytes(len(data)))
    assert "no record at byte" in newsroom.run("check").stdout
    file.unlink()
    assert newsroom.run("check").returncode == 1


def test_check_finds_a_corpus_that_is_not_whole(stocked: Newsroom) -> None:
    import sqlite3

    connection = sqlite3.connect(stocked.db)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("UPDATE links SET other_id = 77 WHERE article_id = 4")
    connection.commit()
    connection.close()
    done = stocked.run("check")
    assert done.returncode == 1
    assert "a row of links leads to a row of articles that is missing" in done.stdout
    assert stocked.refused("--db", "nowhere.db", "check", "--rebuild", status=1)
