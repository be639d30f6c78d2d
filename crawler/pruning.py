"""Which files of the archive go: by age, by the size of all. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from storage import ArchiveFile


def files_to_prune(
    files: Sequence[ArchiveFile], now: datetime, *, older_s: float | None, larger_bytes: int | None
) -> list[ArchiveFile]:
    """Of the files, given oldest first: those whose last record is older, and then the oldest of those that are left,
    until together they take no more than that."""
    old = [file for file in files if older_s is not None and file.last < now - timedelta(seconds=older_s)]
    left = [file for file in files if file not in old]
    if larger_bytes is None:
        return old
    total = sum(file.size_bytes for file in left)
    for file in left:
        if total <= larger_bytes:
            break
        old.append(file)
        total -= file.size_bytes
    return old
