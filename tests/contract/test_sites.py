"""What a corpus remembers of a source's site: shapes of addresses what became of them, entries left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
    discovery,
    end,
    file_article,
    lease_feed,
    lease_pages,
    poll,
    poll_of,
    source,
    subscribe,
)

from storage import Corpus, Ending, FoundFeed, LinkMemory, LinkShape, Move, Outcome

INNER = FoundFeed("https://other.example/x", "other.example")


def test_shapes_tell_how_their_pages_ended(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = lease_feed(corpus)
    names = ("a", "b", "c", "d")
    found = [replace(discovery(name, host=f"{name}.example"), shape="/a" if name != "d" else "/d") for name in names]
    poll(corpus, feed, *found, discovery("no-shape"))
    pages = {page.url: page for page in lease_pages(corpus)}
    ends = {"a": None, "b": "not_an_article", "c": "robots"}
    for url, page in pages.items():
        name = url.rsplit("/", 1)[-1]
        if name == "a":
            file_article(corpus, page)
        elif name in ends:
            ending = Ending.BLOCKED if name == "c" else Ending.REJECTED
            end(corpus, page, Outcome(ending, ends[name]))
    assert corpus.link_memory("Harbour").shapes == (LinkShape("/a", 3, 1, 1, NOW), LinkShape("/d", 1, 0, 0, None))


def test_feeds_of_a_source_tell_how_they_were_found(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = lease_feed(corpus)
    poll(corpus, feed, found_feeds=(FoundFeed("https://harbour.example/x", "harbour.example", "sitemap", "robots"),))
    feeds = corpus.link_memory("Harbour").feeds
    assert [(one.url, one.kind, one.via) for one in feeds[1:]] == [("https://harbour.example/x", "sitemap", "robots")]
    assert (feeds[0].last_poll, feeds[1].last_poll) == (NOW, None)
    assert corpus.link_memory("unknown") == LinkMemory()


def test_a_source_has_a_bounded_number_of_feeds(corpus: Corpus) -> None:
    subscribe(corpus, source())
    found = tuple(FoundFeed(f"https://harbour.example/{n}", "harbour.example") for n in range(1_000))
    poll(corpus, lease_feed(corpus), found_feeds=found)
    assert len(corpus.link_memory("Harbour").feeds) == 300


def test_new_sitemaps_of_an_index_take_the_place_of_those_without_news(corpus: Corpus) -> None:
    """C8"""
    subscribe(corpus, source(kind="sitemap"))
    index = lease_feed(corpus)
    for month in range(24):
        at = NOW + timedelta(days=30 * month)
        days = [FoundFeed(f"https://h{n % 9}.example/{month}-{n}", f"h{n % 9}", "sitemap", "index") for n in range(30)]
        poll(corpus, index, found_feeds=tuple(days), at=at)
        feeds = corpus.link_memory("Harbour").feeds
        assert {day.url for day in days} <= {feed.url for feed in feeds if feed.next_poll}
        assert sum(feed.next_poll is not None for feed in feeds) <= 300
    hostile = tuple(FoundFeed(f"https://x.example/{n}", "x.example", "sitemap", "index") for n in range(9_000))
    for _ in range(3):
        poll(corpus, index, found_feeds=hostile, at=at)
    assert sum(feed.next_poll is not None for feed in corpus.link_memory("Harbour").feeds) == 300
    assert len(corpus.link_memory("Harbour").feeds) <= 1 + 24 * 30 + 300


def test_entries_that_a_poll_left_are_known_at_the_next(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = lease_feed(corpus)
    poll(corpus, feed, left=("a", "b\ud800"), left_out=2)
    with corpus.filing() as filing:
        assert filing.left(feed.id, ["a", "b\ud800", "c"]) == {"a", "b\ud800"}
        filing.add_poll(poll_of(feed.id, left=("a", "c"), left_out=None))
        assert filing.left(feed.id, ["a", "c"]) == {"a", "c"}
        assert filing.link_memory("Harbour").feeds[0].left_out == 2
        assert filing.left(feed.id + 1, ["a"]) == frozenset()


def test_what_is_remembered_of_left_entries_is_bounded(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = lease_feed(corpus)
    listed = [[f"{poll}-{number}" for number in range(20_000)] for poll in range(7)]
    with corpus.filing() as filing:
        for keys in listed:
            filing.add_poll(poll_of(feed.id, left=tuple(keys)))
            assert len(filing.left(feed.id, keys)) == 20_000
        assert sum(len(filing.left(feed.id, keys)) for keys in listed) <= 100_000


def test_entries_that_are_stored_are_counted_by_key_and_feed(corpus: Corpus) -> None:
    subscribe(corpus, source())
    feed = lease_feed(corpus)
    poll(corpus, feed, discovery("a", entry_key="a"), discovery("b", entry_key="b\ud800"))
    with corpus.filing() as filing:
        assert filing.known_entries(feed.id, ["a", "a", "b\ud800", "c"]) == 2
        assert filing.known_entries(feed.id + 1, ["a"]) == 0
        assert filing.known_entries(feed.id, []) == 0


def test_the_last_feed_of_a_site_wakes_its_front_page(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    front = lease_feed(corpus)
    found = FoundFeed("https://other.example/x", "other.example")
    poll(corpus, front, found_feeds=(found,), body_hash="hash", next_poll=NOW + timedelta(days=1))
    inner = lease_feed(corpus)
    assert inner.url == found.url
    poll(corpus, inner, wakes_site=True, next_poll=NOW + timedelta(days=1))
    again = lease_feed(corpus)
    assert (again.id, again.body_hash, again.validators) == (front.id, None, None)


def test_p18_a_front_page_that_is_gone_is_not_woken(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    front = lease_feed(corpus)
    poll(corpus, front, found_feeds=(INNER,), status="gone", next_poll=None)
    poll(corpus, lease_feed(corpus), wakes_site=True, next_poll=NOW + HOUR)
    assert corpus.lease_feeds(NOW, 5, LEASE_S) == []


def test_p16_a_feed_that_moved_is_not_found_again_where_it_was(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    front = lease_feed(corpus)
    poll(corpus, front, found_feeds=(INNER,))
    poll(corpus, lease_feed(corpus), move=Move("https://new.example/x", "new.example"))
    poll(corpus, front, found_feeds=(INNER,), at=NOW + HOUR)
    assert [one.url for one in corpus.link_memory("Harbour").feeds] == [front.url, "https://new.example/x"]


def test_p17_feeds_of_a_site_may_move_onto_each_other_and_back(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    other = FoundFeed("https://another.example/y", "another.example")
    poll(corpus, lease_feed(corpus), found_feeds=(INNER, other), next_poll=NOW + 99 * HOUR)
    one, two = sorted(corpus.lease_feeds(NOW, 5, LEASE_S), key=lambda feed: feed.id)
    poll(corpus, one)
    poll(corpus, two, move=Move(one.url, one.host))
    assert [feed.id for feed in corpus.lease_feeds(NOW + 2 * HOUR, 5, LEASE_S)] == [one.id]
    poll(corpus, one, move=Move(two.url, two.host), at=NOW + 2 * HOUR)
    (left,) = corpus.lease_feeds(NOW + 4 * HOUR, 5, LEASE_S)
    assert (left.url, left.moved_to) == (two.url, None)
    assert sorted(str(feed.merged_into) for feed in corpus.status()[0].feeds) == ["Harbour", "None", "None"]


@pytest.mark.parametrize("status", ["failed", "gone"])
def test_p17_a_feed_that_moves_to_a_place_that_rests_is_polled_there(corpus: Corpus, status: str) -> None:
    subscribe(corpus, source(kind="site"))
    rests = FoundFeed("https://another.example/y", "another.example", via="path")
    poll(corpus, lease_feed(corpus), found_feeds=(INNER, rests), next_poll=NOW + 99 * HOUR)
    one, two = sorted(corpus.lease_feeds(NOW, 5, LEASE_S), key=lambda feed: feed.id)
    poll(corpus, two, status=status, next_poll=None if status == "gone" else NOW + 99 * HOUR)
    poll(corpus, one, move=Move(two.url, two.host), at=NOW + HOUR)
    assert [feed.id for feed in corpus.lease_feeds(NOW + 2 * HOUR, 5, LEASE_S)] == [two.id]


def test_p24_usual_places_without_a_feed_are_not_asked_again_unless_their_source_is_named(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    found = FoundFeed(INNER.url, INNER.host, via="path")
    front = lease_feed(corpus)
    poll(corpus, front, found_feeds=(found,))
    guess = lease_feed(corpus)
    poll(corpus, guess, status="failed", reason="http_404", next_poll=NOW + 99 * HOUR, guess_missed=True)
    later, much_later = NOW + HOUR / 2, NOW + 99 * HOUR
    assert [feed.id for feed in corpus.lease_feeds(later, 5, 0.0, polled_before=later)] == [front.id]
    assert guess.id in [feed.id for feed in corpus.lease_feeds(later, 5, 0, polled_before=later, sources=["Harbour"])]
    assert guess.id in [feed.id for feed in corpus.lease_feeds(much_later, 5, 0.0, polled_before=much_later)]
    assert corpus.hosts_polled_since(NOW, later) == {front.host: 1}
    assert corpus.hosts_polled_since(NOW, later, sources=["Harbour"]) == {front.host: 1, guess.host: 1}


def test_p41_a_walk_does_not_begin_at_sections_and_places_without_a_feed(corpus: Corpus) -> None:
    subscribe(corpus, source(kind="site"))
    front = lease_feed(corpus)
    found = [FoundFeed(f"https://{via}.example/", f"{via}.example", via=via) for via in ("link", "path", "section")]
    poll(corpus, front, found_feeds=tuple(found))
    for feed in corpus.lease_feeds(NOW, 5, LEASE_S):
        poll(corpus, feed, status="failed" if feed.via == "path" else "new", guess_missed=feed.via == "path")
    corpus.begin_walk("Harbour", None, None, NOW)
    assert [one.url for one in corpus.archives(sources=["Harbour"])] == [front.url, "https://link.example/"]
