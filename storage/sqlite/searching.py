"""Answers searches: which articles match, in which order, within a bounded time."""

# ruff: noqa: S608 - what is put into statements are constants of this module; whatever came from a user is a parameter

from __future__ import annotations

import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from storage.answers import Query, Sort, StoredArticle
from storage.errors import QueryError
from storage.facets import Cursor, Page, read_cursor
from storage.plain import plain_line
from storage.search import understand
from storage.snippet import snippet
from storage.sqlite import reading
from storage.sqlite.matching import ARTICLES as ARTICLES
from storage.sqlite.matching import Matches as Matches
from storage.sqlite.matching import matches_of as matches_of

MAX_ROWS = 1_000
"""One search gives no more at a time."""
MAX_RANKED = 5_000
"""Of the articles that match, those filed last are ranked: a word that more of them hold says little about any."""
WEIGHTS = (8.0, 1.0, 4.0, 3.0, 2.0)
"""Of a match in title, text, authors, tags, description (bm25, https://www.sqlite.org/fts5.html#the_bm25_function)."""
_BM25 = f"bm25(texts, {', '.join(map(str, WEIGHTS))})"
RANK_S = 0.5
"""After this a search gives the matches filed last, unranked."""
GIVE_UP_S = 0.4
"""After so much more it is refused; together they keep every search within a second."""
_STEPS = 2_000
"""Instructions of SQLite's machine between two looks at the clock: about 0.1 ms."""

_ORDERS = {
    "newest": "dated DESC, article_id DESC",
    "oldest": "dated, article_id",
    "first-filed": "article_id",
    "last-filed": "article_id DESC",
}
_ASCENDING = ("oldest", "first-filed")


def query_of(query: Query | str) -> Query:
    """What is asked, where words alone may ask too."""
    return Query(query) if isinstance(query, str) else query


def search(
    connection: sqlite3.Connection, query: Query, sort: Sort, limit: int, offset: int, *, one_per_story: bool = False
) -> list[StoredArticle]:
    """Articles that match, with snippet and, by relevance, score; of each story all, or the one that ran first.

    Relevance is bm25 with `WEIGHTS`, higher is better; of articles that are level to a hundredth of the best score the
    newer comes first. Without words it is the same as newest.
    """
    limit, offset = min(max(limit, 0), MAX_ROWS), min(max(offset, 0), 1 << 40)
    found = _found(connection, query, _Slice(sort, limit, offset), one_per_story=one_per_story)
    return _shown(connection, query, found.rows)


def page(
    connection: sqlite3.Connection, query: Query, sort: Sort, limit: int, after: str | None, *, one_per_story: bool
) -> Page:
    """One page of what matches, and the cursor of the next. By date a page begins behind the last article of the one
    before, whatever was filed meanwhile. By relevance it begins at a place among the texts that the first page knew.
    """
    cursor = read_cursor(after, sort) if after is not None else Cursor(sort, _newest(connection))
    limit = min(max(limit, 1), MAX_ROWS)
    found = _found(connection, query, _Slice(sort, limit + 1, cursor.offset, cursor), one_per_story=one_per_story)
    rows = found.rows[:limit]
    following = None
    if len(found.rows) > limit:
        if found.is_filed or sort == "relevance":
            following = replace(cursor, dated=None, article_id=None, offset=cursor.offset + limit)
            following = replace(following, is_filed=found.is_filed)
        else:
            last = rows[-1][0]
            dated = connection.execute("SELECT dated FROM articles WHERE id = ?", (last,)).fetchone()[0]
            following = replace(cursor, dated=dated, article_id=last, offset=0)
    return Page(tuple(_shown(connection, query, rows)), following.text() if following else None)


def _newest(connection: sqlite3.Connection) -> int:
    return int(connection.execute("SELECT coalesce(max(seq), 0) FROM articles").fetchone()[0])


