"""Saved searches: what counts as new, what is given once, what waits for whom."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from itertools import count, pairwise
from pathlib import Path

import pytest
from contract.scenes import NOW, article, discovery, file_article, lease_feed, lease_pages, poll, subscribe

from storage import (
    Corpus,
    CorpusBusy,
    CorpusMissing,
    Delivery,
    QueryError,
    Settled,
    StorageError,
    Watch,
    Watches,
    WatchState,
    open_watches,
)
from storage.watches import MOST_ARTICLES, MOST_OPEN

LATER = NOW + timedelta(hours=1)
FERRY = Watch("Ferries", "ferry", receiver="abc")
_numbers = count()


@pytest.fixture
def watches(corpus: Corpus, url: str) -> Iterator[Watches]:
    """The watches of the corpus, beside its writer."""
    with ExitStack() as stack:
        yield stack.enter_context(open_watches(url))


def filed(corpus: Corpus, *texts: str, indexed: bool = True, story_id: int | None = None) -> list[int]:
    """Articles with these texts, each at an address of its own."""
    ids = []
    for text in texts:
        name = f"a{next(_numbers)}"
        subscribe(corpus)
        poll(corpus, lease_feed(corpus), discovery(name), next_poll=NOW)
        (page,) = lease_pages(corpus)
        ids.append(file_article(corpus, page, article(text, title="News"), story_id=story_id))
    if indexed:
        while corpus.index():
            pass
    return ids


def revised(corpus: Corpus, article_id: int, text: str, at: datetime = LATER) -> None:
    with corpus.filing() as filing:
        filing.revise_article(article_id, article(text, title="News"), [], at)
    corpus.index()


def ids(watches: Watches, watch: Watch) -> list[int]:
    """What would be given."""
    return [one.id for one in watches.fresh(watch).articles]


def sent(watches: Watches, watch: Watch, now: datetime = LATER) -> list[list[int]]:
    """Every delivery that is made and due, delivered."""
    made = []
    while watches.prepare(watch, f"key{next(_numbers)}", now):
        pass
    while (delivery := watches.take(watch, now, now + timedelta(minutes=1))) is not None:
        made.append([one.id for one in delivery.articles])
        watches.settle(delivery, Settled("delivered", now, 200))
    return made


def taken(watches: Watches, watch: Watch, now: datetime = LATER) -> Delivery:
    delivery = watches.take(watch, now, now + timedelta(minutes=1))
    assert delivery is not None
    return delivery


def state(watches: Watches) -> WatchState:
    (one,) = watches.states()
    return one


def test_a_new_watch_begins_at_the_present(corpus: Corpus, watches: Watches) -> None:
    filed(corpus, "an old ferry")
    filed(corpus, "an old ferry that no index knows", indexed=False)
    watches.keep([FERRY], NOW)
    assert ids(watches, FERRY) == []
    (new,) = filed(corpus, "a new ferry")
    assert ids(watches, FERRY) == [new]


def test_each_article_that_matches_is_given_once(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    first, _, second = filed(corpus, "one ferry", "a bridge", "two ferries and a ferry")
    assert sent(watches, FERRY) == [[first, second]]
    assert sent(watches, FERRY) == []
    revised(corpus, first, "one ferry, and another text of it")
    assert sent(watches, FERRY) == []
    (third,) = filed(corpus, "a third ferry")
    assert sent(watches, FERRY) == [[third]]
    assert state(watches).given == 3


def test_what_the_index_does_not_know_yet_comes_later(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY, everything := Watch("All", "")], NOW)
    (new,) = filed(corpus, "a ferry", indexed=False)
    assert ids(watches, FERRY) == ids(watches, everything) == []
    corpus.index()
    assert ids(watches, FERRY) == ids(watches, everything) == [new]


def test_an_article_counts_as_new_when_a_later_text_of_it_first_matches(corpus: Corpus, watches: Watches) -> None:
    (old,) = filed(corpus, "a bridge that was there before")
    watches.keep([FERRY], NOW)
    (new,) = filed(corpus, "a bridge")
    assert sent(watches, FERRY) == []
    revised(corpus, new, "a bridge and a ferry")
    revised(corpus, old, "a bridge that was there before, and a ferry")
    assert sent(watches, FERRY) == [[new]]


def test_revised_gives_an_article_again_whose_text_changed_and_not_one_that_was_cut_again(
    corpus: Corpus, watches: Watches
) -> None:
    (old,) = filed(corpus, "an old ferry")
    watch = Watch("Ferries", "ferry", revised=True, receiver="abc")
    watches.keep([watch], NOW + timedelta(minutes=1))
    (new,) = filed(corpus, "a new ferry")
    assert sent(watches, watch) == [[new]]
    with corpus.filing() as filing:
        for one in (old, new):
            filing.recut_article(one, 1, article("a ferry cut again"), LATER)
    corpus.index()
    assert sent(watches, watch) == []
    revised(corpus, old, "an old ferry, and what became of it")
    revised(corpus, new, "a new ferry, and what became of it")
    assert sent(watches, watch) == [[old, new]]
    assert sent(watches, watch) == []


def test_one_per_story_gives_the_copy_that_is_filed_first(corpus: Corpus, watches: Watches) -> None:
    watch = Watch("Ferries", "ferry", one_per_story=True, receiver="abc")
    watches.keep([watch], NOW)
    (first,) = filed(corpus, "a ferry", indexed=False)
    filed(corpus, "a ferry, copied", story_id=first)
    (other,) = filed(corpus, "another ferry")
    assert sent(watches, watch) == [[first, other]]
    filed(corpus, "a ferry, copied late", story_id=first)
    assert sent(watches, watch) == []


def test_another_search_goes_on_where_the_watch_was(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    filed(corpus, "a bridge")
    assert sent(watches, FERRY) == []
    watches.keep([bridge := Watch("Ferries", "bridge", receiver="abc")], NOW)
    assert sent(watches, bridge) == []
    (new,) = filed(corpus, "another bridge")
    assert sent(watches, bridge) == [[new]]
    assert state(watches).search == "bridge"


def test_a_watch_can_begin_earlier_and_gives_nothing_twice(corpus: Corpus, watches: Watches) -> None:
    (old,) = filed(corpus, "an old ferry")
    watches.keep([FERRY], NOW)
    (new,) = filed(corpus, "a new ferry")
    assert sent(watches, FERRY) == [[new]]
    watches.rewind("Ferries", NOW.date() + timedelta(days=1))
    assert sent(watches, FERRY) == []
    watches.rewind("Ferries", NOW.date())
    assert sent(watches, FERRY) == [[old]]
    watches.rewind("Ferries", None)
    assert sent(watches, FERRY) == []
    with pytest.raises(QueryError, match="there is no watch 'Trains'"):
        watches.rewind("Trains", None)


def test_a_watch_that_is_not_listed_rests_and_begins_at_the_present_when_it_comes_back(
    corpus: Corpus, watches: Watches
) -> None:
    watches.keep([FERRY], NOW)
    filed(corpus, "a ferry")
    assert watches.prepare(FERRY, "waits", NOW)
    watches.keep([], LATER)
    assert state(watches).removed == LATER
    assert state(watches).waiting == 0
    assert watches.take(FERRY, LATER, LATER) is None
    filed(corpus, "a ferry meanwhile")
    assert not watches.prepare(FERRY, "never", LATER)
    watches.keep([FERRY], LATER)
    assert sent(watches, FERRY) == []
    (new,) = filed(corpus, "a ferry afterwards")
    assert sent(watches, FERRY) == [[new]]


def test_a_delivery_that_was_taken_is_taken_again_under_its_id_when_it_was_not_settled(
    corpus: Corpus, watches: Watches, url: str
) -> None:
    watches.keep([FERRY], NOW)
    (new,) = filed(corpus, "a ferry")
    assert watches.prepare(FERRY, "the-key", LATER)
    first = taken(watches, FERRY)
    with open_watches(url) as others:
        assert others.take(FERRY, LATER, LATER) is None, "somebody sends it"
        second = taken(others, FERRY, LATER + timedelta(minutes=2))
    assert (first.key, second.key) == ("the-key", "the-key")
    assert (first.attempts, second.attempts) == (1, 2)
    assert [one.id for one in second.articles] == [new]
    assert second.first_try == first.first_try == LATER


def test_a_failure_puts_off_the_delivery_and_its_watch(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    filed(corpus, "a ferry")
    watches.prepare(FERRY, "k1", LATER)
    due, rest = LATER + timedelta(minutes=9), LATER + timedelta(minutes=5)
    watches.settle(taken(watches, FERRY), Settled("failed", LATER, 503, "HTTP 503", due, rest))
    (second,) = filed(corpus, "another ferry")
    assert not watches.prepare(FERRY, "k2", LATER), "the watch rests"
    assert (state(watches).failures, state(watches).detail, state(watches).waiting) == (1, "HTTP 503", 1)
    assert watches.prepare(FERRY, "k2", rest)
    later = taken(watches, FERRY, rest)
    assert [one.id for one in later.articles] == [second], "one that is refused holds up no other"
    watches.settle(later, Settled("delivered", rest, 204))
    assert (state(watches).failures, state(watches).detail) == (0, None)
    assert watches.take(FERRY, rest, rest) is None
    assert taken(watches, FERRY, due).key == "k1"


def test_what_is_given_up_is_named_and_can_be_tried_again(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    (new,) = filed(corpus, "a ferry")
    watches.prepare(FERRY, "k1", LATER)
    watches.settle(taken(watches, FERRY), Settled("lost", LATER, 500, "HTTP 500"))
    assert (state(watches).lost, state(watches).last_lost, state(watches).waiting) == (1, LATER, 0)
    assert sent(watches, FERRY) == []
    assert watches.resume("Ferries", LATER) == 1
    assert sent(watches, FERRY) == [[new]]
    assert state(watches).lost == 0


def test_a_receiver_that_is_gone_stops_its_watch_and_loses_nothing(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    (first,) = filed(corpus, "a ferry")
    watches.prepare(FERRY, "k1", LATER)
    watches.settle(taken(watches, FERRY), Settled("gone", LATER, 410, "HTTP 410"))
    (second,) = filed(corpus, "another ferry")
    assert state(watches).stopped == LATER
    assert sent(watches, FERRY, LATER + timedelta(days=1)) == []
    watches.keep([moved := Watch("Ferries", "ferry", receiver="another")], LATER)
    assert state(watches).stopped is None
    assert sent(watches, moved, LATER + timedelta(days=1)) == [[first], [second]]


def test_what_waits_is_not_lost_when_a_watch_has_no_receiver_any_more(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    (given,) = filed(corpus, "a ferry")
    assert sent(watches, FERRY) == [[given]]
    (waits,) = filed(corpus, "another ferry")
    watches.prepare(FERRY, "k1", LATER)
    (last,) = filed(corpus, "a third ferry")
    watches.prepare(FERRY, "k2", LATER)
    watches.keep([pipe := Watch("Ferries", "ferry")], LATER)
    assert state(watches).waiting == 0
    assert ids(watches, pipe) == [waits, last]


def test_few_articles_make_a_delivery_and_few_deliveries_wait(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    new = filed(corpus, *[f"ferry number {number}" for number in range(MOST_ARTICLES + 3)])
    assert sent(watches, FERRY) == [new[:MOST_ARTICLES], new[MOST_ARTICLES:]]
    long = filed(corpus, *[f"long ferry {number} " + "word " * 30_000 for number in range(3)])
    assert sent(watches, FERRY) == [[one] for one in long]
    filed(corpus, *[f"longest ferry {number} " + "word " * 60_000 for number in range(MOST_OPEN + 1)])
    made = [watches.prepare(FERRY, f"many{number}", LATER) for number in range(MOST_OPEN + 1)]
    assert made == [True] * MOST_OPEN + [False]


def test_two_that_write_for_pipes_notice_each_other(corpus: Corpus, watches: Watches) -> None:
    watches.keep([watch := Watch("Ferries", "ferry")], NOW)
    filed(corpus, "a ferry")
    fresh = watches.fresh(watch)
    watches.give(watch, fresh.articles, fresh.begins, fresh.places[-1], LATER)
    with pytest.raises(CorpusBusy, match="Ferries: another process gives its articles"):
        watches.give(watch, fresh.articles, fresh.begins, fresh.ends, LATER)
    assert ids(watches, watch) == []
    assert state(watches).last_given == LATER


def test_a_clock_that_was_ahead_silences_no_watch(corpus: Corpus, watches: Watches) -> None:
    """R8: waits are hours; a time that is years ahead is a clock's fault."""
    watches.keep([FERRY], NOW)
    filed(corpus, "a ferry")
    ahead = LATER + timedelta(days=400)
    watches.prepare(FERRY, "k1", ahead)
    watches.settle(taken(watches, FERRY, ahead), Settled("failed", ahead, 503, "HTTP 503", ahead, ahead))
    assert taken(watches, FERRY).key == "k1"


