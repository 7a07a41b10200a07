"""The briefing's stores over one database, as a bot's process has them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import NamedTuple, TypeVar

from bot.digest.subscription import Schedule, Subscription, Taste
from bot.store.alerts import Alerts
from bot.store.ledger import Delivery, Ledger
from bot.store.people import People
from bot.store.subscribers import Subscribers
from bot.store.writing import Writing
from index.clock import Clock
from index.store.database import Database

BOT = 7
_Result = TypeVar("_Result")


class Desk(NamedTuple):
    """What one process has."""

    subscribers: Subscribers
    ledger: Ledger
    alerts: Alerts
    people: People


def use(database: Database, clock: Clock, work: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    """Do some work as a process of its own would."""

    async def through() -> _Result:
        writing = Writing(database)
        try:
            return await work(
                Desk(
                    Subscribers(writing, BOT, clock),
                    Ledger(writing, BOT, clock),
                    Alerts(writing, BOT, clock),
                    People(writing, clock),
                )
            )
        finally:
            await writing.close()

    return asyncio.run(through())


def chosen(
    chat: int,
    since: datetime,
    *,
    language: str = "en",
    thread: int | None = None,
    **more: object,
) -> Subscription:
    taste = {name: more.pop(name) for name in list(more) if name in Taste.model_fields}
    return Subscription.model_validate(
        {
            "chat": chat,
            "thread": thread,
            "language": language,
            "schedule": Schedule.model_validate({"since": since, **more}),
            "taste": Taste.model_validate(taste),
        }
    )


def only(found: list[Delivery]) -> Delivery:
    (one,) = found
    return one
