"""Route and handle updates about editions, subscriptions, watches and deliveries in doubt."""

from __future__ import annotations

from functools import partial

from bot.digest.callbacks import (
    EditionCallback,
    InDoubtCallback,
    SentEditionCallback,
    SettingsAction,
    WatchCallback,
)
from bot.digest.edition_stories import DateRange
from bot.digest.handlers import subscriptions, watches
from bot.digest.handlers.editions import EditionHandlers
from bot.digest.handlers.subscriptions import SubscriptionHandlers
from bot.digest.handlers.watches import WatchHandlers
from bot.digest.renderer import NothingToSend
from bot.digest.services import DigestServices
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.reply import Reply, say, show_notice
from bot.telegram.routing import Limit, Queue, Route
from bot.telegram.updates import (
    ButtonEvent,
    CommandEvent,
    IncomingEvent,
    IncomingUpdate,
    NonTextEvent,
    QuestionEvent,
)


class DigestHandlers:
    """Handles the commands and buttons of editions, subscriptions and alerts."""

    def __init__(
        self,
        digest: DigestServices,
        edition_handlers: EditionHandlers,
        subscription_handlers: SubscriptionHandlers,
    ) -> None:
        self._subscription_handlers = subscription_handlers
        self._watch_handlers = WatchHandlers(digest.watches, digest.renderer)
        self._edition_handlers = edition_handlers
        self._renderer = digest.renderer
        self._deliveries = digest.deliveries

    def find_route(self, event: IncomingEvent) -> Route | None:
        """Return the route of an event that concerns the digest."""
        match event:
            case QuestionEvent(text=text):
                days = self._edition_handlers.find_summary_days(text)
                if days is None:
                    return None
                handler = partial(self._summarise_days, days)
                return Route(handler, Queue.CHAT, Limit.QUESTIONS)
            case CommandEvent(name="digest"):
                return Route(partial(self._handle_digest_command, event))
            case CommandEvent() if event.name in watches.COMMANDS:
                return Route(partial(self._handle_watch_command, event))
            case CommandEvent() if event.name in subscriptions.COMMANDS:
                return Route(partial(self._handle_subscription_command, event))
            case NonTextEvent() if event.location:
                return Route(partial(self._handle_location, event))
            case ButtonEvent(callback=SentEditionCallback(action="chart")):
                return Route(partial(self._handle_edition_callback, event), shows_upload=True)
            case ButtonEvent(
                callback=EditionCallback() | SentEditionCallback() | InDoubtCallback()
            ):
                return Route(partial(self._handle_edition_callback, event))
            case ButtonEvent(callback=SettingsAction() | WatchCallback()):
                return Route(partial(self._handle_chat_callback, event), answers_press=True)
        return None

    async def _handle_digest_command(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        if not event.argument:
            return await self._subscription_handlers.show_settings(event.target, lang)
        reply = await self._edition_handlers.handle_command(event.argument, lang)
        return _without_buttons(reply) if event.target.is_channel else reply

    async def _summarise_days(self, days: DateRange, _: IncomingUpdate, lang: UiLanguage) -> Reply:
        return await self._edition_handlers.show_days(days, lang)

    async def _handle_watch_command(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        refusal = await self._subscription_handlers.find_refusal(event.target, event.actor, lang)
        if refusal:
            return say(refusal)
        return await self._watch_handlers.handle_command(event, lang)

    async def _handle_subscription_command(
        self, event: CommandEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply:
        return await self._subscription_handlers.handle_command(event, lang)

    async def _handle_location(
        self, event: NonTextEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        assert event.location is not None, "only a location is routed here"
        return await self._subscription_handlers.handle_location(event.target, event.location, lang)

    async def _handle_edition_callback(
        self, event: ButtonEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Show what a button of an edition leads to.

        Ignore it in channels, where all readers would see the reply.
        """
        target = event.target
        if target.is_channel:
            return None
        match event.callback:
            case EditionCallback() as callback:
                return await self._edition_handlers.handle_callback(
                    callback, lang, private=target.is_private
                )
            case SentEditionCallback() as callback:
                if not await self._deliveries.is_addressed_to(
                    callback.content_number, target.chat_id
                ):
                    return say(translator(lang).gettext("That is no longer available."))
                return await self._edition_handlers.handle_sent_edition_callback(
                    callback, lang, private=target.is_private
                )
            case InDoubtCallback(number=number):
                return await self._show_in_doubt(number, target.chat_id, lang)
        return None

    async def _handle_chat_callback(
        self, event: ButtonEvent, _: IncomingUpdate, lang: UiLanguage
    ) -> Reply | None:
        """Change the settings of a chat.

        Users without permission get a notice, because the whole group would see a message.
        """
        target = event.target
        refusal = await self._subscription_handlers.find_refusal(target, event.actor, lang)
        if refusal:
            return show_notice(refusal)
        match event.callback:
            case WatchCallback() as callback:
                return await self._watch_handlers.handle_callback(event, callback, lang)
            case SettingsAction(name="now"):
                reply = await self._edition_handlers.handle_command("", lang)
                return _without_buttons(reply) if target.is_channel else reply
            case SettingsAction() as action:
                return await self._subscription_handlers.handle_callback(event, action, lang)
        return None

    async def _show_in_doubt(self, delivery_number: int, chat_id: int, lang: UiLanguage) -> Reply:
        """Show a delivery in doubt, and record it as sent."""
        not_found = say(translator(lang).gettext("That is no longer available."))
        delivery = await self._deliveries.release_in_doubt(delivery_number, chat_id)
        if delivery is None or delivery.content is None:
            return not_found
        try:
            return Reply(await self._renderer.render(delivery.content, interactive=True))
        except NothingToSend:
            return not_found


def _without_buttons(reply: Reply) -> Reply:
    """Return the reply without buttons."""
    return reply._replace(message=reply.message._replace(buttons=()))
