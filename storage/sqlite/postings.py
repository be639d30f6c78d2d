"""Pairs of a hash and a story, sorted and packed into small blocks: pure bytes, no file.

A block holds `BLOCK` pairs: one byte with two widths, then the hashes as distances from the first of them, then the
stories, each number in as many bytes as the largest of its block needs. The first hash stands outside of the block, in
the list by which blocks are found, so that looking for a hash is a bisection and a search for a few bytes.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BLOCK = 64
"""Pairs. Smaller blocks make shorter distances, which saves a byte of each hash; each block costs some twelve bytes of
its own. 64 is best at a million articles (`benchmarks/copies_growth.py`)."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Hashes and the stories that have them, in the order of both, none twice."""

    hashes: NDArray[np.uint64]
    stories: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.hashes)

    def below(self, bound: int | None) -> tuple[Pairs, Pairs]:
        """Those of hashes below the bound, and the rest; None bounds nothing."""
        cut = len(self) if bound is None else int(np.searchsorted(self.hashes, np.uint64(bound)))
        return self.slice(0, cut), self.slice(cut, len(self))

    def slice(self, start: int, end: int) -> Pairs:
        """Some that follow each other."""
        return Pairs(self.hashes[start:end], self.stories[start:end])


def joined(parts: Sequence[Pairs]) -> Pairs:
    """Parts that follow each other, as one."""
    return Pairs(np.concatenate([part.hashes for part in parts]), np.concatenate([part.stories for part in parts]))


EMPTY = Pairs(np.empty(0, np.uint64), np.empty(0, np.uint64))


def pairs_of(pairs: Iterable[tuple[int, int]]) -> Pairs:
    """Pairs in any order."""
    flat = np.fromiter((number for pair in pairs for number in pair), np.uint64).reshape(-1, 2)
    return Pairs(flat[:, 0], flat[:, 1])


def united(parts: Sequence[Pairs], most: int) -> Pairs:
    """All pairs of the parts, each once; of a hash that more stories have, the `most` lowest stories."""
    found = joined(parts)
    order = np.lexsort((found.stories, found.hashes))
    hashes, stories = found.hashes[order], found.stories[order]
    if not len(hashes):
        return EMPTY
    is_other_hash = np.concatenate(([True], hashes[1:] != hashes[:-1]))
    is_distinct = is_other_hash | np.concatenate(([True], stories[1:] != stories[:-1]))
    hashes, stories, is_other_hash = hashes[is_distinct], stories[is_distinct], is_other_hash[is_distinct]
    places = np.arange(len(hashes))
    starts = np.maximum.accumulate(np.where(is_other_hash, places, 0))
    kept = places - starts < most
    return Pairs(hashes[kept], stories[kept])


def packed(pairs: Pairs) -> tuple[array[int], list[bytes]]:
    """The first hash of each block, and the blocks; the last one may be shorter than the others."""
    whole = len(pairs) // BLOCK * BLOCK
    firsts, blocks = _packed_whole(pairs.slice(0, whole))
    if whole < len(pairs):
        rest = pairs.slice(whole, len(pairs))
        more, last = _packed_rows(rest.hashes.reshape(1, -1), rest.stories.reshape(1, -1))
        firsts.extend(more)
        blocks += last
    return firsts, blocks


def _packed_whole(pairs: Pairs) -> tuple[array[int], list[bytes]]:
    return _packed_rows(pairs.hashes.reshape(-1, BLOCK), pairs.stories.reshape(-1, BLOCK))


def _packed_rows(hashes: NDArray[np.uint64], stories: NDArray[np.uint64]) -> tuple[array[int], list[bytes]]:
    """Every row becomes a block."""
    count, length = hashes.shape
    firsts = array("Q", hashes[:, 0].tolist()) if count else array("Q")
    distances = hashes - hashes[:, :1]
    widths = _bytes_needed(distances.max(axis=1, initial=0)), _bytes_needed(stories.max(axis=1, initial=0))
    big = (distances.astype(">u8").view(np.uint8), stories.astype(">u8").view(np.uint8))
    found: list[bytes] = [b""] * count
    for hash_width in np.unique(widths[0]):
        for story_width in np.unique(widths[1][widths[0] == hash_width]):
            rows = np.flatnonzero((widths[0] == hash_width) & (widths[1] == story_width))
            columns = [
                part[rows].reshape(len(rows), length, 8)[:, :, 8 - width :].reshape(len(rows), length * width)
                for part, width in zip(big, (hash_width, story_width), strict=True)
            ]
            head = np.full((len(rows), 1), hash_width << 4 | story_width, np.uint8)
            data = np.concatenate((head, *columns), axis=1)
            size, flat = data.shape[1], data.tobytes()
            for place, row in enumerate(rows.tolist()):
                found[row] = flat[place * size : (place + 1) * size]
    return firsts, found


def _bytes_needed(numbers: NDArray[np.uint64]) -> NDArray[np.int64]:
    """In how many bytes each of the numbers can be written, one at least."""
    needed = np.ones(len(numbers), np.int64)
    for width in range(1, 8):
        needed += numbers >= np.uint64(1 << (8 * width))
    return needed


def unpacked(firsts: Sequence[int], blocks: Sequence[bytes]) -> Pairs:
    """The pairs of blocks that follow each other."""
    if not blocks:
        return EMPTY
    return joined([_unpacked(first, data) for first, data in zip(firsts, blocks, strict=True)])


def _unpacked(first: int, data: bytes) -> Pairs:
    hash_width, story_width, count = _layout(data)
    border = 1 + count * hash_width
    hashes = _numbers(data[1:border], hash_width) + np.uint64(first)
    return Pairs(hashes, _numbers(data[border:], story_width))


def _numbers(data: bytes, width: int) -> NDArray[np.uint64]:
    wide = np.zeros((len(data) // width, 8), np.uint8)
    wide[:, 8 - width :] = np.frombuffer(data, np.uint8).reshape(-1, width)
    return wide.view(">u8").astype(np.uint64).reshape(-1)


def _layout(data: bytes) -> tuple[int, int, int]:
    """Widths and number of pairs. Raises ValueError for what is no block."""
    hash_width, story_width = (data[0] >> 4, data[0] & 15) if data else (0, 0)
    if not (1 <= hash_width <= 8 and 1 <= story_width <= 8) or (len(data) - 1) % (hash_width + story_width):
        raise ValueError("no block of pairs")
    return hash_width, story_width, (len(data) - 1) // (hash_width + story_width)


def stories_in(first: int, data: bytes, hash_: int) -> list[int]:
    """The stories that a block has for a hash, ascending. Raises ValueError for what is no block."""
    hash_width, story_width, count = _layout(data)
    distance = hash_ - first
    if distance >> (8 * hash_width):
        return []
    border = 1 + count * hash_width
    wanted = distance.to_bytes(hash_width, "big")
    place = data.find(wanted, 1, border)
    while place >= 0 and (place - 1) % hash_width:  # the same bytes across the border of two numbers
        place = data.find(wanted, place + 1, border)
    found = []
    while 0 <= place < border and data.startswith(wanted, place):
        start = border + (place - 1) // hash_width * story_width
        found.append(int.from_bytes(data[start : start + story_width], "big"))
        place += hash_width
    return found
