"""What every column of a watch's tables means, for `columns`."""

from __future__ import annotations

from collections.abc import Mapping

_ID = "Number of the row."
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "watches": {
        "id": _ID,
        "name": "What it is called in feeds.yaml.",
        "search": "What is searched for.",
        "receiver": "Fingerprint of its webhook's address, which is not kept; empty: it is written for pipes.",
        "began": "When it was first seen, or was there again.",
        "began_seq": "Articles filed later count as new: those with an `articles.id` above it.",
        "position": "Up to this `articles.seq` everything was looked through.",
        "removed": "When it was found to be listed no longer; empty while it is.",
        "due": "Nothing is sent before, after a failure.",
        "failures": "Tries that failed since the last good one.",
        "failing_since": "When the first of them was.",
        "http_status": "HTTP status of the last try.",
        "detail": "Why the last try failed.",
        "last_given": "When articles last were delivered or written.",
        "stopped": "When its receiver said that it is gone (410).",
    },
    "deliveries": {
        "id": _ID,
        "watch_id": "The watch: `watches.id`.",
        "key": "The `webhook-id` of every try.",
        "created": "When it was made.",
        "due": "When it is to be tried next; empty once it has ended.",
        "attempts": "Tries so far, one under way included.",
        "first_try": "When the first was.",
        "ended": "When it ended.",
        "ending": "How: `delivered`, `lost` (given up), `dropped` (its watch was removed).",
        "http_status": "HTTP status of the last try.",
        "detail": "Why the last try failed.",
    },
    "given_articles": {
        "watch_id": "The watch: `watches.id`.",
        "article_id": "The article: `articles.id`.",
        "fetched": "`articles.fetched` of the text that was given.",
        "story_id": "Its story.",
        "delivery_id": "The delivery: `deliveries.id`; empty where it was written for a pipe.",
    },
}
