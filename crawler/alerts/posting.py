"""One POST to a webhook: to an address that was vetted, within a bounded time, following nothing.

The name is resolved once, each address it leads to is judged as every address that a crawl dials, and the connection is
made to what was judged: a name server that answers otherwise the next moment changes nothing (S3). Redirects are not
followed, proxies of the environment are not used, certificates are verified. The standard library does it: this runs in
the daemon and after a crawl, where Twisted's reactor is not.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from crawler.alerts.retrying import Answer
from crawler.network.addresses import Allowance, is_localhost, literal, refusal
from storage import plain_line

POST_S = 20.0
"""For all of one POST once its name is resolved. Standard Webhooks asks senders to wait 15 to 30 s."""
CONNECT_S = 6.0
"""For each address: where the first answers nothing, there is time for the others."""
RESOLVE_S = 10.0
MOST_ANSWER_BYTES = 1024
"""Of an answer's body: its first words tell why a message is refused."""
MOST_SAID_CHARS = 120
"""Of these words that are shown."""
MOST_ADDRESSES = 3
"""Of one name that are tried."""

SECRET_CHARS = 8
"""Of a part of an address: such a part may be all that keeps strangers out, and is never repeated."""

_Place = tuple[socket.AddressFamily, tuple[Any, ...]]


class _NotPosted(Exception):
    """Why no answer came; the message is for people and names no address but a host."""


@dataclass(slots=True)
class _Deadline:
    """Cuts a line off when its time is over, however it drips."""

    line: socket.socket | None = None
    """Kept here too: `http.client` forgets its own while the answer's body is still to be read."""
    is_over: bool = False

    def watch(self, line: socket.socket) -> None:
        """Cut this one from now on; raises where the time is over already."""
        self.line = line
        if self.is_over:
            raise TimeoutError

    def cut(self) -> None:
        self.is_over = True
        if self.line is not None:
            with contextlib.suppress(OSError):
                socket.socket.shutdown(self.line, socket.SHUT_RDWR)  # of TLS: the line below it, which waits for nobody


class _Connection(http.client.HTTPConnection):
    """Dials the places that it is given, and no other."""

    def __init__(self, host: str, places: list[_Place], tls: ssl.SSLContext | None, deadline: _Deadline) -> None:
        super().__init__(host)
        self.name, self.places, self.tls, self.deadline = host, places, tls, deadline

    def connect(self) -> None:
        """To the first place that answers."""
        failure: OSError | None = None
        for family, address in self.places[:MOST_ADDRESSES]:
            self.sock = socket.socket(family, socket.SOCK_STREAM)
            self.sock.settimeout(CONNECT_S)
            try:
                self.deadline.watch(self.sock)
                self.sock.connect(address)
            except OSError as error:
                self.sock.close()
                failure = error
                continue
            self.sock.settimeout(POST_S)
            if self.tls is not None:
                self.sock = self.tls.wrap_socket(self.sock, server_hostname=self.name, do_handshake_on_connect=False)
                self.deadline.watch(self.sock)
                self.sock.do_handshake()
            return
        raise failure or OSError("no address")


def post(
    url: str, headers: Mapping[str, str], body: bytes, allowance: Allowance, *, timeout_s: float = POST_S
) -> Answer:
    """Post it; gives what the receiver said, or why nothing was heard of it. Raises nothing."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    try:
        places = _vetted(host, parts.port or (443 if secure else 80), allowance)
    except _NotPosted as error:
        return Answer(None, str(error))
    deadline = _Deadline()
    connection = _Connection(host, places, ssl.create_default_context() if secure else None, deadline)
    timer = threading.Timer(timeout_s, deadline.cut)
    timer.daemon = True
    timer.start()
    target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        connection.connect()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may have answered before it had read all
            connection.request("POST", target, body, {"Host": parts.netloc, "Connection": "close", **headers})
        return _answer(connection.getresponse(), target)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Answer(None, plain_line(f"{host}: {_why(error, is_over=deadline.is_over)}"))
    finally:
        timer.cancel()
        with contextlib.suppress(OSError):
            connection.close()


def _vetted(host: str, port: int, allowance: Allowance) -> list[_Place]:
    """The places that a host name leads to and that may be dialled."""
    spelled = literal("127.0.0.1" if is_localhost(host) else host)
    try:
        found = _resolved(str(spelled or host), port)
    except OSError as error:
        raise _NotPosted(f"{host}: cannot be resolved ({error.strerror or error})") from error
    except UnicodeError:
        raise _NotPosted(f"{host}: is no name that can be resolved") from None
    refused = [refusal(ip_address(address[0].partition("%")[0]), allowance) for _, address in found]
    places = [place for place, reason in zip(found, refused, strict=True) if reason is None]
    if not places:
        reason = next((reason for reason in refused if reason), "unknown")
        raise _NotPosted(f"{host}: leads to a {reason} address; if that is meant, add its range to the watch's `allow`")
    return places


def _resolved(host: str, port: int) -> list[_Place]:
    """What the system's resolver says, in a thread of its own: nothing else can call it off."""
    results: queue.SimpleQueue[list[_Place] | OSError | UnicodeError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            results.put([(family, address) for family, _, _, _, address in found])
        except (OSError, UnicodeError) as error:
            results.put(error)

    threading.Thread(target=look_up, name="webhook-resolver", daemon=True).start()
    try:
        result = results.get(timeout=RESOLVE_S)
    except queue.Empty:
        raise TimeoutError(f"no answer within {RESOLVE_S:.0f} s") from None
    if isinstance(result, Exception):
        raise result
    return result


def _answer(response: http.client.HTTPResponse, target: str) -> Answer:
    words, status = b"", response.status
    with contextlib.suppress(OSError, http.client.HTTPException, ValueError):  # what counts is the status
        words = response.read(MOST_ANSWER_BYTES) if status >= 400 else b""
    said = plain_line(without_secrets(words.decode("utf-8", "replace"), target))[:MOST_SAID_CHARS].strip()
    moved = "; redirects are not followed, write the new address into feeds.yaml" if 300 <= status < 400 else ""
    return Answer(status, f"HTTP {status}{f' ({said})' if said else ''}{moved}", response.headers.get("Retry-After"))


def without_secrets(said: str, target: str) -> str:
    """What a receiver said, without the parts of its own address: it is shown, and kept in the corpus.

    >>> without_secrets("no hook at /hooks/T024BE7LH", "/hooks/T024BE7LH")
    'no hook at /hooks/***'
    """
    parts = re.split(r"[/?&=;]", target)
    for part in sorted({*parts, *map(unquote, parts)}, key=len, reverse=True):
        if len(part) >= SECRET_CHARS:
            said = said.replace(part, "***")
    return said


def _why(error: Exception, *, is_over: bool) -> str:
    if is_over or isinstance(error, TimeoutError):
        return "did not answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not valid ({error.verify_message})"
    if isinstance(error, ssl.SSLError):
        return f"no secure connection ({error.reason or error})"
    if isinstance(error, http.client.RemoteDisconnected):
        return "closed the connection without an answer"
    if isinstance(error, http.client.HTTPException | ValueError):
        return "what it answered is not HTTP"
    return f"cannot be reached ({getattr(error, 'strerror', None) or error})"
