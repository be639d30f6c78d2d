"""How `status SOURCE --memory` shows what the pages of a site repeat. All of it is strangers' text: `plain_line`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import click

from crawler.cli.display import ago, bold, day, dim
from storage import LESSON_TEXT_CHARS, RememberedHost, plain_line

BLOCKS_SHOWN = 60
"""Of a host; `--json` has them all."""


def print_memory(source: str, hosts: Sequence[RememberedHost], now: datetime) -> None:
    """The blocks that each host repeats, the commonest first, with the number of pages that have them."""
    click.echo(bold(plain_line(source)))
    if not hosts:
        click.echo("  nothing learned yet: no page of it held an article")
    for host in hosts:
        click.echo(f"\n  {plain_line(host.host)}")
        change = f"; its theme changed {ago(host.changed, now)}" if host.changed else ""
        pages = "1 page" if host.pages == 1 else f"{host.pages:,} pages"
        click.echo(dim(f"  learned from {pages} since {day(host.since, time=True)}{change}"))
        for block in host.blocks[:BLOCKS_SHOWN]:
            more = "..." if len(block.text) == LESSON_TEXT_CHARS else ""
            click.echo(f"    {block.pages:>3} of {host.pages}  {plain_line(block.text)}{more}")
        if not host.blocks:
            click.echo("    nothing is repeated so far")
        if len(host.blocks) > BLOCKS_SHOWN:
            click.echo(dim(f"    and {len(host.blocks) - BLOCKS_SHOWN} more: --json has them all"))
