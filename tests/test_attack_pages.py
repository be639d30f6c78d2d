"""Pages that were made to cost time, and the bounds that keep each of them to seconds (S8, X13)."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from crawler.extract.cut import cut_page
from crawler.extract.votes import votes

PROSE = "<p>The council of Port Alder met on Monday, and nobody minded the rain that fell all night in the town.</p>"


def page(body: str) -> str:
    return f"<html><head><title>Rain</title></head><body><article><h1>Rain in Port Alder</h1>{body}</article></body>"


def paragraph(i: int) -> str:
    return (
        f"<p>Paragraph {i} says at some length that the harbour of Port Alder was closed on day {i} of the strike.</p>"
    )


def dear_promos() -> str:
    return "".join(f"{paragraph(i)}<div class=a>Subscribe to all of the {i} news today</div>" for i in range(8_000))


def dear_pull_quotes() -> str:
    return ("<p>" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa " * 10 + "</p>") * 10_000


def dear_votes() -> str:
    side = "".join(f"<nav>{'a' * 100}{i}b</nav>" for i in range(10_000))
    return side + ("<p>" + "a" * 300 + "</p>") * 2_000


def dear_days() -> str:
    return "".join(f"<p>12 May 20{i % 99:02d}, day {i} 12:30 of it</p>" for i in range(4_000))


@pytest.mark.parametrize("make", [dear_promos, dear_pull_quotes, dear_votes, dear_days])
def test_s8_a_page_of_ten_thousand_blocks_is_cut_within_its_deadline(make: Callable[[], str]) -> None:
    """CPU time, so that a busy machine changes nothing; each cost 10 to 60 s with every block against every other."""
    markup = page(make())
    began = time.process_time()
    cut_page(markup, "http://site.test/a")
    assert time.process_time() - began < 8


def test_s8_votes_beyond_what_may_be_searched_are_found_near_the_last() -> None:
    blocks = [f"paragraphnumber{i}oftwentyfivethousandthatsaythesameagain" for i in range(9_000)]
    missing = ["a" * 30] * 3_000
    found = votes([*missing, *blocks], "".join(blocks))
    assert sum(found[3_000:]) == 9_000
    assert not any(found[:3_000])
