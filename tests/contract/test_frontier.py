"""What the corpus promises about the frontier: every page is fetched by one at a time and ends once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from contract.scenes import (
    HOUR,
    LEASE_S,
    NOW,
    STORED,
    article,
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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage import Address, Corpus, Ending, Outcome, StorageError, Validators, Visit, open_corpus

BUSY = Outcome(Ending.FAILED, "http_503")


def test_one_page_a_host_and_the_newest_first(corpus: Corpus) -> None:
    ages = {"a": 3, "b": 1, "c": 2}
    found = [
        discovery(name, host, published=NOW - age * HOUR) for name, age in ages.items() for host in ("x.test", "y.test")
    ]
    discovered(corpus, *found)
    rounds = [corpus.lease_pages(NOW, 10, LEASE_S) for _ in range(4)]
    assert [[page.url[-1] for page in batch] for batch in rounds] == [["b", "b"], ["c", "c"], ["a", "a"], []]
    assert all(len({page.host for page in batch}) == len(batch) for batch in rounds)


def test_a_day_without_a_time_and_no_date_at_all_have_their_place(corpus: Corpus) -> None:
    yesterday = NOW - 24 * HOUR
    found = (discovery("day", published=yesterday.date()), discovery("time", published=yesterday), discovery("none"))
    discovered(corpus, *found)
    assert [page.url.rpartition("/")[2] for page in lease_pages(corpus)] == ["none", "time", "day"]


def test_busy_hosts_are_skipped_and_the_limit_holds(corpus: Corpus) -> None:
    discovered(corpus, *(discovery("a", f"h{number}.test") for number in range(6)))
    skip = {"h0.test", "h3.test"}
    first = corpus.lease_pages(NOW, 3, LEASE_S, skip_hosts=skip)
    rest = corpus.lease_pages(NOW, 3, LEASE_S, skip_hosts=skip)
    assert (len(first), len(rest)) == (3, 1)
    assert not skip & {page.host for page in first + rest}
    assert {page.host for page in lease_pages(corpus)} == skip


def test_hosts_take_turns(corpus: Corpus) -> None:
    """No host starves because others sort before it."""
    discovered(corpus, *(discovery(f"p{number}", f"h{host}.test") for host in range(4) for number in range(3)))
    hosts = [corpus.lease_pages(NOW, 1, LEASE_S)[0].host for _ in range(12)]
    assert all(len(set(hosts[start : start + 4])) == 4 for start in (0, 4, 8))


def test_pages_of_some_sources_can_be_asked_for(corpus: Corpus) -> None:
    subscribe(corpus, source("A"), source("B"), source("C"))
    for feed in corpus.lease_feeds(NOW, 5, LEASE_S):
        for age in (2, 1):
            poll(corpus, feed, discovery(f"{feed.source}{age}", "one.test", published=NOW - age * HOUR), at=NOW)
    assert [page.source for page in lease_pages(corpus, sources=["nobody"])] == []
    first = [corpus.lease_pages(NOW, 5, LEASE_S, sources=["A", "C"]) for _ in range(4)]
    assert [page.url[-1] for batch in first for page in batch] == ["1", "1", "2", "2"]
    assert {page.source for batch in first for page in batch} == {"A", "C"}
    assert {page.source for page in lease_pages(corpus)} == {"B"}


def test_a_leased_page_is_given_out_again_only_when_its_lease_ends(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    assert len(corpus.lease_pages(NOW, 5, LEASE_S)) == 1
    assert corpus.lease_pages(NOW + timedelta(seconds=LEASE_S - 1), 5, LEASE_S) == []
    assert corpus.next_due()[1] is None
    assert len(corpus.lease_pages(NOW + timedelta(seconds=LEASE_S), 5, LEASE_S)) == 1


def test_opening_for_writing_frees_every_lease(url: str) -> None:
    with open_corpus(url, write=True) as corpus:
        discovered(corpus, discovery("a"))
        poll(corpus, lease_feed(corpus, NOW + HOUR), at=NOW + HOUR)
        lease_feed(corpus, NOW + 2 * HOUR)
        assert len(lease_pages(corpus)) == 1
    with open_corpus(url, write=True) as corpus:
        assert len(lease_pages(corpus)) == 1
        assert len(corpus.lease_feeds(NOW + 2 * HOUR, 5, LEASE_S)) == 1


def test_a_failure_to_be_tried_again_waits_for_its_time(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    end(corpus, page, BUSY, http_status=503, retry_at=NOW + HOUR)
    assert lease_pages(corpus, NOW + HOUR / 2) == []
    assert corpus.next_due()[1] == NOW + HOUR == corpus.next_due(sources=["Harbour"])[1]
    (again,) = lease_pages(corpus, NOW + HOUR)
    assert (again.id, again.attempts) == (page.id, 1)
    end(corpus, again, Outcome(Ending.GONE), NOW + HOUR)
    assert lease_pages(corpus, NOW + 100 * HOUR) == []


def test_every_visit_stays_on_record_and_the_last_is_the_outcome(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    end(corpus, page, BUSY, http_status=503, retry_at=NOW + HOUR)
    (page,) = lease_pages(corpus, NOW + HOUR)
    end(corpus, page, Outcome(Ending.GONE, "http_410", "said so"), NOW + HOUR, final_url="https://x/", size_bytes=7)
    told = corpus.explain(page.key)
    assert told is not None
    assert [(str(visit.outcome), visit.at) for visit in told.attempts] == [
        ("failed:http_503", NOW),
        ("gone:http_410", NOW + HOUR),
    ]
    assert (told.attempts[1].final_url, told.attempts[1].size_bytes) == ("https://x/", 7)
    assert told.outcome == Outcome(Ending.GONE, "http_410", "said so")
    assert corpus.totals().outcomes == {"gone": 1}


def test_a_page_keeps_its_validators_and_article_for_the_next_visit(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    with corpus.filing() as filing:
        article_id = filing.add_article(page.id, article(), [], NOW)
        recheck = Visit(page.id, NOW, STORED, retry_at=NOW + HOUR, validators=Validators('"v"', None))
        filing.end_page(recheck, article_id)
    (page,) = lease_pages(corpus, NOW + HOUR)
    assert (page.article_id, page.validators, page.attempts) == (article_id, Validators('"v"'), 1)
    assert corpus.totals().waiting == 0


def test_a_page_given_back_is_not_counted_as_visited(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"))
    (page,) = lease_pages(corpus)
    with corpus.filing() as filing:
        filing.release_page(page.id, NOW + HOUR)
    assert lease_pages(corpus, NOW) == []
    assert corpus.totals().waiting == 1
    (again,) = lease_pages(corpus, NOW + HOUR)
    assert again.attempts == 0


def test_a_page_that_waits_under_an_address_that_becomes_known_needs_no_visit(corpus: Corpus) -> None:
    """D3"""
    discovered(corpus, discovery("a", published=NOW), discovery("amp/a", published=NOW - HOUR))
    (page,) = corpus.lease_pages(NOW, 5, LEASE_S)
    amp = Address("https://harbour.example/amp/a", "harbour.example/amp/a", "amphtml")
    article_id = file_article(corpus, page, addresses=[amp])
    assert lease_pages(corpus) == []
    told = corpus.explain(amp.key)
    assert told is not None
    assert (str(told.outcome), told.article_id, told.attempts) == ("same_article:known_address", article_id, ())


def test_a_leased_page_whose_address_becomes_known_is_left_to_who_has_it(corpus: Corpus) -> None:
    discovered(corpus, discovery("a"), discovery("amp/a"))
    first, second = lease_pages(corpus)
    file_article(corpus, first, addresses=[Address(second.url, second.key, "amphtml")])
    told = corpus.explain(second.key)
    assert told is not None
    assert told.outcome is None
    end(corpus, second, Outcome(Ending.SAME_ARTICLE))


def test_a_page_that_is_not_of_this_corpus_is_refused(corpus: Corpus) -> None:
    with pytest.raises(StorageError, match="has no page 99"), corpus.filing() as filing:
        filing.end_page(Visit(99, NOW, STORED))
    with pytest.raises(StorageError, match="has no feed 99"):
        poll(corpus, discovered(corpus).__class__(99, "", "feed", "", ""))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), hosts=st.integers(1, 5), pages=st.integers(1, 25))
def test_no_page_is_leased_twice_and_each_ends_once(seed: int, hosts: int, pages: int, tmp_path: Path) -> None:
    """Random leases, ends, retries, releases, lost leases and restarts, against a model of the frontier."""
    rng = random.Random(seed)
    path = tmp_path / f"{seed}-{hosts}-{pages}.db"
    corpus = open_corpus(path, write=True)
    try:
        discovered(corpus, *(discovery(f"p{number}", f"h{rng.randrange(hosts)}.test") for number in range(pages)))
        now, leased, ended, visits = NOW, dict[int, object](), set[int](), Counter[int]()
        for _ in range(400):
            if len(ended) == pages:
                break
            action = rng.random()
            if action < 0.02:
                corpus.close()
                corpus = open_corpus(path, write=True)
                leased.clear()
            elif action < 0.5 or not leased:
                now += timedelta(seconds=rng.randrange(60))
                skip = {f"h{host}.test" for host in range(hosts) if rng.random() < 0.2}
                batch = corpus.lease_pages(now, rng.randint(1, 5), 1e6, skip_hosts=skip)
                assert not {page.id for page in batch} & (leased.keys() | ended)
                assert len({page.host for page in batch}) == len(batch)
                assert not {page.host for page in batch} & skip
                assert all(page.attempts == visits[page.id] for page in batch)
                leased.update({page.id: page for page in batch})
            else:
                page_id = rng.choice(list(leased))
                del leased[page_id]
                with corpus.filing() as filing:
                    if action < 0.6:
                        filing.release_page(page_id, now + timedelta(seconds=rng.randrange(90)))
                    else:
                        retry = now + timedelta(seconds=rng.randrange(90)) if action < 0.7 else None
                        filing.end_page(Visit(page_id, now, BUSY if retry else STORED, retry_at=retry))
                        visits[page_id] += 1
                        if retry is None:
                            ended.add(page_id)
        totals = corpus.totals()
        assert totals.outcomes.get("stored", 0) == len(ended)
        leased_now = lease_pages(corpus, now + 10 * HOUR)
        assert {page.id for page in leased_now} | leased.keys() | ended == set(range(1, pages + 1))
    finally:
        corpus.close()


def test_the_entry_of_an_address_is_the_one_that_named_it_last(corpus: Corpus) -> None:
    feed = discovered(corpus, discovery("a", title="First"))
    poll(corpus, feed, discovery("a", title="Second", entry_key="again"), at=NOW + HOUR)
    found = corpus.entry_at("harbour.example/a")
    assert found is not None
    assert found.title == "Second"
    assert corpus.entry_at("harbour.example/b") is None
