"""The cursor file of `cuttings export --continue`: held by one export at a time, replaced when that is complete."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from storage import MOST_CURSOR_BYTES, CursorRefused, ExportCursor, Progress, read_export_cursor, sync_folder


@dataclass(slots=True)
class CursorFile:
    """The file, and beside it the next one, which is locked while this export runs."""

    path: Path
    _following: Path
    _descriptor: int

    def read(self, asked: ExportCursor) -> Progress:
        """How far the last export came; one that asked something else is refused."""
        try:
            with self.path.open("rb") as file:
                text = file.read(MOST_CURSOR_BYTES).decode("utf-8", "replace")
        except FileNotFoundError:
            return Progress()
        return read_export_cursor(text, asked)

    def write(self, cursor: ExportCursor) -> None:
        """Bring it up to date; until then a kill leaves the former one."""
        rest = memoryview(cursor.line().encode())
        os.ftruncate(self._descriptor, 0)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fsync(self._descriptor)
        self._following.replace(self.path)
        sync_folder(self.path.parent)


@contextlib.contextmanager
def held(path: Path) -> Iterator[CursorFile]:
    """The cursor file, for this export alone: two that go on from the same place would give the same articles."""
    real = Path(os.path.realpath(path))
    try:
        if not real.name or (real.exists() and not real.is_file()):
            raise click.ClickException(f"{path}: is no file; give the name of one that --continue may write")
        following = real.with_name(f"{real.name}.part")
        descriptor = locked(following)
    except BlockingIOError:
        raise click.ClickException(
            f"{path}: another export goes on from it just now; try again when it is done"
        ) from None
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}; nothing was exported") from error
    try:
        yield CursorFile(real, following, descriptor)
    except CursorRefused as error:
        raise click.ClickException(f"{path}: {error}") from error
    except OSError as error:
        if error.filename is None or Path(error.filename).parent != real.parent:
            raise
        raise click.ClickException(f"{path}: {error.strerror}; it is as it was") from error
    finally:
        with contextlib.suppress(OSError):
            if _is_at(descriptor, following):
                following.unlink()
        os.close(descriptor)


def locked(path: Path) -> int:
    """The file of that name, locked. Raises BlockingIOError where another process has it."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_at(descriptor, path):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # whoever had it gave it its name meanwhile, or took it away


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False))
    except FileNotFoundError:
        return False
