"""How `status SOURCE` shows what the links of a site taught: which shapes of addresses are followed."""

from __future__ import annotations

from collections.abc import Sequence

import click

from crawler.link_memory import is_barred, is_trusted
from storage import LinkShape, plain_line

MOST_SHAPES_SHOWN = 12


def print_shapes(shapes: Sequence[LinkShape]) -> None:
    """The commonest shapes, with what became of their pages; nothing where nothing is learned from links."""
    shown = shapes[:MOST_SHAPES_SHOWN]
    if shown:
        click.echo("\n  links, by the shape of their address")
    width = max((len(one.shape) for one in shown), default=0)
    for one in shown:
        click.echo(f"    {plain_line(one.shape):<{min(width, 40)}}  {_taught(one)}")
    if len(shapes) > len(shown):
        click.echo(f"    and {len(shapes) - len(shown)} more: --json tells all")


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
