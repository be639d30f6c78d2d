"""Choose the blocks that are the article: rules first, then the votes of two extractors, then the block model.

Where both extractors agree about a page nearly to the word, their vote stands. Elsewhere the block model decides on
each block; it sees both votes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extract.block_model import block_model
from crawler.extract.features import agreement, candidates, features
from crawler.extract.judged import Judged
from crawler.extract.votes import ask_resiliparse, ask_trafilatura, squeeze, votes

MODEL = "block model"
BOTH = "both extractors"
SIBLING = "its column"
TRAFILATURA = "trafilatura"
DOUBT = 1_500
"""Thousandths of log-odds: a paragraph that the model gives one chance in five; `DOUBTS` for other elements."""
ALONE = 600
"""Thousandths of log-odds that the model needs where no extractor agrees with it."""
DOUBT_OF_BOTH = 2_500
"""... and a paragraph for which both extractors voted, one chance in a dozen."""
DOUBTS = {
    **dict.fromkeys(("li", "td", "th", "dt", "dd"), 2_500),
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6", "blockquote"), 2_000),
    "figcaption": 2_500,
    "pre": 4_000,
}
_WEAK_SHARE = 0.4
_FOREIGN = 20
_FEW_WORDS = 10
_QUOTE_BLOCKS = 6
_ENTRIES = 2
"""Columns of the same kind in a row from which they are entries of one live blog."""
_PULLED = (6, 60)
"""Words of a pull quote."""
_PIECE = 15
_PULLING = 1_000
"""A page with more blocks has no use for pull quotes, and every one is held against every other."""
QUOTES = "\"'“”„«»‘’‹›.…,"
_STRUCTURE = frozenset(
    {"p", "li", "ul", "ol", "menu", "td", "th", "tr", "tbody", "thead", "tfoot", "table", "caption", "blockquote"}
    | {"figure", "figcaption", "pre", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6"}
)
AGREED = 0.99
Entry = tuple[HtmlElement | None, str, str]


@dataclass(frozen=True, slots=True)
class Ballot:
    """The votes on the blocks of a page: `t` trafilatura's, `r` resiliparse's, each 0 to 1."""

    squeezed: list[str]
    """The blocks' texts without white space."""
    t: list[float]
    r: list[float]


def ask(page: Judged, markup: str, column: HtmlElement | None) -> Ballot:
    """Let both extractors vote. What a rule called chrome gets no vote.

    `markup` is the page as it came, `column` the article's own column where it is too short for trafilatura.
    """
    squeezed = [squeeze(block.text) for block in page.blocks]
    asked = ["" if i in page.chrome else text for i, text in enumerate(squeezed)]
    if column is None:
        hidden = [*page.tree.iterchildren("head"), *_hidden(page)]
        t = votes(asked, squeeze(ask_trafilatura(page.tree, hidden)))
        if _is_weak(page, t):
            t = votes(asked, squeeze(ask_trafilatura(page.tree, hidden, fast=False)))
    else:
        inside = page.inside(column)
        t = [float(i in inside and i not in page.chrome and i != page.headline) for i in range(len(page.blocks))]
    r = votes(asked, squeeze(ask_resiliparse(markup)))
    return Ballot(squeezed, t, r)


def _hidden(page: Judged) -> list[HtmlElement]:
    """The outermost elements that hold marked blocks and nothing else."""
    holding: set[HtmlElement] = set()
    for i, block in enumerate(page.blocks):
        if i in page.chrome:
            continue
        element: HtmlElement | None = block.element
        while element is not None and element not in holding:
            holding.add(element)
            element = element.getparent()
    tops: dict[HtmlElement, None] = {}
    for i in page.chrome:
        top = page.blocks[i].element
        if top in holding:
            continue
        while (parent := top.getparent()) is not None and parent not in holding and parent.tag not in ("body", "html"):
            top = parent
        tops[top] = None
    return list(tops)


def _is_weak(page: Judged, t: Sequence[float]) -> bool:
    """Whether a vote passes over most of what reads as prose: then the slow mode is worth its time."""
    prose = voted = 0.0
    for i, block in enumerate(page.blocks):
        if block.is_prose and i not in page.chrome:
            prose += block.words
            voted += t[i] * block.words
    return voted < prose * _WEAK_SHARE or not any(t)


def choose(page: Judged, ballot: Ballot) -> None:
    """Fill `page.kept`: each block of the article with the judge that kept it. The headline is no part of the text."""
    t, r = ballot.t, ballot.r
    if agreement(page.blocks, t, r) >= AGREED:
        page.kept.update({i: BOTH for i in range(len(page.blocks)) if t[i] >= 0.5 and i != page.headline})
        return
    chosen = candidates(page, t, r)
    scores = block_model().scores(features(page, ballot.squeezed, t, r))
    for i, score in zip(chosen, scores, strict=True):
        voted = t[i] >= 0.5 or r[i] >= 0.5
        if score > (0 if voted else ALONE) and (voted or not page.blocks[i].side):
            page.kept[i] = MODEL
    _keep_siblings(page, ballot, dict(zip(chosen, scores, strict=True)))
    _complete_lists(page, dict(zip(chosen, scores, strict=True)))
    _drop_pull_quotes(page, ballot.squeezed)
    if not page.kept:
        left = [i for i in chosen if t[i] >= 0.5 and not page.blocks[i].side]
        if sum(page.blocks[i].words for i in left) >= _FEW_WORDS:
            page.kept.update(dict.fromkeys(left, TRAFILATURA))


