"""Pages of WARC files that somebody else made are crawled like those of a site, without the network.

records of each file, in flat memory                       storage.warc_records
    answers with status 200 and HTML                       storage.read_answer
    cut in the box, all cores                              in_order, boxed.cut_raw
    their address joins the frontier and ends, in one transaction      Filing.bring_page, filing.file_cut

A page whose bytes were read before is passed over, so that a file that is crawled twice changes nothing and one whose
crawl was killed goes on where that was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from crawler import boxed, urls
from crawler.box import Box, Limits, Overrun
from crawler.config import Config, SourceConfig
from crawler.errors import CrawlerError
from crawler.filing import file_cut, teach
from crawler.in_order import InOrder, cut_in_order, run_in_box, stopping, unwatched
from crawler.messages import Answer, CutPage
from storage import (
    BadRecord,
    Corpus,
    Discovery,
    Ending,
    Entry,
    Filing,
    FoundRecord,
    Outcome,
    RawAnswer,
    Source,
    read_answer,
    warc_records,
)

GROUP = 64
"""Pages a commit, as in a crawl."""
MOST_BAD = 1000
"""Damaged records after which the rest of a file is left: it is something else, or was made to take for ever."""
HTML_TYPES = ("text/html", "application/xhtml+xml")
OLDEST = datetime(1991, 8, 6, tzinfo=UTC)
"""No page was fetched before there was one."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that could not be used, or a file."""

    file: str
    offset: int
    problem: str


@dataclass(slots=True)
class WarcReport:
    """What came of the files."""

    records: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    """Records that hold no page: `other_kind`, `other_status`, `no_html`, `too_large`."""
    known: int = 0
    """Pages whose bytes were read before, or whose address is that of an article."""
    outcomes: Counter[Ending] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bad: list[Bad] = field(default_factory=list)
    stopped: bool = False

    @property
    def ended(self) -> int:
        """Pages whose outcome this crawl recorded."""
        return sum(self.outcomes.values())

    def count(self, outcome: Outcome) -> None:
        """Count how a page ended."""
        self.outcomes[outcome.ending] += 1
        if outcome.reason and outcome.ending is not Ending.SAME_ARTICLE:
            self.reasons[str(outcome)] += 1

    def as_dict(self) -> dict[str, object]:
        """For programs; records == passed + known + ended + bad."""
        return {
            "records": self.records,
            "passed": dict(self.passed),
            "known": self.known,
            "ended": self.ended,
            "outcomes": {str(ending): pages for ending, pages in self.outcomes.items()},
            "reasons": dict(self.reasons),
            "bad": [{"file": one.file, "offset": one.offset, "problem": one.problem} for one in self.bad],
            "stopped": self.stopped,
        }


@dataclass(frozen=True, slots=True)
class _Page:
    """A page in a file."""

    source: Source
    answer: RawAnswer
    url: str
    key: str


def crawl_warcs(
    corpus: Corpus,
    config: Config,
    files: Sequence[Path],
    *,
    limit: int | None = None,
    workers: int | None = None,
    watch: Callable[[WarcReport], None] | None = None,
) -> WarcReport:
    """Cut and file the pages of these files, at most `limit`. Raises `CrawlerError` for a file that cannot be read.

    SIGINT and SIGTERM end it after the pages that are in the box; the same call goes on from there.
    """
    for file in files:
        if not file.is_file():
            raise CrawlerError(f"{file}: is no file that can be read; name WARC files, compressed or not")
    run = _Run(corpus, config, files, limit, watch or unwatched)
    run_in_box(run.run(workers or Limits().workers))
    return run.report


