"""`cuttings export`."""

from __future__ import annotations

import contextlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Literal, cast, get_args

import click

from crawler.cli import Context, asking
from crawler.cli.options import filters
from storage import (
    Query,
    WarcCounts,
    in_words,
    open_corpus,
    plain_line,
    write_csv,
    write_epub,
    write_jsonl,
    write_markdown,
    write_parquet,
    write_warc,
)

Kind = Literal["jsonl", "csv", "parquet", "markdown", "epub", "warc"]
_BY_ENDING: dict[str, Kind] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".epub": "epub",
    ".warc": "warc",
    ".warc.gz": "warc",
}
_MOST_TOLD = 10
"""Articles without a raw page that are named."""


@click.command(short_help="Write articles as lines, rows, a table, notes or a book, or their raw pages.")
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(get_args(Kind)),
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
    folder with a file for each article. As warc it is the raw pages that the articles were cut from, as servers
    sent them; articles without one are named.
    """
    if kind is None:
        kind = _kind_of(output)
    if kind == "markdown" and output is None:
        raise click.UsageError("markdown is a folder of files: give its name with --output")
    if kind in ("parquet", "epub", "warc") and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{kind} is not for a terminal: give a file with --output")
    with open_corpus(context.db) as corpus:
        question = asking.asked(context, query, words)
        selection, warc = corpus.select(question, one_per_story=one_per_story), None
        articles = corpus.selected(selection)
        if kind == "markdown":
            with _folder(cast("Path", output)) as folder:
                count = write_markdown(articles, folder)
        elif kind == "parquet":
            with _output(output, "wb") as stream:
                count = write_parquet(articles, stream)
        elif kind == "epub":
            with _output(output, "wb") as stream:
                count = write_epub(articles, stream, question.words.strip() or "All articles")
        elif kind == "warc":
            is_packed = output is None or output.suffix.lower() != ".warc"
            with _output(output, "wb") as stream:
                warc = write_warc(
                    *(articles, corpus, stream),
                    at=selection.position.at,
                    description=in_words(question),
                    is_packed=is_packed,
                )
            count = warc.pages
        else:
            with _output(output, "w") as stream:
                count = (write_jsonl if kind == "jsonl" else write_csv)(articles, stream)
    if output is not None and not context.quiet:
        noun = "article" if kind != "warc" else "page"
        click.echo(f"{count:,} {noun}{'' if count == 1 else 's'} written to {output}", err=True)
    if warc is not None and warc.missing:
        _tell_missing(warc)


def _kind_of(output: Path | None) -> Kind:
    name = output.name.lower() if output is not None else ""
    return next((kind for ending, kind in _BY_ENDING.items() if name.endswith(ending)), "jsonl")


def _tell_missing(warc: WarcCounts) -> None:
    """What is missing is said even where little is to be said."""
    one = warc.missing == 1
    click.echo(
        f"{warc.missing:,} article{' has' if one else 's have'} no raw page and {'is' if one else 'are'} missing:",
        err=True,
    )
    for missing in warc.named[:_MOST_TOLD]:
        click.echo(f"  {missing.article_id} {plain_line(missing.url)}: {plain_line(missing.why)}", err=True)
    if warc.missing > _MOST_TOLD:
        click.echo(f"  and {warc.missing - _MOST_TOLD:,} more", err=True)


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
