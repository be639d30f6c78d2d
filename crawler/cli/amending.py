"""The commands that change what feeds.yaml lists already: `remove`, `disable` and `enable`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli import Context
from crawler.cli.options import json_option
from storage import plain_line

if TYPE_CHECKING:
    from crawler.editing import Amended
    from storage import Source


@click.command(short_help="Unsubscribe; what is stored stays.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@json_option
@click.pass_obj
def remove(context: Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Take sources out of feeds.yaml, with the comments that belong to them; all or none.

    SOURCE is the name or address of a source. Everything that is stored stays in the corpus and is found as before.
    """
    from crawler import editing

    amended = editing.remove_sources(context.feeds, _names(context, sources))
    if as_json:
        click.echo(json.dumps({"removed": _records(amended.changed), "renamed": dict(amended.renamed)}, indent=2))
    elif not context.quiet:
        for source in amended.changed:
            click.echo(f"Removed {plain_line(source.name)}: {source.kind} {plain_line(source.url)}")
        for was, now in amended.renamed:
            click.echo(f"{plain_line(was)} is called {plain_line(now)} now; give it a name to keep one")
        click.echo("What they brought stays in the corpus." if len(amended.changed) > 1 else _STAYS)


_STAYS = "What it brought stays in the corpus."


@click.command(short_help="Rest sources: they are not polled.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@json_option
@click.pass_obj
def disable(context: Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Rest sources: feeds.yaml keeps them, and they are not polled until they are enabled; all or none.

    SOURCE is the name or address of a source.
    """
    from crawler import editing

    amended = editing.switch_sources(context.feeds, _names(context, sources), enabled=False)
    if as_json:
        document = {"disabled": _records(amended.changed), "already": _records(amended.already)}
        click.echo(json.dumps(document, indent=2))
    elif not context.quiet:
        _tell(amended, "disabled")


@click.command(short_help="Wake sources that rest or were gone.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@json_option
@click.pass_obj
def enable(context: Context, sources: tuple[str, ...], as_json: bool) -> None:
    """Wake sources that were disabled, all or none, and poll again what a server had declared gone (HTTP 410).

    SOURCE is the name or address of a source.
    """
    from crawler import editing

    amended = editing.switch_sources(context.feeds, _names(context, sources), enabled=True)
    try:
        resumed = _resumed(context.db, (*amended.changed, *amended.already))
        problem = None
    except _Busy as busy:
        resumed, problem = {}, str(busy)
    if as_json:
        document: dict[str, Any] = {"enabled": _records(amended.changed), "already": _records(amended.already)}
        click.echo(json.dumps({**document, "resumed": resumed}, indent=2))
    elif not context.quiet:
        _tell(amended, "enabled", resumed)
    if problem is not None:
        from crawler.errors import CrawlerError

        raise CrawlerError(problem)


class _Busy(Exception):
    """Feeds are to be resumed and another process writes the corpus; says what to do."""


def _resumed(db: str, sources: Sequence[Source]) -> dict[str, int]:
    """How many feeds that were gone are due again, for each source that had some."""
    from storage import CorpusBusy, CorpusMissing, open_corpus

    try:
        with open_corpus(db) as corpus:
            gone = _gone(corpus.status(), sources)
    except CorpusMissing:
        return {}
    if not gone:
        return {}
    try:
        with open_corpus(db, write=True, create=False) as corpus:
            return {name: corpus.resume(stored, datetime.now(UTC)) for name, stored in gone.items()}
    except CorpusBusy:
        listed = " ".join(f'"{name}"' if " " in name else name for name in map(plain_line, gone))
        raise _Busy(
            f"{db}: is being written by a crawl, so that what was gone is not polled again yet; "
            f"stop it, or wait for its end, then: cuttings enable {listed}"
        ) from None


def _gone(statuses: Sequence[Any], sources: Sequence[Source]) -> dict[str, str]:
    """Of the sources that have a feed which is gone: what they are called in feeds.yaml and in the corpus."""
    by_url = {
        status.url: status.name
        for status in statuses
        if any(feed.next_poll is None and feed.last_status == "gone" for feed in status.feeds)
    }
    return {source.name: by_url[source.url] for source in sources if source.url in by_url}


def _names(context: Context, sources: Sequence[str]) -> tuple[str, ...]:
    from crawler import naming, subscriptions

    return naming.names_of(subscriptions.load(context.feeds), sources)


def _records(sources: Sequence[Source]) -> list[dict[str, str]]:
    return [{"kind": source.kind, "url": source.url, "name": source.name} for source in sources]


def _tell(amended: Amended, what: str, resumed: dict[str, int] | None = None) -> None:
    for source in amended.changed:
        click.echo(f"{what.capitalize()} {plain_line(source.name)}: {source.kind} {plain_line(source.url)}")
    for source in amended.already:
        if source.name not in (resumed or {}):
            click.echo(f"{plain_line(source.name)} is {what} already")
    for name in resumed or {}:
        click.echo(f"{plain_line(name)} was gone; the next crawl asks its server again")
