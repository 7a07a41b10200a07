"""What was read of passages since the last change, kept in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar

_Value = TypeVar("_Value")


class PassageCache(Generic[_Value]):
    """Values by passage, of `kept` passages and those of one question more at the most."""

    def __init__(self, kept: int) -> None:
        self._kept = kept
        self._known: dict[int, _Value] = {}

    def forget(self) -> None:
        """Forget everything: something changed."""
        self._known.clear()

    def of(
        self, passage_ids: Sequence[int], read: Callable[[Sequence[int]], Mapping[int, _Value]]
    ) -> dict[int, _Value]:
        """Return what is known of these passages, after reading what is not.

        What `read` does not return is missing.
        """
        unknown = [passage_id for passage_id in passage_ids if passage_id not in self._known]
        if unknown:
            self._known |= read(unknown)
        found = {each: self._known[each] for each in passage_ids if each in self._known}
        if len(self._known) > self._kept:
            self._known = dict(found)
        return found
