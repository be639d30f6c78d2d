"""X7: what the pages of a host repeat is learned page by page, bounded, and forgotten when the host changes it."""

from __future__ import annotations

import zlib

import pytest
from contract.conftest import Opener
from contract.scenes import (
    NOW,
    article,
    discovered,
    discovery,
    end,
    file_article,
    lease_pages,
)

from storage import Corpus, DuePage, Ending, Lesson, Outcome, SiteMemory

HOST = "harbour.example"
THEME = ("Harbour Gazette", "All rights reserved.", "Read next", "Sign up for our letter")
NEW_THEME = ("The Gazette", "Imprint", "Also on this site", "Write to us")


def pages_of(corpus: Corpus, count: int) -> list[DuePage]:
    discovered(corpus, *(discovery(f"p{n}") for n in range(count)))
    return sorted(lease_pages(corpus), key=lambda page: int(page.url.rsplit("p", 1)[1]))


def lesson(name: str, theme: tuple[str, ...] = THEME, *, own: tuple[str, ...] = (), headline: str = "") -> Lesson:
    """A page with this theme around two paragraphs of its own."""
    prose = own or (f"First of {name}", f"Second of {name}")
    texts = (headline or f"About {name}", *theme, *prose)
    words = (0,) * (1 + len(theme)) + (40,) * len(prose)
    return Lesson(number(texts[0]), tuple(map(number, texts)), words, texts)


def number(text: str) -> int:
    return zlib.crc32(text.encode("utf-8", "replace"))


def learn(corpus: Corpus, page: DuePage, taught: Lesson) -> bool:
    with corpus.filing() as filing:
        return filing.learn(HOST, page.id, taught, NOW)


def learn_and_break(corpus: Corpus, page: DuePage) -> None:
    with corpus.filing() as filing:
        filing.learn(HOST, page.id, lesson("never filed"), NOW)
        raise ZeroDivisionError


def repeated(corpus: Corpus) -> dict[str, int]:
    return {block.text: block.pages for host in corpus.remembered("Harbour") for block in host.blocks}


def test_x7_what_pages_have_in_common_is_repeated_and_nothing_else(corpus: Corpus) -> None:
    for n, page in enumerate(pages_of(corpus, 4)):
        assert learn(corpus, page, lesson(f"p{n}"))
    assert repeated(corpus) == dict.fromkeys(THEME, 4)
    assert corpus.site_memory(HOST) == SiteMemory(4, {number(text): 4 for text in THEME})
    assert corpus.site_memory("other.example") == SiteMemory()
    assert corpus.remembered("unknown") == []


def test_x7_of_a_single_page_every_block_is_told_with_its_count(corpus: Corpus) -> None:
    page = pages_of(corpus, 1)[0]
    learn(corpus, page, lesson("p0"))
    assert set(corpus.site_memory(HOST).blocks.values()) == {1}
    assert repeated(corpus) == {}


def test_x7_a_page_teaches_once(corpus: Corpus) -> None:
    one, two = pages_of(corpus, 2)
    learn(corpus, one, lesson("p0"))
    assert not learn(corpus, one, lesson("other"))
    learn(corpus, two, lesson("p1"))
    assert corpus.site_memory(HOST).pages == 2


def test_x7_copies_and_revisions_under_other_addresses_teach_nothing(corpus: Corpus) -> None:
    pages = pages_of(corpus, 8)
    own = tuple(f"Paragraph {n} of the storm" for n in range(6))
    for n, page in enumerate(pages[:5]):  # one of the six paragraphs is rewritten each time
        learn(corpus, page, lesson(f"p{n}", own=(*own[:n], f"Rewritten {n}", *own[n + 1 :]), headline="The storm"))
    for n, page in enumerate(pages[5:]):
        learn(corpus, page, lesson(f"other {n}"))
    assert repeated(corpus) == dict.fromkeys(THEME, 4)


