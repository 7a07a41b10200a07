"""The inbox: an update is recorded before it is handled, and its answer is sent at most once.

An update *waits* until its reply is about to be sent; while it is *sending* nobody knows whether
Telegram has the reply. What a crash leaves waiting is answered at the next start; what it leaves
sending is *unknown*: it is counted and listed, and never sent a second time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import answers, updates
from index.clock import Clock
from index.models import DateWindow
from index.storage.database import Database
from index.storage.row_mapping import format_utc

RETENTION = timedelta(days=30)
"""How long an answer's buttons work, and a finished update is remembered."""


_UPDATE_ROW = update(updates).where(
    updates.c.bot_id == bindparam("of_bot"), updates.c.update_id == bindparam("of_update")
)


class UpdateOutcome(StrEnum):
    """How an update was done."""

    SENT = "sent"
    IGNORED = "ignored"
    """It asks nothing of the bot."""
    NOTED = "noted"
    """It says something to remember, and asks for no reply."""
    LIMITED = "limited"
    """It came on top of too many others."""
    FORBIDDEN = "forbidden"
    """Whoever sent it has blocked the bot since."""
    REJECTED = "rejected"
    """Telegram refused the reply."""


class IncomingRecord(NamedTuple):
    """An update as it came; `payload` is None where it asks nothing of the bot."""

    update_id: int
    digest: str
    chat_id: int | None
    payload: str | None


def build_incoming_record(
    raw: dict[str, Any], chat_id: int | None, *, is_relevant: bool
) -> IncomingRecord:
    """Return the arrival of an update as JSON gave it; only what is wanted is kept."""
    payload = json.dumps(raw)
    digest = hashlib.sha256((_identity(raw) if is_relevant else payload).encode()).hexdigest()[:32]
    return IncomingRecord(raw["update_id"], digest, chat_id, payload if is_relevant else None)


def _identity(raw: dict[str, Any]) -> str:
    """Return what stays the same of an update however often it is delivered."""
    if "message" in raw:
        message = raw["message"]
        return json.dumps([message["chat"]["id"], message["message_id"], message["date"]])
    if "callback_query" in raw:
        return json.dumps(raw["callback_query"]["id"])
    return json.dumps(raw)


class QuotedPassage(BaseModel):
    """A passage that was quoted: `article.text[start:end]`, with a digest of what it said."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    article_id: str
    start: int
    end: int
    digest: str


class AnswerState(BaseModel):
    """An answer that was given: what it showed, and what had been shown before it."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    chat: int
    question: str
    shown: tuple[QuotedPassage, ...]
    earlier: tuple[QuotedPassage, ...] = ()
    window: DateWindow | None = None
    """The dates that were searched, and are by what goes on from it; None: nobody named any."""
    near: bool = False
    """It showed the nearest passages, which may answer nothing."""
    continues: int | None = None
    """The update whose answer this one goes on from."""
    continued_by: int | None = None
    """The update whose answer goes on from this one."""


class InboxCounts(BaseModel):
    """How many updates are in each state, and which sends nobody knows the outcome of."""

    waiting: int
    sending: int
    done: Mapping[str, int]
    unknown: tuple[Mapping[str, Any], ...]


