"""How long one crawling process goes on, and how it ends: the numbers, each with its reason."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

PATIENCE_S = 30.0
"""How long a single crawl waits for a server's delay or pause before it leaves the rest to the next crawl. Longer than
the delay that almost every robots.txt asks for."""

LINGER_S = 60.0
"""How long the daemon's crawl waits for what is due next. To start a process costs two seconds of a core (imports, and
the warming of its box), which is to be little beside this; a thousand feeds have one due every few seconds."""

CRAWL_S = 3600.0
"""After so long the daemon's crawl is replaced by the next, whatever leaked in it. A replacement costs two seconds."""

CRAWL_BYTES = 1024 * 1024 * 1024
"""Memory of the crawling process, its box not counted, at which it is replaced. A busy one holds about 200 MB."""

GRACE_S = 25.0
"""How long a crawl that is stopped waits for servers that are at an answer, and for pages that are being parsed. What
comes after it (calling off, giving back, one batch of the index) takes seconds, so all is over within 45 s (C15)."""

STOP_S = 42.0
"""A crawl that was told to stop and still lives after this is ended: threads that wait for a name server cannot be
called off, and hold up the end of a process for a minute. Nothing that was committed is lost by it."""

STATM = Path("/proc/self/statm")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a crawl ends by itself. A crawl by hand: when nothing is due."""

    linger_s: float = 0.0
    """How long to wait for what is due later."""
    crawl_s: float | None = None
    crawl_bytes: int | None = None

    def passed(self, running_s: float, memory_bytes: Callable[[], int]) -> str | None:
        """Why the crawl should end now, or None."""
        if self.crawl_s is not None and running_s >= self.crawl_s:
            return f"{self.crawl_s / 60:.0f} minutes have passed"
        if self.crawl_bytes is not None and (used := memory_bytes()) >= self.crawl_bytes:
            return f"it has grown to {used / 1e6:.0f} MB"
        return None


def memory_bytes(statm: Path = STATM) -> int:
    """Resident memory of this process, or of the one whose file is given; 0 where the system does not tell."""
    try:
        return int(statm.read_text(encoding="ascii").split()[1]) * PAGE_BYTES
    except (OSError, ValueError, IndexError):
        return 0
