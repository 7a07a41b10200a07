"""What /forgetme erases, over every table of the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, insert, select

import bot.privacy.store  # noqa: F401 - it imports the tables of the bot
from bot.privacy.store import ErasedRows, PersonalDataStore
from bot.runtime.db_writer import DatabaseWriter
from index.storage.database import Database
from index.storage.schema import metadata

BOT, SALMA, KARIM = 7, 610_000_017, 610_000_018
OTHER_NUMBERS = {
    *("updates.update_id", "answers.update_id", "answers.continued_by", "drafts.update_id"),
    *("updates.message_id", "updates.reply_message_id", "feedback.update_id"),
    *("prompts.answered_by", "deliveries.offered_by", "copy_bands.band"),
    *("feed_items.by_id", "feed_items.by_url", "feed_items.by_words", "feed_items.said"),
    "feed_items.page_text",
    *("subscriptions.thread_id", "deliveries.thread_id", "watches.thread_id"),
}
"""Numbers of 64 bits that are of no person and no chat: of all others a new table has to say so
here, or be erased."""
KEPT = {"audit.by", "audit.about", "feeds.added_by", "held.decided_by"}
"""Who changed what in the archive stays."""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


def value(column: Column[Any], person: int, row: int) -> Any:
    """Return what a row of a person's holds in a column."""
    name = f"{column.table.name}.{column.name}"
    known = {
        "answers.given": json.dumps({"chat": -5, "actor": person, "question": "?"}),
        "audit.before": json.dumps({"role": "admin", "name": f"Layla {person}"}),
        "audit.after": None,
        "audit.about": str(person),
        "updates.state": "done",
        "articles.embedded_by": "model",
        f"{column.table.name}.bot_id": BOT,
    }
    if name in known:
        return known[name]
    match column.type:
        case BigInteger() if name not in OTHER_NUMBERS:
            return person
        case Boolean():
            return True
        case Integer():
            return row
        case LargeBinary():
            return bytes([row])
    return f"telegram {person}" if name.endswith(("_by", ".by")) else f"x{row}"


def fill(database: Database) -> None:
    """Give Salma the first row of every table, and Karim the second."""
    with database.write_transaction() as connection:
        for table in metadata.sorted_tables:
            for row, person in ((1, SALMA), (2, KARIM)):
                values = {column.name: value(column, person, row) for column in table.columns}
                connection.execute(insert(table).values(values))


def erase(database: Database, update_id: int) -> ErasedRows:
    forgotten: list[int] = []

    async def work() -> ErasedRows:
        writer = DatabaseWriter(database)
        try:
            store = PersonalDataStore(writer, BOT, [forgotten.append])
            return await store.erase(SALMA, update_id)
        finally:
            await writer.close()

    erased = asyncio.run(work())
    assert forgotten == [SALMA]
    return erased


def held(database: Database, person: int) -> set[str]:
    """Return the columns of the database that name a person."""
    found = set()
    with database.read_transaction() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)).mappings():
                found |= {f"{table.name}.{name}" for name in row if str(person) in str(row[name])}
    return found


def test_no_table_names_a_person_who_was_erased_but_for_who_changed_the_archive(
    database: Database,
) -> None:
    fill(database)
    before = held(database, KARIM)
    assert held(database, SALMA) == before > KEPT
    assert erase(database, update_id=9) == ErasedRows(2, 4, 3, 4)
    assert held(database, SALMA) == KEPT
    assert held(database, KARIM) == before


def test_the_update_that_asked_for_it_stays_without_its_chat_and_those_behind_it_stay(
    database: Database,
) -> None:
    columns = {"bot_id": BOT, "digest": "x", "recorded_at": "x", "payload": "{}"}
    table = metadata.tables["updates"]
    with database.write_transaction() as connection:
        for update_id, state in ((3, "unknown"), (4, "done"), (5, "waiting"), (6, "waiting")):
            row = {**columns, "update_id": update_id, "state": state, "chat_id": SALMA}
            connection.execute(insert(table).values(row))
    assert erase(database, update_id=5).messages == 2
    with database.read_transaction() as connection:
        left = connection.execute(select(table.c.update_id, table.c.chat_id)).all()
    assert [tuple(row) for row in left] == [(5, None), (6, SALMA)]
