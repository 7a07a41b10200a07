"""In-memory cache of values by passage id, valid until the archive changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class PassageCache(Generic[_Value]):
    """Values by passage id. It exceeds `capacity` by at most the passages of one question."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: dict[int, _Value] = {}

    def clear(self) -> None:
        """Drop all values: the archive changed."""
        self._values.clear()

    def get_or_load(
        self, passage_ids: Sequence[int], load: Callable[[Sequence[int]], Mapping[int, _Value]]
    ) -> dict[int, _Value]:
        """Return the values of these passages, calling `load` for those that are not cached.

        Passages for which `load` returns nothing are left out.
        """
        missing = [passage_id for passage_id in passage_ids if passage_id not in self._values]
        if missing:
            self._values |= load(missing)
        values = {
            passage_id: self._values[passage_id]
            for passage_id in passage_ids
            if passage_id in self._values
        }
        if len(self._values) > self._capacity:
            self._values = dict(values)
        return values
