"""The ledger: each edition, alert and summary of each chat, and what became of it.

One is *planned*, is *sending* from right before its call until that is known, and then *sent*,
*failed* (Telegram refuses it), or *parked* (nobody can know whether it arrived). What is not to be
sent any more is *skipped*; an alert on top of a day's is *gathered* for a summary. Every step is
from the state before it, so that of two who take one only one does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, Update, delete, exists, func, or_, select, update

from bot.digest.payloads import Content, EditionPayload
from bot.digest.store.payloads import content
from bot.digest.store.schema import contents, deliveries, subscriptions, watches
from bot.digest.store.subscribers import ended
from bot.runtime.db_writer import DatabaseWriter
from index.clock import Clock
from index.errors import InvalidInputError, NotFoundError
from index.storage.database import Database
from index.storage.row_mapping import utc

KEPT_FOR = timedelta(days=60)
"""How long what is over is kept; the buttons of an edition work as long."""
_FORGOTTEN_AT_ONCE = 2_000
AGAIN_FOR = timedelta(days=1)
"""How long one that somebody asked for again may wait."""
RESENT = ("parked", "failed")
"""What can be asked for again: it did not arrive, or nobody knows."""
STATES = ("planned", "sending", "sent", "failed", "parked", "skipped", "gathered")


class DeliveryRow(NamedTuple):
    """A line of the ledger."""

    number: int
    chat: int
    thread: int | None
    kind: str
    of: str
    """An edition's local day; the number of an alert's article."""
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
    """The ledger of one bot."""

    def __init__(self, writing: DatabaseWriter, bot_id: int, clock: Clock) -> None:
        self._write = writing
        self._bot_id = bot_id
        self._clock = clock
        self._offered: dict[int, set[int]] = defaultdict(set)
        """Parked ones that may not have been offered, by chat."""
        self._is_known = False
        """Whether that has been read: updates of the last run are answered before it is."""

    async def recover(self) -> int:
        """Park what a crash left sending; return how many. Only who alone delivers may do so."""

        def act(connection: Connection) -> int:
            lost = connection.execute(
                select(*COLUMNS).filter_by(bot_id=self._bot_id, state="sending")
            ).all()
            for row in lost:
                self._park(connection, DeliveryRow(*row))
            parked = select(deliveries.c.chat_id, deliveries.c.number).filter_by(
                bot_id=self._bot_id, state="parked"
            )
            self._offered.clear()
            for chat, number in connection.execute(parked):
                self._offered[chat].add(number)
            self._is_known = True
            return len(lost)

        return await self._write(act)

    async def planned(self, most: int, without: Collection[int] = ()) -> list[DeliveryRow]:
        """Return what is to be sent, the longest due first, but for what is being sent already."""
        query = (
            select(*COLUMNS)
            .filter_by(bot_id=self._bot_id, state="planned")
            .order_by(deliveries.c.due_at, deliveries.c.content, deliveries.c.number)
            .limit(most + len(without))
        )
        rows = await self._write(lambda connection: connection.execute(query).all())
        found = [DeliveryRow(*row) for row in rows]
        return [each for each in found if each.number not in without][:most]

    async def content(self, number: int) -> Content | None:
        """Return what is sent under a content's number; None where it was forgotten."""
        return await self._write(lambda connection: content(connection, number))

    async def claim(self, of: DeliveryRow) -> bool:
        """Note that it is sent now; say no where it is not to be any more."""
        step = self._step(of, "planned").values(state="sending")
        return await self._write(lambda connection: bool(connection.execute(step).rowcount))

    async def put_back(self, of: DeliveryRow) -> None:
        """Note that it cannot have arrived: it is to be sent again."""
        step = self._step(of, "sending").values(state="planned")
        await self._write(lambda connection: connection.execute(step))

    async def leave_topic(self, of: DeliveryRow) -> None:
        """Note that the topic it was for is closed: what comes goes to the forum itself."""

        def act(connection: Connection) -> None:
            step = self._step(of, "sending").values(state="planned", thread_id=None)
            connection.execute(step)
            key = {"bot_id": self._bot_id, "chat_id": _chat(connection, of)}
            for table in (subscriptions, watches):
                there = update(table).filter_by(**key, thread_id=of.thread)
                connection.execute(there.values(thread_id=None))

        await self._write(act)

    async def sent(self, of: DeliveryRow) -> None:
        """Note that it has arrived."""

        def act(connection: Connection) -> None:
            if self._end(connection, of, "sending", state="sent"):
                self._tell(connection, of)

        await self._write(act)

    async def mark_in_doubt(self, of: DeliveryRow) -> None:
        """Note that nobody can know whether it has arrived."""

        def act(connection: Connection) -> int:
            self._park(connection, of)
            return _chat(connection, of)

        self._offered[await self._write(act)].add(of.number)

    async def fail(self, of: DeliveryRow, why: str) -> None:
        """Note that Telegram refuses it; who has «blocked» the bot is sent nothing more."""

        def act(connection: Connection) -> None:
            self._end(connection, of, "sending", state="failed", why=why)
            if why == "blocked":
                ended(connection, self._bot_id, _chat(connection, of), why, self._now())

        await self._write(act)

    async def skip(self, of: DeliveryRow, why: str) -> None:
        """Note that it is not to be sent any more; on a day without news nothing is lost by it."""

        def act(connection: Connection) -> None:
            if self._end(connection, of, "planned", state="skipped", why=why) and why == "silent":
                self._tell(connection, of)

        await self._write(act)

    async def status(self, most: int) -> tuple[DeliveryCounts, list[DeliveryRow]]:
        """Count what is in the ledger, and list the newest of what is parked."""

        def act(connection: Connection) -> tuple[DeliveryCounts, list[DeliveryRow]]:
            parked = listed(connection, ("parked",), most, self._bot_id)
            return counted(connection, self._bot_id), parked

        return await self._write(act)

    def may_offer(self, chat: int) -> bool:
        """Say whether something parked may have to be offered to a chat."""
        return not self._is_known or bool(self._offered.get(chat))

    async def offer(self, chat: int, update_id: int, most: int) -> list[DeliveryRow]:
        """Return some of what is parked for a chat, and note that a reply offers it.

        Editions first, then the newest. With the reply to the same update it is the same again, as
        a crash may have come between.
        """

        def act(connection: Connection) -> list[DeliveryRow]:
            key = {"bot_id": self._bot_id, "chat_id": chat, "state": "parked"}
            mine = deliveries.c.offered_by == update_id
            query = (
                select(*COLUMNS)
                .filter_by(**key)
                .where(or_(deliveries.c.offered_by.is_(None), mine))
                .order_by(mine.desc(), deliveries.c.kind != "edition", deliveries.c.number.desc())
            )
            found = [DeliveryRow(*row) for row in connection.execute(query)]
            shown = found[:most]
            numbers = [each.number for each in shown]
            connection.execute(
                update(deliveries)
                .where(deliveries.c.number.in_(numbers))
                .values(offered_by=update_id)
            )
            self._offered[chat] = {each.number for each in found[most:]}
            return shown

        return await self._write(act)

    async def was_for(self, number: int, chat: int) -> bool:
        """Say whether a content was for a chat: nobody is shown another's by its number."""
        key = {"bot_id": self._bot_id, "chat_id": chat, "content": number}
        query = select(deliveries.c.number).filter_by(**key).limit(1)
        return await self._write(lambda connection: connection.scalar(query)) is not None

    async def release_in_doubt(self, number: int, chat: int) -> DeliveryRow | None:
        """Return one that was parked for a chat, which is shown it now; None for any other."""

        def act(connection: Connection) -> DeliveryRow | None:
            key = {"bot_id": self._bot_id, "chat_id": chat, "number": number}
            row = connection.execute(select(*COLUMNS).filter_by(**key)).one_or_none()
            if row is None or row.content is None or row.state not in ("parked", "sent"):
                return None
            self._end(connection, DeliveryRow(*row), "parked", state="sent", why="taken")
            return DeliveryRow(*row)

        return await self._write(act)

    async def forget(self) -> None:
        """Forget what has long been over, some thousands at a time: nobody waits for it long."""
        before = self._clock() - KEPT_FOR
        while await self._write(lambda connection: _forgotten(connection, before)):
            pass
        await self._write(lambda connection: _unused(connection, before - timedelta(days=1)))

    def _park(self, connection: Connection, of: DeliveryRow) -> None:
        if self._end(connection, of, "sending", state="parked", offered_by=None):
            self._tell(connection, of)

    def _tell(self, connection: Connection, of: DeliveryRow) -> None:
        """Note up to which change a chat has been told, or may have."""
        if of.kind != "edition" or of.content is None:
            return
        told = content(connection, of.content)
        if isinstance(told, EditionPayload):
            newer = func.coalesce(subscriptions.c.told_upto, 0) < told.upto
            key = {"bot_id": self._bot_id, "chat_id": _chat(connection, of)}
            connection.execute(
                update(subscriptions).filter_by(**key).where(newer).values(told_upto=told.upto)
            )

    def _end(self, connection: Connection, of: DeliveryRow, before: str, **values: Any) -> bool:
        step = self._step(of, before).values(**values, finished_at=self._now())
        return bool(connection.execute(step).rowcount)

    @staticmethod
    def _step(of: DeliveryRow, before: str) -> Update:
        return update(deliveries).filter_by(number=of.number, state=before)

    def _now(self) -> str:
        return utc(self._clock())


