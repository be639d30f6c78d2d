"""What the servers of the scenarios answer, built from the few words of the data files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import feedmaker
from answers import Response, Seen
from conformance.scenario import duration
from newsroom import story

START = datetime.now(UTC).replace(microsecond=0)
_TYPES = {
    "rss": "application/rss+xml",
    "atom": "application/atom+xml",
    "rdf": "application/rdf+xml",
    "json": "application/feed+json",
    "sitemap": "application/xml",
}


def answer_of(data: Mapping[str, Any], base: str, other: str) -> Response | Callable[[Seen], Response]:
    """The answer that a step describes; `{base}` and `{other}` stand for the two servers of a scenario.

    `headers` may hold `{in 2h}` for an HTTP date that far ahead of the request."""

    def filled(text: str) -> str:
        return text.replace("{base}", base).replace("{other}", other)

    kind, body, default_type = "", b"", "text/html; charset=utf-8"
    if "feed" in data:
        kind, text = _document(data["feed"], base)
        body, default_type = text.encode(data.get("charset", "utf-8")), _TYPES[kind]
    elif "body" in data:
        body = filled(data["body"]).encode(data.get("charset", "utf-8"))
    if "cut" in data:
        body = body[: body.rindex(data["cut"].encode()) + len(data["cut"])]
    if "insert" in data:
        body = body.replace(*(part.encode("latin-1") for part in data["insert"]))
    status = data.get("status", 200)

    def answer(_: Seen) -> Response:
        headers = [(name, _dated(filled(value))) for name, value in data.get("headers", {}).items()]
        return Response(body, status, headers, None if status == 304 else data.get("type", default_type))

    return answer


def _dated(value: str) -> str:
    if not value.startswith("{in "):
        return value
    return format_datetime(datetime.now(UTC) + duration(value[4:-1]), usegmt=True)


def _document(data: Mapping[str, Any], base: str) -> tuple[str, str]:
    kind = next(name for name in _TYPES if name in data)
    items = [_item(item, base) for item in data[kind]]
    title = data.get("title", "The Courier")
    if kind == "rss":
        return kind, feedmaker.rss(items, title=title, link=base + "/", channel_xml=data.get("channel", ""))
    if kind == "sitemap":
        return kind, feedmaker.sitemap(items)
    make = {"atom": feedmaker.atom, "rdf": feedmaker.rdf, "json": feedmaker.json_feed}[kind]
    return kind, make(items, title=title, link=base + "/")  # type: ignore[operator]


def _item(data: str | Mapping[str, Any], base: str) -> feedmaker.Item:
    """`a` is an entry that links to /a; `a..e` would be too clever."""
    fields = {"link": f"/{data}"} if isinstance(data, str) else dict(data)
    link = fields["link"]
    published = fields.get("date")
    return feedmaker.Item(
        base + link if link.startswith("/") else link,
        fields.get("title", f"About {link.strip('/')}"),
        fields.get("id", base + link),
        _moment(published) if published else None,
        fields.get("summary"),
    )


def _moment(written: str) -> datetime:
    if written.startswith(("+", "-")):
        return START + duration(written[1:]) * (1 if written[0] == "+" else -1)
    return datetime.fromisoformat(written)


def article(seen: Seen) -> Response:
    """Any other address of a scenario's servers is an article of its own."""
    seed = sum(ord(char) * (place + 1) for place, char in enumerate(seen.host + seen.path)) % 9973
    return Response(feedmaker.article_page(f"Report from {seen.path.strip('/')}", story(160, seed)))
