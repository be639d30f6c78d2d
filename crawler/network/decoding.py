"""Content-Encoding undone within bounds: a bomb costs no more than the limit, in memory or in time."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO

import brotli  # type: ignore[import-untyped]

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Who needs a third coding is not publishing news; RFC 9110 sets no limit, curl's is 5.
MOST_ENCODINGS = 2
ACCEPTED = "gzip, deflate, br, zstd"
# RFC 9659: a zstd window in HTTP is 8 MiB at most; unchecked, a frame may ask its reader for 2 GiB.
ZSTD_WINDOW_LOG = 23
_GZIP = b"\x1f\x8b"
# Small input pieces, since zlib copies what it did not come to; output pieces are what a bomb may overshoot by.
_INPUT_BYTES = 64 * 1024
_OUTPUT_BYTES = 256 * 1024


class Bomb(Exception):
    """The body unpacks to more than the limit."""


class BadEncoding(Exception):
    """The body is not what its Content-Encoding says, or codings are stacked too high."""


def encodings(values: Sequence[str]) -> list[str]:
    """Return the codings of a response in the order in which they were applied, `identity` left out."""
    names = [name.strip().lower() for value in values for name in value.split(",")]
    return [name for name in names if name not in ("", "identity")]


def decode(body: bytes, applied: Sequence[str], limit_bytes: int) -> bytes:
    """Undo codings, last applied first. Raises Bomb beyond `limit_bytes` at any stage, and BadEncoding.

    As browsers do, names that are no coding (`utf-8`, `none`) are passed over, and a body that lacks the signature of
    the gzip it is said to be is taken as it is. One that breaks off is refused: half an article is worse than none.
    """
    if len(applied) > MOST_ENCODINGS:
        raise BadEncoding(f"{len(applied)} stacked content encodings, at most {MOST_ENCODINGS} are undone")
    for name in reversed(applied):
        decoder = _DECODERS.get(name)
        if decoder is not None and body:
            body = _joined(decoder(body), limit_bytes)
    return body


def _joined(pieces: Iterator[bytes], limit_bytes: int) -> bytes:
    whole = BytesIO()
    try:
        for piece in pieces:
            whole.write(piece)
            if whole.tell() > limit_bytes:
                raise Bomb(f"the body unpacks to more than {limit_bytes} bytes")
    except (zlib.error, brotli.error, zstd.ZstdError) as error:
        raise BadEncoding(f"cannot be unpacked: {error}") from error
    return whole.getvalue()


def _gunzip(body: bytes) -> Iterator[bytes]:
    return _inflate(body, 31) if body.startswith(_GZIP) else iter((body,))


def _deflate(body: bytes) -> Iterator[bytes]:
    # RFC 9110 section 8.4.1.2: some send the bare stream without the zlib wrapper.
    wrapped = len(body) > 1 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0
    return _inflate(body, 15 if wrapped else -15)


def _inflate(body: bytes, wbits: int) -> Iterator[bytes]:
    position = 0
    decoder = zlib.decompressobj(wbits)
    while position < len(body):
        data = body[position : position + _INPUT_BYTES]
        position += len(data)
        while data and not decoder.eof:
            yield decoder.decompress(data, _OUTPUT_BYTES)
            data = decoder.unconsumed_tail
        if decoder.eof:
            position -= len(decoder.unused_data)
            if wbits != 31 or body[position : position + 2] != _GZIP:
                return
            decoder = zlib.decompressobj(wbits)
    while piece := decoder.decompress(b"", _OUTPUT_BYTES):
        yield piece
    if not decoder.eof:
        raise BadEncoding("the compressed body breaks off")


def _unbrotli(body: bytes) -> Iterator[bytes]:
    decoder = brotli.Decompressor()
    for start in range(0, len(body), _INPUT_BYTES):
        yield decoder.process(body[start : start + _INPUT_BYTES], output_buffer_limit=_OUTPUT_BYTES)
        while piece := b"" if decoder.is_finished() else decoder.process(b"", output_buffer_limit=_OUTPUT_BYTES):
            yield piece
        if decoder.is_finished():
            return
    raise BadEncoding("the compressed body breaks off")


def _unzstd(body: bytes) -> Iterator[bytes]:
    options = {int(zstd.DecompressionParameter.window_log_max): ZSTD_WINDOW_LOG}
    decoder = zstd.ZstdDecompressor(options=options)
    position = 0
    while position < len(body):
        data = body[position : position + _INPUT_BYTES]
        position += len(data)
        yield decoder.decompress(data, _OUTPUT_BYTES)
        while not decoder.eof and not decoder.needs_input:
            yield decoder.decompress(b"", _OUTPUT_BYTES)
        if decoder.eof:
            position -= len(decoder.unused_data)
            if position < len(body):
                decoder = zstd.ZstdDecompressor(options=options)
    if not decoder.eof:
        raise BadEncoding("the compressed body breaks off")


_DECODERS: dict[str, Callable[[bytes], Iterator[bytes]]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _unbrotli,
    "zstd": _unzstd,
}
