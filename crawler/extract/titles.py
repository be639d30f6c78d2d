"""The headline of the article, without the site's name, and which rule found it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.claims import Claims, text_of
from crawler.extract.words import fold, without_controls
from crawler.urls import site

_SEPARATOR = re.compile(r"\s+[-–—|•·»«:/\\›‹~]+\s+|\s*[|｜]\s*|\s+»\s*|:: |\s+[-–—]\s*$")
_KICKER_END = re.compile(r"\s*[|｜]\s*|\s+[:•·»/–—-]\s+|(?<=\w):\s+")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff]")
"""Soft hyphens and zero-width spaces: hints to a browser where a line may break."""
_MAX_HEADINGS = 60
_MAX_CHARS = 1_000
_MAX_NAME_WORDS = 5
_MAX_KICKER_WORDS = 10
_LEVELS = ("h1", "h2", "h3")
_PARTING = ("br", "div", "p", "li", "td", "hr")
_ALIKE = 0.4
_LONE_ALIKE = 0.2
"""Share of words that an h1 has in common with a claim (Dice). Measured on 104 pages whose h1 no claim repeats: the
lone one is the headline on 95 of 127, the claim on 32, mostly where they share less than this."""

Told = tuple[str, str]
"""(rule, value)"""


@dataclass(frozen=True, slots=True)
class Headline:
    """A headline, the rule that gave it, and the heading element that prints it, where there is one."""

    text: str | None
    rule: str | None
    element: HtmlElement | None
    others: tuple[Told, ...] = ()
    """What other rules would have given, where it reads otherwise: (rule, text), best first."""


@dataclass(frozen=True, slots=True)
class _Heading:
    element: HtmlElement
    text: str
    folded: str
    confirmed: float
    """2 where a claim says the same, below 1 by the share of a claim that it covers, 0 where none covers it."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """What the page calls itself, with and without the site's name."""

    rule: str
    text: str
    folded: str
    own_folded: str
    own: str


@dataclass(frozen=True, slots=True)
class _Site:
    """What a site calls itself, folded, and the label of its domain."""

    names: frozenset[str]
    label: str

    def is_named(self, part: str) -> bool:
        folded = fold(part)
        squeezed = folded.replace(" ", "")
        return not folded or folded in self.names or any(squeezed == name.replace(" ", "") for name in self.names)

    def is_signed(self, part: str) -> bool:
        """As what stands behind a title also: the domain's label, alone or with a word or two, or the initials that
        make it."""
        if self.is_named(part):
            return True
        words = fold(part).split()
        if not self.label or len(words) > _MAX_NAME_WORDS:
            return False
        initials = "".join(word[0] for word in words)
        return (len(self.label) >= 4 and "".join(words).startswith(self.label)) or (
            len(words) >= 3 and initials == self.label
        )

    def cut(self, title: str) -> str:
        """A title without the site's name before or behind it. Where the page names none, the short last part behind a
        separator counts."""
        title = " ".join(title.split())
        parts = [match for match in _SEPARATOR.finditer(title) if not _quotes(title, match)]
        if not parts:
            return title
        for separator in (parts[0], parts[-1]):
            head, tail = title[: separator.start()].strip(), title[separator.end() :].strip()
            if head and self.is_signed(tail):
                return self.cut(head)
            if tail and self.is_named(head):
                return self.cut(tail)
        head, tail = title[: parts[-1].start()].strip(), title[parts[-1].end() :].strip()
        if not self.names and len(tail.split()) <= 4 and len(head) > 2 * len(tail):
            return head
        return title


