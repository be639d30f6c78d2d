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
from crawler.extract.words import fold
from storage import LESSON_TEXT_CHARS, Lesson, SiteMemory, bounded

_KEPT_TAGS = frozenset({"blockquote", "pre", "code", "figcaption"})
"""Somebody's words, a program, a caption: an article may print what another printed."""
_SAID_WORDS = 8
"""A line of so many words that the page says of itself too is its own, however many pages tease it."""
_LISTS = frozenset({"ul", "ol", "dl", "table"})


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

    What was in the text is taught, and what the memory itself kept out of it; all else is dropped without a memory.
    The teasers of other articles in a box are no evidence then against the leads of those articles.
    """
    prints = _prints_of(page)
    first: dict[int, int] = {}
    for i, number in enumerate(prints):
        held_back = page.chrome.get(i, "").startswith("repeated") and not page.blocks[i].side
        if i == page.headline or i in page.kept or held_back:
            first.setdefault(number, i)
    blocks = page.blocks
    own = page.kept.keys() & set(page.prose(page.headline + 1, len(blocks)))
    if not own:
        return None
    words = tuple([blocks[i].words if i in own else 0 for i in first.values()])
    texts = tuple([blocks[i].text[:LESSON_TEXT_CHARS] for i in first.values()])
    headline = prints[page.headline] if page.headline >= 0 else 0
    return bounded(Lesson(headline, tuple(first), words, texts))


def mark_repeated(page: Judged, memory: SiteMemory) -> None:
    """Mark what the host repeats as chrome. The headline stays, and so does

    - all prose, where nothing else would be left to read: an article of a refrain, a page that is known already;
    - a quote, a caption, code;
    - an item of a list or a cell of a table of which no more than half is repeated: ingredients, results;
    - a heading or a label between paragraphs that stays above text of its own.
    """
    if not memory.blocks:
        return
    known = memory.blocks
    counts = [known.get(number, 0) for number in _prints_of(page)]
    enough = 2 if 1 in counts and _may_be_known(page, counts) else 1
    blocks = page.blocks
    found = {
        i
        for i, count in enumerate(counts)
        if count >= enough and i != page.headline and blocks[i].tag not in _KEPT_TAGS
    }
    if page.said:
        found = {i for i in found if blocks[i].words < _SAID_WORDS or fold(blocks[i].text) not in page.said}
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
    """The repeated items of lists and tables that are not repeated for the most part. Heads of columns go only with the
    whole table."""
    rare: set[int] = set()
    outers: dict[HtmlElement, HtmlElement | None] = {}
    shares: dict[HtmlElement, tuple[int, int]] = {}
    for i in found:
        element = page.blocks[i].element
        outer = _list_around(element, outers)
        if outer is None or (outer.tag == "table" and page.blocks[i].is_prose):
            continue  # a cell that holds a sentence lays out a page
        if outer not in shares:
            inside = page.inside(outer)
            shares[outer] = sum(j in found for j in inside), len(inside)
        repeated, whole = shares[outer]
        if 2 * repeated <= whole or (element.tag == "th" and repeated < whole):
            rare.add(i)
    return rare


def _list_around(element: HtmlElement, known: dict[HtmlElement, HtmlElement | None]) -> HtmlElement | None:
    """The innermost list or table that holds an element; what is found on the way up is kept in `known`."""
    passed: list[HtmlElement] = []
    here: HtmlElement | None = element
    while here is not None and here not in known and here.tag not in _LISTS:
        passed.append(here)
        here = here.getparent()
    outer = None if here is None else known.get(here, here)
    known.update(dict.fromkeys(passed, outer))
    return outer
