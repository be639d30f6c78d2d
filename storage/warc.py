"""WARC/1.1 (ISO 28500:2017): answers of servers as records, each a gzip member of its own, and records as answers.

Writing is a few lines of text and one gzip member, which have to be ours to the byte: where a member begins and ends
is what the corpus points to. Reading takes files of anybody; whatever is wrong with a record stays with that record.
"""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from typing import BinaryIO, Literal

from storage.model import RawAnswer

MOST_RECORD_BYTES = 32 * 1024 * 1024
"""Of one record when unpacked; what is larger is passed over. A page has 20 MiB at most, its headers 256 KiB."""
MOST_PASSED_BYTES = 1024 * 1024 * 1024
"""Of one gzip member that are unpacked to find its end; a bomb costs a few seconds and no memory."""
MOST_HEAD_BYTES = 64 * 1024
"""Of a record's own header."""
MOST_HTTP_HEAD_BYTES = 512 * 1024
"""Of the HTTP header in it. A crawl takes 256 KiB at most."""

GZIP = b"\x1f\x8b\x08"
_SPECIFICATION = "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"
_READ_BYTES = 64 * 1024
_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r?$", re.I | re.M)
_BEGINNING = re.compile(rb"(?<=\n)WARC/\d")
_SECRET = frozenset({"set-cookie", "set-cookie2", "proxy-authenticate"})
"""What a server sends to the user alone: a session that began with a secret of feeds.yaml is one too (C20)."""
_ENCODED = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd"})


class BadRecord(Exception):
    """What stands there is no record that can be used; the message says why."""


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """A record's place in a file, and its bytes unpacked, or why there are none."""

    offset: int
    length: int
    record: bytes | None = None
    problem: str | None = None


# --- writing ---------------------------------------------------------------------------------------------------------


def info_member(
    at: datetime, software: str, *, file: str | None = None, description: str = "", record_id: uuid.UUID | None = None
) -> bytes:
    """The record at the head of a file: who wrote it. With a `record_id` of its own the bytes depend on nothing else
    than what is given."""
    lines = [f"software: {software}", "format: WARC File Format 1.1", f"conformsTo: {_SPECIFICATION}", "robots: obey"]
    if description:
        lines.append(_one_line(f"description: {description}"))
    fields = "".join(f"{line}\r\n" for line in lines).encode("utf-8", "replace")
    head = [("WARC-Type", "warcinfo"), *_identity(at, record_id)]
    if file is not None:
        head.append(("WARC-Filename", file))
    return _member([*head, ("Content-Type", "application/warc-fields")], fields, 1)


def answer_member(answer: RawAnswer) -> bytes:
    """The record of an answer. Its payload is what came over the wire: content codings stand, and the headers that name
    them; transfer codings are undone, as by every archive, and no header tells of them. No cookie is written."""
    lines = [f"{answer.version} {answer.status} {answer.reason}".rstrip(), *_lines(answer.headers)]
    block = "\r\n".join(lines).encode("latin-1", "replace") + _END + answer.body
    fields = [("WARC-Type", "response"), *_identity(answer.at), ("WARC-Target-URI", answer.url)]
    if answer.address:
        fields.append(("WARC-IP-Address", answer.address))
    fields += [
        ("WARC-Payload-Digest", _digest(answer.body)),
        ("WARC-Block-Digest", _digest(block)),
        ("Content-Type", "application/http; msgtype=response"),
    ]
    return _member(fields, block, 0 if _is_encoded(answer) else 1)


def _identity(at: datetime, record_id: uuid.UUID | None = None) -> list[tuple[str, str]]:
    stamp = at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds")
    return [("WARC-Record-ID", f"<urn:uuid:{record_id or uuid.uuid4()}>"), ("WARC-Date", f"{stamp}Z")]


def _lines(headers: Sequence[tuple[str, str]]) -> list[str]:
    kept = [(name, value) for name, value in headers if name.lower() not in _SECRET]
    return [_one_line(f"{name}: {value}") for name, value in kept if name.lower() != "transfer-encoding"]


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _digest(data: bytes) -> str:
    """SHA-1 in base32, which is what tools for WARC check; it finds damage, and nothing here trusts it for more."""
    return f"sha1:{base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest()).decode()}"


