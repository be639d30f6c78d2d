"""Fixtures that every test may ask for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from localweb import LocalWeb
from newsroom import Newsroom
from pressroom import sample


@pytest.fixture
def web() -> Iterator[LocalWeb]:
    """A local web server of its own for each test."""
    with LocalWeb() as running:
        yield running


@pytest.fixture
def newsroom(tmp_path: Path) -> Newsroom:
    """An empty folder in which `cuttings` runs."""
    return Newsroom(tmp_path)


@pytest.fixture(scope="session")
def press_db(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample newspaper a while later, made once for all who read it. Tests that use it are of the group `press`,
    so that one process has it."""
    return sample(tmp_path_factory.mktemp("press"))
