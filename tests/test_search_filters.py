"""Filters within the typed text: the same as the fields of `Query`, in every place that takes a query."""

from __future__ import annotations

import contextlib
import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from contract.scenes import LEASE_S, NOW, article, discovery, file_article, lease_pages, poll, source, subscribe
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli import main
from storage import Corpus, Query, QueryError, open_corpus
from storage.language.tree import AllOf, Term, Without
from storage.search import FILTERS, MAX_FILTERS, MAX_WORDS, Search, match_expression, understand
from storage.sqlite.files import index_path

DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cuttings.db"


@pytest.fixture
def corpus(path: Path) -> Iterator[Corpus]:
    with open_corpus(path, write=True) as opened:
        yield opened


@pytest.fixture
def three(corpus: Corpus) -> list[int]:
    """Today's of Port Gazette in English, the same text of Ledger in French a day before, and another of Ledger, two
    days before, in no known language."""
    subscribe(corpus, source("Port Gazette", "https://gazette.example/feed", tags=("sea",)), source("Ledger"))
    for feed in corpus.lease_feeds(NOW, 5, LEASE_S):
        names = ("a",) if feed.source == "Port Gazette" else ("b", "c")
        poll(corpus, feed, *(discovery(name, f"{name}.example") for name in names))
    texts = ("The ferry was late.", "The ferry was late.", "Rain over Libya, and a ferry.")
    languages = ("en-GB", "fr", None)
    ids = []
    for number, page in enumerate(sorted(lease_pages(corpus), key=lambda page: page.host)):
        cut = article(texts[number], published=NOW - number * DAY, language=languages[number], site=page.host)
        ids.append(file_article(corpus, page, cut, story_id=ids[0] if number == 1 else None))
    while corpus.index():
        pass
    return ids


def found(corpus: Corpus, query: Query | str) -> list[int]:
    """The ids, ascending, that a search, a count and a stream agree on."""
    ids = sorted(each.id for each in corpus.search(query))
    assert ids == [each.id for each in corpus.articles(query)]
    assert len(ids) == corpus.count(query)
    return ids


@pytest.mark.parametrize(
    ("typed", "only"),
    [
        ("source:Ledger", Query(source="Ledger")),
        ('source:"Port Gazette"', Query(source="Port Gazette")),
        ("Source:“Port Gazette”", Query(source="Port Gazette")),
        ("source:https://gazette.example/feed", Query(source="https://gazette.example/feed")),
        ("site:a.example", Query(site="a.example")),
        ("LANGUAGE:en-GB", Query(language="en-GB")),
        ("tag:sea", Query(tag="sea")),
        ("since:2020", Query(since=date(2020, 1, 1))),
        ("since:2020-05", Query(since=date(2020, 5, 1))),
        ("since:2020-05-25", Query(since=date(2020, 5, 25))),
        ('until:"2020-05"', Query(until=date(2020, 5, 1))),
        ("story:12", Query(story=12)),
    ],
)
def test_a_filter_is_a_field_of_query(typed: str, only: Query) -> None:
    (asked,) = understand(typed).filters
    assert asked.only == only
    assert understand(typed) == Search(asked)
    assert understand(f"-{typed}") == understand(f"NOT {typed}") == Search(Without(asked))
    assert understand(f"harbour {typed}") == Search(AllOf((Term(("harbour",)), asked)))
    assert match_expression(f"{typed} harbour") == '"harbour"'


