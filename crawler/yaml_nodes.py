"""YAML text as a small tree that knows its lines, read strictly: what feeds.yaml needs and nothing that can explode.

ruamel.yaml does the reading (YAML 1.2); no object is ever constructed from tags. Not read, each with an error that says
so: aliases (`*name`; a few hundred bytes of them can stand for gigabytes), tags (`!!str`), a second document.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

MAX_BYTES = 4 * 1024 * 1024
"""About 20,000 sources; a larger file is no list of subscriptions that a person keeps."""

MAX_DEPTH = 20
"""feeds.yaml needs four levels."""

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_FLAG = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})
_NUMBER = re.compile(r"[-+]?(?:\d+|0x[0-9a-fA-F]+|0o[0-7]+|(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?|\.(?:inf|Inf|INF))")
_INDENTED_BY_TAB = re.compile(r" *\t")


class YamlProblem(Exception):
    """The text cannot be read as one YAML document; `line` counts from 1."""

    def __init__(self, line: int | None, problem: str) -> None:
        super().__init__(problem)
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Scalar:
    """A single value as it was written, quotes and escapes resolved."""

    text: str
    plain: bool
    """Written without quotes, so that `true` and `5` are no text (YAML 1.2.2 section 10.3)."""
    line: int

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in _NULL

    @property
    def is_flag(self) -> bool:
        return self.plain and self.text in _FLAG

    @property
    def is_number(self) -> bool:
        return self.plain and _NUMBER.fullmatch(self.text) is not None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping in the order of the file; a key that stands twice is in it twice."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int


Node = Scalar | Items | Pairs


def read_yaml(raw: bytes) -> Node | None:
    """The document as a tree; None where it is empty. Raises `YamlProblem` where it is no YAML that is read here."""
    text = _decoded(raw)
    reader = YAML(typ="safe", pure=True)
    try:
        events = _content(reader.parse(text))
        first = next(events, None)
        if first is None:
            return None
        root = _node(first, events, 0)
        for _ in events:  # the rest must be readable too
            pass
    except ReaderError as error:
        code = error.character if isinstance(error.character, int) else ord(str(error.character)[0])
        raise YamlProblem(
            text.count("\n", 0, error.position) + 1, f"a control character (U+{code:04X}); remove it"
        ) from None
    except MarkedYAMLError as error:
        raise _explained(error, text) from None
    except YAMLError as error:
        raise YamlProblem(None, f"not valid YAML: {' '.join(str(error).split())[:200]}") from None
    if isinstance(root, Scalar) and root.is_null:
        return None
    return root


def _decoded(raw: bytes) -> str:
    if len(raw) > MAX_BYTES:
        raise YamlProblem(None, f"larger than {MAX_BYTES // 2**20} MiB; split it and give each part its own corpus")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise YamlProblem(line, "not UTF-8; save the file in the encoding UTF-8") from None


def _content(events: Iterator[Any]) -> Iterator[Any]:
    """The events that carry content; refuses what is not read."""
    documents = 0
    for event in events:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise YamlProblem(line, "a second document begins with ---; one file holds one document")
        elif isinstance(event, AliasEvent):
            raise YamlProblem(
                line, f"*{event.anchor}: aliases are not read; repeat the value, or put what all share under defaults"
            )
        elif isinstance(event, ScalarEvent | SequenceStartEvent | MappingStartEvent):
            if event.tag is not None:
                raise YamlProblem(line, "a tag (!name) before a value is not read; remove it")
            yield event
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            yield event


def _node(event: Any, events: Iterator[Any], depth: int) -> Node:
    line = event.start_mark.line + 1
    if depth > MAX_DEPTH:
        raise YamlProblem(line, f"nested more than {MAX_DEPTH} levels deep")
    if isinstance(event, ScalarEvent):
        return Scalar(event.value, plain=event.implicit[0], line=line)
    if isinstance(event, SequenceStartEvent):
        items = []
        while not isinstance(event := next(events), SequenceEndEvent):
            items.append(_node(event, events, depth + 1))
        return Items(tuple(items), line)
    pairs = []
    while not isinstance(event := next(events), MappingEndEvent):
        key = _node(event, events, depth + 1)
        if not isinstance(key, Scalar):
            raise YamlProblem(key.line, "a key must be a word")
        pairs.append((key, _node(next(events), events, depth + 1)))
    return Pairs(tuple(pairs), line)


def _explained(error: MarkedYAMLError, text: str) -> YamlProblem:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else None
    lines = text.splitlines()
    written = lines[line - 1] if line is not None and line <= len(lines) else ""
    problem = " ".join((error.problem or error.context or "").split())
    if "'\\t'" in problem or _INDENTED_BY_TAB.match(written):
        return YamlProblem(line, "a tab; YAML is indented with spaces")
    if "mapping values are not allowed" in problem:
        return YamlProblem(line, "a colon where none may stand; check the indentation, or put the value in quotes")
    if line is not None and line > len(lines):
        return YamlProblem(len(lines), f"the file ends too early ({problem}); close what is open")
    return YamlProblem(line, f"not valid YAML ({problem}); check quotes, brackets and indentation")
