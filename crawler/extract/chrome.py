"""Prune from the tree what stands around an article and between its paragraphs, judged by structure.

What decides is where fields to write in stand, what is a link, what is a sentence, and the order of it all; names of
classes decide nothing, words only support. The rules and what each was worth: docs/decisions/0004-extraction.md.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.blocks import HEADINGS, Block, Layout, own_inline
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

_EMAIL_WORD = re.compile(
    r"e-?mail|courriel|correo|електрон|электрон|почт|メール|邮箱|電郵|邮件|이메일|البريد|อีเมล|ईमेल|e-?posta|sähköposti|ηλεκτρον",
    re.IGNORECASE,
)
_COUNT = re.compile(r"^\W*\d{1,3}(?:[.,]?\d{1,3}){0,2}\s*[KMk]?\W*$")
_DATE_LIKE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d|\d{1,2}\s?h\s?\d\d|(?:19|20)\d\d年"
)
_MOMENT = re.compile(
    r"\b(?:19|20)\d\d\b.*\b\d{1,2}\b|\b\d{1,2}\b.*\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d"
    r"|\d+\s*\w+\s+(?:ago|geleden|temu|önce|назад|siden|sedan|sitten)\b|\b(?:vor|hace|il y a|há|fa)\s+\d+"
    r"|\d+\s*(?:分|時間|日|小时|小時|天|시간|일)\s*(?:前|전)"
)
"""When a comment was written: a day with its year, a time, or how long ago; the month of a chronicle is none."""
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")
_RIGHTS = re.compile(r"^\W*(?:©|\(c\)|copyright\b)", re.IGNORECASE)
_LABEL_WORDS = 6
_BOX_WORDS = 45
_FORM_LINE_WORDS = 40
_COMMENT_BLOCKS = 12
_BYLINE_BLOCKS = 16
"""More short lines than these below a headline are a poem or a table, not a by-line with its tools."""
_SHORT_CHARS = 250
"""MIN_EXTRACTED_SIZE of trafilatura 2.3.1."""
_SIDE_WORDS = 120
"""Prose of side columns and foot; more than this and than the article before a form is the article behind it."""


@dataclass(slots=True)
class _Page:
    tree: HtmlElement
    blocks: list[Block]
    headline: int
    """Index of the headline's block, -1 without one."""
    authors: frozenset[str]
    site_names: frozenset[str]
    chrome: set[int]
    first: int
    """Index of the first block of prose behind the headline."""
    firsts: dict[HtmlElement, int]
    """Index of the first block in each element that holds any; `lasts` likewise."""
    lasts: dict[HtmlElement, int]

    def inside(self, box: HtmlElement) -> range:
        return range(self.firsts[box], self.lasts[box] + 1) if box in self.firsts else range(0)

    def prose(self, start: int, stop: int) -> list[int]:
        return [i for i in range(start, stop) if i not in self.chrome and self.blocks[i].is_prose]


def _reached(blocks: Iterable[tuple[int, Block]]) -> dict[HtmlElement, int]:
    """Every element that holds a block, and the block from which it was reached first."""
    found: dict[HtmlElement, int] = {}
    for i, block in blocks:
        element: HtmlElement | None = block.element
        while element is not None and element not in found:
            found[element] = i
            element = element.getparent()
    return found


def prune_chrome(
    tree: HtmlElement,
    layout: Layout,
    headline: HtmlElement | None,
    authors: tuple[str, ...] = (),
    site_names: frozenset[str] = frozenset(),
) -> HtmlElement | None:
    """Remove chrome from the tree in place. A page whose headline is unknown is pruned by its boxes and forms only.

    Returns the article's column where what is left of it is too short for trafilatura's measures: below 250 characters
    it falls back to all text of the page in one piece.
    """
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline or _within(b.element, headline)), -1)
    page = _Page(
        tree,
        blocks,
        at,
        frozenset(map(fold, authors)),
        site_names,
        set(),
        -1,
        _reached(enumerate(blocks)),
        _reached(reversed(list(enumerate(blocks)))),
    )
    page.first = next(iter(page.prose(at + 1, len(blocks))), len(blocks))
    _mark_masthead(page)
    _mark_byline(page)
    _mark_form_and_after(page, layout)
    _mark_counts_and_shares(page)
    if page.headline >= 0:
        _mark_link_boxes(page)
    _mark_field_boxes(page, layout)
    _mark_promos(page)
    _mark_imprint(page)
    _mark_remains(page)
    _remove(page)
    return _name_column(page)


