"""Where an export goes: a stream, or a file or folder with its manifest that gets its name only when it is whole."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Literal

import click

from crawler.cli.export_cursor import locked
from storage import FileSum, Manifest, sum_of_bytes, sum_of_file, sync_folder

Mode = Literal["w", "wb", "folder"]
_PARTIAL = ".part"
MANIFEST = ".manifest.json"
"""What follows the name of a file or folder in that of its manifest."""


@dataclass(slots=True)
class Draft:
    """An export while it is written."""

    stream: IO[bytes] | IO[str] | None = None
    folder: Path | None = None
    path: Path | None = None
    """The file or folder that it becomes; None for standard output, a pipe or a device."""
    _sums: IO[str] | None = field(default=None)

    @property
    def binary(self) -> IO[bytes]:
        """The stream of a mode with bytes."""
        assert self.stream is not None
        return self.stream  # type: ignore[return-value]

    @property
    def text(self) -> IO[str]:
        """The stream of a mode with text."""
        assert self.stream is not None
        return self.stream  # type: ignore[return-value]

    def wrote(self, name: str, content: bytes) -> None:
        """A file of the folder is written. What the manifest says of it waits outside of memory."""
        assert self.path is not None
        if self._sums is None:
            self._sums = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by `close`
        one = sum_of_bytes(content, f"{self.path.name}/{name}")
        self._sums.write(json.dumps([one.name, one.size_bytes, one.sha256]) + "\n")

    def tell(self, manifest: Manifest) -> None:
        """Write the manifest, of what is written whole by now. A stream has none."""
        if self.path is None:
            return
        if self.stream is not None:
            self.stream.flush()
        with _beside(self.path, MANIFEST + _PARTIAL).open("w", encoding="utf-8", newline="\n") as stream:
            manifest.write(stream, self._files(self.path))
            stream.flush()
            os.fsync(stream.fileno())

    def _files(self, path: Path) -> Iterator[FileSum]:
        if self.folder is None:
            yield sum_of_file(_beside(path, _PARTIAL), path.name)
        elif self._sums is not None:
            self._sums.seek(0)
            for line in self._sums:
                yield FileSum(*json.loads(line))

    def close(self) -> None:
        """Forget what waited for the manifest."""
        if self._sums is not None:
            self._sums.close()


@contextlib.contextmanager
def drafted(path: Path | None, mode: Mode) -> Iterator[Draft]:
    """An export to standard output, or to a file or folder that appears whole or not at all, at the end of the block.

    A manifest that lay there goes before the file does, and the new one comes after it: none ever lies beside a file
    that it is not of.
    """
    if mode == "folder":
        assert path is not None
        with _drafted_folder(Path(os.path.realpath(path))) as draft:
            yield draft
        return
    text = {"encoding": "utf-8", "newline": ""} if mode == "w" else {}
    if path is None:
        if mode == "w":
            sys.stdout.reconfigure(**text)  # type: ignore[union-attr]
        yield Draft(sys.stdout if mode == "w" else sys.stdout.buffer)
        sys.stdout.flush()
        return
    from crawler.editing import is_device

    try:
        if path.is_dir():
            raise click.ClickException(f"{path}: is a folder; give the name of a file")
        if is_device(path):  # /dev/stdout, a pipe: written to, never replaced
            with path.open(mode, **text) as stream:  # type: ignore[call-overload]
                yield Draft(stream)
            return
        path = path.resolve()  # a link stays a link
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself, before Python 3.13
        raise click.ClickException(f"{path}: cannot be written ({error})") from error
    with _partial(path, mode, text) as stream, _clean(path):
        yield Draft(stream, path=path)
        stream.flush()
        os.fsync(stream.fileno())
        _name(path)


@contextlib.contextmanager
def _partial(path: Path, mode: Mode, text: dict[str, str]) -> Iterator[IO[Any]]:
    """The file that gets its name when it is whole, for this export alone: two would write into each other's lines."""
    try:
        descriptor = locked(_beside(path, _PARTIAL))
    except BlockingIOError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritten(path, error) from error
    os.ftruncate(descriptor, 0)
    with open(descriptor, mode, **text) as stream:  # type: ignore[call-overload]
        yield stream


@contextlib.contextmanager
def _partial_folder(path: Path) -> Iterator[Path]:
    """The same for a folder."""
    partial = _beside(path, _PARTIAL)
    try:
        if partial.is_dir():
            with _locked_folder(partial):
                shutil.rmtree(partial, ignore_errors=True)  # of an export that was killed
        partial.mkdir(parents=True)
        holding = _locked_folder(partial)
    except BlockingIOError:
        raise _taken(path) from None
    except OSError as error:
        raise _unwritten(path, error) from error
    with holding:
        yield partial


def _locked_folder(path: Path) -> contextlib.ExitStack:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, descriptor)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return stack.pop_all()


def _taken(path: Path) -> click.ClickException:
    return click.ClickException(f"{path}: another export writes it just now; wait for it, or give another name")


def _unwritten(path: Path, error: OSError) -> click.ClickException:
    return click.ClickException(f"{path}: {error.strerror or error}; nothing was written under that name")


@contextlib.contextmanager
def _drafted_folder(path: Path) -> Iterator[Draft]:
    """A new folder, or an empty one that is there."""
    try:
        is_taken = path.exists() and (not path.is_dir() or any(path.iterdir()))
    except OSError as error:
        raise click.ClickException(f"{path}: cannot be written ({error})") from error
    if is_taken or not path.name:
        raise click.ClickException(f"{path}: is there already; remove it, or give another name")
    with _partial_folder(path) as partial, _clean(path):
        draft = Draft(folder=partial, path=path)
        try:
            yield draft
        finally:
            draft.close()
        os.sync()  # every file of it
        if path.exists():
            path.rmdir()
        _name(path)


def _name(path: Path) -> None:
    """Give the file or folder its name, and then the manifest, where one was written, its own."""
    manifest, written = _beside(path, MANIFEST), _beside(path, MANIFEST + _PARTIAL)
    manifest.unlink(missing_ok=True)
    _beside(path, _PARTIAL).replace(path)
    if written.exists():
        written.replace(manifest)
    sync_folder(path.parent)


@contextlib.contextmanager
def _clean(path: Path) -> Iterator[None]:
    """Whatever goes wrong is told in a line, and leaves nothing half done."""
    try:
        yield
    except BaseException as error:  # what is whole has its name, and what lies beside it is another export's
        with contextlib.suppress(OSError):
            _beside(path, MANIFEST + _PARTIAL).unlink(missing_ok=True)
        partial = _beside(path, _PARTIAL)
        if partial.is_dir() and not partial.is_symlink():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritten(path, error) from error
        raise


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
