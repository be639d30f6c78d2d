"""The words that the corpus has, and in how many articles each: a table of the index, from which a slip of the pen is
put right. Words of former texts stay counted; who proposes a word sees whether it is found."""

from __future__ import annotations

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterable

from storage.language.nearness import MAX_LETTERS, MIN_LETTERS, one_slip_away, slips, slips_allowed

TABLE = "CREATE TABLE idx.words (word TEXT PRIMARY KEY NOT NULL, articles INTEGER NOT NULL) STRICT, WITHOUT ROWID"
SHARED_LETTERS = 2
"""At the beginning of words that are two slips apart, one of which may be there."""
MOST_COMPARED = 3_000
"""Words, the most frequent, that a word is compared with one by one: 15 ms."""
COUNTED_AS_PREFIX = 100
"""Words that begin alike and are counted together."""
_LAST = "\U0010ffff"
_WORD = re.compile(rf"[^\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]{{{MIN_LETTERS},}}")
"""As the tokenizer `ascii` cuts the text that `folding.index_text` made; shorter words are not put right."""


class Vocabulary:
    """Gathers the words of articles that are being indexed, to be counted together."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, texts: Iterable[str]) -> None:
        """The texts of one article as the index gets them."""
        found: set[str] = set()
        for text in texts:
            found.update(_WORD.findall(text))
        self._counts.update(found)

    def write(self, connection: sqlite3.Connection) -> None:
        """Count them."""
        connection.executemany(
            "INSERT INTO idx.words VALUES (?, ?) "
            "ON CONFLICT (word) DO UPDATE SET articles = articles + excluded.articles",
            sorted(
                (word, count) for word, count in self._counts.items() if len(word) <= MAX_LETTERS and not word.isdigit()
            ),
        )


def near_words(connection: sqlite3.Connection, word: str) -> list[tuple[str, int, int]]:
    """Words of the corpus that may be meant by a folded one that it does not have: each with how many slips away it is
    and in how many articles it stands."""
    allowed = slips_allowed(word)
    if not allowed or word.isdigit():
        return []
    sql = "SELECT words.word, 1, articles FROM json_each(?) CROSS JOIN idx.words ON words.word = json_each.value"
    found = connection.execute(sql, (json.dumps(list(dict.fromkeys(one_slip_away(word)))),)).fetchall()
    if allowed > 1:
        rows = connection.execute(
            "SELECT word, articles FROM json_each(?) AS begins CROSS JOIN idx.words "
            "ON word >= begins.value AND word < begins.value || ? WHERE length(word) BETWEEN ? AND ? "
            "ORDER BY articles DESC LIMIT ?",
            (json.dumps(_beginnings(word)), _LAST, len(word) - allowed, len(word) + allowed, MOST_COMPARED),
        )
        found += [(known, 2, count) for known, count in rows if slips(word, known, allowed) == allowed]
    return found


def _beginnings(word: str) -> list[str]:
    """The first letters of a word, and what they are after a slip there: the first left out or put in, the second too,
    or two exchanged."""
    first, second, third = word[0], word[1], word[2]
    return list(dict.fromkeys((first + second, first + third, second + third, second + first)))


def near_beginnings(connection: sqlite3.Connection, beginning: str) -> list[tuple[str, int, int]]:
    """Beginnings of words of the corpus that may be meant by one with which none begins, as `near_words` has words."""
    if not slips_allowed(beginning):
        return []
    asked = [one for one in dict.fromkeys(one_slip_away(beginning)) if len(one) >= len(beginning)]
    sql = (
        "SELECT value, 1, (SELECT sum(articles) FROM (SELECT articles FROM idx.words WHERE word >= value "
        "AND word < value || ? LIMIT ?)) AS found FROM json_each(?) WHERE found > 0"
    )
    return connection.execute(sql, (_LAST, COUNTED_AS_PREFIX, json.dumps(asked))).fetchall()


def split_words(connection: sqlite3.Connection, word: str) -> list[tuple[str, int, int]]:
    """Two words of the corpus that were written as one, as `near_words` has words."""
    cuts = [(word[:place], word[place:]) for place in range(MIN_LETTERS, len(word) - MIN_LETTERS + 1)]
    sql = (
        "SELECT json_extract(value, '$[0]') || ' ' || json_extract(value, '$[1]'), 1, "
        "min(one.articles, other.articles) FROM json_each(?) "
        "CROSS JOIN idx.words AS one ON one.word = json_extract(value, '$[0]') "
        "CROSS JOIN idx.words AS other ON other.word = json_extract(value, '$[1]')"
    )
    return connection.execute(sql, (json.dumps(cuts),)).fetchall()


def begins_any(connection: sqlite3.Connection, beginning: str) -> bool:
    """Whether a word of the corpus begins so; of short beginnings it is taken for granted."""
    if len(beginning) < MIN_LETTERS:
        return True
    sql = "SELECT 1 FROM idx.words WHERE word >= ? AND word < ? LIMIT 1"
    return connection.execute(sql, (beginning, beginning + _LAST)).fetchone() is not None
