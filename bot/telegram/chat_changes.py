"""Handle changes of chats: groups that migrate, and chats that block the bot."""

from __future__ import annotations

from typing import Protocol

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.chats import ChatPreferences
from bot.telegram.inbox import UpdateOutcome
from bot.telegram.reply import Reply, say
from bot.telegram.routing import Limit, Route
from bot.telegram.updates import (
    ChatMigratedEvent,
    IncomingEvent,
    IncomingUpdate,
    MembershipEvent,
)


class ChatObserver(Protocol):
    """A feature that sends messages to chats that subscribed to it."""

    async def migrate_chat(self, old_chat_id: int, new_chat_id: int) -> None:
        """Move the subscriptions of a group to its new id."""

    async def unsubscribe(self, chat_id: int, reason: str) -> bool:
        """End the subscription of a chat; return whether it had one."""


class ChatChangeHandlers:
    """Records which chats can be reached, notifies who sends to them, and greets new groups."""

    def __init__(self, preferences: ChatPreferences, observer: ChatObserver) -> None:
        self._preferences = preferences
        self._observer = observer

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event about a chat itself."""
        if isinstance(event, MembershipEvent | ChatMigratedEvent):
            return Route(self.record_change, limit=Limit.NONE, outcome=UpdateOutcome.NOTED)
        return None

    async def record_change(self, update: IncomingUpdate, _lang: UiLanguage) -> Reply | None:
        """Record a migration, or whether the bot may still write to the chat; greet a group."""
        event, chat_id = update.event, update.event.target.chat_id
        if isinstance(event, ChatMigratedEvent):
            await self._observer.migrate_chat(chat_id, event.new_chat_id)
        elif isinstance(event, MembershipEvent):
            await self._preferences.set_reachable(chat_id, reachable=event.reachable)
            if not event.reachable:
                await self._observer.unsubscribe(chat_id, "blocked")
            if event.added_by:
                _ = translator(self._preferences.lang_of(event.added_by)).gettext
                return say(
                    _(
                        "Hello! To ask me about Libyan affairs, mention me, reply to one of my "
                        "messages, or write /ask and the question."
                    )
                )
        return None
