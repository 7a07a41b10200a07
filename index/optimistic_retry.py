"""Optimistic concurrency: retry an action if another process changed its article meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from index.errors import ConflictError

_MAX_ATTEMPTS = 5
_Result = TypeVar("_Result")


def retry_on_conflict(action: Callable[[], _Result]) -> _Result:
    """Call `action`, which reads, modifies and writes an article, until it has no conflict.

    Raises `ConflictError` after five conflicts, and any other error that `action` raises.
    """
    for _ in range(_MAX_ATTEMPTS - 1):
        with suppress(ConflictError):
            return action()
    return action()
