"""Call Telegram's Bot API through python-telegram-bot, and classify the errors of a call.

The library raises a `NetworkError` both for a bad request and for a broken connection. Whether a
call may be repeated is therefore decided here, in `classify_error`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import re
from enum import Enum, auto
from typing import Any, NamedTuple

from telegram import InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)
from telegram.ext import ExtBot

from bot.settings import PREFIX, TelegramSettings
from bot.telegram.call_limiter import (
    MAX_CONCURRENT_BEST_EFFORT_CALLS,
    MAX_CONCURRENT_CALLS,
    CallLimiter,
    CallOptions,
)
from bot.telegram.rate_limits import Backoff, SendRateLimiter, retry_after_seconds
from bot.telegram.transport import AiohttpRequest, ConnectionFailed, ResponseLost, ServerError
from index.errors import SettingsError

ALLOWED_UPDATES = (
    "message",
    "edited_message",
    "channel_post",
    "callback_query",
    "message_reaction",
    "my_chat_member",
    "inline_query",
)
"""Kinds of updates that the bot asks Telegram for."""
_TOO_LARGE = "(413)"
_MAX_ATTEMPTS = 3

DownloadFailed = TelegramError
"""The error of a download, for callers outside the transport."""


class SendOutcome(Enum):
    """The outcome of a call."""

    SENT = auto()
    NOT_SENT = auto()
    """The call cannot have had an effect; it may be repeated."""
    UNKNOWN = auto()
    """It is unknown whether the call had its effect."""
    FORBIDDEN = auto()
    """The bot may not write to the chat: it was blocked, removed or muted."""
    GONE = auto()
    """The message to edit does not exist any more, or cannot be edited."""
    REJECTED = auto()
    """Telegram rejects the call, and would do so again."""
    REVOKED = auto()
    """The token is not valid (any more); the call had no effect."""


_REJECTION_PATTERNS = (
    (
        re.compile(
            r"chat not found|not enough rights|need administrator|have no rights"
            r"|chat_write_forbidden|chat_restricted|peer_id_invalid|deactivated|topic_closed"
            r"|thread not found",
            re.IGNORECASE,
        ),
        SendOutcome.FORBIDDEN,
    ),
    (
        re.compile(
            r"message to edit not found|message can't be edited|no text in the message to edit",
            re.IGNORECASE,
        ),
        SendOutcome.GONE,
    ),
)
"""Telegram's descriptions of errors where the bot may not write, or has nothing to edit."""
_TOPIC_ERROR = re.compile("thread not found|topic_closed|topic_deleted", re.IGNORECASE)
_LENGTH_ERROR = re.compile(r"too[ _]long|\(413\)", re.IGNORECASE)
_MUTED_ERROR = re.compile(
    "not enough rights|have no rights|restricted|write_forbidden", re.IGNORECASE
)


RETRYABLE = frozenset((SendOutcome.NOT_SENT, SendOutcome.REVOKED))
"""Outcomes after which the call is to be repeated: it had no effect."""


class ErrorVerdict(NamedTuple):
    """What an error means for the call that raised it."""

    outcome: SendOutcome
    retry_after: float | None = None
    """Seconds to wait that Telegram named."""
    new_chat_id: int | None = None
    """The new id of a group that has become a supergroup."""


class TelegramApi(ExtBot[CallOptions]):
    """Telegram's Bot API. Every call except getUpdates is paced by `limiter`."""

    def __init__(
        self,
        token: str,
        transport: AiohttpRequest,
        polling_transport: AiohttpRequest,
        limiter: CallLimiter,
        **urls: Any,
    ) -> None:
        """Make calls over `transport`, and wait for updates over `polling_transport`."""
        super().__init__(
            token,
            request=transport,
            get_updates_request=polling_transport,
            rate_limiter=limiter,
            **urls,
        )
        self._transport = transport
        self._limiter = limiter

    def is_paused(self, chat_id: int) -> bool:
        """Return whether Telegram, or an outage, keeps the bot from calling for a chat now."""
        return self._limiter.is_paused(chat_id)

    async def fetch_raw_updates(self, offset: int | None, timeout: int) -> Any:
        """Wait at most `timeout` seconds for updates from `offset` on; return the decoded JSON.

        Not `get_updates`: it builds the library's objects from all updates at once, so that one
        that it cannot read would be fetched again for ever and would block all others.
        Raises `TelegramError`.
        """
        read_timeout = (self._request[0].read_timeout or 0) + timeout
        parameters = {"timeout": timeout, "offset": offset, "allowed_updates": ALLOWED_UPDATES}
        return await self._post("getUpdates", parameters, read_timeout=read_timeout)

    async def post_message(self, options: CallOptions | None = None, **fields: Any) -> int | None:
        """Send a message without building the library's object from the response; return its id.

        Building it takes a third of the processor time of the call. Raises `TelegramError`.
        """
        return await self._post_raw("sendMessage", fields, options)

    async def post_document(
        self, name: str, content: bytes, options: CallOptions | None = None, **fields: Any
    ) -> int | None:
        """Send a file; return the message's id. Raises `TelegramError`."""
        fields["document"] = InputFile(content, name)
        return await self._post_raw("sendDocument", fields, options)

    async def post_photo(
        self, name: str, content: bytes, options: CallOptions | None = None, **fields: Any
    ) -> int | None:
        """Send a picture; return the message's id. Raises `TelegramError`."""
        fields["photo"] = InputFile(content, name)
        return await self._post_raw("sendPhoto", fields, options)

    async def _post_raw(
        self, endpoint: str, fields: dict[str, Any], options: CallOptions | None
    ) -> int | None:
        """Send a message; return its id, or None if Telegram's response has none."""
        sent: Any = await self._post(
            endpoint, fields, api_kwargs=self._merge_api_rl_kwargs(None, options)
        )
        message_id = sent.get("message_id") if isinstance(sent, dict) else None
        return message_id if type(message_id) is int else None

    async def download(self, file_id: str) -> bytes:
        """Return the bytes of a document in a message, in at most three attempts.

        Raises `TelegramError`.
        """
        backoff = Backoff()
        for _ in range(_MAX_ATTEMPTS - 1):
            try:
                return await self._download_once(file_id)
            except (ConnectionFailed, ResponseLost, ServerError, RetryAfter) as error:
                await asyncio.sleep(retry_delay(error, backoff))
        return await self._download_once(file_id)

    async def _download_once(self, file_id: str) -> bytes:
        file = await self.get_file(file_id)
        assert file.file_path is not None, "getFile returns the path of the file"
        return await self._transport.download(file.file_path)


