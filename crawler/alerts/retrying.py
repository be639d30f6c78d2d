"""What a try came to, and when the next one is: the waits of a delivery that failed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler import freshness
from storage import Delivery, Settled

FIRST_WAIT_S = 60.0
GROWTH = 4.0
LONGEST_WAIT_S = 12 * 3600.0
"""1, 4, 16, 64 minutes, 4 hours, then every 12: Standard Webhooks asks for waits that grow over several days."""
JITTER = 0.2
"""Of a wait, up or down, so that a receiver that is back does not meet everyone at once."""
GIVE_UP_S = 3 * 86400.0
"""After the first try. A long weekend."""
LEAST_TRIES = 5
"""However late they come: a machine that was off over the weekend has tried once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver said; without a status, why it said nothing."""

    http_status: int | None
    detail: str
    retry_after: str | None = None


def settled(delivery: Delivery, answer: Answer, now: datetime, chance: float) -> Settled:
    """What becomes of a delivery. `chance`, of 0 to 1, spreads the waits.

    2xx is success. 410 says that nobody will ever listen there again: the watch stops. Everything else, a redirect too,
    is tried again, and given up at a try that is `GIVE_UP_S` after the first and at least the `LEAST_TRIES`th.
    `Retry-After` makes a wait longer, never shorter. Each delivery waits for itself, so that one that is refused for
    its own sake holds up no other; its watch waits as long as its own failures in a row ask for, so that a receiver
    that is down is asked seldom.
    """
    status = answer.http_status
    if status is not None and 200 <= status < 300:
        return Settled("delivered", now, status)
    if status == 410:
        return Settled("gone", now, status, answer.detail, due=now)
    asked_s = min(freshness.retry_after(answer.retry_after, now) or 0.0, LONGEST_WAIT_S)
    own = now + timedelta(seconds=max(wait_s(delivery.attempts, chance), asked_s))
    rest = now + timedelta(seconds=max(wait_s(delivery.failures + 1, chance), asked_s))
    if delivery.attempts >= LEAST_TRIES and now - delivery.first_try >= timedelta(seconds=GIVE_UP_S):
        return Settled("lost", now, status, answer.detail, rest_until=rest)
    return Settled("failed", now, status, answer.detail, due=own, rest_until=rest)


def wait_s(failures: int, chance: float) -> float:
    """Seconds after so many failures in a row."""
    growing = FIRST_WAIT_S * GROWTH ** min(max(failures - 1, 0), 20)
    return min(growing, LONGEST_WAIT_S) * (1 + JITTER * (2 * chance - 1))
