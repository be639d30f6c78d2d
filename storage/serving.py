"""Serves a corpus over HTTP: its pages, its JSON API and its feeds.

What this needs beyond the corpus itself is the extra `web`; nothing of it is loaded before somebody serves.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from storage.errors import ServingRefused

DEFAULT_PORT = 8765
MIN_TOKEN_CHARACTERS = 16
"""Of a token: fewer could be guessed over a network."""

Identity = Callable[[str], str | None]
"""The key of a page for an address that somebody typed; None where it is no address of a page."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Where a corpus is served, and for whom.

    `hosts` are further names by which browsers may call the server; `url` is its address behind a proxy, where that is
    another than its own (`https://cuttings.example.org/`).
    """

    host: str = "127.0.0.1"
    port: int = DEFAULT_PORT
    token: str | None = None
    hosts: tuple[str, ...] = ()
    url: str | None = None
    title: str = "Cuttings"

    def __post_init__(self) -> None:
        if self.token is not None and (len(self.token) < MIN_TOKEN_CHARACTERS or not self.token.isascii()):
            raise ServingRefused(
                f"the token has to be of at least {MIN_TOKEN_CHARACTERS} ASCII characters; "
                "`openssl rand -hex 32` makes a good one"
            )
        if self.token is None and not is_loopback(self.host):
            raise ServingRefused(
                f"{self.host}: is not this machine alone, so a token is needed; name a file that holds one "
                "with --token-file, or serve on 127.0.0.1"
            )
        if self.url is not None:
            try:
                parts = urlsplit(self.url)
                is_whole = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query
            except ValueError:
                is_whole = False
            if not is_whole:
                raise ServingRefused(f"{self.url}: is no address of a server; write https://cuttings.example.org/")

    @property
    def names(self) -> frozenset[str]:
        """The names, in lower case and without ports, by which this server may be called."""
        own = [] if _is_any(self.host) else [self.host]
        outside = [urlsplit(self.url).hostname or ""] if self.url else []
        return frozenset(
            name.lower().strip("[]") for name in ("localhost", "127.0.0.1", "::1", *own, *outside, *self.hosts) if name
        )


def is_loopback(host: str) -> bool:
    """Whether what listens there can be reached from this machine alone."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_any(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_unspecified
    except ValueError:
        return False


def read_token(path: Path) -> str:
    """The token that a file holds, its first line. Raises ServingRefused where others may read the file (S16)."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            token = file.readline(10_000).strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ServingRefused(f"{path}: cannot be read ({error})") from error
    if mode & 0o077:
        raise ServingRefused(f"{path}: others may read the token; make it yours alone with `chmod 600 {path}`")
    if not token:
        raise ServingRefused(f"{path}: holds no token; `openssl rand -hex 32 > {path}` makes one")
    return token


def serve(
    db: str | Path, serving: Serving, *, identity: Identity, ready: Callable[[str], None] = lambda _: None
) -> None:
    """Serve the corpus at a path or URL until SIGINT or SIGTERM.

    `ready` gets the address once the server listens; port 0 takes a free one. Raises ServingRefused where the extra
    `web` is missing or nobody may listen there, and what `open_corpus` raises where there is no corpus.
    """
    try:
        from storage.web.server import run
    except ModuleNotFoundError as error:
        raise ServingRefused(
            f"serving needs the extra `web` ({error.name} is missing): pip install 'cuttings[web]'"
        ) from error
    run(db, serving, _listening(serving.host, serving.port), identity=identity, ready=ready)


def _listening(host: str, port: int) -> socket.socket:
    """A socket that listens there and nowhere else."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ServingRefused(f"{host}:{port}: cannot be listened on ({reason}); try another --port") from error
    if not is_loopback(host) or ipaddress.ip_address(listening.getsockname()[0]).is_loopback:
        return listening
    listening.close()
    raise ServingRefused(f"{host}: leads beyond this machine; write 127.0.0.1")
