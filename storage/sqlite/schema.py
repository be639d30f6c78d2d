"""The tables of a corpus in SQLite, as an append-only list of migrations.

A migration that was released is never edited: a change of the schema is a further one. All that are pending run in one
BEGIN IMMEDIATE transaction together with `user_version` and sqlite-utils' own record of what ran, so that a process
killed at any step leaves the old schema or the new one.
"""

from __future__ import annotations

import sqlite3

APPLICATION_ID = 0x43555453
"""`CUTS`: says in the header of the file whose it is (https://www.sqlite.org/pragma.html#pragma_application_id)."""

SCHEMA_VERSION = 2
"""Kept in `user_version`: the number of migrations that a corpus of this version has seen."""

_TABLES = """
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    url TEXT NOT NULL UNIQUE,
    tags TEXT NOT NULL DEFAULT '[]',
    language TEXT,
    enabled INTEGER NOT NULL DEFAULT 1,
    added TEXT NOT NULL
) STRICT;

CREATE TABLE feeds (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    title TEXT,
    document_kind TEXT,
    next_poll TEXT,
    leased_until TEXT,
    interval_s REAL,
    last_poll TEXT,
    last_success TEXT,
    last_status TEXT,
    http_status INTEGER,
    reason TEXT,
    detail TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    entries INTEGER NOT NULL DEFAULT 0,
    size_bytes INTEGER,
    flags TEXT NOT NULL DEFAULT '[]',
    etag TEXT,
    last_modified TEXT,
    validators_url TEXT,
    body_hash TEXT,
    moved_to TEXT,
    moved_since TEXT,
    moved_count INTEGER NOT NULL DEFAULT 0,
    added TEXT NOT NULL,
    UNIQUE (source_id, url)
) STRICT;
CREATE INDEX feeds_by_next_poll ON feeds (next_poll);

CREATE TABLE pages (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    discovered TEXT NOT NULL,
    published TEXT,
    dated TEXT NOT NULL,
    state TEXT,
    due TEXT,
    leased_until TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    outcome TEXT,
    reason TEXT,
    detail TEXT,
    ended TEXT,
    article_id INTEGER REFERENCES articles(id),
    etag TEXT,
    last_modified TEXT
) STRICT;
CREATE INDEX pages_ready ON pages (host, dated DESC) WHERE state = 'ready';
CREATE INDEX pages_waiting ON pages (state, coalesce(leased_until, due)) WHERE due IS NOT NULL;
CREATE INDEX pages_waiting_by_source ON pages (source_id, state, host, dated DESC) WHERE due IS NOT NULL;
CREATE INDEX pages_by_outcome ON pages (source_id, outcome, article_id, ended);
CREATE INDEX pages_by_article ON pages (article_id) WHERE article_id IS NOT NULL;

CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    key TEXT NOT NULL,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    url TEXT,
    title TEXT,
    authors TEXT NOT NULL DEFAULT '[]',
    published TEXT,
    updated TEXT,
    language TEXT,
    tags TEXT NOT NULL DEFAULT '[]',
    image TEXT,
    flags TEXT NOT NULL DEFAULT '[]',
    first_seen TEXT NOT NULL,
    changed TEXT,
    summary TEXT,
    content TEXT,
    UNIQUE (feed_id, key)
) STRICT;

CREATE TABLE sightings (
    id INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    source_id INTEGER NOT NULL REFERENCES sources(id),
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    entry_id INTEGER NOT NULL REFERENCES entries(id),
    at TEXT NOT NULL,
    url TEXT NOT NULL,
    also INTEGER NOT NULL
) STRICT;
CREATE INDEX sightings_by_page ON sightings (page_id, source_id);
CREATE INDEX sightings_by_source ON sightings (source_id, also, page_id);

CREATE TABLE outcomes (
    id INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    at TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    detail TEXT,
    http_status INTEGER,
    final_url TEXT,
    size_bytes INTEGER
) STRICT;
CREATE INDEX outcomes_by_page ON outcomes (page_id);

CREATE TABLE articles (
    id INTEGER PRIMARY KEY,
    seq INTEGER NOT NULL UNIQUE,
    story_id INTEGER NOT NULL REFERENCES articles(id) DEFERRABLE INITIALLY DEFERRED,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    url TEXT NOT NULL,
    site TEXT NOT NULL,
    title TEXT,
    authors TEXT NOT NULL DEFAULT '[]',
    published TEXT,
    published_from TEXT,
    updated TEXT,
    dated TEXT NOT NULL,
    first_seen TEXT NOT NULL,
    fetched TEXT NOT NULL,
    checked TEXT NOT NULL,
    language TEXT,
    tags TEXT NOT NULL DEFAULT '[]',
    description TEXT,
    image TEXT,
    canonical TEXT,
    syndicated_from TEXT,
    word_count INTEGER NOT NULL DEFAULT 0,
    content_hash TEXT NOT NULL,
    revision INTEGER NOT NULL DEFAULT 1,
    provenance TEXT NOT NULL DEFAULT '{}',
    text TEXT NOT NULL,
    html TEXT NOT NULL
) STRICT;
CREATE INDEX articles_by_story ON articles (story_id);
CREATE INDEX articles_by_content ON articles (content_hash, site);
CREATE INDEX articles_by_date ON articles (dated);

CREATE TABLE revisions (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    number INTEGER NOT NULL,
    fetched TEXT NOT NULL,
    title TEXT,
    authors TEXT NOT NULL DEFAULT '[]',
    published TEXT,
    updated TEXT,
    content_hash TEXT NOT NULL,
    provenance TEXT NOT NULL DEFAULT '{}',
    text TEXT NOT NULL,
    html TEXT NOT NULL,
    PRIMARY KEY (article_id, number)
) STRICT;

CREATE TABLE addresses (
    key TEXT PRIMARY KEY NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles(id),
    url TEXT NOT NULL,
    via TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX addresses_by_article ON addresses (article_id);

CREATE TABLE hosts (
    host TEXT PRIMARY KEY NOT NULL,
    paused_until TEXT,
    robots_status INTEGER,
    robots_fetched TEXT,
    robots_body BLOB
) STRICT, WITHOUT ROWID;

CREATE TABLE counters (
    name TEXT PRIMARY KEY NOT NULL,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('seq', 0);

CREATE VIEW articles_by_source AS
    SELECT DISTINCT sources.name AS source, articles.id, articles.title, articles.url, articles.published,
        articles.language, articles.word_count, articles.story_id
    FROM sightings JOIN sources ON sources.id = sightings.source_id JOIN pages ON pages.id = sightings.page_id
    JOIN articles ON articles.id = pages.article_id;

CREATE VIEW frontier AS
    SELECT pages.id, pages.url, pages.host, sources.name AS source, pages.state, pages.due, pages.leased_until,
        pages.attempts, pages.outcome AS last_outcome, pages.reason AS last_reason
    FROM pages JOIN sources ON sources.id = pages.source_id WHERE pages.due IS NOT NULL;

CREATE VIEW stories AS
    SELECT story_id, count(*) AS copies, count(DISTINCT site) AS sites, min(dated) AS first_dated,
        max(dated) AS last_dated
    FROM articles GROUP BY story_id;
"""

