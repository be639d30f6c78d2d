"""What every answer is made from: the corpus, and where and as whom it is served."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request

from storage.corpus import Corpus
from storage.serving import Identity, Serving
from storage.web.readers import Readers


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Service:
    """The corpus as it is served. `identity` gives the key of a page for an address."""

    readers: Readers
    serving: Serving
    identity: Identity
    now: Callable[[], datetime] = _now

    def root(self, request: Request) -> str:
        """The address of the server without a slash at its end, as whoever asks calls it; its Host was checked."""
        if self.serving.url is not None:
            return self.serving.url.rstrip("/")
        return str(request.base_url).rstrip("/")

    def is_own(self, url: str) -> bool:
        """Whether an address leads to this server."""
        return (urlsplit(url).hostname or "") in self.serving.names


def service_of(request: Request) -> Service:
    """The service that answers a request."""
    found = request.app.state.service
    assert isinstance(found, Service)
    return found


def corpus_of(request: Request) -> Iterator[Corpus]:
    """A corpus to answer one request from."""
    with service_of(request).readers.borrow() as corpus:
        yield corpus


ServiceOf = Annotated[Service, Depends(service_of)]
CorpusOf = Annotated[Corpus, Depends(corpus_of)]
