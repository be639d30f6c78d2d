"""When the daemon crawls next: pure decisions about how crawls ended, clocks, and what is waited for.

a crawl ended ...                 the next begins
with nothing due                  when something is due; within LONGEST_REST_S in any case
having done nothing               the same, but not before IDLE_REST_S
at a bound, or told to            at once
by a failure or a crash           after BACK_OFF_S, twice that, ... at most LONGEST_BACK_OFF_S
because another process writes    when that has finished
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

LONGEST_REST_S = 3600.0
"""Within this a crawl begins whatever is known to be due: crawls by hand leave work behind, clocks are set, and to look
costs two seconds of a core."""

IDLE_REST_S = 30.0
"""After a crawl that polled nothing and ended no page, although something seemed due: no cause of that may make a loop
that starts processes as fast as it can."""

BACK_OFF_S = 5.0
LONGEST_BACK_OFF_S = 900.0
"""A disk that was full is noticed to have room within a quarter of an hour."""

CLOCK_TOLERANCE_S = 60.0
"""A wall clock that falls behind the monotonic one by more was set back. NTP slews far less between two looks."""

How = Literal["done", "stopped", "failed", "crashed", "busy"]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Both clocks read at one moment."""

    wall: datetime
    monotonic_s: float


@dataclass(frozen=True, slots=True)
class Ended:
    """How a crawl ended: `done` nothing was due, `stopped` at a bound or told to, `failed` it says why, `crashed` its
    process is gone without a word, `busy` another process writes the corpus."""

    how: How
    worked: bool = False
    """Whether it polled anything or ended a page."""
    next_due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """Until when nothing is crawled: what comes first of the due time (wall clock) and the longest rest, but not before
    the shortest (monotonic)."""

    due: datetime | None
    at_least_s: float = 0.0
    at_most_s: float = LONGEST_REST_S

    def over(self, began: Clocks, now: Clocks) -> bool:
        """Whether a rest that began then is over now."""
        rested_s = now.monotonic_s - began.monotonic_s
        if rested_s < self.at_least_s:
            return False
        return rested_s >= self.at_most_s or (self.due is not None and self.due <= now.wall)

    def wait_s(self, began: Clocks, now: Clocks) -> float:
        """How long at most until it is over, if no clock is set meanwhile."""
        rested_s = now.monotonic_s - began.monotonic_s
        due_s = self.at_most_s - rested_s
        if self.due is not None:
            due_s = min(due_s, (self.due - now.wall).total_seconds())
        return max(0.0, due_s, self.at_least_s - rested_s)


@dataclass(frozen=True, slots=True)
class History:
    """What the crawls so far mean for the next."""

    failures: int = 0
    """Crawls in a row that failed or crashed."""

    def after(self, ended: Ended) -> History:
        """The history with one more crawl. One that had to wait for another process says nothing."""
        if ended.how in ("failed", "crashed"):
            return replace(self, failures=self.failures + 1)
        return self if ended.how == "busy" else History()

    def rest(self, ended: Ended, now: Clocks) -> Rest:
        """How long to rest after the crawl that was the last to enter this history."""
        if ended.how in ("failed", "crashed"):
            wait_s = back_off_s(self.failures)
            return Rest(now.wall, at_least_s=wait_s, at_most_s=wait_s)
        if ended.how == "busy":
            return Rest(now.wall)
        at_least_s = 0.0 if ended.worked else IDLE_REST_S
        return Rest(now.wall if ended.how == "stopped" else ended.next_due, at_least_s)


def back_off_s(failures: int) -> float:
    """How long to wait after so many failures in a row, at least one."""
    return min(BACK_OFF_S * 2.0 ** min(failures - 1, 16), LONGEST_BACK_OFF_S)


def set_back(before: Clocks, now: Clocks) -> bool:
    """Whether the wall clock was set back between two looks: what was planned by it may lie far off now."""
    passed = timedelta(seconds=now.monotonic_s - before.monotonic_s)
    return now.wall < before.wall + passed - timedelta(seconds=CLOCK_TOLERANCE_S)
