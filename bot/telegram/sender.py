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
    MAX_CONCURRENT_BEST_EFFORT_CALLS,
    MAX_CONCURRENT_CALLS,
    RETRYABLE,
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


BeforeCall = Callable[[], Awaitable[None]]
"""What is to be done right before a call, such as noting that it is made."""


class SendResult(NamedTuple):
    """What became of one attempt; `error` is there where it was not simply sent."""

    outcome: SendOutcome
    error: TelegramError | None = None


class MessageSender:
    """Every message of the bot goes through here."""

    def __init__(self, client: TelegramApi, rate_limiter: SendRateLimiter) -> None:
        self._client = client
        self._rate_limiter = rate_limiter
        self._on_chat_migrated: Callable[[int, int], None] | None = None
        self._broadcast_lock = asyncio.Lock()
        self._call_slots = asyncio.Semaphore(MAX_CONCURRENT_CALLS)
        self._best_effort_slots = asyncio.Semaphore(MAX_CONCURRENT_BEST_EFFORT_CALLS)
        self._backoff = Backoff(initial=0.25)
        self._new_chat_ids: dict[int, int] = {}
        self._typing_sent_at: dict[int, float] = {}

    def listen_for_migration(self, on_chat_migrated: Callable[[int, int], None]) -> None:
        """Call `on_chat_migrated` with the old and the new id of each chat that migrates."""
        self._on_chat_migrated = on_chat_migrated

    async def wait_for_slot(self, chat_id: int) -> None:
        """Wait until a message may be sent to `chat_id`."""
        while wait := self._rate_limiter.acquire(chat_id, monotonic()):  # noqa: ASYNC110 - nobody would tell it
            await asyncio.sleep(wait)

    async def wait_for_broadcast_slot(self, chat_id: int) -> None:
        """Wait until a message that nobody waits for may be sent to `chat_id`.

        Those to other chats wait one behind another, so that a chat that is held back holds back
        none of them.
        """
        while True:
            now = monotonic()
            wait = self._rate_limiter.remaining_hold(
                chat_id, now
            ) or self._rate_limiter.remaining_spacing(chat_id, now)
            if not wait:
                async with self._broadcast_lock:
                    while wait := self._rate_limiter.acquire_for_broadcast(chat_id, monotonic()):
                        if self._rate_limiter.remaining_hold(chat_id, monotonic()):
                            break
                        await asyncio.sleep(wait)
                    else:
                        return
            await asyncio.sleep(wait)

    def current_chat_id(self, chat_id: int) -> int:
        """Return the id that a chat has now."""
        return self._new_chat_ids.get(chat_id, chat_id)

    async def post(
        self,
        target: ReplyTarget,
        message: OutgoingMessage,
        before_call: BeforeCall | None = None,
        attachment: Attachment | None = None,
    ) -> SendResult:
        """Try once to send a message. What a NOT_SENT asks to wait for, `wait_for_slot` waits for.

        `before_call` is called when nothing stands before the call any more. A document has the
        message's words, of which it bears 1,024 UTF-16 units, below it.
        """
        reply_parameters = None
        if target.message_id is not None:
            reply_parameters = ReplyParameters(target.message_id, allow_sending_without_reply=True)

        async def send(chat_id: int) -> Any:
            common_fields: dict[str, Any] = {
                "chat_id": chat_id,
                "parse_mode": ParseMode.HTML,
                "message_thread_id": target.thread_id,
                "reply_markup": _keyboard(message.buttons),
                "reply_parameters": reply_parameters,
            }
            if attachment:
                upload = (
                    self._client.post_photo if attachment.is_photo else self._client.post_document
                )
                await upload(
                    attachment.name, attachment.content, caption=message.text.html, **common_fields
                )
            else:
                await self._client.post_message(
                    text=message.text.html, link_preview_options=_NO_PREVIEW, **common_fields
                )

        return await self._attempt(target.chat_id, send, before_call)

    async def deliver(self, chat_id: int, message: OutgoingMessage) -> SendResult:
        """Send a message that answers nothing, trying until it may have arrived."""
        while True:
            await self.wait_for_slot(chat_id)
            result = await self.post(ReplyTarget(chat_id), message)
            if result.outcome not in RETRYABLE:
                return result

    async def edit(self, target: ReplyTarget, message: OutgoingMessage) -> SendResult:
        """Try once to put `message` in the place of the bot's message; twice does no harm."""

        async def edit_message(chat_id: int) -> Any:
            return await self._client.edit_message_text(
                message.text.html,
                chat_id,
                target.message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(message.buttons),
            )

        result = await self._attempt(target.chat_id, edit_message)
        if isinstance(result.error, BadRequest) and "not modified" in result.error.message:
            return SendResult(SendOutcome.SENT)
        return result

    async def show_typing(self, target: ReplyTarget) -> None:
        """Show that an answer is on its way; nothing waits for this or follows from it."""
        now = monotonic()
        if now - self._typing_sent_at.get(target.chat_id, -_TYPING_SECONDS) < _TYPING_SECONDS:
            return
        if len(self._typing_sent_at) > 1_000:
            recently_sent = {
                other_chat_id: sent_at
                for other_chat_id, sent_at in self._typing_sent_at.items()
                if now - sent_at < _TYPING_SECONDS
            }
            self._typing_sent_at = recently_sent
        self._typing_sent_at[target.chat_id] = now
        chat_id = self.current_chat_id(target.chat_id)
        await self.best_effort(
            lambda: self._client.send_chat_action(
                chat_id, ChatAction.TYPING, message_thread_id=target.thread_id
            )
        )

    async def set_buttons(self, target: ReplyTarget, buttons: Buttons) -> None:
        """Leave only `buttons` under the bot's message."""
        await self.best_effort(
            lambda: self._client.edit_message_reply_markup(
                self.current_chat_id(target.chat_id),
                target.message_id,
                reply_markup=_keyboard(buttons),
            )
        )

    async def answer_callback_query(self, callback_query_id: str) -> None:
        """Tell Telegram that a button's press has arrived."""
        await self.best_effort(lambda: self._client.answer_callback_query(callback_query_id))

    async def send_text(self, chat_id: int, text: str) -> None:
        """Send someone a few words, if they can be reached."""
        await self.wait_for_slot(chat_id)
        await self.best_effort(lambda: self._client.send_message(chat_id, text))

    async def is_admin(self, chat_id: int, user_id: int) -> bool | None:
        """Say whether a user is an admin of a chat; None where Telegram does not say."""
        try:
            async with self._best_effort_slots:
                member = await self._client.get_chat_member(self.current_chat_id(chat_id), user_id)
        except TelegramError as error:
            logger.debug("Whether somebody is an admin was not told: %s", error)
            return None
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    async def best_effort(self, call: Callable[[], Awaitable[Any]]) -> bool:
        """Make a call that may fail without harm; say whether it did not."""
        try:
            async with self._best_effort_slots:
                await call()
        except TelegramError as error:
            logger.debug("A call that may fail did: %s", error)
            return False
        return True

    async def _attempt(
        self,
        chat_id: int,
        call: Callable[[int], Awaitable[Any]],
        before_call: BeforeCall | None = None,
    ) -> SendResult:
        async with self._call_slots:
            if before_call:
                await before_call()
            try:
                await call(self.current_chat_id(chat_id))
            except TelegramError as error:
                verdict = classify_error(error)
                self._apply_verdict(chat_id, verdict)
                logger.warning("A message was not accepted (%s): %s", verdict.outcome.name, error)
                return SendResult(verdict.outcome, error)
        self._backoff.reset()
        return SendResult(SendOutcome.SENT)

    def _apply_verdict(self, chat_id: int, verdict: ErrorVerdict) -> None:
        """Hold back what would meet the same trouble."""
        if verdict.new_chat_id is not None:
            self._new_chat_ids[chat_id] = verdict.new_chat_id
            if self._on_chat_migrated:
                self._on_chat_migrated(chat_id, verdict.new_chat_id)
        elif verdict.retry_after is not None:
            self._rate_limiter.hold(chat_id, verdict.retry_after, monotonic())
        elif verdict.outcome in RETRYABLE and not self._rate_limiter.is_holding_all(monotonic()):
            self._rate_limiter.hold_all(self._backoff.next_delay(), monotonic())


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(label, callback_data=callback_data)
                for label, callback_data in row
            ]
            for row in buttons
        ]
    )
