"""Subscribers: what each chat has chosen, and when to look at it again."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from pydantic import ValidationError
from sqlalchemy import (
    Connection,
    Row,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)

from bot.digest.models import EditionPreferences, Schedule, Subscription
from bot.digest.payloads import EditionPayload
from bot.digest.schedule import DueEdition, LastDecision
from bot.digest.store.payloads import store_content
from bot.digest.store.schema import deliveries, subscriptions, watches
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.storage.row_mapping import format_utc

logger = logging.getLogger(__name__)

_HISTORY_LENGTH = 30
"""How many of a chat's latest editions are looked at."""
_MAX_AHEAD_OF_UTC = timedelta(days=2)
"""No local day is further ahead of UTC's."""
_MAX_CHECK_INTERVAL = timedelta(days=17)
"""Each is looked at again within so many days, however long its pause is."""
_UNREADABLE_RETRY_DELAY = timedelta(hours=1)
_OPEN_EDITION_RETRY_DELAY = timedelta(minutes=5)
"""When to look again at a chat whose last edition is still to be sent."""


class DueSubscriber(NamedTuple):
    """A subscriber for whom something may be due, and what came before."""

    subscription: Subscription
    last_decision: LastDecision | None
    delivered_through_seq: int | None
    """The last change of which an edition has told, or may have."""
    unreported_missed: tuple[date, ...]
    """Days that were missed, of which no edition has said so."""


class EditionHistory(NamedTuple):
    """What was decided for a chat."""

    last_decision: LastDecision | None
    unreported_missed: tuple[date, ...]
    """Days that were missed, of which no edition has said so."""
    has_open_edition: bool
    """Whether an edition is still to be sent."""


class PlanningDecision(NamedTuple):
    """What is to be done for a subscriber."""

    edition: EditionPayload | None
    due: DueEdition | None
    missed: tuple[date, ...]
    next_check_at: datetime


Decide = Callable[[DueSubscriber], PlanningDecision]


