"""Articles as Markdown files with front matter: for notes, site generators and whoever reads plain files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from html import escape
from pathlib import Path
from typing import cast

from storage.answers import StoredArticle
from storage.errors import StorageError
from storage.export import json_line
from storage.plain import plain_text
from storage.records import record, time_record

SLUG_CHARACTERS = 60
_FRONT = (
    *("id", "title", "url", "site", "authors", "published", "updated", "first_seen", "language", "sources", "tags"),
    *("section", "description", "licence", "story_id", "copies", "revision", "content_hash"),
)
"""What stands above the text, of a record; what is not known is left out."""
_NOT_IN_NAMES = re.compile(r"[^\w]+")


def write_markdown(
    articles: Iterable[StoredArticle], folder: Path, wrote: Callable[[str, bytes], object] | None = None
) -> int:
    """Write a file for each article into a folder that is there; gives how many. `wrote` gets each file's name and
    contents.

    Raises StorageError where markdownify is missing, and OSError.
    """
    convert = _converter()
    count = 0
    for article in articles:
        content = f"{_front_matter(article)}\n{_body(article, convert)}".encode()
        name = markdown_name(article)
        (folder / name).write_bytes(content)
        if wrote is not None:
            wrote(name, content)
        count += 1
    return count


def markdown_name(article: StoredArticle) -> str:
    """The name of an article's file: its day, the beginning of its title, its number. Every file system takes it, and
    it stays as long as date and title do."""
    day = str(time_record(article.published or article.first_seen))[:10]
    plain = unicodedata.normalize("NFKD", article.title or "").encode("ascii", "ignore").decode()
    slug = _NOT_IN_NAMES.sub("-", plain.lower().replace("_", "-")).strip("-")[:SLUG_CHARACTERS].rstrip("-")
    return "-".join(filter(None, (day, slug, str(article.id)))) + ".md"


def _front_matter(article: StoredArticle) -> str:
    """YAML 1.2, of which JSON is a part: so no title, whatever is in it, ends its line or the front matter."""
    found = record(article)
    lines = [f"{name}: {json_line(cast('dict[str, object]', found[name]))}" for name in _FRONT if found[name]]
    return f"---\n{''.join(lines)}---\n"


def _body(article: StoredArticle, convert: Callable[[str], str]) -> str:
    found = record(article)
    title = escape(" ".join(plain_text(str(found["title"] or "")).split()))
    head = f"<h1>{title}</h1>" if title else ""
    try:
        text = convert(f"<div>{head}{plain_text(str(found['html']))}</div>")
    except RecursionError:  # elements within elements within ..., which nobody wrote to be read
        text = convert(f"<div>{head}<p>{escape(plain_text(str(found['text'])))}</p></div>")
    return f"{text.strip()}\n"


def _converter() -> Callable[[str], str]:
    """From clean HTML to Markdown; what would be markup in a text is escaped."""
    try:
        from markdownify import ATX, MarkdownConverter
    except ImportError as error:
        raise StorageError("Markdown needs markdownify: pip install 'cuttings[markdown]'") from error
    converter = MarkdownConverter(
        heading_style=ATX, bullets="-", escape_misc=True, strip=["img", "script", "style"], newline_style="backslash"
    )
    convert: Callable[[str], str] = converter.convert
    return convert
