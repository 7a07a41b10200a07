"""The daily briefing, for readers: whose update is about it, and the way to its reply."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from bot.answers.callbacks import (
    EditionCallback,
    SentEditionCallback,
    parse_edition_callback,
    parse_in_doubt_callback,
    parse_sent_edition_callback,
)
from bot.digest.handlers import subscriptions, watches
from bot.digest.handlers.editions import EditionHandlers
from bot.digest.handlers.subscriptions import SubscriptionHandlers
from bot.digest.handlers.watches import WatchCallback, WatchHandlers, parse_watch_callback
from bot.digest.renderer import NothingToSend
from bot.digest.services import DigestServices
from bot.digest.subscription_changes import SettingsAction, parse_settings_callback
from bot.i18n.catalogue import UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.reply import Reply, say
from bot.telegram.sender import MessageSender
from bot.telegram.updates import (
    Actor,
    ButtonEvent,
    CommandEvent,
    IncomingEvent,
    NonTextEvent,
    ReplyTarget,
)
from index.archive import Archive
from index.clock import Clock

_COMMANDS = subscriptions.COMMANDS | watches.COMMANDS | {"digest"}


class DigestRouter:
    """Replies to what is about editions, subscriptions and alerts."""

    def __init__(
        self,
        digest: DigestServices,
        archive: Archive,
        sender: MessageSender,
        *,
        zone: ZoneInfo,
        latest_delivery_hour: int,
        clock: Clock,
    ) -> None:
        """Reply over what `digest` has; `sender` asks who the admins of a group are."""
        self._subscription_handlers = SubscriptionHandlers(
            digest.subscribers,
            digest.plan_due_now,
            partial(_may_manage, sender),
            clock,
            latest_delivery_hour=latest_delivery_hour,
        )
        self._watch_handlers = WatchHandlers(digest.watches, digest.renderer)
        self._edition_handlers = EditionHandlers(
            archive, digest.edition_stories, digest.renderer, zone, clock
        )
        self._renderer = digest.renderer
        self._deliveries = digest.deliveries

    def accepts(self, event: IncomingEvent) -> bool:
        """Say whether an update is about the briefing."""
        match event:
            case CommandEvent():
                return event.name in _COMMANDS
            case ButtonEvent():
                return _parse_callback(event.callback_data) is not None
            case NonTextEvent():
                return event.location is not None
        return False

    async def reply(self, event: IncomingEvent, lang: UiLanguage) -> Reply | None:
        """Return the reply to an update that `accepts` says yes to."""
        match event:
            case CommandEvent(name="digest"):
                if event.argument:
                    reply = await self._edition_handlers.handle_command(event.argument, lang)
                    return _without_buttons(reply) if event.target.is_channel else reply
                return await self._subscription_handlers.show_settings(event.target, lang)
            case CommandEvent() if event.name in watches.COMMANDS:
                refusal = await self._subscription_handlers.check_permission(
                    event.target, event.actor, lang
                )
                return refusal or await self._watch_handlers.handle_command(event, lang)
            case CommandEvent():
                return await self._subscription_handlers.handle_command(event, lang)
            case NonTextEvent() if event.location:
                return await self._subscription_handlers.handle_location(
                    event.target, event.location, lang
                )
            case ButtonEvent():
                return await self._handle_callback(event, lang)
        return None

    async def _handle_callback(self, event: ButtonEvent, lang: UiLanguage) -> Reply | None:
        target, callback = event.target, _parse_callback(event.callback_data)
        if target.is_channel and isinstance(callback, EditionCallback | SentEditionCallback | int):
            return None  # what one reader asks there would be told to all
        match callback:
            case EditionCallback():
                return await self._edition_handlers.handle_callback(
                    callback, lang, private=target.is_private
                )
            case SentEditionCallback():
                if not await self._deliveries.is_addressed_to(
                    callback.content_number, target.chat_id
                ):
                    return say(BRIEFING[lang]["parked gone"])
                return await self._edition_handlers.handle_sent_edition_callback(
                    callback, lang, private=target.is_private
                )
            case int():
                return await self._show_in_doubt(callback, target.chat_id, lang)
        if await self._subscription_handlers.check_permission(event.target, event.actor, lang):
            return None  # in a group a word to each who may not would be a word to all
        match callback:
            case WatchCallback():
                return await self._watch_handlers.handle_callback(event, callback, lang)
            case SettingsAction("now"):
                reply = await self._edition_handlers.handle_command("", lang)
                return _without_buttons(reply) if target.is_channel else reply
            case SettingsAction():
                return await self._subscription_handlers.handle_callback(event, callback, lang)
        return None

    async def _show_in_doubt(self, delivery_number: int, chat_id: int, lang: UiLanguage) -> Reply:
        """Show what may not have arrived."""
        not_found = say(BRIEFING[lang]["parked gone"])
        delivery = await self._deliveries.release_in_doubt(delivery_number, chat_id)
        if delivery is None or delivery.content is None:
            return not_found
        try:
            return Reply(await self._renderer.render(delivery.content, interactive=True))
        except NothingToSend:
            return not_found


def _parse_callback(
    callback_data: str,
) -> EditionCallback | SentEditionCallback | WatchCallback | SettingsAction | int | None:
    """Return what a button asks for of the briefing; a number is that of a parked delivery."""
    return (
        parse_edition_callback(callback_data)
        or parse_sent_edition_callback(callback_data)
        or parse_in_doubt_callback(callback_data)
        or parse_watch_callback(callback_data)
        or parse_settings_callback(callback_data)
    )


def _without_buttons(reply: Reply) -> Reply:
    """Take a reply's buttons away."""
    return reply._replace(message=reply.message._replace(buttons=()))


async def _may_manage(sender: MessageSender, target: ReplyTarget, actor: Actor) -> bool | None:
    """Say whether somebody may choose for a chat: in groups and channels its admins may.

    Who writes in a chat's own name is one of them. None where Telegram does not say.
    """
    if target.is_private or actor.id == target.chat_id:
        return True
    return await sender.is_admin(target.chat_id, actor.id)
