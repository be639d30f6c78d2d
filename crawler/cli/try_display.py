"""How `cuttings try` shows a page beside its article to people. What strangers wrote passes `plain_line`."""

from __future__ import annotations

import json
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import click

from crawler.cli.display import MAX_WIDTH, bold, day, dim, print_facts
from storage import Article, plain_line

if TYPE_CHECKING:
    from crawler.extract.explained import Advice, BlockVerdict
    from crawler.trying import Tried

TWO_COLUMNS = 110
"""From this width on page and article stand side by side."""
RULE_WIDTH = 20
SHOWN_OF_A_RUN = 2
"""Blocks in a row that one rule dropped, of which the first are shown; `-v` shows all."""
_PLAIN = re.compile(r"[A-Za-z][\w.-]*(?: [\w.>-]+)*")


@dataclass(frozen=True, slots=True)
class _Line:
    """One block as it is shown; `more` stands for so many others of its kind."""

    block: BlockVerdict
    more: int = 0


def print_tried(tried: Tried, *, every: bool) -> None:
    """Outcome, fields, the page block by block, what selectors change, what to write into feeds.yaml."""
    result = tried.explained.result
    source = tried.known.source
    if isinstance(result, Article):
        click.echo(bold(plain_line(result.title or "(no title)")))
        outcome = f"an article of {_count(result.word_count, 'word')}"
    else:
        click.echo(bold("(no article)"))
        outcome = plain_line(f"{result.reason}: {result.detail}" if result.detail else result.reason)
    memory = tried.known.memory
    print_facts(
        {
            "outcome": outcome,
            "address": tried.page.url,
            "source": source.source.name if source else "",
            "named as": (tried.known.entry.title or "") if tried.known.entry else "",
            "memory": f"{_count(memory.pages, 'page')} of this host taught what it repeats"
            if memory and memory.pages
            else "",
            "content": tried.selectors.content or "",
            "strip": "\n".join(tried.selectors.strip),
        }
    )
    for selector in tried.explained.unmatched:
        click.echo(click.style(f"{plain_line(selector)} matches nothing on this page", fg="yellow"))
    if isinstance(result, Article):
        click.echo(f"\n{bold('Fields')}")
        print_facts(_fields(result))
    if tried.explained.blocks:
        _print_blocks(tried.explained.blocks, every=every)
    if tried.before is not None:
        _print_changes(tried)
    if tried.explained.advice is not None:
        _print_advice(tried.explained.advice)


def _fields(article: Article) -> dict[str, str]:
    """Every field with the rule that gave it, and what others said."""
    values = {
        "title": article.title or "",
        "authors": ", ".join(article.authors),
        "published": day(article.published, time=True),
        "updated": day(article.updated, time=True),
        "language": article.language or "",
        "section": article.section or "",
        "tags": ", ".join(article.tags),
        "description": textwrap.shorten(article.description or "", 160, placeholder=" ..."),
        "image": article.image or "",
    }
    shown = {}
    for name, value in values.items():
        rule = article.provenance.get(name)
        lines = [f"{value}  ({rule})" if value and rule else value or "-"]
        lines += [f"{other}  ({by}, not taken)" for by, other in article.runners_up.get(name, ())]
        shown[name] = "\n".join(" ".join(line.split()) for line in lines)
    return {name: value for name, value in shown.items() if value != "-" or name in ("title", "authors", "published")}


def _print_blocks(blocks: Sequence[BlockVerdict], *, every: bool) -> None:
    kept = sum(block.kept for block in blocks)
    click.echo(f"\n{bold('The page, block by block')}  {dim(f'{kept:,} kept, {len(blocks) - kept:,} dropped')}")
    lines = list(_lines(blocks, every=every))
    width = shutil.get_terminal_size((MAX_WIDTH, 24)).columns
    if sys.stdout.isatty() and width >= TWO_COLUMNS:
        _print_two_columns(lines)
        return
    for line in lines:
        _print_line(line, min(width, MAX_WIDTH))


def _lines(blocks: Sequence[BlockVerdict], *, every: bool) -> Iterator[_Line]:
    """The blocks, of runs that one rule dropped only the first ones."""
    for (kept, _), run in groupby(blocks, key=lambda block: (block.kept, block.rule)):
        listed = list(run)
        shown = len(listed) if kept or every or len(listed) == SHOWN_OF_A_RUN + 1 else SHOWN_OF_A_RUN
        yield from map(_Line, listed[:shown])
        if listed[shown:]:
            yield _Line(listed[shown], len(listed) - shown)


