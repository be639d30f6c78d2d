"""Tell pages that hold no article from those that do, and name the measure that decided."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.body import Body
from crawler.extract.claims import Claims
from crawler.extract.titles import Headline
from crawler.extract.words import count_words
from storage import Rejected

_MIN_WORDS = 10
"""Below this no page of the four development sets holds an article; one-paragraph news has 25 to 40 words."""

_ERROR_WORDS = 80
_ERROR_TITLE = re.compile(
    r"\b(?:404|403|410|500|502|503)\b|not found|page (?:does not|doesn.t) exist|no longer (?:available|exists)"
    r"|access denied|forbidden|nicht gefunden|introuvable|no encontrad[ao]|non trovat[ao]|n[ãa]o encontrad[ao]"
    r"|niet gevonden|не найден|nie znaleziono|hittades inte|ikke fundet|ikke funnet|ei löyt|bulunamad|見つかりません"
    r"|找不到|未找到|찾을 수 없",
    re.IGNORECASE,
)
_LOGIN_WORDS = 80
_LINKED_SHARE = 0.5
_TEASER_HEADINGS = 4


def why_not(tree: HtmlElement, claims: Claims, body: Body | None, headline: Headline) -> Rejected | None:
    """The reason why a page holds no article for us, with the measure in its detail; None where it holds one."""
    words = count_words(body.text) if body else 0
    if body is None or words == 0:
        return Rejected("not_an_article", "no text was found on the page")
    title = f"{headline.text or ''} {claims.page_title or ''}"
    if words < _ERROR_WORDS and (found := _ERROR_TITLE.search(title)):
        return Rejected("not_an_article", f"error page: its title says {found[0]!r} and it has {words} words")
    if words < _LOGIN_WORDS and any(i.get("type") == "password" for i in tree.iter("input")):
        return Rejected("not_an_article", f"login page: a password field and {words} words")
    section = _section(body, words)
    if section:
        return Rejected("not_an_article", section)
    if words < _MIN_WORDS:
        return Rejected("too_short", f"{words} words, at least {_MIN_WORDS} are needed")
    return None


def _section(body: Body, words: int) -> str | None:
    """Why the cut reads as a list of other articles."""
    linked = sum(count_words(_words_in(link)) for link in body.tree.iter("a"))
    if linked > words * _LINKED_SHARE and linked > 20:
        return f"section page: {linked} of {words} words are links"
    headings = [h for h in body.tree.iter("h2", "h3", "h4") if _words_in(h).strip()]
    teasers = sum(1 for h in headings if next(h.iter("a"), None) is not None)
    if teasers >= _TEASER_HEADINGS and teasers * 2 > len(headings) and words < 60 * teasers:
        return f"section page: {teasers} of {len(headings)} headings are links, {words // teasers} words to each"
    return None


def _words_in(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext())
