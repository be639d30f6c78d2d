"""What a corpus promises about who does what to it, and about clocks that were wrong."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import pytest
from contract.scenes import HOUR, NOW, discovered, discovery, end, lease_feed, lease_pages, poll, subscribe

from storage import Corpus, CorpusBusy, CorpusMissing, Ending, Outcome, claim, open_corpus

YEAR = timedelta(days=365)
HOLD = "import sys; from storage import claim\nwith claim(*sys.argv[1:]): print('held', flush=True); sys.stdin.read()"


def hold(url: str, purpose: str) -> subprocess.Popen[str]:
    """A process that has claimed the corpus, until its input ends or it is killed."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, url, purpose], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "held\n"
    return child


def test_c15_a_corpus_is_run_by_one_process_that_the_second_is_told_and_written_by_others_meanwhile(url: str) -> None:
    child = hold(url, "run")
    try:
        with pytest.raises(CorpusBusy, match=rf"process {child.pid} runs it"):
            claim(url, "run")
        open_corpus(url, write=True).close()
        with claim(url, "write"):
            pass
    finally:
        child.kill()
        child.communicate()
    with claim(url, "run"), pytest.raises(CorpusBusy, match="this process"):
        claim(url, "run")


def test_whoever_would_write_can_ask_whether_it_could(url: str) -> None:
    child = hold(url, "write")
    try:
        with pytest.raises(CorpusBusy, match=rf"process {child.pid} is writing"):
            claim(url, "write")
        with pytest.raises(CorpusBusy):
            open_corpus(url, write=True)
    finally:
        child.kill()
        child.communicate()
    with claim(url, "write"), pytest.raises(CorpusBusy):
        open_corpus(url, write=True)
    with open_corpus(url, write=True), pytest.raises(CorpusBusy):
        claim(url, "write")


def test_what_cannot_be_a_corpus_is_not_claimed(url: str) -> None:
    with pytest.raises(CorpusMissing, match="folder"):
        claim(f"{url}/deeper/corpus.db", "run")


def test_r8_a_feed_polled_under_a_clock_a_year_ahead_is_due_an_interval_from_now(corpus: Corpus) -> None:
    subscribe(corpus)
    later = NOW + YEAR
    poll(corpus, lease_feed(corpus, later), at=later)
    assert corpus.next_due()[0] == later + HOUR
    subscribe(corpus)
    assert corpus.next_due()[0] == NOW + HOUR
    subscribe(corpus, now=NOW + HOUR / 2)
    assert corpus.next_due()[0] == NOW + HOUR, "restarting neither hastens nor delays it"
    assert lease_feed(corpus, NOW + HOUR).last_poll == NOW


def test_r8_a_feed_added_under_a_clock_a_year_ahead_is_due_at_once(corpus: Corpus) -> None:
    subscribe(corpus, now=NOW + YEAR)
    subscribe(corpus)
    assert corpus.next_due()[0] == NOW


def test_r8_pages_put_off_under_a_clock_a_year_ahead_come_soon(corpus: Corpus) -> None:
    later = NOW + YEAR
    discovered(corpus, discovery("failed"), discovery("unseen"), at=later)
    first, unseen = lease_pages(corpus, later + HOUR)
    end(corpus, first, Outcome(Ending.FAILED, "timeout"), at=later, retry_at=later + HOUR)
    with corpus.filing() as filing:
        filing.release_page(unseen.id, later + HOUR)
    subscribe(corpus)
    assert [page.id for page in lease_pages(corpus, NOW)] == [unseen.id]
    assert first.id in [page.id for page in lease_pages(corpus, NOW + HOUR)]


def test_r8_what_lies_ahead_for_good_reason_stays(corpus: Corpus) -> None:
    discovered(corpus, discovery("failed"))
    poll(corpus, lease_feed(corpus, NOW + HOUR), at=NOW + HOUR, next_poll=NOW + 7 * 24 * HOUR)
    (page,) = lease_pages(corpus)
    end(corpus, page, Outcome(Ending.FAILED, "timeout"), retry_at=NOW + 24 * HOUR)
    subscribe(corpus, now=NOW + HOUR)
    assert corpus.next_due() == (NOW + 7 * 24 * HOUR, NOW + 24 * HOUR)


def test_a_feed_that_is_polled_no_more_stays_so(corpus: Corpus) -> None:
    subscribe(corpus)
    poll(corpus, lease_feed(corpus, NOW + YEAR), at=NOW + YEAR, status="gone", next_poll=None)
    subscribe(corpus)
    assert corpus.next_due()[0] is None
