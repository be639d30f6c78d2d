"""Content-Encoding: what is undone, what is refused, and how little a bomb may cost."""

from __future__ import annotations

import gzip
import random
import zlib

import pytest
from answers import compress
from bombs import bomb_pieces

from crawler.network.decoding import BadEncoding, Bomb, decode, encodings

LIMIT = 1_000_000
TEXT = b"".join(b"%d words of no great weight. " % random.Random(3).randrange(10**9) for _ in range(20_000))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize("body", [b"x", TEXT, bytes(LIMIT)], ids=["a byte", "a book", "zeros"])
def test_each_encoding_is_undone(encoding: str, body: bytes) -> None:
    assert decode(compress(encoding, body), [encoding], LIMIT) == body  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_s5_what_unpacks_beyond_the_limit_is_a_bomb(encoding: str) -> None:
    with pytest.raises(Bomb):
        decode(b"".join(bomb_pieces(encoding, LIMIT + 1)), [encoding], LIMIT)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_half_a_body_is_refused(encoding: str) -> None:
    whole = compress(encoding, TEXT)  # type: ignore[arg-type]
    with pytest.raises(BadEncoding):
        decode(whole[: len(whole) // 2], [encoding], LIMIT)


@pytest.mark.parametrize("encoding", ["deflate", "br", "zstd"])
def test_garbage_is_refused(encoding: str) -> None:
    with pytest.raises(BadEncoding):
        decode(b"\xff" * 1000, [encoding], LIMIT)


def test_stacked_encodings_are_undone_in_reverse_and_at_most_two() -> None:
    assert decode(compress("br", compress("gzip", TEXT)), ["gzip", "br"], LIMIT) == TEXT
    with pytest.raises(BadEncoding, match="3 stacked"):
        decode(TEXT, ["gzip", "br", "gzip"], LIMIT)


def test_a_bare_deflate_stream_and_gzip_in_parts_are_read() -> None:
    bare = zlib.compressobj(wbits=-15)
    assert decode(bare.compress(TEXT) + bare.flush(), ["deflate"], LIMIT) == TEXT
    parts = gzip.compress(TEXT) + gzip.compress(b"more") + b"\0\0padding"
    assert decode(parts, ["x-gzip"], LIMIT) == TEXT + b"more"
    assert decode(compress("zstd", TEXT) + compress("zstd", b"more"), ["zstd"], LIMIT) == TEXT + b"more"


def test_what_is_not_compressed_though_it_says_so_is_taken_as_it_is() -> None:
    assert decode(b"<p>plain", ["gzip"], LIMIT) == b"<p>plain"
    assert decode(b"<p>plain", ["utf-8"], LIMIT) == b"<p>plain"
    assert decode(b"", ["br"], LIMIT) == b""


def test_header_values_are_split_and_identity_dropped() -> None:
    assert encodings(["GZIP , identity", "br", ""]) == ["gzip", "br"]
