"""D13, D15: what a change is, how much it matters, and which words it consists of."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage import ChangeKind, Run, changed_words, classify, words_diff

LEAD = (
    "The harbour board decided on Monday to close the eastern basin for eleven weeks while divers repair the lock "
    "gates that were damaged in the storm of last January."
)
SECOND = (
    "Fishing boats will have to land their catch at Saltmarsh, nine miles to the north, where a temporary auction hall "
    "has been put up on the car park of the sailing club, said Marek Vild."
)
QUOTE = "“We can live with eleven weeks,” he said. “But not with twelve, because then the herring will be gone.”"
LAST = (
    "The repair costs two million, of which the insurance pays half, and the board hopes that the county will come up "
    "with the rest before the end of the winter, although nobody has asked it yet."
)
TEXT = "\n\n".join([LEAD, SECOND, QUOTE, LAST])
TITLE = "Eastern basin to close"


def kind(new: str, title: str = TITLE, old: str = TEXT, furniture: tuple[str, ...] = ()) -> ChangeKind | None:
    change = classify(TITLE, old, title, new, furniture)
    return change.kind if change else None


@pytest.mark.parametrize(
    "new",
    [
        TEXT,
        TEXT.replace(" ", "  ").replace("\n\n", "\n"),
        f"Updated 5 minutes ago\n\n{TEXT}",
        f"{TEXT}\n\n128 comments",
        f"{TEXT}\n\nMost read\n\nFerry keeps its lantern\n\nMill is sold at last",
        f"23 November 2026, 10:45\n\n{TEXT}\n\nShare this",
        "\n\n".join([LEAD, SECOND, "Read also: Ferry 3 keeps its lantern", QUOTE, LAST]),
        f"{TEXT}\n",
    ],
)
def test_d13_white_space_date_lines_counters_and_rotating_furniture_are_no_change(new: str) -> None:
    """D13: in either direction."""
    assert kind(new) is None
    assert kind(TEXT, old=new) is None


def test_d13_a_line_that_other_articles_have_is_no_change() -> None:
    """D13: a whole sentence of the site's own, known from three other stories."""
    line = "Support our newsroom with a gift of any size and keep the presses running all the year."
    assert kind(f"{TEXT}\n\n{line}") is ChangeKind.SUBSTANTIVE
    assert kind(f"{TEXT}\n\n{line}", furniture=(line,)) is None


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("harbour", "harbuor", ChangeKind.COSMETIC),
        ("temporary", "temporery", ChangeKind.COSMETIC),
        ("car park", "carpark", ChangeKind.COSMETIC),
        ("Marek Vild", "Marek Wild", ChangeKind.COSMETIC),
        ("weeks while", "weeks, while", ChangeKind.COSMETIC),
        ("Saltmarsh", "SALTMARSH", ChangeKind.COSMETIC),
        ("“We can", '"We can', ChangeKind.COSMETIC),
        ("that were damaged", "which were damaged", ChangeKind.MINOR),
        ("although nobody has asked it yet", "although it was asked late", ChangeKind.SUBSTANTIVE),
        ("said Marek Vild", "said Marek Vild, who owns a boat", ChangeKind.MINOR),
        ("has been put up", "was built", ChangeKind.MINOR),
        ("eleven weeks while", "11 weeks while", ChangeKind.SUBSTANTIVE),
        ("two million", "2.4 million", ChangeKind.SUBSTANTIVE),
        ("will have to land", "will not have to land", ChangeKind.SUBSTANTIVE),
        ("then the herring will be gone", "then the cod will be gone", ChangeKind.SUBSTANTIVE),
        (LAST, "", ChangeKind.SUBSTANTIVE),
        (QUOTE, f"{QUOTE}\n\nA spokeswoman for the county said that {LAST.lower()}", ChangeKind.SUBSTANTIVE),
    ],
)
def test_d13_every_change_has_a_class(old: str, new: str, expected: ChangeKind) -> None:
    """D13: spelling is cosmetic, words are minor, a number, a denial, a quotation or a paragraph is substantive."""
    assert old in TEXT
    assert kind(TEXT.replace(old, new, 1)) is expected


