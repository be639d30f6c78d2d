"""Which feeds stand behind a page: those it declares, those it links to, and where they usually are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, urljoin, urlsplit

from lxml import etree
from lxml import html as lxml_html
from w3lib.encoding import html_to_unicode

from storage import SourceKind

MAX_CANDIDATES = 50
"""A page that declares more feeds than this (one a category, say) is cut."""

MAX_SITEMAPS = 1_000
_MAX_ROBOTS_BYTES = 512 * 1024
"""RFC 9309 section 2.5: a crawler reads at least 500 KiB of a robots.txt."""
MAX_HTML_BYTES = 5 * 1024 * 1024
_MAX_LINKS = 20_000

Via = Literal["link", "anchor", "path", "robots"]

_FEED_TYPES = {
    "application/rss+xml": 0,
    "application/atom+xml": 0,
    "application/feed+json": 1,
    "application/rdf+xml": 2,
    "application/json": 3,
    "application/xml": 3,
    "text/xml": 3,
}
"""Media types of declared feeds and how sure they are; the last three are also used for other things."""
_FEED_PATH = re.compile(
    r"/(?:feed|feeds|rss|atom)(?:/(?:rss2?|atom|feed|default|all|posts|index))*/?$"
    r"|/(?:[\w-]*[._-])?(?:feed|feeds|rss|rss2|atom|index)\.(?:xml|rdf|rss|atom|json)$|\.(?:rss|atom|rdf)$",
    re.IGNORECASE,
)
_FEED_TEXT = re.compile(
    r"^\W*(?:rss|atom|xml|feed|rss[ -]?feeds?|atom[ -]?feeds?|subscribe via rss|json feed)\W*$", re.I
)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario|commenti|/replies|reacties", re.IGNORECASE)
_PAGE_API = re.compile(r"/wp-json/|oembed|/manifest\.json|opensearch|/xmlrpc\.php|/wlwmanifest", re.IGNORECASE)
_SITEMAP_LINE = re.compile(rb"^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2048})", re.IGNORECASE | re.MULTILINE)

_COMMON_PATHS = (
    *("/feed/", "/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml", "/feeds/posts/default?alt=rss"),
    *("/feed.json", "/?feed=rss2", "/index.rdf", "/rss/news.xml", "/sitemap-news.xml", "/news-sitemap.xml"),
    "/sitemap.xml",
)
"""WordPress, Ghost and Medium, Hugo, Jekyll, Blogger, Movable Type, and what news sites use; likeliest first."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that may be a feed, what the page calls it, and how it was found."""

    url: str
    title: str | None = None
    kind: SourceKind = "feed"
    via: Via = "link"


def feeds_behind(html: bytes, url: str, content_type: str | None = None) -> tuple[Candidate, ...]:
    """The feeds that an HTML page at `url` leads to, the likeliest first: declared ones in the order of the page, then
    links that look like feeds. Comment feeds are left out. Only http(s) addresses, each once; () for what is no HTML.
    """
    root = tree_of(html[:MAX_HTML_BYTES], content_type)
    if root is None:
        return ()
    base = base_of(root, url)
    ranked: list[tuple[int, int, Candidate]] = []
    for order, (rank, candidate) in enumerate((*_declared(root, base), *_linked(root, base, url))):
        ranked.append((rank, order, candidate))
    ranked.sort(key=lambda one: one[:2])
    unique: dict[str, Candidate] = {}
    for _, _, candidate in ranked:
        if candidate.url.split("#")[0] != url.split("#")[0]:
            unique.setdefault(candidate.url, candidate)
    return tuple(unique.values())[:MAX_CANDIDATES]


