"""Whatever is joined, excluded and nested finds the articles that a plain reading of it finds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from storage import SNIPPET_START, Corpus, StoredArticle, notices, open_corpus
from storage.folding import words_of
from storage.search import MAX_FILTERS

WORDS = ("ferry", "harbour", "strike", "libya", "rain", "mayor")
TEXTS = 24
DAY = timedelta(days=1)


pytestmark = pytest.mark.xdist_group("tree")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Articles of few words in every combination, from two sources."""
    chosen = random.Random(28)
    path: Path = tmp_path_factory.mktemp("tree") / "cuttings.db"
    with open_corpus(path, write=True) as opened:
        subscribe(opened, source("Port Gazette", "https://gazette.example/feed", tags=("sea",)), source("Ledger"))
        for number, feed in enumerate(opened.lease_feeds(NOW, 5, LEASE_S)):
            names = [f"p{place}" for place in range(TEXTS) if place % 2 == number]
            poll(opened, feed, *(discovery(name, f"{name}.example") for name in names))
        first = None
        for number, page in enumerate(sorted(lease_pages(opened), key=lambda page: int(page.host[1:].split(".")[0]))):
            cut = article(
                f"{number} " + " ".join(chosen.choices(WORDS, k=3)),
                title=" ".join(chosen.choices(WORDS, k=1)),
                published=NOW - chosen.randrange(3) * DAY if chosen.random() < 0.8 else None,
                language=chosen.choice(("en-GB", "en", "fr", None)),
                site=chosen.choice(("a.example", "b.example")),
                authors=chosen.choice(((), ("Ada Mayor",))),
                tags=chosen.choice(((), ("Strike",))),
                image=chosen.choice((None, "https://a.example/i.png")),
            )
            made = file_article(opened, page, cut, story_id=first if chosen.random() < 0.3 else None)
            first = first or made
        while opened.index():
            pass
        yield opened


Judge = Callable[[StoredArticle], bool]
Typed = tuple[str, Judge]


def word(text: str, column: str | None = None, *, prefix: bool = False) -> Judge:
    """Whether the words of a text stand next to each other in one column, or in any."""
    wanted = words_of(text)

    def stands(found: list[str]) -> bool:
        for place in range(len(found) - len(wanted) + 1):
            here = found[place : place + len(wanted)]
            if here[:-1] == wanted[:-1] and (here[-1].startswith(wanted[-1]) if prefix else here[-1] == wanted[-1]):
                return True
        return False

    def judge(one: StoredArticle) -> bool:
        own_tags = [tag for tag in one.tags if tag != "sea"]
        columns = {"title": [one.title or ""], "text": [one.text], "authors": one.authors, "tags": own_tags}
        return any(
            stands(words_of(value)) for name, values in columns.items() if column in (None, name) for value in values
        )

    return judge


def judged(typed: str, judge: Judge) -> Typed:
    return typed, judge


WORD = st.one_of(
    st.sampled_from([judged(one, word(one)) for one in (*WORDS, "zeppelin")]),
    st.sampled_from([judged(f"title:{one}", word(one, "title")) for one in WORDS]),
    st.sampled_from([judged(f'"{one} {two}"', word(f"{one} {two}")) for one in WORDS[:3] for two in WORDS[:3]]),
    st.sampled_from([judged(f"{one[:3]}*", word(one[:3], prefix=True)) for one in WORDS[:2]]),
    st.just(judged("author:mayor", word("mayor", "authors"))),
)
FILTER: st.SearchStrategy[Typed] = st.sampled_from(
    [
        judged("source:Ledger", lambda one: "Ledger" in one.sources),
        judged('source:"Port Gazette"', lambda one: "Port Gazette" in one.sources),
        judged("site:a.example", lambda one: one.site == "a.example"),
        judged("language:en", lambda one: (one.language or "").startswith("en")),
        judged("language:en-GB", lambda one: one.language == "en-GB"),
        judged("tag:sea", lambda one: "sea" in one.tags),
        judged("tag:strike", lambda one: "Strike" in one.tags),
        judged(f"since:{NOW.date()}", lambda one: str(one.published or one.first_seen)[:10] >= str(NOW.date())),
        judged(f"until:{NOW.date()}", lambda one: str(one.published or one.first_seen)[:10] < str(NOW.date())),
        judged("story:1", lambda one: one.story_id == 1),
        judged("has:author", lambda one: bool(one.authors)),
        judged("has:image", lambda one: one.image is not None),
        judged("has:date", lambda one: one.published is not None),
        judged("has:copies", lambda one: one.copies > 1),
        judged("has:revisions", lambda one: one.revision > 1),
        judged("has:description", lambda one: bool(one.description)),
        judged("has:language", lambda one: one.language is not None),
        judged("has:tags", lambda one: bool(one.tags)),
        judged("has:title", lambda one: bool(one.title)),
    ]
)


