"""Many users, faults of every kind, and the process killed again and again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.telegram.call_limiter import MAX_CONCURRENT_CALLS
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Json, User
from tests.fixtures.bot_process import BotProcess, StartBot

pytestmark = pytest.mark.usefixtures("unmeasured")

AT_ONCE = 5
"""How many questions a user asks at once: no more than a chat may have waiting."""
KILLS = 5
LOST = frozenset({"502", "cut_before", "cut_after", "hang", "hang_after"})
"""Faults after which nobody can know whether a message arrived."""
PORT_WORDS = "ميناء الرمال"
QUESTIONS = (
    "When will the port of Noran reopen?",
    "متى يعود ميناء الرمال إلى العمل؟",
    "Qui a fermé deux ponts ?",
    "Who heads the school?",
    "What is the quarter of Bellmarket proud of?",
)


@pytest.mark.parametrize(
    ("users", "each"), [(60, 5), pytest.param(200, 10, marks=pytest.mark.soak)]
)
def test_every_question_is_answered_once_but_for_sends_whose_fate_nobody_can_know(
    double: Double, start_bot: StartBot, users: int, each: int
) -> None:
    bot = start_bot(
        telegram_messages_per_second=0,
        telegram_patience_seconds=4,
        limits_burst=1000,
        limits_questions_per_minute=6000,
        log_level="ERROR",
    )
    kinds = ("429", "403", "500", "502", "cut_before", "cut_after", "hang", "hang_after")
    double.faults.sprinkle(0.02, kinds, seed=users)
    people = [double.user() for _ in range(users)]
    asked: list[Json] = []
    kills = 0
    memory: list[int] = []
    for wave in range(each // AT_ONCE):
        asked += [ask(double, user, turn) for turn in range(AT_ONCE) for user in people]
        for fault in ("500", "cut_after"):
            double.faults.add(fault, "getUpdates")
        while kills < KILLS * (wave + 1) * AT_ONCE // each:
            share = (kills + 1) * users * each // (2 * KILLS + 2)
            double.wait_for(lambda share=share: answers(double) >= share, 120, "answers")  # type: ignore[misc]
            bot.restart()
            kills += 1
        memory += settled(double, bot, len(asked))
    double.faults.clear()

    counts = bot.inbox()
    unknown = {row["update_id"] for row in counts.unknown}
    numbers = {
        (update["message"]["chat"]["id"], update["message"]["message_id"]): number
        for number, update in double.state.updates.known.items()
    }
    forbidden = {
        (call.params["chat_id"], call.params["reply_parameters"]["message_id"])
        for call in double.journal
        if call.method == "sendMessage" and call.fault == "403"
    }
    for message in asked:
        count = len(double.replies(message))
        assert count <= 1, "answered twice"
        key = (message["chat"]["id"], message["message_id"])
        assert count == 1 or key in forbidden or numbers[key] in unknown, "lost"
    broken = sum(call.fault in LOST for call in double.journal if call.method == "sendMessage")
    assert len(unknown) <= broken + KILLS * MAX_CONCURRENT_CALLS
    assert broken > 0, "the storm was none"
    assert memory[-1] < 1.15 * memory[0], "memory grows"


@pytest.mark.soak
def test_follow_ups_edits_presses_and_inline_queries_amid_kills_are_each_answered_once(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(
        telegram_messages_per_second=0,
        limits_burst=1000,
        limits_questions_per_minute=6000,
        log_level="ERROR",
    )
    people = [double.user() for _ in range(200)]
    asked = {user.id: double.say(user, QUESTIONS[3]) for user in people}
    followed = {user.id: double.say(user, "And who said so?") for user in people}
    for user in people:
        double.edit(user, asked[user.id], QUESTIONS[0])
        double.type_inline(user, QUESTIONS[4])
    for _ in range(KILLS):
        earlier = done(bot)
        double.wait_for(lambda earlier=earlier: done(bot) > earlier + 40, 120, "some updates")  # type: ignore[misc]
        bot.restart()
    settled(double, bot, 3 * len(people))
    unknown = len(bot.inbox().unknown)
    replied = [len(double.replies(message)) for message in (*asked.values(), *followed.values())]
    assert max(replied) <= 2
    # where it is unknown whether an answer arrived, an edited question is answered anew
    assert replied.count(0) + replied.count(2) <= unknown <= KILLS * MAX_CONCURRENT_CALLS
    pressed = 0
    for user in people:
        for answer in double.replies(asked[user.id])[-1:]:
            current = double.state.chats[user.id].messages[answer["message_id"]]
            assert PORT_WORDS in current["text"], "the edit was lost"
            double.tap(user, current, "👍")
            double.tap(user, current, "Context 1")
            pressed += 1
    bot.restart()
    settled(double, bot, 3 * len(people) + 2 * pressed)
    contexts = [
        len(double.replies(answer))
        for message in asked.values()
        for answer in double.replies(message)[-1:]
    ]
    assert max(contexts) <= 1
    assert contexts.count(0) <= len(bot.inbox().unknown)


def ask(double: Double, user: User, turn: int) -> Json:
    return double.say(user, QUESTIONS[(user.id + turn) % len(QUESTIONS)])


def answers(double: Double) -> int:
    return sum(call.accepted for call in double.journal if call.method == "sendMessage")


def settled(double: Double, bot: BotProcess, asked: int) -> list[int]:
    """Wait until every question was dealt with; return the bot's memory before and after, in kB."""
    before = resident(bot)
    double.wait_for(lambda: done(bot) >= asked, 240, "an empty inbox")
    return [before, resident(bot)]


def done(bot: BotProcess) -> int:
    counts = bot.inbox()
    return sum(counts.done.values()) + len(counts.unknown)


def resident(bot: BotProcess) -> int:
    pages = Path(f"/proc/{bot.pid}/statm").read_text("ascii").split()[1]
    return int(pages) * 4