@dataclass(slots=True)
class _Run:
    corpus: Corpus
    config: Config
    files: Sequence[Path]
    limit: int | None
    watch: Callable[[WarcReport], None]
    report: WarcReport = field(default_factory=WarcReport)
    by_host: dict[str, SourceConfig] = field(init=False)

    def __post_init__(self) -> None:
        self.by_host = {urls.host(source.source.url): source for source in reversed(self.config.sources)}

    async def run(self, workers: int) -> None:
        with stopping() as is_stopped:
            async with Box(Limits(workers=workers), warm=boxed.warm) as box:
                group: list[tuple[_Page, InOrder]] = []
                async with aclosing(cut_in_order(box, workers, self._orders())) as cut:
                    async for page, result in cut:
                        if result is not None:
                            group.append((page, result))
                        if len(group) >= GROUP or is_stopped():
                            self._file(group)
                            group = []
                        if is_stopped():
                            self.report.stopped = True
                            break
                self._file(group)
        while self.corpus.index():
            pass

    def _orders(self) -> Iterator[tuple[_Page, boxed.RawOrder]]:
        given = 0
        for page in self._pages():
            if self.limit is not None and given >= self.limit:
                return
            if self.corpus.settled([page.key]):
                self.report.known += 1
                continue
            given += 1
            yield page, self._order(page)

    def _order(self, page: _Page) -> boxed.RawOrder:
        source, answer = self.by_host.get(urls.host(page.url)), page.answer
        order = boxed.CutOrder(
            body=b"",
            url=page.url,
            content_type=answer.header("content-type"),
            refresh=answer.header("refresh"),
            entry=None,
            strip=source.strip if source else (),
            content=source.content if source else None,
            languages=source.languages if source else (),
            now=answer.at,
            memory=self.corpus.site_memory(urls.host(page.url)),
        )
        return boxed.RawOrder(answer, order)

    def _pages(self) -> Iterator[_Page]:
        """The pages of all files; everything else is counted."""
        for path in self.files:
            name = path.name
            source = Source(name, "feed", f"warc:{name}")
            bad_before = len(self.report.bad)
            try:
                with path.open("rb") as file:
                    for found in warc_records(file):
                        self.report.records += 1
                        page = self._page(source, found)
                        if page is not None:
                            yield page
                        if len(self.report.bad) - bad_before >= MOST_BAD:
                            rest = f"{MOST_BAD} records are damaged; the rest of the file is left"
                            self.report.records += 1
                            self.report.bad.append(Bad(name, found.offset, rest))
                            break
            except OSError as error:
                raise CrawlerError(f"{path}: cannot be read ({error.strerror})") from error

    def _page(self, source: Source, found: FoundRecord) -> _Page | None:
        """The page of a record, or None, counted."""
        if found.record is None and (found.problem or "").startswith("is larger"):
            self.report.passed["too_large"] += 1
            return None
        try:
            if found.record is None:
                raise BadRecord(found.problem or "")
            answer = read_answer(found.record)
            other = _other(answer)
            if answer is None or other is not None:
                self.report.passed[other or "other_kind"] += 1
                return None
            url = urls.normalize(answer.url)
            if url is None:
                raise BadRecord("names no address of a page")
        except BadRecord as error:
            self.report.bad.append(Bad(source.name, found.offset, str(error)))
            return None
        return _Page(source, replace(answer, url=url, at=_believable(answer.at)), url, urls.identity(url))

    def _file(self, group: list[tuple[_Page, InOrder]]) -> None:
        if group:
            with self.corpus.filing() as filing:
                outcomes = [self._end(filing, page, result) for page, result in group]
            for outcome in outcomes:
                if outcome is None:
                    self.report.known += 1
                else:
                    self.report.count(outcome)
        self.watch(self.report)

    def _end(self, filing: Filing, page: _Page, result: InOrder) -> Outcome | None:
        """File one page; None where it turned out to be known. One that was not parsed in time is not tried again by
        itself: there is nobody to ask."""
        at = page.answer.at
        found = Discovery(Entry(page.key, page.url), page.url, page.key, urls.host(page.url))
        due = filing.bring_page(page.source, found, at)
        if due is None:
            return None
        source = self.by_host.get(urls.host(page.url))
        is_kept = source.archive if source else self.config.archive
        answer = Answer(
            page.url,
            page.answer.status,
            page.answer.body,
            page.answer.header("content-type"),
            raw=page.answer if is_kept else None,
        )
        if isinstance(result, Overrun):
            return file_cut(filing, CutPage(replace(due, attempts=10), answer, result), at)
        cut = CutPage(due, answer, result.result, result.lesson, result.note)
        outcome = file_cut(filing, cut, at)
        teach(filing, cut, outcome, at)
        return outcome


def _other(answer: RawAnswer | None) -> str | None:
    """Why a record holds no page, or None."""
    if answer is None:
        return "other_kind"
    if answer.status != 200:
        return "other_status"
    kind = (answer.header("content-type") or "text/html").partition(";")[0].strip().lower()
    return None if kind in HTML_TYPES else "no_html"


def _believable(at: datetime) -> datetime:
    now = datetime.now(UTC)
    return at if OLDEST <= at <= now else now
