"""Erase what the database holds about a person.

A person is known by one number: the user's id, which is also the id of their private chat. What
groups subscribed to belongs to the groups. The log of who changed what in the archive stays, with
the number and without the name, and so does which editor added a feed or decided on an article.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Column, Connection, and_, delete, exists, or_, select, update

from bot.digest.store.schema import contents, deliveries, subscriptions, watches
from bot.editorial.roles import audit_actor
from bot.feeds.store.schema import feed_lists
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import (
    answers,
    conversations,
    drafts,
    editors,
    feedback,
    invitations,
    people,
    prompts,
    updates,
)
from index.storage import audit_log

_SETTINGS = (people.c.id, editors.c.id)
_CONVERSATIONS = (conversations.c.chat_id, conversations.c.actor_id, feedback.c.actor_id)
_SUBSCRIPTIONS = (subscriptions.c.chat_id, watches.c.chat_id)
_EDITORIAL = (drafts.c.editor, prompts.c.editor, feed_lists.c.editor, invitations.c.used_by)
"""The columns with a person's number whose rows are deleted; other tables are treated below."""

Forget = Callable[[int], object]
"""Drops what the process has in memory about a person."""


class ErasedRows(NamedTuple):
    """The numbers of rows that were erased."""

    settings: int
    """The language, whether the bot is blocked, and the options of an editor."""
    messages: int
    """Messages, presses of buttons, reactions, the state of answers, and ratings."""
    digest: int
    """The subscription, watches, digests and alerts."""
    editorial: int
    """Drafts, and what else an editor was sent or asked."""


class PersonalDataStore:
    """Erases people from the database and from memory."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, in_memory: Sequence[Forget]) -> None:
        self._write = writer
        self._bot_id = bot_id
        self._in_memory = in_memory

    async def erase(self, user_id: int, update_id: int) -> ErasedRows:
        """Erase everything about a person, in one transaction; return what was erased.

        The row of `update_id`, which asked for it, loses its chat and stays until it expires, so
        that its reply is sent once; later updates, which wait for their answers, stay too.
        """
        erased = await self._write(
            lambda connection: _erase(connection, user_id, self._bot_id, update_id)
        )
        for forget in self._in_memory:
            forget(user_id)
        return erased


def _erase(connection: Connection, user_id: int, bot_id: int, update_id: int) -> ErasedRows:
    made_by = delete(invitations).where(invitations.c.made_by == audit_actor(user_id))
    audit_log.erase_name(connection, str(user_id))
    return ErasedRows(
        settings=_delete_rows(connection, _SETTINGS, user_id),
        messages=_delete_rows(connection, _CONVERSATIONS, user_id)
        + _delete_answers(connection, user_id)
        + _delete_updates(connection, user_id, bot_id, update_id),
        digest=_delete_rows(connection, _SUBSCRIPTIONS, user_id)
        + _delete_deliveries(connection, user_id),
        editorial=_delete_rows(connection, _EDITORIAL, user_id)
        + connection.execute(made_by).rowcount,
    )


def _delete_rows(connection: Connection, columns: Sequence[Column[Any]], user_id: int) -> int:
    """Delete the rows with a person's number in one of the columns; return how many there were."""
    statements = (delete(column.table).where(column == user_id) for column in columns)
    return sum(connection.execute(statement).rowcount for statement in statements)


def _delete_answers(connection: Connection, user_id: int) -> int:
    """Delete the answers to a person, in private and in groups, and what others think of them."""
    candidates = select(answers.c.bot_id, answers.c.update_id, answers.c.given).where(
        answers.c.given.contains(str(user_id))
    )
    count = 0
    for row in connection.execute(candidates).all():
        state = json.loads(row.given)
        if user_id in (state.get("chat"), state.get("actor")):
            key = {"bot_id": row.bot_id, "update_id": row.update_id}
            for table in (answers, feedback):
                count += connection.execute(delete(table).filter_by(**key)).rowcount
    return count


def _delete_updates(connection: Connection, user_id: int, bot_id: int, update_id: int) -> int:
    is_current = and_(updates.c.bot_id == bot_id, updates.c.update_id == update_id)
    connection.execute(update(updates).where(is_current).values(chat_id=None))
    is_past = or_(updates.c.state.in_(("done", "unknown")), updates.c.update_id < update_id)
    past = delete(updates).where(updates.c.chat_id == user_id, is_past)
    return connection.execute(past).rowcount


def _delete_deliveries(connection: Connection, user_id: int) -> int:
    """Delete a person's deliveries, and the contents that no other chat got."""
    own = deliveries.c.chat_id == user_id
    numbers = connection.scalars(select(deliveries.c.content).where(own).distinct()).all()
    count = connection.execute(delete(deliveries).where(own)).rowcount
    is_used = exists().where(deliveries.c.content == contents.c.number)
    for number in numbers:
        connection.execute(delete(contents).where(contents.c.number == number, ~is_used))
    return count
