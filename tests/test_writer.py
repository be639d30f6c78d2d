"""The writer: what is acknowledged is durable, and one bad filing costs only itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.writer import Writer
from storage import Filing, FilingRefused, Host, StorageError, open_corpus

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def with_writer(path: Path, use: Callable[[Writer], Any], **options: Any) -> Any:
    """Run `use(writer)` on a fresh corpus at `path`."""

    async def go() -> Any:
        with open_corpus(path, write=True) as corpus:
            writer = Writer(corpus, **options)
            try:
                return await use(writer)
            finally:
                await writer.close()

    return asyncio.run(go())


def remember(name: str) -> Callable[[Filing], str]:
    def call(filing: Filing) -> str:
        filing.remember_host(Host(name, paused_until=NOW))
        return name

    return call


def break_down(filing: Filing) -> None:
    filing.remember_host(Host("half.example", paused_until=NOW))
    raise ValueError("a fault in the rules")


def test_what_is_acknowledged_is_readable_by_others_at_once(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def use(writer: Writer) -> bool:
        await writer.file(remember("a.example"))
        with open_corpus(path) as reader:
            return reader.host("a.example") is not None

    assert with_writer(path, use)


def test_many_filings_share_a_commit_and_each_gets_its_own_result(tmp_path: Path) -> None:
    async def use(writer: Writer) -> list[str]:
        return list(await asyncio.gather(*(writer.file(remember(f"h{n}.example")) for n in range(300))))

    assert with_writer(tmp_path / "c.db", use) == [f"h{n}.example" for n in range(300)]


def test_one_bad_filing_of_a_group_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def use(writer: Writer) -> list[object]:
        calls = [remember("a.example"), break_down, remember("b.example")]
        return list(await asyncio.gather(*(writer.file(call) for call in calls), return_exceptions=True))

    first, second, third = with_writer(path, use)
    assert (first, third) == ("a.example", "b.example")
    assert isinstance(second, ValueError)
    with open_corpus(path) as corpus:
        assert corpus.host("a.example")
        assert corpus.host("b.example")
        assert corpus.host("half.example") is None


def test_a_filing_that_contradicts_the_corpus_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "c.db"
    odd: Any = "no number"

    async def use(writer: Writer) -> list[object]:
        calls = [
            remember("a.example"),
            lambda f: f.remember_host(Host("odd", robots_status=odd)),
            remember("b.example"),
        ]
        return list(await asyncio.gather(*(writer.file(call) for call in calls), return_exceptions=True))

    first, second, third = with_writer(path, use)
    assert (first, third) == ("a.example", "b.example")
    assert isinstance(second, FilingRefused)
    with open_corpus(path) as corpus:
        assert [corpus.host(name) is not None for name in ("a.example", "odd", "b.example")] == [True, False, True]


def test_a_question_does_not_wait_for_a_group_to_fill(tmp_path: Path) -> None:
    async def use(writer: Writer) -> list[str]:
        order: list[str] = []

        async def note(name: str, work: Any) -> None:
            await work
            order.append(name)

        await asyncio.gather(
            note("filed", writer.file(remember("a.example"))), note("asked", writer.ask(lambda c: c.totals()))
        )
        return order

    assert with_writer(tmp_path / "c.db", use, group_wait_s=0.5) == ["asked", "filed"]


def test_closing_finishes_what_was_submitted(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def use(writer: Writer) -> None:
        waiting = asyncio.ensure_future(writer.file(remember("late.example")))
        await asyncio.sleep(0)
        await writer.close()
        await waiting

    with_writer(path, use, group_wait_s=30.0)
    with open_corpus(path) as corpus:
        assert corpus.host("late.example")


def test_a_corpus_that_fails_tells_every_caller_of_the_group(tmp_path: Path) -> None:
    path = tmp_path / "c.db"

    async def use(writer: Writer) -> list[object]:
        await writer.ask(lambda corpus: corpus.close())
        return list(
            await asyncio.gather(*(writer.file(remember(f"h{n}.example")) for n in range(3)), return_exceptions=True)
        )

    assert all(isinstance(result, StorageError) for result in with_writer(path, use))
