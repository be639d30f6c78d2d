"""What the corpus promises about sources and their feeds."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
    discovered,
    discovery,
    lease_feed,
    lease_pages,
    poll,
    source,
    subscribe,
)

from storage import Corpus, FoundFeed, Move, Source, Validators

NEW_HOME = "https://new.example/feed"


def test_a_new_source_is_due_at_once(corpus: Corpus) -> None:
    subscribe(corpus, source(tags=("sea", "en"), language="en"))
    feed = lease_feed(corpus)
    assert (feed.source, feed.kind, feed.url, feed.host) == (
        "Harbour",
        "feed",
        "https://harbour.example/feed",
        "harbour.example",
    )
    assert feed.validators is None
    assert feed.last_poll is None
    (status,) = corpus.status()
    assert (status.tags, status.enabled, status.title) == (("sea", "en"), True, None)


def test_subscribing_to_the_same_list_again_changes_nothing(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"))
    before = (corpus.status(), corpus.totals().feeds, corpus.next_due())
    subscribe(corpus, now=NOW + HOUR / 2)
    assert (corpus.status(), corpus.totals().feeds, corpus.next_due()) == before
    assert corpus.lease_feeds(NOW + HOUR, 5, LEASE_S)[0].id == feed.id


def test_a_renamed_source_keeps_its_feeds_and_entries(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    subscribe(corpus, source("Harbour Courier", "https://harbour.example/feed", tags=("new",)))
    (status,) = corpus.status()
    assert (status.name, status.tags, status.waiting, status.feeds[0].entries) == ("Harbour Courier", ("new",), 1, 1)
    assert corpus.lease_pages(NOW, 1, LEASE_S)[0].source == "Harbour Courier"


def test_a_source_that_is_no_longer_listed_is_disabled_and_keeps_its_data(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    subscribe(corpus, source("Ledger"))
    harbour, ledger = corpus.status()
    assert (harbour.enabled, ledger.enabled) == (False, True)
    assert (harbour.removed, ledger.removed) == (NOW, None)
    assert harbour.feeds[0].entries == 1
    assert [feed.source for feed in corpus.lease_feeds(NOW + HOUR, 5, LEASE_S)] == ["Ledger"]
    assert corpus.lease_pages(NOW, 5, LEASE_S) == []
    assert corpus.next_due()[1] is None


def test_a_source_that_is_listed_again_goes_on_where_it_was(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    subscribe(corpus, source("Ledger"))
    subscribe(corpus, source(), source("Ledger"))
    assert [known.removed for known in corpus.status()] == [None, None]
    assert [page.url for page in lease_pages(corpus)] == ["https://harbour.example/a"]


def test_a_source_can_be_listed_as_disabled(corpus: Corpus) -> None:
    subscribe(corpus, source(enabled=False))
    assert corpus.lease_feeds(NOW, 5, LEASE_S) == []
    assert corpus.lease_feeds(NOW, 5, LEASE_S, polled_before=NOW + HOUR) == []
    assert corpus.next_due() == (None, None)


def test_a_source_whose_address_moved_keeps_its_data_and_starts_afresh_there(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"))
    poll(corpus, feed, validators=Validators('"old"'))
    subscribe(corpus, source(url="https://new.example/feed"))
    (moved,) = corpus.lease_feeds(NOW, 5, LEASE_S)
    assert (moved.id, moved.url, moved.host, moved.validators) == (
        feed.id,
        "https://new.example/feed",
        "new.example",
        None,
    )
    assert [status.waiting for status in corpus.status()] == [1]


def test_a_host_that_is_understood_anew_is_written_down(corpus: Corpus) -> None:
    subscribe(corpus)
    corpus.subscribe([(source(), "www.harbour.example")], NOW)
    assert lease_feed(corpus).host == "www.harbour.example"


def test_feeds_that_a_front_page_declares_are_polled_under_its_source_once(corpus: Corpus) -> None:
    site = Source("Isle", "site", "https://isle.example/")
    subscribe(corpus, site)
    front = lease_feed(corpus)
    found = (FoundFeed("https://isle.example/rss", "isle.example"), FoundFeed("https://isle.example/", "isle.example"))
    poll(corpus, front, found_feeds=found)
    poll(corpus, front, found_feeds=found, at=NOW + timedelta(minutes=1))
    due = lease_feed(corpus, NOW + timedelta(minutes=2))
    assert (due.url, due.kind, due.source) == ("https://isle.example/rss", "feed", "Isle")
    assert corpus.totals().feeds == 2


def test_a_source_may_move_to_a_feed_that_its_front_page_declared(corpus: Corpus) -> None:
    subscribe(corpus, source("Isle", "https://isle.example/a"))
    poll(corpus, lease_feed(corpus), found_feeds=(FoundFeed("https://isle.example/b", "isle.example"),))
    subscribe(corpus, source("Isle", "https://isle.example/b"), now=NOW)
    assert [feed.url for feed in corpus.lease_feeds(NOW + 2 * HOUR, 9, LEASE_S)] == ["https://isle.example/b"]


def test_two_sources_of_one_host_are_polled_one_after_the_other(corpus: Corpus) -> None:
    subscribe(corpus, source("A", "https://one.example/a"), source("B", "https://one.example/b"), source("C"))
    first = corpus.lease_feeds(NOW, 10, LEASE_S)
    assert [feed.source for feed in first] == ["A", "C"]
    assert [feed.source for feed in corpus.lease_feeds(NOW, 10, LEASE_S, skip_hosts={"one.example"})] == []
    assert [feed.source for feed in corpus.lease_feeds(NOW, 10, LEASE_S)] == ["B"]


def test_feeds_are_leased_longest_overdue_first_and_only_those_asked_for(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C"))
    for feed, minutes in zip(corpus.lease_feeds(NOW, 10, LEASE_S), (30, 10, 20), strict=True):
        poll(corpus, feed, next_poll=NOW + timedelta(minutes=minutes))
    assert corpus.lease_feeds(NOW, 10, LEASE_S) == []
    assert corpus.next_due()[0] == NOW + timedelta(minutes=10)
    assert corpus.next_due(sources=["A"])[0] == NOW + timedelta(minutes=30)
    assert [feed.source for feed in corpus.lease_feeds(NOW + HOUR, 2, LEASE_S, sources=["A", "B"])] == ["B", "A"]
    assert [feed.source for feed in corpus.lease_feeds(NOW + HOUR, 2, LEASE_S)] == ["C"]


def test_feeds_that_are_not_due_can_be_asked_for_by_the_time_of_their_last_poll(corpus: Corpus) -> None:
    feed = discovered(corpus)
    assert corpus.lease_feeds(NOW, 5, LEASE_S, polled_before=NOW) == []
    assert [due.id for due in corpus.lease_feeds(NOW, 5, LEASE_S, polled_before=NOW + HOUR)] == [feed.id]


def test_a_feed_lease_ends_by_itself(corpus: Corpus) -> None:
    subscribe(corpus)
    lease_feed(corpus)
    assert corpus.lease_feeds(NOW + timedelta(seconds=LEASE_S - 1), 5, LEASE_S) == []
    assert len(corpus.lease_feeds(NOW + timedelta(seconds=LEASE_S), 5, LEASE_S)) == 1


def test_p24_forced_polls_leave_out_what_was_polled_just_now_but_at_eager_hosts(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C"))
    for feed in corpus.lease_feeds(NOW, 5, LEASE_S):
        poll(corpus, feed, at=NOW - (3 * HOUR if feed.source == "C" else HOUR / 60), next_poll=NOW + HOUR)
    wanted: dict[str, Any] = {"polled_before": NOW - HOUR / 12, "eager_before": NOW}
    assert corpus.hosts_polled_since(NOW - HOUR / 12, NOW) == {"a.example": 1, "b.example": 1}
    assert [feed.source for feed in corpus.lease_feeds(NOW, 5, 0, **wanted)] == ["C"]
    leased = corpus.lease_feeds(NOW, 5, 0, eager_hosts={"b.example"}, **wanted)
    assert sorted(feed.source for feed in leased) == ["B", "C"]


def test_p18_a_feed_that_is_gone_is_forced_only_by_its_name(corpus: Corpus) -> None:
    subscribe(corpus, source("A"))
    poll(corpus, lease_feed(corpus), status="gone", next_poll=None)
    assert corpus.lease_feeds(NOW, 5, 0, polled_before=NOW + HOUR) == []
    assert len(corpus.lease_feeds(NOW, 5, 0, sources={"A"}, polled_before=NOW + HOUR)) == 1


def test_p28_feeds_that_answered_vouch_for_the_network_each_of_another_host(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C", url="https://a.example/other"), source("D"))
    for minutes, feed in enumerate(corpus.lease_feeds(NOW, 5, 0)):
        failed = {"status": "failed", "failures": 1} if feed.source == "D" else {}
        poll(corpus, feed, at=NOW + minutes * HOUR / 60, **failed)
    assert corpus.answering_feeds(5) == ["https://b.example/feed", "https://a.example/feed"]
    assert corpus.answering_feeds(1) == ["https://b.example/feed"]


@pytest.mark.parametrize("listed", ["https://third.example/feed", NEW_HOME])
def test_p16_an_address_that_is_written_anew_holds_whatever_was_moved_before(corpus: Corpus, listed: str) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, move=Move(NEW_HOME, "new.example"))
    for url in (listed, feed.url, listed):
        subscribe(corpus, source(url=url), now=NOW + HOUR)
        (due,) = corpus.lease_feeds(NOW + HOUR, 5, LEASE_S)
        assert (due.id, due.url) == (feed.id, url)
        poll(corpus, due, at=NOW)


def test_p17_a_merged_feed_with_a_new_address_is_polled_there(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"))
    first, second = sorted(corpus.lease_feeds(NOW, 5, LEASE_S), key=lambda feed: feed.source)
    poll(corpus, first, move=Move(second.url, second.host))
    subscribe(corpus, source("A", NEW_HOME), source("B"), now=NOW + HOUR)
    assert {feed.url for feed in corpus.lease_feeds(NOW + HOUR, 5, LEASE_S)} == {NEW_HOME, second.url}
