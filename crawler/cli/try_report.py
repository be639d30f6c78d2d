"""`cuttings try --html`: one page to look at in a browser, the cut beside the page.

It holds words of strangers, so everything is escaped, and its own policy forbids scripts, pictures and requests of any
kind; what it looks like is in the page itself.
"""

from __future__ import annotations

import textwrap
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from crawler.cli.display import day
from crawler.cli.try_display import advice_words, advice_yaml
from crawler.extract.rules import in_words
from storage import Article, plain_line, plain_text

if TYPE_CHECKING:
    from crawler.extract.explained import BlockVerdict
    from crawler.trying import Tried

STYLE = """
:root { color-scheme: light dark; --page: #fcfcfa; --ink: #1d2226; --dim: #5c666e; --line: #d5d9dc;
  --kept: #1a6b3c; --kept-back: #e6f3ea; --out: #9a3412; --out-back: #f6ece6; --mark: #1f5fa8; }
@media (prefers-color-scheme: dark) { :root { --page: #15181b; --ink: #e4e7ea; --dim: #9aa5ad; --line: #343b41;
  --kept: #7fd3a0; --kept-back: #17301f; --out: #f0a583; --out-back: #33221a; --mark: #8ab8ee; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1rem; background: var(--page); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.1rem; margin: 1.5rem 0 .5rem; }
code, pre { font: .875rem/1.5 ui-monospace, monospace; }
pre { margin: 0; padding: .75rem; border: 1px solid var(--line); border-radius: .4rem; white-space: pre-wrap; }
a { color: var(--mark); }
:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
table { border-collapse: collapse; }
th, td { text-align: start; vertical-align: top; padding: .2rem .75rem .2rem 0; }
th { color: var(--dim); font-weight: 400; white-space: nowrap; }
.dim { color: var(--dim); }
.sides { display: grid; gap: 1.5rem; grid-template-columns: 1fr; }
@media (min-width: 60rem) { .sides { grid-template-columns: 1fr 1fr; } }
.blocks { list-style: none; margin: .75rem 0 0; padding: 0; }
.blocks li { margin: 0 0 .3rem; border-inline-start: .3rem solid; padding: .15rem .6rem; }
.kept { border-color: var(--kept) !important; background: var(--kept-back); }
.out { border-color: var(--out) !important; background: var(--out-back); }
summary { cursor: pointer; }
.rule { font-size: .8rem; font-weight: 600; margin-inline-end: .5rem; }
.kept .rule { color: var(--kept); } .out .rule { color: var(--out); }
.out .said { color: var(--dim); }
.more { font-size: .875rem; padding: .3rem 0; }
.more p { margin: 0; }
fieldset { border: 0; margin: 0; padding: 0; }
label { margin-inline-end: 1rem; }
.sides:has(#only-kept:checked) .out, .sides:has(#only-out:checked) .kept { display: none; }
.article { border-inline-start: 1px solid var(--line); padding-inline-start: 1rem; }
@media (min-width: 60rem) { .article { position: sticky; top: 1rem; max-height: calc(100vh - 2rem); overflow: auto; } }
.article table td, .article table th { border: 1px solid var(--line); padding: .2rem .5rem; }
.changes p { margin: .25rem 0; padding: .25rem .6rem; border-inline-start: .3rem solid; }
"""
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; form-action 'none'"
)


def report_page(tried: Tried) -> str:
    """The report as one HTML document."""
    result = tried.explained.result
    title = _line(result.title or "(no title)") if isinstance(result, Article) else "No article"
    return "".join(
        (
            '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{title} - how it was cut</title>\n<style>{STYLE}</style></head>\n<body>\n",
            f"<header><h1>{title}</h1>\n{_outcome(tried)}</header>\n<main>\n",
            _fields(result) if isinstance(result, Article) else "",
            _changes(tried),
            _advice(tried),
            '<div class="sides">\n',
            '<section aria-labelledby="page"><h2 id="page">The page</h2>\n',
            f"{_blocks(tried.explained.blocks)}</section>\n",
            '<section aria-labelledby="article"><h2 id="article">The article</h2>\n',
            f"{_article(tried)}</section>\n",
            "</div>\n",
            _glossary({block.rule for block in tried.explained.blocks}),
            "</main>\n</body></html>\n",
        )
    )


def _line(text: str) -> str:
    return escape(plain_line(text))


