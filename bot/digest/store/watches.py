"""What chats watch, and what they were told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from pydantic import ValidationError
from sqlalchemy import Connection, delete, insert, select, update

from bot.digest.models import Schedule
from bot.digest.payloads import AlertPayload, AlertSummaryPayload
from bot.digest.store.payloads import read_content, store_content
from bot.digest.store.schema import cursors, deliveries, subscriptions, watches
from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.storage.row_mapping import format_utc

MAX_WATCHES = 20
"""How many things a chat may watch."""
_CURSOR_NAME = "watched"


class Watch(NamedTuple):
    """What a chat wants to be told of at once."""

    number: int
    chat_id: int
    thread_id: int | None
    topic: str
    language: UiLanguage


class PastAlert(NamedTuple):
    """An alert that a chat was sent, is to be sent, or has in a summary."""

    article_number: int
    """The article's number."""
    decided_at: datetime
    deferred: bool
    """It is for a summary."""


class PlannedAlert(NamedTuple):
    """An alert to be entered into the ledger."""

    watch: Watch
    payload: AlertPayload
    deadline: datetime
    deferred: bool
    """It comes on top of the day's, and goes into a summary."""


class TooManyWatches(Exception):
    """A chat watches as much as it can."""


class WatchStore:
    """The watches and alerts of one bot."""

    def __init__(self, writer: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock

    async def add(
        self, chat_id: int, thread_id: int | None, topic: str, language: UiLanguage
    ) -> bool:
        """Watch something for a chat; say no where it is watched. Raises `TooManyWatches`."""

        def act(connection: Connection) -> bool:
            existing = self._load_watches(connection, chat_id)
            if any(watch.topic.casefold() == topic.casefold() for watch in existing):
                return False
            if len(existing) >= MAX_WATCHES:
                raise TooManyWatches
            row = {
                "bot_id": self._bot_id,
                "chat_id": chat_id,
                "thread_id": thread_id,
                "said": topic,
                "language": language,
                "made_at": format_utc(self._clock()),
            }
            connection.execute(insert(watches).values(row))
            return True

        return await self._write(act)

    async def remove(self, chat_id: int, watch_number: int) -> Watch | None:
        """Watch something no longer, by its number; return it, None where it was not watched."""

        def act(connection: Connection) -> Watch | None:
            watch = next(
                (
                    candidate
                    for candidate in self._load_watches(connection, chat_id)
                    if candidate.number == watch_number
                ),
                None,
            )
            if watch:
                connection.execute(delete(watches).where(watches.c.number == watch_number))
            return watch

        return await self._write(act)

    async def list_for_chat(self, chat_id: int) -> list[Watch]:
        """Return what a chat watches, the first first."""
        return await self._read(lambda connection: self._load_watches(connection, chat_id))

    async def list_all(self) -> list[Watch]:
        """Return everything that is watched."""
        return await self._read(self._load_watches)

    async def read_cursor(self) -> int | None:
        """Return the change up to which arrivals were looked at; None before the first."""
        query = select(cursors.c.seq).filter_by(bot_id=self._bot_id, name=_CURSOR_NAME)
        return await self._read(lambda connection: connection.scalar(query))

    async def record_alerts(self, alerts: Sequence[PlannedAlert], through_seq: int) -> None:
        """Enter alerts, and note that arrivals were looked at up to a change.

        What is in the ledger already stays as it is.
        """

        def act(connection: Connection) -> None:
            now = format_utc(self._clock())
            for alert in alerts:
                delivery_key = self._delivery_key(
                    alert.watch.chat_id, "alert", str(alert.payload.article)
                )
                if (
                    connection.scalar(select(deliveries.c.number).filter_by(**delivery_key))
                    is not None
                ):
                    continue
                deferred_values = {"state": "gathered", "finished_at": now}
                row = {
                    **delivery_key,
                    "thread_id": alert.watch.thread_id,
                    "content": store_content(connection, alert.payload, now),
                    "due_at": now,
                    "until": format_utc(alert.deadline),
                    "decided_at": now,
                    **(deferred_values if alert.deferred else {"state": "planned"}),
                }
                connection.execute(insert(deliveries).values(row))
            cursor_key = {"bot_id": self._bot_id, "name": _CURSOR_NAME}
            if not connection.execute(
                update(cursors).filter_by(**cursor_key).values(seq=through_seq)
            ).rowcount:
                connection.execute(insert(cursors).values(**cursor_key, seq=through_seq))

        await self._write(act)

    async def alerts_since(
        self, chat_ids: Iterable[int], since: datetime
    ) -> dict[int, list[PastAlert]]:
        """Return the alerts of chats since a moment, by chat, whatever became of them."""
        query = (
            select(
                deliveries.c.chat_id,
                deliveries.c.of,
                deliveries.c.decided_at,
                deliveries.c.state,
                deliveries.c.why,
            )
            .filter_by(bot_id=self._bot_id, kind="alert")
            .where(
                deliveries.c.chat_id.in_(list(chat_ids)),
                deliveries.c.decided_at >= format_utc(since),
            )
        )
        alerts_by_chat: dict[int, list[PastAlert]] = defaultdict(list)
        for row in await self._read(lambda connection: connection.execute(query).all()):
            decided_at = datetime.fromisoformat(row.decided_at)
            past_alert = PastAlert(
                int(row.of), decided_at, row.state == "gathered" or row.why == "summed"
            )
            alerts_by_chat[row.chat_id].append(past_alert)
        return alerts_by_chat

    async def chats_with_deferred(self) -> list[int]:
        """Return the chats for which alerts wait for a summary."""
        query = select(deliveries.c.chat_id).filter_by(bot_id=self._bot_id, state="gathered")
        return await self._read(lambda connection: [*connection.scalars(query.distinct())])

    async def plan_summaries(
        self, days: Mapping[int, str], until: datetime, max_alerts: int
    ) -> int:
        """Plan the summaries of chats' days, each of at most so many alerts; return how many.

        A day that has one gets no other.
        """

        def act(connection: Connection) -> int:
            return sum(
                self._plan_summary(connection, chat_id, day, until, max_alerts)
                for chat_id, day in days.items()
            )

        return await self._write(act)

    def _plan_summary(
        self, connection: Connection, chat_id: int, day: str, until: datetime, max_alerts: int
    ) -> bool:
        delivery_key = self._delivery_key(chat_id, "summary", day)
        if connection.scalar(select(deliveries.c.number).filter_by(**delivery_key)) is not None:
            return False
        deferred_key = {"bot_id": self._bot_id, "chat_id": chat_id, "state": "gathered"}
        rows = connection.execute(
            select(deliveries).filter_by(**deferred_key).order_by(deliveries.c.number)
        ).all()
        payloads = [read_content(connection, row.content) for row in rows]
        alerts = [payload for payload in payloads if isinstance(payload, AlertPayload)]
        if not alerts:
            return False
        now = format_utc(self._clock())
        summary = AlertSummaryPayload(
            language=alerts[-1].language,
            count=len(alerts),
            alerts=tuple((alert.watched, alert.article) for alert in alerts[:max_alerts]),
        )
        row = {
            **delivery_key,
            "thread_id": rows[-1].thread_id,
            "content": store_content(connection, summary, now),
            "state": "planned",
            "due_at": now,
            "until": format_utc(until),
            "decided_at": now,
        }
        connection.execute(insert(deliveries).values(row))
        connection.execute(
            update(deliveries).filter_by(**deferred_key).values(state="skipped", why="summed")
        )
        return True

    async def load_zones(self, chat_ids: Collection[int], default: ZoneInfo) -> dict[int, ZoneInfo]:
        """Return the zones that chats have chosen; `default` for those that have not."""
        query = (
            select(subscriptions.c.chat_id, subscriptions.c.schedule)
            .filter_by(bot_id=self._bot_id)
            .where(subscriptions.c.chat_id.in_(list(chat_ids)))
        )
        rows = await self._read(lambda connection: connection.execute(query).all())
        zones = dict.fromkeys(chat_ids, default)
        for row in rows:
            with suppress(ValidationError):  # this machine may know fewer zones
                zones[row[0]] = Schedule.model_validate_json(row[1]).tz
        return zones

    def _load_watches(self, connection: Connection, chat_id: int | None = None) -> list[Watch]:
        query = select(watches).filter_by(bot_id=self._bot_id).order_by(watches.c.number)
        if chat_id is not None:
            query = query.filter_by(chat_id=chat_id)
        return [
            Watch(row.number, row.chat_id, row.thread_id, row.said, UI_LANGUAGES[row.language])
            for row in connection.execute(query)
        ]

    def _delivery_key(self, chat_id: int, kind: str, subject: str) -> dict[str, int | str]:
        return {"bot_id": self._bot_id, "chat_id": chat_id, "kind": kind, "of": subject}
