"""Articles as Parquet and Markdown: whole, typed, and harmless whatever is in them."""

from __future__ import annotations

import io
import re
import tracemalloc
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from lxml import etree
from newsroom import Newsroom
from pressroom import copied
from ruamel.yaml import YAML
from test_export import ARTICLE, NOON

from storage import StoredArticle, open_corpus, record, write_epub, write_markdown, write_parquet
from storage.export import COLUMNS
from storage.exports import markdown_name

HOSTILE = "--- \n--- \x00: 'a' \"b\" # & * [x](javascript:y) <script>z</script> \ud800 \u2028 \u202e"
NASTY = replace(ARTICLE, title=HOSTILE, description=HOSTILE, authors=(HOSTILE,), tags=(HOSTILE, "null", "1"))


def front_matter(text: str) -> dict[str, object]:
    """What YAML makes of the front matter, which must end where it should."""
    _, front, _ = text.split("---\n", 2)
    found: dict[str, object] = YAML(typ="safe").load(front)
    return found


def test_parquet_has_every_column_with_its_type() -> None:
    pa = pytest.importorskip("pyarrow", reason="pyarrow is missing; it is of the extra `parquet`")
    import pyarrow.parquet as pq

    stream = io.BytesIO()
    timed = replace(ARTICLE, published=datetime(2026, 1, 30, 8, 30, tzinfo=UTC), updated=date(2026, 1, 31))
    assert write_parquet([ARTICLE, timed, NASTY], stream) == 3
    table = pq.read_table(io.BytesIO(stream.getvalue()))
    assert set(COLUMNS) < set(table.column_names)
    assert table.schema.field("published").type == pa.timestamp("us", tz="UTC")
    assert table.schema.field("authors").type == pa.list_(pa.string())
    first, second, nasty = table.to_pylist()
    assert (first["published"], first["published_is_day"]) == (datetime(2026, 1, 30, tzinfo=UTC), True)
    assert (second["published"], second["published_is_day"]) == (timed.published, False)
    assert (first["updated"], first["updated_is_day"], second["updated_is_day"]) == (None, None, True)
    assert first["fetched"] == NOON
    assert first["authors"] == list(ARTICLE.authors)
    for name in ("title", "description", "tags"):
        assert nasty[name] == record(NASTY)[name]


def test_the_same_articles_give_the_same_parquet() -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is missing; it is of the extra `parquet`")
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        write_parquet([ARTICLE, NASTY], stream)
    assert first.getvalue() == second.getvalue()


def test_markdown_has_front_matter_and_a_clean_text(tmp_path: Path) -> None:
    html = "<p>The <em>harbour</em> reopened.</p><ul><li>Ships <a href='https://x.example/'>came</a>.</li></ul>"
    assert write_markdown([replace(ARTICLE, html=html)], tmp_path) == 1
    (file,) = tmp_path.iterdir()
    assert file.name == "2026-01-30-harbour-reopens-7.md"
    text = file.read_text(encoding="utf-8")
    found = front_matter(text)
    assert (found["id"], found["title"], found["authors"]) == (7, "Harbour reopens", ["Ada Example", "Bo Sample"])
    assert "updated" not in found
    body = text.split("---\n", 2)[2]
    assert body.startswith("\n# Harbour reopens\n\nThe *harbour* reopened.\n\n- Ships [came](https://x.example/).")


def test_no_title_ends_the_front_matter_or_leaves_the_folder(tmp_path: Path) -> None:
    names = ["../../etc/passwd", "CON", "a" * 500, "", ".", "…", HOSTILE, "naïve Æsop", "日本"]
    articles = [replace(NASTY, id=number, title=name) for number, name in enumerate(names, 1)]
    assert write_markdown(articles, tmp_path) == len(names)
    files = sorted(tmp_path.iterdir())
    assert len(files) == len(names)
    for file in files:
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z0-9]+)*-[0-9]+\.md", file.name), file.name
        found = front_matter(file.read_text(encoding="utf-8"))
        assert found["tags"] == record(NASTY)["tags"]
        number = found["id"]
        assert isinstance(number, int)
        assert found.get("title", "") == record(articles[number - 1])["title"]
    assert markdown_name(articles[7]).startswith("2026-01-30-naive-sop")


def test_what_would_be_markup_is_text(tmp_path: Path) -> None:
    html = "<p># no heading *no emphasis* [no](javascript:link) `no code` &lt;script&gt;</p>"
    write_markdown([replace(ARTICLE, html=html)], tmp_path)
    body = next(tmp_path.iterdir()).read_text(encoding="utf-8").split("---\n", 2)[2]
    assert "\\*no emphasis\\*" in body
    assert "\\# no heading" in body
    assert "\\[no\\]" in body
    assert "<script>" not in body.replace("\\<script", "")


def test_elements_within_elements_without_end_are_written_as_text(tmp_path: Path) -> None:
    write_markdown([replace(ARTICLE, html="<blockquote>" * 5_000 + "x", text="The harbour.")], tmp_path)
    assert "The harbour." in next(tmp_path.iterdir()).read_text(encoding="utf-8")


