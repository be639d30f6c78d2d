"""The file of the copy index: made of the corpus, whatever happens to it, and small."""

from __future__ import annotations

import contextlib
import logging
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import judging
import numpy as np
import pytest
from contract import copy_writer
from contract.copying import Press, words
from contract.scenes import HOUR, NOW, article

from storage import (
    CANDIDATES,
    LINE_STORIES,
    CopyIndex,
    Corpus,
    CorpusFull,
    Placement,
    Prints,
    StorageError,
    open_corpus,
)
from storage.sqlite import copy_index, fingerprints
from storage.sqlite.copy_index import SqliteCopyIndex
from storage.sqlite.files import copies_path
from storage.sqlite.fingerprints import FingerprintFile
from storage.sqlite.hashes import Kind
from storage.sqlite.postings import BLOCK, Pairs, packed, pairs_of, stories_in, united, unpacked

Contents = tuple[list[tuple[int, int]], ...]
TESTS = Path(__file__).parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the corpus is to be."""
    return tmp_path / "cuttings.db"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches, stretches and what is held in memory are so small that a few articles show everything."""
    monkeypatch.setattr(copy_index, "BATCH_PAIRS", 200)
    monkeypatch.setattr(copy_index, "READ_AT_ONCE", 3)
    monkeypatch.setattr(fingerprints, "STRETCH", 2)
    monkeypatch.setattr(fingerprints, "HELD_BLOCKS", 3)


def contents(path: Path) -> Contents:
    """Every pair in the index of a corpus that is closed."""
    file = FingerprintFile(copies_path(path))
    try:
        file.check()
        return tuple(
            [
                pair
                for part in file.contents(kind)
                for pair in zip(part.hashes.tolist(), part.stories.tolist(), strict=True)
            ]
            for kind in Kind
        )
    finally:
        file.close()


def rebuilt(path: Path) -> Contents:
    """The same, of an index that is made anew."""
    copies_path(path).unlink()
    look(path)
    return contents(path)


def look(path: Path, version: int = judging.VERSION) -> None:
    """What the next crawl does first."""
    with open_corpus(path, write=True) as corpus, corpus.filing() as filing:
        filing.copies(judging.prints, version)


def fill(path: Path, count: int, start: int = 0) -> None:
    """A corpus with generated articles."""
    with open_corpus(path, write=True) as corpus:
        press = Press(corpus, f"from{start}p")
        for number in range(start, count, copy_writer.GROUP):
            copy_writer.file_group(corpus, press, number, count)


def stories(path: Path) -> list[tuple[str | None, int]]:
    """The title and story of every article."""
    with open_corpus(path) as corpus:
        return [(found.title, found.story_id) for found in corpus.articles()]


@pytest.mark.usefixtures("small")
def test_d9_an_index_that_is_made_anew_is_the_same(path: Path) -> None:
    fill(path, 100)
    before = contents(path)
    assert len(before[0]) > 1000
    assert rebuilt(path) == before


