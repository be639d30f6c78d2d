"""What a source is called where feeds.yaml gives it no name: its host, and where that repeats, where on the host."""

from __future__ import annotations

import re
from collections.abc import Container
from urllib.parse import unquote, urlsplit

from storage import plain_line

_SAYS_NOTHING = re.compile(
    r"(?:feeds?|rss\d*|atom|rdf|xml|index|default|posts|all|news|sitemaps?|sitemap[-_]?(?:news|index)|news[-_]sitemap)?"
    r"(?:\.(?:xml|rss|rdf|atom|json|php|aspx?|html?|gz))*",
    re.IGNORECASE,
)
_FILE_ENDING = re.compile(r"\.(?:xml|rss|rdf|atom|json|php|aspx?|html?|gz)$", re.IGNORECASE)


def default_name(url: str, taken: Container[str]) -> str:
    """A readable name for an address, in lower case, that is not among `taken` (lower case as well).

    The host without `www`; if that is taken, with the parts of the path that tell feeds of one host apart; then with
    the whole path and query; then with a number. The name depends only on the address and on what came before it.
    """
    parts = urlsplit(url)
    host = parts.netloc.lower().removeprefix("www.")
    segments = [plain_line(unquote(segment)) for segment in parts.path.split("/") if segment]
    telling = [segment for segment in segments if not _SAYS_NOTHING.fullmatch(segment)]
    hint = _FILE_ENDING.sub("", "/".join(telling))
    whole = "/".join(segments) + (f"?{plain_line(unquote(parts.query))}" if parts.query else "")
    for name in (host, f"{host}/{hint}" if hint else host, f"{host}/{whole}" if whole else host):
        if (short := name[:200].lower()) not in taken:
            return short
    number = 2
    while f"{host}#{number}" in taken:
        number += 1
    return f"{host}#{number}"
