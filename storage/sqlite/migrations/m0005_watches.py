"""Saved searches, how far each has come, and what was given to whom."""

SCRIPT = """
CREATE TABLE watches (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    search TEXT NOT NULL,
    receiver TEXT,
    began TEXT NOT NULL,
    began_seq INTEGER NOT NULL,
    position INTEGER NOT NULL,
    removed TEXT,
    due TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since TEXT,
    http_status INTEGER,
    detail TEXT,
    last_given TEXT,
    stopped TEXT
) STRICT;

CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    watch_id INTEGER NOT NULL REFERENCES watches(id),
    key TEXT NOT NULL UNIQUE,
    created TEXT NOT NULL,
    due TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    first_try TEXT,
    ended TEXT,
    ending TEXT,
    http_status INTEGER,
    detail TEXT
) STRICT;
CREATE INDEX deliveries_open ON deliveries (watch_id, id) WHERE due IS NOT NULL;
CREATE INDEX deliveries_lost ON deliveries (watch_id, id) WHERE ending = 'lost';

CREATE TABLE given_articles (
    watch_id INTEGER NOT NULL REFERENCES watches(id),
    article_id INTEGER NOT NULL REFERENCES articles(id),
    fetched TEXT NOT NULL,
    story_id INTEGER NOT NULL,
    delivery_id INTEGER REFERENCES deliveries(id),
    PRIMARY KEY (watch_id, article_id, fetched)
) STRICT, WITHOUT ROWID;
CREATE INDEX given_articles_by_story ON given_articles (watch_id, story_id);
CREATE INDEX given_articles_by_delivery ON given_articles (delivery_id) WHERE delivery_id IS NOT NULL;
"""
