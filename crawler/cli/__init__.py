"""The command line: one group, its global options, and errors that people can read."""

from __future__ import annotations

import errno
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from keyword import iskeyword
from pathlib import Path
from typing import Any

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
    "remove": "amending",
    "disable": "amending",
    "enable": "amending",
    "opml": "subscribing",
    "crawl": "crawling",
    "run": "running",
    "backfill": "crawling",
    "reextract": "archiving",
    "prune": "archiving",
    "search": "reading",
    "show": "reading",
    "stories": "stories",
    "explain": "reading",
    "try": "trying",
    "status": "reading",
    "watch": "watching",
    "export": "exporting",
    "serve": "serving",
    "check": "checking",
    "import": "importing",
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
        command = getattr(import_module(f"crawler.cli.{COMMANDS[name]}"), f"{name}_" if iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return command

    def main(self, *args: Any, **kwargs: Any) -> Any:
        _open_standard_streams()
        return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> object:
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()  # else what cannot be written is noticed when nobody can tell it any more
            return result
        except click.UsageError as error:
            from crawler.cli.hints import hinted

            raise hinted(error) from error
        except QueryError as error:
            from crawler.cli.asking import told

            raise _Failed(told(error), 2) from error
        except ConfigError as error:
            raise _Failed(str(error), 2) from error
        except (CrawlerError, StorageError) as error:
            raise _Failed(str(error), 1) from error
        except BrokenPipeError:
            # The reader of our output went away, as `head` does: not an error.
            _drop_output()
            raise SystemExit(0) from None
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EFBIG) or error.filename is not None:
                raise
            _drop_output()
            raise _Failed(f"the output could not be written ({error.strerror}); make room and ask again", 1) from error


class _Failed(click.ClickException):
    def __init__(self, message: str, exit_code: int) -> None:
        super().__init__(plain_text(message))
        vars(self)["exit_code"] = exit_code


def _open_standard_streams() -> None:
    """Give a process that was started without standard streams (`>&-`, some service managers) ones that lead nowhere.

    Otherwise the corpus would be opened under one of their numbers, and a warning meant for people be written into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, this one
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - for the life of the process
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _drop_output() -> None:
    """Let the rest of our output go nowhere, so that Python's own flush at exit does not complain."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
