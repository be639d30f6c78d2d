"""What a crawl says of itself: a live line on a terminal, plain lines elsewhere, and a summary that adds up."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import TextIO

from crawler.desk import Desk, Scope
from crawler.naming import either
from crawler.tally import Tally
from storage import Ending, plain_line

LINE_EVERY_S = 10.0
"""Between two progress lines where nobody watches: a log of a long crawl stays readable."""

FAILED_SHOWN = 5
"""Failed feeds that a summary names."""

ENDINGS = {
    Ending.STORED: "stored",
    Ending.REVISED: "revised",
    Ending.UNCHANGED: "unchanged",
    Ending.SAME_ARTICLE: "same article",
    Ending.REJECTED: "rejected",
    Ending.BLOCKED: "blocked",
    Ending.FAILED: "failed",
    Ending.GONE: "gone",
}


def progress_line(desk: Desk, elapsed_s: float) -> str:
    """One line: feeds polled, pages ended, how they ended, pages a second."""
    tally = desk.tally
    ended = tally.ended
    if desk.stopping:
        return "stopping: what is under way is finished, within 45 s; interrupt again to stop at once"
    if not tally.polled and not tally.archives and not ended:
        return "looking for what is due"
    read = tally.archives.total()
    parts = [
        f"{read} document{'' if read == 1 else 's'} read"
        if desk.scope.documents is not None
        else f"{tally.polled} feed{'' if tally.polled == 1 else 's'} polled",
        f"{ended} of {tally.came_in} pages",
    ]
    parts += [f"{tally.outcomes[ending]} {name}" for ending, name in ENDINGS.items() if tally.outcomes[ending]]
    if elapsed_s > 1:
        parts.append(f"{ended / elapsed_s:.0f}/s")
    return "  ".join(parts)


@dataclass(slots=True)
class PlainProgress:
    """A line every now and then, for logs and pipes."""

    stream: TextIO = field(default_factory=lambda: sys.stderr)
    _began: float = field(default_factory=time.monotonic)
    _last: float = field(default_factory=time.monotonic)

    def __call__(self, desk: Desk) -> None:
        """Called often; writes seldom."""
        now = time.monotonic()
        if now - self._last >= LINE_EVERY_S:
            self._last = now
            print(progress_line(desk, now - self._began), file=self.stream, flush=True)

    def close(self) -> None:
        """Nothing to put back."""


class LiveProgress:
    """One line that keeps itself up to date, for a terminal."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.live import Live

        self._began = time.monotonic()
        self._live = Live(console=Console(stderr=True), refresh_per_second=8, transient=True)
        self._live.start()

    def __call__(self, desk: Desk) -> None:
        """Show where the crawl is."""
        from rich.text import Text

        line = progress_line(desk, time.monotonic() - self._began)
        self._live.update(Text.assemble(("crawling  ", "bold"), line))

    def close(self) -> None:
        """Give the terminal back."""
        self._live.stop()


def summary(tally: Tally, elapsed_s: float, stopped: str | None = None, *, scope: Scope | None = None) -> str:
    """The closing words of a crawl, for people; every number of pages can be added up from the others."""
    scope = scope or Scope()
    backfill = scope.documents is not None
    failed = tally.failed_archives if backfill else tally.failed_polls
    more = "`cuttings backfill --json`" if backfill else "`cuttings status`"
    lines = [
        f"Archive {_archives(tally)}" if backfill else f"Feeds   {_polls(tally)}",
        *(f"          {plain_line(url)}  {plain_line(why)}" for url, why in failed[:FAILED_SHOWN]),
        *([f"          and more: {more}"] if len(failed) > FAILED_SHOWN else []),
        f"Pages   {_plus(tally)} = {tally.ended + tally.waiting_after}",
    ]
    rows = [(tally.outcomes[ending], name, _why(tally, ending)) for ending, name in ENDINGS.items()]
    rows.append((tally.waiting_after, "waiting", "for the next crawl" if stopped else _why_waiting(scope)))
    for count, name, why in rows:
        if count:
            lines.append(f"  {count:>7,}  {name}{'  (' + why + ')' if why else ''}")
    rate = f", {tally.ended / elapsed_s:.1f} pages a second" if tally.ended and elapsed_s > 0 else ""
    lines.append(f"Took {elapsed_s:.1f} s{rate}, {tally.bytes_fetched / 1e6:.1f} MB read")
    return "\n".join(lines)


