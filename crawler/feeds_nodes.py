"""The nodes of a feeds.yaml, turned into values; of each mistake, where it stands and what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from crawler import feeds_values as values
from crawler.errors import ConfigError
from crawler.feeds_schema import LATER, SOURCE_KEYS, key_named
from crawler.feeds_values import Unreadable, shown
from crawler.naming import either
from crawler.rechecks import MOST_RECHECKS, RECHECK_S
from crawler.yaml_nodes import Items, Node, Pairs, Scalar
from storage import plain_line

MOST_ERRORS = 10
"""Errors that one `ConfigError` tells; after these, correcting goes faster than reading on."""

T = TypeVar("T")


@dataclass(slots=True)
class Report:
    """The mistakes that were found."""

    path: Path
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int | None, key: str, problem: str) -> None:
        """One more; without a line where it is about the whole file."""
        place = f"{self.path}:{line}" if line else f"{self.path}"
        self.found.append((line or 0, f"{place}: {f'{key}: ' if key else ''}{problem}"))

    def error(self) -> ConfigError:
        """All of them, in the order of the file."""
        lines = [text for _, text in sorted(self.found, key=lambda one: one[0])]
        if len(lines) > MOST_ERRORS:
            lines[MOST_ERRORS:] = [f"{self.path}: and {len(lines) - MOST_ERRORS} more"]
        return ConfigError("\n".join(lines))


@dataclass(frozen=True, slots=True)
class Written:
    """A value, where it stands and what to call it."""

    node: Node
    line: int
    key: str


Fields = dict[str, Written]


@dataclass(frozen=True, slots=True)
class Nodes:
    """Turns nodes into values. What is wrong is reported, and None or () returned."""

    report: Report
    environ: Mapping[str, str]

    def tell(self, written: Written, problem: str) -> None:
        """Report what is wrong with a value."""
        self.report.add(written.line, written.key, problem)

    def read(self, written: Written | None, meaning: Callable[[str], T]) -> T | None:
        """A single value."""
        if written is None:
            return None
        try:
            return meaning(text_of(written.node))
        except Unreadable as problem:
            self.tell(written, str(problem))
            return None

    def many(self, written: Written | None, meaning: Callable[[str], T]) -> tuple[T, ...]:
        """A list; a single value stands for a list of one."""
        if written is None:
            return ()
        if not isinstance(written.node, Items):
            one = self.read(written, meaning)
            return () if one is None else (one,)
        items = [
            self.read(Written(item, item.line, f"{written.key}[{number}]"), meaning)
            for number, item in enumerate(written.node.items)
        ]
        return tuple(dict.fromkeys(item for item in items if item is not None))

    def choice(self, written: Written | None) -> str | None:
        """One of the words that the key knows."""
        if written is None:
            return None
        choices = key_named(written.key.rpartition(".")[2]).choices

        def chosen(text: str) -> str:
            if text not in choices:
                raise Unreadable(f"{shown(text)} is none of {either(choices)}; write one of them")
            return text

        return self.read(written, chosen)

    def flag(self, written: Written | None, *, default: bool = True) -> bool:
        """true or false."""
        if written is None:
            return default
        if isinstance(written.node, Scalar) and written.node.is_flag:
            return written.node.text.lower() == "true"
        what = shown(written.node.text) if isinstance(written.node, Scalar) else kind_of(written.node)
        self.tell(written, f"{what} is neither true nor false; write one of them")
        return default

    def spans(self, written: Written | None) -> tuple[float, ...]:
        """Ascending; none where the key says `false`."""
        if written is None:
            return RECHECK_S
        node = written.node
        if isinstance(node, Scalar) and node.is_flag and node.text.lower() == "false":
            return ()
        if isinstance(node, Items) and len(node.items) > MOST_RECHECKS:
            self.tell(written, f"has more than {MOST_RECHECKS} items; take some out")
        return tuple(sorted(self.many(written, values.span_s)))

    def user_agent(self, text: str) -> str:
        """What a header can carry."""
        agent = values.text(text)
        if not agent.isascii():
            raise Unreadable("holds a character that is not ASCII, which no User-Agent may; write it without")
        return agent

    def expanding(self, meaning: Callable[[str, Mapping[str, str]], T]) -> Callable[[str], T]:
        """A reading that replaces `${NAME}` first."""
        return lambda text: meaning(text, self.environ)

    def named(
        self, written: Written | None, name_of: Callable[[str], str], value_of: Callable[[str], str]
    ) -> dict[str, str]:
        """Names and values of the user's own."""
        if written is None:
            return {}
        if not isinstance(written.node, Pairs):
            self.tell(written, f"must be names and values, not {kind_of(written.node)}; write NAME: VALUE")
            return {}
        result: dict[str, str] = {}
        for name, field_ in self.fields(written.node, written.key, None).items():
            known = self.read(Written(Scalar(name, False, field_.line), field_.line, field_.key), name_of)
            value = self.read(field_, value_of)
            if known is not None and value is not None:
                result[known] = value
        return result

    def mapping(self, written: Written, keys: Sequence[str]) -> Fields:
        """A group of these keys; nothing stands for an empty one."""
        if isinstance(written.node, Pairs):
            return self.fields(written.node, written.key, keys)
        if not (isinstance(written.node, Scalar) and written.node.is_null):
            self.tell(written, f"must hold keys ({', '.join(keys[:3])} ...), not {kind_of(written.node)}")
        return {}

    def fields(self, node: Pairs, place: str, keys: Sequence[str] | None) -> Fields:
        """The fields of a mapping by name; unknown and repeated keys are reported and left out."""
        fields: Fields = {}
        for key, value in node.pairs:
            full = f"{place}.{plain_line(key.text)[:80]}" if place else plain_line(key.text)[:80]
            if keys is not None and key.text not in keys:
                self.report.add(key.line, full, _unknown(key.text, keys, place))
            elif key.text in fields:
                self.report.add(key.line, full, f"stands here already in line {fields[key.text].line}; remove one")
            else:
                line = value.line if isinstance(value, Scalar) and value.text else key.line
                fields[key.text] = Written(value, line, full)
        return fields

    def items(self, written: Written | None, what: str) -> Iterator[Written]:
        """The items of a list at the top of the file; none where it stands empty."""
        if written is None or (isinstance(written.node, Scalar) and written.node.is_null):
            return
        if not isinstance(written.node, Items):
            self.tell(written, f"must be a list, each {what} after a dash, not {kind_of(written.node)}")
            return
        for number, item in enumerate(written.node.items):
            yield Written(item, item.line, f"{written.key}[{number}]")

    def has_name(self, fields: Fields) -> bool:
        """Whether there is a name that can be read."""
        written = fields.get("name")
        return written is not None and isinstance(written.node, Scalar) and self.quiet(written)

    def quiet(self, written: Written) -> bool:
        """Whether a name that was reported on already can be read."""
        try:
            values.text(text_of(written.node))
        except Unreadable:
            return False
        return True


