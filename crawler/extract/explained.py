"""Explain a cut: what became of every block of the page and why, and which selectors would say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import nh3
from lxml.html import HtmlElement

from crawler.extract.blocks import INLINE, Block, is_beside, lay_out
from crawler.extract.cut import Cut, cut_page
from crawler.extract.judged import Judged
from crawler.extract.parse import lighten, parse, part_paragraphs
from crawler.extract.pictures import is_framed
from crawler.extract.selectors import Names, column_of, name_boxes, name_column, name_kept
from crawler.extract.words import fold
from storage import Article, Entry, Rejected, SiteMemory

_BARE = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "code", "br", "table"}
)
_MOST_STRIPPED = 12
"""Selectors of boxes that are worth a line in feeds.yaml; a page with more of them needs `content`."""


@dataclass(frozen=True, slots=True)
class BlockVerdict:
    """One block of the page as its reader sees it, and what became of it. Plain values: it leaves the box."""

    text: str
    tag: str
    path: str
    """Where it stands, as a CSS path."""
    words: int
    kept: bool
    rule: str
    """The judge that kept it or the rule that dropped it; `rules.in_words` has a sentence for each."""
    selector: str | None
    """What to write into `strip` to be rid of it; None where nothing stable would take it and leave the article."""


@dataclass(frozen=True, slots=True)
class Advice:
    """Selectors for feeds.yaml that were tried on the page itself."""

    content: str
    """Takes exactly one element, and that holds every block of the article."""
    strip: tuple[str, ...]
    """Boxes inside that element; menus, asides and the like need no naming."""
    kept: int
    """Blocks of the article; `found` of them are in the text that the selectors give."""
    found: int
    left: int
    """Dropped blocks that come back with these selectors: boxes without a name that would last."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A page, its blocks in reading order, and what was made of it."""

    result: Article | Rejected
    blocks: tuple[BlockVerdict, ...] = ()
    advice: Advice | None = None
    markup: str = ""
    """The article's HTML without links, pictures and attributes."""
    unmatched: tuple[str, ...] = ()
    """Of `content` and `strip`, the selectors that match nothing on the page."""


@dataclass(slots=True)
class _Page:
    """The page once more, whole and under its own names: the cut takes out what `strip` names within a text, and may
    rename the article's column."""

    tree: HtmlElement
    blocks: list[Block]
    kept: dict[int, str] = field(default_factory=dict)
    dropped: dict[int, str] = field(default_factory=dict)


def explain(
    html: bytes | str,
    url: str | None = None,
    *,
    content_type: str | None = None,
    entry: Entry | None = None,
    strip: Sequence[str] = (),
    content: str | None = None,
    memory: SiteMemory | None = None,
    now: datetime | None = None,
) -> Explained:
    """Cut a page as `cut_page` does and explain it. Pure, and for one page at a time: it costs several cuts."""
    how = {"content_type": content_type, "entry": entry, "memory": memory, "now": now}
    cut = cut_page(html, url, strip=strip, content=content, **how)  # type: ignore[arg-type]
    try:
        page = _lay_out(html, content_type)
    except RecursionError:
        page = None
    if page is None:
        return Explained(cut.result)
    _judge(page, cut, strip)
    title = cut.result.title if isinstance(cut.result, Article) else None
    names = Names(page.tree, title)
    verdicts, advised = _name(page, names, strip)
    advice = None
    if advised is not None:
        selected = cut_page(html, url, content=advised[0], strip=advised[1], **how)  # type: ignore[arg-type]
        advice = _advice(page, advised, selected.result)
    asked = (*((content,) if content else ()), *strip)
    unmatched = tuple(selector for selector in asked if not page.tree.cssselect(selector))
    return Explained(cut.result, verdicts, advice, _bare(cut.result), unmatched)


def _bare(result: Article | Rejected) -> str:
    return nh3.clean(result.html, tags={*_BARE, "tr", "td", "th"}, attributes={}) if isinstance(result, Article) else ""


def _lay_out(html: bytes | str, content_type: str | None) -> _Page | None:
    tree = parse(html, content_type)
    if tree is None:
        return None
    lighten(tree)
    part_paragraphs(tree)
    layout = lay_out(tree)
    return None if layout is None else _Page(tree, layout.blocks)


