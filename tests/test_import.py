"""`cuttings import`: articles from elsewhere go in as crawled pages do, whatever is in their file."""

from __future__ import annotations

import asyncio
import bz2
import gzip
import json
import lzma
import random
import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from newsroom import BIN, Newsroom, story

from crawler.box import Overrun
from crawler.importing.lines import Line
from crawler.importing.report import rejected
from crawler.importing.rows import BadRow, ReadRow, RowsOrder, read_line
from crawler.importing.run import _Group, _Run
from storage import Ending, StorageError, StoredArticle, open_corpus, record

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SITE = "https://news.example"


def row(number: int = 1, **more: Any) -> dict[str, Any]:
    """A row of a file; what is None is left out."""
    made = {
        "url": f"{SITE}/2020/{number}",
        "title": f"Report {number}",
        "text": "\n\n".join(story(120, number)),
        "published": "2020-05-25T12:00:00Z",
        **more,
    }
    return {name: value for name, value in made.items() if value is not None}


def write(newsroom: Newsroom, *rows: dict[str, Any] | bytes, name: str = "rows.jsonl") -> str:
    lines = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in rows]
    (newsroom.folder / name).write_bytes(b"".join(line + b"\n" for line in lines))
    return name


def articles(newsroom: Newsroom) -> list[StoredArticle]:
    with open_corpus(newsroom.db) as corpus:
        return list(corpus.articles())


def one(line: dict[str, Any] | bytes | str) -> ReadRow | BadRow:
    data = line if isinstance(line, bytes) else line.encode() if isinstance(line, str) else json.dumps(line).encode()
    return read_line(7, data, "rows.jsonl", NOW)


def good(**more: Any) -> ReadRow:
    read = one(row(**more))
    assert isinstance(read, ReadRow), read
    return read


# --- what an import does ---------------------------------------------------------------------------------------------


def test_rows_become_articles_that_are_found_and_say_where_they_are_from(newsroom: Newsroom) -> None:
    file = write(
        newsroom, row(1, language="en", authors=["Jo Li"]), row(2, site="The Example"), row(3, sources=["A", "B"])
    )
    assert newsroom.json("import", file)["outcomes"] == {"stored": 3}
    first, second, third = articles(newsroom)
    assert (first.sources, second.sources, third.sources) == (("news.example",), ("The Example",), ("A", "B"))
    assert first.provenance["text"] == "import rows.jsonl:1"
    assert first.published_from == "import"
    assert first.html.startswith("<p>")
    assert (first.word_count, first.language) == (120, "en")
    assert len(newsroom.json("search", "harbour")["articles"]) == 3
    assert "import rows.jsonl:1" in newsroom.ok("show", "--provenance", first.url)
    assert "imported from rows.jsonl, line 1" in newsroom.ok("explain", first.url)
    named = newsroom.json("import", write(newsroom, row(9), name="more.jsonl"), "--source", "Old  Desk")
    assert named["outcomes"] == {"stored": 1}
    assert articles(newsroom)[-1].sources == ("Old Desk",)


def test_the_same_file_twice_changes_nothing(newsroom: Newsroom) -> None:
    file = write(newsroom, *(row(n) for n in range(5)), row(1), row(1, text="Other words. " * 30), b"no json")
    report = newsroom.json("import", file)
    assert report["outcomes"] == {"stored": 5, "revised": 1}
    assert (report["known"], report["bad"]) == (1, 1)
    before = contents(newsroom.db)
    again = newsroom.json("import", file)
    assert (again["ended"], again["known"], again["bad"]) == (0, 7, 1)
    assert contents(newsroom.db) == before


