"""Files of articles go into the corpus, in flat memory, and are filed as crawled pages are.

lines of a file, unpacked                                   lines
    a hundred at a time, in the box, all cores              rows.read_rows
        bad rows are told by their line, the others
    name their page, are compared and filed                 Filing.bring_row, placing.is_older, filing.file_article
        in one transaction, each row with the mark by which it is known

Killed at any moment, the same call passes over the rows that were filed and goes on behind them.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TypeVar

from crawler import urls
from crawler.box import Box, Limits, Overrun
from crawler.errors import CrawlerError
from crawler.filing import file_article
from crawler.importing.lines import MOST_LINE_BYTES, Damaged, Line, Unreadable, lines, opened
from crawler.importing.placing import is_older
from crawler.importing.report import MOST_PROBLEMS, ImportReport, Problem, rejected
from crawler.importing.rows import BadRow, ReadRow, RowsOrder, read_rows, warm
from crawler.in_order import run_in_box, stopping, unwatched
from crawler.messages import Answer, CutPage
from storage import Corpus, Discovery, Ending, Entry, Filing, Outcome, Source, Visit

GROUP = 100
"""Rows that are read and committed together: half of what a commit costs is then spread over them."""
GROUP_BYTES = 1024 * 1024
MOST_BYTES = 24 * 1024 * 1024
"""Of lines that are read ahead; the box has about as much again."""
GROUPS_PER_WORKER = 3
INDEX_EVERY = 2_000
"""Rows after which the search index catches up, so that neither a reader nor the next run waits for all of them."""
LOOK_S = 0.2
"""How often it is looked whether to stop, while standard input says nothing."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Group:
    file: str
    lines: tuple[Line, ...]

    @property
    def size(self) -> int:
        return sum(len(line.data) for line in self.lines)


_Read = tuple[ReadRow | BadRow, ...]


def import_articles(
    corpus: Corpus | None,
    files: Sequence[Path | None],
    *,
    source: str | None = None,
    rejects: IO[bytes] | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    watch: Callable[[ImportReport], None] | None = None,
) -> ImportReport:
    """File the articles of these files (None: standard input). Raises `CrawlerError` for one that cannot be read.

    `source` names where they come from; else the row does. Bad rows go to `rejects`, each with its reason. A dry run
    only reads, from a corpus that may be missing. SIGINT and SIGTERM end it after the rows that are being read.
    """
    run = _Run(corpus, files, source, rejects, dry_run, watch or unwatched)
    run_in_box(run.run(workers or Limits().workers))
    return run.report


def must_be_files(files: Sequence[Path | None]) -> None:
    """Raise `CrawlerError` for what is no file, before anything else is done."""
    for path in files:
        if path is not None and path.is_dir():
            raise CrawlerError(f"{path}: is a folder; name a file of JSON Lines")
        if path is not None and not path.exists():
            raise CrawlerError(f"{path}: there is no such file")