def negated(one: Typed) -> Typed:
    """`--word` says the same as `-word`: only parentheses negate twice."""
    typed = f"({one[0]})" if one[0].startswith("-") else one[0]
    return f"-{typed}", lambda found: not one[1](found)


def both(parts: list[Typed]) -> Typed:
    return f"({' '.join(typed for typed, _ in parts)})", lambda one: all(judge(one) for _, judge in parts)


def either(parts: list[Typed]) -> Typed:
    return f"({' OR '.join(typed for typed, _ in parts)})", lambda one: any(judge(one) for _, judge in parts)


TREE = st.recursive(
    WORD | FILTER,
    lambda inner: st.one_of(
        inner.map(negated),
        st.lists(inner, min_size=2, max_size=3).map(both),
        st.lists(inner, min_size=2, max_size=3).map(either),
    ),
    max_leaves=8,
)


def assert_sums_up(corpus: Corpus, typed: str, found: list[StoredArticle]) -> None:
    """Facets and time line are those of these articles."""
    facets, line = corpus.facets(typed, limit=1_000), corpus.timeline(typed, by="day")
    dates = [(one.published or one.first_seen).strftime("%Y-%m-%d") for one in found]
    values: dict[str, list[str]] = {
        "source": [name for one in found for name in one.sources],
        "site": [one.site for one in found],
        "language": [one.language.partition("-")[0] for one in found if one.language],
        "tag": [tag for one in found for tag in one.tags],
        "author": [name for one in found for name in one.authors],
        "month": [day[:7] for day in dates],
    }
    counted = {name: {one.value: one.count for one in counts} for name, counts in facets.counts.items()}
    assert counted == {name: dict(Counter(these)) for name, these in values.items()}, typed
    assert (facets.is_exact, facets.estimated) == (True, ())
    assert {str(bar.start): bar.count for bar in line.bars if bar.count} == dict(Counter(dates)), typed


@settings(max_examples=200, deadline=None)
@given(st.lists(TREE, min_size=1, max_size=3))
def test_any_tree_finds_what_a_plain_reading_of_it_finds(corpus: Corpus, parts: list[Typed]) -> None:
    typed = " ".join(text for text, _ in parts)
    assume(notices(typed) == () and typed.count(":") <= MAX_FILTERS)  # no word, star or filter too many
    expected = {one.id for one in corpus.articles() if all(judge(one) for _, judge in parts)}
    for sort in ("relevance", "newest", "oldest"):
        assert {one.id for one in corpus.search(typed, sort=sort, limit=100)} == expected, typed
    assert {one.id for one in corpus.articles(typed)} == expected, typed
    assert corpus.count(typed) == corpus.facets(typed, fields=()).total == len(expected), typed
    assert_sums_up(corpus, typed, [one for one in corpus.articles() if one.id in expected])
    stories = {one.story_id for one in corpus.articles(typed)}
    assert len(corpus.search(typed, limit=100, one_per_story=True)) == len(stories), typed


def test_what_holds_a_word_comes_before_what_only_passes_a_filter(corpus: Corpus) -> None:
    found = corpus.search("title:strike OR site:a.example", limit=100)
    with_word = [one.score is not None for one in found]
    assert with_word == sorted(with_word, reverse=True)
    assert any(with_word)
    assert not all(with_word)
    assert all("strike" in (one.title or "") for one in found if one.score is not None)


def test_words_are_marked_wherever_they_stand_in_the_tree(corpus: Corpus) -> None:
    found = corpus.search("(ferry OR source:Ledger) -(zeppelin OR rain)", limit=100)
    marked = [one for one in found if SNIPPET_START in (one.snippet or "")]
    assert {one.id for one in marked} == {one.id for one in found if "ferry" in one.text.split()}
    assert not any("rain" in one.text for one in found)


def test_a_page_of_a_nested_search_loses_nothing(corpus: Corpus) -> None:
    typed = "(title:(ferry OR rain) OR source:Ledger) -language:fr"
    for sort in ("relevance", "newest", "oldest"):
        expected = [one.id for one in corpus.search(typed, sort=sort, limit=100)]
        seen: list[int] = []
        after = None
        while True:
            page = corpus.page(typed, sort=sort, limit=3, after=after)
            seen += [one.id for one in page.articles]
            if (after := page.next) is None:
                break
        assert seen == expected
