"""What a service manager is told: sd_notify(3), a datagram to the socket that systemd names in the environment."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


@dataclass(frozen=True, slots=True)
class Service:
    """The manager of this process; without one, nobody is told anything."""

    address: str | None = None
    watchdog_s: float | None = None
    """The longest time between two `alive`, or the process is taken for hung."""

    @classmethod
    def of(cls, environ: Mapping[str, str], pid: int) -> Service:
        """The manager that an environment names; its watchdog is for WATCHDOG_PID (sd_watchdog_enabled(3))."""
        microseconds, whose = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(pid))
        watched = microseconds.isdecimal() and int(microseconds) > 0 and whose == str(pid)
        return cls(environ.get("NOTIFY_SOCKET") or None, int(microseconds) / 1e6 if watched else None)

    def ready(self) -> None:
        """The service works."""
        self._tell("READY=1")

    def status(self, text: str) -> None:
        """A line for `systemctl status`."""
        self._tell("STATUS=" + text.replace("\n", " "))

    def alive(self) -> None:
        """The service is not hung."""
        if self.watchdog_s is not None:
            self._tell("WATCHDOG=1")

    def stopping(self) -> None:
        """The service is about to end."""
        self._tell("STOPPING=1")

    def _tell(self, line: str) -> None:
        if self.address is None:
            return
        # "@" stands for the NUL of an abstract socket. A manager that does not listen is no reason to end.
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.setblocking(False)
            channel.sendto(line.encode("utf-8", "replace"), address)


def service_of_process() -> Service:
    """The manager of this process; its children are not to speak to it, so the variables go."""
    service = Service.of(os.environ, os.getpid())
    _forget(os.environ)
    return service


def _forget(environ: MutableMapping[str, str]) -> None:
    for name in VARIABLES:
        environ.pop(name, None)
