"""Whose turn it is, and how fast: the queue of the chats, and the buckets that fill in time."""

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
"""Seconds by which a waiting time may be too short, as it is not a whole number of anything."""


class TurnsOfChats(RuleBasedStateMachine):
    """Offers, turns and their ends in any order, beside a model of what waits."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: FairQueue[int] = FairQueue()
        self.numbers = count()
        self.waiting: dict[int, list[int]] = defaultdict(list)
        self.busy: set[int] = set()
        self.owed: dict[int, set[int]] = defaultdict(set)
        """The chats that a chat's next turn must come after: they waited when it had its last."""

    def ready(self) -> set[int]:
        return {chat for chat, items in self.waiting.items() if items and chat not in self.busy}

    @rule(chat=CHATS, always=st.booleans())
    def offer(self, chat: int, always: bool) -> None:
        item = next(self.numbers)
        room = len(self.waiting[chat]) < MAX_QUEUED_PER_CHAT + (chat not in self.busy)
        assert self.turns.enqueue(chat, item, ignore_limit=always) is (room or always)
        if room or always:
            self.waiting[chat].append(item)

    @rule()
    def take(self) -> None:
        ready, turn = self.ready(), self.turns.next_item()
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
        self.turns.task_done(chat)
        self.busy.remove(chat)

    @invariant()
    def as_many_wait_as_were_let_in_and_had_no_turn(self) -> None:
        assert len(self.turns) == sum(map(len, self.waiting.values()))


TestTurnsOfChats = TurnsOfChats.TestCase


def taken(turns: FairQueue[str], most: int) -> list[str]:
    """Give up to so many turns, each finished before the next one; return whose they were."""
    had: list[str] = []
    while len(had) < most and (turn := turns.next_item()):
        had.append(turn[1])
        turns.task_done(turn[0])
    return had


def test_a_chat_with_many_questions_lets_every_other_chat_between() -> None:
    turns: FairQueue[str] = FairQueue()
    for number in range(6):
        assert turns.enqueue(1, f"salim {number}")
    assert turns.enqueue(2, "layla")
    assert turns.enqueue(3, "karim")
    assert taken(turns, 5) == ["salim 0", "layla", "karim", "salim 1", "salim 2"]


def test_five_wait_behind_the_one_in_flight_and_the_sixth_is_refused() -> None:
    turns: FairQueue[int] = FairQueue()
    turns.enqueue(1, 0)
    assert turns.next_item() == (1, 0)
    assert [turns.enqueue(1, item) for item in range(1, 7)] == [True] * 5 + [False]
    assert turns.enqueue(2, 7)
    assert turns.enqueue(1, 8, ignore_limit=True)


def test_a_chat_has_no_second_turn_before_its_first_is_finished() -> None:
    turns: FairQueue[int] = FairQueue()
    turns.enqueue(1, 0)
    turns.enqueue(1, 1)
    assert turns.next_item() == (1, 0)
    assert turns.next_item() is None
    turns.task_done(1)
    assert turns.next_item() == (1, 1)


def test_a_chat_that_nobody_waits_for_leaves_nothing_behind() -> None:
    turns: FairQueue[str] = FairQueue()
    for chat in range(100):
        turns.enqueue(chat, "?")
    assert len(taken(turns, 100)) == 100
    assert not any(vars(turns).values())


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
    limits = UserRateLimiter(per_minute=6, burst=2, exempt=frozenset({7}))
    assert [limits.take(1, 100) for _ in range(3)] == [0, 0, pytest.approx(10)]
    assert [limits.take(2, 100) for _ in range(3)] == [0, 0, pytest.approx(10)]
    assert [limits.take(7, 100) for _ in range(50)] == [0] * 50
    assert limits.take(1, 110.001) == 0


def test_who_asked_nothing_for_long_is_forgotten_and_nobody_gains_by_it() -> None:
    limits = UserRateLimiter(per_minute=1, burst=3, exempt=frozenset({7}))
    for person in (*range(1_000, 1_100), 7):
        limits.take(person, 100)
    for _ in range(3):
        limits.take(1, 220)
    assert limits.take(1, 290) == 0
    assert limits.take(1, 290) == pytest.approx(50)
    assert set(limits._buckets) == {1}


@given(st.lists(st.tuples(CHATS, st.floats(0, 90)), max_size=60), BURSTS)
def test_forgetting_the_idle_changes_nothing_for_anyone(
    asks: list[tuple[int, float]], burst: int
) -> None:
    limits, now = UserRateLimiter(6, burst, frozenset()), 0.0
    alone = {chat: TokenBucket(6 / 60, burst) for chat in range(1, 5)}
    for person, pause in asks:
        now += pause
        assert limits.take(person, now) == pytest.approx(alone[person].take(now), abs=ROUNDING)


