"""Recognise what stands in place of an article: a paywall, a proof that a person is reading, a consent to cookies.

All of it is asked of short pages only: where much text was cut out, nothing stood in the way of it.
"""

from __future__ import annotations

import re

from crawler.extract.blocks import Block, Layout
from crawler.extract.claims import Claims
from crawler.extract.tells import (
    ACCEPT,
    CHALLENGE,
    CHALLENGE_MARKS,
    CONSENT,
    CONSENT_STEMS,
    CONSENT_TITLE,
    PAYWALL,
    SUBSCRIPTION_STEMS,
)
from crawler.extract.titles import Headline

STUB_WORDS = 150
"""A page with a paywall and less of the text than this is a stub: two or three paragraphs of a teaser. The lead of
a story that gives more away is kept (docs/decisions/0022-what-is-no-article.md)."""
_CLAIMED_STUB_WORDS = 60
"""A page that says in its metadata that it is not free, and prints no wall, may be a brief that is there in full."""
_WHOLE_SHARE = 0.5
"""Of the words that JSON-LD counts, from which the text may be called whole."""
_LINE_WORDS = 60
_CHALLENGE_WORDS = 150
"""Of the whole page: browser checks have neither navigation nor feet."""
_CONSENT_WORDS = 500
_CONSENT_SHARE = 0.04
_CONSENT_SHARE_BESIDE_CLAIMS = 0.06
_QUOTED_CHARS = 80
_LOOKED_AT_CHARS = 200_000
_LOCKED_TIERS = frozenset({"locked", "metered", "premium", "paid"})


def claims_article(claims: Claims) -> bool:
    """Whether the page says of itself that it is an article."""
    return bool(claims.article) or claims.meta("og:type") == "article" or "article:published_time" in claims.metas


def claims_free(claims: Claims) -> bool | None:
    """What the page says about its price: JSON-LD `isAccessibleForFree`, else `article:content_tier`."""
    said = claims.article.get("isAccessibleForFree")
    if isinstance(said, bool):
        return said
    if isinstance(said, str) and said.strip():
        return not said.strip().rpartition("/")[2].casefold().startswith(("false", "0", "no"))
    tier = (claims.meta("article:content_tier") or "").casefold()
    return False if tier in _LOCKED_TIERS else True if tier == "free" else None


def why_paid(layout: Layout | None, claims: Claims, headline: Headline, text: str, words: int) -> str | None:
    """Why a page is but the teaser of a story that has to be paid for."""
    if words >= STUB_WORDS:
        return None
    free = claims_free(claims)
    if free is True:
        return None
    wall = _wall(layout, headline)
    about = f" of {_quoted(headline.text)}" if headline.text else ""
    if wall is not None:
        return f"paywall: {words} words{about} can be read, then it says {_quoted(wall)}"
    if free is None:
        return None
    whole = _claimed_words(claims)
    if whole is not None and words < whole * _WHOLE_SHARE:
        return f"paywall: {words} of {whole} words{about} can be read, and the page says that it is not free"
    if whole is None and (words < _CLAIMED_STUB_WORDS or text.rstrip().endswith(("…", "...", "[…]", "[...]"))):
        return f"paywall: {words} words{about} can be read, and the page says that it is not free"
    return None


def why_challenged(layout: Layout | None, claims: Claims, headline: Headline) -> str | None:
    """Why a page reads as a browser check: it asks for a proof, and says little else."""
    if layout is None or layout.textareas or claims_article(claims):
        return None
    words = sum(block.words for block in layout.blocks)
    if words >= _CHALLENGE_WORDS:
        return None
    lines = [claims.page_title or "", headline.text or "", *(block.text for block in layout.blocks)]
    for line in lines:
        if found := CHALLENGE.search(line.casefold()):
            return f"browser check: the page says {_quoted(found[0])} and {words} words in all"
    return None


def challenge_mark(html: bytes | str) -> str | None:
    """Why a page on which no text was found is a browser check: its markup holds the mark of one."""
    start = html[:_LOOKED_AT_CHARS]
    found = CHALLENGE_MARKS.search(start if isinstance(start, str) else start.decode("latin-1"))
    return f"browser check: no text, and its markup holds {_quoted(found[0])}" if found else None


def why_consent(layout: Layout | None, claims: Claims, headline: Headline, text: str, words: int) -> str | None:
    """Why the text is that of a consent to cookies: it speaks of little else, and a button accepts."""
    if layout is None or words >= _CONSENT_WORDS:
        return None
    low = text.casefold()
    if sum(low.count(stem) for stem in CONSENT_STEMS) < 2:
        return None
    hits = CONSENT.findall(low)
    share = _CONSENT_SHARE_BESIDE_CLAIMS if claims_article(claims) else _CONSENT_SHARE
    if len(hits) < 4 or len(set(hits)) < 2 or len(hits) < share * words:
        return None
    if claims_article(claims) and CONSENT_TITLE.search((headline.text or "").casefold()):
        return None  # an article about cookies
    if not any(block.words <= 8 and ACCEPT.search(block.text.casefold()) for block in layout.blocks):
        return None
    return f"consent wall: {len(hits)} of {words} words speak of cookies and consent"


def _wall(layout: Layout | None, headline: Headline) -> str | None:
    """The line behind the headline that asks to subscribe; before it stand the offers of the site's head."""
    if layout is None:
        return None
    for block in _behind(layout.blocks, headline):
        if block.words > _LINE_WORDS:
            continue
        low = block.text.casefold()
        if any(stem in low for stem in SUBSCRIPTION_STEMS) and PAYWALL.search(low):
            return block.text
    return None


def _behind(blocks: list[Block], headline: Headline) -> list[Block]:
    at = next((i for i, block in enumerate(blocks) if block.element is headline.element), -1)
    return blocks[at + 1 :]


def _claimed_words(claims: Claims) -> int | None:
    """How long the article is, as JSON-LD has it."""
    count = claims.article.get("wordCount")
    if isinstance(count, str) and re.fullmatch(r"\d{1,6}", count.strip()):
        return int(count)
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else None


def _quoted(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= _QUOTED_CHARS else f"{text[:_QUOTED_CHARS]}...")