_POLLING = """
ALTER TABLE sources ADD COLUMN removed TEXT;
ALTER TABLE feeds ADD COLUMN via TEXT NOT NULL DEFAULT 'source';
ALTER TABLE feeds ADD COLUMN why TEXT;
ALTER TABLE feeds ADD COLUMN learned TEXT;
ALTER TABLE feeds ADD COLUMN last_news TEXT;
ALTER TABLE feeds ADD COLUMN news_expected TEXT;
ALTER TABLE feeds ADD COLUMN unchanged INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN last_whole TEXT;
ALTER TABLE feeds ADD COLUMN gaps INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN last_gap TEXT;
ALTER TABLE feeds ADD COLUMN lies INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN last_lie TEXT;
ALTER TABLE feeds ADD COLUMN merged_into INTEGER REFERENCES feeds(id);
ALTER TABLE entries ADD COLUMN fingerprint TEXT;
ALTER TABLE entries ADD COLUMN edits INTEGER NOT NULL DEFAULT 0;

CREATE TABLE polls (
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    at TEXT NOT NULL,
    status TEXT NOT NULL,
    http_status INTEGER,
    reason TEXT,
    detail TEXT,
    entries INTEGER NOT NULL DEFAULT 0,
    new_entries INTEGER NOT NULL DEFAULT 0,
    flags TEXT NOT NULL DEFAULT '[]',
    unchanged INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX polls_by_feed ON polls (feed_id, id);

CREATE TABLE moves (
    id INTEGER PRIMARY KEY,
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    at TEXT NOT NULL,
    from_url TEXT NOT NULL,
    to_url TEXT NOT NULL
) STRICT;
CREATE INDEX moves_by_feed ON moves (feed_id);
"""