def test_an_export_goes_in_and_comes_out_the_same(newsroom: Newsroom) -> None:
    told = {
        "html": '<h2>Port &amp; Pier</h2>\n<p>It <b>rained</b> <a href="https://x.example/" rel="noopener noreferrer">'
        "all night</a>.</p>\n<ul><li>One</li><li>Two</li></ul>",
        "text": "Port & Pier\n\nIt rained all night.\n\nOne\nTwo",
        "authors": ["Jo Li", "An; O."],
        "updated": "2020-05-26",
        "published_from": "json-ld",
        "first_seen": "2020-05-25T13:00:00.5Z",
        "fetched": "2020-05-25T14:00:00Z",
        "urls": [f"{SITE}/2020/1", f"{SITE}/2020/1/other-name", "https://elsewhere.example/1"],
        "sources": ["Harbour", "Ferry"],
        "tags": ["sea", "rain"],
        "description": "Rain.",
        "image": "https://img.example/1.jpg",
        "section": "Local",
        "licence": "CC BY",
        "free": False,
        "canonical": "https://wire.example/1",
        "syndicated_from": "https://wire.example/1",
    }
    rows = [
        row(1, **told),
        row(2, published="1895-03-01"),
        row(3, title=None, published=None, text="雨が降った。" * 20),
    ]
    newsroom.ok("import", write(newsroom, *rows))
    newsroom.ok("export", "-o", "first.jsonl")
    newsroom.ok("--db", "second.db", "import", "first.jsonl")
    newsroom.ok("--db", "second.db", "export", "-o", "second.jsonl")
    assert (newsroom.folder / "first.jsonl").read_text() == (newsroom.folder / "second.jsonl").read_text()
    came = [json.loads(line) for line in (newsroom.folder / "second.jsonl").read_text().splitlines()]
    kept = {name: value for name, value in told.items() if name not in ("urls", "sources", "first_seen")}
    assert {name: came[0][name] for name in kept} == kept
    assert came[0]["urls"] == told["urls"][:2]
    assert came[0]["first_seen"] == "2020-05-25T13:00:00.500000Z"
    assert came[0]["sources"] == ["Ferry", "Harbour"]
    assert came[1]["published"] == "1895-03-01"


def test_addresses_of_one_article_meet_as_those_of_crawled_pages_do(newsroom: Newsroom) -> None:
    rows = [
        row(1, urls=[f"{SITE}/amp-of-1"]),
        row(1, url="http://www.news.example/2020/1?utm_source=x"),
        row(1, url=f"{SITE}/amp-of-1"),
        row(1, url=f"{SITE}/elsewhere/1"),
        row(1, url="https://copy.example/1"),
    ]
    report = newsroom.json("import", write(newsroom, *rows))
    assert report["outcomes"] == {"stored": 2, "unchanged": 1, "same_article": 2}
    found = articles(newsroom)
    assert len({article.story_id for article in found}) == 1
    assert len(found) == 2


def test_packed_files_and_standard_input_are_read(newsroom: Newsroom) -> None:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    data = [json.dumps(row(n)).encode() + b"\r\n\r\n" for n in range(5)]
    (newsroom.folder / "a.gz").write_bytes(gzip.compress(data[0]) + gzip.compress(data[4]))
    (newsroom.folder / "b").write_bytes(bz2.compress(data[1]))
    (newsroom.folder / "c.xz").write_bytes(lzma.compress(data[2]) + lzma.compress(b""))
    (newsroom.folder / "d.zst").write_bytes(b"".join(zstd.compress(part) for part in (data[3], b"")))
    assert newsroom.json("import", "a.gz", "b", "c.xz", "d.zst")["outcomes"] == {"stored": 5}
    done = subprocess.run(
        [str(BIN / "cuttings"), "import", "-"],
        cwd=newsroom.folder,
        input=b"\xef\xbb\xbf" + json.dumps(row(8)).encode(),
        capture_output=True,
        check=True,
        timeout=60,
    )
    assert b"1 row: 1 stored" in done.stdout
    assert articles(newsroom)[-1].provenance["text"] == "import standard input:1"


