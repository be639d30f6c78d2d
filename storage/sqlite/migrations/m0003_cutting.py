"""More of what a page says about its article, what the pages of a host repeat, and where raw pages are kept."""

_METADATA = """
ALTER TABLE articles ADD COLUMN section TEXT;
ALTER TABLE articles ADD COLUMN licence TEXT;
ALTER TABLE articles ADD COLUMN free INTEGER;
ALTER TABLE articles ADD COLUMN runners_up TEXT NOT NULL DEFAULT '{}';
"""

_MEMORY = """
CREATE TABLE memories (
    host TEXT PRIMARY KEY NOT NULL,
    taught INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    since TEXT NOT NULL,
    changed TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE memory_pages (
    host TEXT NOT NULL REFERENCES memories(host),
    number INTEGER NOT NULL,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    headline INTEGER NOT NULL,
    twin INTEGER NOT NULL,
    blocks BLOB NOT NULL,
    PRIMARY KEY (host, number)
) STRICT;
CREATE INDEX memory_pages_by_page ON memory_pages (page_id);

CREATE TABLE memory_blocks (
    host TEXT NOT NULL REFERENCES memories(host),
    fingerprint INTEGER NOT NULL,
    pages INTEGER NOT NULL,
    since TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (host, fingerprint)
) STRICT, WITHOUT ROWID;
"""

_CAPTURES = """
ALTER TABLE articles ADD COLUMN recut TEXT;

CREATE TABLE captures (
    id INTEGER PRIMARY KEY,
    page_id INTEGER NOT NULL REFERENCES pages(id),
    at TEXT NOT NULL,
    url TEXT NOT NULL,
    file TEXT NOT NULL,
    offset INTEGER NOT NULL,
    length INTEGER NOT NULL
) STRICT;
CREATE INDEX captures_by_page ON captures (page_id, at);
CREATE INDEX captures_by_file ON captures (file);
"""

_DRIFT = """
CREATE INDEX articles_measured ON articles (
    id, first_seen, word_count,
    (published_from IS NOT NULL), (authors <> '[]'), (title IS NOT NULL), substr(text, 1, 32)
);
"""

SCRIPT = _METADATA + _MEMORY + _CAPTURES + _DRIFT
