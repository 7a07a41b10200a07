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
from bot.digest.store.payloads import number_of
from bot.digest.store.schema import deliveries, subscriptions, watches
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.storage.row_mapping import utc

logger = logging.getLogger(__name__)

_REMEMBERED = 30
"""How many of a chat's latest editions are looked at."""
_AHEAD = timedelta(days=2)
"""No local day is further ahead of UTC's."""
_LOOKED_AT = timedelta(days=17)
"""Each is looked at again within so many days, however long its pause is."""
_UNREADABLE = timedelta(hours=1)
_OPEN = timedelta(minutes=5)
"""When to look again at a chat whose last edition is still to be sent."""


class DueSubscriber(NamedTuple):
    """A subscriber for whom something may be due, and what came before."""

    subscription: Subscription
    last: LastDecision | None
    told_upto: int | None
    """The last change of which an edition has told, or may have."""
    unsaid: tuple[date, ...]
    """Days that were missed, of which no edition has said so."""


class EditionHistory(NamedTuple):
    """What was decided for a chat."""

    last: LastDecision | None
    unsaid: tuple[date, ...]
    """Days that were missed, of which no edition has said so."""
    is_open: bool
    """Whether an edition is still to be sent."""


class PlanningDecision(NamedTuple):
    """What is to be done for a subscriber."""

    edition: EditionPayload | None
    due: DueEdition | None
    missed: tuple[date, ...]
    again: datetime


Decide = Callable[[DueSubscriber], PlanningDecision]


