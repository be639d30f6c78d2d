"""Thousands of feeds (P30): what an unchanged feed costs, what finding the next one costs, and who waits for whom."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from answers import Response, Seen
from feedmaker import atom, items, rss
from localweb import LocalWeb
from misbehaviour import Gate
from newsroom import Newsroom

from storage import Corpus, Poll, Source, open_corpus

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTS, FEEDS_PER_HOST = 30, 8
FEEDS = HOSTS * FEEDS_PER_HOST

POLL_ALL = """
import json, sys
from pathlib import Path
from crawler import box, run, subscriptions
from crawler.desk import Scope
from storage.sqlite import filing

counted = {"parses": 0, "commits": 0, "rows": 0}
parse, begin, commit = box.Box.run, filing.SqliteFiling.begin, filing.SqliteFiling.commit

async def counted_parse(self, *call, **named):
    counted["parses"] += 1
    return await parse(self, *call, **named)

def counted_begin(self):
    begin(self)
    self.rows_before = self._sql.total_changes

def counted_commit(self):
    rows = self._sql.total_changes - self.rows_before
    counted["rows"] += rows
    counted["commits"] += rows > 0
    commit(self)

box.Box.run, filing.SqliteFiling.begin, filing.SqliteFiling.commit = counted_parse, counted_begin, counted_commit
report = run.crawl(subscriptions.load(Path("feeds.yaml")), "cuttings.db", Scope(force=True, pages=False))
print(json.dumps({**counted, "feeds": sum(report.tally.polls.values())}))
"""


@dataclass(frozen=True)
class Cost:
    """What one crawl of all feeds took."""

    feeds: int
    parses: int
    commits: int
    rows: int


def poll_all(newsroom: Newsroom) -> Cost:
    """Poll every feed once in a process of its own, and count."""
    done = subprocess.run(
        [sys.executable, "-c", POLL_ALL], cwd=newsroom.folder, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return Cost(**json.loads(done.stdout))


def with_etag(document: str) -> object:
    """A page that answers 304 to whoever knows its ETag."""

    def answer(seen: Seen) -> Response:
        if seen.header("if-none-match") == '"1"':
            return Response("", status=304, headers=(("ETag", '"1"'),))
        return Response(document, headers=(("ETag", '"1"'),), content_type="application/xml")

    return answer


@pytest.mark.timeout(180)
def test_p30_p12_an_unchanged_feed_costs_no_parse_and_one_row(web: LocalWeb, newsroom: Newsroom) -> None:
    feeds = []
    for host in range(HOSTS):
        site = web.site(f"127.0.3.{host + 1}")
        site.robots("User-agent: *\nDisallow: /search\n")
        for number in range(FEEDS_PER_HOST):
            document = (rss, atom)[number % 2](items(f"{site.base}/{number}", 5))
            body = with_etag(document) if number % 4 < 2 else document
            feeds.append(site.page(f"/feed-{number}.xml", body, content_type="application/xml"))  # type: ignore[arg-type]
    newsroom.subscribe(*feeds)

    first, second, third = (poll_all(newsroom) for _ in range(3))

    assert (first.feeds, first.parses) == (FEEDS, FEEDS)
    assert (second.feeds, second.parses) == (FEEDS, 0)
    assert second.rows == 2 * FEEDS  # the feed, and a line in its history: the poll before had ended otherwise
    assert (third.feeds, third.parses, third.rows) == (FEEDS, 0, FEEDS)
    assert third.commits < FEEDS
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().entries == FEEDS * 5


def filled(path: Path, feeds: int, hosts: int) -> Corpus:
    """A corpus with that many feeds, all due."""
    corpus = open_corpus(path, write=True)
    corpus.subscribe(
        [
            (Source(f"Feed {n}", "feed", f"https://h{n % hosts}.example/{n}"), f"h{n % hosts}.example")
            for n in range(feeds)
        ],
        NOW,
    )
    return corpus


def unchanged(feed_id: int, at: datetime) -> Poll:
    return Poll(feed_id, at, "not_modified", at + timedelta(hours=1), 3600.0, http_status=304)


def test_p30_an_unchanged_poll_is_one_row_and_many_share_a_commit(tmp_path: Path) -> None:
    with filled(tmp_path / "c.db", 300, 300) as corpus, open_corpus(tmp_path / "c.db") as reader:
        connection = corpus.connection  # type: ignore[attr-defined]
        for round_number in range(2):
            at = NOW + timedelta(hours=2 * round_number)
            leased = corpus.lease_feeds(at, 300, 600.0)
            version = reader.connection.execute("PRAGMA data_version").fetchone()  # type: ignore[attr-defined]
            before = connection.total_changes
            with corpus.filing() as filing:
                for feed in leased:
                    filing.add_poll(unchanged(feed.id, at))
        assert len(leased) == 300
        assert connection.total_changes - before == 300
        assert reader.connection.execute("PRAGMA data_version").fetchone() != version  # type: ignore[attr-defined]
        assert reader.status()[0].feeds[0].failures == 0  # readable throughout


def steps_of_a_lease(corpus: Corpus, **options: object) -> int:
    """What SQLite does for one lease of ten feeds, in steps of its virtual machine."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection = corpus.connection  # type: ignore[attr-defined]
    connection.set_progress_handler(count, 10)
    leased = corpus.lease_feeds(NOW, 10, 600.0, **options)  # type: ignore[arg-type]
    connection.set_progress_handler(None, 0)
    assert len(leased) == 10
    return steps


