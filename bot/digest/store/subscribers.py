"""Store the subscriptions of chats, and plan their due editions."""

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
"""Maximum of a chat's latest editions that are read."""
_MAX_AHEAD_OF_UTC = timedelta(days=2)
"""No local date is further ahead of UTC; later ones come from a wrong clock."""
_MAX_CHECK_INTERVAL = timedelta(days=17)
"""Every subscription is checked within this period, however long its pause is."""
_UNREADABLE_RETRY_DELAY = timedelta(hours=1)
_OPEN_EDITION_RETRY_DELAY = timedelta(minutes=5)
"""When to check a chat again whose last edition is not sent yet."""


class DueSubscriber(NamedTuple):
    """A subscriber for whom an edition may be due, with the history of its editions."""

    subscription: Subscription
    last_decision: LastDecision | None
    delivered_through_seq: int | None
    """The last change that a delivered edition covers, or one in doubt; None before the first."""
    unreported_missed: tuple[date, ...]
    """Missed days that no edition has reported yet, oldest first."""


class EditionHistory(NamedTuple):
    """The planning history of a chat."""

    last_decision: LastDecision | None
    unreported_missed: tuple[date, ...]
    """Missed days that no edition has reported yet, oldest first."""
    has_open_edition: bool
    """Whether an edition is planned or being sent."""


class PlanningDecision(NamedTuple):
    """What to record for a subscriber: an edition, missed days and the next check."""

    edition: EditionPayload | None
    due: DueEdition | None
    missed: tuple[date, ...]
    next_check_at: datetime


Decide = Callable[[DueSubscriber], PlanningDecision]
"""Decides what to plan for a subscriber."""


class SubscriptionStore:
    """The subscriptions of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock

    async def get(self, chat_id: int) -> Subscription | None:
        """Return the active subscription of a chat; None if there is none, or none readable."""
        row = await self._read(lambda connection: self._find_row(connection, chat_id))
        return _parse_subscription(row) if row and row.next_at else None

    async def get_including_ended(self, chat_id: int) -> Subscription | None:
        """Return the subscription of a chat, active or ended."""
        row = await self._read(lambda connection: self._find_row(connection, chat_id))
        return _parse_subscription(row) if row else None

    async def last_decision(self, chat_id: int) -> LastDecision | None:
        """Return the last planning decision for a chat."""
        return await self._read(
            lambda connection: (
                self._load_histories(connection, [chat_id], self._clock())[chat_id].last_decision
            )
        )

    async def save(
        self, subscription: Subscription, next_at: datetime, *, is_new: bool = True
    ) -> None:
        """Save a subscription, and when to check it next.

        If the schedule is unchanged, the time of the next check stays, as an edition may be due
        already. Unless `is_new`, nothing is saved if the subscription has ended or the group has
        migrated since.
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
        """End the subscription of a chat; return whether it was active."""
        return await self._write(
            lambda connection: end_subscription(
                connection, self._bot_id, chat_id, reason, self._now()
            )
        )

    async def migrate_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """Move the subscription, deliveries and watches of a migrated group to its new chat.

        If the new chat has a subscription already, that one applies, and the old one ends with its
        planned editions.
        """
        await self._write(
            lambda connection: _migrate_chat(
                connection, self._bot_id, old_chat_id, new_chat_id, self._now()
            )
        )

    async def plan_due(
        self, decide: Decide, now: datetime, limit: int, chat_id: int | None = None
    ) -> int:
        """Plan the editions of subscribers for whom one may be due; return how many were checked.

        The deliveries and the next checks are written in one transaction. `chat_id` restricts it to
        one chat, `limit` bounds the number of subscribers.
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
        """Return the subscriptions to check now, the longest due first.

        They include those whose next check a wrong clock has set too far ahead.
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
        """Return the rows without a recorded delivery; a wrong clock may have made some early."""
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
        """Return the delivery rows of a decision; `store_edition` returns a content number."""
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
        """Return the planning history of each chat, in one query.

        Days too far ahead are ignored: they were planned under a wrong clock.
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
    """End a chat's subscription; return whether it was active.

    Skip its planned editions; for the reason «blocked», skip every planned or deferred delivery and
    delete its watches.
    """
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
    """Move all rows of an old chat to a new one, except those that the new one has already."""
    old_key = {"bot_id": bot_id, "chat_id": old_chat_id}
    new_key = {"bot_id": bot_id, "chat_id": new_chat_id}
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
    """Return the history given by a chat's edition deliveries, the newest first.

    It uses the times of planning, as a delivery may be marked as in doubt, shown or resent days
    later.
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
    """Return the subscription of a row; None if invalid, e.g. a zone unknown on this machine."""
    try:
        return Subscription(
            chat=row.chat_id,
            thread=row.thread_id,
            language=row.language,
            schedule=Schedule.model_validate_json(row.schedule),
            taste=EditionPreferences.model_validate_json(row.taste),
        )
    except ValidationError:
        logger.warning("The subscription of chat %d cannot be read.", row.chat_id)
        return None
