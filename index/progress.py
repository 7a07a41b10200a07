"""The callback with which long tasks report their progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the stage, the amount done and the total."""


def silent(stage: str, done: int, total: int) -> None:
    """Report no progress."""
