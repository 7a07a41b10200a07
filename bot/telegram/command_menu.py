"""The menus of commands: one for everybody, and a longer one in each editor's chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from telegram import BotCommand, BotCommandScopeChat

from bot.answers.commands import MENU
from bot.i18n.catalogue import UI_LANGUAGES, WORDS, UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.i18n.editorial_strings import DESK
from bot.i18n.feed_strings import FEED_WORDS
from bot.telegram.api import TelegramApi
from bot.telegram.sender import MessageSender

EDITORS_MENU = ("add", "articles", "feeds", "log")
OWNERS_MENU = (*EDITORS_MENU, "admins", "status")
_AGAIN_SECONDS = 60


class CommandMenu:
    """Shows menus; a call that fails is made again until it does not."""

    def __init__(self, telegram: TelegramApi, sender: MessageSender, language: UiLanguage) -> None:
        self._telegram = telegram
        self._sender = sender
        self._language = language

    async def for_everybody(self) -> None:
        """Show the readers' menu, in each language that the bot speaks."""
        await self._show(())

    async def for_editor(self, editor: int, *, owner: bool) -> None:
        """Show an editor's menu in their private chat."""
        await self._show(OWNERS_MENU if owner else EDITORS_MENU, BotCommandScopeChat(editor))

    async def for_reader(self, reader: int) -> None:
        """Take an editor's menu away."""
        for lang in (None, *UI_LANGUAGES):
            forget = partial(
                self._telegram.delete_my_commands, BotCommandScopeChat(reader), language_code=lang
            )
            await self._until_done(forget)

    async def _show(self, more: Sequence[str], scope: BotCommandScopeChat | None = None) -> None:
        for lang, spoken in (
            (None, self._language),
            *((each, each) for each in UI_LANGUAGES.values()),
        ):
            words = {**WORDS[spoken], **BRIEFING[spoken], **DESK[spoken], **FEED_WORDS[spoken]}
            menu = [BotCommand(name, words[f"menu {name}"]) for name in (*MENU, *more)]
            show = partial(self._telegram.set_my_commands, menu, scope, language_code=lang)
            await self._until_done(show)

    async def _until_done(self, call: Callable[[], Awaitable[Any]]) -> None:
        while not await self._sender.best_effort(call):  # noqa: ASYNC110 - Telegram tells nobody
            await asyncio.sleep(_AGAIN_SECONDS)
