"""Which articles are copies of one text, trimmed or re-headlined or by-lined. Pure: it asks the index it is given."""

from __future__ import annotations

from crawler.copies.placing import Judge, placed_again
from crawler.copies.shingles import lines_among, prints
from storage import Article, CopyIndex, Placement

__all__ = ["VERSION", "Judge", "lines_among", "place", "prints"]

VERSION = 1
"""Of the words, shingles and fingerprints. An index made by another one is made anew."""

_JUDGE = Judge()


def place(article: Article, index: CopyIndex, story: int | None = None) -> Placement:
    """The story that a new article joins and what it is tied to, by what the index knows of all filed before it. With
    `story`, what a later text of one of its articles prints: an article never moves."""
    return _JUDGE.place(article, index) if story is None else placed_again(article, index, story)
