"""The commands on the archive of raw pages: `reextract` and `prune`."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli import Context, display
from crawler.cli.options import DATE, DURATION, SIZE, json_option, workers_option
from storage import plain_line

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.recut import Counts, RecutReport
    from crawler.warc_crawl import WarcReport
    from storage import Corpus

SHOW_S = 1.0
MOST_BAD_SHOWN = 10
MOST_REFUSED_SHOWN = 20


@click.command(short_help="Cut the articles again from the raw pages.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--since", type=DATE, metavar="DATE", help="Only pages that were fetched that day or later.")
@click.option("--dry-run", is_flag=True, help="Only tell what would change.")
@workers_option("cut pages")
@json_option
@click.pass_obj
def reextract(
    context: Context, sources: tuple[str, ...], since: date | None, dry_run: bool, workers: int | None, as_json: bool
) -> None:
    """Cut the articles again from the raw pages in the archive, as feeds.yaml and this version have it, without the
    network, and tell what changed; with -v some of the changes, line by line.

    SOURCE is the name or address of a source, also of one that feeds.yaml has no longer. Texts are replaced in their
    place: they are no revisions, for their publisher changed nothing. An article whose page is none by today's rules is
    told and kept. Interrupted, the same command goes on where it stopped.
    """
    from crawler import reextract as rerun
    from storage import open_corpus

    config = _config(context)
    with open_corpus(context.db, write=not dry_run, create=False) as corpus:
        aim = rerun.Aim(_names(corpus, sources), since, dry_run)
        watch = watching(context, lambda report: f"{report.total.compared:,} texts cut again")
        report = rerun.reextract(corpus, config, aim, workers=workers, memory_of=corpus.site_memory, watch=watch)
    clear(context)
    if as_json:
        click.echo(json.dumps({"dry_run": dry_run, **report.as_dict()}, indent=2))
    elif not context.quiet:
        _print_recut(report, dry_run, context.verbosity)
    if report.stopped:
        click.echo("Stopped early: the same command goes on from here", err=True)


def _names(corpus: Corpus, sources: tuple[str, ...]) -> tuple[str, ...] | None:
    if not sources:
        return None
    known = corpus.status()
    names: list[str] = []
    for asked in sources:
        folded = " ".join(asked.split()).casefold()
        meant = [one.name for one in known if asked in (one.name, one.url)]
        meant = meant or [one.name for one in known if one.name.casefold() == folded]
        if not meant:
            raise click.ClickException(plain_line(f"there is no source {asked!r}; `cuttings status --all` lists them"))
        names += meant
    return tuple(dict.fromkeys(names))


def _print_recut(report: RecutReport, dry_run: bool, verbosity: int) -> None:
    for name, counts in sorted(report.counts.items()):
        click.echo(f"{plain_line(name)}: {_counted(counts)}")
    total = report.total
    if len(report.counts) != 1:
        click.echo(f"Together: {_counted(total)}" if report.counts else "The archive holds no page of these.")
    if verbosity:
        for example in report.examples:
            number = f" (article {example.article_id})" if example.article_id is not None else ""
            click.echo(f"\n{plain_line(example.url)}{number}")
            for line in example.lines:
                click.echo(f"  {plain_line(line)}")
    _print_refused(report)
    _print_lost(report)
    if dry_run:
        click.echo("Nothing was written: this was a dry run.")


def _print_refused(report: RecutReport) -> None:
    total = report.total.rejected
    if total:
        click.echo("\nNo article any more by today's rules, kept as they were:")
    for refused in report.refused[:MOST_REFUSED_SHOWN]:
        click.echo(f"  {plain_line(f'{refused.url}: {refused.reason}')}")
    if total > MOST_REFUSED_SHOWN:
        click.echo(f"  and {total - MOST_REFUSED_SHOWN:,} more; --json names the first 1,000")


def _print_lost(report: RecutReport) -> None:
    for name, file in list(report.lost.items())[:MOST_BAD_SHOWN]:
        pages = f"{file.pages:,} raw page{'' if file.pages == 1 else 's'}"
        click.echo(plain_line(f"{name}: {pages} cannot be read; {file.problem}"), err=True)
    if len(report.lost) > MOST_BAD_SHOWN:
        click.echo(f"and {len(report.lost) - MOST_BAD_SHOWN:,} more files; --json names them all", err=True)
    if report.lost:
        click.echo(
            "Put the files back into the archive's folder, and run the same again; articles are as before", err=True
        )


def _counted(counts: Counts) -> str:
    what = [f"{n:,} {name}" for n, name in (
        (counts.texts, "texts"), (counts.titles, "titles"), (counts.dates, "dates"), (counts.authors, "authors"),
    ) if n]  # fmt: skip
    changed = f"{counts.changed:,} changed" + (f" ({', '.join(what)})" if what else "")
    further = [f"{n:,} {words}" for n, words in (
        (counts.rejected, "no article any more, kept"),
        (counts.overrun, "not cut within the limits, kept"),
        (counts.stored, "rejected before and stored now"),
        (counts.known, "rejected before and known under another address"),
        (counts.lost, "raw pages lost"),
        (counts.without, "without a raw page"),
    ) if n]  # fmt: skip
    words = f"{counts.words_before:,} words before, {counts.words_after:,} after"
    return "; ".join([f"{counts.compared:,} texts cut again, {changed}", words, *further])


@click.command(short_help="Delete raw pages by age or size.")
@click.option("--older-than", type=DURATION, metavar="TIME", help="Files whose last page was fetched so long ago: 90d.")
@click.option("--larger-than", type=SIZE, metavar="SIZE", help="The oldest files, until all take no more: 10GB.")
@click.option("--dry-run", is_flag=True, help="Only tell what would go.")
@json_option
@click.pass_obj
def prune(context: Context, older_than: float | None, larger_than: int | None, dry_run: bool, as_json: bool) -> None:
    """Delete files of the archive, whole and the oldest first. Articles stay, but can be cut again from them no more.

    A file takes the pages of some hours or days, up to 1 GB: what is freed is never less than what was asked for, and
    may be a file more.
    """
    from crawler.pruning import files_to_prune
    from storage import open_corpus

    if older_than is None and larger_than is None:
        raise click.UsageError("say what is to go: --older-than 90d, --larger-than 10GB")
    with open_corpus(context.db, write=not dry_run, create=False) as corpus:
        files = corpus.archive_files()
        going = files_to_prune(files, datetime.now(UTC), older_s=older_than, larger_bytes=larger_than)
        if not dry_run:
            corpus.prune_archive([file.name for file in going])
    freed = sum(file.size_bytes for file in going)
    left = sum(file.size_bytes for file in files) - freed
    if as_json:
        document: dict[str, Any] = {"dry_run": dry_run, "files": [file.name for file in going]}
        captures = sum(file.captures for file in going)
        click.echo(json.dumps({**document, "captures": captures, "freed_bytes": freed, "left_bytes": left}, indent=2))
    elif not context.quiet:
        would = "would go" if dry_run else "deleted"
        pages = sum(file.captures for file in going)
        click.echo(
            f"{len(going):,} of {len(files):,} files {would}, with {pages:,} raw pages: {display.size(freed)}; "
            f"{display.size(left)} left"
        )


def crawl_warcs(
    context: Context, files: tuple[str, ...], limit: int | None, workers: int | None, as_json: bool
) -> None:
    """What `cuttings crawl --warc` does."""
    from crawler import warc_crawl
    from storage import open_corpus

    if not files:
        raise click.UsageError("name the files: cuttings crawl --warc FILE...")
    config = _config(context)
    paths = [Path(file) for file in files]
    with open_corpus(context.db, write=True) as corpus:
        watch = watching(context, lambda report: f"{report.records:,} records, {report.ended:,} pages")
        report = warc_crawl.crawl_warcs(corpus, config, paths, limit=limit, workers=workers, watch=watch)
    clear(context)
    if as_json:
        click.echo(json.dumps(report.as_dict(), indent=2))
    elif not context.quiet:
        _print_warc(report, context.verbosity)
    if report.stopped:
        click.echo("Stopped early: the same command goes on from here", err=True)


def _config(context: Context) -> Config:
    """Who has no feeds.yaml can crawl a file all the same, and cut its pages again."""
    from crawler import subscriptions
    from crawler.config import Config

    return subscriptions.load(context.feeds) if context.feeds.exists() else Config(context.feeds, None)


def _print_warc(report: WarcReport, verbosity: int) -> None:
    ended = ", ".join(f"{pages:,} {ending}" for ending, pages in sorted(report.outcomes.items())) or "none new"
    click.echo(f"{report.ended:,} pages: {ended}; {report.known:,} known before; {report.records:,} records")
    for reason, pages in sorted(report.reasons.items()):
        click.echo(f"  {pages:,} {plain_line(reason)}")
    if verbosity:
        for kind, records in sorted(report.passed.items()):
            click.echo(f"  {records:,} records passed over: {kind}")
    shown = report.bad if verbosity else report.bad[:MOST_BAD_SHOWN]
    for bad in shown:
        click.echo(plain_line(f"{bad.file}, byte {bad.offset}: {bad.problem}"), err=True)
    if len(report.bad) > len(shown):
        click.echo(f"and {len(report.bad) - len(shown):,} more damaged records; -v tells all", err=True)


def watching(context: Context, words: Callable[[Any], str]) -> Callable[[Any], None]:
    """A line on a terminal that tells how far it is; nothing elsewhere."""
    last = 0.0

    def watch(report: Any) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= SHOW_S and sys.stderr.isatty() and not context.quiet:
            last = now
            click.echo(f"\r\x1b[K{words(report)}", nl=False, err=True)

    return watch


def clear(context: Context) -> None:
    """Take that line away."""
    if sys.stderr.isatty() and not context.quiet:
        click.echo("\r\x1b[K", nl=False, err=True)
