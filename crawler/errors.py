"""What can go wrong outside the corpus, as one tree.

CrawlerError                    message: one line that names the thing and the next step
`-- ConfigError                 feeds.yaml or an OPML file is invalid: file, line, key, what to do
"""

from __future__ import annotations


class CrawlerError(Exception):
    """Base of everything the crawler raises on purpose."""


class ConfigError(CrawlerError):
    """A file the user wrote is invalid; the message names file, line and key."""
