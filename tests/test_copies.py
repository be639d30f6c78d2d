"""D4, D6 to D8, D11: which articles are copies. Streams come from `copymaker`, with seeds that set no threshold."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping

import pytest
from copymaker import (
    LANGUAGES,
    Made,
    Press,
    bylined,
    edited,
    form,
    furnished,
    restyled,
    stream,
    trimmed,
    without_middle,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from memoryindex import Desk

from crawler.copies import prints
from crawler.copies.winnowing import RUN_WORDS, WINDOW
from crawler.copies.words import MOST_WORDS, lines_of_words
from storage import LinkKind

SEEDS = (7_001, 7_002)


def pairs(groups: Iterable[set[int]]) -> set[tuple[int, int]]:
    return {pair for group in groups for pair in itertools.combinations(sorted(group), 2)}


def grouped(stories: Mapping[int, int]) -> dict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for article, story in stories.items():
        found[story].add(article)
    return found


def score(truth: dict[int, int], given_: dict[int, int]) -> tuple[float, float]:
    """Pair F1 and B-cubed F of a grouping."""
    true, got = grouped(truth), grouped(given_)
    both = len(pairs(true.values()) & pairs(got.values()))
    f1 = 2 * both / (len(pairs(true.values())) + len(pairs(got.values())))
    shares = [(len(true[truth[i]] & got[given_[i]]), len(got[given_[i]]), len(true[truth[i]])) for i in truth]
    precision = sum(both / one for both, one, _ in shares) / len(shares)
    recall = sum(both / other for both, _, other in shares) / len(shares)
    return f1, 2 * precision * recall / (precision + recall)


def filed(made: list[Made]) -> tuple[float, float]:
    desk = Desk()
    stories = {number: desk.file(one.text, one.title) for number, one in enumerate(made, 1)}
    return score({number: one.story for number, one in enumerate(made, 1)}, stories)


@pytest.mark.parametrize("seed", SEEDS)
def test_d4_a_stream_of_copies_and_look_alikes_is_parted_into_its_stories(seed: int) -> None:
    """D4: pair F1 at least .98, B-cubed F at least .99, one article at a time."""
    f1, b_cubed = filed(list(stream(seed, stories=120)))
    assert f1 >= 0.98
    assert b_cubed >= 0.99


@pytest.mark.parametrize("language", LANGUAGES)
def test_d11_other_scripts_are_parted_as_well_as_english(language: str) -> None:
    """D11: within two points of what English gives, which is over .98."""
    f1, b_cubed = filed(list(stream(7_100, language, stories=60)))
    assert f1 >= 0.96
    assert b_cubed >= 0.98


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_d6_headline_byline_dateline_spaces_quotes_and_house_style_make_no_new_story(language: str) -> None:
    """D6: none of them, alone or together, whatever comes first."""
    press = Press(7_200, language)
    for _ in range(12):
        text = press.article(press.rng.randint(3, 12))
        changes = [
            text,
            bylined(text, press),
            restyled(text, press.rng),
            text.upper() if language == "en" else text,
            f"PORT ALDER, May 3 (Wire) - {text}",
            "\n\n".join(f"  {line}  " for line in text.splitlines()),
            restyled(bylined(text, press), press.rng),
        ]
        press.rng.shuffle(changes)
        desk = Desk()
        assert {desk.file(changed, press.title()) for changed in changes} == {1}


@pytest.mark.parametrize("turned", [False, True])
def test_d6_a_copy_that_keeps_a_third_or_more_joins(turned: bool) -> None:
    """D6: 96 of 100 at least, cut from the end or in the middle, with edits, whichever comes first."""
    press, joined, tried = Press(7_300 + turned), 0, 0
    desk = Desk()
    for number in range(150):
        text, share = press.article(press.rng.randint(6, 14)), press.rng.uniform(0.3, 0.95)
        cut = (trimmed, without_middle)[number % 2](text, share, press.rng)
        cut = edited(cut, press.rng) if number % 3 == 0 else cut
        one, other = (cut, text) if turned else (text, cut)
        tried += 1
        joined += desk.file(one, press.title()) == desk.file(other, press.title())
    assert joined >= 0.96 * tried


def test_d7_forms_that_are_filled_in_anew_stay_apart_and_are_told() -> None:
    """D7: under one in a hundred is merged, and they are linked as templates."""
    press = Press(7_400)
    desk, merged = Desk(), 0
    for number in range(8):
        filled = form(press, number)
        stories = [desk.file(filled(), f"Figures {number}") for _ in range(30)]
        merged += len(stories) - len(set(stories))
    assert merged <= 2
    kinds = [link.kind for placement in desk.placements for link in placement.links]
    assert kinds
    assert set(kinds) <= {LinkKind.TEMPLATE, LinkKind.COPY, LinkKind.RELATED}
    assert kinds.count(LinkKind.TEMPLATE) >= 0.9 * len(kinds)


def test_d7_a_follow_up_is_related_and_a_quote_joins_nothing() -> None:
    """D7: the same background under another lead is another story."""
    press = Press(7_500)
    for _ in range(20):
        desk, text = Desk(), press.article(12)
        first = desk.file(text, press.title())
        background = "\n".join(text.splitlines()[-4:])
        assert desk.file(f"{press.article(8)}\n{background}", press.title()) != first
        assert {link.kind for link in desk.placements[-1].links} <= {LinkKind.RELATED}
        quote = text.splitlines()[5]
        assert desk.file(f"{press.article(8)}\n{quote}", press.title()) != first


def test_d7_a_merge_of_two_wires_is_linked_to_both_and_unites_nothing() -> None:
    """D7: neither when it comes behind its sources nor for what comes after it."""
    press = Press(7_600)
    for _ in range(20):
        desk = Desk()
        one, other = press.article(8), press.article(8)
        first, second = desk.file(one, press.title()), desk.file(other, press.title())
        merged = desk.file(f"{trimmed(one, 0.7, press.rng)}\n{trimmed(other, 0.7, press.rng)}", press.title())
        assert len({first, second, merged}) == 3
        links = desk.placements[-1].links
        assert {(link.other_id, link.kind) for link in links} == {(1, LinkKind.COMPILATION), (2, LinkKind.COMPILATION)}
        assert desk.file(bylined(one, press), press.title()) == first
        assert desk.file(furnished(other, press.rng), press.title()) == second


def test_furniture_that_a_site_repeats_glues_no_articles_together() -> None:
    press, desk = Press(7_700), Desk()
    lines = [press.sentence() for _ in range(6)]
    stories = [desk.file("\n".join([press.paragraph(3), *lines]), press.title()) for _ in range(40)]
    assert len(set(stories[3:])) == len(stories[3:])
    assert len(desk.placements[-1].left_out) == 6


@pytest.mark.parametrize(
    "notice", ["Watch the video.", "Site under maintenance.", "This live blog is closed.", "", "😀" * 40]
)
def test_short_notices_that_say_the_same_everywhere_are_no_copies(notice: str) -> None:
    desk = Desk()
    assert len({desk.file(notice, f"Title {number}") for number in range(6)}) == 6


WORDS = st.lists(st.sampled_from([f"w{number}" for number in range(400)]), min_size=0, max_size=160)


@settings(max_examples=200)
@given(WORDS, WORDS, WORDS, WORDS, st.lists(st.sampled_from([f"r{n}" for n in range(300)]), min_size=36, max_size=36))
def test_d8_texts_that_share_a_run_of_36_words_share_a_fingerprint(
    a: list[str], b: list[str], c: list[str], d: list[str], run: list[str]
) -> None:
    """D8: wherever the run stands in each, and however long each is."""
    assert len(run) == RUN_WORDS + WINDOW - 1
    one, other = (" ".join([*before, *run, *behind]) for before, behind in ((a, b), (c, d)))
    assert set(prints(one).fingerprints) & set(prints(other).fingerprints)


def test_fingerprints_are_the_same_in_every_process() -> None:
    """A file of fingerprints outlives the interpreter that wrote it."""
    text = Press(7_800).article(6) + "\n" + Press(7_801, "th").article(2)
    program = "import sys; from crawler.copies import prints; print(prints(sys.stdin.read()))"
    done = [
        subprocess.run([sys.executable, "-c", program], input=text, capture_output=True, text=True, check=True, env=env)
        for env in ({"PYTHONHASHSEED": "1", "PYTHONUTF8": "1"}, {"PYTHONHASHSEED": "2", "PYTHONUTF8": "1"})
    ]
    assert done[0].stdout == done[1].stdout == f"{prints(text)}\n"
    assert prints("Harbour board keeps the old lantern lit after all, says the chair.") == prints(
        "HARBOUR   board keeps the old lantern lit - after all, says the chair"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The U.S. paid 1,000 per cent", "the US paid 1000 percent"),
        ("“Don’t,” she said—twice.", '"Don\'t", she said - twice'),
        ("مُحَمَّد يقول", "محمد يقول"),
        ("２０２６年の東京", "2026年の東京"),
        ("Die STRASSE", "die straße"),
    ],
)
def test_house_styles_are_no_difference(one: str, other: str) -> None:
    assert lines_of_words(one) == lines_of_words(other)


@pytest.mark.parametrize(
    "text",
    [
        "word " * 1_000_000,
        "x" * 5_000_000,
        "\n".join("line" for _ in range(500_000)),
        "ก" * 1_000_000,
        "漢" * 1_000_000,
        "1 " * 500_000,
        "a.b." * 300_000,
        "\u0301" * 1_000_000,
        "\ud800 lone",
        "'" * 1_000_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_texts_cost_a_bounded_time(text: str) -> None:
    began = time.process_time()
    desk = Desk()
    for _ in range(3):
        desk.file(text, "Title")
    assert time.process_time() - began < 20
    assert len(prints(text).fingerprints) <= MOST_WORDS


def test_what_is_kept_ready_changes_nothing() -> None:
    """X10 for copies: the same articles in the same order give the same stories, whatever is remembered."""
    made = list(stream(7_900, stories=40))
    desks = [Desk(), Desk()]
    desks[1].judge._most_kept = 1
    for one in made:
        assert desks[0].file(one.text, one.title) == desks[1].file(one.text, one.title)
    assert desks[0].placements == desks[1].placements


def test_a_widely_printed_story_stays_one() -> None:
    press, desk = Press(7_950), Desk()
    text = press.article(9)
    rng = random.Random(3)
    assert {desk.file(furnished(trimmed(text, rng.uniform(0.4, 1), rng), rng), press.title()) for _ in range(80)} == {1}