def text_of(node: Node) -> str:
    """The text of a single value; raises `Unreadable` where it is something else."""
    if not isinstance(node, Scalar):
        raise Unreadable(f"must be a single value, not {kind_of(node)}")
    if node.is_null:
        raise Unreadable("is empty; write something or remove the key")
    if node.is_flag:
        raise Unreadable(f"must be a text, not {node.text}; put it in quotes if it is meant so")
    if any("\ud800" <= char <= "\udfff" for char in node.text):
        raise Unreadable("holds half of a character (a lone surrogate); write the whole one")
    return node.text


def kind_of(node: Node) -> str:
    """What a node is, for people."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Pairs):
        return "a group of keys"
    if node.is_null:
        return "nothing"
    return "a number" if node.is_number else "true or false" if node.is_flag else "a text"


def _unknown(key: str, keys: Sequence[str], place: str) -> str:
    if key in LATER and place not in ("", "network"):
        return "is not available in this version; remove it"
    near = difflib.get_close_matches(key.lower().replace("-", "_"), keys, n=1, cutoff=0.6)
    if near:
        return f"there is no such key; did you mean {near[0]}?"
    if place == "defaults" and key in SOURCE_KEYS:
        return "belongs to one source alone; write it there"
    if place == "" and key in SOURCE_KEYS:
        return "belongs to a source; write it under sources: or defaults:"
    return f"there is no such key; known are {', '.join(keys)}"
