"""What people type into a search box, understood: any text becomes a search. `storage.language.table` tells what may be
typed; everything else is data: `http://x` and `note:this` are words, and so is a filter within quotes. Case and accents
count for nothing, a quote or parenthesis that is never closed ends with the text, AND is understood and not needed.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass, field

from storage.errors import QueryError
from storage.language.expressions import EVERY, expression, implied
from storage.language.grammar import tree_of
from storage.language.pointing import Notice, pointed
from storage.language.tokens import MAX_CHARACTERS, MAX_FILTERS, MAX_PREFIXES, MAX_WORDS, MIN_PREFIX
from storage.language.tree import Filter, Node, Term, leaves
from storage.language.values import FIELDS, FILTERS

__all__ = [
    "EVERY",
    "FIELDS",
    "FILTERS",
    "MAX_CHARACTERS",
    "MAX_FILTERS",
    "MAX_PREFIXES",
    "MAX_WORDS",
    "MIN_PREFIX",
    "Filter",
    "Notice",
    "Search",
    "Term",
    "match_expression",
    "notices",
    "pointed",
    "understand",
]
KEPT_SEARCHES = 256
"""A page asks the same several times: for results, their number, facets and a time line."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for; a tree of None asks for nothing."""

    tree: Node | None = None
    notices: tuple[Notice, ...] = field(default=(), compare=False)

    @property
    def sought(self) -> tuple[Term, ...]:
        """Every term that a result may hold."""
        return tuple(leaf for leaf in leaves(self.tree, wanted_only=True) if isinstance(leaf, Term))

    @property
    def terms(self) -> tuple[Term, ...]:
        """Every term, excluded or not."""
        return tuple(leaf for leaf in leaves(self.tree) if isinstance(leaf, Term))

    @property
    def filters(self) -> tuple[Filter, ...]:
        """Every filter, excluded or not."""
        return tuple(leaf for leaf in leaves(self.tree) if isinstance(leaf, Filter))


def understand(words: str) -> Search:
    """What a typed text asks for; one without any word or filter in it gives an empty `Search`.

    Raises QueryError for a filter whose value cannot be read and for more than `MAX_FILTERS`; it says where. No other
    text raises.
    """
    # one character more than is read says that there are more
    return _understood(words[: MAX_CHARACTERS + 1])


@functools.lru_cache(KEPT_SEARCHES)
def _understood(words: str) -> Search:
    try:
        return Search(*tree_of(words))
    except QueryError as error:
        raise QueryError(str(error), query=words, start=error.start, end=error.end) from None


def notices(words: str) -> tuple[Notice, ...]:
    """What is odd but harmless in a typed text, in its order: a parenthesis that is never closed, an OR with nothing to
    join, a name that is no filter but near one. A text that is refused has none."""
    try:
        return understand(words).notices
    except QueryError:
        return ()


def match_expression(asked: Search | str) -> str | None:
    """The words of a search as an expression of the index (`storage.language.expressions`), which holds for whatever
    matches the search. None where no words do."""
    search = understand(asked) if isinstance(asked, str) else asked
    words = implied(search.tree) if search.tree is not None else None
    return expression(words) if words is not None else None
