"""The people who wrote an article: named by the page, cleaned of everything that is not their name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import unescape

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.claims import Claims
from crawler.extract.words import fold

MAX_AUTHORS = 50
_MAX_NAME_CHARS = 120

_BY = re.compile(
    r"^\W*(?:(?:(?:view |see |all )*posts|written|posted|story|words|text|report(?:ed|ing)?|review(?:ed)?|published"
    r"|article)\s+)?"
    r"(?:by|von|par|por|di|da|door|av|af|autor(?:e|en|in|a)?|author|auteurs?|автор|текст|written by|texte)"
    r"(?:\s*[:：]\s*|\s+)",
    re.IGNORECASE,
)
_ENDS_WITH_BY = re.compile(r"\b(?:by|von|par|por|di|da|door|av|af)$", re.IGNORECASE)
_EMAIL = re.compile(r"[<(\[]?\s*[\w.+-]+@[\w-]+(?:\.[\w-]+)+\s*[>)\]]?")
_TAG = re.compile(r"<[^<>]{1,200}>")
_URL = re.compile(r"(?:https?:)?//\S+|www\.\S+")
_SPLIT = re.compile(r"\s*(?:;|,|/|\||•|·|\n|、|，)\s*")
_CONJUNCTION = re.compile(
    r"\s*(?:&|\band\b|\bund\b|\bet\b|\by\b(?=\s+[A-ZÀ-Ý])|และ|\bwith\b|\bmit\b)\s*", re.IGNORECASE
)
_BODY = re.compile(
    r"\b(?:for|of|für|pour|para|cent(?:er|re)|department|departement|institut\w*|universit\w*|ministry|association|society)\b"
    r"|ministerium",
    re.IGNORECASE,
)
"""A public body has an "and" within its name."""
_DAY_WORD = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?)\.?"
)
_DAY_WORDS = re.compile(rf"^(?:\d{{1,2}}\s+)?{_DAY_WORD}(?:\s+{_DAY_WORD})*$", re.IGNORECASE)
_DAY_BEHIND = re.compile(rf"^(\S+\s+\S.*?)(?:\s+{_DAY_WORD})+$", re.IGNORECASE)
_STATUS = re.compile(
    r"^(?:last\s+)?(?:updated|published|posted|modified|reviewed|\d+\s+min(?:ute)?s?\b)\b", re.IGNORECASE
)
_CREDENTIAL = re.compile(r"^[A-Z]{2,6}®$")
_ROLE = re.compile(
    r"\b(?:editors?|editorial|staff|reporters?|writers?|correspondents?|contributors?|columnists?|journalists?|"
    r"redaktion|redakteur(?:in)?|redacci[oó]n|r[ée]daction|redazione|redactie|news desk|newsroom|web ?team|team|"
    r"photographers?|producers?|ph\.?d\.?|m\.?d\.?|jr|sr|opinion|bureau|chief|director)\b",
    re.IGNORECASE,
)
_TRAILING = re.compile(
    r"\s+(?:(?:am|on|le|el|il|published|updated)\s+)?(?:\d.*|(?:jan|feb|m[aä]r|apr|may|mai|jun|jul|aug|sep|o[ck]t|nov"
    r"|de[cz])\w*\.?\s+\d.*|(?:said|says|weiter)\b.*)$",
    re.IGNORECASE,
)
_NOBODY = frozenset(
    (
        "admin",
        "administrator",
        "author",
        "anonymous",
        "editor",
        "staff",
        "unknown",
        "none",
        "null",
        "undefined",
        "user",
        "webmaster",
        "redaktion",
        "guest",
        "root",
        "by",
        "test",
        "n a",
        "super user",
        "home",
        "sign in",
        "sign up",
        "log in",
        "login",
        "register",
        "subscribe",
        "share",
        "search",
        "menu",
        "comments",
        "read more",
        "on",
        "at",
        "in",
        "from",
    )
)
_METAS = ("author", "parsely-author", "sailthru.author", "article:author", "dc.creator", "byl")
_NAMING = frozenset({"a", "span", "div", "p", "address", "em", "cite"})
_AUTHOR_CLASS = re.compile("[aA]uthor|[bB]yline")
_SKIPPED = frozenset({"aside", "nav", "footer", "form"})
_MAX_CANDIDATES = 40


def find_authors(
    tree: HtmlElement,
    claims: Claims,
    byline: Iterable[str] = (),
    feed_authors: Iterable[str] = (),
    site: frozenset[str] = frozenset(),
) -> tuple[tuple[str, ...], str]:
    """(names, rule). JSON-LD first, then the head's metas, then the by-line, then what the page marks as its author,
    then the feed. Where no person is left: a person after whom the site is called, then a desk as the page names it.
    Empty where nobody is named: the site itself is no author.

    `byline` is what `byline.read_byline` found, `site` what the site calls itself, folded.
    """
    listed = _json_names(claims.article.get("author"))
    metas = [name for meta in _METAS for name in claims.metas.get(meta, [])] + _turned(claims.metas)
    sources: tuple[tuple[str, Callable[[], Iterable[str]]], ...] = (
        ("json-ld", lambda: listed),
        ("meta", lambda: metas),
        ("byline", lambda: byline),
        ("byline", lambda: _marked(tree)),
        ("feed", lambda: feed_authors),
    )
    for rule, read in sources:
        people = clean_names(read(), site)
        if people:
            return people, rule
    own = clean_names(_json_names(claims.article.get("author"), persons_only=True))
    if own:
        return own, "json-ld"
    desks = (*listed, *metas)
    named = [d for d in desks if _is_person(d, fold(d)) and fold(d) not in site and not _URL.search(d)]
    return (tuple(named[:1]), "json-ld" if listed else "meta") if named else ((), "")


def clean_names(raw: Iterable[str], site: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Names without "By", roles, e-mail, addresses and duplicates, in their order; at most 50 of 120 characters."""
    kept: dict[str, str] = {}
    for entry in list(raw)[:MAX_AUTHORS]:
        for name in _people_in(entry):
            folded = fold(name)
            if _is_person(name, folded) and folded not in site:
                kept.setdefault(folded, name)
    return tuple(kept.values())[:MAX_AUTHORS]


