"""The command `import`: articles from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from crawler.cli import Context
from crawler.cli.archiving import clear, watching
from crawler.cli.options import json_option, workers_option
from storage import plain_line

if TYPE_CHECKING:
    from crawler.importing import ImportReport, Problem
    from storage import Corpus

MOST_SHOWN = 10
STDIN = "-"


@click.command("import", short_help="Articles from elsewhere: JSON Lines into the corpus.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--source", metavar="NAME", help="Where they come from. [default: as each row says, else its site]")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write bad rows there, each with the reason, to be mended and imported.",
)
@click.option("--dry-run", is_flag=True, help="Only read the rows, and tell what is wrong with them.")
@workers_option("read rows")
@json_option
@click.pass_obj
def import_(
    context: Context,
    files: tuple[str, ...],
    source: str | None,
    rejects: Path | None,
    dry_run: bool,
    workers: int | None,
    as_json: bool,
) -> None:
    """Take articles from elsewhere into the corpus: what `cuttings export` writes as JSON Lines, and what trafilatura,
    news-please and Fundus write. FILE is plain or packed (gzip, bzip2, xz, zstd); - reads standard input.

    A row is an object with a url, a text or html, and what else is known: title, authors, published, updated, fetched,
    language, site, tags, ... It is filed like a crawled page: known addresses, copies and revisions are found, and a
    text that is older than the stored one becomes an earlier revision. Nothing is fetched. Bad rows are told by their
    line and passed over. Interrupted, the same command goes on from there.
    """
    from crawler.importing import import_articles, must_be_files

    name = _name(source)
    if files.count(STDIN) > 1:
        raise click.UsageError("standard input can be read once")
    paths = [None if file == STDIN else Path(file) for file in files]
    _must_differ(rejects, paths)
    must_be_files(paths)
    with _corpus(context, dry_run) as corpus, _written(rejects) as bad_rows:
        watch = watching(context, lambda report: f"{report.rows:,} rows, {report.ended:,} filed, {report.bad:,} bad")
        report = import_articles(
            corpus, paths, source=name, rejects=bad_rows, dry_run=dry_run, workers=workers, watch=watch
        )
    clear(context)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **report.as_dict()}, indent=2))
    elif not context.quiet:
        _print(report, dry_run, rejects, context.verbosity)
    _end(report)


def _name(source: str | None) -> str | None:
    if source is None:
        return None
    name = " ".join(source.split())
    if not name or plain_line(name) != name:
        raise click.UsageError("--source needs a name that can be printed")
    return name


def _must_differ(rejects: Path | None, paths: list[Path | None]) -> None:
    for path in paths:
        if rejects is not None and path is not None and rejects.exists() and path.exists() and rejects.samefile(path):
            raise click.UsageError(f"{rejects}: is the file that is imported; name another for --rejects")


@contextmanager
def _corpus(context: Context, dry_run: bool) -> Iterator[Corpus | None]:
    """Open for writing; for a dry run for reading, if there is one."""
    from storage import CorpusMissing, open_corpus

    try:
        corpus = open_corpus(context.db, write=not dry_run, create=not dry_run)
    except CorpusMissing:
        yield None
        return
    with corpus:
        yield corpus


@contextmanager
def _written(path: Path | None) -> Iterator[IO[bytes] | None]:
    if path is None:
        yield None
        return
    try:
        stream = path.open("wb")
    except OSError as error:
        raise click.ClickException(plain_line(f"{path}: cannot be written ({error.strerror})")) from error
    with stream:
        yield stream


def _print(report: ImportReport, dry_run: bool, rejects: Path | None, verbosity: int) -> None:
    rows = f"{report.rows:,} row{'' if report.rows == 1 else 's'}"
    bad = f"{report.bad:,} bad"
    if dry_run:
        click.echo(f"{rows}: {report.new:,} of new articles, {report.known:,} of known ones, {bad}")
        click.echo("Nothing was written: this was a dry run.")
    else:
        ended = "".join(f"{n:,} {ending}, " for ending, n in sorted(report.outcomes.items()))
        click.echo(f"{rows}: {ended}{report.known:,} imported before, {bad}")
        for reason, n in sorted(report.reasons.items()):
            click.echo(f"  {n:,} {plain_line(reason)}")
    most = None if verbosity else MOST_SHOWN
    _print_problems(report.problems[:most], report.bad, "bad rows")
    _print_problems(report.remarks[:most], report.remarked, "fields left out")
    if rejects is not None and report.bad:
        click.echo(plain_line(f"The bad rows are in {rejects}: mend them and import that file"), err=True)


def _print_problems(shown: list[Problem], total: int, what: str) -> None:
    for problem in shown:
        click.echo(plain_line(f"{problem.file}, line {problem.line}: {problem.words}"), err=True)
    if total > len(shown):
        click.echo(f"and {total - len(shown):,} more {what}; -v tells more", err=True)


def _end(report: ImportReport) -> None:
    if report.stopped:
        click.echo("Stopped early: the same command goes on from here", err=True)
    if report.damaged:
        raise click.ClickException(plain_line(f"{report.damaged[0]}; the rows before that are imported"))
    if report.failed:
        raise click.ClickException("no row could be used; `cuttings import --help` tells what a row is")
