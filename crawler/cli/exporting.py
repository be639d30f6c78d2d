"""`cuttings export`."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal, cast

import click

from crawler.cli import Context, asking
from crawler.cli.options import filters
from storage import Query, open_corpus, write_csv, write_epub, write_jsonl, write_markdown, write_parquet

Kind = Literal["jsonl", "csv", "parquet", "markdown", "epub"]
_BY_ENDING: dict[str, Kind] = {".csv": "csv", ".parquet": "parquet", ".epub": "epub"}


@click.command(short_help="Write articles as lines, rows, a table, notes or a book.")
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(["jsonl", "csv", "parquet", "markdown", "epub"]),
    help="[default: by the ending of FILE, else jsonl]",
)
@filters
@click.option("--one-per-story", is_flag=True, help="Of copies that match, only the one that ran first.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="[default: standard output]")
@click.pass_obj
def export(
    context: Context, words: tuple[str, ...], kind: Kind | None, query: Query, one_per_story: bool, output: Path | None
) -> None:
    """Write every article, or those that match: one line, row or file each.

    The file appears whole or not at all; memory stays flat however many articles there are. As markdown, FILE is a new
    folder with a file for each article.
    """
    if kind is None:
        kind = "jsonl" if output is None else _BY_ENDING.get(output.suffix.lower(), "jsonl")
    if kind == "markdown" and output is None:
        raise click.UsageError("markdown is a folder of files: give its name with --output")
    if kind in ("parquet", "epub") and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{kind} is not for a terminal: give a file with --output")
    with open_corpus(context.db) as corpus:
        question = asking.asked(context, query, words)
        articles = corpus.articles(question, one_per_story=one_per_story)
        if kind == "markdown":
            with _folder(cast("Path", output)) as folder:
                count = write_markdown(articles, folder)
        elif kind == "parquet":
            with _output(output, "wb") as stream:
                count = write_parquet(articles, stream)
        elif kind == "epub":
            with _output(output, "wb") as stream:
                count = write_epub(articles, stream, question.words.strip() or "All articles")
        else:
            with _output(output, "w") as stream:
                count = (write_jsonl if kind == "jsonl" else write_csv)(articles, stream)
    if output is not None and not context.quiet:
        click.echo(f"{count:,} article{'' if count == 1 else 's'} written to {output}", err=True)


@contextlib.contextmanager
def _output(path: Path | None, mode: Literal["w", "wb"]) -> Iterator[IO]:  # type: ignore[type-arg]
    """Standard output, or a file that gets its name only when it is complete."""
    text = {"encoding": "utf-8", "newline": ""} if mode == "w" else {}
    if path is None:
        if mode == "w":
            sys.stdout.reconfigure(**text)  # type: ignore[union-attr]
        yield sys.stdout if mode == "w" else sys.stdout.buffer
        return
    from crawler.editing import is_device

    try:
        if path.is_dir():
            raise click.ClickException(f"{path}: is a folder; give the name of a file")
        if is_device(path):  # /dev/stdout, a pipe: written to, never replaced
            with path.open(mode, **text) as stream:  # type: ignore[call-overload]
                yield stream
            return
        path = path.resolve()  # a link stays a link
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself, before Python 3.13
        raise click.ClickException(f"{path}: cannot be written ({error})") from error
    partial = path.with_name(path.name + ".part")
    try:
        with partial.open(mode, **text) as stream:  # type: ignore[call-overload]
            yield stream
        partial.replace(path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}; nothing was written under that name") from error
    finally:
        partial.unlink(missing_ok=True)


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[Path]:
    """A new folder that gets its name only when all of its files are there; an empty one may have it before."""
    partial = path.with_name(path.name + ".part")
    try:
        if path.exists() and (not path.is_dir() or any(path.iterdir())):
            raise click.ClickException(f"{path}: is there already; remove it, or give another name")
        shutil.rmtree(partial, ignore_errors=True)  # of an export that was killed
        partial.mkdir(parents=True)
        yield partial
        if path.exists():
            path.rmdir()
        partial.rename(path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}; nothing was written under that name") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
