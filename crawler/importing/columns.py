"""What a column is called: by us, and by the tools whose output people have.

The names of ours are those of `cuttings export --format jsonl`. The others are those of trafilatura 2 (its JSON),
news-please 1.6 (`NewsArticle.get_serializable_dict`, its CC-NEWS extraction too) and Fundus 0.5 (`Article.to_json`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "url": ("url", "source", "html.responded_url", "html.requested_url"),
    "title": ("title", "title_page", "title_rss"),
    "text": ("text", "maintext", "plaintext", "body", "raw_text"),
    "html": ("html", "html.content"),
    "authors": ("authors", "author"),
    "published": ("published", "date_publish", "publishing_date", "date"),
    "updated": ("updated", "date_modify"),
    "fetched": ("fetched", "date_download", "html.crawl_date", "filedate"),
    "first_seen": ("first_seen",),
    "language": ("language", "lang"),
    "site": ("site", "source_domain", "hostname", "source-hostname"),
    "sources": ("sources",),
    "tags": ("tags", "topics", "categories"),
    "description": ("description", "excerpt"),
    "image": ("image", "image_url"),
    "section": ("section",),
    "licence": ("licence", "license"),
    "free": ("free", "free_access"),
    "urls": ("urls",),
    "canonical": ("canonical",),
    "syndicated_from": ("syndicated_from",),
    "published_from": ("published_from",),
}
"""A field of an article to the columns that may hold it: the first one that holds something counts. `html.x` is the
member `x` of an object `html`."""

READ = frozenset(name.partition(".")[0] for names in COLUMNS.values() for name in names)
"""Columns that are read; all others are passed over."""

_NOTHING = frozenset({"", "none", "null", "nan", "nat", "n/a"})
"""What tools write for nothing: news-please has "None" for a date that it did not find, pandas "nan" and "NaT"."""


def values_of(row: Mapping[str, object], field: str) -> Iterator[object]:
    """What the row holds for a field, the best column first; columns that hold nothing are passed over."""
    for name in COLUMNS[field]:
        first, _, member = name.partition(".")
        value = row.get(first)
        if member:
            value = value.get(member) if isinstance(value, Mapping) else None
        elif first == "html" and isinstance(value, Mapping):
            continue
        if not is_nothing(value):
            yield value


def is_nothing(value: object) -> bool:
    """Whether a value says that there is none."""
    if isinstance(value, str):
        return (len(value) < 8 and value.strip().lower() in _NOTHING) or not value.strip()
    return value is None or value != value or (isinstance(value, list | dict) and not value)
