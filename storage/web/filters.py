"""The filters in a typed search: found where they stand, taken out, put in. Pure.

A link of the search page is the typed text with one filter more or less, so that what a click asks for can be read,
changed and kept like anything typed.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

NAMES = frozenset({"source", "site", "author", "tag", "language", "since", "until", "story", "has"})
"""What may stand before a colon to narrow a search by more than words; `title:` is words."""

_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞「」『』", '"'))
"""Each is one character as what takes its place, so that offsets stay."""
_TOKEN = re.compile(r'(?P<minus>-+)?(?:(?P<name>\w+):(?=[^\s()]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"()]+))|[()]')
_BARE = re.compile(r"[\w][\w.\-/+&']*")
"""A value that needs no quotes."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter of a typed text. With the NOT before it, where there is one."""

    start: int
    end: int
    name: str
    value: str
    excluded: bool = False


def filters_in(words: str) -> tuple[Filter, ...]:
    """The filters that stand outside of parentheses, in order: those that can be taken out one by one."""
    found: list[Filter] = []
    depth, without = 0, None
    for match in _TOKEN.finditer(words.translate(_QUOTES)):
        if match[0] in "()":
            depth = max(depth + (1 if match[0] == "(" else -1), 0)
            without = None
            continue
        name = (match["name"] or "").casefold()
        if depth == 0 and name in NAMES:
            value = match["word"] if match["phrase"] is None else match["phrase"]
            start = match.start() if without is None else without
            excluded = match["minus"] is not None or without is not None
            found.append(Filter(start, match.end(), name, value.strip(), excluded))
        without = match.start() if match[0] == "NOT" else None
    return tuple(found)


def taken_out(words: str, one: Filter) -> str:
    """The text without a filter, and without the OR that joined it."""
    before, after = words[: one.start].rstrip(), words[one.end :].lstrip()
    if re.search(r"(?:^|\s)OR$", before):
        before = before[:-2].rstrip()
    elif re.match(r"OR(?:\s|$)", after):
        after = after[2:].lstrip()
    return f"{before} {after}".strip()


def taken_out_all(words: str, names: Collection[str]) -> str:
    """The text without any filter of these names."""
    while found := [one for one in filters_in(words) if one.name in names]:
        words = taken_out(words, found[-1])
    return words


def put_in(words: str, name: str, value: str) -> str | None:
    """The text with one more filter; None for a value that cannot be typed."""
    value = " ".join(value.split())
    if not value or '"' in value.translate(_QUOTES):
        return None
    typed = f"{name}:{value}" if _BARE.fullmatch(value) else f'{name}:"{value}"'
    return f"{_ended(words)} {typed}".strip()


def put_in_span(words: str, start: date, end: date) -> str:
    """The text for the time from a day to another, which is not in it, instead of its own."""
    return f"{put_out_span(words)} since:{start.isoformat()} until:{end.isoformat()}".strip()


def put_out_span(words: str) -> str:
    """The text without a time, ready for another to be put behind it."""
    return _ended(taken_out_all(words, {"since", "until"}))


def phrase(words: str) -> str:
    """Words to be looked for next to each other."""
    return words if _BARE.fullmatch(words) else f'"{words.translate(_QUOTES).replace(chr(34), " ")}"'


def active(words: str, name: str, value: str) -> Filter | None:
    """The filter of a text that asks for exactly this."""
    wanted = " ".join(value.split()).casefold()
    return next(
        (
            one
            for one in filters_in(words)
            if one.name == name and not one.excluded and " ".join(one.value.split()).casefold() == wanted
        ),
        None,
    )


def _ended(words: str) -> str:
    """The text so that what is put behind it stands for itself: without an operator at its end, its quote closed."""
    if words.translate(_QUOTES).count('"') % 2:
        words += '"'
    return re.sub(r"(?:(?:^|\s+)(?:OR|AND|NOT)|\s+)+$", "", words)
