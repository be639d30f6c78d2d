"""Pictures whose caption stands in a box below them become figures, so that one shape of page has one treatment."""

from __future__ import annotations

import re
from itertools import islice

from lxml.html import HtmlElement

from crawler.extract.blocks import HEADINGS
from crawler.extract.choosing import SIBLING
from crawler.extract.credits import PRINTED_DAY
from crawler.extract.judged import Judged
from crawler.extract.words import count_words

CREDIT = re.compile(
    r"(?:©|\(c\)\s|\b(?:photo|foto|bild|image|picture|credits?|photograph|quelle|crédit|fotó|kuva|фото)s?\b[^:.]{0,20}:).*$"
    r"|^(?:photo|foto|image|picture|photograph)s?\s(?:by|von|via|courtesy)\b.*$"
    r"|\([^()]{0,60}\b(?:photo|foto|getty images|shutterstock)\b[^()]{0,60}\)\s*$",
    re.IGNORECASE,
)
"""Who owns the picture is no part of what it shows."""
_MARK = "data-framed"
_MOST_PICTURES = 300
_MOST_LINES = 3
_MOST_WORDS = 60
_PARAGRAPH_WORDS = 15
_SMALL = 100
"""Pixels: a narrower picture is a face or a sign."""
_WRAPPERS = frozenset({"a", "picture", "span", "div", "p", "center"})
_ELSEWHERE = frozenset({"figure", "li", "td", "aside", "nav", "header", "footer", "form"})
_CAPTIONS = frozenset({"div", "p", "span", "small", "em", "i", "cite"})
_BY = re.compile(r"^\W*(?:by|von|par|por|di|da|door|av|af)\b", re.IGNORECASE)
_NEAR = 12


def frame_pictures(page: Judged) -> None:
    """Make figures of boxes of one picture and a few lines without links, and of a picture in a column of paragraphs
    that a `div` of one line follows. It is done once the blocks are judged: the judges know pages as they come."""
    for image in list(islice(page.tree.iter("img"), _MOST_PICTURES)):
        if _is_small(image) or any(a.tag in _ELSEWHERE for a in image.iterancestors()):
            continue
        picture = _alone(image)
        box = picture.getparent()
        if box is None or box.tag not in ("div", "section", "article", "main", "body"):
            continue
        lines = list(islice(picture.itersiblings(), _MOST_LINES + 1))
        if (
            box.tag == "div"
            and picture.getprevious() is None
            and len(lines) <= _MOST_LINES
            and _are_captions(lines)
            and not any(map(_says, (box.text, picture.tail)))
            and _is_in_text(box)
        ):
            _frame(page, picture, lines)
        elif (
            lines
            and lines[0].tag == "div"
            and _are_captions(lines[:1])
            and not _says(picture.tail)
            and sum(map(_is_paragraph, box.iterchildren("p"))) > 1
        ):
            more = [line for line in lines[1:2] if line.tag == "div" and CREDIT.match(_text(line))]
            _frame(page, picture, [*lines[:1], *(more if _are_captions(more) else [])])


def _frame(page: Judged, picture: HtmlElement, lines: list[HtmlElement]) -> None:
    """Put a figure around picture and lines, and call each line a caption. Among the paragraphs of an article they are
    the article's, whatever the model made of the few words."""
    places = [i for line in lines for i in page.inside(line)]
    if not places:
        return
    figure = picture.makeelement("figure", {_MARK: ""})
    picture.addprevious(figure)
    figure.tail, lines[-1].tail = lines[-1].tail, None
    figure.extend([picture, *lines])
    for line in lines:
        line.tag = "figcaption"
    page.firsts[figure], page.lasts[figure] = min(places), max(places)
    prose = [i for i in page.kept if page.blocks[i].is_prose]
    if prose and min(prose) <= min(places) <= max(prose):
        page.kept.update({i: SIBLING for i in places if i not in page.kept and i not in page.chrome})


def is_framed(figure: HtmlElement) -> bool:
    return _MARK in figure.attrib


def _is_small(image: HtmlElement) -> bool:
    width = (image.get("width") or "").strip().removesuffix("px")
    return width.isdecimal() and len(width) < 6 and int(width) < _SMALL


def _alone(image: HtmlElement) -> HtmlElement:
    """The outermost element that holds the picture and nothing to read."""
    while (parent := image.getparent()) is not None and parent.tag in _WRAPPERS:
        others = (child for child in parent if child is not image and child.tag != "source")
        if next(others, None) is not None or _says(parent.text) or _says(image.tail):
            break
        image = parent
    return image


def _are_captions(lines: list[HtmlElement]) -> bool:
    if not lines or any(line.tag not in _CAPTIONS or _says(line.tail) for line in lines):
        return False
    for line in lines:
        if (
            next(
                (
                    e
                    for e in line.iter("img", "input", "textarea", "button", "ul", "ol", "table", "div", "p", *HEADINGS)
                    if e is not line
                ),
                None,
            )
            is not None
        ):
            return False
    texts = [_text(line) for line in lines]
    linked = sum(count_words(link.text_content()) for line in lines for link in line.iter("a"))
    words = sum(map(count_words, texts))
    if not all(texts) or words > _MOST_WORDS or linked * 2 > words:
        return False
    return not any(_BY.match(text) or PRINTED_DAY.search(text) for text in texts[:1] if count_words(text) <= _NEAR)


def _is_in_text(box: HtmlElement) -> bool:
    """Whether paragraphs stand beside a box, or in the column below it."""
    for other in (*islice(box.itersiblings(), _NEAR), *islice(box.itersiblings(preceding=True), _NEAR)):
        if _is_paragraph(other):
            return True
    below = islice(box.itersiblings("div", "section", "article"), _NEAR)
    return any(sum(map(_is_paragraph, islice(other.iterchildren("p"), _NEAR))) > 1 for other in below)


def _is_paragraph(element: HtmlElement) -> bool:
    return element.tag == "p" and count_words(_text(element)) >= _PARAGRAPH_WORDS


def _text(element: HtmlElement) -> str:
    return " ".join(element.text_content().split())


def _says(text: str | None) -> bool:
    return bool(text and text.strip())
