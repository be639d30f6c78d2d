"""The passage of an article that shows best why it was found."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from storage.answers import SNIPPET_END, SNIPPET_START
from storage.folding import fold_by_character, words
from storage.language.tree import Term

SCANNED_CHARACTERS = 100_000
"""Of a text; 15 times the length of an article, and one hostile text costs no more than 15 of them."""
SPACE_REACH = 30
"""Characters; where no space comes so soon a passage is cut within the word, as in Chinese."""

_MARKS = str.maketrans("", "", SNIPPET_START + SNIPPET_END)
_SENTENCE_END = re.compile(r"[.!?…]['\"”’)]*\s+|[。！？]|\n+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Hit:
    """Where a term stands in a text."""

    start: int
    end: int
    term: int


def snippet(text: str, terms: Sequence[Term], width: int = 200) -> str:
    """About `width` characters of `text` that hold as many of the terms as possible, each between SNIPPET_START and
    SNIPPET_END; the beginning of the text where there is none. Cut at words, on one line, `…` where it was cut.

    The two marks are taken out of the text first, so those in the snippet are ours.
    """
    shown = text[:SCANNED_CHARACTERS].translate(_MARKS)
    if not shown.isascii():
        shown = unicodedata.normalize("NFC", shown)
    hits = _hits(shown, terms)
    start, end = _passage(shown, hits, max(width, 1))
    marked = _marked(shown, [hit for hit in hits if start <= hit.start and hit.end <= end], start, end)
    passage = _SPACE.sub(" ", marked).strip()
    before = "…" if shown[:start].strip() else ""
    after = "…" if shown[end:].strip() or len(text) > SCANNED_CHARACTERS else ""
    return f"{before}{passage}{after}"


def _hits(text: str, terms: Sequence[Term]) -> list[_Hit]:
    """Every place of a term that may be in the text, in order."""
    asked = [(number, term) for number, term in enumerate(terms) if term.column in (None, "text")]
    if not asked:
        return []
    folded, origins = fold_by_character(text)
    found = list(words(folded))
    beginning: defaultdict[str, list[tuple[int, Term]]] = defaultdict(list)
    prefixes = [(number, term) for number, term in asked if term.prefix and len(term.words) == 1]
    for number, term in asked:
        beginning[term.words[0]].append((number, term))
    hits = []
    for place, (start, _, word) in enumerate(found):
        candidates = [*beginning.get(word, ()), *((n, t) for n, t in prefixes if word.startswith(t.words[0]))]
        for number, term in candidates:
            last = place + len(term.words) - 1
            if last < len(found) and _stands(term, [w for _, _, w in found[place : last + 1]]):
                hits.append(_Hit(*_place(text, origins, start, found[last][1]), number))
                break
    return hits


def _stands(term: Term, standing: Sequence[str]) -> bool:
    *first, last = standing
    wanted = term.words[-1]
    return tuple(first) == term.words[:-1] and (last.startswith(wanted) if term.prefix else last == wanted)


def _place(text: str, origins: list[int] | None, start: int, end: int) -> tuple[int, int]:
    """A stretch of the folded text as one of the text, with the accents that follow its last letter."""
    if origins is None:
        return start, end
    last = origins[end - 1] + 1
    while last < len(text) and unicodedata.category(text[last]) == "Mn":
        last += 1
    return origins[start], last


def _passage(text: str, hits: Sequence[_Hit], width: int) -> tuple[int, int]:
    """Around the place where the most different terms stand within `width`, and closest together; the first such."""
    if len(text) <= width:
        return 0, len(text)
    best, start, end = (-1, 0), 0, 0
    for number, hit in enumerate(hits):
        seen, last = {hit.term}, hit.end
        for other in hits[number + 1 :]:
            if other.end > hit.start + width:
                break
            if other.term not in seen:
                seen.add(other.term)
                last = other.end
        worth = (len(seen), hit.start - last)
        if worth > best:
            best, start, end = worth, hit.start, last
    left = _beginning(text, start, max(width - (end - start), 0))
    right = max(left + width, end)
    return left, (len(text) if right >= len(text) else _before_space(text, right, end))


def _beginning(text: str, start: int, room: int) -> int:
    """Where a passage begins that must hold `start`: with the sentence, if that leaves half of the room behind it."""
    left = max(start - room // 2, 0)
    if left == 0:
        return 0
    sentences = [match.end() for match in _SENTENCE_END.finditer(text, left, start)]
    return sentences[-1] if sentences else _after_space(text, max(start - room // 3, 0), start)


def _after_space(text: str, left: int, limit: int) -> int:
    """The first beginning of a word from `left` on."""
    for place in range(left, min(limit, left + SPACE_REACH)):
        if text[place].isspace():
            return place + 1
    return left


def _before_space(text: str, right: int, limit: int) -> int:
    for place in range(right, max(limit, right - SPACE_REACH), -1):
        if text[place].isspace():
            return place
    return right


def _marked(text: str, hits: Sequence[_Hit], start: int, end: int) -> str:
    parts, place = [], start
    for hit in hits:
        if hit.start >= place:
            parts += [text[place : hit.start], SNIPPET_START, text[hit.start : hit.end], SNIPPET_END]
            place = hit.end
    return "".join([*parts, text[place:end]])