def _people_in(entry: str) -> list[str]:
    entry = unescape(entry[:1000])
    text = _EMAIL.sub(" ", _URL.sub(" ", _TAG.sub(" ", unicodedata.normalize("NFC", entry))))
    text = _BY.sub("", " ".join(text.split()))
    found = []
    listed = _SPLIT.split(text)
    for part in (p for whole in listed for p in ([whole] if _BODY.search(whole) else _CONJUNCTION.split(whole))):
        name = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", " ", part)
        name = _TRAILING.sub("", name)
        name = " ".join(_BY.sub("", name).strip(" \t.,:;-–—|*\"'“”").split())
        if dated := _DAY_BEHIND.match(name):
            name = dated[1]
        if _DAY_WORDS.match(name) or _STATUS.match(name) or _CREDENTIAL.match(name):
            continue
        if name and _ROLE.search(name):
            name = " ".join(re.split(r"\s+[-–—]\s+", name)[0].split())
            name = "" if _ROLE.search(name) else name
        if name:
            found.append(name)
    return found


def _is_person(name: str, folded: str) -> bool:
    if not folded or folded in _NOBODY or len(name) > _MAX_NAME_CHARS or len(name) < 2 or len(name.split()) > 6:
        return False
    if "@" in name:
        return False
    if "." in name and re.fullmatch(r"[\w-]+(?:\.[\w-]+)*\.(?:[a-z]{2,6}|[A-Z]{2,3})", name):
        return False
    digits = sum(c.isdigit() for c in name)
    return digits * 3 < len(name)


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
            if 2 <= len(text) <= 80 and len(text.split()) <= 10 and text not in found:
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
