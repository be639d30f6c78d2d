"""Articles on a site of the local web, and the feed that names them, where a test does not care what they say."""

from __future__ import annotations

from datetime import datetime

from feedmaker import Item, article_page, rss
from localweb import Site
from newsroom import story


def reports(site: Site, *numbers: int, seed: int = 0, published: datetime | None = None) -> list[Item]:
    """An article for each number, at `/pNUMBER`, and the items that name them. Another `seed` gives other texts."""
    return [
        Item(
            site.page(f"/p{n}", article_page(f"Report {site.host} {n}", story(150, seed + n))),
            f"Report {n}",
            guid=f"{site.host}-{n}",
            published=published,
        )
        for n in numbers
    ]


def feed_of(site: Site, count: int, seed: int = 0) -> str:
    """The address of a feed that names so many articles of its site."""
    return site.page("/feed", rss(reports(site, *range(count), seed=seed)), content_type="application/rss+xml")
