"""What was meant by a command line that cannot be read, where that is easy to guess."""

from __future__ import annotations

import click

ASKING = {"search", "export", "stories"}
"""The commands whose arguments are a query, in which a minus excludes a word."""


def hinted(error: click.UsageError) -> click.UsageError:
    """The error with a sentence more, if there is one to say."""
    if error.ctx is None:
        return error
    command = error.ctx.command.name
    if isinstance(error, click.NoSuchOption) and command in ASKING and not error.option_name.startswith("--"):
        more = f"To exclude a word, write -- before the query: cuttings {command} -- 'libya -ferry'"
    elif isinstance(error, click.MissingParameter) and error.ctx.params.get("diff") is not None:
        more = f"It goes before --diff: cuttings {command} 12 --diff"
    else:
        return error
    return click.UsageError(f"{error.format_message()} {more}", error.ctx)
