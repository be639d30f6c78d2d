"""Which articles are copies of one text, trimmed, re-headlined or by-lined. Pure: it asks an index that it is given."""

from __future__ import annotations

from crawler.copies.placing import Judge
from crawler.copies.winnowing import VERSION, lines_among, prints
from storage import Article, CopyIndex, Placement

__all__ = ["VERSION", "Judge", "lines_among", "place", "prints"]

_JUDGE = Judge()


def place(article: Article, index: CopyIndex, story: int | None = None) -> Placement:
    """The story that a new article joins and what it is linked to, by what the index knows of all filed before it. With
    `story`, what a later text of one of its articles prints."""
    return _JUDGE.place(article, index, story)
