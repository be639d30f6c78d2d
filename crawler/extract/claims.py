"""What a page says about itself in its head: meta elements, links and JSON-LD, read once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

_MAX_JSON_CHARS = 500_000
_MAX_NODES = 2_000
_MAX_METAS = 1_000
_ARTICLE_TYPE = re.compile(
    r"(?:Article|BlogPosting|Posting|Report|Review|Recipe|LiveBlogPosting|CreativeWork|HowTo)$", re.IGNORECASE
)
_JSON_NOISE = re.compile(r"^\s*(?://\s*)?<!\[CDATA\[|(?://\s*)?\]\]>\s*$|^\s*<!--|-->\s*$|;\s*$")

_TELLING = ("headline", "author", "datePublished", "dateModified", "image")
_ALSO_TELLING = ("articleSection", "license", "isAccessibleForFree", "hasPart", "isBasedOn", "keywords", "description")

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of one page. `metas` maps lower-case names to their values in page order; `article` is the JSON-LD
    node of the article itself, empty where there is none; `types` are all JSON-LD types of the page."""

    metas: dict[str, list[str]]
    article: Node
    types: frozenset[str]
    base: str | None
    canonical: str | None
    amphtml: str | None
    page_title: str | None
    html_language: str | None
    publisher: str | None
    page_dates: tuple[object, object] = (None, None)
    """Publication and update of the JSON-LD node of the page, where the article's own node does not date it."""
    breadcrumbs: tuple[str, ...] = ()
    """Names of the JSON-LD BreadcrumbList, from the site's top down."""

    def meta(self, *names: str) -> str | None:
        """The first non-empty value among the named metas, in the order of the names."""
        return next((value for name in names for value in self.metas.get(name, ()) if value), None)


def read_claims(tree: HtmlElement, url: str | None) -> Claims:
    """Read what the page claims. Nothing in the page makes this raise."""
    metas: dict[str, list[str]] = {}
    for number, meta in enumerate(tree.iter("meta")):
        if number >= _MAX_METAS:
            break
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = meta.get("content")
        if name and content and content.strip():
            metas.setdefault(name.strip().lower(), []).append(" ".join(content.split()))
    base = _base(tree, url)
    nodes = list(_json_nodes(tree))
    article = _article_node(nodes)
    links = {"canonical": "", "amphtml": ""}
    for link in tree.iter("link"):
        rels = (link.get("rel") or "").lower().split()
        for rel in links:
            if rel in rels and not links[rel]:
                links[rel] = absolute(link.get("href"), base) or ""
    title = next((t for t in tree.iter("title") if t.text_content().strip()), None)
    publisher = article.get("publisher")
    return Claims(
        metas=metas,
        article=article,
        types=frozenset(kind for node in nodes for kind in types_of(node)),
        base=base,
        canonical=links["canonical"] or None,
        amphtml=links["amphtml"] or None,
        page_title=" ".join(title.text_content().split()) if title is not None else None,
        html_language=tree.get("lang") or tree.get("xml:lang"),
        publisher=text_of(publisher.get("name")) if isinstance(publisher, dict) else None,
        page_dates=_page_dates(nodes),
        breadcrumbs=_breadcrumbs(nodes),
    )


def absolute(href: object, base: str | None) -> str | None:
    """An absolute http(s) URL of at most 2,083 characters, or None where it is none."""
    if not isinstance(href, str) or not href.strip():
        return None
    try:
        joined = urljoin(base or "", href.strip())
        parts = urlsplit(joined)
    except ValueError:
        return None
    return joined if parts.scheme in ("http", "https") and parts.hostname and len(joined) <= 2083 else None


def text_of(value: object) -> str | None:
    """The text of a JSON-LD value: a string, `@value`, `name`, or the first of a list."""
    if isinstance(value, list):
        return next((text for item in value[:5] if (text := text_of(item))), None)
    if isinstance(value, dict):
        return text_of(value.get("@value") or value.get("name"))
    return " ".join(value.split()) or None if isinstance(value, str) else None


def types_of(node: Node) -> tuple[str, ...]:
    """The JSON-LD types of a node, without their vocabulary's address."""
    kinds = node.get("@type")
    named = kinds if isinstance(kinds, list) else [kinds]
    return tuple(kind.rsplit("/", 1)[-1] for kind in named[:10] if isinstance(kind, str))


def _base(tree: HtmlElement, url: str | None) -> str | None:
    declared = next((base.get("href") for base in tree.iter("base") if base.get("href")), None)
    return absolute(declared, url) or url


def _json_nodes(tree: HtmlElement) -> Iterator[Node]:
    seen = 0
    for script in tree.iter("script"):
        kind = script.get("type")
        if not ("ld+json" in kind.lower() if kind else (script.text or "")[:40].lstrip().startswith('{"@context"')):
            continue
        queue: list[object] = [_load(script.text or "")]
        while queue and seen < _MAX_NODES:
            item = queue.pop(0)
            seen += 1
            if isinstance(item, list):
                queue.extend(item[:200])
            elif isinstance(item, dict):
                yield item
                queue.extend(item[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in item)


def _load(text: str) -> object:
    if len(text) > _MAX_JSON_CHARS:
        return None
    for repair in (str, partial(_JSON_NOISE.sub, ""), unescape):
        try:
            return json.loads(repair(text), strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _page_dates(nodes: list[Node]) -> tuple[object, object]:
    pages = (node for node in nodes if any(kind.endswith(("WebPage", "ItemPage")) for kind in types_of(node)))
    page = next((node for node in pages if "datePublished" in node), {})
    return page.get("datePublished"), page.get("dateModified")


def _breadcrumbs(nodes: list[Node]) -> tuple[str, ...]:
    trail = next((node for node in nodes if "BreadcrumbList" in types_of(node)), {}).get("itemListElement")
    items = [item for item in (trail if isinstance(trail, list) else [])[:10] if isinstance(item, dict)]
    items.sort(key=lambda item: place if isinstance(place := item.get("position"), int) else 0)
    return tuple(name for item in items if (name := text_of(item.get("name")) or text_of(item.get("item"))))


def _article_node(nodes: list[Node]) -> Node:
    """The node that describes the article: one with an article's type, the more it says the better."""
    best, most = {}, 0
    for node in nodes:
        if not any(_ARTICLE_TYPE.search(kind) for kind in types_of(node)):
            continue
        says = 10 * sum(key in node for key in _TELLING) + sum(key in node for key in _ALSO_TELLING)
        if says > most:
            best, most = node, says
    people = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    author = best.get("author")
    resolved = [
        people.get(item.get("@id", ""), item) if isinstance(item, dict) and "name" not in item else item
        for item in (author if isinstance(author, list) else [author])[:100]
    ]
    return {**best, "author": resolved} if author else best
