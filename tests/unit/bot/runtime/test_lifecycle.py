"""Coroutines that run together end together."""

from __future__ import annotations

import asyncio

import pytest

from bot.runtime.lifecycle import run_together, run_until


async def _fail() -> None:
    raise ValueError("the dispatcher failed")


def test_a_failure_cancels_the_other_coroutines_and_is_raised() -> None:
    cancelled: list[str] = []

    async def wait_forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append("poll")
            raise

    with pytest.raises(ValueError, match="the dispatcher failed"):
        asyncio.run(run_together(wait_forever(), _fail()))
    assert cancelled == ["poll"]


def test_cancelling_the_whole_cancels_each_coroutine() -> None:
    cancelled: list[str] = []

    async def wait_forever(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(name)

    async def main() -> None:
        whole = asyncio.create_task(run_together(wait_forever("poll"), wait_forever("dispatch")))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        whole.cancel()
        await asyncio.gather(whole, return_exceptions=True)

    asyncio.run(main())
    assert sorted(cancelled) == ["dispatch", "poll"]


def test_a_main_task_that_fails_is_not_hidden_by_the_wait_for_a_stop() -> None:
    async def main() -> None:
        await run_until(asyncio.Event(), asyncio.create_task(_fail()))

    with pytest.raises(ValueError, match="the dispatcher failed"):
        asyncio.run(main())
