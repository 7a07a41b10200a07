"""How fast: a bucket that fills at a rate, for people who ask and for messages that are sent."""

from __future__ import annotations

from collections.abc import Container


class TokenBucket:
    """Lets `rate` things a second pass, and `burst` at once after a rest. Times are in seconds."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._at: float | None = None

    def take(self, now: float, left: float = 0.0) -> float:
        """Take one and return 0; where there is none, return how long until there will be.

        So many as `left` are to stay in it.
        """
        self._fill(now)
        if self._left >= 1 + left:
            self._left -= 1
            return 0.0
        return (1 + left - self._left) / self._rate

    def is_full(self, now: float) -> bool:
        """Say whether nothing has been taken for so long that it is as good as new."""
        self._fill(now)
        return self._left >= self._burst

    def _fill(self, now: float) -> None:
        if self._at is not None:
            passed = max(0.0, now - self._at)
            self._left = min(self._burst, self._left + passed * self._rate)
        self._at = now


_MAX_GLOBAL_WAIT_SECONDS = 30.0
"""For how many seconds one chat's 429 may hold back everyone."""
_LEFT_FOR_ANSWERS = 5.0
"""So many messages can be sent at once to those who wait, however much else is sent."""
_INTERVAL_SECONDS = 1.0
"""Telegram asks for no more than a message in a second to one chat: core.telegram.org/bots/faq."""
_REMEMBERED = 1_000
"""Chats of which it is known when something was last sent, before those of long ago are dropped."""


class Backoff:
    """How long to wait after one failure after another, in seconds: twice as long each time."""

    def __init__(self, first: float = 0.5, longest: float = 8.0) -> None:
        self._first = first
        self._longest = longest
        self._failures = 0

    def next(self) -> float:
        """Count a failure, and return how long to wait after it."""
        self._failures += 1
        return min(self._longest, self._first * 2.0 ** (min(self._failures, 20) - 1))

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
        self._swept = 0.0

    def take(self, person: int, now: float) -> float:
        """Return 0 where `person` may ask now, else after how many seconds."""
        if person in self._exempt:
            return 0.0
        if now - self._swept > 60:
            self._swept = now
            idle = [key for key, bucket in self._buckets.items() if bucket.is_full(now)]
            for key in idle:
                del self._buckets[key]
        bucket = self._buckets.get(person)
        if bucket is None:
            bucket = self._buckets[person] = TokenBucket(self._per_minute / 60, self._burst)
        return bucket.take(now)


class SendRateLimiter:
    """When the next message may go to a chat. Times are in seconds of one clock.

    A 429 never says whether it means one chat or all: it holds back its chat, and everyone, for as
    long as it says itself, where another chat is held back already. What nobody waits for leaves
    some room to what somebody does, and comes to a chat at most once in a second.
    """

    def __init__(self, per_second: float) -> None:
        burst = max(1.0, per_second)
        self._all = TokenBucket(per_second, burst) if per_second else None
        self._left_for_answers = min(_LEFT_FOR_ANSWERS, burst - 1)
        self._held: dict[int, float] = {}
        self._all_held = 0.0
        self._sent: dict[int, float] = {}
        """When something was last sent to a chat that has been sent something in this second."""

    def wait(self, chat: int, now: float) -> float:
        """Return 0 and count a message to `chat`, or return how long it must wait to ask again."""
        return self.held(chat, now) or self._take(chat, now, 0.0)

    def wait_unasked(self, chat: int, now: float) -> float:
        """Do as `wait` does, for a message that nobody waits for."""
        return self.held(chat, now) or self._take(chat, now, self._left_for_answers)

    def held(self, chat: int, now: float) -> float:
        """Return for how long nothing may go to `chat`."""
        until = max(self._all_held, self._held.get(chat, 0.0))
        if until > now:
            return until - now
        self._held.pop(chat, None)
        return 0.0

    def just_sent(self, chat: int, now: float) -> float:
        """Return for how long nothing that nobody waits for may go to `chat`."""
        return max(0.0, self._sent.get(chat, -_INTERVAL_SECONDS) + _INTERVAL_SECONDS - now)

    def _take(self, chat: int, now: float, left: float) -> float:
        wait = self._all.take(now, left) if self._all else 0.0
        if not wait:
            if len(self._sent) > _REMEMBERED:
                self._sent = {c: at for c, at in self._sent.items() if now - at < _INTERVAL_SECONDS}
            self._sent[chat] = now
        return wait

    def hold(self, chat: int, seconds: float, now: float) -> None:
        """Send nothing to `chat` for so long, because Telegram said so of it."""
        others = any(until > now for other, until in self._held.items() if other != chat)
        self._held[chat] = max(now + seconds, self._held.get(chat, 0.0))
        if others:
            self.hold_all(min(seconds, _MAX_GLOBAL_WAIT_SECONDS), now)

    def holds_all(self, now: float) -> bool:
        """Say whether nothing may be sent at all."""
        return self._all_held > now

    def hold_all(self, seconds: float, now: float) -> None:
        """Send nothing at all for so long."""
        self._all_held = max(self._all_held, now + seconds)
