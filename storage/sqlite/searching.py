"""Answers searches: which articles match, in which order, within a bounded time."""

# ruff: noqa: S608 - what is put into statements are constants of this module; whatever came from a user is a parameter

from __future__ import annotations

import json
import sqlite3
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from storage.answers import Query, Sort, StoredArticle
from storage.errors import QueryError, StorageError
from storage.facets import Cursor, Page, read_cursor
from storage.plain import plain_line
from storage.search import match_expression, understand
from storage.snippet import snippet
from storage.sqlite import index, reading
from storage.sqlite.rows import clean, time_text

MAX_ROWS = 1_000
"""One search gives no more at a time."""
MAX_RANKED = 20_000
"""Of the articles that match, those filed last are ranked: a word that more of them hold says little about any."""
WEIGHTS = (8.0, 1.0, 4.0, 3.0, 2.0)
"""Of a match in title, text, authors, tags, description (bm25, https://www.sqlite.org/fts5.html#the_bm25_function)."""
RANK_S = 0.5
"""After this a search gives the matches filed last, unranked."""
GIVE_UP_S = 0.4
"""After so much more it is refused; together they keep every search within a second."""
FEW = 20_000
"""Pages of a source, or articles of a tag, up to which they are gathered first; more are looked up one by one."""
_STEPS = 2_000
"""Instructions of SQLite's machine between two looks at the clock: about 0.1 ms."""

_MATCHES = "idx.texts CROSS JOIN idx.docs ON docs.seq = texts.rowid"
ARTICLES = (
    f"(SELECT id AS article_id, seq, dated, site, {index.PRIMARY_LANGUAGE} AS language, story_id FROM articles) AS docs"
)
_BY_DATE = {"newest": "dated DESC, article_id DESC", "oldest": "dated, article_id"}


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
    try:
        with deadline(connection, RANK_S + GIVE_UP_S):
            matches = matches_of(connection, query)
            counted = "DISTINCT docs.story_id" if one_per_story else "*"
            sql = f"SELECT count({counted}) FROM {matches.tables} WHERE {matches.where}"
            return int(connection.execute(sql, matches.values).fetchone()[0])
    except OutOfTime:
        raise refused(query) from None


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
                made = _ranked if matches.has_words and sort == "relevance" else _dated
                return _Found(rows(matches, made), is_filed=False)
        except OutOfTime:
            pass
    try:
        with deadline(connection, GIVE_UP_S):
            return _Found(rows(matches_of(connection, query), _filed), is_filed=True)
    except OutOfTime:
        raise refused(query) from None


def _behind(cursor: Cursor | None, matches: Matches, values: dict[str, object]) -> str:
    """The condition that leaves out what stands before a cursor; not one of `matches`, for another article of a story
    ran first wherever it stands."""
    if cursor is None:
        return ""
    if cursor.article_id is None:
        values["pinned"] = cursor.seq
        return f" AND {'texts.rowid' if matches.has_words else 'docs.seq'} <= :pinned"
    values.update(dated=cursor.dated, last=cursor.article_id)
    return f" AND (docs.dated, docs.article_id) {'>' if cursor.sort == 'oldest' else '<'} (:dated, :last)"


@dataclass(slots=True)
class Matches:
    """A query as SQL: what to select from, under which conditions, with which parameters."""

    tables: str
    has_words: bool
    conditions: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return " AND ".join(self.conditions) or "1"

    def parameter(self, value: object) -> str:
        """The name under which a statement gets this value."""
        name = f"value{len(self.values)}"
        self.values[name] = value
        return f":{name}"


def _ranked(matches: Matches, sort: Sort, behind: str) -> str:
    del sort
    weights = ", ".join(map(str, WEIGHTS))
    return (
        "SELECT article_id, -score AS score FROM "
        "(SELECT article_id, dated, score, round(score / min(score) OVER (), 2) AS rank "
        "FROM (SELECT docs.article_id, docs.dated, "
        f"bm25(texts, {weights}) AS score FROM {matches.tables} WHERE {matches.where}{behind} "
        "ORDER BY texts.rowid DESC LIMIT :ranked)) "
        "ORDER BY rank DESC, dated DESC, article_id DESC"
    )


def _dated(matches: Matches, sort: Sort, behind: str) -> str:
    order = _BY_DATE.get(sort, _BY_DATE["newest"])
    return f"SELECT docs.article_id, NULL AS score FROM {matches.tables} WHERE {matches.where}{behind} ORDER BY {order}"


