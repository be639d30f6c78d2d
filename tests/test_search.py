"""What people type finds what was written: accents, scripts, phrases; and whatever they type is harmless."""

from __future__ import annotations

import sqlite3
import time
import unicodedata
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage import SNIPPET_END, SNIPPET_START
from storage.folding import fold, index_text, words_of
from storage.search import MAX_WORDS, match_expression, understand
from storage.snippet import snippet

PIECES = (
    *(
        '"',
        "'",
        "*",
        "^",
        ":",
        "(",
        ")",
        "{",
        "}",
        "+",
        "-",
        "--",
        "\\",
        "%",
        "_",
        ";",
        ",",
        ".",
        "\x00",
        "\n",
        "\ud800",
    ),
    *(
        "NEAR",
        "NEAR(a b, 2)",
        "AND",
        "OR",
        "NOT",
        "title:",
        "text:",
        "rowid:",
        "rank",
        "-title:",
        "{title text}:",
        "a*",
    ),
    *(
        "' OR 1=1 --",
        "'; DROP TABLE articles; --",
        '") OR ("',
        "🎉",
        "‮ltr",
        "שלום",
        "日本語",
        "ประเทศ",
        "é",
        "\ue002",
        "ﷺ",
    ),
    *("x" * 5_000, "a " * 500, '"' * 501, "-" * 500, "OR " * 200, "NOT " * 200, "((((" * 100, "*" * 300, "word"),
)
TYPED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=12)), max_size=8).map(" ".join)


