"""Opens the SQLite file of a corpus: checks whose it is, sets what makes it durable, and ties readers' hands."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from urllib.parse import quote

from storage.errors import CorpusMissing, CorpusReadOnly, CorpusTooNew, NotACorpus
from storage.folding import fold_tag
from storage.sqlite.failures import is_damage, translated
from storage.sqlite.files import index_path, make_private, remove
from storage.sqlite.schema import APPLICATION_ID, SCHEMA_VERSION, migrate

BUSY_TIMEOUT_MS = 10_000
"""Only a schema change, a recovery after a kill and a checkpoint's last step make anybody wait in WAL mode."""
CACHED_STATEMENTS = 256
CACHE_KIB = 32 * 1024
JOURNAL_LIMIT_BYTES = 64 << 20
"""A long read can make the WAL grow; this is what it is cut back to afterwards."""

_READER_MAY = frozenset(
    {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
    | {sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT}
)
_READER_PRAGMAS = frozenset(
    {"data_version", "user_version", "table_info", "table_xinfo", "table_list", "index_list"}
    | {"quick_check", "foreign_key_check"}
)


def changes_of(connection: sqlite3.Connection) -> tuple[int, ...]:
    """Numbers of this connection that are others once anything was written to the corpus or its index."""
    versions = (connection.execute(f"PRAGMA {name}.data_version").fetchone()[0] for name in ("main", "idx"))
    return (*versions, connection.total_changes)


def connect_writer(path: Path) -> sqlite3.Connection:
    """A connection that writes the corpus at `path`, created or migrated where needed. The caller holds the lock."""
    make_private(path)
    with translated(path):
        connection = _connect(path, "mode=rw")
    try:
        with translated(path):
            version = _check(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA journal_size_limit = {JOURNAL_LIMIT_BYTES}")
            if version < SCHEMA_VERSION:
                migrate(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            attach_index(connection, index_path(path))
    except BaseException:
        connection.close()
        raise
    return connection


def connect_beside(path: Path) -> sqlite3.Connection:
    """A connection that writes beside the writer, into tables that it leaves alone. It does not migrate, and reads the
    search index as the writer left it."""
    with translated(path):
        connection = _connect(path, "mode=rw")
    try:
        with translated(path):
            _check_version(connection, path)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            _attach_index_to_read(connection, index_path(path))
    except BaseException:
        connection.close()
        raise
    return connection


def connect_reader(path: Path) -> sqlite3.Connection:
    """A connection that can only look at the corpus at `path`, beside a writer or on a medium that is read-only."""
    connection = _connect_read_only(path)
    try:
        with translated(path):
            _check_version(connection, path)
            _attach_index_to_read(connection, index_path(path))
            connection.execute("PRAGMA query_only = ON")
            connection.set_authorizer(_only_looks)
    except BaseException:
        connection.close()
        raise
    return connection


def _check_version(connection: sqlite3.Connection, path: Path) -> None:
    """Raises where the tables are not those of this version."""
    version = _check(connection, path)
    if version == 0:
        raise CorpusMissing(f"{path}: is empty so far; `cuttings crawl` fills it")
    if version < SCHEMA_VERSION:
        raise CorpusReadOnly(
            f"{path}: is of an earlier version; any command that writes, `cuttings crawl` say, updates it"
        )


def _connect(path: Path, how: str) -> sqlite3.Connection:
    """A connection in autocommit mode whose file was read once, so that what is wrong with it is known."""
    connection = sqlite3.connect(
        _uri(path, how),
        uri=True,
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_TIMEOUT_MS / 1000,
        cached_statements=CACHED_STATEMENTS,
    )
    try:
        connection.create_function("fold_tag", 1, fold_tag, deterministic=True)
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _uri(path: Path, how: str) -> str:
    return f"file:{quote(str(path.absolute()))}?{how}"


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Where the folder may not be written, a WAL file cannot be shared; without one the file is read as it stands."""
    with translated(path):
        try:
            return _connect(path, "mode=ro")
        except sqlite3.OperationalError as error:
            wal = path.with_name(path.name + "-wal")
            cannot_share = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
            if not cannot_share or (wal.exists() and wal.stat().st_size):
                raise
        return _connect(path, "immutable=1")


def _check(connection: sqlite3.Connection, path: Path) -> int:
    """The version of the schema, 0 for a file that is still empty; raises where the file is not for us."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if application == 0 and version == 0 and tables == 0:
        return 0
    if application != APPLICATION_ID:
        raise NotACorpus(f"{path}: is an SQLite file of something else; name another file")
    if version > SCHEMA_VERSION:
        raise CorpusTooNew(f"{path}: was written by a later version (schema {version}); upgrade Cuttings to open it")
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if not {"sources", "pages", "articles"} <= names:
        raise NotACorpus(f"{path}: says it is a corpus but lacks its tables; restore it from a backup")
    return int(version)


def attach_index(connection: sqlite3.Connection, path: Path) -> None:
    """Attach the search index as `idx`; it can be rebuilt, so one that is damaged is replaced."""
    make_private(path)
    try:
        connection.execute("ATTACH ? AS idx", (_uri(path, "mode=rw"),))
        connection.execute("SELECT count(*) FROM idx.sqlite_schema").fetchone()
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        if not is_damage(error):
            raise
        if any(row[1] == "idx" for row in connection.execute("PRAGMA database_list")):
            connection.execute("DETACH idx")
        remove(path)
        make_private(path)
        connection.execute("ATTACH ? AS idx", (_uri(path, "mode=rw"),))
    connection.execute("PRAGMA idx.journal_mode = WAL")
    connection.execute("PRAGMA idx.synchronous = NORMAL")
    connection.execute(f"PRAGMA idx.journal_size_limit = {JOURNAL_LIMIT_BYTES}")


def _attach_index_to_read(connection: sqlite3.Connection, path: Path) -> None:
    """Attach the search index as `idx`, or an empty one where there is none that can be read."""
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        try:
            connection.execute("ATTACH ? AS idx", (_uri(path, mode),))
            connection.execute("SELECT count(*) FROM idx.sqlite_schema").fetchone()
            return
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            if any(row[1] == "idx" for row in connection.execute("PRAGMA database_list")):
                connection.execute("DETACH idx")
    connection.execute("ATTACH ':memory:' AS idx")


def _only_looks(action: int, first: str | None, second: str | None, schema: str | None, trigger: str | None) -> int:
    """Authorizer of a reading connection: no write, no ATTACH, no PRAGMA that sets anything."""
    del schema, trigger
    if action in _READER_MAY:
        denied = action == sqlite3.SQLITE_FUNCTION and second == "load_extension"
        return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_PRAGMA and first in _READER_PRAGMAS and (first[-7:] != "version" or second is None):
        return sqlite3.SQLITE_OK
    if action == sqlite3.SQLITE_UPDATE and first == "sqlite_master":
        return sqlite3.SQLITE_OK  # a virtual table that is read declares its columns so; the file stays out of reach
    return sqlite3.SQLITE_DENY