def _shown(
    connection: sqlite3.Connection, query: Query, found: Sequence[tuple[int, float | None]]
) -> list[StoredArticle]:
    terms = understand(query.words).sought
    scores = dict(found)
    return [
        replace(article, snippet=snippet(article.text, terms), score=scores[article.id])
        for article in reading.load_articles(connection, [article_id for article_id, _ in found])
    ]


def count(connection: sqlite3.Connection, query: Query, *, one_per_story: bool = False) -> int:
    """How many articles match, or how many stories. Raises QueryError where that cannot be told within a second."""
    with in_time(connection, query):
        matches = matches_of(connection, query)
        counted = "DISTINCT docs.story_id" if one_per_story else "*"
        sql = f"SELECT count({counted}) FROM {matches.tables} WHERE {matches.where}"
        return int(connection.execute(sql, matches.values).fetchone()[0])


def matching(connection: sqlite3.Connection, query: Query, *, one_per_story: bool) -> array[int]:
    """The ids of every article that matches, ascending, however long it takes; 8 bytes each."""
    matches = matches_of(connection, query)
    sql = f"SELECT docs.article_id FROM {matches.tables} WHERE {matches.where}"
    if one_per_story:
        where = f"WHERE id IN ({sql})" if matches.conditions else ""
        sql = (
            "SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY story_id ORDER BY ran, id) AS place "
            f"FROM articles INDEXED BY articles_by_ran {where}) WHERE place = 1"
        )
    return array("q", sorted(article_id for (article_id,) in connection.execute(sql, matches.values)))


def story_ids(connection: sqlite3.Connection, query: Query) -> tuple[str, dict[str, object]]:
    """The stories of which an article matches, as a statement and its values."""
    matches = matches_of(connection, query)
    return f"SELECT docs.story_id FROM {matches.tables} WHERE {matches.where}", matches.values


@dataclass(frozen=True, slots=True)
class _Slice:
    """Which of the rows that match are wanted."""

    sort: Sort
    limit: int
    offset: int
    cursor: Cursor | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """Ids and scores in their order; `is_filed`: in the order of filing, for want of time."""

    rows: list[tuple[int, float | None]]
    is_filed: bool


def _found(connection: sqlite3.Connection, query: Query, wanted: _Slice, *, one_per_story: bool) -> _Found:
    values: dict[str, object] = {"limit": wanted.limit, "offset": wanted.offset, "ranked": MAX_RANKED}
    sort, cursor = wanted.sort, wanted.cursor

    def rows(matches: Matches, made: Callable[[Matches, Sort, str], str]) -> list[tuple[int, float | None]]:
        sql = made(matches, sort, _behind(cursor, matches, values))
        if one_per_story:
            sql = f"SELECT article_id, score FROM ({sql} LIMIT -1) AS docs WHERE NOT {_ran_before(matches)}"
        return connection.execute(f"{sql} LIMIT :limit OFFSET :offset", matches.values | values).fetchall()

    if cursor is None or not cursor.is_filed:
        try:
            with deadline(connection, RANK_S):
                matches = matches_of(connection, query)
                return _Found(rows(matches, _order(matches, sort)), is_filed=False)
        except OutOfTime:
            pass
    try:
        with deadline(connection, GIVE_UP_S):
            return _Found(rows(matches_of(connection, query), _filed), is_filed=True)
    except OutOfTime:
        raise refused(query) from None


def _order(matches: Matches, sort: Sort) -> Callable[[Matches, Sort, str], str]:
    if sort in _ORDERS or not (matches.has_words or matches.ranking):
        return _ordered
    return _ranked if matches.has_words else _ranked_beside


def _behind(cursor: Cursor | None, matches: Matches, values: dict[str, object]) -> str:
    """The condition that leaves out what stands before a cursor; not one of `matches`, for another article of a story
    ran first wherever it stands."""
    if cursor is None:
        return ""
    if cursor.article_id is None:
        values["pinned"] = cursor.seq
        return f" AND {matches.seq} <= :pinned"
    values.update(dated=cursor.dated, last=cursor.article_id)
    side = ">" if cursor.sort in _ASCENDING else "<"
    if cursor.sort.endswith("-filed"):
        return f" AND docs.article_id {side} :last"
    return f" AND (docs.dated, docs.article_id) {side} (:dated, :last)"


