"""What Telegram shows of the bot: descriptions, command menus, suggested rights, and a picture.

Each value is read first, and written only where it differs, so that it can be set again any time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from typing import Any, NamedTuple

from telegram import ChatAdministratorRights, InputProfilePhotoStatic
from telegram.error import TelegramError

from bot.i18n.languages import UI_LANGUAGES, UiLanguage
from bot.i18n.translations import N_, translator
from bot.telegram.api import SendOutcome, TelegramApi, classify_error
from bot.telegram.command_menu import build_menu

_DESCRIPTION = N_(
    "Ask about Libyan affairs, in Arabic, English or French, and read what the news says: quotes "
    "word for word, each with its source and its date. Nothing is generated.\n\n"
    "If you like, you get the daily digest every morning, and an alert as soon as there is news "
    "about a name or a topic that you watch."
)
"""Shown in an empty chat with the bot; at most 512 characters in every language."""
_SHORT_DESCRIPTION = N_(
    "News on Libya, quoted word for word with source and date. Ask, or read the daily digest."
)
"""Shown on the bot's page and sent with links to it; at most 120 characters in every language."""
_CHANNEL_RIGHTS = frozenset(("can_manage_chat", "can_post_messages"))
"""What the bot needs in a channel, to post the digest there; in groups it needs no right."""


class ProfileResult(NamedTuple):
    """What became of one value of the profile."""

    name: str
    language: str | None
    """None for a value without a language; "" for the one shown to speakers of other languages."""
    changed: bool
    refusal: str | None = None
    """Why Telegram refused to change it."""


class _ProfileValue(NamedTuple):
    name: str
    language: str | None
    wanted: object
    read: Callable[[], Awaitable[object]]
    write: Callable[[], Awaitable[Any]]


class BotProfile:
    """Sets the profile of the bot."""

    def __init__(
        self, telegram: TelegramApi, default_lang: UiLanguage, commands: Sequence[str]
    ) -> None:
        """Set a menu of `commands`, and everything in `default_lang` for other languages."""
        self._telegram = telegram
        self._default_lang = default_lang
        self._commands = commands

    async def apply(self) -> list[ProfileResult]:
        """Change what differs; return what became of each value.

        Raises `TelegramError` if Telegram cannot be reached or asks to wait.
        """
        return [await _apply(value) for value in (*self._texts(), *self._others())]

    def _texts(self) -> Iterator[_ProfileValue]:
        """Yield the values in each language of the bot, and those for other languages."""
        telegram = self._telegram
        for code, lang in (("", self._default_lang), *UI_LANGUAGES.items()):
            _ = translator(lang).gettext
            description, short_description = _(_DESCRIPTION), _(_SHORT_DESCRIPTION)
            menu = build_menu(self._commands, lang)
            yield _ProfileValue(
                "description",
                code,
                description,
                partial(_read_description, telegram, code),
                partial(telegram.set_my_description, description, code or None),
            )
            yield _ProfileValue(
                "about",
                code,
                short_description,
                partial(_read_short_description, telegram, code),
                partial(telegram.set_my_short_description, short_description, code or None),
            )
            yield _ProfileValue(
                "commands",
                code,
                tuple(menu),
                partial(telegram.get_my_commands, language_code=code or None),
                partial(telegram.set_my_commands, menu, language_code=code or None),
            )

    def _others(self) -> Iterator[_ProfileValue]:
        telegram = self._telegram
        yield _ProfileValue(
            "rights in channels",
            None,
            _CHANNEL_RIGHTS,
            partial(_read_channel_rights, telegram),
            partial(
                telegram.set_my_default_administrator_rights,
                ChatAdministratorRights(
                    is_anonymous=False,
                    can_manage_chat=True,
                    can_delete_messages=False,
                    can_manage_video_chats=False,
                    can_restrict_members=False,
                    can_promote_members=False,
                    can_change_info=False,
                    can_invite_users=False,
                    can_post_stories=False,
                    can_edit_stories=False,
                    can_delete_stories=False,
                    can_post_messages=True,
                ),
                for_channels=True,
            ),
        )
        picture = (files("bot.telegram") / "profile_picture.jpg").read_bytes()
        yield _ProfileValue(
            "picture",
            None,
            True,  # a picture that is there already may be the operator's own
            partial(_has_picture, telegram),
            partial(telegram.set_my_profile_photo, InputProfilePhotoStatic(picture)),
        )


async def _apply(value: _ProfileValue) -> ProfileResult:
    try:
        is_set = await value.read() == value.wanted
        if not is_set:
            await value.write()
    except TelegramError as error:
        if classify_error(error).outcome is not SendOutcome.REJECTED:
            raise
        return ProfileResult(value.name, value.language, changed=False, refusal=error.message)
    return ProfileResult(value.name, value.language, changed=not is_set)


async def _read_description(telegram: TelegramApi, code: str) -> str:
    return (await telegram.get_my_description(code or None)).description


async def _read_short_description(telegram: TelegramApi, code: str) -> str:
    return (await telegram.get_my_short_description(code or None)).short_description


async def _read_channel_rights(telegram: TelegramApi) -> frozenset[str]:
    """Return the names of the rights that are suggested for channels."""
    rights = await telegram.get_my_default_administrator_rights(for_channels=True)
    return frozenset(name for name, is_granted in rights.to_dict().items() if is_granted is True)


async def _has_picture(telegram: TelegramApi) -> bool:
    return (await telegram.get_user_profile_photos(telegram.id, limit=1)).total_count > 0
