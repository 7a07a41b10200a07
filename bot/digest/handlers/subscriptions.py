"""Subscribing: /subscribe, /digest, /pause and what else chooses when and what editions are."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from weakref import WeakValueDictionary

from bot.digest import subscription_changes
from bot.digest.models import MAX_PAUSE_DAYS, MAX_TOPIC_LENGTH, MAX_TOPICS, Subscription
from bot.digest.schedule import next_due
from bot.digest.store.subscribers import SubscriptionStore
from bot.digest.subscription_changes import InvalidTopic, SettingsAction, TooManyTopics
from bot.digest.timezones.lookup import zone_at, zones_named
from bot.digest.views import subscription as screens
from bot.i18n.catalogue import Tongue
from bot.i18n.digest_strings import BRIEFING
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Reply, say
from bot.telegram.updates import Actor, ButtonEvent, CommandEvent, Location, ReplyTarget
from index.clock import Clock

COMMANDS = frozenset(("subscribe", "unsubscribe", "pause", "zone", "include", "exclude"))

CatchUp = Callable[[int], Awaitable[None]]
"""Plans what is due for a chat by now: what is chosen holds for what comes after."""
Manages = Callable[[ReplyTarget, Actor], Awaitable[bool | None]]
"""Says whether somebody may choose for a chat; None where that cannot be known now."""


class SubscriptionHandlers:
    """Chooses for a chat, on behalf of whoever may."""

    def __init__(
        self,
        subscribers: SubscriptionStore,
        catch_up: CatchUp,
        manages: Manages,
        clock: Clock,
        *,
        late_hour: int,
    ) -> None:
        self._subscribers = subscribers
        self._catch_up = catch_up
        self._manages = manages
        self._clock = clock
        self._late_hour = late_hour
        self._choosing: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """By chat: of two who choose at once, the second one chooses from what the first has."""

    async def command(self, wants: CommandEvent, tongue: Tongue) -> Reply:
        """Answer one of `COMMANDS`."""
        refused = await self.refusal(wants.place, wants.person, tongue)
        if refused:
            return refused
        async with self._one_at_a_time(wants.place.chat):
            await self._catch_up(wants.place.chat)
            return await self._command(wants, tongue)

    async def _command(self, wants: CommandEvent, tongue: Tongue) -> Reply:
        words = BRIEFING[tongue]
        if wants.name == "subscribe":
            return await self._subscribe(wants.place, tongue)
        of = await self._subscribers.get(wants.place.chat)
        if of is None:
            return say(words["not subscribed"])
        match wants.name:
            case "unsubscribe":
                return await self._end(wants.place.chat, tongue)
            case "pause":
                return await self._pause(of, wants.argument, tongue)
            case "zone":
                return await self._zone(of, wants.argument, tongue)
        return await self._topic(of, wants.name, wants.argument, tongue)

    async def settings(self, place: ReplyTarget, tongue: Tongue, *, edits: bool = False) -> Reply:
        """Show what a chat has chosen."""
        of = await self._subscribers.get(place.chat)
        if of is None:
            return Reply(screens.nobody(tongue), edits=edits)
        chosen = screens.chosen(of, await self._next(of), self._clock(), tongue)
        return Reply(chosen, edits=edits)

    async def tapped(
        self, wants: ButtonEvent, wanted: SettingsAction, tongue: Tongue
    ) -> Reply | None:
        """Do what a button of the settings says; the settings stay where they are."""
        refused = await self.refusal(wants.place, wants.person, tongue)
        if refused:
            return refused
        async with self._one_at_a_time(wants.place.chat):
            await self._catch_up(wants.place.chat)
            return await self._pressed(wants, wanted, tongue)

    async def _pressed(
        self, wants: ButtonEvent, wanted: SettingsAction, tongue: Tongue
    ) -> Reply | None:
        if wanted.what == "new":
            return (await self._subscribe(wants.place, tongue))._replace(edits=True)
        of = await self._subscribers.get(wants.place.chat)
        if of is None or wanted.what in ("show", "back"):
            return await self.settings(wants.place, tongue, edits=wanted.what != "show")
        if wanted.what == "end":
            return (await self._end(wants.place.chat, tongue))._replace(edits=True)
        asked = _asked(of, wanted, tongue)
        if asked:
            return Reply(asked, edits=True)
        if wanted.what == "drop":
            changed: Subscription | None = _dropped(of, wanted.value)
        else:
            changed = subscription_changes.apply_action(of, wanted, self._clock())
        if changed is None:
            return None
        kept = await self._kept(changed, tongue)
        again = _STAYS.get(wanted.what)
        return Reply(again(changed, tongue) if again else kept.screen, edits=True)

    async def located(self, place: ReplyTarget, at: Location, tongue: Tongue) -> Reply:
        """Take the zone of a location that was sent."""
        words = BRIEFING[tongue]
        zone = await asyncio.to_thread(zone_at, at.latitude, at.longitude)
        async with self._one_at_a_time(place.chat):
            await self._catch_up(place.chat)
            of = await self._subscribers.get(place.chat)
            if of is None:
                return say(words["not subscribed"])
            if zone is None:
                return say(words["no place"])
            return await self._in_zone(of, zone, tongue)

    async def refusal(self, place: ReplyTarget, person: Actor, tongue: Tongue) -> Reply | None:
        """Say why somebody may not choose for a chat; None where they may."""
        if person.id < 0 and person.id != place.chat:  # it wrote in the name of another chat
            return say(BRIEFING[tongue]["anonymous"])
        manages = await self._manages(place, person)
        if manages:
            return None
        return say(BRIEFING[tongue]["unsure" if manages is None else "admins only"])

    def _one_at_a_time(self, chat: int) -> asyncio.Lock:
        return self._choosing.setdefault(chat, asyncio.Lock())

    async def _subscribe(self, place: ReplyTarget, tongue: Tongue) -> Reply:
        now = self._clock()
        there = await self._subscribers.get(place.chat)
        if there is not None:
            return await self.settings(place, tongue)
        former = await self._subscribers.former(place.chat)
        if former is None:
            of = subscription_changes.default_subscription(
                place.chat, place.thread, tongue, now, bare=place.channel
            )
        else:
            of = subscription_changes.resubscribe(former, place.thread, tongue, now)
        return await self._kept(of, tongue, "subscribed", new=True)

    async def _end(self, chat: int, tongue: Tongue) -> Reply:
        await self._subscribers.end(chat, "left")
        return say(BRIEFING[tongue]["ended"])

    async def _pause(self, of: Subscription, said: str, tongue: Tongue) -> Reply:
        try:
            changed = subscription_changes.paused(of, int(said or "7"), self._clock())
        except ValueError:
            return say(BRIEFING[tongue]["pause how"].format(most=MAX_PAUSE_DAYS))
        return await self._kept(changed, tongue)

    async def _zone(self, of: Subscription, said: str, tongue: Tongue) -> Reply:
        if not said:
            return Reply(screens.zones(of, tongue))
        found = await asyncio.to_thread(zones_named, said)
        if not found:
            return say(BRIEFING[tongue]["no such city"])
        if len(found) > 1:
            return Reply(screens.which(found, tongue))
        return await self._in_zone(of, found[0].zone, tongue)

    async def _in_zone(self, of: Subscription, zone: str, tongue: Tongue) -> Reply:
        return await self._kept(
            subscription_changes.with_schedule(of, self._clock(), zone=zone), tongue
        )

    async def _topic(self, of: Subscription, kind: str, said: str, tongue: Tongue) -> Reply:
        words = BRIEFING[tongue]
        if not said:
            return Reply(screens.topics(of, tongue))
        try:
            changed = subscription_changes.with_topic(of, kind, said)
        except TooManyTopics:
            return say(words["too many topics"].format(most=MAX_TOPICS))
        except InvalidTopic:
            return say(words["bad topic"].format(longest=MAX_TOPIC_LENGTH))
        return await self._kept(changed, tongue)

    async def _kept(
        self, of: Subscription, tongue: Tongue, said: str = "again", *, new: bool = False
    ) -> Reply:
        """Keep what was chosen, and show it."""
        next_at = await self._next(of)
        await self._subscribers.keep(of, next_at, new=new)
        return Reply(screens.chosen(of, next_at, self._clock(), tongue, said))

    async def _next(self, of: Subscription) -> datetime:
        last = await self._subscribers.last(of.chat)
        return next_due(of.schedule, last, self._clock(), self._late_hour)


_STAYS = {"day": screens.days, "drop": screens.topics}
"""What is pressed more than once: the question stays where it is."""


def _asked(of: Subscription, wanted: SettingsAction, tongue: Tongue) -> OutgoingMessage | None:
    """Return the screen that a button leads to; None where it chooses something."""
    match wanted:
        case SettingsAction("hour", ""):
            return screens.hours(tongue)
        case SettingsAction("hour", hour) if hour.isdecimal() and int(hour) < 24:
            return screens.minutes(int(hour), tongue)
        case SettingsAction("zone", ""):
            return screens.zones(of, tongue)
        case SettingsAction("days", ""):
            return screens.days(of, tongue)
        case SettingsAction("length", ""):
            return screens.lengths(of, tongue)
        case SettingsAction("topics", ""):
            return screens.topics(of, tongue)
    return None


def _dropped(of: Subscription, value: str) -> Subscription:
    kind, _, key = value.partition(":")
    name = {"i": "include", "x": "exclude"}.get(kind)
    if name is None:
        return of
    left = tuple(each for each in getattr(of.taste, name) if screens.topic_key(each) != key)
    return subscription_changes.with_preferences(of, **{name: left})
