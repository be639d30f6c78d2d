"""How counts of many articles are estimated from a sample; what counts are is in `tests/contract/test_facets.py`."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe

from crawler import copies
from storage import Corpus, Query, open_corpus
from storage.errors import IndexDamaged
from storage.facets import FACETS
from storage.sqlite import facet_columns, summing
from storage.sqlite.corpus import SqliteCorpus
from storage.sqlite.files import index_path
from storage.web.readers import Readers

ARTICLES = 1_200


pytestmark = pytest.mark.xdist_group("summing")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """As many articles of one site, every third of them French, one a day."""
    with open_corpus(str(tmp_path_factory.mktemp("large") / "corpus.db"), write=True, create=True) as corpus:
        subscribe(corpus, source(tags=("sea",)))
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


@pytest.fixture
def without_time(large: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """All that match cannot be looked at in time, only a sample."""
    large.facets("another")  # the last question's answer is kept
    monkeypatch.setattr(summing, "ALL_S", 0.0)
    monkeypatch.setattr(summing, "COUNTED", 300)


@pytest.mark.parametrize("query", ["ferry", Query("ferry", site="harbour.example"), "source:Harbour"])
@pytest.mark.usefixtures("without_time")
def test_a_sample_stands_for_all(large: Corpus, query: Query | str) -> None:
    facets = large.facets(query)
    assert facets.total == pytest.approx(ARTICLES, rel=0.01)
    assert not facets.is_exact
    assert set(facets.estimated) == set(facets.counts) == set(FACETS)
    counts = {facet.value: facet.count for facet in facets.counts["language"]}
    assert counts["fr"] == pytest.approx(ARTICLES / 3, rel=0.2)
    assert counts["en"] == pytest.approx(ARTICLES * 2 / 3, rel=0.2)
    for field in ("author", "source"):
        (only,) = facets.counts[field]
        assert only.count == pytest.approx(ARTICLES, rel=0.01)


@pytest.mark.usefixtures("without_time")
def test_the_time_line_of_a_sample_reaches_over_all_of_the_time(large: Corpus) -> None:
    line = large.timeline("ferry", by="year")
    assert not line.is_exact
    assert len(line.bars) == len({(NOW - timedelta(days=n)).year for n in range(ARTICLES)})
    assert sum(bar.count for bar in line.bars) == pytest.approx(ARTICLES, rel=0.01)


@pytest.mark.parametrize("query", ["", "ferry", "ferry language:fr", "language:fr", "since:2024-01-01"])
def test_only_sources_and_their_tags_are_estimated_where_much_matches(
    large: Corpus, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    large.facets("another")  # of the last question what was estimated for another test may be kept
    exact = large.facets(query, limit=1_000)
    monkeypatch.setattr(summing, "COUNTED", 200)
    monkeypatch.setattr(summing, "DRAWN", 100)
    large.facets("yet another")
    estimated = large.facets(query, limit=1_000)
    assert (estimated.total, estimated.is_exact) == (exact.total, True)
    assert estimated.estimated == ("source", "tag")
    for field in ("site", "language", "author", "month"):
        assert estimated.counts[field] == exact.counts[field]
    for field in ("source", "tag"):
        assert estimated.counts[field] == exact.counts[field]  # all are of one source, so every sample says so


@pytest.mark.parametrize("seed", range(2))
def test_whatever_is_filed_revised_and_indexed_when_is_counted(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facet_columns, "CHUNK", 5)
    chosen = random.Random(seed)
    path = tmp_path / "corpus.db"
    with open_corpus(path, write=True, create=True) as corpus, open_corpus(path) as reader:
        subscribe(corpus, source(tags=("Sea", "ships")))
        (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S)
        poll(corpus, feed, *(discovery(f"n{number}") for number in range(60)))
        ids: list[int] = []
        for page in lease_pages(corpus):
            cut = article(
                f"The ferry {len(ids)}",
                published=NOW - chosen.randrange(4) * timedelta(days=20) if chosen.random() < 0.8 else None,
                language=chosen.choice(("en-GB", "fr", None)),
                site=chosen.choice(("a.example", "b.example")),
                authors=chosen.choice(((), ("Ann Lee",), ("Bo Li", "Ann Lee"))),
                tags=chosen.choice(((), ("ships",), ("SEA", "sea", "Straße"), ("strasse", "x"))),
            )
            if ids and chosen.random() < 0.4:
                with corpus.filing() as filing:
                    filing.revise_article(chosen.choice(ids), cut, [], NOW)
            ids.append(file_article(corpus, page, cut))
            if chosen.random() < 0.3:
                while corpus.index(chosen.choice((1, 3, 100))):
                    if chosen.random() < 0.5:
                        break
            if chosen.random() < 0.3:
                for asked in (corpus, reader):
                    assert_counted(asked)
        while corpus.index():
            pass
        assert_counted(corpus)
        for query in ("ferry", "ferry language:fr", "site:a.example", f"until:{NOW.date()}"):
            found = reader.search(query, limit=1_000)
            assert reader.facets(query).total == len(found) == sum(bar.count for bar in reader.timeline(query).bars)


def assert_counted(corpus: Corpus) -> None:
    """Facets are those of all articles as they are."""
    found = list(corpus.articles())
    facets = corpus.facets(limit=1_000)
    counted = {name: {one.value: one.count for one in counts} for name, counts in facets.counts.items()}
    assert (facets.total, facets.is_exact) == (len(found), True)
    assert counted["site"] == Counter(one.site for one in found)
    assert counted["language"] == Counter(one.language.partition("-")[0] for one in found if one.language)
    assert counted["author"] == Counter(name for one in found for name in one.authors)
    folded = Counter(tag for one in found for tag in {tag.casefold() for tag in one.tags})
    assert {name.casefold(): count for name, count in counted["tag"].items()} == folded
    assert counted["month"] == Counter(f"{one.published or one.first_seen:%Y-%m}" for one in found)


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


@pytest.mark.parametrize("column", ["seqs", "articles", "days", "sites", "languages", "tag_counts", "tags", "authors"])
def test_a_flipped_bit_in_the_columns_is_told_in_a_line_and_mended_by_who_writes_next(
    tmp_path: Path, column: str
) -> None:
    path = tmp_path / "corpus.db"
    with filed(path, 30) as corpus:
        whole = corpus.facets(limit=100)
    del corpus  # and with it what it keeps in memory
    damage(path, f"UPDATE columns SET {column} = CAST(substr({column}, 1, 3) || x'40' || substr({column}, 5) AS BLOB)")
    with open_corpus(path) as reader:
        for ask in (reader.facets, reader.timeline):
            with pytest.raises(IndexDamaged, match=r"^the search index is damaged; .*--rebuild"):
                ask("")
        (found,) = [finding for finding in reader.check() if finding.part == "search index"]
        assert found.problem is not None
        assert "not as they were written" in found.problem
    with open_corpus(path, write=True) as writer:
        while writer.index():
            pass
        assert writer.facets(limit=100) == whole
        assert all(finding.problem is None for finding in writer.check())


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM columns",
        "DELETE FROM columns WHERE chunk = 1",
        "DELETE FROM names",
        "DELETE FROM columns WHERE chunk = 5",
    ],
)
def test_columns_that_lack_a_part_are_not_counted(
    tmp_path: Path, statement: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facet_columns, "CHUNK", 5)
    path = tmp_path / "corpus.db"
    filed(path, 28).close()
    damage(path, statement)
    with open_corpus(path) as reader, pytest.raises(IndexDamaged):
        reader.facets()
    with open_corpus(path, write=True) as writer:
        while writer.index():
            pass
        assert writer.facets().total == 28


def filed(path: Path, count: int) -> Corpus:
    """A corpus, open for writing, with so many articles that are indexed."""
    corpus = open_corpus(path, write=True, create=True)
    subscribe(corpus, source())
    (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S)
    poll(corpus, feed, *(discovery(f"n{number}") for number in range(count)))
    for number, page in enumerate(lease_pages(corpus)):
        cut = article(f"Report {number}", tags=("sea",), authors=("Ann Lee",), language="en")
        file_article(corpus, page, cut)
    while corpus.index():
        pass
    return corpus


def damage(path: Path, statement: str) -> None:
    """Do that to the search index."""
    with contextlib.closing(sqlite3.connect(index_path(path))) as connection, connection:
        connection.execute(statement)


def test_who_serves_reads_the_index_that_was_made_anew_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    filed(path, 3).close()
    readers = Readers(path)
    with readers.borrow() as corpus:
        assert corpus.count("report") == 3
    before = readers.version()
    with open_corpus(path, write=True) as writer:
        writer.rebuild(copies.prints, copies.VERSION)
        while writer.index():
            pass
        another(writer, "late")
        while writer.index():
            pass
    with readers.borrow() as corpus:
        assert corpus.count("report") == corpus.facets("report").total == 4
    assert readers.version() != before
    readers.close()


def another(corpus: Corpus, name: str) -> None:
    """File one more report, and leave it to be indexed."""
    at = NOW + timedelta(days=1)
    (feed,) = corpus.lease_feeds(at, 1, LEASE_S)
    poll(corpus, feed, discovery(name), at=at)
    (page,) = lease_pages(corpus, at)
    file_article(corpus, page, article(f"The report of {name}"), at=at)


def test_facets_are_counted_anew_once_what_was_filed_is_indexed(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    with filed(path, 3) as writer, open_corpus(path) as reader:
        another(writer, "late")
        assert [asked.facets("report").total for asked in (reader, writer)] == [3, 3]
        while writer.index():
            pass
        assert [asked.facets("report").total for asked in (reader, writer)] == [4, 4]


def test_the_index_knows_no_text_that_the_corpus_lacks_at_the_moment_of_a_question(tmp_path: Path) -> None:
    path = tmp_path / "corpus.db"
    with filed(path, 3) as writer, open_corpus(path) as reader:
        assert isinstance(reader, SqliteCorpus)
        with reader._snapshot():
            assert reader.article(1) is not None  # the moment of the corpus, if not before
            another(writer, "late")
            while writer.index():
                pass
            assert reader.count("report") == len(reader.search("report")) == reader.facets("report").total == 3
        assert reader.count("report") == len(reader.search("report")) == 4