def _keep_siblings(page: Judged, ballot: Ballot, scores: dict[int, int]) -> None:
    """What the model doubts stays beside paragraphs that were kept: the parts of one column stand or fall together,
    and so do entries that look alike. Where the column holds much that the model is sure to be none of the article's,
    it is no column of one article, and only paragraphs stay for which both extractors voted.
    """
    prose = [i for i in page.kept if page.blocks[i].is_prose]
    if not prose:
        return
    columns = {column_of(page, page.blocks[i].element) for i in prose}
    entries = Counter(map(entry_of, columns))
    doubted, foreign = [], 0
    for i, score in scores.items():
        column = column_of(page, page.blocks[i].element)
        alike = 1 if page.blocks[i].is_prose and ballot.t[i] >= 0.5 and ballot.r[i] >= 0.5 else _ENTRIES
        if i not in page.kept and (column in columns or entries[entry_of(column)] >= alike):
            if -_doubt(page, ballot, i, min(prose)) < score <= 0:
                doubted.append(i)
            else:
                foreign += page.blocks[i].words
    is_clean = foreign * _FOREIGN <= sum(page.blocks[i].words for i in page.kept)
    last = max(page.kept)
    for i in doubted:
        block = page.blocks[i]
        inside = min(prose) < i < last or (block.tag == "figcaption" and i <= last + 1)
        if (block.is_heading or block.tag == "figcaption") and not inside:
            continue
        if is_clean or (block.is_prose and ballot.t[i] >= 0.5 and ballot.r[i] >= 0.5):
            page.kept[i] = SIBLING


def _doubt(page: Judged, ballot: Ballot, i: int, first: int) -> int:
    """How little the model may think of a block that stays beside others."""
    block, t, r = page.blocks[i], ballot.t[i] >= 0.5, ballot.r[i] >= 0.5
    if not (t or r or block.tag == "figcaption"):
        return 0
    if block.is_prose and t and r:
        return DOUBT_OF_BOTH
    entitles = block.is_label and i + 1 in page.kept and i > first
    return DOUBTS.get(block.tag, DOUBT if block.is_prose or entitles else 0)


def _complete_lists(page: Judged, scores: dict[int, int]) -> None:
    """A list or a table of which most is kept is kept whole, and a quotation with who said it."""
    inside: dict[HtmlElement, list[int]] = {}
    for i in scores:
        element = page.blocks[i].element
        kind = ("table",) if element.tag in ("td", "th") else ("ul", "ol", "dl")
        outer = next(element.iterancestors(*kind), None) if element.tag in ("li", "dd", "td", "th") else None
        if outer is not None:
            inside.setdefault(outer, []).append(i)
    for i in [i for i in page.kept if page.blocks[i].is_prose]:
        quote = next(page.blocks[i].element.iterancestors("blockquote"), None)
        if quote is not None and len(inner := page.inside(quote)) <= _QUOTE_BLOCKS:
            page.kept.update({j: SIBLING for j in inner if j not in page.kept and j not in page.chrome})
    for items in inside.values():
        if 2 * sum(i in page.kept for i in items) > len(items):
            page.kept.update({i: SIBLING for i in items if i not in page.kept and not page.blocks[i].is_linked})


def entry_of(column: HtmlElement) -> Entry:
    """What the entries of a live blog, or the parts of one body, have in common."""
    name, _, _ = (column.get("class") or "").partition(" ")
    return column.getparent(), str(column.tag), name


def column_of(page: Judged, element: HtmlElement) -> HtmlElement:
    """The element in which a paragraph, or the list or table around it, stands; a wrapper of nothing else is none."""
    column = element.getparent()
    while column is not None and (parent := column.getparent()) is not None:
        if column.tag not in _STRUCTURE and page.inside(column) != page.inside(element):
            break
        element, column = column, parent
    return element if column is None else column


def _drop_pull_quotes(page: Judged, squeezed: Sequence[str]) -> None:
    """A line that another paragraph of the article holds word for word was lifted out of it to be seen; a paragraph
    that stands there twice is printed for another width of screen."""
    seen: set[str] = set()
    kept = sorted(page.kept)
    whole = "\n".join([squeezed[i] for i in kept])
    for i in kept:
        block, words = page.blocks[i], squeezed[i].strip(QUOTES)
        if squeezed[i] in seen and block.words >= _PULLED[0]:
            del page.kept[i]
            page.drop((i,), "printed twice")
            continue
        seen.add(squeezed[i])
        if (
            len(kept) > _PULLING
            or not _PULLED[0] <= block.words <= _PULLED[1]
            or block.tag in ("li", "td", "th", "pre")
        ):
            continue
        if whole.count(words) < 2:
            continue
        if any(len(squeezed[j]) > len(squeezed[i]) + _PIECE and words in squeezed[j] for j in kept):
            del page.kept[i]
            page.drop((i,), "pull quote")
