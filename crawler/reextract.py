"""Articles are cut again from the archive: no network, today's extractor, today's settings and site memory.

raw pages in the order in which they were fetched          Corpus.raw_pages, Corpus.raw
    cut in the box, all cores                              in_order, boxed.cut_raw
    compare with the text that was cut from them           recut
        an article's text, current or former -> replaced in its place       Filing.recut_article
        a page that was rejected and is an article now -> filed as such     filing.file_cut
        an article whose page is rejected now -> told, and kept
    commit in groups, each with the place that the run came to              Filing.mark_recut

Killed at any moment, the next run with the same aim goes on where the last commit was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib.metadata import version

from crawler import __version__, boxed, urls
from crawler.box import Box, Limits, Overrun
from crawler.config import Config, SourceConfig
from crawler.entries import entry_of
from crawler.filing import file_cut
from crawler.in_order import InOrder, cut_in_order, run_in_box, stopping, unwatched
from crawler.messages import Answer, CutPage
from crawler.recut import RecutReport, differs
from storage import Article, CaptureLost, Corpus, Ending, Filing, RawAnswer, RawPage, Rejected, SiteMemory

GROUP = 64
"""Texts a commit, as in a crawl."""
BATCH = 200
"""Raw pages that are looked up at a time."""

NOTE = "cut again from the archive"

MemoryOf = Callable[[str], SiteMemory]
"""What the pages of a host repeat."""


@dataclass(frozen=True, slots=True)
class Aim:
    """What is to be cut again."""

    sources: tuple[str, ...] | None = None
    """Names; None: all."""
    since: date | None = None
    """Only pages that were fetched that day or later."""
    dry_run: bool = False


def reextract(
    corpus: Corpus,
    config: Config,
    aim: Aim,
    *,
    workers: int | None = None,
    memory_of: MemoryOf = lambda host: SiteMemory(),  # noqa: ARG005
    watch: Callable[[RecutReport], None] | None = None,
) -> RecutReport:
    """Cut again what `aim` says; gives what changed. With `dry_run` the corpus may be open for reading only.

    SIGINT and SIGTERM end it after the pages that are in the box, and what was cut is kept.
    """
    run = _Run(corpus, config, aim, memory_of, watch or unwatched)
    run_in_box(run.run(workers or Limits().workers))
    return run.report


@dataclass(slots=True)
class _Run:
    corpus: Corpus
    config: Config
    aim: Aim
    memory_of: MemoryOf
    watch: Callable[[RecutReport], None]
    report: RecutReport = field(default_factory=RecutReport)
    by_name: dict[str, SourceConfig] = field(init=False)
    by_host: dict[str, SourceConfig] = field(init=False)
    """For pages of sources that feeds.yaml has not, or no longer."""
    number: int = field(init=False)
    memories: dict[str, SiteMemory] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.by_name = {source.source.name: source for source in self.config.sources}
        self.by_host = {urls.host(source.source.url): source for source in reversed(self.config.sources)}
        self.number = _number_of(self.aim, self.config)

    async def run(self, workers: int) -> None:
        with stopping() as is_stopped:
            async with Box(Limits(workers=workers), warm=boxed.warm) as box:
                group: list[tuple[RawPage, RawAnswer | None, InOrder | None]] = []
                async with aclosing(cut_in_order(box, workers, self._pages())) as cut:
                    async for (raw, answer), result in cut:
                        group.append((raw, answer, result))
                        if len(group) >= GROUP or is_stopped():
                            self._file(group)
                            group = []
                        if is_stopped():
                            self.report.stopped = True
                            return
                self._file(group)
        if not self.aim.dry_run:
            with self.corpus.filing() as filing:
                filing.mark_recut(None)
            while self.corpus.index():
                pass
        for source, count in self.corpus.articles_without_raw_page(sources=self.aim.sources).items():
            self.report.counts[source].without = count

    def _pages(self) -> Iterator[tuple[tuple[RawPage, RawAnswer | None], boxed.RawOrder | None]]:
        """Every raw page that something stands on, with its order for the box; without one where it is lost."""
        after = self._begin()
        while batch := self.corpus.raw_pages(after, BATCH, sources=self.aim.sources, since=self.aim.since):
            after = batch[-1].id
            for raw in batch:
                if raw.stands is None or (raw.stands == "rejected" and not _may_be_article(raw)):
                    continue
                try:
                    answer = self.corpus.raw(raw.capture)
                except CaptureLost as error:
                    self._lost(raw, error)
                    yield (raw, None), None
                    continue
                yield (raw, answer), self._order(raw, answer)

    def _begin(self) -> int:
        mark = None if self.aim.dry_run else self.corpus.recut_mark()
        if mark is None or mark[0] != self.number:
            return 0
        self.report.went_on = True
        return mark[1]

    def _order(self, raw: RawPage, answer: RawAnswer) -> boxed.RawOrder:
        """As the crawl that fetched the page orders it, at the moment of then: the same bytes give the same dates."""
        source = self.by_name.get(raw.page.source) or self.by_host.get(urls.host(raw.page.url))
        order = boxed.CutOrder(
            body=b"",
            url=raw.capture.url,
            content_type=answer.header("content-type"),
            refresh=answer.header("refresh"),
            entry=entry_of(raw.page, raw.capture.url, self.corpus.entry_at),
            strip=source.strip if source else (),
            content=source.content if source else None,
            languages=source.languages if source else (),
            now=raw.capture.at,
            memory=self._memory(raw),
        )
        return boxed.RawOrder(answer, order)

    def _memory(self, raw: RawPage) -> SiteMemory:
        host = urls.host(raw.capture.url)
        if host not in self.memories:
            if len(self.memories) >= BATCH:
                self.memories.clear()  # hosts come in the order of a crawl: some hundred at a time, over and over
            self.memories[host] = self.memory_of(host)
        return self.memories[host]

    def _lost(self, raw: RawPage, error: CaptureLost) -> None:
        self.report.count_lost(raw, str(error))

    def _file(self, group: list[tuple[RawPage, RawAnswer | None, InOrder | None]]) -> None:
        if self.aim.dry_run:
            for raw, answer, result in group:
                self._take(None, raw, answer, result)
        elif group:
            with self.corpus.filing() as filing:
                for raw, answer, result in group:
                    self._take(filing, raw, answer, result)
                filing.mark_recut((self.number, group[-1][0].id))
        self.watch(self.report)

    def _take(self, filing: Filing | None, raw: RawPage, answer: RawAnswer | None, made: InOrder | None) -> None:
        """Count what became of a page, and file it unless this is a dry run."""
        if answer is None or made is None:
            return
        result = made if isinstance(made, Overrun) else made.result
        counts = self.report.counts[raw.page.source]
        if raw.stands == "rejected":
            if isinstance(result, Article):
                ending = self._store(filing, raw, answer, result)
                counts.known += ending is Ending.SAME_ARTICLE
                counts.stored += ending is not Ending.SAME_ARTICLE
            return
        if not isinstance(result, Article):
            counts.compared += 1
            if isinstance(result, Overrun):
                counts.overrun += 1
            elif isinstance(result, Rejected):
                self.report.count_refused(raw, f"{result.reason}: {result.detail}" if result.detail else result.reason)
            else:
                self.report.count_refused(raw, f"the page refreshes to {result.url}")
            return
        self.report.count_change(raw, result)
        if filing is not None and differs(raw, result):
            assert raw.page.article_id is not None
            assert raw.revision is not None
            filing.recut_article(raw.page.article_id, raw.revision, result, datetime.now(UTC))

    def _store(self, filing: Filing | None, raw: RawPage, answer: RawAnswer, article: Article) -> Ending:
        if filing is None:
            return Ending.STORED
        redirects = ((302, raw.page.url),) if raw.capture.url != raw.page.url else ()
        said = Answer(raw.capture.url, answer.status, answer.body, answer.header("content-type"), redirects=redirects)
        return file_cut(filing, CutPage(raw.page, said, article, note=NOTE), raw.capture.at).ending


def _may_be_article(raw: RawPage) -> bool:
    return raw.outcome is not None and raw.outcome.ending in (Ending.REJECTED, Ending.FAILED)


def _number_of(aim: Aim, config: Config) -> int:
    """The same for two runs with the same aim, settings and extractor: the second goes on where the first stopped."""
    settings = [(one.source.name, one.strip, one.content, one.languages) for one in config.sources]
    told = repr((__version__, version("trafilatura"), aim.sources, aim.since, sorted(settings)))
    return int.from_bytes(hashlib.sha256(told.encode("utf-8", "replace")).digest()[:7])