def _rows(facts: Iterable[tuple[str, str]]) -> str:
    rows = "".join(f'<tr><th scope="row">{_line(name)}</th><td>{value}</td></tr>\n' for name, value in facts if value)
    return f"<table>{rows}</table>\n"


def _outcome(tried: Tried) -> str:
    result, known = tried.explained.result, tried.known
    if isinstance(result, Article):
        outcome = f"an article of {result.word_count:,} words"
    else:
        outcome = _line(f"{result.reason}: {result.detail}" if result.detail else result.reason)
    pages = known.memory.pages if known.memory else 0
    memory = f"{pages:,} page{'' if pages == 1 else 's'} of this host taught what it repeats" if pages else ""
    return _rows(
        (
            ("outcome", outcome),
            ("address", _line(tried.page.url)),
            ("source", _line(known.source.source.name) if known.source else ""),
            ("memory", memory),
            ("content", _line(tried.selectors.content or "")),
            ("strip", ", ".join(map(_line, tried.selectors.strip))),
        )
    )


def _fields(article: Article) -> str:
    values = {
        "title": article.title or "",
        "authors": ", ".join(article.authors),
        "published": day(article.published, time=True),
        "updated": day(article.updated, time=True),
        "language": article.language or "",
        "section": article.section or "",
        "tags": ", ".join(article.tags),
        "description": textwrap.shorten(article.description or "", 300, placeholder=" ..."),
        "image": article.image or "",
    }
    rows = []
    for name, value in values.items():
        others = "".join(
            f'<br><span class="dim">not taken: {_line(other)} ({_line(rule)})</span>'
            for rule, other in article.runners_up.get(name, ())
        )
        if value or others:
            rule = article.provenance.get(name)
            rows.append((name, f"{_line(value)}{f' <code>{_line(rule)}</code>' if rule else ''}{others}"))
    return f"<h2>Fields, and where each came from</h2>\n{_rows(rows)}"


def _changes(tried: Tried) -> str:
    if tried.before is None:
        return ""
    changed = "".join(
        f'<p class="{"kept" if change.gained else "out"}"><span class="rule">{"gained" if change.gained else "lost"}'
        f"</span> {_line(change.text)}</p>\n"
        for change in tried.changes
    )
    return (
        f'<h2>What these selectors change</h2>\n<div class="changes">{changed or "<p>Nothing in the text.</p>"}</div>\n'
    )


def _advice(tried: Tried) -> str:
    advice = tried.explained.advice
    if advice is None:
        return ""
    lines = escape(plain_text("\n".join(advice_yaml(advice))))
    return f'<h2>Selectors for feeds.yaml</h2>\n<p class="dim">{_line(advice_words(advice))}</p>\n<pre>{lines}</pre>\n'


def _blocks(blocks: Iterable[BlockVerdict]) -> str:
    choice = "".join(
        f'<label><input type="radio" name="shown" id="{name}"{" checked" if name == "all" else ""}> {words}</label>\n'
        for name, words in (("all", "everything"), ("only-kept", "kept"), ("only-out", "dropped"))
    )
    listed = "".join(map(_block, blocks))
    return f'<fieldset><legend class="dim">Show</legend>\n{choice}</fieldset>\n<ol class="blocks">\n{listed}</ol>\n'


def _block(block: BlockVerdict) -> str:
    why = _line(in_words(block.rule))
    mark = "kept" if block.kept else "dropped"
    selector = f"<p>To be rid of it: <code>strip: {_line(block.selector)}</code></p>" if block.selector else ""
    return (
        f'<li class="{"kept" if block.kept else "out"}"><details><summary title="{why}"><span class="rule">{mark}: '
        f'{_line(block.rule)}</span><span class="said" dir="auto">{_line(block.text)}</span></summary>'
        f'<div class="more"><p>{why}</p><p class="dim"><code>{_line(block.path)}</code></p>{selector}'
        "</div></details></li>\n"
    )


def _article(tried: Tried) -> str:
    if not isinstance(tried.explained.result, Article):
        return '<p class="dim">None came out.</p>\n'
    # The markup left the box without links, pictures and attributes; the policy above would let nothing run in it.
    return f'<div class="article" dir="auto" tabindex="0">{plain_text(tried.explained.markup)}</div>\n'


def _glossary(rules: set[str]) -> str:
    listed = "".join(f"<dt>{_line(rule)}</dt><dd>{_line(in_words(rule))}</dd>\n" for rule in sorted(rules))
    return f"<h2>The rules in words</h2>\n<dl>{listed}</dl>\n" if listed else ""
