"""The documented tables are the real ones."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from contract.scenes import discovered, discovery, file_article, lease_pages
from sqlite_utils import Database

from storage import open_corpus
from storage.sqlite.columns import BEGIN, COLUMNS, END, TABLES, render
from storage.sqlite.rows import MAX_CONTENT_CHARACTERS, MAX_LINE_CHARACTERS

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "tables.md"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A corpus of one article, opened by sqlite-utils."""
    path = tmp_path / "cuttings.db"
    with open_corpus(path, write=True) as corpus:
        discovered(corpus, discovery("a"), discovery("b"))
        file_article(corpus, lease_pages(corpus)[0])
    found = Database(path)
    yield found
    found.close()


def test_every_table_view_and_column_is_documented_and_nothing_else(db: Database) -> None:
    real = {name for name in [*db.table_names(), *db.view_names()] if not name.startswith("_")}
    assert set(TABLES) == set(COLUMNS) == real
    for name, columns in COLUMNS.items():
        assert [column.name for column in db[name].columns] == list(columns)


def test_the_page_is_what_the_schema_gives() -> None:
    """`python -m storage.sqlite.columns docs/reference/tables.md` makes it so."""
    between = PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]
    assert between.strip() == render()


def test_the_bounds_in_the_page_are_the_real_ones() -> None:
    told = {int(number.replace(",", "")) for number in re.findall(r"first ([\d,]+) characters", render())}
    assert told == {MAX_LINE_CHARACTERS, MAX_CONTENT_CHARACTERS // 10, MAX_CONTENT_CHARACTERS}


def test_the_statements_in_the_page_run(db: Database) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    for statement in "".join(blocks).split(";"):
        if statement.strip():
            db.execute(statement).fetchall()


def test_the_views_answer(db: Database) -> None:
    assert [(row["source"], row["title"]) for row in db["articles_by_source"].rows] == [("Harbour", "Ferry late")]
    assert [row["state"] for row in db["frontier"].rows] == ["leased"]
    assert [(row["copies"], row["sites"]) for row in db["stories"].rows] == [(1, 1)]


def test_other_tools_see_foreign_keys_json_and_strict_types(db: Database) -> None:
    assert {key.other_table for key in db["articles"].foreign_keys} == {"articles", "pages"}
    assert json.loads(next(db["articles"].rows)["authors"]) == []
    assert all(db[name].strict for name in db.table_names() if not name.startswith("_"))
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("UPDATE articles SET word_count = 'many'")
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
