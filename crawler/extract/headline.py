"""The headline that many pages print inside the article too: in the corpus it stands in `title` alone."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

from crawler.extract.words import count_words, fold
from storage import Article

_LEADING_BLOCK = re.compile(r"<(h[1-6]|p)\b[^>]*>(.*?)</\1>\s*", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_NEAR_THE_START_CHARS = 4000


def without_headline(article: Article) -> Article:
    """The article without a first block that only repeats its title, in text and HTML alike; else the article itself.

    The content hash stays: it never depends on the headline.
    """
    first, _, rest = article.text.partition("\n\n")
    if not article.title or not rest.strip() or fold(first) != fold(article.title):
        return article
    match = _LEADING_BLOCK.search(article.html[:_NEAR_THE_START_CHARS])
    if match is None or fold(unescape(_TAG.sub("", match[2]))) != fold(article.title):
        return article
    html = article.html[: match.start()] + article.html[match.end() :]
    text = rest.strip("\n")
    return replace(article, text=text, html=html, word_count=count_words(text))
