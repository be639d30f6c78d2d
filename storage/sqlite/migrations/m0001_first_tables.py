"""The first tables of a corpus."""

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

SCRIPT = _TABLES