def _judge(page: _Page, cut: Cut, strip: Sequence[str]) -> None:
    """Say of every block what became of it."""
    if cut.page is None:
        page.dropped |= dict.fromkeys(range(len(page.blocks)), "not judged")
        return
    judged = cut.page
    places = _places(page, judged, strip)
    for i, block in enumerate(page.blocks):
        at = places.get(block.element)
        if at is None:
            page.dropped[i] = "strip"
        elif at in judged.kept:
            page.kept[i] = judged.kept[at]
        elif at in judged.chrome:
            page.dropped[i] = judged.chrome[at]
        elif at == judged.headline:
            page.dropped[i] = "headline"
        else:
            page.dropped[i] = "no judge" if isinstance(cut.result, Article) else "refused"


def _places(page: _Page, judged: Judged, strip: Sequence[str]) -> dict[HtmlElement, int]:
    """The index in the cut of the block of each element here. The cut has the same elements in the same order, without
    those that `strip` took out of a text, and with the figures that it put around pictures."""
    gone = {e for selector in strip for e in page.tree.cssselect(selector) if e.tag in INLINE}
    gone |= {inner for element in gone for inner in element.iterdescendants()}
    indexes = {block.element: i for i, block in enumerate(judged.blocks)}
    here = (element for element in page.tree.iter() if element not in gone)
    cut = (element for element in judged.tree.iter() if not is_framed(element))
    pairs = zip(here, cut, strict=True)
    return {element: indexes[there] for element, there in pairs if there in indexes}


def _said(result: Article | Rejected) -> tuple[frozenset[str], str]:
    """The folded lines of an article, and all its words in one."""
    if isinstance(result, Rejected):
        return frozenset(), ""
    lines = [fold(cell) for line in result.text.split("\n") for cell in line.split("\t")]
    return frozenset(lines), f" {fold(result.text)} "


def _name(
    page: _Page, names: Names, strip: Sequence[str]
) -> tuple[tuple[BlockVerdict, ...], tuple[str, tuple[str, ...]] | None]:
    """The verdicts, and the selectors of the article and of the boxes inside it, those that are in force first."""
    kept = frozenset(page.blocks[i].element for i in page.kept)
    title = [page.blocks[i].element for i, rule in page.dropped.items() if rule == "headline"]
    held: Counter[HtmlElement] = Counter()
    words: Counter[HtmlElement] = Counter()
    for i, block in enumerate(page.blocks):
        counts = i in page.kept or page.dropped.get(i) == "headline"
        for element in (block.element, *block.element.iterancestors()):
            words[element] += block.words
            held[element] += counts
    out = {i: page.blocks[i].element for i, rule in page.dropped.items() if rule not in ("headline", "strip")}
    boxes = name_boxes(out.values(), held, kept | frozenset(title), names)
    most = max(1, len(page.kept) // 3) if len(page.kept) > 1 else 0
    selectors = boxes | name_kept(kept, held, most, names)
    verdicts = tuple(
        BlockVerdict(
            block.text,
            block.tag,
            names.path(block.element),
            block.words,
            i in page.kept,
            page.kept.get(i) or page.dropped[i],
            selectors.get(block.element) if page.dropped.get(i) not in ("headline", "strip") else None,
        )
        for i, block in enumerate(page.blocks)
    )
    column = column_of(page.blocks[i].element for i in page.kept) if page.kept else None
    named = name_column(column, words, names) if column is not None else None
    if named is None:
        return verdicts, None
    content, element = named
    if page.tree.cssselect(content) != [element]:
        return verdicts, None
    inside = [
        i for i in sorted(out) if element in out[i].iterancestors() and not is_beside(out[i], frozenset((element,)))
    ]
    own = [selector for selector in strip if any(element in e.iterancestors() for e in page.tree.cssselect(selector))]
    found = (selector for i in inside if (selector := boxes.get(out[i])))
    return verdicts, (content, tuple(dict.fromkeys([*own, *found]))[: _MOST_STRIPPED + len(own)])


def _advice(page: _Page, advised: tuple[str, tuple[str, ...]], selected: Article | Rejected) -> Advice:
    lines, words = _said(selected)

    def has(i: int) -> bool:
        text = fold(page.blocks[i].text)
        return not text or text in lines or f" {text} " in words

    found = sum(map(has, page.kept))
    short = {fold(page.blocks[i].text) for i in page.kept}
    back = (i for i, rule in page.dropped.items() if rule != "headline" and fold(page.blocks[i].text) not in short)
    left = sum(fold(page.blocks[i].text) in lines for i in back)
    return Advice(advised[0], advised[1], len(page.kept), found, left)
