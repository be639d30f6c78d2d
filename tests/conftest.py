"""Fixtures that every test may ask for."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from localweb import LocalWeb
from newsroom import Newsroom
from pressroom import Demonstrated, demonstrated, sample


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
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demonstrated:
    """What `cuttings demo --keep sample` leaves and says, made once for all processes of a run; to be copied."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "demo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return demonstrated(shared / "demo")


@pytest.fixture(scope="session")
def press_db(demo: Demonstrated, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample newspaper a while later, made once for all who read it. Tests that use it are of the group `press`,
    so that one process has it."""
    return sample(demo, tmp_path_factory.mktemp("press"))
