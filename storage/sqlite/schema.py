"""The tables of a corpus in SQLite, as an append-only list of migrations.

A migration that was released is never edited: a change of the schema is a further one. All that are pending run in one
BEGIN IMMEDIATE transaction together with `user_version` and sqlite-utils' own record of what ran, so that a process
killed at any step leaves the old schema or the new one.
"""

from __future__ import annotations

import sqlite3

from storage.sqlite.migrations import (
    m0001_first_tables,
    m0002_polling,
    m0003_cutting,
    m0004_copies,
    m0005_watches,
)

APPLICATION_ID = 0x43555453
"""`CUTS`: says in the header of the file whose it is (https://www.sqlite.org/pragma.html#pragma_application_id)."""

MIGRATIONS = (
    ("m0001_first_tables", m0001_first_tables.SCRIPT),
    ("m0002_polling", m0002_polling.SCRIPT),
    ("m0003_cutting", m0003_cutting.SCRIPT),
    ("m0004_copies", m0004_copies.SCRIPT),
    ("m0005_watches", m0005_watches.SCRIPT),
)
"""Name under which a migration is recorded, and its statements."""

SCHEMA_VERSION = len(MIGRATIONS)
"""Kept in `user_version`: the number of migrations that a corpus of this version has seen."""


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date in one transaction. The connection is in autocommit mode."""
    from sqlite_utils import Database, Migrations  # readers never migrate, and this import costs them 0.1 s

    migrations = Migrations("cuttings")

    def recorded_as(name: str, script: str) -> None:
        @migrations(name=name)
        def run(db: Database) -> None:
            for statement in statements(script):
                db.conn.execute(statement)

    for name, script in MIGRATIONS:
        recorded_as(name, script)

    connection.execute("BEGIN IMMEDIATE")
    try:
        migrations.apply(Database(connection, execute_plugins=False, recursive_triggers=False))
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def statements(script: str) -> list[str]:
    """The statements of a script, one by one: `executescript` would commit the transaction it runs in."""
    found, start = [], 0
    for end in (position + 1 for position, character in enumerate(script) if character == ";"):
        if sqlite3.complete_statement(script[start:end]):
            found.append(script[start:end].strip())
            start = end
    return found
