"""Read the by-line: what stands between headline and first paragraph and says who wrote, where no markup says it."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.credits import first_paragraph, is_credit_line, parts_of
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


def read_byline(layout: Layout, headline: HtmlElement | None) -> list[str]:
    """The names that the by-line gives, as written; empty without a headline, since then nothing says where it is."""
    if headline is None:
        return []
    blocks = layout.blocks
    at = next((i for i, b in enumerate(blocks) if b.element is headline or headline in b.element.iterancestors()), -1)
    if at < 0:
        return []
    first = first_paragraph(blocks, range(at + 1, min(len(blocks), at + 40)), at)
    lines = (b for b in blocks[max(0, at - _REACH) : first] if b.element is not headline)
    near = [b for b in lines if b.words <= _MAX_LINE_WORDS or is_credit_line(b)]
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
        broken = parts_of(block) if is_credit_line(block) else ()
        lines = [*broken, " ".join((whole or block.text).split()), *(" ".join(part.split()) for part in parts)]
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
