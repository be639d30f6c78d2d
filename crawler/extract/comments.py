"""Find where an article ends and its readers begin: the comment form, and the thread before it."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from crawler.extract.blocks import Layout
from crawler.extract.judged import LABEL_WORDS, Judged

_EMAIL_WORD = re.compile(
    r"e-?mail|courriel|correo|електрон|электрон|почт|メール|邮箱|電郵|邮件|이메일|البريد|อีเมล|ईमेल|e-?posta|sähköposti|ηλεκτρον",
    re.IGNORECASE,
)
_MOMENT = re.compile(
    r"\b(?:19|20)\d\d\b.*\b\d{1,2}\b|\b\d{1,2}\b.*\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d\d"
    r"|\d+\s*\w+\s+(?:ago|geleden|temu|önce|назад|siden|sedan|sitten)\b|\b(?:vor|hace|il y a|há|fa)\s+\d+"
    r"|\d+\s*(?:分|時間|日|小时|小時|天|시간|일)\s*(?:前|전)"
)
"""When a comment was written: a day with its year, a time, or how long ago; the month of a chronicle is none."""
_NAME_WORD = re.compile(r"[^\W\d_]{3,}")
_FORM_LINE_WORDS = 40
_COMMENT_BLOCKS = 12
_SIDE_WORDS = 120
"""Prose of side columns and foot; more than this and than the article before a form is the article behind it."""


def mark_form_and_after(page: Judged, layout: Layout) -> None:
    """The comment form, the thread before it, and all that follows: an article ends before its readers speak."""
    start = page.headline + 1
    for position, area in layout.textareas:
        if position <= page.first or not page.prose(start, position) or _hidden(area):
            continue
        begin = _form_begins(page, position)
        begin = _thread_begins(page, begin)
        later = sum(page.blocks[i].words for i in page.prose(position, len(page.blocks)))
        earlier = sum(page.blocks[i].words for i in page.prose(start, begin))
        more = later > max(earlier, _SIDE_WORDS)
        if more or (later > earlier and (page.headline < 0 or _goes_on(page, begin, position))):
            continue
        page.drop(range(begin, len(page.blocks)), "comments")
        return


def _goes_on(page: Judged, begin: int, position: int) -> bool:
    """Whether the column of the paragraphs before a form continues behind it."""
    before = {page.blocks[i].element.getparent() for i in page.prose(page.headline + 1, begin)}
    behind = (page.blocks[i] for i in page.prose(position, len(page.blocks)))
    return sum(b.words for b in behind if b.element.getparent() in before) > _SIDE_WORDS // 2


def _hidden(element: HtmlElement) -> bool:
    return "display:none" in (element.get("style") or "").replace(" ", "") and element.get("name") is None


def _form_begins(page: Judged, position: int) -> int:
    """Walk back from the field over labels, the legal line and the form's heading."""
    begin = position
    while begin > page.first + 1:
        block = page.blocks[begin - 1]
        label = block.words <= LABEL_WORDS and not block.is_sentence
        legal = block.words <= _FORM_LINE_WORDS and (_EMAIL_WORD.search(block.text) or block.text.endswith("*"))
        if not (label or legal or block.side or block.is_linked):
            break
        begin -= 1
    return begin


def _thread_begins(page: Judged, end: int) -> int:
    """Walk back over comments: a short line (a name) and a date, then what was said, perhaps a link to answer."""
    begin = end
    for i in range(end - 1, page.first, -1):
        block = page.blocks[i]
        if block.words <= 12 and _MOMENT.search(block.text) and not block.is_sentence and not block.is_heading:
            named = page.blocks[i - 1]
            if i - 1 > page.first and named.words <= (3 if named.is_sentence else LABEL_WORDS):
                begin = i - 1
            elif len(_NAME_WORD.findall(block.text)) >= 2:
                begin = i
        elif begin - i > _COMMENT_BLOCKS:
            break
    if begin < end:
        begin = _form_begins(page, begin)
    return begin
