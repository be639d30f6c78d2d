"""The main job, from feeds.yaml to the corpus, with the installed command and a real local web."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from answers import Response, conditional, error, meta_refresh, not_modified, redirect, too_many
from feedmaker import Item, article_page, atom, json_feed, rdf, rss, sitemap
from localweb import LocalWeb, Site
from misbehaviour import bomb, drop, header_flood
from newsroom import Newsroom, adds_up, outcomes, story

from storage import Ending, open_corpus

ROOT = Path(__file__).parent.parent


def publish(site: Site, count: int, *, first: int = 0) -> list[Item]:
    """Different articles on a site, and the items that name them."""
    named = []
    for number in range(first, first + count):
        title = f"Report {number} of {site.host}"
        url = site.page(f"/2026/report-{number}", article_page(title, story(160, hash((site.host, number)) % 9973)))
        named.append(Item(url, title, guid=url))
    return named


@pytest.mark.parametrize("make", [rss, atom, rdf, json_feed], ids=["rss", "atom", "rdf", "json-feed"])
def test_every_kind_of_feed_leads_to_filed_articles(web: LocalWeb, newsroom: Newsroom, make) -> None:  # type: ignore[no-untyped-def]
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", make(publish(site, 3))))
    report = newsroom.json("crawl")
    assert outcomes(report) == {"stored": 3}
    assert adds_up(report)
    found = newsroom.json("search", "report")
    assert found["total"] == 3
    assert {article["site"] for article in found["articles"]} == {"127.0.0.2"}


def test_a_sitemap_and_a_site_lead_to_articles_too(web: LocalWeb, newsroom: Newsroom) -> None:
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    one.page("/news.xml", sitemap(publish(one, 2), news=True))
    two.page("/feed", rss(publish(two, 2)))
    two.page("/", '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>Hi</body>')
    newsroom.subscribe({"sitemap": one.url("/news.xml")}, {"site": two.url("/")})
    assert outcomes(newsroom.json("crawl")) == {"stored": 4}


def test_a_second_crawl_fetches_nothing_that_it_has(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.add("/feed", conditional(rss(publish(site, 3)), etag='W/"v1"')))
    newsroom.ok("crawl")
    web.clear()
    assert "none was due" in newsroom.ok("crawl")
    assert web.requests == []
    report = newsroom.json("crawl", "--all")
    assert report["polls"] == {"not_modified": 1}
    assert [seen.path for seen in web.requests] == ["/feed"]


def test_all_polls_every_feed_of_a_host_that_asks_for_time(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(*(site.page(f"/feed/{n}", rss([])) for n in range(4)), delay=0.2)
    newsroom.ok("crawl")
    web.clear()
    assert newsroom.json("crawl", "--all")["polls"] == {"same_bytes": 4}
    assert sorted(seen.path for seen in web.requests) == [f"/feed/{n}" for n in range(4)]


def test_p1_p2_p7_validators_are_sent_byte_for_byte_after_a_restart(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    stamp = "Sun, 06 Nov 1994 08:49:37 GMT"
    newsroom.subscribe(site.add("/feed", conditional(rss(publish(site, 1)), etag='W/"a b,c"', last_modified=stamp)))
    newsroom.ok("crawl")
    newsroom.ok("crawl", "--all")
    first, second = site.requests("/feed")
    assert (first.header("If-None-Match"), first.header("If-Modified-Since")) == (None, None)
    assert second.header("If-None-Match") == 'W/"a b,c"'
    assert second.header("If-Modified-Since") == stamp


def test_p4_p5_p6_validators_follow_what_the_server_last_said(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    body = rss(publish(site, 1))
    site.script(
        "/feed",
        [
            Response(body).plus("ETag", '"one"'),
            Response(body).plus("ETag", '"two"'),
            not_modified((("ETag", '"three"'),)),
            Response(body),
            Response(body),
        ],
    )
    newsroom.subscribe(site.url("/feed"))
    for _ in range(5):
        newsroom.ok("crawl", "--all")
    assert [seen.header("If-None-Match") for seen in site.requests("/feed")] == [
        None,
        '"one"',
        '"two"',
        '"three"',
        None,
    ]


def test_p8_validators_do_not_follow_a_redirect_to_another_address(web: LocalWeb, newsroom: Newsroom) -> None:
    old, new = web.site("127.0.0.2"), web.site("127.0.0.3")
    body = rss(publish(old, 1))
    old.add("/feed", Response(body).plus("ETag", '"old"'))
    new.page("/feed", body)
    newsroom.subscribe(old.url("/feed"))
    newsroom.ok("crawl")
    old.add("/feed", redirect(new.url("/feed")))
    newsroom.ok("crawl", "--all")
    assert old.requests("/feed")[1].header("If-None-Match") == '"old"'
    assert new.requests("/feed")[0].header("If-None-Match") is None


def test_p12_the_same_bytes_cost_no_page(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss(publish(site, 2))))
    newsroom.ok("crawl")
    report = newsroom.json("crawl", "--all")
    assert (report["polls"], report["new_entries"], report["pages"]["found"]) == ({"same_bytes": 1}, 0, 0)


def test_p10_p11_requests_name_us_and_carry_nothing_else(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.add("/feed", Response(rss(publish(site, 1))).plus("Set-Cookie", "id=1")))
    newsroom.ok("crawl")
    for seen in web.requests:
        agent = seen.header("User-Agent") or ""
        assert agent.startswith("Cuttings/")
        assert agent.endswith(" (+https://example.org/about)")
        assert seen.header("Cookie") is None
        assert seen.header("Referer") is None
        assert seen.query == ""


def test_c10_every_way_in_which_a_page_can_end_is_recorded_once(web: LocalWeb, newsroom: Newsroom) -> None:
    site, other = web.site("127.0.0.2"), web.site("127.0.0.3")
    named = publish(site, 2)
    pages = {
        "/gone": (error(410), "gone:http_410"),
        "/missing": (error(404), "gone:http_404"),
        "/broken": (error(500), "failed:http_500"),
        "/forbidden": (error(403), "failed:http_403"),
        "/drop": (drop("x" * 1000, 100), "failed:dropped"),
        "/flood": (header_flood(2_000_000), "failed:header_flood"),
        "/bomb": (bomb("gzip", 200_000_000), "failed:bomb"),
        "/empty": (Response("<html><body></body></html>"), "rejected:not_an_article"),
        "/secret/a": (Response("never asked"), "blocked:robots"),
    }
    for path, (answer, _) in pages.items():
        named.append(Item(site.add(path, answer), path))
    moved = site.add("/moved", redirect(other.page("/real", article_page("Moved", story(120, 5))), 301))
    refreshed = site.add("/refresh", meta_refresh(other.page("/target", article_page("Refreshed", story(120, 6)))))
    loop = site.loop("/loop")
    private = "http://10.1.2.3/private"
    named += [Item(moved, "m"), Item(refreshed, "r"), Item(loop, "l"), Item(private, "p")]
    site.robots("User-agent: *\nDisallow: /secret/\n")
    newsroom.subscribe(site.page("/feed", rss(named)))
    report = newsroom.json("crawl")
    assert adds_up(report)
    assert report["pages"]["found"] == len(named) == report["pages"]["ended"]
    for path, (_, expected) in pages.items():
        attempts = newsroom.json("explain", site.url(path))["attempts"]
        ends = [attempt["outcome"] for attempt in attempts]
        assert [f"{end['ending']}:{end['reason']}" for end in ends] == [expected], path
    assert newsroom.json("explain", private)["outcome"]["reason"] == "private_address"
    assert newsroom.json("explain", loop)["outcome"]["reason"] == "too_many_redirects"
    assert newsroom.json("explain", moved)["outcome"]["ending"] == "stored"
    assert newsroom.json("explain", refreshed)["outcome"]["ending"] == "stored"
    assert newsroom.json("show", other.url("/target"))["title"] == "Refreshed"
    assert site.requests("/secret/a") == []


@pytest.mark.parametrize("first", ["own", "moved"])
def test_an_article_is_dated_by_the_entry_of_its_own_address_whichever_page_is_fetched_first(
    web: LocalWeb, newsroom: Newsroom, first: str
) -> None:
    """The old address and the new one stand in the same feed; pages are fetched by their dates, the newest first."""
    site, day = web.site("127.0.0.2"), datetime(2026, 1, 10, 8, tzinfo=UTC)
    other = day + timedelta(days=3 if first == "moved" else -3)
    page = site.page("/now", article_page("Flood wall", story(160, 3)))
    moved = site.add("/old", redirect(page, 301))
    named = [Item(page, "Flood wall", page, day, "Backed."), Item(moved, "Vote", moved, other, "Vote.", author="Ada")]
    newsroom.subscribe(site.page("/feed", rss(named)))
    assert outcomes(newsroom.json("crawl"))["stored"] == 1
    asked = [seen.path for seen in web.requests if seen.path in ("/now", "/old")]
    assert asked[0] == ("/old" if first == "moved" else "/now")
    with open_corpus(newsroom.db) as corpus:
        (article,) = corpus.articles()
    assert (article.published, article.published_from, article.description) == (day, "feed", "Backed.")
    total = newsroom.json("reextract", "--dry-run")["total"]
    assert (total["compared"], total["changed"]) == (1, 0)


def test_c3_a_server_that_asks_for_time_gets_it_and_the_others_go_on(web: LocalWeb, newsroom: Newsroom) -> None:
    busy, calm = web.site("127.0.0.2"), web.site("127.0.0.3")
    named = publish(busy, 4)
    busy.add("/2026/report-0", too_many(3600))
    busy.add("/2026/report-1", too_many(3600))
    busy.add("/2026/report-2", too_many(3600))
    busy.add("/2026/report-3", too_many(3600))
    newsroom.subscribe(busy.page("/feed", rss(named)), calm.page("/feed", rss(publish(calm, 4))))
    report = newsroom.json("crawl")
    assert outcomes(report) == {"stored": 4, "failed": 1}
    assert report["pages"]["waiting_after"] == 3
    assert adds_up(report)
    web.clear()
    newsroom.ok("crawl")
    assert busy.requests() == []


def test_a_failed_page_is_tried_again_by_a_later_crawl_when_its_time_has_come(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    url = site.script("/a", [error(500), Response(article_page("Back", story(120, 1)))])
    newsroom.subscribe(site.page("/feed", rss([Item(url, "Back")])))
    assert outcomes(newsroom.json("crawl")) == {"failed": 1}
    assert outcomes(newsroom.json("crawl")) == {}
    explained = newsroom.json("explain", url)
    assert explained["outcome"] == {"ending": "failed", "reason": "http_500", "detail": None}
    assert explained["due"] is not None


def test_p40_one_article_in_two_feeds_is_one_article_with_two_sightings(web: LocalWeb, newsroom: Newsroom) -> None:
    site, other = web.site("127.0.0.2"), web.site("127.0.0.3")
    (item,) = publish(site, 1)
    tracked = Item(f"{item.url}?utm_source=rss", item.title)
    newsroom.subscribe(site.page("/feed", rss([item])), other.page("/feed", rss([tracked])))
    report = newsroom.json("crawl")
    assert outcomes(report) == {"stored": 1}
    assert len(site.requests("/2026/report-0")) == 1
    explained = newsroom.json("explain", tracked.url)
    assert len(explained["sightings"]) == 2
    assert len(newsroom.json("show", item.url)["sources"]) == 2


def test_c5_a_large_slow_site_does_not_hold_up_the_others(web: LocalWeb, newsroom: Newsroom) -> None:
    slow, quick = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(
        {"feed": slow.page("/feed", rss(publish(slow, 6))), "delay": 0.7},
        {"feed": quick.page("/feed", rss(publish(quick, 20)))},
    )
    newsroom.ok("crawl")
    last_quick = max(seen.time_monotonic for seen in quick.requests())
    still_slow = [seen for seen in slow.requests() if seen.time_monotonic > last_quick]
    assert len(still_slow) >= 3
    assert slow.kept_apart(0.7), slow.gaps_s()


def test_what_waits_after_a_crawl_of_one_source_is_not_said_to_wait_for_its_server(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    sites = [web.site(f"127.0.0.{n}") for n in (2, 3)]
    feeds = [site.page("/feed", rss(publish(site, 2))) for site in sites]
    newsroom.subscribe(*feeds)
    newsroom.ok("crawl", "--limit", "0")
    said = newsroom.ok("crawl", feeds[0])
    assert "2  waiting  (of other sources or of a server that asked for time)" in said
    said = newsroom.ok("crawl", feeds[1], "--limit", "1")
    assert "1  waiting  (of other sources, of a server that asked for time or beyond the limit)" in said


def test_limit_and_since_bound_a_crawl_and_the_rest_waits(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss(publish(site, 5))))
    report = newsroom.json("crawl", "--limit", "2")
    assert outcomes(report) == {"stored": 2}
    assert report["pages"]["waiting_after"] == 3
    assert outcomes(newsroom.json("crawl")) == {"stored": 3}


def test_who_has_no_source_yet_is_told_how_to_get_one(newsroom: Newsroom) -> None:
    newsroom.subscribe()
    done = newsroom.run("crawl")
    assert done.returncode == 0
    assert "no source yet: `cuttings add URL`" in done.stderr


def test_one_source_can_be_crawled_by_its_name(web: LocalWeb, newsroom: Newsroom) -> None:
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    newsroom.subscribe(
        {"feed": one.page("/feed", rss(publish(one, 1))), "name": "One"},
        {"feed": two.page("/feed", rss(publish(two, 1))), "name": "Two"},
    )
    newsroom.ok("crawl", "Two")
    assert one.requests() == []
    message = newsroom.refused("crawl", "Twoo", status=2)
    assert "Twoo" in message
    assert "Two" in message


def test_full_text_feed_files_what_the_feed_carries_without_fetching(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    content = "".join(f"<p>{paragraph}</p>" for paragraph in story(200, 3))
    item = Item(site.url("/a"), "From the feed", content_html=content)
    newsroom.subscribe({"feed": site.page("/feed", rss([item])), "full_text": "feed"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 1}
    assert site.requests("/a") == []
    assert newsroom.json("show", item.url)["text"].split() == " ".join(story(200, 3)).split()


def test_x4_show_tells_which_rule_gave_a_field_and_what_others_would_have_given(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    head = '<meta property="og:title" content="7 ways to save rain water in a garden">'
    head += '<meta name="author" content="Ada Sample">'
    text = "".join(f"<p>{paragraph}</p>" for paragraph in story(300, 3))
    page = f"<html><head>{head}</head><body><article><h1>How we save rain water</h1>{text}</article></body></html>"
    item = Item(site.page("/a", page), "How we save rain water in the garden")
    newsroom.subscribe(site.page("/feed", rss([item])))
    assert outcomes(newsroom.json("crawl")) == {"stored": 1}
    found = newsroom.json("show", item.url, "--provenance")
    assert (found["provenance"]["title"], found["provenance"]["authors"]) == ("h1", "meta")
    assert {"rule": "og:title", "value": "7 ways to save rain water in a garden"} in found["runners_up"]["title"]
    shown = newsroom.ok("show", item.url, "--provenance")
    assert "How we save rain water (h1)" in shown
    assert "not 7 ways to save rain water in a garden (og:title)" in shown
    assert "runners_up" not in newsroom.json("show", item.url)


def test_full_text_auto_falls_back_on_the_feed_where_the_page_is_closed(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    content = "".join(f"<p>{paragraph}</p>" for paragraph in story(400, 3))
    newsroom.subscribe(site.page("/feed", rss([Item(site.add("/a", error(403)), "T", content_html=content)])))
    assert outcomes(newsroom.json("crawl")) == {"stored": 1}


WALLED = (
    "<title>Bridge closes</title><body><article><h1>Bridge closes</h1><p>The council voted on Tuesday night to close"
    " the old bridge for two years.</p><p>Subscribe to continue reading</p></article>"
)


def test_x8_a_paywall_and_a_browser_check_that_came_as_a_page_end_as_blocked(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    check = "<title>Just a moment...</title><body><p>Checking your browser before accessing the site.</p>"
    paid, checked = site.page("/paid", WALLED), site.page("/checked", check)
    newsroom.subscribe(site.page("/feed", rss([Item(paid, "Bridge closes"), Item(checked, "Ferry")])))
    assert outcomes(newsroom.json("crawl")) == {"blocked": 2}
    told = newsroom.json("explain", paid)["outcome"]
    assert (told["ending"], told["reason"]) == ("blocked", "paywall")
    assert "words of 'Bridge closes' can be read, then it says" in told["detail"]
    assert newsroom.json("explain", checked)["outcome"]["reason"] == "challenge"


def test_x8_where_a_paywall_came_as_a_page_the_text_of_the_feed_is_taken(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    content = "".join(f"<p>{paragraph}</p>" for paragraph in story(400, 3))
    item = Item(site.page("/paid", WALLED), "Bridge closes", content_html=content)
    newsroom.subscribe(site.page("/feed", rss([item])))
    assert outcomes(newsroom.json("crawl")) == {"stored": 1}
    assert newsroom.json("show", item.url)["text"].split() == " ".join(story(400, 3)).split()


def test_scrapy_users_find_their_commands(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss(publish(site, 2))))
    listed = newsroom.scrapy("list", cwd=ROOT)
    assert listed.stdout.split() == ["backfill", "cuttings", "pages", "polls"]
    polled = newsroom.scrapy("crawl", "polls", cwd=ROOT)
    assert polled.returncode == 0, polled.stderr
    with open_corpus(newsroom.db) as corpus:
        assert (corpus.totals().waiting, corpus.totals().articles) == (2, 0)
    crawled = newsroom.scrapy("crawl", "cuttings", "-a", "limit=1", cwd=ROOT)
    assert crawled.returncode == 0, crawled.stderr
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().articles == 1
    shell = newsroom.scrapy("shell", "--nolog", "-c", "response.status", f"file://{ROOT}/README.md", cwd=ROOT)
    assert "200" not in shell.stdout
    page = newsroom.scrapy(
        "shell", "--nolog", "-s", "CUTTINGS_ALLOW=127.0.0.0/8", "-c", "response.status", site.url("/feed"), cwd=ROOT
    )
    assert page.stdout.strip() == "200", page.stderr


def test_c17_plain_lines_and_a_summary_elsewhere_than_on_a_terminal(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe(site.page("/feed", rss(publish(site, 2))))
    done = newsroom.run("crawl")
    assert "\x1b" not in done.stdout + done.stderr
    assert "2  stored" in done.stdout
    assert newsroom.run("-q", "crawl", "--all").stdout == ""


def test_s15_titles_cannot_steer_a_terminal_or_forge_a_log_line(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    title = "Bad \x1b]0;owned\x07 \u202enews\u2066"
    url = site.page("/a", article_page(title, story(120, 2)))
    newsroom.subscribe(site.page("/feed", json_feed([Item(url, title)])))
    said = newsroom.run("-vv", "crawl")
    shown = newsroom.ok("search") + newsroom.ok("show", url) + newsroom.ok("explain", url) + newsroom.ok("status")
    for character in "\x1b\x07\u202e\u2066":
        assert character not in said.stdout + said.stderr + shown


def test_outcomes_are_a_closed_list() -> None:
    assert [str(ending) for ending in Ending] == [
        "stored",
        "revised",
        "unchanged",
        "same_article",
        "rejected",
        "blocked",
        "failed",
        "gone",
    ]
