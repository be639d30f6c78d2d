"""Keep what stands in an article's column and is none of its paragraphs: lists, tables, captions, boxes of facts.

Extractors and model weigh words, and such parts have few. What decides here is where they stand: between paragraphs
that were kept, in the very column of these, with no links in them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from lxml.html import HtmlElement

from crawler.extract.blocks import SIDE, Block
from crawler.extract.choosing import QUOTES, SIBLING, Entry, column_of, entry_of
from crawler.extract.judged import Judged
from crawler.extract.pictures import is_framed
from crawler.extract.votes import squeeze

_PARTS = ("ul", "ol", "dl", "table", "figure", "aside")
_ITEMS = frozenset({"li", "dt", "dd", "td", "th", "caption", "figcaption"})
_SENTENCE_WORDS = 3
_TELLING_WORDS = 6
"""An item of fewer words that is no sentence is a label, a tag, a tool."""
_FACT_WORDS = 8
_MOST_WORDS = 300
"""What is longer than this beside an article is an article."""
_ENTRIES = 2


def keep_parts(page: Judged) -> None:
    """Keep the lists, tables, captions and boxes of facts that the article holds, and the label above a list of it."""
    prose = [i for i in page.kept if page.blocks[i].is_prose and not _is_part(page.blocks[i].element)]
    if not prose:
        return
    spans: dict[HtmlElement, tuple[int, int]] = {}
    for i in prose:
        column = column_of(page, page.blocks[i].element)
        low, high = spans.get(column, (i, i))
        spans[column] = min(low, i), max(high, i)
    rows = _rows(spans)
    said = "\n".join(squeeze(page.blocks[i].text) for i in page.kept)
    for part in _parts(page):
        inside = page.inside(part)
        if all(i in page.kept for i in inside) or not _is_telling(page, part):
            continue
        low, high = spans.get(column_of(page, part), (len(page.blocks), -1))
        if low < inside[0] and inside[-1] < high and _tells(page, part, said):
            _keep(page, part)
        elif part.tag != "aside" and (entry := _entry_around(page, part, rows)) is not None:
            _keep(page, entry)
        elif _is_summary(page, part, min(prose)):
            _keep(page, part)
    _keep_labels(page)


def _rows(spans: Mapping[HtmlElement, tuple[int, int]]) -> dict[Entry, int]:
    """The rows of like containers that hold the article's paragraphs, each with the last of these."""
    held = Counter(map(entry_of, spans))
    rows: dict[Entry, int] = {}
    for column, (_, high) in spans.items():
        if column.get("class") and held[entry_of(column)] >= _ENTRIES:
            rows[entry_of(column)] = max(high, rows.get(entry_of(column), high))
    return rows


def _is_part(element: HtmlElement) -> bool:
    return element.tag in _PARTS or any(a.tag in _PARTS for a in element.iterancestors())


def _parts(page: Judged) -> list[HtmlElement]:
    """The outermost lists, tables, figures and asides of the page, in their order."""
    found: dict[HtmlElement, None] = {}
    for i in range(max(0, page.headline + 1), len(page.blocks)):
        around = [a for a in (page.blocks[i].element, *page.blocks[i].element.iterancestors()) if a.tag in _PARTS]
        if around and i not in page.chrome:
            found[around[-1]] = None
    return list(found)


def _is_telling(page: Judged, part: HtmlElement) -> bool:
    """Whether an element says something, and is no menu: nothing in it was marked, nothing is a link of its own."""
    inside = page.inside(part)
    blocks = [page.blocks[i] for i in inside]
    words = page.words(inside)
    if any(i in page.chrome for i in inside) or any(a.tag in SIDE for a in part.iterancestors()):
        return False
    if (words > _MOST_WORDS and part.tag == "aside") or sum(b.linked for b in blocks) * 4 > words:
        return False
    if part.tag == "aside":
        told = any(b.is_sentence and b.words >= _FACT_WORDS for b in blocks)
        return told and part.find(".//img") is None
    if part.tag == "figure":
        return part.find(".//img") is not None and all(b.tag == "figcaption" for b in blocks)
    return all(b.tag in _ITEMS or b.element.getparent().tag in _ITEMS for b in blocks)


def _is_lifted(page: Judged, part: HtmlElement, said: str) -> bool:
    """Whether the article says a line of a box itself: then it is a pull quote."""
    lines = (squeeze(page.blocks[i].text).strip(QUOTES) for i in page.inside(part))
    return any(line in said for line in lines if line)


def _tells(page: Judged, part: HtmlElement, said: str) -> bool:
    """Whether a part between the paragraphs is one that belongs there: of lists, those that say something; of figures,
    those whose caption was made one here. Other captions are the model's to judge."""
    if part.tag == "figure":
        return is_framed(part)
    if part.tag == "aside":
        return not _is_lifted(page, part, said)
    return part.tag == "table" or _says_enough(page.blocks[i] for i in page.inside(part))


def _says_enough(items: Iterable[Block]) -> bool:
    """Whether most items of a list are sentences or as long as one."""
    told = [item.words >= (_SENTENCE_WORDS if item.is_sentence else _TELLING_WORDS) for item in items]
    return sum(told) * 2 > len(told)


def _entry_around(page: Judged, part: HtmlElement, rows: Mapping[Entry, int]) -> HtmlElement | None:
    """The container of this part and of no paragraph that stands in a row of such that hold the article. Of pictures
    only one behind the last paragraph: others are the model's to judge."""
    entry = next((a for a in part.iterancestors() if entry_of(a) in rows), None)
    inside = page.inside(part)
    if entry is None or (part.tag == "figure" and inside[0] < rows[entry_of(entry)]):
        return None
    rest = [page.blocks[i] for i in page.inside(entry) if i not in inside and i not in page.chrome]
    return entry if all(block.is_heading or block.is_label for block in rest) else None


def _is_summary(page: Judged, part: HtmlElement, first: int) -> bool:
    """Whether a list between headline and first paragraph says in sentences, below a label, what the article says."""
    inside = page.inside(part)
    if part.tag not in ("ul", "ol") or not (
        page.headline >= 0 and page.headline < inside[0] and inside[-1] < first and len(inside) > 1
    ):
        return False
    return inside[0] - 1 > page.headline and is_label_of(page, inside[0] - 1)


def _keep(page: Judged, part: HtmlElement) -> None:
    for i in page.inside(part):
        if i not in page.chrome:
            page.kept.setdefault(i, SIBLING)


def _keep_labels(page: Judged) -> None:
    for i in [i - 1 for i in page.kept if page.blocks[i].tag == "li"]:
        if i > page.headline and i not in page.kept and i not in page.chrome and is_label_of(page, i):
            page.kept[i] = SIBLING


def is_label_of(page: Judged, i: int) -> bool:
    """Whether a line says what the list of texts right behind it is: both stand in one box, and it holds no links."""
    if i + 1 >= len(page.blocks) or not (page.blocks[i].is_label or page.blocks[i].is_heading):
        return False
    label, item = page.blocks[i], page.blocks[i + 1]
    items = next(item.element.iterancestors("ul", "ol"), None) if item.tag == "li" else None
    if items is None or label.linked or label.tag == "li":
        return False
    parent = label.element.getparent()
    if parent is None or not any(parent is a for a in items.iterancestors()):
        return False
    inside = [page.blocks[j] for j in page.inside(items)]
    return not any(b.is_linked for b in inside) and _says_enough(inside)
