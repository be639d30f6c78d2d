"""Well-formed feeds, sitemaps and article pages for tests, made from a few items."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Literal
from xml.sax.saxutils import escape, quoteattr

Theme = Literal["plain", "cluttered", "json-ld"]

LOREM = (
    "The harbour council met on Tuesday evening to settle the question of the old pier, which has stood empty "
    "since the ferry company moved to the northern quay. Speakers on both sides were heard for three hours."
)
CLUTTER = '<nav><a href="/">Home</a> <a href="/sport">Sport</a> <a href="/video">Video</a></nav>'
FOOTER = '<footer><p>Subscribe to our newsletter.</p><a href="/imprint">Imprint</a></footer>'


@dataclass(frozen=True, slots=True)
class Item:
    """One article as a feed names it. What is None is left out of the document."""

    url: str
    title: str = "A title"
    guid: str | None = None
    published: datetime | None = None
    summary: str | None = None
    content_html: str | None = None
    author: str | None = None
    language: str = "en"


def items(base: str, count: int, *, published: datetime | None = None) -> list[Item]:
    """Return `count` different items under a base address: `base/article-1` and so on."""
    return [
        Item(f"{base}/article-{n}", f"Article {n}", f"{base}/article-{n}", published, f"Summary of article {n}.")
        for n in range(1, count + 1)
    ]


def rss(
    entries: Sequence[Item],
    *,
    title: str = "The Courier",
    link: str = "http://courier.localhost/",
    channel_xml: str = "",
) -> str:
    """Return RSS 2.0; `channel_xml` (ttl, skipHours, atom:link, sy:...) goes into the channel as it is."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">\n'
        f"<channel>{_tag('title', title)}{_tag('link', link)}{_tag('description', title)}{channel_xml}\n"
    ]
    for entry in entries:
        date = format_datetime(_utc(entry.published), usegmt=True) if entry.published else None
        permalink = "true" if entry.guid == entry.url else "false"
        parts.append(
            f"<item>{_tag('title', entry.title)}{_tag('link', entry.url)}"
            f"{_tag('guid', entry.guid, f' isPermaLink={quoteattr(permalink)}')}{_tag('pubDate', date)}"
            f"{_tag('dc:creator', entry.author)}{_tag('description', entry.summary)}"
            f"{_tag('content:encoded', entry.content_html)}</item>\n"
        )
    return "".join([*parts, "</channel></rss>\n"])


