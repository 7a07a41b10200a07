"""Options of the workers that plan editions and alerts."""

from __future__ import annotations

from typing import NamedTuple


class PlanningOptions(NamedTuple):
    """When in a chat's day something is planned, and how often the worker looks."""

    hour: int
    """The hour of the summary of alerts; for editions, the last hour of a late delivery."""
    poll_interval: float
    """In seconds."""
