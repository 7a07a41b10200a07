"""A subscription: when somebody gets the daily briefing, how long it is, and what it is about."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

QUARTER_MINUTES = 15
"""Minutes between two times of day that can be chosen."""
EDITION_LENGTHS = (3, 5, 10)
"""Of how many stories an edition may be."""
MAX_TOPICS = 10
"""How many topics an edition may be about, and as many it may leave out."""
MAX_TOPIC_LENGTH = 100
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
    """On which days, and when on these, an edition is due."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    at: Annotated[int, Field(ge=0, lt=24 * 60), AfterValidator(_check_full_quarter)] = 8 * 60
    """Minutes after midnight, on the clocks of the zone."""
    zone: Annotated[str, AfterValidator(_check_known_zone)] = "Africa/Tripoli"
    days: Annotated[frozenset[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1)] = EVERY_DAY
    """Days of the week: 0 is Monday."""
    resumes: date | None = None
    """The first day after a pause; before it nothing is due."""
    since: datetime
    """When it was last chosen: what would have been due before that is not missed."""

    @property
    def time(self) -> time:
        """The time of day."""
        return time(self.at // 60, self.at % 60)

    @property
    def tz(self) -> ZoneInfo:
        """The zone."""
        return ZoneInfo(self.zone)


class EditionPreferences(BaseModel):
    """What an edition is like: those of one taste, language and time get the same one."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    length: Literal[3, 5, 10] = 5
    include: Annotated[tuple[Topic, ...], Field(max_length=MAX_TOPICS)] = ()
    """Only stories about one of these; all where it is empty."""
    exclude: Annotated[tuple[Topic, ...], Field(max_length=MAX_TOPICS)] = ()
    """No story about one of these."""
    silent: bool = False
    """On a day without news nothing is sent."""
    bare: bool = False
    """Without buttons: in a channel anybody may press them, and everybody would get the reply."""


class Subscription(BaseModel):
    """What a chat has chosen."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    chat: int
    thread: int | None = None
    """The topic of a forum in which it was asked for."""
    language: Literal["ar", "en", "fr"]
    schedule: Schedule
    taste: EditionPreferences = EditionPreferences()
