"""How the reading commands show things to people. Everything from the corpus passes `plain_line` or `plain_text`."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import click

from storage import (
    SNIPPET_END,
    SNIPPET_START,
    Explanation,
    FeedStatus,
    Outcome,
    Revision,
    SourceStatus,
    StoredArticle,
    Totals,
    plain_line,
    plain_text,
)

MAX_WIDTH = 100
"""Columns: a line longer than this is tiring to read, however wide the window is."""


def print_results(found: Sequence[StoredArticle], total: int, offset: int) -> None:
    """Search results: title, where and when, the passage that matched."""
    for article in found:
        click.echo(f"{_dim(f'{article.id:>6}')}  {_bold(plain_line(article.title or '(no title)'))}")
        facts = [article.site, day(article.published), article.language or ""]
        if article.copies > 1:
            facts.append(f"{article.copies} copies")
        click.echo(f"        {_dim('  '.join(plain_line(fact) for fact in facts if fact))}")
        if article.snippet:
            click.echo(_snippet(article.snippet))
        click.echo(f"        {_dim(plain_line(article.url))}\n")
    shown = f"{offset + 1}-{offset + len(found)} of " if total > len(found) and found else ""
    click.echo(_dim(f"{shown}{total:,} article{'' if total == 1 else 's'}"))


def print_article(article: StoredArticle) -> None:
    """The article itself, under what is known of it and where each fact came from."""
    click.echo(_bold(plain_line(article.title or "(no title)")))
    published = day(article.published, time=True)
    facts = {
        "by": ", ".join(article.authors),
        "published": f"{published}  ({article.published_from})" if article.published_from else published,
        "updated": day(article.updated, time=True),
        "site": article.site,
        "address": article.url,
        "also at": "\n".join(url for url in article.urls if url != article.url),
        "sources": ", ".join(article.sources),
        "tags": ", ".join(article.tags),
        "language": article.language or "",
        "first seen": day(article.first_seen, time=True),
        "revision": str(article.revision) if article.revision > 1 else "",
        "story": f"{article.story_id}, {article.copies} copies" if article.copies > 1 else "",
    }
    _print_facts(facts)
    click.echo()
    paragraphs = [paragraph for paragraph in article.text.splitlines() if paragraph.strip()]
    if paragraphs and plain_line(paragraphs[0]) == plain_line(article.title or ""):
        del paragraphs[0]  # many pages print the headline inside the article; here it stands above
    for paragraph in paragraphs:
        click.echo(_wrap(plain_text(paragraph)) + "\n")


def print_revisions(article: StoredArticle, texts: Sequence[Revision]) -> None:
    """Every text that an article has had, newest last."""
    click.echo(_bold(plain_line(article.title or "(no title)")))
    for text in texts:
        click.echo(f"\n{_dim(f'revision {text.number}, fetched {day(text.fetched, time=True)}')}")
        click.echo(_bold(plain_line(text.title or "(no title)")))
        for paragraph in text.text.splitlines():
            if paragraph.strip():
                click.echo(_wrap(plain_text(paragraph)))


def print_explanation(explanation: Explanation) -> None:
    """The way of one address, in the order of time."""
    click.echo(_bold(plain_line(explanation.url)))
    steps: list[tuple[datetime, str]] = []
    for sighting in explanation.sightings:
        named = f"named by {sighting.source} ({sighting.feed_url})"
        title = f' as "{sighting.title}"' if sighting.title else ""
        other = f"\nunder the address {sighting.url}" if sighting.url != explanation.url else ""
        steps.append((sighting.at, named + title + other))
    for attempt in explanation.attempts:
        status = f"HTTP {attempt.http_status}, " if attempt.http_status else ""
        size = f"{attempt.size_bytes:,} bytes, " if attempt.size_bytes else ""
        via = f"\nanswered by {attempt.final_url}" if attempt.final_url not in (None, explanation.url) else ""
        did = "fetched" if attempt.http_status else "tried"
        steps.append((attempt.at, f"{did}: {status}{size}{_outcome(attempt.outcome)}{via}"))
    for at, what in sorted(steps, key=lambda step: step[0]):
        first, *rest = what.splitlines()
        click.echo(f"  {_dim(day(at, time=True))}  {plain_line(first)}")
        for further in rest:
            click.echo(f"{' ' * 26}  {plain_line(further)}")
    if explanation.outcome is None:
        click.echo(f"Outcome: none yet; it waits in the frontier since {day(explanation.discovered, time=True)}")
    else:
        click.echo(f"Outcome: {plain_line(_outcome(explanation.outcome))}")
    if explanation.article_id is not None:
        click.echo(f"Article: {explanation.article_id}  {plain_line(explanation.article_title or '')}")
    if explanation.outcome is not None and explanation.due is not None:
        click.echo(f"Next visit: {day(explanation.due, time=True)}")


def print_status(sources: Sequence[SourceStatus], totals: Totals) -> None:
    """A line for each source, those with trouble first."""
    if not sources:
        click.echo("No source yet. `cuttings init` writes a feeds.yaml, `cuttings add URL` adds to it.")
        return
    ordered = sorted(sources, key=lambda source: (not source.enabled, health(source) == "ok", natural(source.name)))
    width = min(32, max(len(plain_line(source.name)) for source in ordered))
    now = datetime.now(UTC)
    click.echo(
        _dim(f"{'source':<{width}}  {'articles':>8}  {'waiting':>7}  {'last news':>12}  {'next poll':>12}  health")
    )
    for source in ordered:
        state = health(source)
        polls = [feed.next_poll for feed in source.feeds if feed.next_poll and source.enabled]
        next_poll = min(polls, default=None)
        click.echo(
            f"{plain_line(source.name)[:width]:<{width}}  {source.articles:>8,}  {source.waiting:>7,}  "
            f"{ago(source.last_article, now):>12}  {ago(next_poll, now):>12}  "
            + (state if state == "ok" else click.style(plain_line(state), fg="yellow"))
        )
    ended = [f"{count:,} {name}" for name, count in totals.outcomes.items()]
    waiting = [f"{totals.waiting:,} waiting"] if totals.waiting else []
    click.echo(
        f"\n{totals.articles:,} articles in {totals.stories:,} stories, {totals.revisions:,} earlier texts; "
        f"{totals.pages:,} pages: {', '.join(ended + waiting) or 'none'}; {totals.size_bytes / 1e6:.1f} MB"
    )


def print_source(source: SourceStatus) -> None:
    """All that is known of one source."""
    click.echo(_bold(plain_line(source.name)))
    outcomes: Mapping[str, int] = source.outcomes
    facts = {
        "address": source.url,
        "title": source.title or "",
        "tags": ", ".join(source.tags),
        "health": health(source),
        "articles": f"{source.articles:,}",
        "pages": ", ".join(f"{count:,} {name}" for name, count in outcomes.items()),
        "waiting": f"{source.waiting:,}" if source.waiting else "",
    }
    _print_facts(facts)
    for feed in source.feeds:
        click.echo(f"\n  {plain_line(feed.url)}")
        _print_facts(_feed_facts(feed), indent=4)


def natural(name: str) -> tuple[list[tuple[int, str]], str]:
    """A key that sorts names as people do: "Feed 2" before "Feed 10", and "b" between "A" and "C"."""
    parts = re.split("([0-9]+)", name.casefold())
    numbers = [part.lstrip("0") if position % 2 else part for position, part in enumerate(parts)]
    return [(len(part) if position % 2 else 0, part) for position, part in enumerate(numbers)], name


def health(source: SourceStatus) -> str:
    """`ok`, or what is wrong with a source in a few words."""
    if not source.enabled:
        return "disabled"
    if not source.feeds or all(feed.last_poll is None for feed in source.feeds):
        return "never polled"
    failing = [feed for feed in source.feeds if feed.failures]
    if not failing:
        return "ok"
    worst = max(failing, key=lambda feed: feed.failures)
    times = "once" if worst.failures == 1 else f"{worst.failures} times"
    return f"failed {times}: {worst.reason}{' - ' + worst.detail if worst.detail else ''}"


def day(moment: date | None, *, time: bool = False) -> str:
    """A day, with the minute (UTC) where it is known and asked for."""
    if isinstance(moment, datetime):
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if time else f"{moment.astimezone(UTC):%Y-%m-%d}"
    return moment.isoformat() if moment else ""


def ago(moment: datetime | None, now: datetime) -> str:
    """`3 h ago`, `in 20 min`, `-` for never."""
    if moment is None:
        return "-"
    distance = abs(now - moment)
    for unit, size in (("d", timedelta(days=1)), ("h", timedelta(hours=1)), ("min", timedelta(minutes=1))):
        if distance >= size:
            amount = f"{distance // size} {unit}"
            return f"{amount} ago" if moment < now else f"in {amount}"
    return "now"


def _feed_facts(feed: FeedStatus) -> dict[str, str]:
    answer = f"HTTP {feed.http_status}" if feed.http_status else ""
    return {
        "kind": feed.document_kind or feed.kind,
        "entries": f"{feed.entries:,}",
        "last poll": f"{day(feed.last_poll, time=True)}  {answer}".strip(),
        "last success": day(feed.last_success, time=True),
        "next poll": day(feed.next_poll, time=True) or "never by itself",
        "interval": f"{feed.interval_s / 60:.0f} min" if feed.interval_s else "",
        "failures": f"{feed.failures}: {feed.reason} {feed.detail or ''}" if feed.failures else "",
        "oddities": ", ".join(feed.flags),
    }


def _print_facts(facts: Mapping[str, str], indent: int = 2) -> None:
    width = max(len(name) for name, value in facts.items() if value)
    for name, value in facts.items():
        for position, part in enumerate(value.splitlines() if value else []):
            label = name if position == 0 else ""
            click.echo(f"{' ' * indent}{_dim(f'{label:<{width}}')}  {plain_line(part)}")


def _snippet(snippet: str) -> str:
    """The passage, wrapped, its matches marked: bold on a terminal, nothing elsewhere."""
    safe = plain_line(snippet.replace(SNIPPET_START, "\ue000").replace(SNIPPET_END, "\ue001"))
    wrapped = _wrap(safe, indent=8)
    return wrapped.replace(SNIPPET_START, "\x1b[1m").replace(SNIPPET_END, "\x1b[22m")


def _outcome(outcome: Outcome) -> str:
    reason = f", {outcome.reason}" if outcome.reason else ""
    detail = f" ({outcome.detail})" if outcome.detail else ""
    return f"{outcome.ending}{reason}{detail}"


def _wrap(text: str, indent: int = 0) -> str:
    width = min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)
    prefix = " " * indent
    return textwrap.fill(text, width, initial_indent=prefix, subsequent_indent=prefix, break_on_hyphens=False)


def _bold(text: str) -> str:
    return click.style(text, bold=True)


def _dim(text: str) -> str:
    return click.style(text, dim=True)