def find_headline(tree: HtmlElement, claims: Claims, feed_title: str | None = None) -> Headline:
    """The headline of the page.

    A heading that og:title, `<title>`, JSON-LD or the feed confirms is best: measured, such an h1 is exact on 75 to 88%
    of pages. Then an h1 that shares words with a claim: what is printed over the article is its headline, og:title is
    often written for search engines. Without either the claims are taken in that order with the site's name cut off,
    then the feed's title, then a lone h1.
    """
    named = _Site(site_names(claims), _label(claims))
    claimed = [_Claim(rule, text, fold(text), fold(own := named.cut(text)), own) for text, rule in _claimed(claims)]
    if feed_title and (text := _tidy(feed_title)):
        claimed.append(_Claim("feed", text, fold(text), fold(text), text))
    headings = _headings(tree, claimed, named)
    chosen = _printed(headings, claimed)
    lone = [h for h in headings if h.element.tag == "h1"]
    told = [(claim.rule, claim.own[:_MAX_CHARS]) for claim in claimed if claim.own]
    if lone and lone[0] is not chosen:
        told.append(("h1", lone[0].text))
    if chosen is not None:
        text, rule, element = _without_kicker(chosen, claimed, named), str(chosen.element.tag), chosen.element
    elif told:
        (rule, text), element = told[0], lone[0].element if len(lone) == 1 or told[0][0] == "h1" else None
    else:
        return Headline(None, None, None)
    return Headline(text, rule, element, _others(text, told))


def _others(text: str, told: list[Told]) -> tuple[Told, ...]:
    others = {fold(other): (rule, other) for rule, other in reversed(told)}
    others.pop(fold(text), None)
    return tuple(reversed(others.values()))


def _printed(headings: list[_Heading], claimed: list[_Claim]) -> _Heading | None:
    """The heading that is the headline: confirmed and the highest, else an h1 that shares words with a claim."""
    best: dict[str, _Heading] = {}
    for heading in headings:
        level = str(heading.element.tag)
        if heading.confirmed > (best[level].confirmed if level in best else 0):
            best[level] = heading
    if "h1" in best:
        return best["h1"]
    lower = best.get("h2") or best.get("h3")
    if lower is not None and lower.confirmed >= 1:
        return lower
    firsts = {h.folded: h for h in reversed(headings) if h.element.tag == "h1"}
    if not firsts:
        return lower
    alike = {folded: max((_likeness(folded, c.folded) for c in claimed), default=0.0) for folded in reversed(firsts)}
    likest = max(alike, key=lambda folded: alike[folded])
    if alike[likest] >= _ALIKE or (lower is None and len(firsts) == 1 and alike[likest] >= _LONE_ALIKE):
        return firsts[likest]
    return lower


def site_names(claims: Claims, headline: str | None = None) -> frozenset[str]:
    """What the site calls itself, folded; with the headline known, also what `<title>` says beside it."""
    named = [claims.meta("og:site_name"), claims.meta("application-name"), claims.publisher]
    parts = _SEPARATOR.split((claims.page_title or "")[:_MAX_CHARS])
    if headline and 1 < len(parts) <= 4 and fold(headline) in {fold(part) for part in parts}:
        named += [part for part in parts if fold(part) != fold(headline)]
    return frozenset(folded for name in named if name and (folded := fold(name)))


def without_site(title: str, names: frozenset[str]) -> str:
    """A title without the site's name, as `names` fold it, before or behind it."""
    return _Site(names, "").cut(title)


def _without_kicker(heading: _Heading, claimed: list[_Claim], named: _Site) -> str:
    """A heading without the section before its title, or the date and the name behind it, where og:title or JSON-LD
    says the title alone and an element's edge or a separator parts them."""
    text = named.cut(heading.text) if named.names else heading.text
    titles = {claim.own_folded for claim in claimed if claim.rule in ("og:title", "json-ld")}
    folded = fold(text)
    if folded in titles or not any(" " in title and title in folded for title in titles):
        return text
    pieces = [piece for raw in heading.element.itertext() if (piece := _tidy(str(raw)))]
    cuts = [(" ".join(pieces[:i]), " ".join(pieces[i:]), True) for i in range(1, min(len(pieces), 20))]
    for mark in _KICKER_END.finditer(text):
        head, tail = text[: mark.start()], text[mark.end() :]
        if "|" in mark[0] or mark[0][0].isspace() or " " not in head:  # a colon behind a single word: "Headline: ..."
            cuts.append((head, tail, "|" in mark[0]))
    for head, tail, ends in cuts:
        if fold(tail) in titles and len(head.split()) <= _MAX_KICKER_WORDS:
            return tail.lstrip(" :/|")
        if ends and fold(head) in titles and len(tail.split()) <= _MAX_KICKER_WORDS:
            return head.rstrip(" /|")
    return text


