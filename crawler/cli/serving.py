"""`cuttings serve`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from crawler import urls
from crawler.cli import Context
from storage import DEFAULT_PORT, Serving, read_token
from storage import serve as serve_corpus


@click.command(short_help="Serve the corpus: web page, JSON API, feeds of any search.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=DEFAULT_PORT,
    show_default=True,
    help="The port to listen on; 0 takes a free one.",
)
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A file with the token that visitors need. [env: CUTTINGS_TOKEN, the token itself]",
)
@click.option("--name", "names", multiple=True, metavar="HOST", help="A further name of this server; may be repeated.")
@click.option("--url", metavar="URL", help="Its address behind a proxy, https://cuttings.example.org/ say.")
@click.option("--title", default="Cuttings", show_default=True, help="What stands at the head of its pages.")
@click.pass_obj
def serve(
    context: Context,
    host: str,
    port: int,
    token_file: Path | None,
    names: tuple[str, ...],
    url: str | None,
    title: str,
) -> None:
    """Serve the corpus until stopped: pages for people, a JSON API for programs, feeds of any search for readers.

    It listens on this machine alone unless --host says otherwise; then a token is needed, which browsers and feed
    readers ask for as a password. It only reads: a crawl may go on beside it.
    """
    token = read_token(token_file) if token_file is not None else os.environ.get("CUTTINGS_TOKEN") or None
    serving = Serving(host, port, token, names, url, title)

    def ready(address: str) -> None:
        if not context.quiet:
            click.echo(f"{title} is at {address} (Ctrl-C stops it)", err=True)

    serve_corpus(context.db, serving, identity=_identity, ready=ready)


def _identity(url: str) -> str | None:
    address = urls.normalize(url) or urls.normalize(f"https://{url}")
    return None if address is None else urls.identity(address)
