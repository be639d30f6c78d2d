"""Files that are replaced whole or not at all, and the feeds.yaml to start from."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from importlib.resources import files
from pathlib import Path

from crawler.errors import ConfigError, CrawlerError
from storage import sync_folder


def starter() -> str:
    """The commented feeds.yaml that `cuttings init` writes: a first selection of news feeds of the world."""
    return files("crawler").joinpath("starter_feeds.yaml").read_text(encoding="utf-8")


def bare_starter() -> str:
    """The same file without any source."""
    head, key, _ = starter().partition("\nsources:\n")
    return head + key


def write_new(path: Path, text: str, *, replace: bool = False) -> None:
    """Write a file whole or not at all. Raises `ConfigError` where there is one already, unless `replace`."""
    if path.exists() and not replace:
        raise ConfigError(f"{path}: exists already; `cuttings add` adds to it, --force writes it anew")
    put(path, text.encode())


def put(path: Path, content: bytes) -> None:
    """Replace a file at once: whoever reads sees the old or the new one, also after a crash. A link stays a link, and
    what is no file (/dev/stdout, a pipe) is written to, not replaced."""
    try:
        if is_device(path):
            path.write_bytes(content)
            return
        target = path.resolve(strict=path.exists())
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                os.fchmod(file.fileno(), mode)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                Path(name).unlink()
            raise
        sync_folder(target.parent)
    except (OSError, RuntimeError) as error:  # RuntimeError: a link that leads to itself, before Python 3.13
        why = error.strerror if isinstance(error, OSError) else "a link that leads to itself"
        raise CrawlerError(f"{path}: cannot be written ({why}); check the folder and its permissions") from error


def is_device(path: Path) -> bool:
    """Whether something stands there that takes what is written and is no file."""
    return path.exists() and not path.is_file() and not path.is_dir()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
