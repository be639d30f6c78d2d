"""Sources that are sites, end to end: what of them is polled, what is fetched, what is learned and shown (C6, C7)."""

from __future__ import annotations

from typing import Any

from answers import Response
from feedmaker import Item, article_page, rss, sitemap
from localweb import LocalWeb, Site
from newsroom import Newsroom, outcomes, story

from storage import open_corpus

TITLES = (
    "Ferry company adds night sailings for summer",
    "Council votes to keep the old fish market",
    "School roof repairs will cost twice as much",
    "Why the lighthouse went dark last winter",
    "Letters from readers about the bridge toll",
    "Museum reopens months after the great flood",
)


def publish(site: Site, titles: tuple[str, ...] = TITLES, folder: str = "/2026/03") -> list[Item]:
    """Articles under dated slugs, and the items that name them."""
    named = []
    for title in titles:
        path = f"{folder}/{title.lower().replace(' ', '-')}"
        named.append(Item(site.page(path, article_page(title, story(160, sum(map(ord, title)) % 997))), title))
    return named


def front(items: list[Item], head: str = "", nav: str = "") -> str:
    """A front page of headlines."""
    cards = "".join(
        f'<div class="card"><h2><a href="{item.url}">{item.title}</a></h2><p>Teaser.</p></div>' for item in items
    )
    about = '<a href="/about">About us</a> <a href="/privacy-policy">Privacy</a>'
    return (
        f"<!DOCTYPE html><html><head><title>The Post</title>{head}</head><body><nav>{nav}</nav><main>{cards}</main>"
        f"<footer>{about}</footer></body></html>"
    )


def site_of(newsroom: Newsroom, source: str) -> Any:
    return newsroom.json("status", source)["sources"][0]


