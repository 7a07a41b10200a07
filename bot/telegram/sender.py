"""Send, edit and decorate messages, and report what became of each attempt."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any, NamedTuple

from telegram import (
    CopyTextButton,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQueryResultArticle,
    InlineQueryResultsButton,
    InputTextMessageContent,
    LinkPreviewOptions,
    ReplyParameters,
)
from telegram.constants import ChatAction, ChatMemberStatus, ParseMode
from telegram.error import BadRequest, TelegramError

from bot.i18n.phrases import strip_controls
from bot.telegram.api import RETRYABLE, SendOutcome, TelegramApi, classify_error
from bot.telegram.call_limiter import BeforeCall, CallOptions, Priority
from bot.telegram.inline import InlineAnswer, InlineResult
from bot.telegram.message import Button, Buttons, OutgoingMessage
from bot.telegram.reply import Attachment
from bot.telegram.updates import ReplyTarget

logger = logging.getLogger(__name__)

_TYPING_SECONDS = 4.5
"""Telegram shows the action for five seconds."""
_INLINE_CACHE_SECONDS = 300
"""How long Telegram gives the results of an inline query again without asking for them."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class SendResult(NamedTuple):
    """The outcome of one attempt; `error` is Telegram's error unless it was sent."""

    outcome: SendOutcome
    error: TelegramError | None = None
    message_id: int | None = None
    """The message that was sent, if Telegram named it."""


