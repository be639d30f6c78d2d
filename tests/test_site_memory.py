"""X7: what a host repeats is chrome; copies, refrains and tables are not. X9: a source's selectors win over it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.extract import Article, cut_page, extract, lesson_of
from crawler.extract.site_memory import fingerprints
from storage import Lesson, SiteMemory, bounded
from storage.lessons import MOST_OF_A_PAGE, TaughtPage, is_twin, kept_window, repeated, theme_change

NOTICE = "This newspaper is delivered to every house on the island on each morning of the week but Sunday."
ADVERT = "Readers who order the printed edition before the end of the month get the calendar with it for nothing."
WORDS = (
    *("harbour", "ferry", "council", "bridge", "season", "price", "market", "winter"),
    *("report", "mayor", "storm", "school", "library", "boat", "engine"),
)


def paragraph(seed: int, count: int = 30) -> str:
    """A sentence that no other seed gives."""
    words = [WORDS[(seed * 7 + n * (1 + seed % 5)) % len(WORDS)] for n in range(count)]
    return f"Number {seed} says that {' '.join(words)} and so on."


def page(title: str, paragraphs: Sequence[str], *, notices: Sequence[str] = (NOTICE, ADVERT), more: str = "") -> str:
    """A page of a plain theme without a class name, its notices among the paragraphs."""
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    head, foot = (f"<p>{notices[0]}</p>", f"<p>{notices[-1]}</p>") if notices else ("", "")
    return (
        f"<html><head><title>{title}</title></head><body><div><h1>{title}</h1>{head}{body}{more}{foot}</div>"
        "<div>Imprint and privacy</div></body></html>"
    )


class Host:
    """The pages of one host as they come: each is cut with what those before it taught."""

    def __init__(self) -> None:
        self.window: list[TaughtPage] = []

    @property
    def memory(self) -> SiteMemory:
        return SiteMemory(sum(not page.twin for page in self.window), repeated(self.window))

    def cut(self, html: str, **how: object) -> str:
        """The text, learned from afterwards."""
        cut = cut_page(html, "https://harbour.example/x", memory=self.memory, **how)  # type: ignore[arg-type]
        assert isinstance(cut.result, Article), cut.result
        lesson = lesson_of(cut.page) if cut.page else None
        if lesson:
            taught = TaughtPage(
                len(self.window) + 1, lesson.headline, is_twin(lesson, self.window), tuple(lesson.blocks)
            )
            self.window = kept_window([*self.window, taught])
        return cut.result.text


def taught(count: int = 4) -> Host:
    host = Host()
    for n in range(count):
        host.cut(page(f"Headline {n}", [paragraph(10 * n + k) for k in range(4)]))
    return host


def test_x7_the_third_page_is_free_of_what_the_first_two_repeat() -> None:
    host = taught(2)
    text = host.cut(page("The third one", [paragraph(100), paragraph(101)]))
    assert NOTICE not in text
    assert ADVERT not in text
    assert paragraph(100) in text
    assert paragraph(101) in text


def test_x7_the_second_page_is_judged_by_the_first() -> None:
    host = taught(1)
    text = host.cut(page("The second one", [paragraph(100), paragraph(101), paragraph(102)]))
    assert NOTICE not in text
    assert paragraph(101) in text


def test_x7_the_rule_says_on_how_many_pages_it_was_seen() -> None:
    cut = cut_page(page("Another", [paragraph(100)]), memory=taught(4).memory)
    assert cut.page is not None
    assert cut.page.chrome[next(i for i, b in enumerate(cut.page.blocks) if b.text == NOTICE)] == (
        "repeated on 4 of 4 pages"
    )


def test_x7_a_page_that_taught_keeps_its_text_when_it_is_cut_again() -> None:
    for count in (1, 2, 3, 8):
        text = extract(page("Headline 0", [paragraph(k) for k in range(4)]), memory=taught(count).memory)
        assert isinstance(text, Article)
        assert all(paragraph(k) in text.text for k in range(4))


def test_x7_a_revision_under_another_headline_keeps_its_paragraphs() -> None:
    host = taught(1)
    text = host.cut(page("New headline", [paragraph(0), paragraph(1), paragraph(2), paragraph(99)]))
    assert all(paragraph(k) in text for k in (0, 1, 2, 99))


def test_x7_an_article_that_consists_of_a_refrain_keeps_it() -> None:
    host = taught(4)
    text = extract(page("A short one", [NOTICE], notices=()), memory=host.memory)
    assert isinstance(text, Article)
    assert NOTICE in text.text


def test_x7_items_and_cells_that_others_have_too_stay_in_lists_and_tables_of_the_article() -> None:
    host = Host()
    for n in range(5):
        items = f"<ul><li>a spoon of salt</li><li>{n} onions of the island</li><li>herb number {n}</li></ul>"
        rows = f"<table><tr><th>Harbour</th><th>Boats</th></tr><tr><td>Port {n}</td><td>{n}1</td></tr></table>"
        text = host.cut(page(f"Dish {n}", [paragraph(10 * n), paragraph(10 * n + 1)], more=items + rows))
    assert "a spoon of salt" in text
    assert "Harbour\tBoats" in text
    assert NOTICE not in text


def test_x7_a_heading_that_stands_above_text_of_its_own_stays() -> None:
    host = Host()
    for n in range(5):
        more = f"<h2>What happened</h2><p>{paragraph(500 + n)}</p>"
        text = host.cut(page(f"Report {n}", [paragraph(10 * n), paragraph(10 * n + 1)], more=more))
    assert "What happened" in text


def test_x9_content_and_strip_win_over_what_was_learned() -> None:
    host = taught(4)
    html = page("Another", [paragraph(100), paragraph(101)])
    chosen = extract(html, content="div", memory=host.memory)
    assert isinstance(chosen, Article)
    assert NOTICE in chosen.text
    assert ADVERT in chosen.text
    stripped = extract(html.replace("<div><h1>", "<div><p class=x>Gone, whatever was learned.</p><h1>"), strip=[".x"])
    assert isinstance(stripped, Article)
    assert "Gone" not in stripped.text


def test_x10_the_same_text_has_the_same_fingerprint_on_every_machine() -> None:
    known = [795337036716557364, -860152937053672005, -1605760947944547635]
    assert list(fingerprints(["Leave a Reply", "Ähnliche Beiträge", "\ud800"])) == known
    code = "from crawler.extract.site_memory import fingerprints; print(*fingerprints(['Leave a Reply']))"
    for seed in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        assert done.stdout.strip() == str(known[0])


def test_x10_the_same_page_and_memory_give_the_same_article_whatever_the_order_of_the_memory() -> None:
    memory = taught(4).memory
    html = page("Another", [paragraph(100)])
    turned = replace(memory, blocks=dict(reversed(memory.blocks.items())))
    now = {"url": "https://harbour.example/x"}
    assert extract(html, memory=memory, **now) == extract(html, memory=turned, **now)  # type: ignore[arg-type]


@settings(max_examples=40, deadline=None)
@given(
    own=st.lists(st.integers(1000, 1999), min_size=2, max_size=5, unique=True),
    copies=st.lists(st.sampled_from(["same", "other headline", "one more", "one less"]), min_size=1, max_size=5),
    before=st.integers(0, 5),
    between=st.integers(0, 2),
)
def test_x7_a_copy_under_another_address_never_loses_its_own_text(
    own: list[int], copies: list[str], before: int, between: int
) -> None:
    host = taught(before)
    paragraphs = [paragraph(n) for n in own]
    host.cut(page("The storm", paragraphs))
    for number, how in enumerate(copies):
        for n in range(between):
            host.cut(page(f"Between {number} {n}", [paragraph(2000 + 10 * number + n)]))
        title = f"The storm, part {number}" if how == "other headline" else "The storm"
        texts = {"one more": [*paragraphs, paragraph(3000 + number)], "one less": paragraphs[1:]}.get(how, paragraphs)
        text = host.cut(page(title, texts))
        assert all(one in text for one in texts)


def test_a_lesson_is_bounded_and_keeps_its_headline() -> None:
    blocks = tuple(range(1000, 3000))
    lesson = bounded(Lesson(2000, blocks, (1,) * 2000, ("x",) * 2000))
    assert len(lesson.blocks) == len(lesson.words) == len(lesson.texts) == MOST_OF_A_PAGE
    assert {1000, 2000, 2999} <= set(lesson.blocks)


def test_a_page_without_prose_teaches_nothing() -> None:
    cut = cut_page("<h1>Gallery</h1><p>One</p><p>Two</p><div><a href=/a>Three</a></div>")
    assert cut.page is not None
    assert lesson_of(cut.page) is None
    assert is_twin(Lesson(0, (1, 2), (0, 0), ("a", "b")), [])


def test_x7_a_part_of_a_site_with_another_look_is_no_change_of_theme() -> None:
    old = [TaughtPage(n, n, False, (1, 2, 3, 4, 100 + n)) for n in range(1, 9)]
    odd = [TaughtPage(n, n, False, (200 + n, 300 + n)) for n in range(9, 12)]
    new = [TaughtPage(n, n, False, (7, 8, 9, 100 + n)) for n in range(9, 12)]
    assert theme_change([*old, *odd]) is None  # they have no theme in common
    assert theme_change([*old, *new]) == 9
    assert theme_change([*old, *new[:2]]) is None
    assert theme_change(new) is None


def test_x7_teasers_in_a_box_are_no_evidence_against_the_leads_that_they_repeat() -> None:
    leads = [paragraph(5000 + n) for n in range(12)]

    def teasing(n: int) -> str:
        others = "".join(f"<li><a href=/{k}>Headline {k}</a><p>{leads[k]}</p></li>" for k in range(12) if k != n)
        more = f"<aside><h3>More news</h3><ul>{others}</ul></aside>"
        return page(f"Headline {n}", [leads[n], *(paragraph(100 * n + k) for k in range(5))], more=more)

    host = Host()
    texts = [host.cut(teasing(n)) for n in range(12)]
    again = [cut_page(teasing(n), "https://harbour.example/x", memory=host.memory).result for n in range(12)]
    assert [lead for lead, text in zip(leads, texts, strict=True) if lead not in text] == []
    assert [n for n, one in enumerate(again) if not isinstance(one, Article) or leads[n] not in one.text] == []
    assert [text for text in texts[2:] if NOTICE in text] == []
