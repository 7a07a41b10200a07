"""Handle /privacy, /forgetme and the button that confirms it."""

from __future__ import annotations

from collections.abc import Container
from functools import partial

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.privacy import views
from bot.privacy.callbacks import EraseCallback
from bot.privacy.store import PersonalDataStore
from bot.telegram.reply import Reply, say
from bot.telegram.routing import Queue, Route
from bot.telegram.updates import ButtonEvent, CommandEvent, IncomingEvent, IncomingUpdate


class PrivacyHandlers:
    """Tells people what is stored about them, and erases it."""

    def __init__(self, store: PersonalDataStore, editors: Container[int]) -> None:
        self._store = store
        self._editors = editors

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event about a person's data.

        Erasing waits for its turn in the chat, behind the questions that came before it.
        """
        match event:
            case CommandEvent(name="privacy"):
                return Route(self._explain)
            case CommandEvent(name="forgetme"):
                return Route(partial(self._ask_for_confirmation, event))
            case ButtonEvent(callback=EraseCallback()) if event.target.is_private:
                return Route(partial(self._erase, event), Queue.CHAT)
        return None

    async def _explain(self, _: IncomingUpdate, lang: UiLanguage) -> Reply:
        return Reply(views.render_privacy(lang))

    async def _ask_for_confirmation(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        if not event.target.is_private:
            return say(translator(lang).gettext("Please write /forgetme in our private chat."))
        is_editor = event.actor.id in self._editors
        return Reply(views.render_confirmation(lang, is_editor=is_editor))

    async def _erase(self, event: ButtonEvent, update: IncomingUpdate, lang: UiLanguage) -> Reply:
        erased = await self._store.erase(event.actor.id, update.id)
        return Reply(views.render_erased(erased, lang), edits=True)
