"""Reads articles back, many at a time: a handful of statements for a batch, whatever its size."""

# ruff: noqa: S608 - what is put into statements are the names of columns, constants of this package

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence

from storage.answers import Revision, StoredArticle
from storage.sqlite.rows import clean, date_or_none, list_of, mapping_of, moment, moment_or_none, pairs_of

_COLUMNS = (
    *("id", "url", "title", "text", "html", "authors", "published", "published_from", "updated", "first_seen"),
    *("fetched", "language", "site", "tags", "description", "image", "word_count", "content_hash", "story_id"),
    *("revision", "provenance", "section", "licence", "free", "canonical", "syndicated_from", "runners_up"),
    *("change", "gone"),
)


def load_articles(connection: sqlite3.Connection, article_ids: Sequence[int]) -> list[StoredArticle]:
    """The articles with these ids, in the order of the ids; an id that is unknown is left out."""
    wanted = json.dumps(list(article_ids))
    rows = connection.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM articles WHERE id IN (SELECT value FROM json_each(?))", (wanted,)
    ).fetchall()
    urls = _grouped(
        connection.execute(
            "SELECT article_id, url FROM addresses WHERE article_id IN (SELECT value FROM json_each(?)) "
            "ORDER BY added, via = 'page' DESC, url",
            (wanted,),
        )
    )
    sources, source_tags = _sources(connection, wanted)
    copies = dict(
        connection.execute(
            "SELECT story_id, count(*) FROM articles WHERE story_id IN (SELECT value FROM json_each(?)) "
            "GROUP BY story_id",
            (json.dumps([row[18] for row in rows]),),
        ).fetchall()
    )
    by_id = {row[0]: _stored(row, urls[row[0]], sources[row[0]], source_tags[row[0]], copies[row[18]]) for row in rows}
    return [by_id[article_id] for article_id in article_ids if article_id in by_id]


def _sources(
    connection: sqlite3.Connection, wanted: str
) -> tuple[defaultdict[int, list[str]], defaultdict[int, list[str]]]:
    """Names and tags of the sources that named a page of each article, by name."""
    rows = connection.execute(
        "SELECT pages.article_id, sources.name, sources.tags FROM pages "
        "JOIN sightings ON sightings.page_id = pages.id JOIN sources ON sources.id = sightings.source_id "
        "WHERE pages.article_id IN (SELECT value FROM json_each(?)) "
        "GROUP BY pages.article_id, sources.id ORDER BY sources.name",
        (wanted,),
    ).fetchall()
    names = _grouped((article_id, name) for article_id, name, _ in rows)
    return names, _grouped((article_id, tag) for article_id, _, tags in rows for tag in list_of(tags))


def _grouped(pairs: Iterable[tuple[int, str]]) -> defaultdict[int, list[str]]:
    groups: defaultdict[int, list[str]] = defaultdict(list)
    for article_id, value in pairs:
        groups[article_id].append(value)
    return groups


def _stored(
    row: Sequence[object], urls: list[str], sources: list[str], source_tags: list[str], copies: int
) -> StoredArticle:
    (id, url, title, text, html, authors, published, published_from, updated, first_seen) = row[:10]
    (fetched, language, site, tags, description, image, word_count, content_hash, story_id) = row[10:19]
    revision, provenance, section, licence, free, canonical, syndicated_from, runners_up = row[19:27]
    change, gone = row[27:]
    return StoredArticle(
        id=id,  # type: ignore[arg-type]
        url=url,  # type: ignore[arg-type]
        urls=tuple(dict.fromkeys([str(url), *urls])),
        title=title,  # type: ignore[arg-type]
        text=text,  # type: ignore[arg-type]
        html=html,  # type: ignore[arg-type]
        authors=list_of(authors),  # type: ignore[arg-type]
        published=date_or_none(published),  # type: ignore[arg-type]
        published_from=published_from,  # type: ignore[arg-type]
        updated=date_or_none(updated),  # type: ignore[arg-type]
        first_seen=moment(first_seen),  # type: ignore[arg-type]
        fetched=moment(fetched),  # type: ignore[arg-type]
        language=language,  # type: ignore[arg-type]
        site=site,  # type: ignore[arg-type]
        sources=tuple(dict.fromkeys(sources)),
        tags=tuple(dict.fromkeys([*list_of(tags), *source_tags])),  # type: ignore[arg-type]
        description=description,  # type: ignore[arg-type]
        image=image,  # type: ignore[arg-type]
        word_count=word_count,  # type: ignore[arg-type]
        content_hash=content_hash,  # type: ignore[arg-type]
        story_id=story_id,  # type: ignore[arg-type]
        copies=copies,
        revision=revision,  # type: ignore[arg-type]
        provenance=mapping_of(provenance),  # type: ignore[arg-type]
        section=section,  # type: ignore[arg-type]
        licence=licence,  # type: ignore[arg-type]
        free=None if free is None else bool(free),
        canonical=canonical,  # type: ignore[arg-type]
        syndicated_from=syndicated_from,  # type: ignore[arg-type]
        runners_up=pairs_of(runners_up),  # type: ignore[arg-type]
        change=change,  # type: ignore[arg-type]
        gone=moment_or_none(gone),  # type: ignore[arg-type]
    )


def article_id_at(connection: sqlite3.Connection, key: str) -> int | None:
    """The article that owns an identity key."""
    row = connection.execute("SELECT article_id FROM addresses WHERE key = ?", (clean(key),)).fetchone()
    return row[0] if row else None


def load_revisions(connection: sqlite3.Connection, article_id: int) -> list[Revision]:
    """Every text of an article, first to current."""
    rows = connection.execute(
        "SELECT number, fetched, title, text, content_hash, change FROM revisions WHERE article_id = ? UNION ALL "
        "SELECT revision, fetched, title, text, content_hash, change FROM articles WHERE id = ? ORDER BY 1",
        (article_id, article_id),
    )
    return [
        Revision(number, moment(fetched), title, text, content_hash, change)
        for number, fetched, title, text, content_hash, change in rows
    ]
