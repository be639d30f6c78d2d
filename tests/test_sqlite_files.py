"""The files of a corpus in SQLite: whose they are, who may read them, what is said of those that are not ours."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from contract.scenes import NOW, STORED, article, discovered, discovery, file_article, lease_pages, poll_of, subscribe

from storage import (
    CorpusFull,
    CorpusMissing,
    CorpusReadOnly,
    CorpusTooNew,
    NotACorpus,
    StorageError,
    Validators,
    Visit,
    open_corpus,
)
from storage.sqlite.connection import connect_reader
from storage.sqlite.corpus import SqliteCorpus
from storage.sqlite.schema import SCHEMA_VERSION

ROOT = Path(__file__).parent.parent


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a corpus may be put."""
    return tmp_path / "cuttings.db"


def filled(path: Path) -> Path:
    """A corpus of one article."""
    with open_corpus(path, write=True) as corpus:
        discovered(corpus, discovery("a"), discovery("b"))
        file_article(corpus, lease_pages(corpus)[0])
    return path


def run(code: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    """Python in a child."""
    env = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=env, timeout=60, check=False)


def test_a_corpus_that_is_not_there_is_missing_and_not_created_by_reading(path: Path) -> None:
    with pytest.raises(CorpusMissing, match=r"cuttings\.db: there is no corpus"):
        open_corpus(path)
    with pytest.raises(CorpusMissing):
        open_corpus(path, write=True, create=False)
    with pytest.raises(CorpusMissing, match="folder does not exist"):
        open_corpus(path.parent / "nowhere" / "x.db", write=True)
    assert list(path.parent.iterdir()) == []


def test_reading_can_be_asked_to_create(path: Path) -> None:
    with open_corpus(path, create=True) as corpus:
        assert corpus.totals().articles == 0
        with pytest.raises(CorpusReadOnly, match="open for reading"):
            subscribe(corpus)


@pytest.mark.parametrize("form", ["{}", "sqlite:///{}"])
def test_a_corpus_is_named_by_path_or_url(path: Path, form: str) -> None:
    with open_corpus(form.format(filled(path))) as corpus:
        assert corpus.totals().articles == 1


def test_a_relative_url_and_odd_characters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    open_corpus("sqlite:///a%20b.db", write=True).close()
    open_corpus("50%?#&mode=memory.db", write=True).close()
    assert {"a b.db", "50%?#&mode=memory.db"} <= {file.name for file in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://me:secret@db.example/x", "postgresql://: this version has no PostgreSQL backend"),
        ("mysql://x/y", "mysql://: is no kind of corpus"),
        ("sqlite://host/x.db", "sqlite:///relative.db"),
        ("sqlite:///", "sqlite:///relative.db"),
    ],
)
def test_a_url_that_no_backend_serves_is_refused_without_its_password(url: str, says: str) -> None:
    with pytest.raises(NotACorpus, match=says) as caught:
        open_corpus(url, write=True)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("content", [b"feeds:\n" * 200, b"SQLite format 3\x00" + b"\x07" * 5000])
@pytest.mark.parametrize("write", [False, True])
def test_a_file_that_is_something_else_is_left_as_it_is(path: Path, content: bytes, write: bool) -> None:
    path.write_bytes(content)
    with pytest.raises(NotACorpus, match=r"cuttings\.db"):
        open_corpus(path, write=write)
    assert path.read_bytes() == content


@pytest.mark.parametrize("write", [False, True])
def test_a_database_of_somebody_else_is_left_as_it_is(path: Path, write: bool) -> None:
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE bookmarks (url)")
    db.close()
    content = path.read_bytes()
    with pytest.raises(NotACorpus, match="something else"):
        open_corpus(path, write=write)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_corpus_by_writing_only(path: Path) -> None:
    path.touch()
    with pytest.raises(CorpusMissing, match="empty so far"):
        open_corpus(path)
    open_corpus(path, write=True).close()
    open_corpus(path).close()


@pytest.mark.parametrize("write", [False, True])
def test_a_corpus_of_a_later_version_is_not_touched(path: Path, write: bool) -> None:
    db = sqlite3.connect(filled(path))
    db.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    db.close()
    with pytest.raises(CorpusTooNew, match="upgrade"):
        open_corpus(path, write=write)


def test_a_damaged_corpus_says_so(path: Path) -> None:
    content = bytearray(filled(path).read_bytes())
    for start in range(4096, len(content), 4096):
        content[start : start + 200] = os.urandom(200)
    path.write_bytes(content)
    with pytest.raises(NotACorpus, match="damaged"), open_corpus(path) as corpus:  # noqa: PT012
        corpus.totals()
        list(corpus.articles())


