"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from localweb import LocalWeb


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A local web server of its own for each test."""
    with LocalWeb() as running:
        yield running
