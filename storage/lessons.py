"""What a page teaches of its host, and what a host repeats: the arithmetic of the site memory, for every backend.

A host is remembered by a window of the last pages that taught it, each as the fingerprints of its blocks. What enough
of them have is the chrome of its theme. Pure: windows (in the order of their numbers) and lessons
in, values out.

    taught        a lesson beside the window: is it a page of its own, or the twin of one that taught before?
    repeated      of a window: which blocks enough of its pages have
    theme_change  of a window: did the newest pages leave what all before them had?

Twins (another address of an article, a revision, a text printed again) never count: the paragraphs that they share are
an article, not a theme.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain

WINDOW = 24
"""Pages of a host that are remembered, the last: as many as tell a rare block from a standing one, at 2 KB each."""
TWINS = 8
"""Twins that are remembered beside them, the last: a copy of a copy is known by them."""
MOST_OF_A_PAGE = 256
"""Blocks of one page, half of them from its head and half from its foot: what a page can add is bounded, and chrome
stands at both ends."""
MOST_REPEATED = 600
"""Blocks that a host can have repeated, the commonest: with the next bound, some 12 KB that travel with each page."""
LESSON_TEXT_CHARS = 100
"""Of a block's text that are kept to tell people what was learned."""

FEW_PAGES = 3
"""With fewer pages known, what one of them has is told too, so that the second page of a host can be judged by the
first; see `crawler.extract.site_memory`."""
ENOUGH = 2
"""Pages of a window that must have a block. Three cleaned less and spared little (docs/decisions/0019)."""
SHARE = 12
"""... and one page in so many of the window: what two pages of two dozen have may be chance."""

_EAGER = 8
_EVERY = 4
"""The first pages are counted one by one, later ones four at a time: what two dozen have in common changes slowly, and
counting costs more than remembering."""
_COMMON = 3
"""Pages under different headlines that have a block: it cannot show that two pages are twins any more."""
_CHANGED = 3
"""Pages in a row without the theme of those before them: a theme that changed. A single one is an odd page."""
_BEFORE = 4
"""Pages that must have shown a theme before it can be missed."""
_CORE = 3
"""Blocks on nearly every page without which a host has no theme to miss."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one page teaches: its different blocks, in the order of the page; the three tuples are as long."""

    headline: int
    """Fingerprint of the headline; 0: the page has none."""
    blocks: tuple[int, ...]
    """Fingerprints, signed 64 bits."""
    words: tuple[int, ...]
    """Of each, its words where it is a part of the article's prose, else 0."""
    texts: tuple[str, ...]
    """How each begins."""


@dataclass(frozen=True, slots=True)
class TaughtPage:
    """A page of the window."""

    number: int
    """Counts the pages of a host, from 1."""
    headline: int
    twin: bool
    """Whether it repeats an earlier page; it does not count then."""
    blocks: Sequence[int] = field(default_factory=lambda: array("q"))


def bounded(lesson: Lesson) -> Lesson:
    """The lesson within what one page may add, the headline kept."""
    count = len(lesson.blocks)
    if count <= MOST_OF_A_PAGE:
        return lesson
    half = MOST_OF_A_PAGE // 2
    picked = [*range(half), *range(count - half, count)]
    if lesson.headline in lesson.blocks[half : count - half]:
        picked[half - 1] = lesson.blocks.index(lesson.headline)
    return Lesson(
        lesson.headline,
        tuple(lesson.blocks[i] for i in picked),
        tuple(lesson.words[i] for i in picked),
        tuple(lesson.texts[i] for i in picked),
    )


def is_counted(number: int) -> bool:
    """Whether the window is counted again after the page with this number."""
    return number <= _EAGER or number % _EVERY == 0


def kept_window(window: Sequence[TaughtPage]) -> list[TaughtPage]:
    """The pages of a window that are still remembered: the last that count, and the last twins."""
    own = [page.number for page in window if not page.twin][-WINDOW:]
    twins = [page.number for page in window if page.twin][-TWINS:]
    kept = {*own, *twins}
    return [page for page in window if page.number in kept]


def is_twin(lesson: Lesson, window: Sequence[TaughtPage]) -> bool:
    """Whether one page of the window has half or more of the words of this page's prose.

    Blocks that three pages under different headlines have are no evidence: on a host whose articles are shorter than
    its notices, every page would be the twin of every other, and nothing could ever be learned. A page without a block
    of its own does not count there: it is a copy under another headline.
    """
    prose = {block: words for block, words in zip(lesson.blocks, lesson.words, strict=True) if words}
    if not prose:
        return True
    asked = prose.keys()
    shared = [(page, asked & set(page.blocks)) for page in window]
    holders: dict[int, set[int]] = {}
    whole = {*lesson.blocks}
    for page, blocks in shared:
        if not whole.issuperset(block for block in page.blocks if block != page.headline):
            for block in blocks:
                holders.setdefault(block, set()).add(page.headline)
    common = {block for block, headlines in holders.items() if len(headlines) >= _COMMON}
    own = sum(words for block, words in prose.items() if block not in common)
    return own == 0 or any(2 * sum(prose[block] for block in blocks - common) >= own for _, blocks in shared)


def repeated(window: Iterable[TaughtPage]) -> dict[int, int]:
    """The blocks that the host repeats, each with the number of pages of the window that have it; the commonest first.
    Of a host with few pages all blocks."""
    pages = [page for page in window if not page.twin]
    counts = Counter(chain.from_iterable(page.blocks for page in pages))
    enough = 1 if len(pages) < FEW_PAGES else max(ENOUGH, -(-len(pages) // SHARE))
    found = sorted((-count, block) for block, count in counts.items() if count >= enough)
    return {block: -count for count, block in found[:MOST_REPEATED]}


def theme_change(window: Sequence[TaughtPage]) -> int | None:
    """The number of the first page of a new theme; None while the host keeps its own.

    The theme is what four fifths of the pages before had. It changed where each of the last three pages has less than
    a fifth of it, and the three have a theme in common that is as large and new.
    """
    pages = [page for page in window if not page.twin]
    before, after = pages[:-_CHANGED], pages[-_CHANGED:]
    if len(before) < _BEFORE:
        return None
    counts = Counter(chain.from_iterable(page.blocks for page in before))
    core = {block for block, count in counts.items() if count * 5 >= len(before) * 4}
    if len(core) < _CORE or any(len(core & set(page.blocks)) * 5 >= len(core) for page in after):
        return None
    shared = set.intersection(*(set(page.blocks) for page in after))
    return after[0].number if len(shared - counts.keys()) >= _CORE else None