class SubscriptionStore:
    """The subscribers of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock

    async def get(self, chat_id: int) -> Subscription | None:
        """Return what a chat has chosen; None where it gets no editions."""
        row = await self._read(lambda connection: self._find_row(connection, chat_id))
        return _parse_subscription(row) if row and row.next_at else None

    async def get_including_ended(self, chat_id: int) -> Subscription | None:
        """Return what a chat has chosen, also where it gets no editions any more."""
        row = await self._read(lambda connection: self._find_row(connection, chat_id))
        return _parse_subscription(row) if row else None

    async def last_decision(self, chat_id: int) -> LastDecision | None:
        """Return what was decided last for a chat."""
        return await self._read(
            lambda connection: (
                self._load_histories(connection, [chat_id], self._clock())[chat_id].last_decision
            )
        )

    async def save(
        self, subscription: Subscription, next_at: datetime, *, is_new: bool = True
    ) -> None:
        """Keep what a chat has chosen, and when to look at it.

        Where only the taste is another, that is when it was: an edition may be due already. What
        is not `new_chat_id` and is no more is not kept: a group may have moved since.
        """

        def act(connection: Connection) -> None:
            row_before = self._find_row(connection, subscription.chat)
            if not (is_new or (row_before and row_before.next_at)):
                return
            current = _parse_subscription(row_before) if row_before and row_before.next_at else None
            keeps_schedule = current is not None and current.schedule == subscription.schedule
            values = {
                "thread_id": subscription.thread,
                "language": subscription.language,
                "schedule": subscription.schedule.model_dump_json(),
                "taste": subscription.taste.model_dump_json(),
                "next_at": row_before.next_at
                if row_before and keeps_schedule
                else format_utc(next_at),
                "ended_why": None,
            }
            chat_key = {"bot_id": self._bot_id, "chat_id": subscription.chat}
            statement = update(subscriptions).filter_by(**chat_key).values(values)
            if not connection.execute(statement).rowcount:
                row = {**chat_key, **values, "made_at": self._now()}
                connection.execute(insert(subscriptions).values(row))

        await self._write(act)

    async def unsubscribe(self, chat_id: int, reason: str) -> bool:
        """Send a chat nothing more of the briefing; say whether it got something."""
        return await self._write(
            lambda connection: end_subscription(
                connection, self._bot_id, chat_id, reason, self._now()
            )
        )

    async def migrate_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """Follow a group that has become another chat, with all that it got.

        Where the new chat has chosen for itself already, that holds, and what was planned for the
        old one is left.
        """
        await self._write(
            lambda connection: _migrate_chat(
                connection, self._bot_id, old_chat_id, new_chat_id, self._now()
            )
        )

    async def plan_due(
        self, decide: Decide, now: datetime, limit: int, chat_id: int | None = None
    ) -> int:
        """Do what is decided for those for whom something may be due; return how many they are.

        What is decided of each, and when to look again, are written together. With `chat_id` it is
        of that one alone.
        """

        def act(connection: Connection) -> int:
            rows = self._select_due(connection, now, limit, chat_id)
            histories = self._load_histories(connection, [row.chat_id for row in rows], now)
            store_edition = cache(lambda edition: store_content(connection, edition, self._now()))
            rescheduled, new_rows = [], []
            for row in rows:
                history = histories[row.chat_id]
                if history.has_open_edition:
                    rescheduled.append(
                        {"chat": row.chat_id, "at": format_utc(now + _OPEN_EDITION_RETRY_DELAY)}
                    )
                    continue
                subscription = _parse_subscription(row)
                if subscription is None:
                    rescheduled.append(
                        {"chat": row.chat_id, "at": format_utc(now + _UNREADABLE_RETRY_DELAY)}
                    )
                    continue
                decision = decide(
                    DueSubscriber(
                        subscription,
                        history.last_decision,
                        row.told_upto,
                        history.unreported_missed,
                    )
                )
                rescheduled.append({"chat": row.chat_id, "at": format_utc(decision.next_check_at)})
                new_rows += self._delivery_rows(row, decision, now, store_edition)
            if rescheduled:
                connection.execute(
                    update(subscriptions)
                    .where(
                        subscriptions.c.bot_id == self._bot_id,
                        subscriptions.c.chat_id == bindparam("chat"),
                    )
                    .values(next_at=bindparam("at")),
                    rescheduled,
                )
            unrecorded = self._exclude_recorded(connection, new_rows)
            if unrecorded:
                connection.execute(insert(deliveries), unrecorded)
            return len(rows)

        return await self._write(act)

    def _select_due(
        self, connection: Connection, now: datetime, limit: int, chat_id: int | None
    ) -> list[Row[Any]]:
        """Return those for whom something may be due, those longest due first.

        Also those for whom a clock that was far ahead said when.
        """
        next_at = subscriptions.c.next_at
        filters = (
            {"bot_id": self._bot_id}
            if chat_id is None
            else {"bot_id": self._bot_id, "chat_id": chat_id}
        )
        query = select(subscriptions).filter_by(**filters).order_by(next_at)
        rows: list[Row[Any]] = []
        for is_due in (next_at <= format_utc(now), next_at > format_utc(now + _MAX_CHECK_INTERVAL)):
            rows += connection.execute(query.where(is_due).limit(limit - len(rows))).all()
        return rows

    def _exclude_recorded(
        self, connection: Connection, rows: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the lines that are not in the ledger; a clock far ahead may have made some."""
        query = (
            select(deliveries.c.chat_id, deliveries.c.of)
            .filter_by(bot_id=self._bot_id, kind="edition")
            .where(
                deliveries.c.chat_id.in_({row["chat_id"] for row in rows}),
                deliveries.c.of.in_({row["of"] for row in rows}),
            )
        )
        recorded = {(row.chat_id, row.of) for row in connection.execute(query)} if rows else set()
        return [row for row in rows if (row["chat_id"], row["of"]) not in recorded]

    def _delivery_rows(
        self,
        row: Row[Any],
        decision: PlanningDecision,
        now: datetime,
        store_edition: Callable[[EditionPayload], int],
    ) -> list[dict[str, Any]]:
        """Return the lines of the ledger that a decision makes; `store_edition` is an edition's."""
        common = {
            "bot_id": self._bot_id,
            "chat_id": row.chat_id,
            "thread_id": row.thread_id,
            "kind": "edition",
            "content": None,
            "why": None,
            "until": None,
            "decided_at": format_utc(now),
            "finished_at": None,
        }
        skipped = {
            "state": "skipped",
            "why": "late",
            "due_at": format_utc(now),
            "finished_at": format_utc(now),
        }
        rows = [{**common, **skipped, "of": day.isoformat()} for day in decision.missed]
        if decision.edition and decision.due:
            planned = {
                "of": decision.due.day.isoformat(),
                "content": store_edition(decision.edition),
                "state": "planned",
                "due_at": format_utc(decision.due.due_at),
                "until": format_utc(decision.due.deadline),
            }
            rows.append({**common, **planned})
        return rows

    def _load_histories(
        self, connection: Connection, chat_ids: Sequence[int], now: datetime
    ) -> dict[int, EditionHistory]:
        """Return what came before for each of these chats, read at once.

        Days that are far ahead, and were decided on by a clock that was, are not looked at.
        """
        max_day = (now + _MAX_AHEAD_OF_UTC).date().isoformat()
        recency_rank = func.row_number().over(
            partition_by=deliveries.c.chat_id, order_by=deliveries.c.of.desc()
        )
        ranked_rows = (
            select(
                deliveries.c.chat_id,
                deliveries.c.of,
                deliveries.c.state,
                deliveries.c.why,
                deliveries.c.decided_at,
                recency_rank.label("place"),
            )
            .filter_by(bot_id=self._bot_id, kind="edition")
            .where(deliveries.c.chat_id.in_(chat_ids), deliveries.c.of <= max_day)
            .subquery()
        )
        query = (
            select(ranked_rows)
            .where(ranked_rows.c.place <= _HISTORY_LENGTH)
            .order_by(ranked_rows.c.place)
        )
        rows_by_chat: dict[int, list[Row[Any]]] = {chat_id: [] for chat_id in chat_ids}
        for row in connection.execute(query):
            rows_by_chat[row.chat_id].append(row)
        return {chat_id: parse_history(rows) for chat_id, rows in rows_by_chat.items()}

    def _find_row(self, connection: Connection, chat_id: int) -> Row[Any] | None:
        chat_key = {"bot_id": self._bot_id, "chat_id": chat_id}
        return connection.execute(select(subscriptions).filter_by(**chat_key)).one_or_none()

    def _now(self) -> str:
        return format_utc(self._clock())


