"""The command menus: one for all users, and a longer one in the chat of each editor."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from telegram import BotCommand, BotCommandScopeChat

from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.i18n.translations import N_, translator
from bot.telegram.api import TelegramApi
from bot.telegram.sender import MessageSender

EDITORS_MENU = ("add", "articles", "feeds", "log")
OWNERS_MENU = (*EDITORS_MENU, "admins", "status")
DESCRIPTIONS = {
    "digest": N_("The digest's settings, or a day's news"),
    "help": N_("Help"),
    "latest": N_("The latest news, or the latest on a topic"),
    "who": N_("What the news says about a person, and who is named with them"),
    "timeline": N_("The events of a topic in order of time"),
    "archive": N_("What the archive holds, as a picture"),
    "language": N_("Choose a language"),
    "about": N_("About the bot and its archive"),
    "ask": N_("Ask a question (in groups)"),
    "subscribe": N_("Subscribe to the daily digest"),
    "watch": N_("Get alerts to news about a name or a topic"),
    "watching": N_("Names and topics you watch"),
    "unwatch": N_("Stop alerts about a name or a topic"),
    "pause": N_("Pause the daily digest"),
    "resume": N_("Resume the daily digest"),
    "unsubscribe": N_("Unsubscribe from the daily digest"),
    "new": N_("Start a new conversation"),
    "privacy": N_("What is stored about you"),
    "status": N_("Subscribers and what was sent"),
    "add": N_("Add an article"),
    "articles": N_("Articles in the archive"),
    "log": N_("Who changed what"),
    "admins": N_("Editors"),
    "feeds": N_("Feeds that fill the archive"),
}
_RETRY_SECONDS = 60


def build_menu(commands: Sequence[str], lang: UiLanguage) -> list[BotCommand]:
    """Return a menu of commands with their descriptions in a language."""
    _ = translator(lang).gettext
    return [BotCommand(name, _(DESCRIPTIONS[name])) for name in commands]


class CommandMenu:
    """Sets command menus. A call that fails is retried until it succeeds."""

    def __init__(
        self,
        telegram: TelegramApi,
        sender: MessageSender,
        default_lang: UiLanguage,
        commands: Sequence[str],
    ) -> None:
        """Show `commands` to all users, in this order."""
        self._telegram = telegram
        self._sender = sender
        self._default_lang = default_lang
        self._commands = commands

    async def show_reader_menus(self) -> None:
        """Set the menu of readers in each language of the bot."""
        await self._set_menus(())

    async def show_editor_menu(self, user_id: int, *, is_owner: bool) -> None:
        """Set the menu of an editor or owner in their private chat."""
        await self._set_menus(
            OWNERS_MENU if is_owner else EDITORS_MENU, BotCommandScopeChat(user_id)
        )

    async def remove_editor_menu(self, user_id: int) -> None:
        """Delete the menu of a former editor."""
        for language_code in (None, *UI_LANGUAGES):
            delete_menu = partial(
                self._telegram.delete_my_commands,
                BotCommandScopeChat(user_id),
                language_code=language_code,
            )
            await self._retry_until_done(delete_menu)

    async def _set_menus(
        self, extra_commands: Sequence[str], scope: BotCommandScopeChat | None = None
    ) -> None:
        for language_code, lang in (
            (None, self._default_lang),
            *((ui_lang, ui_lang) for ui_lang in UI_LANGUAGES.values()),
        ):
            menu = build_menu((*self._commands, *extra_commands), lang)
            set_menu = partial(
                self._telegram.set_my_commands, menu, scope, language_code=language_code
            )
            await self._retry_until_done(set_menu)

    async def _retry_until_done(self, call: Callable[[], Awaitable[Any]]) -> None:
        while not await self._sender.best_effort(call):  # noqa: ASYNC110 - no event to await
            await asyncio.sleep(_RETRY_SECONDS)