def test_d9_filing_in_small_and_large_batches_makes_the_same_index(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    fill(path, 60)
    request.getfixturevalue("small")
    fill(tmp_path / "other.db", 60)
    assert contents(path) == contents(tmp_path / "other.db")
    assert stories(path) == stories(tmp_path / "other.db")


@pytest.mark.usefixtures("small")
def test_d9_deleting_the_index_between_crawls_changes_no_story(path: Path, tmp_path: Path) -> None:
    for start in range(0, 96, 24):
        copies_path(path).unlink(missing_ok=True)
        fill(path, start + 24, start)
    fill(tmp_path / "other.db", 96)
    assert stories(path) == stories(tmp_path / "other.db")


def test_d9_killed_anywhere_the_stories_are_those_of_an_uninterrupted_run(path: Path, tmp_path: Path) -> None:
    """SIGKILL of real processes, also while they write the index."""
    chance, count, killed = random.Random(11), 400, 0
    for _ in range(6):
        child = start_writer(path, count)
        assert child.stdout is not None
        for _ in range(chance.randrange(1, 4)):
            child.stdout.readline()
        time.sleep(chance.uniform(0, 0.03))
        child.send_signal(signal.SIGKILL)
        child.communicate()
        killed += child.returncode == -signal.SIGKILL
    child = start_writer(path, count)
    child.communicate()
    assert (child.returncode, killed >= 3) == (0, True)
    fill(tmp_path / "other.db", count)
    assert stories(path) == stories(tmp_path / "other.db")
    assert contents(path) == contents(tmp_path / "other.db")


def start_writer(path: Path, count: int) -> subprocess.Popen[str]:
    """A process that files, with small batches."""
    program = (
        "import sys; from storage.sqlite import copy_index; copy_index.BATCH_PAIRS = 300; "
        "from contract.copy_writer import main; main(sys.argv[1], int(sys.argv[2]))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", program, str(path), str(count)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": f"{TESTS}{os.pathsep}{TESTS.parent}"},
    )


def spoil_bytes(file: Path) -> None:
    """Damage in the middle of every page but the first."""
    data = bytearray(file.read_bytes())
    for start in range(fingerprints.PAGE_BYTES, len(data), fingerprints.PAGE_BYTES):
        data[start : start + 64] = bytes(64)
    file.write_bytes(data)


def lose_blocks(file: Path) -> None:
    """Rows that are gone."""
    connection = sqlite3.connect(file)
    connection.execute("DELETE FROM blocks WHERE id % 2")
    connection.commit()
    connection.close()


def garble_blocks(file: Path) -> None:
    """Blocks that are none."""
    connection = sqlite3.connect(file)
    connection.execute("UPDATE blocks SET data = x'ff00'")
    connection.commit()
    connection.close()


def of_something_else(file: Path) -> None:
    """Another database under that name."""
    file.unlink()
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE recipes (id INTEGER PRIMARY KEY)")
    connection.commit()
    connection.close()


def of_an_older_layout(file: Path) -> None:
    """As another version would leave it."""
    connection = sqlite3.connect(file)
    connection.execute("UPDATE state SET value = 0 WHERE name = 'layout'")
    connection.commit()
    connection.close()


@pytest.mark.parametrize(
    "harm",
    [
        spoil_bytes,
        lose_blocks,
        garble_blocks,
        of_something_else,
        of_an_older_layout,
        lambda file: file.write_bytes(b"not a database at all, but long enough to be read as one" * 20),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:5000]),
        lambda file: file.unlink(),
    ],
)
@pytest.mark.usefixtures("small")
def test_a_harmed_index_is_made_anew_and_nobody_notices(
    path: Path, tmp_path: Path, harm: object, caplog: pytest.LogCaptureFixture
) -> None:
    fill(path, 48)
    assert callable(harm)
    harm(copies_path(path))
    with caplog.at_level(logging.INFO, "storage"):
        fill(path, 96, 48)
    assert "copy index is made anew" in caplog.text
    fill(tmp_path / "other.db", 96)
    assert stories(path) == stories(tmp_path / "other.db")
    assert contents(path) == contents(tmp_path / "other.db")


@pytest.mark.usefixtures("small")
def test_an_index_of_another_corpus_is_not_believed(path: Path, tmp_path: Path) -> None:
    fill(path, 48)
    other = tmp_path / "other.db"
    with open_corpus(other, write=True) as corpus:
        Press(corpus, "x").file(*(f"{words(90_000 + number * 100)}" for number in range(60)))
    shutil.copy(copies_path(path), copies_path(other))
    look(other)
    assert contents(other) == rebuilt(other)
    assert contents(other) != contents(path)


@pytest.mark.usefixtures("small")
def test_an_index_that_is_ahead_of_a_restored_corpus_is_not_believed(path: Path, tmp_path: Path) -> None:
    fill(path, 24)
    shutil.copy(path, tmp_path / "backup.db")
    fill(path, 72, 24)
    shutil.copy(tmp_path / "backup.db", path)
    with open_corpus(path, write=True) as corpus:
        Press(corpus, "later").file(*(words(70_000 + number * 100) for number in range(80)))
    assert contents(path) == rebuilt(path)


def test_other_prints_make_another_index(path: Path) -> None:
    fill(path, 24)
    with open_corpus(path, write=True) as corpus, corpus.filing() as filing:
        index = filing.copies(lambda text, left_out: Prints((5,), (6,)), 2)
        assert index.stories([5])[0][1] == 1
    assert {hash_ for hash_, _ in contents(path)[0]} == {5}


@pytest.mark.usefixtures("small")
def test_an_index_follows_texts_that_are_cut_again(path: Path) -> None:
    fill(path, 48)
    with open_corpus(path, write=True) as corpus, corpus.filing() as filing:
        filing.recut_article(3, 1, article(words(60_000)), NOW + HOUR)
        filing.recut_article(8, 1, article(words(61_000)), NOW + HOUR)
        index = filing.copies(judging.prints, judging.VERSION)
        assert [story for story, _ in index.stories(judging.prints(words(60_000), ()).fingerprints)] == [3]
    look(path)
    former = judging.prints(words(200), ()).fingerprints[0]
    assert (former, 3) not in contents(path)[0]
    assert contents(path) == rebuilt(path)


