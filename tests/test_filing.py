"""How a cut page is filed: on a real corpus, through the rules of `crawler.filing`."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler import urls
from crawler.box import Overrun
from crawler.filing import RETRY_WAITS_S, file_cut, file_missed, retry_time
from crawler.messages import Answer, CutPage, Missed
from storage import (
    Article,
    Corpus,
    Discovery,
    DuePage,
    Ending,
    Entry,
    Outcome,
    Poll,
    Rejected,
    Source,
    open_corpus,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TEXT = "\n".join(
    f"Paragraph {n} of a report about the harbour and its ferries, long enough to count." for n in range(6)
)


@pytest.fixture
def corpus(tmp_path: Path) -> Iterator[Corpus]:
    with open_corpus(tmp_path / "corpus.db", write=True) as opened:
        yield opened


def named(corpus: Corpus, *addresses: str) -> list[DuePage]:
    """Pages of these addresses, named by one feed and leased, in that order."""
    corpus.subscribe([(Source("Harbour", "feed", "https://harbour.example/feed"), "harbour.example")], NOW)
    (feed,) = corpus.lease_feeds(NOW, 1, 600, polled_before=NOW + timedelta(days=9))
    found = tuple(
        Discovery(Entry(address, address), address, urls.identity(address), urls.host(address)) for address in addresses
    )
    with corpus.filing() as filing:
        filing.add_poll(Poll(feed.id, NOW, "new", NOW, 3600.0, discoveries=found))
    leased: dict[str, DuePage] = {}
    while batch := corpus.lease_pages(NOW, 50, 600):
        leased.update((page.url, page) for page in batch)
    return [leased[address] for address in addresses]


def article(text: str = TEXT, title: str | None = "The ferry", **more: Any) -> Article:
    digest = hashlib.sha256(" ".join(text.split()).casefold().encode()).hexdigest()
    return Article(title, text, f"<p>{text}</p>", word_count=len(text.split()), content_hash=digest, **more)


def cut(corpus: Corpus, page: DuePage, result: Any = None, **answer: Any) -> Outcome:
    answer.setdefault("url", page.url)
    answer.setdefault("status", 200)
    with corpus.filing() as filing:
        return file_cut(filing, CutPage(page, Answer(**answer), result or article()), NOW)


def test_c10_a_new_text_is_stored_and_its_page_ends(corpus: Corpus) -> None:
    (page,) = named(corpus, "https://harbour.example/2026/ferry")
    assert cut(corpus, page) == Outcome(Ending.STORED)
    explained = corpus.explain(page.key)
    assert explained is not None
    assert explained.outcome == Outcome(Ending.STORED)
    assert [attempt.outcome.ending for attempt in explained.attempts] == [Ending.STORED]
    assert corpus.totals().articles == 1


def test_p40_the_same_text_under_another_address_of_the_site_is_the_same_article(corpus: Corpus) -> None:
    first, second = named(corpus, "https://harbour.example/2026/ferry", "https://harbour.example/topics/ferry-2")
    cut(corpus, first)
    assert cut(corpus, second) == Outcome(Ending.SAME_ARTICLE, "same_content")
    assert corpus.totals().articles == 1
    stored = corpus.article_at(second.key)
    assert stored is not None
    assert set(stored.urls) == {first.url, second.url}


def test_the_same_text_on_another_site_is_an_article_of_its_own_in_one_story(corpus: Corpus) -> None:
    first, second = named(corpus, "https://harbour.example/2026/ferry", "https://ledger.example/wire/77")
    cut(corpus, first)
    assert cut(corpus, second) == Outcome(Ending.STORED)
    ours, theirs = corpus.article_at(first.key), corpus.article_at(second.key)
    assert ours is not None
    assert theirs is not None
    assert ours.id != theirs.id
    assert ours.story_id == theirs.story_id
    assert theirs.copies == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_d2_d3_a_canonical_link_unites_two_addresses_whichever_came_first(
    corpus: Corpus, order: tuple[int, int]
) -> None:
    canonical = "https://harbour.example/2026/ferry"
    pages = named(corpus, canonical, "https://harbour.example/live/ferry-now")
    claims = article(addresses=(("canonical", canonical),))
    outcomes = [cut(corpus, pages[index], claims) for index in order]
    assert [outcome.ending for outcome in outcomes] == [Ending.STORED, Ending.SAME_ARTICLE]
    assert corpus.totals().articles == 1
    stored = corpus.article_at(urls.identity(canonical))
    assert stored is not None
    assert stored.url == canonical


def test_d2_a_redirect_target_is_an_address_of_the_article(corpus: Corpus) -> None:
    short, long = "https://news.example/s/abc", "https://harbour.example/2026/ferry"
    (page,) = named(corpus, short)
    cut(corpus, page, url=long, redirects=((301, short),))
    stored = corpus.article_at(urls.identity(long))
    assert stored is not None
    assert stored.url == long
    assert corpus.article_at(urls.identity(short)) is not None


def test_d2_a_canonical_on_another_site_changes_no_identity(corpus: Corpus) -> None:
    agency = "https://agency.example/original"
    (page,) = named(corpus, "https://harbour.example/2026/ferry")
    cut(corpus, page, article(addresses=(("canonical", agency),), syndicated_from=agency))
    assert corpus.article_at(urls.identity(agency)) is None


def test_one_canonical_on_every_page_of_a_careless_site_unites_nothing(corpus: Corpus) -> None:
    pages = named(corpus, "https://harbour.example/a-1", "https://harbour.example/b-2")
    claim = (("canonical", "https://harbour.example/news"),)
    assert cut(corpus, pages[0], article(TEXT, "One", addresses=claim)).ending == Ending.STORED
    assert cut(corpus, pages[1], article(TEXT[::-1], "Another", addresses=claim)).ending == Ending.STORED
    front = (("canonical", "https://harbour.example/"),)
    more = named(corpus, "https://harbour.example/c-3", "https://harbour.example/d-4")
    cut(corpus, more[0], article("Third " + TEXT, "Third", addresses=front))
    assert cut(corpus, more[1], article("Fourth " + TEXT, "Third", addresses=front)).ending == Ending.STORED


def test_a_revisit_with_the_same_text_is_unchanged_and_with_another_is_a_revision(corpus: Corpus) -> None:
    (page,) = named(corpus, "https://harbour.example/2026/ferry")
    cut(corpus, page)
    assert cut(corpus, page).ending == Ending.UNCHANGED
    assert cut(corpus, page, article(TEXT + "\nAn addition.")).ending == Ending.REVISED
    stored = corpus.article_at(page.key)
    assert stored is not None
    assert stored.revision == 2
    assert [revision.text for revision in corpus.revisions(stored.id)] == [TEXT, TEXT + "\nAn addition."]


def test_a_removed_article_that_redirects_to_the_front_page_is_no_article(corpus: Corpus) -> None:
    (page,) = named(corpus, "https://harbour.example/2026/ferry")
    outcome = cut(corpus, page, url="https://harbour.example/", redirects=((302, page.url),))
    assert outcome.ending == Ending.REJECTED
    assert outcome.reason == "not_an_article"
    assert corpus.totals().articles == 0


def test_c10_reasons_of_the_cut_and_of_the_box_are_kept(corpus: Corpus) -> None:
    pages = named(corpus, "https://harbour.example/x-1", "https://harbour.example/x-2")
    assert str(cut(corpus, pages[0], Rejected("too_short", "3 words"))) == "rejected:too_short"
    assert str(cut(corpus, pages[1], Overrun("parse_memory", "1 GiB"))) == "failed:parse_memory"
    explained = corpus.explain(pages[0].key)
    assert explained is not None
    assert explained.outcome is not None
    assert explained.outcome.detail == "3 words"


def test_a_passing_failure_is_tried_again_a_few_times_and_a_lasting_one_never(corpus: Corpus) -> None:
    timeout, forbidden = Outcome(Ending.FAILED, "timeout"), Outcome(Ending.FAILED, "http_403")
    waits = [retry_time(timeout, attempts, None, NOW) for attempts in range(4)]
    assert waits == [*(NOW + timedelta(seconds=wait_s) for wait_s in RETRY_WAITS_S), None]
    assert retry_time(forbidden, 0, None, NOW) is None
    assert retry_time(Outcome(Ending.GONE, "http_404"), 0, None, NOW) is None
    (page,) = named(corpus, "https://harbour.example/2026/ferry")
    with corpus.filing() as filing:
        file_missed(filing, Missed(page, timeout), NOW)
    assert corpus.lease_pages(NOW, 5, 600) == []
    (again,) = corpus.lease_pages(NOW + timedelta(hours=1), 5, 600)
    assert again.attempts == 1


def test_a_page_not_parsed_in_time_gets_a_second_look_and_no_third(corpus: Corpus) -> None:
    overrun = Outcome(Ending.FAILED, "parse_timeout", "not done after 8 s")
    assert [retry_time(overrun, attempts, None, NOW) for attempts in range(3)] == [
        NOW + timedelta(seconds=RETRY_WAITS_S[0]),
        None,
        None,
    ]
    (page,) = named(corpus, "https://harbour.example/slow")
    assert cut(corpus, page, Overrun("parse_timeout", "not done after 8 s")) == overrun
    later = NOW + timedelta(seconds=RETRY_WAITS_S[0])
    assert corpus.lease_pages(later - timedelta(seconds=1), 5, 600) == []
    (again,) = corpus.lease_pages(later, 5, 600)
    assert cut(corpus, again) == Outcome(Ending.STORED)


def test_c3_a_servers_retry_after_delays_the_next_try_up_to_a_week() -> None:
    busy = Outcome(Ending.FAILED, "http_503")
    assert retry_time(busy, 0, 3 * 3600.0, NOW) == NOW + timedelta(hours=3)
    assert retry_time(busy, 0, 90 * 86400.0, NOW) == NOW + timedelta(days=7)
