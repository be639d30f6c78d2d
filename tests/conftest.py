"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from localweb import LocalWeb
from newsroom import Newsroom


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A local web server of its own for each test."""
    with LocalWeb() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """An empty folder in which `cuttings` runs."""
    return Newsroom(tmp_path)
