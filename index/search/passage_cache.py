"""What was read of passages since the last change, kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class PassageCache(Generic[_Value]):
    """Values by passage, of `capacity` passages and those of one question more at the most."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._values: dict[int, _Value] = {}

    def clear(self) -> None:
        """Forget everything: something changed."""
        self._values.clear()

    def get_or_load(
        self, passage_ids: Sequence[int], load: Callable[[Sequence[int]], Mapping[int, _Value]]
    ) -> dict[int, _Value]:
        """Return what is known of these passages, after reading what is not.

        What `load` does not return is missing.
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
