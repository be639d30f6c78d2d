"""The commands that fill feeds.yaml: a first one, a source behind an address, the subscriptions of another reader."""

from __future__ import annotations

import contextlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli import Context
from crawler.cli.options import json_option, must_be_free
from storage import plain_line

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.editing import NewSource
    from crawler.finding import Choice, Found, NothingFound
    from crawler.opml import Outlines

_KIND_OF_TITLE = re.compile(
    r"(?:^|\s*[»›:|–—-]\s*|\s+)(?:the\s+)?(?:(?:rss|atom|json|xml)(?:[ -]?2\.0)?(?:[ -]?feed)?|feed|news ?feed)\s*$",
    re.I,
)
LONGEST_TITLE_CHARS = 80


@click.command(short_help="Write a feeds.yaml to start from.")
@click.option("--force", is_flag=True, help="Write over the file that is there.")
@click.option("--empty", is_flag=True, help="Without the selection of news feeds.")
@click.pass_obj
def init(context: Context, force: bool, empty: bool) -> None:
    """Write a commented feeds.yaml to start from, with a selection of news feeds of the world."""
    from crawler import editing

    text = editing.bare_starter() if empty else editing.starter()
    editing.write_new(context.feeds, text, replace=force)
    if not context.quiet:
        following = "Name a site: cuttings add URL" if empty else "Take out what you do not want, then: cuttings crawl"
        click.echo(f"Wrote {context.feeds}. {following}")


@dataclass(slots=True)
class _Tally:
    """What came of each address that was given."""

    added: list[dict[str, Any]] = field(default_factory=list)
    known: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)


@click.command(short_help="Find the feed behind an address and subscribe.")
@click.argument("urls", nargs=-1, required=True, metavar="URL...")
@click.option("--name", metavar="NAME", help="What to call it. [default: the feed's title]")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Tag it; may be given several times.")
@click.option("--yes", is_flag=True, help="Ask nothing, take the best.")
@json_option
@click.pass_obj
def add(
    context: Context, urls: tuple[str, ...], name: str | None, tags: tuple[str, ...], yes: bool, as_json: bool
) -> None:
    """Find the feed behind an address and subscribe to it in feeds.yaml.

    URL is a feed, a sitemap, or any page of a site. Where a page leads to several feeds, you are asked; without a
    terminal, or with --yes, the first is taken.
    """
    if name is not None and len(urls) > 1:
        raise click.UsageError("--name names one source; give one URL")
    from crawler import editing, fetch_once
    from crawler.finding import NothingFound, find_all

    config = editing.config_or_bare(context.feeds)
    tally = _Tally()
    wanted = [address for address in map(address_of, urls) if not _is_known(address, config, tally, context, as_json)]
    found: list[Found | NothingFound] = []
    if wanted:
        with _looking(wanted, quiet=context.quiet or as_json):
            found = fetch_once.run(
                lambda get: find_all(get, wanted),
                config.allow,
                config.contact,
                delay_s=config.delay_s,
                proxy=config.proxy,
            )
    asking = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty()
    for one in found:
        if isinstance(one, NothingFound):
            why = plain_line(one.why.removeprefix(f"{one.asked}: "))
            tally.failed.append({"asked": one.asked, "why": why})
            click.echo(f"{plain_line(one.asked)}: not added: {why}", err=True)
            continue
        choice = _chosen(one, asking=asking, quiet=context.quiet or as_json)
        if choice is None:
            why = "not wanted"
            tally.failed.append({"asked": one.asked, "why": why})
            click.echo(f"{plain_line(one.asked)}: not added: {why}", err=True)
        else:
            config = _subscribe(context, config, one, choice, name, tags, tally, as_json)
    if as_json:
        click.echo(json.dumps({"added": tally.added, "known": tally.known, "failed": tally.failed}, indent=2))
    if tally.failed:
        raise SystemExit(1)


