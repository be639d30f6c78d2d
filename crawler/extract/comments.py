"""Find where an article ends and its readers begin: the comment form, the thread, the line that comments are closed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from crawler.extract.blocks import Block, Layout
from crawler.extract.judged import Judged
from crawler.extract.thread import COMMENT_WORD, find_thread, named_before

_EMAIL_WORD = re.compile(
    r"e-?mail|courriel|correo|електрон|электрон|почт|メール|邮箱|電郵|邮件|이메일|البريد|ایمیل|אימייל|ईमेल|อีเมล"
    r"|e-?posta|e-?post|sähköposti|ηλεκτρον|ηλ\.",
    re.IGNORECASE,
)
_REQUIRED = re.compile(r"[*※]")
_FORM_LINE_WORDS = 40
_SIDE_WORDS = 120
"""Prose of side columns and foot; more than this and than the article before a form is the article behind it."""
_DATA = frozenset({"li", "td", "th", "dd", "dt", "figcaption", "pre", "blockquote"})
"""Short lines in these are the article's own unless the field stands in the same table or list."""
_CLOSED_WORDS = 20
_SIGN_IN = re.compile(
    r"wp-login|/log-?in\b|/sign-?(?:in|up)\b|/signin|/register\b|/anmelden|/connexion|/acceder|/entrar\b|/accedi\b"
    r"|/auth/|/sso\b|[?&]redirect_to=",
    re.IGNORECASE,
)
_STOPS = " .。"
_CLOSED = frozenset(
    line.casefold().strip(_STOPS)
    for line in (
        *("Comments are closed.", "Comments closed.", "Comments are off for this post.", "Comments are disabled."),
        *("Comments are now closed.", "Los comentarios están cerrados.", "Comentarios cerrados."),
        *("Kommentare sind geschlossen.", "Die Kommentarfunktion ist geschlossen.", "Kommentarer er stengt."),
        *("Les commentaires sont fermés.", "Les commentaires sont clos.", "Os comentários estão desativados."),
        *("Os comentários estão fechados.", "I commenti sono chiusi.", "Reacties zijn gesloten."),
        *("Możliwość komentowania została wyłączona.", "Комментарии закрыты.", "Комментарии запрещены."),
        *("Коментарі вимкнені.", "Коментарі закриті.", "Komentáře nejsou povoleny.", "Kommentarer är stängda."),
        *("Lukket for kommentarer.", "Kommentointi on suljettu.", "Τα σχόλια είναι κλειστά.", "Yorumlar kapalı."),
        *("التعليقات مغلقة.", "סגור לתגובות.", "دیدگاه‌ها بسته شده‌اند.", "टिप्पणियाँ बंद हैं.", "Komentar ditutup."),
        *("Đã đóng bình luận.", "コメントは受け付けていません。", "コメントは停止中です。", "评论已关闭。"),
        *("評論已關閉。", "댓글이 닫혔습니다.", "Trackbacks and pingbacks are closed."),
    )
)
"""What WordPress prints where nobody may answer any more: the whole line, so that no sentence of an article is one."""


def mark_comments_and_after(page: Judged, layout: Layout) -> None:
    """The comment form, the thread, and all that follows: an article ends before its readers speak."""
    end = len(page.blocks)
    for begin, position in _forms(page, layout):
        if _ends_article(page, begin, position):
            end = begin
            break
    thread = find_thread(page, end)
    if thread is not None and _ends_article(page, thread.start, thread.stop):
        end = thread.start
    for i in _closing_lines(page, end):
        page.drop((i,), "comments")
        if _ends_article(page, i, i + 1):
            end = _form_begins(page, i, page.blocks[i].element)
            break
    page.drop(range(end, len(page.blocks)), "comments")


def _forms(page: Judged, layout: Layout) -> Iterator[tuple[int, int]]:
    """Where each comment form begins, and the place of its field."""
    for position, area in layout.textareas:
        if position > page.first and page.prose(page.headline + 1, position) and not _hidden(area):
            begin = _form_begins(page, position, area)
            yield named_before(page, begin, lambda at: _form_begins(page, at, None)), position


def _ends_article(page: Judged, begin: int, position: int) -> bool:
    """Whether more of the article stands before a place than behind it."""
    earlier = sum(page.blocks[i].words for i in page.prose(page.headline + 1, begin))
    later = sum(page.blocks[i].words for i in page.prose(position, len(page.blocks)))
    if not earlier or later > max(earlier, _SIDE_WORDS):
        return False
    return later <= earlier or (page.headline >= 0 and not _goes_on(page, begin, position))


def _goes_on(page: Judged, begin: int, position: int) -> bool:
    """Whether the column of the paragraphs before a form continues behind it."""
    before = {page.blocks[i].element.getparent() for i in page.prose(page.headline + 1, begin)}
    behind = (page.blocks[i] for i in page.prose(position, len(page.blocks)))
    return sum(b.words for b in behind if b.element.getparent() in before) > _SIDE_WORDS // 2


def _hidden(element: HtmlElement) -> bool:
    return "display:none" in (element.get("style") or "").replace(" ", "") and element.get("name") is None


def _form_begins(page: Judged, position: int, field: HtmlElement | None) -> int:
    """Walk back from the field over labels, the legal line and the form's heading; over all that its `form` holds."""
    begin = position
    around: set[HtmlElement] = set()
    if field is not None:
        around.update(field.iterancestors())
        form = next(field.iterancestors("form"), None)
        if form is not None and form in page.firsts and page.first < page.firsts[form] < position:
            begin = page.firsts[form]
    while begin > page.first + 1:
        block = page.blocks[begin - 1]
        label = block.is_label and (
            block.tag not in _DATA or next(block.element.iterancestors("table", "ul", "ol", "dl"), None) in around
        )
        legal = block.words <= _FORM_LINE_WORDS and (
            _REQUIRED.search(block.text) or (_EMAIL_WORD.search(block.text) and not block.is_heading)
        )
        if not (label or legal or block.side or block.is_linked):
            break
        begin -= 1
    return begin


def _closing_lines(page: Judged, end: int) -> Iterator[int]:
    """Lines behind the first paragraph that say in whole that comments are closed or whoever answers must sign in."""
    for i in range(page.first + 1, end):
        block = page.blocks[i]
        long = block.words > _CLOSED_WORDS and len(block.text) > 2 * _CLOSED_WORDS
        if long or block.is_heading or block.tag in _DATA:
            continue
        if _is_closed(block) or (_signs_in(block) and COMMENT_WORD.search(block.text)):
            yield i


def _is_closed(block: Block) -> bool:
    return not block.links and block.text.casefold().strip(_STOPS) in _CLOSED


def _signs_in(block: Block) -> bool:
    return any(_SIGN_IN.search(link.get("href") or "") for link in block.links)
