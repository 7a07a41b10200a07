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
from bot.digest.store.payloads import content, number_of
from bot.digest.store.schema import cursors, deliveries, subscriptions, watches
from bot.i18n.catalogue import UI_LANGUAGES, UiLanguage
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.storage.row_mapping import utc

MAX_WATCHES = 20
"""How many things a chat may watch."""
_CURSOR = "watched"


class Watch(NamedTuple):
    """What a chat wants to be told of at once."""

    number: int
    chat: int
    thread: int | None
    said: str
    language: UiLanguage


class PastAlert(NamedTuple):
    """An alert that a chat was sent, is to be sent, or has in a summary."""

    article: int
    """The article's number."""
    at: datetime
    gathered: bool
    """It is for a summary."""


class PlannedAlert(NamedTuple):
    """An alert to be entered into the ledger."""

    watch: Watch
    of: AlertPayload
    until: datetime
    gathered: bool
    """It comes on top of the day's, and goes into a summary."""


class TooManyWatches(Exception):
    """A chat watches as much as it can."""


class WatchStore:
    """The watches and alerts of one bot."""

    def __init__(self, writing: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writing
        self._bot_id = bot_id
        self._clock = clock

    async def watch(self, chat: int, thread: int | None, said: str, language: UiLanguage) -> bool:
        """Watch something for a chat; say no where it is watched. Raises `TooManyWatches`."""

        def act(connection: Connection) -> bool:
            there = self._of(connection, chat)
            if any(each.said.casefold() == said.casefold() for each in there):
                return False
            if len(there) >= MAX_WATCHES:
                raise TooManyWatches
            row = {
                "bot_id": self._bot_id,
                "chat_id": chat,
                "thread_id": thread,
                "said": said,
                "language": language,
                "made_at": utc(self._clock()),
            }
            connection.execute(insert(watches).values(row))
            return True

        return await self._write(act)

    async def unwatch(self, chat: int, number: int) -> Watch | None:
        """Watch something no longer, by its number; return it, None where it was not watched."""

        def act(connection: Connection) -> Watch | None:
            found = next((w for w in self._of(connection, chat) if w.number == number), None)
            if found:
                connection.execute(delete(watches).where(watches.c.number == number))
            return found

        return await self._write(act)

    async def of(self, chat: int) -> list[Watch]:
        """Return what a chat watches, the first first."""
        return await self._write(lambda connection: self._of(connection, chat))

    async def all(self) -> list[Watch]:
        """Return everything that is watched."""
        return await self._write(self._of)

    async def cursor(self) -> int | None:
        """Return the change up to which arrivals were looked at; None before the first."""
        query = select(cursors.c.seq).filter_by(bot_id=self._bot_id, name=_CURSOR)
        return await self._write(lambda connection: connection.scalar(query))

    async def enter(self, alerts: Sequence[PlannedAlert], upto: int) -> None:
        """Enter alerts, and note that arrivals were looked at up to a change.

        What is in the ledger already stays as it is.
        """

        def act(connection: Connection) -> None:
            now = utc(self._clock())
            for each in alerts:
                key = self._key(each.watch.chat, "alert", str(each.of.article))
                if connection.scalar(select(deliveries.c.number).filter_by(**key)) is not None:
                    continue
                fate = {"state": "gathered", "finished_at": now}
                row = {
                    **key,
                    "thread_id": each.watch.thread,
                    "content": number_of(connection, each.of, now),
                    "due_at": now,
                    "until": utc(each.until),
                    "decided_at": now,
                    **(fate if each.gathered else {"state": "planned"}),
                }
                connection.execute(insert(deliveries).values(row))
            mine = {"bot_id": self._bot_id, "name": _CURSOR}
            if not connection.execute(update(cursors).filter_by(**mine).values(seq=upto)).rowcount:
                connection.execute(insert(cursors).values(**mine, seq=upto))

        await self._write(act)

    async def alerted(self, chats: Iterable[int], since: datetime) -> dict[int, list[PastAlert]]:
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
            .where(deliveries.c.chat_id.in_(list(chats)), deliveries.c.decided_at >= utc(since))
        )
        found: dict[int, list[PastAlert]] = defaultdict(list)
        for row in await self._write(lambda connection: connection.execute(query).all()):
            at = datetime.fromisoformat(row.decided_at)
            told = PastAlert(int(row.of), at, row.state == "gathered" or row.why == "summed")
            found[row.chat_id].append(told)
        return found

    async def gathered(self) -> list[int]:
        """Return the chats for which alerts wait for a summary."""
        query = select(deliveries.c.chat_id).filter_by(bot_id=self._bot_id, state="gathered")
        return await self._write(lambda connection: [*connection.scalars(query.distinct())])

    async def sum_up(self, days: Mapping[int, str], until: datetime, most: int) -> int:
        """Plan the summaries of chats' days, each of at most so many alerts; return how many.

        A day that has one gets no other.
        """

        def act(connection: Connection) -> int:
            return sum(
                self._sum_up(connection, chat, day, until, most) for chat, day in days.items()
            )

        return await self._write(act)

    def _sum_up(
        self, connection: Connection, chat: int, day: str, until: datetime, most: int
    ) -> bool:
        key = self._key(chat, "summary", day)
        if connection.scalar(select(deliveries.c.number).filter_by(**key)) is not None:
            return False
        waiting = {"bot_id": self._bot_id, "chat_id": chat, "state": "gathered"}
        rows = connection.execute(
            select(deliveries).filter_by(**waiting).order_by(deliveries.c.number)
        ).all()
        told = [content(connection, row.content) for row in rows]
        alerts = [each for each in told if isinstance(each, AlertPayload)]
        if not alerts:
            return False
        now = utc(self._clock())
        of = AlertSummaryPayload(
            language=alerts[-1].language,
            count=len(alerts),
            alerts=tuple((each.watched, each.article) for each in alerts[:most]),
        )
        row = {
            **key,
            "thread_id": rows[-1].thread_id,
            "content": number_of(connection, of, now),
            "state": "planned",
            "due_at": now,
            "until": utc(until),
            "decided_at": now,
        }
        connection.execute(insert(deliveries).values(row))
        connection.execute(
            update(deliveries).filter_by(**waiting).values(state="skipped", why="summed")
        )
        return True

    async def zones(self, chats: Collection[int], otherwise: ZoneInfo) -> dict[int, ZoneInfo]:
        """Return the zones that chats have chosen; `otherwise` for those that have not."""
        query = (
            select(subscriptions.c.chat_id, subscriptions.c.schedule)
            .filter_by(bot_id=self._bot_id)
            .where(subscriptions.c.chat_id.in_(list(chats)))
        )
        rows = await self._write(lambda connection: connection.execute(query).all())
        zones = dict.fromkeys(chats, otherwise)
        for row in rows:
            with suppress(ValidationError):  # this machine may know fewer zones
                zones[row[0]] = Schedule.model_validate_json(row[1]).tz
        return zones

    def _of(self, connection: Connection, chat: int | None = None) -> list[Watch]:
        query = select(watches).filter_by(bot_id=self._bot_id).order_by(watches.c.number)
        if chat is not None:
            query = query.filter_by(chat_id=chat)
        return [
            Watch(row.number, row.chat_id, row.thread_id, row.said, UI_LANGUAGES[row.language])
            for row in connection.execute(query)
        ]

    def _key(self, chat: int, kind: str, of: str) -> dict[str, int | str]:
        return {"bot_id": self._bot_id, "chat_id": chat, "kind": kind, "of": of}
