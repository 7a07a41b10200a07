"""Handle the commands, buttons and locations that change the subscription of a chat."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from weakref import WeakValueDictionary

from bot.digest import subscription_changes
from bot.digest.callbacks import SettingsAction
from bot.digest.models import MAX_PAUSE_DAYS, MAX_TOPICS, Subscription
from bot.digest.schedule import next_due
from bot.digest.store.subscribers import SubscriptionStore
from bot.digest.subscription_changes import InvalidTopic, TooManyTopics
from bot.digest.timezones.lookup import find_zones, zone_at
from bot.digest.views import subscription as settings_view
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.runtime.executors import Executors
from bot.telegram.message import OutgoingMessage
from bot.telegram.reply import Reply, say
from bot.telegram.updates import Actor, ButtonEvent, CommandEvent, Location, ReplyTarget
from index.clock import Clock

COMMANDS = frozenset(("subscribe", "unsubscribe", "pause", "resume", "zone", "include", "exclude"))

PlanDueNow = Callable[[int], Awaitable[None]]
"""Plans the due editions of a chat, so that a change only affects later ones."""
MayManage = Callable[[ReplyTarget, Actor], Awaitable[bool | None]]
"""Returns whether a user may change the settings of a chat; None if that cannot be determined."""


class SubscriptionHandlers:
    """Changes the subscription of a chat on behalf of permitted users."""

    def __init__(
        self,
        subscribers: SubscriptionStore,
        plan_due_now: PlanDueNow,
        may_manage: MayManage,
        executors: Executors,
        clock: Clock,
        *,
        latest_delivery_hour: int,
    ) -> None:
        self._subscribers = subscribers
        self._plan_due_now = plan_due_now
        self._may_manage = may_manage
        self._executors = executors
        self._clock = clock
        self._latest_delivery_hour = latest_delivery_hour
        self._chat_locks: WeakValueDictionary[int, asyncio.Lock] = WeakValueDictionary()
        """By chat id: concurrent changes are applied one after the other."""

    async def handle_command(self, event: CommandEvent, lang: UiLanguage) -> Reply:
        """Answer one of `COMMANDS`."""
        refusal = await self.find_refusal(event.target, event.actor, lang)
        if refusal:
            return say(refusal)
        async with self._chat_lock(event.target.chat_id):
            await self._plan_due_now(event.target.chat_id)
            return await self._run_command(event, lang)

    async def _run_command(self, event: CommandEvent, lang: UiLanguage) -> Reply:
        _ = translator(lang).gettext
        if event.name == "subscribe":
            return await self._subscribe(event.target, lang)
        subscription = await self._subscribers.get(event.target.chat_id)
        if subscription is None:
            return say(_("You are not subscribed. To subscribe: /subscribe"))
        match event.name:
            case "unsubscribe":
                return await self._end_subscription(event.target.chat_id, lang)
            case "pause":
                return await self._pause(subscription, event.argument, lang)
            case "resume":
                return await self._save_and_show(
                    subscription_changes.with_schedule(subscription, self._clock(), resumes=None),
                    lang,
                )
            case "zone":
                return await self._change_zone(subscription, event.argument, lang)
        return await self._add_topic(subscription, event.name, event.argument, lang)

    async def show_settings(
        self, target: ReplyTarget, lang: UiLanguage, *, edits: bool = False
    ) -> Reply:
        """Show the settings of a chat, or how to subscribe; `edits` replaces the message."""
        subscription = await self._subscribers.get(target.chat_id)
        if subscription is None:
            return Reply(settings_view.render_not_subscribed(lang), edits=edits)
        message = settings_view.render_subscription(
            subscription, await self._next_edition_at(subscription), self._clock(), lang
        )
        return Reply(message, edits=edits)

    async def handle_callback(
        self, event: ButtonEvent, action: SettingsAction, lang: UiLanguage
    ) -> Reply | None:
        """Apply a button of the settings, pressed by someone with permission.

        The reply replaces the message of the button.
        """
        async with self._chat_lock(event.target.chat_id):
            await self._plan_due_now(event.target.chat_id)
            return await self._apply_callback(event, action, lang)

    async def _apply_callback(
        self, event: ButtonEvent, action: SettingsAction, lang: UiLanguage
    ) -> Reply | None:
        if action.name == "new":
            return (await self._subscribe(event.target, lang))._replace(edits=True)
        subscription = await self._subscribers.get(event.target.chat_id)
        if subscription is None or action.name in ("show", "back"):
            return await self.show_settings(event.target, lang, edits=action.name != "show")
        if action.name == "end":
            return (await self._end_subscription(event.target.chat_id, lang))._replace(edits=True)
        choice = _render_choice(subscription, action, lang)
        if choice:
            return Reply(choice, edits=True)
        if action.name == "drop":
            changed: Subscription | None = _drop_topic(subscription, action.value)
        else:
            changed = subscription_changes.apply_action(subscription, action, self._clock())
        if changed is None:
            return None
        reply = await self._save_and_show(changed, lang)
        render_again = _REPEATABLE_CHOICES.get(action.name)
        return Reply(render_again(changed, lang) if render_again else reply.message, edits=True)

    async def handle_location(
        self, target: ReplyTarget, location: Location, lang: UiLanguage
    ) -> Reply:
        """Set the time zone to that of a location."""
        _ = translator(lang).gettext
        zone = await self._executors.time_zones.run(
            partial(zone_at, location.latitude, location.longitude)
        )
        async with self._chat_lock(target.chat_id):
            await self._plan_due_now(target.chat_id)
            subscription = await self._subscribers.get(target.chat_id)
            if subscription is None:
                return say(_("You are not subscribed. To subscribe: /subscribe"))
            if zone is None:
                return say(_("I do not know the time zone of this place."))
            return await self._set_zone(subscription, zone, lang)

    async def find_refusal(self, target: ReplyTarget, actor: Actor, lang: UiLanguage) -> str | None:
        """Return why a user may not change the settings of a chat; None if permitted."""
        _ = translator(lang).gettext
        # A negative id is that of a chat: the message was sent on behalf of another chat.
        if actor.id < 0 and actor.id != target.chat_id:
            return _(
                "I cannot tell who wrote this. Write it in your own name, or as an anonymous admin."
            )
        allowed = await self._may_manage(target, actor)
        if allowed:
            return None
        return (
            _("I could not check whether you are an admin. Please try again shortly.")
            if allowed is None
            else _("Only the admins of this group or channel can do that.")
        )

    def _chat_lock(self, chat_id: int) -> asyncio.Lock:
        return self._chat_locks.setdefault(chat_id, asyncio.Lock())

    async def _subscribe(self, target: ReplyTarget, lang: UiLanguage) -> Reply:
        now = self._clock()
        existing = await self._subscribers.get(target.chat_id)
        if existing is not None:
            return await self.show_settings(target, lang)
        former = await self._subscribers.get_including_ended(target.chat_id)
        if former is None:
            subscription = subscription_changes.default_subscription(
                target.chat_id, target.thread_id, lang, now, without_buttons=target.is_channel
            )
        else:
            subscription = subscription_changes.resubscribe(former, target.thread_id, lang, now)
        return await self._save_and_show(
            subscription,
            lang,
            translator(lang).pgettext(
                "new subscription", "You are subscribed to the daily digest."
            ),
            is_new=True,
        )

    async def _end_subscription(self, chat_id: int, lang: UiLanguage) -> Reply:
        await self._subscribers.unsubscribe(chat_id, "left")
        return say(
            translator(lang).gettext("You are no longer subscribed. To subscribe again: /subscribe")
        )

    async def _pause(self, subscription: Subscription, text: str, lang: UiLanguage) -> Reply:
        try:
            changed = subscription_changes.with_pause(subscription, int(text or "7"), self._clock())
        except ValueError:
            return say(
                translator(lang)
                # Translators: {most}: the largest number allowed.
                .gettext("For how many days? For example: /pause 7 (at most {most})")
                .format(most=MAX_PAUSE_DAYS)
            )
        return await self._save_and_show(changed, lang)

    async def _change_zone(self, subscription: Subscription, text: str, lang: UiLanguage) -> Reply:
        if not text:
            return Reply(settings_view.render_zone_choice(subscription, lang))
        matches = await self._executors.time_zones.run(partial(find_zones, text))
        if not matches:
            return say(
                translator(lang).gettext(
                    "I do not know this city. Name a larger one nearby, or send your location."
                )
            )
        if len(matches) > 1:
            return Reply(settings_view.render_zone_matches(matches, lang))
        return await self._set_zone(subscription, matches[0].zone, lang)

    async def _set_zone(self, subscription: Subscription, zone: str, lang: UiLanguage) -> Reply:
        return await self._save_and_show(
            subscription_changes.with_schedule(subscription, self._clock(), zone=zone), lang
        )

    async def _add_topic(
        self, subscription: Subscription, kind: str, text: str, lang: UiLanguage
    ) -> Reply:
        _ = translator(lang).gettext
        if not text:
            return Reply(settings_view.render_topics(subscription, lang))
        try:
            changed = subscription_changes.with_topic(subscription, kind, text)
        except TooManyTopics:
            return say(
                translator(lang)
                # Translators: {most}: the largest number allowed.
                .ngettext(
                    "No more than {most} topic, please.",
                    "No more than {most} topics, please.",
                    MAX_TOPICS,
                )
                .format(most=MAX_TOPICS)
            )
        except InvalidTopic:
            return say(settings_view.invalid_topic_text(lang))
        return await self._save_and_show(changed, lang)

    async def _save_and_show(
        self,
        subscription: Subscription,
        lang: UiLanguage,
        title: str | None = None,
        *,
        is_new: bool = False,
    ) -> Reply:
        """Save the subscription and show its settings."""
        next_at = await self._next_edition_at(subscription)
        await self._subscribers.save(subscription, next_at, is_new=is_new)
        return Reply(
            settings_view.render_subscription(subscription, next_at, self._clock(), lang, title)
        )

    async def _next_edition_at(self, subscription: Subscription) -> datetime:
        last_decision = await self._subscribers.last_decision(subscription.chat)
        return next_due(
            subscription.schedule, last_decision, self._clock(), self._latest_delivery_hour
        )


_REPEATABLE_CHOICES = {"day": settings_view.render_day_choice, "drop": settings_view.render_topics}
"""Actions that users repeat: their menu stays open."""


def _render_choice(
    subscription: Subscription, action: SettingsAction, lang: UiLanguage
) -> OutgoingMessage | None:
    """Return the menu that a button opens; None if the button changes a setting."""
    match action:
        case SettingsAction(name="hour", value=""):
            return settings_view.render_hour_choice(lang)
        case SettingsAction(name="hour", value=hour) if hour.isdecimal() and int(hour) < 24:
            return settings_view.render_minute_choice(int(hour), lang)
        case SettingsAction(name="zone", value=""):
            return settings_view.render_zone_choice(subscription, lang)
        case SettingsAction(name="days", value=""):
            return settings_view.render_day_choice(subscription, lang)
        case SettingsAction(name="length", value=""):
            return settings_view.render_length_choice(subscription, lang)
        case SettingsAction(name="topics", value=""):
            return settings_view.render_topics(subscription, lang)
    return None


def _drop_topic(subscription: Subscription, value: str) -> Subscription:
    kind, _, key = value.partition(":")
    field = {"i": "include", "x": "exclude"}.get(kind)
    if field is None:
        return subscription
    remaining = tuple(
        topic
        for topic in getattr(subscription.taste, field)
        if settings_view.topic_key(topic) != key
    )
    return subscription_changes.with_preferences(subscription, **{field: remaining})
