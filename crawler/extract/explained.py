"""Explain a cut: what became of every block of the page and why, and which selectors would say the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher

import nh3
from lxml.html import HtmlElement

from crawler.extract.blocks import SIDE, Block, lay_out
from crawler.extract.cut import Cut, cut_page
from crawler.extract.judged import Judged
from crawler.extract.parse import lighten, parse, part_paragraphs
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
    """Boxes inside that element."""
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


@dataclass(slots=True)
class _Page:
    """The page laid out once more: the elements of a cut are gone from its own tree."""

    tree: HtmlElement
    blocks: list[Block]
    stripped: frozenset[HtmlElement]
    chosen: frozenset[HtmlElement]
    """What `content` takes."""
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
        page = _lay_out(html, content_type, strip, content)
    except RecursionError:
        page = None
    if page is None:
        return Explained(cut.result)
    _judge(page, cut)
    title = cut.result.title if isinstance(cut.result, Article) else None
    names = Names(page.tree, title)
    verdicts, advised = _name(page, names, strip)
    advice = None
    if advised is not None:
        selected = cut_page(html, url, content=advised[0], strip=advised[1], **how)  # type: ignore[arg-type]
        advice = _advice(page, advised, selected.result)
    return Explained(cut.result, verdicts, advice, _bare(cut.result))


def _bare(result: Article | Rejected) -> str:
    return nh3.clean(result.html, tags={*_BARE, "tr", "td", "th"}, attributes={}) if isinstance(result, Article) else ""


def _lay_out(html: bytes | str, content_type: str | None, strip: Sequence[str], content: str | None) -> _Page | None:
    tree = parse(html, content_type)
    if tree is None:
        return None
    lighten(tree)
    part_paragraphs(tree)
    layout = lay_out(tree)
    if layout is None:
        return None
    stripped = frozenset(element for selector in strip for element in tree.cssselect(selector))
    chosen = frozenset(tree.cssselect(content)) if content else frozenset()
    return _Page(tree, layout.blocks, stripped, chosen)


def _judge(page: _Page, cut: Cut) -> None:
    """Say of every block what became of it."""
    left = []
    for i, block in enumerate(page.blocks):
        line = [block.element, *block.element.iterancestors()]
        if not page.stripped.isdisjoint(line):
            page.dropped[i] = "strip"
        elif page.chosen:
            inside = next((line[:n] for n, e in enumerate(line) if e in page.chosen), None)
            if inside is not None and not any(e.tag in SIDE for e in inside):
                page.kept[i] = "content"
            else:
                page.dropped[i] = "outside content"
        else:
            left.append(i)
    if cut.page is None:
        page.dropped |= dict.fromkeys(left, "not judged")
        return
    for i, judged in _aligned(page, left, cut.page).items():
        if judged in cut.page.kept:
            page.kept[i] = cut.page.kept[judged]
        elif judged in cut.page.chrome:
            page.dropped[i] = cut.page.chrome[judged]
        elif judged == cut.page.headline:
            page.dropped[i] = "headline"
        else:
            page.dropped[i] = "no judge" if isinstance(cut.result, Article) else "refused"
    for i in left:
        if i not in page.kept:
            page.dropped.setdefault(i, "no judge")


def _said(result: Article | Rejected) -> tuple[frozenset[str], str]:
    """The folded lines of an article, and all its words in one."""
    if isinstance(result, Rejected):
        return frozenset(), ""
    lines = [fold(cell) for line in result.text.split("\n") for cell in line.split("\t")]
    return frozenset(lines), f" {fold(result.text)} "


def _aligned(page: _Page, left: list[int], judged: Judged) -> dict[int, int]:
    """Which block of the cut each of these is. They are the same but where a stripped element parted two lines."""
    here, there = [page.blocks[i].text for i in left], [block.text for block in judged.blocks]
    if here == there:
        return dict(zip(left, range(len(there)), strict=True))
    matches = SequenceMatcher(None, here, there).get_matching_blocks()
    return {left[at.a + n]: at.b + n for at in matches for n in range(at.size)}


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
    inside = [i for i in sorted(out) if any(a is element for a in out[i].iterancestors())]
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
