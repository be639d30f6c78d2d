"""Reading feeds: the bytes of any RSS, Atom, JSON Feed or sitemap become the same immutable entry records."""

from crawler.feeds.document import FeedDocument, NestedSitemap, NotAFeed
from crawler.feeds.parse import body_hash, parse_document

__all__ = ["FeedDocument", "NestedSitemap", "NotAFeed", "body_hash", "parse_document"]
