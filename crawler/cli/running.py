"""`cuttings run`."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

from crawler.cli import Context
from crawler.cli.options import DURATION, workers_option
from storage import plain_line, plain_text

if TYPE_CHECKING:
    from crawler.crawl_process import Result
    from crawler.rounds import Rest


@click.command(short_help="Crawl whatever is due, until stopped.")
@workers_option("cut pages")
@click.option(
    "--max-crawl",
    type=DURATION,
    metavar="TIME",
    help="Replace the crawling process after so long. [default: 1h]",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document a line for each crawl.")
@click.pass_obj
def run(context: Context, workers: int | None, max_crawl: float | None, as_json: bool) -> None:
    """Crawl whatever is due, sleep until something is, and so on until stopped.

    A changed feeds.yaml takes effect within seconds; one that is invalid is reported, and the subscriptions stay as
    they were. SIGTERM or Ctrl-C stops it within 45 seconds with nothing lost, a second one at once. SIGHUP crawls what
    is due now. It tells one line for each crawl that did something, `cuttings --quiet run` errors only.
    """
    from crawler.bounds import CRAWL_S
    from crawler.daemon import Daemon
    from crawler.service import service_of_process

    service = service_of_process()
    lines = Lines(context.verbosity, context.quiet, as_json, service.status)
    daemon = Daemon(
        db=context.db,
        feeds=context.feeds,
        listener=lines,
        service=service,
        workers=workers,
        verbosity=context.verbosity,
        crawl_s=max_crawl or CRAWL_S,
    )
    daemon.run()


@dataclass(slots=True)
class Lines:
    """What the daemon does, as plain lines: crawls on the standard output, trouble on the standard error.

    A reader that went away, or a full disk under a log, does not end a daemon: what cannot be written is not.
    """

    verbosity: int
    quiet: bool
    as_json: bool
    status: Callable[[str], None]

    def crawled(self, result: Result, rest: Rest | None) -> None:
        """One line, if the crawl did anything."""
        from crawler.report import round_line

        following = f"next crawl {_when(rest)}" if rest else "stopped"
        self.status(f"{round_line(result.tally, result.elapsed_s)}; {following}")
        if result.how in ("failed", "crashed"):
            self.trouble(f"{result.message}; {f'trying again {_when(rest)}' if rest else following}")
            if not self.as_json:
                return
        if self.as_json:
            if not self.quiet:
                _write(1, json.dumps(_document(result, rest)))
        elif not self.quiet and (self.verbosity or result.ended.worked):
            ended = f" ({result.stopped})" if result.stopped and self.verbosity else ""
            _write(1, f"{_stamp()}{round_line(result.tally, result.elapsed_s)}{ended}; {following}")

    def note(self, text: str) -> None:
        """On the standard error, unless quiet."""
        if not self.quiet:
            _write(2, f"{_stamp()}{plain_line(text)}")

    def trouble(self, text: str) -> None:
        """On the standard error, always."""
        _write(2, f"{_stamp()}Error: {plain_text(text)}")


def _document(result: Result, rest: Rest | None) -> dict[str, object]:
    due = rest.due.astimezone(UTC).isoformat() if rest and rest.due else None
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "how": result.how,
        **result.tally.as_dict(),
        "elapsed_s": round(result.elapsed_s, 3),
        "stopped": result.stopped,
        "error": result.message,
        "next_due": due,
    }


def _when(rest: Rest) -> str:
    now = datetime.now(UTC)
    latest = now + timedelta(seconds=rest.at_most_s)
    at = max(min(rest.due or latest, latest), now + timedelta(seconds=rest.at_least_s))
    if at <= now + timedelta(seconds=1):
        return "now"
    return f"at {at:%H:%M:%S} UTC"


def _stamp() -> str:
    """The time, unless the journal gives each line one."""
    return "" if "JOURNAL_STREAM" in os.environ else f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} "


def _write(descriptor: int, line: str) -> None:
    with contextlib.suppress(OSError):
        os.write(descriptor, (line + "\n").encode("utf-8", "replace"))
