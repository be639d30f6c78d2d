"""A question in one line, as the files of an export tell it."""

from __future__ import annotations

from storage.answers import Query
from storage.plain import plain_line
from storage.records import text_record


def in_words(query: Query) -> str:
    """The whole question in the search language; empty where it asks for every article."""
    filters = {
        "source": query.source,
        "site": query.site,
        "language": query.language,
        "tag": query.tag,
        "since": query.since,
        "until": query.until,
        "story": query.story,
    }
    parts = [f"({query.words})" if " OR " in query.words and any(filters.values()) else query.words]
    for name, value in filters.items():
        if value is not None:
            text = str(value).replace('"', " ")
            parts.append(f'{name}:"{text}"' if " " in text else f"{name}:{text}")
    return plain_line(text_record(" ".join(parts)) or "")
