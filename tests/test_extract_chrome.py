"""X1, X2: nothing of the site in the text, nothing of the article lost, on every theme and at every length."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.extract import Article, extract
from crawler.sample import Sample, leaked, lost, newspaper
from crawler.sample.pages import article_page

NOW = datetime(2026, 1, 1, tzinfo=UTC)
THEMES = sorted((Path(__file__).parent / "pages" / "themes").glob("*.html"))
TITLE = "The night ferry keeps its lantern"
PARAGRAPHS = (
    "The night ferry between the two harbours will keep its paraffin lantern, the board decided on Tuesday after"
    " an hour of debate and one short walk to the pier.",
    "The lantern was lit first in 1911. It has gone out twice since then.",
    "Captain Orrin Vale told the board that sailors trust what they can see burning.",
    "An electric lamp would have cost less to run, and the treasurer said so twice.",
    "“We can afford a little oil,” answered the chair, who grew up on the island.",
    "The decision costs the harbour about forty crowns a month.",
    "Nobody spoke against it in the end, although three members looked out of the window.",
    "The ferry sails at ten past nine tonight, as it does on every day of the week.",
)


def _strings(markup: str) -> set[str]:
    """The visible strings of a theme, tag by tag."""
    body = markup[markup.index("<body>") :]
    pieces = (" ".join(piece.split()) for piece in re.split(r"<[^>]*>", body))
    return {p for p in pieces if any(c.isalnum() for c in p) and not p.startswith("{")}


@pytest.mark.parametrize("length", [1, 2, 8])
@pytest.mark.parametrize("theme", THEMES, ids=lambda path: path.stem)
def test_x1_x2_themes_of_our_own_are_clean_and_complete(theme: Path, length: int) -> None:
    markup = theme.read_text(encoding="utf-8")
    body = "\n".join(f"<p>{text}</p>" for text in PARAGRAPHS[:length])
    page = markup.replace("{title}", TITLE).replace("{body}", body)
    article = extract(page, "https://paper.example/2021/ferry", now=NOW)
    assert isinstance(article, Article), article
    lines = {line.strip() for line in article.text.split("\n")}
    for text in PARAGRAPHS[:length]:
        assert text in lines
    assert lines - {"", TITLE} - set(PARAGRAPHS) == set()
    for string in _strings(markup):
        assert string not in lines
        assert len(string) < 8 or string not in article.text
    assert article.title == TITLE


@pytest.mark.parametrize("sample", newspaper().samples, ids=lambda sample: sample.key)
def test_x1_x2_the_sample_newspaper_is_clean_and_complete(sample: Sample) -> None:
    page = article_page(newspaper(), sample, 8000).encode(sample.site.charset, "xmlcharrefreplace")
    article = extract(page, sample.url(8000), now=NOW)
    assert isinstance(article, Article), article
    assert leaked(sample, article.text) == ()
    assert lost(sample, article.text) == ()
    assert article.title == sample.title
    assert article.authors == sample.authors
    assert article.language == sample.language
