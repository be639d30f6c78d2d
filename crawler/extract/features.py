"""What the block model sees of a block: its text, its place, the elements around it, the votes, its neighbours."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate

from lxml.html import HtmlElement

from crawler.extract.blocks import Block
from crawler.extract.judged import Judged

_TAGS = (
    *("p", "li", "h1", "h2", "h3", "h4", "td", "div", "span", "blockquote", "figcaption", "pre", "dd", "a", "th"),
    *("dt", "h5", "h6"),
)
_TAG_NUMBERS = {tag: float(number) for number, tag in enumerate(_TAGS)}
RULES = (
    *("before the headline", "by-line", "comments", "counter", "share links", "link box", "field box", "button box"),
    *("promo", "imprint", "rest of a box"),
)
"""Rules that the model tells apart; every other one is one more."""
_RULE_NUMBERS = {rule: float(number) for number, rule in enumerate(RULES, start=1)}

_HINTS = re.compile(
    r"(?P<a>comment|reply|disqus|respond)|(?P<b>share|social|follow)"
    r"|(?P<c>relat|recom|popular|trending|latest|more|next|teaser|outbrain|taboola)"
    r"|(?P<d>foot|copyright|disclaimer|legal)|(?P<e>nav|menu|breadcrumb|header)"
    r"|(?P<f>side|widget|promo|advert|sponsor|banner|newsletter|subscri)|(?P<g>caption|credit|image|photo|gallery|figure)"
    r"|(?P<h>meta|author|byline|bio|date|tag|categor)"
    r"|(?P<i>article|content|body|entry|post|story|text|main|blog|news|paragraph|prose|detail)",
    re.IGNORECASE,
)
"""What names of classes say. They only weigh: pages with hashed names have none."""
_HINT_NUMBERS = {letter: number for number, letter in enumerate("abcdefghi")}
_NO_HINTS = (0.0,) * len(_HINT_NUMBERS)
_FADING = 0.8
_PUNCTUATION = re.compile(r"[,;:.!?…。、，！？।؟،]")
_DATE_LIKE = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
_FAR = 99.0
_NEAR = 40.0
_WINDOW = 4

_OWN = (
    *("words", "characters", "linked", "links", "sentence", "prose", "side", "is linked", "tag", "heading"),
    *("punctuation", "digits", "date", "colon", "repeats", "capitals", "word length"),
)
_PLACE = ("place", "words before", "from headline", "from first t", "to last t", "from first r", "to last r", "t", "r")
_AROUND = ("words", "prose", "t", "r", "linked", "blocks")
_WHOLE = ("blocks", "words", "t words", "r words", "agreement", "linked", "prose")
_BESIDE = ("words", "linked", "t", "r", "sentence", "tag", "rule", "heading")

FEATURES: tuple[str, ...] = (
    *_OWN,
    *_PLACE,
    *(f"hint {letter}" for letter in _HINT_NUMBERS),
    *(f"{where} {what}" for where in ("parent", "grandparent", "its parent") for what in _AROUND),
    *(f"page {what}" for what in _WHOLE),
    *(f"{where} {what}" for where in ("before", "behind") for what in _BESIDE),
    *("near prose", "near t", "near r", "near linked", "since t", "until t"),
)
"""Names of the features, in their order; `t` is trafilatura's vote, `r` resiliparse's."""


def candidates(page: Judged, t: Sequence[float], r: Sequence[float]) -> list[int]:
    """Blocks worth judging: of those that no rule marked, the ones that have a vote, are prose, or are near a vote."""
    voted = [i for i in range(len(page.blocks)) if t[i] >= 0.5 or r[i] >= 0.5]
    low, high = (voted[0] - 6, voted[-1] + 6) if voted else (0, len(page.blocks))
    return [
        i
        for i, block in enumerate(page.blocks)
        if i not in page.chrome and i != page.headline and (t[i] > 0 or r[i] > 0 or block.is_prose or low <= i <= high)
    ]


def features(page: Judged, squeezed: Sequence[str], t: Sequence[float], r: Sequence[float]) -> list[list[float]]:
    """One row of `FEATURES` for each of the page's `candidates`."""
    return _Features(page, squeezed, t, r).rows()


