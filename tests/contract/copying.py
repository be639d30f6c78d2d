"""Files article after article, each judged by the small judge, as a crawl files those of the product's own."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import judging
from contract.scenes import NOW, STORED, article, discovery, source

from storage import Article, CopyIndex, Corpus, Filing, Placement, Visit

JUDGED = Placement(-1)
"""Stands for what the small judge says."""


class Press:
    """Brings pages into a corpus, each of a host of its own."""

    def __init__(self, corpus: Corpus, name: str = "p") -> None:
        self._corpus = corpus
        self._names = (f"{name}{number}" for number in itertools.count(1))

    def file(self, *texts: str | Article) -> list[int]:
        """File texts in one transaction; gives their ids."""
        with self._corpus.filing() as filing:
            return [self.file_in(filing, article(text) if isinstance(text, str) else text) for text in texts]

    def file_in(
        self, filing: Filing, cut: Article, placement: Placement | None = JUDGED, *, at: datetime = NOW, **how: Any
    ) -> int:
        """File one article; without a placement for None, and judged where none is given. `how` goes to its entry."""
        name = next(self._names)
        found = discovery(name, f"{name}.example", **how)
        page = filing.bring_page(source("Brought", kind="feed"), found, at)
        assert page is not None
        judged = judging.place(cut, self.index(filing)) if placement is JUDGED else placement
        article_id = filing.add_article(page.id, cut, (), at, judged)
        filing.end_page(Visit(page.id, at, STORED), article_id)
        return article_id

    def index(self, filing: Filing) -> CopyIndex:
        """The index of a filing, with the small judge's prints."""
        return filing.copies(judging.prints, judging.VERSION)


def words(start: int, count: int = 60) -> str:
    """A text of its own."""
    return " ".join(f"w{number}" for number in range(start, start + count))
