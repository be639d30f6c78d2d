"""What the corpus promises to many processes, and to one that is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from contract.scenes import LEASE_S, NOW, lease_pages

from storage import Corpus, CorpusBusy, Ending, open_corpus

WRITER = Path(__file__).parent / "writer.py"
ROOT = WRITER.parent.parent.parent


def start_writer(url: str) -> subprocess.Popen[str]:
    """A child that writes until it is killed, after its first step."""
    path = str(ROOT / "tests")
    child = subprocess.Popen(
        [sys.executable, str(WRITER), url], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "under way\n"
    return child


def kill(child: subprocess.Popen[str]) -> None:
    """SIGKILL, and wait."""
    child.send_signal(signal.SIGKILL)
    child.communicate()


def check(corpus: Corpus) -> None:
    """Nothing is lost, half-written or there twice; the validators are those of the entries that are stored."""
    totals = corpus.totals()
    assert totals.entries == totals.pages == totals.sightings
    (feed,) = corpus.lease_feeds(NOW, 1, LEASE_S, polled_before=NOW.replace(year=2099))
    assert feed.validators is not None
    assert feed.validators.etag == str(totals.entries)
    texts = [article.text for article in corpus.articles()]
    assert len(texts) == len(set(texts)) == totals.articles == totals.outcomes.get("stored", 0)
    assert totals.articles + totals.waiting == totals.pages
    for article in corpus.articles():
        told = corpus.explain(article.text.removeprefix("Text of "))
        assert told is not None
        assert told.outcome is not None
        assert (told.article_id, told.outcome.ending, len(told.attempts)) == (article.id, Ending.STORED, 1)


def test_a_killed_writer_loses_nothing_and_the_next_goes_on(url: str) -> None:
    """R1, P7: SIGKILL at a random moment, again and again."""
    before = 0
    for _ in range(4):
        child = start_writer(url)
        time.sleep(random.uniform(0, 0.15))
        kill(child)
        with open_corpus(url, write=True) as corpus:
            check(corpus)
            totals = corpus.totals()
            assert totals.articles > before
            assert len(lease_pages(corpus, NOW.replace(year=2099))) == totals.waiting
            before = totals.articles


def test_there_is_one_writer_and_the_second_is_told_who_it_is(url: str) -> None:
    child = start_writer(url)
    try:
        with pytest.raises(CorpusBusy, match=rf"process {child.pid} "):
            open_corpus(url, write=True)
        with open_corpus(url) as reader:
            assert reader.totals().articles > 0
    finally:
        kill(child)
    open_corpus(url, write=True).close()


def test_a_process_opens_a_corpus_for_writing_once(url: str) -> None:
    with open_corpus(url, write=True):
        with pytest.raises(CorpusBusy):
            open_corpus(url, write=True)
        with pytest.raises(CorpusBusy):
            open_corpus(url, write=True)
    open_corpus(url, write=True).close()


def test_readers_never_wait_for_a_writer(url: str) -> None:
    """R4 in small: four readers and a writer, two seconds."""
    child = start_writer(url)
    failures: list[Exception] = []
    rounds = [0] * 4
    until = time.monotonic() + 2

    def read(number: int) -> None:
        try:
            while time.monotonic() < until:
                with open_corpus(url) as corpus:
                    for _ in range(20):
                        totals = corpus.totals()
                        assert totals.articles + totals.waiting == totals.pages
                        assert corpus.status()[0].articles >= totals.articles
                        assert corpus.article(1) is not None
                rounds[number] += 1
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=read, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert child.poll() is None
    kill(child)
    assert failures == []
    assert all(rounds)
