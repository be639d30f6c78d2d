"""How the reading commands show things to people. Everything from the corpus passes `plain_line` or `plain_text`."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import click

from storage import (
    SNIPPET_END,
    SNIPPET_START,
    Explanation,
    Outcome,
    StoredArticle,
    plain_line,
    plain_text,
    record,
)

MAX_WIDTH = 100
"""Columns: a line longer than this is tiring to read, however wide the window is."""
MIN_ROOM = 20
"""Columns that a value needs beside its name to be folded there."""


def size(size_bytes: int) -> str:
    """How much that is, in thousands of bytes: `12 KB`, `655.4 MB`, `3.2 GB`."""
    if size_bytes < 100_000:
        return f"{-(-size_bytes // 1000)} KB"
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes < 1e9 else f"{size_bytes / 1e9:,.1f} GB"


def print_results(found: Sequence[StoredArticle], total: int, offset: int) -> None:
    """Search results: title, where and when, the passage that matched."""
    for article in found:
        click.echo(f"{dim(f'{article.id:>6}')}  {bold(plain_line(article.title or '(no title)'))}")
        facts = [article.site, day(article.published), article.language or ""]
        if article.copies > 1:
            facts.append(f"{article.copies} copies")
        click.echo(f"        {dim('  '.join(plain_line(fact) for fact in facts if fact))}")
        if article.snippet:
            click.echo(_snippet(article.snippet))
        click.echo(f"        {dim(plain_line(article.url))}\n")
    shown = f"{offset + 1}-{offset + len(found)} of " if total > len(found) and found else ""
    click.echo(dim(f"{shown}{total:,} article{'' if total == 1 else 's'}"))


def print_article(article: StoredArticle, links: Mapping[str, str]) -> None:
    """The article itself, under what is known of it, where each fact came from, and what ties it to others."""
    click.echo(bold(plain_line(article.title or "(no title)")))
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
        "section": article.section or "",
        "language": article.language or "",
        "licence": article.licence or "",
        "first seen": day(article.first_seen, time=True),
        "revision": str(article.revision) if article.revision > 1 else "",
        "story": f"{article.story_id}, {article.copies} copies" if article.copies > 1 else "",
        **links,
    }
    print_facts(facts)
    click.echo()
    paragraphs = [paragraph for paragraph in article.text.splitlines() if paragraph.strip()]
    if paragraphs and plain_line(paragraphs[0]) == plain_line(article.title or ""):
        del paragraphs[0]  # many pages print the headline inside the article; here it stands above
    for paragraph in paragraphs:
        click.echo(wrapped(plain_text(paragraph)) + "\n")


def print_provenance(article: StoredArticle) -> None:
    """The rule that gave each field, and below it what other rules would have given."""
    click.echo(bold(plain_line(article.title or "(no title)")))
    told = record(article)
    facts: dict[str, str] = {}
    for field in dict.fromkeys((*article.provenance, *article.runners_up)):
        text = f"{article.word_count} words" if field == "text" else _in_one_line(told.get(field))
        lines = [f"{text} ({article.provenance[field]})" if field in article.provenance else "(none)"]
        lines += [f"not {_in_one_line(other)} ({rule})" for rule, other in article.runners_up.get(field, ())]
        facts[field.replace("_", " ")] = "\n".join(lines)
    print_facts(facts)


def _in_one_line(value: object) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)
    return " ".join(text.split())


def print_explanation(explanation: Explanation) -> None:
    """The way of one address, in the order of time."""
    click.echo(bold(plain_line(explanation.url)))
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
        click.echo(f"  {dim(day(at, time=True))}  {plain_line(first)}")
        for further in rest:
            click.echo(f"{' ' * 26}  {plain_line(further)}")
    for capture in explanation.captures:
        kept = f"byte {capture.offset:,} of {capture.file}"
        click.echo(plain_line(f"Raw page: {kept}, {capture.length:,} bytes, fetched {day(capture.at, time=True)}"))
    if explanation.outcome is None:
        click.echo(f"Outcome: none yet; it waits in the frontier since {day(explanation.discovered, time=True)}")
    else:
        click.echo(f"Outcome: {plain_line(_outcome(explanation.outcome))}")
    if explanation.article_id is not None:
        click.echo(f"Article: {explanation.article_id}  {plain_line(explanation.article_title or '')}")
    if explanation.outcome is not None and explanation.due is not None:
        click.echo(f"Next visit: {day(explanation.due, time=True)}")


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


def print_facts(facts: Mapping[str, str], indent: int = 2, colours: Mapping[str, str | None] | None = None) -> None:
    """Names and values in two columns; what is empty is left out. `colours` are those of values."""
    width = max((len(name) for name, value in facts.items() if value), default=0)
    room = shutil.get_terminal_size().columns - indent - width - 2 if sys.stdout.isatty() else 0
    for name, value in facts.items():
        lines = [plain_line(part) for part in value.splitlines()]
        if room > MIN_ROOM:  # a file gets every value in one line
            lines = [row for line in lines for row in textwrap.wrap(line, room, break_on_hyphens=False)]
        for position, line in enumerate(lines):
            label = name if position == 0 else ""
            shown = click.style(line, fg=(colours or {}).get(name))
            click.echo(f"{' ' * indent}{dim(f'{label:<{width}}')}  {shown}")


def _snippet(snippet: str) -> str:
    """The passage, wrapped, its matches marked: bold on a terminal, nothing elsewhere."""
    safe = plain_line(snippet.replace(SNIPPET_START, "\ue000").replace(SNIPPET_END, "\ue001"))
    return wrapped(safe, indent=8).replace(SNIPPET_START, "\x1b[1m").replace(SNIPPET_END, "\x1b[22m")


def _outcome(outcome: Outcome) -> str:
    reason = f", {outcome.reason}" if outcome.reason else ""
    detail = f" ({outcome.detail})" if outcome.detail else ""
    return f"{outcome.ending}{reason}{detail}"


def wrapped(text: str, indent: int = 0) -> str:
    """The text in lines that the terminal holds."""
    width = min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)
    prefix = " " * indent
    return textwrap.fill(text, width, initial_indent=prefix, subsequent_indent=prefix, break_on_hyphens=False)


def bold(text: str) -> str:
    """Heavier, where a person is looking."""
    return click.style(text, bold=True)


def dim(text: str) -> str:
    """Lighter, where a person is looking."""
    return click.style(text, dim=True)
