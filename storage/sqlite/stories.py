"""Stories: which there are, and the copies of each in the order in which they ran."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from storage.answers import Query
from storage.errors import expect
from storage.sqlite import reading, searching
from storage.sqlite.failures import translating
from storage.sqlite.links import briefs, links
from storage.sqlite.rows import moment
from storage.sqlite.transactions import Transactions
from storage.stories import MAX_COPIES, ArticleLink, Story, StoryCopy, StorySort, StorySummary

_ORDER = {
    "widest": "sites DESC, copies DESC, first_ran DESC, story_id",
    "newest": "first_ran DESC, story_id DESC",
    "oldest": "first_ran, story_id",
}
_GROUPED = (
    "SELECT story_id, count(*) AS copies, count(DISTINCT site) AS sites, min(ran) AS first_ran, max(ran) AS last_ran "
    "FROM articles INDEXED BY articles_by_ran "
    "WHERE story_id IN (SELECT story_id FROM articles WHERE id <> story_id){where} GROUP BY story_id HAVING copies > 1"
)
"""A story has the id of one of its articles at most, so every story of several has an article with another id. Most
have one only and need not be grouped: 35 ms for a million, and 700 with them."""


class Stories(Transactions):
    """The methods of `storage.corpus.Corpus` that tell of stories and links."""

    @translating
    def stories(
        self, query: Query | str = "", *, sort: StorySort = "widest", limit: int = 20, offset: int = 0
    ) -> list[StorySummary]:
        """See `storage.corpus.Corpus.stories`."""
        expect("sort", sort, tuple(_ORDER))
        with self._snapshot():
            return stories(self.connection, searching.query_of(query), sort, limit, offset)

    @translating
    def count_stories(self, query: Query | str = "") -> int:
        """See `storage.corpus.Corpus.count_stories`."""
        with self._snapshot():
            return count(self.connection, searching.query_of(query))

    @translating
    def story(self, story_id: int, *, limit: int = MAX_COPIES, offset: int = 0) -> Story | None:
        """See `storage.corpus.Corpus.story`."""
        with self._snapshot():
            return story(self.connection, story_id, limit, offset)

    @translating
    def links(self, article_id: int) -> list[ArticleLink]:
        """See `storage.corpus.Corpus.links`."""
        with self._snapshot():
            return links(self.connection, [article_id])[article_id]


def stories(
    connection: sqlite3.Connection, query: Query, sort: StorySort, limit: int, offset: int
) -> list[StorySummary]:
    """See `storage.corpus.Corpus.stories`."""
    page = {"limit": min(max(limit, 0), searching.MAX_ROWS), "offset": min(max(offset, 0), 1 << 40)}
    with searching.in_time(connection, query):
        where, values = _within(connection, query)
        rows = connection.execute(
            f"{_GROUPED.format(where=where)} ORDER BY {_ORDER[sort]} LIMIT :limit OFFSET :offset", {**values, **page}
        ).fetchall()
    firsts = [_in_order(connection, row[0], 1, 0)[0] for row in rows]
    known = briefs(connection, firsts)
    return [
        StorySummary(story_id, known[first], copies, sites, moment(last_ran))
        for first, (story_id, copies, sites, _, last_ran) in zip(firsts, rows, strict=True)
    ]


def count(connection: sqlite3.Connection, query: Query) -> int:
    """See `storage.corpus.Corpus.count_stories`."""
    with searching.in_time(connection, query):
        where, values = _within(connection, query)
        return int(connection.execute(f"SELECT count(*) FROM ({_GROUPED.format(where=where)})", values).fetchone()[0])


def _within(connection: sqlite3.Connection, query: Query) -> tuple[str, dict[str, object]]:
    """Only stories of which an article matches."""
    if query == Query():
        return "", {}
    sql, values = searching.story_ids(connection, query)
    return f" AND story_id IN ({sql})", values


def story(connection: sqlite3.Connection, story_id: int, limit: int, offset: int) -> Story | None:
    """See `storage.corpus.Corpus.story`."""
    firsts = _in_order(connection, story_id, 1, 0)
    if not firsts:
        return None
    ids = _in_order(connection, story_id, min(max(limit, 0), MAX_COPIES), min(max(offset, 0), 1 << 40))
    copies = {copy.article.id: copy for copy in _copies(connection, list(dict.fromkeys([*firsts, *ids])))}
    first = copies[firsts[0]]
    return Story(story_id, first, tuple(copies[article_id] for article_id in ids), first.article.copies)


def _in_order(connection: sqlite3.Connection, story_id: int, limit: int, offset: int) -> list[int]:
    """The articles of a story as they ran."""
    return [
        article_id
        for (article_id,) in connection.execute(
            "SELECT id FROM articles INDEXED BY articles_by_ran WHERE story_id = ? ORDER BY ran, id LIMIT ? OFFSET ?",
            (story_id, limit, offset),
        )
    ]


def _copies(connection: sqlite3.Connection, article_ids: Sequence[int]) -> list[StoryCopy]:
    known, tied = briefs(connection, article_ids), links(connection, article_ids)
    return [
        StoryCopy(article, known[article.id].ran, tuple(tied[article.id]))
        for article in reading.load_articles(connection, article_ids)
    ]
