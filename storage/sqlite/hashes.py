"""Hashes of texts as a column holds them, and pairs of a hash and a story in memory."""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import IntEnum

from storage.copies import FINGERPRINT_STORIES, LINE_STORIES, Prints


class Damaged(Exception):
    """The file is not what `fingerprints` wrote; it has to be made anew."""


class Kind(IntEnum):
    """What a hash is of."""

    FINGERPRINTS = 0
    LINES = 1


MOST = (FINGERPRINT_STORIES, LINE_STORIES)
"""How many stories of one hash are known, by kind: the lowest ids."""


def hashes_blob(hashes: Sequence[int]) -> bytes | None:
    """Hashes as a column holds them: eight bytes each, the highest first; None where there are none."""
    return struct.pack(f">{len(hashes)}Q", *hashes) if hashes else None


def hashes_of(blob: bytes | None) -> tuple[int, ...]:
    """The hashes of a column."""
    return struct.unpack(f">{len(blob) // 8}Q", blob[: len(blob) // 8 * 8]) if blob else ()


class Hashes:
    """The stories of each hash, in memory."""

    def __init__(self) -> None:
        self._stories: tuple[dict[int, set[int]], ...] = tuple({} for _ in Kind)
        self.pairs = 0
        """How many there are."""

    def add(self, story_id: int, prints: Prints) -> None:
        """The prints of one text."""
        story = (story_id,)
        self._put(Kind.FINGERPRINTS, ((hash_, story) for hash_ in prints.fingerprints))
        self._put(Kind.LINES, ((hash_, story) for hash_ in prints.lines))

    def update(self, other: Hashes) -> None:
        """All pairs of another."""
        for kind in Kind:
            self._put(kind, other._stories[kind].items())

    def find(self, kind: Kind, hashes: Sequence[int], found: dict[int, list[int]]) -> None:
        """Add to what was found the stories of each of these hashes, in no order."""
        mine = self._stories[kind]
        for hash_ in mine.keys() & hashes if mine else ():
            found.setdefault(hash_, []).extend(mine[hash_])

    def all(self, kind: Kind) -> Iterator[tuple[int, int]]:
        """Every pair of a hash and a story, in no order."""
        for hash_, stories in self._stories[kind].items():
            for story in stories:
                yield hash_, story

    def _put(self, kind: Kind, found: Iterable[tuple[int, Collection[int]]]) -> None:
        mine = self._stories[kind]
        for hash_, stories in found:
            known = mine.setdefault(hash_, set())
            before = len(known)
            known.update(stories)
            self.pairs += len(known) - before
