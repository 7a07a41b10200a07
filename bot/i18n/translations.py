"""Translations of the bot's messages, from the gettext catalogues in `locales/`.

The message identifiers are the English texts. The `.po` files are compiled in memory at first use.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot.i18n.languages import UiLanguage


@cache
def translator(lang: UiLanguage) -> NullTranslations:
    """Return the translations into a language: its `gettext`, `ngettext` and `pgettext`.

    A message without a translation is returned in English.
    """
    catalogue_file = files("bot.i18n") / "locales" / lang / "LC_MESSAGES" / "messages.po"
    with catalogue_file.open("rb") as po_file:
        catalogue = read_po(po_file, locale=lang)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def N_(message: str) -> str:  # noqa: N802 - the name that gettext's tools know
    """Mark a message for extraction, to be translated where it is used; return it unchanged."""
    return message
