"""What every table and column of a corpus means; `docs/reference/tables.md` is made from this and the real schema.

python -m storage.sqlite.columns docs/reference/tables.md     writes the tables into the page anew
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path

from storage.sqlite import watch_columns
from storage.sqlite.schema import migrate

BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"

TABLES: Mapping[str, str] = {
    "sources": "One row for every subscription that was ever in feeds.yaml.",
    "feeds": "One row for every document that is polled: the source's own address and the feeds found there.",
    "polls": "One row for every poll that brought news or ended otherwise than the one before; the last 200 or so.",
    "left_entries": "One row for every entry of a sitemap that a live poll left to a backfill.",
    "moves": "One row for every time that a publisher moved a feed to another address for good.",
    "archives": "One row for every document of a backfill: archives, further pages, sitemaps with older entries.",
    "entries": "One row for every item that a feed or sitemap listed, as it was last seen.",
    "sightings": "One row for every time a source named a page for the first time.",
    "pages": "One row for every URL to fetch. Those with a `due` time are the frontier.",
    "outcomes": "One row for every visit to a page, oldest first.",
    "articles": "One row for every article, with its current text.",
    "revisions": "One row for every former text of an article.",
    "links": "One row for every two articles that have something in common.",
    "addresses": "One row for every address that leads to an article.",
    "memories": "One row for every host whose theme was learned from its pages.",
    "memory_pages": "One row for each of the last pages of a host that taught, at most 32.",
    "memory_blocks": "One row for every block of text that a host repeats: what is left out of its articles.",
    "captures": "One row for every answer of a server that the archive keeps.",
    "hosts": "One row for every server that was asked for something.",
    "counters": "Numbers that only grow.",
    "watches": "One row for every saved search that was ever in feeds.yaml, with how far it has come.",
    "deliveries": "One row for every message to a webhook, written before it is sent.",
    "given_articles": "One row for every article that a watch has given, or is about to.",
    "articles_by_source": "Articles with the sources that named them; one of two sources is there twice.",
    "frontier": "What is still to be fetched, and when.",
    "stories": "Copies of one text, counted.",
}

_ID = "Number of the row."
_SOURCE = "The source: `sources.id`."
_REASON = "Why, as a stable token: `too_short`, `robots`, `http_503`."
_DETAIL = "Why, in words."

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "sources": {
        "id": _ID,
        "name": "What people call it.",
        "kind": "`feed`, `sitemap` or `site`.",
        "url": "Its address in feeds.yaml.",
        "tags": "Its tags in feeds.yaml, a JSON array.",
        "language": "Its language in feeds.yaml.",
        "enabled": "1, or 0 when it is disabled or no longer listed.",
        "added": "When it was first listed.",
        "removed": "When it was found to be listed no longer; empty while it is.",
    },
    "feeds": {
        "id": _ID,
        "source_id": _SOURCE,
        "kind": "`feed`, `sitemap` or `site`.",
        "url": "What is polled.",
        "host": "The server that polite waiting is counted for.",
        "title": "What it calls itself.",
        "document_kind": "What it turned out to be: `rss20`, `atom10`, `json`, `sitemap`; `warc`, `import`: a file.",
        "next_poll": "When it is due. Empty: never again by itself (410 Gone).",
        "leased_until": "A crawl is polling it and has until then.",
        "interval_s": "Seconds between polls, as learned.",
        "last_poll": "When it was last asked for.",
        "last_success": "When it last answered well.",
        "last_status": "What the last poll brought: `new`, `not_modified`, `same_bytes`, `failed`, `gone`.",
        "http_status": "HTTP status of the last poll.",
        "reason": "Why the last poll failed, as a stable token.",
        "detail": _DETAIL,
        "failures": "Polls that failed since the last good one.",
        "entries": "Entries that it has brought so far.",
        "size_bytes": "Size of the last answer.",
        "flags": "What was odd about it, a JSON array.",
        "etag": "Validator for the next poll, byte for byte.",
        "last_modified": "Validator for the next poll, byte for byte.",
        "validators_url": "The address that the validators belong to.",
        "body_hash": "Hash of the last document, for servers without validators.",
        "moved_to": "Where it says that it has moved for good.",
        "moved_since": "When it said so first.",
        "moved_count": "How often it has said so.",
        "added": "When it became known.",
        "via": "How it became known: `source` (feeds.yaml), `link`, `path`, `robots`, `index`.",
        "why": "Why it is due when it is, in words.",
        "learned": "What the schedule learned of its rhythm, a JSON object.",
        "last_news": "When a poll last brought a new entry.",
        "news_expected": "Without news until then it has fallen silent. Empty: too little is known of its rhythm.",
        "unchanged": "Polls since the last one in `polls`, each like that one and without news.",
        "last_whole": "When the document last came whole.",
        "gaps": "Polls before which entries may have been missed.",
        "last_gap": "When that happened last.",
        "lies": 'Times that the server said "not modified" though something was.',
        "last_lie": "When that was noticed last.",
        "merged_into": "The feed that has its address, when it moved there; it is polled no more by itself.",
        "left_out": "Addresses that a sitemap lists and that live polls left to a backfill.",
    },
    "polls": {
        "id": _ID,
        "feed_id": "The feed: `feeds.id`.",
        "at": "When.",
        "status": "What it brought: `new`, `not_modified`, `same_bytes`, `failed`, `gone`.",
        "http_status": "HTTP status.",
        "reason": "Why it failed, as a stable token.",
        "detail": "Why, in words.",
        "entries": "Entries that the document had.",
        "new_entries": "Those that were new.",
        "flags": "What was odd about it, a JSON array.",
        "unchanged": "Polls since the row before that were like it and brought no news.",
    },
    "left_entries": {
        "feed_id": "The sitemap: `feeds.id`.",
        "key_hash": "The first eight bytes of the SHA-256 of the entry's key.",
    },
    "moves": {
        "id": _ID,
        "feed_id": "The feed: `feeds.id`.",
        "at": "When it moved, for us.",
        "from_url": "Where it was.",
        "to_url": "Where it is.",
    },
    "entries": {
        "id": _ID,
        "feed_id": "The feed: `feeds.id`.",
        "key": "Its id in the feed, else its link, else a hash; with U+001F and a number where the id went on.",
        "page_id": "The page that it names: `pages.id`.",
        "url": "Its link as written.",
        "title": "Its title, the first 4,000 characters.",
        "authors": "Its authors, a JSON array.",
        "published": "When it says it was published; a day where it gives a day only.",
        "updated": "When it says it was changed.",
        "language": "Its language.",
        "tags": "Its categories, a JSON array.",
        "image": "Its image.",
        "flags": "What was odd about it, a JSON array.",
        "first_seen": "The poll that first brought it.",
        "changed": "The poll that last brought it with other words.",
        "summary": "Its summary as plain text, the first 50,000 characters.",
        "content": "Its content as HTML, unsafe as it came, the first 500,000 characters.",
        "fingerprint": "Hash of its words without numbers: what tells an edit from a counter.",
        "edits": "Times that it was edited.",
        "archived": "1 while only a backfill has seen it, and no poll.",
        "shape": "The shape of its address, where the source is a site: what links are judged by.",
    },
    "archives": {
        "id": _ID,
        "source_id": _SOURCE,
        "feed_id": "The feed that its entries belong to: `feeds.id`.",
        "kind": "`feed`, `sitemap` or `site`.",
        "url": "Its address.",
        "host": "The server that polite waiting is counted for.",
        "via": "How it is known: `feed` (the feed itself), `link`, `prev-archive`, `next`, `next_url`, `index`, "
        "`robots`, `paged`.",
        "depth": "Documents between it and the feed.",
        "dated": "The newest that its entries can be, as far as is known; the newest document is read first.",
        "added": "When it became known.",
        "due": "When it may be asked for. Empty: it is done with.",
        "leased_until": "A backfill has it in hand until then.",
        "attempts": "Times that it was asked for.",
        "read": "When it was last asked for.",
        "status": "`read`, `repeated` (holds what another one held), `end` (past the end), `outside` (nothing in it is "
        "within the bounds), `failed`.",
        "http_status": "HTTP status of the answer.",
        "reason": _REASON,
        "detail": _DETAIL,
        "fixed": "1 where its publisher promises that it never changes.",
        "contents": "Hash of the pages that it names.",
        "size_bytes": "Size of the document.",
        "entries": "Entries in it.",
        "new_pages": "Pages that became known by it.",
        "oldest": "The oldest date of its entries.",
        "left_before": "The newest date of what was left in it as too old.",
        "left_after": "The oldest date of what was left in it as too new.",
    },
    "sightings": {
        "id": _ID,
        "page_id": "The page that was named: `pages.id`.",
        "source_id": _SOURCE,
        "feed_id": "The feed that named it: `feeds.id`.",
        "entry_id": "The entry that named it: `entries.id`.",
        "at": "When.",
        "url": "The address as named.",
        "also": "1 where the source is not the one that the page is fetched for.",
    },
    "pages": {
        "id": _ID,
        "key": "The identity of the page: equal for every address of one article.",
        "url": "What is fetched.",
        "host": "The server that polite waiting is counted for.",
        "source_id": "The source that it is fetched for: `sources.id`. `sightings` has all that named it.",
        "discovered": "When it was first named.",
        "published": "When the entry that first named it says it was published.",
        "dated": "`published`, or `discovered` where that is empty or in the future: the newest of a host goes first.",
        "state": "`ready`, `waiting` for its time, `leased`, `held` (source disabled); empty outside the frontier.",
        "due": "When it is to be fetched. Empty: it is not in the frontier.",
        "leased_until": "A crawl is fetching it and has until then.",
        "attempts": "Visits so far.",
        "outcome": "How the last visit ended; empty: nobody was there yet.",
        "reason": _REASON,
        "detail": _DETAIL,
        "ended": "When it got its outcome.",
        "article_id": "The article that it shows: `articles.id`.",
        "etag": "Validator for the next visit, byte for byte.",
        "last_modified": "Validator for the next visit, byte for byte.",
    },
    "outcomes": {
        "id": _ID,
        "page_id": "The page: `pages.id`.",
        "at": "When.",
        "outcome": "How it ended: `stored`, `revised`, `unchanged`, `same_article`, `rejected`, `blocked`, `failed`, "
        "`gone`.",
        "reason": _REASON,
        "detail": _DETAIL,
        "http_status": "HTTP status of the answer.",
        "final_url": "Where redirects led.",
        "size_bytes": "Size of the answer.",
    },
    "articles": {
        "id": "Number of the article; never given twice, with gaps.",
        "seq": "Number of its current text, from a counter that only grows; the rowid in the search index.",
        "story_id": "The story: the id of the first article of all that are copies of one text.",
        "page_id": "The page that it was first cut from: `pages.id`.",
        "url": "Its address.",
        "site": "The site that it is on.",
        "title": "Its title.",
        "authors": "Its authors, a JSON array.",
        "published": "When it was published; a day where the page gives a day only.",
        "published_from": "The rule that gave `published`: `feed`, `json-ld`, `meta`, `url`, `text`.",
        "updated": "When it says it was changed.",
        "dated": "`published`, else `first_seen`: what `since:` and `until:` compare with.",
        "first_seen": "When a source first named its page.",
        "fetched": "When the current text was fetched.",
        "checked": "When the page was last seen to hold this text.",
        "language": "Its language, ISO 639-1.",
        "tags": "Its own keywords, a JSON array; those of feeds.yaml are in `sources`.",
        "description": "Its summary by its publisher.",
        "image": "Its image.",
        "canonical": "The address that the page calls its own.",
        "syndicated_from": "The other site that the page calls its origin.",
        "word_count": "Words of the text.",
        "content_hash": "SHA-256 of the folded text.",
        "revision": "1 for the text as first filed.",
        "provenance": "Which rule gave which field, a JSON object.",
        "text": "The text, paragraphs apart by an empty line.",
        "html": "The text as clean HTML.",
        "section": "The part of the paper that it belongs to, as the page calls it.",
        "licence": "The terms of reuse that the page declares: an address, else words.",
        "free": "1: the page says that everybody may read all of it; 0: that it is for subscribers; empty: nothing.",
        "runners_up": "What other rules gave where it differs, a JSON object: field to pairs of rule and value.",
        "recut": "When the text was last cut again from the archive; empty: never.",
        "left_out": "Hashes of lines that were not compared with other articles, because other stories have them too.",
        "origin_key": "The identity key of `syndicated_from`.",
        "change": "What made the current text: `cosmetic`, `minor`, `substantive`, `headline`; empty: it is the first.",
        "gone": "When the page was found to be there no longer; empty: it was there at the last visit.",
    },
    "revisions": {
        "article_id": "The article: `articles.id`.",
        "number": "1 for the text as first filed.",
        "fetched": "When this text was fetched.",
        "title": "The title of then.",
        "authors": "The authors of then, a JSON array.",
        "published": "The publication date of then.",
        "updated": "The date of change of then.",
        "content_hash": "SHA-256 of the folded text.",
        "provenance": "Which rule gave which field, a JSON object.",
        "text": "The text of then.",
        "html": "The text of then as clean HTML.",
        "change": "What made this text of the one before, as in `articles`.",
        "left_out": "Hashes of lines that were not compared, as in `articles`.",
    },
    "links": {
        "article_id": "The article that was filed later: `articles.id`.",
        "other_id": "The one before it: `articles.id`.",
        "kind": "`copy`, `excerpt`, `compilation`, `related` or `template`, said of the later of the two.",
        "containment": "Share of the shorter text's shingles that the other has too, 0 to 1.",
        "resemblance": "Shingles in both texts over shingles in either, 0 to 1.",
        "shared_words": "Words of the later one that stand in shingles of both.",
    },
    "addresses": {
        "key": "The identity key.",
        "article_id": "The article: `articles.id`.",
        "url": "The address as written.",
        "via": "How it is known: `page`, `redirect`, `canonical`, `og:url`, `amphtml`, `import`.",
        "added": "When it became known.",
    },
    "memories": {
        "host": "The host.",
        "taught": "Pages that taught it in all.",
        "pages": "Of its `memory_pages`, those that count: all but twins.",
        "since": "When learning began, anew after a change of theme.",
        "changed": "When its theme was last found to have changed.",
    },
    "memory_pages": {
        "host": "The host: `memories.host`.",
        "number": "`memories.taught` when it taught.",
        "page_id": "The page: `pages.id`.",
        "headline": "Fingerprint of its headline; 0: it has none.",
        "twin": "1 where most of its prose stands on an earlier page: it does not count.",
        "blocks": "Fingerprints of its blocks, each 8 bytes, signed, the lowest byte first.",
    },
    "memory_blocks": {
        "host": "The host: `memories.host`.",
        "fingerprint": "BLAKE2b of 8 bytes of its text with single spaces, as a signed number, lowest byte first.",
        "pages": "Pages of `memory_pages` that have it; 1 only while fewer than three count.",
        "since": "When it was first found.",
        "text": "How it begins.",
    },
    "captures": {
        "id": _ID,
        "page_id": "The page: `pages.id`.",
        "at": "When the server answered.",
        "url": "The address that answered.",
        "file": "Name of the WARC file in the archive's folder.",
        "offset": "Where the record's gzip member begins in it, in bytes.",
        "length": "How long the member is, in bytes.",
    },
    "hosts": {
        "host": "The server.",
        "paused_until": "It asked to be left alone until then.",
        "robots_status": "HTTP status of its robots.txt; empty: it did not answer.",
        "robots_fetched": "When robots.txt was fetched.",
        "robots_body": "robots.txt, byte for byte.",
    },
    "counters": {
        "name": "`seq`: the highest `articles.seq` ever given.",
        "value": "Its number.",
    },
    **watch_columns.COLUMNS,
    "articles_by_source": {
        "source": "Name of the source.",
        "id": "`articles.id`.",
        "title": "",
        "url": "",
        "published": "",
        "language": "",
        "word_count": "",
        "story_id": "",
    },
    "frontier": {
        "id": "`pages.id`.",
        "url": "",
        "host": "",
        "source": "Name of the source.",
        "state": "",
        "due": "",
        "leased_until": "",
        "attempts": "",
        "last_outcome": "`pages.outcome`: how the last visit ended.",
        "last_reason": "`pages.reason`.",
    },
    "stories": {
        "story_id": "`articles.story_id`.",
        "copies": "Articles of the story.",
        "sites": "Sites that ran it.",
        "first_dated": "The earliest `articles.dated`.",
        "last_dated": "The latest.",
    },
}


def render() -> str:
    """The reference of every table and view as Markdown, from a new corpus and the words above."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    try:
        return "\n\n".join(_render_table(connection, name) for name in TABLES)
    finally:
        connection.close()


def _render_table(connection: sqlite3.Connection, table: str) -> str:
    references = {row[3]: f" -> {row[2]}.{row[4]}" for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
    lines = [f"### {table}", "", TABLES[table], "", "| Column | Type | |", "|---|---|---|"]
    for _, name, kind, required, _, key in connection.execute(f"PRAGMA table_info({table})"):
        what = " ".join(filter(None, [kind.lower(), "key" if key else "", "required" if required and not key else ""]))
        lines.append(f"| `{name}` | {what or 'any'}{references.get(name, '')} | {COLUMNS[table][name]} |")
    return "\n".join(lines)


def write_into(page: Path) -> None:
    """Put the reference between the two marks of a page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{render()}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    write_into(Path(sys.argv[1]))
