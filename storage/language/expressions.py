"""A tree of words as an expression of SQLite's FTS5, for an index whose text `folding.index_text` made and whose
columns are `title`, `text`, `authors`, `tags`, `description`.

Every word is quoted and holds letters and digits only, so nothing typed can be syntax
(https://www.sqlite.org/fts5.html#full_text_query_syntax).
"""

from __future__ import annotations

from collections.abc import Sequence

from storage.language.tree import AllOf, AnyOf, Filter, Node, Term, Without, all_of, any_of, holds_words_only

EVERY = "\ue002"
"""A word that every indexed article holds, so that `-word` alone can be asked. Nobody can type it: private-use
characters are no part of words."""


def expression(words: Node) -> str:
    """The expression that matches what the words do; of a tree without filters."""
    match words:
        case Term():
            column = f"{words.column} : " if words.column else ""
            return f'{column}"{" ".join(words.words)}"{" *" if words.prefix else ""}'
        case AnyOf(parts):
            return _either(parts)
        case Without(part):
            return f'("{EVERY}") NOT {_either([part])}'
        case AllOf(parts):
            wanted = [_either([part]) for part in parts if not isinstance(part, Without)]
            unwanted = [part.part for part in parts if isinstance(part, Without)]
            joined = " AND ".join(wanted) or f'"{EVERY}"'
            return f"({joined}) NOT {_either(unwanted)}" if unwanted else joined
        case Filter():
            raise ValueError(f"{words.name}: is none of the words")


def _either(parts: Sequence[Node]) -> str:
    joined = " OR ".join(
        expression(part) if isinstance(part, (Term, AnyOf)) else f"({expression(part)})" for part in parts
    )
    return f"({joined})" if len(parts) > 1 else joined


def names_what_is_there(words: Node) -> bool:
    """Whether the words lead to what matches: not so where it is told by what it lacks alone."""
    match words:
        case Without():
            return False
        case AllOf(parts):
            return any(map(names_what_is_there, parts))
        case AnyOf(parts):
            return all(map(names_what_is_there, parts))
    return True


def implied(node: Node) -> Node | None:
    """The words that whatever matches holds too, and that lead to it; for a tree of words it is the tree itself."""
    if holds_words_only(node):
        return node
    match node:
        case AllOf(parts):
            return all_of(map(implied, parts))
        case AnyOf(parts):
            found = [implied(part) for part in parts]
            if all(one is not None and names_what_is_there(one) for one in found):
                return any_of(found)
    return None
