"""Find boxes that are the site's own: counters and shares, links to other articles, fields, promos."""

from __future__ import annotations

import functools
import re
from collections import Counter

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.judged import BOX_WORDS, LABEL_WORDS, Judged, within
from crawler.extract.words import fold

_SHARERS = re.compile(
    r"facebook\.com/(?:sharer|dialog)|(?:twitter|x)\.com/(?:intent|share)|linkedin\.com/(?:share|cws)|reddit\.com/submit"
    r"|pinterest\.\w+/pin|t\.me/share|telegram\.me/share|wa\.me|whatsapp|vk\.com/share|tumblr\.com/share|^mailto:"
    r"|getpocket\.com|flipboard\.com|share\.flipboard|line\.me|weibo\.com/share|xing\.com/|bsky\.app/intent"
    r"|^#?$|^javascript:",
    re.IGNORECASE,
)
_MEMBERSHIP = re.compile(
    r"subscri|abonn|\babo\b|suscri|assin|newsletter|sign-?up|sign-?in|log-?in|regist|member|donat|support-?us|premium",
    re.IGNORECASE,
)
"""In addresses, not in words: systems call these paths alike in every language."""
_COUNT = re.compile(r"^\W*\d{1,3}(?:[.,]?\d{1,3}){0,2}\s*[KMk]?\W*$")
_CELLS = frozenset({"td", "th", "li", "dt", "dd", "pre", "figcaption", "blockquote"})
_LINE_WORDS = 25
_OFFER_WORDS = 120
"""More words than these, and than is left, in boxes with a button: the page consists of such boxes."""
_SAID_AGAIN = 1_000
"""Paragraphs in which the text of a box is looked for; boxes times paragraphs is a square."""


def mark_counts_and_shares(page: Judged) -> None:
    """Numbers that stand alone, the word beside them, and links to places where pages are shared."""
    for i in range(page.headline + 1, len(page.blocks)):
        block = page.blocks[i]
        if block.tag in ("td", "th", "h1", "h2", "h3", "h4", "pre") or (block.tag == "li" and not _shares(block)):
            continue
        if _COUNT.match(block.text):
            page.drop((i,), "counter")
            for beside in (i - 1, i + 1):
                if page.headline < beside < len(page.blocks):
                    other = page.blocks[beside]
                    if other.words <= 2 and not other.is_sentence and other.tag in ("div", "span", "p", "a"):
                        page.drop((beside,), "counter")
        elif _shares(block):
            page.drop((i,), "share links")


def _shares(block: Block) -> bool:
    if not block.links or block.words - block.linked > 4:
        return False
    return all(_SHARERS.search(link.get("href") or "") for link in block.links)


def mark_link_boxes(page: Judged) -> None:
    """Boxes of nothing but links to other articles and a label above them, also between paragraphs.

    A list or a bare link in the article's own column may be its subject: that is left to trafilatura's link density.
    """
    prose = [page.blocks[i].element for i in page.prose(page.headline + 1, len(page.blocks))]
    columns = {element.getparent() for element in prose}
    holders = {ancestor for element in prose for ancestor in element.iterancestors()}
    lists: dict[HtmlElement, bool] = {}
    link_boxes: dict[HtmlElement, bool] = {}
    for i in range(page.headline + 1, len(page.blocks)):
        block = page.blocks[i]
        if not block.is_linked or block.tag in ("th", "pre") or (block.tag == "td" and len(block.links) < 2):
            continue
        holder = block.element.getparent()
        item = block.element if block.tag == "li" else next(block.element.iterancestors("li"), None)
        if item is not None and not _is_link_list(item, holders, lists):
            continue
        if block.tag == "p" and holder in columns and block.words == block.linked:
            continue
        page.drop((i,), "link box")
        before = page.blocks[i - 1]
        if i - 1 > page.headline and before.words <= LABEL_WORDS and not before.is_sentence:
            box = before.element.getparent()
            if box is not None and (box is holder or within(block.element, box)):
                if box not in link_boxes:
                    link_boxes[box] = _only_links(box, page)
                if link_boxes[box]:
                    page.drop((i - 1,), "link box")


def mark_titles_of_boxes(page: Judged) -> None:
    """The title of links that lie beside the paragraphs without a box of their own; where text follows the links, a
    heading above them may be that text's."""
    for i in range(page.first + 1, len(page.blocks) - 1):
        block = page.blocks[i]
        if i in page.chrome or page.chrome.get(i + 1) != "link box" or not block.is_label or block.tag in _CELLS:
            continue
        behind = next((j for j in range(i + 1, len(page.blocks)) if page.chrome.get(j) != "link box"), len(page.blocks))
        if behind < len(page.blocks) and behind not in page.chrome and not page.blocks[behind].is_heading:
            continue
        if block.is_heading or block.text.endswith((":", "：")):
            page.drop((i,), "link box")


def _is_link_list(item: HtmlElement, holders: set[HtmlElement], known: dict[HtmlElement, bool]) -> bool:
    """Whether the list of an item is a box of links: every item has one, and no paragraphs stand beside the list."""
    outer = item.getparent()
    if outer is None:
        return False
    if outer not in known:
        box = outer
        while box is not None and box.tag in ("ul", "ol", "li", "dl"):
            box = box.getparent()
        linked = all(child.find(".//a") is not None for child in outer if child.tag == "li")
        known[outer] = linked and box not in holders
    return known[outer]