def _quotes(title: str, mark: re.Match[str]) -> bool:
    """Whether a separator stands within guillemets or is one of a pair."""
    before, behind = title[: mark.end()], title[mark.start() :]
    return "«" in before and "»" in behind and before.find("«") < len(title) - len(behind) + behind.find("»")


def _label(claims: Claims) -> str:
    domain = site(claims.base) if claims.base else None
    return fold((domain or "").partition(".")[0]).replace(" ", "")


def _claimed(claims: Claims) -> Iterator[tuple[str, str]]:
    json_title = text_of(claims.article.get("headline"))
    for claim, rule in (
        (claims.meta("og:title"), "og:title"),
        (json_title, "json-ld"),
        (claims.meta("twitter:title", "citation_title", "dc.title"), "meta"),
        (claims.page_title, "title"),
    ):
        if claim and (claim := _tidy(claim[:_MAX_CHARS])):
            yield claim, rule


def _tidy(text: str) -> str:
    text = without_controls(unescape(text) if "&" in text else text)
    return " ".join((text if text.isascii() else _INVISIBLE.sub("", text)).split())


def _headings(tree: HtmlElement, claimed: list[_Claim], named: _Site) -> list[_Heading]:
    """The headings of the page but those that print the site's name. What stands before the first separator of a claim
    confirms too: a headline of few words covers little of a claim that ends in a long name."""
    witnesses = [claim.folded for claim in claimed if claim.folded]
    firsts = {fold(_SEPARATOR.split(claim.text, maxsplit=1)[0]) for claim in claimed}
    leading = firsts.difference(named.names, witnesses, ("",))
    own = {claim.folded for claim in claimed if claim.rule in ("og:title", "json-ld")}
    found = []
    for number, element in enumerate(tree.iter(*_LEVELS)):
        if number >= _MAX_HEADINGS:
            break
        text = _text(element)
        folded = fold(text) if 0 < len(text) <= _MAX_CHARS else ""
        if folded and (folded not in named.names or folded in own):
            confirmed = 1.0 if folded in leading else _confirmation(folded, witnesses)
            found.append(_Heading(element, text, folded, confirmed))
    return found


def _text(element: HtmlElement) -> str:
    """The text of a heading, parted at line breaks and where a box in it ends."""
    if next(element.iter(*_PARTING), None) is None:
        return _tidy(str(element.text_content()))
    parts: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            parts += (" " if inner.tag in _PARTING else "", inner.text or "")
        elif inner is not element:
            parts += (" " if inner.tag in _PARTING else "", inner.tail or "")
    return _tidy("".join(parts))


def _confirmation(heading: str, witnesses: list[str]) -> float:
    """How well the claims confirm a heading: 2 where one is equal, below 1 by the share of a claim that it covers."""
    best = 0.0
    for witness in witnesses:
        if heading == witness:
            return 2.0
        if f" {heading} " in f" {witness} ":
            best = max(best, len(heading) / len(witness))
        elif f" {witness} " in f" {heading} ":
            best = max(best, len(witness) / len(heading) * 0.9)
    return best if best >= 0.45 else 0.0


def _likeness(one: str, other: str) -> float:
    """The share of words that two folded texts have in common (Dice)."""
    words, others = Counter(one.split()), Counter(other.split())
    return 2 * (words & others).total() / max(1, words.total() + others.total())
