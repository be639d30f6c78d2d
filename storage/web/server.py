"""Runs the application until it is stopped."""

from __future__ import annotations

import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import uvicorn

from storage.opening import open_corpus
from storage.serving import Identity, Serving
from storage.web.app import create_app
from storage.web.patience import Impatient

MOST_REQUESTS = 200
"""At once; more are told to come again (503)."""
KEEP_ALIVE_S = 15
FINISH_S = 5
"""For requests that are being answered when the server is stopped."""


def run(
    db: str | Path,
    serving: Serving,
    listening: socket.socket,
    *,
    identity: Identity,
    ready: Callable[[str], None],
) -> None:
    """Serve on a socket that listens, until SIGINT or SIGTERM; `ready` gets the address."""
    with listening:
        open_corpus(db).close()  # what is wrong with it is told to who starts this, not to the first visitor
        config = uvicorn.Config(
            create_app(db, serving, identity=identity),
            http=Impatient,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=MOST_REQUESTS,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=FINISH_S,
        )
        with _stopping_well():
            ready(serving.url or _address(serving.host, listening))
            uvicorn.Server(config).run(sockets=[listening])


@contextlib.contextmanager
def _stopping_well() -> Iterator[None]:
    """Let SIGINT and SIGTERM end the block as a thing that was asked for: uvicorn ends what it serves and then raises
    the signal again for whoever handled it before, which is us."""
    former = {number: signal.signal(number, _stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except _Stopped:
        pass
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


class _Stopped(BaseException):
    """Somebody asked the server to stop."""


def _stop(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _Stopped


def _address(host: str, listening: socket.socket) -> str:
    name = host.strip("[]")
    return f"http://{f'[{name}]' if ':' in name else name}:{listening.getsockname()[1]}/"