def build_client(settings: TelegramSettings, token: str) -> TelegramApi:
    """Return a client for `token`; this sends nothing."""
    configured_urls = {"base_url": settings.base_url, "base_file_url": settings.base_file_url}
    urls: dict[str, Any] = {name: str(url) for name, url in configured_urls.items() if url}
    return TelegramApi(
        token,
        AiohttpRequest(
            MAX_CONCURRENT_CALLS + MAX_CONCURRENT_BEST_EFFORT_CALLS, settings.patience_seconds
        ),
        AiohttpRequest(1, settings.patience_seconds),
        CallLimiter(SendRateLimiter(settings.messages_per_second)),
        **urls,
    )


def rejected_token_error() -> SettingsError:
    """Return the error for a token that Telegram rejects; it does not contain the token."""
    return SettingsError(
        "Telegram does not know this token, or no longer",
        f"Copy it again from @BotFather into {PREFIX}TELEGRAM_TOKEN, and see that "
        f"{PREFIX}TELEGRAM_BASE_URL, if it is set, ends in /bot",
    )


def classify_error(error: TelegramError) -> ErrorVerdict:
    """Return what an error means: whether the call may be repeated, and when.

    An error in Telegram's own JSON means that the call had no effect. The effect is unknown after
    an error of a gateway (an HTTP status of 500 or more without Telegram's JSON, or 504), after a
    connection broke once it was made, and after a response that cannot be parsed.
    """
    match error:
        case RetryAfter():
            return ErrorVerdict(SendOutcome.NOT_SENT, retry_after=retry_after_seconds(error))
        case ChatMigrated():
            return ErrorVerdict(SendOutcome.NOT_SENT, new_chat_id=error.new_chat_id)
        case ConnectionFailed():
            return ErrorVerdict(SendOutcome.NOT_SENT)
        case ServerError():
            return ErrorVerdict(
                SendOutcome.NOT_SENT if error.from_telegram else SendOutcome.UNKNOWN
            )
        case ResponseLost():
            return ErrorVerdict(SendOutcome.UNKNOWN)
        case InvalidToken():
            return ErrorVerdict(SendOutcome.REVOKED)
    return ErrorVerdict(_classify_rejection(error))


def _classify_rejection(error: TelegramError) -> SendOutcome:
    """Return the outcome for a rejection; UNKNOWN if the error is none of Telegram's."""
    if isinstance(error, Forbidden):
        return SendOutcome.FORBIDDEN
    if not (isinstance(error, BadRequest) or _TOO_LARGE in error.message):
        return SendOutcome.UNKNOWN
    outcomes = (
        outcome for pattern, outcome in _REJECTION_PATTERNS if pattern.search(error.message)
    )
    return next(outcomes, SendOutcome.REJECTED)


def is_topic_error(error: TelegramError | None) -> bool:
    """Return whether a rejection concerns only a forum's topic, which is closed or deleted."""
    return bool(error and _TOPIC_ERROR.search(error.message))


def is_too_long(error: TelegramError | None) -> bool:
    """Return whether a rejection concerns only the length of a message or of its buttons."""
    return bool(error and _LENGTH_ERROR.search(error.message))


def is_muted(error: TelegramError | None) -> bool:
    """Return whether the bot is still in the chat, but muted: it may be allowed to write again."""
    return bool(error and _MUTED_ERROR.search(error.message))


def retry_delay(error: Exception, backoff: Backoff) -> float:
    """Return the seconds to wait after a failure: those that Telegram named, else the backoff."""
    return retry_after_seconds(error) if isinstance(error, RetryAfter) else backoff.next_delay()
