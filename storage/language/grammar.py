"""The grammar of searches, and the tree that a typed text is.

OR joins its two neighbours before anything else does: `a OR b c` is (a or b) and c. What the tokens of `tokens_of` are
is always a sentence of this grammar, so that no text is refused here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from storage.language.pointing import Notice
from storage.language.tokens import Token, tokens_of
from storage.language.tree import Node, all_of, any_of, without

if TYPE_CHECKING:
    from lark import Lark

GRAMMAR = """
%declare TERM FILTER OPEN CLOSE OR AND NOT
start: all
all: any (AND? any)*
any: one (OR one)*
?one: NOT one     -> excluded
    | OPEN all? CLOSE -> group
    | TERM        -> leaf
    | FILTER      -> leaf
"""


def tree_of(typed: str) -> tuple[Node | None, tuple[Notice, ...]]:
    """What a typed text asks for, None where there is no word or filter in it, and what is odd about it. Raises
    QueryError for a filter whose value cannot be read, and for one too many."""
    tokens, notices = tokens_of(typed)
    notices += _mixed(tokens)
    if not tokens:
        return None, tuple(notices)
    tree: Node | None = _parser().parse(tokens)  # type: ignore[assignment]
    return tree, tuple(notices)


def _mixed(tokens: Sequence[Token]) -> list[Notice]:
    """A notice for the first AND beside an OR, for elsewhere AND goes first."""
    levels: list[set[str]] = [set()]
    for token in tokens:
        if token.kind == "OPEN":
            levels.append(set())
        elif token.kind == "CLOSE":
            levels.pop()
        elif token.kind in ("OR", "AND"):
            levels[-1].add(token.kind)
            if len(levels[-1]) == 2:
                said = "OR joins before AND does: a AND b OR c is a AND (b OR c); parentheses say it otherwise"
                return [Notice(token.start, token.end, said)]
    return []


@functools.cache
def _parser() -> Lark:
    """Built when the first search comes, in a few hundredths of a second."""
    from lark import Lark, Transformer
    from lark import Token as Leaf
    from lark.lexer import Lexer

    class Ready(Lexer):
        """Hands on tokens that are cut already."""

        def __init__(self, _: object) -> None:
            pass

        def lex(self, tokens: Sequence[Token]) -> Iterator[Leaf]:  # type: ignore[override]
            for token in tokens:
                leaf = Leaf(token.kind, "")
                leaf.value = token.value
                yield leaf

    class Growing(Transformer[Leaf, Node | None]):
        """Makes our nodes as rules are recognised: on a stack, never by recursion."""

        def start(self, parts: list[Node | None]) -> Node | None:
            return parts[0]

        def all(self, parts: list[Node | Leaf | None]) -> Node | None:
            return all_of(part for part in parts if not isinstance(part, Leaf))

        def any(self, parts: list[Node | Leaf | None]) -> Node | None:
            return any_of(part for part in parts if not isinstance(part, Leaf))

        def excluded(self, parts: list[Node | None]) -> Node | None:
            return without(parts[1])

        def group(self, parts: list[Node | Leaf | None]) -> Node | None:
            return next((part for part in parts if not isinstance(part, Leaf)), None)

        def leaf(self, parts: list[Leaf]) -> Node | None:
            node: Node = parts[0].value
            return node

    return Lark(GRAMMAR, parser="lalr", lexer=Ready, transformer=Growing())
