"""The inbox: record each update before it is handled, so that its reply is sent at most once.

An update is *waiting* until its reply is about to be sent. While it is *sending*, it is not known
whether Telegram has received the reply. After a crash, waiting updates are answered at the next
start; those that were sending become *unknown*: they are counted and listed, and never sent again.
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

from bot.i18n.languages import UiLanguage
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import answers, conversations, updates
from index.clock import Clock
from index.models import DateWindow
from index.storage.database import Database
from index.storage.row_mapping import format_utc

RETENTION = timedelta(days=30)
"""How long finished updates are stored, and how long the buttons of an answer work."""
CONVERSATION_PERIOD = timedelta(minutes=10)
"""How long a question can be followed up."""
_UPDATE_ROW = update(updates).where(
    updates.c.bot_id == bindparam("row_bot_id"), updates.c.update_id == bindparam("row_update_id")
)


class UpdateOutcome(StrEnum):
    """How the handling of an update ended."""

    SENT = "sent"
    IGNORED = "ignored"
    """It needs no action."""
    NOTED = "noted"
    """It was recorded and needs no reply."""
    LIMITED = "limited"
    """It exceeded a rate limit or the length of a queue."""
    FORBIDDEN = "forbidden"
    """The sender has blocked the bot."""
    REJECTED = "rejected"
    """Telegram refused the reply."""


class IncomingRecord(NamedTuple):
    """A received update; `payload` is its JSON, or None if the update needs no action."""

    update_id: int
    digest: str
    chat_id: int | None
    message_id: int | None
    """The message that it brought or edited."""
    payload: str | None


def build_incoming_record(
    raw: dict[str, Any], chat_id: int | None, message_id: int | None, *, is_relevant: bool
) -> IncomingRecord:
    """Return the record of an update; its payload is stored only if it is relevant."""
    payload = json.dumps(raw)
    digest = hashlib.sha256((_identity(raw) if is_relevant else payload).encode()).hexdigest()[:32]
    return IncomingRecord(
        raw["update_id"], digest, chat_id, message_id, payload if is_relevant else None
    )


def _identity(raw: dict[str, Any]) -> str:
    """Return the part of an update that is the same in every delivery of it."""
    if "message" in raw:
        message = raw["message"]
        return json.dumps([message["chat"]["id"], message["message_id"], message["date"]])
    if "edited_message" in raw:
        message = raw["edited_message"]
        return json.dumps([message["chat"]["id"], message["message_id"], message.get("edit_date")])
    if "callback_query" in raw:
        return json.dumps(raw["callback_query"]["id"])
    return json.dumps(raw)


class QuotedPassage(BaseModel):
    """A quoted passage: `article.text[start:end]` and a digest of that text."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    article_id: str
    start: int
    end: int
    digest: str


class AnswerState(BaseModel):
    """The state of an answer, which its buttons need: the passages shown in it and before it."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    chat: int
    question: str
    shown: tuple[QuotedPassage, ...]
    earlier: tuple[QuotedPassage, ...] = ()
    window: DateWindow | None = None
    """The dates that it and its continuations search; None if no dates were given."""
    sources: tuple[str, ...] | None = None
    """The sources that it and its continuations search, () for all; None if none were given."""
    literal: bool = False
    """Whether the question is searched as written, without corrections."""
    newest: bool = False
    """Whether it shows the newest articles about the question."""
    near: bool = False
    """Whether it shows the nearest passages, which may not answer the question."""
    on_subject: bool = False
    """Whether it shows the newest articles on the question's subject, which may not answer it."""
    actor: int | None = None
    """Who asked; None for answers of earlier versions and those that begin no conversation."""
    understood: str | None = None
    """The question as it was understood: follow-ups lean on it."""
    after: tuple[str, ...] = ()
    """The earlier questions that it leans on."""
    related_articles: tuple[str, ...] = ()
    """The articles that answered them."""
    lang: UiLanguage | None = None
    """The language of the answer's own words; None for answers of earlier versions."""
    continues: int | None = None
    """The update whose answer this one continues."""
    continued_by: int | None = None
    """The update whose answer continues this one."""

    @property
    def answers_question(self) -> bool:
        """Whether it quotes passages in answer to a question, so that readers may rate it."""
        return bool(self.shown and self.understood) and not (self.near or self.on_subject)


