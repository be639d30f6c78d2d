"""What a crawl did, counted where it happened, so that the closing summary can be checked by adding it up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from storage import DuePage, Ending, Outcome, Poll, Polled, WalkedArchive

FAILED_POLLS_KEPT = 1000
"""A summary names a few; `cuttings status` knows them all."""


@dataclass(slots=True)
class Tally:
    """Running counts of one crawl.

    Every page is counted once on each side: `waiting_before + found + retried + looked_again ==
    ended + waiting_after`.
    """

    waiting_before: int = 0
    """Pages that no crawl had visited when this one began."""
    waiting_after: int = 0
    """Pages that nobody has visited at the end: of a paused server, or beyond the limit."""
    retried: int = 0
    """Visits to pages that had failed before."""
    looked_again: int = 0
    """Visits to the pages of articles, for changes."""
    found: int = 0
    """Pages that the polls of this crawl named for the first time."""
    new_entries: int = 0
    cooling: int = 0
    """Feeds that a forced crawl left out because they were polled minutes ago."""
    polls: Counter[str] = field(default_factory=Counter)
    """Poll status (`new`, `not_modified`, `same_bytes`, `failed`, `gone`) to number of feeds."""
    outcomes: Counter[Ending] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    """`rejected:too_short` and the like."""
    bytes_fetched: int = 0
    failed_polls: list[tuple[str, str]] = field(default_factory=list)
    """Address of the feed and what went wrong; the first `FAILED_POLLS_KEPT`."""
    archives: Counter[str] = field(default_factory=Counter)
    """Of a backfill: status (`read`, `repeated`, `end`, `outside`, `failed`, `later`) to number of documents."""
    failed_archives: list[tuple[str, str]] = field(default_factory=list)
    """Address of the document and what went wrong; the first `FAILED_POLLS_KEPT`."""
    archives_waiting: int = 0
    """Documents that are left to the next backfill."""
    queued: int = 0
    """Pages that the archives added to the frontier."""

    @property
    def ended(self) -> int:
        """Pages whose outcome this crawl recorded."""
        return sum(self.outcomes.values())

    @property
    def polled(self) -> int:
        """Feeds that were asked."""
        return sum(self.polls.values())

    @property
    def adds_up(self) -> bool:
        """Whether every page that came in went out exactly once."""
        return self.came_in == self.ended + self.waiting_after

    @property
    def came_in(self) -> int:
        """Pages that this crawl has to do with: each is to end, or to wait for the next."""
        return self.waiting_before + self.found + self.retried + self.looked_again

    def count_leased(self, pages: Sequence[DuePage]) -> None:
        """Count the pages that are visited not for the first time: what was new is counted where it was named."""
        known = [page.article_id is not None for page in pages if page.attempts > 0]
        self.looked_again += sum(known)
        self.retried += len(known) - sum(known)

    def count_poll(self, url: str, poll: Poll, polled: Polled) -> None:
        """Count a committed poll of the feed at `url`, and the pages it named that the source's own rules refused."""
        if poll.guess_missed:
            self.bytes_fetched += poll.size_bytes
            return  # a usual place without a feed is neither a poll of one nor a failure
        self.polls[poll.status] += 1
        self.new_entries += polled.new_entries
        self.found += polled.new_pages + polled.refused
        self.bytes_fetched += poll.size_bytes
        if poll.status in ("failed", "gone") and len(self.failed_polls) < FAILED_POLLS_KEPT:
            self.failed_polls.append((url, ": ".join(part for part in (poll.reason, poll.detail) if part)))
        for outcome in polled.refusals:
            self.count_outcome(outcome)

    def count_archive(self, url: str, walked: WalkedArchive, polled: Polled) -> None:
        """Count a committed document of a walk, and the pages it named that the source's own rules refused."""
        self.archives["later" if walked.retry_at else walked.status] += 1
        self.new_entries += polled.new_entries
        self.queued += polled.new_pages
        self.found += polled.new_pages + polled.refused
        self.bytes_fetched += walked.size_bytes
        if walked.status == "failed" and len(self.failed_archives) < FAILED_POLLS_KEPT:
            assert walked.outcome is not None
            why = ": ".join(part for part in (walked.outcome.reason, walked.outcome.detail) if part)
            self.failed_archives.append((url, why))
        for outcome in polled.refusals:
            self.count_outcome(outcome)

    def count_outcome(self, outcome: Outcome) -> None:
        """Count a page whose outcome is committed."""
        self.outcomes[outcome.ending] += 1
        if outcome.reason and outcome.ending in (Ending.REJECTED, Ending.BLOCKED, Ending.FAILED, Ending.GONE):
            self.reasons[str(outcome)] += 1

    def archives_as_dict(self) -> dict[str, object]:
        """What a backfill adds to `as_dict`."""
        return {
            "archives": dict(sorted(self.archives.items())),
            "archives_waiting": self.archives_waiting,
            "failed_archives": [{"url": url, "why": why} for url, why in self.failed_archives],
        }

    def as_dict(self) -> dict[str, object]:
        """For `--json`."""
        return {
            "polls": dict(sorted(self.polls.items())),
            "failed_polls": [{"url": url, "why": why} for url, why in self.failed_polls],
            "new_entries": self.new_entries,
            "cooling": self.cooling,
            "pages": {
                "waiting_before": self.waiting_before,
                "found": self.found,
                "retried": self.retried,
                "looked_again": self.looked_again,
                "ended": self.ended,
                "waiting_after": self.waiting_after,
            },
            "outcomes": {str(ending): self.outcomes[ending] for ending in Ending if self.outcomes[ending]},
            "reasons": dict(sorted(self.reasons.items())),
            "bytes_fetched": self.bytes_fetched,
        }
