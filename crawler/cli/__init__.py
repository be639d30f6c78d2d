"""The command line: one group, its global options, and errors that people can read."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click

from crawler import __version__
from crawler.errors import ConfigError, CrawlerError
from storage import QueryError, StorageError, plain_text


@dataclass(frozen=True, slots=True)
class Context:
    """The global options."""

    db: str
    feeds: Path
    verbosity: int
    quiet: bool


COMMANDS = {
    "demo": "crawling",
    "init": "subscribing",
    "add": "subscribing",
    "opml": "subscribing",
    "crawl": "crawling",
    "search": "reading",
    "show": "reading",
    "explain": "reading",
    "status": "reading",
    "export": "reading",
}
"""Command to the module that has it, in the order of use."""


class _Group(click.Group):
    """Loads a command when it is asked for, so that a search never waits for what only a crawl needs; tells errors of
    ours in one line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if name not in COMMANDS:
            return None
        command = getattr(import_module(f"crawler.cli.{COMMANDS[name]}"), name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (ConfigError, QueryError) as error:
            raise _Failed(str(error), 2) from error
        except (CrawlerError, StorageError) as error:
            raise _Failed(str(error), 1) from error
        except BrokenPipeError:
            # The reader of our output went away, as `head` does: not an error. The descriptor is replaced so that
            # Python's own flush at exit does not complain.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(0) from None


class _Failed(click.ClickException):
    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(plain_text(message))
        vars(self)["exit_code"] = exit_code


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--db",
    envvar="CUTTINGS_DB",
    default="cuttings.db",
    show_default=True,
    metavar="URL",
    help="The corpus. [env: CUTTINGS_DB]",
)
@click.option(
    "--feeds",
    envvar="CUTTINGS_FEEDS",
    default="feeds.yaml",
    show_default=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="The subscriptions. [env: CUTTINGS_FEEDS]",
)
@click.option("-v", "--verbose", count=True, help="Tell more; twice for everything.")
@click.option("-q", "--quiet", is_flag=True, help="Tell nothing but results and errors.")
@click.version_option(__version__, prog_name="cuttings")
@click.pass_context
def main(ctx: click.Context, db: str, feeds: Path, verbose: int, quiet: bool) -> None:
    """Cuttings: subscribe to news sites, keep every article's clean text, and find it again."""
    ctx.obj = Context(db, feeds, verbose, quiet)
