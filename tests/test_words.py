"""ASCII is parted into words by a shorter way, which must lead to the same place."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from crawler.extract import words
from crawler.extract.votes import squeeze

ASCII = st.text(st.characters(max_codepoint=127), max_size=80)


@given(ASCII)
@example("it's 'quoted', o''clock, a_b -- c-d\t12.5%\x1cX'")
def test_the_words_of_ascii_are_those_that_the_expressions_find(text: str) -> None:
    assert words.count_words(text) == len(words._WORD.findall(text))
    assert words.fold(text) == " ".join(words._FOLDED.findall(text.casefold().replace("_", " ")))


@given(st.text(max_size=80))
def test_nothing_is_squeezed_out_but_white_space(text: str) -> None:
    assert squeeze(text) == "".join(text.split())
