"""Limit the rate of users' questions and of the bot's messages with token buckets."""

from __future__ import annotations

import os
from collections.abc import Container
from datetime import timedelta

from telegram.error import RetryAfter

os.environ["PTB_TIMEDELTA"] = "true"  # a switch of the library: durations are timedeltas


class TokenBucket:
    """A token bucket of `burst` tokens that refills by `rate` a second. Times are in seconds."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._updated_at: float | None = None

    def take(self, now: float, reserved: float = 0.0) -> float:
        """Take a token and return 0; if there is none, return the seconds until there is one.

        At least `reserved` tokens are left in the bucket.
        """
        self._refill(now)
        if self._tokens >= 1 + reserved:
            self._tokens -= 1
            return 0.0
        return (1 + reserved - self._tokens) / self._rate

    def is_full(self, now: float) -> bool:
        """Return whether the bucket has refilled completely, as if it were new."""
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: float) -> None:
        if self._updated_at is not None:
            elapsed = max(0.0, now - self._updated_at)
            self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._updated_at = now


_MAX_GLOBAL_WAIT_SECONDS = 30.0
"""Seconds for which the 429 of one chat may hold back all chats at most."""
_RESERVED_FOR_REPLIES = 5.0
"""Tokens of the global bucket that broadcasts leave, so that replies can be sent at once."""
_INTERVAL_SECONDS = 1.0
"""Seconds between messages to a chat: Telegram asks for this (core.telegram.org/bots/faq)."""
_MAX_TRACKED_CHATS = 1_000
"""Number of chats whose last message's time is stored before the old ones are dropped."""


class Backoff:
    """Exponential backoff: seconds to wait after consecutive failures, doubled each time."""

    def __init__(self, initial: float = 0.5, max_delay: float = 8.0) -> None:
        self._initial = initial
        self._max_delay = max_delay
        self._failures = 0

    def next_delay(self) -> float:
        """Count a failure and return the seconds to wait after it."""
        self._failures += 1
        return min(self._max_delay, self._initial * 2.0 ** (min(self._failures, 20) - 1))

    def reset(self) -> None:
        """Reset the count of failures, after a success."""
        self._failures = 0


class UserRateLimiter:
    """A token bucket for each user; users in `exempt` are not limited."""

    def __init__(self, per_minute: float, burst: int, exempt: Container[int]) -> None:
        self._per_minute = per_minute
        self._burst = burst
        self._exempt = exempt
        self._buckets: dict[int, TokenBucket] = {}
        self._last_swept_at = 0.0

    def take(self, user_id: int, now: float) -> float:
        """Take a token of `user_id` and return 0, or return the seconds until there is one."""
        if user_id in self._exempt:
            return 0.0
        if now - self._last_swept_at > 60:
            self._last_swept_at = now
            idle_user_ids = [
                idle_user_id
                for idle_user_id, bucket in self._buckets.items()
                if bucket.is_full(now)
            ]
            for idle_user_id in idle_user_ids:
                del self._buckets[idle_user_id]
        bucket = self._buckets.get(user_id)
        if bucket is None:
            bucket = self._buckets[user_id] = TokenBucket(self._per_minute / 60, self._burst)
        return bucket.take(now)

    def forget(self, user_id: int) -> None:
        """Drop the bucket of a user, who begins with a full one."""
        self._buckets.pop(user_id, None)


class SendRateLimiter:
    """Decides when the next message may be sent to a chat. Times are in seconds of one clock.

    A 429 does not say whether it concerns one chat or all. It holds back its own chat; if another
    chat is held back already, it holds back all chats for the time that it names. Broadcasts leave
    some tokens for replies, and are sent to a chat at most once a second.
    """

    def __init__(self, per_second: float) -> None:
        burst = max(1.0, per_second)
        self._global_bucket = TokenBucket(per_second, burst) if per_second else None
        self._reserved_for_replies = min(_RESERVED_FOR_REPLIES, burst - 1)
        self._paused_until: dict[int, float] = {}
        self._all_paused_until = 0.0
        self._last_sent_at: dict[int, float] = {}
        """Time of the last message by chat, at least for the chats of the last second."""

    def acquire(self, chat_id: int, now: float) -> float:
        """Take a token for a message to `chat_id` and return 0, or return the seconds to wait."""
        return self.remaining_hold(chat_id, now) or self._take_token(chat_id, now, 0.0)

    def acquire_for_broadcast(self, chat_id: int, now: float) -> float:
        """Do as `acquire` does, for a broadcast: leave the tokens that are reserved for replies."""
        return self.remaining_hold(chat_id, now) or self._take_token(
            chat_id, now, self._reserved_for_replies
        )

    def remaining_hold(self, chat_id: int, now: float) -> float:
        """Return the seconds for which nothing may be sent to `chat_id`."""
        until = max(self._all_paused_until, self._paused_until.get(chat_id, 0.0))
        if until > now:
            return until - now
        self._paused_until.pop(chat_id, None)
        return 0.0

    def remaining_hold_of_all(self, now: float) -> float:
        """Return the seconds for which no call at all may be made."""
        return max(0.0, self._all_paused_until - now)

    def remaining_spacing(self, chat_id: int, now: float) -> float:
        """Return the seconds for which no broadcast may be sent to `chat_id`."""
        return max(
            0.0, self._last_sent_at.get(chat_id, -_INTERVAL_SECONDS) + _INTERVAL_SECONDS - now
        )

    def _take_token(self, chat_id: int, now: float, reserved: float) -> float:
        wait = self._global_bucket.take(now, reserved) if self._global_bucket else 0.0
        if not wait:
            if len(self._last_sent_at) > _MAX_TRACKED_CHATS:
                self._last_sent_at = {
                    other_chat_id: sent_at
                    for other_chat_id, sent_at in self._last_sent_at.items()
                    if now - sent_at < _INTERVAL_SECONDS
                }
            self._last_sent_at[chat_id] = now
        return wait

    def hold(self, chat_id: int, seconds: float, now: float) -> None:
        """Hold back `chat_id` for the seconds that Telegram named in a 429."""
        holds_another = any(
            until > now
            for other_chat_id, until in self._paused_until.items()
            if other_chat_id != chat_id
        )
        self._paused_until[chat_id] = max(now + seconds, self._paused_until.get(chat_id, 0.0))
        if holds_another:
            self.hold_all(min(seconds, _MAX_GLOBAL_WAIT_SECONDS), now)

    def is_holding_all(self, now: float) -> bool:
        """Return whether nothing may be sent at all."""
        return self.remaining_hold_of_all(now) > 0

    def hold_all(self, seconds: float, now: float) -> None:
        """Hold back all chats for so many seconds, at least."""
        self._all_paused_until = max(self._all_paused_until, now + seconds)


def retry_after_seconds(error: RetryAfter) -> float:
    """Return the seconds to wait that Telegram gave with a 429."""
    retry_after: timedelta | int = error.retry_after
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else float(retry_after)
