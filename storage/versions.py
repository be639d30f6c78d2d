"""Which version of Cuttings writes a file."""

from __future__ import annotations


def software() -> str:
    """`Cuttings` and its version."""
    from importlib.metadata import PackageNotFoundError, version  # costs 20 ms, once a file

    try:
        return f"Cuttings {version('cuttings')}"
    except PackageNotFoundError:
        return "Cuttings"
