"""The daily briefing, for readers: whose update is about it, and the way to its reply."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from bot.answers.callbacks import (
    EditionCallback,
    SentEditionCallback,
    briefing_wish,
    edition_wish,
    parked_wish,
)
from bot.digest.handlers import subscriptions, watches
from bot.digest.handlers.editions import EditionHandlers
from bot.digest.handlers.subscriptions import SubscriptionHandlers
from bot.digest.handlers.watches import WatchCallback, WatchHandlers, watch_wish
from bot.digest.renderer import NothingToSend
from bot.digest.services import DigestServices
from bot.digest.subscription_changes import SettingsAction, wish
from bot.i18n.catalogue import UiLanguage
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.reply import Reply, say
from bot.telegram.sender import MessageSender
from bot.telegram.updates import (
    Actor,
    ButtonEvent,
    CommandEvent,
    Incoming,
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
        press: DigestServices,
        archive: Archive,
        sender: MessageSender,
        *,
        zone: ZoneInfo,
        late_hour: int,
        clock: Clock,
    ) -> None:
        """Reply over what `press` has; `sender` asks who the admins of a group are."""
        self._subscribing = SubscriptionHandlers(
            press.subscribers,
            press.plan_due_now,
            partial(_manages, sender),
            clock,
            late_hour=late_hour,
        )
        self._watching = WatchHandlers(press.alerts, press.faces)
        self._editions = EditionHandlers(archive, press.editions, press.faces, zone, clock)
        self._faces = press.faces
        self._ledger = press.ledger

    def takes(self, wants: Incoming) -> bool:
        """Say whether an update is about the briefing."""
        match wants:
            case CommandEvent():
                return wants.name in _COMMANDS
            case ButtonEvent():
                return _pressed(wants.data) is not None
            case NonTextEvent():
                return wants.location is not None
        return False

    async def reply(self, wants: Incoming, lang: UiLanguage) -> Reply | None:
        """Return the reply to an update that `takes` says yes to."""
        match wants:
            case CommandEvent(name="digest"):
                if wants.argument:
                    told = await self._editions.command(wants.argument, lang)
                    return _bare(told) if wants.place.channel else told
                return await self._subscribing.settings(wants.place, lang)
            case CommandEvent() if wants.name in watches.COMMANDS:
                refused = await self._subscribing.refusal(wants.place, wants.person, lang)
                return refused or await self._watching.command(wants, lang)
            case CommandEvent():
                return await self._subscribing.command(wants, lang)
            case NonTextEvent() if wants.location:
                return await self._subscribing.located(wants.place, wants.location, lang)
            case ButtonEvent():
                return await self._tapped(wants, lang)
        return None

    async def _tapped(self, wants: ButtonEvent, lang: UiLanguage) -> Reply | None:
        place, pressed = wants.place, _pressed(wants.data)
        if place.channel and isinstance(pressed, EditionCallback | SentEditionCallback | int):
            return None  # what one reader asks there would be told to all
        match pressed:
            case EditionCallback():
                return await self._editions.tapped(pressed, lang, private=place.private)
            case SentEditionCallback():
                if not await self._ledger.was_for(pressed.content, place.chat):
                    return say(BRIEFING[lang]["parked gone"])
                return await self._editions.of_briefing(pressed, lang, private=place.private)
            case int():
                return await self._parked(pressed, place.chat, lang)
        if await self._subscribing.refusal(wants.place, wants.person, lang):
            return None  # in a group a word to each who may not would be a word to all
        match pressed:
            case WatchCallback():
                return await self._watching.tapped(wants, pressed, lang)
            case SettingsAction("now"):
                told = await self._editions.command("", lang)
                return _bare(told) if place.channel else told
            case SettingsAction():
                return await self._subscribing.tapped(wants, pressed, lang)
        return None

    async def _parked(self, number: int, chat: int, lang: UiLanguage) -> Reply:
        """Show what may not have arrived."""
        gone = say(BRIEFING[lang]["parked gone"])
        taken = await self._ledger.release_in_doubt(number, chat)
        if taken is None or taken.content is None:
            return gone
        try:
            return Reply(await self._faces.screen(taken.content, waited_for=True))
        except NothingToSend:
            return gone


def _pressed(
    data: str,
) -> EditionCallback | SentEditionCallback | WatchCallback | SettingsAction | int | None:
    """Return what a button asks for of the briefing; a number is that of a parked delivery."""
    return (
        edition_wish(data)
        or briefing_wish(data)
        or parked_wish(data)
        or watch_wish(data)
        or wish(data)
    )


def _bare(reply: Reply) -> Reply:
    """Take a reply's buttons away."""
    return reply._replace(screen=reply.screen._replace(buttons=()))


async def _manages(sender: MessageSender, place: ReplyTarget, person: Actor) -> bool | None:
    """Say whether somebody may choose for a chat: in groups and channels its admins may.

    Who writes in a chat's own name is one of them. None where Telegram does not say.
    """
    if place.private or person.id == place.chat:
        return True
    return await sender.is_admin(place.chat, person.id)
