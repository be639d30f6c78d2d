"""The search index on a real file: any text is a safe query, the title counts most, and what is lost is built again."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from contract.scenes import NOW, article, discovered, discovery, file_article, lease_pages

from storage import Article, Corpus, Query, QueryError, StorageError, open_corpus
from storage.sqlite import searching
from storage.sqlite.files import index_path

PIECES = (
    *(
        '"',
        "'",
        "*",
        "^",
        ":",
        "(",
        ")",
        "{",
        "}",
        "+",
        "-",
        "--",
        "\\",
        "%",
        "_",
        ";",
        ",",
        ".",
        "\x00",
        "\n",
        "\ud800",
    ),
    *(
        "NEAR",
        "NEAR(a b, 2)",
        "AND",
        "OR",
        "NOT",
        "title:",
        "text:",
        "rowid:",
        "rank",
        "-title:",
        "{title text}:",
        "a*",
    ),
    *(
        "' OR 1=1 --",
        "'; DROP TABLE articles; --",
        '") OR ("',
        "🎉",
        "‮ltr",
        "שלום",
        "日本語",
        "ประเทศ",
        "é",
        "\ue002",
        "ﷺ",
    ),
    *("x" * 5_000, "a " * 500, '"' * 501, "-" * 500, "OR " * 200, "NOT " * 200, "((((" * 100, "*" * 300, "ferry"),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cuttings.db"


@pytest.fixture
def corpus(path: Path) -> Iterator[Corpus]:
    with open_corpus(path, write=True) as opened:
        yield opened


def file(corpus: Corpus, cuts: Sequence[Article]) -> list[int]:
    """File these articles, named by one source, and index them."""
    discovered(corpus, *(discovery(f"p{number}", f"h{number}.example") for number in range(len(cuts))))
    pages = sorted(lease_pages(corpus), key=lambda page: int(page.host[1:].split(".")[0]))
    ids = [file_article(corpus, page, cut) for page, cut in zip(pages, cuts, strict=True)]
    while corpus.index():
        pass
    return ids


def ids(corpus: Corpus, query: Query | str) -> list[int]:
    return [found.id for found in corpus.search(query)]


def test_s14_naughty_strings_are_searches(corpus: Corpus, path: Path) -> None:
    """S14: 500 odd texts in every place where a text may stand: no exception, and nothing is changed or leaked."""
    file(corpus, [article("The ferry was late."), article("Rain.", title="Weather")])
    chosen = random.Random(14)
    with open_corpus(path) as reader:
        for _ in range(500):
            text = chosen.choice(("", " ")).join(chosen.choices(PIECES, k=chosen.randint(1, 5)))
            start = time.perf_counter()
            found = reader.search(text)
            assert reader.count(text) == len(found) <= 2
            for query in (Query(source=text), Query(site=text), Query(language=text), Query(tag=text)):
                assert reader.search(query) == []
            assert time.perf_counter() - start < 1
        assert reader.totals().articles == 2


def test_s14_no_search_gives_more_than_a_thousand_rows(corpus: Corpus) -> None:
    """S14"""
    file(corpus, [article(f"Ferry {number}") for number in range(1_010)])
    for query in ("", "ferry", "fer*"):
        assert len(corpus.search(query, limit=10**20)) == 1_000
        assert len(corpus.search(query, limit=1_000, offset=1_000)) == 10
        assert corpus.search(query, limit=-1, offset=-5) == []
        assert corpus.search(query, offset=10**20) == []
        assert corpus.count(query) == 1_010


def test_s14_a_search_ends_in_time(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """S14: out of time to rank it gives the matches filed last; out of all time it says so."""
    numbers = file(corpus, [article(f"Ferry {number} " + "ferry harbour " * 50) for number in range(600)])
    monkeypatch.setattr(searching, "RANK_S", 0.0)
    assert [found.id for found in corpus.search("ferry", limit=3)] == numbers[:-4:-1]
    monkeypatch.setattr(searching, "GIVE_UP_S", 0.0)
    with pytest.raises(QueryError, match="takes too long"):
        corpus.count("ferry OR harbour")
    monkeypatch.undo()
    assert corpus.count("ferry") == 600


def test_a_match_in_the_title_counts_more(corpus: Corpus) -> None:
    filler = [article(f"Nothing {number}", title="Other") for number in range(8)]
    in_text, in_title, *_ = file(
        corpus,
        [article("The zeppelin came. " * 3, title="News"), article("It came.", title="The zeppelin"), *filler],
    )
    assert ids(corpus, "zeppelin") == [in_title, in_text]
    assert ids(corpus, "title:zeppelin") == [in_title]
    scores = [found.score or 0.0 for found in corpus.search("zeppelin")]
    assert scores[0] > scores[1] > 0


def test_of_equal_matches_the_newer_comes_first(corpus: Corpus) -> None:
    old, new = file(
        corpus, [article("A ferry.", published=NOW - timedelta(days=9)), article("A ferry!", published=NOW)]
    )
    assert ids(corpus, "ferry") == [new, old]


def test_accents_scripts_authors_and_tags_are_found(corpus: Corpus) -> None:
    zurich, tokyo, bangkok = file(
        corpus,
        [
            article("Der Bürgermeister von Zürich.", title=None, authors=("Ada Müller",), tags=("Politik", "C'est")),
            article("東京五輪の開催は来年に延期された。", title="五輪"),
            article("กรุงเทพมหานครเป็นเมืองหลวง", title="ไทย", description="A standfirst"),
        ],
    )
    assert ids(corpus, "zurich burgermeister") == [zurich]
    assert ids(corpus, "author:muller") == ids(corpus, "politik") == ids(corpus, Query(tag="politik")) == [zurich]
    assert ids(corpus, "延期") == ids(corpus, "title:五輪") == [tokyo]
    assert ids(corpus, "เมืองหลวง") == ids(corpus, "standfirst") == [bangkok]
    assert ids(corpus, "-zurich -ไทย") == [tokyo]
    assert ids(corpus, "!!!") == []


def test_a_language_includes_its_regions(corpus: Corpus) -> None:
    british, english, german = file(
        corpus, [article("One.", language="en-GB"), article("Two.", language="en"), article("Drei.", language="de")]
    )
    assert sorted(ids(corpus, Query(language="en"))) == [british, english]
    assert ids(corpus, Query(language="EN-gb")) == [british]
    assert ids(corpus, Query(language="de")) == [german]


def test_without_an_index_filters_work_and_words_say_what_to_do(corpus: Corpus, path: Path) -> None:
    (only,) = file(corpus, [article("A ferry.", tags=("Sea",), language="en-GB", site="a.example")])
    corpus.close()
    index_path(path).unlink()
    with open_corpus(path) as reader:
        for query in (Query(), Query(tag="sea"), Query(language="en", site="a.example"), Query(source="Harbour")):
            assert ids(reader, query) == [only]
            assert reader.count(query) == 1
        assert ids(reader, Query(tag="land")) == []
        with pytest.raises(StorageError, match=r"index is missing.*crawl"):
            reader.search("ferry")
    with open_corpus(path, write=True) as again:
        assert again.index() == 0
        assert ids(again, "ferry") == [only]


def test_an_index_damaged_in_the_middle_is_built_again(corpus: Corpus, path: Path) -> None:
    file(corpus, [article(f"Ferry {number}") for number in range(50)])
    corpus.close()
    index = index_path(path)
    content = bytearray(index.read_bytes())
    content[4096:] = b"\x5a" * (len(content) - 4096)
    index.write_bytes(content)
    with open_corpus(path, write=True) as again:
        while again.index():
            pass
        assert again.count("ferry") == 50


def test_an_index_of_which_even_the_error_is_no_text_is_built_again(corpus: Corpus, path: Path) -> None:
    file(corpus, [article("Ferry")])
    corpus.close()
    index = index_path(path)
    content = index.read_bytes()
    for whole, damaged in ((b"docsdocs", b"\xab\xab\xab\xabdocs"), (b"CREATE TABLE docs", b"XXXXXX TABLE docs")):
        assert whole in content
        content = content.replace(whole, damaged)
    index.write_bytes(content)
    with open_corpus(path) as reader:
        assert reader.count() == 1
        assert [one.part for one in reader.check() if one.problem] == ["search index"]
        with pytest.raises(StorageError, match="index is missing"):
            reader.count("ferry")
    with open_corpus(path, write=True) as again:
        while again.index():
            pass
        assert again.count("ferry") == 1


def test_the_index_of_a_corpus_that_a_backup_replaced_is_built_again(
    corpus: Corpus, path: Path, tmp_path: Path
) -> None:
    file(corpus, [article("The first ferry.")])
    corpus.close()
    backup = tmp_path / "backup.db"
    shutil.copy(path, backup)
    with open_corpus(path, write=True) as later:
        with later.filing() as filing:
            filing.revise_article(1, article("The zeppelin."), [], NOW)
        later.index()
        assert later.count("zeppelin") == 1
    shutil.copy(backup, path)
    with open_corpus(path, write=True) as restored:
        assert restored.index() == 0
        assert restored.count("zeppelin") == 0
        assert restored.count("first") == 1
