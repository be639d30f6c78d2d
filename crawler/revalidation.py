"""When a server's "not modified" is believed: pure rules about conditional requests.

Some servers and caches answer 304 for ever although the document changed. Nobody who believes them notices. So once in
a while a feed is asked for whole, and where that shows that the last 304 cannot have been true, its validators are not
used for a long time.

WHOLE_EVERY (7 days): one document a week and feed costs a server less than a day's 304s, and what it may reveal was
  missed for a week at most.
DISTRUST (90 days): a cache that was mended is believed again after a season; till then the feed is asked for whole,
  and less often (`schedule.UNCONDITIONAL_FACTOR`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from storage import DueFeed, Entry, Validators

WHOLE_EVERY = timedelta(days=7)
DISTRUST = timedelta(days=90)


def distrusted(feed: DueFeed, now: datetime) -> bool:
    """Whether the server was caught lately, so that its validators are worth nothing."""
    return feed.last_lie is not None and now - feed.last_lie < DISTRUST


def asks_whole(feed: DueFeed, now: datetime) -> bool:
    """Whether the next request goes out without the validators that are known: to check on them, or for distrust.

    The check is due when nothing but 304 came for WHOLE_EVERY. A failed poll leaves it due.
    """
    if feed.validators is None:
        return True
    unseen_since = feed.last_whole
    return distrusted(feed, now) or (unseen_since is not None and now - unseen_since >= WHOLE_EVERY)


def is_lie(feed: DueFeed, validators: Validators, entries: Iterable[Entry]) -> bool:
    """Whether a document that came whole and changed shows that the 304 before it was not true.

    Either the server still gives the validators that it gave for the old document: they would have matched again. Or
    the document dates an entry that we did not have before the poll that was answered 304.
    """
    if feed.last_status != "not_modified" or feed.validators is None or feed.last_poll is None:
        return False
    if _strong(validators) and _strong(validators) == _strong(feed.validators):
        return True
    return any(isinstance(e.published, datetime) and e.published < feed.last_poll - TOLERANCE for e in entries)


TOLERANCE = timedelta(hours=1)
"""Publishers date an article some time before it reaches the feed, and clocks differ."""


def _strong(validators: Validators) -> str | None:
    """What a conditional request goes by: the ETag, else Last-Modified (RFC 9110 section 13.2.2)."""
    return validators.etag or validators.last_modified
