"""The blocks of one page while they are judged: what is chrome, what is prose, what a box holds."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from lxml.html import HtmlElement

from crawler.extract.blocks import LABEL_WORDS as LABEL_WORDS
from crawler.extract.blocks import Block, Layout
from crawler.extract.credits import first_paragraph
from crawler.extract.words import fold

BOX_WORDS = 45
"""What advertises, asks or offers says so in fewer words than these."""


@dataclass(slots=True)
class Judged:
    """A page while its blocks are judged: `chrome` holds the indexes of those that are not the article's,
    each with the rule that said so."""

    tree: HtmlElement
    blocks: list[Block]
    headline: int
    """Index of the headline's block, -1 without one."""
    authors: frozenset[str]
    site_names: frozenset[str]
    chrome: dict[int, str]
    """Index to the rule that marked the block first."""
    kept: dict[int, str]
    """Index to the judge that kept the block, for those that are in the article."""
    first: int
    """Index of the first paragraph behind the headline: prose, and no line about who wrote and when."""
    firsts: dict[HtmlElement, int]
    """Index of the first block in each element that holds any; `lasts` likewise."""
    lasts: dict[HtmlElement, int]
    word_sums: list[int]
    """Words of all blocks before each index; `prose_sums` counts those of prose only."""
    prose_sums: list[int]
    prints: array[int] | None = None
    """The fingerprint of each block, once `site_memory` has taken them."""
    said: str = ""
    """What the page and its feed say that it is about, folded."""

    def drop(self, blocks: Iterable[int], rule: str) -> None:
        """Mark blocks as chrome; what was marked before keeps its rule."""
        for i in blocks:
            self.chrome.setdefault(i, rule)

    def inside(self, box: HtmlElement) -> range:
        return range(self.firsts[box], self.lasts[box] + 1) if box in self.firsts else range(0)

    def words(self, blocks: range) -> int:
        """Words of consecutive blocks."""
        return self.word_sums[blocks.stop] - self.word_sums[blocks.start]

    def prose_words(self, blocks: range) -> int:
        return self.prose_sums[blocks.stop] - self.prose_sums[blocks.start]

    def prose(self, start: int, stop: int) -> list[int]:
        return [i for i in range(start, stop) if i not in self.chrome and self.blocks[i].is_prose]


def judge(
    tree: HtmlElement,
    layout: Layout,
    headline: HtmlElement | None,
    authors: tuple[str, ...],
    site_names: frozenset[str],
) -> Judged:
    """The page with nothing judged yet; `site_names` are folded."""
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline or within(b.element, headline)), -1)
    first = first_paragraph(blocks, range(at + 1, len(blocks)), len(blocks))
    return Judged(
        tree,
        blocks,
        at,
        frozenset(map(fold, authors)),
        site_names,
        {},
        {},
        first,
        _reached(enumerate(blocks)),
        _reached(reversed(list(enumerate(blocks)))),
        list(accumulate((b.words for b in blocks), initial=0)),
        list(accumulate((b.words if b.is_prose else 0 for b in blocks), initial=0)),
    )


def within(element: HtmlElement, ancestor: HtmlElement | None) -> bool:
    return ancestor is not None and any(a is ancestor for a in element.iterancestors())


def _reached(blocks: Iterable[tuple[int, Block]]) -> dict[HtmlElement, int]:
    """Every element that holds a block, and the block from which it was reached first."""
    found: dict[HtmlElement, int] = {}
    for i, block in blocks:
        element: HtmlElement | None = block.element
        while element is not None and element not in found:
            found[element] = i
            element = element.getparent()
    return found