def atom(
    entries: Sequence[Item],
    *,
    title: str = "The Courier",
    link: str = "http://courier.localhost/",
    feed_xml: str = "",
) -> str:
    """Return Atom 1.0; `feed_xml` goes into the feed element as it is."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'
        f"{_tag('title', title)}<link href={quoteattr(link)}/>{_tag('id', link)}"
        f"{_tag('updated', _newest(entries))}{feed_xml}\n"
    ]
    for entry in entries:
        published = _iso(entry.published)
        author = f"<author>{_tag('name', entry.author)}</author>" if entry.author else ""
        parts.append(
            f"<entry>{_tag('title', entry.title)}<link href={quoteattr(entry.url)}/>"
            f"{_tag('id', entry.guid)}{_tag('published', published)}{_tag('updated', published)}{author}"
            f"{_tag('summary', entry.summary)}" + _tag("content", entry.content_html, ' type="html"') + "</entry>\n"
        )
    return "".join([*parts, "</feed>\n"])


def rdf(entries: Sequence[Item], *, title: str = "The Courier", link: str = "http://courier.localhost/") -> str:
    """Return RSS 1.0, which is RDF."""
    listed = "".join(f"<rdf:li rdf:resource={quoteattr(entry.url)}/>" for entry in entries)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f"<channel rdf:about={quoteattr(link)}>{_tag('title', title)}{_tag('link', link)}"
        f"{_tag('description', title)}<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n"
    ]
    parts += [
        f"<item rdf:about={quoteattr(entry.guid or entry.url)}>{_tag('title', entry.title)}"
        f"{_tag('link', entry.url)}{_tag('dc:date', _iso(entry.published))}{_tag('dc:creator', entry.author)}"
        f"{_tag('description', entry.summary)}{_tag('content:encoded', entry.content_html)}</item>\n"
        for entry in entries
    ]
    return "".join([*parts, "</rdf:RDF>\n"])


def json_feed(
    entries: Sequence[Item],
    *,
    title: str = "The Courier",
    link: str = "http://courier.localhost/",
    version: Literal["1", "1.1"] = "1.1",
    next_url: str | None = None,
) -> str:
    """Return JSON Feed 1.0 (version "1") or 1.1, which differ in how they name authors."""

    def entry_object(entry: Item) -> dict[str, object]:
        author = None if entry.author is None else {"name": entry.author}
        full: dict[str, object] = {
            "id": entry.guid,
            "url": entry.url,
            "title": entry.title,
            "date_published": _iso(entry.published),
            "summary": entry.summary,
            "content_html": entry.content_html,
            "author": author if version == "1" else None,
            "authors": [author] if author and version == "1.1" else None,
        }
        return {key: value for key, value in full.items() if value is not None}

    feed: dict[str, object] = {
        "version": f"https://jsonfeed.org/version/{version}",
        "title": title,
        "home_page_url": link,
        "items": [entry_object(entry) for entry in entries],
    }
    if next_url is not None:
        feed["next_url"] = next_url
    return json.dumps(feed, ensure_ascii=False, indent=1)


def sitemap(entries: Sequence[Item], *, news: bool = False, publication: str = "The Courier") -> str:
    """Return a sitemap; with `news` each URL carries the fields of a Google News sitemap."""
    space = ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"' if news else ""
    parts = [
        f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{space}>\n'
    ]
    for entry in entries:
        date = _iso(entry.published)
        extra = (
            f"<news:news><news:publication>{_tag('news:name', publication)}"
            f"{_tag('news:language', entry.language)}</news:publication>"
            f"{_tag('news:publication_date', date)}{_tag('news:title', entry.title)}</news:news>"
            if news
            else ""
        )
        parts.append(f"<url>{_tag('loc', entry.url)}{_tag('lastmod', date)}{extra}</url>\n")
    return "".join([*parts, "</urlset>\n"])


def sitemap_index(urls: Sequence[str]) -> str:
    """Return a sitemap that names other sitemaps."""
    listed = "".join(f"<sitemap>{_tag('loc', url)}</sitemap>\n" for url in urls)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{listed}</sitemapindex>\n'
    )


def article_page(
    title: str,
    paragraphs: Sequence[str] = (LOREM,) * 4,
    theme: Theme = "plain",
    *,
    published: datetime | None = None,
    author: str | None = None,
    language: str = "en",
    head: str = "",
) -> str:
    """Return an article's HTML. `head` goes into the head as it is.

    "plain" has metadata in meta elements; "cluttered" adds navigation, teasers and a footer; "json-ld" gives its
    metadata in a JSON-LD block instead.
    """
    date = _iso(published)
    meta = _json_ld(title, date, author) if theme == "json-ld" else _meta(title, date, author)
    text = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)
    byline = f'<p class="byline">By {escape(author)}</p>\n' if author else ""
    body = f"<article>\n<h1>{escape(title)}</h1>\n{byline}{text}</article>"
    if theme == "cluttered":
        teasers = "".join(f'<li><a href="/teaser-{n}">Read more, number {n}</a></li>' for n in range(1, 9))
        body = f"{CLUTTER}\n<main>{body}</main>\n<aside><h2>Most read</h2><ul>{teasers}</ul></aside>\n{FOOTER}"
    return (
        f'<!doctype html>\n<html lang={quoteattr(language)}><head><meta charset="utf-8">'
        f"{_tag('title', title)}{meta}{head}</head>\n<body>\n{body}\n</body></html>\n"
    )


def _meta(title: str, date: str | None, author: str | None) -> str:
    pairs = [("property", "og:title", title), ("property", "og:type", "article")]
    if date:
        pairs.append(("property", "article:published_time", date))
    if author:
        pairs.append(("name", "author", author))
    return "".join(f"<meta {kind}={quoteattr(name)} content={quoteattr(value)}>" for kind, name, value in pairs)


def _json_ld(title: str, date: str | None, author: str | None) -> str:
    data: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": title}
    if date:
        data["datePublished"] = date
    if author:
        data["author"] = {"@type": "Person", "name": author}
    # A "</script>" in the data would end the element (HTML standard, section 4.12.1.3).
    safe = json.dumps(data).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{safe}</script>'


def _tag(name: str, text: str | None, attributes: str = "") -> str:
    return "" if text is None else f"<{name}{attributes}>{escape(text)}</{name}>"


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else _utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")


def _newest(entries: Sequence[Item]) -> str:
    dates = [entry.published for entry in entries if entry.published is not None]
    return _iso(max(dates, default=datetime(2020, 1, 1, tzinfo=UTC))) or ""
