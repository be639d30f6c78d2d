"""What became of a text between two visits: whether it changed, how much that matters, and which words. Pure.

A page is never the same twice: it says when it was last updated, counts its comments, links to what is new. None of
that is a change of the article. See docs/decisions/0026-revisions.md.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from storage.folding import words_of

Op = Literal["equal", "deleted", "inserted"]

FURNITURE_WORDS = 14
"""A line of more words, or one that is a sentence, is the article's own."""
SUBSTANTIVE_WORDS = 25
SUBSTANTIVE_SHARE = 0.1
"""Words that went and came, as a number or as a share of the text, from which what is told has changed."""
_ALIKE = 0.75
"""Likeness of two words (Ratcliff and Obershelp) from which one is a misprint of the other."""
_MOST_COMPARED = 4_000_000
"""Tokens of one side times tokens of the other that are compared; beyond, the one is gone and the other new."""
_TOKEN = re.compile(
    "[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]|\\w+(?:[’'.,]\\w+)*|\\s+|[^\\w\\s]"
)
_SENTENCE = re.compile(r"[.!?…。！？।؟۔][\"'”’»)\]」』]*$")
_QUOTED = re.compile(r"[\"“„«「](.+?)[\"”“»」]", re.DOTALL)
_NEGATIONS = frozenset(
    word
    for words in (
        "no not never none nobody nothing without cannot nor",
        "kein keine keinen keinem keiner nicht nie niemals niemand nichts ohne",
        "ne pas non jamais aucun aucune sans rien ni nunca ningun ninguna sin nada nao nem niet geen nooit zonder",
        "mai senza nie nigdy bez ikke aldri inte aldrig не нет никогда без لا لم لن ليس غير 不 没 沒 無 未 非",
    )
    for word in words.split()
)


_CONTRACTED = re.compile(r"n['’]t\b", re.IGNORECASE)
"""As in `isn't`, which folding would part into two words that deny nothing."""


class ChangeKind(StrEnum):
    """The closed list of what a change can be, the least first."""

    COSMETIC = "cosmetic"
    """Spelling, punctuation, capitals, quotes: nothing else is said."""
    MINOR = "minor"
    """Some words, and no number, no denial and no quotation among them."""
    HEADLINE = "headline"
    """The title, with at most a minor change of the text."""
    SUBSTANTIVE = "substantive"
    """A number, a denial, a quotation, or a good part of the text: something else is told."""


@dataclass(frozen=True, slots=True)
class Change:
    """What changed from one text to the next."""

    kind: ChangeKind
    inserted: int
    """Words that came."""
    deleted: int
    """Words that went."""
    title: bool
    """Whether the title is another."""


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text that is in both, in the former one only, or in the later one only."""

    op: Op
    text: str


def classify(
    old_title: str | None, old_text: str, new_title: str | None, new_text: str, furniture: Sequence[str] = ()
) -> Change | None:
    """What changed between two texts of one article; None where nothing did but white space, dates, counters and what
    rotates around the article. `furniture` are lines that other articles have too."""
    titled = _spaced(old_title or "") != _spaced(new_title or "")
    old, new = _without_furniture(old_text, new_text, furniture)
    if " ".join(old) == " ".join(new):
        return Change(ChangeKind.HEADLINE, 0, 0, True) if titled else None
    gone, come = _gone_and_come("\n".join(old), "\n".join(new))
    kind = _kind(old, new, gone, come)
    if titled and kind is not ChangeKind.SUBSTANTIVE:
        kind = ChangeKind.HEADLINE
    return Change(kind, len(come), len(gone), titled)


def words_diff(old: str, new: str) -> list[Run]:
    """Two texts word by word, in reading order; joined, what is equal and deleted gives the old one, what is equal and
    inserted the new one."""
    runs: list[Run] = []
    for op, text in _diffed(old, new):
        if not text:
            continue
        if runs and runs[-1].op == op:
            runs[-1] = Run(op, runs[-1].text + text)
        else:
            runs.append(Run(op, text))
    return runs


def changed_words(old: str, new: str) -> tuple[int, int]:
    """How many words of a text went, and how many came."""
    gone, come = _gone_and_come(old, new)
    return len(gone), len(come)


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _without_furniture(old: str, new: str, furniture: Sequence[str]) -> tuple[list[str], list[str]]:
    """The lines of both without those that are in one only and are no article's."""
    sides = tuple([line for raw in text.splitlines() if (line := _spaced(raw))] for text in (old, new))
    known = {_spaced(line) for line in furniture}
    found: list[list[str]] = []
    for mine, theirs in (sides, sides[::-1]):
        others = set(theirs)
        own = [place for place, line in enumerate(mine) if not _is_label(line)]
        first, last = (own[0], own[-1]) if own else (-1, len(mine))
        found.append(
            [
                line
                for place, line in enumerate(mine)
                if line in others
                or not (line in known or (_is_label(line) and (not first < place < last or _counts(line))))
            ]
        )
    return found[0], found[1]


