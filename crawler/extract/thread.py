"""Find a thread of comments by its shape: names, moments and what was said, again and again, behind the article."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml.html import HtmlElement

from crawler.extract.judged import LABEL_WORDS, Judged
from crawler.extract.words import fold

_DATED = (
    r"\b(?:19|20)\d\d\b.*\b\d{1,2}\b|\b\d{1,2}\b.*\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    r"|\b\d{1,2}\W+\w+\W+\d{4}\b"
    r"|\d+\s*\w+\s+(?:ago|geleden|temu|önce|назад|siden|sedan|sitten)\b|\b(?:vor|hace|il y a|há|fa)\s+\d+"
    r"|\d+\s*(?:分|時間|日|小时|小時|天|시간|일)\s*(?:前|전)"
)
_DATE = re.compile(_DATED)
_MOMENT = re.compile(_DATED + r"|\d{1,2}:\d\d")
"""When a comment was written: a day with its year, a time, or how long ago; the month of a chronicle is none."""

COMMENT_WORD = re.compile(
    r"comment|komm?ent|coment|commento|respuesta|opinione|reacti|reageer|respon[sd]e|repl(?:y|ies)|коммент|комент"
    r"|відповід|отзыв|σχόλι|σχολ[ιί]|yorum|yanıt|تعليق|رد|دیدگاه|نظر|תגוב|टिप्पणि?|प्रतिक्रिया|bình luận|コメント|评论"
    r"|評論|留言|回复|댓글|답글|kommenttia?|kommentoi|svar\b",
    re.IGNORECASE,
)
"""What readers' words are called. It supports what the shape says, it never decides."""

_THREAD_NAME = re.compile(r"comment|repl(?:y|ies)|respond|disqus|discuss|koment|komment", re.IGNORECASE)
_NAME_WORD = re.compile(r"[^\W\d_]{3,}|[^\W\d_\u0000-\u058f]+")
_NUMBER = re.compile(r"\d+")
_MOMENT_WORDS = 12
_LINK_CHARS = 40
"""A moment that links to its comment is shorter than a title with a day in it."""
_NEAR = 3
"""Blocks between the head of a comment and its moment: a name, what was said, the picture's text."""
_REACH = 12
"""A comment has fewer blocks than these."""
_MAX_MOMENTS = 500


def find_thread(page: Judged, end: int) -> range | None:
    """The blocks of the comments before `end`, None where none have the shape of a thread.

    The shape alone is also that of a live blog or of dated teasers. A thread has besides a line above it that names
    comments, or elements named for them, or one and the same answer link under words of different days.
    """
    for moments in _clusters(_moments(page, page.first + 1, end)):
        begin = _head(page, moments[0])
        above = range(begin - 1, max(page.first, begin - _NEAR), -1)
        labels = [i for i in (begin, *above) if page.blocks[i].is_label]
        called = [i for i in labels if COMMENT_WORD.search(page.blocks[i].text)]
        if called or (len(moments) > 1 and (_is_named(page, moments[0]) or _answered(page, moments, end))):
            begin = min([begin, *called])
            while begin - 1 > page.first and page.blocks[begin - 1].is_heading and page.blocks[begin - 1].is_label:
                begin -= 1
            return range(begin, min(end, moments[-1] + _NEAR))
    return None


def _clusters(moments: list[int]) -> list[list[int]]:
    """Moments that follow one another as closely as comments do."""
    found: list[list[int]] = []
    for i in moments:
        if found and i - found[-1][-1] <= _REACH:
            found[-1].append(i)
        else:
            found.append([i])
    return found


def _is_named(page: Judged, moment: int) -> bool:
    return any(_THREAD_NAME.search(_names(e)) for e in _own_ancestors(page, page.blocks[moment].element))


def named_before(page: Judged, end: int, labels: Callable[[int], int]) -> int:
    """Walk back from a form over the comments right before it; `labels` walks over the lines above them."""
    begin = end
    for i in range(end - 1, page.first, -1):
        block = page.blocks[i]
        if _is_moment(page, i):
            before = page.blocks[i - 1]
            if i - 1 > page.first and before.words <= (3 if before.is_sentence else LABEL_WORDS):
                begin = i - 1
            elif len(_NAME_WORD.findall(block.text)) >= 2:
                begin = i
        elif begin - i > _REACH:
            break
    return labels(begin) if begin < end else end


def _is_moment(page: Judged, i: int) -> bool:
    block = page.blocks[i]
    return (
        block.words <= _MOMENT_WORDS
        and not block.is_heading
        and _NUMBER.search(block.text) is not None
        and _MOMENT.search(block.text) is not None
        and not block.is_sentence
    )


def _moments(page: Judged, start: int, end: int) -> list[int]:
    """The lines that say when something was said, beside a name and near words that are no link."""
    found: list[int] = []
    for i in range(start, end):
        linked = page.blocks[i].is_linked and len(page.blocks[i].text) > _LINK_CHARS
        if i in page.chrome or linked or not _is_moment(page, i):
            continue
        before = page.blocks[i - 1]
        name = i > start and before.is_label and not before.is_heading
        name = name or len(_NAME_WORD.findall(page.blocks[i].text)) >= 1
        near = [j for j in (i - 1, i + 1, i + 2) if start <= j < end]
        said = any(
            page.blocks[j].words >= 2 and not page.blocks[j].is_linked and not page.blocks[j].is_heading for j in near
        )
        if name and said:
            found.append(i)
            if len(found) == _MAX_MOMENTS:
                break
    return found


def _head(page: Judged, moment: int) -> int:
    """The first block of a comment: of the largest box that begins near its moment, or the name before it."""
    begin = moment
    for box in _own_ancestors(page, page.blocks[moment].element):
        if page.firsts[box] < moment - _NEAR:
            break
        begin = page.firsts[box]
    before = begin - 1
    if begin == moment and before > page.first and page.blocks[before].is_label and not page.blocks[before].is_heading:
        begin = before
    return begin


def _own_ancestors(page: Judged, element: HtmlElement) -> list[HtmlElement]:
    """An element and its ancestors that do not hold the article's first paragraph."""
    chain: list[HtmlElement] = []
    box: HtmlElement | None = element
    while box is not None and page.firsts.get(box, -1) > page.first:
        chain.append(box)
        box = box.getparent()
    return chain


def _names(element: HtmlElement) -> str:
    return f"{element.get('class') or ''} {element.get('id') or ''}"


def _answered(page: Judged, moments: list[int], end: int) -> bool:
    """Whether each of several comments, dated by the day, ends with the same short line that leads to no other page."""
    if len(moments) < 2 or not all(_DATE.search(page.blocks[i].text) for i in moments):
        return False
    ends = [*moments[1:], min(end, moments[-1] + _REACH)]
    shared: set[str] | None = None
    for start, stop in zip(moments, ends, strict=True):
        lines = {fold(page.blocks[j].text) for j in range(start, stop) if _leads_nowhere(page, j)}
        shared = lines if shared is None else shared & lines
    return bool(shared)


def _leads_nowhere(page: Judged, i: int) -> bool:
    block = page.blocks[i]
    return (
        block.words <= 3
        and (block.tag == "button" or bool(block.links) or block.linked > 0)
        and all((link.get("href") or "#").startswith(("#", "javascript:")) for link in block.links)
    )