def _ranked(matches: Matches, sort: Sort, behind: str) -> str:
    del sort
    return _levelled(
        f"SELECT docs.article_id, docs.dated, {_BM25} AS score FROM {matches.tables} WHERE {matches.where}{behind} "
        "ORDER BY texts.rowid DESC LIMIT :ranked"
    )


def _ranked_beside(matches: Matches, sort: Sort, behind: str) -> str:
    """Where an article may match without any of the words: those that hold some come first, as if these were all that
    was asked for."""
    del sort
    return _levelled(
        f"SELECT docs.article_id, docs.dated, hits.score FROM {matches.tables} LEFT JOIN (SELECT texts.rowid AS seq, "
        f"{_BM25} AS score FROM idx.texts WHERE texts MATCH {matches.ranking} ORDER BY texts.rowid DESC LIMIT :ranked) "
        f"AS hits ON hits.seq = docs.seq WHERE {matches.where}{behind} ORDER BY docs.seq DESC LIMIT :ranked"
    )


def _levelled(ranked: str) -> str:
    """Articles by their score, to a hundredth of the best, and then by date."""
    return (
        f"WITH ranked AS MATERIALIZED ({ranked}) SELECT article_id, -score AS score FROM ranked ORDER BY "
        "round(score / (SELECT min(score) FROM ranked), 2) DESC, dated DESC, article_id DESC"
    )


def _ordered(matches: Matches, sort: Sort, behind: str) -> str:
    order = _ORDERS.get(sort, _ORDERS["newest"])
    return f"SELECT docs.article_id, NULL AS score FROM {matches.tables} WHERE {matches.where}{behind} ORDER BY {order}"


def _filed(matches: Matches, sort: Sort, behind: str) -> str:
    """In the order of filing, which needs neither ranking nor sorting and ends with the last row of the page."""
    direction = "" if sort in _ASCENDING else "DESC"
    return (
        f"SELECT docs.article_id, NULL AS score FROM {matches.tables} WHERE {matches.where}{behind} "
        f"ORDER BY {matches.seq} {direction}"
    )


def _ran_before(matches: Matches) -> str:
    """Whether another article of the same story that matches too ran before `docs.article_id`, see `storage.stories`.

    Asked row by row as the page is filled (the `LIMIT -1` of what is asked about keeps SQLite from asking earlier), so
    a page costs what its rows cost. `docs` and `texts` within are others than those without.
    """
    tables = matches.tables if not matches.has_words else "idx.docs CROSS JOIN idx.texts ON texts.rowid = docs.seq"
    return (
        "EXISTS (SELECT 1 FROM articles AS own WHERE own.id = docs.article_id AND EXISTS (SELECT 1 "
        f"FROM articles AS former INDEXED BY articles_by_ran CROSS JOIN {tables} WHERE former.story_id = own.story_id "
        "AND (former.ran, former.id) < (own.ran, own.id) AND docs.article_id = former.id "
        f"AND {matches.where}))"
    )


class OutOfTime(Exception):
    """The statement was stopped by the clock."""


@contextmanager
def deadline(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Stop whatever runs on the connection when the time is over; raises OutOfTime then."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    try:
        yield
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        raise OutOfTime from error
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def in_time(connection: sqlite3.Connection, query: Query) -> Iterator[None]:
    """Let a question take so long and no longer; raises QueryError then."""
    try:
        with deadline(connection, RANK_S + GIVE_UP_S):
            yield
    except OutOfTime:
        raise refused(query) from None


def refused(query: Query) -> QueryError:
    return QueryError(
        f"{plain_line(query.words)[:80]!r}: takes too long to look for; name rarer words or a shorter time",
        query=query.words,
    )
