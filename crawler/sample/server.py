"""Serve the sample newspaper on loopback: one server, a site for each Host header."""

import contextlib
import functools
import gzip
import hashlib
import http
import socket
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from crawler.sample import feeds, pages
from crawler.sample.newspaper import Newspaper, Site, newspaper

_PICTURE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="675"><rect width="1200" height="675" '
    'fill="#8fa9b8"/><path d="M0 470 Q300 420 600 470 T1200 470 V675 H0z" fill="#4d6b7d"/></svg>'
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server says at one address. ``changed`` is set where conditional requests are answered."""

    status: int
    media_type: str = "text/plain; charset=utf-8"
    body: bytes = b""
    location: str = ""
    changed: datetime | None = None

    @property
    def etag(self) -> str:
        """A strong validator of the body (RFC 9110 8.8.3)."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:20]}"'


@contextlib.contextmanager
def serve(paper: Newspaper, port: int = 0) -> Iterator[int]:
    """Serve ``paper`` on 127.0.0.1 while the block runs and yield the port; 0 picks a free one.

    Raises OSError when the port is taken.
    """
    server = _Server(paper, port)
    thread = threading.Thread(
        target=functools.partial(server.serve_forever, poll_interval=0.05), name="sample-newspaper", daemon=True
    )
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        server.hang_up()
        thread.join()


def feeds_yaml(port: int) -> str:
    """The feeds.yaml that subscribes to every site of the newspaper served on ``port``."""
    lines = [
        "contact: https://example.org/about-the-sample-crawler",
        "network:",
        '  allow: ["127.0.0.0/8"]   # the sample newspaper is served on this machine',
        "defaults:",
        "  delay: 0.05              # seconds between two requests to one site",
        "sources:",
    ]
    for site in newspaper().sites:
        lines += [f"  - feed: {site.feed_url(port)}", f"    name: {site.title}"]
        lines += [f"    tags: [{', '.join(site.tags)}]"]
    return "\n".join(lines) + "\n"


def reply(paper: Newspaper, host: str, path: str, port: int) -> Reply:
    """What the site called ``host`` answers at ``path``; 421 when there is no such site (RFC 9110 15.5.20)."""
    site = next((site for site in paper.sites if site.host == host), None)
    if site is None:
        return Reply(421, body=b"No such site here.\n")
    return (
        _machine_readable(paper, site, path, port) or _stray(paper, site, path, port) or _html(paper, site, path, port)
    )


def _machine_readable(paper: Newspaper, site: Site, path: str, port: int) -> Reply | None:
    changed = max(sample.updated or sample.published for sample in paper.listed_by(site))
    if path == site.feed_path:
        media_type = feeds.MEDIA_TYPES[site.feed_kind]
        return Reply(200, media_type, feeds.feed(paper, site, port), changed=changed)
    if path == "/sitemap.xml":
        return Reply(200, "application/xml", feeds.sitemap(paper, site, port), changed=changed)
    if path == "/robots.txt":
        rules = f"User-agent: *\nDisallow: {site.forbidden}\n\nSitemap: {site.url(port, '/sitemap.xml')}\n"
        return Reply(200, body=rules.encode())
    if path.startswith("/media/"):
        return Reply(200, "image/svg+xml", _PICTURE.encode(), changed=changed)
    return None


def _stray(paper: Newspaper, site: Site, path: str, port: int) -> Reply | None:
    stray = next((stray for stray in paper.strays if stray.site == site and stray.path == path), None)
    if stray is None or stray.nature == "section":
        return None
    if stray.nature == "moved":
        return Reply(301, location=site.url(port, stray.target))
    if stray.nature == "missing":
        return Reply(404, body=b"Not found.\n")
    return _page(site, pages.members_page(paper, site, stray.title, path, port))


def _html(paper: Newspaper, site: Site, path: str, port: int) -> Reply:
    if path == "/":
        return _page(site, pages.front_page(paper, site, port))
    for sample in paper.samples_of(site):
        if sample.path == path:
            return _page(site, pages.article_page(paper, sample, port))
    for section in site.sections:
        if section.path == path:
            return _page(site, pages.section_page(paper, site, section, port))
    page = pages.author_page(paper, site, path, port) or pages.information_page(paper, site, path, port)
    return _page(site, page) if page else Reply(404, body=b"Not found.\n")


def _page(site: Site, page: str) -> Reply:
    # Old pages name their charset inside only; the others in the header as well.
    media_type = "text/html; charset=utf-8" if site.charset == "utf-8" else "text/html"
    return Reply(200, media_type, page.encode(site.charset, "xmlcharrefreplace"))


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, paper: Newspaper, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        bound = self.server_address[1]
        self.reply = functools.lru_cache(maxsize=512)(lambda host, path: reply(paper, host, path, bound))

    def process_request(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: socket.socket | tuple[bytes, socket.socket]) -> None:
        if isinstance(request, socket.socket):
            with self._lock:
                self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that goes away in the middle of an answer is no error; anything else is reported as usual."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def hang_up(self) -> None:
        """End the connections that clients still hold, so that nobody waits for them."""
        with self._lock:
            held = list(self._open)
        for connection in held:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleNewspaper/1"
    sys_version = ""
    timeout = 30
    server: _Server

    def do_GET(self) -> None:
        host = self.headers.get("Host", "").partition(":")[0].lower()
        self._send(self.server.reply(host, urlsplit(self.path).path))

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the command that serves the sample prints its own account."""

    def _send(self, answer: Reply) -> None:
        squeezed = bool(answer.body) and answer.status == 200 and _accepts_gzip(self.headers.get("Accept-Encoding"))
        # Another coding is another representation and needs another strong validator (RFC 9110 8.8.3.3).
        etag = f'{answer.etag[:-1]}-gz"' if squeezed else answer.etag
        fresh = answer.changed is not None and self._has_it(etag, answer.changed)
        body = b"" if fresh else gzip.compress(answer.body, mtime=0) if squeezed else answer.body
        self.send_response(http.HTTPStatus.NOT_MODIFIED if fresh else answer.status)
        if answer.changed is not None:
            self.send_header("ETag", etag)
            self.send_header("Last-Modified", format_datetime(answer.changed, usegmt=True))
        self.send_header("Vary", "Accept-Encoding")
        if answer.location:
            self.send_header("Location", answer.location)
        if not fresh:
            self.send_header("Content-Type", answer.media_type)
            self.send_header("Content-Length", str(len(body)))
            if squeezed:
                self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        if self.command != "HEAD" and body:
            self.wfile.write(body)

    def _has_it(self, etag: str, changed: datetime) -> bool:
        """RFC 9110 13.2.2: If-None-Match decides alone where it is sent; the comparison is weak (13.1.2)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return tags.strip() == "*" or etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            moment = parsedate_to_datetime(since)
        except ValueError:
            return False
        return changed <= moment.replace(tzinfo=moment.tzinfo or UTC)


def _accepts_gzip(header: str | None) -> bool:
    codings = (part.replace(" ", "").lower() for part in (header or "").split(","))
    return any(coding == "gzip" or (coding.startswith("gzip;q=") and coding != "gzip;q=0") for coding in codings)
