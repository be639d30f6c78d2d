"""What is posted: one JSON document for several articles, of a bounded size. Pure.

The frame is what Standard Webhooks recommends ("Payload structure": type, timestamp, data).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from storage import Delivery, StoredArticle, Watch, record, time_record

MOST_BODY_BYTES = 4 * 1024 * 1024
"""Of a message; 20 ordinary articles stay far below it, and below the 1 MB that nginx takes unless told otherwise."""
KIND = "articles.new"


def body(watch: Watch, delivery: Delivery) -> bytes:
    """The message of a delivery, in UTF-8. An article that would make it larger than `MOST_BODY_BYTES` comes without
    its `html`, and then without its `text`; `left_out` names them. The rest of it always comes."""
    records = fitting(delivery.articles, MOST_BODY_BYTES)
    document = {
        "type": KIND,
        "timestamp": time_record(delivery.created),
        "data": {"watch": watch.name, "search": watch.search, "articles": records},
    }
    return _json(document)


def fitting(articles: Sequence[StoredArticle], most_bytes: int) -> list[dict[str, Any]]:
    """The records of the articles, the largest fields taken out until all of them fit."""
    records: list[dict[str, Any]] = [record(article) for article in articles]
    room = most_bytes - sum(len(_json(one)) + 1 for one in records)
    for field in ("html", "text"):
        for one in sorted(records, key=lambda one: len(one[field] or ""), reverse=True):
            if room >= 0:
                return records
            room += len(_json(one[field]))
            one[field] = None
            one["left_out"] = [*one.get("left_out", []), field]
    return records


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