def _is_encoded(answer: RawAnswer) -> bool:
    """Whether the body is compressed already: to compress it again costs 1.1 ms for 48 KB and gains 1%."""
    named = next((value for name, value in answer.headers if name.lower() == "content-encoding"), "")
    return any(coding.strip().lower() in _ENCODED for coding in named.split(","))


def _member(fields: Sequence[tuple[str, str]], block: bytes, level: Literal[0, 1]) -> bytes:
    """A record as a gzip member. Level 1 takes 1.3 ms for a page of 170 KB, level 6 takes 3.2 and saves 6%."""
    head = "".join(f"{name}: {_one_line(value)}\r\n" for name, value in [*fields, ("Content-Length", str(len(block)))])
    packer = zlib.compressobj(level, zlib.DEFLATED, 31)
    start = packer.compress(b"WARC/1.1\r\n" + head.encode("utf-8", "replace") + b"\r\n")
    return start + packer.compress(block) + packer.compress(_END) + packer.flush()


# --- one record ------------------------------------------------------------------------------------------------------


def unpacked(member: bytes) -> bytes:
    """The record of one gzip member. Raises `BadRecord`."""
    found = next(warc_records(BytesIO(member)), None)
    if found is None or found.record is None or found.offset or found.length != len(member):
        raise BadRecord(found.problem if found and found.problem else "no whole record stands there")
    return found.record


def read_answer(record: bytes) -> RawAnswer | None:
    """The answer of a server that a record holds; None for records of other kinds. Raises `BadRecord`."""
    if not _is_response(record):
        return None
    try:
        return _answer(record, "transfer")
    except OSError:
        return _answer_as_it_stands(record)


def _answer_as_it_stands(record: bytes) -> RawAnswer | None:
    """Many archives undo transfer codings and leave the header that names them."""
    try:
        return _answer(record, "none")
    except OSError as error:
        raise BadRecord(str(error).rstrip(".")) from error


def _is_response(record: bytes) -> bool:
    head = record[: record.find(_END) + 1].lower()
    return re.search(rb"^warc-type[ \t]*:[ \t]*response[ \t]*\r?$", head, re.M) is not None


def _answer(record: bytes, decode: Literal["transfer", "none"]) -> RawAnswer | None:
    from fastwarc.warc import ArchiveIterator  # who only searches never reads an archive

    read = ArchiveIterator(
        BytesIO(record), parse_http=True, auto_decode=decode, max_header_len=MOST_HTTP_HEAD_BYTES, stream_detect=False
    )
    for found in read:
        headers, http = {name.lower(): value for name, value in found.headers.astuples()}, found.http_headers
        if not headers.get("content-type", "application/http").lower().startswith("application/http"):
            return None
        status_line = (http.status_line or "") if http is not None else ""
        version, _, rest = status_line.partition(" ")
        if http is None or not version.startswith("HTTP/") or not rest[:3].isdecimal() or not rest[:3].isascii():
            raise BadRecord("holds no HTTP response")
        if "warc-truncated" in headers:
            raise BadRecord("says that it is truncated")
        return RawAnswer(
            url=headers.get("warc-target-uri", "").strip("<> "),
            at=_moment(headers.get("warc-date")),
            status=int(rest[:3]),
            reason=rest[4:],
            version=version,
            headers=tuple(http.astuples()),
            body=found.reader.read(),
            address=headers.get("warc-ip-address"),
        )
    raise BadRecord("is no record")


def _moment(written: str | None) -> datetime:
    try:
        at = datetime.fromisoformat((written or "").strip())
    except ValueError:
        raise BadRecord("has no date that can be read") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


# --- whole files -----------------------------------------------------------------------------------------------------


def warc_records(file: BinaryIO, start: int = 0) -> Iterator[FoundRecord]:
    """Every record of a file from `start` on, compressed or not, in flat memory. What is damaged is told by its place,
    and reading goes on at the next record that can be found."""
    file.seek(start)
    beginning = file.read(len(GZIP))
    is_packed = beginning == GZIP
    if beginning not in (GZIP, b"WAR"):  # a damaged beginning: what follows tells which kind it is
        is_packed = _next_packed(file, start) is not None
    read, find = (_packed, _next_packed) if is_packed else (_plain, _next_plain)
    offset: int | None = start
    while offset is not None:
        try:
            found = read(file, offset)
        except _Damaged as damage:
            following = find(file, offset + 1)
            end = following if following is not None else file.seek(0, 2)
            yield FoundRecord(offset, end - offset, None, str(damage))
            offset = following
            continue
        if found is None:
            return
        yield found
        offset = found.offset + found.length


