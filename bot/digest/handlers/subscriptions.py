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
from bot.i18n.catalogue import UiLanguage
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

    async def command(self, wants: CommandEvent, lang: UiLanguage) -> Reply:
        """Answer one of `COMMANDS`."""
        refused = await self.refusal(wants.place, wants.person, lang)
        if refused:
            return refused
        async with self._one_at_a_time(wants.place.chat):
            await self._catch_up(wants.place.chat)
            return await self._command(wants, lang)

    async def _command(self, wants: CommandEvent, lang: UiLanguage) -> Reply:
        words = BRIEFING[lang]
        if wants.name == "subscribe":
            return await self._subscribe(wants.place, lang)
        of = await self._subscribers.get(wants.place.chat)
        if of is None:
            return say(words["not subscribed"])
        match wants.name:
            case "unsubscribe":
                return await self._end(wants.place.chat, lang)
            case "pause":
                return await self._pause(of, wants.argument, lang)
            case "zone":
                return await self._zone(of, wants.argument, lang)
        return await self._topic(of, wants.name, wants.argument, lang)

    async def settings(self, place: ReplyTarget, lang: UiLanguage, *, edits: bool = False) -> Reply:
        """Show what a chat has chosen."""
        of = await self._subscribers.get(place.chat)
        if of is None:
            return Reply(screens.nobody(lang), edits=edits)
        chosen = screens.chosen(of, await self._next(of), self._clock(), lang)
        return Reply(chosen, edits=edits)

    async def tapped(
        self, wants: ButtonEvent, wanted: SettingsAction, lang: UiLanguage
    ) -> Reply | None:
        """Do what a button of the settings says; the settings stay where they are."""
        refused = await self.refusal(wants.place, wants.person, lang)
        if refused:
            return refused
        async with self._one_at_a_time(wants.place.chat):
            await self._catch_up(wants.place.chat)
            return await self._pressed(wants, wanted, lang)

    async def _pressed(
        self, wants: ButtonEvent, wanted: SettingsAction, lang: UiLanguage
    ) -> Reply | None:
        if wanted.what == "new":
            return (await self._subscribe(wants.place, lang))._replace(edits=True)
        of = await self._subscribers.get(wants.place.chat)
        if of is None or wanted.what in ("show", "back"):
            return await self.settings(wants.place, lang, edits=wanted.what != "show")
        if wanted.what == "end":
            return (await self._end(wants.place.chat, lang))._replace(edits=True)
        asked = _asked(of, wanted, lang)
        if asked:
            return Reply(asked, edits=True)
        if wanted.what == "drop":
            changed: Subscription | None = _dropped(of, wanted.value)
        else:
            changed = subscription_changes.apply_action(of, wanted, self._clock())
        if changed is None:
            return None
        kept = await self._kept(changed, lang)
        again = _STAYS.get(wanted.what)
        return Reply(again(changed, lang) if again else kept.screen, edits=True)

    async def located(self, place: ReplyTarget, at: Location, lang: UiLanguage) -> Reply:
        """Take the zone of a location that was sent."""
        words = BRIEFING[lang]
        zone = await asyncio.to_thread(zone_at, at.latitude, at.longitude)
        async with self._one_at_a_time(place.chat):
            await self._catch_up(place.chat)
            of = await self._subscribers.get(place.chat)
            if of is None:
                return say(words["not subscribed"])
            if zone is None:
                return say(words["no place"])
            return await self._in_zone(of, zone, lang)

    async def refusal(self, place: ReplyTarget, person: Actor, lang: UiLanguage) -> Reply | None:
        """Say why somebody may not choose for a chat; None where they may."""
        if person.id < 0 and person.id != place.chat:  # it wrote in the name of another chat
            return say(BRIEFING[lang]["anonymous"])
        manages = await self._manages(place, person)
        if manages:
            return None
        return say(BRIEFING[lang]["unsure" if manages is None else "admins only"])

    def _one_at_a_time(self, chat: int) -> asyncio.Lock:
        return self._choosing.setdefault(chat, asyncio.Lock())

    async def _subscribe(self, place: ReplyTarget, lang: UiLanguage) -> Reply:
        now = self._clock()
        there = await self._subscribers.get(place.chat)
        if there is not None:
            return await self.settings(place, lang)
        former = await self._subscribers.former(place.chat)
        if former is None:
            of = subscription_changes.default_subscription(
                place.chat, place.thread, lang, now, bare=place.channel
            )
        else:
            of = subscription_changes.resubscribe(former, place.thread, lang, now)
        return await self._kept(of, lang, "subscribed", new=True)

    async def _end(self, chat: int, lang: UiLanguage) -> Reply:
        await self._subscribers.end(chat, "left")
        return say(BRIEFING[lang]["ended"])

    async def _pause(self, of: Subscription, said: str, lang: UiLanguage) -> Reply:
        try:
            changed = subscription_changes.paused(of, int(said or "7"), self._clock())
        except ValueError:
            return say(BRIEFING[lang]["pause how"].format(most=MAX_PAUSE_DAYS))
        return await self._kept(changed, lang)

    async def _zone(self, of: Subscription, said: str, lang: UiLanguage) -> Reply:
        if not said:
            return Reply(screens.zones(of, lang))
        found = await asyncio.to_thread(zones_named, said)
        if not found:
            return say(BRIEFING[lang]["no such city"])
        if len(found) > 1:
            return Reply(screens.which(found, lang))
        return await self._in_zone(of, found[0].zone, lang)

    async def _in_zone(self, of: Subscription, zone: str, lang: UiLanguage) -> Reply:
        return await self._kept(
            subscription_changes.with_schedule(of, self._clock(), zone=zone), lang
        )

    async def _topic(self, of: Subscription, kind: str, said: str, lang: UiLanguage) -> Reply:
        words = BRIEFING[lang]
        if not said:
            return Reply(screens.topics(of, lang))
        try:
            changed = subscription_changes.with_topic(of, kind, said)
        except TooManyTopics:
            return say(words["too many topics"].format(most=MAX_TOPICS))
        except InvalidTopic:
            return say(words["bad topic"].format(longest=MAX_TOPIC_LENGTH))
        return await self._kept(changed, lang)

    async def _kept(
        self, of: Subscription, lang: UiLanguage, said: str = "again", *, new: bool = False
    ) -> Reply:
        """Keep what was chosen, and show it."""
        next_at = await self._next(of)
        await self._subscribers.keep(of, next_at, new=new)
        return Reply(screens.chosen(of, next_at, self._clock(), lang, said))

    async def _next(self, of: Subscription) -> datetime:
        last = await self._subscribers.last(of.chat)
        return next_due(of.schedule, last, self._clock(), self._late_hour)


_STAYS = {"day": screens.days, "drop": screens.topics}
"""What is pressed more than once: the question stays where it is."""


def _asked(of: Subscription, wanted: SettingsAction, lang: UiLanguage) -> OutgoingMessage | None:
    """Return the screen that a button leads to; None where it chooses something."""
    match wanted:
        case SettingsAction("hour", ""):
            return screens.hours(lang)
        case SettingsAction("hour", hour) if hour.isdecimal() and int(hour) < 24:
            return screens.minutes(int(hour), lang)
        case SettingsAction("zone", ""):
            return screens.zones(of, lang)
        case SettingsAction("days", ""):
            return screens.days(of, lang)
        case SettingsAction("length", ""):
            return screens.lengths(of, lang)
        case SettingsAction("topics", ""):
            return screens.topics(of, lang)
    return None


def _dropped(of: Subscription, value: str) -> Subscription:
    kind, _, key = value.partition(":")
    name = {"i": "include", "x": "exclude"}.get(kind)
    if name is None:
        return of
    left = tuple(each for each in getattr(of.taste, name) if screens.topic_key(each) != key)
    return subscription_changes.with_preferences(of, **{name: left})