class SubscriptionStore:
    """The subscribers of one bot."""

    def __init__(self, writing: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writing
        self._bot_id = bot_id
        self._clock = clock

    async def get(self, chat: int) -> Subscription | None:
        """Return what a chat has chosen; None where it gets no editions."""
        found = await self._write(lambda connection: self._row(connection, chat))
        return _read(found) if found and found.next_at else None

    async def former(self, chat: int) -> Subscription | None:
        """Return what a chat has chosen, also where it gets no editions any more."""
        found = await self._write(lambda connection: self._row(connection, chat))
        return _read(found) if found else None

    async def last(self, chat: int) -> LastDecision | None:
        """Return what was decided last for a chat."""
        return await self._write(
            lambda connection: self._before(connection, [chat], self._clock())[chat].last
        )

    async def keep(self, of: Subscription, next_at: datetime, *, new: bool = True) -> None:
        """Keep what a chat has chosen, and when to look at it.

        Where only the taste is another, that is when it was: an edition may be due already. What
        is not `new` and is no more is not kept: a group may have moved since.
        """

        def act(connection: Connection) -> None:
            before = self._row(connection, of.chat)
            if not (new or (before and before.next_at)):
                return
            known = _read(before) if before and before.next_at else None
            is_timed = known is not None and known.schedule == of.schedule
            chosen = {
                "thread_id": of.thread,
                "language": of.language,
                "schedule": of.schedule.model_dump_json(),
                "taste": of.taste.model_dump_json(),
                "next_at": before.next_at if before and is_timed else utc(next_at),
                "ended_why": None,
            }
            key = {"bot_id": self._bot_id, "chat_id": of.chat}
            changed = update(subscriptions).filter_by(**key).values(chosen)
            if not connection.execute(changed).rowcount:
                row = {**key, **chosen, "made_at": self._now()}
                connection.execute(insert(subscriptions).values(row))

        await self._write(act)

    async def end(self, chat: int, why: str) -> bool:
        """Send a chat nothing more of the briefing; say whether it got something."""
        return await self._write(
            lambda connection: ended(connection, self._bot_id, chat, why, self._now())
        )

    async def moved(self, old: int, new: int) -> None:
        """Follow a group that has become another chat, with all that it got.

        Where the new chat has chosen for itself already, that holds, and what was planned for the
        old one is left.
        """
        await self._write(
            lambda connection: _moved(connection, self._bot_id, old, new, self._now())
        )

    async def decide(
        self, decide: Decide, now: datetime, most: int, chat: int | None = None
    ) -> int:
        """Do what is decided for those for whom something may be due; return how many they are.

        What is decided of each, and when to look again, are written together. With `chat` it is of
        that one alone.
        """

        def act(connection: Connection) -> int:
            rows = self._due(connection, now, most, chat)
            before = self._before(connection, [row.chat_id for row in rows], now)
            number = cache(lambda edition: number_of(connection, edition, self._now()))
            again, made = [], []
            for row in rows:
                past = before[row.chat_id]
                if past.is_open:
                    again.append({"chat": row.chat_id, "at": utc(now + _OPEN)})
                    continue
                of = _read(row)
                if of is None:
                    again.append({"chat": row.chat_id, "at": utc(now + _UNREADABLE)})
                    continue
                decided = decide(DueSubscriber(of, past.last, row.told_upto, past.unsaid))
                again.append({"chat": row.chat_id, "at": utc(decided.again)})
                made += self._rows(row, decided, now, number)
            if again:
                connection.execute(
                    update(subscriptions)
                    .where(
                        subscriptions.c.bot_id == self._bot_id,
                        subscriptions.c.chat_id == bindparam("chat"),
                    )
                    .values(next_at=bindparam("at")),
                    again,
                )
            new = self._unknown(connection, made)
            if new:
                connection.execute(insert(deliveries), new)
            return len(rows)

        return await self._write(act)

    def _due(
        self, connection: Connection, now: datetime, most: int, chat: int | None
    ) -> list[Row[Any]]:
        """Return those for whom something may be due, those longest due first.

        Also those for whom a clock that was far ahead said when.
        """
        at = subscriptions.c.next_at
        own = (
            {"bot_id": self._bot_id} if chat is None else {"bot_id": self._bot_id, "chat_id": chat}
        )
        query = select(subscriptions).filter_by(**own).order_by(at)
        found: list[Row[Any]] = []
        for when in (at <= utc(now), at > utc(now + _LOOKED_AT)):
            found += connection.execute(query.where(when).limit(most - len(found))).all()
        return found

    def _unknown(
        self, connection: Connection, made: Sequence[dict[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the lines that are not in the ledger; a clock far ahead may have made some."""
        query = (
            select(deliveries.c.chat_id, deliveries.c.of)
            .filter_by(bot_id=self._bot_id, kind="edition")
            .where(
                deliveries.c.chat_id.in_({each["chat_id"] for each in made}),
                deliveries.c.of.in_({each["of"] for each in made}),
            )
        )
        there = {(row.chat_id, row.of) for row in connection.execute(query)} if made else set()
        return [each for each in made if (each["chat_id"], each["of"]) not in there]

    def _rows(
        self,
        row: Row[Any],
        decided: PlanningDecision,
        now: datetime,
        number: Callable[[EditionPayload], int],
    ) -> list[dict[str, Any]]:
        """Return the lines of the ledger that a decision makes; `number` is an edition's."""
        alike = {
            "bot_id": self._bot_id,
            "chat_id": row.chat_id,
            "thread_id": row.thread_id,
            "kind": "edition",
            "content": None,
            "why": None,
            "until": None,
            "decided_at": utc(now),
            "finished_at": None,
        }
        skipped = {"state": "skipped", "why": "late", "due_at": utc(now), "finished_at": utc(now)}
        made = [{**alike, **skipped, "of": day.isoformat()} for day in decided.missed]
        if decided.edition and decided.due:
            planned = {
                "of": decided.due.day.isoformat(),
                "content": number(decided.edition),
                "state": "planned",
                "due_at": utc(decided.due.at),
                "until": utc(decided.due.until),
            }
            made.append({**alike, **planned})
        return made

    def _before(
        self, connection: Connection, chats: Sequence[int], now: datetime
    ) -> dict[int, EditionHistory]:
        """Return what came before for each of these chats, read at once.

        Days that are far ahead, and were decided on by a clock that was, are not looked at.
        """
        sane = (now + _AHEAD).date().isoformat()
        newest = func.row_number().over(
            partition_by=deliveries.c.chat_id, order_by=deliveries.c.of.desc()
        )
        numbered = (
            select(
                deliveries.c.chat_id,
                deliveries.c.of,
                deliveries.c.state,
                deliveries.c.why,
                deliveries.c.decided_at,
                newest.label("place"),
            )
            .filter_by(bot_id=self._bot_id, kind="edition")
            .where(deliveries.c.chat_id.in_(chats), deliveries.c.of <= sane)
            .subquery()
        )
        query = select(numbered).where(numbered.c.place <= _REMEMBERED).order_by(numbered.c.place)
        found: dict[int, list[Row[Any]]] = {chat: [] for chat in chats}
        for row in connection.execute(query):
            found[row.chat_id].append(row)
        return {chat: history(rows) for chat, rows in found.items()}

    def _row(self, connection: Connection, chat: int) -> Row[Any] | None:
        key = {"bot_id": self._bot_id, "chat_id": chat}
        return connection.execute(select(subscriptions).filter_by(**key)).one_or_none()

    def _now(self) -> str:
        return utc(self._clock())


def ended(connection: Connection, bot_id: int, chat: int, why: str, now: str) -> bool:
    """Note that a chat is sent no more editions, and nothing unasked where it is «blocked»."""
    key = {"bot_id": bot_id, "chat_id": chat}
    active = update(subscriptions).filter_by(**key).where(subscriptions.c.next_at.is_not(None))
    was = connection.execute(active.values(next_at=None, ended_why=why)).rowcount
    planned = update(deliveries).filter_by(**key)
    if why == "blocked":
        connection.execute(delete(watches).filter_by(**key))
        planned = planned.where(deliveries.c.state.in_(("planned", "gathered")))
    else:
        planned = planned.filter_by(kind="edition", state="planned")
    connection.execute(planned.values(state="skipped", why="ended", finished_at=now))
    return bool(was)


def _moved(connection: Connection, bot_id: int, old: int, new: int, now: str) -> None:
    """Give all that an old chat has to a new one, but for what that has itself."""
    there, here = {"bot_id": bot_id, "chat_id": old}, {"bot_id": bot_id, "chat_id": new}
    if connection.scalar(select(func.count()).select_from(subscriptions).filter_by(**here)):
        ended(connection, bot_id, old, "moved", now)
    else:
        connection.execute(update(subscriptions).filter_by(**there).values(chat_id=new))
    for table, names in ((deliveries, ("kind", "of")), (watches, ("said",))):
        other = table.alias()
        same = (other.c[name] == table.c[name] for name in names)
        taken = exists().where(other.c.bot_id == bot_id, other.c.chat_id == new, *same)
        free = update(table).filter_by(**there).where(~taken)
        connection.execute(free.values(chat_id=new))
    connection.execute(delete(watches).filter_by(**there))
    left = update(deliveries).filter_by(**there, state="planned")
    connection.execute(left.values(state="skipped", why="ended", finished_at=now))


def history(rows: Sequence[Any]) -> EditionHistory:
    """Read a chat's editions, the newest first.

    When one was planned is what counts: it may be parked, taken or resent days later.
    """
    if not rows:
        return EditionHistory(None, (), is_open=False)
    came = [row for row in rows if row.state != "skipped"]
    times = [datetime.fromisoformat(row.decided_at) for row in came]
    since = came[0].of if came else ""
    unsaid = sorted(row.of for row in rows if row.why == "late" and row.of > since)
    last = LastDecision(date.fromisoformat(rows[0].of), max(times, default=None))
    is_open = any(row.state in ("planned", "sending") for row in came)
    return EditionHistory(last, tuple(map(date.fromisoformat, unsaid)), is_open)


def _read(row: Row[Any]) -> Subscription | None:
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