def _print_line(line: _Line, width: int) -> None:
    block, indent = line.block, RULE_WIDTH + 3
    mark = "+" if block.kept else "-"
    head = f"{mark} {plain_line(block.rule)[:RULE_WIDTH]:<{RULE_WIDTH}} "
    if line.more:
        click.echo(dim(f"{head}... and {line.more:,} more"))
        return
    text = plain_line(block.text)
    if not block.kept:
        click.echo(dim(f"{head}{textwrap.shorten(text, max(width - indent, 20), placeholder=' ...')}"))
        return
    rows = textwrap.wrap(text, max(width - indent, 20), break_on_hyphens=False) or [""]
    click.echo(f"{click.style(head, fg='green')}{rows[0]}")
    for row in rows[1:]:
        click.echo(f"{' ' * indent}{row}")
    if block.selector:
        click.echo(dim(f"{' ' * indent}(strip: {block.selector})"))


def _print_two_columns(lines: Sequence[_Line]) -> None:
    """The page on the left, and beside every block what of it is in the article."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim", expand=True)
    table.add_column("why", width=RULE_WIDTH + 2, no_wrap=True)
    table.add_column("page", ratio=1)
    table.add_column("article", ratio=1)
    for line in lines:
        block = line.block
        rule = f"{'+' if block.kept else '-'} {plain_line(block.rule)}"
        text = f"... and {line.more:,} more" if line.more else plain_line(block.text)
        if block.kept:
            page = Text(text, overflow="fold")
            if block.selector:
                page.append(f"\n(strip: {plain_line(block.selector)})", style="dim")
            table.add_row(Text(rule, style="green"), page, Text(text, overflow="fold"))
        else:
            short = textwrap.shorten(text, 160, placeholder=" ...")
            table.add_row(Text(rule, style="dim"), Text(short, style="dim", overflow="fold"), Text(""))
    Console(highlight=False).print(table)


def _print_changes(tried: Tried) -> None:
    changes = tried.changes
    click.echo(f"\n{bold('What these selectors change')}")
    was, now = isinstance(tried.before, Article), isinstance(tried.explained.result, Article)
    if was != now:
        click.echo("  an article comes out now" if now else "  no article comes out any more")
    if not changes:
        click.echo("  nothing in the text")
    width = min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)
    for change in changes:
        mark, colour = ("+", "green") if change.gained else ("-", "red")
        lines = textwrap.wrap(plain_line(change.text), max(width - 4, 20), break_on_hyphens=False) or [""]
        for number, row in enumerate(lines):
            click.echo(click.style(f"  {mark if number == 0 else ' '} {row}", fg=colour))


def _print_advice(advice: Advice) -> None:
    click.echo(f"\n{bold('Selectors for feeds.yaml')}")
    width = min(MAX_WIDTH, shutil.get_terminal_size((MAX_WIDTH, 24)).columns)
    for row in textwrap.wrap(plain_line(advice_words(advice)), max(width - 2, 20)):
        click.echo(dim(f"  {row}"))
    for row in advice_yaml(advice):
        click.echo(f"    {plain_line(row)}")


def advice_words(advice: Advice) -> str:
    """What the suggested selectors give on this page."""
    words = f"tried on this page: {advice.found:,} of {_count(advice.kept, 'block')} of the article"
    if advice.left:
        words += f", and {_count(advice.left, 'block')} that should not be there"
    if ":nth-of-type" in advice.content:
        words += "; it names a place on the page, for want of names, so try it on a second page"
    return words


def advice_yaml(advice: Advice) -> list[str]:
    """The lines to write beside `feed:`."""
    rows = [f"content: {_quoted(advice.content)}"]
    if advice.strip:
        rows.append(f"strip: [{', '.join(map(_quoted, advice.strip))}]")
    return rows


def _quoted(selector: str) -> str:
    """A selector as YAML, also within a list."""
    if _PLAIN.fullmatch(selector):
        return selector
    return f"'{selector}'" if "'" not in selector else json.dumps(selector)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