def _is_label(line: str) -> bool:
    return not _SENTENCE.search(line) and len(words_of(line)) <= FURNITURE_WORDS


def _counts(line: str) -> bool:
    """A date, a time, a counter: a number among few words."""
    return any(c.isdigit() for c in line) and len(words_of(line)) <= FURNITURE_WORDS // 2


def _gone_and_come(old: str, new: str) -> tuple[list[str], list[str]]:
    """The words that went, and those that came."""
    gone: list[str] = []
    come: list[str] = []
    for run in words_diff(old, new):
        if run.op != "equal":
            (gone if run.op == "deleted" else come).extend(words_of(_CONTRACTED.sub(" not", run.text)))
    return gone, come


def _kind(old: list[str], new: list[str], gone: list[str], come: list[str]) -> ChangeKind:
    if _is_respelled(gone, come):
        return ChangeKind.COSMETIC
    changed = {*gone, *come}
    size = len(gone) + len(come)
    whole = sum(len(words_of(line)) for line in new)
    if (
        size >= SUBSTANTIVE_WORDS
        or size >= SUBSTANTIVE_SHARE * max(1, whole)
        or any(any(c.isdigit() for c in word) for word in changed)
        or changed & _NEGATIONS
        or _quotes(old) != _quotes(new)
    ):
        return ChangeKind.SUBSTANTIVE
    return ChangeKind.MINOR


def _quotes(lines: list[str]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        found.update(" ".join(words_of(quote)) for quote in _QUOTED.findall(line))
    return found


def _is_respelled(gone: list[str], come: list[str]) -> bool:
    """Whether every word that came is one that went, written otherwise."""
    if "".join(gone) == "".join(come):
        return True
    if len(gone) != len(come) or len(gone) > SUBSTANTIVE_WORDS:
        return False
    return all(
        old == new
        or (
            not any(c.isdigit() for c in old + new)
            and not {old, new} & _NEGATIONS
            and difflib.SequenceMatcher(None, old, new, autojunk=False).ratio() >= _ALIKE
            and abs(len(old) - len(new)) <= 2
        )
        for old, new in zip(gone, come, strict=True)
    )


def _diffed(old: str, new: str) -> Iterator[tuple[Op, str]]:
    """Lines first, then words within the lines that are not the same: the whole at once would take a square of time."""
    a, b = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(a) * len(b) > _MOST_COMPARED:
        yield "deleted", old
        yield "inserted", new
        return
    for tag, low, high, start, stop in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        gone, come = "".join(a[low:high]), "".join(b[start:stop])
        if tag == "equal":
            yield "equal", gone
        elif tag == "replace":
            yield from _diffed_words(gone, come)
        else:
            yield "deleted", gone
            yield "inserted", come


def _diffed_words(old: str, new: str) -> Iterator[tuple[Op, str]]:
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    if len(a) * len(b) > _MOST_COMPARED:
        yield "deleted", old
        yield "inserted", new
        return
    for tag, low, high, start, stop in difflib.SequenceMatcher(str.isspace, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "equal", "".join(a[low:high])
        else:
            yield "deleted", "".join(a[low:high])
            yield "inserted", "".join(b[start:stop])
