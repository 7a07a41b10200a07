"""Write a conversation as a page of Markdown: plain text, quotes after ">", buttons in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tools.screens.conversation import Conversation, Exchange
from tools.screens.messages import Block, Line, Message

_SPECIAL = re.compile(r"([\\*`<])|^(#)")


def write_transcript(conversation: Conversation) -> str:
    """Return the Markdown of a conversation."""
    dialogue = conversation.dialogue
    start = conversation.exchanges[0].at
    parts = [
        f"# {dialogue.title}",
        f"On {start.day} {start:%B %Y}, over the articles up to that day.",
    ]
    for number, exchange in enumerate(conversation.exchanges, 1):
        parts += [f"## {number}", *_write_exchange(exchange)]
    return "\n\n".join(parts) + "\n"


def _write_exchange(exchange: Exchange) -> Iterator[str]:
    yield from _write_turn(exchange)
    for message in exchange.received:
        yield "**Bot:**"
        yield from _write_message(message)
    for message in exchange.changed:
        yield "**Bot, in place of its message:**"
        yield from _write_message(message)
    for message in exchange.new_buttons:
        yield f"*Its earlier message now has {'these' if message.buttons else 'no'} buttons.*"
        yield from _write_keyboard(message)
    if not (exchange.received or exchange.changed or exchange.new_buttons):
        yield "*The bot says nothing.*"


def _write_turn(exchange: Exchange) -> Iterator[str]:
    turn = exchange.turn
    if exchange.sent is not None:
        yield f"**{exchange.author}{', in reply to the bot' if turn.reply else ''}:**"
        yield from _write_message(exchange.sent)
    elif turn.press is not None:
        missing = "" if exchange.label else ", which is not there"
        yield f"**{exchange.author}** presses `[{exchange.label or turn.press}]`{missing}"
    elif turn.publish is not None:
        yield f"*An article is published: {exchange.headline or turn.publish}*"
    else:
        assert turn.until is not None
        yield f"*It is {turn.until.day} {turn.until:%B %Y, %H:%M}.*"


def _write_message(message: Message) -> Iterator[str]:
    if message.photo:
        yield "*(a picture)*"
    for block in message.blocks:
        yield from _write_block(block)
    yield from _write_keyboard(message)


def _write_keyboard(message: Message) -> Iterator[str]:
    for row in message.keyboard.rows:
        yield " ".join(f"`[{button.text}]`" for button in row)


def _write_block(block: Block) -> Iterator[str]:
    lines = [_escape(line) for line in block.lines]
    if block.kind == "text":
        yield from (line for line in lines if line)
    else:
        yield "\n>\n".join(f"> {line}" for line in lines if line)


def _escape(line: Line) -> str:
    text = "".join(run.text for run in line).strip()
    return _SPECIAL.sub(lambda match: f"\\{match[0]}", text)
