"""What ties articles to each other: links as they are filed, and as they are told from either end."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from storage.copies import Link, LinkKind
from storage.sqlite.rows import date_or_none, moment
from storage.stories import ArticleLink, Brief


def add_links(connection: sqlite3.Connection, article_id: int, links: Sequence[Link]) -> None:
    """Keep what a new article has in common with others."""
    connection.executemany(
        "INSERT OR IGNORE INTO links (article_id, other_id, kind, containment, resemblance, shared_words) "
        "VALUES (?, ?, ?, ?, ?, ?)",
        [
            (article_id, link.other_id, str(link.kind), link.containment, link.resemblance, link.shared_words)
            for link in links
            if link.other_id != article_id
        ],
    )


def briefs(connection: sqlite3.Connection, article_ids: Iterable[int]) -> dict[int, Brief]:
    """These articles in short, by id; one that is unknown is left out."""
    rows = connection.execute(
        "SELECT id, story_id, title, url, site, language, published, first_seen, word_count, ran FROM articles "
        "WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(sorted(set(article_ids))),),
    )
    return {
        id_: Brief(
            id_, story_id, title, url, site, language, date_or_none(published), moment(first_seen), words, moment(ran)
        )
        for id_, story_id, title, url, site, language, published, first_seen, words, ran in rows
    }


def links(connection: sqlite3.Connection, article_ids: Sequence[int]) -> defaultdict[int, list[ArticleLink]]:
    """What ties each of these articles to others, in both directions; what is measured first, the strongest first.

    Who is named as an origin is looked up now: the origin may have been filed later than its copy.
    """
    wanted = json.dumps(list(article_ids))
    some = "(SELECT value FROM json_each(:wanted))"
    figures = "kind, containment, resemblance, shared_words"
    origin = "FROM articles JOIN addresses ON addresses.key = articles.origin_key"
    claimed = f"'{LinkKind.SYNDICATED_FROM}', NULL, NULL, NULL"
    rows = connection.execute(
        f"SELECT * FROM (SELECT article_id, other_id AS other, 1 AS is_backward, {figures} FROM links "
        f"WHERE article_id IN {some} UNION ALL "
        f"SELECT other_id, article_id, 0, {figures} FROM links WHERE other_id IN {some} UNION ALL "
        f"SELECT articles.id, addresses.article_id, 1, {claimed} {origin} WHERE articles.id IN {some} "
        "AND addresses.article_id <> articles.id UNION ALL "
        f"SELECT addresses.article_id, articles.id, 0, {claimed} FROM addresses JOIN articles "
        f"ON articles.origin_key = addresses.key WHERE addresses.article_id IN {some} "
        "AND addresses.article_id <> articles.id) "
        "ORDER BY containment IS NULL, containment DESC, resemblance DESC, is_backward DESC, other",
        {"wanted": wanted},
    ).fetchall()
    others = briefs(connection, (row[1] for row in rows))
    found: defaultdict[int, list[ArticleLink]] = defaultdict(list)
    for article_id, other_id, is_backward, kind, *measured in dict.fromkeys(rows):
        found[article_id].append(ArticleLink(LinkKind(kind), others[other_id], bool(is_backward), *measured))
    return found
