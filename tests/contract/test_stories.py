"""What the corpus promises about stories: who ran each first, in which order it spread, and one row of each."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest
from contract.copying import Press
from contract.scenes import A_DAY, HOUR, NOW, article

from storage import Address, Article, Corpus, Link, LinkKind, Placement, Query

DAY = timedelta(days=1)


@pytest.fixture
def press(corpus: Corpus) -> Press:
    """Files articles into an empty corpus."""
    return Press(corpus)


def put(
    corpus: Corpus,
    press: Press,
    cut: Article,
    *links: Link,
    story: int | None = None,
    at: datetime = NOW,
    key: str = "",
) -> int:
    """File an article into a story, first seen at that time, known by another key too."""
    with corpus.filing() as filing:
        article_id = press.file_in(filing, cut, Placement(story, links), at=at)
        if key:
            filing.confirm_article(article_id, [Address(f"https://{key}", key, "canonical")], at)
    return article_id


def spread(corpus: Corpus, press: Press) -> list[int]:
    """A story of four on three sites, one of two, and one that nobody copied."""
    first = put(corpus, press, article("The ferry was late", published=NOW - 2 * HOUR, site="a.example", language="en"))
    ids = [
        first,
        put(corpus, press, article("Ferry late", published=NOW - 5 * HOUR, site="b.example"), story=first),
        put(corpus, press, article("Ferry late again", site="b.example"), story=first),
        put(
            corpus, press, article("Late ferry", published=NOW - 3 * HOUR, site="c.example", language="fr"), story=first
        ),
        put(corpus, press, article("Nobody copied the ferry", published=NOW - DAY, site="a.example")),
        put(corpus, press, article("Rain", title="Weather", published=NOW - HOUR, site="a.example")),
    ]
    ids.append(
        put(corpus, press, article("Rain today", title="Weather", published=NOW, site="b.example"), story=ids[5])
    )
    while corpus.index():
        pass
    return ids


def test_d12_a_story_has_its_copies_in_the_order_in_which_they_ran(corpus: Corpus, press: Press) -> None:
    one, two, three, four, *_ = spread(corpus, press)
    story = corpus.story(one)
    assert story is not None
    assert [copy.article.id for copy in story.copies] == [two, four, one, three]
    assert [copy.ran for copy in story.copies] == [NOW - 5 * HOUR, NOW - 3 * HOUR, NOW - 2 * HOUR, NOW]
    assert (story.id, story.first.article.id, story.total, story.first.article.text) == (one, two, 4, "Ferry late")
    page = corpus.story(one, limit=1, offset=2)
    assert page is not None
    assert ([copy.article.id for copy in page.copies], page.first.article.id, page.total) == ([one], two, 4)
    assert corpus.story(two) is None


@pytest.mark.parametrize(
    ("published", "ran"),
    [
        (NOW - HOUR, NOW - HOUR),
        (NOW, NOW),
        (NOW + HOUR, NOW),
        (NOW + 400 * DAY, NOW),
        (None, NOW),
        ((NOW - DAY).date(), (NOW - DAY).replace(hour=23, minute=59, second=59)),
        (NOW.date(), NOW),
        ((NOW + DAY).date(), NOW),
        (NOW - timedelta(hours=1, microseconds=5), NOW - timedelta(hours=1, microseconds=5)),
    ],
)
def test_d12_an_article_ran_when_it_says_but_never_after_it_was_seen(
    corpus: Corpus, press: Press, published: datetime | None, ran: datetime
) -> None:
    first = put(corpus, press, article(published=published))
    story = corpus.story(first)
    assert story is not None
    assert story.first.ran == ran


def test_d12_a_day_without_a_time_is_not_before_a_time_of_that_day(corpus: Corpus, press: Press) -> None:
    day = put(corpus, press, article("a", published=A_DAY))
    timed = put(corpus, press, article("b", published=datetime.fromisoformat(f"{A_DAY}T22:00:00+00:00")), story=day)
    later = put(corpus, press, article("c", published=A_DAY), story=day)
    story = corpus.story(day)
    assert story is not None
    assert [copy.article.id for copy in story.copies] == [timed, day, later]


def test_stories_are_those_that_were_copied_the_widest_first(corpus: Corpus, press: Press) -> None:
    one, two, *_, rain, _ = spread(corpus, press)
    found = corpus.stories()
    assert [(each.id, each.copies, each.sites) for each in found] == [(one, 4, 3), (rain, 2, 2)]
    assert [(each.first.id, each.first.title, each.first.site, each.first.word_count) for each in found] == [
        (two, "Ferry late", "b.example", 2),
        (rain, "Weather", "a.example", 1),
    ]
    assert [(each.first.ran, each.last_ran) for each in found] == [(NOW - 5 * HOUR, NOW), (NOW - HOUR, NOW)]
    assert [each.id for each in corpus.stories(sort="newest")] == [rain, one]
    assert [each.id for each in corpus.stories(sort="oldest")] == [one, rain]
    assert [each.id for each in corpus.stories(limit=1, offset=1)] == [rain]
    assert corpus.count_stories() == 2


def test_a_story_is_found_by_any_of_its_articles_and_counted_whole(corpus: Corpus, press: Press) -> None:
    one, *_, rain, _ = spread(corpus, press)

    def found(query: Query | str) -> list[tuple[int, int]]:
        stories = corpus.stories(query)
        assert len(stories) == corpus.count_stories(query)
        return [(each.id, each.copies) for each in stories]

    assert found(Query(language="fr")) == [(one, 4)]
    assert found(Query(since=NOW)) == [(one, 4), (rain, 2)]
    assert found(Query(until=NOW - 4 * HOUR)) == [(one, 4)]
    assert found("rain") == [(rain, 2)]
    assert found("nobody") == []
    assert found(Query(source="Brought")) == [(one, 4), (rain, 2)]
    assert found(Query(source="Nobody")) == []


def test_d12_one_per_story_is_the_one_that_ran_first_of_those_that_match(corpus: Corpus, press: Press) -> None:
    one, two, three, four, alone, rain, _ = spread(corpus, press)

    def found(query: Query | str) -> list[int]:
        exported = [each.id for each in corpus.articles(query, one_per_story=True)]
        for sort in ("relevance", "newest", "oldest"):
            assert sorted(each.id for each in corpus.search(query, sort=sort, one_per_story=True)) == exported
        assert corpus.count(query, one_per_story=True) == len(exported)
        return exported

    assert found("") == [two, alone, rain]
    assert found("ferry") == [two, alone]
    assert found("late -again") == [two, alone]
    assert found(Query(language="fr")) == [four]
    assert found(Query("ferry", site="a.example")) == [one, alone]
    assert found(Query(since=NOW - 2 * HOUR)) == [one, rain]
    assert found("again") == [three]
    assert found("ferry tag:none") == []
    assert found("zeppelin") == []


@pytest.mark.parametrize("query", ["", "ferry", Query(source="Brought")])
@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_d12_folded_pages_follow_each_other_without_gap_or_repetition(
    corpus: Corpus, press: Press, query: Query | str, sort: str
) -> None:
    firsts = []
    for number in range(9):
        firsts.append(put(corpus, press, article(f"ferry {number}", published=NOW - (number % 4) * HOUR)))
        for copy in range(number % 3):
            put(corpus, press, article(f"ferry {number}", published=NOW - copy * HOUR), story=firsts[-1])
    for indexed in (False, True):
        if query == "ferry" and not indexed:
            continue
        while indexed and corpus.index():
            pass
        whole = [each.id for each in corpus.search(query, sort=sort, one_per_story=True)]  # type: ignore[arg-type]
        pages = [
            [each.id for each in corpus.search(query, sort=sort, limit=2, offset=offset, one_per_story=True)]  # type: ignore[arg-type]
            for offset in range(0, 12, 2)
        ]
        assert list(itertools.chain.from_iterable(pages)) == whole
        stories = [found.story_id for each in whole if (found := corpus.article(each))]
        assert sorted(stories) == sorted(firsts)
        unfolded = [each.id for each in corpus.search(query, sort=sort, limit=100)]  # type: ignore[arg-type]
        assert whole == [each for each in unfolded if each in whole]


def test_links_are_told_both_ways_the_strongest_first(corpus: Corpus, press: Press) -> None:
    one = put(corpus, press, article("One", site="a.example"))
    two = put(corpus, press, article("Two"), Link(one, LinkKind.RELATED, 0.2, 0.1, 9))
    three = put(
        corpus,
        press,
        article("Three"),
        Link(two, LinkKind.EXCERPT, 0.6, 0.1, 40),
        Link(one, LinkKind.COPY, 0.9, 0.8, 99),
    )
    assert [(tie.kind, tie.other.id, tie.is_backward) for tie in corpus.links(three)] == [
        (LinkKind.COPY, one, True),
        (LinkKind.EXCERPT, two, True),
    ]
    assert [(tie.kind, tie.other.id, tie.is_backward) for tie in corpus.links(two)] == [
        (LinkKind.EXCERPT, three, False),
        (LinkKind.RELATED, one, True),
    ]
    (first, _) = corpus.links(one)
    assert (first.other.site, first.other.title, first.containment, first.shared_words) == (
        "p3.example",
        "Ferry late",
        0.9,
        99,
    )
    assert corpus.links(99) == []
    story = corpus.story(one)
    assert story is not None
    assert story.first.links == tuple(corpus.links(one))


def test_d2_an_origin_is_linked_whichever_was_filed_first_and_changes_no_identity(corpus: Corpus, press: Press) -> None:
    named = {"syndicated_from": "https://wire.example/story?x=1", "origin_key": "wire.example/story"}
    early = put(corpus, press, article("Copy", **named))
    assert corpus.links(early) == []
    origin = put(corpus, press, article("Original"), key="wire.example/story")
    late = put(corpus, press, article("Copy too", **named))
    for copy in (early, late):
        (tie,) = corpus.links(copy)
        assert (tie.kind, tie.other.id, tie.is_backward, tie.containment) == (
            LinkKind.SYNDICATED_FROM,
            origin,
            True,
            None,
        )
    assert [(tie.kind, tie.other.id, tie.is_backward) for tie in corpus.links(origin)] == [
        (LinkKind.SYNDICATED_FROM, early, False),
        (LinkKind.SYNDICATED_FROM, late, False),
    ]
    owner = corpus.article_at("wire.example/story")
    assert owner is not None
    assert owner.id == origin
    assert len({found.story_id for found in corpus.articles()}) == 3


def test_an_article_that_names_itself_as_its_origin_has_no_link(corpus: Corpus, press: Press) -> None:
    itself = put(corpus, press, article("Text", origin_key="own.example/story"), key="own.example/story")
    assert corpus.links(itself) == []


def test_a_measured_link_and_a_claim_to_the_same_article_are_both_told(corpus: Corpus, press: Press) -> None:
    origin = put(corpus, press, article("Original"), key="wire.example/story")
    copy = put(
        corpus,
        press,
        article("Copy", origin_key="wire.example/story"),
        Link(origin, LinkKind.COPY, 1.0, 0.9, 50),
        story=origin,
    )
    assert [(tie.kind, tie.other.id) for tie in corpus.links(copy)] == [
        (LinkKind.COPY, origin),
        (LinkKind.SYNDICATED_FROM, origin),
    ]
