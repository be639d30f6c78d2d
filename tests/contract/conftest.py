"""Every test of the contract runs once for every backend, on a corpus of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage import Corpus, open_corpus

Opener = Callable[..., Corpus]


@pytest.fixture(params=["sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a corpus that does not exist yet."""
    return {"sqlite": f"sqlite:///{tmp_path / 'corpus.db'}"}[request.param]


@pytest.fixture
def opened(url: str) -> Iterator[Opener]:
    """Opens the corpus as often as a test asks, and closes what it left open."""
    with ExitStack() as stack:
        yield lambda **how: stack.enter_context(open_corpus(url, **how))


@pytest.fixture
def corpus(opened: Opener) -> Corpus:
    """An empty corpus, open for writing."""
    return opened(write=True)
