"""Whatever Telegram sends, the bot takes it, stays up, and answers the next question."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat, Json
from tests.fixtures.bot_process import BotProcess, Person, StartBot, quotes
from tests.fixtures.generated_updates import generate, load_schema
from tests.fixtures.sample_articles import SCHOOL
from tests.fixtures.sample_updates import SAMPLES

NO_LIMITS = {
    "limits_questions_per_minute": 6_000,
    "limits_burst": 1_000,
    "telegram_messages_per_second": 0,
    "telegram_poll_seconds": 1,
}


def chats(update: Json) -> Iterable[tuple[int, Json]]:
    """The chats in which an update may be answered, with the message that says so."""
    query = update.get("callback_query")
    pressed = query.get("message") if isinstance(query, dict) else None
    kinds = ("message", "edited_message", "message_reaction")
    for message in (pressed, *(update.get(kind) for kind in kinds)):
        if not isinstance(message, dict):
            continue
        chat = message.get("chat")
        if isinstance(chat, dict):
            try:
                yield int(chat.get("id", "")), message
            except (ValueError, TypeError):
                continue


def push(double: Double, update: Json) -> None:
    """Send the bot an update, from a chat that can be written to."""
    with double.changed:
        for chat_id, message in chats(update):
            chat = double.state.chats.setdefault(
                chat_id, Chat(chat_id, message["chat"].get("type"))
            )
            thread = message.get("message_thread_id")
            if isinstance(thread, int):
                chat.threads.add(thread)
        double.push(update)


def press_and_react(double: Double) -> None:
    """Press a button of each kind that the bot's messages have, and react to every answer."""
    pressed: set[str] = set()
    for message in double.sent():
        if message.get("deleted") or message["chat"]["type"] != "private":
            continue
        user = double.user(id=message["chat"]["id"])
        for row in message.get("reply_markup", {}).get("inline_keyboard", []):
            for data in (button["callback_data"] for button in row if "callback_data" in button):
                kind = data.partition(":")[0]
                if kind == "up":
                    double.react(user, message, "👍")
                if kind not in pressed:
                    pressed.add(kind)
                    double.tap(user, message, data)


def left(archive: Path) -> int:
    """How many updates the bot has recorded and not done with."""
    with closing(sqlite3.connect(archive / "archive.sqlite3")) as database:
        asked = "SELECT count(*) FROM updates WHERE state != 'done'"
        return int(database.execute(asked).fetchone()[0])


def wait_until_done(double: Double, bot: BotProcess) -> None:
    """Wait until the bot has fetched every update and is done with it."""
    waiting = double.state.updates.waiting
    double.wait_for(lambda: not double.state.updates.waiting, 240, f"{len(waiting)} updates' end")
    double.wait_for(lambda: not left(bot.archive), 120, "the end of every update")


def takes(updates: Iterable[Json], double: Double, start_bot: StartBot) -> None:
    """Send a running bot updates and then a question; see that all is well with both."""
    bot = start_bot(**NO_LIMITS)
    for update in updates:
        push(double, update)
    wait_until_done(double, bot)
    press_and_react(double)
    answer = Person(double, "en").say("How many pupils enrolled in the new school of Noran?")
    assert quotes(answer)[0] == SCHOOL
    wait_until_done(double, bot)
    assert bot.running
    assert "Traceback" not in bot.log
    assert "Reference " not in bot.log
    assert bot.terminate() == 0


@pytest.mark.parametrize("count", [2_000, pytest.param(10_000, marks=pytest.mark.soak)])
def test_thousands_of_updates_of_every_kind_do_it_no_harm(
    evaluation_sets: Path, double: Double, start_bot: StartBot, count: int
) -> None:
    schema = load_schema()
    if schema is None:
        pytest.skip("Telegram's schema does not lie beside the evaluation sets")
    takes(generate(schema, count, seed=5), double, start_bot)


def test_an_update_of_each_kind_that_matters_does_it_no_harm(
    double: Double, start_bot: StartBot
) -> None:
    takes(SAMPLES, double, start_bot)


def test_a_button_under_a_message_that_has_just_been_deleted_does_what_it_says(
    double: Double, start_bot: StartBot
) -> None:
    bot = start_bot(**NO_LIMITS)
    person = Person(double, "en")
    asked = person.say("/language")
    with double.changed:
        double.tap(person.user, asked, "Français")
        double.delete(asked)
    double.wait_for(lambda: not double.state.updates.waiting, what="the tap's end")
    double.wait_for(lambda: not left(bot.archive), what="the tap's end")
    assert "Bienvenue" in person.say("/start")["text"]
    assert not [one["text"] for one in double.sent(person.chat) if "Référence" in one["text"]]
    assert "Reference " not in bot.log
