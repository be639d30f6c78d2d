"""What a polled document is, recognised by its bytes and not by its label, and handed to the reader of its format."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from datetime import datetime

from crawler.discover import feeds_behind
from crawler.feeds.charset import MAX_INFLATED_BYTES, decode, inflate
from crawler.feeds.document import FeedDocument, NotAFeed
from crawler.feeds.jsonfeed import read_json_feed
from crawler.feeds.markup import find_root, read_markup
from crawler.feeds.sitemaps import read_sitemap, read_sitemap_index, read_text_sitemap
from crawler.feeds.syndication import read_syndication
from crawler.urls import host
from storage import FoundFeed, SourceKind

_SYNDICATION = frozenset({"rss", "rdf", "feed", "channel"})
_HTML_ROOTS = frozenset(
    {"html", "head", "body", "title", "meta", "link", "script", "style", "div", "p", "h1", "br", "b"}
)
_LOOKS_LIKE_HTML = re.compile(r"<(?:html|head|body|title|meta|script|div|p|h1)\b", re.IGNORECASE)
_CHALLENGES = re.compile(
    r"cf-chl-|/cdn-cgi/challenge-platform/|<title>\s*Just a moment\.\.\.|<title>\s*Attention Required! \| Cloudflare"
    r"|_Incapsula_Resource|captcha-delivery\.com|px-captcha|ddos-guard|/\.well-known/sgcaptcha|anubis_challenge"
    r"|awsWafCookieDomainList|challenge\.js.{0,40}awswaf|Verifying you are human|Pardon Our Interruption",
    re.IGNORECASE,
)
"""What the pages of Cloudflare, Imperva, DataDome, PerimeterX, DDoS-Guard, SiteGround, Anubis, AWS and Distil say."""

_SNIFFED_CHARS = 200_000


def parse_document(
    body: bytes, url: str, content_type: str | None, *, expect: SourceKind = "feed", now: datetime
) -> FeedDocument | NotAFeed:
    """Read what was fetched from `url` (the final one, after redirects: what is relative is relative to it).

    `content_type` is the header as it came; only its charset counts. `expect` decides only what bytes cannot: whether
    a list of addresses is a sitemap. A gzip file is opened. `now` tells which dates lie ahead.

    Never raises on bad input, MemoryError excepted; but time and memory are the caller's to bound.
    """
    try:
        document = _parse(body, url, content_type, expect, now)
    except MemoryError:
        raise
    except Exception as problem:  # whatever the libraries raise on a hostile document is an answer about the document
        detail = " ".join(f"{type(problem).__name__}: {problem}".split())[:200]
        return NotAFeed("broken", f"the document cannot be read ({detail})")
    if isinstance(document, FeedDocument) and (content_type or "").strip().lower().startswith("text/html"):
        return replace(document, flags=tuple(sorted({*document.flags, "served_as_html"})))
    return document


def _parse(
    body: bytes, url: str, content_type: str | None, expect: SourceKind, now: datetime
) -> FeedDocument | NotAFeed:
    try:
        inflated = inflate(body)
    except zlib.error as problem:
        return NotAFeed("broken", f"a gzip file that cannot be opened ({problem})")
    if inflated is None:
        return NotAFeed("too_large", f"a gzip file of more than {MAX_INFLATED_BYTES // 2**20} MiB")
    decoded = decode(inflated, content_type)
    text, flags = decoded.text, frozenset(decoded.flags)
    start = text[:_SNIFFED_CHARS].lstrip("\ufeff \t\r\n\0")
    if not start and not text.strip():
        return NotAFeed("empty", "the answer has no content")
    if start.startswith(("{", "[")):
        return _json(text.lstrip("\ufeff \t\r\n\0"), url, now, flags)
    root = find_root(text.lstrip("\ufeff"))
    if root is not None and root.name in _SYNDICATION | {"urlset", "sitemapindex"}:
        markup = read_markup(root)
        markup = replace(markup, flags=tuple(sorted({*markup.flags, *flags})))
        if markup.problem and "huge" in markup.problem.lower():
            return NotAFeed("too_large", f"XML beyond the limits of a feed: {markup.problem}")
        if markup.problem and "depth" in markup.problem.lower():
            return NotAFeed("broken", f"XML nested beyond any feed: {markup.problem}")
        if root.name == "urlset":
            return read_sitemap(markup, url, now)
        if root.name == "sitemapindex":
            return read_sitemap_index(markup, url, now)
        return read_syndication(markup, url, now)
    if expect == "sitemap" and (listed := read_text_sitemap(text.lstrip("\ufeff"), url, now, flags)):
        return listed
    return _not_a_feed(text, root.name if root else None, inflated, url, content_type)


def _json(text: str, url: str, now: datetime, flags: frozenset[str]) -> FeedDocument | NotAFeed:
    try:
        document = read_json_feed(text, url, now, flags)
    except (ValueError, RecursionError) as problem:
        detail = " ".join(str(problem).split())[:150]
        return NotAFeed("broken", f"JSON that cannot be read ({detail})")
    return document or NotAFeed("unknown", "JSON, but no JSON Feed: no version and items of jsonfeed.org")


def _not_a_feed(text: str, root: str | None, body: bytes, url: str, content_type: str | None) -> NotAFeed:
    head = text[:_SNIFFED_CHARS]
    challenged = _CHALLENGES.search(head) is not None
    if challenged or root in _HTML_ROOTS or (root is None and _LOOKS_LIKE_HTML.search(head)):
        found = tuple(
            FoundFeed(candidate.url, host(candidate.url), candidate.kind)
            for candidate in feeds_behind(body, url, content_type)
            if host(candidate.url)
        )
        if challenged:
            detail = "a page that asks to prove that a person is reading, in place of the feed"
            return NotAFeed("challenge", detail, found)
        return NotAFeed("html", "an HTML page, not a feed", found)
    if root:
        return NotAFeed("unknown", f"XML, but no feed or sitemap: its root element is <{root[:60]}>")
    return NotAFeed("unknown", "neither XML nor JSON nor HTML")
