"""The inline queries that wait: of each person only the newest, because each keystroke sends one.

They are in memory only. An inline query is worthless seconds later, and its answer is harmless
twice, so none is recorded in the inbox and none is answered after a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import NamedTuple

from bot.telegram.updates import InlineQueryEvent

MAX_AGE_SECONDS = 30.0
"""An older query is not answered: who typed it has gone on, and Telegram refuses the answer."""
MAX_WAITING = 100
"""The largest number of people whose queries wait; the longest waiting one makes room."""


class _PendingQuery(NamedTuple):
    event: InlineQueryEvent
    received_at: float


class PendingQueries:
    """A queue with one place for each person, in the order in which they began to wait."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Measure ages with `clock`, in seconds."""
        self._clock = clock
        self._by_person: dict[int, _PendingQuery] = {}

    def put(self, event: InlineQueryEvent) -> None:
        """Append a query; it takes the place of an older one of the same person."""
        self._by_person[event.actor.id] = _PendingQuery(event, self._clock())
        if len(self._by_person) > MAX_WAITING:
            del self._by_person[next(iter(self._by_person))]

    def take(self) -> InlineQueryEvent | None:
        """Remove and return the first query that is not too old; None if there is none."""
        while self._by_person:
            event, received_at = self._by_person.pop(next(iter(self._by_person)))
            if self._clock() - received_at <= MAX_AGE_SECONDS:
                return event
        return None

    def forget(self, user_id: int) -> None:
        """Drop the query of a person."""
        self._by_person.pop(user_id, None)