def _within(element: HtmlElement, ancestor: HtmlElement | None) -> bool:
    return ancestor is not None and any(a is ancestor for a in element.iterancestors())


def _mark_masthead(page: _Page) -> None:
    """All before the headline, unless more is to be read there than behind it."""
    if page.headline < 1 or page.blocks[page.headline].tag != "h1":
        return
    before = sum(page.blocks[i].words for i in page.prose(0, page.headline))
    after = sum(page.blocks[i].words for i in page.prose(page.headline + 1, len(page.blocks)))
    if before < after:
        page.chrome.update(range(page.headline))


def _mark_byline(page: _Page) -> None:
    """Between headline and first paragraph: names, dates, sections, tools; a subtitle or a standfirst stays."""
    if page.headline < 0 or page.first == len(page.blocks) or page.first - page.headline > _BYLINE_BLOCKS:
        return
    for i in range(page.headline + 1, page.first):
        block = page.blocks[i]
        cell = block.tag in ("td", "th") and not _DATE_LIKE.search(block.text)
        if cell or block.is_heading or block.tag in ("figcaption", "blockquote", "pre"):
            continue
        named = any(name and name in fold(block.text) for name in page.authors)
        if block.words <= 4 or (block.words <= 25 and (named or _DATE_LIKE.search(block.text) or block.is_linked)):
            page.chrome.add(i)


def _mark_form_and_after(page: _Page, layout: Layout) -> None:
    """The comment form, the thread before it, and all that follows: an article ends before its readers speak."""
    start = page.headline + 1
    for position, area in layout.textareas:
        if position <= page.first or not page.prose(start, position) or _hidden(area):
            continue
        begin = _form_begins(page, position)
        begin = _thread_begins(page, begin)
        later = sum(page.blocks[i].words for i in page.prose(position, len(page.blocks)))
        earlier = sum(page.blocks[i].words for i in page.prose(start, begin))
        more = later > max(earlier, _SIDE_WORDS)
        if more or (later > earlier and (page.headline < 0 or _goes_on(page, begin, position))):
            continue
        page.chrome.update(range(begin, len(page.blocks)))
        return


def _goes_on(page: _Page, begin: int, position: int) -> bool:
    """Whether the column of the paragraphs before a form continues behind it."""
    before = {page.blocks[i].element.getparent() for i in page.prose(page.headline + 1, begin)}
    behind = (page.blocks[i] for i in page.prose(position, len(page.blocks)))
    return sum(b.words for b in behind if b.element.getparent() in before) > _SIDE_WORDS // 2


def _hidden(element: HtmlElement) -> bool:
    return "display:none" in (element.get("style") or "").replace(" ", "") and element.get("name") is None


def _form_begins(page: _Page, position: int) -> int:
    """Walk back from the field over labels, the legal line and the form's heading."""
    begin = position
    while begin > page.first + 1:
        block = page.blocks[begin - 1]
        label = block.words <= _LABEL_WORDS and not block.is_sentence
        legal = block.words <= _FORM_LINE_WORDS and (_EMAIL_WORD.search(block.text) or block.text.endswith("*"))
        if not (label or legal or block.side or block.is_linked):
            break
        begin -= 1
    return begin


def _thread_begins(page: _Page, end: int) -> int:
    """Walk back over comments: a short line (a name) and a date, then what was said, perhaps a link to answer."""
    begin = end
    for i in range(end - 1, page.first, -1):
        block = page.blocks[i]
        if block.words <= 12 and _MOMENT.search(block.text) and not block.is_sentence and not block.is_heading:
            named = page.blocks[i - 1]
            if i - 1 > page.first and named.words <= (3 if named.is_sentence else _LABEL_WORDS):
                begin = i - 1
            elif len(_NAME_WORD.findall(block.text)) >= 2:
                begin = i
        elif begin - i > _COMMENT_BLOCKS:
            break
    if begin < end:
        begin = _form_begins(page, begin)
    return begin


def _mark_counts_and_shares(page: _Page) -> None:
    """Numbers that stand alone, the word beside them, and links to places where pages are shared."""
    for i in range(page.headline + 1, len(page.blocks)):
        block = page.blocks[i]
        if block.tag in ("td", "th", "h1", "h2", "h3", "h4", "pre") or (block.tag == "li" and not _shares(block)):
            continue
        if _COUNT.match(block.text):
            page.chrome.add(i)
            for beside in (i - 1, i + 1):
                if page.headline < beside < len(page.blocks):
                    other = page.blocks[beside]
                    if other.words <= 2 and not other.is_sentence and other.tag in ("div", "span", "p", "a"):
                        page.chrome.add(beside)
        elif _shares(block):
            page.chrome.add(i)


