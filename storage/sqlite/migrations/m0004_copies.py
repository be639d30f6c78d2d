"""What articles have in common, and how their texts changed."""

_COPIES = """
ALTER TABLE articles ADD COLUMN left_out BLOB;
ALTER TABLE articles ADD COLUMN origin_key TEXT;
CREATE INDEX articles_by_origin ON articles (origin_key) WHERE origin_key IS NOT NULL;

ALTER TABLE articles ADD COLUMN ran TEXT GENERATED ALWAYS AS (
    min(first_seen, CASE length(published)
        WHEN 10 THEN published || 'T23:59:59+00:00' ELSE coalesce(published, first_seen) END)
) VIRTUAL;
CREATE INDEX articles_by_ran ON articles (story_id, ran, id, site);

CREATE TABLE links (
    article_id INTEGER NOT NULL REFERENCES articles(id),
    other_id INTEGER NOT NULL REFERENCES articles(id),
    kind TEXT NOT NULL,
    containment REAL NOT NULL,
    resemblance REAL NOT NULL,
    shared_words INTEGER NOT NULL,
    PRIMARY KEY (article_id, other_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_other ON links (other_id);
"""

_REVISIONS = """
ALTER TABLE articles ADD COLUMN change TEXT;
ALTER TABLE articles ADD COLUMN gone TEXT;
ALTER TABLE revisions ADD COLUMN change TEXT;
ALTER TABLE revisions ADD COLUMN left_out BLOB;
"""

_IMPORTS = ""

SCRIPT = _COPIES + _REVISIONS + _IMPORTS
