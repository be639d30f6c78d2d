"""The reference page of the command line, written from the commands themselves.

python -m crawler.cli.reference > docs/reference/cli.md
"""

from __future__ import annotations

from collections.abc import Iterator

import click

from crawler.cli import main

WIDTH = 100

INTRODUCTION = """\
# The command line

Every command and every option, in the words of `--help`. This page is generated:
`python -m crawler.cli.reference > docs/reference/cli.md`.

Global options stand before the command: `cuttings --db news.db search harbour`. `--db` names a file, or a corpus as a
URL (`sqlite:///relative.db`, `sqlite:////absolute.db`).

| Exit status | Means |
|---|---|
| 0 | Done. Feeds and pages that failed are recorded in the corpus; they are no error of the command. |
| 1 | It could not be done: no corpus, the corpus is in use, an address that could not be added ... |
| 2 | The command was used wrongly, or feeds.yaml or an OPML file is invalid. |

Results go to the standard output, progress and errors to the standard error.
"""


def commands(command: click.Command, parent: click.Context | None = None) -> Iterator[click.Context]:
    """A command and everything below it, each as the context that help is written from."""
    settings = {**command.context_settings, "terminal_width": WIDTH}
    context = click.Context(command, parent=parent, info_name=command.name if parent else "cuttings", **settings)
    yield context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            yield from commands(inner, context)


def page() -> str:
    """The whole page, as Markdown."""
    sections = (f"## {one.command_path}\n\n```text\n{one.get_help().strip()}\n```\n" for one in commands(main))
    return "\n".join([INTRODUCTION, *sections])


if __name__ == "__main__":
    click.echo(page(), nl=False)
