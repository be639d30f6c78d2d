"""Adding sources to a feeds.yaml that a person keeps: every line that was there stays as it is, byte for byte.

The file is not written anew from its meaning, which would lose quotes and spacing; the new lines are put behind the
last source, in its indentation. What came out is read again before it takes the place of the old file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from crawler import urls
from crawler.config import Config
from crawler.editing.files import bare_starter, put, write_new
from crawler.editing.places import NoListing, line_end, past_comments, sources_in
from crawler.errors import ConfigError
from crawler.subscriptions import check, read_bounded
from storage import SourceKind

_PLAIN = re.compile(r"[A-Za-z\u00c0-\u024f](?:[\w .()/+-]*[\w)])?")
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?@!$()*+;=%&]*[A-Za-z0-9\-_~/=]")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that some reader of YAML takes for something else than text; also those of YAML 1.1."""


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be added; without a name it is called by its address."""

    kind: SourceKind
    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    opml: Mapping[str, str] = field(default_factory=dict)


def config_or_bare(path: Path) -> Config:
    """What a feeds.yaml says, or what a new one would where there is none yet. Raises `ConfigError` as `load` does."""
    return check(path, read_bounded(path) if path.exists() else bare_starter().encode())


def add_source(
    path: Path, source_kind: SourceKind, url: str, name: str | None = None, tags: Sequence[str] = ()
) -> None:
    """Add one source at the end of a feeds.yaml, as `add_sources` does."""
    add_sources(path, [NewSource(source_kind, url, name, tuple(tags))])


def add_sources(path: Path, new: Sequence[NewSource], environ: Mapping[str, str] | None = None) -> None:
    """Add sources at the end of a feeds.yaml, all or none; comments, order, quoting and indentation stay.

    Raises `ConfigError` where the file is invalid, an address or a name is in it already, or what is to be added is
    invalid; the file is then as it was.
    """
    if not new:
        return
    raw = read_bounded(path)
    before = check(path, raw, environ)
    _refuse_known(before, new)
    mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
    edited = mark + _inserted(raw.removeprefix(mark).decode(), new).encode()
    try:
        after = check(path, edited, environ)
    except ConfigError as error:
        raise ConfigError(f"{path}: nothing was added: {first_mistake(error, path)}") from None
    added = after.sources[len(before.sources) :]
    if after.sources[: len(before.sources)] != before.sources or len(added) != len(new):
        raise ConfigError(f"{path}: its sources are written in a way that cannot be added to; add by hand")
    put(path, edited)


def first_mistake(error: ConfigError, path: Path) -> str:
    """What is wrong first with the text that an edit came to, in a sentence that names the file itself."""
    mistake = str(error).splitlines()[0].removeprefix(f"{path}:").strip()
    return f"line {mistake}" if mistake[:1].isdigit() else mistake


def add_or_create(path: Path, new: Sequence[NewSource]) -> None:
    """As `add_sources`, to a new file without other sources where there is none yet."""
    if new and not path.exists():
        write_new(path, bare_starter())
    add_sources(path, new)


def _refuse_known(config: Config, new: Sequence[NewSource]) -> None:
    known = {urls.identity(source.source.url): source.source.name for source in config.sources}
    names = {source.source.name.casefold() for source in config.sources}
    for source in new:
        name = known.get(urls.identity(source.url))
        if name is not None:
            raise ConfigError(f'{config.path}: {source.url} is subscribed already, as "{name}"')
        if source.name is not None and source.name.casefold() in names:
            raise ConfigError(f'{config.path}: the name "{source.name}" is taken; choose another')


def _inserted(text: str, new: Sequence[NewSource]) -> str:
    ending = "\r\n" if "\r\n" in text else "\n"
    place = _place_in(text)
    if place.in_brackets:
        separator = ", " if place.has_items else ""
        return text[: place.start] + separator + ", ".join(map(_in_braces, new)) + text[place.end :]
    lines = [f"{' ' * place.indent}{line}" for source in new for line in _block(source)]
    if place.header:
        lines.insert(0, place.header)
    head = text[: place.start] + text[place.end : place.line_end]
    if head and not head.endswith("\n"):
        head += ending
    return head + "".join(line + ending for line in lines) + text[place.line_end :]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where new sources go: what stands between `start` and `end` makes way, lines go in at `line_end`."""

    start: int
    end: int
    line_end: int = 0
    indent: int = 2
    header: str = ""
    in_brackets: bool = False
    has_items: bool = False


def _place_in(text: str) -> _Place:
    listing = sources_in(text)
    if isinstance(listing, NoListing):
        at = line_end(text, listing.start) if listing.has_key else len(text)
        return _Place(listing.start, listing.end, at, header="" if listing.has_key else "sources:")
    if listing.brackets:
        if not listing.items and not listing.in_flow:  # sources: []
            return _Place(listing.start, listing.end, line_end(text, listing.end))
        at = listing.items[-1].end if listing.items else listing.end - 1
        return _Place(at, at, in_brackets=True, has_items=bool(listing.items))
    at = line_end(text, listing.end)
    return _Place(at, at, past_comments(text, at, listing.indent), listing.indent)


def _block(source: NewSource) -> list[str]:
    fields = list(_fields(source))
    return [f"{'- ' if number == 0 else '  '}{key}: {value}" for number, (key, value) in enumerate(fields)]


def _in_braces(source: NewSource) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in _fields(source, flow=True)) + "}"


def _fields(source: NewSource, *, flow: bool = False) -> Iterator[tuple[str, str]]:
    yield source.kind, json.dumps(source.url) if flow or not _PLAIN_ADDRESS.fullmatch(source.url) else source.url
    if source.name is not None:
        yield "name", _scalar(source.name)
    if source.tags:
        yield "tags", f"[{', '.join(map(_scalar, source.tags))}]"
    if source.opml:
        yield "opml", "{" + ", ".join(f"{_scalar(key)}: {_quoted(value)}" for key, value in source.opml.items()) + "}"


def _scalar(text: str) -> str:
    """Text as YAML, in quotes where it needs them."""
    return text if _PLAIN.fullmatch(text) and text.lower() not in _RESERVED else _quoted(text)


def _quoted(text: str) -> str:
    # A JSON string is a YAML string (YAML 1.2.2 section 1.3); what YAML does not print goes in as an escape.
    return re.sub(
        "[\x7f-\x9f\u2028\u2029\ufeff]", lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False)
    )