@contextlib.contextmanager
def _looking(wanted: Sequence[str], *, quiet: bool) -> Iterator[None]:
    """A line on a terminal while it lasts: the usual places of one site alone take a dozen seconds, politely."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.text import Text

    what = plain_line(wanted[0]) if len(wanted) == 1 else f"{len(wanted):,} addresses"
    with Console(stderr=True).status(Text(f"looking for feeds behind {what}, a request at a time")):
        yield


def address_of(written: str) -> str:
    """An address as people type it; without a scheme it is https."""
    from crawler.feeds_values import Unreadable, address

    try:
        return address(written if re.match(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)", written) else f"https://{written}")
    except Unreadable as problem:
        raise click.UsageError(f"{plain_line(written) if '@' not in written else 'URL'}: {problem}") from None


def _is_known(address: str, config: Config, tally: _Tally, context: Context, as_json: bool) -> bool:
    from crawler import urls

    for source in config.sources:
        if urls.identity(source.source.url) == urls.identity(address):
            tally.known.append({"url": source.source.url, "name": source.source.name})
            if not as_json and not context.quiet:
                click.echo(f"{plain_line(address)}: subscribed already, as {plain_line(source.source.name)}")
            return True
    return False


def _chosen(found: Found, *, asking: bool, quiet: bool) -> Choice | None:
    """The choice of the person, or the first; None where nothing is wanted."""
    best = found.choices[0]
    if not quiet:
        click.echo(f"{plain_line(found.asked)} {found.how}.")
    if len(found.choices) == 1:
        return best
    if not quiet:
        for number, choice in enumerate(found.choices, 1):
            click.echo(f"  {number:>2}  {plain_line(choice.title or '')}  {plain_line(choice.url)}")
    if not asking:
        return best
    number = click.prompt("Which one? (0: none)", type=click.IntRange(0, len(found.choices)), default=1)
    return found.choices[number - 1] if number else None


def _subscribe(
    context: Context,
    config: Config,
    found: Found,
    choice: Choice,
    name: str | None,
    tags: Sequence[str],
    tally: _Tally,
    as_json: bool,
) -> Config:
    from crawler import editing

    if _is_known(choice.url, config, tally, context, as_json):
        return config
    taken = {source.source.name.casefold() for source in config.sources}
    title = _title(choice.title)
    new = editing.NewSource(
        choice.kind, choice.url, name or (title if title.casefold() not in taken else None) or None, tuple(tags)
    )
    editing.add_or_create(context.feeds, [new])
    config = editing.config_or_bare(context.feeds)
    source = config.sources[-1].source
    tally.added.append(
        {"asked": found.asked, "kind": source.kind, "url": source.url, "name": source.name, "tags": list(source.tags)}
    )
    if not as_json and not context.quiet:
        click.echo(f"Added {plain_line(source.name)}: {source.kind} {plain_line(source.url)}")
    return config


def _title(title: str | None) -> str:
    """A feed's title as the name of a source, without the words that only say that it is a feed."""
    return _KIND_OF_TITLE.sub("", plain_line(title or ""))[:LONGEST_TITLE_CHARS].strip()


@click.group(short_help="Exchange subscriptions with other feed readers.")
def opml() -> None:
    """Take over subscriptions from another feed reader, or hand them to one."""


@opml.command("import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.pass_obj
def import_(context: Context, file: Path) -> None:
    """Subscribe to what an OPML file lists; folders become tags. FILE may be - for the standard input."""
    from crawler import editing
    from crawler import opml as format_

    name = "standard input" if str(file) == "-" else str(file)
    outlines = format_.read(_read(file, format_.MAX_BYTES), name)
    config = editing.config_or_bare(context.feeds)
    new = _new_sources(config, outlines)
    editing.add_or_create(context.feeds, new)
    for row in outlines.bad:
        click.echo(f"{name}:{row.line}: {plain_line(row.problem)}", err=True)
    if not context.quiet:
        known = len(outlines.subscriptions) - len(new)
        click.echo(
            f"{_count(len(new), 'source')} added, {known:,} subscribed already, {outlines.repeated:,} repeated in the "
            f"file, {len(outlines.bad):,} that could not be read"
        )


@opml.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.pass_obj
def export(context: Context, file: Path) -> None:
    """Write the subscriptions as OPML, for any feed reader. FILE may be - for the standard output."""
    from crawler import editing, subscriptions
    from crawler import opml as format_

    config = subscriptions.load(context.feeds)
    rows = [
        format_.Subscription(one.source.url, one.source.name, one.source.tags, one.source.kind, one.opml)
        for one in config.sources
    ]
    document = format_.write(rows)
    if str(file) == "-":
        click.echo(document, nl=False)
        return
    must_be_free(file, context)
    editing.write_new(file, document.decode(), replace=True)
    if not context.quiet:
        click.echo(f"Wrote {_count(len(rows), 'source')} to {file}")


def _read(file: Path, most_bytes: int) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(most_bytes + 1)
    from crawler.errors import ConfigError

    try:
        with file.open("rb") as stream:
            return stream.read(most_bytes + 1)
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); check the name and its permissions") from None


def _new_sources(config: Config, outlines: Outlines) -> list[NewSource]:
    """What is not subscribed yet. Of two sources with one name, the later gets its site in brackets, or none."""
    from crawler import urls
    from crawler.editing import NewSource

    known = {urls.identity(source.source.url) for source in config.sources}
    taken = {source.source.name.casefold() for source in config.sources}
    new = []
    for row in outlines.subscriptions:
        if urls.identity(row.url) in known:
            continue
        attributes, name = dict(row.attributes), row.name
        if name is not None and name.casefold() in taken:
            attributes.setdefault("title", name)
            attributes.setdefault("text", name)
            name = f"{name} ({urls.host(row.url).removeprefix('www.')})"
            name = None if name.casefold() in taken else name
        if name is not None:
            taken.add(name.casefold())
        new.append(NewSource(row.kind, row.url, name, row.tags, attributes))
    return new


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
