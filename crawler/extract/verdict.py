"""Tell pages that hold no article from those that do, and name the measure that decided."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
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
_READ_WORDS = 25
"""Prose outside a form from which a page is about more than signing in."""
_LINKED_SHARE = 0.7
_TEASER_HEADINGS = 4
_TEASER_WORDS = 60
_TEASER_CHARS = 200
_SENTENCE_WORDS = 15
"""Side columns and feet of pages speak in shorter sentences than these."""


def why_not(layout: Layout | None, claims: Claims, body: Body | None, headline: Headline) -> Rejected | None:
    """The reason why a page holds no article for us, with the measure in its detail; None where it holds one."""
    words = count_words(body.text) if body else 0
    if body is None or words == 0:
        return Rejected("not_an_article", "no text was found on the page")
    title = f"{headline.text or ''} {claims.page_title or ''}"
    if words < _ERROR_WORDS and (found := _ERROR_TITLE.search(title)):
        return Rejected("not_an_article", f"error page: its title says {found[0]!r} and it has {words} words")
    if words < _LOGIN_WORDS and _asks_password(layout, headline):
        return Rejected("not_an_article", f"login page: a password field and {words} words")
    section = _section(body, words)
    if section:
        return Rejected("not_an_article", section)
    if words < _MIN_WORDS:
        return Rejected("too_short", f"{words} words, at least {_MIN_WORDS} are needed")
    return None


def _asks_password(layout: Layout | None, headline: Headline) -> bool:
    """A password field behind the headline with nothing to read outside its form; one before the headline belongs to
    the head of the site."""
    if layout is None:
        return False
    at = next((i for i, b in enumerate(layout.blocks) if b.element is headline.element), -1)
    fields = [field for place, field in layout.inputs if field.get("type") == "password" and place > at]
    if not fields:
        return False
    forms = {form for field in fields for form in field.iterancestors("form")}
    read = (b for b in layout.blocks[at + 1 :] if b.is_prose and forms.isdisjoint(b.element.iterancestors("form")))
    return sum(block.words for block in read) < _READ_WORDS


def why_listing(layout: Layout, claims: Claims, headline: HtmlElement | None) -> str | None:
    """Why a page reads as a list of teasers: most of its prose stands directly under links to other pages.

    A page that claims to be an article (og:type, JSON-LD, a publication date) needs four such teasers and four fifths
    of its prose in them, any other page must begin with one and have half.
    """
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if headline is not None and b.element is headline), -1)
    teasers = inside = outside = 0
    begins_with_one = False
    for i in range(at + 1, len(blocks)):
        block = blocks[i]
        if not block.is_prose:
            continue
        near = (blocks[j] for j in range(i - 1, max(at, i - 4), -1))
        alone = _opens_with_link(block)
        over = next((b for b in near if b.words > 3 or b.is_heading), None)
        if (alone or (over is not None and _leads_on(over))) and _is_teaser(block):
            begins_with_one = begins_with_one or outside == 0
            teasers += 1
            inside += block.words
        elif block.words >= _SENTENCE_WORDS:
            outside += block.words
    claimed = bool(claims.article) or claims.meta("og:type") == "article" or "article:published_time" in claims.metas
    enough = teasers >= 4 and inside >= 4 * outside if claimed else begins_with_one and inside > outside
    return f"section page: {teasers} teasers hold {inside} of {inside + outside} words of prose" if enough else None


def _is_teaser(block: Block) -> bool:
    return block.words >= 8 and (block.words <= _TEASER_WORDS or len(block.text) <= _TEASER_CHARS)


def _opens_with_link(block: Block) -> bool:
    """A title that is a link, a line break, and what it is about."""
    first = next(iter(block.element), None)
    if first is None or first.tag != "a" or (block.element.text or "").strip() or (first.tail or "").strip():
        return False
    following = first.getnext()
    return following is not None and following.tag == "br" and len(first.text_content().split()) >= 4


def _leads_on(block: Block) -> bool:
    """A line that is one link to another page and long enough to be its title."""
    hrefs = [link.get("href") or "" for link in block.links]
    linked = block.linked * 10 >= block.words * 9
    return linked and (block.words >= 4 or block.is_heading) and not any(h.startswith(("#", "mailto:")) for h in hrefs)


def _section(body: Body, words: int) -> str | None:
    """Why the cut reads as a list of other articles."""
    links = [count_words(_words_in(link)) for link in body.tree.iter("a")]
    linked = sum(links)
    if linked > words * _LINKED_SHARE and linked > 20 and len(links) >= 3:
        return f"section page: {linked} of {words} words are links"
    headings = [h for h in body.tree.iter("h2", "h3", "h4") if _words_in(h).strip()]
    teasers = sum(any("#" not in (a.get("href") or "#") for a in h.iter("a")) for h in headings)
    if teasers >= _TEASER_HEADINGS and teasers * 2 > len(headings) and words < 60 * teasers:
        return f"section page: {teasers} of {len(headings)} headings are links, {words // teasers} words to each"
    return None


def _words_in(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext())
