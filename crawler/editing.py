"""Adding sources to a feeds.yaml that a person keeps: every line that was there stays as it is, byte for byte.

The file is not written anew from its meaning, which would lose quotes and spacing; the new lines are put behind the
last source, in its indentation. What came out is read again before it takes the place of the old file.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

from crawler import urls
from crawler.config import Config
from crawler.errors import ConfigError, CrawlerError
from crawler.subscriptions import check, read_bounded
from storage import SourceKind

_PLAIN = re.compile(r"[A-Za-z\u00c0-\u024f](?:[\w .()/+-]*[\w)])?")
_PLAIN_ADDRESS = re.compile(r"https?://[A-Za-z0-9\-._~:/?@!$()*+;=%&]*[A-Za-z0-9\-_~/=]")
_RESERVED = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
"""Words that some reader of YAML takes for something else than text; also those of YAML 1.1."""

_STARTS, _ENDS = (SequenceStartEvent, MappingStartEvent), (SequenceEndEvent, MappingEndEvent)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source to be added; without a name it is called by its address."""

    kind: SourceKind
    url: str
    name: str | None = None
    tags: tuple[str, ...] = ()
    opml: Mapping[str, str] = field(default_factory=dict)


def starter() -> str:
    """The commented feeds.yaml that `cuttings init` writes: a first selection of news feeds of the world."""
    return files("crawler").joinpath("starter_feeds.yaml").read_text(encoding="utf-8")


def bare_starter() -> str:
    """The same file without any source."""
    head, key, _ = starter().partition("\nsources:\n")
    return head + key


def config_or_bare(path: Path) -> Config:
    """What a feeds.yaml says, or what a new one would where there is none yet. Raises `ConfigError` as `load` does."""
    return check(path, read_bounded(path) if path.exists() else bare_starter().encode())


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file whole or not at all. Raises `ConfigError` where there is one already, unless `replace`."""
    if path.exists() and not replace:
        raise ConfigError(f"{path}: exists already; `cuttings add` adds to it, --force writes it anew")
    _put(path, text.encode())


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
        raise ConfigError(f"{path}: nothing was added: {str(error).splitlines()[0].removeprefix(f'{path}')}") from None
    added = after.sources[len(before.sources) :]
    if after.sources[: len(before.sources)] != before.sources or len(added) != len(new):
        raise ConfigError(f"{path}: its sources are written in a way that cannot be added to; add by hand")
    _put(path, edited)


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
    line_end = "\r\n" if "\r\n" in text else "\n"
    place = _place_in(text)
    if place.in_brackets:
        separator = ", " if place.has_items else ""
        return text[: place.start] + separator + ", ".join(map(_in_braces, new)) + text[place.end :]
    lines = [f"{' ' * place.indent}{line}" for source in new for line in _block(source)]
    if place.header:
        lines.insert(0, place.header)
    head = text[: place.start] + text[place.end : place.line_end]
    if head and not head.endswith("\n"):
        head += line_end
    return head + "".join(line + line_end for line in lines) + text[place.line_end :]


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
    key, value, events = _sources_of(text)
    if key is None:
        return _Place(len(text), len(text), len(text), header="sources:")
    start, end = value.start_mark.index, value.end_mark.index
    if isinstance(value, ScalarEvent):  # sources: null, or nothing behind the colon
        at = start if value.value else text.index(":", key.end_mark.index) + 1
        return _Place(at, end if value.value else at, _line_end(text, at))
    if value.flow_style:
        inside = list(events)
        last = inside[-1]
        if len(inside) == 1:  # sources: []
            return _Place(start, last.end_mark.index, _line_end(text, last.end_mark.index))
        at = last.end_mark.index - 1
        at = len(text[:at].rstrip())
        return _Place(at, at, in_brackets=True, has_items=True)
    indent = value.start_mark.column
    content = max(
        event.end_mark.index
        for event in events
        if isinstance(event, ScalarEvent) or (isinstance(event, _ENDS) and text[event.end_mark.index - 1] in "]}")
    )
    at = _line_end(text, len(text[:content].rstrip()))
    return _Place(at, at, _past_comments(text, at, indent), indent)


def _sources_of(text: str) -> tuple[Any, Any, Iterator[Any]]:
    """The key `sources`, the event that begins its value, and the events up to its end; None where there is none."""
    events = YAML(typ="safe", pure=True).parse(text)
    for event in events:
        if isinstance(event, MappingStartEvent):
            break
    for key in events:
        if isinstance(key, MappingEndEvent):
            break
        value = next(events)
        if key.value == "sources":
            return key, value, _up_to_end(value, events)
        for _ in _up_to_end(value, events):
            pass
    return None, None, iter(())


def _up_to_end(first: Any, events: Iterator[Any]) -> Iterator[Any]:
    depth = int(isinstance(first, _STARTS))
    while depth:
        event = next(events)
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        yield event


def _line_end(text: str, at: int) -> int:
    """The offset behind the line that `at` is in."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _past_comments(text: str, at: int, indent: int) -> int:
    """Comments that are indented deeper than the dash belong to the source above."""
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end]
        bare = line.lstrip(" ")
        if not bare.startswith("#") or len(line) - len(bare) <= indent:
            return at
        at = end
    return at


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


def _put(path: Path, content: bytes) -> None:
    """Replace a file at once: whoever reads sees the old or the new one, also after a crash. A link stays a link, and
    what is no file (/dev/stdout, a pipe) is written to, not replaced."""
    try:
        if is_device(path):
            path.write_bytes(content)
            return
        target = path.resolve(strict=path.exists())
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), mode)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        folder = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself, before Python 3.13
        why = error.strerror if isinstance(error, OSError) else "a link that leads to itself"
        raise CrawlerError(f"{path}: cannot be written ({why}); check the folder and its permissions") from error


def is_device(path: Path) -> bool:
    """Whether something stands there that takes what is written and is no file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
