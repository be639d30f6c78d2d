"""Made-up newspaper pages of the size and build of real ones, the same on every run.

A page of 170 KB holds what such pages hold: about 6 KB of article text, and around it style rules, scripts, a JSON
blob of state, a menu, lists of related articles, comments and a footer. Layouts differ from site to site, words and
numbers from page to page. A page has some 1,400 elements, and trafilatura needs as long for one as for the median real
page of that size (15 to 20 ms); every other site leaves its date to be found in the text. `article(site, number)` is
pure; so is everything else here.
"""

from __future__ import annotations

import functools
import html
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from wording import headline, sentence

FULL_BYTES = 170_000
NEWEST = datetime(2026, 1, 5, 12, tzinfo=UTC)

NAMES = ["Ada Brandvik", "Tom Okereke", "Ines Caldera", "Piet Zwart", "Mara Lindqvist", "Jon Abernethy"]
NAMES += ["Rosa Quill", "Emil Fontana"]
_SECTIONS = ["Local", "World", "Business", "Culture", "Sport", "Science", "Opinion", "Travel", "Weather", "Letters"]
_TITLES = ["Courier", "Gazette", "Herald", "Observer", "Post", "Chronicle", "Mercury", "Sentinel"]
_RULES = ("margin:{a}px {b}px", "color:#{c:06x}", "flex:{a} 1 {b}%", "max-width:{c}px", "padding:{b}px 0 {a}px")


@dataclass(frozen=True, slots=True)
class Made:
    """One article and where it stands."""

    path: str
    title: str
    published: datetime
    page: bytes


def article_path(site: int, number: int) -> str:
    """Where an article stands on its site."""
    return f"/{2024 + number % 2}/{1 + number % 12:02d}/{_slug(_title(site, number))}-{site:02d}{number:06d}.html"


