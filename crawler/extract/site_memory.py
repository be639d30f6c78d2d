"""Know the chrome of a site by its repetition: what other pages of the host have too is not this article's.

`lesson_of` says what a page teaches the memory of its host, `mark_repeated` judges a page by what was learned. How many
pages must have a block, and which of them count, is decided in `storage.lessons`.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from lxml.html import HtmlElement

from crawler.extract.judged import LABEL_WORDS, Judged
from storage import LESSON_TEXT_CHARS, Lesson, SiteMemory, bounded

_KEPT_TAGS = frozenset({"blockquote", "pre", "code", "figcaption"})
"""Somebody's words, a program, a caption: an article may print what another printed."""
_ITEMS = ("li", "td", "th", "dd", "dt")


def fingerprints(texts: Iterable[str]) -> array[int]:
    """The fingerprint of each text: 64 signed bits of BLAKE2b, the same on every machine.

    With 600 blocks known of a host and 300 on a page, one page in 10^14 meets another text under the same number.
    """
    numbers = array("q", b"".join([blake2b(text.encode("utf-8", "replace"), digest_size=8).digest() for text in texts]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def lesson_of(page: Judged) -> Lesson | None:
    """What a page that was judged teaches of its host; None where nothing on it reads as an article's prose.

    Everything on the page is taught: what is the article's own no second page repeats.
    """
    prints = _prints_of(page)
    first: dict[int, int] = {}
    for i, number in enumerate(prints):
        first.setdefault(number, i)
    words = tuple(page.blocks[i].words if _is_own(page, i) else 0 for i in first.values())
    if not any(words):
        return None
    headline = prints[page.headline] if page.headline >= 0 else 0
    texts = tuple(page.blocks[i].text[:LESSON_TEXT_CHARS] for i in first.values())
    return bounded(Lesson(headline, tuple(first), words, texts))


def mark_repeated(page: Judged, memory: SiteMemory) -> None:
    """Mark what the host repeats as chrome. The headline stays, and so does

    - all prose, where nothing else would be left to read: an article of a refrain, a page that is known already;
    - a quote, a caption, code;
    - an item of a list or a cell of a table of which less than half is repeated: ingredients, results;
    - a heading or a label between paragraphs that stays above text of its own.
    """
    if not memory.blocks:
        return
    known = memory.blocks
    counts = [known.get(number, 0) for number in _prints_of(page)]
    enough = 2 if _may_be_known(page, counts) else 1
    blocks = page.blocks
    found = {
        i
        for i, count in enumerate(counts)
        if count >= enough and i != page.headline and blocks[i].tag not in _KEPT_TAGS
    }
    if not any(i not in found for i in page.prose(page.headline + 1, len(blocks))):
        found = {i for i in found if not blocks[i].is_prose}
    found -= _rare_items(page, found)
    found -= {i for i in found if i > page.first and _labels_own_text(page, found, i)}
    for i in sorted(found):
        page.drop((i,), f"repeated on {counts[i]} of {memory.pages} pages")


def _prints_of(page: Judged) -> array[int]:
    if page.prints is None:
        page.prints = fingerprints(block.text for block in page.blocks)
    return page.prints


def _is_own(page: Judged, i: int) -> bool:
    """Whether a block is a part of the article's prose, so far as is known."""
    block = page.blocks[i]
    return i > page.headline and block.is_prose and (i in page.kept if page.kept else i not in page.chrome)


def _may_be_known(page: Judged, counts: Sequence[int]) -> bool:
    """Whether this page, or its twin, may be the one page that has a block: it is judged only by what two have then.
    One page is evidence enough beside a page of other prose under another headline."""
    if page.headline < 0 or counts[page.headline]:
        return True
    prose = [i for i in range(page.headline + 1, len(page.blocks)) if page.blocks[i].is_prose]
    shared = sum(page.blocks[i].words for i in prose if counts[i])
    return 2 * shared >= sum(page.blocks[i].words for i in prose)


def _labels_own_text(page: Judged, found: set[int], i: int) -> bool:
    block = page.blocks[i]
    if not block.is_heading and (block.words > LABEL_WORDS or block.is_sentence):
        return False
    below = i + 1
    return below < len(page.blocks) and below not in found and not page.blocks[below].is_linked


def _rare_items(page: Judged, found: set[int]) -> set[int]:
    """The repeated items of lists and tables that are mostly not repeated."""
    rare: set[int] = set()
    known: dict[HtmlElement, bool] = {}
    for i in found:
        element = page.blocks[i].element
        item = element if element.tag in _ITEMS else next(element.iterancestors(*_ITEMS), None)
        outer = next(item.iterancestors("ul", "ol", "dl", "table"), None) if item is not None else None
        if outer is None:
            continue
        if outer not in known:
            inside = page.inside(outer)
            known[outer] = 2 * sum(j in found for j in inside) < len(inside)
        if known[outer]:
            rare.add(i)
    return rare
