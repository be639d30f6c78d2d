"""What a typed text asks for, as a tree: words and filters, joined and excluded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from storage.answers import Query


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word, or several that stand together."""

    words: tuple[str, ...]
    prefix: bool = False
    """Whether the last word may go on."""
    column: str | None = None
    start: int = field(default=0, compare=False)
    """Where it stands in the typed text, without what names its column, and without quotes."""
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Filter:
    """One thing that an article is or has, whatever its words."""

    name: str
    value: str
    only: Query | None = None
    """The same as a query with one field; None for `has`, of which `value` is a name in `values.HAS`."""
    start: int = field(default=0, compare=False)
    """Where its value stands in the typed text, without quotes."""
    end: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Without:
    """Whatever the part does not match."""

    part: Node


@dataclass(frozen=True, slots=True)
class AllOf:
    """What every part matches; two or more, none of them an `AllOf`."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """What one part matches; two or more, none of them an `AnyOf`."""

    parts: tuple[Node, ...]


Node = Term | Filter | Without | AllOf | AnyOf


def all_of(parts: Iterable[Node | None]) -> Node | None:
    """What all parts match that ask for anything, each once; None where none does."""
    flat = _flat(parts, AllOf)
    return AllOf(flat) if len(flat) > 1 else flat[0] if flat else None


def any_of(parts: Iterable[Node | None]) -> Node | None:
    """What one of the parts matches that ask for anything, each once; None where none does."""
    flat = _flat(parts, AnyOf)
    return AnyOf(flat) if len(flat) > 1 else flat[0] if flat else None


def without(part: Node | None) -> Node | None:
    """What the part does not match."""
    if part is None:
        return None
    return part.part if isinstance(part, Without) else Without(part)


def _flat(parts: Iterable[Node | None], kind: type[AllOf | AnyOf]) -> tuple[Node, ...]:
    flat: dict[Node, None] = {}
    for part in parts:
        if isinstance(part, kind):
            flat.update(dict.fromkeys(part.parts))
        elif part is not None:
            flat[part] = None
    return tuple(flat)


def leaves(node: Node | None, *, wanted_only: bool = False) -> Iterator[Term | Filter]:
    """The words and filters of a tree, in order; `wanted_only` those that something found may hold."""
    waiting: list[tuple[Node, bool]] = [(node, True)] if node is not None else []
    while waiting:
        one, is_wanted = waiting.pop()
        if isinstance(one, (Term, Filter)):
            if is_wanted or not wanted_only:
                yield one
        elif isinstance(one, Without):
            waiting.append((one.part, not is_wanted))
        else:
            waiting += [(part, is_wanted) for part in reversed(one.parts)]


def holds_words_only(node: Node) -> bool:
    """Whether the index of words alone can answer it."""
    return not any(isinstance(leaf, Filter) for leaf in leaves(node))


def parts_of(node: Node | None) -> Sequence[Node]:
    """The parts that must all hold."""
    if node is None:
        return ()
    return node.parts if isinstance(node, AllOf) else (node,)
