"""Fetches addresses with Scrapy and the project's settings in a process of its own, since a reactor cannot restart.

`fetch` is what tests call; the module run as a program is the child.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.0.0.0/8", "::1/128")


@dataclass(frozen=True, slots=True)
class Fetched:
    """How one address ended: with a response (`status`) or with an outcome (`blocked:robots`)."""

    url: str
    """The address that answered, or that failed."""
    status: int | None
    outcome: str | None
    body: str
    size_bytes: int
    seconds: float
    retry_after_s: float | None
    redirects: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Crawl:
    """All that a child did."""

    results: tuple[Fetched, ...]
    """In the order of the addresses."""
    log: str
    grown_bytes: int
    """Growth of the peak resident memory between the first request and the last result."""

    def __getitem__(self, number: int) -> Fetched:
        return self.results[number]

    @property
    def outcomes(self) -> list[str | None]:
        """The outcomes, None for responses."""
        return [result.outcome for result in self.results]


def fetch(
    *urls: str | Mapping[str, Any],
    settings: Mapping[str, Any] | None = None,
    allow: Sequence[str] = LOOPBACK,
    delay_s: float = 0.0,
    one_by_one: bool = False,
    names: Mapping[str, Sequence[str]] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout_s: float = 60.0,
) -> Crawl:
    """Fetch addresses, or requests given as {url, meta, headers}, at once or one after the other.

    `names` replaces the name service: each lookup of a name takes the next of its addresses, the last one for ever.
    """
    order = {
        "requests": [{"url": each} if isinstance(each, str) else dict(each) for each in urls],
        "settings": {"CUTTINGS_ALLOW": list(allow), "CUTTINGS_DELAY_S": delay_s, **(settings or {})},
        "one_by_one": one_by_one,
        "names": names,
    }
    path = str(ROOT / "tests")
    child = subprocess.run(
        [sys.executable, "-W", "ignore", __file__],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        cwd=ROOT,
        check=False,
    )
    if child.returncode:
        raise RuntimeError(f"the child failed with {child.returncode}:\n{child.stderr[-4000:]}")
    told = json.loads(child.stdout)
    results = [Fetched(**{**each, "redirects": tuple(map(tuple, each["redirects"]))}) for each in told["results"]]
    return Crawl(tuple(results), child.stderr, told["grown_bytes"])


def main() -> None:
    """The child: read the order from standard input, crawl, write the results to standard output."""
    import asyncio
    import resource
    import time

    import scrapy
    from scrapy.crawler import CrawlerProcess
    from scrapy.settings import Settings

    from crawler.network import NotFetched, outcome_of

    order = json.load(sys.stdin)
    results: dict[int, dict[str, Any]] = {}
    peaks: list[int] = []

    def peak() -> int:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    class Spider(scrapy.Spider):
        name = "fetching"

        async def start(self) -> Any:
            peaks.append(peak())
            for number, each in enumerate(order["requests"]):
                yield scrapy.Request(
                    each["url"],
                    callback=self.came,
                    errback=self.failed,
                    headers=each.get("headers"),
                    meta={**each.get("meta", {}), "number": number, "began": time.monotonic()},
                    dont_filter=True,
                )
                while order["one_by_one"] and number not in results:
                    await asyncio.sleep(0.005)

        def came(self, response: Any) -> None:
            hops = zip(response.meta.get("redirect_reasons", []), response.meta.get("redirect_urls", []), strict=True)
            self.note(
                response.meta,
                url=response.url,
                status=response.status,
                body=response.body[:2000].decode("utf-8", "replace"),
                size_bytes=len(response.body),
                redirects=[(str(reason), url) for reason, url in hops],
            )

        def failed(self, failure: Any) -> None:
            error = failure.value
            self.note(
                failure.request.meta,
                url=failure.request.url,
                outcome=str(outcome_of(error)),
                body=str(outcome_of(error).detail),
                retry_after_s=error.retry_after_s if isinstance(error, NotFetched) else None,
            )

        def note(self, meta: Mapping[str, Any], **known: Any) -> None:
            blank = {"status": None, "outcome": None, "body": "", "size_bytes": 0, "redirects": []}
            seconds = time.monotonic() - meta["began"]
            results[meta["number"]] = {**blank, "seconds": seconds, "retry_after_s": None, **known}
            peaks.append(peak())

    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    # The network alone: no spiders of the project, and nothing that would open a corpus.
    settings.setdict({"SPIDER_MODULES": [], "ITEM_PIPELINES": {}, **order["settings"]}, priority="cmdline")
    if order["names"]:
        settings.set("TWISTED_DNS_RESOLVER", "fetching.ScriptedNames", priority="cmdline")
        os.environ["FETCHING_NAMES"] = json.dumps(order["names"])
    process = CrawlerProcess(settings)
    process.crawl(Spider)
    process.start()
    json.dump(
        {"results": [results[number] for number in sorted(results)], "grown_bytes": peaks[-1] - peaks[0]}, sys.stdout
    )


class ScriptedNames:
    """TWISTED_DNS_RESOLVER of the child: the vetting resolver over a name service that reads from a script."""

    def __new__(cls, reactor: Any) -> Any:
        from crawler.middlewares.resolver import VettingResolver

        return VettingResolver(reactor, _Script(json.loads(os.environ["FETCHING_NAMES"])))

    @classmethod
    def from_crawler(cls, crawler: Any, reactor: Any) -> Any:
        """Called by Scrapy."""
        return cls(reactor)


class _Script:
    def __init__(self, names: dict[str, list[str]]) -> None:
        self._names = names

    def resolveHostName(self, receiver: Any, name: str, port: int = 0, types: Any = None, how: str = "TCP") -> None:  # noqa: N802
        from twisted.internet.address import IPv4Address, IPv6Address

        left = self._names.get(name, [])
        if left:
            text = left[0] if len(left) == 1 else left.pop(0)
            kind = IPv6Address if ":" in text else IPv4Address
            receiver.addressResolved(kind("TCP", text, port))
        receiver.resolutionComplete()


if __name__ == "__main__":
    main()
