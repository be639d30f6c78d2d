"""How counts of many articles are estimated from a sample; what counts are is in `tests/contract/test_facets.py`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe

from storage import Corpus, Query, open_corpus
from storage.sqlite import summing

ARTICLES = 1_200


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """As many articles of one site, every third of them French, one a day."""
    with open_corpus(str(tmp_path_factory.mktemp("large") / "corpus.db"), write=True, create=True) as corpus:
        subscribe(corpus, source())
        (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S)
        poll(corpus, feed, *(discovery(f"n{number}") for number in range(ARTICLES)))
        for number, page in enumerate(lease_pages(corpus)):
            cut = article(
                f"Report {number} of the ferry.",
                published=NOW - number * timedelta(days=1),
                language="en" if number % 3 else "fr",
                authors=("Ann Lee",),
            )
            file_article(corpus, page, cut)
        while corpus.index():
            pass
        yield corpus


@pytest.mark.parametrize("query", ["", "ferry", Query("ferry", site="harbour.example")])
def test_a_sample_stands_for_all(large: Corpus, query: Query | str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing, "COUNTED", 300)
    facets = large.facets(query)
    assert (facets.total, facets.is_exact) == (ARTICLES, False)
    counts = {facet.value: facet.count for facet in facets.counts["language"]}
    assert counts["fr"] == pytest.approx(ARTICLES / 3, rel=0.2)
    assert counts["en"] == pytest.approx(ARTICLES * 2 / 3, rel=0.2)
    (author,) = facets.counts["author"]
    assert author.count == pytest.approx(ARTICLES, rel=0.01)


def test_the_time_line_of_a_sample_reaches_over_all_of_the_time(large: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summing, "COUNTED", 300)
    line = large.timeline("ferry", by="year")
    assert not line.is_exact
    assert len(line.bars) == len({(NOW - timedelta(days=n)).year for n in range(ARTICLES)})
    assert sum(bar.count for bar in line.bars) == pytest.approx(ARTICLES, rel=0.01)


def test_the_sample_is_drawn_anew_after_something_is_filed(tmp_path: Path) -> None:
    with open_corpus(str(tmp_path / "corpus.db"), write=True, create=True) as corpus:
        subscribe(corpus, source())
        (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S)
        poll(corpus, feed, discovery("a"), discovery("b"))
        first, second = lease_pages(corpus)
        with open_corpus(str(tmp_path / "corpus.db")) as reader:
            for corpus_asked in (corpus, reader):
                assert corpus_asked.facets().total == 0
            file_article(corpus, first, article())
            for corpus_asked in (corpus, reader):
                assert corpus_asked.facets().total == 1
            file_article(corpus, second, article("Another text."))
            for corpus_asked in (corpus, reader):
                assert corpus_asked.facets().total == 2
                assert sum(bar.count for bar in corpus_asked.timeline().bars) == 2