def test_a_damaged_file_gives_what_stands_before(newsroom: Newsroom) -> None:
    noise = random.Random(3)
    rows = [row(n, description=f"{noise.getrandbits(16_000):x}") for n in range(300)]
    whole = b"".join(json.dumps(one_row).encode() + b"\n" for one_row in rows)
    for name, data in (
        ("torn.gz", gzip.compress(whole)),
        ("torn.xz", lzma.compress(whole)),
        ("torn.bz2", bz2.compress(whole)),
    ):
        (newsroom.folder / name).write_bytes(data[: len(data) * 3 // 4])
        said = newsroom.refused("--db", f"{name}.db", "import", name, status=1)
        assert f"{name}: is damaged behind line " in said
        with open_corpus(newsroom.folder / f"{name}.db") as corpus:
            assert 0 < corpus.totals().articles < 300


def test_a_dry_run_tells_and_writes_nothing(newsroom: Newsroom) -> None:
    file = write(newsroom, row(1), row(2), b"{")
    report = newsroom.json("import", "--dry-run", file)
    assert (report["new"], report["known"], report["bad"], report["rows"]) == (2, 0, 1, 3)
    assert not newsroom.db.exists()
    newsroom.ok("import", write(newsroom, row(1), name="one.jsonl"))
    assert "1 of new articles, 1 of known ones, 1 bad" in newsroom.ok("import", "--dry-run", file)


def test_who_cannot_import_is_told_why(newsroom: Newsroom) -> None:
    file = write(newsroom, row(1))
    assert "no such file" in newsroom.refused("import", "missing.jsonl", status=1)
    assert not newsroom.db.exists()
    assert "is a folder" in newsroom.refused("import", ".", status=1)
    newsroom.refused("import", status=2)
    newsroom.refused("import", file, "--source", " ", status=2)
    newsroom.refused("import", "-", "-", status=2)
    assert "name another" in newsroom.refused("import", file, "--rejects", file, status=2)
    with open_corpus(newsroom.db, write=True):
        assert "is writing it" in newsroom.refused("import", file, status=1)
    assert newsroom.run("import", write(newsroom, name="empty.jsonl")).returncode == 0
    assert "no row could be used" in newsroom.refused("import", write(newsroom, b"1", b"a,b", name="b.csv"), status=1)


def test_imported_sources_are_no_trouble(newsroom: Newsroom) -> None:
    newsroom.ok("import", write(newsroom, row(1)))
    assert newsroom.run("status", "--check").returncode == 0
    assert "`cuttings status --all`" in newsroom.ok("status")
    (known,) = newsroom.json("status", "--all")["sources"]
    assert (known["name"], known["health"]) == ("news.example", "imported")
    assert "import" in known["words"]


def test_a_subscription_of_the_same_name_is_another_source(newsroom: Newsroom) -> None:
    file = write(newsroom, row(1))
    newsroom.ok("import", file, "--source", "Harbour")
    newsroom.subscribe({"feed": "http://127.0.0.1:9/feed", "name": "Harbour"})
    newsroom.run("crawl", "--limit", "1")
    assert newsroom.json("import", file, "--source", "Harbour")["known"] == 1
    told = {source["url"]: source["health"] for source in newsroom.json("status", "--all")["sources"]}
    assert told["import:Harbour"] == "imported"
    assert len(told) == 2


def test_what_was_read_is_kept_where_a_later_file_cannot_be(newsroom: Newsroom) -> None:
    file = write(newsroom, row(1))
    (newsroom.folder / "loop").symlink_to("/proc/self/mem")  # opens, and cannot be read
    said = newsroom.refused("import", file, "loop", status=1)
    assert "loop: cannot be read" in said
    assert len(said.splitlines()) == 1
    assert len(articles(newsroom)) == 1


# --- several texts of one article ------------------------------------------------------------------------------------


def texts(newsroom: Newsroom) -> list[str]:
    """The texts of the one article, first to current."""
    with open_corpus(newsroom.db) as corpus:
        (article,) = corpus.articles()
        return [revision.text for revision in corpus.revisions(article.id)]


@pytest.mark.parametrize("column", ["fetched", "updated"])
def test_d13_texts_of_one_article_stand_in_the_order_of_their_time_whatever_that_of_the_rows(
    newsroom: Newsroom, column: str
) -> None:
    orders = list(permutations(range(3)))
    rows = [
        row(number, text=f"Text number {n} of it.", **{column: f"2020-06-0{n + 1}T00:00:00Z"})
        for number, order in enumerate(orders)
        for n in order
    ]
    file = write(newsroom, *rows)
    newsroom.ok("import", file)
    with open_corpus(newsroom.db) as corpus:
        found = [[text.text for text in corpus.revisions(article.id)] for article in corpus.articles()]
    assert [texts[-1] for texts in found] == ["Text number 2 of it."] * len(orders)
    if column == "fetched":  # among earlier texts without a time of fetching the order of the rows counts
        assert found == [[f"Text number {n} of it." for n in range(3)]] * len(orders)
    before = contents(newsroom.db)
    newsroom.ok("import", file)
    assert contents(newsroom.db) == before


def test_d13_without_times_the_later_row_is_the_later_text(newsroom: Newsroom) -> None:
    newsroom.ok("import", write(newsroom, *(row(1, text=f"Text number {n} of it.") for n in range(3))))
    assert texts(newsroom) == [f"Text number {n} of it." for n in range(3)]


def test_an_older_text_never_replaces_one_that_a_crawl_fetched(newsroom: Newsroom) -> None:
    with open_corpus(newsroom.db, write=True) as corpus:
        crawled(corpus, f"{SITE}/2020/1", "What the crawl saw of it.")
    for said, fields in (
        ("older", {"fetched": "2020-01-01T00:00:00Z"}),
        ("ageless", {}),
        ("printed before", {"published": "2019-01-01"}),
    ):
        report = newsroom.json("import", write(newsroom, row(1, text=f"This is {said}.", **fields)))
        assert report["reasons"] == {"revised:older_text": 1}
    assert texts(newsroom)[-1] == "What the crawl saw of it."
    assert len(texts(newsroom)) == 4
    newer = write(newsroom, row(1, text="This is newer.", fetched=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"))
    assert newsroom.json("import", newer)["outcomes"] == {"revised": 1}
    assert texts(newsroom)[-1] == "This is newer."


def crawled(corpus: Any, url: str, text: str) -> None:
    """An article as a crawl of March 2026 would have filed it."""
    from contract.scenes import discovered, discovery, lease_pages

    from crawler.filing import file_cut
    from crawler.messages import Answer, CutPage
    from storage import Article

    at = NOW
    name = url.split("/", 3)[3]
    discovered(corpus, discovery(name, host="news.example", page_key=f"news.example/{name}"), at=at)
    (page,) = lease_pages(corpus, at)
    article = Article("Report 1", text, f"<p>{text}</p>", content_hash="x", provenance={"text": "crawl"})
    with corpus.filing() as filing:
        assert file_cut(filing, CutPage(page, Answer(url, 200), article), at).ending is Ending.STORED


# --- rows that cannot be used ----------------------------------------------------------------------------------------

BAD: list[tuple[bytes, str]] = [
    (b"{", "is no JSON"),
    (b"url,title", "is no JSON"),
    (b"[]", "is a list, not an object"),
    (b"[", "begins a JSON array"),
    (b'"text"', "is a string"),
    (b"null", "is null"),
    (b"1", "is a number"),
    (b"[" * 100_000, "nests too deeply"),
    (b'{"a":' * 100_000, "nests too deeply"),
    (b'{"url": ' + b"9" * 10_000 + b"}", "a number that cannot be read"),
    (b'{"url": "https://a.example/\xff", "text": "x"}', "is no UTF-8 (byte 28)"),
    (b'{"text": "words"}', "has no url"),
    (b'{"url": null, "text": "words"}', "has no url"),
    (b'{"url": 7, "text": "words"}', "a url that is no string"),
    (b'{"url": "javascript:alert(1)", "text": "words"}', "no address of the web: 'javascript:alert(1)'"),
    (b'{"url": "file:///etc/passwd", "text": "words"}', "no address of the web"),
    (b'{"url": "/relative", "text": "words"}', "no address of the web"),
    (b'{"url": "https://me:secret@a.example/", "text": "words"}', "a user name or password in it"),
    (b'{"url": "https://a.example/", "title": "x"}', "has no text"),
    (b'{"url": "https://a.example/", "text": " \\n \\u0000\\ud800 "}', "has no text"),
    (b'{"url": "https://a.example/", "text": 5}', "a text that is no string"),
    (b'{"url": "https://a.example/", "text": ["x"]}', "a text that is no string"),
    (b'{"url": "https://a.example/", "text": {"sections": "x"}}', "a text that is no string"),
    (b'{"url": "https://a.example/", "html": "<script>x</script>"}', "has no text"),
    (b'{"url": "https://a.example/", "html": "<html><body><a href=/>x</a></body></html>"}', "holds no article"),
    (b'{"url": "https://a.example/", "url": "https://b.example/", "text": "x"}', "has url twice"),
]


@pytest.mark.parametrize(("line", "problem"), BAD, ids=[str(n) for n in range(len(BAD))])
def test_s11_a_bad_row_is_told_in_words_that_are_safe(line: bytes, problem: str) -> None:
    read = one(line)
    assert isinstance(read, BadRow), read
    assert problem in read.problem
    assert "secret" not in read.problem
    assert read.problem.isprintable()


def test_bad_rows_are_told_by_their_line_kept_with_the_reason_and_can_be_mended(newsroom: Newsroom) -> None:
    lines: list[dict[str, Any] | bytes] = [row(1), *(line for line, _ in BAD), b"", row(2)]
    report = newsroom.json("import", write(newsroom, *lines), "--rejects", "bad.jsonl")
    assert report["outcomes"] == {"stored": 2}
    assert report["bad"] == len(BAD)
    assert report["rows"] == report["known"] + report["ended"] + report["bad"]
    assert [problem["line"] for problem in report["problems"]] == list(range(2, len(BAD) + 2))
    told = newsroom.run("import", "rows.jsonl")
    assert told.returncode == 0
    assert "rows.jsonl, line 2: is no JSON" in told.stderr
    assert f"and {len(BAD) - 10} more bad rows" in told.stderr
    rejects = (newsroom.folder / "bad.jsonl").read_bytes().splitlines()
    assert len(rejects) == len(BAD)
    no_url = next(line for line in rejects if b"has no url" in line and b"null" not in line)
    assert json.loads(no_url) == {"rejected": "rows.jsonl, line 13: has no url", "text": "words"}
    mended = no_url.replace(b'"text"', b'"url": "https://mended.example/", "text"')
    assert newsroom.json("import", write(newsroom, mended, name="mended.jsonl"))["outcomes"] == {"stored": 1}
    assert newsroom.run("import", "bad.jsonl", "--rejects", "again.jsonl").returncode == 1


def test_what_is_no_object_is_rejected_as_one() -> None:
    made = [rejected("f", Line(3, data), BadRow(3, "is bad")) for data in (b"{}", b'{ "a": 1}', b"a\xff", b"[1]")]
    assert [json.loads(line) for line in made] == [
        {"rejected": "f, line 3: is bad"},
        {"rejected": "f, line 3: is bad", "a": 1},
        {"rejected": "f, line 3: is bad", "raw": "a\\xff"},
        {"rejected": "f, line 3: is bad", "raw": "[1]"},
    ]


def test_s8_a_row_that_costs_too_much_is_bad_and_those_beside_it_are_read() -> None:
    class TightBox:
        """Has no time for the second line."""

        async def run(self, function: Any, order: RowsOrder) -> Any:
            if any(number == 2 for number, _ in order.lines):
                return Overrun("parse_timeout", "took longer than 8 s")
            return function(order)

    lines = tuple(Line(n, json.dumps(row(n)).encode(), is_too_long=n == 4) for n in (1, 2, 3, 4))
    run = _Run(None, (), None, None, True, lambda report: None)
    read = asyncio.run(run._read(TightBox(), _Group("rows.jsonl", lines)))  # type: ignore[arg-type]
    assert [one.line for one in read] == [1, 2, 3, 4]
    assert [one.problem for one in read if isinstance(one, BadRow)] == [
        "cannot be read: took longer than 8 s",
        "is longer than 8 MiB",
    ]


def test_s8_a_line_without_end_is_told_and_the_next_is_read(newsroom: Newsroom) -> None:
    huge = json.dumps(row(1, text="x" * 50_000_000)).encode()
    report = newsroom.json("import", write(newsroom, huge, row(2)), "--rejects", "bad.jsonl")
    assert (report["outcomes"], report["bad"]) == ({"stored": 1}, 1)
    assert report["problems"][0]["problem"] == "is longer than 8 MiB"
    assert (newsroom.folder / "bad.jsonl").stat().st_size < 5_000


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("published", "9999-01-01", "is in the future"),
        ("published", "2027-01-01T00:00:00Z", "is in the future"),
        ("published", "0001-01-01", "is before the first newspaper"),
        ("published", "yesterday", "is no date"),
        ("published", "1970-01-01T00:00:00Z", "is the zero of clocks"),
        ("published", 1e300, "is no date"),
        ("published", True, "is no date"),
        ("published", {"day": 1}, "is no date"),
        ("updated", "2020-13-45", "is no date"),
        ("fetched", "1895-01-01", "is before the web"),
        ("first_seen", "9999-12-31T23:59:59-14:00", "is no date"),
        ("title", 5, "is no string"),
        ("authors", 5, "is no list of strings"),
        ("tags", [5], "is no string"),
        ("image", "javascript:alert(1)", "is no address of the web"),
        ("free", "yes", "is neither true nor false"),
    ],
)
def test_a_field_that_cannot_be_is_left_out_and_told(column: str, value: Any, why: str) -> None:
    read = good(**{column: value})
    assert [remark.split("'")[0] for remark in read.remarks] == [f"{column} "]
    assert f"{why}; kept without it" in read.remarks[0]
    assert not getattr(read if column in ("fetched", "first_seen") else read.article, column)


@pytest.mark.parametrize(
    ("value", "meant"),
    [
        ("1895-03-01", "1895-03-01"),
        ("2020-05-25T12:00:00+02:00", "2020-05-25T10:00:00+00:00"),
        ("2020-05-25 12:00:00", "2020-05-25"),
        ("Mon, 25 May 2020 12:00:00 GMT", "2020-05-25T12:00:00+00:00"),
        ("25. Mai 2020", "2020-05-25"),
        (1590408000, "2020-05-25T12:00:00+00:00"),
        ("1590408000000", "2020-05-25T12:00:00+00:00"),
        ("1970-01-01", "1970-01-01"),
    ],
)
def test_dates_are_read_as_they_are_written(value: Any, meant: str) -> None:
    read = good(published=value)
    assert read.article.published is not None
    assert read.article.published.isoformat() == meant
    assert read.remarks == ()


@pytest.mark.parametrize("nothing", ["", " ", "None", "null", "NaT", None])
def test_what_tools_write_for_nothing_is_nothing(nothing: Any) -> None:
    read = good(published=nothing, updated=nothing, authors=nothing, image=nothing, language=nothing)
    assert (read.remarks, read.article.published, read.article.authors) == ((), None, ())
    assert read.article.language == "en"


# --- text and HTML ---------------------------------------------------------------------------------------------------


def test_text_is_made_as_that_of_a_page() -> None:
    assert good(text="One\u0000 two.\r\n \r\n\x07Three\u2028four.").article.text == "One two.\n\nThree\nfour."
    assert good(text="One.\nTwo <b>.").article.html == "<p>One.</p>\n<p>Two &lt;b&gt;.</p>"
    headed = good(title="It rained", text="It rained\nAll night long.").article
    assert (headed.text, headed.html) == ("All night long.", "<p>All night long.</p>")


def test_s11_html_is_made_safe_and_gives_the_text_where_there_is_none() -> None:
    markup = (
        "<div onclick=x()><div>One <script>alert(1)</script>two.</div><div><img src=x onerror=y> Three</div>"
        "<iframe src=//evil.example></iframe><p><a href='javascript:x'>four</a> <a href='/five'>five</a></p></div>"
    )
    article = good(text=None, html=markup).article
    assert article.text == "One two.\n\nThree\n\nfour five"
    assert article.html.count("<p>") == 3
    for evil in ("script", "onclick", "onerror", "javascript", "iframe", "<div"):
        assert evil not in article.html
    assert f'href="{SITE}/five"' in article.html


def test_a_whole_page_is_cut_and_the_text_of_its_row_goes_before_it() -> None:
    page = "<!DOCTYPE html><html><body><nav>Menu</nav><article><h1>Rain</h1>" + "".join(
        f"<p>{part}</p>" for part in story(200, 3)
    )
    cut = good(text=None, html=page).article
    assert "Menu" not in cut.text
    assert cut.word_count == 200
    assert cut.provenance["text"].startswith("import rows.jsonl:7; ")
    assert good(text="Only this.", html=page).article.html == "<p>Only this.</p>"


def test_s8_html_that_nests_without_end_is_no_trouble() -> None:
    for markup in ("<b>" * 100_000 + "x", "<blockquote>" * 100_000 + "x", "<p>" * 200_000, "<a<br>" * 100_000):
        read = one(row(text=None, html=markup))
        assert isinstance(read, BadRow) or len(read.article.text) < 10_000


# --- what other tools write ------------------------------------------------------------------------------------------


def test_what_trafilatura_writes_is_read() -> None:
    import trafilatura

    page = (
        "<html><head><title>Rain</title><meta name='author' content='Jo Li; An Oh'><meta name='date' "
        "content='2020-05-25'></head><body><article>"
        + "".join(f"<p>{part}</p>" for part in story(200, 3))
        + "</article></body></html>"
    )
    written = trafilatura.extract(page, url=f"{SITE}/rain", output_format="json", with_metadata=True)
    assert written is not None
    read = one(written)
    assert isinstance(read, ReadRow)
    assert read.url == f"{SITE}/rain"
    assert read.article.authors == ("Jo Li", "An Oh")
    assert str(read.article.published) == "2020-05-25"
    assert read.article.word_count == 200
    assert read.article.text.count("\n\n") == 4


def test_what_news_please_writes_is_read() -> None:
    read = one(
        {
            "authors": ["Jo Li"],
            "date_download": "2020-05-26 08:00:00",
            "date_modify": "None",
            "date_publish": "2020-05-25 06:00:00",
            "description": "Wet.",
            "filename": "x.json",
            "image_url": "https://img.example/1.jpg",
            "language": "en",
            "localpath": None,
            "source_domain": "news.example",
            "maintext": "It rained.\nAll night.",
            "title": "Rain",
            "title_page": None,
            "title_rss": None,
            "url": f"{SITE}/rain",
        }
    )
    assert isinstance(read, ReadRow)
    assert (read.remarks, read.sources, str(read.article.published)) == ((), ("news.example",), "2020-05-25")
    assert read.fetched == datetime(2020, 5, 26, 8, tzinfo=UTC)
    assert read.article.text == "It rained.\n\nAll night."
    assert read.article.image == "https://img.example/1.jpg"


def test_what_fundus_writes_is_read() -> None:
    html = {"requested_url": f"{SITE}/r", "responded_url": f"{SITE}/rain", "content": "<html>x</html>"}
    read = one(
        {
            "title": "Rain",
            "body": {
                "summary": ["Wet."],
                "sections": [{"headline": ["Night"], "paragraphs": ["It rained.", "A lot."]}],
            },
            "authors": ["Jo Li"],
            "publishing_date": "2020-05-25 06:00:00+02:00",
            "topics": ["Weather"],
            "free_access": True,
            "lang": "en",
            "html": {**html, "crawl_date": "2020-05-26 08:00:00"},
        }
    )
    assert isinstance(read, ReadRow)
    assert (read.url, read.remarks) == (f"{SITE}/rain", ())
    assert read.article.text == "Wet.\n\nNight\n\nIt rained.\n\nA lot."
    assert (read.article.tags, read.article.free, read.article.language) == (("Weather",), True, "en")
    assert str(read.article.published) == "2020-05-25 04:00:00+00:00"


# --- killed, stopped, large ------------------------------------------------------------------------------------------


def contents(db: Path) -> dict[str, object]:
    """All that a corpus holds, without the times of our own clock."""
    with open_corpus(db) as corpus:
        told = {}
        for article in corpus.articles():
            texts = [(text.number, text.title, text.text) for text in corpus.revisions(article.id)]
            explained = corpus.explain(article.url.split("://")[1])
            sightings = explained and len(explained.sightings)
            attempts = explained and [attempt.outcome for attempt in explained.attempts]
            kept = {k: v for k, v in record(article).items() if k not in ("first_seen", "fetched")}
            told[article.url] = (kept, texts, sightings, attempts)
        totals = corpus.totals()
        return {**told, "": (totals.articles, totals.revisions, totals.entries, totals.sightings, totals.pages)}


def filed(db: Path) -> int:
    """Rows that were filed so far; each left an entry."""
    if not db.exists():
        return 0
    try:
        with open_corpus(db) as corpus:
            return corpus.totals().entries
    except StorageError:  # it is being made
        return 0


def test_d9_r1_killed_anywhere_and_run_again_it_ends_with_the_same_corpus(newsroom: Newsroom) -> None:
    rows = [row(n % 350, text=" ".join(story(60, n))) for n in range(800)]
    file = write(newsroom, *rows)
    newsroom.ok("--db", "whole.db", "import", file)
    for rows_filed in sorted(random.Random().sample(range(800), 4)):
        process = newsroom.start("import", file)
        while process.poll() is None and filed(newsroom.db) < rows_filed:
            time.sleep(0.01)
        time.sleep(random.Random().uniform(0, 0.1))
        process.kill()
        process.communicate()
    report = newsroom.json("import", file)
    assert report["known"] + report["ended"] == 800
    assert contents(newsroom.db) == contents(newsroom.folder / "whole.db")
    assert (
        newsroom.json("search", "harbour", "--limit", "1")["total"]
        == newsroom.json("--db", "whole.db", "search", "harbour", "--limit", "1")["total"]
    )


def _heeds(pid: int, number: signal.Signals) -> bool:
    """Whether a process has set something up for a signal; taken for granted where the kernel does not tell."""
    status = Path(f"/proc/{pid}/status")
    caught = re.search(r"^SigCgt:\s*([0-9a-f]+)", status.read_text(), re.M) if status.exists() else None
    return caught is None or bool(int(caught[1], 16) >> (number - 1) & 1)


def test_stopped_it_says_so_also_while_standard_input_says_nothing(newsroom: Newsroom) -> None:
    process = newsroom.start("import", "-", stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(json.dumps(row(1)) + "\n")
    process.stdin.flush()
    deadline = time.monotonic() + 60
    while not _heeds(process.pid, signal.SIGTERM) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=30) == 0
    assert process.stderr is not None
    assert process.stderr.read().strip() == "Stopped early: the same command goes on from here"
    process.stdin.close()
    assert process.stdout is not None
    process.stdout.close()
    process.stderr.close()


PEAK = """
import resource, sys
from crawler.cli import main
try:
    main()
finally:
    print("peak", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
"""


def peak_mb(newsroom: Newsroom, file: str) -> int:
    """What the process that imports, not its workers, takes at most."""
    done = subprocess.run(
        [sys.executable, "-c", PEAK, "--db", f"{file}.db", "import", file],
        cwd=newsroom.folder,
        capture_output=True,
        text=True,
        timeout=1800,
        check=True,
    )
    return int(done.stderr.rsplit("peak", 1)[1])


@pytest.mark.soak
def test_r9_memory_is_flat_over_a_hundred_thousand_rows(newsroom: Newsroom) -> None:
    text = "\n\n".join(story(300, 5))
    for name, count in (("few.jsonl", 5_000), ("many.jsonl", 100_000)):
        with (newsroom.folder / name).open("w") as out:
            for number in range(count):
                out.write(json.dumps(row(number, text=f"{number} {text}")) + "\n")
    few, many = peak_mb(newsroom, "few.jsonl"), peak_mb(newsroom, "many.jsonl")
    print(f"5,000 rows {few} MB, 100,000 rows {many} MB")
    assert many < few + 40


def test_a_bomb_of_one_line_takes_no_memory(newsroom: Newsroom) -> None:
    with gzip.open(newsroom.folder / "bomb.gz", "wb", compresslevel=1) as out:
        out.write(b'{"url": "https://a.example/", "text": "')
        for _ in range(300):
            out.write(b"x" * 1_000_000)
        out.write(b'"}\n' + json.dumps(row(1)).encode())
    few = write(newsroom, row(1))
    assert peak_mb(newsroom, "bomb.gz") < peak_mb(newsroom, few) + 40
