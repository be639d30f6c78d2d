"""What the poller promises over days, with the installed command and a real local web; time passes in the corpus."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from answers import Response, not_modified, redirect
from conformance.passing import age
from feedmaker import Item, article_page, rss
from localweb import LocalWeb, Site
from newsroom import Newsroom, outcomes, story


def let_pass(db: Path, time: timedelta) -> None:
    """As if all that the corpus remembers had been so much earlier."""
    age(db, "%", "%", time)


HOURS = timedelta(hours=1)
DAY = timedelta(days=1)


def items(site: Site, *numbers: int) -> list[Item]:
    """Articles on a site, and the items that name them."""
    return [
        Item(site.page(f"/{n}", article_page(f"Report {n}", story(150, n))), f"Report {n}", guid=f"{site.host}-{n}")
        for n in numbers
    ]


def feed_of(newsroom: Newsroom, number: int = 0) -> dict[str, Any]:
    """What `status --json` says of the first feed of a source."""
    feed: dict[str, Any] = newsroom.json("status")["sources"][number]["feeds"][0]
    return feed


def test_p13_a_server_that_says_not_modified_for_ever_is_found_out(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    old, new = rss(items(site, 1)), rss(items(site, 1, 2))
    current = {"body": old}

    def answer(seen: Any) -> Response:
        if seen.header("If-None-Match"):
            return not_modified()
        return Response(current["body"]).plus("ETag", '"frozen"')

    newsroom.subscribe(site.page("/feed", answer))
    newsroom.ok("crawl")
    current["body"] = new
    for _ in range(3):
        newsroom.ok("crawl", "--all")
        let_pass(newsroom.db, 2 * DAY)
    assert newsroom.json("search", "report")["total"] == 1
    let_pass(newsroom.db, 2 * DAY)
    assert newsroom.json("crawl", "--all")["polls"] == {"new": 1}
    assert newsroom.json("search", "report")["total"] == 2
    assert "lying_validators" in feed_of(newsroom)["flags"]
    web.clear()
    newsroom.ok("crawl", "--all")
    assert site.requests("/feed")[0].header("If-None-Match") is None


def test_p16_a_permanent_redirect_moves_the_subscription_after_a_day_and_its_history_is_kept(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    old, new = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(old.page("/feed", rss(items(old, 1))))
    newsroom.ok("crawl")
    new.page("/feed", rss(items(old, 1, 2)))
    old.add("/feed", redirect(new.url("/feed"), 301))
    for _ in range(3):
        newsroom.ok("crawl", "--all")
        let_pass(newsroom.db, 9 * HOURS)
    assert len(old.requests("/feed")) == 4
    newsroom.ok("crawl", "--all")
    web.clear()
    newsroom.ok("crawl", "--all")
    assert (len(old.requests("/feed")), len(new.requests("/feed"))) == (0, 1)
    assert feed_of(newsroom)["url"] == new.url("/feed")
    assert newsroom.json("search", "report")["total"] == 2


def test_p16_redirects_that_are_not_for_good_or_not_steady_move_nothing(web: LocalWeb, newsroom: Newsroom) -> None:
    one, two, target = web.site("127.0.0.2"), web.site("127.0.0.3"), web.site("127.0.0.4")
    target.page("/feed", rss(items(target, 1)))
    target.page("/other", rss(items(target, 2)))
    one.add("/feed", redirect(target.url("/feed"), 302))
    two.script("/feed", [redirect(target.url(path), 301) for path in ("/feed", "/other") * 4])
    newsroom.subscribe(one.url("/feed"), two.url("/feed"))
    for _ in range(5):
        newsroom.ok("crawl", "--all")
        let_pass(newsroom.db, DAY)
    assert (len(one.requests("/feed")), len(two.requests("/feed"))) == (5, 5)


def test_p17_a_move_onto_a_subscribed_feed_merges_the_two(web: LocalWeb, newsroom: Newsroom) -> None:
    old, new = web.site("127.0.0.2"), web.site("127.0.0.3")
    new.page("/feed", rss(items(new, 1, 2)))
    old.add("/feed", redirect(new.url("/feed"), 308))
    newsroom.subscribe(old.url("/feed"), new.url("/feed"))
    for _ in range(4):
        newsroom.ok("crawl", "--all")
        let_pass(newsroom.db, 9 * HOURS)
    web.clear()
    newsroom.ok("crawl", "--all")
    assert (len(old.requests("/feed")), len(new.requests("/feed"))) == (0, 1)
    assert newsroom.json("search", "report")["total"] == 2


def test_p22_a_document_that_rolled_over_is_a_gap_and_new_ids_alone_are_none(web: LocalWeb, newsroom: Newsroom) -> None:
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    one.script("/feed", [Response(rss(items(one, *numbers))) for numbers in ((1, 2), (2, 3), (7, 8))])
    two.script("/feed", [Response(rss([Item(two.url("/a"), "A", guid=f"{n}")])) for n in range(3)])
    newsroom.subscribe(one.url("/feed"), two.url("/feed"))
    flags = []
    for _ in range(3):
        newsroom.ok("crawl", "--all")
        flags.append([("gap" in feed_of(newsroom, n)["flags"]) for n in (0, 1)])
    assert flags == [[False, False], [False, False], [True, False]]
    assert feed_of(newsroom, 1)["entries"] == 1


def test_p24_restarting_never_causes_an_early_poll(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss(items(site, 1))))
    newsroom.ok("crawl")
    web.clear()
    for _ in range(2):
        let_pass(newsroom.db, 25 * HOURS / 60)
        newsroom.ok("crawl")
    assert web.requests == []
    let_pass(newsroom.db, 2 * HOURS)
    newsroom.ok("crawl")
    assert len(site.requests("/feed")) == 1


def test_p24_a_forced_poll_has_a_cooldown_but_for_the_users_own_addresses(web: LocalWeb, newsroom: Newsroom) -> None:
    stranger, own = web.site("news.example"), web.site("127.0.0.2")
    stranger.page("/feed", rss([]))
    newsroom.subscribe(
        {"feed": "http://news.example/feed", "proxy": f"http://127.0.0.1:{web.port}"},
        own.page("/feed", rss([])),
        delay=0.5,
    )
    newsroom.ok("crawl")
    report = newsroom.json("crawl", "--all")
    assert (report["polls"], report["cooling"]) == ({"same_bytes": 1}, 1)
    assert "polled less than 5 minutes ago" in newsroom.ok("crawl", "--all", "news.example")
    assert (len(stranger.requests("/feed")), len(own.requests("/feed"))) == (1, 2)
    let_pass(newsroom.db, 6 * HOURS / 60)
    assert newsroom.json("crawl", "--all")["polls"] == {"same_bytes": 2}


def test_p28_feeds_and_pages_are_not_blamed_when_nothing_can_be_reached(newsroom: Newsroom) -> None:
    with LocalWeb() as web:
        one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
        found = items(two, 1, 2)
        newsroom.subscribe(one.page("/feed", rss(items(one, 3))), two.page("/feed", rss(found)))
        newsroom.ok("crawl", "--limit", "1")
    report = newsroom.json("crawl", "--all")
    assert report["polls"] == {"failed": 2}
    assert outcomes(report) == {}
    assert report["pages"]["waiting_after"] == 2
    for number in (0, 1):
        feed = feed_of(newsroom, number)
        assert (feed["failures"], feed["reason"]) == (0, "offline")


def test_p28_a_host_that_is_down_alone_is_blamed(web: LocalWeb, newsroom: Newsroom) -> None:
    good = web.site("127.0.0.2")
    with LocalWeb() as other:
        dead = other.site("127.0.0.3")
        newsroom.subscribe(good.page("/feed", rss(items(good, 1))), dead.page("/feed", rss(items(dead, 2))))
        newsroom.ok("crawl")
    newsroom.ok("crawl", "--all")
    assert sorted((feed_of(newsroom, n)["failures"], feed_of(newsroom, n)["reason"]) for n in (0, 1)) == [
        (0, None),
        (1, "connect"),
    ]


def test_p38_an_edited_entry_makes_one_revision_and_a_flapping_body_none(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    words = " ".join(story(300, 5))

    def page(text: str) -> str:
        return article_page("Report 1", [text])

    def feed(summary: str, minute: int) -> Response:
        summary = f"{summary} Read {minute} times."
        return Response(rss([Item(site.url("/1"), "Report 1", guid="1", summary=summary)]))

    site.page("/1", page(words))
    site.script("/feed", [feed("First." if n < 2 else "Corrected.", n) for n in range(9)])
    newsroom.subscribe(site.url("/feed"))
    newsroom.ok("crawl")
    newsroom.ok("crawl", "--all")
    assert len(site.requests("/1")) == 1
    site.page("/1", page(words + " This sentence was added as a correction after the fact."))
    assert outcomes(newsroom.json("crawl", "--all")) == {"revised": 1}
    for _ in range(3):
        let_pass(newsroom.db, DAY)
        assert outcomes(newsroom.json("crawl", "--all")) == {}
    assert newsroom.json("search", "report")["articles"][0]["revision"] == 2
