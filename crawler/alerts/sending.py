"""Sends what is new of every watch that has a webhook.

for each watch, for at most `TURN_S`:
    prepare the next delivery of what is new, while few are open
    take what is due the longest -> post -> settle; a failure ends the watch's turn, and so does nothing to send
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from crawler.alerts import message, signing
from crawler.alerts.posting import POST_S, RESOLVE_S, post
from crawler.alerts.retrying import settled
from crawler.config import Config, WatchConfig
from crawler.network import Allowance, user_agent
from storage import Delivery, QueryError, Watches, open_watches, plain_line

LEASE_S = RESOLVE_S + POST_S + 60.0
"""A try is over by then; one that was killed in the middle of it is made again."""
TURN_S = 60.0
"""One slow receiver lets the others wait no longer."""
AFTER_CRAWL_S = 300.0
"""For all messages that follow one crawl; the rest waits for the next, or for `cuttings watch --send`."""


@dataclass(slots=True)
class Sent:
    """What came of a round."""

    posts: int = 0
    articles: int = 0
    troubles: list[str] = field(default_factory=list)
    """A line for each watch of which something failed."""
    new_troubles: list[str] = field(default_factory=list)
    """Those of watches that did not fail before."""
    stuck: list[str] = field(default_factory=list)
    """A line for each watch whose search could not be answered; told in every round."""

    def words(self) -> str:
        """What was delivered, for people."""
        articles = f"{self.articles:,} article{'' if self.articles == 1 else 's'}"
        return f"{articles} sent in {self.posts:,} message{'' if self.posts == 1 else 's'}"


def utc_now() -> datetime:
    """The clock."""
    return datetime.now(UTC)


def has_webhooks(config: Config) -> bool:
    """Whether there is anything to send at all."""
    return any(one.webhook for one in config.watches)


def send(
    config: Config,
    db: str,
    *,
    only: str | None = None,
    now: Callable[[], datetime] = utc_now,
    stopping: Callable[[], bool] = lambda: False,
) -> Sent:
    """Give every watch with a webhook its turn, or only the one of that name. What cannot be delivered waits for a
    later round, and is no error of this one. Raises `StorageError` where the corpus cannot be opened."""
    sent = Sent()
    with open_watches(db) as watches:
        watches.keep([one.watch for one in config.watches], now())
        for one in config.watches:
            if one.webhook is not None and only in (None, one.watch.name) and not stopping():
                _turn(watches, one, config, sent, now, stopping)
    return sent


def send_all(config: Config, db: str, *, only: str | None = None, most_s: float | None = None) -> Sent:
    """Rounds until nothing is delivered any more, or no message may begin any more."""
    ends = None if most_s is None else time.monotonic() + most_s

    def is_over() -> bool:
        return ends is not None and time.monotonic() >= ends

    whole = last = send(config, db, only=only, stopping=is_over)
    while last.posts and not is_over():
        last = send(config, db, only=only, stopping=is_over)
        whole.posts += last.posts
        whole.articles += last.articles
        whole.troubles += last.troubles
        whole.new_troubles += last.new_troubles
        whole.stuck = last.stuck
    return whole


def _turn(
    watches: Watches,
    one: WatchConfig,
    config: Config,
    sent: Sent,
    now: Callable[[], datetime],
    stopping: Callable[[], bool],
) -> None:
    ends = time.monotonic() + TURN_S
    while time.monotonic() < ends and not stopping():
        at = now()
        try:
            watches.prepare(one.watch, f"msg_{secrets.token_hex(16)}", at)
        except QueryError as error:  # what was prepared before can still be sent
            stuck = plain_line(f"watch {one.watch.name}: {error}")
            sent.stuck += [stuck] if stuck not in sent.stuck else []
        delivery = watches.take(one.watch, at, at + timedelta(seconds=LEASE_S))
        if delivery is None or not _deliver(watches, one, config, delivery, sent, now):
            return


def _deliver(
    watches: Watches,
    one: WatchConfig,
    config: Config,
    delivery: Delivery,
    sent: Sent,
    now: Callable[[], datetime],
) -> bool:
    """One try; gives whether it was delivered."""
    assert one.webhook is not None
    body = message.body(one.watch, delivery)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": user_agent(config.contact),
        **signing.headers(one.secret, delivery.key, now(), body),
    }
    answer = post(one.webhook, headers, body, Allowance.parse((*config.allow, *one.allow)))
    end = settled(delivery, answer, now(), random.random())  # noqa: S311 (spreads waits, keeps no secret)
    watches.settle(delivery, end)
    if end.ending == "delivered":
        sent.posts += 1
        sent.articles += len(delivery.articles)
        return True
    trouble = f"watch {one.watch.name}: {answer.detail}"
    if end.ending == "gone":
        trouble += "; its receiver is gone, so it stops: `cuttings watch NAME --resume`, or another address, goes on"
    elif end.ending == "lost":
        count = len(delivery.articles)
        trouble += f"; {count} article{'' if count == 1 else 's'} given up: `cuttings watch NAME --resume` tries again"
    trouble = plain_line(trouble)
    sent.troubles.append(trouble)
    if delivery.failures == 0 or end.ending != "failed":
        sent.new_troubles.append(trouble)
    return False
