"""Which version of Cuttings, and of whoever else writes a file, wrote it."""

from __future__ import annotations


def software() -> str:
    """`Cuttings` and its version."""
    return version_of("cuttings", "Cuttings")


def version_of(package: str, name: str | None = None) -> str:
    """The name of a package and its version; the name alone where it is not installed."""
    from importlib.metadata import PackageNotFoundError, version  # costs 20 ms, once a file

    try:
        return f"{name or package} {version(package)}"
    except PackageNotFoundError:
        return name or package