def end_subscription(
    connection: Connection, bot_id: int, chat_id: int, reason: str, now: str
) -> bool:
    """Note that a chat is sent no more editions, and nothing unasked where it is «blocked»."""
    chat_key = {"bot_id": bot_id, "chat_id": chat_id}
    active = update(subscriptions).filter_by(**chat_key).where(subscriptions.c.next_at.is_not(None))
    ended_count = connection.execute(active.values(next_at=None, ended_why=reason)).rowcount
    planned = update(deliveries).filter_by(**chat_key)
    if reason == "blocked":
        connection.execute(delete(watches).filter_by(**chat_key))
        planned = planned.where(deliveries.c.state.in_(("planned", "gathered")))
    else:
        planned = planned.filter_by(kind="edition", state="planned")
    connection.execute(planned.values(state="skipped", why="ended", finished_at=now))
    return bool(ended_count)


def _migrate_chat(
    connection: Connection, bot_id: int, old_chat_id: int, new_chat_id: int, now: str
) -> None:
    """Give all that an old chat has to a new one, but for what that has itself."""
    old_key, new_key = (
        {"bot_id": bot_id, "chat_id": old_chat_id},
        {"bot_id": bot_id, "chat_id": new_chat_id},
    )
    if connection.scalar(select(func.count()).select_from(subscriptions).filter_by(**new_key)):
        end_subscription(connection, bot_id, old_chat_id, "moved", now)
    else:
        connection.execute(update(subscriptions).filter_by(**old_key).values(chat_id=new_chat_id))
    for table, key_columns in ((deliveries, ("kind", "of")), (watches, ("said",))):
        other = table.alias()
        same_key = (other.c[name] == table.c[name] for name in key_columns)
        is_taken = exists().where(
            other.c.bot_id == bot_id, other.c.chat_id == new_chat_id, *same_key
        )
        movable = update(table).filter_by(**old_key).where(~is_taken)
        connection.execute(movable.values(chat_id=new_chat_id))
    connection.execute(delete(watches).filter_by(**old_key))
    leftover = update(deliveries).filter_by(**old_key, state="planned")
    connection.execute(leftover.values(state="skipped", why="ended", finished_at=now))


def parse_history(rows: Sequence[Any]) -> EditionHistory:
    """Read a chat's editions, the newest first.

    When one was planned is what counts: it may be parked, taken or resent days later.
    """
    if not rows:
        return EditionHistory(None, (), has_open_edition=False)
    planned_rows = [row for row in rows if row.state != "skipped"]
    planned_times = [datetime.fromisoformat(row.decided_at) for row in planned_rows]
    last_planned_day = planned_rows[0].of if planned_rows else ""
    unreported_missed = sorted(
        row.of for row in rows if row.why == "late" and row.of > last_planned_day
    )
    last_decision = LastDecision(date.fromisoformat(rows[0].of), max(planned_times, default=None))
    is_open = any(row.state in ("planned", "sending") for row in planned_rows)
    return EditionHistory(last_decision, tuple(map(date.fromisoformat, unreported_missed)), is_open)


def _parse_subscription(row: Row[Any]) -> Subscription | None:
    """Read what a chat has chosen; None where this machine cannot: it may know fewer zones."""
    try:
        return Subscription(
            chat=row.chat_id,
            thread=row.thread_id,
            language=row.language,
            schedule=Schedule.model_validate_json(row.schedule),
            taste=EditionPreferences.model_validate_json(row.taste),
        )
    except ValidationError:
        logger.warning("What chat %d has chosen cannot be read.", row.chat_id)
        return None
