"""Where things stand in the text of a feeds.yaml: the list of sources, each source, each of its keys.

ruamel.yaml says where a value begins and ends; comments, blank lines and dashes belong to no value and are found in the
text around them. Offsets count characters, the byte order mark left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.events import MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent, SequenceStartEvent

_STARTS, _ENDS = (SequenceStartEvent, MappingStartEvent), (SequenceEndEvent, MappingEndEvent)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a source: where it begins, and from where to where its value goes."""

    name: str
    at: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Item:
    """One source: where it begins behind its dash, and where its last character is that means something."""

    start: int
    end: int
    keys: tuple[Key, ...]
    flow: bool
    """Written in braces, or as the one pair in brackets that needs none."""
    braces: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of sources. `indent` is the column of its dashes, `floor` where the first line of it may begin."""

    items: tuple[Item, ...]
    start: int
    end: int
    floor: int
    indent: int
    brackets: bool
    in_flow: bool
    """The whole file is in braces, as JSON is: there are no lines to put anything on."""


@dataclass(frozen=True, slots=True)
class NoListing:
    """There is no list: what stands between `start` and `end` is empty, or says that there is nothing."""

    start: int
    end: int
    has_key: bool = True


def sources_in(text: str) -> Listing | NoListing:
    """The list of sources of a feeds.yaml that was checked before."""
    root, key, value, events = _sources_of(text)
    if key is None:
        return NoListing(len(text), len(text), has_key=False)
    start = value.start_mark.index
    if isinstance(value, ScalarEvent):  # sources: null, or nothing behind the colon
        at = start if value.value else text.index(":", key.end_mark.index) + 1
        return NoListing(at, value.end_mark.index if value.value else at)
    items, end = [], start
    for event in events:
        if isinstance(event, SequenceEndEvent):
            end = event.end_mark.index if value.flow_style else end
            break
        items.append(_item(event, events, text))
        end = items[-1].end
    floor = line_end(text, value.end_mark.index if value.flow_style else key.end_mark.index)
    indent = value.start_mark.column if value.flow_style else _indent(text, floor, value.start_mark.column)
    return Listing(tuple(items), start, end, floor, indent, bool(value.flow_style), bool(root.flow_style))


def _indent(text: str, at: int, otherwise: int) -> int:
    """The column of the first dash; a list with an anchor begins before it."""
    while at < len(text):
        line = text[at : line_end(text, at)]
        bare = line.lstrip(" ")
        if bare.strip() and not bare.startswith("#"):
            return len(line) - len(bare) if bare.startswith("-") else otherwise
        at = line_end(text, at)
    return otherwise


def _item(first: Any, events: Iterator[Any], text: str) -> Item:
    keys, end = list[Key](), first.end_mark.index
    last = first
    while isinstance(first, MappingStartEvent) and not isinstance(last := next(events), MappingEndEvent):
        value = next(events)
        end = _end_of(value, events, text)
        keys.append(Key(last.value, last.start_mark.index, value.start_mark.index, end))
    flow = bool(getattr(first, "flow_style", False))
    braces = flow and text[first.end_mark.index - 1] == "{"
    return Item(first.start_mark.index, last.end_mark.index if braces else end, tuple(keys), flow, braces)


def _end_of(first: Any, events: Iterator[Any], text: str) -> int:
    """Where the last character of a value is that means something; takes its events."""
    end: int = first.end_mark.index
    depth, event = 0, first
    while True:
        if isinstance(event, _STARTS):
            depth += 1
        elif isinstance(event, _ENDS):
            depth -= 1
            if text[event.end_mark.index - 1] in "]}":  # else it ends where the next thing begins
                end = max(end, event.end_mark.index)
        elif event.style in ("|", ">"):
            end = _stripped(text, event.end_mark.index)
        else:
            end = event.end_mark.index
        if depth == 0:
            return end
        event = next(events)


def _stripped(text: str, at: int) -> int:
    while text[at - 1].isspace():
        at -= 1
    return at


def _sources_of(text: str) -> tuple[Any, Any, Any, Iterator[Any]]:
    """The whole mapping, the key `sources`, the event that begins its value, and the events up to its end; None where
    there is no such key."""
    events = YAML(typ="safe", pure=True).parse(text)
    event = next(event for event in events if isinstance(event, MappingStartEvent))
    for key in events:
        if isinstance(key, MappingEndEvent):
            break
        value = next(events)
        if key.value == "sources":
            return event, key, value, _up_to_end(value, events)
        for _ in _up_to_end(value, events):
            pass
    return None, None, None, iter(())


def _up_to_end(first: Any, events: Iterator[Any]) -> Iterator[Any]:
    depth = int(isinstance(first, _STARTS))
    while depth:
        event = next(events)
        depth += isinstance(event, _STARTS) - isinstance(event, _ENDS)
        yield event


def line_end(text: str, at: int) -> int:
    """The offset behind the line that `at` is in."""
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def line_start(text: str, at: int) -> int:
    """The offset of the line that `at` is in."""
    return text.rfind("\n", 0, at) + 1


def past_comments(text: str, at: int, indent: int, *, past_blanks: bool = False) -> int:
    """Comments that are indented deeper than the dash belong to the source above; with `past_blanks` also those that
    blank lines part from it."""
    end = at
    while at < len(text):
        following = line_end(text, at)
        line = text[at:following]
        bare = line.lstrip(" ")
        if bare.startswith("#") and len(line) - len(bare) > indent:
            end = following
        elif not (past_blanks and not bare.strip()):
            break
        at = following
    return end
