"""Raw pages in the archive: what points to them is never ahead of them, and texts can be cut from them again (C14)."""

from __future__ import annotations

import gzip
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from contract.conftest import Opener
from contract.scenes import NOW, STORED, article, discovered, discovery, lease_pages

from storage import (
    CaptureLost,
    Corpus,
    Discovery,
    DuePage,
    Ending,
    Entry,
    Outcome,
    RawAnswer,
    Source,
    Visit,
)

LATER = NOW + timedelta(hours=2)


def answer(body: bytes = b"<p>The ferry was late.</p>", **more: object) -> RawAnswer:
    values = {"url": "https://harbour.example/ferry", "at": NOW, "status": 200, "reason": "OK"}
    headers = (("Content-Type", "text/html"), ("X-Note", "a"), ("X-Note", "b"), ("Set-Cookie", "session=secret"))
    return RawAnswer(**{**values, "headers": headers, "body": body, **more})  # type: ignore[arg-type]


@pytest.fixture
def page(corpus: Corpus) -> DuePage:
    discovered(corpus, discovery("ferry"))
    (page,) = lease_pages(corpus)
    return page


def stored(corpus: Corpus, page: DuePage, text: str = "The ferry was late.") -> int:
    with corpus.filing() as filing:
        filing.add_capture(page.id, answer())
        article_id = filing.add_article(page.id, article(text), (), NOW)
        filing.end_page(Visit(page.id, NOW, STORED, page.url, 200, 1000), article_id)
    return article_id


def test_c14_a_raw_answer_comes_back_as_it_was_without_its_cookies(corpus: Corpus, page: DuePage) -> None:
    stored(corpus, page)
    (raw,) = corpus.raw_pages(0, 10)
    back = corpus.raw(raw.capture)
    assert (back.status, back.reason, back.body, back.at) == (200, "OK", answer().body, NOW)
    assert back.headers == answer().headers[:3]
    assert (raw.stands, raw.revision, raw.page.id) == ("current", 1, page.id)


def test_c14_what_was_rolled_back_leaves_nothing(corpus: Corpus, page: DuePage) -> None:
    def fail() -> None:
        with corpus.filing() as filing:
            filing.add_capture(page.id, answer())
            raise ZeroDivisionError

    stored(corpus, page)
    before = corpus.archive_files()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert corpus.archive_files() == before


