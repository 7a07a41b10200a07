"""Simulated days: a bot whose clock the test moves, its subscribers, and what became of each edition."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Row, select

from bot.digest.planner import following
from bot.digest.subscription import Schedule, Subscription, Taste
from bot.store.digest_tables import deliveries
from bot.store.ledger import counted
from bot.store.subscribers import Subscribers
from bot.store.writing import Writing
from index.archive import Archive
from index.store.database import Database
from tests.telegram.double.server import Double
from tests.telegram.process import BotProcess
from tests.town import PROJECT

LATE_HOUR = 20
LOOK_AGAIN = "0.05"


class Clock:
    """A clock in a file, for two processes; it stands still until it is set."""

    def __init__(self, file: Path, now: datetime) -> None:
        self.file = file
        self.set(now)

    def set(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)
        written = self.file.with_suffix(".new")
        written.write_text(self.now.isoformat(), "ascii")
        written.replace(self.file)

    def __call__(self) -> datetime:
        return self.now


OpenAt = Callable[[Path, datetime], AbstractContextManager[tuple[Archive, Clock]]]
"""What the fixture `open_at` is."""


def timed_bot(
    double: Double, folder: Path, models: Path, clock: Clock, **settings: object
) -> BotProcess:
    """A bot with that clock, not yet started."""
    program = [sys.executable, str(PROJECT / "tests/digest/timed_bot.py"), str(clock.file)]
    return BotProcess(double, folder, models, program=[*program, LOOK_AGAIN], **settings)


def subscribe(folder: Path, bot_id: int, clock: Clock, chosen: Iterable[Subscription]) -> None:
    """Enter subscriptions as the bot itself would."""

    async def enter() -> None:
        database = Database(folder)
        writing = Writing(database)
        subscribers = Subscribers(writing, bot_id, clock)
        await asyncio.gather(
            *(
                subscribers.keep(each, following(each.schedule, None, clock(), LATE_HOUR))
                for each in chosen
            )
        )
        await writing.close()
        database.close()

    asyncio.run(enter())


def subscription(chat: int, zone: str, at: str, since: datetime, **taste: object) -> Subscription:
    hour, minute = map(int, at.split(":"))
    return Subscription(
        chat=chat,
        language="en",
        schedule=Schedule(at=hour * 60 + minute, zone=zone, since=since),
        taste=Taste.model_validate(taste),
    )


class Books:
    """The ledger, read from outside the bot."""

    def __init__(self, folder: Path) -> None:
        self._database = Database(folder)

    def close(self) -> None:
        self._database.close()

    def rows(self, *states: str, kind: str | None = None) -> list[Row[tuple[object, ...]]]:
        query = select(deliveries).order_by(deliveries.c.number)
        if states:
            query = query.where(deliveries.c.state.in_(states))
        if kind:
            query = query.where(deliveries.c.kind == kind)
        with self._database.reading() as connection:
            return list(connection.execute(query))

    def counts(self) -> Counter[str]:
        """How many lines are in each state."""
        with self._database.reading() as connection:
            return Counter(counted(connection).by_state)
