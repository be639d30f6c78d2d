"""`cuttings demo`: the sample newspaper on loopback, crawled by the same code as any other crawl, then searched."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from pathlib import Path

import click

from crawler import report, run, subscriptions
from crawler.cli import display
from crawler.desk import Scope
from crawler.errors import CrawlerError
from crawler.sample import feeds_yaml, newspaper, serve
from storage import Corpus, open_corpus


def run_demo(keep: str | None, query: str, *, quiet: bool) -> None:
    """Serve, crawl, report, search. With `keep` the corpus and feeds.yaml stay in that folder, else nothing does."""
    with ExitStack() as stack:
        folder = Path(keep) if keep else Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cuttings-demo-")))
        folder.mkdir(parents=True, exist_ok=True)
        db = folder / "cuttings.db"
        if db.exists():
            raise CrawlerError(f"{db}: there is a corpus already; choose another folder for --keep")
        paper = newspaper()
        port = stack.enter_context(serve(paper))
        feeds = folder / "feeds.yaml"
        feeds.write_text(feeds_yaml(port), encoding="utf-8")
        config = subscriptions.load(feeds)
        if not quiet:
            click.echo(f"A sample newspaper of {len(config.sources)} sites is served on this machine, port {port}.")
            for source in config.sources:
                click.echo(f"  {source.source.name:<24} {source.source.url}")
            click.echo("\nCrawling it.\n")
        done = run.crawl(config, str(db), Scope(force=True))
        click.echo(report.summary(done.tally, done.elapsed_s))
        with open_corpus(db) as corpus:
            _tell(corpus, query, quiet)
        if keep:
            click.echo(f"\nThe corpus is {db}. Try: cuttings --db {db} search harbour")


def _tell(corpus: Corpus, query: str, quiet: bool) -> None:
    if not quiet:
        click.echo(f"\nSearching it: cuttings search {query}\n")
    display.print_results(corpus.search(query, limit=3), corpus.count(query), 0)
