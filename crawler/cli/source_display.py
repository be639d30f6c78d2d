"""How `cuttings status SOURCE` shows one source to people. What strangers wrote passes `plain_line`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import datetime

import click

from crawler.cli.display import bold, day, dim, print_facts
from crawler.cli.status_display import LABELS, rate
from storage import (
    FeedHistory,
    FeedStatus,
    PageTrouble,
    PastPoll,
    SourceHistory,
    SourceStatus,
    Validators,
    judge,
    plain_line,
    put_off,
    reason_words,
)

POLLS_SHOWN = 12
"""Of a feed's history; `--json` has all that is kept."""
TROUBLES_SHOWN = 15

_SHADES = "▁▂▃▄▅▆▇█"
_ASCII_SHADES = "_:-=+*#@"


def print_source(source: SourceStatus, history: SourceHistory, now: datetime) -> None:
    """All that is known of one source."""
    verdict = judge(source, now)
    label, colour = LABELS[verdict.health]
    state = label if label == verdict.words else f"{label}: {verdict.words}"
    click.echo(bold(plain_line(source.name)))
    print_facts(
        {
            "address": source.url,
            "title": source.title or "",
            "tags": ", ".join(source.tags),
            "health": state,
            "since": day(verdict.since, time=True),
            "to do": verdict.advice or "",
            "articles": f"{source.articles:,}, {rate(source.articles_per_week)} a week in the last four",
            "12 weeks": _weeks(history.weeks),
            "pages": ", ".join(f"{count:,} {name}" for name, count in source.outcomes.items()),
            "waiting": f"{source.waiting:,}" if source.waiting else "",
        },
        colours={"health": colour},
    )
    pasts = {past.url: past for past in history.feeds}
    for feed in source.feeds:
        if feed.via == "path" and feed.reason and not (feed.entries or feed.failures):
            continue  # a usual place without a feed: `print_site` tells of all of them in one line
        click.echo(f"\n  {plain_line(feed.url)}")
        print_facts(_feed_facts(feed), indent=4)
        _print_history(pasts.get(feed.url))
    _print_troubles(history.troubles)


def _print_troubles(troubles: Sequence[PageTrouble]) -> None:
    if troubles:
        click.echo("\n  Pages without an article, by reason")
    for trouble in troubles[:TROUBLES_SHOWN]:
        reason = f", {trouble.reason}" if trouble.reason else ""
        click.echo(f"    {trouble.pages:>7,}  {plain_line(f'{trouble.ending}{reason}')}")
        click.echo(f"             {dim(plain_line(trouble.example))}")
    if len(troubles) > TROUBLES_SHOWN:
        click.echo(dim(f"    and {len(troubles) - TROUBLES_SHOWN} rarer reasons: --json has them all"))


def sparkline(counts: Sequence[int], *, ascii_only: bool) -> str:
    """A row of small bars; nothing is a dot."""
    shades = _ASCII_SHADES if ascii_only else _SHADES
    nothing = "." if ascii_only else "·"
    most = max(counts, default=0)
    return "".join(shades[(count * len(shades) - 1) // most] if count else nothing for count in counts)


def _weeks(weeks: Sequence[int]) -> str:
    if not any(weeks):
        return "no articles"
    bars = sparkline(weeks, ascii_only=not (sys.stdout.encoding or "").lower().startswith("utf"))
    return f"[{bars}]  {min(weeks):,} to {max(weeks):,} articles a week, {weeks[-1]:,} in the last"


def _feed_facts(feed: FeedStatus) -> dict[str, str]:
    answer = f"HTTP {feed.http_status}" if feed.http_status else ""
    known = {"link": "a link of its page", "path": "a guess", "robots": "robots.txt", "index": "a sitemap index"}
    known |= {"index2": known["index"], "section": "a section of the front page"}
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
    since = f" since {day(feed.failing_since, time=True)}" if feed.failing_since else ""
    return f"{feed.failures}{since}: {feed.reason} {feed.detail or ''}".rstrip()


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
