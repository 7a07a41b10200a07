"""Faults planned for the calls to come: some by a queue, some strewn by a seed."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

BEFORE = frozenset({"400", "429", "403", "500", "502", "cut_before", "hang"})
AFTER = frozenset({"cut_after", "hang_after"})
KINDS = BEFORE | AFTER
STREWN = ("429", "500", "502", "cut_before", "cut_after")


@dataclass
class Fault:
    """One fault: `details` may hold retry_after, or the seconds that a hang lasts."""

    kind: str
    method: str | None = None
    chat_id: int | None = None
    times: int = 1
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def retry_after(self) -> int:
        return int(self.details.get("retry_after", 1))

    @property
    def seconds(self) -> float | None:
        return self.details.get("seconds")

    @property
    def after(self) -> bool:
        """Whether the call has its effect; a gateway's 500 or 502 may hide one too."""
        return self.kind in AFTER or bool(self.details.get("after"))

    def fits(self, method: str, chat_id: object) -> bool:
        """A fault that names no method spares the polling."""
        named = method != "getUpdates" if self.method is None else method == self.method
        return named and self.chat_id in {None, chat_id}


@dataclass
class _Sprinkle:
    share: float
    kinds: Sequence[str]
    methods: Collection[str] | None
    chance: random.Random
    details: dict[str, Any]

    def draw(self, method: str) -> Fault | None:
        wanted = method != "getUpdates" if self.methods is None else method in self.methods
        if not wanted or self.chance.random() >= self.share:
            return None
        return Fault(self.chance.choice(self.kinds), details=self.details)


class Faults:
    """The plan: a queue, whose first fitting fault is taken, and a sprinkle beneath it."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []
        self._sprinkle: _Sprinkle | None = None

    def add(
        self,
        kind: str,
        method: str | None = None,
        chat_id: int | None = None,
        times: int = 1,
        **details: Any,
    ) -> None:
        """Plan a fault for the next `times` calls that fit."""
        _check([kind])
        self.queue.append(Fault(kind, method, chat_id, times, details))

    def sprinkle(
        self,
        share: float = 0.02,
        kinds: Sequence[str] = STREWN,
        methods: Collection[str] | None = None,
        seed: int = 0,
        **details: Any,
    ) -> None:
        """Strew faults over that share of the calls; the same seed draws the same sequence."""
        _check(kinds)
        self._sprinkle = _Sprinkle(share, kinds, methods, random.Random(seed), details)

    def clear(self) -> None:
        self.queue.clear()
        self._sprinkle = None

    def next(self, method: str, chat_id: object) -> Fault | None:
        """The fault of this call, taken off the plan."""
        for place, fault in enumerate(self.queue):
            if fault.fits(method, chat_id):
                fault.times -= 1
                if fault.times <= 0:
                    del self.queue[place]
                return fault
        return self._sprinkle.draw(method) if self._sprinkle else None


def _check(kinds: Sequence[str]) -> None:
    unknown = set(kinds) - KINDS
    if unknown:
        raise ValueError(f"no such faults: {', '.join(sorted(unknown))}")
