"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

import json
from typing import Any

from storage.records import time_record
from storage.syndication.channel import Channel, Item


def write_json_feed(channel: Channel) -> bytes:
    """The feed as a document in UTF-8."""
    feed: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": channel.title,
        "home_page_url": channel.home,
        "feed_url": channel.address,
        "items": [_item(item) for item in channel.items],
    }
    if channel.next:
        feed["next_url"] = channel.next
    return json.dumps(feed, ensure_ascii=False).encode()


def _item(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": item.id,
        "url": item.id,
        "title": item.title,
        "content_html": item.html,
        "date_modified": time_record(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.tags),
        "_source": {"name": item.source, "url": item.source_url},
    }
    if item.published:
        found["date_published"] = time_record(item.published)
    if item.summary:
        found["summary"] = item.summary
    if item.language:
        found["language"] = item.language
    return found
