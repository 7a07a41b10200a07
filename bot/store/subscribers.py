"""Subscribers: what each chat has chosen, and when to look at it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from bot.digest.content import EditionOf
from bot.digest.planner import Due, Last
from bot.digest.subscription import Schedule, Subscription, Taste
from bot.store.contents import number_of
from bot.store.digest_tables import deliveries, subscriptions, watches
from bot.store.writing import Writing
from index.clock import Clock
from index.store.mapping import utc

_REMEMBERED = 30
"""How many of a chat's latest editions are looked at."""
_OPEN = timedelta(minutes=5)
"""When to look again at a chat whose last edition is still to be sent."""


class Waiting(NamedTuple):
    """A subscriber for whom something may be due, and what came before."""

    subscription: Subscription
    last: Last | None
    told_upto: int | None
    """The last change of which an edition has told, or may have."""
    unsaid: tuple[date, ...]
    """Days that were missed, of which no edition has said so."""


class Decision(NamedTuple):
    """What is to be done for a subscriber."""

    edition: EditionOf | None
    due: Due | None
    missed: tuple[date, ...]
    again: datetime


Decide = Callable[[Waiting], Decision]


class Subscribers:
    """The subscribers of one bot."""

    def __init__(self, writing: Writing, bot_id: int, clock: Clock) -> None:
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

    async def last(self, chat: int) -> Last | None:
        """Return what was decided last for a chat."""
        return await self._write(lambda connection: self._before(connection, chat)[0])

    async def keep(self, of: Subscription, next_at: datetime) -> None:
        """Keep what a chat has chosen, and when to look at it."""

        def act(connection: Connection) -> None:
            chosen = {
                "thread_id": of.thread,
                "language": of.language,
                "schedule": of.schedule.model_dump_json(),
                "taste": of.taste.model_dump_json(),
                "next_at": utc(next_at),
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
        """Follow a group that has become another chat, with all that it got."""

        def act(connection: Connection) -> None:
            for table in (subscriptions, deliveries, watches):
                here = {"bot_id": self._bot_id, "chat_id": new}
                there = {"bot_id": self._bot_id, "chat_id": old}
                if connection.scalar(select(func.count()).select_from(table).filter_by(**here)):
                    continue  # it was followed already
                connection.execute(update(table).filter_by(**there).values(chat_id=new))

        await self._write(act)

    async def decide(self, decide: Decide, now: datetime, most: int) -> int:
        """Do what is decided for those for whom something may be due; return how many they are.

        What is decided of each, and when to look again, are written together.
        """

        def act(connection: Connection) -> int:
            due = (
                select(subscriptions)
                .where(subscriptions.c.bot_id == self._bot_id, subscriptions.c.next_at <= utc(now))
                .order_by(subscriptions.c.next_at, subscriptions.c.chat_id)
                .limit(most)
            )
            rows = connection.execute(due).all()
            again, made = [], []
            for row in rows:
                last, unsaid, is_open = self._before(connection, row.chat_id)
                if is_open:
                    again.append({"chat": row.chat_id, "at": utc(now + _OPEN)})
                    continue
                decided = decide(Waiting(_read(row), last, row.told_upto, unsaid))
                again.append({"chat": row.chat_id, "at": utc(decided.again)})
                made += self._rows(connection, row, decided, now)
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
            if made:
                connection.execute(insert(deliveries), made)
            return len(rows)

        return await self._write(act)

    def _rows(
        self, connection: Connection, row: Row[Any], decided: Decision, now: datetime
    ) -> list[dict[str, Any]]:
        """Return the lines of the ledger that a decision makes."""
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
                "content": number_of(connection, decided.edition, self._now()),
                "state": "planned",
                "due_at": utc(decided.due.at),
                "until": utc(decided.due.until),
            }
            made.append({**alike, **planned})
        return made

    def _before(
        self, connection: Connection, chat: int
    ) -> tuple[Last | None, tuple[date, ...], bool]:
        """Return what was decided last, which missed days are unsaid, and whether one is open."""
        rows = connection.execute(
            select(
                deliveries.c.of,
                deliveries.c.state,
                deliveries.c.why,
                deliveries.c.decided_at,
            )
            .filter_by(bot_id=self._bot_id, chat_id=chat, kind="edition")
            .order_by(deliveries.c.of.desc())
            .limit(_REMEMBERED)
        ).all()
        return history(rows)

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
    planned = update(deliveries).filter_by(**key, state="planned")
    if why == "blocked":
        connection.execute(delete(watches).filter_by(**key))
    else:
        planned = planned.filter_by(kind="edition")
    connection.execute(planned.values(state="skipped", why="ended", finished_at=now))
    return bool(was)


def history(rows: Sequence[Any]) -> tuple[Last | None, tuple[date, ...], bool]:
    """Read a chat's editions, the newest first: the last, missed days unsaid, is one open.

    When one was planned is what counts: it may be parked, taken or resent days later.
    """
    if not rows:
        return None, (), False
    came = [row for row in rows if row.state != "skipped"]
    times = [datetime.fromisoformat(row.decided_at) for row in came]
    since = came[0].of if came else ""
    unsaid = sorted(row.of for row in rows if row.why == "late" and row.of > since)
    last = Last(date.fromisoformat(rows[0].of), max(times, default=None))
    is_open = any(row.state in ("planned", "sending") for row in came)
    return last, tuple(map(date.fromisoformat, unsaid)), is_open


def _read(row: Row[Any]) -> Subscription:
    return Subscription(
        chat=row.chat_id,
        thread=row.thread_id,
        language=row.language,
        schedule=Schedule.model_validate_json(row.schedule),
        taste=Taste.model_validate_json(row.taste),
    )
