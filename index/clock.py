"""The clock interface, so that tests can set the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
"""Returns the current time, timezone-aware."""


def system_clock() -> datetime:
    """Return the system time in UTC."""
    return datetime.now(UTC)


class LocalTime(NamedTuple):
    """The clock, and the time zone of dates that name none."""

    clock: Clock
    zone: ZoneInfo
