"""Saved searches and what they give: the contract of their part of a corpus, and the types that pass through it.

Watches are kept beside the one writer: their rows are theirs alone and their transactions take milliseconds, so that
what a crawl files is told while it goes on. A delivery is recorded before it is sent, under an id that stays; taking
one to send it puts off its next try, so that two senders never send the same one at once, and one that is killed
between sending and `settle` leads to another try under the same id.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, Protocol, Self

from storage.answers import StoredArticle
from storage.errors import QueryError
from storage.records import text_record, time_record
from storage.search import understand

MOST_ARTICLES = 20
"""Of one delivery."""
MOST_CHARACTERS = 500_000
"""Of text and HTML in one delivery of several articles."""
MOST_OPEN = 10
"""Deliveries of a watch that wait at one time; until one ends, the watch looks no further."""

ALARM_AFTER = timedelta(days=1)
"""A receiver that was restarted wakes nobody."""

Settlement = Literal["delivered", "failed", "gone", "lost"]


@dataclass(frozen=True, slots=True)
class Watch:
    """A saved search."""

    name: str
    search: str
    one_per_story: bool = False
    """Of copies of one text only the one that is filed first."""
    revised: bool = False
    """Whether an article whose text changed is given once more."""
    receiver: str | None = None
    """A fingerprint of the address that its articles are sent to; None: they are written for a pipe. The address itself
    is often a secret, and no part of a corpus that is shared."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a watch has not given yet, in the order in which it was filed."""

    articles: tuple[StoredArticle, ...]
    places: tuple[int, ...]
    """Where the watch stands when it has given each of them."""
    begins: int
    """Where it stands now."""
    ends: int
    """Where it stands after all of them."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message that is to be sent."""

    id: int
    key: str
    """The same at every try."""
    watch: str
    created: datetime
    attempts: int
    """With this one."""
    first_try: datetime
    failures: int
    """Tries of the watch that failed since the last good one."""
    articles: tuple[StoredArticle, ...]
    """As they are now."""


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a try."""

    ending: Settlement
    at: datetime
    http_status: int | None = None
    detail: str | None = None
    due: datetime | None = None
    """When this delivery may be tried again."""
    rest_until: datetime | None = None
    """When anything of its watch may be."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """A watch as it stands."""

    name: str
    search: str
    has_receiver: bool
    began: datetime
    removed: datetime | None
    last_given: datetime | None
    given: int
    """Articles delivered or written so far."""
    waiting: int
    """Articles in deliveries that are still to be sent."""
    unseen: int
    """Articles and new texts that were filed since it last looked, whether they match or not."""
    lost: int
    """Articles in deliveries that were given up."""
    last_lost: datetime | None
    failures: int
    failing_since: datetime | None
    http_status: int | None
    detail: str | None
    due: datetime | None
    """When something is to be sent next; None: nothing waits."""
    stopped: datetime | None
    """When its receiver said that it is gone."""


def watch_record(state: WatchState) -> dict[str, object]:
    """A watch as one JSON object."""
    return {
        "name": text_record(state.name),
        "search": text_record(state.search),
        "has_webhook": state.has_receiver,
        "began": time_record(state.began),
        "removed": time_record(state.removed),
        "last_given": time_record(state.last_given),
        "given": state.given,
        "waiting": state.waiting,
        "unseen": state.unseen,
        "lost": state.lost,
        "last_lost": time_record(state.last_lost),
        "failures": state.failures,
        "failing_since": time_record(state.failing_since),
        "http_status": state.http_status,
        "detail": text_record(state.detail),
        "next_try": time_record(state.due),
        "stopped": time_record(state.stopped),
        "trouble": text_record(watch_trouble(state)),
    }


def watch_trouble(state: WatchState) -> str | None:
    """What is the matter with a watch, in words; None where nothing is."""
    if state.removed is not None:
        return None
    if state.stopped is not None:
        return f"stopped, for its receiver is gone ({state.detail}); another address or --resume lets it go on"
    lost = (
        f"{state.lost:,} article{'' if state.lost == 1 else 's'} given up; --resume tries again" if state.lost else None
    )
    failing = state.detail if state.failures else None
    return "; ".join(filter(None, (failing, lost))) or None


def watch_alarming(state: WatchState, now: datetime) -> bool:
    """Whether somebody is needed: it stopped, gave up articles, or has failed for `ALARM_AFTER`."""
    if state.removed is not None:
        return False
    has_failed = state.failing_since is not None and now - state.failing_since >= ALARM_AFTER
    return state.stopped is not None or state.lost > 0 or has_failed


def check_search(search: str) -> None:
    """Raises QueryError where a search of a watch cannot be read, or holds nothing to look for."""
    if search and understand(search) == understand(""):
        raise QueryError("holds nothing to look for; leave the search out to get every article")


class Watches(Protocol):
    """The watches of a corpus. Every writing method is one transaction, as with `storage.corpus`."""

    def keep(self, watches: Sequence[Watch], now: datetime) -> None:
        """Make the watches of the corpus those of the list. A new one begins at the present: what is filed from now on
        counts as new. One whose search changed stays where it is. One that is not listed rests, what it has waiting is
        dropped, and if it comes back it begins at the present. One that was stopped goes on where its receiver changed;
        what waits goes to the new one, and where there is none any more counts as new again.
        """

    def states(self) -> list[WatchState]:
        """Every watch by name, those that were removed too."""

    def rewind(self, name: str, since: date | None) -> None:
        """Let a watch begin earlier: with what was first seen that day or later, or with everything. What it has given
        it does not give again. Raises QueryError for a watch that is unknown."""

    def resume(self, name: str, now: datetime) -> int:
        """Let a watch that was stopped or rests go on at once, and try again what was given up; gives how many
        deliveries are open now. Raises QueryError for a watch that is unknown."""

    def fresh(self, watch: Watch, limit: int = MOST_ARTICLES) -> Fresh:
        """What is new and matches, up to `limit` articles; those behind what the search index knows come later. Raises
        QueryError where the search cannot be read or takes too long."""

    def give(self, watch: Watch, articles: Sequence[StoredArticle], begins: int, ends: int, now: datetime) -> None:
        """Record that these were written, and where the watch stands. Raises CorpusBusy where it does not stand at
        `begins` any more, for another process gives its articles."""

    def prepare(self, watch: Watch, key: str, now: datetime) -> bool:
        """Record the next delivery of what is new, under this key; False where there is none to make: nothing is new,
        the watch rests, was stopped, or has `MOST_OPEN` open."""

    def take(self, watch: Watch, now: datetime, until: datetime) -> Delivery | None:
        """The delivery of the watch that is due the longest, to be sent now; nobody else gets it until then. One that
        is refused again and again so holds up no other."""

    def settle(self, delivery: Delivery, settled: Settled) -> None:
        """Record what became of a delivery that was taken."""

    def close(self) -> None:
        """Release everything."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
