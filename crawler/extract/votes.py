"""Ask extractors for the article, and find in what each gives the blocks of the page that it voted for."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version

from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import bare_extraction

from crawler import __version__

EXTRACTOR = f"cuttings {__version__}, trafilatura {version('trafilatura')}, resiliparse {version('resiliparse')}"
"""What chose the blocks of a text; another version of one of the three may choose otherwise."""
_LONG = 25
"""Characters without spaces from which a block is found wherever it stands; shorter ones are words that recur."""
_LONG_UNSPACED = 10
_REACH = 300
"""Characters before the first and behind the last long block in which a short one still belongs to the article."""
_PIECE = 16
_MAX_MARKUP_CHARS = 3_000_000
_MOST_SEARCHED_CHARS = 1_000_000_000
"""Of an answer, over all blocks; a quarter of a second for most texts, as 4,000 paragraphs of a page of 500 kB need.
What is left of a longer page is searched for near what was found last."""
_NEARBY_CHARS = 20_000


def ask_trafilatura(tree: HtmlElement, hidden: Sequence[HtmlElement] = (), *, fast: bool = True) -> str:
    """The article's text as trafilatura cuts it, of the tree without the hidden elements; empty where it finds none.
    The tree is as before. Its fast mode does without readability and jusText, which cost as much as the rest.

    Comments off, tables on. It is not told the address: it would only look for other metadata.
    """
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    with _without(hidden):
        document = bare_extraction(tree, include_comments=False, include_tables=True, fast=fast)
    if document is None or isinstance(document, dict) or document.body is None:
        return ""
    return " ".join(str(piece) for piece in document.body.itertext())


@contextmanager
def _without(hidden: Sequence[HtmlElement]) -> Iterator[None]:
    """Elements, none inside another, are out of their tree for a while; what follows each of them stays."""
    places: list[tuple[HtmlElement, HtmlElement, str | None]] = []
    for element in hidden:
        parent = element.getparent()
        if parent is not None:
            place = element.makeelement("span")
            place.tail, tail = element.tail, element.tail
            element.tail = None
            parent.replace(element, place)
            places.append((element, place, tail))
    try:
        yield
    finally:
        for element, place, tail in places:
            parent = place.getparent()
            assert parent is not None
            place.tail = None
            parent.replace(place, element)
            element.tail = tail


def ask_resiliparse(markup: str) -> str:
    """The article's text by resiliparse's rules for main content, which parse the page for themselves in about 1 ms."""
    if len(markup) > _MAX_MARKUP_CHARS:
        return ""
    return str(extract_plain_text(markup, main_content=True))


def squeeze(text: str) -> str:
    """Text without white space: extractors differ in it."""
    return "".join(text.replace(" ", "").split())  # plain spaces first: five times as fast


def votes(blocks: Sequence[str], answer: str) -> list[float]:
    """How much of each block an answer holds, 0 to 1. Both squeezed, blocks in page order.

    A long block counts wherever the answer has it, in part if only pieces of it are there; printed twice on the page,
    only as often as the answer has it. A short one counts if the answer has it between the long blocks next to it.
    """
    found = [0.0] * len(blocks)
    spans: list[tuple[int, int, int]] = []
    ends: dict[str, int] = {}
    searched = _Searched(answer)
    for i, block in enumerate(blocks):
        if not block or not _is_long(block):
            continue
        at = searched.find(block, ends.get(block, 0))
        if at >= 0:
            found[i] = 1.0
            ends[block] = at + len(block)
            spans.append((i, at, at + len(block)))
        elif len(block) >= 40 and block not in ends:
            ends[block] = len(answer)
            found[i], begin, end = _in_pieces(block, searched)
            if found[i] >= 0.5:
                spans.append((i, begin, end))
    _find_short(blocks, answer, spans, found)
    return found


def _is_long(block: str) -> bool:
    return len(block) >= _LONG or (len(block) >= _LONG_UNSPACED and any(c > "\u3000" for c in block))


class _Searched:
    """An answer that is searched again and again, within `_MOST_SEARCHED_CHARS`: blocks times answer is a square."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._left = _MOST_SEARCHED_CHARS
        self._last = 0

    def find(self, piece: str, start: int = 0) -> int:
        """Where the piece stands, -1: nowhere."""
        if self._left > 0:
            at = self._text.find(piece, start)
            self._left -= (len(self._text) if at < 0 else at) - start
        else:
            start = max(start, self._last)
            at = self._text.find(piece, start, start + len(piece) + _NEARBY_CHARS)
        if at >= 0:
            self._last = at
        return at


def _in_pieces(block: str, answer: _Searched) -> tuple[float, int, int]:
    step = max(_PIECE, len(block) // 6)
    starts = range(0, len(block) - _PIECE + 1, step)
    places = [at for s in starts if (at := answer.find(block[s : s + _PIECE])) >= 0]
    return len(places) / len(starts), places[0] if places else -1, places[-1] + _PIECE if places else -1


def _find_short(blocks: Sequence[str], answer: str, spans: list[tuple[int, int, int]], found: list[float]) -> None:
    before, end_before = -1, 0
    for i, begin, end in [*spans, (len(blocks), len(answer), len(answer))]:
        if i - before > 1:
            low, high = end_before, begin
            if high < low:
                high = min(len(answer), low + _REACH)
            if before < 0:
                low = max(0, high - _REACH)
            elif i == len(blocks):
                high = min(len(answer), low + _REACH)
            for j in range(before + 1, i):
                block = blocks[j]
                if not block or _is_long(block):
                    continue
                at = answer.find(block, low, high)
                if at >= 0:
                    found[j] = 1.0
                    low = at + len(block)
        before, end_before = i, end
