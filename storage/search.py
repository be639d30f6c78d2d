"""What people type into a search box, understood: any text becomes a search, none becomes syntax.

| typed              | finds                                                                               |
|--------------------|-------------------------------------------------------------------------------------|
| `harbour ferry`    | articles with both words, anywhere in title, text, authors, tags or description     |
| `"harbour ferry"`  | the words next to each other, in this order; curly quotes and guillemets do as well  |
| `harb*`            | words that begin so; two letters at least, `MIN_PREFIX`                              |
| `-ferry`           | articles without it; `NOT ferry` says the same                                      |
| `harbour OR ferry` | either; OR joins its two neighbours first: `a OR b c` is (a or b) and c              |
| `title:harbour`    | in the title; also `author:`, and before a phrase                                   |
| `COVID-19`, `日本`  | one thing that holds several words is a phrase                                      |

Everything else is data. Case and accents count for nothing, a quote that is never closed ends with the text, AND is
understood and not needed. What is beyond `MAX_CHARACTERS`, `MAX_WORDS` or `MAX_PREFIXES` is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from storage.folding import words_of

MAX_CHARACTERS = 1_000
MAX_WORDS = 32
"""Of one search: each costs up to 0.1 s where a million articles hold it."""
MIN_PREFIX = 2
"""Letters. One letter would gather a twentieth of all words."""
MAX_PREFIXES = 4
"""Of one search; further stars are not seen. Each gathers up to 0.1 s worth of words in 100,000 articles."""
FIELDS = {"title": "title", "author": "authors", "authors": "authors"}
"""What may stand before a colon, and the column of the index that it names."""
EVERY = "\ue002"
"""A word that every indexed article holds, so that `-word` alone can be asked. Nobody can type it: private-use
characters are no part of words."""

_PIECE = re.compile(
    r'\s*(?P<without>-+(?=[^\s-]))?(?:(?P<field>\w+):(?=[^\s]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞「」『』", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word, or several that stand together."""

    words: tuple[str, ...]
    prefix: bool = False
    """Whether the last word may go on."""
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """Terms as asked for: one of each group must be there, none of the excluded may."""

    required: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()

    @property
    def sought(self) -> tuple[Term, ...]:
        """Every term that a result may hold."""
        return tuple(term for group in self.required for term in group)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the typed text: an operator (`OR`, `AND`, `NOT`) or a term."""

    operator: str | None = None
    term: Term | None = None
    excluded: bool = False


def understand(words: str) -> Search:
    """What a typed text asks for. Never raises; a text without any word in it gives an empty `Search`."""
    required: list[list[Term]] = []
    excluded: list[Term] = []
    either = without = False
    for piece in _pieces(words):
        if piece.term is None:
            either, without = piece.operator == "OR", without or piece.operator == "NOT"
            continue
        if piece.excluded or without:
            excluded.append(piece.term)
        elif either and required:
            required[-1].append(piece.term)
        elif [piece.term] not in required:
            required.append([piece.term])
        either = without = False
    return Search(tuple(map(tuple, required)), tuple(excluded))


def match_expression(words: str) -> str | None:
    """The typed text as an expression of SQLite's FTS5, for an index whose text `folding.index_text` made and whose
    columns are `title`, `text`, `authors`, `tags`, `description`. None where it holds no word.

    Every word is quoted and holds letters and digits only, so nothing typed can be syntax
    (https://www.sqlite.org/fts5.html#full_text_query_syntax).
    """
    search = understand(words)
    if not search.required and not search.excluded:
        return None
    wanted = " AND ".join(_either(group) for group in search.required) or f'"{EVERY}"'
    return f"({wanted}) NOT {_either(search.excluded)}" if search.excluded else wanted


def _pieces(words: str) -> Iterator[_Piece]:
    """The pieces of a typed text, as many as `MAX_WORDS` allows. An operator that has nothing to join is a word."""
    room, prefixes = MAX_WORDS, MAX_PREFIXES
    typed = words[:MAX_CHARACTERS].translate(_QUOTES)
    matches = list(_PIECE.finditer(typed))
    for place, match in enumerate(matches):
        if (
            match[0].strip() in ("OR", "AND", "NOT")
            and place + 1 < len(matches)
            and (place or match[0].strip() == "NOT")
        ):
            yield _Piece(operator=match[0].strip())
            continue
        term = _term(match)
        if term is None:
            continue
        term = replace(term, words=term.words[:room], prefix=term.prefix and prefixes > 0)
        room, prefixes = room - len(term.words), prefixes - term.prefix
        yield _Piece(term=term, excluded=match["without"] is not None)
        if room <= 0:
            return


def _term(match: re.Match[str]) -> Term | None:
    """The term of one piece; None where it holds no word, `--` or `!` say."""
    field, phrase, word = match["field"], match["phrase"], match["word"]
    column = FIELDS.get(field.casefold()) if field else None
    found = words_of(word if phrase is None else phrase)
    if field and column is None:
        found = [*words_of(field), *found]
    if not found:
        return None
    prefix = word is not None and word.endswith("*") and len(found[-1]) >= MIN_PREFIX
    return Term(tuple(found), prefix, column)


def _either(terms: tuple[Term, ...]) -> str:
    joined = " OR ".join(_quoted(term) for term in terms)
    return f"({joined})" if len(terms) > 1 else joined


def _quoted(term: Term) -> str:
    column = f"{term.column} : " if term.column else ""
    return f'{column}"{" ".join(term.words)}"{" *" if term.prefix else ""}'
