"""The addresses that a page claims for itself, and the one that it asks the visitor to go to instead."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.claims import Claims, absolute
from crawler.extract.parse import parse

_REFRESH = re.compile(r"^\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?(.+)$", re.IGNORECASE | re.DOTALL)
"""WHATWG HTML 4.2.5.3 (refresh state): seconds, separator, an optional `url=`, the address, perhaps quoted."""

_MAX_DELAY_S = 10
"""A slower refresh reloads a ticker or a gallery; it is not a redirect."""

_STUB_WORDS = 60


def claimed_addresses(claims: Claims) -> tuple[tuple[str, str], ...]:
    """(via, url) pairs, absolute: `canonical`, `og:url`, `amphtml`, each at most once."""
    og_url = absolute(claims.meta("og:url"), claims.base)
    named = (("canonical", claims.canonical), ("og:url", og_url), ("amphtml", claims.amphtml))
    return tuple((via, url) for via, url in named if url)


def refresh_target(page: HtmlElement | bytes | str, url: str | None, header: str | None = None) -> str | None:
    """Where a stub page sends its visitor by `Refresh` header or meta refresh, absolute; None where it does not.

    Counts only with a delay of at most 10 s, an address other than the page's own, and fewer than 60 words to read.
    """
    tree = page if isinstance(page, HtmlElement) else parse(page)
    asked = [header] if header else []
    if tree is not None:
        metas = (m for m in tree.iter("meta") if (m.get("http-equiv") or "").strip().lower() == "refresh")
        asked.extend(content for meta in metas if (content := meta.get("content")))
    for content in asked:
        match = _REFRESH.match(content)
        if not match or int(match[1]) > _MAX_DELAY_S:
            continue
        target = absolute(match[2].strip().strip("'\"").strip(), url)
        if target and target != url and (tree is None or _reads_as_stub(tree)):
            return target
    return None


def _reads_as_stub(tree: HtmlElement) -> bool:
    body = tree.find("body")
    if body is None:
        return True
    words = 0
    for element in body.iter():
        if element.tag in ("script", "style", "noscript"):
            words += len((element.tail or "").split())
            continue
        words += len((element.text or "").split()) + len((element.tail or "").split())
        if words >= _STUB_WORDS:
            return False
    return True
