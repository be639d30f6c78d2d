"""Rhythm and history of polls, walks of archives, links of sites."""

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

SCRIPT = _POLLING + _LEASES + _ARCHIVES + _SITES
