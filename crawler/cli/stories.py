"""The commands that tell who copied whom: `stories`, and what `show --story` prints. None of them loads Scrapy."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from datetime import datetime

import click

from crawler.cli import Context, asking
from crawler.cli.display import bold, day, dim, print_facts
from crawler.cli.options import filters, json_option, print_json
from storage import (
    ArticleLink,
    LinkKind,
    Query,
    Story,
    StoryCopy,
    StorySort,
    StorySummary,
    changed_words,
    open_corpus,
    plain_line,
    summary_record,
)

FILE_WIDTH = 100
"""Columns where nobody is looking."""
MOST_LINKS = 8
"""Shown of an article; `--json` has all."""

SAID = {
    (LinkKind.COPY, True): "same text as",
    (LinkKind.COPY, False): "same text as",
    (LinkKind.EXCERPT, True): "excerpt of",
    (LinkKind.EXCERPT, False): "excerpted by",
    (LinkKind.COMPILATION, True): "holds",
    (LinkKind.COMPILATION, False): "held by",
    (LinkKind.RELATED, True): "related to",
    (LinkKind.RELATED, False): "related to",
    (LinkKind.TEMPLATE, True): "same form as",
    (LinkKind.TEMPLATE, False): "same form as",
    (LinkKind.SYNDICATED_FROM, True): "names as origin",
    (LinkKind.SYNDICATED_FROM, False): "origin of",
}
"""What a link says of the article from which it is seen. Which of two equal texts is the copy is told by when they ran,
and not by which was filed first."""


@click.command(short_help="List the stories that were copied, and who ran them first.")
@click.argument("words", nargs=-1, metavar="[QUERY]...")
@filters
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, metavar="N", help="Stories at most."
)
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="Stories to skip.")
@click.option(
    "--sort", type=click.Choice(["widest", "newest", "oldest"]), default="widest", show_default=True, help="Order."
)
@json_option
@click.pass_obj
def stories(
    context: Context, words: tuple[str, ...], query: Query, limit: int, offset: int, sort: StorySort, as_json: bool
) -> None:
    """List stories of several articles: copies of one text, trimmed or under other headlines. The widest first: those
    that most sites ran.

    Words and options are those of `cuttings search`; a story is listed where one of its articles matches, and counted
    whole. `cuttings show --story NUMBER` tells who ran it first and what became of it.
    """
    asked = asking.asked(context, query, words)
    with open_corpus(context.db) as corpus:
        found = corpus.stories(asked, sort=sort, limit=limit, offset=offset)
        total = corpus.count_stories(asked)
    if as_json:
        document = {"query": asked.words, "total": total, "stories": [summary_record(one) for one in found]}
        print_json(document)
        return
    for one in found:
        _print_summary(one)
    shown = f"{offset + 1}-{offset + len(found)} of " if total > len(found) and found else ""
    click.echo(dim(f"{shown}{total:,} stor{'y' if total == 1 else 'ies'} of several articles"))


def _print_summary(story: StorySummary) -> None:
    first = f"first on {story.first.site}, {day(story.first.ran, time=True)}"
    spread = f"{story.copies:,} articles on {_counted(story.sites)}, the last {day(story.last_ran, time=True)}"
    click.echo(f"{dim(f'{story.id:>6}')}  {_cut(bold, story.first.title or '(no title)', 8)}")
    for line in (first, spread):
        click.echo(f"        {_cut(dim, line, 8)}")
    click.echo()


def _counted(sites: int) -> str:
    return f"{sites:,} site{'' if sites == 1 else 's'}"


def print_story(story: Story) -> None:
    """A story: its copies in the order in which they ran, each with what ties it to the first."""
    first = story.first
    click.echo(_cut(bold, first.article.title or "(no title)", 0))
    sites = len({copy.article.site for copy in story.copies})
    if story.total == 1:
        told = "nobody copied it"
    elif len(story.copies) == story.total:
        told = f"{story.total:,} articles on {_counted(sites)}"
    else:
        told = f"{story.total:,} articles, the first {len(story.copies):,} of them on {_counted(sites)}"
    click.echo(dim(f"story {story.id}: {told}\n"))
    for place, copy in enumerate(story.copies, 1):
        _print_copy(place, copy, first)


def _print_copy(place: int, copy: StoryCopy, first: StoryCopy) -> None:
    article = copy.article
    is_first = article.id == first.article.id
    click.echo(f"{place:>3}. {_cut(bold, article.site, 5)}")
    lines = {"ran": f"{day(copy.ran, time=True)}{'' if is_first else f' ({later(first.ran, copy.ran)})'}"}
    if article.title != first.article.title:
        lines["headline"] = article.title or "(none)"
    lines["words"] = f"{article.word_count:,}" + ("" if is_first else f" ({_against(article.word_count, first)})")
    if not is_first:
        lines["changed"] = _changed(first, copy)
    within = [link for link in copy.links if link.other.story_id == article.story_id and link.containment is not None]
    if within and not is_first:
        lines["shared"] = _shared(within, first.article.id)
    lines |= said([link for link in copy.links if link not in within])
    lines["article"] = f"{article.id} {article.url}"
    print_facts(lines, indent=5)
    click.echo()


def _changed(first: StoryCopy, copy: StoryCopy) -> str:
    """How many of the first one's words went, and how many came."""
    gone, come = changed_words(first.article.text, copy.article.text)
    return f"{gone:,} words of the first went, {come:,} came" if gone or come else "nothing"


def _shared(links: Sequence[ArticleLink], first_id: int) -> str:
    """What a copy has of the first, or of that which it is most like, where it was not compared with the first."""
    link = next((link for link in links if link.other.id == first_id), links[0])
    of = "" if link.other.id == first_id else f", with {link.other.id} {link.other.site}"
    return f"{link.containment:.0%} of the shorter text, {link.shared_words:,} words{of}"


def _against(words: int, first: StoryCopy) -> str:
    more = words - first.article.word_count
    return "as many as the first" if not more else f"{abs(more):,} {'more' if more > 0 else 'fewer'} than the first"


def later(first: datetime, then: datetime) -> str:
    """`25 min later`, in words."""
    seconds = int((then - first).total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit} later"
    return "at the same time"


def said(links: Sequence[ArticleLink]) -> dict[str, str]:
    """What each link says, and of which articles; the strongest first."""
    told: dict[str, list[str]] = {}
    for link in links[:MOST_LINKS]:
        share = "" if link.containment is None else f" ({link.containment:.0%}, {link.shared_words:,} words)"
        other = f"{link.other.id} {plain_line(link.other.site)}{share}"
        told.setdefault(SAID[link.kind, link.is_backward], []).append(other)
    if len(links) > MOST_LINKS:
        told["and"] = [f"{len(links) - MOST_LINKS:,} more; --json tells all"]
    return {name: "\n".join(others) for name, others in told.items()}


def _cut(style: object, text: str, indent: int) -> str:
    """One safe line, no longer than the window."""
    width = shutil.get_terminal_size((FILE_WIDTH, 24)).columns - indent if sys.stdout.isatty() else None
    line = plain_line(text)
    if width is not None and len(line) > width > 1:
        line = line[: width - 1] + "…"
    assert callable(style)
    return str(style(line))
