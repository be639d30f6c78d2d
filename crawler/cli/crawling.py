"""`cuttings crawl`, `cuttings backfill` and `cuttings demo`."""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from crawler.cli import Context
from crawler.cli.options import DATE, json_option, workers_option
from crawler.errors import ConfigError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.desk import Scope
    from crawler.report import LiveProgress, PlainProgress


@click.command(short_help="Poll, fetch, cut and file what is new; once.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "force", is_flag=True, help="Poll every source now, due or not.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Fetch at most N pages.")
@click.option("--since", type=DATE, metavar="DATE", help="Skip what was published before.")
@workers_option("cut pages")
@click.option("--warc", "is_warc", is_flag=True, help="Crawl WARC files: the arguments are files, not sources.")
@json_option
@click.pass_obj
def crawl(
    context: Context,
    sources: tuple[str, ...],
    force: bool,
    limit: int | None,
    since: date | None,
    workers: int | None,
    is_warc: bool,
    as_json: bool,
) -> None:
    """Poll what is due, fetch new pages, cut the articles out and file them; once.

    SOURCE is the name or address of a source in feeds.yaml; without any, all of them. Interrupted, it ends within 45
    seconds and loses nothing: the next crawl goes on where this one stopped. Interrupted twice, it ends at once.

    With --warc, pages come out of WARC files (those of Common Crawl, say) and not from the network: `cuttings crawl
    --warc CC-NEWS-*.warc.gz`. A page that was read before is passed over.
    """
    if is_warc:
        from crawler.cli.archiving import crawl_warcs

        if force or since:
            raise click.UsageError("--all and --since are about sources, and mean nothing with --warc")
        crawl_warcs(context, sources, limit, workers, as_json)
        return
    from crawler import naming, subscriptions
    from crawler.desk import Scope

    config = subscriptions.load(context.feeds)
    names = naming.names_of(config, sources) if sources else None
    scope = Scope(sources=names, force=force, limit=limit, since=since)
    _crawl(context, config, scope, workers, as_json)
    if not config.sources and not context.quiet:
        click.echo(f"{config.path} has no source yet: `cuttings add URL` adds one", err=True)


@click.command(short_help="Fetch older articles from archives and sitemaps.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--since", type=DATE, metavar="DATE", help="Published that day or later.")
@click.option("--until", type=DATE, metavar="DATE", help="Published before that day.")
@click.option("--limit", type=click.IntRange(min=0), metavar="N", help="Fetch at most N pages; 0: none, only walk.")
@click.option(
    "--documents", type=click.IntRange(min=1), metavar="N", help="Read at most N archive documents. [default: 1000]"
)
@click.option("--again", is_flag=True, help="Walk also through what an earlier backfill has read.")
@workers_option("cut pages")
@json_option
@click.pass_obj
def backfill(
    context: Context,
    sources: tuple[str, ...],
    since: date | None,
    until: date | None,
    limit: int | None,
    documents: int | None,
    again: bool,
    workers: int | None,
    as_json: bool,
) -> None:
    """Fetch older articles of a source: from the archives and further pages of its feeds, and from sitemaps.

    SOURCE is the name or address of a source in feeds.yaml. Each document of an archive is read once: interrupted, the
    next backfill goes on where this one stopped, and when all is read it asks for nothing. Polling is not touched.
    """
    from crawler import naming, subscriptions
    from crawler.backfill import MOST_DOCUMENTS
    from crawler.desk import Scope

    if since and until and since >= until:
        raise click.UsageError(f"--since {since} is not before --until {until}; nothing lies between")
    config = subscriptions.load(context.feeds)
    names = naming.names_of(config, sources)
    if disabled := [one.source.name for one in config.sources if one.source.name in names and not one.source.enabled]:
        raise ConfigError(f"{config.path}: {naming.either(disabled)} has `enabled: false`; enable it to fetch from it")
    scope = Scope(
        sources=names,
        limit=limit,
        since=since,
        until=until,
        polls=False,
        documents=documents or MOST_DOCUMENTS,
        again=again,
    )
    _crawl(context, config, scope, workers, as_json)


def _crawl(context: Context, config: Config, scope: Scope, workers: int | None, as_json: bool) -> None:
    """Do what the scope says, show how far it is, and say what came of it."""
    from crawler import report, run
    from crawler.cli.watching import send_after_crawl

    watch = _progress(context)
    try:
        done = run.crawl(
            *(config, context.db, scope),
            watch=watch,
            verbosity=context.verbosity,
            workers=workers,
            at_once=watch.close if watch is not None else lambda: None,
        )
    finally:
        if watch is not None:
            watch.close()
    is_backfill = scope.documents is not None
    if as_json:
        walk = done.tally.archives_as_dict() if is_backfill else {}
        document = {**walk, **done.tally.as_dict(), "elapsed_s": round(done.elapsed_s, 3), "stopped": done.stopped}
        click.echo(json.dumps(document, indent=2))
    elif not context.quiet:
        click.echo(report.summary(done.tally, done.elapsed_s, done.stopped, scope=scope))
        if done.stopped:
            click.echo(f"Stopped early: {done.stopped}", err=True)
    if not done.stopped:
        send_after_crawl(context, config, as_json=as_json)


def _progress(context: Context) -> LiveProgress | PlainProgress | None:
    from crawler import report

    if context.quiet or context.verbosity:
        return None
    return report.LiveProgress() if sys.stderr.isatty() else report.PlainProgress()


@click.command(short_help="Crawl a bundled sample newspaper and search it.")
@click.option("--keep", type=click.Path(file_okay=False), metavar="FOLDER", help="Keep what is made.")
@click.option("--query", default="libya", show_default=True, metavar="WORDS", help="What to search for at the end.")
@click.pass_obj
def demo(context: Context, keep: str | None, query: str) -> None:
    """Crawl the bundled sample newspaper on this machine and search it.

    It needs no internet. Everything happens in a temporary folder that is removed at the end, unless --keep is given.
    """
    from crawler import demonstration

    demonstration.run_demo(keep, query, quiet=context.quiet)
