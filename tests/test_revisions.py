"""D13 to D15 through the real command: pages that change, rotate, vanish and come back; looks that are due."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from localweb import LocalWeb, Site
from newsroom import Newsroom, adds_up, story

from crawler.rechecks import RECHECK_S, next_look
from storage import Ending

TITLE = "The night ferry keeps its lantern"
PARAGRAPHS = [f"<p>{line}</p>" for line in story(160, 11)]
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def page(
    *, title: str = TITLE, count: int = 3, more: str = "", seen: str = "5 minutes ago", paragraphs: str = ""
) -> str:
    links = "".join(f'<li><a href="/a{n + count}">Ferry number {n + count} is late again</a></li>' for n in range(5))
    return (
        f"<html lang=en><head><title>{title}</title></head><body><nav><a href=/>Home</a></nav><article><h1>{title}</h1>"
        f"<p class=date>Updated {seen}</p>{paragraphs or ''.join(PARAGRAPHS)}{more}<p>{count} comments</p></article>"
        f"<aside><h3>Most read</h3><ul>{links}</ul></aside></body></html>"
    )


@pytest.fixture
def site(web: LocalWeb) -> Site:
    return web.site("paper.localhost")


@pytest.fixture
def url(site: Site, newsroom: Newsroom) -> str:
    """The address of a crawled article."""
    url = site.page("/ferry", page())
    item = f"<item><title>{TITLE}</title><link>{url}</link></item>"
    feed = site.page("/feed", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml")
    newsroom.subscribe({"feed": feed, "name": "Paper"})
    newsroom.ok("crawl")
    assert newsroom.json("explain", url)["outcome"]["ending"] == "stored"
    return url


def look_again(newsroom: Newsroom) -> None:
    """Let the next look be due, and crawl."""
    with closing(sqlite3.connect(newsroom.db)) as connection, connection:
        due = connection.execute(
            "UPDATE pages SET due = '2020-01-01T00:00:00+00:00' WHERE article_id IS NOT NULL AND due IS NOT NULL"
        ).rowcount
    assert due == 1, "no look is planned"
    report = newsroom.json("crawl")
    assert adds_up(report)
    assert report["pages"]["looked_again"] == 1


def outcome(newsroom: Newsroom, url: str) -> str:
    return str(newsroom.json("explain", url)["outcome"]["ending"])


def test_d13_a_changed_text_makes_a_revision_with_its_time_and_class(newsroom: Newsroom, site: Site, url: str) -> None:
    """D13: the former text stays; what made the new one is said."""
    site.page("/ferry", page(more="<p>The board will meet again on 14 December, says the treasurer of the port.</p>"))
    look_again(newsroom)
    assert outcome(newsroom, url) == "revised"
    shown = newsroom.json("show", url, "--revisions")
    assert (shown["revision"], shown["change"]) == (2, "substantive")
    first, second = shown["revisions"]
    assert (first["change"], second["change"]) == (None, "substantive")
    assert first["fetched"] < second["fetched"]
    assert "treasurer" in second["text"]
    assert "treasurer" not in first["text"]
    assert newsroom.json("search", "treasurer")["articles"][0]["change"] == "substantive"
    said = newsroom.ok("show", url, "--revisions")
    assert "revision 1, fetched" in said
    assert "substantive: 0 words went, 14 came" in said


def test_d13_counters_date_lines_and_rotating_links_make_none(newsroom: Newsroom, site: Site, url: str) -> None:
    """D13: the same page a day later, with everything around the article moved on."""
    for count, seen in ((17, "an hour ago"), (128, "23 November 2026, 11:00")):
        site.page("/ferry", page(count=count, seen=seen))
        look_again(newsroom)
        assert outcome(newsroom, url) == "unchanged"
    assert newsroom.json("show", url)["revision"] == 1


def test_d13_a_new_headline_is_a_revision(newsroom: Newsroom, site: Site, url: str) -> None:
    """D13: of the class `headline`."""
    site.page("/ferry", page(title="Lantern of the night ferry stays"))
    look_again(newsroom)
    shown = newsroom.json("show", url)
    assert (shown["title"], shown["change"]) == ("Lantern of the night ferry stays", "headline")


def test_d15_show_tells_word_by_word_what_changed(newsroom: Newsroom, site: Site, url: str) -> None:
    """D15: on a terminal and as runs; any two revisions."""
    newsroom.refused("show", url, "--diff", status=1)
    first = PARAGRAPHS[0].replace("<p>", "<p>Yesterday \x1b[31m&#27;[31m")
    site.page("/ferry", page(paragraphs="".join([first, *PARAGRAPHS[1:]])))
    look_again(newsroom)
    site.page("/ferry", page(paragraphs="".join(PARAGRAPHS[:-1])))
    look_again(newsroom)
    said = newsroom.ok("show", url, "--diff", "2")
    assert "{+Yesterday" in said
    assert "\x1b[31m" not in said
    assert "paragraph" in said
    assert "[-" in newsroom.ok("show", url, "--diff")
    assert newsroom.ok("show", url, "--diff") == newsroom.ok("show", url, "--diff", "2:3")
    runs = newsroom.json("show", url, "--diff", "1:3")
    texts = newsroom.json("show", url, "--revisions")["revisions"]
    assert (runs["from"], runs["to"]) == (1, 3)
    assert "".join(run["text"] for run in runs["text"] if run["op"] != "inserted") == texts[0]["text"]
    assert "".join(run["text"] for run in runs["text"] if run["op"] != "deleted") == texts[2]["text"]
    for wrong in ("0", "9", "1:9", "x", "1:x", ":"):
        assert "has revisions 1 to 3" in newsroom.refused("show", url, "--diff", wrong, status=1)


def test_d14_a_page_that_is_gone_is_recorded_and_the_article_stays(newsroom: Newsroom, site: Site, url: str) -> None:
    """D14: until it comes back."""
    before = newsroom.json("show", url)
    site.page("/ferry", "gone", status=410)
    look_again(newsroom)
    assert outcome(newsroom, url) == "gone"
    shown = newsroom.json("show", url)
    assert shown["gone"] is not None
    assert (shown["text"], shown["revision"]) == (before["text"], 1)
    assert "found gone on" in newsroom.ok("show", url, "--revisions")
    assert newsroom.json("search", "ferry")["total"] == 1
    site.page("/ferry", page())
    look_again(newsroom)
    assert outcome(newsroom, url) == "unchanged"
    assert newsroom.json("show", url)["gone"] is None


def test_d14_whatever_a_later_visit_brings_the_article_stays(newsroom: Newsroom, site: Site, url: str) -> None:
    """D14: the outcome is recorded, and the next look stays planned."""
    before = newsroom.json("show", url)
    for status, body, ending in ((503, "busy", "failed"), (200, "<p>Soon.</p>", "rejected"), (403, "no", "blocked")):
        site.page("/ferry", body, status=status)
        look_again(newsroom)
        assert outcome(newsroom, url) in (ending, "failed")
        assert newsroom.json("show", url) == before
    site.page("/ferry", page())
    look_again(newsroom)
    assert outcome(newsroom, url) == "unchanged"


def test_d14_looks_are_conditional_requests(newsroom: Newsroom, web: LocalWeb) -> None:
    """D14: with the validators that the page gave; 304 is `unchanged`, and brings nothing to the archive."""
    site = web.site("paper.localhost")
    url = site.page("/ferry", page(), headers=(("ETag", '"v1"'), ("Last-Modified", "Mon, 23 Nov 2026 10:00:00 GMT")))
    item = f"<item><title>{TITLE}</title><link>{url}</link></item>"
    feed = site.page("/feed", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml")
    newsroom.subscribe({"feed": feed, "name": "Paper"})
    newsroom.ok("crawl")
    archived = newsroom.json("status")["totals"]["archive_bytes"]
    site.page("/ferry", "", status=304)
    look_again(newsroom)
    headers = dict(site.requests("/ferry")[-1].headers)
    assert headers["If-None-Match"] == '"v1"'
    assert headers["If-Modified-Since"] == "Mon, 23 Nov 2026 10:00:00 GMT"
    assert outcome(newsroom, url) == "unchanged"
    assert newsroom.json("status")["totals"]["archive_bytes"] == archived
    assert len(newsroom.json("explain", url)["attempts"]) == 2


def test_d14_recheck_false_looks_no_more_and_a_crawl_waits_for_no_look(newsroom: Newsroom, web: LocalWeb) -> None:
    """D14: off per source; what is planned is no backlog."""
    site = web.site("paper.localhost")
    urls = {
        name: site.page(
            f"/{name}", page(title=f"Ferry {name}", paragraphs="".join(f"<p>{p}</p>" for p in story(120, n)))
        )
        for n, name in enumerate(("on", "off"), 21)
    }
    for name, url in urls.items():
        item = f"<item><title>{TITLE} {name}</title><link>{url}</link></item>"
        site.page(
            f"/feed-{name}", f'<rss version="2.0"><channel>{item}</channel></rss>', content_type="application/rss+xml"
        )
    newsroom.subscribe(
        {"feed": web.site("paper.localhost").url("/feed-on"), "name": "On"},
        {"feed": web.site("paper.localhost").url("/feed-off"), "name": "Off", "recheck": False},
    )
    newsroom.ok("crawl")
    due = {name: newsroom.json("explain", url)["due"] for name, url in urls.items()}
    assert due["off"] is None
    assert due["on"] is not None
    assert [source["waiting"] for source in newsroom.json("status")["sources"]] == [0, 0]


def test_d14_the_steps_count_from_when_a_page_was_named_and_thin_out() -> None:
    """D14: 1 h, 6 h, 1 d, 7 d by default; what is late is not made up for; old articles are left alone."""
    visits, at = [], NOW
    while (look := next_look(RECHECK_S, Ending.UNCHANGED, NOW, NOW.date(), at)) is not None:
        visits.append(look - NOW)
        at = look + timedelta(minutes=5)
    assert visits == [HOUR, 6 * HOUR, 24 * HOUR, 7 * 24 * HOUR]
    assert next_look(RECHECK_S, Ending.STORED, NOW, None, NOW + 8 * HOUR) == NOW + 24 * HOUR
    assert next_look(RECHECK_S, Ending.STORED, NOW, NOW - timedelta(days=9), NOW) is None
    assert next_look((), Ending.STORED, NOW, None, NOW) is None
    assert next_look(RECHECK_S, Ending.SAME_ARTICLE, NOW, None, NOW) is None
    assert next_look(RECHECK_S, Ending.STORED, None, None, NOW) is None