class Conversation(NamedTuple):
    """The last question of a person in a chat, as understood, and the articles that answered."""

    question: str
    article_ids: tuple[str, ...]


class InboxCounts(BaseModel):
    """The number of updates in each state, and the updates whose delivery is unknown."""

    waiting: int
    sending: int
    done: Mapping[str, int]
    unknown: tuple[Mapping[str, Any], ...]


class Inbox:
    """Stores the updates of one bot, and the state of its answers."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock

    async def record(self, records: Sequence[IncomingRecord]) -> set[int]:
        """Record received updates; return the ids of those that are new.

        Telegram may restart its numbering after a week without updates: an update with the id of a
        finished one and another digest is a new update, and replaces the finished one.
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
        """Mark interrupted sends as unknown after a restart.

        Return the payloads of the waiting updates, oldest first, and the number of unknown sends.
        """

        def select_waiting(connection: Connection) -> tuple[list[str], int]:
            interrupted = connection.execute(
                update(updates)
                .where(updates.c.bot_id == self._bot_id, updates.c.state == "sending")
                .values(state="unknown", payload=None, finished_at=self._now())
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
        """Record that the reply is about to be sent, and the state of the answer in it."""

        def store_sending(connection: Connection) -> None:
            self._update_row(connection, update_id, state="sending")
            if answer_state is not None:
                self._store_answer_state(connection, update_id, answer_state)

        await self._write(store_sending)

    async def mark_waiting(self, update_id: int) -> None:
        """Record that the reply was not delivered, and will be sent again."""
        await self._write(
            lambda connection: self._update_row(connection, update_id, state="waiting")
        )

    async def mark_in_doubt(self, update_id: int) -> None:
        """Record that it is not known whether the reply was delivered."""
        await self._write(
            lambda connection: self._update_row(
                connection,
                update_id,
                state="unknown",
                payload=None,
                finished_at=self._now(),
            )
        )

    async def mark_done(
        self,
        outcome: UpdateOutcome,
        *update_ids: int,
        continues: int | None = None,
        reply_message_id: int | None = None,
    ) -> None:
        """Record the outcome of updates, their reply, and the update whose answer they continue."""

        def store_done(connection: Connection) -> None:
            for update_id in update_ids:
                self._update_row(
                    connection,
                    update_id,
                    state="done",
                    outcome=outcome,
                    payload=None,
                    finished_at=self._now(),
                    reply_message_id=reply_message_id,
                )
                if continues is not None:
                    connection.execute(
                        update(answers)
                        .filter_by(bot_id=self._bot_id, update_id=continues)
                        .values(continued_by=update_id)
                    )

        await self._write(store_done)

    async def find_answer_state(self, update_id: int) -> AnswerState | None:
        """Return the state of the answer to an update; None if there is none or it has expired."""

        def select_answer_state(connection: Connection) -> AnswerState | None:
            row = connection.execute(
                select(answers).filter_by(bot_id=self._bot_id, update_id=update_id)
            ).one_or_none()
            if row is None:
                return None
            answer_state = AnswerState.model_validate_json(row.given)
            return answer_state.model_copy(update={"continued_by": row.continued_by})

        return await self._read(select_answer_state)

    async def find_answer_state_of_chat(self, update_id: int, chat_id: int) -> AnswerState | None:
        """Return the state of the answer to an update, or None if it was given in another chat."""
        answer_state = await self.find_answer_state(update_id)
        return answer_state if answer_state and answer_state.chat == chat_id else None

    async def store_answer_state(self, update_id: int, answer_state: AnswerState) -> None:
        """Store the state of the answer to an update; it replaces an earlier one."""
        await self._write(
            lambda connection: self._store_answer_state(connection, update_id, answer_state)
        )

    async def find_reply_message(self, chat_id: int, message_id: int) -> int | None:
        """Return the id of the message that answered a message; None if it is unknown."""
        replies = (
            select(updates.c.reply_message_id)
            .filter_by(bot_id=self._bot_id, chat_id=chat_id, message_id=message_id)
            .where(updates.c.reply_message_id.is_not(None))
            .order_by(updates.c.recorded_at.desc())
        )
        return await self._read(lambda connection: connection.scalars(replies).first())

    async def find_answer_in_message(self, chat_id: int, message_id: int) -> AnswerState | None:
        """Return the state of the answer in a message of the bot; None if it has none."""
        update_id = await self.find_answered_update(chat_id, message_id)
        return None if update_id is None else await self.find_answer_state(update_id)

    async def find_answered_update(self, chat_id: int, message_id: int) -> int | None:
        """Return the update that a message of the bot answered last; None if it is unknown."""
        answered = (
            select(updates.c.update_id)
            .filter_by(bot_id=self._bot_id, chat_id=chat_id, reply_message_id=message_id)
            .order_by(updates.c.recorded_at.desc())
        )
        return await self._read(lambda connection: connection.scalars(answered).first())

    async def find_conversation(self, chat_id: int, actor_id: int) -> Conversation | None:
        """Return what a person last asked in a chat, within `CONVERSATION_PERIOD`."""

        def select_conversation(connection: Connection) -> Conversation | None:
            cutoff = format_utc(self._clock() - CONVERSATION_PERIOD)
            row = connection.execute(
                select(conversations)
                .filter_by(bot_id=self._bot_id, chat_id=chat_id, actor_id=actor_id)
                .where(conversations.c.asked_at >= cutoff)
            ).one_or_none()
            if row is None:
                return None
            return Conversation(row.question, tuple(json.loads(row.article_ids)))

        return await self._read(select_conversation)

    async def forget_conversation(self, chat_id: int, actor_id: int) -> None:
        """Forget what a person last asked in a chat."""
        key = {"bot_id": self._bot_id, "chat_id": chat_id, "actor_id": actor_id}
        await self._write(
            lambda connection: connection.execute(delete(conversations).filter_by(**key))
        )

    def _store_answer_state(
        self, connection: Connection, update_id: int, answer_state: AnswerState
    ) -> None:
        key = {"bot_id": self._bot_id, "update_id": update_id}
        connection.execute(delete(answers).filter_by(**key))
        row = {**key, "given": answer_state.model_dump_json(), "given_at": self._now()}
        connection.execute(insert(answers), row)
        self._store_conversation(connection, answer_state)

    def _store_conversation(self, connection: Connection, answer_state: AnswerState) -> None:
        if answer_state.actor is None or answer_state.understood is None:
            return
        key = {
            "bot_id": self._bot_id,
            "chat_id": answer_state.chat,
            "actor_id": answer_state.actor,
        }
        article_ids = list(dict.fromkeys(passage.article_id for passage in answer_state.shown))
        connection.execute(delete(conversations).filter_by(**key))
        row = {
            **key,
            "question": answer_state.understood,
            "article_ids": json.dumps(article_ids[:1]),
            "asked_at": self._now(),
        }
        connection.execute(insert(conversations), row)

    async def delete_expired(self) -> None:
        """Delete finished updates and answer states that are older than `RETENTION`."""

        def delete_old(connection: Connection) -> None:
            cutoff = format_utc(self._clock() - RETENTION)
            is_finished = updates.c.state.in_(("done", "unknown"))
            connection.execute(delete(updates).where(updates.c.recorded_at < cutoff, is_finished))
            connection.execute(delete(answers).where(answers.c.given_at < cutoff))
            forgotten = format_utc(self._clock() - CONVERSATION_PERIOD)
            connection.execute(delete(conversations).where(conversations.c.asked_at < forgotten))

        await self._write(delete_old)

    def _update_row(self, connection: Connection, update_id: int, **values: Any) -> None:
        key = {"row_bot_id": self._bot_id, "row_update_id": update_id}
        connection.execute(_UPDATE_ROW, key | values)

    def _now(self) -> str:
        return format_utc(self._clock())


def count_updates(database: Database) -> InboxCounts:
    """Count the updates of all bots by state and outcome."""
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
