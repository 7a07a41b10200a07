"""Open the SQLite database and run transactions. Only this package depends on the engine."""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from uuid import uuid4

from sqlalchemy import URL, Connection, Engine, create_engine, event, insert, inspect, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from index.errors import StoreError
from index.storage.archive_folder import FILE_NAME, prepare_folder
from index.storage.schema import SCHEMA_REVISION, facts

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another one before it raises an error."""

_WRITE_LOCKS: dict[Path, Lock] = {}
_WRITE_LOCKS_GUARD = Lock()
_WRITE_OPTION = "briefing_writes"
DAMAGE_REMEDY = "Restore it from a backup, or move it away and load the articles again"
_REMEDIES = (
    ("is full", "no room is left on the disk", "Free some space and run the same command again"),
    (
        "malformed|not a database|disk I/O|corrupt|could not decode|no such (table|column)",
        "the database is damaged",
        DAMAGE_REMEDY,
    ),
    (
        "locked",
        f"another process has been writing for over {BUSY_TIMEOUT_SECONDS} seconds",
        "Wait for it to end, or stop it, and try again",
    ),
    (
        "readonly|unable to open",
        "the database cannot be opened for reading and writing",
        "Give this user the right to write to it and to its folder",
    ),
)


class Database:
    """The database of one archive: connections, transactions and readable errors."""

    def __init__(self, folder: Path) -> None:
        """Open the database in `folder`; create it or migrate its schema if needed.

        Folder and files are made private (`prepare_folder`). Raises `StoreError` if it cannot be
        read or written, has lost its content, or its schema is unknown.
        """
        self.path = folder / FILE_NAME
        prepare_folder(folder)
        self._engine = _sqlite_engine(self.path)
        try:
            with self._translate_errors():
                _upgrade_schema(self._engine, self.path)
            with self.read_transaction() as connection:
                query = select(facts.c.value).where(facts.c.name == "store_id")
                self.store_id = str(connection.scalar(query))
        except StoreError:
            self.close()
            raise

    @contextmanager
    def read_transaction(self) -> Iterator[Connection]:
        """Yield a connection in a read transaction: all reads see the same state."""
        with self._translate_errors(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        """Yield the only writing connection; the block is committed as a whole or not at all."""
        write_engine = self._engine.execution_options(**{_WRITE_OPTION: True})
        with _write_lock(self.path), self._translate_errors(), write_engine.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections and release the files."""
        self._engine.dispose()

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, sqlite3.Error) as error:
            raise self._to_store_error(error) from error

    def _to_store_error(self, error: Exception) -> StoreError:
        cause = str(error.orig if isinstance(error, DBAPIError) else error)
        for pattern, problem, remedy in _REMEDIES:
            if re.search(pattern, cause, re.IGNORECASE):
                return StoreError(f"{problem} ({self.path})", remedy)
        return StoreError(
            f"the database {self.path} refused: {cause.splitlines()[0]}",
            "Run the command with BRIEFING_LOG_LEVEL=DEBUG to see where",
        )


@contextmanager
def _write_lock(path: Path) -> Iterator[None]:
    """Serialise the writing threads of this process.

    SQLite waits by polling with sleeps of up to 0.1 seconds; a lock wakes the waiting thread at
    once. After a timeout the thread continues, and SQLite raises the error.
    """
    with _WRITE_LOCKS_GUARD:
        lock = _WRITE_LOCKS.setdefault(path.absolute(), Lock())
    acquired = lock.acquire(timeout=BUSY_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        if acquired:
            lock.release()


def _sqlite_engine(path: Path, *, foreign_keys: bool = True) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_SECONDS, "check_same_thread": False},
        hide_parameters=True,  # errors may be logged; what users wrote must not be
    )

    @event.listens_for(engine, "connect")
    def _configure_connection(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = (
            None  # the "begin" listener starts transactions, not the driver
        )
        _enable_wal(connection)
        connection.execute(f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _begin_transaction(connection: Connection) -> None:
        # A writer locks at once: upgrading a read transaction later can fail with SQLITE_BUSY.
        is_write = connection.get_execution_options().get(_WRITE_OPTION, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_write else "BEGIN")

    return engine


def _enable_wal(connection: sqlite3.Connection) -> None:
    """Switch the file to write-ahead logging, which SQLite stores in the file.

    Retries until the busy timeout: while another process switches a new file, SQLite fails at once
    instead of waiting.
    """
    deadline = time.monotonic() + BUSY_TIMEOUT_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _upgrade_schema(engine: Engine, path: Path) -> None:
    """Run the pending migrations of `path`; processes that start together run them in turn.

    Migrations use their own connections, without foreign keys: recreating a table would otherwise
    delete the rows that refer to the old one.
    """
    with engine.begin() as connection:
        if _read_revision(connection) == SCHEMA_REVISION:
            return
    migration_engine = _sqlite_engine(path, foreign_keys=False)
    try:
        with migration_engine.execution_options(**{_WRITE_OPTION: True}).begin() as connection:
            _migrate(connection, path)
    finally:
        migration_engine.dispose()


def _migrate(connection: Connection, path: Path) -> None:
    revision = _read_revision(connection)
    if revision == SCHEMA_REVISION:
        return
    if revision is None and inspect(connection).get_table_names():
        raise StoreError(
            f"{path} is a database of another program", "Name another folder in BRIEFING_DATA_DIR"
        )
    if revision is not None and revision > SCHEMA_REVISION:
        raise StoreError(
            f"{path} was made by a newer version of this program",
            "Install that version, or name another folder in BRIEFING_DATA_DIR",
        )
    from index.storage.migrations import upgrade

    upgrade(connection)
    if revision is None:
        connection.execute(insert(facts).values(name="store_id", value=uuid4().hex))


def _read_revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