def test_watches_are_kept_while_a_writer_files(corpus: Corpus, url: str) -> None:
    """R4: a row of a watch is written between two groups of a crawl, and neither meets a lock."""
    with open_watches(url) as watches:
        watches.keep([FERRY], NOW)
        for _ in range(5):
            (new,) = filed(corpus, "a ferry")
            assert sent(watches, FERRY) == [[new]]


def test_a_search_that_cannot_be_read_raises(corpus: Corpus, watches: Watches) -> None:
    watches.keep([watch := Watch("Odd", "since:yesterday")], NOW)
    filed(corpus, "a ferry")
    with pytest.raises(QueryError, match="since:yesterday"):
        watches.fresh(watch)


def test_whoever_only_looks_sees_the_same_and_changes_nothing(corpus: Corpus, watches: Watches, url: str) -> None:
    watches.keep([FERRY], NOW)
    (new,) = filed(corpus, "a ferry")
    with open_watches(url, write=False) as looking:
        assert looking.states() == watches.states()
        assert ids(looking, FERRY) == [new]
        with pytest.raises(StorageError):
            looking.keep([], NOW)


def test_there_are_no_watches_where_there_is_no_corpus(tmp_path: Path) -> None:
    with pytest.raises(CorpusMissing, match="there is no corpus; `cuttings crawl` creates it"):
        open_watches(tmp_path / "none.db")


def test_one_that_is_refused_for_ever_holds_up_no_other(corpus: Corpus, watches: Watches) -> None:
    watches.keep([FERRY], NOW)
    times = [LATER + timedelta(minutes=minutes) for minutes in (0, 1, 5)]
    filed(corpus, "a ferry")
    watches.prepare(FERRY, "refused", LATER)
    filed(corpus, "another ferry")
    for at, later in pairwise(times):
        refused = taken(watches, FERRY, at)
        assert refused.key == "refused"
        watches.settle(refused, Settled("failed", at, 400, "HTTP 400", due=later, rest_until=later))
        watches.prepare(FERRY, "other", later)
    assert taken(watches, FERRY, times[-1]).key == "other", "it waits longer"
