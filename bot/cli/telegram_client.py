"""A connection to Telegram for the commands that need one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.settings import PREFIX, TelegramSettings
from index.errors import SettingsError

if TYPE_CHECKING:
    from bot.telegram.api import TelegramApi


@asynccontextmanager
async def connect_to_telegram(settings: TelegramSettings) -> AsyncIterator[TelegramApi]:
    """Yield a connected client of the bot.

    Raises `SettingsError` if no token is set, or Telegram does not answer or refuses a call.
    """
    from telegram.error import InvalidToken, TelegramError

    from bot.telegram.api import build_client, rejected_token_error

    if settings.token is None:
        raise SettingsError(
            "there is no Telegram token, so there is no bot to administer",
            f"Ask @BotFather for one and set it as {PREFIX}TELEGRAM_TOKEN",
        )
    telegram = build_client(settings, settings.token.get_secret_value())
    try:
        await telegram.initialize()
        yield telegram
    except InvalidToken:
        raise rejected_token_error() from None
    except TelegramError as error:
        raise SettingsError(
            f"Telegram did not answer as expected: {error}",
            "Check that Telegram can be reached and that the token is right",
        ) from None
    finally:
        await telegram.shutdown()
