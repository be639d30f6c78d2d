"""What the corpus promises about polls, entries, sightings and the pages that they name."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import pairwise

import pytest
from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
    discovered,
    discovery,
    end,
    file_article,
    lease_feed,
    lease_pages,
    poll,
    source,
    subscribe,
)

from storage import Address, Corpus, Discovery, DueFeed, Ending, Entry, FoundFeed, Move, Outcome, Validators, Visit

REFUSED = Outcome(Ending.REJECTED, "filtered", "drop: /video/")


def test_a_poll_tells_what_is_new(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    found = (discovery("a"), discovery("b"), discovery("v", outcome=REFUSED))
    first = poll(corpus, feed, *found)
    assert (first.entries, first.new_entries, first.new_pages, first.refusals) == (3, 3, 2, (REFUSED,))
    again = poll(corpus, feed, *found, discovery("c"), at=NOW + HOUR)
    assert (again.entries, again.new_entries, again.new_pages, again.refusals) == (4, 1, 1, ())


def test_what_a_poll_taught_comes_back_with_the_next_lease(corpus: Corpus) -> None:
    subscribe(corpus)
    validators = Validators('W/"a\\"b"', "Sun, 01 Mar 2026 11:00:00 GMT")
    moved = {"moved_to": "https://new.example/feed", "moved_since": NOW, "moved_count": 2}
    extra = {"validators_url": "https://harbour.example/x", "body_hash": "abc", "failures": 0}
    poll(corpus, lease_feed(corpus), validators=validators, title="The Harbour", **extra, **moved)
    feed = lease_feed(corpus, NOW + HOUR)
    assert (feed.validators, feed.validators_url, feed.body_hash) == (validators, "https://harbour.example/x", "abc")
    assert (feed.moved_to, feed.moved_since, feed.moved_count) == ("https://new.example/feed", NOW, 2)
    assert (feed.last_poll, feed.interval_s) == (NOW, 3600.0)
    assert corpus.status()[0].title == "The Harbour"


def test_validators_outlive_a_failed_poll_and_are_cleared_by_a_good_one_without(corpus: Corpus) -> None:
    """P7"""
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, validators=Validators('"1"'), body_hash="abc")
    poll(corpus, feed, at=NOW + HOUR, status="failed", failures=1, reason="timeout", http_status=None)
    feed = lease_feed(corpus, NOW + 2 * HOUR)
    assert (feed.validators, feed.failures, feed.body_hash) == (Validators('"1"'), 1, "abc")
    poll(corpus, feed, at=NOW + 2 * HOUR)
    assert lease_feed(corpus, NOW + 3 * HOUR).validators is None


def test_the_status_tells_of_the_last_poll_and_the_last_good_one(corpus: Corpus) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    poll(corpus, feed, discovery("a"), document_kind="rss20", flags=("no_dates",))
    poll(corpus, feed, at=NOW + HOUR, status="failed", failures=3, reason="http_503", detail="busy", http_status=503)
    (health,) = corpus.status()[0].feeds
    assert (health.last_poll, health.last_success, health.failures) == (NOW + HOUR, NOW, 3)
    assert (health.http_status, health.reason, health.detail) == (503, "http_503", "busy")
    assert (health.document_kind, health.flags, health.entries) == ("rss20", ("no_dates",), 1)


def test_a_feed_that_is_gone_is_not_due_again(corpus: Corpus) -> None:
    subscribe(corpus)
    poll(corpus, lease_feed(corpus), status="gone", next_poll=None, http_status=410)
    assert corpus.lease_feeds(NOW + 1000 * HOUR, 5, LEASE_S) == []
    assert corpus.next_due() == (None, None)


def test_p18_a_feed_that_is_gone_can_be_resumed_and_keeps_what_it_had(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C"))
    a, b, c = corpus.lease_feeds(NOW, 5, LEASE_S)
    poll(corpus, a, discovery("a"), validators=Validators('"1"'), body_hash="abc")
    for feed in (a, b):
        poll(corpus, feed, at=NOW + HOUR, status="gone", next_poll=None, http_status=410, body_hash="abc")
    poll(corpus, c, at=NOW + HOUR, next_poll=NOW + 9 * HOUR)
    later = NOW + 2 * HOUR
    assert [corpus.resume(name, later) for name in ("A", "A", "C", "nobody")] == [1, 0, 0, 0]
    (resumed,) = corpus.lease_feeds(later, 5, LEASE_S)
    assert (resumed.id, resumed.body_hash, corpus.totals().entries) == (a.id, "abc", 1)


def test_an_entry_that_stays_in_the_feed_is_sighted_once_and_never_queued_again(corpus: Corpus) -> None:
    """P39"""
    feed = discovered(corpus, discovery("a"), discovery("b"))
    pages = {page.url: page for page in lease_pages(corpus)}
    file_article(corpus, pages["https://harbour.example/a"])
    end(corpus, pages["https://harbour.example/b"], Outcome(Ending.REJECTED, "too_short"))
    for hours in range(1, 4):
        polled = poll(corpus, feed, discovery("a"), discovery("b"), at=NOW + hours * HOUR)
        assert (polled.new_entries, polled.new_pages, polled.refusals) == (0, 0, ())
    assert lease_pages(corpus, NOW + 9 * HOUR) == []
    totals = corpus.totals()
    assert (totals.entries, totals.sightings, totals.pages) == (2, 2, 2)


def test_an_entry_that_changed_is_updated_and_not_new(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", summary="first"))
    polled = poll(corpus, feed, discovery("a", summary="second", published=NOW), at=NOW + HOUR)
    assert (polled.new_entries, polled.new_pages) == (0, 0)
    (page,) = lease_pages(corpus)
    assert page.entry is not None
    assert (page.entry.summary, page.entry.published) == ("second", NOW)


def test_an_entry_that_comes_to_name_another_page_queues_that_page(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", entry_key="guid-1"))
    polled = poll(corpus, feed, discovery("b", entry_key="guid-1"), at=NOW + HOUR)
    assert (polled.new_entries, polled.new_pages) == (0, 1)
    assert corpus.totals().sightings == 2


def test_an_article_in_two_feeds_is_one_page_with_two_sightings(corpus: Corpus) -> None:
    """P40"""
    subscribe(corpus, source("A"), source("B"))
    first, second = corpus.lease_feeds(NOW, 5, LEASE_S)
    poll(corpus, first, discovery("x"))
    polled = poll(corpus, second, discovery("x"), at=NOW + HOUR)
    assert (polled.new_entries, polled.new_pages) == (1, 0)
    (page,) = lease_pages(corpus)
    article_id = file_article(corpus, page)
    stored = corpus.article(article_id)
    assert stored is not None
    assert stored.sources == ("A", "B")
    explanation = corpus.explain(page.key)
    assert explanation is not None
    assert [(seen.source, seen.at) for seen in explanation.sightings] == [("A", NOW), ("B", NOW + HOUR)]
    assert [status.articles for status in corpus.status()] == [1, 1]


def test_every_source_that_named_a_page_counts_it(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"))
    first, second = corpus.lease_feeds(NOW, 5, LEASE_S)
    poll(corpus, first, discovery("x"), discovery("v", outcome=REFUSED))
    poll(corpus, second, discovery("x"), discovery("v"), discovery("w"), at=NOW + HOUR)
    pages = {page.url[-1]: page for page in lease_pages(corpus, NOW + HOUR)}
    alias = Address(pages["w"].url, pages["w"].key, "canonical")
    article_id = file_article(corpus, pages["x"], addresses=[alias])
    with corpus.filing() as filing:
        filing.end_page(Visit(pages["w"].id, NOW + HOUR, Outcome(Ending.SAME_ARTICLE)), article_id)
    one, two = corpus.status()
    assert (one.outcomes, one.waiting, one.articles) == ({"stored": 1}, 1, 1)
    assert (two.outcomes, two.waiting, two.articles) == ({"stored": 1, "same_article": 1}, 1, 1)
    assert one.last_article == two.last_article == NOW


def test_one_document_may_name_a_page_twice(corpus: Corpus) -> None:
    subscribe(corpus)
    polled = poll(corpus, lease_feed(corpus), discovery("a", entry_key="1"), discovery("a", entry_key="2"))
    assert (polled.new_entries, polled.new_pages, corpus.totals().pages) == (2, 1, 1)


def test_an_alias_of_a_stored_article_ends_at_once(corpus: Corpus) -> None:
    """D2"""
    feed = discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    alias = Address("https://harbour.example/amp/a", "harbour.example/amp/a", "amphtml")
    article_id = file_article(corpus, page, addresses=[alias])
    polled = poll(corpus, feed, discovery("amp/a"), at=NOW + HOUR)
    assert (polled.new_entries, polled.new_pages) == (1, 0)
    assert [str(outcome) for outcome in polled.refusals] == ["same_article:known_address"]
    explanation = corpus.explain("harbour.example/amp/a")
    assert explanation is not None
    assert (explanation.article_id, explanation.due) == (article_id, None)


def test_what_a_sources_rules_refuse_ends_unseen_with_its_reason(corpus: Corpus) -> None:
    discovered(corpus, discovery("v", outcome=REFUSED))
    assert lease_pages(corpus) == []
    explanation = corpus.explain("harbour.example/v")
    assert explanation is not None
    assert (explanation.outcome, explanation.attempts, explanation.due) == (REFUSED, (), None)
    assert corpus.status()[0].outcomes == {"rejected": 1}


def test_another_source_may_want_what_one_refused_unseen(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"))
    first, second = corpus.lease_feeds(NOW, 5, LEASE_S)
    poll(corpus, first, discovery("v", outcome=REFUSED))
    assert poll(corpus, second, discovery("v"), at=NOW + HOUR).new_pages == 1
    (page,) = lease_pages(corpus, NOW + HOUR)
    assert page.source == "B"
    end(corpus, page, Outcome(Ending.REJECTED, "too_short"), NOW + HOUR)
    assert poll(corpus, first, discovery("v", entry_key="other"), at=NOW + 2 * HOUR).new_pages == 0


def test_a_page_carries_what_its_entry_said(corpus: Corpus) -> None:
    entry = Entry(
        *("guid", "https://harbour.example/a?utm_source=rss", "Title", ("A. Writer",), NOW.date(), NOW),
        summary="short",
        content="<p>long</p>",
        language="en",
        tags=("sea",),
        image="https://harbour.example/a.jpg",
        flags=("future_date",),
    )
    discovered(corpus, Discovery(entry, "https://harbour.example/a", "harbour.example/a", "harbour.example"))
    (page,) = lease_pages(corpus)
    assert page.entry == entry
    assert (page.url, page.key, page.attempts, page.article_id) == (
        *("https://harbour.example/a", "harbour.example/a"),
        *(0, None),
    )


def test_hostile_text_of_an_entry_is_kept_within_bounds(corpus: Corpus) -> None:
    discovered(corpus, discovery("a", content="x" * 3_000_000, summary="lone \ud800 surrogate\x00", tags=("\udfff",)))
    (page,) = lease_pages(corpus)
    assert page.entry is not None
    assert len(page.entry.content or "") == 500_000
    assert (page.entry.summary, page.entry.tags) == ("lone ? surrogate", ("?",))


def test_a_date_in_the_future_does_not_put_a_page_first(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("liar", published=NOW.replace(year=2099)))
    later = NOW + HOUR
    poll(corpus, feed, discovery("fresh", published=later - timedelta(minutes=1)), at=later)
    assert [page.url.rpartition("/")[2] for page in lease_pages(corpus, later)] == ["fresh", "liar"]


def test_known_pages_are_counted_for_their_feed_alone(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"), discovery("b"))
    with corpus.filing() as filing:
        assert filing.known_pages(feed.id, [discovery("a").key, "never seen", discovery("a").key]) == 1
        assert filing.known_pages(feed.id + 1, [discovery("a").key]) == 0
        assert filing.known_pages(feed.id, []) == 0


def entries_of(corpus: Corpus) -> int:
    return corpus.totals().entries


def test_p36_new_ids_for_the_same_pages_are_the_same_entries(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", entry_key="1"), discovery("b", entry_key="2"))
    for hours in range(1, 4):
        found = (discovery("a", entry_key=f"a{hours}"), discovery("b", entry_key=f"b{hours}"))
        polled = poll(corpus, feed, *found, at=NOW + hours * HOUR)
        assert (polled.new_entries, polled.new_pages) == (0, 0)
    assert (entries_of(corpus), corpus.totals().sightings) == (2, 2)


def test_p36_an_id_that_is_reused_keeps_what_was_said_of_both_pages(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", entry_key="1", title="First"))
    for hours, (name, title) in enumerate([("b", "Second"), ("a", "First"), ("b", "Second, edited")], 1):
        poll(corpus, feed, discovery(name, entry_key="1", title=title), at=NOW + hours * HOUR)
    pages = lease_pages(corpus, NOW + 5 * HOUR)
    assert {page.url[-1]: page.entry.title for page in pages if page.entry} == {"a": "First", "b": "Second, edited"}
    assert (entries_of(corpus), corpus.totals().pages) == (2, 2)


@pytest.mark.parametrize("between", [" ", "\x1f"])
def test_p36_no_id_of_a_publisher_is_that_of_an_entry_which_its_id_left(corpus: Corpus, between: str) -> None:
    subscribe(corpus)
    feed = lease_feed(corpus)
    named = [discovery("a", entry_key="1"), *(discovery(f"b{n}", entry_key=f"1{between}{n}") for n in range(9))]
    for hours, first in enumerate([named[0], discovery("c", entry_key="1"), named[0], discovery("c", entry_key="1")]):
        poll(corpus, feed, first, *named[1:], at=NOW + hours * HOUR)
    assert (entries_of(corpus), corpus.totals().pages) == (11, 11)


def stored_feed(corpus: Corpus, *names: str) -> DueFeed:
    """A feed whose entries were all stored as articles."""
    feed = discovered(corpus, *(discovery(name, fingerprint="1") for name in names))
    for page in lease_pages(corpus):
        file_article(corpus, page)
    return feed


def test_p38_an_edited_entry_is_looked_at_once_more(corpus: Corpus) -> None:
    feed = stored_feed(corpus, "a", "b")
    found = (discovery("a", fingerprint="2"), discovery("b", fingerprint="1"))
    polled = poll(corpus, feed, *found, at=NOW + HOUR)
    assert (polled.new_entries, polled.new_pages) == (0, 0)
    (page,) = lease_pages(corpus, NOW + HOUR)
    assert (page.url[-1], page.attempts, page.article_id is None) == ("a", 1, False)
    end(corpus, page, Outcome(Ending.UNCHANGED), NOW + HOUR)
    poll(corpus, feed, *found, at=NOW + 2 * HOUR)
    assert lease_pages(corpus, NOW + 9 * HOUR) == []


def test_p38_an_entry_that_never_stands_still_is_looked_at_ever_less(corpus: Corpus) -> None:
    feed = stored_feed(corpus, "a")
    visits = []
    for hour in range(1, 400):
        now = NOW + hour * HOUR
        poll(corpus, feed, discovery("a", fingerprint=f"v{hour}"), at=now)
        for page in lease_pages(corpus, now):
            visits.append(hour)
            end(corpus, page, Outcome(Ending.UNCHANGED), now)
    assert visits[0] == 1
    assert len(visits) < 9
    gaps = [later - earlier for earlier, later in pairwise(visits)]
    assert gaps == sorted(gaps)


def test_p38_many_entries_of_a_page_are_no_more_visits_than_one(corpus: Corpus) -> None:
    names = [f"still{n}" for n in range(9)]
    feed, still = stored_feed(corpus, "a", *names), [discovery(name, fingerprint="1") for name in names]
    visits = 0
    for hours in range(1, 200):
        at = NOW + hours * HOUR
        fresh = [discovery("a", entry_key=f"{n}", fingerprint=f"{n == hours}") for n in (hours, hours + 1)]
        poll(corpus, feed, *still, *fresh, at=at)
        for page in lease_pages(corpus, at):
            end(corpus, page, Outcome(Ending.UNCHANGED), at)
            visits += 1
    assert visits <= 7


def test_thousands_of_entries_for_one_page_cost_no_more_than_as_many_pages(corpus: Corpus) -> None:
    """It takes 0.3 s; where every entry looks at every other it took 36 s, and all other filings waited for it."""
    subscribe(corpus)
    feed = lease_feed(corpus)
    began = time.monotonic()
    for hours in range(3):
        poll(corpus, feed, *(discovery("a", entry_key=f"{hours}-{n}") for n in range(5_000)), at=NOW + hours * HOUR)
    assert time.monotonic() - began < 20
    assert corpus.totals().pages == 1


def test_p38_a_document_that_changed_all_over_was_not_edited(corpus: Corpus) -> None:
    names = "abcd"
    feed = stored_feed(corpus, *names)
    poll(corpus, feed, *(discovery(name, fingerprint="footer") for name in names), at=NOW + HOUR)
    assert lease_pages(corpus, NOW + 9 * HOUR) == []
    poll(corpus, feed, *(discovery(n, fingerprint="edit" if n == "b" else "footer") for n in names), at=NOW + 2 * HOUR)
    assert [page.url[-1] for page in lease_pages(corpus, NOW + 9 * HOUR)] == ["b"]


def test_p38_pages_that_gave_no_article_are_left_alone_when_their_entry_is_edited(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", fingerprint="1"))
    (page,) = lease_pages(corpus)
    end(corpus, page, Outcome(Ending.REJECTED, "too_short"))
    poll(corpus, feed, discovery("a", fingerprint="2"), at=NOW + HOUR)
    assert lease_pages(corpus, NOW + 9 * HOUR) == []


NEW_HOME = "https://new.example/feed"


def test_p16_a_feed_that_moves_is_polled_at_its_new_address_and_keeps_what_it_had(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"))
    poll(corpus, feed, discovery("a"), at=NOW + HOUR, move=Move(NEW_HOME, "new.example"))
    subscribe(corpus, now=NOW + HOUR)
    (moved,) = corpus.lease_feeds(NOW + 5 * HOUR, 5, LEASE_S)
    assert (moved.id, moved.url, moved.host) == (feed.id, NEW_HOME, "new.example")
    assert (moved.moved_to, moved.moved_count) == (None, 0)
    assert poll(corpus, moved, discovery("a"), at=NOW + 5 * HOUR).new_entries == 0


def test_p16_a_move_that_is_written_into_the_list_is_the_same_feed(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a"))
    poll(corpus, feed, discovery("a"), at=NOW + HOUR, move=Move(NEW_HOME, "new.example"))
    subscribe(corpus, source(url=NEW_HOME), now=NOW + 2 * HOUR)
    (moved,) = corpus.lease_feeds(NOW + 5 * HOUR, 5, LEASE_S)
    assert (moved.id, moved.url) == (feed.id, NEW_HOME)
    assert len(corpus.status()) == 1


def test_p17_a_feed_that_moves_onto_another_is_merged_with_it_for_as_long_as_that_lives(corpus: Corpus) -> None:
    both = (source("A"), source("B"))
    subscribe(corpus, *both)
    first, second = sorted(corpus.lease_feeds(NOW, 5, LEASE_S), key=lambda feed: feed.source)
    for feed in (first, second):
        poll(corpus, feed, discovery("x"))
    poll(corpus, first, discovery("x"), at=NOW + HOUR, move=Move(second.url, second.host))
    subscribe(corpus, *both, now=NOW + HOUR)
    assert [feed.id for feed in corpus.lease_feeds(NOW + 9 * HOUR, 5, LEASE_S)] == [second.id]
    poll(corpus, second, discovery("x"), discovery("y"), at=NOW + 9 * HOUR)
    assert corpus.totals().pages == 2
    subscribe(corpus, source("A"), now=NOW + 10 * HOUR)
    assert [feed.id for feed in corpus.lease_feeds(NOW + 10 * HOUR, 5, LEASE_S)] == [first.id]


def test_p17_feeds_of_one_source_that_move_onto_each_other_in_turn_stay_one_that_is_polled(corpus: Corpus) -> None:
    subscribe(corpus, source("Isle", "https://isle.example/", kind="site"))
    first, second = FoundFeed("https://a.isle.example/", "a.isle.example"), FoundFeed("https://b.isle.example/", "b")
    poll(corpus, lease_feed(corpus), found_feeds=(first, second), next_poll=NOW + 999 * HOUR)
    feeds = {feed.url: feed for feed in corpus.lease_feeds(NOW, 5, LEASE_S)}
    poll(corpus, feeds[second.url], move=Move(first.url, first.host))
    for there in (second, first, second):
        poll(corpus, feeds[first.url], move=Move(there.url, there.host))
        (due,) = corpus.lease_feeds(NOW + 9 * HOUR, 5, LEASE_S)
        assert (due.id, due.url, due.host) == (feeds[first.url].id, there.url, there.host)


def test_p17_the_feed_that_another_is_merged_into_is_polled_no_later_than_that_would_have_been(corpus: Corpus) -> None:
    both = (source("A"), source("B"))
    subscribe(corpus, *both)
    first, second = sorted(corpus.lease_feeds(NOW, 5, LEASE_S), key=lambda feed: feed.source)
    poll(corpus, second, status="gone", next_poll=None)
    poll(corpus, first, move=Move(second.url, second.host))
    assert [feed.id for feed in corpus.lease_feeds(NOW + HOUR, 5, LEASE_S)] == [second.id]
