"""Bytes to text: which charset a document is in, whatever its labels say.

The order is RFC 7303 section 3: byte order mark, HTTP charset, XML declaration, UTF-8. A label that the bytes
contradict loses: text with multi-byte sequences that decodes as UTF-8 is UTF-8 (in an 8-bit text such sequences arise
by accident next to never), and text that does not decode at all falls back to what browsers use.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass

from w3lib.encoding import http_content_type_encoding, resolve_encoding

MAX_INFLATED_BYTES = 50 * 1024 * 1024
"""The largest sitemap that sitemaps.org allows, uncompressed; no feed is near it."""

_GZIP = zlib.MAX_WBITS | 16
_CHUNK_BYTES = 1024 * 1024
_GZIP_MAGIC = b"\x1f\x8b\x08"
_BOMS = (  # UTF-32 before UTF-16: the little-endian marks share their first two bytes
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WIDE_STARTS = (  # "<" or "{" without a mark, XML 1.0 appendix F
    (re.compile(rb"[<{]\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0[<{]"), "utf-32-be"),
    (re.compile(rb"[<{]\0[^\0]"), "utf-16-le"),
    (re.compile(rb"\0[<{]\0"), "utf-16-be"),
)
_DECLARED = re.compile(rb"^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")
_MULTIBYTE_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_NOT_FOR_DOCUMENTS = frozenset(
    {"unicode_escape", "raw_unicode_escape", "unicode-escape", "raw-unicode-escape", "punycode", "idna", "utf-7"}
)
"""Python codecs that decode text but are no charset of the web; UTF-7 is refused by the WHATWG standard."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a document, without byte order mark, and what was odd about its charset."""

    text: str
    charset: str
    flags: tuple[str, ...] = ()


def inflate(body: bytes, limit: int = MAX_INFLATED_BYTES) -> bytes | None:
    """The bytes inside a gzip file, known by its magic number, or `body` itself; None where they exceed `limit`.

    A file that was cut off gives what could be read. Raises zlib.error where nothing could.
    """
    if not body.startswith(_GZIP_MAGIC):
        return body
    counter, size, rest = zlib.decompressobj(wbits=_GZIP), 0, body
    while rest and not counter.eof:  # count first: a bomb must not cost the memory that it unpacks to
        size += len(counter.decompress(rest, _CHUNK_BYTES))
        rest = counter.unconsumed_tail
        if size > limit:
            return None
    return zlib.decompressobj(wbits=_GZIP).decompress(body)


def decode(body: bytes, content_type: str | None) -> Decoded:
    """The text of `body`. Never raises: what cannot be decoded becomes U+FFFD, flagged `undecodable`."""
    for mark, charset in _BOMS:
        if body.startswith(mark):
            return _certain(body[len(mark) :], charset)
    for start, charset in _WIDE_STARTS:
        if start.match(body):
            return _certain(body, charset)
    declared = _DECLARED.match(body[:1024])
    labels = [
        name
        for label in (http_content_type_encoding(content_type) if content_type else None, declared and declared[1])
        if label and (name := _known(label if isinstance(label, str) else label.decode("ascii")))
    ]
    return _labelled(body, labels or ["utf-8"])


def _certain(body: bytes, charset: str) -> Decoded:
    text = body.decode(charset, "replace")
    return Decoded(text, charset, ("undecodable",) if "\ufffd" in text else ())


def _labelled(body: bytes, labels: list[str]) -> Decoded:
    utf8 = _strictly(body, "utf-8")
    if utf8 is not None and (labels[0] == "utf-8" or _MULTIBYTE_UTF8.search(body)):
        return Decoded(utf8, "utf-8", () if labels[0] == "utf-8" else ("mislabelled_charset",))
    for label in labels:
        text = _strictly(body, label)
        if text is not None:
            return Decoded(text, label, () if label == labels[0] else ("mislabelled_charset",))
    if labels[0] != "utf-8" or _MULTIBYTE_UTF8.search(body):
        # a few bad bytes in what is otherwise the labelled charset, or UTF-8 that was cut inside a character
        return Decoded(body.decode(labels[0], "replace"), labels[0], ("undecodable",))
    return Decoded(body.decode("cp1252", "replace"), "cp1252", ("mislabelled_charset",))


def _strictly(body: bytes, charset: str) -> str | None:
    try:
        return body.decode(charset)
    except UnicodeError:
        return None


def _known(label: str) -> str | None:
    """The codec that browsers use for a label (`iso-8859-1` is windows-1252, `gb2312` gb18030), if it is a charset."""
    name = resolve_encoding(label)
    if not name or name in _NOT_FOR_DOCUMENTS or name.startswith(("utf-16", "utf-32")):
        return None  # the wide ones were recognised by their bytes, or the label lies
    try:
        "".encode(name)
    except (LookupError, UnicodeError):
        return None
    return name