def test_c7_a_site_with_neither_feed_nor_sitemap_yields_its_articles_and_not_its_sections(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    site = web.site("127.0.0.2")
    items = publish(site)
    inner = publish(
        site, ("Sailors find a whale bone on the beach", "Rowing club wins at home after a decade"), "/2026/02"
    )
    nav = '<a href="/town/">Town</a> <a href="/sport/">Sport</a>'
    site.page("/", front(items[:5], nav=nav))
    site.page("/town/", front([*items[4:], inner[0]], nav=nav))
    site.page("/sport/", front([inner[1]], nav=nav))
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    report = newsroom.json("crawl")
    assert outcomes(report) == {"stored": 8}
    assert report["polls"] == {"new": 3}
    assert not site.requests("/about")
    with open_corpus(newsroom.db) as corpus:
        assert all("/20" in article.url for article in corpus.articles())
    known = site_of(newsroom, "Post")
    assert {feed["url"]: feed["via"] for feed in known["feeds"] if feed["kind"] == "site"} == {
        site.url("/"): "source",
        site.url("/town/"): "section",
        site.url("/sport/"): "section",
    }
    assert known["shapes"][0] == {**known["shapes"][0], "shape": "/Y/M/a-b-c", "named": 8, "articles": 8, "rejected": 0}
    shown = newsroom.ok("status", "Post")
    assert "usual place" in shown
    assert "/rss.xml" not in shown, "what is no feed and no trouble needs no lines of its own"
    assert "/Y/M/a-b-c" in shown
    assert "articles: 8 of 8 held one" in shown
    assert "found         a section of the front page" in shown
    assert "no feed at 7 usual places; they rest" in shown
    assert site.url("/rss.xml") not in shown
    assert newsroom.json("status")["sources"][0]["feeds"][0]["failures"] == 0
    assert "ok" in newsroom.ok("status")


def test_c6_usual_places_are_asked_once_one_after_the_other_and_remembered(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    site.page("/", front(publish(site)[:3]))
    site.page("/rss.xml", rss(publish(site)), content_type="application/rss+xml")
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    assert outcomes(newsroom.json("crawl"))["stored"] == 6
    asked = [seen.target for seen in site.requests() if "2026" not in seen.target]
    assert asked == ["/robots.txt", "/", "/feed/", "/feed", "/rss", "/rss.xml"]
    web.clear()
    newsroom.ok("crawl")
    assert site.requests() == []


def test_c6_a_declared_feed_makes_guessing_and_links_unnecessary(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    items = publish(site)
    links = "".join(
        f'<link rel="alternate" type="application/{kind}+xml" href="{href}" title="Post">'
        for kind, href in (("rss", "/feed/"), ("atom", "/feed/atom/"), ("rss", "/comments/feed/"))
    )
    site.page("/", front(items, head=links))
    site.page("/feed/", rss(items[:2]))
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 2}
    assert [seen.target for seen in site.requests() if "2026" not in seen.target] == ["/robots.txt", "/", "/feed/"]
    assert [feed["via"] for feed in site_of(newsroom, "Post")["feeds"]] == ["source", "link"]
    assert "found         declared by the page" in newsroom.ok("status", "Post")


def test_c6_links_are_read_at_once_where_the_declared_feed_is_dead(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    items = publish(site)
    site.page("/", front(items, head='<link rel="alternate" type="application/rss+xml" href="/old.xml">'))
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 6}


def test_c6_sitemaps_of_robots_txt_are_polled_news_first(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    items = publish(site)
    site.robots(f"Sitemap: {site.url('/sitemap.xml')}\nSitemap: {site.url('/news-sitemap.xml')}\n")
    site.page("/", front(items[:3]))
    site.page("/news-sitemap.xml", sitemap(items[:4], news=True))
    site.page("/sitemap.xml", sitemap(items))
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 4}
    assert not site.requests("/sitemap.xml")
    assert len(site.requests("/robots.txt")) == 1


def test_c7_a_shape_that_only_gave_lists_is_learned_and_told(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    items = publish(site)
    traps = []
    for number in range(4):
        title = f"Everything that we wrote about number {number}"
        path = f"/dossier/everything-that-we-wrote-about-{'abcd'[number]}"
        traps.append(Item(site.page(path, f"<html><body><ul><li><a href=/x{number}>One</a></ul></body></html>"), title))
    site.page("/", front([*items[:2], *traps[:3]]))
    newsroom.subscribe({"site": site.url("/"), "name": "Post"})
    assert outcomes(newsroom.json("crawl")) == {"rejected": 3, "stored": 2}
    site.page("/", front([*items, *traps]))
    web.clear()
    assert outcomes(newsroom.json("crawl", "--all")) == {"stored": 4}
    assert not site.requests("/dossier/everything-that-we-wrote-about-d")
    assert "not fetched: 0 of 3 held one" in newsroom.ok("status", "Post")


def test_c6_a_page_that_leads_nowhere_is_told(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    newsroom.subscribe({"site": site.page("/", "<html><body><p>Hello</p></body></html>"), "name": "Post"})
    newsroom.ok("crawl")
    assert "no link that looks like an article" in newsroom.ok("status")


def test_p19_a_page_or_a_browser_check_at_a_feeds_address_is_told_with_the_feeds_it_links_to(
    web: LocalWeb, newsroom: Newsroom
) -> None:
    one, two = web.site("127.0.0.2"), web.site("127.0.0.3")
    link = '<link rel="alternate" type="application/rss+xml" href="/rss.xml">'
    check = "<html><head><title>Just a moment...</title></head><body>cf-chl-</body></html>"
    newsroom.subscribe(
        {"feed": one.page("/feed", f"<html><head>{link}</head><body>Hi</body></html>"), "name": "Page"},
        {"feed": two.page("/feed", check), "name": "Check"},
        {"feed": two.add("/f2", Response(check, status=403)), "name": "Check 2"},
    )
    newsroom.ok("crawl")
    said = " ".join(newsroom.ok("status", "Page").split())
    assert f"html an HTML page, not a feed; it links to {one.url('/rss.xml')}" in said
    assert "challenge" in newsroom.ok("status", "Check")
    assert "challenge" in newsroom.ok("status", "Check 2")
