"""Reading feeds: the bytes of any RSS, Atom, JSON Feed or sitemap become the same immutable entry records.

The reader is loaded when it is first asked for: the crawling process knows documents, and never parses one.
"""

from typing import TYPE_CHECKING, Any

from crawler.feeds.document import FeedDocument, NestedSitemap, NotAFeed, body_hash

if TYPE_CHECKING:
    from crawler.feeds.parse import parse_document

__all__ = ["FeedDocument", "NestedSitemap", "NotAFeed", "body_hash", "parse_document"]


def __getattr__(name: str) -> Any:
    if name != "parse_document":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from crawler.feeds.parse import parse_document

    return parse_document