def _chat(connection: Connection, of: DeliveryRow) -> int:
    """Return the id that a delivery's chat has now: a group may have moved since."""
    here = select(deliveries.c.chat_id).where(deliveries.c.number == of.number)
    return int(connection.execute(here).scalar_one())


def _forgotten(connection: Connection, before: datetime) -> bool:
    """Forget some of what was decided before a moment and is over; say whether there was any."""
    over = deliveries.c.state.not_in(("planned", "sending", "gathered"))
    oldest = (
        select(deliveries.c.number)
        .where(deliveries.c.decided_at < utc(before), over)
        .order_by(deliveries.c.number)
        .limit(_FORGOTTEN_AT_ONCE)
    )
    gone = connection.execute(delete(deliveries).where(deliveries.c.number.in_(oldest)))
    return bool(gone.rowcount)


def _unused(connection: Connection, before: datetime) -> None:
    """Forget the contents that were made before a moment and are in no line any more."""
    used = exists().where(deliveries.c.content == contents.c.number)
    connection.execute(delete(contents).where(contents.c.made_at < utc(before), ~used))


class DeliveryCounts(NamedTuple):
    """How many lines of the ledger are in each state, and how many chats subscribe."""

    subscribers: int
    by_state: dict[str, int]


def counted(connection: Connection, bot_id: int | None = None) -> DeliveryCounts:
    """Count what is in the ledger, of one bot or of all."""
    own = {} if bot_id is None else {"bot_id": bot_id}
    grouped = select(deliveries.c.state, func.count()).filter_by(**own).group_by(deliveries.c.state)
    found = {row[0]: row[1] for row in connection.execute(grouped)}
    active = select(func.count()).select_from(subscriptions).filter_by(**own)
    subscribers = connection.scalar(active.where(subscriptions.c.next_at.is_not(None))) or 0
    return DeliveryCounts(subscribers, {state: found.get(state, 0) for state in STATES})