def _filed(matches: Matches, sort: Sort, behind: str) -> str:
    """In the order of filing, which needs neither ranking nor sorting and ends with the last row of the page."""
    direction = "" if sort == "oldest" else "DESC"
    return (
        f"SELECT docs.article_id, NULL AS score FROM {matches.tables} WHERE {matches.where}{behind} "
        f"ORDER BY {'texts.rowid' if matches.has_words else 'docs.seq'} {direction}"
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


def matches_of(connection: sqlite3.Connection, query: Query) -> Matches:
    """With words: what the index knows. Without: every article, from the index only where that is complete."""
    search = understand(query.words)
    expression = match_expression(search)
    has_filters = bool(search.within or search.outside)
    if expression is not None or (query.words.strip() and not has_filters):
        matches = Matches(_MATCHES, has_words=True)
        if not index.is_usable(connection):
            _refuse_without_index(connection)
            matches = Matches(ARTICLES, has_words=False, conditions=["0"])
        elif expression is None:
            matches = Matches("idx.docs", has_words=False, conditions=["0"])
        else:
            matches.conditions.append(f"texts MATCH {matches.parameter(expression)}")
        indexed = True
    else:
        indexed = index.is_complete(connection)
        matches = Matches("idx.docs" if indexed else ARTICLES, has_words=False)
    matches.conditions += _conditions(connection, matches, query, indexed)
    for group in search.within:
        either = [" AND ".join(_conditions(connection, matches, only, indexed)) for only in group]
        matches.conditions.append(f"({' OR '.join(either)})")
    for only in search.outside:
        unwanted = " AND ".join(_conditions(connection, matches, only, indexed))
        matches.conditions.append(f"({unwanted}) IS NOT TRUE")
    return matches


def _refuse_without_index(connection: sqlite3.Connection) -> None:
    if connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone():
        raise StorageError(
            "the search index is missing or of another version; a command that writes, `cuttings crawl` say, builds it"
        )


def _conditions(connection: sqlite3.Connection, matches: Matches, query: Query, indexed: bool) -> list[str]:
    """One for each filter of the query; their values go to `matches`."""
    found: list[str] = []
    value = matches.parameter
    if query.since is not None:
        found.append(f"docs.dated >= {value(time_text(query.since))}")
    if query.until is not None:
        found.append(f"docs.dated < {value(time_text(query.until))}")
    if query.site is not None:
        found.append(f"docs.site = {value(clean(query.site).lower())}")
    if query.language is not None:
        language = clean(query.language).lower()
        found.append(f"docs.language = {value(language.partition('-')[0])}")
        if "-" in language:
            exact = f"SELECT id FROM articles WHERE language = {value(language)} COLLATE NOCASE"
            found.append(f"docs.article_id IN ({exact})")
    if query.story is not None:
        found.append(f"docs.article_id IN (SELECT id FROM articles WHERE story_id = {value(query.story)})")
    if query.source is not None:
        sql = "SELECT id FROM sources WHERE ? IN (name, url)"
        found.append(_membership(connection, matches, _ids(connection, sql, clean(query.source)), None, indexed))
    if query.tag is not None:
        tag = clean(query.tag)
        sql = "SELECT id FROM sources WHERE EXISTS (SELECT 1 FROM json_each(tags) WHERE value = ? COLLATE NOCASE)"
        found.append(_membership(connection, matches, _ids(connection, sql, tag), tag, indexed))
    return found


def _ids(connection: sqlite3.Connection, sql: str, value: str) -> list[int]:
    return [found for (found,) in connection.execute(sql, (value,))]


def _membership(
    connection: sqlite3.Connection, matches: Matches, sources: list[int], tag: str | None, indexed: bool
) -> str:
    """Only articles that one of the sources named, or that bear the tag: gathered first where they are few, looked up
    one by one as they match where they are many."""
    wanted = f"(SELECT value FROM json_each({matches.parameter(json.dumps(sources))}))"
    gathered = [
        "SELECT pages.article_id FROM sightings JOIN pages ON pages.id = sightings.page_id "
        f"WHERE sightings.source_id IN {wanted} AND pages.article_id IS NOT NULL"
    ]
    looked_up = [
        "EXISTS (SELECT 1 FROM pages JOIN sightings ON sightings.page_id = pages.id "
        f"WHERE pages.article_id = docs.article_id AND sightings.source_id IN {wanted})"
    ]
    if tag is not None:
        own = matches.parameter(tag)
        if indexed:
            gathered.append(f"SELECT article_id FROM idx.tags WHERE tag = {own}")
            looked_up.append(f"EXISTS (SELECT 1 FROM idx.tags WHERE tag = {own} AND tags.article_id = docs.article_id)")
        else:
            looked_up.append(
                "EXISTS (SELECT 1 FROM articles, json_each(articles.tags) AS own WHERE articles.id = docs.article_id "
                f"AND own.value = {own} COLLATE NOCASE)"
            )
    if len(gathered) == len(looked_up) and _are_few(connection, " UNION ALL ".join(gathered), matches.values):
        return f"docs.article_id IN ({' UNION '.join(gathered)})"
    return f"({' OR '.join(looked_up)})"


def _are_few(connection: sqlite3.Connection, sql: str, values: dict[str, object]) -> bool:
    counted = connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM ({sql}) LIMIT {FEW + 1})", values).fetchone()
    return int(counted[0]) <= FEW


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


def refused(query: Query) -> QueryError:
    return QueryError(
        f"{plain_line(query.words)[:80]!r}: takes too long to look for; name rarer words or a shorter time"
    )
