"""feeds.yaml beside a running daemon: what changed in it, and the last state of it that was valid."""

from __future__ import annotations

from pathlib import Path

from crawler.config import Config
from crawler.errors import ConfigError
from crawler.subscriptions import load

Signature = tuple[int, ...] | None


class FeedsWatch:
    """Reads feeds.yaml again when it changed. `config` is always one that was valid as a whole."""

    def __init__(self, path: Path) -> None:
        """Raises `ConfigError` where the file is invalid at the start: there is no earlier one to go by."""
        self._path = path
        self._seen = _signature(path)
        self._valid = True
        self.config: Config = _load(path)

    def look(self) -> Config | ConfigError | None:
        """The new subscriptions where they changed, the error where the file did and is invalid now; each once. A file
        that was invalid and is as before again counts as changed: whoever mended it wants to know."""
        signature = _signature(self._path)
        if signature == self._seen:
            return None
        self._seen = signature  # taken before the file is read: what is written meanwhile is noticed next time
        try:
            config = _load(self._path)
        except ConfigError as error:
            self._valid = False
            return error
        if config == self.config and self._valid:
            return None
        self._valid = True
        self.config = config
        return config


def _load(path: Path) -> Config:
    """As `load`, of what can be read as often as one likes: to open a pipe waits for who writes it, for ever perhaps,
    and no signal ends that."""
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise ConfigError(f"{path}: is a pipe or a device, which cannot be read again; name a file")
    return load(path)


def _signature(path: Path) -> Signature:
    """What differs when a file was written, replaced, or made readable; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return (stat.st_dev, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns)
