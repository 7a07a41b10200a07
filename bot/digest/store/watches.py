"""Store the watches of chats, and plan their alerts and summaries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
"""Maximum of watches per chat."""
_CURSOR_NAME = "watched"


class Watch(NamedTuple):
    """A topic for which a chat gets alerts."""

    number: int
    chat_id: int
    thread_id: int | None
    topic: str
    language: UiLanguage


class PastAlert(NamedTuple):
    """An alert of a chat that was recorded, whatever became of it."""

    article_number: int
    """Number of the article."""
    decided_at: datetime
    deferred: bool
    """Whether it was deferred to a summary."""


class PlannedAlert(NamedTuple):
    """An alert to record as a delivery."""

    watch: Watch
    payload: AlertPayload
    deadline: datetime
    deferred: bool
    """Whether it exceeds the daily limit and waits for a summary."""


class TooManyWatches(Exception):
    """The chat has `MAX_WATCHES` watches already."""


class WatchStore:
    """The watches and alerts of one bot."""

    def __init__(
        self,
        writer: DatabaseWriter,
        bot_id: int,
        clock: Clock,
        is_same_topic: Callable[[str, str], bool],
    ) -> None:
        """Open the store; `is_same_topic` says whether two topics are spellings of one name."""
        self._write = writer
        self._read = writer.read
        self._bot_id = bot_id
        self._clock = clock
        self._is_same_topic = is_same_topic

    async def add(
        self, chat_id: int, thread_id: int | None, topic: str, language: UiLanguage
    ) -> Watch | None:
        """Add a watch, unless the chat has it already, in any spelling: then return that one.

        Raises `TooManyWatches`.
        """

        def act(connection: Connection) -> Watch | None:
            existing = self._load_watches(connection, chat_id)
            if same := self.find_topic(topic, existing):
                return same
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
            return None

        return await self._write(act)

    def find_topic(self, topic: str, candidates: Iterable[Watch]) -> Watch | None:
        """Return the first watch of a topic, in any spelling; None if there is none."""
        matching = (watch for watch in candidates if self._is_same_topic(watch.topic, topic))
        return next(matching, None)

    async def remove(self, chat_id: int, watch_number: int) -> Watch | None:
        """Remove a watch of a chat by its number and return it; None if there is none."""

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
        """Return the watches of a chat, the oldest first."""
        return await self._read(lambda connection: self._load_watches(connection, chat_id))

    async def list_all(self) -> list[Watch]:
        """Return the watches of all chats, the oldest first."""
        return await self._read(self._load_watches)

    async def read_cursor(self) -> int | None:
        """Return the last change whose arrivals were processed; None before the first run."""
        query = select(cursors.c.seq).filter_by(bot_id=self._bot_id, name=_CURSOR_NAME)
        return await self._read(lambda connection: connection.scalar(query))

    async def record_alerts(self, alerts: Sequence[PlannedAlert], through_seq: int) -> None:
        """Record alerts as deliveries, and set the cursor of processed arrivals to `through_seq`.

        A delivery of the same article to the same chat stays as it is.
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
        """Return the alerts of chats recorded since an instant, by chat id, in any state."""
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
        """Return the ids of chats with deferred alerts."""
        query = select(deliveries.c.chat_id).filter_by(bot_id=self._bot_id, state="gathered")
        return await self._read(lambda connection: [*connection.scalars(query.distinct())])

    async def plan_summaries(
        self, days: Mapping[int, str], until: datetime, max_alerts: int
    ) -> int:
        """Plan a summary of the deferred alerts of each chat; return how many were planned.

        `days` maps chat ids to local days in ISO format; a chat gets at most one summary a day. A
        summary lists at most `max_alerts` alerts and is sent before `until`.
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
        """Return the time zone of each chat; `default` for those without a valid subscription."""
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
