"""A set of the numbers of articles that takes a bit for each that there ever was: a million in 125 KB."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Iterator

MOST_BYTES = 1 << 27
"""A billion articles; a text that unpacks to more is no set."""


class NumberSet:
    """Positive whole numbers."""

    def __init__(self, bits: bytes | bytearray = b"") -> None:
        self._bits = bytearray(bits)

    def add(self, number: int) -> None:
        """Put a number in."""
        place, bit = divmod(number, 8)
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1 - len(self._bits) + len(self._bits) // 8))
        self._bits[place] |= 1 << bit

    def __contains__(self, number: int) -> bool:
        place, bit = divmod(number, 8)
        return place < len(self._bits) and bool(self._bits[place] >> bit & 1)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NumberSet) and self._bits.rstrip(b"\0") == other._bits.rstrip(b"\0")

    __hash__ = None  # type: ignore[assignment]

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()

    def __iter__(self) -> Iterator[int]:
        return (place * 8 + bit for place, byte in enumerate(self._bits) if byte for bit in range(8) if byte >> bit & 1)

    def union(self, other: NumberSet) -> NumberSet:
        """The numbers that are in either."""
        both = int.from_bytes(self._bits, "little") | int.from_bytes(other._bits, "little")
        return NumberSet(both.to_bytes(max(len(self._bits), len(other._bits)), "little"))

    def text(self) -> str:
        """The set in ASCII; equal sets give equal texts."""
        return base64.b64encode(zlib.compress(bytes(self._bits.rstrip(b"\0")), 9)).decode()

    @classmethod
    def of_text(cls, text: str) -> NumberSet:
        """Raises ValueError for what is no set."""
        try:
            unpacking = zlib.decompressobj()
            bits = unpacking.decompress(base64.b64decode(text, validate=True), MOST_BYTES)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise ValueError(f"no set of numbers ({error})") from error
        if not unpacking.eof or unpacking.unused_data:
            raise ValueError("no set of numbers")
        return cls(bits)