def article(site: int, number: int, size_bytes: int = FULL_BYTES) -> Made:
    """One article of a site in its page of about `size_bytes`."""
    rng = random.Random(site * 1_000_003 + number)
    published = NEWEST - timedelta(minutes=7 * number + site)
    title, path = _title(site, number), article_path(site, number)
    paragraphs = [paragraph(rng) for _ in range(rng.randint(14, 20))]
    author = rng.choice(NAMES)
    head = _head(site, title, path, author, published, paragraphs[0])
    body = _layout(site, rng, number, title, author, published, paragraphs)
    related = _related(site, number, rng, max(4, size_bytes // 2600))
    comments = _comments(rng, max(2, size_bytes // 3400))
    rest = size_bytes - sum(map(len, (head, body, related, comments, _menu(site), _footer(site))))
    page = "".join(
        (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n<style>{_styles(site, rest // 4)}</style>\n',
            f'<script>{_script(site, rest // 6)}</script>\n</head>\n<body class="site-{site} article">\n{_menu(site)}',
            f"{body}\n{related}\n{comments}\n{_footer(site)}\n",
            f'<script id="state" type="application/json">{_state(rng, rest // 3)}</script>\n',
            f"<script>{_script(site + 1, rest // 4)}</script>\n</body>\n</html>\n",
        )
    )
    return Made(path, title, published, page.encode())


def feed(site: int, base: str, count: int) -> bytes:
    """An RSS 2.0 feed that names the first `count` articles of a site at `base` (no slash at its end)."""
    items = "".join(
        f"<item><title>{html.escape(_title(site, number))}</title><link>{base}{article_path(site, number)}</link>"
        f'<guid isPermaLink="false">{site}-{number}</guid>'
        f"<pubDate>{NEWEST - timedelta(minutes=7 * number + site):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>\n"
        for number in range(count)
    )
    return (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel><title>{_site_name(site)}</title>'
        f"<link>{base}/</link><description>Made up.</description>\n{items}</channel></rss>\n"
    ).encode()


def paragraph(rng: random.Random) -> str:
    return " ".join(sentence(rng) for _ in range(rng.randint(2, 5)))


@functools.lru_cache(maxsize=100_000)
def _title(site: int, number: int) -> str:
    rng = random.Random(f"title {site} {number}")
    return headline(rng)


def _slug(title: str) -> str:
    return "-".join(title.lower().split()[:9])


def _site_name(site: int) -> str:
    return f"The {NAMES[site % 8].split()[1]} {_TITLES[site // 8 % 8]}"


def _head(site: int, title: str, path: str, author: str, published: datetime, first: str) -> str:
    facts = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": title,
        "datePublished": published.isoformat(),
        "author": [{"@type": "Person", "name": author}],
        "publisher": {"@type": "Organization", "name": _site_name(site)},
        "articleSection": _SECTIONS[site % 10],
        "image": [f"/images/{number}.jpg" for number in range(3)],
    }
    linked = f'<script type="application/ld+json">{json.dumps(facts)}</script>' if site % 3 else ""
    stamp = f'<meta property="article:published_time" content="{published.isoformat()}">\n' if site % 2 else ""
    escaped = html.escape(title)
    links = "".join(f'<link rel="preload" as="font" href="/fonts/{site}-{n}.woff2" crossorigin>\n' for n in range(12))
    return (
        f'<meta charset="utf-8">\n<title>{escaped} | {_site_name(site)}</title>\n'
        f'<meta property="og:title" content="{escaped}">\n<meta property="og:type" content="article">\n'
        f'<meta property="og:site_name" content="{_site_name(site)}">\n<link rel="canonical" href="{path}">\n'
        f'<meta name="description" content="{html.escape(first[:150])}">\n'
        f"{stamp}{linked}\n{links}"
    )


def _layout(
    site: int,
    rng: random.Random,
    number: int,
    title: str,
    author: str,
    published: datetime,
    paragraphs: list[str],
) -> str:
    """The article in one of four builds."""
    escaped, when = html.escape(title), f"{published:%d %B %Y, %H:%M}"
    parts = [f"<p>{html.escape(text)}</p>" for text in paragraphs]
    parts.insert(4, f"<h2>{html.escape(sentence(rng).rstrip('.'))}</h2>")
    parts.insert(7, f'<aside class="newsletter"><h4>Our letter</h4><p>{sentence(rng)}</p><input type="email"></aside>')
    parts.insert(9, f"<blockquote><p>{html.escape(sentence(rng))}</p></blockquote>")
    link = f'<a href="{article_path(site, number + 1)}">{html.escape(_title(site, number + 1))}</a>'
    parts.insert(11, f"<p>{sentence(rng)} Read also: {link}. {sentence(rng)}</p>")
    picture = (
        f'<figure><img src="/images/{number}.jpg" alt="{escaped}"><figcaption>{sentence(rng)}</figcaption></figure>'
    )
    build = site % 4
    if build == 0:
        text = "\n".join(parts)
        return (
            f'<main><article class="story"><header><h1>{escaped}</h1><p class="byline">By {author}</p>'
            f'<time datetime="{published.isoformat()}">{when}</time></header>{picture}\n{text}</article></main>'
        )
    if build == 1:
        text = "\n".join(f'<div class="paragraph" data-block="{n}">{part}</div>' for n, part in enumerate(parts))
        return (
            f'<div id="content"><div class="col-8"><h1 class="headline">{escaped}</h1>\n<div class="meta"><span>'
            f'{author}</span> <span class="date">{when}</span></div>{picture}<div class="article-body">{text}'
            "</div></div></div>"
        )
    if build == 2:
        text = "\n".join(parts)
        return (
            f'<section role="main"><div class="wrap"><h1>{escaped}</h1><div class="lead">{picture}</div>'
            f'<div itemprop="articleBody" class="entry-content">{text}</div><p class="author">Written by {author}, '
            f"{when}</p></div></section>"
        )
    text = "\n".join(parts)
    return (
        f'<table class="frame"><tr><td class="left">{_SECTIONS[site % 10]}</td><td class="post"><h1>{escaped}</h1>'
        f'<small>{when} {author}</small><div class="post-text">{text}</div></td></tr></table>'
    )


def _related(site: int, number: int, rng: random.Random, count: int) -> str:
    cards = "".join(
        f'<li class="card card--{n % 5}" data-position="{n}"><a href="{article_path(site, number + 2 + n % 30)}">'
        f'<picture><source srcset="/images/{n}-480.webp 480w, /images/{n}-960.webp 960w" type="image/webp">'
        f'<img loading="lazy" src="/images/{n}.jpg" alt="" width="480" height="320"></picture>'
        f'<div class="card__text"><h3>{html.escape(_title(site, number + 2 + n % 30))}</h3></a>'
        f'<p class="card__teaser">{sentence(rng)}</p><span class="kicker">{_SECTIONS[n % 10]}</span></div>'
        f"<time>{rng.randint(1, 23)} hours ago</time></li>\n"
        for n in range(count)
    )
    return f'<aside class="related"><h2>More from {_site_name(site)}</h2><ul>{cards}</ul></aside>'


def _comments(rng: random.Random, count: int) -> str:
    listed = "".join(
        f'<li class="comment" id="comment-{rng.randint(1, 10**6)}"><div class="who"><b>reader{rng.randint(1, 9999)}</b>'
        f'<span>{rng.randint(2, 59)} minutes ago</span></div><div class="said"><p>{sentence(rng)} {sentence(rng)}</p>'
        f'</div><button class="vote">{rng.randint(0, 90)}</button><button>Reply</button></li>\n'
        for _ in range(count)
    )
    return f'<section id="comments" class="comments"><h2>{count} comments</h2><ol>{listed}</ol></section>'


@functools.cache
def _menu(site: int) -> str:
    entries = "".join(
        f'<li class="menu-item menu-item-{n}"><a href="/{section.lower()}/{n}" data-t="m">{section} {n}</a></li>\n'
        for n in range(8)
        for section in _SECTIONS
    )
    return (
        f'<header class="top"><a class="logo" href="/"><svg viewBox="0 0 90 20"><path d="M{site} 0h90v20H0z"/></svg>'
        f'{_site_name(site)}</a><nav><ul class="mega">{entries}</ul></nav><form action="/search"><input name="q">'
        "</form></header>\n"
    )


@functools.cache
def _footer(site: int) -> str:
    entries = "".join(f'<li><a href="/service/{n}">Service {n}</a></li>' for n in range(40))
    return f"<footer><ul>{entries}</ul><p>Copyright {_site_name(site)}. All rights reserved.</p></footer>"


@functools.lru_cache(maxsize=512)
def _styles(site: int, size_chars: int) -> str:
    rules, length = [], 0
    while length < size_chars:
        n = len(rules)
        rules.append(f".s{site}-{n}{{{_RULES[n % 5].format(a=n % 9, b=n * 7 % 40, c=n * 7919 % 0xFFFFFF)}}}")
        length += len(rules[-1]) + 1
    return "\n".join(rules)


@functools.lru_cache(maxsize=512)
def _script(site: int, size_chars: int) -> str:
    calls = [
        f'q.push(["slot-{site}-{n}",{{w:{n * 13 % 970},h:{n * 7 % 600},lazy:!{n % 2}}}]);'
        for n in range(size_chars // 44)
    ]
    return f"(function(){{var q=[];if(1<2&&q){{{''.join(calls)}}}window.q{site}=q;}})();"


def _state(rng: random.Random, size_chars: int) -> str:
    start = rng.randrange(1000)
    flags = ",".join(
        f'"flag_{n}":{{"on":{"true" if n % 3 else "false"},"bucket":{n * 37 % 101}}}'
        for n in range(start, start + size_chars // 36)
    )
    return f'{{"visitor":{rng.randrange(10**9)},"settings":{{{flags}}}}}'
