"""One user's flood of everything that the bot handles, and how long others wait beside it."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import numpy as np

from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json

_BLOCK = 20
"""How many questions are asked alone, then as many beside the flood."""
_FOLLOW_UP = "ومتى؟"


class Flood:
    """One user who asks, follows up, edits, presses, reacts and types inline; a context manager."""

    def __init__(self, double: Double, asked: Sequence[str], per_second: float) -> None:
        self._double = double
        self._asked = itertools.cycle(asked)
        self._user = double.user()
        self._chat = double.private(self._user)
        self._question = double.say(self._user, next(self._asked))
        self._pause = 1 / per_second
        self._actions: itertools.cycle[Callable[[], object]] = itertools.cycle(
            (self._ask, self._follow_up, self._edit, self._press, self._react, self._type)
        )
        self._presses = itertools.count()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.sent = 0
        """How many updates it has made."""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(self._pause):
            next(self._actions)()
            self.sent += 1

    def _ask(self) -> None:
        self._question = self._double.say(self._user, next(self._asked))

    def _follow_up(self) -> None:
        self._double.say(self._user, _FOLLOW_UP)

    def _edit(self) -> None:
        self._double.edit(self._user, self._question, next(self._asked))

    def _press(self) -> None:
        """Press the buttons of the newest answers in turn."""
        for answer in reversed(self._double.sent(self._chat)):
            if buttons := _callback_data(answer):
                button = buttons[next(self._presses) % len(buttons)]
                self._double.tap(self._user, answer, button)
                return

    def _react(self) -> None:
        for answer in self._double.sent(self._chat)[-1:]:
            self._double.react(self._user, answer, "👍👎"[next(self._presses) % 2])

    def _type(self) -> None:
        self._double.type_inline(self._user, next(self._asked))


def measure_flood(
    double: Double, asked: Sequence[str], answers: int, per_second: float
) -> dict[str, float]:
    """Return how long the answers to others take alone and beside a flood, in turns of blocks."""
    questions = itertools.cycle(asked)
    alone: list[float] = []
    beside: list[float] = []
    sent = 0
    for _ in range(_BLOCK):  # what is loaded once is no answer's fault
        _time_answer(double, next(questions))
    while len(beside) < answers:
        alone += [_time_answer(double, next(questions)) for _ in range(_BLOCK)]
        with Flood(double, asked, per_second) as flood:
            beside += [_time_answer(double, next(questions)) for _ in range(_BLOCK)]
        sent += flood.sent
    p95_alone, p95_beside = (1000 * float(np.percentile(each, 95)) for each in (alone, beside))
    return {
        "answer p95 alone, ms": p95_alone,
        "answer p95 beside one user's flood, ms": p95_beside,
        "flooded p95 / p95 alone": p95_beside / p95_alone,
        "updates of the flood per answer": sent / len(beside),
    }


def _time_answer(double: Double, question: str) -> float:
    """Return the seconds that the answer to the first question of a new user takes."""
    user = double.user()
    asked_at = time.monotonic()
    message = double.say(user, question)
    double.wait_for(lambda: double.replies(message), what="an answer")
    return time.monotonic() - asked_at


def _callback_data(message: Json) -> list[str]:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return [button["callback_data"] for row in rows for button in row if "callback_data" in button]
