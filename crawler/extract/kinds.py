"""Tell the kinds of page that are no article: each by a measure of what the page holds, which becomes the detail.

The pages are short ones, and lists: where much running text was cut out, none of these is asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.claims import Claims
from crawler.extract.tells import (
    ARCHIVE_TITLE,
    ASKS_SCRIPT,
    CONTACT_TITLE,
    DATED_LINE,
    DOMAIN_STEMS,
    ERROR_LINE,
    ERROR_PHRASE,
    GALLERY_TITLE,
    LOGIN_TITLE,
    OF_PICTURES,
    PARKED,
    PRICE,
    SEARCH_TITLE,
    SEPARATOR,
)
from crawler.extract.titles import Headline
from crawler.extract.walls import claims_article
from crawler.extract.words import count_words

SHORT = 150
"""Words from which a page holds enough of a text not to be taken for anything else than a list."""
_ERROR_WORDS = 80
_LOGIN_WORDS = 80
_READ_ANYTHING = 10
_READ_WORDS = 25
"""Prose outside a form from which a page is about more than signing in."""
_CONTACT_WORDS = 80
_VIDEO_WORDS = 50
"""A description of a film has two or three sentences."""
_GALLERY_PICTURES = 4
_GALLERY_WORDS = 40
"""Prose beside the captions from which a gallery is a story with pictures."""
_PRICES = 4
_DAYS = 24
_DATED_LINES = 5
_LISTED_TITLES = 3
_LISTED_PROSE = 40
_SENTENCE_WORDS = 15
_SENTENCE_CHARS = 20

_LIST_TYPES = frozenset({"CollectionPage", "SearchResultsPage", "OfferCatalog", "ProfilePage"})
_GALLERY_TYPES = frozenset({"ImageGallery", "MediaGallery", "CollectionPage"})


def titles_of(claims: Claims, headline: Headline) -> list[str]:
    """The headline and the parts of the page's title, folded to lower case."""
    parts = [headline.text or "", *SEPARATOR.split(claims.page_title or "")]
    return [" ".join(part.split()).casefold() for part in parts if part.strip()]


def why_error(titles: list[str], text: str, words: int) -> str | None:
    """An error served as a page: its title says so and nothing else, or its few words speak of a page not found."""
    if words >= _ERROR_WORDS:
        return None
    for title in titles:
        if ERROR_LINE.fullmatch(title) and any(c.isalnum() for c in title):
            return f"error page: its title says {title!r} and it has {words} words"
        if found := ERROR_PHRASE.search(title):
            return f"error page: its title says {found[0]!r} and it has {words} words"
    if found := ERROR_PHRASE.search(text.casefold()):
        return f"error page: it says {found[0]!r} and has {words} words"
    return None


def why_login(layout: Layout | None, headline: Headline, titles: list[str], words: int) -> str | None:
    """A password field, or a title that asks to sign in and a field, with nothing to read outside its form."""
    if layout is None or words >= _LOGIN_WORDS:
        return None
    at = place_of(layout.blocks, headline)
    kinds = {"password"}
    named = any(LOGIN_TITLE.match(title) for title in titles)
    if named:
        kinds |= {"email", "text", "tel", ""}
    fields = [field for place, field in layout.inputs if (field.get("type") or "").lower() in kinds and place > at]
    if not fields or _read_outside(layout, at, fields) >= _READ_WORDS:
        return None
    what = "a password field" if not named else "its title asks to sign in"
    return f"login page: {what} and {words} words"


def why_contact(layout: Layout | None, titles: list[str], words: int) -> str | None:
    """A form to write to the site, under a title that says so; an article may have a comment form below it."""
    if layout is None or words >= _CONTACT_WORDS or not layout.textareas:
        return None
    found = next((title for title in titles if CONTACT_TITLE.match(title)), None)
    return f"contact form: its title says {found!r}, a field to write in, {words} words" if found else None


