"""The fair queue of the chats, and the rate limits of questions and messages."""

from __future__ import annotations

from collections import defaultdict
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.telegram.fair_queue import MAX_QUEUED_PER_CHAT, FairQueue
from bot.telegram.rate_limits import SendRateLimiter, TokenBucket, UserRateLimiter

CHATS = st.integers(1, 4)
ROUNDING = 1e-6
"""Tolerance of waiting times in seconds, for rounding errors of floats."""


class TurnsOfChats(RuleBasedStateMachine):
    """Enqueue, take and finish items in any order, and compare with a model of what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: FairQueue[int] = FairQueue()
        self.numbers = count()
        self.waiting: dict[int, list[int]] = defaultdict(list)
        self.busy: set[int] = set()
        self.owed: dict[int, set[int]] = defaultdict(set)
        """By chat: the chats that waited when it was last served, and so come before it."""

    def ready(self) -> set[int]:
        return {chat for chat, items in self.waiting.items() if items and chat not in self.busy}

    @rule(chat=CHATS, always=st.booleans())
    def offer(self, chat: int, always: bool) -> None:
        item = next(self.numbers)
        room = len(self.waiting[chat]) < MAX_QUEUED_PER_CHAT + (chat not in self.busy)
        assert self.queue.enqueue(chat, item, ignore_limit=always) is (room or always)
        if room or always:
            self.waiting[chat].append(item)

    @rule()
    def take(self) -> None:
        ready, turn = self.ready(), self.queue.next_item()
        if turn is None:
            assert not ready
            return
        chat, item = turn
        assert chat in ready
        assert item == self.waiting[chat].pop(0)
        assert not self.owed[chat] & ready
        self.owed[chat] = ready - {chat}
        for owed in self.owed.values():
            owed.discard(chat)
        self.busy.add(chat)

    @precondition(lambda self: self.busy)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        chat = data.draw(st.sampled_from(sorted(self.busy)))
        self.queue.task_done(chat)
        self.busy.remove(chat)

    @invariant()
    def as_many_wait_as_were_let_in_and_had_no_turn(self) -> None:
        assert len(self.queue) == sum(map(len, self.waiting.values()))


TestTurnsOfChats = TurnsOfChats.TestCase


def take_items(queue: FairQueue[str], most: int) -> list[str]:
    """Take up to `most` items, each finished before the next one; return them."""
    had: list[str] = []
    while len(had) < most and (turn := queue.next_item()):
        had.append(turn[1])
        queue.task_done(turn[0])
    return had


def test_a_chat_with_many_questions_lets_every_other_chat_between() -> None:
    queue: FairQueue[str] = FairQueue()
    for number in range(6):
        assert queue.enqueue(1, f"salim {number}")
    assert queue.enqueue(2, "layla")
    assert queue.enqueue(3, "karim")
    assert take_items(queue, 5) == ["salim 0", "layla", "karim", "salim 1", "salim 2"]


def test_five_wait_behind_the_one_in_flight_and_the_sixth_is_refused() -> None:
    queue: FairQueue[int] = FairQueue()
    queue.enqueue(1, 0)
    assert queue.next_item() == (1, 0)
    assert [queue.enqueue(1, item) for item in range(1, 7)] == [True] * 5 + [False]
    assert queue.enqueue(2, 7)
    assert queue.enqueue(1, 8, ignore_limit=True)


def test_a_chat_has_no_second_turn_before_its_first_is_finished() -> None:
    queue: FairQueue[int] = FairQueue()
    queue.enqueue(1, 0)
    queue.enqueue(1, 1)
    assert queue.next_item() == (1, 0)
    assert queue.next_item() is None
    queue.task_done(1)
    assert queue.next_item() == (1, 1)


def test_a_chat_that_nobody_waits_for_leaves_nothing_behind() -> None:
    queue: FairQueue[str] = FairQueue()
    for chat in range(100):
        queue.enqueue(chat, "?")
    assert len(take_items(queue, 100)) == 100
    assert not any(vars(queue).values())


RATES = st.floats(0.01, 1_000)
BURSTS = st.integers(1, 50)
PAUSES = st.lists(st.floats(0, 30) | st.sampled_from([0.0, 0.001, 1.0]), max_size=80)
START = st.sampled_from([0.0, 3.5, 1_000_000.0])


@given(RATES, BURSTS, START, PAUSES)
def test_no_more_than_the_burst_and_the_rate_pass_in_any_time(
    rate: float, burst: int, now: float, pauses: list[float]
) -> None:
    bucket, passed = TokenBucket(rate, burst), []
    for pause in pauses:
        now += pause
        if bucket.take(now) == 0:
            passed.append(now)
    for first, since in enumerate(passed):
        for number, until in enumerate(passed[first:], 1):
            assert number <= burst + rate * (until - since) + ROUNDING * (1 + rate)


@given(RATES, BURSTS, START, PAUSES)
def test_after_the_time_that_it_says_there_is_one_and_not_much_before(
    rate: float, burst: int, now: float, pauses: list[float]
) -> None:
    bucket = TokenBucket(rate, burst)
    for pause in pauses:
        now += pause
        wait = bucket.take(now)
        assert 0 <= wait <= 1 / rate + ROUNDING
        if wait > 3 * ROUNDING:
            assert bucket.take(now + wait - 2 * ROUNDING) > 0 or rate > 100
            now += wait + ROUNDING
            assert bucket.take(now) == 0


@given(RATES, BURSTS, START)
def test_a_bucket_lets_its_burst_pass_at_once_and_no_more_after_any_rest(
    rate: float, burst: int, now: float
) -> None:
    bucket = TokenBucket(rate, burst)
    assert bucket.is_full(now)
    for _ in range(2):
        assert [bucket.take(now) == 0 for _ in range(burst + 1)] == [True] * burst + [False]
        assert not bucket.is_full(now)
        now += 3 * burst / rate
        assert bucket.is_full(now)


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing() -> None:
    bucket = TokenBucket(1, 1)
    assert bucket.take(100) == 0
    assert bucket.take(50) == 1
    assert bucket.take(50.5) == 0.5


def test_each_person_has_a_limit_of_their_own_and_some_have_none() -> None:
    limiter = UserRateLimiter(per_minute=6, burst=2, exempt=frozenset({7}))
    assert [limiter.take(1, 100) for _ in range(3)] == [0, 0, pytest.approx(10)]
    assert [limiter.take(2, 100) for _ in range(3)] == [0, 0, pytest.approx(10)]
    assert [limiter.take(7, 100) for _ in range(50)] == [0] * 50
    assert limiter.take(1, 110.001) == 0


def test_who_asked_nothing_for_long_is_forgotten_and_nobody_gains_by_it() -> None:
    limiter = UserRateLimiter(per_minute=1, burst=3, exempt=frozenset({7}))
    for person in (*range(1_000, 1_100), 7):
        limiter.take(person, 100)
    for _ in range(3):
        limiter.take(1, 220)
    assert limiter.take(1, 290) == 0
    assert limiter.take(1, 290) == pytest.approx(50)
    assert set(limiter._buckets) == {1}


@given(st.lists(st.tuples(CHATS, st.floats(0, 90)), max_size=60), BURSTS)
def test_forgetting_the_idle_changes_nothing_for_anyone(
    asks: list[tuple[int, float]], burst: int
) -> None:
    limiter, now = UserRateLimiter(6, burst, frozenset()), 0.0
    alone = {chat: TokenBucket(6 / 60, burst) for chat in range(1, 5)}
    for person, pause in asks:
        now += pause
        assert limiter.take(person, now) == pytest.approx(alone[person].take(now), abs=ROUNDING)


def test_a_chat_that_is_held_waits_and_the_others_do_not() -> None:
    limiter = SendRateLimiter(30)
    limiter.hold(1, 5, 100)
    assert limiter.acquire(1, 101) == pytest.approx(4)
    assert limiter.acquire(2, 101) == 0
    assert not limiter.is_holding_all(101)
    assert limiter.acquire(1, 105) == 0


def test_a_chat_that_is_held_again_holds_nobody_else() -> None:
    limiter = SendRateLimiter(30)
    limiter.hold(1, 5, 100)
    limiter.hold(1, 9, 102)
    assert limiter.acquire(1, 103) == pytest.approx(8)
    assert limiter.acquire(2, 103) == 0


def test_a_second_chat_that_is_held_holds_everyone_for_as_long_as_it_is_itself() -> None:
    limiter = SendRateLimiter(30)
    limiter.hold(1, 50, 100)
    limiter.hold(2, 3, 100)
    assert limiter.is_holding_all(101)
    assert [limiter.acquire(chat, 101) for chat in (1, 2, 3)] == [49, 2, 2]
    assert not limiter.is_holding_all(105)
    assert [limiter.acquire(chat, 105) for chat in (1, 2, 3)] == [45, 0, 0]


def test_a_second_chat_that_is_held_after_the_first_was_free_holds_only_itself() -> None:
    limiter = SendRateLimiter(30)
    limiter.hold(1, 5, 100)
    limiter.hold(2, 5, 105)
    assert limiter.acquire(2, 106) == pytest.approx(4)
    assert limiter.acquire(3, 106) == 0


def test_holding_all_holds_each_chat_and_is_never_made_shorter() -> None:
    limiter = SendRateLimiter(30)
    limiter.hold_all(8, 100)
    limiter.hold_all(2, 101)
    assert limiter.acquire(1, 104) == pytest.approx(4)
    limiter.hold(1, 20, 104)
    assert limiter.acquire(1, 108) == pytest.approx(16)
    assert limiter.acquire(2, 108) == 0


def test_messages_to_all_chats_together_keep_to_the_rate_and_none_means_no_rate() -> None:
    limiter = SendRateLimiter(10)
    assert [limiter.acquire(chat, 100) == 0 for chat in range(11)] == [True] * 10 + [False]
    assert limiter.acquire(50, 100) == pytest.approx(0.1)
    assert limiter.acquire(50, 100.2) == 0
    assert [SendRateLimiter(0).acquire(1, 100) for _ in range(100)] == [0] * 100


@given(st.lists(st.tuples(CHATS, st.floats(0, 9), st.floats(0, 3)), max_size=30), CHATS)
def test_who_waits_as_long_as_was_said_may_send(
    holds: list[tuple[int, float, float]], chat: int
) -> None:
    limiter, now = SendRateLimiter(20), 1_000.0
    for other, seconds, pause in holds:
        now += pause
        limiter.hold(other, seconds, now)
    waits = 0
    while wait := limiter.acquire(chat, now):
        now += wait + ROUNDING
        waits += 1
    assert waits <= 2


@given(st.floats(0.01, 0.99))
def test_less_than_one_message_a_second_can_be_sent_too(rate: float) -> None:
    limiter = SendRateLimiter(rate)
    assert limiter.acquire(1, 100) == 0
    assert limiter.acquire(1, 100) == pytest.approx(1 / rate)


def test_what_nobody_waits_for_leaves_room_for_answers_and_keeps_to_the_rate() -> None:
    limiter = SendRateLimiter(25)
    unasked = [limiter.acquire_for_broadcast(chat, 100) == 0 for chat in range(25)]
    assert unasked == [True] * 20 + [False] * 5
    assert [limiter.acquire(100 + chat, 100) == 0 for chat in range(6)] == [True] * 5 + [False]
    assert limiter.acquire_for_broadcast(50, 100) == pytest.approx(6 / 25)
    sent = sum(not limiter.acquire_for_broadcast(chat, 101 + chat / 100) for chat in range(500))
    assert 5 * 25 - 1 <= sent <= 5 * 25 + 25


def test_a_chat_that_has_just_been_sent_something_is_left_alone_for_a_second() -> None:
    limiter = SendRateLimiter(25)
    assert limiter.remaining_spacing(1, 100) == 0
    assert limiter.acquire(1, 100) == 0
    assert limiter.remaining_spacing(1, 100.25) == pytest.approx(0.75)
    assert limiter.remaining_spacing(2, 100.25) == 0
    assert limiter.remaining_spacing(1, 101) == 0


@given(st.floats(0.01, 30))
def test_what_nobody_waits_for_gets_its_turn_at_any_rate(rate: float) -> None:
    limiter, now = SendRateLimiter(rate), 1_000.0
    for chat in range(20):
        waits = 0
        while wait := limiter.acquire_for_broadcast(chat, now):
            now += wait + ROUNDING
            waits += 1
        assert waits <= 2


def test_chats_of_long_ago_are_forgotten() -> None:
    limiter = SendRateLimiter(0)
    for chat in range(5_000):
        limiter.acquire(chat, chat)
    assert len(limiter._last_sent_at) <= 1_001
