"""Serves made-up feeds from a process of its own: thousands of them, on many hosts of loopback, from memory.

    python benchmarks/feed_serving.py FEEDS HOSTS

A feed has 20 to 30 entries in 10 to 60 KB, RSS 2.0 and Atom 1.0 in turn, made before the first request comes. Host N
is 127.0.X.Y; all share one port. Every other pair of feeds sends validators and answers 304; the others send their
bytes again. Prints the port. A line `news` on standard input gives one feed in ten one new entry; each line is
answered with a line of figures.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pages

NEWEST = datetime(2026, 1, 5, 12, tzinfo=UTC)
NEWS_EVERY = 10
_TEASERS = 400
_RSS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom"'
    ' xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" xmlns:media="http://search.yahoo.com/mrss/">\n<channel>'
)


@dataclass(frozen=True, slots=True)
class Feeds:
    """What is served: enough to name every feed."""

    feeds: int
    hosts: int

    def urls(self, port: int) -> list[str]:
        """The address of each feed, the hosts in turn."""
        return [f"{self.base(number, port)}/feed-{number}.xml" for number in range(self.feeds)]

    def base(self, number: int, port: int) -> str:
        """The site of a feed, without a slash at its end."""
        host = number % self.hosts
        return f"http://127.0.{1 + host // 250}.{1 + host % 250}:{port}"

    def entries(self, *, news: bool) -> int:
        """Entries over all feeds."""
        fresh = len(range(0, self.feeds, NEWS_EVERY)) if news else 0
        return fresh + sum(entry_count(number) for number in range(self.feeds))


def entry_count(number: int) -> int:
    """How many entries a feed has before there is news."""
    return 20 + number * 7 % 11


def is_conditional(number: int) -> bool:
    """Whether a feed sends validators: as many of either format do as do not."""
    return number // 2 % 2 == 0


class Maker:
    """Makes the documents; its store of paragraphs is made once."""

    def __init__(self) -> None:
        rng = random.Random(7)
        self._texts = [pages.paragraph(rng) for _ in range(_TEASERS)]
        self._escaped = [html.escape(f"<p>{text}</p>") for text in self._texts]

    def document(self, number: int, base: str, *, news: bool) -> bytes:
        """Feed `number` of a site at `base`."""
        rng = random.Random(number)
        count, paragraphs = entry_count(number), number // 4 % 5 // 2
        entry = self._rss_item if number % 2 == 0 else self._atom_entry
        first = -1 if news else 0
        listed = "".join(entry(number, index, base, random.Random(number * 100 + index), paragraphs)
                         for index in range(first, count))  # fmt: skip
        title = html.escape(f"{rng.choice(self._texts)[:24]} {number}")
        if number % 2 == 0:
            return (
                f"{_RSS_HEAD}<title>{title}</title><link>{base}/</link><description>Made up.</description>"
                f'<language>en-GB</language><atom:link href="{base}/feed-{number}.xml" rel="self"/><ttl>60</ttl>'
                f"<sy:updatePeriod>hourly</sy:updatePeriod>\n{listed}</channel></rss>\n"
            ).encode()
        return (
            f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">\n'
            f'<title>{title}</title><link href="{base}/"/><link rel="self" href="{base}/feed-{number}.xml"/>'
            f"<id>{base}/</id><updated>{_when(number, first):%Y-%m-%dT%H:%M:%SZ}</updated>\n{listed}</feed>\n"
        ).encode()

    def _rss_item(self, number: int, index: int, base: str, rng: random.Random, paragraphs: int) -> str:
        path, title, author = self._facts(number, index, rng)
        body = "".join(f"<p>{rng.choice(self._texts)}</p>" for _ in range(paragraphs))
        content = f"<content:encoded><![CDATA[{body}]]></content:encoded>" if paragraphs else ""
        return (
            f'<item>\n<title>{title}</title>\n<link>{base}{path}</link>\n<guid isPermaLink="false">{number}-{index}'
            f"</guid>\n<pubDate>{_when(number, index):%a, %d %b %Y %H:%M:%S +0000}</pubDate>\n<dc:creator>{author}"
            f"</dc:creator>\n<category>News</category><category><![CDATA[Harbour & sea]]></category>\n"
            f"<description>{rng.choice(self._escaped)}</description>\n{content}"
            f'<media:content url="{base}/{number}-{index}.jpg" medium="image" type="image/jpeg"/>\n</item>\n'
        )

    def _atom_entry(self, number: int, index: int, base: str, rng: random.Random, paragraphs: int) -> str:
        path, title, author = self._facts(number, index, rng)
        body = "".join(rng.choice(self._escaped) for _ in range(paragraphs))
        when = f"{_when(number, index):%Y-%m-%dT%H:%M:%SZ}"
        content = f'<content type="html">{body}</content>\n' if body else ""
        return (
            f'<entry>\n<title type="html">{title}</title>\n<link rel="alternate" type="text/html" href="{base}{path}"/>'
            f"\n<id>tag:{number},2026:{index}</id>\n<published>{when}</published>\n<updated>{when}</updated>\n<author>"
            f'<name>{author}</name></author>\n<category term="news" label="News"/>\n<summary type="html">'
            f"{rng.choice(self._escaped)}</summary>\n{content}</entry>\n"
        )

    def _facts(self, number: int, index: int, rng: random.Random) -> tuple[str, str, str]:
        title = html.escape(rng.choice(self._texts)[:70])
        return f"/{number}/story-{index + 1}.html", title, rng.choice(pages.NAMES)


def _when(number: int, index: int) -> datetime:
    return NEWEST - timedelta(minutes=97 * index + number % 60)


@dataclass(frozen=True, slots=True, eq=False)
class Served:
    """The server in its process."""

    port: int
    process: subprocess.Popen[str]

    def figures(self, order: str = "") -> dict[str, float]:
        """`cpu_s` of the server, `answers` and bytes given so far, `largest` and `mean` feed in bytes."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{order}\n")
        self.process.stdin.flush()
        answer: dict[str, float] = json.loads(self.process.stdout.readline())
        return answer


