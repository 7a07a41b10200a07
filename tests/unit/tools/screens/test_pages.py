"""A conversation drawn as a page and written as Markdown, from messages as the Bot API gives them."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.telegram.message import blockquote, bold, join_html, link, plain_text
from tests.fakes.telegram.entities import parse_html
from tests.fakes.telegram.state import Json
from tools.screens.conversation import ChatMessage, Conversation, Exchange
from tools.screens.dialogues import Dialogue, Participant, Turn
from tools.screens.messages import Message
from tools.screens.phone_page import render_page
from tools.screens.transcript import write_transcript

READER, BOT = 7, 8
NOON = datetime(2026, 2, 5, 10, 0, tzinfo=UTC)
QUOTE = "وصل الوفد 😀 إلى نوران."
ANSWER = join_html(
    [
        bold(plain_text("From the archive: <1>")),
        blockquote(join_html([plain_text(QUOTE[:10]), bold(plain_text(QUOTE[10:]))])),
        join_html([plain_text("1. Noran · "), link("link", "https://noran.example/?a=1&b=2")]),
        blockquote(plain_text("ثم غادر. " * 60)),
        plain_text("/help"),
    ],
    "\n",
)
KEYBOARD = [
    [{"text": "Around 1", "callback_data": "a"}, {"text": "Around 2", "callback_data": "b"}],
    [
        {"text": "Open", "url": "https://noran.example/"},
        {"text": "Copy", "copy_text": {"text": "x"}},
    ],
]


def message(number: int, sender: int, **fields: object) -> Message:
    name = "Layla" if sender == READER else "Libya Briefing"
    about: Json = {"id": sender, "first_name": name, "is_bot": sender == BOT}
    return Message.model_validate({"message_id": number, "from": about, **fields})


def conversation(turn: Turn, group: str | None = None) -> Conversation:
    parsed = parse_html(ANSWER.html)
    asked = message(1, READER, text="Who *arrived*?")
    answer = message(
        2,
        BOT,
        text=parsed.text,
        entities=parsed.entities,
        reply_markup={"inline_keyboard": KEYBOARD},
        reply_to_message={"from": asked.sender.model_dump(), "text": asked.text},
    )
    exchange = Exchange(NOON, turn, "Layla", received=(answer,))
    exchange = exchange._replace(sent=asked) if turn.say else exchange
    people = (Participant(name="Layla", language="ar"),)
    dialogue = Dialogue(name="x", title="A reader", people=people, group=group, turns=(turn,))
    messages = (ChatMessage(asked, NOON), ChatMessage(answer, NOON, b"picture"))
    return Conversation(dialogue, (exchange,), messages, READER)


def test_a_page_honours_every_format_of_a_message() -> None:
    page = render_page(conversation(Turn(say="x")), "dark")
    assert 'data-theme="dark"' in page
    assert "<b>From the archive: &lt;1&gt;</b>" in page
    assert (
        f'<div class="quote" dir="auto"><div class="line">{QUOTE[:10]}<b>{QUOTE[10:]}</b>' in page
    )
    assert page.count('class="quote folded"') == page.count('class="arrow"') == 1
    assert '<a href="https://noran.example/?a=1&amp;b=2">link</a>' in page
    assert "<a>/help</a>" in page
    assert '<div class="line"></div>' not in page
    assert "data:image/png;base64,cGljdHVyZQ==" in page


def test_a_page_shows_rows_of_buttons_and_marks_those_that_open_or_copy() -> None:
    page = render_page(conversation(Turn(say="x")), "light")
    assert (
        '<div class="keys"><div class="key">Around 1</div><div class="key">Around 2</div>' in page
    )
    assert '<div class="key">Open<svg' in page
    assert '<div class="key">Copy<svg' in page


def test_a_page_has_the_readers_messages_on_the_other_side_and_names_others_in_a_group() -> None:
    private = render_page(conversation(Turn(say="x")), "light")
    group = render_page(conversation(Turn(say="x"), group="Noran Square"), "light")
    assert private.count('class="message own"') == group.count('class="message own"') == 1
    assert '<div class="author">' not in private
    assert group.count('<div class="author">Libya Briefing</div>') == 1
    assert '<div class="time">12:00</div>' in private


def test_a_transcript_is_plain_text_with_quotes_and_buttons() -> None:
    written = write_transcript(conversation(Turn(say="x")))
    assert written.startswith("# A reader\n\nOn 5 February 2026")
    assert "**Layla:**\n\nWho \\*arrived\\*?\n\n**Bot:**" in written
    assert f"From the archive: \\<1>\n\n> {QUOTE}\n\n1. Noran · link\n\n> ثم غادر." in written
    assert "`[Around 1]` `[Around 2]`\n\n`[Open]` `[Copy]`\n" in written


def test_a_transcript_says_which_button_was_pressed_and_which_is_not_there() -> None:
    pressed = conversation(Turn(press="Around"))
    (exchange,) = pressed.exchanges
    there = pressed._replace(exchanges=(exchange._replace(label="Around 1"),))
    assert "**Layla** presses `[Around 1]`\n" in write_transcript(there)
    silent = pressed._replace(exchanges=(exchange._replace(received=()),))
    assert "presses `[Around]`, which is not there\n\n*The bot says nothing.*" in write_transcript(
        silent
    )


def test_a_transcript_does_not_repeat_a_message_whose_buttons_alone_changed() -> None:
    pressed = conversation(Turn(press="Around"))
    (exchange,) = pressed.exchanges
    (answer,) = exchange.received
    left = message(2, BOT, text=answer.text)
    shorter = exchange._replace(label="Around 1", received=(), new_buttons=(left,))
    written = write_transcript(pressed._replace(exchanges=(shorter,)))
    assert written.endswith("presses `[Around 1]`\n\n*Its earlier message now has no buttons.*\n")
