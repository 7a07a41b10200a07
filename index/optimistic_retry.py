"""Work on the newest state: done again where another process changed the article meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from index.errors import ConflictError

_MAX_ATTEMPTS = 5
_Result = TypeVar("_Result")


def retry_on_conflict(action: Callable[[], _Result]) -> _Result:
    """Do what reads an article, works on it and writes it; again where it changed meanwhile.

    Raises `ConflictError` where it changes each time, and what `action` raises.
    """
    for _ in range(_MAX_ATTEMPTS - 1):
        with suppress(ConflictError):
            return action()
    return action()
