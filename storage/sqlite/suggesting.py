"""Finds what may have been meant by a search that the corpus cannot answer: its own words, sources, tags and sites."""

# ruff: noqa: S608 - what is put into statements are constants of this package; values are parameters

from __future__ import annotations

import itertools
import math
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from storage.answers import Query
from storage.errors import QueryError
from storage.folding import fold, fold_by_character, fold_tag, words
from storage.language.expressions import expression
from storage.language.languages import codes_of
from storage.language.nearness import nearest, one_slip_away, slips, slips_allowed
from storage.language.tokens import MAX_CHARACTERS
from storage.language.tree import Filter, Term, leaves
from storage.language.values import meant_by
from storage.search import understand
from storage.sqlite import index, vocabulary
from storage.sqlite.matching import matches_of
from storage.sqlite.rows import list_of
from storage.sqlite.searching import OutOfTime, deadline

SUGGEST_S = 0.1
"""A suggestion that takes longer is none. It takes a tenth of that, but not where nothing is in memory yet."""
MOST_WORDS = 8
"""Of a search that are looked at: who types more has not slipped, but asked for what is not there."""
TRIED = 3
"""Candidates for one word."""
MOST_TRIED = 9
"""Searches that are tried, the likeliest first."""
SLIP_COST = math.log(150)
"""A word that is one slip nearer is preferred to one that stands in 150 times as many articles."""
MOST_NAMES = 5_000
"""Sources or sites that a value is compared with."""

_NAMED = re.compile(r"(\w+):(?=\S)")
_BARE = re.compile(r"[\w][\w.\-/+&']*")
_QUOTING = frozenset('"“”„‟«»＂〝〞「」『』')


@dataclass(frozen=True, slots=True)
class _Change:
    """Another text for a stretch of the typed one; what it is worth beside other such."""

    start: int
    end: int
    text: str
    worth: float = 0.0


def did_you_mean(connection: sqlite3.Connection, query: Query) -> str | None:
    """See `storage.corpus.Corpus.did_you_mean`."""
    tree = understand(query.words).tree
    if tree is None or not index.is_usable(connection):
        return None
    typed = query.words[:MAX_CHARACTERS]
    try:
        with deadline(connection, SUGGEST_S):
            suggesting = _Suggesting(connection, typed, monotonic() + SUGGEST_S)
            doubtful = list(suggesting.doubtful(leaves(tree, wanted_only=True)))
            for changes in _likeliest(doubtful):
                suggested = _changed(typed, changes)
                if suggesting.finds(replace(query, words=suggested)):
                    return suggested
    except OutOfTime:
        pass
    return None


def _likeliest(doubtful: Sequence[Sequence[_Change]]) -> list[tuple[_Change, ...]]:
    """One change for each doubtful stretch, the best first."""
    if not doubtful:
        return []
    few = [sorted(changes, key=lambda one: -one.worth)[:TRIED] for changes in doubtful]
    tried = itertools.islice(itertools.product(*few), 4 * MOST_TRIED)
    return sorted(tried, key=lambda changes: -sum(one.worth for one in changes))[:MOST_TRIED]


def _changed(typed: str, changes: Iterable[_Change]) -> str:
    for change in sorted(changes, key=lambda one: -one.start):
        typed = typed[: change.start] + change.text + typed[change.end :]
    return typed


@dataclass(frozen=True, slots=True)
class _Suggesting:
    """Asks the index and the tables."""

    connection: sqlite3.Connection
    typed: str
    end: float
    """On the clock: what is compared here rather than by SQLite looks at it."""

    def _hurry(self) -> None:
        if monotonic() > self.end:
            raise OutOfTime

    def finds(self, query: Query) -> bool:
        """Whether anything matches."""
        self._hurry()
        try:
            matches = matches_of(self.connection, query)
        except QueryError:
            return False
        sql = f"SELECT 1 FROM {matches.tables} WHERE {matches.where} LIMIT 1"
        return self.connection.execute(sql, matches.values).fetchone() is not None

    def doubtful(self, wanted: Iterable[Term | Filter]) -> Iterator[list[_Change]]:
        """What each word or value that the corpus does not have may stand for, where there is anything."""
        seen = 0
        for leaf in wanted:
            self._hurry()
            if isinstance(leaf, Filter):
                if changes := self._of_filter(leaf):
                    yield changes
                continue
            if change := self._of_name(leaf):
                yield [change]
                continue
            for place, (start, end, word) in enumerate(_words_in(self.typed, leaf)[: len(leaf.words)]):
                seen += 1
                is_beginning = leaf.prefix and place + 1 == len(leaf.words)
                self._hurry()
                if seen > MOST_WORDS or self._has(word, leaf.column, is_beginning=is_beginning):
                    continue
                if changes := self._of_word(word, start, end, leaf, is_beginning=is_beginning):
                    yield changes

    def _of_name(self, term: Term) -> _Change | None:
        """A filter in place of a word before a colon."""
        named = _NAMED.match(self.typed, term.start, term.end)
        meant = meant_by(named[1].casefold()) if named else None
        return _Change(term.start, named.end() - 1, meant) if named and meant else None

    def _has(self, word: str, column: str | None, *, is_beginning: bool) -> bool:
        if is_beginning:
            return vocabulary.begins_any(self.connection, word)
        sql = "SELECT 1 FROM idx.texts WHERE texts MATCH ? LIMIT 1"
        return self.connection.execute(sql, (expression(Term((word,), column=column)),)).fetchone() is not None

    def _of_word(self, word: str, start: int, end: int, term: Term, *, is_beginning: bool) -> list[_Change]:
        if is_beginning:
            found = vocabulary.near_beginnings(self.connection, word)
        else:
            found = vocabulary.near_words(self.connection, word)
            if len(term.words) == 1 and not term.column:
                found += vocabulary.split_words(self.connection, word)
        typed = self.typed[start:end]
        likely = sorted(
            (
                _Change(start, end, _dressed(known, typed), _worth(word, known, away, count))
                for known, away, count in found
            ),
            key=lambda one: -one.worth,
        )
        columns = (change for change in likely if term.column is None or self._stands(change, term.column))
        return list(itertools.islice(columns, TRIED))

    def _stands(self, change: _Change, column: str) -> bool:
        return self._has(fold(change.text), column, is_beginning=False)

    def _of_filter(self, one: Filter) -> list[_Change]:
        near = _NEAR.get(one.name)
        found = near(self.connection, one.value) if near else None
        if found is None or any(character in _QUOTING for character in found):
            return []
        is_quoted = one.start > 0 and self.typed[one.start - 1 : one.start].strip() in _QUOTING
        text = found if is_quoted or _BARE.fullmatch(found) else f'"{found}"'
        return [_Change(one.start, one.end, text)]