def test_c14_a_torn_end_is_cut_off_and_whole_records_are_kept(
    opened: Opener, corpus: Corpus, page: DuePage, tmp_path: Path
) -> None:
    stored(corpus, page)
    corpus.close()
    (file,) = tmp_path.glob("*.warc/*")
    sound = file.read_bytes()
    extra = gzip.compress(b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 2\r\n\r\nok\r\n\r\n")
    file.write_bytes(sound + extra + sound[:100])
    again = opened(write=True)
    with again.filing() as filing:
        capture = filing.add_capture(page.id, answer(b"second"))
    assert (capture.file, capture.offset) == (file.name, len(sound) + len(extra))
    assert file.read_bytes().startswith(sound + extra)
    assert again.raw(capture).body == b"second"


def test_c14_a_file_shorter_than_the_corpus_says_is_left_alone(
    opened: Opener, corpus: Corpus, page: DuePage, tmp_path: Path
) -> None:
    stored(corpus, page)
    (raw,) = corpus.raw_pages(0, 10)
    corpus.close()
    (file,) = tmp_path.glob("*.warc/*")
    file.write_bytes(file.read_bytes()[:-20])
    again = opened(write=True)
    with again.filing() as filing:
        capture = filing.add_capture(page.id, answer())
    assert capture.file > file.name
    assert again.raw(capture).body == answer().body
    with pytest.raises(CaptureLost, match=r"byte \d+: "):
        again.raw(raw.capture)


def test_c14_a_text_cut_again_is_no_revision(corpus: Corpus, page: DuePage) -> None:
    article_id = stored(corpus, page)
    corpus.index()
    with corpus.filing() as filing:
        filing.recut_article(article_id, 1, article("A clean text about gannets.", title="Clean"), LATER)
    found = corpus.article(article_id)
    assert found is not None
    assert (found.title, found.revision, found.fetched, len(corpus.revisions(article_id))) == ("Clean", 1, NOW, 1)
    assert corpus.index() == 0
    assert [each.id for each in corpus.search("gannets")] == [article_id]
    assert corpus.count("late") == 0


def test_c14_former_texts_are_known_by_their_own_captures(corpus: Corpus, page: DuePage) -> None:
    article_id = stored(corpus, page)
    with corpus.filing() as filing:
        filing.add_capture(page.id, answer(b"new", at=LATER))
        filing.revise_article(article_id, article("The ferry was cancelled."), (), LATER)
        filing.end_page(Visit(page.id, LATER, Outcome(Ending.REVISED), page.url, 200), article_id)
    standing = [(raw.stands, raw.revision, raw.before and raw.before.text) for raw in corpus.raw_pages(0, 10)]
    assert standing == [("former", 1, "The ferry was late."), ("current", 2, "The ferry was cancelled.")]
    with corpus.filing() as filing:
        filing.recut_article(article_id, 1, article("It was late."), LATER)
    assert [text.text for text in corpus.revisions(article_id)] == ["It was late.", "The ferry was cancelled."]


def test_c14_an_unchanged_visit_serves_where_the_first_is_gone(corpus: Corpus, page: DuePage) -> None:
    article_id = stored(corpus, page)
    assert corpus.prune_archive([file.name for file in corpus.archive_files()]) == 1
    assert corpus.raw_pages(0, 10) == []
    assert corpus.articles_without_raw_page() == {"Harbour": 1}
    with corpus.filing() as filing:
        filing.add_capture(page.id, answer(at=LATER))
        filing.confirm_article(article_id, (), LATER)
        filing.end_page(Visit(page.id, LATER, Outcome(Ending.UNCHANGED), page.url, 200), article_id)
    assert [raw.stands for raw in corpus.raw_pages(0, 10)] == ["current"]
    assert corpus.article(article_id) is not None


def test_c14_explain_and_totals_know_the_archive(corpus: Corpus, page: DuePage) -> None:
    stored(corpus, page)
    explanation = corpus.explain(page.key)
    assert explanation is not None
    (capture,) = explanation.captures
    (file,) = corpus.archive_files()
    assert (capture.file, file.captures, file.last) == (file.name, 1, NOW)
    assert corpus.totals().archive_bytes == file.size_bytes > 0


def test_c14_a_page_that_brings_its_bytes_is_taken_once(corpus: Corpus) -> None:
    file = Source("news.warc.gz", "feed", "warc:news.warc.gz")
    found = Discovery(Entry("a.example/1", "https://a.example/1"), "https://a.example/1", "a.example/1", "a.example")
    for expected in (True, False):
        with corpus.filing() as filing:
            page = filing.bring_page(file, found, NOW)
            assert (page is not None) is expected
            if page is not None:
                article_id = filing.add_article(page.id, article(), (), NOW)
                filing.end_page(Visit(page.id, NOW, STORED, page.url, 200), article_id)
    assert corpus.settled(["a.example/1", "a.example/2"]) == {"a.example/1"}
    (status,) = corpus.status()
    assert (status.name, status.enabled, status.articles) == ("news.warc.gz", False, 1)
    assert corpus.lease_feeds(NOW, 10, 60.0) == []


def test_c14_warcio_fastwarc_and_gzip_read_what_was_written(corpus: Corpus, page: DuePage, tmp_path: Path) -> None:
    packed = gzip.compress(b"<p>packed</p>")
    with corpus.filing() as filing:
        filing.add_capture(page.id, answer())
        filing.add_capture(page.id, answer(packed, headers=(("Content-Encoding", "gzip"),)))
    (file,) = tmp_path.glob("*.warc/*")
    data = file.read_bytes()
    assert gzip.decompress(data).count(b"WARC/1.1\r\n") == 3
    from warcio.archiveiterator import ArchiveIterator

    records = []
    for each in ArchiveIterator(BytesIO(data), check_digests="raise", arc2warc=False):
        records.append((each.rec_type, each.content_stream().read()))
    assert [kind for kind, _ in records] == ["warcinfo", "response", "response"]
    assert [body for _, body in records[1:]] == [answer().body, b"<p>packed</p>"]
    from fastwarc.warc import ArchiveIterator as FastIterator

    responses = [
        record for record in FastIterator(BytesIO(data), parse_http=False) if "WARC-Target-URI" in record.headers
    ]
    assert len(responses) == 2
    assert all(record.headers["WARC-Date"] == "2026-03-01T12:00:00.000000Z" for record in responses)
    verified = [record for record in FastIterator(BytesIO(data), parse_http=False) if record.verify_block_digest()]
    assert len(verified) == 2


def test_c14_the_page_of_a_current_text_is_known_and_comes_byte_by_byte(
    corpus: Corpus, page: DuePage, tmp_path: Path
) -> None:
    article_id = stored(corpus, page)
    first = corpus.captures([article_id, article_id + 100])[article_id]
    (file,) = tmp_path.glob("*.warc/*")
    assert corpus.raw_record(first) == file.read_bytes()[first.offset :]
    with corpus.filing() as filing:
        filing.revise_article(article_id, article("The ferry came."), (), LATER)
    assert corpus.captures([article_id]) == {}, "what is kept is the page of the former text"
    with corpus.filing() as filing:
        second = filing.add_capture(page.id, answer(b"<p>The ferry came.</p>", at=LATER))
    assert corpus.captures([article_id]) == {article_id: second}
    file.write_bytes(file.read_bytes()[:-20])
    with pytest.raises(CaptureLost, match=r"byte \d+: "):
        corpus.raw_record(second)


def test_where_the_corpus_stands_tells_one_state_and_one_corpus_from_others(corpus: Corpus, page: DuePage) -> None:
    assert corpus.select().position.seq == 0
    article_id = stored(corpus, page)
    before = corpus.select()
    assert (list(before.ids), before.position.at) == ([article_id], NOW)
    assert (before.position.newest_id, before.position.newest_url) == (article_id, page.url)
    corpus.index()
    assert corpus.select("ferry") == before
    with corpus.filing() as filing:
        filing.revise_article(article_id, article("The ferry came."), (), LATER)
    assert corpus.select("ferry").position.seq == before.position.seq, "search does not know the new text yet"
    after = corpus.select().position
    assert (after.seq > before.position.seq, after.at, after.newest_id) == (True, LATER, article_id)