def round_line(tally: Tally, elapsed_s: float) -> str:
    """One crawl of many in one line, for a log."""
    polls = f"{_plural(tally.polled, 'feed')} polled"
    if tally.polled:
        polls = f"{_plural(tally.polled, 'feed')} {_polls(tally).partition(' ')[2]}"
    pages = ", ".join(
        f"{tally.outcomes[ending]:,} {name}" for ending, name in ENDINGS.items() if tally.outcomes[ending]
    )
    parts = [polls, f"{_plural(tally.ended, 'page')}{': ' + pages if pages else ''}"]
    if tally.waiting_after:
        parts.append(f"{tally.waiting_after:,} waiting")
    parts.append(f"{tally.bytes_fetched / 1e6:.1f} MB in {elapsed_s:.0f} s")
    failed = [f"{plain_line(url)} ({plain_line(why)})" for url, why in tally.failed_polls[:FAILED_SHOWN]]
    if failed:
        more = ", and more" if len(tally.failed_polls) > FAILED_SHOWN else ""
        parts.append(f"failed: {', '.join(failed)}{more}")
    return "; ".join(parts)


def _why_waiting(scope: Scope) -> str:
    """What may have kept a crawl that was not stopped from the pages it leaves: the corpus' own count knows no more."""
    whose = "of other sources" if scope.sources else "of a disabled source"
    beyond = ["beyond the limit"] if scope.limit is not None else []
    return either([whose, "of a server that asked for time", *beyond])


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _polls(tally: Tally) -> str:
    names = {
        "new": "with news",
        "not_modified": "not modified",
        "same_bytes": "with the same bytes",
        "failed": "failed",
        "gone": "gone",
    }
    left_out = f"{tally.cooling:,} left out, polled less than 5 minutes ago" if tally.cooling else ""
    if not tally.polled:
        return left_out or "none was due"
    parts = ", ".join(f"{tally.polls[status]:,} {name}" for status, name in names.items() if tally.polls[status])
    return f"{tally.polled:,} polled: {parts}{'; ' * bool(left_out)}{left_out}"


def _archives(tally: Tally) -> str:
    """How the documents of a walk ended, and what is left of it."""
    names = {
        "read": "read",
        "repeated": "like one before",
        "end": "past the end",
        "failed": "failed",
        "later": "to be tried again",
    }
    parts = ", ".join(f"{tally.archives[status]:,} {name}" for status, name in names.items() if tally.archives[status])
    asked = tally.archives.total()
    told = f"{asked:,} document{'' if asked == 1 else 's'}: {parts}" if asked else "nothing was left to read"
    return f"{told}; {tally.archives_waiting:,} left for the next backfill" if tally.archives_waiting else told


def _plus(tally: Tally) -> str:
    parts = [
        (tally.waiting_before, "waiting from before"),
        (tally.found, "newly found"),
        (tally.retried, "tried again"),
        (tally.looked_again, "looked at again"),
    ]
    return " + ".join(f"{count:,} {name}" for count, name in parts if count) or "0 newly found"


def _why(tally: Tally, ending: Ending) -> str:
    prefix = f"{ending}:"
    reasons = [
        (count, token.removeprefix(prefix)) for token, count in tally.reasons.items() if token.startswith(prefix)
    ]
    return ", ".join(f"{count} {reason}" for count, reason in sorted(reasons, reverse=True))