@pytest.mark.parametrize(
    "typed",
    [
        "http://x",
        "note:this",
        "since:",
        "since: 2020",
        '"since:2020"',
        "sitemap:a",
        "f(site:a)",
        "+site:a",
        ":",
    ],
)
def test_s14_what_is_no_filter_stays_data(typed: str) -> None:
    """S14"""
    assert understand(typed).filters == ()


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("since:yesterday", "since:2020-05-25, since:2020-05 or since:2020"),
        ("since:2020-13", "since:2020-05-25"),
        ("since::", "since:2020-05-25"),
        ("since:0000", "since:2020-05-25"),
        ("since:2020-5", "since:2020-05-25"),
        ("since:20200525", "since:2020-05-25"),
        ("until:٢٠٢٠", "until:2020-05-25"),
        ("-until:2020-02-30", "until:2020-05-25"),
        ("story:telling", "story:NUMBER"),
        ("story:" + "9" * 19, "story:NUMBER"),
        ('source:""', 'source:NAME or source:"Two Words"'),
        ('tag:" ', "tag:NAME"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_the_forms_that_work(typed: str, named: str) -> None:
    with pytest.raises(QueryError) as raised:
        understand(f"harbour {typed}")
    message = str(raised.value)
    assert message.startswith(typed.lstrip("-").replace('"', "").strip())
    assert named in message
    assert message.isprintable()


def test_a_refused_value_is_shown_short_and_safe() -> None:
    with pytest.raises(QueryError) as raised:
        understand('since:"\x1b[2J\n' + "x" * 900)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 350


def test_filters_and_fields_all_hold(corpus: Corpus, three: list[int]) -> None:
    first, second, third = three
    assert found(corpus, 'source:"Port Gazette"') == [first]
    assert found(corpus, "source:Ledger ferry") == [second, third]
    assert found(corpus, "ferry site:B.example") == [second]
    assert found(corpus, "language:en") == found(corpus, "language:en-gb") == [first]
    assert found(corpus, "tag:sea") == [first]
    assert found(corpus, f"story:{first}") == [first, second]
    assert found(corpus, Query("source:Ledger", language="fr")) == [second]
    assert found(corpus, Query("source:Ledger", source="Port Gazette")) == []
    assert found(corpus, f"since:{TODAY - DAY} until:{TODAY}") == [second]
    assert found(corpus, Query(f"since:{TODAY - DAY}", since=TODAY)) == [first]
    assert found(corpus, f"since:{TODAY - DAY} since:{TODAY}") == [first]
    assert found(corpus, "site:a.example site:b.example") == []


def test_since_is_inclusive_and_until_exclusive(corpus: Corpus, three: list[int]) -> None:
    first, second, third = three
    assert found(corpus, f"since:{TODAY}") == [first]
    assert found(corpus, f"until:{TODAY}") == [second, third]
    assert found(corpus, f"since:{TODAY:%Y-%m}") == [first]
    assert found(corpus, f"until:{TODAY:%Y-%m}") == [second, third]
    assert found(corpus, f"since:{TODAY.year}") == three
    assert found(corpus, f"until:{TODAY.year}") == []


def test_an_excluded_filter_finds_all_others(corpus: Corpus, three: list[int]) -> None:
    first, second, third = three
    assert found(corpus, "-source:Ledger") == [first]
    assert found(corpus, "ferry -site:a.example") == found(corpus, "ferry NOT site:a.example") == [second, third]
    assert found(corpus, "-language:fr") == [first, third]
    assert found(corpus, "-language:en-GB -language:fr") == [third]
    assert found(corpus, "-language:en-US") == three
    assert found(corpus, "-tag:sea") == [second, third]
    assert found(corpus, f"-since:{TODAY}") == [second, third]
    assert found(corpus, f"-until:{TODAY}") == [first]
    assert found(corpus, f"-story:{first}") == [third]
    assert found(corpus, "-ferry -site:x") == []


def test_or_joins_filters_and_words_alike(corpus: Corpus, three: list[int]) -> None:
    first, second, third = three
    assert found(corpus, "site:a.example OR site:b.example ferry") == [first, second]
    assert found(corpus, f"tag:sea OR language:fr OR since:{TODAY}") == [first, second]
    assert found(corpus, "libya OR late site:c.example") == [third]
    assert found(corpus, "-site:a.example OR site:b.example") == [second, third]
    assert found(corpus, "libya OR site:a.example") == found(corpus, "site:a.example OR libya") == [first, third]
    assert found(corpus, "-ferry OR site:a.example") == [first]
    assert found(corpus, "(libya OR site:a.example) -language:en") == [third]
    assert found(corpus, "-(libya OR site:a.example)") == [second]
    assert found(corpus, 'source:(Ledger OR "Port Gazette") title:(ferry -libya)') == three


def test_filters_alone_come_newest_first_and_need_no_index(corpus: Corpus, three: list[int], path: Path) -> None:
    first, second, third = three
    assert [each.id for each in corpus.search("since:2020")] == [first, second, third]
    corpus.close()
    index_path(path).unlink()
    with open_corpus(path) as reader:
        assert found(reader, "-tag:sea source:Ledger language:fr") == [second]


def test_no_filter_is_lost_behind_many_words(corpus: Corpus, three: list[int]) -> None:
    """A pasted paragraph is cut after `MAX_WORDS` words; the filter behind it, excluded or not, still counts."""
    words = "ferry " * (MAX_WORDS + 8)
    assert found(corpus, f"{words} site:b.example") == [three[1]]
    assert found(corpus, f"{words} NOT site:b.example") == [three[0], three[2]]
    assert found(corpus, f"{words} NOT ferry site:b.example") == [three[1]]
    assert found(corpus, f"site:a.example {words} OR site:b.example") == []


def test_s14_filters_are_few(corpus: Corpus, three: list[int]) -> None:
    """S14: each filter costs time, so that only so many are one search."""
    assert found(corpus, "tag:sea " * MAX_FILTERS) == [three[0]]
    assert found(corpus, "-tag:sea " * MAX_FILTERS) == three[1:]
    with pytest.raises(QueryError, match=f"more than {MAX_FILTERS} filters"):
        understand("-tag:a " * (MAX_FILTERS + 1))


VALUES = (
    "a",
    '"',
    '"a b"',
    "*",
    "'; --",
    "\x00",
    "\ud800",
    "-",
    ":",
    "2020",
    "2020-05",
    "12",
    "日本",
    "é",
    "x" * 2_000,
)
MORE = ("OR", "NOT", "AND", "-", "ferry", '"', "(", "--", "\ue002")


@given(
    st.lists(
        st.one_of(
            st.sampled_from(MORE),
            st.tuples(st.sampled_from(("", "-", "--")), st.sampled_from(sorted(FILTERS)), st.sampled_from(VALUES)).map(
                lambda one: f"{one[0]}{one[1]}:{one[2]}"
            ),
            st.tuples(st.sampled_from(sorted(FILTERS)), st.text(max_size=8)).map(":".join),
        ),
        max_size=8,
    ).map(" ".join)
)
def test_s14_any_text_with_filters_is_understood_or_refused(typed: str) -> None:
    """S14"""
    with contextlib.suppress(QueryError):
        asked = understand(typed)
        assert len(asked.filters) <= MAX_FILTERS


def test_s14_odd_values_are_searches(corpus: Corpus, three: list[int]) -> None:
    """S14: what is understood is also answered by the engine, and changes nothing."""
    chosen = random.Random(14)
    fields = sorted(FILTERS)
    for _ in range(200):
        typed = " ".join(
            chosen.choice(("", "-")) + chosen.choice(fields) + ":" + chosen.choice(VALUES)
            for _ in range(chosen.randint(1, 4))
        )
        try:
            understand(typed)
        except QueryError:
            continue
        assert corpus.count(typed) == len(corpus.search(typed)) <= 3
    assert corpus.totals().articles == len(three)


def cuttings(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["--db", str(path), *arguments])


def test_search_and_export_take_filters_in_the_text(corpus: Corpus, three: list[int], path: Path) -> None:
    corpus.close()
    said = cuttings(path, "search", "--json", "ferry", 'source:"Port Gazette"', f"since:{TODAY}")
    assert [each["id"] for each in json.loads(said.stdout)["articles"]] == [three[0]]
    said = cuttings(path, "search", "--json", "--language", "fr", "source:Ledger")
    assert json.loads(said.stdout)["total"] == 1
    output = path.with_name("out.jsonl")
    assert cuttings(path, "export", "-o", str(output), "--", "-site:a.example").exit_code == 0
    assert [json.loads(line)["id"] for line in output.read_text().splitlines()] == three[1:]


def test_a_value_that_cannot_be_read_ends_the_command_with_2(corpus: Corpus, path: Path) -> None:
    corpus.close()
    output = path.with_name("out.jsonl")
    for command in (["search"], ["export"], ["export", "-o", str(output)]):
        said = cuttings(path, *command, "harbour since:yesterday")
        assert said.exit_code == 2
        assert said.stderr.splitlines()[1:] == ["harbour since:yesterday", "        ^^^^^^^^^^^^^^^"]
        assert "since:yesterday: cannot be read; write since:2020-05-25, since:2020-05 or since:2020" in said.stderr
        assert said.stdout == ""
    assert not output.exists()
