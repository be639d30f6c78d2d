"""How `cuttings status` shows all sources to people, and to monitoring. What strangers wrote passes `plain_line`."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import click

from crawler.cli.display import ago, bold, day, dim, size
from storage import (
    SEVERITY,
    Health,
    SourceStatus,
    Totals,
    Verdict,
    WatchState,
    alarming,
    by_severity,
    judge,
    plain_line,
    put_off,
    stalled,
    watch_trouble,
)

NAME_WIDTH = 22
"""Of a name, in 80 columns; wider ones have room for more and for the number of articles."""
WIDE = 92
FOLDED_FROM = 20
"""Sources with nothing to tell that a terminal still lists; of more it gives the number."""
LABELS: Mapping[Health, tuple[str, str | None]] = {
    Health.GONE: ("gone", "red"),
    Health.FAILING: ("failing", "red"),
    Health.CHALLENGE: ("challenge", "red"),
    Health.HTML: ("no feed", "red"),
    Health.SILENT: ("silent", "yellow"),
    Health.DRIFT: ("drift", "yellow"),
    Health.GAPS: ("gaps", "yellow"),
    Health.LYING: ("lying", "yellow"),
    Health.MOVED: ("moved", "cyan"),
    Health.MERGED: ("merged", "cyan"),
    Health.NEVER_POLLED: ("never polled", None),
    Health.OK: ("ok", None),
    Health.FILE: ("file", None),
    Health.DISABLED: ("disabled", None),
    Health.IMPORTED: ("imported", None),
}
"""What a terminal calls a health, and its colour; what has none needs nothing."""
_Judged = tuple[SourceStatus, Verdict]


def print_status(sources: Sequence[SourceStatus], totals: Totals, now: datetime, *, every: bool) -> None:
    """A line for each source, the worst first. Unless `every`, those with nothing to tell may be folded into one."""
    if not sources and totals.articles:
        click.echo("No source is subscribed to; `cuttings status --all` tells where its articles are from.")
        click.echo(f"\n{_folded(_totals_line(totals))}")
        return
    if not sources:
        click.echo("No source yet. `cuttings init` writes a feeds.yaml, `cuttings add URL` adds to it.")
        return
    judged = _worst_first(sources, now)
    click.echo(bold(_folded(_head_line(judged))))
    for note in _notes(sources, now):
        click.echo(click.style(_folded(note), fg="yellow"))
    quiet = [known for known in judged if LABELS[known[1].health][1] is None]
    folded = not every and len(quiet) > FOLDED_FROM
    shown = [known for known in judged if known not in quiet] if folded else judged
    if shown:
        click.echo()
        _print_table(shown, now)
    if folded:
        click.echo(dim(f"\n{len(quiet):,} that need nothing are left out: `cuttings status --all`"))
    click.echo(f"\n{_folded(_totals_line(totals))}")


def print_alarms(sources: Sequence[SourceStatus], now: datetime) -> bool:
    """A line for each source that monitoring should tell of; gives whether there was any, for silence means well."""
    at = stalled(sources, now)
    if at is not None:
        click.echo(_stalled_note(at, now))
    alarms = [known for known in _worst_first(sources, now) if alarming(known[1], known[0], now)]
    for source, verdict in alarms:
        since = f" since {day(verdict.since, time=True)}" if verdict.since else ""
        click.echo(plain_line(f"{source.name}: {LABELS[verdict.health][0]}{since}: {verdict.words}"))
    return at is not None or bool(alarms)


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """A key that sorts names as people do: "Feed 2" before "Feed 10", and "b" between "A" and "C"."""
    parts = re.split("([0-9]+)", name.casefold())
    numbers = [part.lstrip("0") if position % 2 else part for position, part in enumerate(parts)]
    return [(len(part) if position % 2 else 0, part) for position, part in enumerate(numbers)], name


def print_watches(states: Sequence[WatchState], now: datetime) -> None:
    """A line for each watch that something is the matter with; those that are well are listed by `cuttings watch`."""
    for state in states:
        trouble = watch_words(state, now)
        if trouble is not None:
            line = _folded(plain_line(f"watch {state.name}: {trouble}"))
            click.echo(click.style(line, fg="red") if sys.stdout.isatty() else line)


def watch_words(state: WatchState, now: datetime) -> str | None:
    """What is the matter with a watch, and when it is tried again."""
    trouble = watch_trouble(state)
    if trouble is None or state.stopped is not None or not state.failures:
        return trouble
    return f"{trouble}; next try {ago(state.due, now)}"


def _worst_first(sources: Sequence[SourceStatus], now: datetime) -> list[_Judged]:
    judged = [(source, judge(source, now)) for source in sources]
    return sorted(judged, key=lambda known: (SEVERITY[known[1].health], natural(known[0].name)))


def _head_line(judged: Sequence[_Judged]) -> str:
    counts = by_severity([verdict for _, verdict in judged])
    parts = [f"{count:,} {LABELS[health][0]}" for health, count in counts.items()]
    return f"{len(judged):,} source{'' if len(judged) == 1 else 's'}: {', '.join(parts)}"


def _notes(sources: Sequence[SourceStatus], now: datetime) -> Iterator[str]:
    at = stalled(sources, now)
    if at is not None:
        yield _stalled_note(at, now)
    waiting = sum(source.enabled and any(put_off(feed) for feed in source.feeds) for source in sources)
    if waiting:
        yield (
            f"{waiting:,} could not be asked at the last poll and {'is' if waiting == 1 else 'are'} not to blame: "
            "no server could be reached from here, or a pause was asked for"
        )


def _stalled_note(at: datetime, now: datetime) -> str:
    return f"Nothing was polled since {day(at, time=True)} ({ago(at, now)}) though feeds are due: no crawl is running"


def _print_table(shown: Sequence[_Judged], now: datetime) -> None:
    """Five columns that 80 characters hold, and a sixth where there is room. A file has room."""
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else WIDE + 10
    wide = room >= WIDE
    most = max(NAME_WIDTH + room - (WIDE if wide else 80), NAME_WIDTH - 8)
    width = min(most, max(6, *(_columns(plain_line(source.name)) for source, _ in shown)))
    heads = [
        "source".ljust(width),
        *(["articles"] if wide else []),
        "a week",
        "waiting",
        "last ok",
        "next poll",
        "health",
    ]
    click.echo(dim("  ".join(heads)))
    for source, verdict in shown:
        polls = [feed.next_poll for feed in source.feeds if feed.next_poll and source.enabled]
        last = max((feed.last_success for feed in source.feeds if feed.last_success), default=None)
        cells = [
            _fit(plain_line(source.name), width),
            *([f"{source.articles:>8,}"] if wide else []),
            f"{rate(source.articles_per_week):>6}",
            f"{source.waiting:>7,}",
            f"{ago(last, now).removesuffix(' ago'):>7}",
            f"{_next(min(polls, default=None), now):>9}",
            _state(verdict, now),
        ]
        click.echo("  ".join(cells))
        if LABELS[verdict.health][1]:
            click.echo(dim(_folded(f"    {plain_line(verdict.words)}", indent="    ", most=2)))


def _state(verdict: Verdict, now: datetime) -> str:
    """The health with its age, in its colour."""
    label, colour = LABELS[verdict.health]
    if colour is None:
        return label
    age = f" {ago(verdict.since, now)}".removesuffix(" ago") if verdict.since else ""
    return click.style(f"{label}{age}", fg=colour)


def rate(per_week: float) -> str:
    """Articles a week, as exact as it matters."""
    return f"{per_week:.1f}" if 0 < per_week < 10 else f"{per_week:,.0f}"


def _next(moment: datetime | None, now: datetime) -> str:
    return "due" if moment is not None and moment <= now else ago(moment, now)


def _totals_line(totals: Totals) -> str:
    ended = [f"{count:,} {name}" for name, count in totals.outcomes.items()]
    waiting = [f"{totals.waiting:,} waiting"] if totals.waiting else []
    archived = f", raw pages {size(totals.archive_bytes)}" if totals.archive_bytes else ""
    return (
        f"{totals.articles:,} articles in {totals.stories:,} stories, {totals.revisions:,} earlier texts; "
        f"{totals.pages:,} pages: {', '.join(ended + waiting) or 'none'}; {size(totals.size_bytes)}{archived}"
    )


def _folded(line: str, indent: str = "  ", most: int | None = None) -> str:
    """The line as a terminal has room for, in `most` lines; elsewhere as it is, for programs that read lines."""
    if not sys.stdout.isatty():
        return line
    width = shutil.get_terminal_size().columns
    return textwrap.fill(
        line, width, subsequent_indent=indent, break_on_hyphens=False, max_lines=most, placeholder=" ..."
    )


def _columns(text: str) -> int:
    """Cells that a terminal gives it: East Asian letters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _cut(text: str, width: int) -> str:
    if _columns(text) <= width:
        return text
    text = text[:width]
    while _columns(text) > width - 3:
        text = text[:-1]
    return f"{text}..."


def _fit(text: str, width: int) -> str:
    text = _cut(text, width)
    return text + " " * (width - _columns(text))
