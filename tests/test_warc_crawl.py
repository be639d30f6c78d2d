"""`cuttings crawl --warc`: WARC files that somebody else made are crawled like a site, whatever is in them (C14)."""

from __future__ import annotations

import gzip
import os
import random
import signal
import time
import tracemalloc
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import pytest
from feedmaker import article_page
from newsroom import Newsroom, story

from storage import BadRecord, open_corpus, read_answer, warc_records

HOST = "news.example"


def record(
    url: str = f"https://{HOST}/a",
    body: str | bytes = "",
    *,
    kind: str = "response",
    status: str = "200 OK",
    headers: str = "Content-Type: text/html; charset=utf-8\r\n",
    date: str = "2021-03-04T05:06:07Z",
    length: int | None = None,
    more: str = "",
) -> bytes:
    """One record as Common Crawl writes it, unpacked."""
    payload = body.encode() if isinstance(body, str) else body
    block = f"HTTP/1.1 {status}\r\n{headers}\r\n".encode() + payload
    size = len(block) if length is None else length
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {date}\r\nWARC-Record-ID: <urn:uuid:1>\r\n{more}"
        f"Content-Length: {size}\r\nContent-Type: application/http; msgtype={kind}\r\nWARC-Target-URI: {url}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


INFO = b"WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 11\r\n\r\nrobots: yes\r\n\r\n"


def page(number: int) -> bytes:
    return record(f"https://{HOST}/p{number}", article_page(f"Report {number}", story(150, number)))


def packed(records: Iterable[bytes]) -> bytes:
    return b"".join(gzip.compress(each) for each in records)


def news(pages: int) -> list[bytes]:
    """A file as CC-NEWS has them: each page with its request."""
    found = [INFO]
    for number in range(pages):
        found += [record(kind="request", status="x"), page(number)]
    return found


def write(newsroom: Newsroom, data: bytes, name: str = "CC-NEWS-2021.warc.gz") -> str:
    (newsroom.folder / name).write_bytes(data)
    return name


@pytest.mark.parametrize("is_packed", [True, False])
def test_c14_a_file_of_common_crawl_is_crawled_like_a_site_and_twice_changes_nothing(
    newsroom: Newsroom, is_packed: bool
) -> None:
    extra = [
        record(f"https://{HOST}/gone", "no", status="404 Not Found"),
        record(f"https://{HOST}/x.pdf", "%PDF", headers="Content-Type: application/pdf\r\n"),
        record(f"https://{HOST}/nothing", "<p>Soon.</p>"),
        record("http://10.0.0.1/private", article_page("Inside", story(150, 77))),
    ]
    records = [*news(5), page(2), *extra]
    file = write(newsroom, packed(records) if is_packed else b"".join(records))
    report = newsroom.json("crawl", "--warc", file)
    assert report["outcomes"] == {"stored": 6, "rejected": 1}
    assert report["passed"] == {"other_kind": 6, "other_status": 1, "no_html": 1}
    assert (report["known"], report["bad"]) == (1, [])
    assert report["records"] == sum(report["passed"].values()) + report["known"] + report["ended"]
    with open_corpus(newsroom.db) as corpus:
        articles = list(corpus.articles())
        assert {article.sources for article in articles} == {(file,)}
        assert {f"{article.fetched:%Y-%m-%d}" for article in articles} == {"2021-03-04"}
        totals = corpus.totals()
    again = newsroom.json("crawl", "--warc", file)
    assert (again["ended"], again["known"]) == (0, 8)
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().articles == totals.articles
        assert corpus.totals().archive_bytes == totals.archive_bytes
    status = newsroom.json("status")
    assert status["summary"] == {"file": 1}
    assert "no longer" not in newsroom.ok("status") + newsroom.ok("status", file)
    assert f"{len(articles)} articles came from this file" in newsroom.ok("status", file)
    newsroom.subscribe()
    total = newsroom.json("reextract")["total"]
    assert (total["compared"], total["changed"], total["stored"], total["lost"]) == (6, 0, 0, 0)


