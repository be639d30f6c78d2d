"""What the corpus promises about searching; what a typed text means is in `tests/test_search.py`."""

from __future__ import annotations

from datetime import timedelta

from contract.conftest import Opener
from contract.scenes import (
    LEASE_S,
    NOW,
    article,
    discovered,
    discovery,
    file_article,
    lease_pages,
    poll,
    source,
    subscribe,
)

from storage import SNIPPET_END, SNIPPET_START, Corpus, Query

DAY = timedelta(days=1)


def fill(corpus: Corpus) -> list[int]:
    """Three articles of two sources; the first two are one story."""
    subscribe(corpus, source("Harbour", tags=("sea",)), source("Ledger"))
    for feed, name in zip(corpus.lease_feeds(NOW, 5, LEASE_S), ("a", "b"), strict=True):
        poll(corpus, feed, discovery(name, f"{name}.example"))
    feed = corpus.lease_feeds(NOW, 1, LEASE_S, polled_before=NOW + DAY)[0]
    poll(corpus, feed, discovery("c", "c.example"))
    ids = []
    texts = ["The ferry was late.", "The ferry was late.", "Rain over Libya, and a ferry."]
    for number, page in enumerate(sorted(lease_pages(corpus), key=lambda page: page.host)):
        cut = article(
            texts[number], published=NOW - number * DAY, language="en" if number < 2 else "fr", site=page.host
        )
        ids.append(file_article(corpus, page, cut, story_id=ids[0] if number == 1 else None))
    while corpus.index():
        pass
    return ids


def found(corpus: Corpus, query: Query | str) -> set[int]:
    """The ids that a search, a count and a stream agree on."""
    ids = {each.id for each in corpus.search(query)}
    assert ids == {each.id for each in corpus.articles(query)}
    assert len(ids) == corpus.count(query)
    return ids


def test_words_and_filters_find_what_they_name(corpus: Corpus) -> None:
    first, second, third = fill(corpus)
    assert found(corpus, "") == {first, second, third}
    assert found(corpus, "libya") == {third}
    assert found(corpus, "ferry -libya") == {first, second}
    assert found(corpus, "zeppelin") == set()
    assert found(corpus, Query(language="fr")) == {third}
    assert found(corpus, Query("ferry", site="b.example")) == {second}
    assert found(corpus, Query(source="Ledger")) == {second}
    assert found(corpus, Query(tag="sea")) == {first, third}
    assert found(corpus, Query(story=first)) == {first, second}
    assert found(corpus, Query(since=NOW.date())) == {first}
    assert found(corpus, Query(since=NOW - DAY, until=NOW)) == {second}


def test_results_come_in_order_with_snippet_and_score(corpus: Corpus) -> None:
    first, second, third = fill(corpus)
    assert [each.id for each in corpus.search("", sort="newest")] == [first, second, third]
    assert [each.id for each in corpus.search("ferry", sort="oldest", limit=2)] == [third, second]
    assert [each.id for each in corpus.search("", sort="newest", limit=1, offset=1)] == [second]
    (hit,) = corpus.search("libya")
    assert hit.snippet == f"Rain over {SNIPPET_START}Libya{SNIPPET_END}, and a ferry."
    assert hit.score is not None


def test_d12_one_of_each_story_is_the_one_that_ran_first(corpus: Corpus) -> None:
    _, second, third = fill(corpus)
    assert [each.id for each in corpus.articles(one_per_story=True)] == [second, third]


def test_an_article_is_found_by_its_new_text_after_a_revision(corpus: Corpus) -> None:
    first, *_ = fill(corpus)
    with corpus.filing() as filing:
        filing.revise_article(first, article("The zeppelin was late.", title="Zeppelin"), [], NOW)
    assert corpus.totals().unindexed == 1
    assert corpus.index() == 0
    assert found(corpus, "zeppelin") == {first}
    assert first not in found(corpus, "ferry")


def test_what_is_not_indexed_yet_is_counted_and_indexed_in_steps(corpus: Corpus) -> None:
    discovered(corpus, *(discovery(f"p{number}") for number in range(5)))
    for page in lease_pages(corpus):
        file_article(corpus, page, article(f"Ferry {page.key}"))
    assert corpus.totals().unindexed == 5
    assert [corpus.index(2), corpus.index(2), corpus.index(2)] == [3, 1, 0]
    assert corpus.count("ferry") == 5


def test_a_reader_searches_beside_the_writer(corpus: Corpus, opened: Opener) -> None:
    fill(corpus)
    reader = opened()
    assert [each.title for each in reader.search("libya")] == ["Ferry late"]
    assert reader.totals().unindexed == 0
