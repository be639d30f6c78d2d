"""Which words are said to rise."""

from __future__ import annotations

import pytest

from storage.trending import Beginning, likelihood_ratio, rising, terms


def said(text: str, count: int, first: int = 0, sites: int = 3) -> list[Beginning]:
    """As many stories that begin with it."""
    return [
        Beginning(9_000 + first + number, first + number, f"s{number % sites}.example", text) for number in range(count)
    ]


PAST = said("the council met about the ferry", 80)


def test_a_word_rises_against_its_own_past() -> None:
    now = said("the council met about the strike", 10, 1_000) + said("the council met about the ferry", 10, 2_000)
    assert [trend.term for trend in rising(now, PAST, 10)] == ["strike"]
    (trend,) = rising(now, PAST, 10)
    assert (trend.count, round(trend.expected, 2)) == (10, round(0.5 * 20 / 81, 2))
    assert trend.article_ids == (10_009, 10_008, 10_007)


def test_copies_of_one_story_are_one() -> None:
    copies = [Beginning(number, 7, f"s{number}.example", "the strike") for number in range(50)]
    assert rising(said("the ferry", 20, 1_000) + copies, PAST, 10) == []


def test_what_one_site_puts_on_every_page_is_no_trend() -> None:
    now = said("the ferry", 20, 1_000) + said("newsletter", 20, 2_000, sites=1)
    assert rising(now, PAST, 10) == []


def test_the_words_of_a_name_are_told_together() -> None:
    now = said("the ferry", 30, 1_000) + said("news of ursula mayerova", 12, 2_000) + said("an empty harbour", 5, 3_000)
    found = [trend.term for trend in rising(now, PAST, 10)]
    assert "ursula mayerova" in found
    assert not {"ursula", "mayerova"} & set(found)


@pytest.mark.parametrize(("now", "past"), [([], []), ([], PAST), (said("a b", 30), []), (said("1 22 é", 30), PAST)])
def test_nothing_rises_where_there_is_nothing_to_compare(now: list[Beginning], past: list[Beginning]) -> None:
    assert rising(now, past, 10) == []


def test_the_likelihood_ratio_is_that_of_the_paper() -> None:
    # T. Dunning 1993, table 1: "the swiss", 110 of 2,442 against 111 of 29,114, has -2 log lambda = 270.72.
    assert likelihood_ratio(110, 110 + 2_442, 111, 111 + 29_114) == pytest.approx(270.72, abs=0.1)
    assert likelihood_ratio(5, 100, 50, 1_000) == pytest.approx(0.0, abs=1e-9)


def test_terms_are_words_and_pairs_of_letters() -> None:
    assert terms("Ferry No. 4 sinks") == {"ferry", "sinks"}
    assert terms("Berlin wählt") == {"berlin", "wahlt", "berlin wahlt"}
