"""Tell pages that hold no article from those that do, and name the measure that decided."""

from __future__ import annotations

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.body import Body
from crawler.extract.claims import Claims
from crawler.extract.kinds import (
    SHORT,
    leads_on,
    opens_with_link,
    place_of,
    titles_of,
    why_calendar,
    why_contact,
    why_error,
    why_gallery,
    why_linked,
    why_listed,
    why_login,
    why_parked,
    why_shell,
    why_shop,
    why_video,
    words_in,
)
from crawler.extract.titles import Headline
from crawler.extract.walls import STUB_WORDS, challenge_mark, claims_article, why_challenged, why_consent, why_paid
from crawler.extract.words import count_words
from storage import Rejected

_MIN_WORDS = 10
"""Below this no page of the four development sets holds an article; one-paragraph news has 25 to 40 words."""

_COUNTED_CHARS = 6_000
"""Whoever has written so much has written more words than any measure here asks for."""
_NOTHING = Rejected("not_an_article", "no text was found on the page")
_LISTED_WORDS = 450
"""Words of a cut from which goods and dates in it are a text about them."""
_LINKED_SHARE = 0.7
_TEASER_HEADINGS = 4
_TEASER_WORDS = 60
_TEASER_CHARS = 200
_SENTENCE_WORDS = 15
"""Side columns and feet of pages speak in shorter sentences than these."""


def why_not(
    layout: Layout | None, claims: Claims, body: Body | None, headline: Headline, *, chosen: bool = False
) -> Rejected | None:
    """The reason why a page holds no article for us, with the measure in its detail; None where it holds one.

    Most pages hold enough running text, and are asked nothing but whether that is made of links. `chosen`: a selector
    of the source named what the article is, so only what stands in its place, and an empty one, speak against it.
    """
    text = body.text if body else ""
    words = count_words(text[:_COUNTED_CHARS])
    if words < STUB_WORDS:
        if check := why_challenged(layout, claims, headline):
            return Rejected("challenge", check)
        if words and (paid := why_paid(layout, claims, headline, text, words)):
            return Rejected("paywall", paid)
    other = _other_kind(layout, claims, body, headline, words, chosen=chosen)
    if other:
        return Rejected("not_an_article", other)
    if body is None or words == 0:
        return _NOTHING
    if words < _MIN_WORDS:
        return Rejected("too_short", f"{words} words, at least {_MIN_WORDS} are needed")
    return None


def why_empty(html: bytes | str, rejected: Rejected) -> Rejected:
    """The reason why nothing was found on a page, once more with its markup at hand: browser checks that are all
    script say what they are there only."""
    mark = challenge_mark(html) if rejected == _NOTHING or rejected.reason == "too_short" else None
    return Rejected("challenge", mark) if mark else rejected


def _other_kind(
    layout: Layout | None, claims: Claims, body: Body | None, headline: Headline, words: int, *, chosen: bool
) -> str | None:
    """What the page is if not an article. The order tells kinds apart that look alike."""
    text = body.text if body else ""
    titles = titles_of(claims, headline)
    if found := why_error(titles, text, words):
        return found
    if chosen and words:
        return None
    short = (
        why_login(layout, headline, titles, words)
        or why_consent(layout, claims, headline, text, words)
        or why_parked(layout, claims, titles, words)
        or why_contact(layout, titles, words)
        or why_shell(layout, claims, words)
        or why_video(claims, words)
        or (why_gallery(body.tree, claims, titles, words) if body is not None else None)
    )
    if short or layout is None:
        return short or (_section(body) if body is not None else None)
    listed = why_listed(layout, claims, headline, titles) or (_section(body) if body is not None else None)
    if not listed and _MIN_WORDS <= words < SHORT:
        listed = why_linked(layout, headline, words)
    if listed or words >= _LISTED_WORDS or claims_article(claims):
        return listed
    behind = layout.blocks[place_of(layout.blocks, headline) + 1 :]
    lines = "\n".join(block.text for block in behind)
    return why_shop(layout, headline, text) or why_calendar(text) or why_calendar(lines)


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
        alone = opens_with_link(block)
        over = next((b for b in near if b.words > 3 or b.is_heading), None)
        if (alone or (over is not None and leads_on(over))) and _is_teaser(block):
            begins_with_one = begins_with_one or outside == 0
            teasers += 1
            inside += block.words
        elif block.words >= _SENTENCE_WORDS:
            outside += block.words
    claimed = claims_article(claims)
    enough = teasers >= 4 and inside >= 4 * outside if claimed else begins_with_one and inside > outside
    return f"section page: {teasers} teasers hold {inside} of {inside + outside} words of prose" if enough else None


def _is_teaser(block: Block) -> bool:
    return block.words >= 8 and (block.words <= _TEASER_WORDS or len(block.text) <= _TEASER_CHARS)


def _section(body: Body) -> str | None:
    """Why the cut reads as a list of other articles."""
    links = [words_in(link) for link in body.tree.iter("a")]
    if len(links) >= 3 and sum(map(len, links)) * 2 > len(body.text):
        linked, words = sum(map(count_words, links)), count_words(body.text)
        if linked > words * _LINKED_SHARE and linked > 20:
            return f"section page: {linked} of {words} words are links"
    headings = [h for h in body.tree.iter("h2", "h3", "h4") if words_in(h).strip()]
    teasers = sum(any("#" not in (a.get("href") or "#") for a in h.iter("a")) for h in headings)
    if teasers < _TEASER_HEADINGS or teasers * 2 <= len(headings):
        return None
    words = count_words(body.text)
    if words < 60 * teasers:
        return f"section page: {teasers} of {len(headings)} headings are links, {words // teasers} words to each"
    return None