@pytest.mark.parametrize("denied", ["isn't", "isn’t", "is not"])
def test_d13_a_denial_in_one_word_is_substantive_however_long_the_text(denied: str) -> None:
    """D13: one word of two hundred."""
    long = "\n\n".join([TEXT, TEXT.replace("Monday", "Sunday"), "The old lock is safe, the divers told the board."])
    assert kind(long.replace("lock is safe", f"lock {denied} safe"), old=long) is ChangeKind.SUBSTANTIVE
    assert kind(long.replace("lock is safe", "lock looks safe"), old=long) is ChangeKind.MINOR


def test_d13_another_headline_is_a_class_of_its_own() -> None:
    """D13: with a small change of the text too; where the text says something else that matters more."""
    assert kind(TEXT, "Basin to close for eleven weeks") is ChangeKind.HEADLINE
    assert kind(TEXT.replace("that were", "which were"), "Basin to close") is ChangeKind.HEADLINE
    assert kind(TEXT.replace("two million", "9 million"), "Basin to close") is ChangeKind.SUBSTANTIVE
    assert kind(TEXT, f"  {TITLE} ") is None


GERMAN = "Der Rat hat den Plan gestern gebilligt. "
ARABIC = "أعلن المجلس عن خطة جديدة للميناء يوم الاثنين. "
JAPANESE = "市政府は新しい橋の計画を発表した。費用は三億円である。"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (JAPANESE, JAPANESE.replace("三", "5"), ChangeKind.SUBSTANTIVE),
        (GERMAN * 6, GERMAN.replace("gestern", "gestern nicht") + GERMAN * 5, ChangeKind.SUBSTANTIVE),
        (ARABIC * 4, f"{ARABIC * 4} ", None),
    ],
)
def test_d13_in_other_languages(old: str, new: str, expected: ChangeKind | None) -> None:
    change = classify("T", old, "T", new)
    assert (change.kind if change else None) is expected


def test_d15_a_diff_is_word_by_word() -> None:
    """D15: what went and what came, beside what stayed."""
    assert words_diff("The basin closes for eleven weeks.", "The old basin closes for 12 weeks.") == [
        Run("equal", "The "),
        Run("inserted", "old "),
        Run("equal", "basin closes for "),
        Run("deleted", "eleven"),
        Run("inserted", "12"),
        Run("equal", " weeks."),
    ]
    assert words_diff("費用は三億円である", "費用は五億円である") == [
        Run("equal", "費用は"),
        Run("deleted", "三"),
        Run("inserted", "五"),
        Run("equal", "億円である"),
    ]
    assert changed_words("one two three", "one three four five") == (1, 2)
    assert words_diff("", "") == []


@settings(max_examples=200)
@given(st.text(max_size=200), st.text(max_size=200))
def test_d15_the_runs_of_a_diff_give_both_texts(old: str, new: str) -> None:
    """D15: nothing is lost and nothing invented, whatever the texts are."""
    runs = words_diff(old, new)
    assert "".join(run.text for run in runs if run.op != "inserted") == old
    assert "".join(run.text for run in runs if run.op != "deleted") == new


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a " * 200_000, "b " * 200_000),
        ("\n".join(f"line {n}" for n in range(20_000)), "\n".join(f"line {n}" for n in range(19_999, -1, -1))),
        ("x" * 2_000_000, "y" * 2_000_000),
        (TEXT * 300, TEXT.replace("Monday", "Tuesday") * 300),
    ],
    ids=["words", "lines", "one word", "much changed"],
)
def test_hostile_texts_are_compared_in_bounded_time(old: str, new: str) -> None:
    began = time.process_time()
    assert classify("T", old, "T", new) is not None
    assert time.process_time() - began < 30
