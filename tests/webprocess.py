"""Runs a local web server in a process of its own, so that benchmarks do not share their interpreter with it.

`python -m webprocess MODULE:FUNCTION` starts a `LocalWeb`, lets FUNCTION(web) put its sites up, prints its port, and
serves until its standard input ends. `spawn` does so from Python, and asks it for the requests that came.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from localweb import LocalWeb


class Hit(NamedTuple):
    """One request that the other process saw; the time is `time.monotonic()`, which processes share."""

    time_monotonic: float
    host: str
    target: str


@dataclass(frozen=True, slots=True, eq=False)
class RemoteWeb:
    """A server in another process. Get one from `spawn`."""

    port: int
    _process: subprocess.Popen[str]

    def url(self, host: str = "127.0.0.1", path: str = "/") -> str:
        """Return the absolute URL of a path on a host."""
        return f"http://{host}:{self.port}{path}"

    def requests(self) -> list[Hit]:
        """Return all requests so far."""
        return [Hit(*hit) for hit in json.loads(self._ask("requests"))]

    def max_concurrent(self, host: str = "") -> int:
        """Return the most requests that were being answered at one moment, for one host or all together."""
        return int(self._ask(f"max_concurrent {host}"))

    def clear(self) -> None:
        """Forget the requests so far."""
        self._ask("clear")

    def _ask(self, question: str) -> str:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the server was started without pipes: use spawn")
        self._process.stdin.write(question + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@contextmanager
def spawn(build: str, *, python_path: Sequence[str | os.PathLike[str]] = ()) -> Iterator[RemoteWeb]:
    """Run a server that the function named `module:function` fills, until the context ends.

    `python_path` are folders to find the module in, besides this one. RuntimeError when it does not start.
    """
    here = Path(__file__).parent
    folders = [os.fspath(folder) for folder in (here, *python_path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(folders)}
    command = [sys.executable, "-m", "webprocess", build]
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            port = process.stdout.readline() if process.stdout else ""
            if not port:
                raise RuntimeError(f"{' '.join(command)} ended without a port: its error is above")
            yield RemoteWeb(int(port), process)
        finally:
            if process.stdin:
                process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


def serve_forever(build: Callable[[LocalWeb], object]) -> None:
    """Serve what `build` puts up; print the port and then an answer to each line of standard input, until it ends."""
    with LocalWeb() as web:
        build(web)
        print(web.port, flush=True)
        for line in sys.stdin:
            question, _, argument = line.strip().partition(" ")
            if question == "requests":
                print(json.dumps([(seen.time_monotonic, seen.host, seen.target) for seen in web.requests]), flush=True)
            elif question == "max_concurrent":
                print(web.max_concurrent(argument or None), flush=True)
            else:
                web.clear()
                print(flush=True)


def main() -> None:
    """Run the function named on the command line."""
    module, colon, function = sys.argv[-1].partition(":")
    if not colon:
        raise SystemExit("usage: python -m webprocess MODULE:FUNCTION")
    serve_forever(getattr(importlib.import_module(module), function))


if __name__ == "__main__":
    main()
