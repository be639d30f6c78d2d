"""The lines of a file, packed or not, in flat memory whatever it holds."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

from crawler.errors import CrawlerError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MOST_LINE_BYTES = 8 * 1024 * 1024
"""A text may have 5 million characters, a fetched page as many bytes; what is longer is no article."""
_HEAD_BYTES = 1_000
"""Kept of a line that is too long, to tell which it is."""
_BUFFER = 1 << 16
_PACKED = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_MOST_MEMORY = 256 * 1024 * 1024
"""That unpacking xz may take: its strongest usual setting takes 65 MiB, its strongest of all 1.5 GiB."""
_WINDOW_LOG = 27
"""Of zstd: 128 MiB, what its own command unpacks unasked."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line, its number counted from 1, without what ends it."""

    number: int
    data: bytes
    is_too_long: bool = False
    """Then `data` is its beginning."""


class Unreadable(CrawlerError):
    """A file that cannot be opened or read."""


class Damaged(CrawlerError):
    """A packed file that cannot be unpacked to its end."""


@contextmanager
def opened(path: Path | None) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked where it is gzip, bzip2, xz or zstd by its first bytes; None: of standard input."""
    try:
        with ExitStack() as stack:
            # not sys.stdin: at the end Python takes its lock, which a thread that waits for a line would hold
            stream = os.fdopen(os.dup(0), "rb") if path is None else stack.enter_context(path.open("rb"))
            start = stream.peek(6)[:6]
            kind = next((kind for magic, kind in _PACKED.items() if start.startswith(magic)), None)
            yield stack.enter_context(_unpacked(stream, kind)) if kind else stream
    except OSError as error:
        raise Unreadable(f"{path or 'standard input'}: cannot be read ({error.strerror or error})") from error


def _unpacked(stream: IO[bytes], kind: str) -> IO[bytes]:
    if kind == "gzip":
        return cast("IO[bytes]", gzip.GzipFile(fileobj=stream))
    if kind == "bzip2":
        return bz2.BZ2File(stream)
    if kind == "xz":
        return cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", _Xz(stream))))
    return cast("IO[bytes]", zstd.ZstdFile(stream, options={zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}))


class _Xz(io.RawIOBase):
    """As `lzma.LZMAFile`, within a limit of memory, which that does not take."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._decoder = lzma.LZMADecompressor(memlimit=_MOST_MEMORY)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._decoder.eof:
                rest = self._decoder.unused_data.lstrip(b"\0") or self._stream.read(_BUFFER).lstrip(b"\0")
                if not rest:
                    return 0
                self._decoder = lzma.LZMADecompressor(memlimit=_MOST_MEMORY)
                data = self._decoder.decompress(rest, len(buffer))
            else:
                packed = self._stream.read(_BUFFER) if self._decoder.needs_input else b""
                if self._decoder.needs_input and not packed:
                    raise EOFError("it ends before its end-of-stream marker")
                data = self._decoder.decompress(packed, len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)


def lines(stream: IO[bytes]) -> Iterator[Line]:
    """Every line that is not empty. Raises `Damaged` where the packing of the file breaks."""
    number = 0
    try:
        while data := stream.readline(MOST_LINE_BYTES + 1):
            number += 1
            if number == 1:
                data = data.removeprefix(b"\xef\xbb\xbf")
            if len(data) > MOST_LINE_BYTES and not data.endswith(b"\n"):
                head = data[:_HEAD_BYTES]
                while data and not data.endswith(b"\n"):
                    data = stream.readline(_BUFFER)
                yield Line(number, head, is_too_long=True)
                continue
            data = data.strip(b" \t\r\n")
            if data:
                yield Line(number, data)
    except (zlib.error, lzma.LZMAError, zstd.ZstdError, EOFError, gzip.BadGzipFile) as error:
        said = " ".join(str(error).split()) or type(error).__name__
        raise Damaged(f"is damaged behind line {number} ({said})") from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise Damaged(f"is damaged behind line {number} ({error})") from error  # as bz2 tells it
