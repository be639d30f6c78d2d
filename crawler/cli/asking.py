"""What the commands that take a query say about it, on standard error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import click

from crawler.cli import Context
from crawler.cli.display import dim
from storage import Query, QueryError, notices, plain_line, pointed

MOST_NOTICES = 3
"""Of a pasted paragraph there could be dozens."""


def asked(context: Context, query: Query, words: Sequence[str]) -> Query:
    """The query with the words that were typed; what is odd about them is told."""
    typed = " ".join(words)
    if not context.quiet:
        for notice in notices(typed)[:MOST_NOTICES]:
            click.echo(f"note: {notice.message}\n{dim(pointed(typed, notice.start, notice.end))}", err=True)
    return replace(query, words=typed)


def suggest(meant: str | None) -> None:
    """Tell what may have been meant by a query that found nothing."""
    if meant is not None:
        click.echo(f"did you mean: {plain_line(meant)}", err=True)


def told(error: QueryError) -> str:
    """What was wrong with a query, and below it the place."""
    if error.query is None or error.start is None or error.end is None:
        return str(error)
    return f"{error}\n{pointed(error.query, error.start, error.end)}"