def why_shell(layout: Layout | None, claims: Claims, words: int) -> str | None:
    """An empty page that waits for its JavaScript."""
    if layout is None or words >= SHORT:
        return None
    shown = sum(block.words for block in layout.blocks)
    if shown >= SHORT or (claims_article(claims) and words >= _READ_WORDS):
        return None
    found = next((f for block in layout.blocks if (f := ASKS_SCRIPT.search(block.text.casefold()))), None)
    return f"empty shell: it says {found[0]!r} and {shown} words in all" if found else None


def why_parked(layout: Layout | None, claims: Claims, titles: list[str], words: int) -> str | None:
    """A domain that nobody uses and somebody sells."""
    if layout is None or words >= SHORT or claims_article(claims):
        return None
    lines = [*titles, *(block.text.casefold() for block in layout.blocks if block.words <= 60)]
    asked = (line for line in lines if "parked" in line or any(stem in line for stem in DOMAIN_STEMS))
    found = next((f for line in asked if (f := PARKED.search(line))), None)
    return f"parked domain: it says {found[0]!r} and has {words} words" if found else None


def why_video(claims: Claims, words: int) -> str | None:
    """A film with a line about it: the page says that it is a video, and has less text than a story."""
    if words >= _VIDEO_WORDS:
        return None
    kind = claims.meta("og:type") or ""
    films = kind.casefold().startswith("video") or ("VideoObject" in claims.types and not claims.article)
    return f"video page: it says that it is a video and has {words} words" if films else None


def why_gallery(body: etree._Element, claims: Claims, titles: list[str], words: int) -> str | None:
    """Pictures with their captions and little else: by the pictures in the cut, or by what the page calls itself."""
    if words >= SHORT * 3:
        return None
    pictures = sum(1 for _ in body.iter("img"))
    captions = sum(count_words(words_in(caption)) for caption in body.iter("figcaption"))
    lines = [words_in(part).strip().casefold() for part in body.iter("p", "li", "figcaption", "div") if not len(part)]
    counters = sum(bool(OF_PICTURES.match(line)) for line in lines)
    named = bool(claims.types & _GALLERY_TYPES - {"CollectionPage"}) or any(GALLERY_TITLE.search(t) for t in titles)
    beside = words - captions
    told = captions >= beside or named
    if pictures >= _GALLERY_PICTURES and beside < _GALLERY_WORDS and told:
        return f"gallery: {pictures} pictures, {captions} words of captions and {beside} beside them"
    if counters >= _GALLERY_PICTURES - 1 and words < 40 * counters:
        return f"gallery: {counters} numbered pictures, {words} words"
    if named and (words < _GALLERY_WORDS or (pictures >= _GALLERY_PICTURES and beside < 2 * _GALLERY_WORDS)):
        return f"gallery: it calls itself one, {pictures} pictures, {beside} words beside captions"
    return None


def why_calendar(text: str) -> str | None:
    """Days in a grid, or a list of lines that begin with a date, and hardly any running text."""
    lines = [line for line in text.casefold().splitlines() if line]
    prose = prose_words(lines)
    days = {cell for line in lines for cell in line.split() if len(cell) < 3 and cell.isdecimal()}
    grid = sum(1 <= int(day) <= 31 for day in days)
    if grid >= _DAYS and prose < _LISTED_PROSE:
        return f"calendar: {grid} days in a grid and {prose} words of prose"
    dated = len({line[match.end() :].strip() for line in lines if (match := DATED_LINE.match(line))})
    if dated >= _DATED_LINES and dated * 5 >= len(lines) * 2 and prose < _LISTED_PROSE:
        return f"calendar: {dated} of {len(lines)} lines begin with a date, {prose} words of prose"
    return None


def why_shop(layout: Layout, headline: Headline, text: str) -> str | None:
    """Goods with their prices, and hardly any running text."""
    prose = prose_words(text.splitlines())
    if prose >= _LISTED_PROSE:
        return None
    behind = layout.blocks[place_of(layout.blocks, headline) + 1 :]
    prices = sum(bool(PRICE.search(block.text.casefold())) for block in behind if block.words <= 8)
    return f"product listing: {prices} prices and {prose} words of prose" if prices >= _PRICES else None