def _only_links(box: HtmlElement, page: Judged) -> bool:
    inside = page.inside(box)
    return len(inside) <= 60 and all(
        block.is_linked or block.words <= LABEL_WORDS for block in (page.blocks[i] for i in inside)
    )


def mark_field_boxes(page: Judged, layout: Layout) -> None:
    """Newsletter, sign-in and search boxes: the box around a field that is no comment's."""
    fields = [e for _, e in layout.inputs if (e.get("type") or "text").lower() in ("text", "email", "search", "tel")]
    known: dict[HtmlElement, bool] = {}
    page.drop(_boxes_around(page, fields, known), "field box")
    _mark_lines_before_fields(page, layout)
    offers = _boxes_around(page, list(page.tree.iter("button")), known) - page.chrome.keys()
    if not offers:
        return
    gone = page.chrome.keys() | offers
    kept = sum(page.blocks[i].words for i in range(page.headline + 1, len(page.blocks)) if i not in gone)
    if sum(page.blocks[i].words for i in offers) <= max(kept, _OFFER_WORDS):
        page.drop(offers, "button box")


def _mark_lines_before_fields(page: Judged, layout: Layout) -> None:
    """The line that asks for an address, where the field for it has no box: it is unlike the paragraphs beside it."""
    for position, field in layout.inputs:
        i = position - 1
        if (field.get("type") or "").lower() != "email" or i <= page.first or i in page.chrome:
            continue
        block = page.blocks[i]
        unlike = i - 1 in page.chrome or block.tag != page.blocks[page.first].tag
        if block.words <= _LINE_WORDS and unlike and block.element.getparent() is field.getparent():
            page.drop((i,), "field box")
            if page.blocks[i - 1].is_heading and page.blocks[i - 1].is_label:
                page.drop((i - 1,), "field box")


def _boxes_around(page: Judged, controls: list[HtmlElement], known: dict[HtmlElement, bool]) -> set[int]:
    boxes = {_box_around(control, page, known) for control in controls}
    return {i for box in boxes if box is not None for i in page.inside(box)}


def _box_around(control: HtmlElement, page: Judged, known: dict[HtmlElement, bool]) -> HtmlElement | None:
    """The largest element around a control that is still a box."""
    best = None
    for box in control.iterancestors():
        if box not in known:
            known[box] = _is_box(box, page)
        if not known[box]:
            break
        best = box
    return best


def _is_box(box: HtmlElement, page: Judged) -> bool:
    """Few words, no headline, no more than a third of the page's prose."""
    if box.tag in ("body", "html", "main", "article", "form", "td"):
        return False
    inside = page.inside(box)
    if page.headline in inside or page.first in inside or page.words(inside) > 2 * BOX_WORDS:
        return False
    return page.prose_words(inside) * 3 <= max(page.prose_sums[-1], 1)


def mark_promos(page: Judged) -> None:
    """Boxes between the paragraphs that advertise the site: unlike their neighbours, short, asking for something."""
    if page.first >= len(page.blocks):
        return
    parents = Counter(page.blocks[i].element.getparent() for i in page.prose(page.first, len(page.blocks)))
    if not parents:
        return
    region, _ = parents.most_common(1)[0]
    if region is None:
        return
    _mark_promos_in(page, region, _outside_classes(page, region))
    whole = _holding_most(page, region)
    if whole is not region and whole.tag not in ("body", "html"):
        _mark_promos_in(page, whole, None)


def _holding_most(page: Judged, region: HtmlElement) -> HtmlElement:
    """The column around a region that holds nine tenths of the prose: a body may lie in several boxes."""
    while (parent := region.getparent()) is not None and (
        page.prose_words(page.inside(region)) * 10 < page.prose_sums[-1] * 9
    ):
        region = parent
    return region


def _mark_promos_in(page: Judged, region: HtmlElement, outside: frozenset[str] | None) -> None:
    """`outside`: classes that boxes outside the region wear; None where the boxes of the region hold the paragraphs,
    so that only one that asks for something is a promo."""
    texts = functools.cache(
        lambda: [fold(page.blocks[i].text) for i in page.prose(page.first, len(page.blocks))[:_SAID_AGAIN]]
    )
    whole = functools.cache(lambda: "\n".join(texts()))
    for box in region:
        if box.tag not in ("div", "section", "aside", "blockquote"):
            continue
        inside = page.inside(box)
        if not inside or page.first in inside or page.words(inside) > BOX_WORDS:
            continue
        if any(page.blocks[i].element.tag in ("td", "th", "figcaption") for i in inside):
            continue
        text = fold(" ".join(page.blocks[i].text for i in inside))
        links = [a for i in inside for a in page.blocks[i].links]
        asks = any(_MEMBERSHIP.search(a.get("href") or "") for a in links) or box.find(".//button") is not None
        if outside is None:
            if asks:
                page.drop(inside, "promo")
            continue
        names = any(f" {name} " in f" {text} " for name in page.site_names)
        again = len(text.split()) >= 4 and text in whole() and any(text in other and text != other for other in texts())
        guest = len(text.split()) >= LABEL_WORDS and bool(box.get("class")) and box.get("class") in outside
        if asks or names or again or guest:
            page.drop(inside, "promo")


def _outside_classes(page: Judged, region: HtmlElement) -> frozenset[str]:
    """Classes of boxes that stand outside the article's column: what wears one inside it is a guest there."""
    apart = {*region.iter(), *region.iterancestors()}
    return frozenset(
        name
        for element in page.tree.iter("div", "section", "aside")
        if (name := element.get("class")) and element not in apart
    )
