"""Know the lines below a headline that say who wrote and when, however long: their parts are no sentences."""

from __future__ import annotations

import re
from collections.abc import Sequence

from crawler.extract.blocks import Block
from crawler.extract.words import count_words

PRINTED_DAY = re.compile(
    r"(?<![\d.])\d{1,2}\.\s?\d{1,2}\.\s?(?:19|20)\d\d\b|\b(?:19|20)\d\d-\d\d-\d\d\b"
    r"|\b\d{1,2}(?:st|nd|rd|th|er|º)?\.?\s(?:de\s)?[^\W\d_]{3,10}\.?,?\s(?:de\s)?(?:19|20)\d\d\b"
    r"|\b[^\W\d_]{3,10}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d\b"
)
_WHITE = re.compile(r"\s+")
_SPACES = re.compile(r" {2,}")
_PARTS = re.compile(r"\s*[\n|•·]\s*")
_SENTENCE_END = re.compile(r"(?<!\b[ap]\.m)(?<!\b[ap]\. m)[.!?…。！？।؟](?=\s|$)", re.IGNORECASE)
_MONTH_POINT = re.compile(r"\b[^\W\d_]{3,4}\.(?=\s\d)|(?<=\d)\.(?=\s)")
_PART_WORDS = 12
_MOST_WORDS = 60


def parts_of(block: Block) -> list[str]:
    """The text of a block, parted at line breaks, bars and points between words."""
    text = block.text
    if next(block.element.iter("br"), None) is not None:
        pieces: list[str] = []
        for event in block.element.iter():
            if event.tag == "br":
                pieces.append("\n")
            elif isinstance(event.tag, str):
                pieces.append(_flat(event.text))
            if event is not block.element:
                pieces.append(_flat(event.tail))
        broken = _SPACES.sub(" ", "".join(pieces))
        if "".join(broken.split()) == "".join(text.split()):
            text = broken
    return [part for raw in _PARTS.split(text.strip()) if (part := raw.strip())]


def is_credit_line(block: Block) -> bool:
    """Whether a block consists of short parts, none of them a sentence, of which one names a day.

    "By A. Name, Staff Writer / Published: 3 Nov 2026 / Updated: ..." is longer than many a paragraph, and would be
    taken for the article's first.
    """
    if not 0 < block.words <= _MOST_WORDS or not PRINTED_DAY.search(block.text):
        return False
    parts = parts_of(block)
    return len(parts) > 1 and all(
        count_words(part) <= _PART_WORDS and not _SENTENCE_END.search(_MONTH_POINT.sub("", part)) for part in parts
    )


def first_paragraph(blocks: Sequence[Block], places: range, missing: int) -> int:
    """The first of these places where an article begins: prose, and no line about who wrote and when."""
    return next((i for i in places if blocks[i].is_prose and not is_credit_line(blocks[i])), missing)


def _flat(text: str | None) -> str:
    return _WHITE.sub(" ", text or "")
