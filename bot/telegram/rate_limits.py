"""How fast: a bucket that fills at a rate, for people who ask and for messages that are sent."""

from __future__ import annotations

from collections.abc import Container


class TokenBucket:
    """Lets `rate` things a second pass, and `burst` at once after a rest. Times are in seconds."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._updated_at: float | None = None

    def take(self, now: float, reserved: float = 0.0) -> float:
        """Take one and return 0; where there is none, return how long until there will be.

        So many as `reserved` are to stay in it.
        """
        self._refill(now)
        if self._tokens >= 1 + reserved:
            self._tokens -= 1
            return 0.0
        return (1 + reserved - self._tokens) / self._rate

    def is_full(self, now: float) -> bool:
        """Say whether nothing has been taken for so long that it is as good as new."""
        self._refill(now)
        return self._tokens >= self._burst

    def _refill(self, now: float) -> None:
        if self._updated_at is not None:
            elapsed = max(0.0, now - self._updated_at)
            self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        self._updated_at = now


_MAX_GLOBAL_WAIT_SECONDS = 30.0
"""For how many seconds one chat's 429 may hold back everyone."""
_RESERVED_FOR_REPLIES = 5.0
"""So many messages can be sent at once to those who wait, however much else is sent."""
_INTERVAL_SECONDS = 1.0
"""Telegram asks for no more than a message in a second to one chat: core.telegram.org/bots/faq."""
_MAX_TRACKED_CHATS = 1_000
"""Chats of which it is known when something was last sent, before those of long ago are dropped."""


class Backoff:
    """How long to wait after one failure after another, in seconds: twice as long each time."""

    def __init__(self, initial: float = 0.5, max_delay: float = 8.0) -> None:
        self._initial = initial
        self._max_delay = max_delay
        self._failures = 0

    def next_delay(self) -> float:
        """Count a failure, and return how long to wait after it."""
        self._failures += 1
        return min(self._max_delay, self._initial * 2.0 ** (min(self._failures, 20) - 1))

    def reset(self) -> None:
        """Forget the failures: something went well."""
        self._failures = 0


class UserRateLimiter:
    """A bucket for each person; those who are exempt have none."""

    def __init__(self, per_minute: float, burst: int, exempt: Container[int]) -> None:
        self._per_minute = per_minute
        self._burst = burst
        self._exempt = exempt
        self._buckets: dict[int, TokenBucket] = {}
        self._last_swept_at = 0.0

    def take(self, user_id: int, now: float) -> float:
        """Return 0 where `user_id` may ask now, else after how many seconds."""
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


class SendRateLimiter:
    """When the next message may go to a chat. Times are in seconds of one clock.

    A 429 never says whether it means one chat or all: it holds back its chat, and everyone, for as
    long as it says itself, where another chat is held back already. What nobody waits for leaves
    some room to what somebody does, and comes to a chat at most once in a second.
    """

    def __init__(self, per_second: float) -> None:
        burst = max(1.0, per_second)
        self._global_bucket = TokenBucket(per_second, burst) if per_second else None
        self._reserved_for_replies = min(_RESERVED_FOR_REPLIES, burst - 1)
        self._held_until: dict[int, float] = {}
        self._all_held_until = 0.0
        self._last_sent_at: dict[int, float] = {}
        """When something was last sent to a chat that has been sent something in this second."""

    def acquire(self, chat_id: int, now: float) -> float:
        """Return 0 and count a message to `chat_id`, or return how long it must wait to ask again."""
        return self.remaining_hold(chat_id, now) or self._take_token(chat_id, now, 0.0)

    def acquire_for_broadcast(self, chat_id: int, now: float) -> float:
        """Do as `acquire` does, for a message that nobody waits for."""
        return self.remaining_hold(chat_id, now) or self._take_token(
            chat_id, now, self._reserved_for_replies
        )

    def remaining_hold(self, chat_id: int, now: float) -> float:
        """Return for how long nothing may go to `chat_id`."""
        until = max(self._all_held_until, self._held_until.get(chat_id, 0.0))
        if until > now:
            return until - now
        self._held_until.pop(chat_id, None)
        return 0.0

    def remaining_spacing(self, chat_id: int, now: float) -> float:
        """Return for how long nothing that nobody waits for may go to `chat_id`."""
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
        """Send nothing to `chat_id` for so long, because Telegram said so of it."""
        holds_another = any(
            until > now
            for other_chat_id, until in self._held_until.items()
            if other_chat_id != chat_id
        )
        self._held_until[chat_id] = max(now + seconds, self._held_until.get(chat_id, 0.0))
        if holds_another:
            self.hold_all(min(seconds, _MAX_GLOBAL_WAIT_SECONDS), now)

    def is_holding_all(self, now: float) -> bool:
        """Say whether nothing may be sent at all."""
        return self._all_held_until > now

    def hold_all(self, seconds: float, now: float) -> None:
        """Send nothing at all for so long."""
        self._all_held_until = max(self._all_held_until, now + seconds)
