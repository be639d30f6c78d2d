"""What a watch has not given yet: what matches its search among the rows behind its position.

The search index is ordered by `articles.seq`, which every new text takes anew, so a search that is bounded by it costs
what the new rows cost. The id of an article is the `seq` under which it was filed, so one number says which articles
were there when a watch began.
"""

# ruff: noqa: S608 - what is put into statements are constants of this package; whatever came from a user is a parameter

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from storage.sqlite import index, searching
from storage.watches import MOST_CHARACTERS, Watch

LOOK_S = 5.0
"""For one search among what is new; a crawl waits for nothing of it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A watch as its table has it."""

    id: int
    began: str
    began_seq: int
    position: int


@dataclass(frozen=True, slots=True)
class Found:
    """An article that is to be given, and where the watch stands then."""

    article_id: int
    seq: int
    fetched: str
    story_id: int
    characters: int


def look(connection: sqlite3.Connection, watch: Watch, row: Row, limit: int) -> tuple[list[Found], int]:
    """What is to be given next, and where the watch stands after it."""
    known = index.watermark(connection)
    if known <= row.position:
        return [], row.position
    found = _new(connection, watch, row, known, limit)
    kept: list[Found] = []
    stories: set[int] = set()
    characters = 0
    for one in found:
        if watch.one_per_story and one.story_id in stories:
            continue
        characters += one.characters
        if kept and characters > MOST_CHARACTERS:
            return kept, kept[-1].seq
        stories.add(one.story_id)
        kept.append(one)
    return kept, known if len(found) < limit else found[-1].seq


def _new(connection: sqlite3.Connection, watch: Watch, row: Row, known: int, limit: int) -> list[Found]:
    """Articles that match, were filed since the watch began and were not given, in the order of filing."""
    query = searching.query_of(watch.search)
    try:
        with searching.deadline(connection, LOOK_S):
            matches = searching.matches_of(connection, query)
            sql = (
                "SELECT own.id, found.seq, own.fetched, own.story_id, "
                "length(own.text) + coalesce(length(own.html), 0) FROM "
                f"(SELECT docs.article_id AS article_id, {matches.seq} AS seq FROM {matches.tables} "
                f"WHERE {matches.where} AND {matches.seq} > :position AND {matches.seq} <= :known "
                f"ORDER BY {matches.seq} LIMIT -1) AS found CROSS JOIN articles AS own ON own.id = found.article_id "
                "WHERE (own.id > :began_seq OR (:revised AND own.revision > 1 AND own.fetched >= :began)) "
                "AND NOT EXISTS (SELECT 1 FROM given_articles AS given WHERE given.watch_id = :watch "
                "AND given.article_id = own.id AND (NOT :revised OR given.fetched >= own.fetched)) "
                "AND NOT (:one_per_story AND EXISTS (SELECT 1 FROM given_articles AS given "
                "WHERE given.watch_id = :watch AND given.story_id = own.story_id "
                "AND given.article_id <> own.id)) ORDER BY found.seq LIMIT :limit"
            )
            values = {
                "position": row.position,
                "known": known,
                "began": row.began,
                "began_seq": row.began_seq,
                "watch": row.id,
                "revised": watch.revised,
                "one_per_story": watch.one_per_story,
                "limit": limit,
            }
            return [Found(*one) for one in connection.execute(sql, matches.values | values)]
    except searching.OutOfTime:
        raise searching.refused(query) from None