@dataclass(slots=True)
class _Run:
    corpus: Corpus | None
    files: Sequence[Path | None]
    source: str | None
    rejects: IO[bytes] | None
    dry_run: bool
    watch: Callable[[ImportReport], None]
    report: ImportReport = field(default_factory=ImportReport)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    unindexed: int = 0

    async def run(self, workers: int) -> None:
        with stopping() as is_stopped:
            async with Box(Limits(workers=workers), warm=warm) as box:
                reading: deque[tuple[_Group, asyncio.Task[_Read]]] = deque()
                try:
                    unreadable = await self._read_all(box, reading, workers * GROUPS_PER_WORKER, is_stopped)
                    while reading:
                        await self._file_first(reading)
                finally:
                    for _, read in reading:
                        read.cancel()
            self.report.stopped = is_stopped()
        self._index(0)
        if unreadable is not None:
            raise unreadable

    async def _read_all(
        self,
        box: Box,
        reading: deque[tuple[_Group, asyncio.Task[_Read]]],
        most: int,
        is_stopped: Callable[[], bool],
    ) -> CrawlerError | None:
        """Have all groups read, `most` at a time, and file them in their order; the last are left to be filed. Gives
        why a file cannot be read: what was read before it is kept."""
        groups = self._groups()
        try:
            while not is_stopped() and (group := await _in_thread(lambda: next(groups, None), is_stopped)):
                reading.append((group, asyncio.create_task(self._read(box, group))))
                while len(reading) > most or _held(reading) > MOST_BYTES:
                    await self._file_first(reading)
        except Unreadable as error:
            return error
        return None

    async def _file_first(self, reading: deque[tuple[_Group, asyncio.Task[_Read]]]) -> None:
        group, read = reading[0]
        rows = await read
        reading.popleft()
        self._file(group, rows)

    def _groups(self) -> Iterator[_Group]:
        """The lines of all files, a group at a time."""
        for path in self.files:
            name = "standard input" if path is None else path.name
            group: list[Line] = []
            size = 0
            with opened(path) as stream:
                try:
                    for line in lines(stream):
                        group.append(line)
                        size += len(line.data)
                        if len(group) >= GROUP or size >= GROUP_BYTES:
                            yield _Group(name, tuple(group))
                            group, size = [], 0
                except Damaged as error:
                    self.report.damaged.append(f"{path or name}: {error}")
            if group:
                yield _Group(name, tuple(group))

    async def _read(self, box: Box, group: _Group) -> _Read:
        """What each line of a group holds. Where they cost too much together, each is read alone, and one that costs
        too much alone is bad."""
        readable = [(line.number, line.data) for line in group.lines if not line.is_too_long]
        found: dict[int, ReadRow | BadRow] = {
            line.number: BadRow(line.number, f"is longer than {MOST_LINE_BYTES // 2**20} MiB")
            for line in group.lines
            if line.is_too_long
        }
        together = await box.run(read_rows, RowsOrder(tuple(readable), group.file, self.now)) if readable else ()
        for number, data in readable if isinstance(together, Overrun) else ():
            alone = await box.run(read_rows, RowsOrder(((number, data),), group.file, self.now))
            found[number] = (
                BadRow(number, f"cannot be read: {alone.detail}") if isinstance(alone, Overrun) else alone[0]
            )
        if not isinstance(together, Overrun):
            found |= {row.line: row for row in together}
        return tuple(found[line.number] for line in group.lines)

    def _file(self, group: _Group, rows: _Read) -> None:
        good = [row for row in rows if isinstance(row, ReadRow)]
        if self.dry_run:
            self._compare(good)
        elif good:
            assert self.corpus is not None
            with self.corpus.filing() as filing:
                outcomes = [self._end(filing, group.file, row) for row in good]
            for outcome in outcomes:
                self._count(outcome)
            self.unindexed += len(good)
            self._index(INDEX_EVERY)
        for line, row in zip(group.lines, rows, strict=True):
            self._tell(group.file, line, row)
        self.report.rows += len(rows)
        self.watch(self.report)

    def _compare(self, rows: Sequence[ReadRow]) -> None:
        for row in rows:
            is_known = self.corpus is not None and self.corpus.article_at(urls.identity(row.url)) is not None
            self.report.known += is_known
            self.report.new += not is_known

    def _end(self, filing: Filing, file: str, row: ReadRow) -> Outcome | None:
        """File one row; None where it was filed before."""
        at = row.fetched or self.now
        entry = Entry(row.digest, row.url, row.article.title, published=row.article.published)
        found = Discovery(entry, row.url, urls.identity(row.url), urls.host(row.url))
        brought = None
        for name in (self.source,) if self.source else row.sources or (urls.site(row.url) or found.host,):
            source = Source(name, "feed", f"import:{name}")
            brought = filing.bring_row(source, found, min(row.first_seen or at, at)) or brought
        if brought is None:
            return None
        if brought.is_other_address:
            return Outcome(Ending.SAME_ARTICLE, "known_address")
        if brought.text is not None:
            if is_older(row, brought.text):
                is_new = filing.add_former(brought.text.article_id, row.article, at)
                return Outcome(Ending.REVISED if is_new else Ending.UNCHANGED, "older_text")
            at = max(at, brought.text.fetched)
        cut = CutPage(brought.page, Answer(row.url, None), row.article)
        outcome, article_id = file_article(filing, cut, row.article, at)
        told = replace(outcome, detail=f"imported from {file}, line {row.line}")
        retry_at = brought.due if brought.text is not None else None
        filing.end_page(Visit(brought.page.id, at, told, final_url=row.url, retry_at=retry_at), article_id)
        return outcome

    def _count(self, outcome: Outcome | None) -> None:
        if outcome is None:
            self.report.known += 1
            return
        self.report.outcomes[outcome.ending] += 1
        if outcome.reason:
            self.report.reasons[str(outcome)] += 1

    def _tell(self, file: str, line: Line, row: ReadRow | BadRow) -> None:
        """Remember what is wrong with a row, and write one that is bad where it can be mended."""
        report = self.report
        if isinstance(row, ReadRow):
            report.remarked += len(row.remarks)
            room = MOST_PROBLEMS - len(report.remarks)
            report.remarks += [Problem(file, row.line, words) for words in row.remarks[: max(room, 0)]]
            return
        report.bad += 1
        if len(report.problems) < MOST_PROBLEMS:
            report.problems.append(Problem(file, row.line, row.problem))
        if self.rejects is not None:
            self.rejects.write(rejected(file, line, row))

    def _index(self, waiting: int) -> None:
        if self.corpus is not None and not self.dry_run and self.unindexed > waiting:
            while self.corpus.index():
                pass
            self.unindexed = 0


def _held(reading: deque[tuple[_Group, asyncio.Task[_Read]]]) -> int:
    return sum(group.size for group, _ in reading)


async def _in_thread(call: Callable[[], T | None], is_stopped: Callable[[], bool]) -> T | None:
    """What the call gives, while this loop goes on; None where it was stopped before. The thread is left to itself
    then: nothing ends a read of standard input but the other side."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T | None] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if not future.done():
            future.set_exception(error) if error is not None else future.set_result(result)

    def work() -> None:
        result, failed = None, None
        try:
            result = call()
        except BaseException as error:
            failed = error
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, result, failed)

    threading.Thread(target=work, daemon=True).start()
    while not future.done() and not is_stopped():
        await asyncio.wait({future}, timeout=LOOK_S)
    return future.result() if future.done() else None