@contextmanager
def engine() -> Iterator[sqlite3.Connection]:
    """An empty index of the engine that will be asked."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE texts "
            "USING fts5 (title, text, authors, tags, description, content='', tokenize='ascii')"
        )
        yield connection


@pytest.fixture(scope="module")
def fts() -> Iterator[sqlite3.Connection]:
    with engine() as connection:
        yield connection


def found(text: str, words: str, title: str = "") -> bool:
    """Whether these words find a text, by the engine that will be asked."""
    expression = match_expression(words)
    assert expression is not None
    with engine() as connection:
        connection.execute(
            "INSERT INTO texts (rowid, title, text, tags) VALUES (1, ?, ?, '\ue002')",
            (index_text(title), index_text(text)),
        )
        return bool(connection.execute("SELECT rowid FROM texts WHERE texts MATCH ?", (expression,)).fetchall())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("In Zürich und Göteborg", "zurich GOTEBORG"),
        ("In Zurich", "Zürich"),
        ("Die Straße", "strasse"),
        ("DIE STRASSE", "Straße"),
        ("İstanbul'da Diyarbakır", "istanbul diyarbakir"),
        ("Łódź i Ærø, Tromsø", "lodz aero tromso"),
        ("l’Élysée", "elysee"),
        ("l'Élysée", "l’élysée"),
        ("الْعَرَبِيَّةُ أحمد", "العربية احمد"),
        ("كـــتاب", "كتاب"),
        ("שָׁלוֹם", "שלום"),
        ("подъёмный Ёж", "подъемный еж"),
        ("Ἀθῆναι ΟΔΟΣ", "αθηναι οδός"),
        ("हिन्दी में समाचार।", "समाचार"),
        ("ﬁnance ２０２６ ٢٠٢٦ ½", "finance 2026"),
        ("co\u00adop zero\u200dwidth", "coop zerowidth"),
        (unicodedata.normalize("NFD", "café が 서울"), "café が 서울"),
    ],
)
def test_a_word_is_found_whatever_its_accents_and_forms(text: str, words: str) -> None:
    assert found(text, words)


@pytest.mark.parametrize(
    ("text", "words", "other"),
    [
        ("東京五輪の開催は来年に延期された。", "延期", "期延"),
        ("東京五輪の開催は来年に延期された。", "五", "六"),
        ("東京でiPhoneを発売", "iphone 東京", "iphone 京東"),
        ("パソコンの値段", "ﾊﾟｿｺﾝ", "ハソコン"),
        ("北京市长访问上海", "上海 北京", "海上"),
        ("กรุงเทพมหานครเป็นเมืองหลวง", "เมืองหลวง", "หลวงเมือง"),
        ("ນະຄອນຫຼວງວຽງຈັນ", "ວຽງຈັນ", "ຈັນວຽງ"),
        ("ភ្នំពេញជារាជធានី", "រាជធានី", "ធានីរាជ"),
        ("ရန်ကုန်မြို့တော်", "မြို့တော်", "တော်မြို့"),
        ("서울에서 열린 회의", "서울", "울서"),
    ],
)
def test_scripts_without_spaces_are_found_within_their_sentences(text: str, words: str, other: str) -> None:
    assert found(text, words)
    assert not found(text, other)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("I don't know", "don't"),
        ("I don’t know", "don't"),
        ("the U.S.-led talks", "U.S."),
        ("the U.S. said", "US"),
        ("the US said", "u.s."),
        ("after COVID-19", "covid-19"),
        ("after COVID-19", "COVID 19"),
        ("an e-mail to a.b@paper.example", "e-mail a.b@paper.example"),
        ("1,000 ships and 3.5%", "1,000 3.5"),
        ("C++ and snake_case", "c++ snake_case"),
        ("see https://paper.example/a?b=1", "https://paper.example/a?b=1"),
    ],
)
def test_numbers_hyphens_and_initials_are_cut_alike_on_both_sides(text: str, words: str) -> None:
    assert found(text, words)


@given(st.text(st.characters(exclude_categories=()), max_size=60))
@example("u.s. a_u.s é.ß x1.y 日u.s")
def test_what_is_indexed_is_what_is_cut(text: str) -> None:
    """The quick ways through `index_text` and the thorough way through `words_of` give the same words."""
    indexed = index_text(text)
    engine = "".join(c if not c.isascii() or c.isalnum() else " " for c in indexed).lower().split(" ")
    assert [word for word in engine if word] == words_of(text)


@given(st.text(max_size=60))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(categories=["L", "M", "N", "Po", "Zs"], exclude_characters='":*'), max_size=60))
def test_every_text_is_found_by_each_of_its_words(text: str) -> None:
    for word in text.split():
        if words_of(word) and word not in ("OR", "AND", "NOT"):
            assert found(text, word)


@pytest.mark.parametrize(
    ("typed", "expression"),
    [
        ("harbour ferry", '"harbour" AND "ferry"'),
        ('"harbour ferry"', '"harbour ferry"'),
        ('"harbour ferry', '"harbour ferry"'),
        ("“harbour ferry”", '"harbour ferry"'),
        ("harb* f*", '"harb" * AND "f"'),
        ("harbour -ferry", '("harbour") NOT "ferry"'),
        ("harbour NOT ferry", '("harbour") NOT "ferry"'),
        ("-ferry", '("\ue002") NOT "ferry"'),
        ("a OR b c", '("a" OR "b") AND "c"'),
        ("a AND b", '"a" AND "b"'),
        ("title:harbour Author:adams", 'title : "harbour" AND authors : "adams"'),
        ('title:"new harbour"', 'title : "new harbour"'),
        ("-title:ferry x", '("x") NOT title : "ferry"'),
        ("COVID-19", '"covid 19"'),
        ("foo:bar", '"foo bar"'),
        ("OR", '"or"'),
        ("ferry OR", '"ferry" AND "or"'),
        ("NEAR(a b)", '"near a" AND "b"'),
        ("https://x/a_(b) c", '"https x a b" AND "c"'),
        ("(a OR b) c", '("a" OR "b") AND "c"'),
        ("a OR (b c)", '("a" OR ("b" AND "c"))'),
        ("a OR -b", '("a" OR (("\ue002") NOT "b"))'),
        ("a -(b c)", '("a") NOT ("b" AND "c")'),
        ("a -(b OR -c)", '("a") NOT ("b" OR (("\ue002") NOT "c"))'),
        ("-(-a)", '"a"'),
        ('title:(a "b c" OR dd*)', 'title : "a" AND (title : "b c" OR title : "dd" *)'),
        ('"new harb"*', '"new harb" *'),
        ("((((a", '"a"'),
        ("a) b)", '"a" AND "b"'),
        ("() a", '"a"'),
        ("(OR a)", '"or" AND "a"'),
        ("a OR OR b", '("a" OR "b")'),
        ("NOT NOT a b", '("b") NOT "a"'),
        ("ferry ferry", '"ferry"'),
    ],
)
def test_the_grammar(typed: str, expression: str) -> None:
    assert match_expression(typed) == expression


@pytest.mark.parametrize("typed", ["", "  ", "!!!", '"', '""', "*", "-", "--", "\ue002", "\x00", "🎉"])
def test_a_text_without_a_word_is_no_expression(typed: str) -> None:
    assert match_expression(typed) is None


def test_what_excludes_or_joins_finds_accordingly() -> None:
    text = "The harbour opened on Monday"
    assert found(text, "harbour -ferry")
    assert not found(text, "harbour -monday")
    assert found(text, "-ferry")
    assert not found(text, "-harbour")
    assert found(text, "ferry OR harbour monday")
    assert not found(text, "ferry OR harbour tuesday")
    assert found(text, '"opened on"')
    assert not found(text, '"on opened"')
    assert found(text, "harb* mon*")
    assert found(text, "title:ferry", title="Ferry")
    assert not found(text, "title:harbour", title="Ferry")


@given(TYPED)
def test_s14_any_text_is_a_safe_expression(fts: sqlite3.Connection, typed: str) -> None:
    """S14: the engine takes whatever comes out, and it is short."""
    expression = match_expression(typed)
    if expression is not None:
        fts.execute("SELECT count(*) FROM texts WHERE texts MATCH ?", (expression,)).fetchall()
        assert len(expression) < 3_000
        search = understand(typed)
        assert sum(len(term.words) for term in search.terms) <= MAX_WORDS


@pytest.mark.parametrize("typed", ["{words} OR", "AND {words}", "({words} NOT)", "{words} OR OR AND"])
def test_s14_an_operator_that_is_a_word_is_one_of_those_that_are_looked_for(typed: str) -> None:
    """S14: the bound on words holds for it too."""
    search = understand(typed.format(words=" ".join(f"w{number}" for number in range(MAX_WORDS))))
    assert sum(len(term.words) for term in search.terms) == MAX_WORDS


def test_s14_few_prefixes_are_looked_up() -> None:
    """S14: each prefix gathers many words, so that only so many are one."""
    expression = match_expression(" OR ".join(f"{letter}{letter}*" for letter in "abcdefghij"))
    assert expression is not None
    assert expression.count("*") == 4
    assert expression.count("OR") == 9


def test_s14_a_megabyte_costs_no_time() -> None:
    """S14: a query is bounded before it is read."""
    start = time.perf_counter()
    for megabyte in ("a" * 10**6, '"a ' * 10**6, "-" * 10**6, "a OR " * 10**6, "日" * 10**6, " " * 10**6, "a:" * 10**6):
        match_expression(megabyte)
    assert time.perf_counter() - start < 1


def marked(text: str) -> list[str]:
    return [part.split(SNIPPET_END)[0] for part in text.split(SNIPPET_START)[1:]]


def plain(text: str) -> str:
    return text.replace(SNIPPET_START, "").replace(SNIPPET_END, "")


FILLER = "Nothing of interest was said about it. " * 20


@pytest.mark.parametrize(
    ("sentence", "words", "hits"),
    [
        ("Zürich's mayor opened the harbour.", "zurich harb*", ["Zürich", "harbour"]),
        ("東京五輪の開催は来年に延期された。", "延期 五輪", ["五輪", "延期"]),
        ("The U.S. said so.", "us", ["U.S"]),
        ("The new harbour opened.", '"new harbour"', ["new harbour"]),
        (unicodedata.normalize("NFD", "Le café ouvrira."), "cafe", ["café"]),
        ("Die Straße ist gesperrt.", "strasse", ["Straße"]),
    ],
)
def test_a_snippet_shows_and_marks_what_was_found(sentence: str, words: str, hits: list[str]) -> None:
    shown = snippet(FILLER + sentence + " " + FILLER, understand(words).sought)
    assert marked(shown) == hits
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(plain(shown)) <= 210


def test_a_snippet_prefers_the_place_with_most_of_the_words() -> None:
    text = f"The ferry left. {FILLER} The ferry met the mayor. {FILLER}"
    assert marked(snippet(text, understand("ferry mayor").sought)) == ["ferry", "mayor"]


def test_a_snippet_begins_with_its_sentence() -> None:
    text = f"{FILLER}On Monday the new ferry left the harbour. {FILLER}"
    assert plain(snippet(text, understand("ferry").sought)).startswith("…On Monday the new ferry")


def test_a_snippet_of_a_match_elsewhere_is_the_beginning() -> None:
    shown = snippet(FILLER, understand("title:nothing").sought)
    assert shown.startswith("Nothing of interest")
    assert marked(shown) == []
    assert snippet("Short.", ()) == "Short."
    assert snippet("", understand("a").sought) == ""


def test_the_marks_of_a_snippet_are_ours_alone() -> None:
    text = f"{SNIPPET_START}<b>{SNIPPET_END} the ferry {SNIPPET_END}{SNIPPET_START}"
    assert marked(snippet(text, understand("ferry").sought)) == ["ferry"]


@given(st.text(max_size=300), st.text(max_size=20), st.integers(1, 300))
def test_any_snippet_is_one_line_of_the_text(text: str, words: str, width: int) -> None:
    shown = snippet(text, understand(words).sought, width)
    assert shown.count(SNIPPET_START) == shown.count(SNIPPET_END) == len(marked(shown))
    assert "\n" not in shown
    kept = " ".join(unicodedata.normalize("NFC", text.replace(SNIPPET_START, "").replace(SNIPPET_END, "")).split())
    assert plain(shown).removeprefix("…").removesuffix("…").strip() in kept or "…" in text


def test_a_huge_text_costs_a_bounded_time() -> None:
    start = time.perf_counter()
    snippet("é ferry " * 10**6, understand("ferry fer* mayor").sought)
    assert time.perf_counter() - start < 2
