"""The daily briefing, for readers: whose update is about it, and the way to its reply."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

from bot.answers.callbacks import (
    BriefingWish,
    EditionWish,
    briefing_wish,
    edition_wish,
    parked_wish,
)
from bot.digest.handlers import subscriptions, watches
from bot.digest.handlers.editions import EditionsDesk
from bot.digest.handlers.subscriptions import Subscribing
from bot.digest.handlers.watches import Watching, WatchWish, watch_wish
from bot.digest.renderer import NothingToSay
from bot.digest.services import Press
from bot.digest.subscription_changes import Wish, wish
from bot.i18n.catalogue import Tongue
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.reply import Reply, say
from bot.telegram.sender import Sender
from bot.telegram.updates import Commanded, Incoming, Person, Place, Tapped, Wordless
from index.archive import Archive
from index.clock import Clock

_COMMANDS = subscriptions.COMMANDS | watches.COMMANDS | {"digest"}


class BriefingDesk:
    """Replies to what is about editions, subscriptions and alerts."""

    def __init__(
        self,
        press: Press,
        archive: Archive,
        sender: Sender,
        *,
        zone: ZoneInfo,
        late_hour: int,
        clock: Clock,
    ) -> None:
        """Reply over what `press` has; `sender` asks who the admins of a group are."""
        self._subscribing = Subscribing(
            press.subscribers,
            press.catch_up,
            partial(_manages, sender),
            clock,
            late_hour=late_hour,
        )
        self._watching = Watching(press.alerts, press.faces)
        self._editions = EditionsDesk(archive, press.editions, press.faces, zone, clock)
        self._faces = press.faces
        self._ledger = press.ledger

    def takes(self, wants: Incoming) -> bool:
        """Say whether an update is about the briefing."""
        match wants:
            case Commanded():
                return wants.name in _COMMANDS
            case Tapped():
                return _pressed(wants.data) is not None
            case Wordless():
                return wants.location is not None
        return False

    async def reply(self, wants: Incoming, tongue: Tongue) -> Reply | None:
        """Return the reply to an update that `takes` says yes to."""
        match wants:
            case Commanded(name="digest"):
                if wants.argument:
                    told = await self._editions.command(wants.argument, tongue)
                    return _bare(told) if wants.place.channel else told
                return await self._subscribing.settings(wants.place, tongue)
            case Commanded() if wants.name in watches.COMMANDS:
                refused = await self._subscribing.refusal(wants.place, wants.person, tongue)
                return refused or await self._watching.command(wants, tongue)
            case Commanded():
                return await self._subscribing.command(wants, tongue)
            case Wordless() if wants.location:
                return await self._subscribing.located(wants.place, wants.location, tongue)
            case Tapped():
                return await self._tapped(wants, tongue)
        return None

    async def _tapped(self, wants: Tapped, tongue: Tongue) -> Reply | None:
        place, pressed = wants.place, _pressed(wants.data)
        if place.channel and isinstance(pressed, EditionWish | BriefingWish | int):
            return None  # what one reader asks there would be told to all
        match pressed:
            case EditionWish():
                return await self._editions.tapped(pressed, tongue, private=place.private)
            case BriefingWish():
                if not await self._ledger.was_for(pressed.content, place.chat):
                    return say(BRIEFING[tongue]["parked gone"])
                return await self._editions.of_briefing(pressed, tongue, private=place.private)
            case int():
                return await self._parked(pressed, place.chat, tongue)
        if await self._subscribing.refusal(wants.place, wants.person, tongue):
            return None  # in a group a word to each who may not would be a word to all
        match pressed:
            case WatchWish():
                return await self._watching.tapped(wants, pressed, tongue)
            case Wish("now"):
                told = await self._editions.command("", tongue)
                return _bare(told) if place.channel else told
            case Wish():
                return await self._subscribing.tapped(wants, pressed, tongue)
        return None

    async def _parked(self, number: int, chat: int, tongue: Tongue) -> Reply:
        """Show what may not have arrived."""
        gone = say(BRIEFING[tongue]["parked gone"])
        taken = await self._ledger.take(number, chat)
        if taken is None or taken.content is None:
            return gone
        try:
            return Reply(await self._faces.screen(taken.content, waited_for=True))
        except NothingToSay:
            return gone


def _pressed(data: str) -> EditionWish | BriefingWish | WatchWish | Wish | int | None:
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


async def _manages(sender: Sender, place: Place, person: Person) -> bool | None:
    """Say whether somebody may choose for a chat: in groups and channels its admins may.

    Who writes in a chat's own name is one of them. None where Telegram does not say.
    """
    if place.private or person.id == place.chat:
        return True
    return await sender.is_admin(place.chat, person.id)