class MessageSender:
    """Sends every message of the bot."""

    def __init__(self, client: TelegramApi) -> None:
        self._client = client
        self._on_chat_migrated: Callable[[int, int], None] | None = None
        self._new_chat_ids: dict[int, int] = {}
        self._typing_sent_at: dict[int, float] = {}

    def listen_for_migration(self, on_chat_migrated: Callable[[int, int], None]) -> None:
        """Call `on_chat_migrated` with the old and the new id of each chat that migrates."""
        self._on_chat_migrated = on_chat_migrated

    def current_chat_id(self, chat_id: int) -> int:
        """Return a chat's id, which is another one after a group has become a supergroup."""
        return self._new_chat_ids.get(chat_id, chat_id)

    async def post(
        self,
        target: ReplyTarget,
        message: OutgoingMessage,
        before_call: BeforeCall | None = None,
        attachment: Attachment | None = None,
        *,
        priority: Priority = Priority.REPLY,
    ) -> SendResult:
        """Send a message in one attempt, as soon as the limits of `priority` allow it.

        `before_call` runs after all waiting, right before the call leaves; what it raises prevents
        the call and is raised here. An attachment's caption is the message's text, of which
        Telegram accepts 1,024 UTF-16 units there. After NOT_SENT the next attempt waits as long as
        Telegram, or the backoff, asks for.
        """
        options = CallOptions(priority, before_call)
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
                return await upload(
                    attachment.name,
                    attachment.content,
                    options,
                    caption=message.text.html,
                    **common_fields,
                )
            return await self._client.post_message(
                options,
                text=message.text.html,
                link_preview_options=_NO_PREVIEW,
                **common_fields,
            )

        return await self._attempt(target.chat_id, send)

    async def deliver(self, chat_id: int, message: OutgoingMessage) -> SendResult:
        """Send a message that replies to nothing; repeat it while it cannot have arrived."""
        while True:
            result = await self.post(ReplyTarget(chat_id), message)
            if result.outcome not in RETRYABLE:
                return result

    async def edit(
        self,
        target: ReplyTarget,
        message: OutgoingMessage,
        before_call: BeforeCall | None = None,
    ) -> SendResult:
        """Replace the bot's message `target.message_id` in one attempt; repeating it is harmless.

        `before_call` is as for `post`.
        """

        async def edit_message(chat_id: int) -> Any:
            return await self._client.edit_message_text(
                message.text.html,
                chat_id,
                target.message_id,
                parse_mode=ParseMode.HTML,
                link_preview_options=_NO_PREVIEW,
                reply_markup=_keyboard(message.buttons),
                rate_limit_args=CallOptions(Priority.REPLY, before_call),
            )

        result = await self._attempt(target.chat_id, edit_message)
        if isinstance(result.error, BadRequest) and "not modified" in result.error.message:
            return SendResult(SendOutcome.SENT)
        return result

    async def show_typing(self, target: ReplyTarget) -> None:
        """Show that an answer is being prepared, unless that shows already or the chat is held."""
        now = monotonic()
        if self._client.is_paused(self.current_chat_id(target.chat_id)):
            return
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
        await self._show_action(target, ChatAction.TYPING)

    async def show_upload(self, target: ReplyTarget) -> None:
        """Show that a picture is being sent, unless the chat is held."""
        if not self._client.is_paused(self.current_chat_id(target.chat_id)):
            await self._show_action(target, ChatAction.UPLOAD_PHOTO)

    async def _show_action(self, target: ReplyTarget, action: ChatAction) -> None:
        chat_id = self.current_chat_id(target.chat_id)
        await self.best_effort(
            lambda: self._client.send_chat_action(
                chat_id, action, message_thread_id=target.thread_id
            )
        )

    async def set_buttons(self, target: ReplyTarget, buttons: Buttons) -> None:
        """Replace the buttons below the bot's message `target.message_id`; a failure is ignored."""
        await self.best_effort(
            lambda: self._client.edit_message_reply_markup(
                self.current_chat_id(target.chat_id),
                target.message_id,
                reply_markup=_keyboard(buttons),
            )
        )

    async def answer_callback_query(self, callback_query_id: str, text: str | None = None) -> None:
        """Acknowledge the press of a button, and show `text` for a moment; a failure is ignored."""
        await self.best_effort(lambda: self._client.answer_callback_query(callback_query_id, text))

    async def answer_inline_query(self, inline_query_id: str, answer: InlineAnswer) -> None:
        """Show the results of an inline query; a failure is ignored, such as of an old query."""
        button = answer.button and InlineQueryResultsButton(
            answer.button.label, start_parameter=answer.button.payload
        )
        await self.best_effort(
            lambda: self._client.answer_inline_query(
                inline_query_id,
                [_inline_article(result) for result in answer.results],
                cache_time=_INLINE_CACHE_SECONDS,
                is_personal=answer.is_personal,
                button=button,
            )
        )

    async def send_text(self, chat_id: int, text: str) -> None:
        """Send a plain text in one attempt; a failure is ignored."""
        await self.best_effort(
            lambda: self._client.post_message(
                CallOptions(Priority.REPLY), chat_id=chat_id, text=text
            )
        )

    async def is_admin(self, chat_id: int, user_id: int) -> bool | None:
        """Return whether a user is an admin of a chat; None if Telegram does not answer."""
        try:
            member = await self._client.get_chat_member(self.current_chat_id(chat_id), user_id)
        except TelegramError as error:
            logger.debug("Telegram did not say whether a user is an admin: %s", error)
            return None
        return member.status in (ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR)

    def forget(self, chat_id: int) -> None:
        """Drop what is remembered of a chat."""
        self._typing_sent_at.pop(chat_id, None)

    async def best_effort(self, call: Callable[[], Awaitable[Any]]) -> bool:
        """Make a call whose failure is harmless; return whether it succeeded."""
        try:
            await call()
        except TelegramError as error:
            logger.debug("A best-effort call failed: %s", error)
            return False
        return True

    async def _attempt(self, chat_id: int, call: Callable[[int], Awaitable[Any]]) -> SendResult:
        try:
            sent = await call(self.current_chat_id(chat_id))
        except TelegramError as error:
            verdict = classify_error(error)
            if verdict.new_chat_id is not None:
                self._new_chat_ids[chat_id] = verdict.new_chat_id
                if self._on_chat_migrated:
                    self._on_chat_migrated(chat_id, verdict.new_chat_id)
            logger.warning("A message was not accepted (%s): %s", verdict.outcome.name, error)
            return SendResult(verdict.outcome, error)
        return SendResult(SendOutcome.SENT, message_id=sent if isinstance(sent, int) else None)


def _inline_article(result: InlineResult) -> InlineQueryResultArticle:
    content = InputTextMessageContent(
        result.content.html, parse_mode=ParseMode.HTML, link_preview_options=_NO_PREVIEW
    )
    return InlineQueryResultArticle(
        result.id, result.title, content, description=result.description
    )


def _keyboard(buttons: Buttons) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup([[_keyboard_button(button) for button in row] for row in buttons])


def _keyboard_button(button: Button) -> InlineKeyboardButton:
    copied = CopyTextButton(button.copied_text) if button.copied_text else None
    label = strip_controls(button.label)  # it may quote a name or a headline of others
    return InlineKeyboardButton(
        label, url=button.url, callback_data=button.callback_data, copy_text=copied
    )
