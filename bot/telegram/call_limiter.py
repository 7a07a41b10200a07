"""Pace every call of the bot to Telegram except getUpdates, which the library never limits."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from enum import Enum, auto
from time import monotonic
from typing import Any, NamedTuple

from telegram.error import InvalidToken, RetryAfter, TelegramError
from telegram.ext import BaseRateLimiter

from bot.telegram.rate_limits import Backoff, SendRateLimiter, retry_after_seconds
from bot.telegram.transport import ConnectionFailed, ServerError

MAX_CONCURRENT_CALLS = 16
"""Messages and edits that may be on their way at once."""
MAX_CONCURRENT_BROADCASTS = 12
"""Broadcasts among them, so that some places are left for replies."""
MAX_CONCURRENT_BEST_EFFORT_CALLS = 4
"""Other calls on their way at once, beside the messages."""
_INITIAL_BACKOFF_SECONDS = 0.25

BeforeCall = Callable[[], Awaitable[None]]
"""Runs right before a call leaves, after all waiting: it may store that the call is being made.

An exception that it raises prevents the call.
"""


class Priority(Enum):
    """What a call waits for."""

    REPLY = auto()
    """A message to somebody who waits for it: takes a token of the global bucket."""
    BROADCAST = auto()
    """A message that nobody waits for: leaves tokens for replies, one a second to a chat."""
    BEST_EFFORT = auto()
    """Anything else (menus, callback answers, file look-ups): waits only for holds."""


class CallOptions(NamedTuple):
    """The `rate_limit_args` of a call."""

    priority: Priority = Priority.BEST_EFFORT
    before_call: BeforeCall | None = None


class CallLimiter(BaseRateLimiter[CallOptions]):
    """Delays calls by priority, limits how many run at once, and obeys Telegram's 429.

    A call that fails is never repeated here: the caller first has to store that it was not made.
    What the failure means for later calls is noted here (see `SendRateLimiter`).
    """

    def __init__(
        self,
        rate_limiter: SendRateLimiter,
        *,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Apply `rate_limiter`; `clock` and `sleep` count seconds."""
        self._rate_limiter = rate_limiter
        self._clock = clock
        self._sleep = sleep
        self._broadcast_lock = asyncio.Lock()
        self._message_slots = asyncio.Semaphore(MAX_CONCURRENT_CALLS)
        self._broadcast_slots = asyncio.Semaphore(MAX_CONCURRENT_BROADCASTS)
        self._best_effort_slots = asyncio.Semaphore(MAX_CONCURRENT_BEST_EFFORT_CALLS)
        self._backoff = Backoff(initial=_INITIAL_BACKOFF_SECONDS)
        self._endpoint_paused_until: dict[str, float] = {}
        """Until when Telegram refuses calls that name no chat, by endpoint (setMyCommands)."""

    async def initialize(self) -> None:
        """Do nothing: there is nothing to open."""

    async def shutdown(self) -> None:
        """Do nothing: there is nothing to close."""

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: CallOptions | None,
    ) -> Any:
        """Wait until a call may be made, make it once, and return its result.

        Raises `TelegramError`, and whatever `before_call` raises.
        """
        options = rate_limit_args or CallOptions()
        chat_id = data.get("chat_id")
        await self._wait(options.priority, endpoint, chat_id)
        async with AsyncExitStack() as stack:
            for slots in self._slots(options.priority):
                await stack.enter_async_context(slots)
            if options.before_call:
                await options.before_call()
            try:
                result = await callback(*args, **kwargs)
            except TelegramError as error:
                self._note_failure(error, options.priority, endpoint, chat_id)
                raise
        if options.priority is not Priority.BEST_EFFORT:
            self._backoff.reset()
        return result

    def is_paused(self, chat_id: int) -> bool:
        """Return whether Telegram, or an outage, keeps the bot from calling for a chat now."""
        return self._rate_limiter.remaining_hold(chat_id, self._clock()) > 0

    def _slots(self, priority: Priority) -> tuple[asyncio.Semaphore, ...]:
        match priority:
            case Priority.REPLY:
                return (self._message_slots,)
            case Priority.BROADCAST:
                return (self._broadcast_slots, self._message_slots)
            case Priority.BEST_EFFORT:
                return (self._best_effort_slots,)

    async def _wait(self, priority: Priority, endpoint: str, chat_id: Any) -> None:
        if priority is Priority.BEST_EFFORT:
            await self._wait_for_hold(endpoint, chat_id)
        elif priority is Priority.REPLY:
            await self._wait_for_token(chat_id)
        else:
            await self._wait_for_broadcast_token(chat_id)

    async def _wait_for_hold(self, endpoint: str, chat_id: Any) -> None:
        while wait := self._remaining_hold(endpoint, chat_id):
            await self._sleep(wait)

    def _remaining_hold(self, endpoint: str, chat_id: Any) -> float:
        now = self._clock()
        if isinstance(chat_id, int):
            return self._rate_limiter.remaining_hold(chat_id, now)
        until = self._endpoint_paused_until.get(endpoint, 0.0)
        return max(until - now, self._rate_limiter.remaining_hold_of_all(now))

    async def _wait_for_token(self, chat_id: int) -> None:
        while wait := self._rate_limiter.acquire(chat_id, self._clock()):
            await self._sleep(wait)

    async def _wait_for_broadcast_token(self, chat_id: int) -> None:
        """Wait for a token behind the other broadcasts, except while the chat itself is held back.

        So a chat that Telegram holds back delays no broadcast to another.
        """
        while True:
            now = self._clock()
            wait = self._rate_limiter.remaining_hold(
                chat_id, now
            ) or self._rate_limiter.remaining_spacing(chat_id, now)
            if not wait:
                async with self._broadcast_lock:
                    while wait := self._rate_limiter.acquire_for_broadcast(chat_id, self._clock()):
                        if self._rate_limiter.remaining_hold(chat_id, self._clock()):
                            break
                        await self._sleep(wait)
                    else:
                        return
            await self._sleep(wait)

    def _note_failure(
        self, error: TelegramError, priority: Priority, endpoint: str, chat_id: Any
    ) -> None:
        """Delay the calls that would fail for the same reason."""
        now = self._clock()
        if isinstance(error, RetryAfter):
            seconds = retry_after_seconds(error)
            if isinstance(chat_id, int):
                self._rate_limiter.hold(chat_id, seconds, now)
            else:
                self._endpoint_paused_until[endpoint] = now + seconds
        elif (
            priority is not Priority.BEST_EFFORT
            and _is_outage(error)
            and not self._rate_limiter.is_holding_all(now)
        ):
            self._rate_limiter.hold_all(self._backoff.next_delay(), now)


def _is_outage(error: TelegramError) -> bool:
    """Return whether any other call would fail as well, and this one had no effect."""
    if isinstance(error, ServerError):
        return error.from_telegram
    return isinstance(error, ConnectionFailed | InvalidToken)
