"""`cuttings export`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import get_args

import click

from crawler.cli import Context, asking
from crawler.cli.export_cursor import held
from crawler.cli.export_files import MANIFEST, Draft, Mode, drafted
from crawler.cli.options import filters, must_be_free
from storage import (
    Corpus,
    ExportCursor,
    ExportKind,
    Manifest,
    Progress,
    Query,
    Selection,
    StoredArticle,
    Tally,
    WarcCounts,
    in_words,
    open_corpus,
    plain_line,
    write_csv,
    write_epub,
    write_jsonl,
    write_markdown,
    write_parquet,
    write_warc,
)

_BY_ENDING: dict[str, ExportKind] = {
    ".csv": "csv",
    ".parquet": "parquet",
    ".epub": "epub",
    ".warc": "warc",
    ".warc.gz": "warc",
}
_OF_OTHERS = frozenset(
    (
        *(".db", ".docx", ".htm", ".html", ".markdown", ".md", ".mobi", ".ods", ".odt", ".pdf", ".rss", ".sqlite"),
        *(".tsv", ".xls", ".xlsx", ".xml", ".bz2", ".gz", ".xz", ".zip", ".zst"),
    )
)
"""Endings that promise what JSON Lines are not."""
_MODES: dict[ExportKind, Mode] = {"jsonl": "w", "csv": "w", "markdown": "folder"}
_MOST_TOLD = 10
"""Articles without a raw page that are named."""


@click.command(short_help="Write articles as lines, rows, a table, notes or a book, or their raw pages.")
@click.argument("words", nargs=-1, metavar="[QUERY]")
@click.option(
    "--format",
    "kind",
    type=click.Choice(get_args(ExportKind)),
    help="[default: by the ending of FILE, else jsonl]",
)
@filters
@click.option("--one-per-story", is_flag=True, help="Of copies that match, only the one that ran first.")
@click.option("--output", "-o", type=click.Path(path_type=Path), metavar="FILE", help="[default: standard output]")
@click.option(
    "--manifest/--no-manifest",
    "with_manifest",
    default=True,
    help="Whether to tell in FILE.manifest.json what was asked and what came of it, with a sum of each file.",
    show_default=True,
)
@click.option(
    "--continue",
    "cursor",
    type=click.Path(path_type=Path),
    metavar="CURSOR",
    help="Only what was filed or revised since the last export with this file, which is brought up to date.",
)
@click.pass_obj
def export(
    context: Context,
    words: tuple[str, ...],
    kind: ExportKind | None,
    query: Query,
    one_per_story: bool,
    output: Path | None,
    with_manifest: bool,
    cursor: Path | None,
) -> None:
    """Write every article, or those that match: one line, row or file each.

    The file appears whole or not at all; memory stays flat however many articles there are. As markdown, FILE is a new
    folder with a file for each article. As warc it is the raw pages that the articles were cut from, as servers
    sent them; articles without one are named.

    With --continue the first export writes everything, and each later one what is new then, by the order of filing; an
    article that was revised comes again. No article is left out and none comes twice, even while a crawl files.
    """
    for written in filter(None, (output, cursor)):
        must_be_free(written, context)
    kind = kind or _kind_of(output)
    mode = _MODES.get(kind, "wb")
    if mode == "folder" and output is None:
        raise click.UsageError("markdown is a folder of files: give its name with --output")
    if mode == "wb" and output is None and sys.stdout.isatty():
        raise click.UsageError(f"{kind} is not for a terminal: give a file with --output")
    if cursor is not None and output is not None and _are_one(cursor, output):
        raise click.UsageError("the cursor and the export are two files: give them two names")
    with open_corpus(context.db) as corpus, held(cursor) if cursor is not None else nullcontext() as file:
        asked = ExportCursor(kind, asking.asked(context, query, words), one_per_story, Progress())
        after = file.read(asked) if file is not None else None
        selection, tally = corpus.select(asked.query, one_per_story=one_per_story, after=after), Tally()
        with drafted(output, mode) as draft:
            articles = tally.counting(corpus.selected(selection))
            warc = _write(asked, articles, draft, (corpus, selection, output))
            if with_manifest:
                draft.tell(Manifest(kind, asked.query, one_per_story, selection, tally, warc))
        if file is not None:
            file.write(replace(asked, progress=tally.progress(selection)))
    if output is not None and not context.quiet:
        count, noun = (tally.articles, "article") if warc is None else (warc.pages, "page")
        click.echo(f"{count:,} {noun}{'' if count == 1 else 's'} written to {output}", err=True)
    if warc is not None and warc.missing:
        _tell_missing(warc)


def _are_one(cursor: Path, output: Path) -> bool:
    files = {output.with_name(f"{output.name}{ending}") for ending in ("", MANIFEST)} if output.name else {output}
    return os.path.realpath(cursor) in map(os.path.realpath, files)


def _kind_of(output: Path | None) -> ExportKind:
    name = output.name.lower() if output is not None else ""
    kind = next((kind for ending, kind in _BY_ENDING.items() if name.endswith(ending)), None)
    if kind is None and output is not None and output.suffix.lower() in _OF_OTHERS:
        known = ", ".join((".jsonl", *_BY_ENDING))
        raise click.UsageError(f"no format has the ending {output.suffix}; use one of {known}, or say --format")
    return kind or "jsonl"


def _write(
    asked: ExportCursor,
    articles: Iterable[StoredArticle],
    draft: Draft,
    taken: tuple[Corpus, Selection, Path | None],
) -> WarcCounts | None:
    """Write all of them; of a WARC, what came of it."""
    corpus, selection, output = taken
    match asked.kind:
        case "jsonl":
            write_jsonl(articles, draft.text)
        case "csv":
            write_csv(articles, draft.text)
        case "parquet":
            write_parquet(articles, draft.binary)
        case "epub":
            write_epub(articles, draft.binary, asked.query.words.strip() or "All articles")
        case "markdown":
            assert draft.folder is not None
            write_markdown(articles, draft.folder, draft.wrote)
        case "warc":
            is_packed = output is None or output.suffix.lower() != ".warc"
            at, asked_for = selection.position.at, in_words(asked.query)
            return write_warc(articles, corpus, draft.binary, at=at, description=asked_for, is_packed=is_packed)
    return None


def _tell_missing(warc: WarcCounts) -> None:
    """What is missing is said even where little is to be said."""
    told = (
        "1 article has no raw page and is"
        if warc.missing == 1
        else f"{warc.missing:,} articles have no raw page and are"
    )
    click.echo(f"{told} missing:", err=True)
    for missing in warc.named[:_MOST_TOLD]:
        click.echo(f"  {missing.article_id} {plain_line(missing.url)}: {plain_line(missing.why)}", err=True)
    if warc.missing > _MOST_TOLD:
        click.echo(f"  and {warc.missing - _MOST_TOLD:,} more", err=True)