def _shares(block: Block) -> bool:
    if not block.links or block.words - block.linked > 4:
        return False
    return all(_SHARERS.search(link.get("href") or "") for link in block.links)


def _mark_link_boxes(page: _Page) -> None:
    """Boxes of nothing but links to other articles and a label above them, also between paragraphs.

    A list or a bare link in the article's own column may be its subject: that is left to trafilatura's link density.
    """
    prose = [page.blocks[i].element for i in page.prose(page.headline + 1, len(page.blocks))]
    columns = {element.getparent() for element in prose}
    holders = {ancestor for element in prose for ancestor in element.iterancestors()}
    lists: dict[HtmlElement, bool] = {}
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
        page.chrome.add(i)
        before = page.blocks[i - 1]
        if i - 1 > page.headline and before.words <= _LABEL_WORDS and not before.is_sentence:
            same_box = before.element.getparent() is block.element.getparent() or _within(
                block.element, before.element.getparent()
            )
            if same_box and _only_links(before.element.getparent(), page):
                page.chrome.add(i - 1)


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


def _only_links(box: HtmlElement | None, page: _Page) -> bool:
    if box is None:
        return False
    inside = [page.blocks[i] for i in page.inside(box)]
    return len(inside) <= 60 and all(b.is_linked or b.words <= _LABEL_WORDS for b in inside)


def _mark_field_boxes(page: _Page, layout: Layout) -> None:
    """Newsletter, sign-in and search boxes: the box around a field that is no comment's."""
    total = sum(b.words for b in page.blocks if b.is_prose)
    fields = [e for _, e in layout.inputs if (e.get("type") or "text").lower() in ("text", "email", "search", "tel")]
    buttons = list(page.tree.iter("button"))
    for control in (*fields, *buttons):
        box = _box_around(control, page, total)
        if box is not None:
            page.chrome.update(page.inside(box))


def _box_around(control: HtmlElement, page: _Page, total: int) -> HtmlElement | None:
    """The largest element around a control that is still a box: few words, no headline, no more than a third of all."""
    best = None
    headline = page.blocks[page.headline].element if page.headline >= 0 else None
    for box in control.iterancestors():
        if box.tag in ("body", "html", "main", "article", "form", "td") or box is headline:
            break
        inside = page.inside(box)
        words = sum(page.blocks[i].words for i in inside)
        prose = sum(page.blocks[i].words for i in inside if page.blocks[i].is_prose)
        if page.headline in inside or page.first in inside or words > 2 * _BOX_WORDS or prose * 3 > max(total, 1):
            break
        best = box
    return best


def _mark_promos(page: _Page) -> None:
    """Boxes between the paragraphs that advertise the site: unlike their neighbours, short, asking for something."""
    if page.first >= len(page.blocks):
        return
    parents = Counter(page.blocks[i].element.getparent() for i in page.prose(page.first, len(page.blocks)))
    if not parents:
        return
    region, _ = parents.most_common(1)[0]
    if region is None:
        return
    outside = _outside_classes(page, region)
    texts = functools.cache(lambda: [fold(page.blocks[i].text) for i in page.prose(page.first, len(page.blocks))])
    for box in region:
        if box.tag not in ("div", "section", "aside", "blockquote"):
            continue
        inside = page.inside(box)
        if not inside or page.first in inside or sum(page.blocks[i].words for i in inside) > _BOX_WORDS:
            continue
        if any(page.blocks[i].element.tag in ("td", "th", "figcaption") for i in inside):
            continue
        text = fold(" ".join(page.blocks[i].text for i in inside))
        links = [a for i in inside for a in page.blocks[i].links]
        asks = any(_MEMBERSHIP.search(a.get("href") or "") for a in links) or box.find(".//button") is not None
        names = any(f" {name} " in f" {text} " for name in page.site_names)
        again = len(text.split()) >= 4 and any(text in other and text != other for other in texts())
        guest = len(text.split()) >= _LABEL_WORDS and bool(box.get("class")) and box.get("class") in outside
        if asks or names or again or guest:
            page.chrome.update(inside)


