"""What the outcomes of a site's pages teach about further addresses of the same shape."""

from __future__ import annotations

from datetime import datetime, timedelta

from storage import LinkShape

BARRED_AFTER = 3
"""Pages of one shape that were no articles, and none that was, after which the shape is not fetched any more."""

TRUSTED_AFTER = 2
"""Articles of one shape, more than half of all, from which on the shape is trusted however odd its address looks."""

SECOND_CHANCE = timedelta(days=30)
"""So long after its last try one page of a barred shape is fetched again: sites change."""


def is_trusted(past: LinkShape) -> bool:
    """Whether pages of a shape mostly were articles."""
    return past.articles >= TRUSTED_AFTER and past.articles > past.rejected


def is_barred(past: LinkShape) -> bool:
    """Whether pages of a shape never were articles, often enough to believe it."""
    return past.articles == 0 and past.rejected >= BARRED_AFTER


def may_try_again(past: LinkShape, now: datetime) -> bool:
    """Whether a barred shape gets another chance."""
    return past.last_tried is not None and now - past.last_tried >= SECOND_CHANCE


def said_of(past: LinkShape) -> str:
    """What is known of a shape, in words."""
    tried = past.articles + past.rejected
    return f"{past.articles} of {tried} page{'' if tried == 1 else 's'} of its shape {past.shape} held an article"
