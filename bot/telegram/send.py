"""Sending: paced, and repeated only where nothing can have been delivered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.screens.screen import Buttons, Screen
from bot.telegram.client import AGAIN, CONNECTIONS, Client, Fate, Trouble, trouble
from bot.telegram.incoming import Place
from bot.telegram.pace import Pace

logger = logging.getLogger(__name__)

_LONGEST_BACKOFF = 8.0
_EDIT_AGAIN_SECONDS = 1.0
_TYPING_SECONDS = 4.5
"""Telegram shows «typing» for five seconds."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Sent(NamedTuple):
    """What became of one attempt; `error` is there where it was not simply sent."""

    fate: Fate
    error: TelegramError | None = None


class Sender:
    """Every message of the bot goes through here."""

    def __init__(self, client: Client, pace: Pace) -> None:
        self._client = client
        self._pace = pace
        self._lines = asyncio.Semaphore(CONNECTIONS)
        self._failures = 0
        self._moved: dict[int, int] = {}
        self._typing: dict[int, float] = {}

    async def turn(self, chat: int) -> None:
        """Wait until a message may be sent to `chat`."""
        while wait := self._pace.wait(chat, monotonic()):  # noqa: ASYNC110 - nobody would tell it
            await asyncio.sleep(wait)

    async def post(self, place: Place, screen: Screen) -> Sent:
        """Try once to send a message. What a NOT_SENT asks to wait for, `turn` waits for."""
        replied = None
        if place.message is not None:
            replied = ReplyParameters(place.message, allow_sending_without_reply=True)

        async def send(chat: int) -> Any:
            return await self._client.send_message(
                chat,
                screen.text.html,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                message_thread_id=place.thread,
                reply_markup=_keyboard(screen.buttons),
                reply_parameters=replied,
            )

        return await self._attempt(place.chat, send)

    async def edit(self, place: Place, screen: Screen) -> Sent:
        """Put `screen` in the place of the bot's message; doing so twice does no harm."""

        async def edit(chat: int) -> Any:
            return await self._client.edit_message_text(
                screen.text.html,
                chat,
                place.message,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(screen.buttons),
            )

        while True:
            sent = await self._attempt(place.chat, edit)
            if isinstance(sent.error, BadRequest) and "not modified" in sent.error.message:
                return Sent(Fate.SENT)
            if sent.fate is Fate.UNKNOWN:
                await asyncio.sleep(_EDIT_AGAIN_SECONDS)
            elif sent.fate is not Fate.NOT_SENT:
                return sent
            await self.turn(place.chat)

    async def typing(self, place: Place) -> None:
        """Show that an answer is on its way; nothing waits for this or follows from it."""
        now = monotonic()
        if now - self._typing.get(place.chat, -_TYPING_SECONDS) < _TYPING_SECONDS:
            return
        if len(self._typing) > 1_000:
            recent = {c: at for c, at in self._typing.items() if now - at < _TYPING_SECONDS}
            self._typing = recent
        self._typing[place.chat] = now
        chat = self._moved.get(place.chat, place.chat)
        await self.lightly(
            self._client.send_chat_action(chat, ChatAction.TYPING, message_thread_id=place.thread)
        )

    async def leave_buttons(self, place: Place, buttons: Buttons) -> None:
        """Leave only `buttons` under the bot's message."""
        await self.lightly(
            self._client.edit_message_reply_markup(
                place.chat, place.message, reply_markup=_keyboard(buttons)
            )
        )

    async def heard(self, query: str) -> None:
        """Tell Telegram that a button's press has arrived."""
        await self.lightly(self._client.answer_callback_query(query))

    async def tell(self, chat: int, words: str) -> None:
        """Send someone a few words, if they can be reached."""
        await self.turn(chat)
        await self.lightly(self._client.send_message(chat, words))

    async def lightly(self, call: Awaitable[Any]) -> None:
        """Make a call that may fail without harm."""
        try:
            async with self._lines:
                await call
        except TelegramError as error:
            logger.debug("A call that may fail did: %s", error)

    async def _attempt(self, chat: int, call: Callable[[int], Awaitable[Any]]) -> Sent:
        try:
            async with self._lines:
                await call(self._moved.get(chat, chat))
        except TelegramError as error:
            met = trouble(error)
            self._mind(chat, met)
            logger.warning("A message was not accepted (%s): %s", met.fate.name, error)
            return Sent(met.fate, error)
        self._failures = 0
        return Sent(Fate.SENT)

    def _mind(self, chat: int, met: Trouble) -> None:
        """Hold back what would meet the same trouble."""
        if met.moved_to is not None:
            self._moved[chat] = met.moved_to
        elif met.wait is not None:
            self._pace.hold(chat, met.wait, monotonic())
        elif met.fate in AGAIN and not self._pace.holds_all(monotonic()):
            self._pace.hold_all(min(_LONGEST_BACKOFF, 0.25 * 2**self._failures), monotonic())
            self._failures = min(self._failures + 1, 10)


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=data) for label, data in row]
            for row in buttons
        ]
    )
