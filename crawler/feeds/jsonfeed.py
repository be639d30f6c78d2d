"""JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1), made into drafts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.feeds.document import FeedDocument
from crawler.feeds.drafts import Draft, Prose, absolute, clean, distinct, finish, language_of, newest_first
from crawler.feeds.syndication import MAX_ENTRIES

_MAX_ITEMS = 100_000


def read_json_feed(text: str, url: str, now: datetime, flags: frozenset[str]) -> FeedDocument | None:
    """The feed in `text`, or None where it is other JSON. Raises ValueError or RecursionError where it is no JSON."""
    whole = json.loads(text)
    if not isinstance(whole, dict) or not isinstance(whole.get("items"), list):
        return None
    version = _string(whole, "version")
    if "jsonfeed.org" not in version:
        return None
    language = _string(whole, "language")
    feed_authors = _authors(whole)
    items = [item for item in whole["items"][:_MAX_ITEMS] if isinstance(item, dict)]
    entries = [finish(_draft(item, language, feed_authors), url, now) for item in items]
    noted = set(flags)
    if len(entries) > MAX_ENTRIES:
        entries = newest_first(entries)[:MAX_ENTRIES]
        noted.add("entries_cut")
    kept = distinct(entries)
    if len(kept) < len(entries):
        noted.add("duplicate_entries")
    hubs = [_string(hub, "url") for hub in _mappings(whole, "hubs")]
    return FeedDocument(
        kind="json11" if version.rstrip("/").endswith("1.1") else "json10",
        title=clean(_string(whole, "title"), 300),
        link=absolute(_string(whole, "home_page_url"), url),
        language=language_of(language),
        entries=kept,
        hub=next((found for hub in hubs if (found := absolute(hub, url))), None),
        self_url=absolute(_string(whole, "feed_url"), url),
        next_url=absolute(_string(whole, "next_url"), url),
        flags=tuple(sorted(noted)),
    )


def _draft(item: Mapping[str, Any], language: str, feed_authors: tuple[str, ...]) -> Draft:
    html, text = _string(item, "content_html"), _string(item, "content_text")
    attachments = [part for part in _mappings(item, "attachments") if _string(part, "mime_type").startswith("image/")]
    images = [_string(item, "image"), _string(item, "banner_image"), *(_string(part, "url") for part in attachments)]
    return Draft(
        id=_string(item, "id"),
        links=tuple(link for link in (_string(item, "url"), _string(item, "external_url")) if link.strip()),
        title=Prose(_string(item, "title")),
        authors=_authors(item) or feed_authors,
        published=_string(item, "date_published"),
        updated=_string(item, "date_modified"),
        summary=Prose(_string(item, "summary")),
        content=Prose(html, is_html=True) if html else Prose(text),
        language=_string(item, "language") or language,
        tags=tuple(tag for tag in _list(item, "tags") if isinstance(tag, str)),
        image=next((image for image in images if image), ""),
    )


def _authors(holder: Mapping[str, Any]) -> tuple[str, ...]:
    """`authors` of version 1.1, else `author` of version 1.0."""
    single = holder.get("author")
    people = _mappings(holder, "authors") or ([single] if isinstance(single, dict) else [])
    return tuple(name for person in people if (name := _string(person, "name")))


def _string(holder: Mapping[str, Any], name: str) -> str:
    """A string, or a number that a publisher wrote in place of one (JSON Feed 1.1 asks readers to coerce ids)."""
    value = holder.get(name)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(holder: Mapping[str, Any], name: str) -> list[Any]:
    value = holder.get(name)
    return value if isinstance(value, list) else []


def _mappings(holder: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    return [part for part in _list(holder, name) if isinstance(part, dict)]
