"""Remembers under which version of the corpus an answer was given: while it lasts, whoever has the answer is told so
without the corpus being asked again.

An ETag is always a hash of the answer, so that it outlives the server and never lies. What is remembered here is which
ETag an address had, and under which version. That is sound for answers that depend on the corpus alone, and not on the
time or on files beside it: their operations say so with `as_of_a_version`. The version is read before the corpus is
asked, so an answer may be newer than its version, never older.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable

from fastapi import Request
from starlette.types import Scope

from storage.web.service import service_of

MOST_KNOWN = 2_000
"""Addresses; about 300 bytes each."""
STATE = "corpus_version"
"""Where a request keeps the version that its answer is of."""

Key = tuple[object, ...]
RawHeaders = list[tuple[bytes, bytes]]


class KnownAnswers:
    """The headers of answers, their ETags among them, by what was asked for."""

    def __init__(self) -> None:
        self._answers: OrderedDict[Key, tuple[Hashable, RawHeaders]] = OrderedDict()
        self._lock = threading.Lock()

    def remember(self, key: Key, version: Hashable, headers: RawHeaders) -> None:
        """This was answered under this version or a later one."""
        with self._lock:
            self._answers[key] = (version, headers)
            self._answers.move_to_end(key)
            while len(self._answers) > MOST_KNOWN:
                self._answers.popitem(last=False)

    def get(self, key: Key) -> tuple[Hashable, RawHeaders] | None:
        """Version and headers of the last answer to this."""
        with self._lock:
            return self._answers.get(key)


def key_of(scope: Scope) -> Key:
    """All that an answer that depends on the corpus may depend on besides: the address, as who asks calls it."""
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    return (scope["scheme"], host, scope["path"], scope["query_string"])


def as_of_a_version(request: Request) -> None:
    """Says of an operation that its answers depend on the corpus alone."""
    setattr(request.state, STATE, service_of(request).readers.version())
