"""People: the language that each one chose, and whom the bot can no longer reach."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert, select, update

from bot.i18n.catalogue import UI_LANGUAGES, UiLanguage
from bot.runtime.db_writer import DatabaseWriter
from bot.telegram.schema import people
from index.clock import Clock
from index.storage.row_mapping import utc


class ChatPreferences:
    """Who the bot speaks with, by the id of a user or of a chat."""

    def __init__(self, writing: DatabaseWriter, clock: Clock) -> None:
        self._write = writing
        self._clock = clock
        self._languages: dict[int, UiLanguage] = {}

    async def load(self) -> None:
        """Read the languages that were chosen; only this process changes them while it runs."""
        chosen = select(people.c.id, people.c.language).where(people.c.language.in_(UI_LANGUAGES))

        def act(connection: Connection) -> dict[int, UiLanguage]:
            return {row.id: UI_LANGUAGES[row.language] for row in connection.execute(chosen)}

        self._languages = await self._write(act)

    def language(self, person: int) -> UiLanguage | None:
        """Return the language that someone chose, or None."""
        return self._languages.get(person)

    async def choose_language(self, person: int, language: UiLanguage) -> None:
        """Remember the language that someone chose."""
        await self._write(lambda connection: _keep(connection, person, language=language))
        self._languages[person] = language

    async def reachable(self, chat: int, *, yes: bool) -> None:
        """Note that a chat can be written to, or that it cannot."""
        since = None if yes else utc(self._clock())
        await self._write(lambda connection: _keep(connection, chat, unreachable_since=since))


def _keep(connection: Connection, person: int, **values: Any) -> None:
    changed = connection.execute(update(people).where(people.c.id == person).values(values))
    if not changed.rowcount:
        connection.execute(insert(people).values(id=person, **values))
