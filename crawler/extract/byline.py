"""Read the by-line: what stands between headline and first paragraph and says who wrote, where no markup says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract.blocks import INLINE, Block, Layout
from crawler.extract.days import DATE_LABEL
from crawler.extract.people import spoken

_AUTHOR_PATH = re.compile(
    r"/(?:authors?|auteurs?|autor(?:es|en)?|autore|people|person|persons|profiles?|by|writers?|journalists?|reporters?"
    r"|staff|contributors?|columnists?|redaktion|team|bio|users?|forfatter|skribenter)/",
    re.IGNORECASE,
)
"""Paths under which systems list what one person wrote; names of paths, so the same in every language."""

_BY = re.compile(
    r"(?:^|[|•·—–]\s*)(?:(?:written|posted|words|story|text|reported)\s+)?"
    r"(?:by|von|par|por|di|door|av|af|from|autor(?:in|a)?:|author:|автор:?|текст:|文/?|記者)\s*:?\s*"
    r"(?P<name>[^\W\d_][^\d|•·\n()]{1,80})",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"^(?:[^\W\d_][\w'’.-]*\s*|&\s*|,\s*)+")
_REACH = 4
"""Blocks before the headline in which a by-line may stand (a kicker above the title)."""
_STANDFIRST_WORDS = 60
_BEHIND_STANDFIRST = 6
"""A sentence or two between headline and by-line sum up the article; the by-line is in the next few blocks."""
_SHORT_LINE_WORDS = 14
_MAX_LINE_WORDS = 30
_MAX_NAME_WORDS = 5
_PARTED = re.compile(rf"\s+[|•·]\s+|\s+(?=[^\W\d_a-zà-ÿа-я])(?=(?i:{DATE_LABEL.pattern}))")
_DATED = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[:.]\d\d")
_PART_WORDS = 14
_PARTED_CHARS = 300
_ELEMENTS_BELOW = 12
_HOLDERS = frozenset({"div", "p", "span", "address", "header", "section", "h2", "h3", "h4", "h5", "h6"})


def part_byline(headline: HtmlElement | None) -> None:
    """Give each part of the by-line below a headline an element of its own: `By A B<br>Published: ... | Updated: ...`.

    In one piece such a line is long enough to pass for the first paragraph.
    """
    if headline is None:
        return
    for number, element in enumerate(islice(_below(headline), _ELEMENTS_BELOW)):
        if number and element.tag == "p" and len(element.text_content()) > _PARTED_CHARS:
            return
        if element.tag in _HOLDERS and len(element.text_content()) <= _PARTED_CHARS:
            parts = _parts_of(element)
            if len(parts) > 1 and _is_byline([_words_of(part) for part in parts]):
                _part(element, parts)
                return


def _below(headline: HtmlElement) -> Iterator[HtmlElement]:
    """The elements that follow the headline, the nearest first."""
    at: HtmlElement | None = headline
    while at is not None:
        for sibling in at.itersiblings():
            yield from (element for element in sibling.iter() if isinstance(element.tag, str))
        at = at.getparent()


def _parts_of(element: HtmlElement) -> list[list[HtmlElement | str]]:
    """The pieces of an element's content between line breaks, bars and labels of dates; none where it holds blocks."""
    parts: list[list[HtmlElement | str]] = [[]]

    def say(text: str | None) -> None:
        for number, piece in enumerate(_PARTED.split(text or "")):
            if number:
                parts.append([])
            if piece.strip():
                parts[-1].append(piece)

    say(element.text)
    for child in element:
        if child.tag == "br":
            parts.append([])
        elif child.tag not in INLINE or child.find(".//br") is not None:
            return []
        elif parts[-1] and DATE_LABEL.match(child.text_content().strip()):
            parts.append([child])
        else:
            parts[-1].append(child)
        say(child.tail)
    return [part for part in parts if _words_of(part)]


def _words_of(part: list[HtmlElement | str]) -> str:
    return " ".join("".join(each if isinstance(each, str) else each.text_content() for each in part).split())


def _is_byline(parts: list[str]) -> bool:
    """Short parts, of which one names a time and one more says who wrote, or when."""
    if any(len(part.split()) > _PART_WORDS for part in parts):
        return False
    dated = sum(1 for part in parts if _DATED.search(part))
    named = any(_BY.match(part) for part in parts)
    return dated > 0 and (named or any(DATE_LABEL.match(part) for part in parts))


def _part(element: HtmlElement, parts: list[list[HtmlElement | str]]) -> None:
    element.tag = "div"
    element.text = None
    for child in list(element):
        child.tail = None
        element.remove(child)
    for part in parts:
        holder = element.makeelement("div")
        for each in part:
            if not isinstance(each, str):
                holder.append(each)
            elif len(holder):
                holder[-1].tail = (holder[-1].tail or "") + each
            else:
                holder.text = (holder.text or "") + each
        element.append(holder)


def read_byline(layout: Layout, headline: HtmlElement | None) -> list[str]:
    """The names that the by-line gives, as written; empty without a headline, since then nothing says where it is."""
    if headline is None:
        return []
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline or headline in b.element.iterancestors()), -1)
    if at < 0:
        return []
    first = next((i for i in range(at + 1, min(len(blocks), at + 40)) if blocks[i].is_prose), at)
    near = [b for b in blocks[max(0, at - _REACH) : first] if b.words <= _MAX_LINE_WORDS and b.element is not headline]
    found = _linked_names(near) or _written_names(near)
    if found or first == at or blocks[first].words > _STANDFIRST_WORDS:
        return found
    behind = []
    for block in blocks[first + 1 : first + 1 + _BEHIND_STANDFIRST]:
        if block.is_prose:
            break
        if block.words <= _SHORT_LINE_WORDS:
            behind.append(block)
    return _linked_names(behind) or _written_names(behind)


def _linked_names(near: list[Block]) -> list[str]:
    found: list[str] = []
    for block in near:
        for link in block.links:
            name = " ".join(link.text_content().split())
            if name and len(name.split()) <= _MAX_NAME_WORDS and _AUTHOR_PATH.search(link.get("href") or ""):
                found.append(name)
    return list(dict.fromkeys(found))


def _written_names(near: list[Block]) -> list[str]:
    for block in near:
        parts = (spoken(c) for c in block.element if isinstance(c.tag, str))
        whole = spoken(block.element) if len(block.text) == len(" ".join(block.element.text_content().split())) else ""
        lines = [" ".join((whole or block.text).split()), *(" ".join(part.split()) for part in parts)]
        for line in lines:
            match = _BY.search(line)
            if not match or len(line.split()) > _MAX_LINE_WORDS:
                continue
            name = _CAPITALISED.match(match["name"])
            words = name[0].strip(" ,").split() if name else []
            if (
                1 <= len(words) <= 8
                and not words[0][:1].islower()
                and (words[-1][:1].isupper() or not words[-1].islower())
            ):
                return [" ".join(words)]
    return []
