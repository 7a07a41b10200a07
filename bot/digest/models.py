"""The models of a subscription: its schedule, its length and its topics."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

QUARTER_MINUTES = 15
"""Minutes between two selectable times of day."""
EDITION_LENGTHS = (3, 5, 10)
"""Selectable numbers of stories in an edition."""
MAX_TOPICS = 10
"""Maximum of included topics, and of excluded topics."""
MAX_TOPIC_LENGTH = 100
"""Characters."""
MAX_PAUSE_DAYS = 365
"""Days."""
EVERY_DAY = frozenset(range(7))


def _check_full_quarter(minutes: int) -> int:
    if minutes % QUARTER_MINUTES:
        raise ValueError("a time of day is at a full quarter of an hour")
    return minutes


def _check_known_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError):
        raise ValueError("this machine knows no such time zone") from None
    return zone


Topic = Annotated[str, Field(min_length=2, max_length=MAX_TOPIC_LENGTH)]


class Schedule(BaseModel):
    """The weekdays and the time of day at which an edition is due."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    at: Annotated[int, Field(ge=0, lt=24 * 60), AfterValidator(_check_full_quarter)] = 8 * 60
    """Minutes after midnight, local time."""
    zone: Annotated[str, AfterValidator(_check_known_zone)] = "Africa/Tripoli"
    days: Annotated[frozenset[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1)] = EVERY_DAY
    """Weekdays: 0 is Monday."""
    resumes: date | None = None
    """The first day after a pause; no edition is due before it."""
    since: datetime
    """When the schedule was last changed: editions due before that do not count as missed."""

    @property
    def time(self) -> time:
        """The local time of day."""
        return time(self.at // 60, self.at % 60)

    @property
    def tz(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.zone)


class EditionPreferences(BaseModel):
    """Preferences for editions.

    Chats with equal preferences, language and time share one edition.
    """

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    length: Literal[3, 5, 10] = 5
    include: Annotated[tuple[Topic, ...], Field(max_length=MAX_TOPICS)] = ()
    """Only stories about one of these topics; all stories if empty."""
    exclude: Annotated[tuple[Topic, ...], Field(max_length=MAX_TOPICS)] = ()
    """No stories about any of these topics."""
    silent: bool = False
    """Whether to send nothing on a day without news."""
    bare: bool = False
    """Whether to omit buttons: anyone may press those of a channel, and all would see the reply."""


class Subscription(BaseModel):
    """The settings of a chat's subscription."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    chat: int
    thread: int | None = None
    """The forum topic in which the chat subscribed."""
    language: Literal["ar", "en", "fr"]
    schedule: Schedule
    taste: EditionPreferences = EditionPreferences()