def test_x7_a_host_whose_notices_are_longer_than_its_articles_is_learned_too(corpus: Corpus) -> None:
    for n, page in enumerate(pages_of(corpus, 8)):
        short = Lesson(
            number(f"Headline {n}"), (number(f"Headline {n}"), 1, 2, 100 + n), (0, 60, 60, 30), ("H", "a", "b", "c")
        )
        learn(corpus, page, short)
    assert {1, 2} <= corpus.site_memory(HOST).blocks.keys()
    assert not corpus.site_memory(HOST).blocks.keys() & set(range(100, 108))


def test_x7_a_host_that_changes_its_theme_is_forgotten_and_learned_again(corpus: Corpus) -> None:
    pages = pages_of(corpus, 30)
    for n, page in enumerate(pages[:17]):
        learn(corpus, page, lesson(f"p{n}"))
    for n, page in enumerate(pages[17:24], 17):
        learn(corpus, page, lesson(f"p{n}", NEW_THEME))
    assert set(repeated(corpus)) == set(NEW_THEME)
    (host,) = corpus.remembered("Harbour")
    assert host.changed == NOW


def test_x7_one_odd_page_changes_no_theme(corpus: Corpus) -> None:
    pages = pages_of(corpus, 20)
    for n, page in enumerate(pages):
        learn(corpus, page, lesson(f"p{n}", NEW_THEME if n % 8 == 7 else THEME))
    (host,) = corpus.remembered("Harbour")
    assert host.changed is None
    assert set(THEME) <= set(repeated(corpus))


def test_x7_what_the_last_pages_lack_is_forgotten(corpus: Corpus) -> None:
    pages = pages_of(corpus, 40)
    for n, page in enumerate(pages):
        learn(corpus, page, lesson(f"p{n}", (*THEME, "Summer offer") if n < 8 else THEME))
    assert set(repeated(corpus)) == set(THEME)
    assert corpus.site_memory(HOST).pages == 24


def test_x7_a_hostile_host_adds_no_more_than_the_bounds(corpus: Corpus) -> None:
    pages = pages_of(corpus, 40)
    many = tuple(range(50_000))
    for n, page in enumerate(pages):
        blocks = (*(block + 3 * n for block in many), 10**9 + n)
        learn(corpus, page, Lesson(0, blocks, (*(0 for _ in many), 40), ("x" * 5000,) * len(blocks)))
    memory = corpus.site_memory(HOST)
    assert len(memory.blocks) <= 600
    assert all(len(text) <= 100 for text in repeated(corpus))


def test_x7_what_was_learned_outlives_a_restart_and_goes_with_its_transaction(opened: Opener) -> None:
    with opened(write=True) as corpus:
        pages = pages_of(corpus, 4)
        for n, page in enumerate(pages[:3]):
            learn(corpus, page, lesson(f"p{n}"))
        with pytest.raises(ZeroDivisionError):
            learn_and_break(corpus, pages[3])
    with opened(write=True) as corpus:
        assert repeated(corpus) == dict.fromkeys(THEME, 3)
        assert learn(corpus, pages[3], lesson("p3"))


def test_x7_text_that_no_column_can_hold_is_kept_as_far_as_it_goes(corpus: Corpus) -> None:
    for n, page in enumerate(pages_of(corpus, 3)):
        learn(corpus, page, lesson(f"p{n}", ("bad \ud800\x00 text",) if n < 3 else ()))
    assert list(repeated(corpus)) == ["bad ? text"]


def test_x7_hosts_of_a_source_are_those_of_its_last_pages(corpus: Corpus) -> None:
    page, other = pages_of(corpus, 2)
    file_article(corpus, page, article())
    end(corpus, other, Outcome(Ending.REJECTED, "too_short"))
    with corpus.filing() as filing:
        filing.learn("one.example", page.id, lesson("p0"), NOW)
    assert [host.host for host in corpus.remembered("Harbour")] == ["one.example"]