def test_memory_stays_flat(tmp_path: Path) -> None:
    def many(count: int) -> Iterator[StoredArticle]:
        for number in range(count):
            yield replace(ARTICLE, id=number, text=f"{number} {'x' * 2_000}", html=f"<p>{number} {'x' * 2_000}</p>")

    write_markdown(many(50), tmp_path)
    tracemalloc.start()
    write_markdown(many(600), tmp_path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1 << 20, peak


@pytest.mark.xdist_group("press")
def test_the_command_writes_whole_files_and_folders_or_none(press_db: Path, tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.db.parent.mkdir(exist_ok=True)
    copied(press_db, tmp_path)
    room.ok("export", "-o", "all.parquet")
    room.ok("export", "libya", "-o", "libya.epub")
    assert zipfile.is_zipfile(tmp_path / "libya.epub")
    room.ok("export", "libya", "--format", "markdown", "-o", "notes")
    with open_corpus(room.db) as corpus:
        wanted = {markdown_name(article) for article in corpus.articles("libya")}
    assert {file.name for file in (tmp_path / "notes").iterdir()} == wanted
    assert (tmp_path / "all.parquet").read_bytes()[:4] == b"PAR1"
    assert "is there already" in room.refused("export", "--format", "markdown", "-o", "notes", status=1)
    assert "--output" in room.refused("export", "--format", "markdown", status=2)
    assert "is a folder" in room.refused("export", "-o", "notes", status=1)
    assert "no format has the ending .PDF" in room.refused("export", "-o", "all.PDF", status=2)
    assert "no format has the ending .gz" in room.refused("export", "-o", "all.jsonl.gz", status=2)
    room.ok("export", "libya", "--format", "jsonl", "-o", "all.md")
    (tmp_path / "empty").mkdir()
    room.ok("export", "--format", "markdown", "-o", "empty")
    assert not list(tmp_path.glob("*.part"))


def test_a_book_is_an_epub_whose_every_part_is_well_formed() -> None:
    later = replace(ARTICLE, id=9, title="Später", language="de", published=date(2026, 2, 1), fetched=NOON)
    html = "<p>a<br>b &nbsp; <img src='https://x.example/i.png'><a href='javascript:x'>c</a></p><script>x</script>"
    nasty = replace(NASTY, id=8, html=html + HOSTILE + "<b>never closed")
    first, second = io.BytesIO(), io.BytesIO()
    for stream in (first, second):
        assert write_epub([later, ARTICLE, nasty], stream, 'ferry "<&') == 3
    assert first.getvalue() == second.getvalue()
    with zipfile.ZipFile(first) as book:
        assert book.testzip() is None
        info = book.infolist()[0]
        assert (info.filename, info.compress_type, book.read(info)) == ("mimetype", 0, b"application/epub+zip")
        parts = {name: book.read(name) for name in book.namelist()}
    trees = {name: etree.fromstring(data) for name, data in parts.items() if name.endswith(("xhtml", "opf", "xml"))}
    package = trees["book/book.opf"]
    names = {"opf": "http://www.idpf.org/2007/opf", "x": "http://www.w3.org/1999/xhtml"}
    manifest = {str(item.get("id")): str(item.get("href")) for item in package.iterfind(".//opf:item", names)}
    assert {f"book/{href}" for href in manifest.values()} <= set(parts)
    spine = [manifest[str(item.get("idref"))] for item in package.iterfind(".//opf:itemref", names)]
    assert spine == ["contents.xhtml", "a7.xhtml", "a8.xhtml", "a9.xhtml"]
    listed = [link.get("href") for link in trees["book/contents.xhtml"].iterfind(".//x:nav//x:a", names)]
    assert listed == spine[1:]
    for unwanted in (b"<script", b"<img", b"javascript:x'"):
        assert unwanted not in parts["book/a8.xhtml"]
    assert trees["book/a9.xhtml"].get("lang") == "de"


def test_a_book_of_nothing_is_one_too() -> None:
    stream = io.BytesIO()
    assert write_epub([], stream, "") == 0
    with zipfile.ZipFile(stream) as book:
        etree.fromstring(book.read("book/book.opf"))
        etree.fromstring(book.read("book/contents.xhtml"))


@pytest.mark.xdist_group("press")
def test_no_export_takes_the_place_of_the_corpus_or_of_the_subscriptions(press_db: Path, tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    copied(press_db, tmp_path)
    room.subscribe("http://127.0.0.1/feed")
    (tmp_path / "link.jsonl").symlink_to("cuttings.db")
    before = {path: path.read_bytes() for path in (room.db, tmp_path / "feeds.yaml")}
    for name in ("cuttings.db", "./cuttings-index.db", "cuttings.db-wal", "cuttings.warc/new", "link.jsonl"):
        assert "belongs to the corpus" in room.refused("export", "-o", name, status=2)
    assert "belongs to the corpus" in room.refused("export", "--continue", "cuttings.db.lock", status=2)
    assert "belongs to the corpus" in room.refused("opml", "export", "cuttings.db", status=2)
    assert "is the list of subscriptions" in room.refused("export", "-o", "feeds.yaml", status=2)
    assert {path: path.read_bytes() for path in before} == before
