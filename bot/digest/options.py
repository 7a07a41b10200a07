"""Options of the workers that plan editions and alerts."""

from __future__ import annotations

from typing import NamedTuple


class PlanningOptions(NamedTuple):
    """The local hour that limits or triggers planning, and the interval of the worker."""

    hour: int
    """For alerts, the hour of the daily summary; for editions, until when a late one is sent."""
    poll_interval: float
    """Seconds."""
