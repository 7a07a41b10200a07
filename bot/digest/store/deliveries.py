"""The delivery outbox: the edition, alert and summary deliveries of each chat and their states.

A delivery is *planned*, then *sending* from immediately before the API call until its outcome is
known, then *sent*, *failed* (Telegram refuses it) or *parked* (in doubt: it may have arrived). A
delivery that must not be sent any more is *skipped*; an alert beyond the daily limit is *gathered*
(deferred) for a summary. Each transition requires the expected previous state, so only one of two
concurrent transitions succeeds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Update, delete, exists, func, or_, select, update

from bot.digest.payloads import Content, EditionPayload
from bot.digest.store.payloads import read_content, store_content
from bot.digest.store.schema import contents, deliveries, subscriptions, watches
from bot.digest.store.subscribers import end_subscription
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.storage.database import Database
from index.storage.row_mapping import format_utc

RETENTION_PERIOD = timedelta(days=60)
"""How long finished deliveries are kept; the buttons of an edition work as long."""
_DELETE_BATCH_SIZE = 2_000
RESEND_PERIOD = timedelta(days=1)
"""Deadline of a delivery that is sent again, from the request."""
RESENDABLE_STATES = ("parked", "failed")
"""States from which a delivery can be sent again: it did not arrive, or may not have."""
STATES = ("planned", "sending", "sent", "failed", "parked", "skipped", "gathered")


class DeliveryRow(NamedTuple):
    """A row of the table `deliveries`; instants are UTC in ISO 8601."""

    number: int
    chat: int
    thread: int | None
    kind: str
    of: str
    """The local day of an edition or summary; the article number of an alert."""
    content: int | None
    state: str
    why: str | None
    due_at: str
    until: str | None
    finished_at: str | None


COLUMNS = (
    deliveries.c.number,
    deliveries.c.chat_id,
    deliveries.c.thread_id,
    deliveries.c.kind,
    deliveries.c.of,
    deliveries.c.content,
    deliveries.c.state,
    deliveries.c.why,
    deliveries.c.due_at,
    deliveries.c.until,
    deliveries.c.finished_at,
)


class DeliveryOutbox:
    """The deliveries of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock
        self._unoffered_by_chat: dict[int, set[int]] = defaultdict(set)
        """By chat id: the numbers of deliveries in doubt that may not have been offered yet."""
        self._is_loaded = False
        """Whether `recover` has filled it; updates of the last run are answered before that."""

    async def recover(self) -> int:
        """Mark deliveries that a crash interrupted as in doubt; return how many.

        Call this only while no other process delivers.
        """

        def act(connection: Connection) -> int:
            interrupted = connection.execute(
                select(*COLUMNS).filter_by(bot_id=self._bot_id, state="sending")
            ).all()
            for row in interrupted:
                self._mark_in_doubt(connection, DeliveryRow(*row))
            in_doubt_query = select(deliveries.c.chat_id, deliveries.c.number).filter_by(
                bot_id=self._bot_id, state="parked"
            )
            self._unoffered_by_chat.clear()
            for chat_id, delivery_number in connection.execute(in_doubt_query):
                self._unoffered_by_chat[chat_id].add(delivery_number)
            self._is_loaded = True
            return len(interrupted)

        return await self._write(act)

    async def next_planned(self, limit: int, exclude: Collection[int] = ()) -> list[DeliveryRow]:
        """Return planned deliveries, the longest due first, without the numbers in `exclude`."""
        query = (
            select(*COLUMNS)
            .filter_by(bot_id=self._bot_id, state="planned")
            .order_by(deliveries.c.due_at, deliveries.c.content, deliveries.c.number)
            .limit(limit + len(exclude))
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        planned_rows = [DeliveryRow(*row) for row in rows]
        return [delivery for delivery in planned_rows if delivery.number not in exclude][:limit]

    async def load_content(self, content_number: int) -> Content | None:
        """Return the content with that number; None if it was deleted or never existed."""
        return await self._read(lambda connection: read_content(connection, content_number))

    async def claim(self, delivery: DeliveryRow) -> bool:
        """Mark a delivery as being sent; return False if it is not planned any more."""
        transition = self._transition(delivery, "planned").values(state="sending")
        return await self._write(lambda connection: bool(connection.execute(transition).rowcount))

    async def mark_planned(self, delivery: DeliveryRow) -> None:
        """Mark a delivery that cannot have arrived as planned, to be sent again."""
        transition = self._transition(delivery, "sending").values(state="planned")
        await self._write(lambda connection: connection.execute(transition))

    async def replace_content(self, delivery: DeliveryRow, content: Content) -> DeliveryRow:
        """Plan a delivery that was refused again, with another content; return it."""

        def act(connection: Connection) -> int:
            number = store_content(connection, content, self._now())
            transition = self._transition(delivery, "sending").values(
                state="planned", content=number
            )
            connection.execute(transition)
            return number

        return delivery._replace(content=await self._write(act))

    async def clear_thread(self, delivery: DeliveryRow) -> None:
        """Plan a delivery again without its forum topic, which is gone.

        The chat's subscription and watches in that topic lose it too.
        """

        def act(connection: Connection) -> None:
            transition = self._transition(delivery, "sending").values(
                state="planned", thread_id=None
            )
            connection.execute(transition)
            chat_key = {"bot_id": self._bot_id, "chat_id": _current_chat_id(connection, delivery)}
            for table in (subscriptions, watches):
                in_thread = update(table).filter_by(**chat_key, thread_id=delivery.thread)
                connection.execute(in_thread.values(thread_id=None))

        await self._write(act)

    async def mark_sent(self, delivery: DeliveryRow) -> None:
        """Mark a delivery as sent."""

        def act(connection: Connection) -> None:
            if self._finish(connection, delivery, "sending", state="sent"):
                self._advance_delivered_seq(connection, delivery)

        await self._write(act)

    async def mark_in_doubt(self, delivery: DeliveryRow) -> None:
        """Mark a delivery as in doubt: it may have arrived."""

        def act(connection: Connection) -> int:
            self._mark_in_doubt(connection, delivery)
            return _current_chat_id(connection, delivery)

        self._unoffered_by_chat[await self._write(act)].add(delivery.number)

    async def mark_failed(self, delivery: DeliveryRow, reason: str) -> None:
        """Mark a delivery as failed; the reason «blocked» also ends all deliveries to the chat."""

        def act(connection: Connection) -> None:
            self._finish(connection, delivery, "sending", state="failed", why=reason)
            if reason == "blocked":
                end_subscription(
                    connection,
                    self._bot_id,
                    _current_chat_id(connection, delivery),
                    reason,
                    self._now(),
                )

        await self._write(act)

    async def mark_skipped(self, delivery: DeliveryRow, reason: str) -> None:
        """Mark a planned delivery as skipped.

        For the reason «silent» (no news) its range of changes counts as delivered.
        """

        def act(connection: Connection) -> None:
            if (
                self._finish(connection, delivery, "planned", state="skipped", why=reason)
                and reason == "silent"
            ):
                self._advance_delivered_seq(connection, delivery)

        await self._write(act)

    async def read_status(self, limit: int) -> tuple[DeliveryCounts, list[DeliveryRow]]:
        """Return the counts by state, and the newest deliveries in doubt, at most `limit`."""

        def act(connection: Connection) -> tuple[DeliveryCounts, list[DeliveryRow]]:
            in_doubt = list_deliveries(connection, ("parked",), limit, self._bot_id)
            return count_deliveries(connection, self._bot_id), in_doubt

        return await self._read(act)

    def may_have_offers(self, chat_id: int) -> bool:
        """Return whether a delivery in doubt may have to be offered to a chat."""
        return not self._is_loaded or bool(self._unoffered_by_chat.get(chat_id))

    async def claim_offers(self, chat_id: int, update_id: int, limit: int) -> list[DeliveryRow]:
        """Return deliveries in doubt for the reply to an update, and record that it offers them.

        Editions come first, then the newest. The same update gets the same deliveries again, as a
        crash may have interrupted its reply.
        """

        def act(connection: Connection) -> list[DeliveryRow]:
            key = {"bot_id": self._bot_id, "chat_id": chat_id, "state": "parked"}
            offered_here = deliveries.c.offered_by == update_id
            query = (
                select(*COLUMNS)
                .filter_by(**key)
                .where(or_(deliveries.c.offered_by.is_(None), offered_here))
                .order_by(
                    offered_here.desc(), deliveries.c.kind != "edition", deliveries.c.number.desc()
                )
            )
            in_doubt = [DeliveryRow(*row) for row in connection.execute(query)]
            offered = in_doubt[:limit]
            numbers = [delivery.number for delivery in offered]
            connection.execute(
                update(deliveries)
                .where(deliveries.c.number.in_(numbers))
                .values(offered_by=update_id)
            )
            self._unoffered_by_chat[chat_id] = {delivery.number for delivery in in_doubt[limit:]}
            return offered

        return await self._write(act)

    async def is_addressed_to(self, content_number: int, chat_id: int) -> bool:
        """Return whether a content was addressed to a chat; it must not be shown to others."""
        key = {"bot_id": self._bot_id, "chat_id": chat_id, "content": content_number}
        query = select(deliveries.c.number).filter_by(**key).limit(1)
        return await self._read(lambda connection: connection.scalar(query)) is not None

    async def release_in_doubt(self, delivery_number: int, chat_id: int) -> DeliveryRow | None:
        """Mark a chat's delivery in doubt as sent, as the chat sees it now; return it as it was.

        Return a sent delivery unchanged, and None for any other or one without content.
        """

        def act(connection: Connection) -> DeliveryRow | None:
            key = {"bot_id": self._bot_id, "chat_id": chat_id, "number": delivery_number}
            row = connection.execute(select(*COLUMNS).filter_by(**key)).one_or_none()
            if row is None or row.content is None or row.state not in ("parked", "sent"):
                return None
            self._finish(connection, DeliveryRow(*row), "parked", state="sent", why="taken")
            return DeliveryRow(*row)

        return await self._write(act)

    def forget(self, chat_id: int) -> None:
        """Offer nothing to a chat whose deliveries were deleted."""
        self._unoffered_by_chat.pop(chat_id, None)

    async def delete_expired(self) -> None:
        """Delete deliveries after `RETENTION_PERIOD`, in batches that delay other writes little."""
        cutoff = self._clock() - RETENTION_PERIOD
        while await self._write(lambda connection: _delete_expired(connection, cutoff)):
            pass
        await self._write(
            lambda connection: _delete_unused_contents(connection, cutoff - timedelta(days=1))
        )

    def _mark_in_doubt(self, connection: Connection, delivery: DeliveryRow) -> None:
        if self._finish(connection, delivery, "sending", state="parked", offered_by=None):
            self._advance_delivered_seq(connection, delivery)

    def _advance_delivered_seq(self, connection: Connection, delivery: DeliveryRow) -> None:
        """Record the last change that the editions of a chat cover; in-doubt ones count."""
        if delivery.kind != "edition" or delivery.content is None:
            return
        payload = read_content(connection, delivery.content)
        if isinstance(payload, EditionPayload):
            is_behind = func.coalesce(subscriptions.c.told_upto, 0) < payload.upto
            chat_key = {"bot_id": self._bot_id, "chat_id": _current_chat_id(connection, delivery)}
            connection.execute(
                update(subscriptions)
                .filter_by(**chat_key)
                .where(is_behind)
                .values(told_upto=payload.upto)
            )

    def _finish(
        self, connection: Connection, delivery: DeliveryRow, from_state: str, **values: Any
    ) -> bool:
        transition = self._transition(delivery, from_state).values(
            **values, finished_at=self._now()
        )
        return bool(connection.execute(transition).rowcount)

    @staticmethod
    def _transition(delivery: DeliveryRow, from_state: str) -> Update:
        return update(deliveries).filter_by(number=delivery.number, state=from_state)

    def _now(self) -> str:
        return format_utc(self._clock())


def _current_chat_id(connection: Connection, delivery: DeliveryRow) -> int:
    """Return the current id of a delivery's chat; a group may have migrated since.

    The delivery itself may have been erased while it was being sent.
    """
    query = select(deliveries.c.chat_id).where(deliveries.c.number == delivery.number)
    chat_id = connection.scalar(query)
    return delivery.chat if chat_id is None else chat_id


def _delete_expired(connection: Connection, cutoff: datetime) -> bool:
    """Delete a batch of finished deliveries planned before `cutoff`; return whether any existed."""
    is_finished = deliveries.c.state.not_in(("planned", "sending", "gathered"))
    oldest = (
        select(deliveries.c.number)
        .where(deliveries.c.decided_at < format_utc(cutoff), is_finished)
        .order_by(deliveries.c.number)
        .limit(_DELETE_BATCH_SIZE)
    )
    deleted = connection.execute(delete(deliveries).where(deliveries.c.number.in_(oldest)))
    return bool(deleted.rowcount)


def _delete_unused_contents(connection: Connection, cutoff: datetime) -> None:
    """Delete the contents created before `cutoff` that no delivery uses."""
    is_used = exists().where(deliveries.c.content == contents.c.number)
    connection.execute(delete(contents).where(contents.c.made_at < format_utc(cutoff), ~is_used))


class DeliveryCounts(NamedTuple):
    """Numbers of deliveries in each state, and of active subscriptions."""

    subscribers: int
    by_state: dict[str, int]


def count_deliveries(connection: Connection, bot_id: int | None = None) -> DeliveryCounts:
    """Count the deliveries and subscriptions of one bot, or of all bots."""
    filters = {} if bot_id is None else {"bot_id": bot_id}
    count_query = (
        select(deliveries.c.state, func.count()).filter_by(**filters).group_by(deliveries.c.state)
    )
    counts = {row[0]: row[1] for row in connection.execute(count_query)}
    active_query = select(func.count()).select_from(subscriptions).filter_by(**filters)
    subscribers = connection.scalar(active_query.where(subscriptions.c.next_at.is_not(None))) or 0
    return DeliveryCounts(subscribers, {state: counts.get(state, 0) for state in STATES})


def list_deliveries(
    connection: Connection, states: Sequence[str], limit: int, bot_id: int | None = None
) -> list[DeliveryRow]:
    """Return at most `limit` deliveries in these states, the newest first."""
    filters = {} if bot_id is None else {"bot_id": bot_id}
    query = (
        select(*COLUMNS)
        .filter_by(**filters)
        .where(deliveries.c.state.in_(states))
        .order_by(deliveries.c.number.desc())
        .limit(limit)
    )
    return [DeliveryRow(*row) for row in connection.execute(query)]


def resend(database: Database, delivery_number: int, now: datetime) -> DeliveryRow:
    """Plan a delivery again that is in doubt or failed; return it as it was before.

    Raises `NotFoundError` if there is no such delivery, `InvalidInputError` if it cannot be sent
    again: for its state, a deleted content, or an ended subscription.
    """
    with database.write_transaction() as connection:
        row = connection.execute(
            select(*COLUMNS, deliveries.c.bot_id).filter_by(number=delivery_number)
        ).one_or_none()
        if row is None:
            raise NotFoundError(
                f"the ledger has no {delivery_number}", "`briefing digest ledger` shows what it has"
            )
        previous = DeliveryRow(*row[:-1])
        if previous.content is None or previous.state not in RESENDABLE_STATES:
            raise InvalidInputError(
                f"{delivery_number} is {previous.state}: "
                "only what is parked or failed can be sent again",
                "`briefing digest ledger --state parked` lists what may not have arrived",
            )
        chat_key = {"bot_id": row.bot_id, "chat_id": previous.chat}
        next_at_query = select(subscriptions.c.next_at).filter_by(**chat_key)
        if previous.kind == "edition" and connection.scalar(next_at_query) is None:
            raise InvalidInputError(
                f"the reader of {delivery_number} is not subscribed any more",
                "They can ask for a day's news with /digest and the day",
            )
        connection.execute(
            update(deliveries)
            .filter_by(number=delivery_number)
            .values(
                state="planned",
                why=None,
                offered_by=None,
                until=format_utc(now + RESEND_PERIOD),
                finished_at=None,
            )
        )
        return previous