class _Features:
    def __init__(self, page: Judged, squeezed: Sequence[str], t: Sequence[float], r: Sequence[float]) -> None:
        self.page, self.t, self.r = page, t, r
        blocks = page.blocks
        self.squeezed = squeezed
        self.repeats = Counter(squeezed)
        self.t_sums = list(accumulate((v * b.words for v, b in zip(t, blocks, strict=True)), initial=0.0))
        self.r_sums = list(accumulate((v * b.words for v, b in zip(r, blocks, strict=True)), initial=0.0))
        self.linked_sums = list(accumulate((b.linked for b in blocks), initial=0))
        self.around: dict[HtmlElement, tuple[float, ...]] = {}
        self.hints: dict[HtmlElement, tuple[float, ...]] = {}
        self.beside: dict[int, tuple[float, ...]] = {}

    def rows(self) -> list[list[float]]:
        chosen = candidates(self.page, self.t, self.r)
        whole = self._whole()
        ends = self._ends(self.t), self._ends(self.r)
        since, until = self._runs()
        return [
            [
                *self._own(i),
                *self._place(i, *ends),
                *self._hints(self.page.blocks[i].element),
                *self._elements(self.page.blocks[i].element),
                *whole,
                *self._neighbour(i - 1),
                *self._neighbour(i + 1),
                *self._window(i),
                since[i],
                until[i],
            ]
            for i in chosen
        ]

    def _own(self, i: int) -> tuple[float, ...]:
        block = self.page.blocks[i]
        text, words = block.text, max(1, block.words)
        length = len(text)
        return (
            float(block.words),
            float(length),
            block.linked / words,
            float(len(block.links)),
            float(block.is_sentence),
            float(block.is_prose),
            float(block.side),
            float(block.is_linked),
            _TAG_NUMBERS.get(block.tag, -1.0),
            float(block.is_heading),
            len(_PUNCTUATION.findall(text)) / words,
            len(_DIGIT.findall(text)) / length,
            float(_DATE_LIKE.search(text) is not None),
            float(text.endswith(":")),
            float(self.repeats[self.squeezed[i]]),
            len(_CAPITAL.findall(text)) / length,
            length / words,
        )

    def _rule(self, i: int) -> float:
        rule = self.page.chrome.get(i)
        return 0.0 if rule is None else _RULE_NUMBERS.get(rule, len(RULES) + 1.0)

    def _place(self, i: int, t_ends: tuple[int, int], r_ends: tuple[int, int]) -> tuple[float, ...]:
        page = self.page
        return (
            i / len(page.blocks),
            page.word_sums[i] / max(1, page.word_sums[-1]),
            float(min(60, i - page.headline)) if page.headline >= 0 else -_FAR,
            *(float(i - first) if first >= 0 else -_FAR for first in (t_ends[0],)),
            *(float(last - i) if last >= 0 else -_FAR for last in (t_ends[1],)),
            *(float(i - first) if first >= 0 else -_FAR for first in (r_ends[0],)),
            *(float(last - i) if last >= 0 else -_FAR for last in (r_ends[1],)),
            self.t[i],
            self.r[i],
        )

    def _ends(self, votes: Sequence[float]) -> tuple[int, int]:
        """First and last block of some words that has the vote, -1 without one."""
        voted = [i for i, b in enumerate(self.page.blocks) if b.words >= 6 and votes[i] >= 0.5]
        return (voted[0], voted[-1]) if voted else (-1, -1)

    def _hints(self, element: HtmlElement) -> tuple[float, ...]:
        if element in self.hints:
            return self.hints[element]
        parent = element.getparent()
        above = _NO_HINTS if parent is None or parent.tag in ("body", "html") else self._hints(parent)
        names = " ".join(filter(None, (element.get(n) for n in ("class", "id", "itemprop", "role"))))
        found = [value * _FADING for value in above] if above is not _NO_HINTS else list(_NO_HINTS)
        for number in _hints_in(names[:500]) if names else ():
            found[number] = 1.0
        self.hints[element] = hints = tuple(found)
        return hints

    def _elements(self, element: HtmlElement) -> list[float]:
        found: list[float] = []
        for _ in range(3):
            parent = element.getparent()
            element = parent if parent is not None else element
            if element not in self.around:
                first = self.page.firsts.get(element, 0)
                stop = self.page.lasts.get(element, -1) + 1
                self.around[element] = self._shares(first, stop)
            found.extend(self.around[element])
        return found

    def _shares(self, first: int, stop: int) -> tuple[float, ...]:
        page = self.page
        words = max(1, page.word_sums[stop] - page.word_sums[first])
        return (
            float(words),
            (page.prose_sums[stop] - page.prose_sums[first]) / words,
            (self.t_sums[stop] - self.t_sums[first]) / words,
            (self.r_sums[stop] - self.r_sums[first]) / words,
            (self.linked_sums[stop] - self.linked_sums[first]) / words,
            float(stop - first),
        )

    def _whole(self) -> tuple[float, ...]:
        page, words = self.page, max(1, self.page.word_sums[-1])
        return (
            float(len(page.blocks)),
            float(words),
            float(self.t_sums[-1]),
            float(self.r_sums[-1]),
            agreement(page.blocks, self.t, self.r),
            self.linked_sums[-1] / words,
            page.prose_sums[-1] / words,
        )

    def _neighbour(self, i: int) -> tuple[float, ...]:
        if not 0 <= i < len(self.page.blocks):
            return (-1.0,) * len(_BESIDE)
        if i not in self.beside:
            block = self.page.blocks[i]
            self.beside[i] = (
                float(block.words),
                block.linked / max(1, block.words),
                self.t[i],
                self.r[i],
                float(block.is_sentence),
                _TAG_NUMBERS.get(block.tag, -1.0),
                self._rule(i),
                float(block.is_heading),
            )
        return self.beside[i]

    def _window(self, i: int) -> tuple[float, ...]:
        first, stop = max(0, i - _WINDOW), min(len(self.page.blocks), i + _WINDOW + 1)
        return self._shares(first, stop)[1:5]

    def _runs(self) -> tuple[list[float], list[float]]:
        """Blocks since the last with trafilatura's vote, and until the next."""
        n = len(self.page.blocks)
        since, until = [_NEAR] * n, [_NEAR] * n
        last = -_FAR
        for i in range(n):
            since[i] = min(_NEAR, i - last)
            last = i if self.t[i] >= 0.5 else last
        following = n + _FAR
        for i in range(n - 1, -1, -1):
            until[i] = min(_NEAR, following - i)
            following = i if self.t[i] >= 0.5 else following
        return since, until


@functools.lru_cache(maxsize=4096)
def _hints_in(names: str) -> tuple[int, ...]:
    """The numbers of the hints in an element's names; a site writes the same ones on every page."""
    return tuple({_HINT_NUMBERS[match.lastgroup or "a"] for match in _HINTS.finditer(names)})


def agreement(blocks: Sequence[Block], t: Sequence[float], r: Sequence[float]) -> float:
    """Words for which both voted, as a share of those for which one did."""
    both = sum(min(a, b) * block.words for a, b, block in zip(t, r, blocks, strict=True))
    either = sum(max(a, b) * block.words for a, b, block in zip(t, r, blocks, strict=True))
    return both / max(1.0, either)