class Inbox:
    """The updates of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock

    async def record(self, records: Sequence[IncomingRecord]) -> set[int]:
        """Record what has just come; return the ids that had not come before.

        Telegram may begin its numbers anew after a quiet week: an update that says something else
        under the number of one that is done is another update.
        """

        def insert_new(connection: Connection) -> set[int]:
            now = self._now()
            new_records = {incoming.update_id: incoming for incoming in records}
            existing_rows = connection.execute(
                select(updates.c.update_id, updates.c.digest, updates.c.state).where(
                    updates.c.bot_id == self._bot_id, updates.c.update_id.in_(new_records)
                )
            ).all()
            for existing in existing_rows:
                if (
                    existing.state in ("waiting", "sending")
                    or existing.digest == new_records[existing.update_id].digest
                ):
                    del new_records[existing.update_id]
                else:
                    key = {"bot_id": self._bot_id, "update_id": existing.update_id}
                    connection.execute(delete(updates).filter_by(**key))
                    connection.execute(delete(answers).filter_by(**key))
            rows = [
                {
                    "bot_id": self._bot_id,
                    **incoming._asdict(),
                    "state": "waiting" if incoming.payload else "done",
                    "outcome": None if incoming.payload else UpdateOutcome.IGNORED,
                    "recorded_at": now,
                    "finished_at": None if incoming.payload else now,
                }
                for incoming in new_records.values()
            ]
            if rows:
                connection.execute(insert(updates), rows)
            return set(new_records)

        return await self._write(insert_new)

    async def recover(self) -> tuple[list[str], int]:
        """Return what a crash left waiting, oldest first, and how many sends it left unknown."""

        def select_waiting(connection: Connection) -> tuple[list[str], int]:
            interrupted = connection.execute(
                update(updates)
                .where(updates.c.bot_id == self._bot_id, updates.c.state == "sending")
                .values(state="unknown", finished_at=self._now())
            )
            waiting = select(updates.c.payload).where(
                updates.c.bot_id == self._bot_id,
                updates.c.state == "waiting",
                updates.c.payload.is_not(None),
            )
            oldest_first = waiting.order_by(updates.c.recorded_at, updates.c.update_id)
            return list(connection.scalars(oldest_first)), interrupted.rowcount

        return await self._write(select_waiting)

    async def mark_sending(self, update_id: int, answer_state: AnswerState | None = None) -> None:
        """Note that its reply is about to be sent, and what the reply shows."""

        def store_sending(connection: Connection) -> None:
            self._update_row(connection, update_id, state="sending")
            if answer_state is None:
                return
            key = {"bot_id": self._bot_id, "update_id": update_id}
            connection.execute(delete(answers).filter_by(**key))
            row = {**key, "given": answer_state.model_dump_json(), "given_at": self._now()}
            connection.execute(insert(answers), row)

        await self._write(store_sending)

    async def mark_waiting(self, update_id: int) -> None:
        """Note that the reply cannot have been delivered: it will be sent again."""
        await self._write(
            lambda connection: self._update_row(connection, update_id, state="waiting")
        )

    async def mark_in_doubt(self, update_id: int) -> None:
        """Note that nobody can know whether the reply was delivered."""
        await self._write(
            lambda connection: self._update_row(
                connection, update_id, state="unknown", finished_at=self._now()
            )
        )

    async def mark_done(
        self, outcome: UpdateOutcome, *update_ids: int, continues: int | None = None
    ) -> None:
        """Note that these updates need nothing more, and which answer theirs goes on from."""

        def store_done(connection: Connection) -> None:
            for update_id in update_ids:
                self._update_row(
                    connection,
                    update_id,
                    state="done",
                    outcome=outcome,
                    payload=None,
                    finished_at=self._now(),
                )
                if continues is not None:
                    connection.execute(
                        update(answers)
                        .filter_by(bot_id=self._bot_id, update_id=continues)
                        .values(continued_by=update_id)
                    )

        await self._write(store_done)

    async def find_answer_state(self, update_id: int) -> AnswerState | None:
        """Return the answer that was given to an update; None where there is none any more."""

        def select_answer_state(connection: Connection) -> AnswerState | None:
            row = connection.execute(
                select(answers).filter_by(bot_id=self._bot_id, update_id=update_id)
            ).one_or_none()
            if row is None:
                return None
            answer_state = AnswerState.model_validate_json(row.given)
            return answer_state.model_copy(update={"continued_by": row.continued_by})

        return await self._read(select_answer_state)

    async def delete_expired(self) -> None:
        """Forget what was finished, and the answers that were given, long ago."""

        def delete_old(connection: Connection) -> None:
            cutoff = format_utc(self._clock() - RETENTION)
            is_finished = updates.c.state.in_(("done", "unknown"))
            connection.execute(delete(updates).where(updates.c.recorded_at < cutoff, is_finished))
            connection.execute(delete(answers).where(answers.c.given_at < cutoff))

        await self._write(delete_old)

    def _update_row(self, connection: Connection, update_id: int, **values: Any) -> None:
        key = {"of_bot": self._bot_id, "of_update": update_id}
        connection.execute(_UPDATE_ROW, key | values)

    def _now(self) -> str:
        return format_utc(self._clock())


def count_updates(database: Database) -> InboxCounts:
    """Count the updates of every bot by what became of them."""
    with database.read_transaction() as connection:
        grouped = connection.execute(
            select(updates.c.state, updates.c.outcome, func.count())
            .group_by(updates.c.state, updates.c.outcome)
            .order_by(updates.c.outcome)
        ).all()
        unknown = connection.execute(
            select(updates.c.update_id, updates.c.chat_id, updates.c.recorded_at)
            .where(updates.c.state == "unknown")
            .order_by(updates.c.recorded_at)
        ).mappings()
        by_state = {state: count for state, _, count in grouped if state != "done"}
        return InboxCounts(
            waiting=by_state.get("waiting", 0),
            sending=by_state.get("sending", 0),
            done={outcome: count for state, outcome, count in grouped if state == "done"},
            unknown=tuple(dict(row) for row in unknown),
        )
