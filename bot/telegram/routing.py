"""Routing: which handler answers an update, and on which conditions it starts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from enum import Enum, auto
from typing import NamedTuple

from bot.i18n.languages import UiLanguage
from bot.telegram.inbox import UpdateOutcome
from bot.telegram.reply import Reply
from bot.telegram.updates import IncomingEvent, IncomingUpdate

Handler = Callable[[IncomingUpdate, UiLanguage], Awaitable[Reply | None]]
"""Returns the reply to an update, in a language; None where the update needs no reply."""


class Queue(Enum):
    """Where an update waits for its handler."""

    NONE = auto()
    """It does not wait: the handler starts at once."""
    CHAT = auto()
    """It waits for the turn of its chat, because the handler searches the archive."""


class Limit(Enum):
    """Which rate limit of its sender an update counts against."""

    NONE = auto()
    QUESTIONS = auto()
    COMMANDS = auto()


class Route(NamedTuple):
    """The handler of an update, and on which conditions it starts."""

    handler: Handler
    queue: Queue = Queue.NONE
    limit: Limit = Limit.COMMANDS
    shows_typing: bool = False
    """Show that the bot is typing while the handler works; queued updates but reactions do."""
    shows_upload: bool = False
    """Show that the bot is sending a picture while the handler draws it."""
    answers_press: bool = False
    """Whether the press of a button is acknowledged only by the reply, which may be a notice."""
    outcome: UpdateOutcome = UpdateOutcome.IGNORED
    """The outcome of the update where the handler returns no reply."""
    notice: str | None = None
    """A message id: its translation is shown for a moment to who pressed a button."""


FindRoute = Callable[[IncomingEvent], Route | None]
"""Returns the route of an event that concerns one feature; None where it concerns another."""


class Router:
    """Asks one feature after another whether an update concerns it."""

    def __init__(self, features: Sequence[FindRoute]) -> None:
        self._features = features

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event; None where it concerns no feature."""
        for find_route in self._features:
            if route := find_route(event):
                return route
        return None

    def route(self, update: IncomingUpdate) -> Route | None:
        """Return the route of an update; None where it concerns no feature."""
        return self.find_route(update.event)

    async def handle(self, update: IncomingUpdate, lang: UiLanguage) -> Reply | None:
        """Return the reply of the feature that an update concerns: a `Handler`."""
        route = self.route(update)
        return await route.handler(update, lang) if route else None
