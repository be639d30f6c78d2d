"""Whether a row's text of a known article is older than the one that stands. Pure."""

from __future__ import annotations

from crawler.extract.days import before
from crawler.importing.rows import RULE, ReadRow
from storage import StandingText


def is_older(row: ReadRow, text: StandingText) -> bool:
    """Whether the row's text goes before the text that stands.

    By when each was fetched, where both are known; else by when its publisher says that it was updated, or published;
    else the later row is the later text, except that a text of unknown age never replaces one that a crawl fetched.
    """
    is_imported = text.provenance.get("text", "").startswith(f"{RULE} ")
    if row.fetched is not None and (not is_imported or "fetched" in text.provenance):
        return row.fetched < text.fetched
    theirs = row.article.updated or row.article.published
    ours = text.updated or text.published
    if theirs is not None and ours is not None and (before(theirs, ours) or before(ours, theirs)):
        return before(theirs, ours)
    return not is_imported
