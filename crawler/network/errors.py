"""Why a request brought no response, as exceptions that each carry the outcome to record.

NotFetched                  message: what could not be had and why; `outcome` is what to record
|-- PrivateAddress          the host is, or resolves to, an address that must not be dialled
|-- RobotsForbidden         robots.txt says no
|-- RobotsUnreachable       robots.txt could not be had, so nothing may be fetched for now
|-- HostPaused              the host's turn is too far off to wait for
|-- CrawlStopped            the crawl ends before this request could
`-- FetchFailed             the network or the server failed
"""

from __future__ import annotations

from urllib.parse import urlsplit

from crawler.errors import CrawlerError
from storage import Ending, Outcome


class NotFetched(CrawlerError):
    """Base: a request that ended without a response.

    `url` is the hop that failed; `retry_after_s` is set where it is known when to ask again.
    """

    def __init__(self, message: str, url: str, outcome: Outcome, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.url = url
        self.outcome = outcome
        self.retry_after_s = retry_after_s


class PrivateAddress(NotFetched):
    """The host is, or resolves to, an address that must not be dialled."""

    def __init__(self, url: str, refusal: str) -> None:
        detail = f"{urlsplit(url).hostname} leads to a {refusal} address"
        super().__init__(
            f"{url}: {detail}; if that is meant, add its range to network.allow in feeds.yaml",
            url,
            Outcome(Ending.BLOCKED, "private_address", detail),
        )


class RobotsForbidden(NotFetched):
    """robots.txt forbids this address to us."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url}: forbidden by robots.txt", url, Outcome(Ending.BLOCKED, "robots"))


class RobotsUnreachable(NotFetched):
    """robots.txt could not be had, which forbids everything for the time being (RFC 9309 section 2.3.1.4).

    Where the host itself cannot be reached, `outcome` says that: there is more to it than a missing robots.txt.
    """

    def __init__(self, url: str, outcome: Outcome, retry_after_s: float) -> None:
        super().__init__(
            f"{url}: nothing may be fetched there for {retry_after_s:.0f} s, since robots.txt could not be had "
            f"({outcome.detail or outcome})",
            url,
            outcome,
            retry_after_s,
        )


class HostPaused(NotFetched):
    """The host asked for a pause, or its queue is so long, that this request should come again later."""

    def __init__(self, host: str, wait_s: float) -> None:
        super().__init__(
            f"{host}: no request for another {wait_s:.0f} s",
            f"//{host}",
            Outcome(Ending.FAILED, "paused", f"no request for another {wait_s:.0f} s"),
            wait_s,
        )


class CrawlStopped(NotFetched):
    """The crawl ends, and this request with it: nothing was learned, the next crawl asks anew."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"{url}: the crawl was stopped", url, Outcome(Ending.FAILED, "paused", "the crawl was stopped")
        )


class FetchFailed(NotFetched):
    """The network or the server failed; `reason` is a token of the closed list of outcomes."""

    def __init__(self, url: str, reason: str, detail: str | None = None) -> None:
        outcome = Outcome(Ending.FAILED, reason, detail)
        super().__init__(f"{url}: {reason}{f' ({detail})' if detail else ''}", url, outcome)