def prose_words(lines: Iterable[str]) -> int:
    """Words in those lines that are long enough for running text and begin with no date."""
    counts = (count_words(line) for line in lines if len(line) >= _SENTENCE_CHARS and not DATED_LINE.match(line))
    return sum(count for count in counts if count >= _SENTENCE_WORDS)


def why_listed(layout: Layout, claims: Claims, headline: Headline, titles: list[str]) -> str | None:
    """A page that calls itself a search or an archive, with titles that lead on and little else to read."""
    found = next((t for t in titles if SEARCH_TITLE.search(t)), None)
    kind = "search results" if found else "archive"
    found = found or next((t for t in titles if ARCHIVE_TITLE.search(t)), None)
    typed = not claims.article and next(iter(sorted(claims.types & _LIST_TYPES)), None)
    said = found or typed
    if not said:
        return None
    at = place_of(layout.blocks, headline)
    titled = prose = 0
    under = False
    for block in layout.blocks[at + 1 :]:
        if opens_with_link(block, 1):
            titled += 1
        elif not block.side and (leads_on(block) or (block.linked >= 4 and block.linked * 3 >= block.words * 2)):
            titled += 1
            under = True
        elif block.is_prose and block.words >= _SENTENCE_WORDS:
            prose += 0 if under else block.words
            under = False
    if titled >= _LISTED_TITLES and prose < _LISTED_PROSE:
        return f"{kind}: it calls itself {said!r}, {titled} titles that lead on, {prose} words of other prose"
    nothing = found and kind == "search results" and titled + prose == 0
    return f"search results: it calls itself {said!r} and 0 titles lead on" if nothing else None


def why_linked(layout: Layout, headline: Headline, cut: int) -> str | None:
    """A page that holds navigation and nothing else: what was cut out of it are the words of its links."""
    blocks = [block for block in layout.blocks[place_of(layout.blocks, headline) + 1 :] if not block.is_heading]
    words = sum(block.words for block in blocks)
    linked = sum(block.linked for block in blocks)
    titled = sum(leads_on(block) for block in blocks if not block.side)
    seen = sum(block.words for block in layout.blocks)
    if words - linked >= _READ_ANYTHING or seen < cut:  # the cut found text where the layout has no blocks
        return None
    if titled >= _LISTED_TITLES:
        return f"section page: {titled} titles lead on, {words - linked} words are no links"
    return f"no text was found on the page: {words - linked} words are neither links nor headings"


def opens_with_link(block: Block, words: int = 4) -> bool:
    """A title that is a link, a line break, and what it is about."""
    first = next(iter(block.element), None)
    if first is None or first.tag != "a" or (block.element.text or "").strip() or (first.tail or "").strip():
        return False
    following = first.getnext()
    return following is not None and following.tag == "br" and len(first.text_content().split()) >= words


def leads_on(block: Block) -> bool:
    """A line that is one link to another page and long enough to be its title."""
    hrefs = [link.get("href") or "" for link in block.links]
    linked = block.linked * 10 >= block.words * 9
    return linked and (block.words >= 4 or block.is_heading) and not any(h.startswith(("#", "mailto:")) for h in hrefs)


def place_of(blocks: list[Block], headline: Headline) -> int:
    """Index of the block that is the headline, -1 where none is."""
    if headline.element is None:
        return -1
    return next((i for i, block in enumerate(blocks) if block.element is headline.element), -1)


def words_in(element: etree._Element) -> str:
    return "".join(str(piece) for piece in element.itertext())


def _read_outside(layout: Layout, at: int, fields: list[HtmlElement]) -> int:
    """Words of prose behind the headline that stand in no form of these fields."""
    forms = set(_forms(fields))
    read = (b for b in layout.blocks[at + 1 :] if b.is_prose and forms.isdisjoint(b.element.iterancestors("form")))
    return sum(block.words for block in read)


def _forms(fields: list[HtmlElement]) -> Iterator[HtmlElement]:
    for field in fields:
        yield from field.iterancestors("form")
