"""The inbox keeps what came, once, and what became of its reply."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest
from sqlalchemy import Connection, select

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import (
    AnswerState,
    Inbox,
    IncomingRecord,
    QuotedPassage,
    UpdateOutcome,
    build_incoming_record,
    count_updates,
)
from bot.telegram.schema import people as people_table
from bot.telegram.schema import updates
from index.errors import StoreError
from index.storage.database import Database
from tests.fixtures.sample_articles import SetClock

SHOWN = QuotedPassage(article_id="port", start=0, end=9, digest="d")
Result = TypeVar("Result")


class RunInbox(Protocol):
    """Use the inbox of a bot as one process does; each call is another process."""

    def __call__(
        self, work: Callable[[Inbox, ChatPreferences], Awaitable[Result]], bot_id: int = 7
    ) -> Result: ...


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def run(database: Database, clock: SetClock) -> RunInbox:

    def use(work: Callable[[Inbox, ChatPreferences], Awaitable[Result]], bot_id: int = 7) -> Result:
        async def through() -> Result:
            writing = DatabaseWriter(database)
            try:
                return await work(Inbox(writing, bot_id, clock), ChatPreferences(writing, clock))
            finally:
                await writing.close()

        return asyncio.run(through())

    return use


def message(update_id: int, text: str = "?") -> IncomingRecord:
    said = {"chat": {"id": 1}, "message_id": len(text), "date": update_id, "text": text}
    raw = {"update_id": update_id, "message": said}
    return build_incoming_record(raw, 1, len(text), is_relevant=True)


def test_an_update_that_comes_again_is_not_new(run: RunInbox) -> None:
    assert run(lambda inbox, _: inbox.record([message(1), message(2)])) == {1, 2}
    assert run(lambda inbox, _: inbox.record([message(2), message(3)])) == {3}


def test_the_same_number_from_another_bot_is_another_update(run: RunInbox) -> None:
    assert run(lambda inbox, _: inbox.record([message(1)])) == {1}
    assert run(lambda inbox, _: inbox.record([message(1)]), bot_id=8) == {1}


def test_a_number_that_telegram_gives_to_something_else_is_new_once_the_first_is_done(
    run: RunInbox,
) -> None:
    async def work(inbox: Inbox, _: ChatPreferences) -> list[set[int]]:
        await inbox.record([message(1, "first")])
        before = await inbox.record([message(1, "second")])
        await inbox.mark_sending(1)
        before |= await inbox.record([message(1, "second")])
        await inbox.mark_done(UpdateOutcome.SENT, 1)
        after = await inbox.record([message(1, "second")])
        return [before, after, await inbox.record([message(1, "second")])]

    assert run(work) == [set(), {1}, set()]


def test_a_crash_leaves_waiting_what_was_not_being_sent_and_unknown_what_was(
    run: RunInbox, database: Database
) -> None:
    async def before(inbox: Inbox, _: ChatPreferences) -> None:
        await inbox.record([message(number) for number in range(1, 6)])
        await inbox.mark_sending(2)
        await inbox.mark_sending(3)
        await inbox.mark_waiting(3)
        await inbox.mark_sending(4)
        await inbox.mark_done(UpdateOutcome.SENT, 4)

    run(before)
    waiting, unknown = run(lambda inbox, _: inbox.recover())
    assert [json.loads(line)["update_id"] for line in waiting] == [1, 3, 5]
    assert unknown == 1
    assert [each["update_id"] for each in count_updates(database).unknown] == [2]
    assert run(lambda inbox, _: inbox.recover())[1] == 0


def test_what_is_done_is_kept_without_its_words(run: RunInbox, database: Database) -> None:
    async def work(inbox: Inbox, _: ChatPreferences) -> None:
        await inbox.record([message(1, "a secret question"), message(2, "another")])
        await inbox.mark_done(UpdateOutcome.SENT, 1)

    run(work)
    with database.read_transaction() as connection:
        kept = connection.execute(select(updates.c.update_id, updates.c.payload)).all()
    assert {row.update_id: row.payload is None for row in kept} == {1: True, 2: False}


def test_what_is_ignored_is_remembered_as_that(run: RunInbox, database: Database) -> None:
    ignored = build_incoming_record({"update_id": 9, "poll": {}}, None, None, is_relevant=False)
    assert run(lambda inbox, _: inbox.record([ignored])) == {9}
    assert count_updates(database).done == {"ignored": 1}
    assert run(lambda inbox, _: inbox.recover()) == ([], 0)


def test_an_answer_can_be_gone_back_to_and_knows_what_goes_on_from_it(
    run: RunInbox,
) -> None:
    async def work(
        inbox: Inbox, _: ChatPreferences
    ) -> tuple[AnswerState | None, AnswerState | None, AnswerState | None]:
        await inbox.record([message(1), message(2)])
        await inbox.mark_sending(1, AnswerState(chat=1, question="متى؟", shown=(SHOWN,)))
        fresh = await inbox.find_answer_state(1)
        following = AnswerState(chat=1, question="متى؟", shown=(), earlier=(SHOWN,), continues=1)
        await inbox.mark_sending(2, following)
        await inbox.mark_waiting(2)
        await inbox.mark_sending(2, following)
        await inbox.mark_done(UpdateOutcome.SENT, 2, continues=1)
        return fresh, await inbox.find_answer_state(1), await inbox.find_answer_state(3)

    fresh, continued, missing = run(work)
    assert fresh
    assert continued
    assert (fresh.question, fresh.shown, fresh.continued_by) == ("متى؟", (SHOWN,), None)
    assert continued.continued_by == 2
    assert missing is None


def test_after_a_month_what_is_finished_is_forgotten_and_what_waits_is_not(
    run: RunInbox, clock: SetClock, database: Database
) -> None:
    async def before(inbox: Inbox, _: ChatPreferences) -> None:
        await inbox.record([message(1), message(2)])
        await inbox.mark_sending(1, AnswerState(chat=1, question="متى؟", shown=()))
        await inbox.mark_done(UpdateOutcome.SENT, 1)

    run(before)
    clock.move(days=29)
    run(lambda inbox, _: inbox.delete_expired())
    assert run(lambda inbox, _: inbox.find_answer_state(1))
    clock.move(days=2)
    run(lambda inbox, _: inbox.delete_expired())
    assert run(lambda inbox, _: inbox.find_answer_state(1)) is None
    counts = count_updates(database)
    assert (counts.waiting, counts.done) == (1, {})


def test_a_language_is_remembered_and_an_unreachable_chat_is_noted(
    run: RunInbox, database: Database
) -> None:
    async def before(_: Inbox, people: ChatPreferences) -> None:
        await people.set_lang(5, "fr")
        await people.set_lang(6, "en")
        await people.set_lang(6, "ar")
        await people.set_reachable(5, reachable=False)
        await people.set_reachable(8, reachable=False)
        await people.set_reachable(8, reachable=True)

    async def after(_: Inbox, people: ChatPreferences) -> tuple[Any, ...]:
        unread = people.get_lang(5)
        await people.load()
        spoken = [people.get_lang(person) for person in (5, 6, 7)]
        return unread, spoken

    run(before)
    assert run(after) == (None, ["fr", "ar", None])
    noted = select(people_table.c.id).where(people_table.c.unreachable_since.is_not(None))
    with database.read_transaction() as connection:
        assert set(connection.scalars(noted)) == {5}


def test_one_write_that_fails_takes_no_other_with_it(database: Database) -> None:
    async def through() -> list[Any]:
        writing = DatabaseWriter(database)

        def fail(_: object) -> None:
            raise StoreError("no")

        jobs = [writing(lambda _: 1), writing(fail), writing(lambda _: 2)]
        results = await asyncio.gather(*jobs, return_exceptions=True)
        await writing.close()
        return results

    first, failed, second = asyncio.run(through())
    assert (first, second) == (1, 2)
    assert isinstance(failed, StoreError)


class Counting(Database):
    """Counts its transactions."""

    transactions = 0

    @contextmanager
    def write_transaction(self) -> Iterator[Connection]:
        self.transactions += 1
        with super().write_transaction() as connection:
            yield connection


def test_what_waits_together_is_committed_together(tmp_path: Path) -> None:
    database = Counting(tmp_path)
    seen: list[object] = []

    async def through() -> None:
        writing = DatabaseWriter(database)
        await asyncio.gather(*(writing(seen.append) for _ in range(20)))
        await writing.close()

    asyncio.run(through())
    assert len(seen) == 20
    assert database.transactions <= 2
    database.close()
