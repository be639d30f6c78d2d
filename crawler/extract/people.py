"""The people who wrote an article, as the page names them: which place names them, and which rule that is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.claims import Claims
from crawler.extract.names import BY, MAX_AUTHORS, URL, clean_names, is_person, trimmed
from crawler.extract.words import fold

_ENDS_WITH_BY = re.compile(r"\b(?:by|von|par|por|di|da|door|av|af)$", re.IGNORECASE)
_DESK = re.compile(
    r"(?:.\b(?:team|staff|redaktion|editors|redacci[oó]n|r[ée]daction|redazione|redactie)$|^team\b|^redaktion$)",
    re.IGNORECASE,
)
_METAS = ("author", "parsely-author", "sailthru.author", "article:author", "dc.creator", "byl")
_NAMING = frozenset({"a", "span", "div", "p", "address", "em", "cite"})
_AUTHOR_CLASS = re.compile("[aA]uthor|[bB]yline")
_SKIPPED = frozenset({"aside", "nav", "footer", "form"})
_MAX_CANDIDATES = 40


class Authors(NamedTuple):
    """The names, the rule that gave them, and what other rules would have given: (rule, names)."""

    names: tuple[str, ...]
    rule: str
    others: tuple[tuple[str, str], ...] = ()


def find_authors(
    tree: HtmlElement,
    claims: Claims,
    byline: Iterable[str] = (),
    feed_authors: Iterable[str] = (),
    site: frozenset[str] = frozenset(),
) -> Authors:
    """JSON-LD first, then the head's metas, then the by-line, then what the page marks as its author, then the feed.
    Where no person is left: a person after whom the site is called, then a desk as the page names it. Empty where
    nobody is named: the site itself is no author, unless it prints its name where the author's stands.

    `byline` is what `byline.read_byline` found, `site` what the site calls itself, folded.
    """
    listed = _json_names(claims.article.get("author"))
    metas = [name for meta in _METAS for name in claims.metas.get(meta, [])] + _turned(claims.metas)
    read = [
        ("json-ld", clean_names(listed, site)),
        ("meta", clean_names(metas, site)),
        ("byline", clean_names(byline, site, printed=True)),
    ]
    marked: list[str] = []
    if not any(names for _, names in read):
        marked = _marked(tree)
        read.append(("byline", clean_names(marked, site, printed=True)))
    read.append(("feed", clean_names(feed_authors, site)))
    named = [(rule, names) for rule, names in read if names]
    if named:
        rule, names = named[0]
        chosen = frozenset(map(fold, names))
        others = [(r, ", ".join(n)) for r, n in named[1:] if frozenset(map(fold, n)) != chosen]
        return Authors(names, rule, tuple(dict.fromkeys(others)))
    if own := clean_names(_json_names(claims.article.get("author"), persons_only=True)):
        return Authors(own, "json-ld")
    return _desk((("json-ld", listed), ("meta", metas)), (*byline, *marked), site)


def _desk(claimed: Iterable[tuple[str, list[str]]], printed: Iterable[str], site: frozenset[str]) -> Authors:
    """Who is named where no person is: a desk, or the site itself where it prints its name in the by-line, as companies
    and blogs do."""
    lines = [line for raw in printed if (line := trimmed(BY.sub("", " ".join(raw.split())[:200])))]
    shown = frozenset(map(fold, lines))
    for rule, names in (*claimed, ("byline", lines)):
        for name in names[:MAX_AUTHORS]:
            folded = fold(name)
            if not is_person(name, folded) or URL.search(name):
                continue
            if folded in (site & shown) or (folded not in site and (rule != "byline" or _names_desk(name))):
                return Authors((name,), rule)
    return Authors((), "")


def _names_desk(line: str) -> bool:
    """Whether a printed line is short, begins with a capital and ends in, or begins with, the word for a desk."""
    return len(line.split()) <= 4 and line[:1].isupper() and bool(_DESK.search(line))


def _json_names(value: object, *, persons_only: bool = False) -> list[str]:
    names: list[str] = []
    for item in (value if isinstance(value, list) else [value])[:100]:
        if isinstance(item, str) and not persons_only:
            names.append(item)
        elif isinstance(item, dict) and (not persons_only or item.get("@type") == "Person"):
            name = item.get("name")
            names.extend(n for n in (name if isinstance(name, list) else [name])[:20] if isinstance(n, str))
    return names


def _marked(tree: HtmlElement) -> list[str]:
    """Names that the markup itself calls the author's: `rel=author`, `itemprop=author`, a class of that name."""
    related, described, classed = [], [], []
    for element in tree.iter(etree.Element):
        if element.get("rel") == "author":
            related.append(element)
        if element.get("itemprop") == "author":
            described.append(element)
        if element.tag in _NAMING and _AUTHOR_CLASS.search(element.get("class") or ""):
            classed.append(element)
    for elements, most in ((related, 5), (described, 5), (classed, 1)):
        found: list[str] = []
        for element in elements[:_MAX_CANDIDATES]:
            if any(ancestor.tag in _SKIPPED for ancestor in element.iterancestors()):
                continue
            named = element.xpath('.//*[@itemprop="name"]')
            text = " ".join(spoken(named[0] if named else element).split())
            if not 2 <= len(text) <= 80 or len(text.split()) > 10 or text in found:
                continue
            if elements is not classed or clean_names((text,), printed=True) or _names_desk(trimmed(BY.sub("", text))):
                found.append(text)
        if found:
            return found[:most]
    return []


def spoken(element: HtmlElement) -> str:
    """The text of an element, parted where one element ends in a word and the next begins with a capital."""
    text = ""
    for piece in map(str, element.itertext()):
        if text[-1:].isalnum() and piece[:1].isupper():
            text += " " if _ENDS_WITH_BY.search(text) else " • "
        text += piece
    return text


def _turned(metas: dict[str, list[str]]) -> list[str]:
    """Scholarly metas write "Family, Given" (Highwire tags, one author each)."""
    names = metas.get("citation_author", [])
    return [" ".join(reversed(name.split(", "))) if name.count(", ") == 1 else name for name in names]