def test_a_chat_that_is_held_waits_and_the_others_do_not() -> None:
    pace = SendRateLimiter(30)
    pace.hold(1, 5, 100)
    assert pace.acquire(1, 101) == pytest.approx(4)
    assert pace.acquire(2, 101) == 0
    assert not pace.is_holding_all(101)
    assert pace.acquire(1, 105) == 0


def test_a_chat_that_is_held_again_holds_nobody_else() -> None:
    pace = SendRateLimiter(30)
    pace.hold(1, 5, 100)
    pace.hold(1, 9, 102)
    assert pace.acquire(1, 103) == pytest.approx(8)
    assert pace.acquire(2, 103) == 0


def test_a_second_chat_that_is_held_holds_everyone_for_as_long_as_it_is_itself() -> None:
    pace = SendRateLimiter(30)
    pace.hold(1, 50, 100)
    pace.hold(2, 3, 100)
    assert pace.is_holding_all(101)
    assert [pace.acquire(chat, 101) for chat in (1, 2, 3)] == [49, 2, 2]
    assert not pace.is_holding_all(105)
    assert [pace.acquire(chat, 105) for chat in (1, 2, 3)] == [45, 0, 0]


def test_a_second_chat_that_is_held_after_the_first_was_free_holds_only_itself() -> None:
    pace = SendRateLimiter(30)
    pace.hold(1, 5, 100)
    pace.hold(2, 5, 105)
    assert pace.acquire(2, 106) == pytest.approx(4)
    assert pace.acquire(3, 106) == 0


def test_holding_all_holds_each_chat_and_is_never_made_shorter() -> None:
    pace = SendRateLimiter(30)
    pace.hold_all(8, 100)
    pace.hold_all(2, 101)
    assert pace.acquire(1, 104) == pytest.approx(4)
    pace.hold(1, 20, 104)
    assert pace.acquire(1, 108) == pytest.approx(16)
    assert pace.acquire(2, 108) == 0


def test_messages_to_all_chats_together_keep_to_the_rate_and_none_means_no_rate() -> None:
    pace = SendRateLimiter(10)
    assert [pace.acquire(chat, 100) == 0 for chat in range(11)] == [True] * 10 + [False]
    assert pace.acquire(50, 100) == pytest.approx(0.1)
    assert pace.acquire(50, 100.2) == 0
    assert [SendRateLimiter(0).acquire(1, 100) for _ in range(100)] == [0] * 100


@given(st.lists(st.tuples(CHATS, st.floats(0, 9), st.floats(0, 3)), max_size=30), CHATS)
def test_who_waits_as_long_as_was_said_may_send(
    held: list[tuple[int, float, float]], chat: int
) -> None:
    pace, now = SendRateLimiter(20), 1_000.0
    for other, seconds, pause in held:
        now += pause
        pace.hold(other, seconds, now)
    waits = 0
    while wait := pace.acquire(chat, now):
        now += wait + ROUNDING
        waits += 1
    assert waits <= 2


@given(st.floats(0.01, 0.99))
def test_less_than_one_message_a_second_can_be_sent_too(rate: float) -> None:
    pace = SendRateLimiter(rate)
    assert pace.acquire(1, 100) == 0
    assert pace.acquire(1, 100) == pytest.approx(1 / rate)


def test_what_nobody_waits_for_leaves_room_for_answers_and_keeps_to_the_rate() -> None:
    pace = SendRateLimiter(25)
    unasked = [pace.acquire_for_broadcast(chat, 100) == 0 for chat in range(25)]
    assert unasked == [True] * 20 + [False] * 5
    assert [pace.acquire(100 + chat, 100) == 0 for chat in range(6)] == [True] * 5 + [False]
    assert pace.acquire_for_broadcast(50, 100) == pytest.approx(6 / 25)
    sent = sum(not pace.acquire_for_broadcast(chat, 101 + chat / 100) for chat in range(500))
    assert 5 * 25 - 1 <= sent <= 5 * 25 + 25


def test_a_chat_that_has_just_been_sent_something_is_left_alone_for_a_second() -> None:
    pace = SendRateLimiter(25)
    assert pace.remaining_spacing(1, 100) == 0
    assert pace.acquire(1, 100) == 0
    assert pace.remaining_spacing(1, 100.25) == pytest.approx(0.75)
    assert pace.remaining_spacing(2, 100.25) == 0
    assert pace.remaining_spacing(1, 101) == 0


@given(st.floats(0.01, 30))
def test_what_nobody_waits_for_gets_its_turn_at_any_rate(rate: float) -> None:
    pace, now = SendRateLimiter(rate), 1_000.0
    for chat in range(20):
        waits = 0
        while wait := pace.acquire_for_broadcast(chat, now):
            now += wait + ROUNDING
            waits += 1
        assert waits <= 2


def test_chats_of_long_ago_are_forgotten() -> None:
    pace = SendRateLimiter(0)
    for chat in range(5_000):
        pace.acquire(chat, chat)
    assert len(pace._last_sent_at) <= 1_001
