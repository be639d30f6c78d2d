"""Taking sources out of a feeds.yaml that a person keeps, and resting and waking them.

What stands there and is not meant stays byte for byte. With a source go its lines, the comments that are indented
deeper than its dash, and those directly above it, unless these may mean more than this one source: a comment above
several sources that stand without a gap is taken for their heading, and a source that is commented out is nobody's
comment. What came out is read again before it takes the place of the old file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crawler.config import Config, SourceConfig
from crawler.editing.adding import first_mistake
from crawler.editing.files import put
from crawler.editing.places import Item, Key, Listing, line_end, line_start, past_comments, sources_in
from crawler.errors import ConfigError
from crawler.subscriptions import check, read_bounded
from crawler.yaml_nodes import Pairs, Scalar, read_yaml
from storage import Source

_LONE_RETURN = re.compile(r"\r(?!\n)")
_COMMENTED_OUT = re.compile(r"[ \t]*#+[ \t]*-[ \t]")
_BEFORE_A_KEY = re.compile(r" *(?:-[ \t]+)?")


@dataclass(frozen=True, slots=True)
class Amended:
    """What an edit came to."""

    changed: tuple[Source, ...]
    """As they stood before."""
    already: tuple[Source, ...] = ()
    """Those that were as wanted before."""
    renamed: tuple[tuple[str, str], ...] = ()
    """Other sources, without a name of their own, that are called by another part of their address now."""


def remove_sources(path: Path, names: Collection[str], environ: Mapping[str, str] | None = None) -> Amended:
    """Take the sources with these names out of a feeds.yaml, all or none.

    Raises `ConfigError` where the file is invalid, or is written in a way in which that cannot be done safely; the file
    is then as it was.
    """
    page = _Page.read(path, environ)
    chosen = [number for number, source in enumerate(page.config.sources) if source.source.name in names]
    kept = [source for number, source in enumerate(page.config.sources) if number not in set(chosen)]
    renamed = page.write(lambda listing: list(_removal(page, listing, chosen)), kept) if chosen else ()
    return Amended(tuple(page.config.sources[number].source for number in chosen), renamed=renamed)


def switch_sources(
    path: Path, names: Collection[str], *, enabled: bool, environ: Mapping[str, str] | None = None
) -> Amended:
    """Enable or disable the sources with these names in a feeds.yaml, all or none; raises as `remove_sources` does."""
    page = _Page.read(path, environ)
    named = {number: source for number, source in enumerate(page.config.sources) if source.source.name in names}
    chosen = {number: source for number, source in named.items() if source.source.enabled is not enabled}
    after = [
        replace(source, source=replace(source.source, enabled=enabled)) if number in chosen else source
        for number, source in enumerate(page.config.sources)
    ]
    if chosen:
        may_go = enabled and not _rests_by_default(page)
        page.write(lambda listing: [_switch(page, listing.items[number], enabled, may_go) for number in chosen], after)
    return Amended(
        tuple(source.source for source in chosen.values()),
        tuple(source.source for number, source in named.items() if number not in chosen),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    """What stands between two offsets makes way for something else."""

    start: int
    end: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Page:
    """A feeds.yaml as it was read: its bytes, its text without the mark, and what it means."""

    path: Path
    mark: bytes
    text: str
    config: Config
    environ: Mapping[str, str] | None

    @classmethod
    def read(cls, path: Path, environ: Mapping[str, str] | None) -> _Page:
        raw = read_bounded(path)
        config = check(path, raw, environ)
        mark = b"\xef\xbb\xbf" if raw.startswith(b"\xef\xbb\xbf") else b""
        return cls(path, mark, raw.removeprefix(mark).decode(), config, environ)

    def write(
        self, edit: Callable[[Listing], Sequence[_Cut]], wanted: Sequence[SourceConfig]
    ) -> tuple[tuple[str, str], ...]:
        """Make the edits if they come to what is wanted; gives the sources that are called otherwise now."""
        if _LONE_RETURN.search(self.text):
            raise ConfigError(f"{self.path}: has lines that end in a carriage return alone; save it with other ends")
        listing = sources_in(self.text)
        if not isinstance(listing, Listing) or len(listing.items) != len(self.config.sources):
            raise self.refusal(0, "the sources are written in a way that cannot be edited")
        edited = self.mark + "".join(self._with(edit(listing))).encode()
        try:
            after = check(self.path, edited, self.environ)
        except ConfigError as error:
            raise ConfigError(f"{self.path}: nothing was changed: {first_mistake(error, self.path)}") from None
        nameless = {
            source.source.name
            for source, item in zip(self.config.sources, listing.items, strict=True)
            if all(key.name != "name" for key in item.keys)
        }
        renamed = tuple(pair for pair in _renamed(wanted, after.sources) if pair[0] in nameless)
        called = dict(renamed)
        expected = [_called(source, called.get(source.source.name)) for source in wanted]
        if list(after.sources) != expected or replace(after, sources=()) != replace(self.config, sources=()):
            raise self.refusal(listing.start, "the sources are written in a way that cannot be edited safely")
        put(self.path, edited)
        return renamed

    def refusal(self, at: int, problem: str) -> ConfigError:
        """The error that names the line of an offset."""
        return ConfigError(f"{self.path}:{self.text.count(chr(10), 0, at) + 1}: {problem}; edit the file by hand")

    def _with(self, cuts: Sequence[_Cut]) -> Iterator[str]:
        at = 0
        for cut in sorted(cuts, key=lambda cut: (cut.start, cut.end)):
            yield self.text[at : cut.start]
            yield cut.text
            at = max(at, cut.end)
        yield self.text[at:]


def _renamed(wanted: Sequence[SourceConfig], found: Sequence[SourceConfig]) -> tuple[tuple[str, str], ...]:
    """Sources without a name are called by what tells them from those above them, which may be fewer now."""
    pairs = zip(wanted, found, strict=False)
    return tuple((was.source.name, now.source.name) for was, now in pairs if was.source.name != now.source.name)


def _called(source: SourceConfig, name: str | None) -> SourceConfig:
    return source if name is None else replace(source, source=replace(source.source, name=name))


# --- taking out ---------------------------------------------------------------------------------------------------


def _removal(page: _Page, listing: Listing, chosen: Sequence[int]) -> Iterator[_Cut]:
    text, items = page.text, listing.items
    if listing.brackets:
        yield from _out_of_brackets(text, listing, set(chosen))
        return
    starts = [_dash_line(page, listing, number) for number in range(len(items))]
    ends = [past_comments(text, line_end(text, item.end), listing.indent, past_blanks=True) for item in items]
    going = set(chosen)
    blocks: list[_Cut] = []
    for number in chosen:
        floor = ends[number - 1] if number else listing.floor
        follower = number + 1
        while follower in going and starts[follower] == ends[follower - 1]:
            follower += 1
        heads_others = follower < len(items) and starts[follower] == ends[follower - 1]
        start = starts[number] if heads_others else _above(text, starts[number], floor)
        if blocks and not text[blocks[-1].end : start].strip():
            blocks[-1] = _Cut(blocks[-1].start, ends[number])
        else:
            blocks.append(_Cut(start, ends[number]))
    last = ends[-1]
    yield from (_with_blank_lines(text, block, listing.floor, last) for block in blocks)


def _dash_line(page: _Page, listing: Listing, number: int) -> int:
    """Where the line with the dash of a source begins."""
    at = line_end(page.text, listing.items[number - 1].end) if number else listing.floor
    start = listing.items[number].start
    while at <= start:
        end = line_end(page.text, at)
        line = page.text[at:end]
        if line.strip() and not line.lstrip().startswith("#"):
            if re.match(rf" {{{listing.indent}}}-(?:\s|$)", line):
                return at
            break
        at = end
    raise page.refusal(start, "this source does not begin in a line of its own")


def _above(text: str, start: int, floor: int) -> int:
    """Where the comments begin that stand directly above a source."""
    while start > floor:
        above = line_start(text, start - 1)
        line = text[above:start]
        if above < floor or not line.lstrip().startswith("#") or _COMMENTED_OUT.match(line):
            break
        start = above
    return start


def _with_blank_lines(text: str, block: _Cut, floor: int, last: int) -> _Cut:
    """Where blank lines stand on both sides, or nothing follows, one side goes as well."""
    start, end = block.start, block.end
    below = line_end(text, end)
    if end < len(text) and text[end:below].strip():
        return block
    while start > floor and not text[line_start(text, start - 1) : start].strip():
        start = line_start(text, start - 1)
    if start == block.start == floor and end < last:
        while end < len(text) and not text[end : line_end(text, end)].strip():
            end = line_end(text, end)
    return _Cut(start, end)


def _out_of_brackets(text: str, listing: Listing, going: set[int]) -> Iterator[_Cut]:
    """Each with the comma behind it; where the last goes, the comma of the last that stays goes if it had none."""
    commas = [_comma(text, item.end) for item in listing.items]
    for number in sorted(going):
        item, comma = listing.items[number], commas[number]
        end = item.end if comma is None or text[item.end : comma].strip() else comma + 1
        if comma is not None and end == item.end:
            yield _Cut(comma, comma + 1)
        start, behind = line_start(text, item.start), line_end(text, end)
        rest = text[end:behind].strip()
        if not text[start : item.start].strip() and (not rest or rest.startswith("#")) and start >= listing.floor:
            yield _Cut(start, behind)
        elif comma is None or number == len(listing.items) - 1:
            yield _Cut(item.start - len(text[start : item.start]) + len(text[start : item.start].rstrip(" ")), end)
        else:
            yield _Cut(item.start, end + len(text[end:behind]) - len(text[end:behind].lstrip(" ")))
    staying = [number for number in range(len(listing.items)) if number not in going]
    if staying and commas[-1] is None and staying[-1] != len(listing.items) - 1:
        comma = commas[staying[-1]]
        assert comma is not None
        yield _Cut(comma, comma + 1)


def _comma(text: str, at: int) -> int | None:
    """The comma behind a value in brackets, over white space and comments; None where the list ends."""
    while text[at] not in ",]":
        at = line_end(text, at) if text[at] == "#" else at + 1
    return at if text[at] == "," else None


# --- resting and waking -------------------------------------------------------------------------------------------


def _switch(page: _Page, item: Item, enabled: bool, may_go: bool) -> _Cut:
    """`may_go`: without the key the source is as wanted."""
    key = next((key for key in item.keys if key.name == "enabled"), None)
    if key is None:
        return _in_braces(page, item, enabled) if item.flow else _line(page, item, enabled)
    written = page.text[key.value : key.end]
    if written.lower() not in ("true", "false"):
        raise page.refusal(key.at, "`enabled` is written in a way that cannot be edited")
    if may_go:
        own = _own_words(page.text, item, key)
        if own is not None:
            return own
    return _Cut(key.value, key.end, "true" if enabled else "false")


def _line(page: _Page, item: Item, enabled: bool) -> _Cut:
    """The line that says so, behind the last of the source and as far in."""
    text = page.text
    column = _column(text, item)
    if column is None:
        raise page.refusal(item.start, "this source is written in a way that cannot be edited")
    at = line_end(text, item.end)
    line = f"{' ' * column}enabled: {'true' if enabled else 'false'}"
    ending = "\r\n" if "\r\n" in text else "\n"
    return _Cut(at, at, f"{line}{ending}" if text[:at].endswith("\n") else f"{ending}{line}")


def _column(text: str, item: Item) -> int | None:
    start = line_start(text, item.keys[0].at)
    before = text[start : item.keys[0].at]
    return len(before) if _BEFORE_A_KEY.fullmatch(before) and "\t" not in before else None


def _in_braces(page: _Page, item: Item, enabled: bool) -> _Cut:
    if not item.braces:
        raise page.refusal(item.start, "this source stands in brackets without braces of its own")
    at = item.keys[-1].end
    quote = '"' if page.text[item.keys[0].at] == '"' else ""  # what was JSON stays JSON
    return _Cut(at, at, f", {quote}enabled{quote}: {'true' if enabled else 'false'}")


def _own_words(text: str, item: Item, key: Key) -> _Cut | None:
    """What `disable` adds, word for word: it goes as it came. Anything else was written by a person."""
    if item.flow:
        before = key.at - 2
        written = text[before : key.end]
        return _Cut(before, key.end) if written in (", enabled: false", ', "enabled": false') else None
    start, end = line_start(text, key.at), line_end(text, key.at)
    column = _column(text, item)
    if column is None or key is item.keys[0] or text[start:end].rstrip("\r\n") != f"{' ' * column}enabled: false":
        return None
    if not text.endswith("\n", 0, end):
        return _Cut(start - (2 if text.startswith("\r\n", start - 2) else 1), end)
    return _Cut(start, end)


def _rests_by_default(page: _Page) -> bool:
    """Whether the defaults say that sources are disabled."""
    root = read_yaml(page.text.encode())
    assert isinstance(root, Pairs)
    defaults = next((value for key, value in root.pairs if key.text == "defaults"), None)
    if not isinstance(defaults, Pairs):
        return False
    return any(
        key.text == "enabled" and isinstance(value, Scalar) and value.text.lower() == "false"
        for key, value in defaults.pairs
    )