@contextmanager
def served(feeds: Feeds) -> Iterator[Served]:
    """The feeds on loopback until the context ends. RuntimeError where the server does not start."""
    command = [sys.executable, str(Path(__file__).resolve()), str(feeds.feeds), str(feeds.hosts)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            port = process.stdout.readline()
            if not port:
                raise RuntimeError("the server ended without a port: its error is above")
            yield Served(int(port), process)
        finally:
            process.stdin.close()


_DATE = b"Server: made-up\r\nDate: Mon, 05 Jan 2026 12:00:00 GMT\r\n"
_MISSING = b"HTTP/1.1 404 Not Found\r\n" + _DATE + b"Content-Length: 0\r\n\r\n"
_RULES = b"User-agent: *\nDisallow: /search\n"


class _Store:
    """Every answer, header and all."""

    def __init__(self, feeds: Feeds, port: int) -> None:
        self._feeds, self._port, self._maker = feeds, port, Maker()
        self.given = self.robots = self.not_modified = self.bytes = 0
        rules = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n" % len(_RULES)
        self.answers = {b"/robots.txt": (rules + _DATE + b"\r\n" + _RULES, b"")}
        for number in range(feeds.feeds):
            self._make(number, news=False)

    def _make(self, number: int, *, news: bool) -> None:
        body = self._maker.document(number, self._feeds.base(number, self._port), news=news)
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nContent-Length: %d\r\n" % len(body)
        etag = b'"%s"' % hashlib.sha256(body).hexdigest()[:20].encode() if is_conditional(number) else b""
        if etag:
            head += b"ETag: " + etag + b"\r\n"
        self.answers[b"/feed-%d.xml" % number] = (head + _DATE + b"\r\n" + body, etag)

    def publish(self) -> None:
        """Give one feed in ten one new entry."""
        for number in range(0, self._feeds.feeds, NEWS_EVERY):
            self._make(number, news=True)

    def answer(self, request: bytes) -> bytes:
        path = request.split(b" ", 2)[1]
        whole, etag = self.answers.get(path, (_MISSING, b""))
        if etag and etag in request:
            whole = b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n" + _DATE + b"\r\n"
            self.not_modified += 1
        self.given += 1
        self.robots += path == b"/robots.txt"
        self.bytes += len(whole)
        return whole

    def figures(self) -> dict[str, float]:
        sizes = [len(whole) for whole, _ in self.answers.values()]
        return {
            "cpu_s": time.process_time(),
            "answers": self.given,
            "robots": self.robots,
            "not_modified": self.not_modified,
            "bytes": self.bytes,
            "smallest": sorted(sizes)[min(1, len(sizes) - 1)],
            "mean": sum(sizes) / len(sizes),
            "largest": max(sizes),
        }


class _Connection(asyncio.Protocol):
    store: _Store

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            request, _, self._received = self._received.partition(b"\r\n\r\n")
            self._transport.write(self.store.answer(request))
            if b"connection: close" in request.lower():
                self._transport.close()


async def _serve(feeds: Feeds) -> None:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("", 0))
    port = listening.getsockname()[1]
    store = _Connection.store = _Store(feeds, port)
    loop = asyncio.get_running_loop()
    await loop.create_server(_Connection, sock=listening, backlog=4096)
    print(port, flush=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        if line.strip() == "news":
            store.publish()
        print(json.dumps(store.figures()), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(Feeds(*map(int, sys.argv[1:3]))))