@pytest.mark.parametrize("options", [{}, {"polled_before": NOW}])
def test_p30_what_a_lease_costs_does_not_grow_with_the_feeds_that_are_due(
    tmp_path: Path, options: dict[str, object]
) -> None:
    with filled(tmp_path / "few.db", 100, 50) as few, filled(tmp_path / "many.db", 4000, 2000) as many:
        assert steps_of_a_lease(many, **options) <= steps_of_a_lease(few, **options) * 1.2 + 5


def test_a_forced_lease_gives_first_what_is_due_then_what_was_polled_longest_ago(tmp_path: Path) -> None:
    with filled(tmp_path / "c.db", 4, 4) as corpus:
        first, second, third, _ = corpus.lease_feeds(NOW, 4, 600.0)
        with corpus.filing() as filing:
            filing.add_poll(unchanged(second.id, NOW))
            filing.add_poll(unchanged(first.id, NOW + timedelta(minutes=1)))
        later = NOW + timedelta(minutes=30)
        forced = corpus.lease_feeds(later, 4, 600.0, polled_before=later)
        assert [feed.source for feed in forced] == [third.source, "Feed 3", second.source, first.source]


def test_feeds_of_disabled_sources_are_never_leased_however_long_they_are_due(tmp_path: Path) -> None:
    with filled(tmp_path / "c.db", 40, 40) as corpus:
        corpus.subscribe([(Source("Other", "feed", "https://other.example/"), "other.example")], NOW)
        assert [feed.source for feed in corpus.lease_feeds(NOW, 10, 600.0)] == ["Other"]
        assert corpus.next_due() == (None, None)


def test_p30_slow_sites_hold_up_no_poll_of_another(web: LocalWeb, newsroom: Newsroom) -> None:
    gate = Gate()
    slow = [
        web.site(f"127.0.4.{host}").add(f"/{n}.xml", gate.hold(Response(rss([])))) for host in (1, 2) for n in range(30)
    ]
    quick = []
    for host in range(20):
        site = web.site(f"127.0.5.{host + 1}")
        quick += [site.page(f"/{n}.xml", rss(items(f"{site.base}/{n}", 1))) for n in range(5)]
    newsroom.subscribe(*slow, *quick)
    process = newsroom.start("crawl")
    try:
        web.wait_for(
            len(quick), lambda seen: seen.host.startswith("127.0.5.") and seen.path.endswith(".xml"), timeout_s=38
        )
        held = [seen for seen in web.requests if seen.host.startswith("127.0.4.") and seen.path.endswith(".xml")]
        assert len(held) == 2  # one of each slow site, and the others wait for their turn
    finally:
        gate.open()
        process.communicate(timeout=90)
    assert process.returncode == 0
    with open_corpus(newsroom.db) as corpus:
        assert all(source.feeds[0].last_poll for source in corpus.status())
