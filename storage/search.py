"""What people type into a search box, understood: any text becomes a search, none becomes syntax.

| typed                  | finds                                                                               |
|------------------------|-------------------------------------------------------------------------------------|
| `harbour ferry`        | articles with both words, anywhere in title, text, authors, tags or description     |
| `"harbour ferry"`      | the words next to each other, in this order; curly quotes and guillemets do as well |
| `harb*`                | words that begin so; two letters at least, `MIN_PREFIX`                             |
| `-ferry`               | articles without it; `NOT ferry` says the same                                      |
| `harbour OR ferry`     | either; OR joins its two neighbours first: `a OR b c` is (a or b) and c             |
| `title:harbour`        | in the title; also `author:`, and before a phrase                                   |
| `COVID-19`, `日本`      | one thing that holds several words is a phrase                                      |
| `source:"Port Gazette"` | what `Query.source` finds; also `site:`, `language:`, `tag:` and `story:12`        |
| `since:2020-05`        | from the first of May on, as `Query.since`; also `until:`, `2020-05-25` and `2020`  |
| `-site:paper.example`  | articles from elsewhere; every filter can be excluded                               |
| `tag:sea OR tag:air`   | either; OR joins filters with filters and words with words                          |

Everything else is data: `http://x` and `note:this` are words, and so is a filter within quotes. Case and accents count
for nothing, a quote that is never closed ends with the text, AND is understood and not needed. What is beyond
`MAX_CHARACTERS`, `MAX_WORDS` or `MAX_PREFIXES` is not looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import TypeVar

from storage.answers import Query
from storage.errors import QueryError
from storage.folding import words_of
from storage.plain import plain_line

MAX_CHARACTERS = 1_000
MAX_WORDS = 32
"""Of one search: each costs up to 0.1 s where a million articles hold it."""
MIN_PREFIX = 2
"""Letters. One letter would gather a twentieth of all words."""
MAX_PREFIXES = 4
"""Of one search; further stars are not seen. Each gathers up to 0.1 s worth of words in 100,000 articles."""
FIELDS = {"title": "title", "author": "authors", "authors": "authors"}
"""What may stand before a colon, and the column of the index that it names."""
FILTERS = {
    "source": 'source:NAME or source:"Two Words"',
    "site": "site:DOMAIN",
    "language": "language:CODE",
    "tag": 'tag:NAME or tag:"Two Words"',
    "since": "since:2020-05-25, since:2020-05 or since:2020",
    "until": "until:2020-05-25, until:2020-05 or until:2020",
    "story": "story:NUMBER",
}
"""What may stand before a colon to name a field of `Query`, and how it is written."""
MAX_FILTERS = 16
"""Of one search: each costs a look at the tables for every article that matches the rest."""
EVERY = "\ue002"
"""A word that every indexed article holds, so that `-word` alone can be asked. Nobody can type it: private-use
characters are no part of words."""

_PIECE = re.compile(
    r'\s*(?P<without>-+(?=[^\s-]))?(?:(?P<field>\w+):(?=[^\s]))?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))'
)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?")
_NUMBER = re.compile(r"[0-9]{1,18}")
_QUOTES = str.maketrans(dict.fromkeys("“”„‟«»＂〝〞「」『』", '"'))


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to look for: a word, or several that stand together."""

    words: tuple[str, ...]
    prefix: bool = False
    """Whether the last word may go on."""
    column: str | None = None


_Part = TypeVar("_Part", Term, Query)


