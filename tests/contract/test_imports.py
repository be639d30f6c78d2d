"""What an import files: rows that name their page once, and texts that are older than the one that stands."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contract.scenes import HOUR, NOW, STORED, article, discovered, discovery, file_article, lease_pages, source

from storage import Address, Corpus, StorageError, Visit

FILE = source("Old Desk", "import:Old Desk")
DAY = timedelta(days=1)


def test_a_row_names_its_page_once_for_each_source(corpus: Corpus) -> None:
    row = discovery("a", entry_key="digest")
    with corpus.filing() as filing:
        brought = filing.bring_row(FILE, row, NOW)
        assert brought is not None
        assert (brought.page.key, brought.page.source, brought.text) == (row.key, "Old Desk", None)
        article_id = filing.add_article(brought.page.id, article(), (), NOW)
        filing.end_page(Visit(brought.page.id, NOW, STORED), article_id)
    with corpus.filing() as filing:
        assert filing.bring_row(FILE, row, NOW + HOUR) is None
        again = filing.bring_row(source("New Desk", "import:New Desk"), row, NOW + HOUR)
        assert again is not None
        assert again.text is not None
        assert (again.text.article_id, again.text.fetched) == (article_id, NOW)
        filing.end_page(Visit(again.page.id, NOW, STORED), article_id)
    (found,) = corpus.articles()
    assert (found.sources, found.first_seen) == (("New Desk", "Old Desk"), NOW)
    assert corpus.lease_feeds(NOW + 400 * DAY, 10, 60.0) == []
    assert corpus.lease_pages(NOW + 400 * DAY, 10, 60.0) == []


def test_a_row_that_is_not_filed_to_its_end_was_never_brought(corpus: Corpus) -> None:
    def begin() -> None:
        with corpus.filing() as filing:
            assert filing.bring_row(FILE, discovery("a"), NOW) is not None
            raise InterruptedError

    with pytest.raises(InterruptedError):
        begin()
    with corpus.filing() as filing:
        assert filing.bring_row(FILE, discovery("a"), NOW) is not None


def test_another_address_of_an_article_is_told_and_a_page_that_is_due_keeps_its_turn(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    alias = Address("https://harbour.example/amp", "harbour.example/amp", "amphtml")
    article_id = file_article(corpus, page, addresses=[alias])
    with corpus.filing() as filing:
        filing.end_page(Visit(page.id, NOW, STORED, retry_at=NOW + DAY), article_id)
        brought = filing.bring_row(FILE, discovery("amp"), NOW)
        assert brought is not None
        assert brought.is_other_address
        brought = filing.bring_row(FILE, discovery("a"), NOW)
        assert brought is not None
        assert (brought.due, brought.is_other_address) == (NOW + DAY, False)


@pytest.mark.parametrize("days", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (2, 2, 1)])
def test_d13_older_texts_stand_in_the_order_of_their_time(corpus: Corpus, days: tuple[int, ...]) -> None:
    discovered(corpus, discovery("a"))
    article_id = file_article(corpus, lease_pages(corpus)[0], article("The last text."), at=NOW)
    for number, ago in enumerate(days):
        with corpus.filing() as filing:
            text = article(f"Text {number} of {ago} days ago.")
            assert filing.add_former(article_id, text, NOW - ago * DAY)
        with corpus.filing() as filing:
            assert not filing.add_former(article_id, text, NOW - ago * DAY)
    texts = corpus.revisions(article_id)
    assert [text.number for text in texts] == [1, 2, 3, 4]
    assert [text.fetched for text in texts] == sorted(text.fetched for text in texts)
    assert texts[-1].text == "The last text."
    (current,) = corpus.articles()
    assert (current.revision, current.text, current.fetched) == (4, "The last text.", NOW)


def test_an_older_text_is_never_later_than_the_current_one(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    article_id = file_article(corpus, lease_pages(corpus)[0], article("Now."), at=NOW)
    with corpus.filing() as filing:
        assert filing.add_former(article_id, article("Then."), NOW + DAY)
        assert not filing.add_former(article_id, article("Now."), NOW - DAY)
    assert [(text.text, text.fetched) for text in corpus.revisions(article_id)] == [("Then.", NOW), ("Now.", NOW)]
    with pytest.raises(StorageError, match="has no article 99"), corpus.filing() as filing:
        filing.add_former(99, article(), NOW)
