"""Exports that go on: each selection has what came since the one before, whatever is filed while they are read."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from contract.conftest import Opener
from contract.scenes import NOW, article, discovered, discovery, file_article, lease_pages, poll, source
from contract.scenes import subscribe as subscribed

from storage import Corpus, CursorRefused, Position, Progress, Query, Selection, Tally


def take(
    corpus: Corpus, query: Query | str, after: Progress, meanwhile: Callable[[], object] = lambda: None, **how: bool
) -> tuple[list[tuple[int, int]], Progress]:
    """Numbers and revisions of what a selection gives, and how far it came."""
    selection, tally, found = corpus.select(query, after=after, **how), Tally(), []
    for each in tally.counting(corpus.selected(selection)):
        found.append((each.id, each.revision))
        meanwhile()
    return found, tally.progress(selection)


class Press:
    """Files articles and revises them, in an order that chance decides."""

    def __init__(self, corpus: Corpus, seed: int) -> None:
        self.corpus, self.chance, self.ids = corpus, random.Random(seed), list[int]()
        discovered(corpus, *(discovery(f"n{number}") for number in range(60)))
        self.pages = lease_pages(corpus)

    def go_on(self) -> None:
        for _ in range(self.chance.choice((0, 0, 1, 2))):
            if self.pages and self.chance.random() < 0.6:
                text = f"The ferry was late for the {len(self.pages)}th time."
                self.ids.append(file_article(self.corpus, self.pages.pop(), article(text)))
            elif self.ids:
                with self.corpus.filing() as filing:
                    text = f"The ferry came, {self.chance.random()}."
                    filing.revise_article(self.chance.choice(self.ids), article(text), (), NOW)
        if self.chance.random() < 0.5:
            self.corpus.index(self.chance.choice((1, 1000)))


@pytest.mark.parametrize("query", ["", "ferry"])
@pytest.mark.parametrize("seed", range(2))
def test_no_article_is_lost_and_no_text_given_twice_while_a_crawl_files(
    opened: Opener, corpus: Corpus, seed: int, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sqlite.questions.BATCH", 2)
    press, progress, given = Press(corpus, seed), Progress(), list[tuple[int, int]]()
    corpus.index()
    reader = opened()
    for _ in range(12):
        for _ in range(4):
            press.go_on()
        found, progress = take(reader, query, progress, press.go_on)
        given += found
    while corpus.index():
        pass
    found, progress = take(corpus, query, progress)
    given += found
    assert len(given) > 30
    assert len(set(given)) == len(given), "no text comes twice"
    assert {(each.id, each.revision) for each in corpus.articles()} <= set(given), "every current text came"
    assert take(corpus, query, progress)[0] == []


def test_what_is_new_comes_by_the_order_of_filing_a_revised_article_again(corpus: Corpus) -> None:
    discovered(corpus, *(discovery(name) for name in "abc"))
    pages = lease_pages(corpus)
    first, second = (file_article(corpus, page, article(f"The ferry {page.id}.")) for page in pages[:2])
    found, progress = take(corpus, "", Progress())
    assert found == [(first, 1), (second, 1)]
    with corpus.filing() as filing:
        filing.revise_article(first, article("The ferry came."), (), NOW)
    third = file_article(corpus, pages[2], article("A third ferry."))
    with corpus.filing() as filing:
        filing.revise_article(second, article("The ferry came too."), (), NOW)
    assert take(corpus, "", progress)[0] == [(first, 2), (third, 1), (second, 2)]
    assert take(corpus, "", progress)[0] == [(first, 2), (third, 1), (second, 2)], "until the cursor moves"


def test_an_article_that_matches_later_without_a_new_text_is_not_lost(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"), discovery("b"))
    ids = [file_article(corpus, page, article(f"The ferry {page.id}.")) for page in lease_pages(corpus)]
    query = Query(source="Tides")
    found, progress = take(corpus, query, Progress())
    assert found == []
    subscribed(corpus, source("Harbour"), source("Tides"))
    feed = next(feed for feed in corpus.lease_feeds(NOW, 10, 60.0) if feed.source == "Tides")
    poll(corpus, feed, discovery("b"))
    found, progress = take(corpus, query, progress)
    assert found == [(ids[1], 1)]
    assert take(corpus, query, progress)[0] == []


def test_of_a_story_the_first_comes_and_another_once_that_turns_out_to_be_first(corpus: Corpus) -> None:
    discovered(corpus, *(discovery(name) for name in "abc"))
    pages = lease_pages(corpus)
    first = file_article(corpus, pages[0], article("The ferry.", published=NOW))
    file_article(corpus, pages[1], article("The ferry, again.", published=NOW.replace(hour=14)), story_id=first)
    found, progress = take(corpus, "", Progress(), one_per_story=True)
    assert found == [(first, 1)]
    earlier = file_article(corpus, pages[2], article("A ferry.", published=NOW.replace(hour=3)), story_id=first)
    found, progress = take(corpus, "", progress, one_per_story=True)
    assert found == [(earlier, 1)]


def test_a_cursor_of_another_corpus_or_of_a_state_to_come_is_refused(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    file_article(corpus, page)
    _, progress = take(corpus, "", Progress())
    position = progress.position
    for other in (
        replace(position, newest_url="https://other.example/a"),
        replace(position, newest_id=position.seq + 7),
        replace(position, seq=position.seq + 1),
    ):
        with pytest.raises(CursorRefused, match="another corpus"):
            corpus.select("", after=replace(progress, position=other))
    corpus.index()
    with corpus.filing() as filing:
        filing.revise_article(position.newest_id or 0, article("New."), (), NOW)
    ahead = take(corpus, "", progress)[1]
    with pytest.raises(CursorRefused, match="search index"):
        corpus.select("ferry", after=ahead)


def test_an_empty_corpus_has_nothing_to_go_on_from(corpus: Corpus) -> None:
    assert corpus.select(after=Progress()).position == Position(0)
    assert list(corpus.selected(Selection(corpus.select().ids, Position(0)))) == []
