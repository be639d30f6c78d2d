"""Print the feeds of the sample newspaper: RSS 2.0, Atom 1.0, RSS 1.0 (RDF), JSON Feed 1.1, and sitemaps."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from crawler.sample.manuscript import inline_html
from crawler.sample.newspaper import Newspaper, Sample, Site, Stray

MEDIA_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry as the feed prints it; ``link`` may carry tracking, ``permalink`` never does."""

    title: str
    link: str
    permalink: str
    published: datetime
    updated: datetime
    authors: tuple[str, ...]
    summary: str
    html: str
    section: str


def listed(paper: Newspaper, site: Site, port: int) -> tuple[Listed, ...]:
    """Everything that the feed of a site names, newest first: articles, partners' articles, strays."""
    entries = [
        _listed(sample, port, site.tracking if number % 2 or sample.site != site else "")
        for number, sample in enumerate(paper.listed_by(site))
    ]
    entries += [_stray(stray, port) for stray in paper.strays if stray.site == site]
    return tuple(sorted(entries, key=lambda entry: entry.published, reverse=True))


def feed(paper: Newspaper, site: Site, port: int) -> bytes:
    """The feed of a site in its own format, encoded as its declaration says."""
    entries = listed(paper, site, port)
    match site.feed_kind:
        case "rss":
            return _rss(site, port, entries).encode()
        case "atom":
            return _atom(site, port, entries).encode()
        case "json":
            return _json(site, port, entries).encode()
        case "rdf":
            return _rdf(site, port, entries).encode("iso-8859-1", "xmlcharrefreplace")


def sitemap(paper: Newspaper, site: Site, port: int) -> bytes:
    """The site's sitemap: its front page and every article."""
    urls = "".join(
        f"<url><loc>{escape(sample.url(port))}</loc><lastmod>{sample.published.isoformat()}</lastmod></url>\n"
        for sample in paper.samples_of(site)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"<url><loc>{site.url(port)}</loc></url>\n{urls}</urlset>\n"
    ).encode()


def _listed(sample: Sample, port: int, tracking: str) -> Listed:
    return Listed(
        title=sample.title,
        link=sample.url(port) + tracking,
        permalink=sample.url(port),
        published=sample.published,
        updated=sample.updated or sample.published,
        authors=sample.authors,
        summary=sample.summary,
        html="".join(f"<p>{inline_html(b.rows[0][0])}</p>" for b in sample.blocks if b.kind == "paragraph"),
        section=sample.section,
    )


def _stray(stray: Stray, port: int) -> Listed:
    url = stray.url(port)
    return Listed(stray.title, url, url, stray.published, stray.published, (), stray.title, "", "")


def _rss(site: Site, port: int, entries: tuple[Listed, ...]) -> str:
    items = "".join(_rss_item(site, entry) for entry in entries)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>{escape(site.title)}</title>\n"
        f'<atom:link href="{escape(site.feed_url(port))}" rel="self" type="application/rss+xml"/>\n'
        f"<link>{site.url(port)}</link>\n<description>{escape(site.tagline)}</description>\n"
        f"<lastBuildDate>{format_datetime(entries[0].published)}</lastBuildDate>\n"
        f"<language>{site.language}</language>\n{items}</channel>\n</rss>\n"
    )


def _rss_item(site: Site, entry: Listed) -> str:
    authors = "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in entry.authors)
    category = f"<category>{escape(entry.section)}</category>" if entry.section else ""
    if site.language == "en":
        summary = (
            f'<p>{escape(entry.summary)} [&#8230;]</p><p>The post <a href="{entry.permalink}">{escape(entry.title)}'
            f"</a> appeared first on {escape(site.title)}.</p>"
        )
        full = ""
    else:
        summary = escape(entry.summary)
        full = f"<content:encoded>{escape(entry.html)}</content:encoded>"
    return (
        f"<item><title>{escape(entry.title)}</title><link>{escape(entry.link)}</link>{authors}"
        f"<pubDate>{format_datetime(entry.published)}</pubDate>{category}"
        f'<guid isPermaLink="true">{escape(entry.permalink)}</guid>'
        f"<description>{escape(summary)}</description>{full}</item>\n"
    )


def _atom(site: Site, port: int, entries: tuple[Listed, ...]) -> str:
    items = "".join(
        f'<entry><title>{escape(entry.title)}</title><link rel="alternate" type="text/html" '
        f'href="{escape(entry.link)}"/><id>{escape(entry.permalink)}</id>'
        f"<published>{entry.published.isoformat()}</published><updated>{entry.updated.isoformat()}</updated>"
        + "".join(f"<author><name>{escape(name)}</name></author>" for name in entry.authors)
        + f'<summary type="text">{escape(entry.summary)}</summary></entry>\n'
        for entry in entries
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" '
        f'xml:lang="{site.language}">\n<title>{escape(site.title)}</title>\n'
        f"<subtitle>{escape(site.tagline)}</subtitle>\n<id>tag:{site.host},2020:feed</id>\n"
        f'<link rel="self" href="{site.feed_url(port)}"/>\n<link rel="alternate" href="{site.url(port)}"/>\n'
        f"<author><name>{escape(site.title)}</name></author>\n"
        f"<updated>{entries[0].updated.isoformat()}</updated>\n{items}</feed>\n"
    )


def _rdf(site: Site, port: int, entries: tuple[Listed, ...]) -> str:
    sequence = "".join(f'<rdf:li rdf:resource="{escape(entry.permalink)}"/>' for entry in entries)
    items = "".join(
        f'<item rdf:about="{escape(entry.permalink)}"><title>{escape(entry.title)}</title>'
        f"<link>{escape(entry.link)}</link><description>{escape(entry.summary)}</description>"
        f"<dc:date>{entry.published.isoformat()}</dc:date>"
        + "".join(f"<dc:creator>{escape(name)}</dc:creator>" for name in entry.authors)
        + "</item>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f'<channel rdf:about="{site.feed_url(port)}"><title>{escape(site.title)}</title>'
        f"<link>{site.url(port)}</link><description>{escape(site.tagline)}</description>"
        f"<items><rdf:Seq>{sequence}</rdf:Seq></items></channel>\n{items}</rdf:RDF>\n"
    )


def _json(site: Site, port: int, entries: tuple[Listed, ...]) -> str:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": site.title,
        "home_page_url": site.url(port),
        "feed_url": site.feed_url(port),
        "language": site.language,
        "items": [
            {
                "id": entry.permalink,
                "url": entry.link,
                "title": entry.title,
                "summary": entry.summary,
                "content_text": entry.summary,
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
                "authors": [{"name": name} for name in entry.authors],
                "tags": [entry.section] if entry.section else [],
            }
            for entry in entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)
