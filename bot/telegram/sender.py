"""Sending: paced, and repeated only where nothing can have been delivered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ChatMemberStatus, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.telegram.api import (
    AGAIN,
    MAX_CONCURRENT_BEST_EFFORT_CALLS,
    MAX_CONCURRENT_CALLS,
    ErrorVerdict,
    SendOutcome,
    TelegramApi,
    classify_error,
)
from bot.telegram.message import Buttons, OutgoingMessage
from bot.telegram.rate_limits import Backoff, SendRateLimiter
from bot.telegram.reply import Attachment
from bot.telegram.updates import ReplyTarget

logger = logging.getLogger(__name__)

_TYPING_SECONDS = 4.5
"""Telegram shows «typing» for five seconds."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


Begin = Callable[[], Awaitable[None]]
"""What is to be done right before a call, such as noting that it is made."""


class SendResult(NamedTuple):
    """What became of one attempt; `error` is there where it was not simply sent."""

    fate: SendOutcome
    error: TelegramError | None = None


class MessageSender:
    """Every message of the bot goes through here."""

    def __init__(
        self,
        client: TelegramApi,
        pace: SendRateLimiter,
        moved: Callable[[int, int], None] | None = None,
    ) -> None:
        """Send over `client`; `moved` is told of a chat that has become another."""
        self._client = client
        self._pace = pace
        self._tell_moved = moved
        self._unasked = asyncio.Lock()
        self._lines = asyncio.Semaphore(MAX_CONCURRENT_CALLS)
        self._light_lines = asyncio.Semaphore(MAX_CONCURRENT_BEST_EFFORT_CALLS)
        self._backoff = Backoff(first=0.25)
        self._moved: dict[int, int] = {}
        self._typing: dict[int, float] = {}

    async def wait_for_slot(self, chat: int) -> None:
        """Wait until a message may be sent to `chat`."""
        while wait := self._pace.wait(chat, monotonic()):  # noqa: ASYNC110 - nobody would tell it
            await asyncio.sleep(wait)

    async def wait_for_broadcast_slot(self, chat: int) -> None:
        """Wait until a message that nobody waits for may be sent to `chat`.

        Those to other chats wait one behind another, so that a chat that is held back holds back
        none of them.
        """
        while True:
            now = monotonic()
            wait = self._pace.held(chat, now) or self._pace.just_sent(chat, now)
            if not wait:
                async with self._unasked:
                    while wait := self._pace.wait_unasked(chat, monotonic()):
                        if self._pace.held(chat, monotonic()):
                            break
                        await asyncio.sleep(wait)
                    else:
                        return
            await asyncio.sleep(wait)

    def current_chat_id(self, chat: int) -> int:
        """Return the id that a chat has now."""
        return self._moved.get(chat, chat)

    async def post(
        self,
        place: ReplyTarget,
        screen: OutgoingMessage,
        begin: Begin | None = None,
        document: Attachment | None = None,
    ) -> SendResult:
        """Try once to send a message. What a NOT_SENT asks to wait for, `wait_for_slot` waits for.

        `begin` is called when nothing stands before the call any more. A document has the message's
        words, of which it bears 1,024 UTF-16 units, below it.
        """
        replied = None
        if place.message is not None:
            replied = ReplyParameters(place.message, allow_sending_without_reply=True)

        async def send(chat: int) -> Any:
            about: dict[str, Any] = {
                "chat_id": chat,
                "parse_mode": ParseMode.HTML,
                "message_thread_id": place.thread,
                "reply_markup": _keyboard(screen.buttons),
                "reply_parameters": replied,
            }
            if document:
                post = self._client.post_photo if document.picture else self._client.post_document
                await post(document.name, document.content, caption=screen.text.html, **about)
            else:
                await self._client.post_message(
                    text=screen.text.html, link_preview_options=_NO_PREVIEW, **about
                )

        return await self._attempt(place.chat, send, begin)

    async def deliver(self, chat: int, screen: OutgoingMessage) -> SendResult:
        """Send a message that answers nothing, trying until it may have arrived."""
        while True:
            await self.wait_for_slot(chat)
            sent = await self.post(ReplyTarget(chat), screen)
            if sent.fate not in AGAIN:
                return sent

    async def edit(self, place: ReplyTarget, screen: OutgoingMessage) -> SendResult:
        """Try once to put `screen` in the place of the bot's message; twice does no harm."""

        async def edit(chat: int) -> Any:
            return await self._client.edit_message_text(
                screen.text.html,
                chat,
                place.message,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(screen.buttons),
            )

        sent = await self._attempt(place.chat, edit)
        if isinstance(sent.error, BadRequest) and "not modified" in sent.error.message:
            return SendResult(SendOutcome.SENT)
        return sent

    async def typing(self, place: ReplyTarget) -> None:
        """Show that an answer is on its way; nothing waits for this or follows from it."""
        now = monotonic()
        if now - self._typing.get(place.chat, -_TYPING_SECONDS) < _TYPING_SECONDS:
            return
        if len(self._typing) > 1_000:
            recent = {c: at for c, at in self._typing.items() if now - at < _TYPING_SECONDS}
            self._typing = recent
        self._typing[place.chat] = now
        chat = self.current_chat_id(place.chat)
        await self.best_effort(
            lambda: self._client.send_chat_action(
                chat, ChatAction.TYPING, message_thread_id=place.thread
            )
        )

    async def leave_buttons(self, place: ReplyTarget, buttons: Buttons) -> None:
        """Leave only `buttons` under the bot's message."""
        await self.best_effort(
            lambda: self._client.edit_message_reply_markup(
                self.current_chat_id(place.chat), place.message, reply_markup=_keyboard(buttons)
            )
        )

    async def answer_callback_query(self, query: str) -> None:
        """Tell Telegram that a button's press has arrived."""
        await self.best_effort(lambda: self._client.answer_callback_query(query))

    async def tell(self, chat: int, words: str) -> None:
        """Send someone a few words, if they can be reached."""
        await self.wait_for_slot(chat)
        await self.best_effort(lambda: self._client.send_message(chat, words))

    async def is_admin(self, chat: int, user: int) -> bool | None:
        """Say whether a user is an admin of a chat; None where Telegram does not say."""
        try:
            async with self._light_lines:
                member = await self._client.get_chat_member(self.current_chat_id(chat), user)
        except TelegramError as error:
            logger.debug("Whether somebody is an admin was not told: %s", error)
            return None
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    async def best_effort(self, call: Callable[[], Awaitable[Any]]) -> bool:
        """Make a call that may fail without harm; say whether it did not."""
        try:
            async with self._light_lines:
                await call()
        except TelegramError as error:
            logger.debug("A call that may fail did: %s", error)
            return False
        return True

    async def _attempt(
        self, chat: int, call: Callable[[int], Awaitable[Any]], begin: Begin | None = None
    ) -> SendResult:
        async with self._lines:
            if begin:
                await begin()
            try:
                await call(self.current_chat_id(chat))
            except TelegramError as error:
                met = classify_error(error)
                self._mind(chat, met)
                logger.warning("A message was not accepted (%s): %s", met.fate.name, error)
                return SendResult(met.fate, error)
        self._backoff.reset()
        return SendResult(SendOutcome.SENT)

    def _mind(self, chat: int, met: ErrorVerdict) -> None:
        """Hold back what would meet the same trouble."""
        if met.moved_to is not None:
            self._moved[chat] = met.moved_to
            if self._tell_moved:
                self._tell_moved(chat, met.moved_to)
        elif met.wait is not None:
            self._pace.hold(chat, met.wait, monotonic())
        elif met.fate in AGAIN and not self._pace.holds_all(monotonic()):
            self._pace.hold_all(self._backoff.next(), monotonic())


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [InlineKeyboardButton(label, callback_data=data) for label, data in row]
            for row in buttons
        ]
    )
