"""Prints how an article changed: every text with what was done to it, and word by word what one became."""

from __future__ import annotations

from collections.abc import Sequence

import click

from crawler.cli.display import bold, day, dim, wrapped
from storage import Revision, Run, StoredArticle, changed_words, plain_line, plain_text, words_diff

MARKS = {"deleted": ("[-", "-]", "red"), "inserted": ("{+", "+}", "green")}
"""As `git diff --word-diff` writes them: to be read without colours too."""


def print_revisions(article: StoredArticle, texts: Sequence[Revision]) -> None:
    """Every text that an article has had, the first first, with what became of it."""
    click.echo(bold(plain_line(article.title or "(no title)")))
    if article.gone is not None:
        click.echo(f"Its page was found gone on {day(article.gone, time=True)}.")
    before: Revision | None = None
    for text in texts:
        click.echo(f"\n{dim(f'revision {text.number}, fetched {day(text.fetched, time=True)}')}")
        if before is None:
            click.echo(f"the first text, {len(text.text.split()):,} words")
        else:
            click.echo(f"{text.change or 'changed'}: {_sizes(before, text)}")
        if before is None or (before.title or "") != (text.title or ""):
            click.echo(f"title: {plain_line(text.title or '(no title)')}")
        before = text
    if len(texts) > 1:
        click.echo(dim(f"\ncuttings show {article.id} --diff shows the last change word by word, --diff 2 the first"))


def _sizes(before: Revision, after: Revision) -> str:
    gone, come = changed_words(before.text, after.text)
    return f"{gone:,} {'word' if gone == 1 else 'words'} went, {come:,} came"


def print_diff(article: StoredArticle, old: Revision, new: Revision) -> None:
    """What an earlier text became, paragraphs that stayed left out."""
    click.echo(bold(plain_line(article.title or "(no title)")))
    click.echo(
        dim(
            f"revision {old.number}, fetched {day(old.fetched, time=True)}, to "
            f"revision {new.number}, fetched {day(new.fetched, time=True)}"
        )
    )
    if (old.title or "") != (new.title or ""):
        click.echo(f"\n{wrapped('title: ' + _marked(words_diff(old.title or '', new.title or '')))}")
    left = 0
    for line in _lines(words_diff(old.text, new.text)):
        if all(run.op == "equal" for run in line):
            left += bool("".join(run.text for run in line).strip())
            continue
        _tell_left(left)
        left = 0
        click.echo(f"\n{wrapped(_marked(line))}")
    _tell_left(left)


def _tell_left(count: int) -> None:
    if count:
        click.echo(dim(f"\n({count:,} {'paragraph' if count == 1 else 'paragraphs'} as before)"))


def _lines(runs: Sequence[Run]) -> list[list[Run]]:
    """The runs of each line of both texts together."""
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *others = run.text.split("\n")
        lines[-1].append(Run(run.op, first))
        lines.extend([Run(run.op, other)] for other in others)
    return [[run for run in line if run.text] for line in lines]


def _marked(runs: Sequence[Run]) -> str:
    parts: list[str] = []
    for run in runs:
        text = plain_text(run.text)
        if run.op == "equal":
            parts.append(text)
        elif text:
            begin, end, colour = MARKS[run.op]
            parts.append(click.style(f"{begin}{text}{end}", fg=colour))
    return "".join(parts)
