"""What the corpus promises about pages of results, facets, the time line and what rises."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from contract.conftest import Opener
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe

from storage import Bar, Corpus, Facet, Query, QueryError, Sort

DAY = timedelta(days=1)


@pytest.fixture
def ids(corpus: Corpus) -> list[int]:
    """Six articles of two sources on six days, of which the first two are one story, all indexed."""
    subscribe(corpus, source("Harbour", tags=("sea",)), source("Ledger"))
    found: list[int] = []
    for feed in corpus.lease_feeds(NOW, 5, LEASE_S):
        host = f"{feed.source.lower()}.example"
        poll(corpus, feed, *(discovery(f"p{number}", host) for number in range(3)))
    for number, page in enumerate(sorted(lease_pages(corpus), key=lambda page: page.url)):
        cut = article(
            f"Report {number}: the ferry was late.",
            published=NOW - 20 * number * DAY,
            language="en" if number < 4 else "fr",
            site=page.host,
            authors=("Ann Lee", "Bo Li") if number % 2 else ("Ann Lee",),
            tags=("Ships",) if number < 2 else ("ships",) if number == 2 else (),
        )
        found.append(file_article(corpus, page, cut, story_id=found[0] if number == 1 else None))
    index(corpus)
    return found


def index(corpus: Corpus) -> None:
    while corpus.index():
        pass


def another(corpus: Corpus, name: str, at: datetime = NOW + DAY, *, is_indexed: bool = True, **more: Any) -> int:
    """One more article, filed and indexed now."""
    feed = corpus.lease_feeds(at, 1, LEASE_S)[0]
    poll(corpus, feed, discovery(name), at=at)
    (page,) = lease_pages(corpus, at)
    filed = file_article(corpus, page, article(f"The ferry of {name}.", **more), at=at)
    if is_indexed:
        index(corpus)
    return filed


def paged(
    corpus: Corpus,
    query: Query | str = "",
    *,
    sort: Sort = "newest",
    one_per_story: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[int]:
    """The ids of all pages of two; `meanwhile` happens between the first and the second."""
    found: list[int] = []
    after = None
    while True:
        page = corpus.page(query, sort=sort, limit=2, after=after, one_per_story=one_per_story)
        found += [each.id for each in page.articles]
        if page.next is None:
            return found
        if after is None:
            meanwhile()
        after = page.next


@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
@pytest.mark.parametrize("query", ["", "ferry", Query("ferry", language="en"), "zeppelin"])
@pytest.mark.parametrize("one_per_story", [False, True])
def test_pages_are_the_search_in_pieces(
    corpus: Corpus, ids: list[int], query: Query | str, sort: Sort, one_per_story: bool
) -> None:
    whole = corpus.search(query, sort=sort, one_per_story=one_per_story)
    assert paged(corpus, query, sort=sort, one_per_story=one_per_story) == [each.id for each in whole]


@pytest.mark.parametrize("query", ["", "ferry"])
@pytest.mark.parametrize("sort", ["newest", "oldest", "relevance"])
def test_no_article_comes_twice_or_is_passed_over_while_others_are_filed(
    corpus: Corpus, ids: list[int], query: str, sort: Sort
) -> None:
    found = paged(
        *(corpus, query),
        sort=sort,
        meanwhile=lambda: [
            another(corpus, f"late{n}", NOW + (1 + n) * DAY, published=NOW - (3 + 50 * n) * DAY) for n in range(3)
        ],
    )
    assert sorted(set(found)) == sorted(found)
    assert set(ids) <= set(found)


def test_by_filing_articles_come_in_the_order_of_their_ids_however_they_are_dated(
    corpus: Corpus, ids: list[int]
) -> None:
    first = corpus.page("ferry", sort="first-filed", limit=4)
    last = corpus.page("", sort="last-filed", limit=4)
    late = another(corpus, "late", published=date(1999, 1, 1), title="Of long ago")
    assert [one.id for one in first.articles] == sorted(ids)[:4]
    assert [one.id for one in corpus.page("ferry", sort="first-filed", after=first.next).articles] == [
        *sorted(ids)[4:],
        late,
    ]
    assert [one.id for one in last.articles] == sorted(ids)[:1:-1]
    assert [one.id for one in corpus.page(sort="last-filed", after=last.next).articles] == sorted(ids)[1::-1]
    assert corpus.search("ferry", sort="last-filed", limit=1)[0].id == late


def test_the_version_is_another_once_something_was_written(corpus: Corpus, ids: list[int], opened: Opener) -> None:
    reader = opened()
    for asked in (corpus, reader):
        before = asked.version()
        assert asked.version() == before
        asked.search("ferry")
        assert asked.version() == before
        filed = another(corpus, f"new{asked is reader}", NOW + DAY * (1 + (asked is reader)), is_indexed=False)
        assert (unindexed := asked.version()) != before
        index(corpus)
        assert asked.version() != unindexed
        assert filed in [one.id for one in asked.search("ferry")]


def test_a_page_shows_what_search_shows(corpus: Corpus, ids: list[int]) -> None:
    assert corpus.page("ferry", sort="newest", limit=6).articles == tuple(corpus.search("ferry", sort="newest"))
    assert corpus.page("ferry", limit=6).next is None


@pytest.mark.parametrize("after", ["", "x", "WyJyIl0", "é", "A" * 10_000, "W1tbW1tbW1tb", "bnVsbA"])
def test_what_is_no_cursor_is_refused(corpus: Corpus, ids: list[int], after: str) -> None:
    with pytest.raises(QueryError, match="no cursor"):
        corpus.page("ferry", after=after)


def test_a_cursor_of_another_order_is_refused(corpus: Corpus, ids: list[int]) -> None:
    after = corpus.page("ferry", sort="newest", limit=2).next
    with pytest.raises(QueryError, match="order newest"):
        corpus.page("ferry", sort="oldest", limit=2, after=after)


@pytest.mark.parametrize("is_indexed", [True, False])
def test_facets_count_what_matches(corpus: Corpus, ids: list[int], is_indexed: bool) -> None:
    if not is_indexed:
        late = another(corpus, "late", is_indexed=False, language="en", site="harbour.example", published=NOW)
        assert late not in ids
    facets = corpus.facets(Query(until=NOW - DAY))
    assert (facets.total, facets.is_exact) == (5, True)
    assert facets.counts["source"] == (Facet("Ledger", 3), Facet("Harbour", 2))
    assert facets.counts["site"] == (Facet("ledger.example", 3), Facet("harbour.example", 2))
    assert facets.counts["language"] == (Facet("en", 3), Facet("fr", 2))
    assert facets.counts["tag"] == (Facet("Ships", 2), Facet("sea", 2))
    assert facets.counts["author"] == (Facet("Ann Lee", 5), Facet("Bo Li", 3))
    assert facets.counts["month"][0].value > facets.counts["month"][-1].value
    assert sum(facet.count for facet in facets.counts["month"]) == 5


def test_facets_give_the_fields_and_as_many_values_as_asked(corpus: Corpus, ids: list[int]) -> None:
    facets = corpus.facets("ferry", limit=1, fields=["author", "language"])
    assert dict(facets.counts) == {"language": (Facet("en", 4),), "author": (Facet("Ann Lee", 6),)}
    nothing_but_the_total = corpus.facets("ferry", fields=())
    assert (nothing_but_the_total.total, nothing_but_the_total.counts) == (6, {})
    assert corpus.facets("zeppelin").total == 0


def test_a_facet_is_a_filter_that_finds_what_it_counts(corpus: Corpus, ids: list[int]) -> None:
    facets = corpus.facets("ferry")
    for name in ("source", "site", "language", "tag"):
        for facet in facets.counts[name]:
            assert corpus.count(Query("ferry", **{name: facet.value})) == facet.count, (name, facet)


def test_a_misspelt_order_or_field_is_refused_and_those_that_there_are_named(corpus: Corpus, ids: list[int]) -> None:
    wrong: Any = "best"
    asked: list[tuple[Callable[[], object], str]] = [
        (lambda: corpus.search("ferry", sort=wrong), "oldest"),
        (lambda: corpus.page("ferry", sort=wrong), "last-filed"),
        (lambda: corpus.stories("ferry", sort=wrong), "widest"),
        (lambda: corpus.facets("ferry", fields=["tag", wrong]), "author"),
        (lambda: corpus.timeline("ferry", by=wrong), "week"),
    ]
    for ask, named in asked:
        with pytest.raises(QueryError, match=f"'best': there is none; there are .*{named}"):
            ask()


def test_a_tag_is_one_in_whatever_capitals_and_form_for_facets_as_for_filters(corpus: Corpus) -> None:
    subscribe(corpus, source("Harbour", tags=("Økonomi",)))
    tags = [
        ("été", "ΣΊΣΥΦΟΣ"),
        ("ÉTÉ", "økonomi"),
        ("e\u0301te\u0301", "σίσυφος"),
        ("strasse", "x\x00y"),
        ("Straße",),
        ("ete",),
    ]
    (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S)
    poll(corpus, feed, *(discovery(f"p{number}") for number in range(len(tags))))
    for own, page in zip(tags, lease_pages(corpus), strict=True):
        file_article(corpus, page, article(f"The ferry of {own}.", tags=own, published=date(999, 5, 5)))
    for _ in range(2):
        facets = corpus.facets(limit=100)
        counted = {facet.value: facet.count for facet in facets.counts["tag"]}
        assert sorted(counted.values()) == [1, 1, 2, 2, 3, 6]
        for tag, count in counted.items():
            assert corpus.count(Query(tag=tag)) == corpus.count(Query(tag=tag.swapcase())) == count, tag
        assert facets.counts["month"] == (Facet("0999-05", 6),)
        index(corpus)


def test_the_time_line_has_no_holes_and_counts_everything(corpus: Corpus, ids: list[int]) -> None:
    line = corpus.timeline("ferry")
    assert (line.by, line.total, line.is_exact) == ("day", 6, True)
    assert len(line.bars) == 101
    assert line.bars[0].start == (NOW - 100 * DAY).date()
    assert all(former.end == bar.start for former, bar in zip(line.bars, line.bars[1:], strict=False))
    assert [bar.count for bar in line.bars if bar.count] == [1] * 6
    assert corpus.timeline("zeppelin").bars == ()
    by_year = corpus.timeline(by="year")
    assert sum(bar.count for bar in by_year.bars) == 6
    assert by_year.bars[-1] == Bar(date(NOW.year, 1, 1), date(NOW.year + 1, 1, 1), by_year.bars[-1].count)


def test_each_bar_counts_what_its_dates_find(corpus: Corpus, ids: list[int]) -> None:
    for bar in corpus.timeline("ferry", by="month").bars:
        assert corpus.count(Query("ferry", since=bar.start, until=bar.end)) == bar.count


def test_a_word_that_several_stories_of_several_sites_begin_with_rises(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = corpus.lease_feeds(NOW, 1, LEASE_S)[0]
    poll(corpus, feed, *(discovery(f"n{n:02}", f"s{n % 3}.example") for n in range(60)))
    for number, page in enumerate(sorted(lease_pages(corpus), key=lambda page: page.url.rpartition("/")[2])):
        is_new = number < 12
        told = f"The ferry {'strike' if is_new and number % 2 else 'sails'} today"
        cut = article(f"{told}, number {number}.", title=told, published=NOW - (1 if is_new else 20) * DAY)
        file_article(corpus, page, cut)
    index(corpus)
    (trend,) = corpus.trends(now=NOW)
    assert (trend.term, trend.count) == ("strike", 6)
    assert corpus.trends(now=NOW + 300 * DAY) == []
