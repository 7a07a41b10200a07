"""Choosing: what a press or a command changes of a subscription: pure."""

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
"""What time a topic names does not matter, only what else it says."""
_TOPIC_ADAPTER: TypeAdapter[str] = TypeAdapter(Topic)


class InvalidTopic(ValueError):
    """What was written is no topic."""


class TooManyTopics(ValueError):
    """There are as many topics as there can be."""


def default_subscription(
    chat_id: int,
    thread_id: int | None,
    language: UiLanguage,
    now: datetime,
    *,
    without_buttons: bool,
) -> Subscription:
    """Return what a chat gets that chooses nothing."""
    preferences = EditionPreferences(bare=without_buttons)
    schedule = Schedule(since=now)
    return Subscription(
        chat=chat_id, thread=thread_id, language=language, schedule=schedule, taste=preferences
    )


def resubscribe(
    subscription: Subscription, thread_id: int | None, language: UiLanguage, now: datetime
) -> Subscription:
    """Return what a chat had chosen, for one that subscribes again."""
    schedule = subscription.schedule.model_copy(update={"resumes": None, "since": now})
    return subscription.model_copy(
        update={"thread": thread_id, "language": language, "schedule": schedule}
    )


def with_schedule(subscription: Subscription, now: datetime, **changes: Any) -> Subscription:
    """Change when editions come. Raises `ValidationError` (a `ValueError`) where it cannot be."""
    schedule = Schedule.model_validate({**subscription.schedule.model_dump(), **changes})
    if schedule == subscription.schedule:
        return subscription
    return subscription.model_copy(update={"schedule": schedule.model_copy(update={"since": now})})


def with_preferences(subscription: Subscription, **changes: Any) -> Subscription:
    """Change what editions are like. Raises `ValidationError` where it cannot be."""
    values = {**subscription.taste.model_dump(), **changes}
    return subscription.model_copy(update={"taste": EditionPreferences.model_validate(values)})


def apply_action(
    subscription: Subscription, action: SettingsAction, now: datetime
) -> Subscription | None:
    """Return what a press makes of a subscription; None for what no button of ours says."""
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
    """Let no edition come for so many days. Raises `ValueError` for no such number."""
    if not 1 <= days <= MAX_PAUSE_DAYS:
        raise ValueError("so long a pause cannot be")
    today = now.astimezone(subscription.schedule.tz).date()
    return with_schedule(subscription, now, resumes=today + timedelta(days=days))


def parse_topic(text: str) -> str:
    """Return a topic as it is kept. Raises `InvalidTopic` where it says nothing, such as «news»."""
    cleaned = " ".join(text.strip().strip("«»\"“”'").split())
    try:
        remainder = extract_time_window(clean_question(cleaned), _REFERENCE_DATE).remaining_text
        if asks_only_for_news(remainder) or not any(map(str.isalpha, remainder)):
            raise InvalidTopic
        return _TOPIC_ADAPTER.validate_python(cleaned)
    except (InvalidQuestion, ValidationError):
        raise InvalidTopic from None


def with_topic(subscription: Subscription, kind: str, text: str) -> Subscription:
    """Add a topic to what is included, or to what is left out; it is taken from the other.

    Raises `InvalidTopic`, `TooManyTopics`.
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
