"""How `cuttings status` shows the health of sources to people. What strangers wrote passes `plain_line`."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import datetime

import click

from crawler.cli.display import ago, bold, day, dim, print_facts
from storage import (
    FeedHistory,
    FeedStatus,
    Health,
    PastPoll,
    SourceHistory,
    SourceStatus,
    Totals,
    Validators,
    Verdict,
    alarming,
    by_severity,
    judge,
    plain_line,
    put_off,
    reason_words,
    stalled,
)

NAME_WIDTH = 26
FOLDED_FROM = 20
"""Sources with nothing to tell that a terminal still lists; of more it gives the number."""
POLLS_SHOWN = 12

_LABELS = {
    Health.GONE: ("gone", "red"),
    Health.FAILING: ("failing", "red"),
    Health.CHALLENGE: ("challenge", "red"),
    Health.HTML: ("no feed", "red"),
    Health.SILENT: ("silent", "yellow"),
    Health.GAPS: ("gaps", "yellow"),
    Health.LYING: ("lying", "yellow"),
    Health.MOVED: ("moved", "cyan"),
    Health.MERGED: ("merged", "cyan"),
    Health.NEVER_POLLED: ("never polled", None),
    Health.OK: ("ok", None),
    Health.DISABLED: ("disabled", None),
}
_SHADES = "▁▂▃▄▅▆▇█"
_ASCII_SHADES = "_.:-=+*#"

_Judged = tuple[SourceStatus, Verdict]


def print_status(sources: Sequence[SourceStatus], totals: Totals, now: datetime, *, every: bool) -> None:
    """A line for each source, the worst first. Unless `every`, those with nothing to tell may be folded into one."""
    if not sources:
        click.echo("No source yet. `cuttings init` writes a feeds.yaml, `cuttings add URL` adds to it.")
        return
    judged = _worst_first(sources, now)
    click.echo(bold(_folded(_head_line(judged))))
    for note in _notes(sources, now):
        click.echo(click.style(_folded(note), fg="yellow"))
    quiet = [known for known in judged if _LABELS[known[1].health][1] is None]
    folded = not every and len(quiet) > FOLDED_FROM
    shown = [known for known in judged if known not in quiet] if folded else judged
    if shown:
        width = min(NAME_WIDTH, max(6, *(_columns(plain_line(source.name)) for source, _ in shown)))
        click.echo()
        click.echo(
            dim(f"{'source':<{width}}  {'per week':>8}  {'waiting':>7}  {'last ok':>10}  {'next poll':>9}  health")
        )
        for known in shown:
            _print_line(*known, width, now)
    if folded:
        click.echo(
            dim(f"\n{len(quiet):,} sources with nothing to tell are not shown: `cuttings status --all` lists them")
        )
    click.echo(f"\n{_folded(_totals_line(totals))}")


def print_alarms(sources: Sequence[SourceStatus], now: datetime) -> bool:
    """A line for each source that monitoring should tell of; gives whether there was any, for silence means well."""
    at = stalled(sources, now)
    if at is not None:
        click.echo(_stalled_note(at, now))
    alarms = [known for known in _worst_first(sources, now) if alarming(known[1], known[0], now)]
    for source, verdict in alarms:
        since = f" since {day(verdict.since, time=True)}" if verdict.since else ""
        click.echo(plain_line(f"{source.name}: {_LABELS[verdict.health][0]}{since}: {verdict.words}"))
    return at is not None or bool(alarms)


def print_source(source: SourceStatus, history: SourceHistory, now: datetime) -> None:
    """All that is known of one source."""
    verdict = judge(source, now)
    label, colour = _LABELS[verdict.health]
    state = label if label == verdict.words else f"{label}: {verdict.words}"
    click.echo(bold(plain_line(source.name)))
    print_facts(
        {
            "address": source.url,
            "title": source.title or "",
            "tags": ", ".join(source.tags),
        }
        | {"health": state, "since": day(verdict.since, time=True), "to do": verdict.advice or ""}
        | {
            "articles": f"{source.articles:,}, {source.articles_per_week:.1f} a week in the last four weeks",
            "12 weeks": _weeks(history.weeks),
            "pages": ", ".join(f"{count:,} {name}" for name, count in source.outcomes.items()),
            "waiting": f"{source.waiting:,}" if source.waiting else "",
        },
        colours={"health": colour},
    )
    pasts = {past.url: past for past in history.feeds}
    for feed in source.feeds:
        click.echo(f"\n  {plain_line(feed.url)}")
        print_facts(_feed_facts(feed), indent=4)
        _print_history(pasts.get(feed.url))
    if history.troubles:
        click.echo("\n  Pages without an article, by reason")
        for trouble in history.troubles:
            reason = f", {trouble.reason}" if trouble.reason else ""
            click.echo(f"    {trouble.pages:>7,}  {plain_line(f'{trouble.ending}{reason}')}")
            click.echo(f"             {dim(plain_line(trouble.example))}")


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """A key that sorts names as people do: "Feed 2" before "Feed 10", and "b" between "A" and "C"."""
    parts = re.split("([0-9]+)", name.casefold())
    numbers = [part.lstrip("0") if position % 2 else part for position, part in enumerate(parts)]
    return [(len(part) if position % 2 else 0, part) for position, part in enumerate(numbers)], name


def sparkline(counts: Sequence[int], *, ascii_only: bool) -> str:
    """A row of small bars; nothing is a dot."""
    shades = _ASCII_SHADES if ascii_only else _SHADES
    nothing = " " if ascii_only else "·"
    most = max(counts, default=0)
    return "".join(shades[(count * len(shades) - 1) // most] if count else nothing for count in counts)


def _worst_first(sources: Sequence[SourceStatus], now: datetime) -> list[_Judged]:
    order = {health: position for position, health in enumerate(Health)}
    judged = [(source, judge(source, now)) for source in sources]
    return sorted(judged, key=lambda known: (order[known[1].health], natural(known[0].name)))


def _head_line(judged: Sequence[_Judged]) -> str:
    counts = by_severity([verdict for _, verdict in judged])
    parts = [f"{count:,} {_LABELS[health][0]}" for health, count in counts.items()]
    return f"{len(judged):,} source{'' if len(judged) == 1 else 's'}: {', '.join(parts)}"


def _notes(sources: Sequence[SourceStatus], now: datetime) -> Iterator[str]:
    at = stalled(sources, now)
    if at is not None:
        yield _stalled_note(at, now)
    waiting = sum(source.enabled and any(put_off(feed) for feed in source.feeds) for source in sources)
    if waiting:
        yield (
            f"{waiting:,} could not be asked at the last poll and {'is' if waiting == 1 else 'are'} not to blame: "
            "the network here was down, or a pause was asked for"
        )


def _stalled_note(at: datetime, now: datetime) -> str:
    return f"Nothing was polled since {day(at, time=True)} ({ago(at, now)}) though feeds are due: no crawl is running"


def _print_line(source: SourceStatus, verdict: Verdict, width: int, now: datetime) -> None:
    label, colour = _LABELS[verdict.health]
    polls = [feed.next_poll for feed in source.feeds if feed.next_poll and source.enabled]
    last = max((feed.last_success for feed in source.feeds if feed.last_success), default=None)
    age = f" {ago(verdict.since, now)}".removesuffix(" ago") if verdict.since and colour else ""
    click.echo(
        f"{_fit(plain_line(source.name), width)}  {source.articles_per_week:>8,.1f}  {source.waiting:>7,}  "
        f"{ago(last, now):>10}  {_next(min(polls, default=None), now):>9}  "
        + (click.style(f"{label}{age}", fg=colour) if colour else label)
    )
    if colour:
        click.echo(dim(_folded(f"    {plain_line(verdict.words)}", indent="    ", most=2)))


def _next(moment: datetime | None, now: datetime) -> str:
    return "due" if moment is not None and moment <= now else ago(moment, now)


def _totals_line(totals: Totals) -> str:
    ended = [f"{count:,} {name}" for name, count in totals.outcomes.items()]
    waiting = [f"{totals.waiting:,} waiting"] if totals.waiting else []
    return (
        f"{totals.articles:,} articles in {totals.stories:,} stories, {totals.revisions:,} earlier texts; "
        f"{totals.pages:,} pages: {', '.join(ended + waiting) or 'none'}; {totals.size_bytes / 1e6:.1f} MB"
    )


def _weeks(weeks: Sequence[int]) -> str:
    if not any(weeks):
        return "no articles"
    bars = sparkline(weeks, ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"))
    return f"[{bars}]  {min(weeks):,} to {max(weeks):,} articles a week, {weeks[-1]:,} in the last"


def _feed_facts(feed: FeedStatus) -> dict[str, str]:
    answer = f"HTTP {feed.http_status}" if feed.http_status else ""
    known = {"link": "a link of its page", "path": "a guess", "robots": "robots.txt", "index": "a sitemap index"}
    has = feed.validators or Validators()
    validators = [name for name, value in (("ETag", has.etag), ("Last-Modified", has.last_modified)) if value]
    next_poll = f"{day(feed.next_poll, time=True)}{f'  ({feed.why})' if feed.why else ''}"
    moving = f"{feed.moved_to}, said {feed.moved_count} times since {day(feed.moved_since, time=True)}"
    return {
        "kind": feed.document_kind or feed.kind,
        "known by": known.get(feed.via, "" if feed.via == "source" else feed.via),
        "entries": f"{feed.entries:,}",
        "last poll": f"{day(feed.last_poll, time=True)}  {answer}".strip(),
        "last success": day(feed.last_success, time=True),
        "last news": day(feed.last_news, time=True),
        "news by": day(feed.news_expected, time=True),
        "next poll": next_poll if feed.next_poll else f"never by itself{f'  ({feed.why})' if feed.why else ''}",
        "interval": f"{feed.interval_s / 60:.0f} min" if feed.interval_s else "",
        "validators": ("" if feed.last_success is None else ", ".join(validators) or "none"),
        "failures": _failures(feed),
        "put off": f"{reason_words(feed.reason)}  {feed.detail or ''}" if put_off(feed) else "",
        "gaps": f"{feed.gaps:,}, last on {day(feed.last_gap, time=True)}" if feed.gaps else "",
        "lies": f'{feed.lies:,} wrong "not modified", last on {day(feed.last_lie, time=True)}' if feed.lies else "",
        "asks to move": moving if feed.moved_to else "",
        "merged into": feed.merged_into or "",
        "oddities": ", ".join(feed.flags),
    }


def _failures(feed: FeedStatus) -> str:
    if not feed.failures:
        return ""
    since = f", since {day(feed.failing_since, time=True)}" if feed.failing_since else ""
    return f"{feed.failures}: {feed.reason} {feed.detail or ''}".rstrip() + since


def _print_history(past: FeedHistory | None) -> None:
    if past is None or not (past.polls or past.moves):
        return
    click.echo(dim("    history"))
    for move in past.moves:
        click.echo(f"      {dim(day(move.at, time=True))}  moved to {plain_line(move.to_url)}")
        click.echo(f"      {'':<20}  from {plain_line(move.from_url)}")
    for poll in past.polls[:POLLS_SHOWN]:
        click.echo(f"      {dim(day(poll.at, time=True))}  {plain_line(_poll(poll))}")
    if len(past.polls) > POLLS_SHOWN:
        click.echo(dim(f"      and {len(past.polls) - POLLS_SHOWN} earlier ones: --json has them all"))


def _poll(poll: PastPoll) -> str:
    if poll.status == "failed":
        said = f"failed: {reason_words(poll.reason, poll.http_status)}"
    elif poll.status == "gone":
        said = "gone for good"
    elif poll.status == "new":
        said = f"{poll.entries:,} entr{'y' if poll.entries == 1 else 'ies'}, {poll.new_entries:,} new"
    else:
        said = {"not_modified": "not modified", "same_bytes": "the same document"}[poll.status]
    flags = f"  [{', '.join(poll.flags)}]" if poll.flags else ""
    again = f"; then {poll.repeated:,} more like it, without news" if poll.repeated else ""
    return f"{said}{flags}{again}"


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
    while _columns(text) > width - 3:
        text = text[:-1]
    return f"{text}..."


def _fit(text: str, width: int) -> str:
    text = _cut(text, width)
    return text + " " * (width - _columns(text))