@dataclass(frozen=True, slots=True)
class Search:
    """What is asked for: one of each group must be there, none of the excluded may."""

    required: tuple[tuple[Term, ...], ...] = ()
    excluded: tuple[Term, ...] = ()
    within: tuple[tuple[Query, ...], ...] = ()
    """Filters, as queries without words, of which one in each group must hold."""
    outside: tuple[Query, ...] = ()
    """Filters of which none may hold."""

    @property
    def sought(self) -> tuple[Term, ...]:
        """Every term that a result may hold."""
        return tuple(term for group in self.required for term in group)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the typed text: an operator (`OR`, `AND`, `NOT`), a term, a filter, or nothing to look for."""

    operator: str | None = None
    term: Term | None = None
    only: Query | None = None
    excluded: bool = False


def understand(words: str) -> Search:
    """What a typed text asks for; one without any word or filter in it gives an empty `Search`.

    Raises QueryError for a filter whose value cannot be read, for one that OR joins with a word, and for more than
    `MAX_FILTERS`. No other text raises.
    """
    required: list[list[Term]] = []
    excluded: list[Term] = []
    within: list[list[Query]] = []
    outside: list[Query] = []
    former = _Piece()
    either = without = False
    for piece in _pieces(words):
        if piece.operator is not None:
            either, without = piece.operator == "OR", without or piece.operator == "NOT"
            continue
        is_excluded = piece.excluded or without
        is_joined = either and not is_excluded and former != _Piece()
        if is_joined and (former.only is None) is not (piece.only is None):
            raise QueryError("OR joins words with words and filters with filters; search for the two apart")
        if piece.term is not None:
            _place(piece.term, required, excluded, is_excluded, is_joined)
        elif piece.only is not None:
            _place(piece.only, within, outside, is_excluded, is_joined)
        former = _Piece() if is_excluded else piece
        either = without = False
    return Search(tuple(map(tuple, required)), tuple(excluded), tuple(map(tuple, within)), tuple(outside))


def _place(one: _Part, required: list[list[_Part]], excluded: list[_Part], is_excluded: bool, is_joined: bool) -> None:
    if is_excluded:
        excluded.append(one)
    elif is_joined:
        required[-1].append(one)
    elif [one] not in required:
        required.append([one])


def match_expression(asked: Search | str) -> str | None:
    """The words of a search as an expression of SQLite's FTS5, for an index whose text `folding.index_text` made and
    whose columns are `title`, `text`, `authors`, `tags`, `description`. None where there is no word.

    Every word is quoted and holds letters and digits only, so nothing typed can be syntax
    (https://www.sqlite.org/fts5.html#full_text_query_syntax).
    """
    search = understand(asked) if isinstance(asked, str) else asked
    if not search.required and not search.excluded:
        return None
    wanted = " AND ".join(_either(group) for group in search.required) or f'"{EVERY}"'
    return f"({wanted}) NOT {_either(search.excluded)}" if search.excluded else wanted


def _pieces(words: str) -> Iterator[_Piece]:
    """The pieces of a typed text, with as many words as `MAX_WORDS` allows; filters beyond them still count. An
    operator that has nothing to join is a word."""
    room, prefixes, filters = MAX_WORDS, MAX_PREFIXES, MAX_FILTERS
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
        excluded = match["without"] is not None
        if (only := _filter(match)) is not None:
            if filters == 0:
                raise QueryError(f"{plain_line(match[0])[:80]}: more than {MAX_FILTERS} filters; take some out")
            filters -= 1
            yield _Piece(only=only, excluded=excluded)
            continue
        term = _term(match)
        if term is None:
            continue
        if room == 0:
            yield _Piece()
            continue
        term = replace(term, words=term.words[:room], prefix=term.prefix and prefixes > 0)
        room, prefixes = room - len(term.words), prefixes - term.prefix
        yield _Piece(term=term, excluded=excluded)


def _filter(match: re.Match[str]) -> Query | None:
    """The filter that a piece is; None where it is none. Raises QueryError where its value cannot be read."""
    name = (match["field"] or "").casefold()
    if name not in FILTERS:
        return None
    value = (match["word"] if match["phrase"] is None else match["phrase"]).strip()
    only = _query(name, value)
    if only is None:
        typed = f"{name}:{plain_line(value)[:80]}"
        raise QueryError(f'{typed}: cannot be read; write {FILTERS[name]}, or "{typed}" in quotes for the words')
    return only


def _query(name: str, value: str) -> Query | None:
    """A query with one field; None where the value does not fit it."""
    if not value:
        return None
    match name:
        case "source":
            return Query(source=value)
        case "site":
            return Query(site=value)
        case "language":
            return Query(language=value)
        case "tag":
            return Query(tag=value)
        case "story":
            return Query(story=int(value)) if _NUMBER.fullmatch(value) else None
    day = _first_day(value)
    if day is None:
        return None
    return Query(since=day) if name == "since" else Query(until=day)


def _first_day(value: str) -> date | None:
    """The day, or the first of the month or year, that is written so."""
    match = _DATE.fullmatch(value)
    try:
        return date(*(int(part or 1) for part in match.groups())) if match else None
    except ValueError:
        return None


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
