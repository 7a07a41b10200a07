"""Telegram's Bot API through python-telegram-bot, and what its errors mean for a call.

`BadRequest` and what a broken connection raises are both `NetworkError` there: whether a call may
be made again is therefore decided here, in `classify_error`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import timedelta
from enum import Enum, auto
from typing import Any, NamedTuple

from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.settings import TelegramSettings
from bot.telegram.rate_limits import Backoff
from bot.telegram.transport import AiohttpRequest, ConnectionFailed, ResponseLost, ServerError

os.environ["PTB_TIMEDELTA"] = "true"  # the library's own switch: times to wait are timedeltas

MAX_CONCURRENT_CALLS = 16
"""How many messages may be on their way at once."""
MAX_CONCURRENT_BEST_EFFORT_CALLS = 4
"""How many calls beside them that may fail without harm."""
ALLOWED_UPDATES = ("message", "channel_post", "callback_query", "my_chat_member")
"""The kinds of updates that Telegram is asked for."""
_TOO_LARGE = "(413)"
_MAX_ATTEMPTS = 3


class SendOutcome(Enum):
    """What became of a call."""

    SENT = auto()
    NOT_SENT = auto()
    """It cannot have had an effect, and may be made again."""
    UNKNOWN = auto()
    """Nobody can know whether it had its effect."""
    FORBIDDEN = auto()
    """The bot may not write there: it was blocked, thrown out or silenced."""
    GONE = auto()
    """The message that was to be edited is no more, or is not to be edited."""
    REJECTED = auto()
    """Telegram refuses it, and would do so again."""
    REVOKED = auto()
    """The token is not, or no longer, valid: the call had no effect."""


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
        re.compile(r"message to edit not found|message can't be edited", re.IGNORECASE),
        SendOutcome.GONE,
    ),
)
"""What Telegram says where the bot may not write, or has nothing to edit."""
_TOPIC_ERROR = re.compile("thread not found|topic_closed|topic_deleted", re.IGNORECASE)
_MUTED_ERROR = re.compile(
    "not enough rights|have no rights|restricted|write_forbidden", re.IGNORECASE
)


RETRYABLE = frozenset((SendOutcome.NOT_SENT, SendOutcome.REVOKED))
"""What had no effect and stays to be done."""


class ErrorVerdict(NamedTuple):
    """What an error means for the call that it came from."""

    outcome: SendOutcome
    retry_after: float | None = None
    """For how many seconds Telegram said to wait."""
    new_chat_id: int | None = None
    """The chat's new id."""


class TelegramApi(Bot):
    """Telegram's Bot API."""

    def __init__(
        self, token: str, transport: AiohttpRequest, polling_transport: AiohttpRequest, **urls: Any
    ) -> None:
        """Make a client that calls over `transport`, and waits for updates over `polling_transport`."""
        super().__init__(token, request=transport, get_updates_request=polling_transport, **urls)
        self._transport = transport

    async def fetch_raw_updates(self, offset: int | None, timeout: int) -> Any:
        """Wait at most `timeout` for updates from `offset` on, and return them as JSON gave them.

        The library's own objects would not do: one update that it cannot read, of a kind that
        Telegram has thought of since, would come again and again and let no other through.
        Raises `TelegramError`.
        """
        read_timeout = (self._request[0].read_timeout or 0) + timeout
        parameters = {"timeout": timeout, "offset": offset, "allowed_updates": ALLOWED_UPDATES}
        return await self._post("getUpdates", parameters, read_timeout=read_timeout)

    async def post_message(self, **fields: Any) -> None:
        """Send a message, and do not look at what Telegram makes of it.

        To build the library's object of it takes a third of the time of the call.
        Raises `TelegramError`.
        """
        await self._post("sendMessage", fields)

    async def post_document(self, name: str, content: bytes, **fields: Any) -> None:
        """Send a file, and do not look at what Telegram makes of it. Raises `TelegramError`."""
        await self._post("sendDocument", {"document": InputFile(content, name), **fields})

    async def post_photo(self, name: str, content: bytes, **fields: Any) -> None:
        """Send a picture, and do not look at what Telegram makes of it. Raises `TelegramError`."""
        await self._post("sendPhoto", {"photo": InputFile(content, name), **fields})

    async def download(self, file_id: str) -> bytes:
        """Fetch a document that somebody sent, trying thrice. Raises `TelegramError`."""
        backoff = Backoff()
        for _ in range(_MAX_ATTEMPTS - 1):
            try:
                return await self._download_once(file_id)
            except (ConnectionFailed, ResponseLost, ServerError, RetryAfter) as error:
                await asyncio.sleep(retry_delay(error, backoff))
        return await self._download_once(file_id)

    async def _download_once(self, file_id: str) -> bytes:
        file = await self.get_file(file_id)
        assert file.file_path is not None, "Telegram says where the file is"
        return await self._transport.download(file.file_path)


def build_client(settings: TelegramSettings, token: str) -> TelegramApi:
    """Return a client for `token`; nothing is sent yet."""
    configured_urls = {"base_url": settings.base_url, "base_file_url": settings.base_file_url}
    urls: dict[str, Any] = {name: str(url) for name, url in configured_urls.items() if url}
    return TelegramApi(
        token,
        AiohttpRequest(
            MAX_CONCURRENT_CALLS + MAX_CONCURRENT_BEST_EFFORT_CALLS, settings.patience_seconds
        ),
        AiohttpRequest(1, settings.patience_seconds),
        **urls,
    )


def classify_error(error: TelegramError) -> ErrorVerdict:
    """Say what an error means: whether the call may be made again, and when.

    An answer of Telegram's own says that the call had no effect. A gateway's (an HTTP status of 500
    or more without Telegram's JSON, or 504) does not know, nor does a connection that broke after
    it was made, nor an answer that cannot be read.
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
    """Tell refusals apart; what is none of Telegram's is of unknown fate."""
    if isinstance(error, Forbidden):
        return SendOutcome.FORBIDDEN
    if not (isinstance(error, BadRequest) or _TOO_LARGE in error.message):
        return SendOutcome.UNKNOWN
    outcomes = (
        outcome for pattern, outcome in _REJECTION_PATTERNS if pattern.search(error.message)
    )
    return next(outcomes, SendOutcome.REJECTED)


def is_topic_error(error: TelegramError | None) -> bool:
    """Say whether a refusal is of a forum's topic alone, which is closed or gone."""
    return bool(error and _TOPIC_ERROR.search(error.message))


def is_muted(error: TelegramError | None) -> bool:
    """Say whether a refusal is for now: the bot is there, and may be let write again."""
    return bool(error and _MUTED_ERROR.search(error.message))


def retry_delay(error: Exception, backoff: Backoff) -> float:
    """Return for how many seconds to wait after a failure: as told, else longer each time."""
    return retry_after_seconds(error) if isinstance(error, RetryAfter) else backoff.next_delay()


def retry_after_seconds(error: RetryAfter) -> float:
    """Return for how many seconds Telegram said to wait."""
    retry_after: timedelta | int = error.retry_after
    return retry_after.total_seconds() if isinstance(retry_after, timedelta) else float(retry_after)
