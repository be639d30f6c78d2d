"""When the page of an article is looked at again: soon after it was named, then more seldom, then no more. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from storage import Ending

RECHECK_S = (3600.0, 6 * 3600.0, 86400.0, 7 * 86400.0)
"""Default of `recheck`: most corrections come within hours, and after a week articles hardly change."""
LONGEST_RECHECK_S = 366 * 86400.0
MOST_RECHECKS = 20
_LOOKED_AT = frozenset(
    {Ending.STORED, Ending.REVISED, Ending.UNCHANGED, Ending.REJECTED, Ending.BLOCKED, Ending.FAILED, Ending.GONE}
)


def next_look(
    steps_s: Sequence[float], ending: Ending, discovered: datetime | None, published: date | None, at: datetime
) -> datetime | None:
    """When the page of an article that was visited at `at` is due again; None: no more.

    The steps count from when the page was first named. What was published longer before that than the last step, as in
    a backfill, is not looked at again: whatever was corrected was corrected by then.
    """
    if not steps_s or discovered is None or ending not in _LOOKED_AT:
        return None
    if published is not None and _day(published) < _day(discovered - timedelta(seconds=max(steps_s))):
        return None
    looks = (discovered + timedelta(seconds=step_s) for step_s in sorted(steps_s))
    return next((look for look in looks if look > at), None)


def _day(when: date) -> date:
    return when.date() if isinstance(when, datetime) else when
