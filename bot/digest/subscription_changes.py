"""Compute the changes of a subscription that a button or a command asks for; pure functions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from bot.digest.callbacks import SettingsAction
from bot.digest.models import (
    MAX_PAUSE_DAYS,
    MAX_TOPICS,
    EditionPreferences,
    Schedule,
    Subscription,
    Topic,
)
from bot.digest.timezones.cities import known_zones
from bot.i18n.languages import UiLanguage
from index.questions import InvalidQuestion, asks_only_for_news, clean_question
from index.text.normalise import fold
from index.text.time_expressions.resolver import extract_time_window

_REFERENCE_DATE = date(2000, 1, 1)
"""Any date will do: the time that a topic mentions is removed, only the rest is checked."""
_TOPIC_ADAPTER: TypeAdapter[str] = TypeAdapter(Topic)


class InvalidTopic(ValueError):
    """The text is no valid topic."""


class TooManyTopics(ValueError):
    """The subscription has `MAX_TOPICS` topics already."""


def default_subscription(
    chat_id: int,
    thread_id: int | None,
    language: UiLanguage,
    now: datetime,
    *,
    without_buttons: bool,
) -> Subscription:
    """Return a subscription with default settings."""
    preferences = EditionPreferences(bare=without_buttons)
    schedule = Schedule(since=now)
    return Subscription(
        chat=chat_id, thread=thread_id, language=language, schedule=schedule, taste=preferences
    )


def resubscribe(
    subscription: Subscription, thread_id: int | None, language: UiLanguage, now: datetime
) -> Subscription:
    """Return a former subscription, reactivated from now on and without its pause."""
    schedule = subscription.schedule.model_copy(update={"resumes": None, "since": now})
    return subscription.model_copy(
        update={"thread": thread_id, "language": language, "schedule": schedule}
    )


def with_schedule(subscription: Subscription, now: datetime, **changes: Any) -> Subscription:
    """Return the subscription with changed fields of its schedule.

    Raises `ValidationError` (a `ValueError`) for invalid values.
    """
    schedule = Schedule.model_validate({**subscription.schedule.model_dump(), **changes})
    if schedule == subscription.schedule:
        return subscription
    return subscription.model_copy(update={"schedule": schedule.model_copy(update={"since": now})})


def with_preferences(subscription: Subscription, **changes: Any) -> Subscription:
    """Return the subscription with changed preferences; raises `ValidationError` if invalid."""
    values = {**subscription.taste.model_dump(), **changes}
    return subscription.model_copy(update={"taste": EditionPreferences.model_validate(values)})


def apply_action(
    subscription: Subscription, action: SettingsAction, now: datetime
) -> Subscription | None:
    """Return the subscription changed by a button; None for an unknown or invalid action."""
    try:
        match action.name:
            case "at":
                return with_schedule(subscription, now, at=int(action.value))
            case "zone" if action.value in known_zones():
                return with_schedule(subscription, now, zone=action.value)
            case "day":
                days = subscription.schedule.days ^ {int(action.value)}
                return with_schedule(subscription, now, days=days) if days else subscription
            case "length":
                return with_preferences(subscription, length=int(action.value))
            case "silent":
                return with_preferences(subscription, silent=not subscription.taste.silent)
            case "pause":
                return with_pause(subscription, int(action.value), now)
            case "resume":
                return with_schedule(subscription, now, resumes=None)
    except ValueError:
        return None
    return None


def with_pause(subscription: Subscription, days: int, now: datetime) -> Subscription:
    """Pause editions for 1 to `MAX_PAUSE_DAYS` days; raises `ValueError` for another number."""
    if not 1 <= days <= MAX_PAUSE_DAYS:
        raise ValueError(f"a pause takes 1 to {MAX_PAUSE_DAYS} days")
    today = now.astimezone(subscription.schedule.tz).date()
    return with_schedule(subscription, now, resumes=today + timedelta(days=days))


def parse_topic(text: str) -> str:
    """Return a topic without quotes and extra spaces.

    Raises `InvalidTopic` if nothing specific remains, as of «news».
    """
    cleaned = " ".join(text.strip().strip("«»\"“”'").split())
    try:
        remainder = extract_time_window(clean_question(cleaned), _REFERENCE_DATE).remaining_text
        if asks_only_for_news(remainder) or not any(map(str.isalpha, remainder)):
            raise InvalidTopic
        return _TOPIC_ADAPTER.validate_python(cleaned)
    except (InvalidQuestion, ValidationError):
        raise InvalidTopic from None


def with_topic(subscription: Subscription, kind: str, text: str) -> Subscription:
    """Add a topic to the list `kind` («include» or «exclude») and remove it from the other one.

    Raises `InvalidTopic` and `TooManyTopics`.
    """
    topic = parse_topic(text)
    other = "exclude" if kind == "include" else "include"
    remaining = _without(getattr(subscription.taste, kind), topic)
    if len(remaining) >= MAX_TOPICS:
        raise TooManyTopics
    return with_preferences(
        subscription,
        **{kind: (*remaining, topic), other: _without(getattr(subscription.taste, other), topic)},
    )


def _without(topics: Sequence[str], removed: str) -> tuple[str, ...]:
    return tuple(topic for topic in topics if fold(topic) != fold(removed))