@pytest.mark.parametrize("content", [b"nonsense" * 1000, b""])
def test_a_damaged_search_index_is_rebuilt_and_never_in_the_way(path: Path, content: bytes) -> None:
    index = filled(path).with_name("cuttings-index.db")
    index.write_bytes(content)
    with open_corpus(path) as corpus:
        assert corpus.totals().articles == 1
    with open_corpus(path, write=True) as corpus:
        assert corpus.totals().unindexed == 1
        assert corpus.index() == 0
        assert corpus.count("ferry") == 1
    index.unlink()
    with open_corpus(path) as corpus:
        assert corpus.totals().articles == 1


def test_the_files_are_for_their_owner_alone(path: Path) -> None:
    """S16"""
    old = os.umask(0)
    try:
        with open_corpus(path, write=True) as corpus:
            discovered(corpus, discovery("a"))
            file_article(corpus, lease_pages(corpus)[0])
            corpus.index()
            with open_corpus(path) as reader:
                reader.totals()
                files = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert {"cuttings.db", "cuttings.db-wal", "cuttings.db-shm", "cuttings.db.lock", "cuttings-index.db"} <= set(files)
    assert set(files.values()) == {0o600}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM articles",
        "UPDATE articles SET title = ''",
        "CREATE TABLE t (x)",
        "CREATE TEMP TABLE t (x)",
        "DROP TABLE articles",
        "ATTACH 'other.db' AS other",
        "PRAGMA query_only = 0",
        "PRAGMA journal_mode = DELETE",
        "PRAGMA user_version = 7",
        "PRAGMA writable_schema = 1",
        "VACUUM INTO 'copy.db'",
        "SELECT load_extension('x')",
        "UPDATE sqlite_master SET sql = ''",
    ],
)
def test_a_reading_connection_cannot_write_or_attach(path: Path, statement: str) -> None:
    """S14"""
    connection = connect_reader(filled(path))
    with pytest.raises(sqlite3.DatabaseError):
        connection.execute(statement)
    assert connection.execute("SELECT count(*) FROM articles").fetchone() == (1,)
    connection.close()


READ_AS_NOBODY = """
import os, sys
import storage.sqlite.corpus
from storage import open_corpus
os.setgid(65534); os.setuid(65534)
with open_corpus(sys.argv[1]) as corpus:
    print(corpus.totals().articles, [article.title for article in corpus.articles()])
try:
    open_corpus(sys.argv[1], write=True)
except Exception as error:
    print(type(error).__name__, error)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_a_corpus_on_a_read_only_medium_can_be_read() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        path = filled(folder / "cuttings.db")
        for file in folder.iterdir():
            file.chmod(0o444)
        done = run(READ_AS_NOBODY, path)
    assert done.stdout.startswith("1 ['Ferry late']\nCorpusReadOnly"), done.stderr


def open_sqlite(path: Path) -> SqliteCorpus:
    """A corpus whose connection a test may meddle with."""
    corpus = open_corpus(path, write=True)
    assert isinstance(corpus, SqliteCorpus)
    return corpus


def test_a_full_disk_is_said_and_loses_nothing(path: Path) -> None:
    """R3: the file may not grow."""
    filled(path)
    with open_sqlite(path) as corpus:
        (page,) = lease_pages(corpus)
        (pages,) = corpus.connection.execute("PRAGMA page_count").fetchone()
        corpus.connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CorpusFull, match="make room"):
            file_article(corpus, page, article("long " * 100_000))
        assert (corpus.totals().articles, corpus.totals().waiting) == (1, 1)
        assert len(list(corpus.articles())) == 1
        corpus.connection.execute("PRAGMA max_page_count = 1000000")
        file_article(corpus, page, article("long " * 100_000))
        assert corpus.totals().articles == 2


FILL = """
import resource, signal, sys
from contract.scenes import NOW, STORED, article, discovered, discovery, file_article, lease_pages
from storage import CorpusFull, open_corpus
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
with open_corpus(sys.argv[1], write=True) as corpus:
    discovered(corpus, *(discovery(f"p{number}") for number in range(300)))
    pages = lease_pages(corpus)
    filed = 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (3_000_000, resource.RLIM_INFINITY))
    try:
        for page in pages:
            file_article(corpus, page, article(f"{page.id} " + "word " * 4000))
            filed += 1
    except CorpusFull as error:
        print("full", error)
    assert corpus.totals().articles == filed
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    for page in pages[filed:]:
        file_article(corpus, page, article(f"{page.id} " + "word " * 4000))
    print(filed, corpus.totals().articles)
