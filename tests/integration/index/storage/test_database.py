from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text

import bot.digest.store.schema
import bot.feeds.store.schema
import bot.telegram.schema  # noqa: F401 - its tables belong to the same migrations
from index.errors import StoreError
from index.storage import migrations
from index.storage.archive_folder import FILE_NAME
from index.storage.database import Database
from index.storage.schema import SCHEMA_REVISION, articles, facts, metadata
from tests.fixtures.sample_articles import PROJECT


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


def test_the_migrations_create_the_tables_of_the_metadata(database: Database) -> None:
    with database.write_transaction() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_newest_migration_is_the_one_the_code_expects() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == SCHEMA_REVISION


def test_ids_are_never_reused(database: Database) -> None:
    with database.read_transaction() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
        statements = {row.name: row.sql for row in rows}
    for table in ("articles", "passages", "words", "changes"):
        assert "AUTOINCREMENT" in statements[table]


def test_the_journal_is_a_wal_and_foreign_keys_are_enforced(database: Database) -> None:
    with database.read_transaction() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_an_archive_keeps_its_store_id_when_it_is_opened_again(tmp_path: Path) -> None:
    store_ids = []
    for _ in range(2):
        database = Database(tmp_path)
        store_ids.append(database.store_id)
        database.close()
    assert store_ids[0] == store_ids[1]


def test_a_failed_transaction_writes_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.write_transaction() as connection:
        connection.execute(insert(facts).values(name="half", value="written"))
        raise RuntimeError
    with database.read_transaction() as connection:
        assert connection.scalar(text("SELECT count(*) FROM facts WHERE name = 'half'")) == 0


def test_a_reader_sees_a_consistent_state_while_another_connection_writes(
    database: Database,
) -> None:
    count = text("SELECT count(*) FROM facts")
    with database.read_transaction() as reader:
        before = reader.scalar(count)
        with database.write_transaction() as writer:
            writer.execute(insert(facts).values(name="new", value="fact"))
        assert reader.scalar(count) == before
    with database.read_transaction() as reader:
        assert reader.scalar(count) == before + 1


def read_all(folder: Path) -> None:
    database = Database(folder)
    try:
        with database.read_transaction() as connection:
            connection.execute(text("SELECT text FROM articles")).all()
    finally:
        database.close()


def test_a_damaged_database_raises_an_error_with_its_path_and_a_remedy(tmp_path: Path) -> None:
    database = Database(tmp_path)
    with database.write_transaction() as connection:
        connection.execute(
            insert(articles),
            [
                {
                    "id": str(number),
                    "headline": "x",
                    "text": "x" * 3000,
                    "date_found": "unknown",
                    "added_at": "",
                    "brought": "",
                    "embedded_by": "",
                    "changed": 0,
                }
                for number in range(50)
            ],
        )
    database.close()
    path = tmp_path / FILE_NAME
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    with pytest.raises(StoreError, match="damaged") as raised:
        read_all(tmp_path)
    assert str(path) in raised.value.message
    assert "backup" in raised.value.remedy


def test_a_file_that_is_no_database_is_reported_as_damaged(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"not a database at all, but long enough to look at" * 100)
    with pytest.raises(StoreError, match="damaged"):
        Database(tmp_path)


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("CREATE TABLE recipes (name)")
    other.close()
    with pytest.raises(StoreError, match="another program"):
        Database(tmp_path)


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    Database(tmp_path).close()
    newer = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    with pytest.raises(StoreError, match="newer version"):
        Database(tmp_path)


def test_a_full_disk_raises_an_error_with_a_remedy(database: Database) -> None:
    with database.read_transaction() as connection:
        pages = connection.scalar(text("PRAGMA page_count"))
    with (
        pytest.raises(StoreError, match="no room is left") as raised,
        database.write_transaction() as connection,
    ):
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        for number in range(500):
            connection.execute(insert(facts).values(name=f"n{number}", value="x" * 4000))
    assert "Free some space" in raised.value.remedy


@pytest.mark.parametrize("name", ["a?b", "a%20b#c", "مجلد فيه فراغ"])
def test_the_database_is_created_in_a_folder_of_any_name(tmp_path: Path, name: str) -> None:
    Database(tmp_path / name).close()
    assert (tmp_path / name / FILE_NAME).is_file()


def test_foreign_keys_are_enforced_in_every_transaction_after_the_migrations(
    database: Database,
) -> None:
    for transaction in (database.read_transaction, database.write_transaction):
        with transaction() as connection:
            assert connection.scalar(text("PRAGMA foreign_keys")) == 1


def test_a_folder_that_cannot_be_created_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="BRIEFING_DATA_DIR"):
        Database(tmp_path / "file" / "archive")


def test_two_processes_that_open_a_new_archive_at_once_both_succeed(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from index.storage.database import Database\n"
        "from sqlalchemy import text\n"
        "sys.stdin.read(1); database = Database(Path(sys.argv[1])); keys = []\n"
        "for transaction in (database.read_transaction, database.write_transaction):\n"
        "    with transaction() as c: keys.append(c.scalar(text('PRAGMA foreign_keys')))\n"
        "print(database.store_id, keys)"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:  # each waits for its own standard input, so all start together
        assert process.stdin is not None
        process.stdin.write("x")
        process.stdin.flush()
    outputs = {process.communicate(timeout=300)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(outputs) == 1
    assert outputs.pop().endswith("[1, 1]\n")


def test_all_migrations_can_be_downgraded(database: Database) -> None:
    from alembic import command

    with database.write_transaction() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        assert set(inspect(connection).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
