"""The daemon's sender: a thread that looks every few seconds whether a watch has something to send.

A thread of the daemon and not of the crawl, so that a receiver that is slow holds up no poll, and a crawl that ends or
is killed takes no delivery with it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from crawler.alerts.sending import Sent, has_webhooks, send
from crawler.config import Config
from storage import CorpusMissing, CorpusReadOnly, StorageError

LOOK_S = 5.0
"""Between two looks; one that finds nothing to do costs a few milliseconds."""
FAULT_S = 60.0
"""Before the next look where one failed for a reason of ours, or of the disk, or a search took too long."""
LEAVE_S = 3.0
"""What a stop waits for the message that is under way; it is sent again under its id else."""


class Teller(Protocol):
    """Who hears what was sent."""

    def note(self, text: str) -> None:
        """Something that a person may want to know."""

    def trouble(self, text: str) -> None:
        """Something that a person must know."""


@dataclass(slots=True)
class Postman:
    """Runs while its context is open. `config` gives the subscriptions as they are at the moment."""

    db: str
    config: Callable[[], Config]
    teller: Teller
    _stop: threading.Event = field(default_factory=threading.Event, init=False)
    _thread: threading.Thread | None = field(default=None, init=False)

    def __enter__(self) -> Postman:
        self._thread = threading.Thread(target=self._run, name="postman", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(LEAVE_S)

    def _run(self) -> None:
        told: list[str] = []
        while not self._stop.is_set():
            faults = self._round()
            for fault in faults:
                if fault not in told:
                    self.teller.trouble(fault)
            told = faults
            self._stop.wait(FAULT_S if faults else LOOK_S)

    def _round(self) -> list[str]:
        """One round; gives what is wrong until somebody mends it. Nothing ends the thread: the daemon goes on for
        months."""
        config = self.config()
        if not has_webhooks(config):
            return []
        try:
            sent = send(config, self.db, stopping=self._stop.is_set)
        except (CorpusMissing, CorpusReadOnly):
            return []  # the first crawl makes it, or brings it up to date; or says why it cannot
        except StorageError as error:
            return [f"alerts: {error}"]
        except Exception as error:
            return [f"alerts: {type(error).__name__}: {error}"]
        self._tell(sent)
        return sent.stuck

    def _tell(self, sent: Sent) -> None:
        if sent.posts:
            self.teller.note(f"alerts: {sent.words()}")
        for trouble in sent.new_troubles:
            self.teller.trouble(trouble)