"""


def test_a_disk_that_fills_up_while_filing_is_survived(path: Path) -> None:
    """R3: the kernel refuses the write, then there is room again."""
    done = run(FILL, path)
    lines = done.stdout.splitlines()
    assert len(lines) == 2, done.stderr
    filed, total = map(int, lines[1].split())
    assert lines[0].startswith("full")
    assert 0 < filed < total == 300


def test_a_fault_at_any_step_of_a_filing_leaves_all_of_it_or_nothing(path: Path) -> None:
    """R2, P7: the virtual machine of SQLite is interrupted at every 29th of its steps, in every statement."""
    with open_sqlite(path) as corpus:
        feed = discovered(corpus, discovery("a"))
        (page,) = lease_pages(corpus)
        empty = "\n".join(corpus.connection.iterdump())
        done = False
        step = 1
        while not done:
            countdown = step

            def fault() -> int:
                nonlocal countdown
                countdown -= 1
                return int(countdown == 0)

            corpus.connection.set_progress_handler(fault, 1)
            try:
                with corpus.filing() as filing:
                    found = (discovery("b"), discovery("c"))
                    filing.add_poll(poll_of(feed.id, *found, validators=Validators('"new"')))
                    article_id = filing.add_article(page.id, article(), [], NOW)
                    filing.end_page(Visit(page.id, NOW, STORED), article_id)
                done = True
            except StorageError:
                corpus.connection.set_progress_handler(None, 1)
                assert "\n".join(corpus.connection.iterdump()) == empty
            finally:
                corpus.connection.set_progress_handler(None, 1)
            step += 29
        assert step > 29 * 20
        assert (corpus.totals().entries, corpus.totals().articles) == (3, 1)


def test_a_fault_at_any_statement_of_a_filing_leaves_all_of_it_or_nothing(path: Path) -> None:
    """R2, P7: the authorizer refuses the n-th thing that is compiled, so that every statement fails once."""
    filled(path)
    refused = 0
    with open_sqlite(path) as corpus:
        (page,) = lease_pages(corpus)
        for step in range(1, 400):
            (feed,) = corpus.lease_feeds(NOW, 1, 0, polled_before=NOW.replace(year=2099))
            assert feed.validators is None
            before = corpus.totals()
            countdown = step

            def refuse(*_: object) -> int:
                nonlocal countdown
                countdown -= 1
                return sqlite3.SQLITE_DENY if countdown == 0 else sqlite3.SQLITE_OK

            corpus.connection.set_authorizer(refuse)
            try:
                with corpus.filing() as filing:
                    filing.add_poll(poll_of(feed.id, discovery("new"), validators=Validators('"new"')))
                    article_id = filing.add_article(page.id, article(), [], NOW)
                    filing.end_page(Visit(page.id, NOW, STORED), article_id)
            except StorageError:
                refused += 1
            else:
                break
            finally:
                corpus.connection.set_authorizer(None)
            assert replace(corpus.totals(), size_bytes=0) == replace(before, size_bytes=0)
        assert (corpus.totals().entries, corpus.totals().articles) == (before.entries + 1, before.articles + 1)
    assert refused > 50


MIGRATE = """
import os, signal, sqlite3, sys
import storage.sqlite.connection as connection
steps = int(sys.argv[2])
class Killed(sqlite3.Connection):
    def execute(self, sql, *more):
        global steps
        steps -= 1
        if steps == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().execute(sql, *more)
real = sqlite3.connect
sqlite3.connect = lambda *a, **k: real(*a, **k, factory=Killed)
from storage import open_corpus
open_corpus(sys.argv[1], write=True).close()
"""


def test_a_migration_killed_at_any_step_leaves_the_old_schema_or_the_new(path: Path) -> None:
    """R6"""
    killed = 0
    for step in range(1, 200, 14):
        for file in path.parent.iterdir():
            file.unlink()
        if run(MIGRATE, path, step).returncode != -signal.SIGKILL:
            break
        killed += 1
        if path.exists():
            db = sqlite3.connect(path)
            (tables,) = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            version, application = (
                db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")
            )
            db.close()
            assert (tables == 0) == (version == 0) == (application == 0)
        filled(path)
    assert killed > 4


def test_the_lock_is_not_inherited_by_a_forked_worker(path: Path) -> None:
    """A pool of workers may outlive a killed writer and must not keep the corpus locked."""
    code = (
        "import os, sys, time\nfrom storage import open_corpus\ncorpus = open_corpus(sys.argv[1], write=True)\n"
        "child = os.fork()\nif child == 0:\n    corpus.close()\n    time.sleep(30)\n    os._exit(0)\n"
        "print(child, flush=True)\nos.kill(os.getpid(), 9)\n"
    )
    done = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert done.stdout is not None
    worker = int(done.stdout.readline())
    done.wait()
    try:
        open_corpus(path, write=True).close()
    finally:
        os.kill(worker, signal.SIGKILL)
        done.stdout.close()


def test_the_settings_that_make_a_commit_last_are_on(path: Path) -> None:
    with open_sqlite(path) as corpus:
        discovered(corpus, discovery("a"))

        def pragma(name: str) -> object:
            return corpus.connection.execute(f"PRAGMA {name}").fetchone()[0]

        assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)
        assert corpus.connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert pragma("integrity_check") == "ok"
