"""What sources are called: the name of one that feeds.yaml gives none, and the names that people mean."""

from __future__ import annotations

import difflib
import re
from collections.abc import Container, Iterable, Sequence
from urllib.parse import unquote, urlsplit

from crawler import urls
from crawler.config import Config
from crawler.errors import ConfigError
from crawler.feeds_values import shown
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


def names_of(config: Config, wanted: Sequence[str]) -> tuple[str, ...]:
    """The names of the sources that people named, by name (any case) or by address, each once, in the order given.

    Raises `ConfigError` that lists the nearest names for one that is unknown.
    """
    by_name = {source.source.name.casefold(): source.source.name for source in config.sources}
    by_address = {urls.identity(source.source.url): source.source.name for source in config.sources}
    found: dict[str, None] = {}
    for one in wanted:
        name = by_name.get(" ".join(one.split()).casefold()) or by_address.get(urls.identity(one.strip()))
        if name is None:
            near = difflib.get_close_matches(one.casefold(), list(by_name), n=3, cutoff=0.5)
            near += [known for known in by_name if one.casefold() in known and known not in near][: 3 - len(near)]
            hint = f"; did you mean {either([shown(by_name[known]) for known in near])}?" if near else ""
            listing = "" if near else "; `cuttings status` lists the sources"
            raise ConfigError(f"{config.path}: there is no source {shown(one)}{hint}{listing}")
        found[name] = None
    return tuple(found)


def either(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
