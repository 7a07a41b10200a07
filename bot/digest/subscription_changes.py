"""Choosing: what a press or a command changes of a subscription: pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from bot.digest.models import (
    MAX_PAUSE_DAYS,
    MAX_TOPICS,
    EditionPreferences,
    Schedule,
    Subscription,
    Topic,
)
from bot.digest.timezones.cities import known_zones
from bot.i18n.catalogue import UiLanguage
from index.questions import InvalidQuestion, asks_only_for_news, clean_question
from index.text.normalise import fold
from index.text.time_expressions.resolver import extract_time_window

_ANY_DAY = date(2000, 1, 1)
"""What time a topic names does not matter, only what else it says."""
_TOPIC: TypeAdapter[str] = TypeAdapter(Topic)
_DATA = re.compile(r"sub:(?P<what>[a-z]{2,7})(?::(?P<value>[A-Za-z0-9:_/+-]{1,50}))?")


class InvalidTopic(ValueError):
    """What was written is no topic."""


class TooManyTopics(ValueError):
    """There are as many topics as there can be."""


class SettingsAction(NamedTuple):
    """What a button of the settings asks for."""

    what: str
    value: str


def wish(data: str) -> SettingsAction | None:
    """Return what a button's data asks for of the settings; None where it is of none."""
    found = _DATA.fullmatch(data)
    return SettingsAction(found["what"], found["value"] or "") if found else None


def default_subscription(
    chat: int, thread: int | None, language: UiLanguage, now: datetime, *, bare: bool
) -> Subscription:
    """Return what a chat gets that chooses nothing."""
    taste = EditionPreferences(bare=bare)
    schedule = Schedule(since=now)
    return Subscription(chat=chat, thread=thread, language=language, schedule=schedule, taste=taste)


def resubscribe(
    of: Subscription, thread: int | None, language: UiLanguage, now: datetime
) -> Subscription:
    """Return what a chat had chosen, for one that subscribes again."""
    schedule = of.schedule.model_copy(update={"resumes": None, "since": now})
    return of.model_copy(update={"thread": thread, "language": language, "schedule": schedule})


def with_schedule(of: Subscription, now: datetime, **changes: Any) -> Subscription:
    """Change when editions come. Raises `ValidationError` (a `ValueError`) where it cannot be."""
    chosen = Schedule.model_validate({**of.schedule.model_dump(), **changes})
    if chosen == of.schedule:
        return of
    return of.model_copy(update={"schedule": chosen.model_copy(update={"since": now})})


def with_preferences(of: Subscription, **changes: Any) -> Subscription:
    """Change what editions are like. Raises `ValidationError` where it cannot be."""
    known = {**of.taste.model_dump(), **changes}
    return of.model_copy(update={"taste": EditionPreferences.model_validate(known)})


def apply_action(of: Subscription, wanted: SettingsAction, now: datetime) -> Subscription | None:
    """Return what a press makes of a subscription; None for what no button of ours says."""
    try:
        match wanted.what:
            case "at":
                return with_schedule(of, now, at=int(wanted.value))
            case "zone" if wanted.value in known_zones():
                return with_schedule(of, now, zone=wanted.value)
            case "day":
                toggled = of.schedule.days ^ {int(wanted.value)}
                return with_schedule(of, now, days=toggled) if toggled else of
            case "length":
                return with_preferences(of, length=int(wanted.value))
            case "silent":
                return with_preferences(of, silent=not of.taste.silent)
            case "pause":
                return paused(of, int(wanted.value), now)
            case "resume":
                return with_schedule(of, now, resumes=None)
    except ValueError:
        return None
    return None


def paused(of: Subscription, days: int, now: datetime) -> Subscription:
    """Let no edition come for so many days. Raises `ValueError` for no such number."""
    if not 1 <= days <= MAX_PAUSE_DAYS:
        raise ValueError("so long a pause cannot be")
    today = now.astimezone(of.schedule.tz).date()
    return with_schedule(of, now, resumes=today + timedelta(days=days))


def topic(said: str) -> str:
    """Return a topic as it is kept. Raises `InvalidTopic` where it says nothing, such as «news»."""
    words = " ".join(said.strip().strip("«»\"“”'").split())
    try:
        rest = extract_time_window(clean_question(words), _ANY_DAY).rest
        if asks_only_for_news(rest) or not any(map(str.isalpha, rest)):
            raise InvalidTopic
        return _TOPIC.validate_python(words)
    except (InvalidQuestion, ValidationError):
        raise InvalidTopic from None


def with_topic(of: Subscription, kind: str, said: str) -> Subscription:
    """Add a topic to what is included, or to what is left out; it is taken from the other.

    Raises `InvalidTopic`, `TooManyTopics`.
    """
    added = topic(said)
    other = "exclude" if kind == "include" else "include"
    there = _without(getattr(of.taste, kind), added)
    if len(there) >= MAX_TOPICS:
        raise TooManyTopics
    return with_preferences(
        of, **{kind: (*there, added), other: _without(getattr(of.taste, other), added)}
    )


def _without(topics: Sequence[str], one: str) -> tuple[str, ...]:
    return tuple(each for each in topics if fold(each) != fold(one))
