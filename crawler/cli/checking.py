"""The command that examines a corpus: `check`."""

from __future__ import annotations

import click

from crawler.cli import Context
from crawler.cli.display import dim
from crawler.cli.options import json_option, print_json
from storage import Corpus, Finding, open_corpus, plain_line


@click.command(short_help="Examine the corpus, its indexes and its archive.")
@click.option("--rebuild", is_flag=True, help="Make the search index and the copy index anew first.")
@json_option
@click.pass_obj
def check(context: Context, rebuild: bool, as_json: bool) -> None:
    """Examine whether the corpus is whole, its indexes fit it, and its raw pages are where it says; exit status 1 where
    something is wrong.

    With --rebuild both indexes are made anew from the articles, which takes a minute for some 50,000. Nothing is lost
    by that; if it is interrupted, the next crawl completes them.
    """
    made: list[str] = []
    if rebuild:
        with open_corpus(context.db, write=True, create=False) as corpus:
            made = _rebuilt(corpus)
    with open_corpus(context.db) as corpus:
        found = corpus.check()
    if as_json:
        parts = [{"part": one.part, "told": one.told, "problem": one.problem} for one in found]
        print_json({"rebuilt": made, "parts": parts})
    elif not context.quiet:
        for part in made:
            click.echo(f"{part}: made anew")
        _print(found)
    if any(one.problem for one in found):
        click.get_current_context().exit(1)


def _rebuilt(corpus: Corpus) -> list[str]:
    from crawler import copies

    corpus.rebuild(copies.prints, copies.VERSION)
    while corpus.index():
        pass
    return ["search index", "copy index"]


def _print(found: list[Finding]) -> None:
    width = max(len(one.part) for one in found)
    for one in found:
        state = click.style("bad ", fg="red") if one.problem else click.style("good", fg="green")
        click.echo(plain_line(f"{one.part:<{width}}").ljust(width) + f"  {state}  {dim(plain_line(one.told))}")
        if one.problem:
            click.echo(f"{'':<{width}}  {plain_line(one.problem)}")
