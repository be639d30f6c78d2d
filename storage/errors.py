"""What can go wrong in the corpus, as one tree.

StorageError                    message: one line that names the thing and the next step
|-- CorpusMissing               there is no corpus at that address
|-- NotACorpus                  the file is something else, or damaged
|-- CorpusTooNew                written by a later version
|-- CorpusBusy                  another process writes it, or it stayed locked
|-- CorpusFull                  no room on the disk; nothing committed is lost
|-- CorpusReadOnly              the file or folder may not be written
|-- CaptureLost                 the archive does not hold a record that the corpus points to
|-- FilingRefused               what was to be filed contradicts what is stored; the corpus takes everything else
|-- IndexDamaged                the search index is not as it was written; whoever writes next makes it anew
|-- CursorRefused               an export cannot go on from there; everything else can be asked
|-- ServingRefused              the corpus cannot be served so
`-- QueryError                  a search that cannot be understood
"""

from __future__ import annotations

from collections.abc import Sequence


class StorageError(Exception):
    """Base of everything the corpus raises on purpose."""


class CorpusMissing(StorageError):
    """There is no corpus at that address."""


class NotACorpus(StorageError):
    """The file is not a corpus of ours, or is damaged."""


class CorpusTooNew(StorageError):
    """The corpus was written by a later version."""


class CorpusBusy(StorageError):
    """Another process writes the corpus, or a lock was not released in time."""


class CorpusFull(StorageError):
    """The disk has no room; what was committed stays."""


class CorpusReadOnly(StorageError):
    """The corpus may not be written by this user."""


class FilingRefused(StorageError):
    """What was to be filed contradicts what is stored: a fault in it or in us, and none of the corpus."""


class CaptureLost(StorageError):
    """A record of the archive is gone or damaged; everything else is as it was."""


class IndexDamaged(StorageError):
    """The search index is not as it was written; the articles are, and the next command that writes makes it anew."""


class CursorRefused(StorageError):
    """The cursor of an export is of another export or of another corpus; the message follows its name."""


class ServingRefused(StorageError):
    """The corpus cannot be served so; the message says what is missing."""


def expect(name: str, given: str | None, known: Sequence[str]) -> None:
    """Let nothing be answered that was not asked: an order or a field of another name. Raises QueryError."""
    if given is not None and given not in known:
        raise QueryError(f"{name} {given!r}: there is none; there are {', '.join(known)}")


class QueryError(StorageError):
    """A search that cannot be understood; the message says what, and where it is known `start` and `end` say where in
    `query`, the typed text."""

    def __init__(
        self, message: str, *, query: str | None = None, start: int | None = None, end: int | None = None
    ) -> None:
        super().__init__(message)
        self.query = query
        self.start = start
        self.end = end
