"""`cuttings watch`."""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import shlex
import stat
import struct
import sys
import termios
import time
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from crawler.cli import Context
from crawler.cli.display import ago, bold, dim
from crawler.cli.options import DATE, json_option, print_json
from crawler.cli.status_display import watch_words
from crawler.errors import ConfigError
from storage import (
    MOST_ARTICLES,
    StorageError,
    Watch,
    Watches,
    WatchState,
    json_line,
    open_watches,
    plain_line,
    record,
    watch_record,
)

if TYPE_CHECKING:
    from crawler.config import Config, WatchConfig

LOOK_S = 2.0
"""Between two looks of --follow; a look costs a millisecond."""
SHORTEST_WAIT_S, LONGEST_WAIT_S = 0.0002, 0.05
"""Between two looks whether a pipe was read to its end; each is twice as long as the one before."""


@click.command(short_help="See what watches wait for; write or send what is new.")
@click.argument("name", required=False)
@click.option("--stdout", "writes", is_flag=True, help="Write new articles as JSON Lines; each is written once.")
@click.option("--follow", is_flag=True, help="With --stdout: go on until stopped.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="With --stdout: write at most N articles.")
@click.option("--send", "sends", is_flag=True, help="Post new articles to webhooks now, as every crawl does.")
@click.option("--since", type=DATE, metavar="DATE", help="Begin with what was first seen that day or later.")
@click.option("--all", "everything", is_flag=True, help="Begin with everything that is in the corpus.")
@click.option("--resume", is_flag=True, help="Try again now: after 410, failures, and what was given up.")
@json_option
@click.pass_obj
def watch(
    context: Context,
    name: str | None,
    writes: bool,
    follow: bool,
    limit: int | None,
    sends: bool,
    since: date | None,
    everything: bool,
    resume: bool,
    as_json: bool,
) -> None:
    """List the watches of feeds.yaml: what each searches for, what it gave, what waits, what is the matter.

    NAME is one of them. With --stdout what is new of it is written, and with --send posted to its webhook, each article
    once; the beginning of a new watch is the present. --since and --all let it begin earlier, and go well with both.
    """
    from crawler import subscriptions

    config = subscriptions.load(context.feeds)
    chosen = None if name is None else _named(config, name)
    _check_usage(chosen, writes=writes, follow=follow, limit=limit, sends=sends, as_json=as_json)
    if (since or everything or resume) and chosen is None:
        raise click.UsageError("--since, --all and --resume are for one watch; give its NAME")
    if since and everything:
        raise click.UsageError("--since and --all say where to begin; take one of them")
    now = datetime.now(UTC)
    with open_watches(context.db) as watches:
        watches.keep([one.watch for one in config.watches], now)
        if chosen is not None and (since or everything):
            watches.rewind(chosen.watch.name, None if everything else since)
        if chosen is not None and resume:
            watches.resume(chosen.watch.name, now)
    if chosen is not None and writes:
        _pipe(context.db, chosen.watch, limit, follow=follow)
    elif sends:
        _send(context, config, None if chosen is None else chosen.watch.name)
    else:
        _list(context, config, chosen, as_json=as_json)


def send_after_crawl(context: Context, config: Config, *, as_json: bool) -> None:
    """Send what a crawl brought. Whatever is wrong with it, the crawl was done: what was not sent waits."""
    from crawler.alerts.sending import AFTER_CRAWL_S

    try:
        _send(context, config, None, AFTER_CRAWL_S, as_json=as_json)
    except StorageError as error:
        click.echo(f"Alerts: {plain_line(str(error))}", err=True)


def _send(
    context: Context, config: Config, only: str | None, most_s: float | None = None, *, as_json: bool = False
) -> None:
    """Send what is due and new; say what was sent, and what could not be. A receiver that fails is no error of ours:
    what it did not take waits."""
    from crawler.alerts import sending

    if not sending.has_webhooks(config):
        return
    sent = sending.send_all(config, context.db, only=only, most_s=most_s)
    if sent.posts and not (context.quiet or as_json):
        click.echo(f"Alerts: {sent.words()}")
    for trouble in (*sent.troubles, *sent.stuck):
        click.echo(trouble, err=True)


def _check_usage(
    chosen: WatchConfig | None, *, writes: bool, follow: bool, limit: int | None, sends: bool, as_json: bool
) -> None:
    if writes and chosen is None:
        raise click.UsageError("--stdout writes what one watch finds; give its NAME")
    if (follow or limit is not None) and not writes:
        raise click.UsageError("--follow and --limit are for --stdout")
    if follow and limit is not None:
        raise click.UsageError("--follow has no end, and --limit sets one; take one of them")
    if sum((writes, sends, as_json)) > 1:
        raise click.UsageError("--stdout, --send and --json do different things; take one of them")
    if chosen is not None and writes and chosen.webhook is not None:
        raise click.UsageError(
            f"{plain_line(chosen.watch.name)} has a webhook, and its articles go there; "
            "write a second watch without one for --stdout"
        )
    if chosen is not None and sends and chosen.webhook is None:
        raise click.UsageError(f"{plain_line(chosen.watch.name)} has no webhook; --stdout writes what it finds")


def _named(config: Config, name: str) -> WatchConfig:
    for one in config.watches:
        if one.watch.name.casefold() == " ".join(name.split()).casefold():
            return one
    known = ", ".join(plain_line(one.watch.name) for one in config.watches[:10])
    hint = f"there are {known}" if known else "write one under watch:"
    raise ConfigError(plain_line(f"{config.path}: there is no watch {name!r}; {hint}"))


def _pipe(db: str, watch: Watch, limit: int | None, *, follow: bool) -> None:
    """Write what is new; to follow, look again and again. The corpus is opened anew each time: its index may have been
    replaced."""
    with contextlib.suppress(*[KeyboardInterrupt] * follow):  # it is how following ends
        while True:
            with open_watches(db) as watches:
                _write(watches, watch, limit)
            if not follow or _reader_goes(LOOK_S):
                return


def _write(watches: Watches, watch: Watch, limit: int | None) -> None:
    """Write what is new, a line an article. Each counts as given once the reader has taken its line, so that one whose
    reader goes away meanwhile is written again. Raises BrokenPipeError where it goes."""
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    left = limit
    while True:
        fresh = watches.fresh(watch, MOST_ARTICLES if left is None else min(left, MOST_ARTICLES))
        begins = fresh.begins
        for article, place in zip(fresh.articles, fresh.places, strict=True):
            sys.stdout.write(json_line(record(article)))
            sys.stdout.flush()
            _await_reader(sys.stdout.fileno())
            watches.give(watch, [article], begins, place, datetime.now(UTC))
            begins = place
        if left is not None:
            left -= len(fresh.articles)
            if left == 0:
                return
        if not fresh.articles:
            if fresh.ends != begins:
                watches.give(watch, [], begins, fresh.ends, datetime.now(UTC))
            return


def _reader_goes(within_s: float = 0.0) -> bool:
    """Whether nobody reads our output any more: else a quiet watch would run for ever behind a pipe that was closed."""
    output = select.poll()
    output.register(sys.stdout.fileno(), 0)
    return any(event & (select.POLLERR | select.POLLHUP) for _, event in output.poll(within_s * 1000))


def _await_reader(output: int) -> None:
    """Wait until a pipe is empty: what lies in it when `head`, say, has enough is lost to everybody. What is no pipe
    has taken what was written to it."""
    wait_s = SHORTEST_WAIT_S
    while stat.S_ISFIFO(os.fstat(output).st_mode):
        (unread,) = struct.unpack("i", fcntl.ioctl(output, termios.FIONREAD, b"\0" * struct.calcsize("i")))
        if not unread:
            return
        if _reader_goes():
            raise BrokenPipeError
        time.sleep(wait_s)
        wait_s = min(2 * wait_s, LONGEST_WAIT_S)


def _list(context: Context, config: Config, chosen: WatchConfig | None, *, as_json: bool) -> None:
    with open_watches(context.db) as watches:
        states = watches.states()
    listed = {one.watch.name: one for one in config.watches}
    shown = [state for state in states if state.name in listed and chosen in (None, listed[state.name])]
    if as_json:
        print_json([watch_record(state) for state in shown])
    elif not shown:
        click.echo(f"No watch yet: write one under `watch:` in {config.path}")
    else:
        now = datetime.now(UTC)
        for state in shown:
            _print(state, listed[state.name], now)


def _print(state: WatchState, config: WatchConfig, now: datetime) -> None:
    search = plain_line(state.search) or "every article"
    click.echo(f"{bold(plain_line(state.name))}  {search}")
    if config.webhook is None:
        where = f"for `cuttings watch {shlex.quote(plain_line(state.name))} --stdout`"
    else:
        signed = "signed" if config.secret else "not signed"
        where = f"to {plain_line(urlsplit(config.webhook).netloc)}, {signed}"
    last = f", last {ago(state.last_given, now)}" if state.last_given else ""
    waits = f"; {state.waiting:,} wait" if state.waiting else ""
    unseen = f"; {state.unseen:,} not looked at yet" if state.unseen else ""
    click.echo(dim(f"  {where}; {state.given:,} given{last}{waits}{unseen}"))
    trouble = watch_words(state, now)
    if trouble is not None:
        click.echo(click.style(f"  {plain_line(trouble)}", fg="red"))
