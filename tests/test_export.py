"""Articles leave the corpus as records that any program reads and no spreadsheet or terminal obeys."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import (
    SNIPPET_END,
    SNIPPET_START,
    Attempt,
    Ending,
    Explanation,
    FeedStatus,
    Outcome,
    Revision,
    Sighting,
    SourceStatus,
    StoredArticle,
    Totals,
    explanation_record,
    record,
    revision_record,
    status_record,
    totals_record,
    write_csv,
    write_jsonl,
)
from storage.export import COLUMNS, json_line

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
ARTICLE = StoredArticle(
    id=7,
    url="https://paper.example/a",
    urls=("https://paper.example/a", "https://paper.example/amp/a"),
    title="Harbour reopens",
    text="The harbour reopened.\n\nShips came.",
    html="<p>The harbour reopened.</p>",
    authors=("Ada Example", "Bo Sample"),
    published=date(2026, 1, 30),
    published_from="meta",
    updated=None,
    first_seen=NOON,
    fetched=NOON.astimezone(timezone(timedelta(hours=5))),
    language="en",
    site="paper.example",
    sources=("Paper",),
    tags=(),
    description=None,
    image=None,
    word_count=5,
    content_hash="ab" * 32,
    story_id=7,
    copies=1,
    revision=1,
)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=40)  # lone surrogates included


def csv_rows(*articles: StoredArticle) -> list[dict[str, str]]:
    stream = io.StringIO(newline="")
    assert write_csv(articles, stream) == len(articles)
    stream.seek(0)
    return list(csv.DictReader(stream))


def test_a_record_has_the_documented_keys_in_their_order() -> None:
    assert tuple(record(ARTICLE)) == COLUMNS
    assert ",".join(COLUMNS) == (
        "id,url,urls,title,text,html,authors,published,published_from,updated,first_seen,fetched,language,site,"
        "sources,tags,description,image,word_count,content_hash,story_id,copies,revision,change,gone,"
        "section,licence,free,canonical,syndicated_from"
    )


def test_times_are_utc_a_day_stays_a_day_and_missing_is_null() -> None:
    found = record(ARTICLE)
    assert found["published"] == "2026-01-30"
    assert found["first_seen"] == found["fetched"] == "2026-01-31T12:00:00Z"
    assert found["updated"] is None
    assert found["description"] is None
    assert record(replace(ARTICLE, published=NOON.replace(microsecond=5)))["published"] == "2026-01-31T12:00:00.000005Z"


def test_a_search_adds_a_plain_snippet_and_its_score() -> None:
    found = record(replace(ARTICLE, snippet=f"the {SNIPPET_START}harbour{SNIPPET_END} again", score=1.5))
    assert tuple(found) == (*COLUMNS, "snippet", "score")
    assert found["snippet"] == "the harbour again"
    assert found["score"] == 1.5


def test_jsonl_is_one_object_a_line() -> None:
    stream = io.StringIO()
    assert write_jsonl([ARTICLE, replace(ARTICLE, id=8, text="a\u2028b\x85c\x0bd")], stream) == 2
    lines = stream.getvalue().splitlines()  # splits at more than LF, as many readers do
    assert [json.loads(line)["id"] for line in lines] == [7, 8]
    assert json.loads(lines[1])["text"] == "a\u2028b\x85c\x0bd"


@given(ANY_TEXT)
def test_json_is_valid_whatever_the_text(text: str) -> None:
    line = json_line(record(replace(ARTICLE, title=text, authors=(text,), text=text)))
    loaded = json.loads(line.encode())
    assert len(line.splitlines()) == 1
    if not any("\ud800" <= character <= "\udfff" for character in text):
        assert loaded["title"] == text
    assert "\\ud" not in line.lower().replace("\\\\", "")


def test_s15_no_control_or_direction_character_leaves_as_itself() -> None:
    """S15: neither CSV nor JSON Lines carries what a terminal would obey."""
    hostile = "".join(map(chr, [*range(32), *range(127, 160), 0x202E, 0x2066, 0x200F, 0xFEFF])) + "end"
    stream = io.StringIO()
    write_jsonl([replace(ARTICLE, title=hostile)], stream)
    write_csv([replace(ARTICLE, title=hostile)], stream)
    assert set(hostile) & set(stream.getvalue()) <= {"\n", "\r", "\t", *"end"}
    assert json.loads(stream.getvalue().splitlines()[0])["title"] == hostile


@pytest.mark.parametrize(
    "text",
    [
        *("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u200b=1", "\ufeff=1", "\x00=1"),
        "＝1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_s15_a_formula_is_text(text: str) -> None:
    """S15: a cell that a spreadsheet would run begins with an apostrophe."""
    (row,) = csv_rows(replace(ARTICLE, title=text, authors=(text, "b"), site=text))
    assert row["title"].startswith("'")
    assert row["authors"].startswith("'")
    assert row["site"].startswith("'")


@given(st.lists(ANY_TEXT, min_size=1, max_size=4))
def test_s15_csv_reads_back_cell_by_cell(texts: list[str]) -> None:
    """S15: whatever the text, each row has its cells and none begins a formula."""
    rows = csv_rows(*(replace(ARTICLE, id=number, title=text, text=text) for number, text in enumerate(texts)))
    assert [row["id"] for row in rows] == [str(number) for number in range(len(texts))]
    for row in rows:
        assert tuple(row) == COLUMNS
        assert not row["title"].startswith(("=", "+", "-", "@", "\t", "\r"))
        assert row["content_hash"] == ARTICLE.content_hash


def test_csv_follows_rfc_4180() -> None:
    stream = io.StringIO(newline="")
    write_csv([replace(ARTICLE, title='He said "no", twice', text="one\r\ntwo")], stream)
    header, row = stream.getvalue().split("\r\n")[:2]
    assert header.startswith('"id","url","urls","title"')
    assert '"He said ""no"", twice"' in row
    (read,) = csv_rows(ARTICLE)
    assert read["urls"] == "https://paper.example/a; https://paper.example/amp/a"
    assert read["authors"] == "Ada Example; Bo Sample"
    assert read["tags"] == read["updated"] == ""


def test_export_streams() -> None:
    """The first line is out before the second article is read."""
    stream = io.StringIO()

    def articles() -> Iterator[StoredArticle]:
        yield ARTICLE
        assert stream.getvalue().count("\n") == 1
        yield ARTICLE

    assert write_jsonl(articles(), stream) == 2


def test_every_field_of_a_report_is_in_its_record() -> None:
    feed = FeedStatus(
        url="https://paper.example/feed",
        kind="feed",
        document_kind="rss20",
        last_poll=NOON,
        last_success=None,
        next_poll=None,
        interval_s=3600.0,
        failures=2,
        http_status=503,
        reason="http_503",
        detail=None,
        entries=3,
        flags=("no_date",),
    )
    status = SourceStatus(
        name="Paper",
        kind="feed",
        url=feed.url,
        title=None,
        tags=("world",),
        enabled=True,
        feeds=(feed,),
        outcomes={Ending.STORED: 3},
        waiting=1,
        articles=3,
        last_article=NOON,
    )
    outcome = Outcome(Ending.FAILED, "http_503")
    explanation = Explanation(
        url="https://paper.example/a",
        key="k",
        host="paper.example",
        discovered=NOON,
        due=None,
        outcome=outcome,
        article_id=None,
        article_title=None,
        sightings=(Sighting(NOON, "Paper", feed.url, "https://paper.example/a", None, date(2026, 1, 30)),),
        attempts=(Attempt(NOON, outcome, 503, None, 12),),
    )
    totals = Totals(1, 1, 3, 3, 3, 1, 3, 0, 3, {Ending.STORED: 3}, 4096, 0)
    revision = Revision(1, NOON, None, "text\ud800", "hash")
    for value, found in (
        (status, status_record(status)),
        (explanation, explanation_record(explanation)),
        (totals, totals_record(totals)),
        (revision, revision_record(revision)),
    ):
        assert {part.name for part in fields(value)} <= {*found}
        json.dumps(found, ensure_ascii=False).encode()
    assert status_record(status)["outcomes"] == {"stored": 3}
    (feed_record,) = json.loads(json.dumps(status_record(status)))["feeds"]
    assert {part.name for part in fields(feed)} <= {*feed_record}
    told = json.loads(json.dumps(explanation_record(explanation)))
    assert told["outcome"] == {"ending": "failed", "reason": "http_503", "detail": None}
    assert told["attempts"][0]["outcome"]["reason"] == "http_503"
    assert told["sightings"][0]["published"] == "2026-01-30"
