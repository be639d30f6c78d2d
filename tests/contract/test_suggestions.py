"""What the corpus promises about searches that slipped."""

from __future__ import annotations

import time

import pytest
from contract.conftest import Opener
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe

from storage import Corpus, QueryError

TEXTS = (
    "The harbour of Zürich was closed because the ferry was late, and the ferries, too.",
    "Ships in the harbour. The Harbour Board met President Kowalczyk about parliamentary elections.",
    "Порт Мурманска закрыт, паром опоздал.",
    "東京五輪の開催は来年に延期された。",
    "אוניה בנמל חיפה",
    "Ο λιμένας της Θεσσαλονίκης",
)


def fill(corpus: Corpus) -> None:
    subscribe(corpus, source("Harbour Courier", "https://courier.example/feed", tags=("shipping",)), source("Ledger"))
    for number, feed in enumerate(corpus.lease_feeds(NOW, 5, LEASE_S)):
        places = [place for place in range(len(TEXTS)) if place % 2 == number]
        poll(corpus, feed, *(discovery(f"p{place}", f"p{place}.example") for place in places))
    pages = sorted(lease_pages(corpus), key=lambda page: page.host)
    for page, text, language in zip(pages, TEXTS, ("en-GB", "en", "ru", "ja", "he", "el"), strict=True):
        cut = article(text, title="Late ferry", language=language, site=page.host, authors=("Ada Müller",))
        file_article(corpus, page, cut)
    while corpus.index():
        pass


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("harbor", "harbour"),
        ("harbuor", "harbour"),
        ("Harborr", "Harbour"),
        ("FERY", "FERRY"),
        ("hrabuor board", "harbour board"),
        ("parlamentry election", "parliamentary elections"),
        ("zurihc", "zurich"),
        ("Мурманксе", "Мурманска"),
        ("חיפא", "חיפה"),
        ("Θεσαλονικης", "Θεσσαλονικης"),
        ('"harbor board"', '"harbour board"'),
        ("(harbor OR zeppelin) -rain", "(harbour OR zeppelin) -rain"),
        ("harbuo*", "harbou*"),
        ("title:fery", "title:ferry"),
        ("author:muler", "author:muller"),
        ("harbourboard", "harbour board"),
        ("source:courier ferry", 'source:"Harbour Courier" ferry'),
        ('source:"Harbor Courier"', 'source:"Harbour Courier"'),
        ("source:ledgr", "source:Ledger"),
        ("tag:shiping", "tag:shipping"),
        ("language:english", "language:en"),
        ("language:deutsch OR language:russian", "language:deutsch OR language:ru"),
        ("site:p1.exampel", "site:p1.example"),
        ("lang:en ferry", "language:en ferry"),
        ("lang:en fery -source:Nobody", "language:en ferry -source:Nobody"),
    ],
)
def test_what_slipped_is_put_right(corpus: Corpus, typed: str, meant: str) -> None:
    fill(corpus)
    suggested = corpus.did_you_mean(typed)
    assert suggested is not None
    assert suggested.casefold() == meant.casefold()
    assert corpus.count(suggested) > 0


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "harbour",
        "!!!",
        "zeppelin",
        "xq",
        "12345",
        "harbour мурманска",
        "-zepelin -harbour",
        "source:Nobody",
        "京東",
    ],
)
def test_nothing_is_suggested_where_nothing_is_better(corpus: Corpus, typed: str) -> None:
    fill(corpus)
    assert corpus.did_you_mean(typed) is None


def test_a_frequent_word_is_preferred(corpus: Corpus) -> None:
    fill(corpus)
    assert corpus.did_you_mean("ferryy") == "ferry"
    assert corpus.did_you_mean("ferriy") == "ferry"


def test_what_cannot_be_read_is_refused_as_by_a_search(corpus: Corpus) -> None:
    fill(corpus)
    with pytest.raises(QueryError):
        corpus.did_you_mean("harbor since:yesterday")


def test_a_reader_suggests_too_and_an_empty_corpus_nothing(corpus: Corpus, opened: Opener) -> None:
    assert corpus.did_you_mean("harbor") is None
    fill(corpus)
    assert opened().did_you_mean("harbor") == "harbour"


def test_s14_whatever_was_typed_is_answered_in_time(corpus: Corpus) -> None:
    """S14"""
    fill(corpus)
    typed = (
        "x" * 100_000,
        "harbxr " * 5_000,
        "\x00\ud800'\";--",
        "title:(" * 900,
        "ab* " * 900,
        "é" * 40 + " 日本語" * 99,
    )
    for text in (*typed, " ".join(f"wxyzab{number}" for number in range(900))):
        start = time.perf_counter()
        corpus.did_you_mean(text)
        assert time.perf_counter() - start < 1
