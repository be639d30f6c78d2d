"""X7 with the installed command: one crawl teaches, the next one's pages are free of what the site repeats."""

from __future__ import annotations

from html import escape
from typing import Any

from feedmaker import Item, rss
from localweb import LocalWeb, Site
from newsroom import Newsroom, outcomes, story

NOTICE = "This newspaper is delivered to every house on the island on each morning of the week but Sunday."
EVIL = "Order now \x1b[31mred\u202e and get the calendar with it for nothing, says the whole of the island's press."


def publish(site: Site, *numbers: int, notice: str = NOTICE) -> list[Item]:
    """Articles in a theme without a class name that prints a notice among their paragraphs."""
    named = []
    for number in numbers:
        text = "".join(f"<p>{paragraph}</p>" for paragraph in story(160, number * 13))
        title = f"Report {number}"
        body = f"<div><h1>{title}</h1>{text}<p>{escape(notice)}</p><p>{escape(EVIL)}</p></div>"
        page = f"<html><head><title>{title}</title></head><body>{body}</body></html>"
        named.append(Item(site.page(f"/p{number}", page), title, guid=f"p{number}"))
    site.page("/feed", rss(named), content_type="application/rss+xml")
    return named


def texts(newsroom: Newsroom) -> dict[str, str]:
    return {found["title"]: found["text"] for found in newsroom.json("search", "--limit", "50")["articles"]}


def memory(newsroom: Newsroom) -> dict[str, Any]:
    (source,) = newsroom.json("status", "Gazette", "--memory")["sources"]
    (host,) = source["memory"]
    return dict(host)


def test_x7_a_later_page_is_free_of_what_the_first_crawl_saw_repeated(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    publish(site, 1, 2)
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Gazette"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 2}
    host = memory(newsroom)
    assert host["pages"] == 2
    assert NOTICE in [block["text"] for block in host["blocks"]]
    publish(site, 1, 2, 3)
    assert outcomes(newsroom.json("crawl", "--all")) == {"stored": 1}
    third = texts(newsroom)["Report 3"]
    assert NOTICE not in third
    assert all(paragraph in third for paragraph in story(160, 39))
    shown = newsroom.ok("status", "Gazette", "--memory")
    assert f"3 of 3  {NOTICE[:60]}" in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown


def test_x7_another_address_of_an_article_and_its_revision_teach_nothing(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    first, second = publish(site, 1, 2)
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Gazette"})
    newsroom.ok("crawl")
    copy = Item(site.page("/again", web_page(site, first)), "Report 1", guid="again")
    site.page("/feed", rss([first, second, copy]), content_type="application/rss+xml")
    assert outcomes(newsroom.json("crawl", "--all")) == {"same_article": 1}
    host = memory(newsroom)
    assert host["pages"] == 2
    assert not any(paragraph[:100] in block["text"] for paragraph in story(160, 13) for block in host["blocks"])


def web_page(site: Site, item: Item) -> str:
    number = int(str(item.title).rsplit(" ", 1)[1])
    text = "".join(f"<p>{paragraph}</p>" for paragraph in story(160, number * 13))
    return (
        f"<html><head><title>{item.title}</title><link rel=canonical href='{item.url}'></head><body><div>"
        f"<h1>{item.title}</h1>{text}<p>{escape(NOTICE)}</p><p>{escape(EVIL)}</p></div></body></html>"
    )


def test_x9_a_source_that_names_its_content_keeps_all_of_it(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    publish(site, 1, 2, 3, 4)
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Gazette", "content": "div"})
    newsroom.ok("crawl")
    assert all(NOTICE in text for text in texts(newsroom).values())


def test_the_text_of_a_feed_is_no_page_of_its_host(web: LocalWeb, newsroom: Newsroom) -> None:
    site = web.site("127.0.0.2")
    whole = [
        Item(
            site.url(f"/p{n}"), f"Report {n}", guid=f"p{n}", content_html="".join(f"<p>{p}</p>" for p in story(160, n))
        )
        for n in (1, 2, 3)
    ]
    site.page("/feed", rss(whole), content_type="application/rss+xml")
    newsroom.subscribe({"feed": site.url("/feed"), "name": "Gazette", "full_text": "feed"})
    assert outcomes(newsroom.json("crawl")) == {"stored": 3}
    assert newsroom.json("status", "Gazette", "--memory")["sources"][0]["memory"] == []
    assert "nothing learned yet" in newsroom.ok("status", "Gazette", "--memory")


def test_memory_is_told_of_one_source(newsroom: Newsroom) -> None:
    assert "one source" in newsroom.refused("status", "--memory", status=2)