def candidates(url: str) -> tuple[Candidate, ...]:
    """Addresses worth a try for a site that declares no feed, the likeliest first: what the platform behind a known
    host serves, else the paths that common software uses, under the section of `url` first and then at the root."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ()
    if parts.scheme not in ("http", "https") or not host:
        return ()
    known = _platform(host, parts.path, parts.query)
    if known:
        return tuple(Candidate(found, via="path") for found in known)
    root = f"{parts.scheme}://{parts.netloc}"
    section = parts.path.rstrip("/")
    found = [f"{root}{section}{path}" for path in _COMMON_PATHS[:2]] if section and "." not in section[-6:] else []
    found += [f"{root}{path}" for path in _COMMON_PATHS]
    return tuple(Candidate(one, kind="sitemap" if "sitemap" in one else "feed", via="path") for one in found)


def sitemaps_in(robots: bytes) -> tuple[Candidate, ...]:
    """The sitemaps that a robots.txt names (sitemaps.org, "Specifying the Sitemap location"): absolute http(s)
    addresses in the order of the file, each once. Linear in its length, of which the first 512 KiB count."""
    found: dict[str, Candidate] = {}
    for match in _SITEMAP_LINE.finditer(robots[:_MAX_ROBOTS_BYTES].replace(b"\r", b"\n")):
        address = _http(match[1].decode("utf-8", "replace"), "")
        if address:
            found.setdefault(address, Candidate(address, kind="sitemap", via="robots"))
    return tuple(found.values())[:MAX_SITEMAPS]


def tree_of(html: bytes, content_type: str | None) -> etree._Element | None:
    """The HTML document in the charset that browsers would take; None where there is none."""
    _, text = html_to_unicode(content_type, html)
    parser = lxml_html.HTMLParser(no_network=True, huge_tree=False, encoding="utf-8")
    try:
        root = lxml_html.document_fromstring(text.replace("\0", "").encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        return None
    return root


def base_of(root: etree._Element, url: str) -> str:
    """What relative links of the page at `url` are relative to."""
    for element in root.iter("base"):
        base = _http(element.get("href") or "", url)
        if base:
            return base
    return url


def _declared(root: etree._Element, base: str) -> Iterator[tuple[int, Candidate]]:
    """<link rel="alternate" type="..."> (HTML Standard, link type "alternate"); rel="feed" needs no type."""
    for element in root.iter("link"):
        rels = (element.get("rel") or "").lower().split()
        media_type = (element.get("type") or "").split(";")[0].strip().lower()
        if "alternate" in rels and media_type in _FEED_TYPES:
            rank = _FEED_TYPES[media_type]
        elif "feed" in rels and "stylesheet" not in rels:
            rank = 1
        else:
            continue
        href, title = element.get("href") or "", _title(element.get("title"))
        address = _http(href, base)
        doubtful = rank == 3 and not _FEED_PATH.search(urlsplit(address).path) if address else True
        if address and not doubtful and not _PAGE_API.search(address) and not _is_comments(address, title):
            yield rank, Candidate(address, title, via="link")


def _linked(root: etree._Element, base: str, url: str) -> Iterator[tuple[int, Candidate]]:
    """<a> whose address or text says that it is a feed; those of another site come last."""
    host = urlsplit(url).hostname
    for count, element in enumerate(root.iter("a")):
        if count >= _MAX_LINKS:
            return
        href = element.get("href") or ""
        text = _title(element.get("title")) or _title("".join(str(part) for part in element.itertext())[:500])
        typed = (element.get("type") or "").lower() in _FEED_TYPES
        if not (typed or _FEED_PATH.search(href.split("?")[0]) or (text and _FEED_TEXT.match(text))):
            continue
        address = _http(href, base)
        if address and not _PAGE_API.search(address) and not _is_comments(address, text):
            yield (4 if urlsplit(address).hostname == host else 5), Candidate(address, text, via="anchor")


def _is_comments(address: str, title: str | None) -> bool:
    return bool(_COMMENTS.search(urlsplit(address).path) or _COMMENTS.search(title or ""))


def _title(raw: str | None) -> str | None:
    return " ".join((raw or "").split())[:200] or None


def _http(href: str, base: str) -> str | None:
    """The absolute http(s) address of a link; `feed:` is what feed readers once registered for it."""
    href = re.sub(r"^feed:(?://)?(?=https?:)", "", href.strip(), flags=re.IGNORECASE)
    href = re.sub(r"^feed://", "http://", href, flags=re.IGNORECASE)
    try:
        address = urljoin(base, re.sub(r"[\t\r\n]", "", href))
        parts = urlsplit(address)
        return address if href and parts.scheme in ("http", "https") and parts.hostname else None
    except ValueError:
        return None


def _platform(host: str, path: str, query: str) -> tuple[str, ...]:
    """Where the big platforms serve their feeds, by the address of what a person looks at."""
    steps = [step for step in path.split("/") if step]
    if host in ("youtube.com", "m.youtube.com"):
        feed = "https://www.youtube.com/feeds/videos.xml"
        if len(steps) > 1 and steps[0] == "channel":
            return (f"{feed}?channel_id={steps[1]}",)
        if len(steps) > 1 and steps[0] == "user":
            return (f"{feed}?user={steps[1]}",)
        playlist = parse_qs(query, max_num_fields=50).get("list") if query.count("&") < 50 else None
        return (f"{feed}?playlist_id={playlist[0]}",) if playlist else ()
    if host in ("reddit.com", "old.reddit.com") and len(steps) > 1 and steps[0] in ("r", "user"):
        return (f"https://www.reddit.com/{steps[0]}/{steps[1]}/.rss",)
    if host == "github.com" and len(steps) > 1:
        repository = f"https://github.com/{steps[0]}/{steps[1]}"
        return (f"{repository}/releases.atom", f"{repository}/commits.atom")
    if host == "medium.com" and steps:
        return (f"https://medium.com/feed/{steps[0]}",)
    if host.endswith((".blogspot.com", ".blogger.com")):
        return (f"https://{host}/feeds/posts/default", f"https://{host}/feeds/posts/default?alt=rss")
    if host.endswith((".substack.com", ".wordpress.com")):
        return (f"https://{host}/feed",)
    if host.endswith(".tumblr.com"):
        return (f"https://{host}/rss",)
    return ()
