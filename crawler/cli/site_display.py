"""How `status SOURCE` shows what is known of a site: what is polled, how it was found, which links are followed."""

from __future__ import annotations

import click

from crawler.link_memory import is_barred, is_trusted
from storage import KnownFeed, LinkShape, SiteMemory, plain_line

_FOUND = {
    "link": "declared by the page",
    "path": "at a usual place",
    "robots": "named by robots.txt",
    "index": "named by a sitemap index",
    "index2": "named by a sitemap index",
    "section": "a section of the front page",
}
MOST_SHAPES_SHOWN = 12


def print_site(memory: SiteMemory) -> None:
    """What was found behind a source's own address, and what its links taught; nothing where that is all there is."""
    found = [feed for feed in memory.feeds if feed.via in _FOUND]
    missed = [feed for feed in found if feed.via == "path" and not (feed.entries or feed.failures) and feed.reason]
    shown = [feed for feed in found if feed not in missed]
    if shown or missed:
        click.echo("\n  found")
    for feed in shown:
        click.echo(f"    {plain_line(feed.url)}  ({_FOUND[feed.via]})")
    if missed:
        places = "1 usual place" if len(missed) == 1 else f"{len(missed)} usual places"
        click.echo(f"    no feed at {places}; {'it is' if len(missed) == 1 else 'they are'} asked again after 90 days")
    for feed in memory.feeds:
        if feed.left_out:
            click.echo(f"    {_left(feed)}")
    if memory.shapes:
        click.echo("\n  links, by the shape of their address")
        width = max(len(one.shape) for one in memory.shapes[:MOST_SHAPES_SHOWN])
        for one in memory.shapes[:MOST_SHAPES_SHOWN]:
            click.echo(f"    {plain_line(one.shape):<{min(width, 40)}}  {_taught(one)}")
        if len(memory.shapes) > MOST_SHAPES_SHOWN:
            click.echo(f"    and {len(memory.shapes) - MOST_SHAPES_SHOWN} more: --json tells all")


def _left(feed: KnownFeed) -> str:
    return f"{feed.left_out:,} older addresses of {plain_line(feed.url)} are left to `cuttings backfill`"


def _taught(one: LinkShape) -> str:
    tried = one.articles + one.rejected
    waiting = one.named - tried
    rest = f", {waiting:,} others" if waiting else ""
    if not tried:
        return f"nothing learned yet: {one.named:,} named"
    held = f"{one.articles:,} of {tried:,} held one{rest}"
    if is_barred(one):
        return f"not fetched: {held}"
    return f"articles: {held}" if is_trusted(one) else f"judged link by link: {held}"