def test_c14_what_is_damaged_is_told_by_its_place_and_the_rest_is_kept(newsroom: Newsroom) -> None:
    good = [gzip.compress(page(number)) for number in range(6)]
    torn = good[1][:400] + b"\x00" * 50
    liar = gzip.compress(record(f"https://{HOST}/liar", "short", length=9_999_999))
    no_http = gzip.compress(record(f"https://{HOST}/x", "x").replace(b"HTTP/1.1 200 OK", b"SMTP hello you"))
    no_url = gzip.compress(record("javascript:alert(1)", article_page("x", story(150, 9))))
    no_date = gzip.compress(record(date="yesterday"))
    flood = gzip.compress(record(headers="X: " + "y" * 2_000_000 + "\r\n"))
    bomb = gzip.compress(record(f"https://{HOST}/bomb", b"\0" * 60_000_000))
    parts = [good[0], torn, good[2], liar, no_http, good[3], no_url, no_date, flood, bomb, good[4], good[5][:-30]]
    file = write(newsroom, b"".join(parts))
    report = newsroom.json("crawl", "--warc", file)
    assert report["outcomes"] == {"stored": 4}
    assert report["passed"] == {"too_large": 1}
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]
    assert [bad["offset"] for bad in report["bad"]] == [starts[n] for n in (1, 3, 4, 6, 7, 8, 11)]
    told = newsroom.run("crawl", "--warc", file)
    assert told.returncode == 0
    assert f"{file}, byte {starts[1]}: " in told.stderr


def test_c14_lies_about_length_stay_with_their_record_in_a_plain_file() -> None:
    parts = [page(0), record(length=50), page(1), record("https://a.example/", "x" * 50, length=10**9), page(2)]
    found = list(warc_records(BytesIO(b"".join(parts))))
    starts = [sum(map(len, parts[:number])) for number in range(len(parts))]
    assert [each.offset for each in found if each.record] == [starts[0], starts[2], starts[4]]
    assert [each.offset for each in found if each.problem] == [starts[1], starts[3]]


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"\n\n",
        b"hello",
        b"\x1f\x8b",
        b"\x1f\x8b\x08" * 50,
        b"WARC/1.0\r\n\r\n",
        random.Random(14).randbytes(5_000),
    ],
    ids=len,
)
def test_c14_junk_is_no_record(junk: bytes) -> None:
    assert not [found for found in warc_records(BytesIO(junk)) if found.record is not None]


def test_c14_transfer_codings_are_undone_where_they_stand() -> None:
    chunked = "Transfer-Encoding: chunked\r\n"
    (found,) = warc_records(BytesIO(record(body="5\r\nhello\r\n0\r\n\r\n", headers=chunked)))
    (left,) = warc_records(BytesIO(record(body="<p>undone before", headers=chunked)))
    assert found.record is not None
    assert left.record is not None
    assert [answer and answer.body for answer in map(read_answer, (found.record, left.record))] == [
        b"hello",
        b"<p>undone before",
    ]
    with pytest.raises(BadRecord, match="truncated"):
        read_answer(record(more="WARC-Truncated: length\r\n"))


def test_c14_a_killed_crawl_of_a_file_goes_on(newsroom: Newsroom) -> None:
    file = write(newsroom, packed(news(150)))
    process = newsroom.start("crawl", "--warc", file, "--workers", "1")
    deadline = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < deadline:
        if list(newsroom.folder.glob("cuttings.warc/*")):
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.01)
    process.communicate()
    report = newsroom.json("crawl", "--warc", file)
    assert report["known"] + report["ended"] == 150
    with open_corpus(newsroom.db) as corpus:
        assert corpus.totals().articles == 150
        assert all(corpus.raw(raw.capture).status == 200 for raw in corpus.raw_pages(0, 1000))


def test_c14_a_source_of_the_same_host_lends_its_selectors_and_limit_holds(newsroom: Newsroom) -> None:
    newsroom.subscribe({"feed": f"https://{HOST}/feed", "strip": ["p:nth-of-type(1)"], "archive": False})
    file = write(newsroom, packed(news(4)))
    assert newsroom.json("crawl", "--warc", "--limit", "2", file)["outcomes"] == {"stored": 2}
    with open_corpus(newsroom.db) as corpus:
        assert {len(article.text.split()) < 150 for article in corpus.articles()} == {True}
        assert corpus.totals().archive_bytes == 0
    newsroom.refused("crawl", "--warc", status=2)
    newsroom.refused("crawl", "--warc", "--all", file, status=2)
    assert "no file" in newsroom.refused("crawl", "--warc", "missing.warc.gz", status=1)


def test_c14_memory_stays_flat_whatever_a_record_says_of_its_size(tmp_path: Path) -> None:
    huge = record(headers="Content-Type: text/html\r\n", body=b"x")
    head, _ = huge.split(b"\r\n\r\n", 1)
    size = 300_000_000
    head = b"\r\n".join(
        line if b"Content-Length" not in line else b"Content-Length: %d" % size for line in head.split(b"\r\n")
    )
    file = tmp_path / "big.warc"
    with file.open("wb") as out:
        out.write(page(0) + head + b"\r\n\r\n")
        out.seek(size, 1)
        out.write(b"\r\n\r\n" + page(1))
    tracemalloc.start()
    try:
        with file.open("rb") as stream:
            found = [(each.record is not None, each.problem) for each in warc_records(stream)]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert found == [(True, None), (False, "is larger than 32 MiB"), (True, None)]