def _words_in(typed: str, term: Term) -> list[tuple[int, int, str]]:
    """Start, end and folded text of each word of a term."""
    folded, origins = fold_by_character(typed[term.start : term.end])
    found = []
    for start, end, word in words(folded):
        first, last = (start, end) if origins is None else (origins[start], origins[end - 1] + 1)
        found.append((term.start + first, term.start + last, word))
    return found


def _worth(word: str, known: str, away: int, articles: int) -> float:
    return math.log(articles + 1) - SLIP_COST * away + (known[0] == word[0])


def _dressed(known: str, typed: str) -> str:
    """A word in the capitals of the one that it replaces."""
    if len(typed) > 1 and typed.isupper():
        return known.upper()
    return known.title() if typed.istitle() else known


def _near_source(connection: sqlite3.Connection, value: str) -> str | None:
    rows = connection.execute("SELECT name, url FROM sources ORDER BY id LIMIT ?", (MOST_NAMES,)).fetchall()
    return None if any(value in row for row in rows) else _near_name(value, [name for name, _ in rows])


def _near_site(connection: sqlite3.Connection, value: str) -> str | None:
    known = _distinct(connection, "site")
    value = value.casefold()
    return None if value in known else _near_name(value, known)


def _near_language(connection: sqlite3.Connection, value: str) -> str | None:
    known = _distinct(connection, "language")
    if value.casefold().partition("-")[0] in known:
        return None
    return next((code for code in codes_of(value) if code in known), None)


def _near_tag(connection: sqlite3.Connection, value: str) -> str | None:
    given = [
        tag for (tags,) in connection.execute("SELECT tags FROM sources WHERE tags <> '[]'") for tag in list_of(tags)
    ]
    sql = "SELECT tag FROM idx.tags WHERE folded = ? LIMIT 1"

    def standing(tag: str) -> str | None:
        row = connection.execute(sql, (fold_tag(tag),)).fetchone()
        return str(row[0]) if row else None

    if standing(value) or fold_tag(value) in map(fold_tag, given):
        return None
    asked = fold_tag(value)
    if not slips_allowed(asked):
        return None
    near = next((found for one in one_slip_away(asked) if (found := standing(one)) is not None), None)
    if near is None and slips_allowed(asked) > 1:
        begins = asked[: vocabulary.SHARED_LETTERS]
        rows = connection.execute(
            "SELECT min(tag) FROM idx.tags WHERE folded >= ? AND folded < ? GROUP BY folded LIMIT ?",
            (begins, begins + "\U0010ffff", vocabulary.MOST_COMPARED),
        )
        near = next((tag for (tag,) in rows if slips(asked, tag.lower(), 2) <= 2), None)
    return near or nearest(value, given)


_NEAR: Mapping[str, Callable[[sqlite3.Connection, str], str | None]] = {
    "source": _near_source,
    "site": _near_site,
    "language": _near_language,
    "tag": _near_tag,
}


def _near_name(value: str, known: Sequence[str]) -> str | None:
    """The name that is nearest, or the shortest that holds what was typed."""
    asked = fold(value)
    near = nearest(value, known, min(1 + len(asked) // 6, 3))
    if near is not None or len(asked) < 3:
        return near
    return min((name for name in known if asked in fold(name)), key=len, default=None)


def _distinct(connection: sqlite3.Connection, column: str) -> list[str]:
    """The values of an indexed column of `docs`, each found by the one before it."""
    sql = (
        f"WITH RECURSIVE found (value) AS (SELECT min({column}) FROM idx.docs UNION ALL "
        f"SELECT (SELECT min({column}) FROM idx.docs WHERE {column} > found.value) FROM found "
        "WHERE found.value IS NOT NULL LIMIT ?) SELECT value FROM found WHERE value IS NOT NULL"
    )
    return [value for (value,) in connection.execute(sql, (MOST_NAMES,))]
