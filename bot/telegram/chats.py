"""Preferences of users and chats: the chosen language, and whether the bot can reach them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.i18n.languages import UI_LANGUAGES, UiLanguage, match_ui_language
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import people
from bot.telegram.updates import Actor
from index.clock import Clock
from index.storage.row_mapping import format_utc


class ChatPreferences:
    """Stores the language of users, and which chats can be reached, by user or chat id."""

    def __init__(
        self, writer: DatabaseWriter, clock: Clock, default_lang: UiLanguage = "en"
    ) -> None:
        self._write = writer
        self._read = writer.read
        self._default_lang = default_lang
        self._clock = clock
        self._langs: dict[int, UiLanguage] = {}

    async def load(self) -> None:
        """Load the chosen languages; while the process runs, only it changes them."""
        statement = select(people.c.id, people.c.language).where(
            people.c.language.in_(UI_LANGUAGES)
        )

        def select_langs(connection: Connection) -> dict[int, UiLanguage]:
            return {row.id: UI_LANGUAGES[row.language] for row in connection.execute(statement)}

        self._langs = await self._read(select_langs)

    def get_lang(self, user_id: int) -> UiLanguage | None:
        """Return the language that a user chose, or None."""
        return self._langs.get(user_id)

    def lang_of(self, actor: Actor | None) -> UiLanguage:
        """Return the chosen language of a sender, else that of their app, else the default."""
        if actor is None:
            return self._default_lang
        return self._langs.get(actor.id) or match_ui_language(actor.language, self._default_lang)

    def lang_of_user(self, user_id: int) -> UiLanguage:
        """Return the language that a user chose, else the default."""
        return self._langs.get(user_id) or self._default_lang

    async def set_lang(self, user_id: int, lang: UiLanguage) -> None:
        """Store the language that a user chose."""
        await self._write(lambda connection: _upsert(connection, user_id, language=lang))
        self._langs[user_id] = lang

    def forget(self, user_id: int) -> None:
        """Drop the cached language of a user, whose row was deleted."""
        self._langs.pop(user_id, None)

    async def set_reachable(self, chat_id: int, *, reachable: bool) -> None:
        """Record whether the bot can write to a chat."""
        unreachable_since = None if reachable else format_utc(self._clock())
        await self._write(
            lambda connection: _upsert(connection, chat_id, unreachable_since=unreachable_since)
        )


def _upsert(connection: Connection, chat_id: int, **values: Any) -> None:
    result = connection.execute(update(people).where(people.c.id == chat_id).values(values))
    if not result.rowcount:
        connection.execute(insert(people).values(id=chat_id, **values))
