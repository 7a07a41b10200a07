"""A message is sent once, and again only where nothing can have arrived."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from bot.logging_setup import RedactingFormatter, redact, register_secret
from bot.settings import TelegramSettings
from bot.telegram.api import SendOutcome, build_client, classify_error
from bot.telegram.error_reporter import ErrorReporter
from bot.telegram.message import Button, OutgoingMessage, plain_text
from bot.telegram.sender import MessageSender, SendResult
from bot.telegram.transport import ConnectionFailed, ResponseLost, ServerError
from bot.telegram.updates import ReplyTarget
from tests.fakes.telegram.server import Double
from tests.fakes.telegram.state import Chat
from tests.fixtures.sample_articles import SetClock

Result = TypeVar("Result")
HELLO = OutgoingMessage(plain_text("سلام <b>"), ((Button("more", "more:1"),),))


def through(
    double: Double, work: Callable[[MessageSender], Awaitable[Result]], patience: float = 20
) -> Result:
    """Do something with a sender that speaks to the double."""

    async def run() -> Result:
        settings = TelegramSettings.model_validate(
            {
                "base_url": double.base_url,
                "patience_seconds": patience,
                "messages_per_second": 0,
            }
        )
        telegram = build_client(settings, double.token)
        await telegram.initialize()
        try:
            return await work(MessageSender(telegram))
        finally:
            await telegram.shutdown()

    return asyncio.run(run())


def chat_of(double: Double) -> Chat:
    return double.private(double.user())


def post(chat: Chat) -> Callable[[MessageSender], Awaitable[SendResult]]:
    return lambda sender: sender.post(ReplyTarget(chat.id), HELLO)


@pytest.mark.parametrize(
    ("fault", "outcome", "arrived"),
    [
        ("429", SendOutcome.NOT_SENT, 0),
        ("403", SendOutcome.FORBIDDEN, 0),
        ("500", SendOutcome.NOT_SENT, 0),
        ("502", SendOutcome.UNKNOWN, 0),
        ("cut_before", SendOutcome.UNKNOWN, 0),
        ("cut_after", SendOutcome.UNKNOWN, 1),
    ],
)
def test_what_became_of_a_message_is_told_by_the_answer(
    double: Double, fault: str, outcome: SendOutcome, arrived: int
) -> None:
    chat = chat_of(double)
    double.faults.add(fault, "sendMessage")
    assert through(double, post(chat)).outcome is outcome
    assert len(double.sent(chat)) == arrived


def test_an_answer_that_never_comes_leaves_the_fate_unknown(double: Double) -> None:
    chat = chat_of(double)
    double.faults.add("hang_after", "sendMessage")
    assert through(double, post(chat), patience=3).outcome is SendOutcome.UNKNOWN
    assert len(double.sent(chat)) == 1


def test_a_connection_that_was_never_made_carried_nothing() -> None:
    with Double() as gone:
        pass

    async def run() -> SendResult:
        telegram = build_client(
            TelegramSettings.model_validate({"base_url": gone.base_url}), gone.token
        )
        for wire in telegram._request:
            await wire.initialize()
        try:
            return await MessageSender(telegram).post(ReplyTarget(1), HELLO)
        finally:
            for wire in telegram._request:
                await wire.shutdown()

    assert asyncio.run(run()).outcome is SendOutcome.NOT_SENT


def test_a_message_is_html_without_a_preview_in_its_thread(double: Double) -> None:
    chat = chat_of(double)
    assert through(double, post(chat)).outcome is SendOutcome.SENT
    (sent,) = double.sent(chat)
    assert sent["text"] == "سلام <b>"
    assert sent["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "more:1"
    call = next(call for call in double.journal if call.method == "sendMessage")
    assert call.params["link_preview_options"] == {"is_disabled": True}


def test_a_group_that_became_a_supergroup_is_followed(double: Double) -> None:
    user = double.user()
    group = double.group("نوران", user)
    new = double.migrate(group)

    async def twice(sender: MessageSender) -> list[SendOutcome]:
        return [(await sender.post(ReplyTarget(group.id), HELLO)).outcome for _ in range(3)]

    assert through(double, twice) == [SendOutcome.NOT_SENT, SendOutcome.SENT, SendOutcome.SENT]
    assert len(double.sent(new)) == 2


def test_a_chat_told_to_wait_waits_that_long_and_the_next_attempt_comes_after(
    double: Double,
) -> None:
    chat = chat_of(double)
    double.faults.add("429", "sendMessage", retry_after=1)

    async def work(sender: MessageSender) -> None:
        place = ReplyTarget(chat.id)
        while (await sender.post(place, HELLO)).outcome is not SendOutcome.SENT:
            pass

    through(double, work)
    first, second = (call for call in double.journal if call.method == "sendMessage")
    assert (first.status, second.status) == (429, 200)
    assert second.at - first.at >= 1  # what was asked for, however slow the machine


def test_an_edit_that_changes_nothing_is_done(double: Double) -> None:
    chat = chat_of(double)

    async def work(sender: MessageSender) -> list[SendOutcome]:
        await sender.post(ReplyTarget(chat.id), HELLO)
        place = ReplyTarget(chat.id, message_id=double.sent(chat)[0]["message_id"])
        other = OutgoingMessage(plain_text("مرحبا"))
        return [(await sender.edit(place, other)).outcome for _ in range(2)]

    assert through(double, work) == [SendOutcome.SENT, SendOutcome.SENT]
    assert double.sent(chat)[0]["text"] == "مرحبا"


def test_a_button_has_no_marks_that_turn_the_order_of_its_letters(double: Double) -> None:
    chat = chat_of(double)
    button = Button("Revoke \u202egro.elpmaxe\u2067 live\n\u2069", "more:1")
    message = OutgoingMessage(plain_text("x"), ((button,),))
    through(double, lambda sender: sender.post(ReplyTarget(chat.id), message))
    (row,) = double.sent(chat)[0]["reply_markup"]["inline_keyboard"]
    assert [shown["text"] for shown in row] == ["Revoke gro.elpmaxe live\n"]


def test_a_light_call_may_fail(double: Double) -> None:
    chat = chat_of(double)
    double.faults.add("500", "sendChatAction")

    async def work(sender: MessageSender) -> None:
        await sender.show_typing(ReplyTarget(chat.id))
        await sender.answer_callback_query("no such query")
        await sender.set_buttons(ReplyTarget(chat.id, message_id=5), ())

    through(double, work)
    assert [call.status for call in double.journal[1:]] == [500, 400, 400]


def test_typing_is_shown_once_while_it_shows(double: Double) -> None:
    chat = chat_of(double)

    async def work(sender: MessageSender) -> None:
        await sender.show_typing(ReplyTarget(chat.id))
        await sender.show_typing(ReplyTarget(chat.id))

    through(double, work)
    assert [call.method for call in double.journal] == ["getMe", "sendChatAction"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (RetryAfter(3), SendOutcome.NOT_SENT),
        (ChatMigrated(-100), SendOutcome.NOT_SENT),
        (ConnectionFailed("x"), SendOutcome.NOT_SENT),
        (ServerError(503, from_telegram=True), SendOutcome.NOT_SENT),
        (ServerError(502, from_telegram=False), SendOutcome.UNKNOWN),
        (ResponseLost("x"), SendOutcome.UNKNOWN),
        (TelegramError("Invalid server response"), SendOutcome.UNKNOWN),
        (NetworkError("Unknown error in HTTP implementation: RuntimeError()"), SendOutcome.UNKNOWN),
        (InvalidToken("x"), SendOutcome.REVOKED),
        (Forbidden("bot was blocked by the user"), SendOutcome.FORBIDDEN),
        (BadRequest("Chat not found"), SendOutcome.FORBIDDEN),
        (BadRequest("not enough rights to send text messages to the chat"), SendOutcome.FORBIDDEN),
        (BadRequest("can't parse entities"), SendOutcome.REJECTED),
        (NetworkError("Request Entity Too Large (413)"), SendOutcome.REJECTED),
    ],
)
def test_each_error_means_one_thing(error: TelegramError, outcome: SendOutcome) -> None:
    assert classify_error(error).outcome is outcome


def test_the_token_is_in_no_line_of_the_log_nor_in_a_traceback() -> None:
    token = "98765:ABCdefGHIjklMNOpqrSTUvwxYZ012345678"
    try:
        int(f"http://127.0.0.1/bot{token}/getMe")
    except ValueError as error:
        record = logging.makeLogRecord(
            {"msg": f"calling {token}", "exc_info": (type(error), error, error.__traceback__)}
        )
    written = RedactingFormatter().format(record)
    assert "ValueError" in written
    assert token not in written
    register_secret("98765:short")
    assert redact("98765:short at /bot98765%3Ashort/") == "‹token› at /bot‹token›/"


def test_owners_hear_of_each_kind_of_error_once_an_hour(clock: SetClock) -> None:
    notices: list[tuple[int, str]] = []
    report = ErrorReporter((7, 8), "en", clock)

    async def send_text(owner: int, text: str) -> None:
        notices.append((owner, text))

    def send_notices() -> None:
        asyncio.run(_finish(report.run(send_text)))

    def meet(act: Callable[[str], object]) -> str:
        try:
            act("what somebody wrote")
        except (ValueError, KeyError) as error:
            return report.report(error)
        raise AssertionError("it should have failed")

    nothing: dict[str, object] = {}
    references = [meet(int), meet(int), meet(nothing.__getitem__)]
    send_notices()
    assert len(set(references)) == 3
    assert [owner for owner, _ in notices] == [7, 8, 7, 8]
    assert references[0] in notices[0][1]
    assert "ValueError, test_sender.py" in notices[0][1]
    assert not any("somebody" in words for _, words in notices)
    clock.move(minutes=61)
    meet(int)
    send_notices()
    assert len(notices) == 6


async def _finish(endless: Coroutine[Any, Any, None]) -> None:
    """Run what never ends until it waits for something that does not come."""
    task = asyncio.create_task(endless)
    for _ in range(10):
        await asyncio.sleep(0)
    task.cancel()
