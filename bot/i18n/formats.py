"""Format dates, numbers and lists in the languages of the bot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from babel.dates import format_date

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator

LOCALES: Mapping[UiLanguage, str] = {"ar": "ar_LY", "en": "en_GB", "fr": "fr_FR"}
_COMMAS: Mapping[UiLanguage, str] = {"ar": "،", "en": ",", "fr": ","}


def date_text(published: date | None, lang: UiLanguage) -> str:
    """Format a date: «4 فبراير 2026، 12:51», "4 February 2026, 12:51", « 1er mai 2026 ».

    The day and time are those that the source gives, never converted to another time zone.
    Return the text for an unknown date for None.
    """
    if published is None:
        return translator(lang).gettext("date unknown")
    day = format_date(published, "d MMMM y", locale=LOCALES[lang])
    if lang == "fr" and published.day == 1:
        day = f"1er{day[1:]}"
    if not isinstance(published, datetime):
        return day
    return f"{day}{_COMMAS[lang]} {published:%H:%M}"


def source_text(source: str | None, lang: UiLanguage) -> str:
    """Return the source's name, or the text for an unknown source."""
    return source or translator(lang).gettext("source unknown")


def number_text(number: int, lang: UiLanguage) -> str:
    """Write a number with its thousands separated: a comma, or U+202F in French."""
    return f"{number:,}".replace(",", "\u202f") if lang == "fr" else f"{number:,}"


def list_separator(lang: UiLanguage) -> str:
    """Return the comma and space that separate the items of a list."""
    return f"{_COMMAS[lang]} "