def test_a_text_that_was_cut_again_to_the_same_leaves_the_index_alone(
    path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(path, 24)
    with open_corpus(path, write=True) as corpus, corpus.filing() as filing:
        found = corpus.article(3)
        assert found is not None
        filing.recut_article(3, 1, article(found.text, title="Another headline"), NOW + HOUR)
    look(path)
    assert "made anew" not in caplog.text
    assert contents(path) == rebuilt(path)


@pytest.mark.usefixtures("small")
def test_articles_of_a_version_without_an_index_are_found(path: Path) -> None:
    with open_corpus(path, write=True) as corpus:
        press = Press(corpus)
        with corpus.filing() as filing:
            for number in range(30):
                press.file_in(filing, copy_writer.cut_of(number), None)
        assert not copies_path(path).exists()
        with corpus.filing() as filing:
            (copy,) = [press.file_in(filing, article(words(700)))]
        found = corpus.article(copy)
        assert found is not None
        assert found.story_id == 8
    assert contents(path) == rebuilt(path)


def test_a_disk_that_is_full_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(path, 24)
    with open_corpus(path, write=True) as corpus:
        press = Press(corpus, "more")
        press.file(words(40_000))
        monkeypatch.setattr(copy_index, "BATCH_PAIRS", 1)

        def full(self: FingerprintFile, *args: object) -> None:
            del self, args
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise error

        with monkeypatch.context() as patched:
            patched.setattr(FingerprintFile, "add", full)
            with pytest.raises(CorpusFull):
                press.file(words(50_000))
        (copy,) = press.file(words(40_000))
        found = corpus.article(copy)
        assert found is not None
        assert found.copies == 2
    assert contents(path) == rebuilt(path)


def test_a_corpus_that_is_closed_while_the_index_cannot_be_written_is_completed_later(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    fill(path, 24)
    with monkeypatch.context() as patched:
        patched.setattr(FingerprintFile, "add", lambda self, *args: (_ for _ in ()).throw(OSError("no")))
        fill(path, 48, 24)
    assert "could not be written" in caplog.text
    look(path)
    assert contents(path) == rebuilt(path)


def test_a_corpus_that_is_damaged_is_not_taken_for_its_index(path: Path) -> None:
    fill(path, 24)
    copies_path(path).unlink()
    with open_corpus(path, write=True) as corpus:
        corpus.connection.execute("DROP TABLE counters")  # type: ignore[attr-defined]
        with pytest.raises(StorageError), corpus.filing() as filing:
            filing.copies(judging.prints, judging.VERSION)


def test_d10_the_index_takes_at_most_300_bytes_and_10_kb_written_an_article(path: Path) -> None:
    """`benchmarks/copies_growth.py` measures the same at a million articles."""
    sys.path.insert(0, str(TESTS.parent / "benchmarks"))
    try:
        import copies_growth
    finally:
        sys.path.pop(0)
    count, source, before = 3_000, copies_growth.articles(3), copies_growth.written()
    with open_corpus(path, write=True) as corpus:
        index = SqliteCopyIndex(corpus.connection, path)  # type: ignore[attr-defined]
        index.begun()
        for number in range(1, count + 1):
            index.open(lambda text, left_out: Prints((), ()), 1)
            copied, prints = next(source)
            index.add(copied or number, prints)
            index.committed(0, 0)
        index.close()
    assert copies_path(path).stat().st_size / count <= 300
    assert (copies_growth.written() - before) / count <= 10_000


def of_numbers(text: str, left_out: Sequence[int]) -> Prints:
    """A text that names its own prints."""
    numbers = sorted({int(word) for word in text.split()} - set(left_out))
    return Prints(tuple(numbers), tuple(number for number in numbers if number % 2))


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("seed", range(4))
def test_d9_whatever_happens_the_index_answers_as_a_simple_one_would(path: Path, seed: int) -> None:
    """Filings that are committed or fail, with and without prints, revisions, and corpora closed in between."""
    chance = random.Random(seed)
    known: dict[int, set[int]] = {}
    filed: list[tuple[int, int]] = []
    for opening in range(4):
        with open_corpus(path, write=True) as corpus:
            press = Press(corpus, f"o{opening}p")
            for _ in range(12):
                file_at_random(corpus, press, chance, known, filed)
    with open_corpus(path, write=True) as corpus, corpus.filing() as filing:
        compare(filing.copies(of_numbers, 1), known)  # the last of them may have been filed without prints
    assert contents(path) == rebuilt_by(path, of_numbers)
    assert set(contents(path)[0]) == {(hash_, story) for hash_, stories in known.items() for story in stories}


def file_at_random(
    corpus: Corpus, press: Press, chance: random.Random, known: dict[int, set[int]], filed: list[tuple[int, int]]
) -> None:
    """One filing of several steps, which may fail; the model learns what was committed."""
    own = {hash_: set(stories) for hash_, stories in known.items()}
    new = list(filed)
    with contextlib.suppress(ZeroDivisionError), corpus.filing() as filing:
        for _ in range(chance.randrange(1, 6)):
            text = " ".join(str(chance.randrange(60)) for _ in range(12))
            prints = of_numbers(text, ()) if chance.random() < 0.7 else None
            if new and chance.random() < 0.3:
                article_id, story = chance.choice(new)
                placed = None if prints is None else Placement(None, prints=prints)
                filing.revise_article(article_id, article(text), (), NOW + HOUR, placed)
            else:
                story = chance.choice(new)[1] if new and chance.random() < 0.5 else 0
                placed = Placement(story or None, prints=prints) if prints or story else None
                if placed is not None and prints is None:
                    placed = Placement(story, prints=of_numbers(text, ()))
                article_id = press.file_in(filing, article(text), placed)
                story = story or article_id
                new.append((article_id, story))
            for number in of_numbers(text, ()).fingerprints:
                own.setdefault(number, set()).add(story)
            if chance.random() < 0.6:
                compare(filing.copies(of_numbers, 1), own)
        if chance.random() < 0.3:
            raise ZeroDivisionError
        known.clear()
        known.update(own)
        filed[:] = new


def compare(index: CopyIndex, model: dict[int, set[int]]) -> None:
    """Every answer is that of the model."""
    counts = Counter(story for stories in model.values() for story in stories)
    wanted = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:CANDIDATES]
    assert list(index.stories(range(70))) == wanted
    lines = {number: sorted(stories)[:LINE_STORIES] for number, stories in model.items() if number % 2}
    assert {line: sorted(stories) for line, stories in index.line_stories(range(70)).items()} == lines


def rebuilt_by(path: Path, prints_of: Callable[[str, Sequence[int]], Prints]) -> Contents:
    """An index that is made anew in one go."""
    with open_corpus(path, write=True) as corpus:
        corpus.rebuild(prints_of, 1)
    return contents(path)


# --- packing ---------------------------------------------------------------------------------------------------------


def pairs(seed: int, count: int, bits: int, most_story: int) -> Pairs:
    """Random pairs, many of one hash where there are few bits."""
    chance = random.Random(seed)
    return united([pairs_of((chance.getrandbits(bits), chance.randrange(1, most_story)) for _ in range(count))], 10**9)


@pytest.mark.parametrize(("bits", "most_story"), [(63, 2), (63, 1 << 40), (5, 10_000), (30, 300), (1, 2)])
def test_what_is_packed_is_unpacked_and_found(bits: int, most_story: int) -> None:
    for count in (0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK + 7):
        given = pairs(count, count, bits, most_story)
        firsts, blocks = packed(given)
        assert len(blocks) == -(-len(given) // BLOCK)
        found = unpacked(firsts, blocks)
        assert np.array_equal(found.hashes, given.hashes)
        assert np.array_equal(found.stories, given.stories)
        for hash_ in set(given.hashes.tolist()):
            wanted = given.stories[given.hashes == hash_].tolist()
            told = [
                stories_in(first, data, hash_) for first, data in zip(firsts, blocks, strict=True) if first <= hash_
            ]
            assert [story for part in told for story in part] == wanted
            assert hash_ + 1 in given.hashes or not any(
                stories_in(first, data, hash_ + 1)
                for first, data in zip(firsts, blocks, strict=True)
                if first <= hash_ + 1
            )


def test_the_highest_hash_and_story_are_kept() -> None:
    given = pairs_of([(2**63 - 1, 2**62), (0, 1)])
    firsts, blocks = packed(united([given], 5))
    assert stories_in(firsts[0], blocks[0], 2**63 - 1) == [2**62]
    assert stories_in(firsts[0], blocks[0], 0) == [1]


def test_of_a_hash_the_lowest_stories_are_kept_however_they_come() -> None:
    parts = [pairs_of([(7, story) for story in stories]) for stories in ([9, 3, 3], [5, 1], [2])]
    kept = united(parts, 3)
    assert list(zip(kept.hashes.tolist(), kept.stories.tolist(), strict=True)) == [(7, 1), (7, 2), (7, 3)]


@pytest.mark.parametrize("data", [b"", b"\x00", b"\x11\x00", b"\xff\x00\x00", b"\x09\x00"])
def test_what_is_no_block_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match="no block"):
        stories_in(0, data, 0)


def test_reading_a_corpus_loads_neither_numpy_nor_the_file_of_the_index(path: Path) -> None:
    fill(path, 8)
    program = (
        "import sys; from storage import open_corpus\n"
        "with open_corpus(sys.argv[1]) as corpus: corpus.search(''); corpus.stories(); corpus.story(1)\n"
        "assert 'numpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program, str(path)], check=True, cwd=TESTS.parent)
    assert not copies_path(path).with_name(f"{copies_path(path).name}-journal").exists()