_LEASES = """
DROP INDEX feeds_by_next_poll;
CREATE INDEX feeds_due ON feeds (next_poll, id, host, source_id) WHERE merged_into IS NULL;
CREATE INDEX feeds_polled ON feeds (coalesce(last_poll, ''), id, host, source_id) WHERE merged_into IS NULL;
CREATE INDEX sources_disabled ON sources (id) WHERE enabled = 0;
"""

_ARCHIVES = """
ALTER TABLE entries ADD COLUMN archived INTEGER NOT NULL DEFAULT 0;

CREATE TABLE archives (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources(id),
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    kind TEXT NOT NULL,
    url TEXT NOT NULL,
    host TEXT NOT NULL,
    via TEXT NOT NULL,
    depth INTEGER NOT NULL,
    dated TEXT NOT NULL,
    added TEXT NOT NULL,
    due TEXT,
    leased_until TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    read TEXT,
    status TEXT,
    http_status INTEGER,
    reason TEXT,
    detail TEXT,
    fixed INTEGER NOT NULL DEFAULT 0,
    contents TEXT,
    size_bytes INTEGER,
    entries INTEGER NOT NULL DEFAULT 0,
    new_pages INTEGER NOT NULL DEFAULT 0,
    oldest TEXT,
    left_before TEXT,
    left_after TEXT,
    UNIQUE (source_id, url)
) STRICT;
CREATE INDEX archives_open ON archives (source_id, host, dated DESC, id) WHERE due IS NOT NULL;
CREATE INDEX archives_by_contents ON archives (feed_id, contents);
"""

_SITES = """
ALTER TABLE feeds ADD COLUMN left_out INTEGER NOT NULL DEFAULT 0;
ALTER TABLE entries ADD COLUMN shape TEXT;
CREATE INDEX entries_by_shape ON entries (feed_id, id, shape, page_id) WHERE shape IS NOT NULL;

CREATE TABLE left_entries (
    feed_id INTEGER NOT NULL REFERENCES feeds(id),
    key_hash INTEGER NOT NULL,
    PRIMARY KEY (feed_id, key_hash)
) STRICT, WITHOUT ROWID;
"""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date in one transaction. The connection is in autocommit mode."""
    from sqlite_utils import Database, Migrations  # readers never migrate, and this import costs them 0.1 s

    migrations = Migrations("cuttings")

    @migrations()
    def m0001_first_tables(db: Database) -> None:
        for statement in statements(_TABLES):
            db.conn.execute(statement)

    @migrations()
    def m0002_polling(db: Database) -> None:
        for statement in statements(_POLLING + _LEASES + _ARCHIVES + _SITES):
            db.conn.execute(statement)

    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction it runs in."""
    found, start = [], 0
    for end in (position + 1 for position, character in enumerate(script) if character == ";"):
        if sqlite3.complete_statement(script[start:end]):
            found.append(script[start:end].strip())
            start = end
    return found
