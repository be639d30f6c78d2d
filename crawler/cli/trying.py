"""`cuttings try`: how one page becomes an article, for people whose site went wrong."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli import Context
from crawler.cli.options import json_option, print_json
from storage import Article, Corpus, CorpusMissing, Entry, SiteMemory, open_corpus, plain_line, time_record

if TYPE_CHECKING:
    from crawler.trying import Known, Page, Tried

MOST_BYTES = 20 * 1024 * 1024
"""Of a file; as much as of a page that is fetched."""
FIELDS = ("title", "authors", "published", "updated", "language", "section", "tags", "description", "image")


class _Selector(click.ParamType[str]):
    name = "selector"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from crawler.feeds_values import Unreadable, selector

        try:
            return selector(str(value))
        except Unreadable as problem:
            self.fail(plain_line(str(problem)), param, ctx)


@click.command("try", short_help="Show how a page becomes an article, and which selectors would help.")
@click.argument("page", metavar="URL|FILE")
@click.option("--source", metavar="NAME", help="Whose page it is. [default: the source that named it, or of its site]")
@click.option("--content", type=_Selector(), metavar="CSS", help="Try this `content` in place of the source's.")
@click.option(
    "--strip",
    "strip",
    type=_Selector(),
    multiple=True,
    metavar="CSS",
    help="Try this besides the source's `strip`; may be given several times.",
)
@click.option("--url", metavar="URL", help="The address that FILE came from.")
@click.option(
    "--html",
    "report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a report to look at in a browser.",
)
@json_option
@click.pass_obj
def try_(
    context: Context,
    page: str,
    source: str | None,
    content: str | None,
    strip: tuple[str, ...],
    url: str | None,
    report: Path | None,
    as_json: bool,
) -> None:
    """Show how a page becomes an article: what was kept, what was dropped and by which rule, where every field came
    from, and the selectors that say the same in feeds.yaml.

    The page is fetched as a crawl would, or read from FILE; - is the standard input. Nothing is stored. With --content
    and --strip it shows what these selectors change. Exit status 1 where no article came out.
    """
    from crawler import editing, trying

    config = editing.config_or_bare(context.feeds)
    tried_selectors = trying.Selectors(content, tuple(dict.fromkeys(strip)))
    file = _file(page)
    if url is not None and file is None:
        raise click.UsageError("--url says where a FILE came from; an address speaks for itself")
    address = _address(url if file is not None else page)
    known = _known(context, config, address, source)
    if file is not None:
        tried = trying.try_bytes(_read(file, address), known, tried_selectors)
    else:
        tried = trying.try_address(address, config, known, tried_selectors)
    if report is not None:
        from crawler.cli.try_report import report_page

        editing.write_new(report, report_page(tried), replace=True)
    if as_json:
        print_json(try_record(tried))
    else:
        from crawler.cli.try_display import print_tried

        print_tried(tried, every=context.verbosity > 0)
    if report is not None and not context.quiet:
        click.echo(f"Wrote {report}", err=as_json)
    if not isinstance(tried.explained.result, Article):
        click.get_current_context().exit(1)


def _file(written: str) -> Path | None:
    """The file that is meant, None where an address is."""
    if written == "-":
        return Path("-")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", written):
        return None
    path, (first, *rest) = Path(written), written.split("/")
    named = re.search(r"\.x?html?$" if not rest else r"^(?!localhost$)[^.:]*$|^\.\.?$", first, re.IGNORECASE)
    return path if named or path.exists() else None


def _address(written: str | None) -> str:
    from crawler.cli.subscribing import address_of

    return address_of(written) if written is not None else ""


def _known(context: Context, config: Any, address: str, source: str | None) -> Known:
    from crawler import trying

    try:
        with open_corpus(context.db) as corpus:
            return trying.known_of(config, address, source, corpus, _recall)
    except CorpusMissing:
        return trying.known_of(config, address, source, None, _recall)


def _recall(corpus: Corpus, host: str) -> SiteMemory:
    """What the pages of a host repeat."""
    return corpus.site_memory(host)


def _read(file: Path, address: str) -> Page:
    from crawler.errors import CrawlerError
    from crawler.trying import Page

    try:
        if str(file) == "-":
            body = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as stream:
                body = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise CrawlerError(f"{file}: cannot be read ({error.strerror}); check the name and its permissions") from None
    if len(body) > MOST_BYTES:
        raise CrawlerError(f"{file}: is larger than {MOST_BYTES // 1024 // 1024} MiB; no page is")
    return Page(address, body)


def try_record(tried: Tried) -> dict[str, Any]:
    """What `--json` gives."""
    from crawler.extract.rules import in_words

    explained, result = tried.explained, tried.explained.result
    found = isinstance(result, Article)
    source = tried.known.source
    advice = explained.advice
    return {
        "url": tried.page.url or None,
        "source": source.source.name if source else None,
        "entry": _entry_record(tried.known.entry),
        "pages_remembered": tried.known.memory.pages if tried.known.memory else 0,
        "selectors": {"content": tried.selectors.content, "strip": list(tried.selectors.strip)},
        "unmatched": list(explained.unmatched),
        "outcome": {
            "article": found,
            "reason": None if isinstance(result, Article) else result.reason,
            "detail": None if isinstance(result, Article) else result.detail,
        },
        "fields": _field_records(result) if isinstance(result, Article) else {},
        "text": result.text if isinstance(result, Article) else None,
        "html": result.html if isinstance(result, Article) else None,
        "blocks": [
            {
                "kept": block.kept,
                "rule": block.rule,
                "why": in_words(block.rule),
                "tag": block.tag,
                "words": block.words,
                "text": block.text,
                "path": block.path,
                "selector": block.selector,
            }
            for block in explained.blocks
        ],
        "suggestion": None
        if advice is None
        else {
            "content": advice.content,
            "strip": list(advice.strip),
            "kept": advice.kept,
            "found": advice.found,
            "left": advice.left,
        },
        "changes": None
        if tried.before is None
        else [{"gained": change.gained, "text": change.text} for change in tried.changes],
    }


def _entry_record(entry: Entry | None) -> dict[str, Any] | None:
    return None if entry is None else {"title": entry.title, "published": time_record(entry.published)}


def _field_records(article: Article) -> dict[str, Any]:
    records = {}
    for name in FIELDS:
        value = getattr(article, name)
        records[name] = {
            "value": time_record(value)
            if name in ("published", "updated")
            else list(value)
            if isinstance(value, tuple)
            else value,
            "from": article.provenance.get(name),
            "runners_up": [{"from": rule, "value": other} for rule, other in article.runners_up.get(name, ())],
        }
    return records