def _mark_imprint(page: _Page) -> None:
    """The line that claims the rights, and all that follows: the foot of a page has no other mark in every theme."""
    for i in range(len(page.blocks) - 1, page.first, -1):
        block = page.blocks[i]
        if _RIGHTS.search(block.text) and block.words <= 60:
            if sum(page.blocks[j].words for j in page.prose(i + 1, len(page.blocks))) <= 60:
                page.chrome.update(range(i, len(page.blocks)))
            return


def _mark_remains(page: _Page) -> None:
    """What is left of a box outside the article's column, where most of the box is chrome already."""
    if page.headline < 0 or page.first >= len(page.blocks):
        return
    trunk = {page.blocks[page.first].element, *page.blocks[page.first].element.iterancestors()}
    judged: set[HtmlElement] = set()
    for i in range(page.first + 1, len(page.blocks)):
        if i in page.chrome:
            continue
        box = page.blocks[i].element
        while (parent := box.getparent()) is not None and parent not in trunk:
            box = parent
        if box in judged:
            continue
        judged.add(box)
        inside = page.inside(box)
        left = sum(page.blocks[j].words for j in inside if j not in page.chrome)
        if left <= _BOX_WORDS and left * 2 < sum(page.blocks[j].words for j in inside):
            page.chrome.update(inside)


def _outside_classes(page: _Page, region: HtmlElement) -> frozenset[str]:
    """Classes of boxes that stand outside the article's column: what wears one inside it is a guest there."""
    inside = set(region.iter())
    return frozenset(
        name
        for element in page.tree.iter("div", "section", "aside")
        if element not in inside and (name := element.get("class")) and not _contains(element, region)
    )


def _contains(element: HtmlElement, other: HtmlElement) -> bool:
    return any(a is element for a in other.iterancestors())


def _remove(page: _Page) -> None:
    """Take the marked blocks out, with the elements that hold nothing else."""
    kept = [b.element for i, b in enumerate(page.blocks) if i not in page.chrome]
    holding = set(kept)
    for element in kept:
        for ancestor in element.iterancestors():
            if ancestor in holding:
                break
            holding.add(ancestor)
    for i in sorted(page.chrome):
        element = page.blocks[i].element
        if element in holding:
            _silence(element)
            continue
        top = element
        while (parent := top.getparent()) is not None and parent not in holding and parent.tag not in ("body", "html"):
            top = parent
        if top.getparent() is not None:
            top.drop_tree()


def _silence(element: HtmlElement) -> None:
    """Remove an element's own text where the element holds other blocks."""
    inline = own_inline(element)
    element.text = None
    for child in list(element):
        child.tail = None
        if child in inline and child.tag not in HEADINGS and child.find(".//img") is None:
            element.remove(child)


def _name_column(page: _Page) -> HtmlElement | None:
    """Call the article's column `article` where no element of the page is called so; return it if it is short.

    trafilatura looks for that name first; without it lists, tables and short lines of a plain theme are lost.
    """
    prose = page.prose(page.headline + 1, len(page.blocks))
    if page.headline < 0 or not prose:
        return None
    column = page.blocks[prose[0]].element.getparent()
    inside = {page.blocks[i].element for i in prose}
    while column is not None and column.tag not in ("body", "html"):
        held = sum(1 for element in column.iter() if element in inside)
        if held * 10 >= len(prose) * 9:
            break
        column = column.getparent()
    if column is None or column.tag == "html":
        return None
    kept = [i for i in range(page.headline + 1, len(page.blocks)) if i not in page.chrome]
    within = set(page.inside(column))
    whole = sum(page.blocks[i].words for i in kept)
    most = sum(page.blocks[i].words for i in kept if i in within) * 10 >= whole * 6
    if most and column.tag in ("div", "section") and next(page.tree.iter("article", "main"), None) is None:
        column.tag = "article"
    headline = page.blocks[page.headline].element
    chars = sum(len(page.blocks[i].text) for i in prose)
    marked = page.tree.xpath('.//*[@itemprop="articleBody"]')
    if len(marked) == 1 and any(element in inside for element in marked[0].iter()):
        column = marked[0]
    rest = sum(len(b.text) for i, b in enumerate(page.blocks) if i > page.headline and i not in page.chrome) - chars
    if (
        chars < _SHORT_CHARS
        and rest < 2 * _SHORT_CHARS
        and len(" ".join(column.text_content().split())) < 2 * _SHORT_CHARS
    ):
        if _within(headline, column):
            headline.drop_tree()
        return column
    return None