class _Damaged(Exception):
    pass


def _packed(file: BinaryIO, offset: int) -> FoundRecord | None:
    file.seek(offset)
    chunk = file.read(_READ_BYTES)
    if not chunk:
        return None
    if not chunk.startswith(GZIP[: len(chunk)]):
        raise _Damaged("is no gzip member")
    unpacker, whole, total, read = zlib.decompressobj(31), BytesIO(), 0, len(chunk)
    while True:
        try:
            piece = unpacker.decompress(chunk, _READ_BYTES * 4)
        except zlib.error as error:
            raise _Damaged(f"cannot be unpacked ({error})") from None
        total += len(piece)
        if total <= MOST_RECORD_BYTES:
            whole.write(piece)
        elif total > MOST_PASSED_BYTES:
            raise _Damaged(f"unpacks to more than {MOST_PASSED_BYTES >> 20} MiB")
        if unpacker.eof:
            break
        chunk = unpacker.unconsumed_tail
        if not chunk:
            chunk = file.read(_READ_BYTES)
            read += len(chunk)
            if not chunk and not piece:
                raise _Damaged("breaks off")
    length = read - len(unpacker.unused_data)
    if total > MOST_RECORD_BYTES:
        return FoundRecord(offset, length, None, f"is larger than {MOST_RECORD_BYTES >> 20} MiB")
    return _checked(offset, length, whole.getvalue())


def _checked(offset: int, length: int, record: bytes) -> FoundRecord:
    """A member whose record is as long as it says."""
    head = record.find(_END, 0, MOST_HEAD_BYTES)
    if not record.startswith(b"WARC/") or head < 0:
        return FoundRecord(offset, length, None, "is no WARC record")
    size = _LENGTH.search(record, 0, head + 2)
    end = head + len(_END) + int(size[1]) if size else 0
    if not size or end > len(record):
        return FoundRecord(offset, length, None, "is shorter than it says" if size else "does not say its length")
    if record[end:].strip(b"\r\n"):
        return FoundRecord(offset, length, None, "is longer than it says")
    return FoundRecord(offset, length, record[:end] + _END)


def _plain(file: BinaryIO, offset: int) -> FoundRecord | None:
    file.seek(offset)
    start = file.read(MOST_HEAD_BYTES)
    if not start.strip(b"\r\n"):
        return None
    head = start.find(_END)
    if not start.startswith(b"WARC/") or head < 0:
        raise _Damaged("is no WARC record")
    size = _LENGTH.search(start, 0, head + 2)
    if not size:
        raise _Damaged("does not say its length")
    body, length = offset + head + len(_END), int(size[1])
    file.seek(body + length)
    after = file.read(len(_END))
    if after != _END and (after.strip(b"\r\n") or file.seek(0, 2) < body + length):
        raise _Damaged("is not as long as it says")
    whole = head + len(_END) + length + len(after)
    if whole > MOST_RECORD_BYTES:
        return FoundRecord(offset, whole, None, f"is larger than {MOST_RECORD_BYTES >> 20} MiB")
    file.seek(offset)
    return FoundRecord(offset, whole, file.read(whole - len(after)) + _END)


def _next_packed(file: BinaryIO, start: int) -> int | None:
    """Where the next gzip member with a record begins, at or after `start`."""
    for offset in _places(file, start, re.compile(re.escape(GZIP))):
        file.seek(offset)
        try:
            if zlib.decompressobj(31).decompress(file.read(1024), 5) == b"WARC/":
                return offset
        except zlib.error:
            continue
    return None


def _next_plain(file: BinaryIO, start: int) -> int | None:
    return next(_places(file, start, _BEGINNING), None)


def _places(file: BinaryIO, start: int, pattern: re.Pattern[bytes]) -> Iterator[int]:
    overlap = 8
    position = max(0, start - 1)
    while True:
        file.seek(position)
        chunk = file.read(1 << 20)
        for match in pattern.finditer(chunk):
            if position + match.start() >= start:
                yield position + match.start()
        if len(chunk) <= overlap:
            return
        position += len(chunk) - overlap
        if len(chunk) < 1 << 20:
            return
