"""The archive of a corpus: the raw answers of servers, in WARC files in a folder beside it.

Records are only ever appended. They are on the disk before the corpus commits what points to them, so a corpus never
names a record that is not there; what a killed writer left behind its last commit is kept where it is whole, and cut
off where it is torn.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from storage import warc
from storage.durable import sync_folder
from storage.errors import CaptureLost, CorpusFull, CorpusReadOnly, StorageError
from storage.model import Capture, RawAnswer
from storage.versions import software

MOST_FILE_BYTES = 1_000_000_000
"""A file that has grown to this is followed by the next: 20,000 pages or so, what WARC files commonly hold."""

OWNER_ONLY = 0o600
FOLDER_MODE = 0o700
_NAME = re.compile(r"(?P<stem>[^/\x00]{1,150})-(?P<stamp>\d{14})-(?P<serial>\d{5})\.warc\.gz")
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO})


def folder_of(path: Path) -> Path:
    """Where the archive of a corpus lies: `cuttings.db` -> `cuttings.warc`."""
    return path.with_name(f"{path.stem if path.suffix == '.db' else path.name}.warc")


class Archive:
    """The archive in one folder. `known_end` tells how far the corpus points into a file, in bytes.

    `begin`, then any number of `append`, then `sync` before the corpus commits; or `roll_back`. For the one process
    that writes the corpus; `read` is for anybody.
    """

    def __init__(self, folder: Path, known_end: Callable[[str], int], *, most_bytes: int = MOST_FILE_BYTES) -> None:
        self.folder = folder
        self._known_end = known_end
        self._most_bytes = most_bytes
        self._descriptor: int | None = None
        self._name = ""
        self._size = 0
        self._begun = ("", 0)
        self._is_dirty = False

    # --- writing -----------------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """A transaction of the corpus begins."""
        self._begun, self._is_dirty = (self._name, self._size), False

    def append(self, answer: RawAnswer) -> Capture:
        """Write one answer; it is safe after `sync`. Raises CorpusFull, CorpusReadOnly."""
        member = warc.answer_member(answer)
        with self._failing():
            if self._descriptor is None:
                self._open_last()
            if self._descriptor is None or self._size >= self._most_bytes:
                self._open_new(answer.at)
            offset = self._size
            self._write(member)
        return Capture(answer.url, answer.at, self._name, offset, len(member))

    def sync(self) -> None:
        """What was appended outlives a power cut. Raises CorpusFull."""
        if self._is_dirty and self._descriptor is not None:
            with self._failing():
                os.fdatasync(self._descriptor)
            self._is_dirty = False

    def roll_back(self) -> None:
        """The corpus will not point to what was appended since `begin`. Nothing happens once it was synced: a commit
        that seemed to fail may yet be found done."""
        name, size = self._begun
        if self._is_dirty and self._descriptor is not None and name == self._name:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, size)
                self._size = size
        elif self._is_dirty:
            self.close()  # begun in another file, or in none: the next opening looks what there is
        self._is_dirty = False

    def close(self) -> None:
        """Let go of the file; a second call does nothing."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor, self._name, self._size = None, "", 0

    def _write(self, data: bytes) -> None:
        assert self._descriptor is not None
        self._is_dirty = True
        rest = memoryview(data)
        position = self._size
        while rest:
            written = os.pwrite(self._descriptor, rest, position)
            rest, position = rest[written:], position + written
        self._size = position

    def _open_last(self) -> None:
        """Go on in the last file, unless it is full, damaged, or another process is at it."""
        name = max(self.files(), default=None)
        if name is None:
            return
        descriptor = os.open(self.folder / name, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            end = self._end_of(descriptor, name)
        except BaseException:
            os.close(descriptor)
            raise
        if end is None:
            os.close(descriptor)
            return
        self._descriptor, self._name, self._size = descriptor, name, end

    def _end_of(self, descriptor: int, name: str) -> int | None:
        """Where to go on in a file, its torn end cut off; None where that must not be."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        size, known = os.fstat(descriptor).st_size, self._known_end(name)
        if size >= self._most_bytes or known > size:
            return None
        whole = _whole_end(self.folder / name, known)
        if whole == 0:  # not even its head was written
            return None
        if whole < size:
            os.ftruncate(descriptor, whole)
        return whole

    def _open_new(self, at: datetime) -> None:
        if self._descriptor is not None:
            os.fdatasync(self._descriptor)
            self.close()
        if not self.folder.is_dir():
            self.folder.mkdir(FOLDER_MODE)
            sync_folder(self.folder.parent)
        stem, stamp, serial = self.folder.stem[:150], f"{at.astimezone(UTC):%Y%m%d%H%M%S}", 0
        last = _NAME.fullmatch(max(self.files(), default=""))
        if last and last["stamp"] >= stamp:  # the same second, or a clock that was set back: order by name stays
            stamp, serial = last["stamp"], int(last["serial"]) + 1
        name = f"{stem}-{stamp}-{serial:05}.warc.gz"
        how = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        self._descriptor = os.open(self.folder / name, how, OWNER_ONLY)
        self._name, self._size = name, 0
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._write(warc.info_member(at, software(), file=name))
        sync_folder(self.folder)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            where = self.folder / self._name if self._name else self.folder
            if error.errno in _FULL:
                raise CorpusFull(
                    f"{where}: the disk took no more ({error.strerror}); what was filed is safe, make room and go on"
                ) from error
            raise CorpusReadOnly(
                f"{where}: cannot be written ({error.strerror}); check the owner and mode of the folder, or write "
                "`archive: false` into feeds.yaml"
            ) from error

    # --- reading -----------------------------------------------------------------------------------------------------

    def read(self, capture: Capture) -> RawAnswer:
        """The answer that a capture points to. Raises `CaptureLost` naming file and place where it cannot be had."""
        return self._read(capture)[1]

    def member(self, capture: Capture) -> bytes:
        """The record of that answer as it lies in its file, a gzip member of its own. Raises `CaptureLost`."""
        return self._read(capture)[0]

    def _read(self, capture: Capture) -> tuple[bytes, RawAnswer]:
        place = f"{self.folder / capture.file}, byte {capture.offset}"
        if "/" in capture.file or capture.file.startswith("."):
            raise CaptureLost(f"{place}: is no file of the archive")
        try:
            with (self.folder / capture.file).open("rb") as file:
                file.seek(capture.offset)
                member = file.read(min(capture.length, warc.MOST_RECORD_BYTES))
            answer = warc.read_answer(warc.unpacked(member))
        except (OSError, OverflowError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            raise CaptureLost(f"{place}: cannot be read ({why})") from error
        except warc.BadRecord as error:
            raise CaptureLost(f"{place}: {error}") from error
        if answer is None:
            raise CaptureLost(f"{place}: is no answer of a server")
        return member, answer

    def files(self) -> dict[str, int]:
        """The files of the archive by name, oldest first, and their sizes in bytes."""
        try:
            with os.scandir(self.folder) as entries:
                found = {
                    entry.name: entry.stat(follow_symlinks=False).st_size
                    for entry in entries
                    if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False)
                }
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise StorageError(f"{self.folder}: cannot be listed ({error.strerror}); check its mode") from error
        return dict(sorted(found.items()))

    def remove(self, name: str) -> None:
        """Delete a file of the archive. Raises CorpusReadOnly."""
        if name == self._name:
            self.close()
        with self._failing():
            (self.folder / name).unlink(missing_ok=True)


def written_at(name: str) -> datetime | None:
    """When a file of an archive was begun, as its name tells."""
    match = _NAME.fullmatch(name)
    try:
        return datetime.strptime(match["stamp"], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if match else None
    except ValueError:
        return None


def _whole_end(path: Path, known: int) -> int:
    """Where the whole records of a file end; up to `known` they are known to be whole."""
    end = known
    with path.open("rb") as file:
        for found in warc.warc_records(file, known):
            if found.offset != end or found.record is None:
                break
            end = found.offset + found.length
    return end
