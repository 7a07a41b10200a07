"""Which calls wait for what, and in which order a call waits, is recorded and leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.telegram.call_limiter import (
    MAX_CONCURRENT_BROADCASTS,
    MAX_CONCURRENT_CALLS,
    CallLimiter,
    CallOptions,
    Priority,
)
from bot.telegram.rate_limits import SendRateLimiter
from bot.telegram.shielded_calls import MarkStarted, ShieldedCalls
from bot.telegram.transport import ConnectionFailed

SECONDS = 60
"""How long a hold lasts here."""
REPLY = CallOptions(Priority.REPLY)
BROADCAST = CallOptions(Priority.BROADCAST)


class FakeTime:
    """A clock that moves only when something sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        until = self.now + seconds
        await asyncio.sleep(0)
        self.now = max(self.now, until)


CLOCK = FakeTime()


def run(work: Callable[[CallLimiter], Awaitable[Any]], rate: float = 0) -> Any:
    async def main() -> Any:
        return await work(CallLimiter(SendRateLimiter(rate), clock=CLOCK, sleep=CLOCK.sleep))

    return asyncio.run(main())


async def call(
    limiter: CallLimiter,
    options: CallOptions | None = None,
    *,
    endpoint: str = "sendMessage",
    chat_id: int | None = 1,
    error: TelegramError | None = None,
) -> float:
    """Make a call and return when it left, in seconds."""

    async def send(left: list[float]) -> Any:
        left.append(CLOCK())
        if error:
            raise error
        return True

    left: list[float] = []
    data = {} if chat_id is None else {"chat_id": chat_id}
    with suppress(TelegramError):
        await limiter.process_request(send, (left,), {}, endpoint, data, options)
    return left[0]


@pytest.mark.parametrize("options", [None, REPLY, BROADCAST])
def test_a_429_delays_every_kind_of_call_for_its_chat_and_none_for_another(
    options: CallOptions | None,
) -> None:
    async def work(limiter: CallLimiter) -> tuple[float, float]:
        refused_at = await call(limiter, REPLY, error=RetryAfter(SECONDS))
        other, same = await asyncio.gather(
            call(limiter, options, chat_id=2), call(limiter, options, chat_id=1)
        )
        return other - refused_at, same - refused_at

    other, same = run(work)
    assert same >= SECONDS
    assert other < same


def test_a_429_for_a_menu_delays_menus_and_no_message() -> None:
    async def work(limiter: CallLimiter) -> tuple[float, float, float]:
        refused_at = await call(
            limiter, endpoint="setMyCommands", chat_id=None, error=RetryAfter(SECONDS)
        )
        menu, answer, message = await asyncio.gather(
            call(limiter, endpoint="setMyCommands", chat_id=None),
            call(limiter, endpoint="answerCallbackQuery", chat_id=None),
            call(limiter, REPLY),
        )
        return menu - refused_at, answer - refused_at, message - refused_at

    menu, answer, message = run(work)
    assert menu >= SECONDS
    assert max(answer, message) < menu


def test_an_outage_delays_all_calls_and_a_rejection_none() -> None:
    async def work(limiter: CallLimiter) -> tuple[bool, bool]:
        await call(limiter, REPLY, error=BadRequest("can't parse entities"))
        after_rejection = limiter.is_paused(2)
        await call(limiter, REPLY, error=ConnectionFailed("no connection"))
        return after_rejection, limiter.is_paused(2)

    assert run(work) == (False, True)


def test_menus_and_callback_answers_take_no_token_from_replies() -> None:
    async def work(limiter: CallLimiter) -> float:
        started_at = CLOCK()
        for _ in range(20):
            await call(limiter, endpoint="answerCallbackQuery", chat_id=None)
        return await call(limiter, REPLY) - started_at

    assert run(work, rate=1) < 0.9


def test_a_call_is_recorded_after_all_waiting_and_right_before_it_leaves() -> None:
    steps: list[str] = []

    async def work(limiter: CallLimiter) -> None:
        release = asyncio.Event()

        async def block(*_: Any) -> bool:
            await release.wait()
            steps.append("blocking calls end")
            return True

        async def record() -> None:
            steps.append("recorded")

        async def send() -> bool:
            steps.append("left")
            return True

        blocking = [
            asyncio.create_task(limiter.process_request(block, (), {}, "x", {"chat_id": n}, REPLY))
            for n in range(MAX_CONCURRENT_CALLS)
        ]
        options = CallOptions(Priority.REPLY, record)
        sending = asyncio.create_task(
            limiter.process_request(send, (), {}, "sendMessage", {"chat_id": 99}, options)
        )
        await asyncio.sleep(0.01)
        assert steps == []
        release.set()
        await asyncio.gather(sending, *blocking)

    run(work)
    assert steps.index("recorded") + 1 == steps.index("left")


def test_what_is_raised_before_a_call_prevents_it() -> None:
    async def work(limiter: CallLimiter) -> None:
        async def refuse() -> None:
            raise LookupError

        async def send() -> bool:
            raise AssertionError("it must not leave")

        options = CallOptions(Priority.BROADCAST, refuse)
        with pytest.raises(LookupError):
            await limiter.process_request(send, (), {}, "sendMessage", {"chat_id": 1}, options)

    run(work)


def test_broadcasts_leave_places_for_replies() -> None:
    async def work(limiter: CallLimiter) -> None:
        release = asyncio.Event()

        async def block() -> bool:
            await release.wait()
            return True

        broadcasts = [
            asyncio.create_task(
                limiter.process_request(block, (), {}, "x", {"chat_id": n}, BROADCAST)
            )
            for n in range(MAX_CONCURRENT_BROADCASTS + 10)
        ]
        await asyncio.sleep(0)
        async with asyncio.timeout(5):
            await call(limiter, REPLY, chat_id=99)
        release.set()
        await asyncio.gather(*broadcasts)

    run(work)


@pytest.mark.parametrize("starts", [True, False])
def test_a_call_goes_on_after_its_caller_is_cancelled_only_if_it_had_begun(starts: bool) -> None:
    ended: list[bool] = []

    async def main() -> None:
        calls = ShieldedCalls[None]()

        async def work(mark_started: MarkStarted) -> None:
            if starts:
                mark_started()
            await may_end.wait()
            ended.append(True)

        may_end = asyncio.Event()
        caller = asyncio.create_task(calls.run(work))
        await asyncio.sleep(0.01)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        may_end.set()
        await calls.stop(5)

    asyncio.run(main())
    assert ended == [True] * starts