def listed(
    connection: Connection, states: Sequence[str], limit: int, bot_id: int | None = None
) -> list[DeliveryRow]:
    """Return lines of the ledger in these states, the newest first."""
    own = {} if bot_id is None else {"bot_id": bot_id}
    query = (
        select(*COLUMNS)
        .filter_by(**own)
        .where(deliveries.c.state.in_(states))
        .order_by(deliveries.c.number.desc())
        .limit(limit)
    )
    return [DeliveryRow(*row) for row in connection.execute(query)]


def resend(database: Database, number: int, now: datetime) -> DeliveryRow:
    """Plan one again that was parked or failed; return it as it was.

    Raises `NotFoundError` where there is none, `InvalidInputError` where it is not to be sent again.
    """
    with database.writing() as connection:
        row = connection.execute(
            select(*COLUMNS, deliveries.c.bot_id).filter_by(number=number)
        ).one_or_none()
        if row is None:
            raise NotFoundError(
                f"the ledger has no {number}", "`briefing digest ledger` shows what it has"
            )
        before = DeliveryRow(*row[:-1])
        if before.content is None or before.state not in RESENT:
            raise InvalidInputError(
                f"{number} is {before.state}: only what is parked or failed can be sent again",
                "`briefing digest ledger --state parked` lists what may not have arrived",
            )
        reader = {"bot_id": row.bot_id, "chat_id": before.chat}
        active = select(subscriptions.c.next_at).filter_by(**reader)
        if before.kind == "edition" and connection.scalar(active) is None:
            raise InvalidInputError(
                f"the reader of {number} is not subscribed any more",
                "They can ask for a day's news with /digest and the day",
            )
        connection.execute(
            update(deliveries)
            .filter_by(number=number)
            .values(
                state="planned",
                why=None,
                offered_by=None,
                until=utc(now + AGAIN_FOR),
                finished_at=None,
            )
        )
        return before
