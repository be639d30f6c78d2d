"""Options and value types that several commands share."""

from __future__ import annotations

import functools
import json
import os
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import click

from crawler.cli import Context
from storage import Query, escaped_json, is_of_corpus


class _Date(click.ParamType[date]):
    """A day, month or year: 2020-05-25, 2020-05, 2020; the shorter ones mean their first day."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        padded = str(value) + "-01-01"[len(str(value)) - 4 :] if len(str(value)) in (4, 7) else str(value)
        try:
            return date.fromisoformat(padded)
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as 2020-05-25, 2020-05 or 2020", param, ctx)


DATE = _Date()


class _Duration(click.ParamType[float]):
    """A length of time as feeds.yaml has it, 30m or 1h, in seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        from crawler.feeds_values import Unreadable, duration_s

        if isinstance(value, float):
            return value
        try:
            seconds = duration_s(str(value), "30m, 1h or 2d")
        except Unreadable as error:
            self.fail(str(error), param, ctx)
        if seconds < 1:
            self.fail(f"{value!r} is shorter than a second", param, ctx)
        return seconds


DURATION = _Duration()


class _Size(click.ParamType[int]):
    """A number of bytes: 800KB, 500MB, 10GB, 1.5TB in thousands, 500MiB in 1,024s; case does not matter."""

    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"(\d{1,12}(?:\.\d{1,3})?)\s*([kmgt]?)(i?)b", str(value).strip().lower(), re.ASCII)
        if match is None or (match[3] and not match[2]):
            self.fail(f"{value!r} is not a size; write 800KB, 500MB, 10GB or 1.5TB", param, ctx)
        return int(float(match[1]) * (1024 if match[3] else 1000) ** " kmgt".index(match[2] or " "))


SIZE = _Size()


def workers_option(work: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option that says how many processes do the work: `cut pages`."""
    return click.option(
        "--workers",
        envvar="CUTTINGS_WORKERS",
        show_envvar=True,
        type=click.IntRange(min=1),
        metavar="N",
        help=f"Processes that {work}. [default: one a core]",
    )


json_option = click.option("--json", "as_json", is_flag=True, help="One JSON document instead of text for people.")


def filters(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that narrow a search; the command gets one `query: Query` for all of them."""

    @functools.wraps(command)
    def narrowed(
        *args: Any,
        since: date | None,
        until: date | None,
        source: str | None,
        site: str | None,
        language: str | None,
        tag: str | None,
        story: int | None,
        **options: Any,
    ) -> Any:
        query = Query(since=since, until=until, source=source, site=site, language=language, tag=tag, story=story)
        return command(*args, query=query, **options)

    for option in reversed(
        [
            click.option("--since", type=DATE, metavar="DATE", help="Published that day or later."),
            click.option("--until", type=DATE, metavar="DATE", help="Published before that day."),
            click.option("--source", metavar="NAME", help="Named by that source."),
            click.option("--site", metavar="DOMAIN", help="Published on that site."),
            click.option("--language", metavar="CODE", help="In that language: en, fr, zh, ..."),
            click.option("--tag", metavar="TAG", help="Of a source with that tag, or tagged so by its publisher."),
            click.option("--story", type=click.IntRange(min=1), metavar="NUMBER", help="Of that story."),
        ]
    ):
        narrowed = option(narrowed)
    return narrowed


def print_json(document: object) -> None:
    """Write a document of which some may be from strangers: it means the same, and no terminal obeys it."""
    click.echo(escaped_json(json.dumps(document, ensure_ascii=False, indent=2)))


def must_be_free(written: Path, context: Context) -> None:
    """Raises where a file would take the place of what it is made from."""
    is_feeds = os.path.realpath(written) == os.path.realpath(context.feeds)
    if is_feeds or is_of_corpus(written, context.db):
        what = "is the list of subscriptions" if is_feeds else "belongs to the corpus"
        raise click.UsageError(f"{written} {what}: give another name")
